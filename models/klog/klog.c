/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report, put together from the lines of a format (mm/oom_kill.c: dump_header, dump_tasks, dump_oom_summary,
 * __oom_kill_process; mm/page_alloc.c, mm/show_mem.c: show_free_areas; lib/dump_stack.c; kernel/panic.c).
 *
 * Leaves out:  registers and code bytes of the interrupted program, stack words; addresses in the call trace, which names the
 *              functions of the usual path and gives zeros where a kernel knows an address; the packager's part of the
 *              release; the table of unreclaimable slabs (>= 4.15). Free blocks of unknown kind are shown as movable.
 */
#include "models/klog/klog.h"

#include <stdio.h>
#include <string.h>

#include "models/klog/fields.h"
#include "sim/mm/mm.h"

/* ---- pieces ---- */

void klog_gfp_names(struct strbuf *out, uint32_t gfp, const struct gfp_name *names, size_t n)
{
	for (size_t i = 0; i < n && gfp; i++) {
		if ((gfp & names[i].bits) != names[i].bits)
			continue;
		gfp &= ~names[i].bits;
		strbuf_addf(out, "%s%s", names[i].name, gfp ? "|" : "");
	}
	if (gfp)
		strbuf_addf(out, "0x%x", gfp);
}

uint32_t klog_gfp(const struct klog_gfp *g, uint32_t gfp)
{
	uint32_t r = gfp >> KLOG_GFP_BITS << KLOG_GFP_BITS;

	if (!g->bit)
		return gfp;
	for (unsigned i = 0; i < KLOG_GFP_BITS; i++)
		if (gfp & UINT32_C(1) << i)
			r |= g->bit[i];
	return r;
}

/* A name with a newline in it would forge a log line; /dev/kmsg escapes such bytes the same way. */
void klog_comm(struct strbuf *out, const char *comm)
{
	for (const unsigned char *p = (const unsigned char *)comm; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			strbuf_addf(out, "\\x%02x", *p);
		else
			strbuf_add(out, (const char *)p, 1);
	}
}

/* What 2.6.36 to 3.4 keep in oom_adj when oom_score_adj is written. */
static int oom_adj_15(int oom_score_adj)
{
	return oom_score_adj == -1000 ? -17 : oom_score_adj * 15 / 1000;
}

/* ---- the head: who asked for what, and by which way ---- */

/* What the same code asked for in that era: faults without __GFP_COMP; the page cache with __GFP_COLD. */
static uint32_t flags_of_era(const struct klog_gfp *g, uint32_t gfp, int order)
{
	const uint32_t page_cache = GFP_HIGHUSER_MOVABLE | GFP_ZERO_BIT | GFP_WRITE_BIT;

	if (!order && gfp & GFP_HIGHMEM_BIT && !g->faults_are_compound)
		gfp &= ~GFP_COMP_BIT;
	if (g->page_cache_is_cold && (gfp & page_cache) == GFP_HIGHUSER_MOVABLE)
		gfp |= KLOG_GFP_COLD;
	return gfp;
}

static void request(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r)
{
	struct strbuf names = { 0 };
	char nodes[32] = "0";
	const char *mems = r->mems_allowed ? r->mems_allowed : nodes;
	uint32_t gfp = flags_of_era(f->gfp, r->gfp_mask, r->order);
	struct klog_request q = { .comm = r->trigger_comm,
				  .gfp = klog_gfp(f->gfp, gfp),
				  .nodemask = r->nodemask ? r->nodemask : "(null)",
				  .nodemask_or_mems = r->nodemask ? r->nodemask : mems,
				  .cpuset = r->cpuset ? r->cpuset : "/",
				  .mems_allowed = mems,
				  .order = r->order,
				  .oom_score_adj = r->trigger_oom_score_adj,
				  .oom_adj = oom_adj_of(r->trigger_oom_score_adj),
				  .oom_adj_15 = oom_adj_15(r->trigger_oom_score_adj) };

	if (r->nnode > 1)
		snprintf(nodes, sizeof(nodes), "0-%zu", r->nnode - 1);
	klog_gfp_names(&names, gfp, f->gfp->name, f->gfp->nname);
	q.names = names.s ? names.s : "";
	klog_fill(out, f->invoked, &klog_request_fields, &q);
	klog_fill(out, f->cpuset, &klog_request_fields, &q);
	strbuf_free(&names);
}

static void frames(const struct klog_trace *t, struct strbuf *out, const char *const *function)
{
	for (; *function; function++) {
		const struct klog_line l = { .function = *function };

		klog_fill(out, t->frame, &klog_line_fields, &l);
	}
}

/* How a request with these flags usually gets from user space to the page allocator. */
static const char *const *way_here(const struct klog_trace *t, uint32_t gfp)
{
	if (!(gfp & GFP_HIGHMEM_BIT))
		return t->kernel;
	if (gfp & GFP_WRITE_BIT)
		return t->write;
	return gfp & GFP_ZERO_BIT ? t->anon : t->file;
}

static void stack(const struct klog_format *f, struct strbuf *out, const struct klog_line *who,
		  const char *const *inner, uint32_t gfp, bool memcg)
{
	klog_fill(out, f->cpu, &klog_line_fields, who);
	if (who->hardware && who->hardware[0])
		klog_fill(out, f->hardware, &klog_line_fields, who);
	if (!f->trace)
		return;
	strbuf_puts(out, f->trace->begin);
	frames(f->trace, out, inner);
	if (memcg) {
		frames(f->trace, out, f->trace->memcg);
	} else {
		frames(f->trace, out, f->trace->alloc);
		frames(f->trace, out, way_here(f->trace, gfp));
	}
	strbuf_puts(out, f->trace->end);
}

/* A victim's report comes from oom_kill_process(); without one, out_of_memory() prints it before it panics. */
static void header(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r, const char *release,
		   const char *hardware)
{
	const struct klog_line who = { .comm = r->trigger_comm,
				       .release = release,
				       .hardware = hardware,
				       .cpu = r->cpu,
				       .pid = r->trigger_pid,
				       .uid = r->trigger_uid };

	request(f, out, r);
	stack(f, out, &who, !f->trace ? NULL : r->has_victim ? f->trace->kill : f->trace->none, r->gfp_mask, r->memcg);
}

/* ---- Mem-Info ---- */

static void pcp_line(const struct klog_format *f, struct strbuf *out, size_t cpu, const struct rec_oom_pcp *p)
{
	const struct klog_pcp l = { .hot = *p,
				    .cpu = (uint32_t)cpu,
				    .low = 2 * p->batch,
				    .cold_high = 2 * p->batch,
				    .cold_batch = p->batch > 1 ? p->batch / 2 : 1 };

	klog_fill(out, f->pcp_cpu, &klog_pcp_fields, &l);
}

static void pcp_lists(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r)
{
	for (size_t i = 0; f->pcp_cpu && i < r->nzone; i++) {
		const struct rec_oom_zone *z = &r->zone[i];

		if (z->npcp)
			klog_fill(out, f->pcp_zone, &klog_zone_fields, z);
		for (size_t cpu = 0; cpu < z->npcp; cpu++)
			pcp_line(f, out, cpu, &z->pcp[cpu]);
	}
}

static void zone(const struct klog_format *f, struct strbuf *out, const struct rec_oom_zone *z)
{
	klog_fill(out, f->zone, &klog_zone_fields, z);
	strbuf_puts(out, "lowmem_reserve[]:");
	for (size_t i = 0; i < f->lowmem_zones; i++)
		strbuf_addf(out, " %ld", (long)z->lowmem_reserve[i]);
	strbuf_puts(out, "\n");
}

enum rec_free_type klog_free_type(char letter)
{
	static const char letters[] = "UMERHCI"; /* by enum rec_free_type */
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? (enum rec_free_type)(1 << (at - letters)) : 0;
}

static void free_types(const struct klog_format *f, struct strbuf *out, unsigned types)
{
	if (!types)
		types = FREE_MOVABLE;
	strbuf_puts(out, "(");
	for (const char *l = f->free_letters; *l; l++)
		if (types & klog_free_type(*l))
			strbuf_add(out, l, 1);
	strbuf_puts(out, ") ");
}

static void buddy(const struct klog_format *f, struct strbuf *out, const struct rec_oom_zone *z)
{
	unsigned long total = 0;

	klog_fill(out, f->zone_name, &klog_zone_fields, z);
	strbuf_puts(out, ": ");
	for (unsigned order = 0; order < ARRAY_LEN(z->nr_free_blocks); order++) {
		unsigned long n = (unsigned long)z->nr_free_blocks[order];

		strbuf_addf(out, "%lu*%lukB ", n, 4ul << order);
		if (n && f->free_letters)
			free_types(f, out, z->free_types[order]);
		total += n << order;
	}
	strbuf_addf(out, "= %lukB\n", 4 * total);
}

static void show_mem(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r)
{
	strbuf_puts(out, f->mem_info ? f->mem_info : "");
	pcp_lists(f, out, r);
	klog_fill(out, f->totals, &klog_report_fields, r);
	for (size_t i = 0; i < r->nnode; i++)
		klog_fill(out, f->node, &klog_node_fields, &r->node[i]);
	for (size_t i = 0; i < r->nzone; i++)
		zone(f, out, &r->zone[i]);
	for (size_t i = 0; i < r->nzone; i++)
		buddy(f, out, &r->zone[i]);
	for (size_t i = 0; i < r->nnode; i++)
		klog_fill(out, f->hugepages, &klog_node_fields, &r->node[i]);
	klog_fill(out, f->tail, &klog_report_fields, r);
}

/* ---- a memory cgroup in place of the machine ---- */

static void counter(const struct klog_format *f, struct strbuf *out, const char *name, const struct rec_oom_counter *c)
{
	const struct klog_memcg_line l = {
		.name = name, .usage_kB = c->usage_kB, .limit_kB = c->limit_kB, .failcnt = c->failcnt
	};

	klog_fill(out, f->memcg_counter, &klog_memcg_fields, &l);
}

static void show_memcg(const struct klog_format *f, struct strbuf *out, const struct rec_oom_memcg *m)
{
	struct klog_memcg_line l = { .path = m->path, .task_path = m->task_path ? m->task_path : m->path };

	klog_fill(out, f->memcg_task, &klog_memcg_fields, &l);
	counter(f, out, "memory", &m->memory);
	if (m->v1) {
		counter(f, out, "memory+swap", &m->memsw);
		counter(f, out, "kmem", &m->kmem);
	} else {
		counter(f, out, "swap", &m->swap);
	}
	klog_fill(out, f->memcg_stat, &klog_memcg_fields, &l);
	for (size_t i = 0; i < m->nstat; i++) {
		l.name = m->stat[i].name;
		l.value = m->stat[i].value;
		klog_fill(out, i ? f->memcg_stat_next : f->memcg_stat_first, &klog_memcg_fields, &l);
	}
	klog_fill(out, f->memcg_stat_end, &klog_memcg_fields, &l);
}

/* ---- candidates ---- */

/* dump_tasks() skips init and nothing else that the record may hold. */
static void task_table(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r)
{
	strbuf_puts(out, f->table);
	for (size_t i = 0; i < r->ntask; i++) {
		const struct klog_row row = { .t = r->task[i],
					      .oom_adj = oom_adj_of(r->task[i].oom_score_adj),
					      .oom_adj_15 = oom_adj_15(r->task[i].oom_score_adj) };

		if (row.t.tgid != 1)
			klog_fill(out, f->task, &klog_row_fields, &row);
	}
}

void klog_oom_report(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r,
		     const char *release, const char *hardware)
{
	if (r->dump_header) {
		header(f, out, r, release, hardware);
		if (r->memcg)
			show_memcg(f, out, r->memcg);
		if (!r->memcg || !f->memcg_replaces)
			show_mem(f, out, r);
		klog_fill(out, f->protection, &klog_report_fields, r);
		if (r->dump_tasks && f->table)
			task_table(f, out, r);
	}
	/* panic_on_oom speaks before anybody has looked for a victim. */
	if (!r->has_victim && r->panic != PANIC_ON_OOM && r->panic != PANIC_ON_OOM_COMPULSORY && f->no_victim)
		strbuf_puts(out, f->no_victim);
}

/* ---- the kill and after ---- */

void klog_kill(const struct klog_format *f, struct strbuf *out, const struct rec_kill *k, bool constraint_line)
{
	struct rec_kill full = *k;
	bool memcg = strcmp(k->constraint, "CONSTRAINT_MEMCG") == 0;

	if (!full.oom_memcg)
		full.oom_memcg = full.memcg;
	if (!full.nodemask)
		full.nodemask = "(null)";
	if (!full.cpuset)
		full.cpuset = "/";
	if (!full.mems_allowed)
		full.mems_allowed = "0";
	if (!full.chosen_pid) {
		full.chosen_pid = full.pid;
		memcpy(full.chosen_comm, full.comm, sizeof(full.comm));
	}
	if (constraint_line)
		klog_fill(out, memcg ? f->constraint_memcg : f->constraint_global, &klog_kill_fields, &full);
	klog_fill(out, f->chosen, &klog_kill_fields, &full);
	klog_fill(out, f->killed, &klog_kill_fields, &full);
	if (k->oom_group)
		klog_fill(out, "Tasks in {path} are going to be killed due to memory.oom.group set\n", &klog_memcg_fields, &(struct klog_memcg_line){ .path = k->oom_group });
}

void klog_reaped(const struct klog_format *f, struct strbuf *out, int pid, const char *comm, uint64_t anon_kB,
		 uint64_t file_kB, uint64_t shmem_kB)
{
	const struct klog_line l = {
		.comm = comm, .pid = pid, .anon_kB = anon_kB, .file_kB = file_kB, .shmem_kB = shmem_kB
	};

	(void)f;
	klog_fill(out,
		  "oom_reaper: reaped process {pid} ({comm}), now anon-rss:{anon_kB}kB, file-rss:{file_kB}kB, "
		  "shmem-rss:{shmem_kB}kB\n",
		  &klog_line_fields, &l);
}

void klog_reap_failed(const struct klog_format *f, struct strbuf *out, int pid, const char *comm)
{
	const struct klog_line l = { .comm = comm, .pid = pid };

	(void)f;
	klog_fill(out, "oom_reaper: unable to reap pid:{pid} ({comm})\n", &klog_line_fields, &l);
}

void klog_panic(const struct klog_format *f, struct strbuf *out, int panic_reason, int cpu, int pid, const char *comm,
		const char *release, const char *hardware)
{
	bool known = panic_reason >= 0 && (size_t)panic_reason < ARRAY_LEN(f->panic);
	const struct klog_line l = { .comm = comm,
				     .release = release,
				     .hardware = hardware,
				     .cpu = cpu,
				     .pid = pid,
				     .text = f->panic[known ? panic_reason : PANIC_DEADLOCK] };

	klog_fill(out, "Kernel panic - not syncing: {text}\n", &klog_line_fields, &l);
	if (f->panic_end) { /* older ones end there */
		stack(f, out, &l, f->trace->panic, GFP_ANON_FAULT, false);
		klog_fill(out, f->panic_end, &klog_line_fields, &l);
	}
}
