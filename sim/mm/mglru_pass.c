/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pass of reclaim over a node's generations: how much to evict, when to age in between, when it is enough (specification D.5,
 * D.10, D.11). Three forms: 6.1's, inside the classic pass; that of 6.3 to 6.19; 7.x's. */
#include "sim/mm/memcg.h"
#include "sim/mm/mglru.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* ---- 6.3 and later (try_to_shrink_lruvec, lru_gen_shrink_node) ---- */

/* kswapd stops as soon as all zones are safe, others when they have what they came for. */
static bool done(const struct scan_control *sc, const struct lruvec *lv)
{
	if (sc->nr_reclaimed >= u64_max(sc->nr_to_reclaim, UINT64_C(2) << sc->order))
		return true;
	if (!sc->kswapd || sc->order)
		return false;
	for (int zi = 0; zi < MAX_ZONES && zi <= sc->reclaim_idx; zi++) {
		const struct zone *z = &lv->node->zone[zi];

		if (z->managed &&
		    !zone_watermark_ok(sc->w, z, 0, zone_wmark(z, WMARK_HIGH) + MIN_LRU_BATCH, sc->reclaim_idx, 0, 0))
			return false;
	}
	return true;
}

static bool cannot_evict(const struct world *w, struct lruvec *lv, int swappiness)
{
	return evictable_min_seq(w, gen_of(lv), swappiness) + MIN_NR_GENS > gen_of(lv)->max_seq;
}

/* Aging is put off at the first priority; after it, this pass is over. */
static uint64_t nr_to_scan(struct scan_control *sc, struct lruvec *lv, int swappiness)
{
	uint64_t total;

	if (!should_run_aging(sc->w, lv, swappiness, &total) || sc->priority == DEF_PRIORITY)
		return total >> sc->priority;
	run_aging(sc, lv, swappiness);
	task_yield(sc->w, sc->t);
	return 0;
}

/* 7.x: so much and no more; aging when it is due, and on. */
static void shrink_batches(struct scan_control *sc, struct lruvec *lv, int swappiness)
{
	uint64_t left = gen_total(gen_of(lv), swappiness) >> sc->priority, total, delta = 1;

	while (left && delta && !sc->w->over) {
		if (should_run_aging(sc->w, lv, swappiness, &total) &&
		    (sc->priority < DEF_PRIORITY || cannot_evict(sc->w, lv, swappiness)))
			run_aging(sc, lv, swappiness);
		delta = gen_evict(sc, lv, swappiness, u64_min(left, MIN_LRU_BATCH));
		if (done(sc, lv))
			break;
		left = u64_sub0(left, delta);
		task_yield(sc->w, sc->t);
	}
}

static void shrink_until_aging(struct scan_control *sc, struct lruvec *lv, int swappiness)
{
	uint64_t wanted, scanned = 0, delta;

	do {
		wanted = nr_to_scan(sc, lv, swappiness);
		delta = wanted ? gen_evict(sc, lv, swappiness, wanted) : 0;
		scanned += delta;
		task_yield(sc->w, sc->t);
	} while (delta && scanned < wanted && !done(sc, lv) && !sc->w->over);
}

static void shrink(struct scan_control *sc, struct lruvec *lv)
{
	int swappiness = gen_swappiness(sc, lv);

	if (gen_rules(sc->w)->file_first_without_io && swappiness && !(sc->gfp & GFP_IO_BIT))
		swappiness = 1;
	if (gen_rules(sc->w)->age_and_go_on)
		shrink_batches(sc, lv, swappiness);
	else
		shrink_until_aging(sc, lv, swappiness);
	if (gen_rules(sc->w)->wakes_flushers && sc->nr.unqueued_dirty && sc->nr.unqueued_dirty == sc->nr.file_taken)
		wakeup_flushers(sc->w);
}

/* One cgroup's turn in global reclaim (shrink_one): whoever is below memory.low is put off once. */
static void shrink_one(struct scan_control *sc, struct node *n, struct memcg *m)
{
	memcg_calculate_protection(sc->w, NULL, m);
	if (memcg_below_min(NULL, m))
		return;
	if (memcg_below_low(NULL, m)) {
		m->put_off = !m->put_off;
		if (m->put_off)
			return;
		memcg_event(m, sc->w, MEMCG_LOW);
	}
	sc->lruvec = memcg_lruvec(sc->w, m, n);
	shrink(sc, sc->lruvec);
}

/* shrink_many(): the cgroups in turn, until there is enough; the next pass goes on where this one stopped. The kernel's order is
 * partly random. */
static void shrink_many(struct scan_control *sc, struct node *n)
{
	uint32_t count = sc->w->memcg.n, first = n->next_memcg;

	for (uint32_t i = 0; i < count; i++) {
		n->next_memcg = (first + i + 1) % count;
		shrink_one(sc, n, &sc->w->memcg.v[(first + i) % count]);
		if (done(sc, &n->lruvec))
			break;
	}
	sc->lruvec = NULL;
}

static void own_pass(struct scan_control *sc, struct node *n)
{
	uint64_t before = sc->nr_reclaimed;
	struct plug plug;

	sc->nr = (__typeof__(sc->nr)){ 0 };
	task_cpu(sc->t, sc->w->cost.reclaim_round);
	if (sc->may_writepage && sc->may_unmap) {
		blk_plug_start(sc->t, &plug);
		gen_initial_priority(sc, &n->lruvec);
		if (sc->kswapd)
			sc->nr_reclaimed = 0;
		if (sc->w->memcg.n)
			shrink_many(sc, n);
		else
			shrink(sc, &n->lruvec);
		sc->nr_reclaimed += shrink_slab(sc->w, n, sc->priority);
		if (sc->kswapd)
			sc->nr_reclaimed += before;
		task_sync(sc->w, sc->t);
		blk_plug_finish(sc->w, sc->t, &plug);
	}
	note_node_progress(sc, n, sc->nr_reclaimed > before);
}

/* ---- 6.1 (lru_gen_shrink_lruvec, inside the classic pass) ---- */

/* *ret_need_aging: there are too few old pages. kswapd leaves it to its next round, others age themselves. */
static uint64_t nr_to_scan_first(struct scan_control *sc, struct lruvec *lv, int swappiness, bool *ret_need_aging)
{
	const struct lru_gen *g = gen_of(lv);
	uint64_t total;

	*ret_need_aging = should_run_aging(sc->w, lv, swappiness, &total);
	total >>= sc->priority;
	if (!*ret_need_aging)
		return total;
	if (sc->priority != DEF_PRIORITY) {
		if (sc->kswapd)
			return 0;
		run_aging(sc, lv, swappiness);
		return total;
	}
	return evictable_min_seq(sc->w, g, swappiness) + MIN_NR_GENS <= g->max_seq ? total : 0;
}

/* Enough for this pass, because the zones have enough: more would only be fair to other groups of processes. */
static bool zones_safe(struct scan_control *sc, struct lruvec *lv)
{
	for (int zi = 0; zi < MAX_ZONES && zi <= sc->reclaim_idx; zi++) {
		const struct zone *z = &lv->node->zone[zi];

		if (z->managed && zone_wmark(z, sc->kswapd ? WMARK_HIGH : WMARK_LOW) > (uint64_t)z->nr_free)
			return false;
	}
	sc->nr_reclaimed += MIN_LRU_BATCH;
	return true;
}

static bool done_first(struct scan_control *sc, struct lruvec *lv, uint64_t seq, bool swapping)
{
	if (!sc->kswapd) {
		if (gen_of(lv)->max_seq - seq > 1)
			return true;
		if (sc->nr_reclaimed >= sc->nr_to_reclaim && swapping)
			return true;
		if (fatal_signal_pending(sc->t)) {
			sc->nr_reclaimed += MIN_LRU_BATCH;
			return true;
		}
	} else if (sc->nr_reclaimed - sc->last_reclaimed < sc->nr_to_reclaim) {
		return false;
	}
	return sc->priority <= DEF_PRIORITY - 2 && zones_safe(sc, lv);
}

static void shrink_first(struct scan_control *sc, struct lruvec *lv)
{
	uint64_t seq = gen_of(lv)->max_seq, before = sc->nr_reclaimed, wanted, scanned = 0, delta, anon;
	int swappiness = sc->may_swap ? gen_swappiness(sc, lv)
				      : memcg_swap_left(sc->w, lv->memcg) >= MIN_LRU_BATCH && sc->w->sysctl.swappiness;
	bool need_aging = false, swapping;
	struct plug plug;

	blk_plug_start(sc->t, &plug);
	do {
		wanted = nr_to_scan_first(sc, lv, swappiness, &need_aging);
		anon = sc->w->mm.vmstat[VMSTAT_pgscan_anon];
		delta = wanted ? gen_evict(sc, lv, swappiness, wanted) : 0;
		swapping = sc->w->mm.vmstat[VMSTAT_pgscan_anon] != anon;
		scanned += delta;
		task_yield(sc->w, sc->t);
	} while (delta && scanned < wanted && !done_first(sc, lv, seq, swapping) && !sc->w->over);
	if (delta && sc->nr_reclaimed - before >= MIN_LRU_BATCH && !need_aging)
		sc->skip_aging = true;
	task_sync(sc->w, sc->t);
	blk_plug_finish(sc->w, sc->t, &plug);
}

/* ---- by cgroup, inside the classic pass (shrink_node_memcgs, lru_gen_shrink_lruvec) ---- */

static void shrink_plugged(struct scan_control *sc, struct lruvec *lv)
{
	struct plug plug;

	blk_plug_start(sc->t, &plug);
	gen_initial_priority(sc, lv);
	shrink(sc, lv);
	task_sync(sc->w, sc->t);
	blk_plug_finish(sc->w, sc->t, &plug);
}

static void shrink_lists(struct scan_control *sc, struct lruvec *lv)
{
	if (gen_rules(sc->w)->own_pass)
		shrink_plugged(sc, lv);
	else
		shrink_first(sc, lv);
}

static void shrink_memcgs(struct scan_control *sc, struct node *n)
{
	if (!sc->w->memcg.n)
		shrink_lists(sc, &n->lruvec);
	for_each_memcg(sc->w, m, sc->target)
	{
		if (!memcg_may_shrink(sc, m))
			continue;
		sc->lruvec = memcg_lruvec(sc->w, m, n);
		shrink_lists(sc, sc->lruvec);
	}
	sc->lruvec = NULL;
}

void gen_shrink_node(struct scan_control *sc, struct node *n)
{
	if (gen_rules(sc->w)->own_pass && !cgroup_reclaim(sc))
		own_pass(sc, n);
	else
		shrink_node_with(sc, n, shrink_memcgs);
}
