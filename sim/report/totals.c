/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The size of the domain in which memory ran out, which oom_score_adj is a share of: RAM + swap, nodes + swap, or what a cgroup
 * may use (specification G.4, H.9). A report does not print it; it follows from other lines, sometimes only within bounds.
 */
#include <stdio.h>
#include <string.h>

#include "sim/report/explain.h"
#include "sim/report/scan.h"

#define NO_LIMIT_KB (UINT64_C(1) << 52) /* about what "max" prints as */

static bool is_memcg(const struct oom_report *r)
{
	return r->by == OOM_BY_MEMCG || r->memcg[0] || r->memory.has;
}

/* Since 2.6.39 nodes outside the asker's cpuset are missing among the zones, though not in the count of RAM. */
static bool nodes_are_missing(const struct oom_report *r)
{
	uint64_t kB = 0, ram;

	for (size_t i = 0; i < r->nzone; i++)
		if (!r->zone[i].has_present || !u64_add(kB, r->zone[i].present_kB, &kB))
			return false;
	return r->nzone && r->ram_pages.has && u64_mul(r->ram_pages.v, r->page_kB, &ram) && kB < ram - ram / 10;
}

/* nodemask= and mems_allowed= tell of policy and cpuset in kernels that do not name the constraint (<= 4.20). */
enum oom_constraint explain_constraint(const struct oom_report *r, bool *ret_inferred)
{
	*ret_inferred = !r->has_constraint_line || r->constraint == OOM_CONSTRAINT_UNKNOWN;
	if (!*ret_inferred)
		return r->constraint;
	if (is_memcg(r))
		return OOM_CONSTRAINT_MEMCG;
	if (r->by == OOM_BY_MPOL_BIND)
		return OOM_CONSTRAINT_MEMORY_POLICY;
	if (r->by == OOM_BY_CPUSET)
		return OOM_CONSTRAINT_CPUSET;
	if (r->nodemask[0] && strcmp(r->nodemask, "(null)") && r->mems_allowed[0] &&
	    strcmp(r->nodemask, r->mems_allowed))
		return OOM_CONSTRAINT_MEMORY_POLICY;
	if (r->mems_allowed[0] && r->max_node > 0 && !strchr(r->mems_allowed, '-') && !strchr(r->mems_allowed, ','))
		return OOM_CONSTRAINT_CPUSET;
	if (r->mems_allowed[0] && r->cpuset[0] && strcmp(r->cpuset, "/") != 0 && nodes_are_missing(r))
		return OOM_CONSTRAINT_CPUSET;
	return OOM_CONSTRAINT_NONE;
}

struct oom_u64 explain_ram_pages(const struct oom_report *r)
{
	struct oom_u64 ram = { 0 };

	if (!r->ram_pages.has || !r->reserved_pages.has || r->reserved_pages.v > r->ram_pages.v)
		return ram;
	ram.has = true;
	ram.v = r->ram_pages.v - r->reserved_pages.v;
	return ram;
}

/* "0-1,3" has node n? */
static bool in_list(const char *list, int n)
{
	struct scan c = scan_of(list, strlen(list));
	int from, to;

	while (scan_int(&c, &from)) {
		to = from;
		if (scan_lit(&c, "-") && !scan_int(&c, &to))
			return false;
		if (n >= from && n <= to)
			return true;
		if (!scan_lit(&c, ","))
			break;
	}
	return false;
}

/* Up to 5.3 the kernel counts what a node spans, holes included: on a PC the DMA32 zone spans to 4 GiB if a Normal zone follows it,
 * and the first page of RAM is left out. */
static uint64_t spanned_kB(const struct oom_report *r, const struct oom_zone *z)
{
	bool normal = false;

	for (size_t i = 0; i < r->nzone; i++)
		normal |= r->zone[i].node == z->node && !strcmp(r->zone[i].name, "Normal");
	if (!strcmp(z->name, "DMA") && z->present_kB <= 16384)
		return 16384 - r->page_kB;
	if (!strcmp(z->name, "DMA32") && normal)
		return 4 * 1024 * 1024 - 16384;
	return z->present_kB;
}

static bool nodes_kB(const struct oom_report *r, const char *list, bool spanned, uint64_t *ret)
{
	uint64_t kB = 0;
	bool found = false;

	for (size_t i = 0; i < r->nzone; i++) {
		const struct oom_zone *z = &r->zone[i];

		if (!z->has_present || !in_list(list, z->node < 0 ? 0 : z->node))
			continue;
		if (!u64_add(kB, spanned ? spanned_kB(r, z) : z->present_kB, &kB))
			return false;
		found = true;
	}
	*ret = kB;
	return found;
}

static struct oom_u64 swap_kB(const struct oom_report *r)
{
	return r->swap_total_kB.has ? r->swap_total_kB : r->log_swap_total_kB;
}

static bool global_total(const struct oom_report *r, struct total *ret)
{
	struct oom_u64 ram = explain_ram_pages(r), swap = swap_kB(r);

	if (!ram.has)
		return false;
	ret->pages = ram.v + swap.v / r->page_kB;
	ret->exact = swap.has;
	snprintf(ret->how, sizeof(ret->how), "%llu pages of RAM less %llu reserved, plus %s%llu of swap",
		 (unsigned long long)r->ram_pages.v, (unsigned long long)r->reserved_pages.v,
		 swap.has ? "" : "an unknown number, taken as ", (unsigned long long)(swap.v / r->page_kB));
	return true;
}

static unsigned node_totals(const struct oom_report *r, const char *list, struct total ret[TOTALS_MAX])
{
	bool old = r->version.major && (r->version.major < 5 || (r->version.major == 5 && r->version.minor < 4));
	uint64_t swap = swap_kB(r).v / r->page_kB;
	unsigned n = 0;

	for (int pass = 0; pass < 2; pass++) {
		bool spanned = old ? pass == 0 : pass == 1;
		uint64_t kB;

		if ((spanned && !old && r->version.major) || !nodes_kB(r, list, spanned, &kB))
			continue;
		ret[n].pages = kB / r->page_kB + swap;
		ret[n].exact = !spanned && swap_kB(r).has;
		snprintf(ret[n].how, sizeof(ret[n].how), "%llu pages %s node %.40s, plus %llu of swap",
			 (unsigned long long)(kB / r->page_kB), spanned ? "spanned by" : "in", list,
			 (unsigned long long)swap);
		n++;
	}
	return n;
}

/* How much of the swap a cgroup may use, kB; UINT64_MAX: no limit of its own. */
static uint64_t memcg_swap_cap(const struct oom_report *r, bool *ret_told)
{
	*ret_told = true;
	if (r->memsw.has)
		return r->memsw.limit_kB >= NO_LIMIT_KB ? UINT64_MAX : u64_sub0(r->memsw.limit_kB, r->memory.limit_kB);
	if (r->swap.has)
		return r->swap.limit_kB >= NO_LIMIT_KB ? UINT64_MAX : r->swap.limit_kB;
	*ret_told = false;
	return UINT64_MAX;
}

static void memcg_one(const struct oom_report *r, uint64_t swap, bool exact, const char *word, struct total *ret)
{
	uint64_t kB = r->memory.limit_kB;

	if (!u64_add(kB, swap, &kB))
		kB = UINT64_MAX / 2;
	ret->pages = u64_max(kB / r->page_kB, 1);
	ret->exact = exact;
	snprintf(ret->how, sizeof(ret->how), "the cgroup's limit of %llu pages, plus %llu of swap%s",
		 (unsigned long long)(r->memory.limit_kB / r->page_kB), (unsigned long long)(swap / r->page_kB), word);
}

/* What the cgroup's processes have in swap, so that the machine has at least as much. */
static uint64_t swapped_kB(const struct oom_report *r)
{
	uint64_t kB = 0;

	for (size_t i = 0; i < r->ntask; i++)
		if (r->task[i].v[OOM_COL_SWAPENTS] > 0 &&
		    !u64_add(kB, (uint64_t)r->task[i].v[OOM_COL_SWAPENTS] * r->page_kB, &kB))
			break;
	return kB;
}

static unsigned memcg_totals(const struct oom_report *r, struct total ret[TOTALS_MAX])
{
	struct oom_u64 swap = swap_kB(r);
	unsigned n = 0;
	uint64_t cap;
	bool told;

	if (!r->memory.has || r->memory.limit_kB >= NO_LIMIT_KB)
		return 0;
	cap = memcg_swap_cap(r, &told);
	if (swap.has || cap == 0) {
		memcg_one(r, cap == 0 ? 0 : u64_min(cap, swap.v), true, "", &ret[n++]);
		if (cap == 0 || u64_min(cap, swap.v) == 0)
			return n;
		memcg_one(r, 0, false, " (as with swappiness 0)", &ret[n++]);
		return n;
	}
	memcg_one(r, 0, false, " (the report does not tell how much the machine has; none is taken)", &ret[n++]);
	if (swapped_kB(r) && swapped_kB(r) < cap)
		memcg_one(r, swapped_kB(r), false, " (as much as its processes have there)", &ret[n++]);
	if (cap != UINT64_MAX)
		memcg_one(r, cap, false, " (all that the cgroup may use)", &ret[n++]);
	return n;
}

/* Kernels 5.0 and 5.1 print CONSTRAINT_NONE for a cgroup's OOM, too: oom_memcg= tells. */
unsigned explain_totals(const struct oom_report *r, enum oom_constraint c, struct total ret[TOTALS_MAX])
{
	unsigned n = 0;

	if (c == OOM_CONSTRAINT_MEMCG || (!r->global_oom && is_memcg(r)))
		return memcg_totals(r, ret);
	if (c == OOM_CONSTRAINT_MEMORY_POLICY)
		n = node_totals(r, r->nodemask, ret);
	if (c == OOM_CONSTRAINT_CPUSET)
		n = node_totals(r, r->mems_allowed, ret);
	if (n < TOTALS_MAX && global_total(r, &ret[n]))
		n++;
	return n;
}
