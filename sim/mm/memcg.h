/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory cgroups (mm/memcontrol.c, mm/page_counter.c; specification H). A world has them only if its scenario names
 * some: then w->memcg.n counts them, the root included, and every frame knows whose it is (frames.memcg). Without,
 * all of this costs one test of a pointer.
 *
 *	memcg.c          the tree, its counters, events, writing its files
 *	memcg_charge.c   who pays for a page: stocks, retries, the way to the OOM killer
 *	memcg_protect.c  memory.min and memory.low during reclaim
 *	memcg_high.c     memory.high: reclaim and the delay on the way back to user mode
 *	memcg_oom.c      an OOM inside a cgroup, and waiting instead (v1)
 *	memcg_report.c   memory.stat, and the cgroup's part of an OOM report
 *
 * Number 0 is the root, which pays for nothing. The others are numbered in pre-order, so that the subtree of m is
 * m->id .. m->last, in the order in which the kernel walks it.
 */
#ifndef OOMSIM_MM_MEMCG_H
#define OOMSIM_MM_MEMCG_H

#include "sim/mm/mm.h"
#include "sim/proc/task.h"
#include "sim/world/record.h"

#define MEMCG_UNLIMITED (UINT64_MAX >> 13) /* PAGE_COUNTER_MAX: LONG_MAX / PAGE_SIZE */
#define MEMCG_BATCH     64u                /* MEMCG_CHARGE_BATCH (32 before 6.0: kernel_model.memcg_batch) */

struct psi;

/* struct page_counter, pages. */
struct page_counter {
	uint64_t usage, max, failcnt, peak;
};

struct memcg {
	uint32_t id, last;
	struct memcg *parent; /* NULL: the root */
	const char *path;     /* "/a/b"; borrowed from the configuration */
	struct page_counter memory, swap;
	uint64_t swapped_out;        /* slots that no page in memory stands for; with memory.usage what v1 counts as memsw */
	uint64_t memsw_max, memsw_peak;
	uint64_t high, swap_high, min, low, soft_limit;
	uint64_t emin, elow; /* effective, of the reclaim under way */
	bool put_off;        /* mglru: being below memory.low has spared it once */
	bool oom_group, oom_kill_disable;
	nodemask_t cpuset_mems; /* cpuset.mems; 0: empty */
	unsigned under_oom; /* v1: tasks of this subtree's OOM wait */
	struct waitq oom_wait;
	uint64_t events[MEMCG_EVENT_COUNT], events_local[MEMCG_EVENT_COUNT];
	uint64_t kmem;                 /* pages of kernel memory charged here */
	uint64_t vmstat[VMSTAT_COUNT]; /* the counters that memory.stat shows, descendants included */
	struct lruvec *lruvec;         /* by node; the root's are node.lruvec */
	struct psi *psi;
};

/* memcg_stock_pcp: pages charged to one cgroup and not handed out yet. */
struct memcg_stock {
	struct memcg *cached;
	uint64_t n;
};

struct memcg_state {
	struct memcg *v; /* by id; NULL: no cgroups */
	uint32_t n;
	uint32_t *of_cfg;          /* id by number in the configuration (config.h: cgroup 0 is the root) */
	struct memcg_stock *stock; /* by CPU */
	bool v1, recursiveprot;
};

int memcg_init(struct world *w);
static inline bool memcg_is_root(const struct memcg *m)
{
	return !m || !m->parent;
}
/* The cgroup of a configured one; NULL without cgroups. */
struct memcg *memcg_of_cfg(struct world *w, uint32_t cgroup);
static inline bool memcg_within(const struct memcg *m, const struct memcg *top)
{
	return m->id >= top->id && m->id <= top->last;
}
/* For every cgroup of top's subtree (NULL: of all), in pre-order; nothing without cgroups. */
#define for_each_memcg(w, m, top)                                                                                      \
	for (struct memcg *m = memcg_first(&(w)->memcg, top); m; m = memcg_next(&(w)->memcg, top, m))
static inline struct memcg *memcg_first(const struct memcg_state *s, const struct memcg *top)
{
	return top ? (struct memcg *)top : s->v;
}
static inline struct memcg *memcg_next(const struct memcg_state *s, const struct memcg *top, struct memcg *m)
{
	return m->id < (top ? top->last : s->n - 1) ? m + 1 : NULL;
}
/* m and its ancestors below the root. */
#define for_each_ancestor(a, m) for (struct memcg *a = (m); a && a->parent; a = a->parent)

void memcg_event(struct memcg *m, const struct world *w, enum memcg_event e);
/* A counter of memory.stat, of m and its ancestors. m may be NULL. */
static inline void memcg_count(struct memcg *m, enum vmstat_item item, uint64_t n)
{
	for (; m; m = m->parent)
		m->vmstat[item] += n;
}
/* An administrator writes a file; bytes, or MEMCG_UNLIMITED pages' worth as INT64_MAX. may switch: lowering
 * memory.max reclaims and may kill. 0 or an errno. */
int memcg_write(struct world *w, struct task *t, struct memcg *m, enum cgroup_file file, int64_t value);

/* Whose frame p is; NULL without cgroups. */
#define frame_memcg(w, p)  ((w)->mm.f.memcg ? &(w)->memcg.v[(w)->mm.f.memcg[p]] : NULL)
/* The lists frame p belongs on; those of m (NULL: the root) on node n. */
#define frame_lruvec(w, p) ((w)->mm.f.memcg ? frame_memcg_lruvec(w, p) : &frame_node(w, p)->lruvec)
struct lruvec *frame_memcg_lruvec(struct world *w, pfn_t p);
struct lruvec *memcg_lruvec(struct world *w, const struct memcg *m, const struct node *n);

/* ---- memcg_charge.c ---- */

uint32_t memcg_batch(const struct world *w); /* MEMCG_CHARGE_BATCH */
/* page_counter_try_charge(), _uncharge(), of m and its ancestors. On failure *ret_over is the one whose limit was
 * hit. */
bool memcg_counter_charge(struct memcg *m, uint64_t n, struct memcg **ret_over);
void memcg_counter_uncharge(struct world *w, struct memcg *m, uint64_t n);
/* try_charge_memcg(): n pages to m. False: refused. may switch. */
bool memcg_try_charge(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t n);
/* With cgroups, a fresh frame is charged: to t's cgroup, or to the one that paid when it was swapped out. False:
 * refused; free it. may switch. */
bool memcg_charge_page(struct world *w, struct task *t, pfn_t p, uint32_t gfp);
bool memcg_charge_swapin(struct world *w, struct task *t, pfn_t p, uint32_t slot);
void memcg_uncharge_page(struct world *w, pfn_t p);
/* Kernel memory for t's cgroup, whose number goes to *ret for the uncharge (NULL: nobody pays). may switch. */
bool memcg_charge_kernel(struct world *w, struct task *t, uint32_t n, struct memcg **ret);
void memcg_uncharge_kernel(struct world *w, struct memcg *m, uint64_t n);
void memcg_drain_stocks(struct world *w, const struct memcg *top);
/* A slot's page leaves the swap cache (+1) or comes back, or the slot is freed (-1). */
void memcg_swapped_out(struct world *w, uint32_t slot, int by);
static inline uint64_t memcg_memsw(const struct memcg *m) { return m->memory.usage + m->swapped_out; }
/* mem_cgroup_margin(): pages until a limit. */
uint64_t memcg_margin(const struct memcg *m);
/* Swap slots: mem_cgroup_try_charge_swap(), _uncharge_swap(). */
bool memcg_charge_swap(struct world *w, pfn_t p, uint32_t slot);
void memcg_uncharge_swap(struct world *w, uint32_t slot);
void memcg_no_slot(struct world *w, pfn_t p);
/* mem_cgroup_get_nr_swap_pages(): how much m may still swap out; of the machine when NULL. */
uint64_t memcg_swap_left(const struct world *w, const struct memcg *m);
/* mem_cgroup_swap_full(): slots of p's cgroup are scarce. */
bool memcg_swap_full(const struct world *w, pfn_t p);

/* ---- vmscan.c ---- */

/* try_to_free_mem_cgroup_pages(): reclaim in m's subtree. Pages reclaimed. may switch. */
uint64_t memcg_reclaim(struct world *w, struct task *t, struct memcg *m, uint64_t n, uint32_t gfp);
/* The same without swapping: what a limit of memory and swap together wants. */
uint64_t memcg_reclaim_no_swap(struct world *w, struct task *t, struct memcg *m, uint64_t n, uint32_t gfp);

/* ---- memcg_protect.c ---- */

/* effective_protection(): the pure formula (vectors in H.5). */
uint64_t memcg_effective(uint64_t usage, uint64_t parent_usage, uint64_t setting, uint64_t parent_effective,
			 uint64_t siblings, bool recursive);
/* As it was before 5.7. */
uint64_t memcg_effective_old(uint64_t usage, uint64_t setting, uint64_t parent_effective, uint64_t siblings);
/* mem_cgroup_calculate_protection() of m for reclaim from top (NULL: the root). Parents first. */
void memcg_calculate_protection(struct world *w, struct memcg *top, struct memcg *m);
static inline bool memcg_below_min(const struct memcg *top, const struct memcg *m)
{
	return m != top && m->parent && m->emin >= m->memory.usage;
}
static inline bool memcg_below_low(const struct memcg *top, const struct memcg *m)
{
	return m != top && m->parent && m->elow >= m->memory.usage;
}

/* ---- memcg_high.c ---- */

/* A charge of n pages went to m: is anybody above memory.high? may switch. */
void memcg_check_high(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t n);
/* On the way back to user mode: reclaim, and sleep. may switch. */
void memcg_handle_over_high(struct world *w, struct task *t);
/* Jiffies of sleep for nr_pages, charged in such batches, at an overage of usage over high; not capped. */
uint64_t memcg_high_delay(uint64_t usage, uint64_t high, uint64_t nr_pages, uint32_t batch, unsigned hz);

/* ---- memcg_oom.c ---- */

/* mem_cgroup_oom(). True: somebody dies, or room was found: try again. may switch. */
bool memcg_oom(struct world *w, struct task *t, struct memcg *m, uint32_t gfp);
/* mem_cgroup_out_of_memory(). need: pages whose fit makes a kill needless; 0: kill whatever fits. may switch. */
bool memcg_out_of_memory(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t need);
/* mem_cgroup_oom_synchronize(): at the end of a fault whose charge was refused with the killer disabled, wait. may
 * switch. */
void memcg_oom_synchronize(struct world *w, struct task *t);
void memcg_oom_recover(struct world *w, struct memcg *m);
/* mem_cgroup_get_max(). */
uint64_t memcg_totalpages(const struct world *w, const struct memcg *m);
/* mem_cgroup_get_oom_group(): the highest ancestor of victim's cgroup, within the domain, that dies as one; NULL:
 * none. */
struct memcg *memcg_oom_group(const struct world *w, const struct process *victim, const struct memcg *domain);

/* ---- memcg_report.c ---- */

#define MEMCG_STATS_MAX 64
/* memory.stat of m, in the order of 6.1; counts frames, so not for hot paths. Returns how many. */
size_t memcg_stat(struct world *w, const struct memcg *m, struct rec_oom_stat *ret);
void memcg_fill_report(struct world *w, const struct memcg *m, const struct task *t, struct rec_oom_memcg *ret,
		       struct rec_oom_stat *stat);
void memcg_sample(struct world *w, struct memcg *m, struct rec_cgroup *ret);

#endif
