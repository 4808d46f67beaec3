/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cgroup says of itself: memory.stat, its part of an OOM report, its row of cgroups.csv (mm/memcontrol.c of 6.1:
 * memory_stat_format, mem_cgroup_print_oom_meminfo; specification G.13.8). */
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

#include <string.h>

/* Pages of a subtree by what they are, counted frame by frame. */
struct census {
	uint64_t anon, file, shmem, mapped, dirty, writeback, swapcached, list[NR_LRU_LISTS];
};

static void count_frame(const struct world *w, pfn_t p, struct census *c)
{
	const struct frames *f = &w->mm.f;
	uint16_t flags = f->flags[p];
	bool cached = flags & F_FILECACHE;

	c->anon += !cached && f->mapcount[p];
	c->file += cached;
	c->shmem += cached && flags & F_SWAPBACKED;
	c->mapped += cached && f->mapcount[p];
	c->dirty += cached && !(flags & F_SWAPBACKED) && flags & F_DIRTY;
	c->writeback += !!(flags & F_WRITEBACK);
	c->swapcached += !!(flags & F_SWAPCACHE);
	if (flags & F_ONLRU)
		c->list[frame_lru(w, p)]++;
}

/* Frames that have never been used belong to the root, so they need not be told apart. */
static struct census census(const struct world *w, const struct memcg *m)
{
	struct census c = { 0 };

	for (pfn_t p = 0; p < w->mm.f.n; p++)
		if (w->mm.f.memcg[p] >= m->id && w->mm.f.memcg[p] <= m->last)
			count_frame(w, p, &c);
	return c;
}

/* ---- memory.stat ---- */

struct stats {
	struct rec_oom_stat *v;
	size_t n;
};

static void put(struct stats *s, const char *name, uint64_t value)
{
	s->v[s->n++] = (struct rec_oom_stat){ name, value };
}

static void put_lists(struct stats *s, const struct census *c, const struct memcg *m, uint64_t page)
{
	put(s, "inactive_anon", c->list[LRU_INACTIVE_ANON] * page);
	put(s, "active_anon", c->list[LRU_ACTIVE_ANON] * page);
	put(s, "inactive_file", c->list[LRU_INACTIVE_FILE] * page);
	put(s, "active_file", c->list[LRU_ACTIVE_FILE] * page);
	put(s, "unevictable", c->list[LRU_UNEVICTABLE] * page);
	put(s, "slab_reclaimable", m->nodes * MEMCG_NODE_SIZE);
	put(s, "slab_unreclaimable", 0);
	put(s, "slab", m->nodes * MEMCG_NODE_SIZE);
}

static void put_sizes(struct stats *s, const struct census *c, const struct memcg *m, uint64_t page)
{
	put(s, "anon", c->anon * page);
	put(s, "file", c->file * page);
	put(s, "kernel", m->kmem * page);
	put(s, "kernel_stack", 0);
	put(s, "pagetables", (m->kmem - m->node_pages) * page);
	put(s, "sec_pagetables", 0);
	put(s, "percpu", 0);
	put(s, "sock", 0);
	put(s, "vmalloc", 0);
	put(s, "shmem", c->shmem * page);
	put(s, "file_mapped", c->mapped * page);
	put(s, "file_dirty", c->dirty * page);
	put(s, "file_writeback", c->writeback * page);
	put(s, "swapcached", c->swapcached * page);
	put(s, "anon_thp", 0);
	put(s, "file_thp", 0);
	put(s, "shmem_thp", 0);
}

static void put_events(struct stats *s, const uint64_t *v)
{
	static const enum vmstat_item item[] = {
		VMSTAT_pgscan_kswapd, VMSTAT_pgscan_direct, VMSTAT_pgsteal_kswapd, VMSTAT_pgsteal_direct,
		VMSTAT_pgfault,       VMSTAT_pgmajfault,    VMSTAT_pgrefill,       VMSTAT_pgactivate,
		VMSTAT_pgdeactivate,  VMSTAT_pglazyfree,    VMSTAT_pglazyfreed,
	};

	for (int i = VMSTAT_workingset_refault_anon; i <= VMSTAT_workingset_nodereclaim; i++)
		put(s, vmstat_name[i], v[i]);
	put(s, "pgscan", v[VMSTAT_pgscan_kswapd] + v[VMSTAT_pgscan_direct]);
	put(s, "pgsteal", v[VMSTAT_pgsteal_kswapd] + v[VMSTAT_pgsteal_direct]);
	for (size_t i = 0; i < ARRAY_LEN(item); i++)
		put(s, vmstat_name[item[i]], v[item[i]]);
	put(s, "thp_fault_alloc", 0);
	put(s, "thp_collapse_alloc", 0);
}

size_t memcg_stat(struct world *w, const struct memcg *m, struct rec_oom_stat *ret)
{
	struct stats s = { .v = ret };
	struct census c = census(w, m);
	uint64_t page = w->cfg->machine.page_size;

	put_sizes(&s, &c, m, page);
	put_lists(&s, &c, m, page);
	put_events(&s, m->vmstat);
	return s.n;
}

/* ---- the report ---- */

static struct rec_oom_counter counter(const struct world *w, const struct page_counter *c)
{
	return (struct rec_oom_counter){ .usage_kB = c->usage * w->mm.page_kB,
					 .limit_kB = c->max * w->mm.page_kB,
					 .failcnt = c->failcnt };
}

void memcg_fill_report(struct world *w, const struct memcg *m, const struct task *t, struct rec_oom_memcg *ret,
		       struct rec_oom_stat *stat)
{
	static const struct page_counter unlimited = { .max = MEMCG_UNLIMITED };

	*ret = (struct rec_oom_memcg){ .path = m->path,
				       .task_path = t->p->memcg ? t->p->memcg->path : "/",
				       .v1 = w->memcg.v1,
				       .memory = counter(w, &m->memory),
				       .swap = counter(w, &m->swap),
				       .memsw = counter(w, &unlimited),
				       .kmem = counter(w, &unlimited),
				       .stat = stat };
	ret->memsw.usage_kB = (m->memory.usage + m->swap.usage) * w->mm.page_kB;
	if (m->memsw_max < MEMCG_UNLIMITED)
		ret->memsw = (struct rec_oom_counter){ memcg_memsw(m) * w->mm.page_kB, m->memsw_max * w->mm.page_kB, m->memsw_failcnt };
	ret->kmem.usage_kB = m->kmem * w->mm.page_kB;
	ret->nstat = memcg_stat(w, m, stat);
}

/* ---- the row ---- */

uint64_t memcg_hierarchical_limit(const struct memcg *m, bool memsw)
{
	uint64_t least = MEMCG_UNLIMITED;

	for (; m; m = m->parent)
		least = u64_min(least, memsw ? m->memsw_max : m->memory.max);
	return least;
}

static uint64_t bytes(const struct world *w, uint64_t pages)
{
	return pages >= MEMCG_UNLIMITED ? UINT64_MAX : pages << w->mm.page_shift;
}

void memcg_sample(struct world *w, struct memcg *m, struct rec_cgroup *ret)
{
	const uint64_t *v = m->vmstat;

	*ret = (struct rec_cgroup){ .t_ns = w->now,
				    .path = m->path,
				    .current = bytes(w, m->memory.usage),
				    .zswap_current = m->zswap_bytes,
				    .swap_current = bytes(w, w->memcg.v1 ? m->swapped_out : m->swap.usage),
				    .peak = bytes(w, m->memory.peak),
				    .max = bytes(w, m->memory.max),
				    .high = bytes(w, m->high),
				    .swap_max = bytes(w, m->swap.max),
				    .anon = bytes(w, v[VMSTAT_nr_anon_pages]),
				    .file = bytes(w, v[VMSTAT_nr_file_pages]),
				    .kernel = bytes(w, m->kmem),
				    .pgfault = v[VMSTAT_pgfault],
				    .pgmajfault = v[VMSTAT_pgmajfault],
				    .pgscan = v[VMSTAT_pgscan_kswapd] + v[VMSTAT_pgscan_direct],
				    .pgsteal = v[VMSTAT_pgsteal_kswapd] + v[VMSTAT_pgsteal_direct],
				    .workingset_refault_anon = v[VMSTAT_workingset_refault_anon],
				    .workingset_refault_file = v[VMSTAT_workingset_refault_file],
				    .memsw_max = bytes(w, m->memsw_max),
				    .memsw_peak = bytes(w, m->memsw_peak),
				    .hierarchical_limit = bytes(w, memcg_hierarchical_limit(m, false)),
				    .hierarchical_memsw_limit = bytes(w, memcg_hierarchical_limit(m, true)),
				    .failcnt = m->memory.failcnt,
				    .memsw_failcnt = m->memsw_failcnt,
				    .under_oom = m->under_oom };
	memcpy(ret->events, m->events, sizeof(ret->events));
	memcpy(ret->events_local, m->events_local, sizeof(ret->events_local));
	if (m->psi)
		psi_show_group(w, m->psi, PSI_MEM, &ret->psi_memory);
}
