/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct reclaim, and what it shares with kswapd: one pass over a node (mm/vmscan.c of 6.1; specification C.4..C.6, C.15). */
#include "sim/mm/vmscan.h"
#include "sim/mm/memcg.h"
#include "sim/mm/mempolicy.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "sim/proc/acct.h"
#include "sim/world/engine.h"

static const enum lru_list shrink_order[4] = { LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_FILE, LRU_ACTIVE_FILE };

static uint64_t shrink_list(struct scan_control *sc, struct node *n, enum lru_list l, uint64_t nr)
{
	bool file = LRU_IS_FILE(l);

	if (!LRU_IS_ACTIVE(l))
		return shrink_inactive_list(sc, n, file, nr);
	if (sc->may_deactivate[file])
		shrink_active_list(sc, n, file, nr);
	else
		sc->skipped_deactivate = true;
	return 0;
}

/* The target is met: stop with the type that has less left, and scan the other in proportion. False: nothing left to do. */
static bool keep_proportion(uint64_t nr[4], const uint64_t targets[4])
{
	uint64_t file = nr[LRU_INACTIVE_FILE] + nr[LRU_ACTIVE_FILE], anon = nr[LRU_INACTIVE_ANON] + nr[LRU_ACTIVE_ANON], percent;
	enum lru_list small, large;

	if (!file || !anon)
		return false;
	small = file > anon ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE;
	large = file > anon ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON;
	percent = u64_min(file, anon) * 100 / (targets[small] + targets[small + 1] + 1);
	nr[small] = nr[small + 1] = 0;
	for (int l = (int)large; l <= (int)large + 1; l++) {
		uint64_t scanned = targets[l] - nr[l];

		nr[l] = targets[l] * (100 - percent) / 100;
		nr[l] -= u64_min(nr[l], scanned);
	}
	return true;
}

static void shrink_lruvec(struct scan_control *sc, struct node *n)
{
	uint64_t nr[4], targets[4], got = 0;
	bool proportional = !cgroup_reclaim(sc) && !sc->kswapd && sc->priority == DEF_PRIORITY, adjusted = false;
	struct plug plug;

	get_scan_count(sc, n, nr);
	for (int l = 0; l < 4; l++)
		targets[l] = nr[l];
	blk_plug_start(sc->t, &plug);
	while (nr[LRU_INACTIVE_ANON] || nr[LRU_ACTIVE_FILE] || nr[LRU_INACTIVE_FILE]) {
		for (int i = 0; i < 4; i++) {
			enum lru_list l = shrink_order[i];
			uint64_t batch = u64_min(nr[l], SWAP_CLUSTER_MAX);

			nr[l] -= batch;
			if (batch)
				got += shrink_list(sc, n, l, batch);
		}
		task_yield(sc->w, sc->t);
		if (got < sc->nr_to_reclaim || proportional || adjusted)
			continue;
		if (!keep_proportion(nr, targets))
			break;
		adjusted = true;
	}
	task_sync(sc->w, sc->t);
	blk_plug_finish(sc->w, sc->t, &plug);
	sc->nr_reclaimed += got;
	if (sc->w->swap.total && inactive_is_low(scan_lruvec(sc, n), false))
		shrink_active_list(sc, n, false, SWAP_CLUSTER_MAX);
}

static bool *congested_flag(const struct scan_control *sc, struct node *n)
{
	return cgroup_reclaim(sc) ? &target_lruvec(sc, n)->congested : &n->flag_congested;
}

/* What the pass met decides how the next behaves (PGDAT_WRITEBACK, PGDAT_DIRTY, LRUVEC_CONGESTED). */
static void note_congestion(struct scan_control *sc, struct node *n)
{
	if (sc->kswapd) {
		if (sc->nr.writeback && sc->nr.writeback == sc->nr.taken)
			n->flag_writeback = true;
		if (sc->nr.unqueued_dirty == sc->nr.file_taken)
			n->flag_dirty = true;
		if (sc->nr.immediate)
			reclaim_throttle(sc, n, THROTTLE_WRITEBACK);
	}
	if ((sc->kswapd || cgroup_reclaim(sc)) && sc->nr.dirty && sc->nr.dirty == sc->nr.congested)
		*congested_flag(sc, n) = true;
	if (!sc->kswapd && *congested_flag(sc, n))
		reclaim_throttle(sc, n, THROTTLE_CONGESTED);
}

/* A pass that reclaimed something has shown that kswapd is not hopeless; later kernels want the node balanced first. */
void note_node_progress(struct scan_control *sc, struct node *n, bool progress)
{
	if (progress && (!sc->w->km->hopeless_until_balanced || node_balanced(sc->w, n, sc->order, sc->reclaim_idx)))
		n->kswapd_failures = 0;
}

void shrink_node_with(struct scan_control *sc, struct node *n, void (*shrink)(struct scan_control *sc, struct node *n))
{
	uint64_t before = sc->nr_reclaimed, scanned = sc->nr_scanned;

	sc->nr = (__typeof__(sc->nr)){ 0 };
	task_cpu(sc->t, sc->w->cost.reclaim_round);
	shrink(sc, n);
	if (!cgroup_reclaim(sc)) /* the slab's pages are the root's */
		sc->nr_reclaimed += shrink_slab(sc->w, n, sc->priority);
	vmpressure(sc->w, sc->target, sc->gfp, sc->nr_scanned - scanned, sc->nr_reclaimed - before);
	note_congestion(sc, n);
	if (sc->nr_reclaimed == before && sc->cache_trim_mode)
		sc->cache_trim_failed = true;
	note_node_progress(sc, n, sc->nr_reclaimed > before);
}

struct lruvec *target_lruvec(const struct scan_control *sc, const struct node *n)
{
	return sc->target ? memcg_lruvec(sc->w, sc->target, n) : (struct lruvec *)&n->lruvec;
}

bool memcg_may_shrink(struct scan_control *sc, struct memcg *m)
{
	memcg_calculate_protection(sc->w, sc->target, m);
	if (memcg_below_min(sc->target, m))
		return false;
	if (!memcg_below_low(sc->target, m))
		return true;
	if (!sc->memcg_low_reclaim) {
		sc->memcg_low_skipped = true;
		return false;
	}
	memcg_event(m, sc->w, MEMCG_LOW);
	return true;
}

static void classic_shrink(struct scan_control *sc, struct node *n)
{
	prepare_scan_count(sc, n);
	if (!sc->w->memcg.n)
		shrink_lruvec(sc, n);
	for_each_memcg(sc->w, m, sc->target) {
		if (!memcg_may_shrink(sc, m))
			continue;
		sc->lruvec = memcg_lruvec(sc->w, m, n);
		shrink_lruvec(sc, n);
	}
	sc->lruvec = NULL;
}

void classic_shrink_memcg(struct scan_control *sc, struct node *n, struct memcg *m)
{
	sc->lruvec = memcg_lruvec(sc->w, m, n);
	shrink_lruvec(sc, n);
	sc->lruvec = NULL;
}

void classic_shrink_node(struct scan_control *sc, struct node *n)
{
	shrink_node_with(sc, n, classic_shrink);
}

/* kswapd_age_node(): a bit of the active list, so that the inactive one does not run dry. */
void classic_age_node(struct scan_control *sc, struct node *n)
{
	if (!sc->w->swap.total || !inactive_is_low(&n->lruvec, false))
		return;
	if (!sc->w->memcg.n)
		shrink_active_list(sc, n, false, SWAP_CLUSTER_MAX);
	for_each_memcg(sc->w, m, NULL) {
		sc->lruvec = memcg_lruvec(sc->w, m, n);
		if (inactive_is_low(sc->lruvec, false))
			shrink_active_list(sc, n, false, SWAP_CLUSTER_MAX);
	}
	sc->lruvec = NULL;
}

void shrink_node(struct scan_control *sc, struct node *n)
{
	reclaim_of(&sc->w->mm)->shrink_node(sc, n);
}

void snapshot_refaults(struct world *w, struct node *n, struct memcg *target)
{
	if (!memcg_is_root(target)) {
		struct lruvec *v = memcg_lruvec(w, target, n);

		v->refaults[0] = v->activated[0];
		v->refaults[1] = v->activated[1];
		v->congested = false;
		return;
	}
	if (n->lruvec.memcg) {
		n->lruvec.refaults[0] = n->lruvec.activated[0];
		n->lruvec.refaults[1] = n->lruvec.activated[1];
		return;
	}
	n->lruvec.refaults[0] = w->mm.vmstat[VMSTAT_workingset_activate_anon];
	n->lruvec.refaults[1] = w->mm.vmstat[VMSTAT_workingset_activate_file];
}

/* ---- direct reclaim ---- */

static void consider_throttle(struct scan_control *sc, struct node *n)
{
	if (sc->nr_reclaimed > sc->nr_scanned >> 3) {
		waitq_wake_all(sc->w, &n->throttle_wait[THROTTLE_NOPROGRESS]);
		return;
	}
	if (sc->priority == 1 && !sc->nr_reclaimed && !cgroup_reclaim(sc))
		reclaim_throttle(sc, n, THROTTLE_NOPROGRESS);
}

static void shrink_zones(struct scan_control *sc)
{
	struct node *first = NULL;

	for_each_zonelist_node(sc->w, ni, sc->first_node, sc->nodes) {
		struct node *n = &sc->w->mm.node[ni];

		first = first ? first : n;
		if (!cgroup_reclaim(sc))
			sc->nr_reclaimed += memcg_soft_reclaim(sc->w, sc->t, n, sc->order, sc->gfp, &sc->nr_scanned);
		shrink_node(sc, n);
	}
	consider_throttle(sc, first);
}

static uint64_t all_priorities(struct scan_control *sc)
{
	for (;;) {
		sc->priority = DEF_PRIORITY;
		do {
			vmpressure_prio(sc->w, sc->target, sc->gfp, sc->priority);
			sc->nr_scanned = 0;
			shrink_zones(sc);
			sc->t->reclaim_scanned += sc->nr_scanned;
			if (sc->nr_reclaimed >= sc->nr_to_reclaim)
				break;
		} while (--sc->priority >= 0);
		for_each_zonelist_node(sc->w, ni, sc->first_node, sc->nodes)
			snapshot_refaults(sc->w, &sc->w->mm.node[ni], sc->target);
		if (sc->nr_reclaimed)
			return sc->nr_reclaimed;
		if (sc->skipped_deactivate) {
			sc->force_deactivate = true;
			sc->skipped_deactivate = false;
		} else if (sc->memcg_low_skipped) {
			sc->force_deactivate = false;
			sc->memcg_low_reclaim = true;
			sc->memcg_low_skipped = false;
		} else {
			return 0;
		}
	}
}

static uint64_t do_try_to_free_pages(struct scan_control *sc)
{
	sim_ns start = sc->w->now + sc->t->pending;
	uint64_t got = all_priorities(sc);

	delay_add(sc->w, sc->t, DELAY_FREEPAGES, sc->w->now + sc->t->pending - start);
	return got;
}

/* allow_direct_reclaim(): half of the min watermarks must be left for kswapd to work with. */
static bool reserves_left(const struct node *n)
{
	uint64_t reserve = 0, free = 0;

	if (n->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return true;
	for (int zi = 0; zi < MAX_ZONES; zi++) {
		if (!n->zone[zi].managed)
			continue;
		reserve += zone_wmark(&n->zone[zi], WMARK_MIN);
		free += (uint64_t)n->zone[zi].nr_free;
	}
	return !reserve || free > reserve / 2;
}

/* throttle_direct_reclaim(): a user task waits for kswapd of the first node when the reserves run low. True: it was killed meanwhile. */
static bool throttle_direct_reclaim(struct world *w, struct task *t, uint32_t gfp, struct node *n)
{
	bool limited = !(gfp & GFP_FS_BIT);

	if (t->p->is_kthread || fatal_signal_pending(t))
		return false;
	if (!reserves_left(n)) {
		vm_event(w, pgscan_direct_throttle, 1);
		wakeup_kswapd(w, n, 0, MAX_ZONES - 1);
		while (!reserves_left(n) && !fatal_signal_pending(t) && !w->over) {
			if (task_wait(w, t, n->pfmemalloc_wait, TASK_KILLABLE,
				      limited ? w->now + NS_PER_SEC : SIM_NEVER) != WAIT_OK)
				break;
		}
	}
	return fatal_signal_pending(t);
}

static void note_stall(struct scan_control *sc, sim_ns start)
{
	sc->t->reclaim_reclaimed += sc->nr_reclaimed;
	world_event(sc->w, EV_DIRECT_RECLAIM, sc->t->p, (int64_t)sc->t->reclaim_scanned, (int64_t)sc->nr_reclaimed,
		    (int64_t)((sc->w->now - start) / NS_PER_US), sc->priority);
}

/* The first of policy's nodes in the zone list. */
static struct node *first_node(struct world *w, const struct alloc_nodes *on)
{
	for_each_zonelist_node(w, ni, on->first, alloc_policy_nodes(w, on))
		return &w->mm.node[ni];
	return &w->mm.node[on->first];
}

uint64_t try_to_free_pages(struct world *w, struct task *t, int order, uint32_t gfp, const struct alloc_nodes *on)
{
	struct scan_control sc = { .w = w, .t = t, .nr_to_reclaim = SWAP_CLUSTER_MAX, .gfp = gfp, .order = order,
				   .reclaim_idx = gfp_zone(gfp), .may_writepage = true, .may_unmap = true, .may_swap = true,
				   .first_node = on->first, .nodes = alloc_hardwall_nodes(w, on) };
	sim_ns start = w->now;

	if (throttle_direct_reclaim(w, t, gfp, first_node(w, on)))
		return 1;
	if (sc.reclaim_idx >= 3)
		vm_event(w, allocstall_movable, 1);
	else
		vm_event(w, allocstall_normal, 1);
	do_try_to_free_pages(&sc);
	note_stall(&sc, start);
	return sc.nr_reclaimed;
}

static uint64_t reclaim_in(struct world *w, struct task *t, struct memcg *m, uint64_t n, uint32_t gfp, bool may_swap)
{
	struct scan_control sc = { .w = w, .t = t, .target = m, .nr_to_reclaim = u64_max(n, SWAP_CLUSTER_MAX), .gfp = gfp,
				   .reclaim_idx = MAX_ZONES - 1, .may_writepage = true, .may_unmap = true, .may_swap = may_swap,
				   .first_node = cpu_to_node(w, t->cpu), .nodes = nodes_all(w) };
	bool memalloc = t->pf_memalloc;

	t->pf_memalloc = true;
	do_try_to_free_pages(&sc);
	t->pf_memalloc = memalloc;
	return sc.nr_reclaimed;
}

uint64_t memcg_reclaim(struct world *w, struct task *t, struct memcg *m, uint64_t n, uint32_t gfp)
{
	return reclaim_in(w, t, m, n, gfp, true);
}

uint64_t memcg_reclaim_no_swap(struct world *w, struct task *t, struct memcg *m, uint64_t n, uint32_t gfp)
{
	return reclaim_in(w, t, m, n, gfp, false);
}
