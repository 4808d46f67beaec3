/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.high: who goes above it reclaims and is slowed down, but nobody is killed (mm/memcontrol.c of 6.1:
 * mem_cgroup_handle_over_high, calculate_high_delay; specification H.7). */
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#define DELAY_PRECISION_SHIFT 20
#define DELAY_SCALING_SHIFT   14
#define MAX_DELAY_S           2

/* The square of the overage, so that a little costs little: 10 % above is 640 ms. */
uint64_t memcg_high_delay(uint64_t usage, uint64_t high, uint64_t nr_pages, uint32_t batch, unsigned hz)
{
	unsigned __int128 over, delay;

	if (usage <= high)
		return 0;
	over = ((unsigned __int128)(usage - high) << DELAY_PRECISION_SHIFT) / u64_max(high, 1);
	if (over > UINT64_C(1) << 40) /* far beyond the longest delay already */
		over = UINT64_C(1) << 40;
	delay = (over * over * hz) >> DELAY_PRECISION_SHIFT >> DELAY_SCALING_SHIFT;
	delay = delay * nr_pages / batch;
	return delay > UINT32_MAX ? UINT32_MAX : (uint64_t)delay;
}

/* The worst of m and its ancestors. */
static uint64_t delay_of(struct world *w, struct memcg *m, uint64_t nr_pages, bool swap)
{
	uint64_t worst = 0;

	if (swap && !w->km->memcg_swap_high)
		return 0;
	for_each_ancestor(a, m) worst =
		u64_max(worst, memcg_high_delay(swap ? a->swap.usage : a->memory.usage, swap ? a->swap_high : a->high,
						nr_pages, memcg_batch(w), w->cfg->machine.hz));
	if (swap)
		for_each_ancestor(a, m) if (a->swap.usage > a->swap_high) memcg_event(a, w, MEMCG_SWAP_HIGH);
	return u64_min(worst, (uint64_t)MAX_DELAY_S * w->cfg->machine.hz);
}

/* reclaim_high(): every level that is above. */
static uint64_t reclaim_high(struct world *w, struct task *t, struct memcg *m, uint32_t nr_pages)
{
	uint64_t got = 0;

	for_each_ancestor(a, m)
	{
		if (a->memory.usage <= a->high)
			continue;
		memcg_event(a, w, MEMCG_HIGH);
		task_sync(w, t);
		psi_memstall_enter(w, t);
		got += memcg_reclaim(w, t, a, nr_pages, GFP_KERNEL);
		task_sync(w, t);
		psi_memstall_leave(w, t);
	}
	return got;
}

static void sleep_off(struct world *w, struct task *t, const struct memcg *m, uint64_t jiffies)
{
	unsigned hz = w->cfg->machine.hz;

	task_sync(w, t);
	world_event(w, EV_MEMCG_HIGH_SLEEP, t->p, m->id, (int64_t)(jiffies * 1000 / hz), (int64_t)m->memory.usage,
		    m->high < MEMCG_UNLIMITED ? (int64_t)m->high : -1);
	psi_memstall_enter(w, t);
	task_wait(w, t, NULL, TASK_KILLABLE, w->now + jiffies * (NS_PER_SEC / hz));
	psi_memstall_leave(w, t);
}

void memcg_handle_over_high(struct world *w, struct task *t)
{
	uint32_t nr_pages = t->over_high, n = nr_pages;
	struct memcg *m = t->p->memcg;
	unsigned retries = MAX_RECLAIM_RETRIES, hz = w->cfg->machine.hz;
	uint64_t got, delay;

	t->over_high = 0;
	for (;;) {
		if (w->over || w->error)
			return;
		got = reclaim_high(w, t, m, n);
		if (!w->km->memcg_high_sleeps)
			return;
		delay = delay_of(w, m, nr_pages, false) + delay_of(w, m, nr_pages, true);
		delay = u64_min(delay, (uint64_t)MAX_DELAY_S * hz);
		if (delay <= hz / 100)
			return;
		if (!got && !retries--)
			break;
		n = SWAP_CLUSTER_MAX;
	}
	sleep_off(w, t, m, delay);
}

void memcg_check_high(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t n)
{
	for_each_ancestor(a, m)
	{
		if (a->memory.usage <= a->high && a->swap.usage <= a->swap_high)
			continue;
		t->over_high += n;
		break;
	}
	/* Since 5.19, which brought the larger batch too, a large charge does not wait for the way back to user
	 * mode. */
	if (memcg_batch(w) == MEMCG_BATCH && t->over_high > MEMCG_BATCH && !t->pf_memalloc &&
	    gfp & GFP_DIRECT_RECLAIM_BIT)
		memcg_handle_over_high(w, t);
}
