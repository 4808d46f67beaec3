/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reclaimers that wait: for writes, for somebody's progress (mm/vmscan.c: reclaim_throttle, skip_throttle_noprogress; specification
 * C.15). */
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* Before 5.16: congestion_wait() and wait_iff_congested(). No multi-queue device ever says that it is congested, so the first
 * always sleeps its full time and the second never. */
static void congestion_wait(struct scan_control *sc, struct node *n, enum throttle_reason why)
{
	struct world *w = sc->w;

	(void)n;
	task_yield(w, sc->t);
	if (why == THROTTLE_WRITEBACK || why == THROTTLE_ISOLATED)
		task_wait(w, sc->t, NULL, TASK_UNINTERRUPTIBLE, w->now + NS_PER_SEC / 10);
}

static bool nothing_to_wait_for(const struct world *w, const struct node *n)
{
	uint64_t reclaimable = 0, pending = 0;

	if (n->kswapd_failures >= MAX_RECLAIM_RETRIES)
		return true;
	for (int zi = 0; zi < MAX_ZONES; zi++) {
		if (!n->zone[zi].managed)
			continue;
		reclaimable += zone_reclaimable_pages(w, &n->zone[zi]);
		pending += (uint64_t)n->zone[zi].write_pending;
	}
	return 2 * pending <= reclaimable;
}

void reclaim_throttle(struct scan_control *sc, struct node *n, enum throttle_reason why)
{
	struct world *w = sc->w;
	sim_ns jiffy = NS_PER_SEC / w->cfg->machine.hz, timeout = jiffy;
	unsigned hz = w->cfg->machine.hz;

	if (w->km->congestion_wait) {
		congestion_wait(sc, n, why);
		return;
	}
	switch (why) {
	case THROTTLE_WRITEBACK:
		timeout = hz / 10 * jiffy;
		break;
	case THROTTLE_CONGESTED:
	case THROTTLE_NOPROGRESS:
		if (nothing_to_wait_for(w, n)) {
			task_yield(w, sc->t);
			return;
		}
		break;
	case THROTTLE_ISOLATED:
		timeout = u64_max(hz / 50, 1) * jiffy;
		break;
	}
	task_sync(w, sc->t);
	if (why == THROTTLE_WRITEBACK)
		n->throttled_written = 0;
	task_wait(w, sc->t, &n->throttle_wait[why], TASK_UNINTERRUPTIBLE, w->now + timeout);
}

void reclaim_write_done(struct world *w, pfn_t p)
{
	struct node *n = frame_node(w, p);

	if (++n->throttled_written > SWAP_CLUSTER_MAX)
		waitq_wake_all(w, &n->throttle_wait[THROTTLE_WRITEBACK]);
	if (!(w->mm.f.flags[p] & F_RECLAIM))
		return;
	w->mm.f.flags[p] &= (uint16_t)~F_RECLAIM;
	if (w->mm.f.flags[p] & F_ONLRU && !(w->mm.f.flags[p] & (F_DIRTY | F_LOCKED | F_MLOCKED)))
		lru_rotate(w, p);
}
