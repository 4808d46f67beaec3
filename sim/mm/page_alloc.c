/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page allocator (mm/page_alloc.c of 6.1; specification A.10, B). Read alloc_page() first, then slow_path(): the order of
 * its steps is the kernel's, and the road to the OOM killer is its last third.
 *
 * Leaves out: fragmentation. A request of order > 0 finds its block wherever the watermark lets it in, as if direct compaction
 * always succeeded.
 */
#include "sim/mm/page_alloc.h"
#include "sim/mm/mempolicy.h"
#include "sim/mm/oom.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#define COSTLY_ORDER 3

/* A request on its way through the slow path. */
struct request {
	struct world *w;
	struct task *t;
	uint32_t gfp;
	int order, highest;
	bool kernel;           /* counted, without a frame */
	bool steals;           /* slab under pressure: falls back to movable blocks when its own have no page left */
	struct alloc_nodes on;
	nodemask_t nodes;      /* where get_page() looks now */
	unsigned flags;        /* enum alloc_flag, with the watermark in the low bits */
	int no_progress_loops;
	pfn_t page;            /* the result: a frame, or 0 for kernel pages */
};

/* A movable request takes pages that lie in blocks of unmovable and reclaimable memory only when movable blocks have run out.
 * The block is stolen, and the watermarks are boosted so that kswapd makes room (steal_suitable_fallback). */
static void note_fallback(struct request *r, struct zone *z)
{
	if (r->kernel || z->nr_free >= z->free_foreign || !z->free_foreign)
		return;
	z->free_foreign = 0;
	if (boost_watermark(r->w, z))
		wakeup_kswapd(r->w, &r->w->mm.node[z->node], 0, z->type);
}

/* An unmovable request without pages of its kind takes over the movable block with the largest free page, and all free pages of it
 * (steal_suitable_fallback). How many that are nobody counts here: what a block has on average. */
static void note_steal(struct request *r, struct zone *z)
{
	if (z->free_stolen) {
		z->free_stolen--;
		return;
	}
	z->free_stolen = z->nr_free * PAGEBLOCK_PAGES / (int64_t)z->managed;
	if (boost_watermark(r->w, z))
		wakeup_kswapd(r->w, &r->w->mm.node[z->node], 0, z->type);
}

static bool take(struct request *r, struct zone *z)
{
	if (r->kernel) {
		bool ok = zone_take_kernel(r->w, z, UINT64_C(1) << r->order);

		if (ok && r->steals)
			note_steal(r, z);
		return ok;
	}
	r->page = zone_take(r->w, z);
	if (r->page == PFN_NONE)
		return false;
	note_fallback(r, z);
	return true;
}

static sim_pages wmark_of(const struct request *r, const struct zone *z)
{
	return zone_wmark(z, (enum wmark)(r->flags & ALLOC_WMARK_MASK));
}

/* ---- which nodes ---- */

/* The slow path's: the kernel's own requests may leave the cpuset (cpuset_zone_allowed), and whoever may not sleep or may use
 * the reserves looks everywhere. */
static nodemask_t slow_nodes(const struct request *r, unsigned reserves)
{
	if (reserves || !(r->gfp & GFP_DIRECT_RECLAIM_BIT))
		return nodes_all(r->w);
	return r->gfp & GFP_HARDWALL_BIT ? alloc_hardwall_nodes(r->w, &r->on) : alloc_policy_nodes(r->w, &r->on);
}

static void set_nodes(struct request *r)
{
	if (r->w->mm.nnode == 1) {
		r->nodes = r->on.cpuset = 1;
		return;
	}
	mempolicy_nodes(r->w, r->t, &r->on);
	r->t->il_next = r->on.first + 1;
	r->nodes = alloc_hardwall_nodes(r->w, &r->on);
}

static bool get_page_on(struct request *r, struct node *n)
{
	for (int zi = r->highest < MAX_ZONES ? r->highest : MAX_ZONES - 1; zi >= 0; zi--) {
		struct zone *z = &n->zone[zi];

		if (!z->managed)
			continue;
		zone_note_level(r->w, z);
		if (!(r->flags & ALLOC_NO_WATERMARKS) &&
		    !zone_watermark_ok(r->w, z, r->order, wmark_of(r, z), r->highest, r->flags, 0))
			continue;
		if (take(r, z))
			return true;
	}
	return false;
}

/* get_page_from_freelist(): the first zone, from the nearest node's highest allowed down, that is above its mark. */
static bool get_page(struct request *r)
{
	if (r->w->mm.nnode == 1)
		return get_page_on(r, &r->w->mm.node[0]);
	for_each_zonelist_node(r->w, ni, r->on.first, r->nodes)
		if (get_page_on(r, &r->w->mm.node[ni]))
			return true;
	return false;
}

static void wake_all_kswapds(struct request *r)
{
	for_each_zonelist_node(r->w, ni, r->on.first, r->nodes)
		wakeup_kswapd(r->w, &r->w->mm.node[ni], r->order, r->highest);
}

/* gfp_to_alloc_flags() */
static unsigned slow_flags(const struct request *r)
{
	unsigned f = WMARK_MIN;

	if (r->gfp & GFP_HIGH_BIT || r->t->rt_priority)
		f |= ALLOC_MIN_RESERVE;
	return f;
}

/* __gfp_pfmemalloc_flags(): who may dig into the reserves. */
static unsigned reserve_flags(const struct request *r)
{
	if (r->gfp & GFP_NOMEMALLOC_BIT)
		return 0;
	if (r->t->pf_memalloc)
		return ALLOC_NO_WATERMARKS;
	if (r->t->p->oom_mm)
		return r->w->km->victim_half_min ? (unsigned)WMARK_MIN | ALLOC_OOM : ALLOC_NO_WATERMARKS;
	return 0;
}

/* __alloc_pages_direct_reclaim() */
static bool direct_reclaim(struct request *r, uint64_t *ret_progress)
{
	struct world *w = r->w;
	struct task *t = r->t;
	sim_ns start;
	bool got = false;

	task_sync(w, t);
	start = w->now;
	psi_memstall_enter(w, t);
	t->pf_memalloc = true;
	*ret_progress = try_to_free_pages(w, t, r->order, r->gfp, &r->on);
	t->pf_memalloc = false;
	if (*ret_progress) {
		got = get_page(r);
		if (!got) {
			zones_drain_pcp(w);
			got = get_page(r);
		}
	}
	task_sync(w, t);
	psi_memstall_leave(w, t);
	t->delay_freepages += w->now - start;
	return got;
}

static void note_retry(const struct request *r)
{
	const struct zone *z;
	uint64_t reclaimable = 0, min = 0;
	int64_t free = 0;

	for_each_zone_of(r->w, z, ni, zi, alloc_hardwall_nodes(r->w, &r->on)) {
		reclaimable += zone_reclaimable_pages(r->w, z);
		min += zone_wmark(z, WMARK_MIN);
		free += z->nr_free;
	}
	world_event(r->w, EV_RECLAIM_RETRY, r->t->p, r->no_progress_loops, (int64_t)reclaimable, free, (int64_t)min);
}

/* ---- up to 4.6: any progress loops (specification B.8) ---- */

uint64_t oom_pages_scanned(struct world *w)
{
	uint64_t scanned = vm_stat(w, pgscan_kswapd) + vm_stat(w, pgscan_direct);

	if (vm_stat(w, pgfree) != w->oom.freed) {
		w->oom.freed = vm_stat(w, pgfree);
		w->oom.scanned = scanned;
	}
	return scanned - w->oom.scanned;
}

/* zone_reclaimable(): not before everything has been scanned six times without a page coming free is there no hope. The counter is
 * kept for the machine as a whole, and a page's return is noticed at the end of a round. */
static bool any_zone_reclaimable(const struct request *r)
{
	const struct zone *z;
	uint64_t reclaimable = 0;

	for_each_zone_of(r->w, z, ni, zi, alloc_hardwall_nodes(r->w, &r->on))
		reclaimable += zone_reclaimable_pages(r->w, z);
	return oom_pages_scanned(r->w) < 6 * reclaimable;
}

/* There is no count of rounds: after progress the request goes round again at once; after none, but with hope left, it waits for
 * the devices (the simulation: HZ/50 in full). */
static bool should_loop(struct request *r, uint64_t progress)
{
	if (progress) {
		r->no_progress_loops = 0;
		task_yield(r->w, r->t);
		return true;
	}
	r->no_progress_loops++;
	note_retry(r);
	if (!any_zone_reclaimable(r))
		return false;
	task_wait(r->w, r->t, NULL, TASK_UNINTERRUPTIBLE, r->w->now + NS_PER_SEC / 50);
	return true;
}

/* ---- since 4.7: rounds are counted (specification B.5) ---- */

/* 4.7 to 5.15: with most of the zone's pages on their way to a device, wait for that instead of scanning them again. With a
 * multi-queue block layer nothing ever says that the congestion is over, so the wait is HZ/10 in full. */
static void wait_for_dirty(struct request *r, const struct zone *z, uint64_t reclaimable)
{
	if (r->no_progress_loops && 2 * (uint64_t)(z->write_pending > 0 ? z->write_pending : 0) > reclaimable)
		task_wait(r->w, r->t, NULL, TASK_UNINTERRUPTIBLE, r->w->now + NS_PER_SEC / 10);
}

/* Would the request be let in if everything reclaimable were free? Before 6.12 nobody asks whether the cpuset has the zone. */
static bool reclaim_could_help(struct request *r)
{
	const struct zone *z;

	for_each_zone_of(r->w, z, ni, zi, r->w->km->retry_cpuset ? r->nodes : alloc_policy_nodes(r->w, &r->on)) {
		uint64_t reclaimable = zone_reclaimable_pages(r->w, z), hoped = reclaimable;

		if (zi > r->highest)
			continue;
		if (r->w->km->retry_discount)
			hoped -= ((uint64_t)r->no_progress_loops * reclaimable + 15) / 16;
		hoped += r->w->km->retry_sees_more;
		if (!zone_watermark_ok(r->w, z, r->order, zone_wmark(z, WMARK_MIN), r->highest, r->flags, hoped))
			continue;
		if (r->w->km->dirty_wait_in_retry)
			wait_for_dirty(r, z, reclaimable);
		return true;
	}
	return false;
}

/* should_reclaim_retry() */
static bool should_retry(struct request *r, uint64_t progress)
{
	bool again;

	if (r->w->km->retry == RETRY_PROGRESS)
		return should_loop(r, progress);
	if (progress && r->order <= COSTLY_ORDER)
		r->no_progress_loops = 0;
	else
		r->no_progress_loops++;
	again = r->no_progress_loops <= r->w->km->max_reclaim_retries && reclaim_could_help(r);
	if (r->no_progress_loops)
		note_retry(r);
	if (again)
		task_yield(r->w, r->t);
	return again;
}

/* Requests for which nobody is killed. */
static bool oom_is_pointless(const struct request *r)
{
	return r->order > COSTLY_ORDER || r->highest < 2;
}

/* __alloc_pages_may_oom() */
static bool may_oom(struct request *r, bool *ret_progress)
{
	struct world *w = r->w;
	unsigned saved = r->flags;
	nodemask_t nodes = r->nodes;
	bool got;

	*ret_progress = false;
	if (!oom_trylock(w, r->t)) {
		*ret_progress = true;
		task_wait(w, r->t, NULL, TASK_UNINTERRUPTIBLE, w->now + NS_PER_SEC / w->cfg->machine.hz);
		return false;
	}
	r->flags = WMARK_HIGH;
	r->nodes = alloc_hardwall_nodes(r->w, &r->on);
	got = get_page(r);
	r->flags = saved;
	r->nodes = nodes;
	if (!got && !oom_is_pointless(r)) {
		struct oom_control oc = { .gfp = r->gfp, .order = r->order, .highest_zone = r->highest,
					  .nodemask = r->on.policy, .no_progress_loops = r->no_progress_loops,
					  .reclaim_scanned = r->t->reclaim_scanned,
					  .reclaim_reclaimed = r->t->reclaim_reclaimed };

		*ret_progress = out_of_memory(w, r->t, &oc);
	}
	oom_unlock(w, r->t);
	return got;
}

static bool fail(struct request *r)
{
	if (!(r->gfp & GFP_NOWARN_BIT) && !fatal_signal_pending(r->t))
		world_event(r->w, EV_ALLOC_FAILED, r->t->p, r->order, r->gfp, 0, 0);
	return false;
}

/* Up to 4.13 a victim may take the last page, and fails rather than reclaims (TIF_MEMDIE; the process stands for its thread). */
static bool victim_has_all(const struct request *r)
{
	return !r->w->km->victim_half_min && r->t->p->oom_mm;
}

/* __alloc_pages_slowpath() */
static bool slow_path(struct request *r)
{
	const struct cost_cfg *cost = &r->w->cost;
	uint64_t progress;
	unsigned reserves;
	bool oom_progress;

	r->t->reclaim_scanned = r->t->reclaim_reclaimed = 0;
	r->flags = slow_flags(r);
	r->nodes = slow_nodes(r, 0);
	if (r->gfp & GFP_KSWAPD_RECLAIM_BIT)
		wake_all_kswapds(r);
	task_cpu(r->t, cost->alloc_slowpath);
	if (get_page(r))
		return true;
	for (;;) {
		if (r->w->error || r->w->over)
			return false;
		if (r->gfp & GFP_KSWAPD_RECLAIM_BIT)
			wake_all_kswapds(r);
		reserves = reserve_flags(r);
		if (reserves)
			r->flags = reserves;
		r->nodes = slow_nodes(r, reserves);
		if (get_page(r))
			return true;
		if (!(r->gfp & GFP_DIRECT_RECLAIM_BIT) || r->t->pf_memalloc)
			return fail(r);
		if (victim_has_all(r)) /* and even so found nothing */
			return fail(r);
		if (direct_reclaim(r, &progress))
			return true;
		if (r->gfp & GFP_NORETRY_BIT)
			return fail(r);
		if (should_retry(r, progress))
			continue;
		if (may_oom(r, &oom_progress))
			return true;
		if (r->t->p->oom_mm && r->flags & ALLOC_OOM)
			return fail(r);
		if (!oom_progress)
			return fail(r);
		r->no_progress_loops = 0;
	}
}

static bool allocate(struct request *r)
{
	r->flags = WMARK_LOW;
	r->highest = gfp_zone(r->gfp);
	r->page = PFN_NONE;
	set_nodes(r);
	return get_page(r) || slow_path(r);
}

pfn_t alloc_page(struct world *w, struct task *t, uint32_t gfp)
{
	struct request r = { .w = w, .t = t, .gfp = gfp };

	return allocate(&r) ? r.page : PFN_NONE;
}

pfn_t alloc_page_for(struct world *w, struct task *t, uint32_t gfp, uint32_t charge_gfp)
{
	pfn_t p = alloc_page(w, t, gfp);

	if (p == PFN_NONE || !w->mm.f.memcg || memcg_charge_page(w, t, p, charge_gfp))
		return p;
	free_page(w, p);
	return PFN_NONE;
}

bool alloc_kernel(struct world *w, struct task *t, uint32_t gfp, int order)
{
	struct request r = { .w = w, .t = t, .gfp = gfp, .order = order, .kernel = true };

	return allocate(&r);
}

bool alloc_slab(struct world *w, struct task *t, uint32_t gfp)
{
	struct request r = { .w = w, .t = t, .gfp = gfp, .kernel = true, .steals = true };

	return allocate(&r);
}
