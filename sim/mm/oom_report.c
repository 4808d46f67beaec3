/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The OOM report as a record: every number that the kernel's dump_header() prints, taken at the moment of the decision. */
#include "sim/mm/oom_report.h"
#include "sim/mm/mempolicy.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#include <stdio.h>
#include <string.h>

static const char *const zone_name[MAX_ZONES] = { "DMA", "DMA32", "Normal" };

uint64_t oom_free_pages(const struct world *w)
{
	return nr_free_pages(w);
}

/* ---- the task table ---- */

static void fill_task(struct world *w, const struct process *p, uint64_t totalpages, struct rec_oom_task *r)
{
	const struct mm *mm = p->mm;
	struct badness_in in;

	oom_badness_in(w, p, &in);
	*r = (struct rec_oom_task){ .pid = p->pid, .tgid = p->pid, .uid = p->uid, .total_vm = mm->total_vm, .rss = in.rss,
				    .rss_anon = mm_counter(mm, MM_ANONPAGES), .rss_file = mm_counter(mm, MM_FILEPAGES),
				    .rss_shmem = mm_counter(mm, MM_SHMEMPAGES), .pgtables_bytes = in.pgtables_bytes,
				    .nr_ptes = in.nr_ptes, .nr_pmds = in.nr_pmds, .cpu = p->thread[0]->cpu,
				    .swapents = in.swapents, .oom_score_adj = p->oom_score_adj };
	memcpy(r->comm, p->comm, sizeof(r->comm));
	r->points = w->km->badness->points(&in, totalpages);
	r->eligible = r->points != BADNESS_NEVER;
	r->why = w->km->badness->why_never(&in);
}

/* Init and kernel threads are not listed, nor is who is outside the cgroup or the nodes concerned; processes that are past exit_mm()
 * are not either. */
static bool listed(const struct world *w, const struct task *t, const struct oom_control *oc, const struct process *p)
{
	return (!oc->memcg || memcg_within(p->memcg, oc->memcg)) && !p->is_init && !p->is_kthread && p->mm &&
	       oom_domain_has(w, t->p, oc, p);
}

static struct rec_oom_task *task_table(struct world *w, const struct task *t, const struct oom_control *oc, size_t *ret_n)
{
	struct rec_oom_task *v;
	size_t n = 0;

	for (const struct process *p = w->proc.first; p; p = p->next)
		n += listed(w, t, oc, p);
	v = sim_calloc(w->a, n ? n : 1, sizeof(*v));
	if (!v) {
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	n = 0;
	for (const struct process *p = w->proc.first; p; p = p->next)
		if (listed(w, t, oc, p))
			fill_task(w, p, oc->totalpages, &v[n++]);
	*ret_n = n;
	return v;
}

/* ---- zones and nodes ---- */

/* How the free pages might lie, since the model keeps no buddy lists: the largest blocks that make up the sum, each size that
 * is missing got by splitting one of the next. The sum is exact, the shape is a stand-in. */
static void buddy_stand_in(uint64_t free, uint64_t blocks[11])
{
	for (int o = 0; o < 10; o++)
		blocks[o] = free >> o & 1;
	blocks[10] = free >> 10;
	for (int o = 9; o >= 0; o--) {
		if (blocks[o] || !blocks[o + 1])
			continue;
		blocks[o + 1]--;
		blocks[o] = 2;
	}
}

static void fill_zone(const struct zone *z, struct rec_oom_zone *r)
{
	*r = (struct rec_oom_zone){ .node = z->node, .name = zone_name[z->type], .free = (uint64_t)z->nr_free, .boost = z->boost,
				    .min = zone_wmark(z, WMARK_MIN), .low = zone_wmark(z, WMARK_LOW),
				    .high = zone_wmark(z, WMARK_HIGH), .active_anon = (uint64_t)z->lru[LRU_ACTIVE_ANON],
				    .inactive_anon = (uint64_t)z->lru[LRU_INACTIVE_ANON],
				    .active_file = (uint64_t)z->lru[LRU_ACTIVE_FILE],
				    .inactive_file = (uint64_t)z->lru[LRU_INACTIVE_FILE],
				    .unevictable = (uint64_t)z->lru[LRU_UNEVICTABLE],
				    .writepending = (uint64_t)z->write_pending, .present = z->present, .managed = z->managed,
				    .mlocked = (uint64_t)z->mlocked, .free_pcp = (uint64_t)z->nr_pcp,
				    .local_pcp = (uint64_t)z->nr_pcp };
	for (int j = 0; j < 5; j++)
		r->lowmem_reserve[j] = (int64_t)z->reserve[j];
	buddy_stand_in(r->free, r->nr_free_blocks);
}

/* What is counted for the machine as a whole is shown with node 0's highest zone by kernels that count it by zone. */
static void fill_zone_of_machine(struct world *w, struct rec_oom_zone *r)
{
	const uint64_t *v = w->mm.vmstat;

	r->unevictable += (uint64_t)w->mm.unevictable_base; /* what init and the like keep locked */
	r->mlocked += (uint64_t)w->mm.unevictable_base;
	r->isolated_anon = v[VMSTAT_nr_isolated_anon];
	r->isolated_file = v[VMSTAT_nr_isolated_file];
	r->dirty = v[VMSTAT_nr_dirty];
	r->writeback = v[VMSTAT_nr_writeback];
	r->mapped = v[VMSTAT_nr_mapped];
	r->shmem = v[VMSTAT_nr_shmem];
	r->slab_reclaimable = v[VMSTAT_nr_slab_reclaimable];
	r->slab_unreclaimable = v[VMSTAT_nr_slab_unreclaimable];
	r->pagetables = v[VMSTAT_nr_page_table_pages];
	r->kernel_stack_kB = v[VMSTAT_nr_kernel_stack];
	r->pages_scanned = oom_pages_scanned(w);
}

/* The per-CPU lists, which the model keeps as one a zone, shared out evenly. */
static void fill_pcp(const struct world *w, const struct zone *z, struct rec_oom_zone *r, struct rec_oom_pcp *pcp)
{
	uint64_t ncpu = w->cfg->machine.ncpu, n = (uint64_t)(z->nr_pcp > 0 ? z->nr_pcp : 0);

	for (uint64_t i = 0; i < ncpu; i++)
		pcp[i] = (struct rec_oom_pcp){ .high = (uint32_t)z->pcp_high, .batch = (uint32_t)z->pcp_batch,
					       .used = (uint32_t)(n / ncpu + (i < n % ncpu)) };
	r->pcp = pcp;
	r->npcp = ncpu;
}

static bool is_hopeless(const struct world *w, const struct node *n)
{
	return n->kswapd_failures >= w->km->max_reclaim_retries;
}

static void fill_node(const struct world *w, const struct node *n, struct rec_oom_node *r)
{
	const uint64_t *v = w->mm.vmstat;

	*r = (struct rec_oom_node){ .node = n->id, .active_anon = (uint64_t)n->lruvec.size[LRU_ACTIVE_ANON],
				    .inactive_anon = (uint64_t)n->lruvec.size[LRU_INACTIVE_ANON],
				    .active_file = (uint64_t)n->lruvec.size[LRU_ACTIVE_FILE],
				    .inactive_file = (uint64_t)n->lruvec.size[LRU_INACTIVE_FILE],
				    .unevictable = (uint64_t)n->lruvec.size[LRU_UNEVICTABLE],
				    .isolated_anon = n->nr_isolated[0], .isolated_file = n->nr_isolated[1],
				    .all_unreclaimable = is_hopeless(w, n) };
	if (n->id)
		return; /* what follows is counted for the machine as a whole, and shown with node 0 */
	r->unevictable += (uint64_t)w->mm.unevictable_base;
	r->mapped = v[VMSTAT_nr_mapped];
	r->dirty = v[VMSTAT_nr_dirty];
	r->writeback = v[VMSTAT_nr_writeback];
	r->shmem = v[VMSTAT_nr_shmem];
	r->kernel_stack_kB = v[VMSTAT_nr_kernel_stack];
	r->pagetables = v[VMSTAT_nr_page_table_pages];
}

struct tables {
	struct rec_oom_node node[MAX_NODES];
	struct rec_oom_zone zone[MAX_NODES * MAX_ZONES];
	struct rec_oom_pcp *pcp; /* by zone and CPU */
	struct rec_oom_task *task;
};

/* show_mem(): nodes outside the request's policy or the asker's cpuset are left out, though not from the totals. */
static nodemask_t shown_nodes(const struct world *w, const struct task *t, const struct oom_control *oc)
{
	if (w->km->mem_info_nodes == MEM_INFO_ALL)
		return nodes_all(w);
	return oc->nodemask && w->km->mem_info_nodes == MEM_INFO_NODEMASK ? oc->nodemask : cpuset_mems_allowed(w, t->p);
}

/* NULL: it is not shown. */
static struct rec_oom_zone *highest_of_node_0(struct tables *tb, size_t nzone)
{
	while (nzone && tb->zone[nzone - 1].node)
		nzone--;
	return nzone ? &tb->zone[nzone - 1] : NULL;
}

static void fill_places(struct world *w, nodemask_t shown, struct rec_oom_report *r, struct tables *tb)
{
	const struct zone *z;
	struct rec_oom_zone *of_machine;

	for_each_zonelist_node(w, i, 0, shown)
		fill_node(w, &w->mm.node[i], &tb->node[r->nnode++]);
	for_each_zone(w, z, ni, zi) {
		r->free += (uint64_t)z->nr_free;
		r->pages_ram += z->present;
		r->pages_reserved += z->present - z->managed;
	}
	for_each_zone_of(w, z, ni, zi, shown) {
		fill_zone(z, &tb->zone[r->nzone]);
		fill_pcp(w, z, &tb->zone[r->nzone], &tb->pcp[r->nzone * w->cfg->machine.ncpu]);
		tb->zone[r->nzone].all_unreclaimable = is_hopeless(w, &w->mm.node[ni]);
		r->free_pcp += tb->zone[r->nzone].free_pcp;
		r->nzone++;
	}
	of_machine = highest_of_node_0(tb, r->nzone);
	if (of_machine) {
		fill_zone_of_machine(w, of_machine);
		tb->node[0].pages_scanned = of_machine->pages_scanned;
	}
	r->node = tb->node;
	r->zone = tb->zone;
}

static void fill_totals(struct world *w, struct rec_oom_report *r)
{
	const uint64_t *v = w->mm.vmstat;

	r->active_anon = v[VMSTAT_nr_active_anon];
	r->inactive_anon = v[VMSTAT_nr_inactive_anon];
	r->isolated_anon = v[VMSTAT_nr_isolated_anon];
	r->active_file = v[VMSTAT_nr_active_file];
	r->inactive_file = v[VMSTAT_nr_inactive_file];
	r->isolated_file = v[VMSTAT_nr_isolated_file];
	r->unevictable = v[VMSTAT_nr_unevictable] + (uint64_t)w->mm.unevictable_base;
	r->dirty = v[VMSTAT_nr_dirty];
	r->writeback = v[VMSTAT_nr_writeback];
	r->slab_reclaimable = v[VMSTAT_nr_slab_reclaimable];
	r->slab_unreclaimable = v[VMSTAT_nr_slab_unreclaimable];
	r->mapped = v[VMSTAT_nr_mapped];
	r->shmem = v[VMSTAT_nr_shmem];
	r->pagetables = v[VMSTAT_nr_page_table_pages];
	r->pagecache_pages = v[VMSTAT_nr_file_pages];
	r->swapcache_pages = w->mm.swapcache;
	r->free_swap_kB = w->swap.free * w->mm.page_kB;
	r->total_swap_kB = w->swap.total * w->mm.page_kB;
	/* Stand-ins: pages enter the swap cache on their way out and in; what is mapped or in the swap cache has two users. */
	r->swapcache_add = v[VMSTAT_pswpout] + v[VMSTAT_pswpin];
	r->swapcache_del = u64_sub0(r->swapcache_add, r->swapcache_pages);
	r->swapcache_find = v[VMSTAT_swap_ra_hit];
	r->swapcache_find_total = v[VMSTAT_swap_ra_hit] + u64_sub0(v[VMSTAT_pswpin], v[VMSTAT_swap_ra]);
	r->pages_shared = r->mapped + r->swapcache_pages;
	r->pages_nonshared = u64_sub0(r->pages_ram, r->pages_reserved + r->free + r->pages_shared);
}

static const char *const constraint_name[] = { "CONSTRAINT_NONE", "CONSTRAINT_CPUSET", "CONSTRAINT_MEMORY_POLICY", "CONSTRAINT_MEMCG" };

/* Where the asker might have had memory from, as text. */
struct where {
	char nodemask[NODELIST_LEN], mems_allowed[NODELIST_LEN];
	const char *policy; /* nodemask, or NULL where there is none */
};

static void where(const struct world *w, const struct task *t, const struct oom_control *oc, struct where *ret)
{
	nodemask_show(ret->nodemask, oc->nodemask);
	nodemask_show(ret->mems_allowed, cpuset_mems_allowed(w, t->p));
	ret->policy = oc->nodemask ? ret->nodemask : NULL;
}

/* ___ratelimit(&oom_rs): 10 in 5 s. */
static bool ratelimit(struct world *w)
{
	struct oom_state *o = &w->oom;

	if (!o->ratelimit_begin || w->now - o->ratelimit_begin + 1 > 5 * NS_PER_SEC) {
		o->ratelimit_begin = w->now + 1;
		o->ratelimit_printed = 0;
	}
	return o->ratelimit_printed++ < 10;
}

void oom_emit_report(struct world *w, struct task *t, const struct oom_control *oc, const char *message, int panic)
{
	const struct cost_cfg *cost = &w->cost;
	struct tables tb = { .pcp = sim_calloc(w->a, (size_t)MAX_NODES * MAX_ZONES * w->cfg->machine.ncpu, sizeof(*tb.pcp)) };
	struct rec_oom_report r = { .t_ns = w->now, .constraint = constraint_name[oc->constraint], .message = message, .gfp_mask = oc->gfp,
				    .order = oc->order, .trigger_pid = t->p->pid, .trigger_oom_score_adj = t->p->oom_score_adj,
				    .trigger_uid = t->p->uid, .cpu = t->cpu, .dump_header = true, .dump_tasks = w->sysctl.oom_dump_tasks,
				    .totalpages = oc->totalpages, .has_victim = oc->chosen != NULL, .panic = panic,
				    .no_progress_loops = oc->no_progress_loops, .reclaim_scanned = oc->reclaim_scanned,
				    .reclaim_reclaimed = oc->reclaim_reclaimed };
	struct rec_oom_stat stat[MEMCG_STATS_MAX];
	struct rec_oom_memcg memcg;
	struct where on;
	int err;

	if (!tb.pcp) {
		world_fail(w, SIM_ENOMEM);
		return;
	}

	r.dump_header = ratelimit(w) || panic >= 0;
	memcpy(r.trigger_comm, t->p->comm, sizeof(r.trigger_comm));
	where(w, t, oc, &on);
	r.nodemask = on.policy;
	r.mems_allowed = on.mems_allowed;
	r.cpuset = cpuset_name(t->p);
	fill_places(w, shown_nodes(w, t, oc), &r, &tb);
	fill_totals(w, &r);
	if (oc->memcg) {
		memcg_fill_report(w, oc->memcg, t, &memcg, stat);
		r.memcg = &memcg;
	}
	tb.task = task_table(w, t, oc, &r.ntask);
	r.task = tb.task;
	err = tb.task && w->rec->oom ? w->rec->oom(w->rec->ctx, &r) : SIM_OK;
	sim_free(w->a, tb.task);
	sim_free(w->a, tb.pcp);
	if (err)
		world_fail(w, err);
	if (r.dump_header)
		task_cpu(t, cost->oom_report + (r.dump_tasks ? r.ntask * cost->oom_report_task : 0));
}

/* Points as kernels with child sacrifice print them: per mille of all memory; the classic and per-mille rules' as they are. */
static int64_t printed_score(const struct world *w, const struct oom_control *oc)
{
	const struct badness_ops *rule = w->km->badness;

	if (rule->per_mille || oc->chosen_points == BADNESS_NEVER)
		return oc->chosen_points == BADNESS_NEVER ? 0 : oc->chosen_points;
	return oc->chosen_points * 1000 / (int64_t)u64_max(oc->totalpages, 1);
}

void oom_emit_kill(struct world *w, struct task *t, const struct oom_control *oc, const struct process *p, const char *message,
		   const char *group)
{
	const struct mm *mm = p->mm;
	uint64_t kB = w->mm.page_kB;
	struct where on;
	struct rec_kill k = { .t_ns = w->now, .pid = p->pid, .uid = p->uid, .by = "kernel", .constraint = constraint_name[oc->constraint],
			      .memcg = p->memcg ? p->memcg->path : "/", .oom_memcg = oc->memcg ? oc->memcg->path : NULL,
			      .oom_group = group, .trigger_pid = t->p->pid, .points = oc->chosen_points,
			      .oom_score_adj = p->oom_score_adj, .total_vm_kB = mm->total_vm * kB,
			      .anon_rss_kB = mm_counter(mm, MM_ANONPAGES) * kB,
			      .file_rss_kB = mm_counter(mm, MM_FILEPAGES) * kB,
			      .shmem_rss_kB = mm_counter(mm, MM_SHMEMPAGES) * kB,
			      .swap_kB = mm_counter(mm, MM_SWAPENTS) * kB, .pgtables_kB = mm->pgtable_pages * kB,
			      .message = message, .mems_allowed = on.mems_allowed, .cpuset = cpuset_name(t->p), .chosen_pid = oc->chosen->pid,
			      .score = printed_score(w, oc) };
	int err;

	where(w, t, oc, &on);
	k.nodemask = on.policy;
	memcpy(k.comm, p->comm, sizeof(k.comm));
	memcpy(k.chosen_comm, oc->chosen->comm, sizeof(k.chosen_comm));
	if (w->rec->kill && (err = w->rec->kill(w->rec->ctx, &k)))
		world_fail(w, err);
}
