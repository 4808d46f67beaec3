/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kswapd: the thread that keeps a node between its low and high watermarks (mm/vmscan.c:kswapd, balance_pgdat of 6.1;
 * specification B.3, C.12, C.13). */
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#include <stdio.h>

bool node_balanced(const struct world *w, const struct node *n, int order, int highest)
{
	for (int zi = 0; zi < MAX_ZONES && zi <= highest; zi++) {
		const struct zone *z = &n->zone[zi];

		if (z->managed && zone_watermark_ok(w, z, order, zone_wmark(z, WMARK_HIGH), highest, 0, 0))
			return true;
	}
	return false;
}

static uint64_t sum_boosts(const struct node *n, uint64_t boost[MAX_ZONES])
{
	uint64_t sum = 0;

	for (int zi = 0; zi < MAX_ZONES; zi++)
		sum += boost[zi] = n->zone[zi].boost;
	return sum;
}

enum round { GO_ON, BALANCED, GIVE_UP };

static enum round balance_round(struct scan_control *sc, struct node *n, uint64_t *boost)
{
	uint64_t before = sc->nr_reclaimed;
	bool is_balanced = node_balanced(sc->w, n, sc->order, sc->reclaim_idx), raise = true;

	if (!is_balanced && *boost) {
		*boost = 0;
		sc->priority = DEF_PRIORITY;
		return GO_ON;
	}
	if (is_balanced && !*boost)
		return BALANCED;
	if (*boost && sc->priority == DEF_PRIORITY - 2)
		raise = false;
	sc->may_writepage = sc->may_swap = !*boost;
	reclaim_of(&sc->w->mm)->age_node(sc, n);
	sc->nr_scanned = 0;
	sc->nr_reclaimed += memcg_soft_reclaim(sc->w, sc->t, n, sc->order, sc->gfp, &(uint64_t){ 0 });
	sc->nr_to_reclaim = 0;
	for (int zi = 0; zi < MAX_ZONES && zi <= sc->reclaim_idx; zi++)
		if (n->zone[zi].managed)
			sc->nr_to_reclaim += u64_max(zone_wmark(&n->zone[zi], WMARK_HIGH), SWAP_CLUSTER_MAX);
	shrink_node(sc, n);
	if (u64_max(sc->nr_scanned, sc->nr_reclaimed) >= sc->nr_to_reclaim)
		raise = false;
	if (n->pfmemalloc_wait->head)
		waitq_wake_all(sc->w, n->pfmemalloc_wait);
	*boost -= u64_min(*boost, sc->nr_reclaimed - before);
	if (*boost && sc->nr_reclaimed == before)
		return GIVE_UP;
	if (raise || sc->nr_reclaimed == before)
		sc->priority--;
	return sc->priority >= 1 ? GO_ON : GIVE_UP;
}

/* Later kernels go round once more before they call the node hopeless when all that kept them from anonymous pages was a cache
 * that looked easy to trim. */
static bool insist(struct scan_control *sc)
{
	if (!sc->w->km->no_cache_trim_retry || sc->nr_reclaimed || sc->priority >= 1 || !sc->cache_trim_failed || sc->no_cache_trim_mode)
		return false;
	sc->no_cache_trim_mode = true;
	sc->priority = DEF_PRIORITY;
	return true;
}

/* balance_pgdat() */
static void balance(struct world *w, struct task *t, struct node *n, int order, int highest)
{
	struct scan_control sc = { .w = w, .t = t, .gfp = GFP_KERNEL, .order = order, .reclaim_idx = highest, .kswapd = true,
				   .priority = DEF_PRIORITY, .may_unmap = true };
	uint64_t seen[MAX_ZONES], boost = sum_boosts(n, seen), had_boost = boost;
	enum round r;

	psi_memstall_enter(w, t);
	n->reclaim_active = true;
	vm_event(w, pageoutrun, 1);
	do {
		r = balance_round(&sc, n, &boost);
		if (r == GIVE_UP && insist(&sc))
			r = GO_ON;
	} while (r == GO_ON && !w->over);
	if (!sc.nr_reclaimed && r == GIVE_UP) {
		n->kswapd_failures++;
		world_event(w, EV_KSWAPD_FAILED, t->p, n->id, n->kswapd_failures, 0, 0);
	}
	if (had_boost)
		for (int zi = 0; zi < MAX_ZONES; zi++)
			n->zone[zi].boost -= u64_min(n->zone[zi].boost, seen[zi]);
	snapshot_refaults(w, n, NULL);
	n->reclaim_active = false;
	task_sync(w, t);
	psi_memstall_leave(w, t);
}

/* prepare_kswapd_sleep() */
static bool may_sleep(struct world *w, struct node *n, int order, int highest)
{
	waitq_wake_all(w, n->pfmemalloc_wait);
	if (n->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return true;
	if (!node_balanced(w, n, order, highest))
		return false;
	n->flag_dirty = n->flag_writeback = n->flag_congested = false;
	return true;
}

static void wait_for_work(struct world *w, struct task *t, struct node *n, sim_ns until)
{
	t->waitq = NULL;
	task_wait(w, t, n->kswapd_wait, TASK_INTERRUPTIBLE, until);
}

/* kswapd_try_to_sleep(): first a tenth of a second, to see whether the balance lasts. */
static void try_to_sleep(struct world *w, struct task *t, struct node *n, int order, int highest)
{
	unsigned hz = w->cfg->machine.hz;
	bool early = false;

	if (may_sleep(w, n, order, highest)) {
		sim_ns until = w->now + hz / 10 * (NS_PER_SEC / hz);

		wait_for_work(w, t, n, until);
		early = w->now < until;
	}
	if (early) {
		vm_event(w, kswapd_low_wmark_hit_quickly, 1);
	} else if (may_sleep(w, n, order, highest)) {
		world_event(w, EV_KSWAPD_SLEEP, t->p, n->id, (int64_t)nr_free_pages(w), 0, 0);
		wait_for_work(w, t, n, SIM_NEVER);
		world_event(w, EV_KSWAPD_WAKE, t->p, n->id, (int64_t)nr_free_pages(w), 0, 0);
	} else {
		vm_event(w, kswapd_high_wmark_hit_quickly, 1);
	}
}

static void kswapd(struct world *w, struct task *t)
{
	struct node *n = NULL;
	int order, highest;

	for (int i = 0; i < w->mm.nnode; i++)
		if (w->mm.node[i].kswapd == t)
			n = &w->mm.node[i];
	t->pf_memalloc = t->pf_kswapd = true;
	order = n->kswapd_order;
	highest = MAX_ZONES - 1;
	for (;;) {
		try_to_sleep(w, t, n, order, highest);
		order = n->kswapd_order;
		highest = n->kswapd_highest < 0 ? MAX_ZONES : n->kswapd_highest;
		n->kswapd_order = 0;
		n->kswapd_highest = -1;
		balance(w, t, n, order, highest);
	}
}

void wakeup_kswapd(struct world *w, struct node *n, int order, int highest_zone)
{
	if (n->kswapd_highest < highest_zone)
		n->kswapd_highest = highest_zone;
	if (n->kswapd_order < order)
		n->kswapd_order = order;
	if (!n->kswapd_wait->head)
		return;
	if (n->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return;
	if (node_balanced(w, n, order, highest_zone)) {
		uint64_t boost[MAX_ZONES];

		if (!sum_boosts(n, boost))
			return;
	}
	waitq_wake_all(w, n->kswapd_wait);
}

int kswapd_start(struct world *w)
{
	for (int i = 0; i < w->mm.nnode; i++) {
		struct node *n = &w->mm.node[i];
		char name[SIM_COMM_LEN];

		snprintf(name, sizeof(name), "kswapd%d", i);
		n->kswapd_wait = sim_calloc(w->a, 1, sizeof(*n->kswapd_wait));
		n->pfmemalloc_wait = sim_calloc(w->a, 1, sizeof(*n->pfmemalloc_wait));
		n->throttle_wait = sim_calloc(w->a, 4, sizeof(*n->throttle_wait));
		if (!n->kswapd_wait || !n->pfmemalloc_wait || !n->throttle_wait)
			return SIM_ENOMEM;
		n->kswapd_highest = -1;
		n->kswapd = kthread_new(w, name, kswapd);
		if (!n->kswapd)
			return SIM_ENOMEM;
	}
	return SIM_OK;
}

void kswapd_free(struct world *w)
{
	for (int i = 0; i < w->mm.nnode; i++) {
		sim_free(w->a, w->mm.node[i].kswapd_wait);
		sim_free(w->a, w->mm.node[i].pfmemalloc_wait);
		sim_free(w->a, w->mm.node[i].throttle_wait);
	}
}
