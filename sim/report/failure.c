/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why the allocation failed, by the allocator's own arithmetic (specification A.5, A.8, B.5): each zone that the request may use
 * must have more free memory than its min watermark and the reserve it keeps from such requests, and a block large enough.
 */
#include <string.h>

#include "sim/report/explain.h"

#define GFP_DMA     0x01u
#define GFP_HIGHMEM 0x02u
#define GFP_DMA32   0x04u
#define GFP_MOVABLE 0x08u
#define GFP_HIGH    0x20u
#define NO_LIMIT_KB (UINT64_C(1) << 52)

/* Zone types in the order of every configuration; each kernel has some of them. */
enum zone_type { Z_DMA, Z_DMA32, Z_NORMAL, Z_HIGHMEM, Z_MOVABLE, Z_DEVICE, Z_TYPES };

static enum zone_type type_of(const char *name)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal", "HighMem", "Movable", "Device" };

	for (int i = 0; i < Z_TYPES; i++)
		if (!strcmp(names[i], name))
			return (enum zone_type)i;
	return Z_NORMAL;
}

/* The highest zone the request may use. */
static enum zone_type highest_of(const struct oom_report *r)
{
	uint64_t g = r->gfp_mask;

	if (g & GFP_DMA)
		return Z_DMA;
	if (g & GFP_DMA32 && !(g & GFP_MOVABLE))
		return Z_DMA32;
	if (g & GFP_HIGHMEM)
		return g & GFP_MOVABLE ? Z_MOVABLE : Z_HIGHMEM;
	return Z_NORMAL;
}

/* Which entry of lowmem_reserve[] counts: its length and the zones seen tell which types this kernel has. */
static int reserve_index(const struct oom_report *r, const struct oom_zone *z, enum zone_type highest)
{
	bool has[Z_TYPES] = { [Z_NORMAL] = true, [Z_MOVABLE] = true };
	int n = 2, index = -1;

	for (size_t i = 0; i < r->nzone; i++) {
		enum zone_type t = type_of(r->zone[i].name);

		n += !has[t];
		has[t] = true;
	}
	/* Types that are there but empty on this machine. */
	static const enum zone_type maybe[] = { Z_DMA, Z_DMA32, Z_DEVICE };

	for (size_t i = 0; i < ARRAY_LEN(maybe) && n < z->nreserve; i++) {
		if (has[maybe[i]] || (maybe[i] == Z_DMA32 && has[Z_HIGHMEM]))
			continue;
		has[maybe[i]] = true;
		n++;
	}
	for (int t = 0; t <= (int)highest; t++)
		index += has[t];
	return index < 0 ? 0 : index >= z->nreserve ? z->nreserve - 1 : index;
}

static uint64_t reserve_kB(const struct oom_report *r, const struct oom_zone *z, enum zone_type highest)
{
	uint64_t kB;

	if (!z->nreserve)
		return 0;
	return u64_mul(z->reserve_pages[reserve_index(r, z, highest)], r->page_kB, &kB) ? kB : UINT64_MAX / 4;
}

static bool movable(const struct oom_report *r)
{
	return r->gfp_mask & GFP_MOVABLE;
}

/* Free memory that this request may take: contiguous-memory areas are for movable pages alone. */
static uint64_t usable_kB(const struct oom_report *r, const struct oom_zone *z)
{
	uint64_t free = u64_sub0(z->free_kB, z->reserved_highatomic_kB);

	return movable(r) ? free : u64_sub0(free, z->free_cma_kB);
}

static bool has_block(const struct oom_report *r, const struct oom_zone *z)
{
	uint16_t wanted = OOM_BLOCK_U | OOM_BLOCK_M | OOM_BLOCK_E | (movable(r) ? OOM_BLOCK_C : 0);

	for (int o = r->order < 0 ? 0 : r->order; o < OOM_ORDERS; o++)
		if (z->nr_free[o] && (!z->types[o] || z->types[o] & wanted))
			return true;
	return false;
}

enum zone_result { ZONE_ENOUGH, ZONE_LOW, ZONE_FRAGMENTED, ZONE_NOT_ALLOWED };

static enum zone_result try_zone(const struct oom_report *r, const struct oom_zone *z, uint64_t *ret_need_kB)
{
	enum zone_type highest = highest_of(r);
	uint64_t min = z->min_kB, need;

	if (type_of(z->name) > highest)
		return ZONE_NOT_ALLOWED;
	if (r->gfp_mask & GFP_HIGH)
		min -= min / 2;
	if (!u64_add(min, reserve_kB(r, z, highest), &need))
		need = UINT64_MAX / 2;
	if (r->order > 0 && r->order < OOM_ORDERS)
		need += ((UINT64_C(1) << r->order) - 1) * r->page_kB;
	*ret_need_kB = need;
	if (usable_kB(r, z) <= need)
		return ZONE_LOW;
	return r->order > 0 && z->has_buddy && !has_block(r, z) ? ZONE_FRAGMENTED : ZONE_ENOUGH;
}

static void zone_name(struct strbuf *b, const struct oom_zone *z)
{
	if (z->node >= 0)
		strbuf_addf(b, "node %d ", z->node);
	strbuf_puts(b, z->name);
}

static void zone_line(struct strbuf *b, const struct oom_report *r, const struct oom_zone *z, enum zone_result res,
		      uint64_t need)
{
	uint64_t reserve = reserve_kB(r, z, highest_of(r));

	zone_name(b, z);
	strbuf_addf(b, ": %llu kB free", (unsigned long long)z->free_kB);
	if (usable_kB(r, z) != z->free_kB)
		strbuf_addf(b, " (%llu kB of it for this request)", (unsigned long long)usable_kB(r, z));
	if (res == ZONE_NOT_ALLOWED) {
		strbuf_puts(b, "; this request may not use it\n");
		return;
	}
	strbuf_addf(b, ", must stay above %llu kB (min watermark %llu kB", (unsigned long long)need,
		    (unsigned long long)z->min_kB);
	if (z->boost_kB)
		strbuf_addf(b, ", boost %llu kB included", (unsigned long long)z->boost_kB);
	if (reserve)
		strbuf_addf(b, ", lowmem_reserve %llu kB", (unsigned long long)reserve);
	strbuf_puts(b, res == ZONE_LOW          ? "): not enough\n"
		       : res == ZONE_FRAGMENTED ? "): enough, but in pieces"
						: "): enough by now\n");
	if (res == ZONE_FRAGMENTED)
		strbuf_addf(b, "; no free block of %llu kB or more\n",
			    (unsigned long long)((UINT64_C(1) << r->order) * r->page_kB));
}

struct zone_count {
	unsigned low, fragmented, enough;
};

static void zone_lines(struct strbuf *b, const struct oom_report *r, struct zone_count *ret)
{
	for (size_t i = 0; i < r->nzone; i++) {
		const struct oom_zone *z = &r->zone[i];
		enum zone_result res;
		uint64_t need = 0;

		if (!z->has_marks)
			continue;
		res = try_zone(r, z, &need);
		zone_line(b, r, z, res, need);
		ret->low += res == ZONE_LOW;
		ret->fragmented += res == ZONE_FRAGMENTED;
		ret->enough += res == ZONE_ENOUGH;
	}
}

static void zone_summary(struct strbuf *b, const struct oom_report *r, const struct zone_count *c)
{
	if (c->fragmented && !c->enough)
		strbuf_addf(b,
			    "so fragmentation is to blame: memory is free, but not %u pages in a row where the request "
			    "may take them\n",
			    1u << (r->order & 15));
	else if (c->enough && (c->low || c->fragmented))
		strbuf_puts(b, "some zone was free again when the report was printed: something else freed memory in "
			       "the meantime, or the "
			       "request was bound to other zones\n");
	else if (c->enough)
		strbuf_puts(b, "all zones had enough when the report was printed: the request was bound to other "
			       "memory, or another process "
			       "freed some in the meantime\n");
	else if (c->low)
		strbuf_puts(b, "so no zone could give memory without going into its reserve\n");
}

/* ---- where the memory went ---- */

static uint64_t mi_kB(const struct oom_report *r, enum oom_meminfo_field f)
{
	uint64_t kB = 0;

	return r->mi[f].has && u64_mul(r->mi[f].v, r->page_kB, &kB) ? kB : 0;
}

static void share_line(struct strbuf *b, const char *what, uint64_t kB, uint64_t ram_kB, const char *note)
{
	if (ram_kB == 0 || kB < ram_kB / 50)
		return;
	strbuf_addf(b, "%s: ", what);
	explain_size(b, kB > UINT64_MAX / 1024 ? UINT64_MAX : kB * 1024);
	strbuf_addf(b, ", %llu %% of RAM%s\n",
		    (unsigned long long)u64_muldiv(u64_min(kB, UINT64_MAX / 128), 100, ram_kB), note);
}

static void share_lines(struct strbuf *b, const struct oom_report *r)
{
	struct oom_u64 ram = explain_ram_pages(r);
	uint64_t ram_kB = 0, anon, known, slab, file, shmem = mi_kB(r, OOM_MI_shmem);

	if (!ram.has || !u64_mul(ram.v, r->page_kB, &ram_kB) || !r->mi[OOM_MI_active_anon].has)
		return;
	anon = mi_kB(r, OOM_MI_active_anon) + mi_kB(r, OOM_MI_inactive_anon) + mi_kB(r, OOM_MI_isolated_anon);
	file = mi_kB(r, OOM_MI_active_file) + mi_kB(r, OOM_MI_inactive_file) + mi_kB(r, OOM_MI_isolated_file);
	slab = mi_kB(r, OOM_MI_slab_unreclaimable);
	known = anon + file + slab + mi_kB(r, OOM_MI_slab_reclaimable) + mi_kB(r, OOM_MI_unevictable) +
		mi_kB(r, OOM_MI_pagetables) + mi_kB(r, OOM_MI_free) + mi_kB(r, OOM_MI_free_pcp) +
		u64_min(r->hugepages_kB.v, ram_kB);
	share_line(b, "anonymous memory of processes", u64_sub0(anon, shmem), ram_kB, "");
	share_line(b, "shared memory and tmpfs", shmem, ram_kB,
		   "; files in tmpfs belong to no process, so killing frees none of them");
	share_line(b, "page cache", file, ram_kB, "; reclaim found no more of it to free");
	share_line(b, "locked or otherwise unevictable", mi_kB(r, OOM_MI_unevictable), ram_kB, "");
	share_line(b, "kernel slab that cannot be reclaimed", slab, ram_kB,
		   slab > ram_kB / 4 ? "; no process is scored for it" : "");
	share_line(b, "page tables", mi_kB(r, OOM_MI_pagetables), ram_kB, "");
	share_line(b, "huge pages set aside", r->hugepages_kB.v, ram_kB, "; no use to ordinary requests");
	if (known < ram_kB)
		share_line(b, "in no counter of the report", ram_kB - known, ram_kB,
			   ram_kB - known > ram_kB / 4 ? "; drivers and the like, and no process is scored for it"
						       : "");
}

static void swap_line(struct strbuf *b, const struct oom_report *r)
{
	if (!r->swap_total_kB.has)
		return;
	if (!r->swap_total_kB.v)
		strbuf_puts(b, "there is no swap, so anonymous memory cannot be reclaimed at all\n");
	else if (r->swap_free_kB.has && r->swap_free_kB.v < r->swap_total_kB.v / 100)
		strbuf_addf(b, "swap is full: %llu of %llu kB free\n", (unsigned long long)r->swap_free_kB.v,
			    (unsigned long long)r->swap_total_kB.v);
	else if (r->swap_free_kB.has)
		strbuf_addf(b, "swap is not full: %llu of %llu kB free\n", (unsigned long long)r->swap_free_kB.v,
			    (unsigned long long)r->swap_total_kB.v);
}

/* ---- the request ---- */

static void request_line(struct strbuf *b, const struct oom_report *r)
{
	if (!r->has_header) {
		strbuf_puts(b, "the line that names the request is missing from the text\n");
		return;
	}
	if (r->has_order && r->order < 0) {
		strbuf_puts(b, "somebody asked for it: SysRq-f (order=-1), whether memory was short or not\n");
		return;
	}
	if (r->trigger_comm[0])
		explain_name(b, r->trigger_comm);
	else
		strbuf_puts(b, "a process");
	if (r->trigger_pid.has)
		strbuf_addf(b, " (pid %llu)", (unsigned long long)r->trigger_pid.v);
	if (r->page_fault && r->gfp_mask == 0) {
		strbuf_puts(b, " took a page fault that came back with VM_FAULT_OOM: no request of the page allocator "
			       "is at hand (gfp_mask=0)\n");
		return;
	}
	if (r->has_order && r->order > 0 && r->order < 32)
		strbuf_addf(b, " asked for %llu pages in a row (order %d)", 1ULL << r->order, r->order);
	else
		strbuf_puts(b, " asked for one page");
	strbuf_addf(b, ", gfp_mask 0x%llx", (unsigned long long)r->gfp_mask);
	if (r->gfp_names[0]) {
		strbuf_puts(b, " (");
		explain_name(b, r->gfp_names);
		strbuf_puts(b, ")");
	}
	strbuf_puts(b, "\n");
	if (r->has_order && r->order > 3)
		strbuf_puts(b, "requests of more than 8 pages do not start the OOM killer by themselves\n");
}

static void memcg_counter_line(struct strbuf *b, const char *name, const struct oom_counter *c)
{
	if (!c->has)
		return;
	strbuf_addf(b, "%s: %llu kB used", name, (unsigned long long)c->usage_kB);
	if (c->limit_kB >= NO_LIMIT_KB)
		strbuf_puts(b, ", no limit\n");
	else
		strbuf_addf(b, " of %llu kB%s, limit hit %llu times\n", (unsigned long long)c->limit_kB,
			    c->usage_kB + 256 >= c->limit_kB ? ": at its limit" : "", (unsigned long long)c->failcnt);
}

static void memcg_failure(struct strbuf *b, const struct oom_report *r)
{
	strbuf_puts(b, "not the machine but a memory cgroup ran out");
	if (r->memcg[0]) {
		strbuf_puts(b, ": ");
		explain_name(b, r->memcg);
	}
	strbuf_puts(b, "\n");
	memcg_counter_line(b, "memory", &r->memory);
	memcg_counter_line(b, "memory+swap", &r->memsw);
	memcg_counter_line(b, "swap", &r->swap);
	memcg_counter_line(b, "kernel memory", &r->kmem);
	if (!r->memory.has)
		strbuf_puts(b, "its limit is missing from the text\n");
	if (r->stat_shmem.has && r->memory.has && r->stat_shmem.v / 1024 > r->memory.limit_kB / 4) {
		strbuf_puts(b, "shared memory and tmpfs files count as well: ");
		explain_size(b, r->stat_shmem.v);
		strbuf_puts(b, "\n");
	}
	strbuf_puts(b, "only processes below that cgroup can be killed, whatever others on the machine use\n");
}

static void global_failure(struct strbuf *b, const struct oom_report *r, enum oom_constraint constraint)
{
	struct zone_count c = { 0 };

	if (constraint == OOM_CONSTRAINT_MEMORY_POLICY || constraint == OOM_CONSTRAINT_CPUSET) {
		bool policy = constraint == OOM_CONSTRAINT_MEMORY_POLICY;

		strbuf_puts(b, policy ? "its memory policy allows node " : "its cpuset allows node ");
		explain_name(b, policy ? r->nodemask : r->mems_allowed);
		strbuf_puts(b, " alone; memory of other nodes does not help\n");
	}

	if (!r->nzone) {
		strbuf_puts(b, "the zones' free memory and watermarks are missing from the text\n");
	} else if (!(r->page_fault && r->gfp_mask == 0) && !(r->has_order && r->order < 0)) {
		zone_lines(b, r, &c);
		if (r->has_header)
			zone_summary(b, r, &c);
	}
	swap_line(b, r);
	if (r->node_unreclaimable && r->node_unreclaimable == r->nnode)
		strbuf_puts(b, "kswapd had given up: all_unreclaimable? yes\n");
	share_lines(b, r);
}

void explain_failure(struct explanation *x)
{
	const struct oom_report *r = x->report;
	struct strbuf *b = &x->failure;

	if (r->has_header || r->has_table || r->has_meminfo || r->memory.has)
		request_line(b, r);
	if (x->constraint == OOM_CONSTRAINT_MEMCG || r->memory.has)
		memcg_failure(b, r);
	else if (r->has_meminfo || r->has_header)
		global_failure(b, r, x->constraint);
}
