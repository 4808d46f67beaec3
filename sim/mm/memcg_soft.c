/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memory.soft_limit_in_bytes of version 1: reclaim of the machine turns first to the cgroup that exceeds its own most
 * (mm/memcontrol.c of 6.1: mem_cgroup_soft_limit_reclaim, mem_cgroup_soft_reclaim; specification H.8). Leaves out: the tree of
 * excesses that the kernel keeps by node and brings up to date every 1024 pages: here the excess is what it is now.
 */
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#define MAX_RECLAIM_LOOPS      100 /* MEM_CGROUP_MAX_RECLAIM_LOOPS */
#define MAX_SOFT_RECLAIM_LOOPS 2   /* MEM_CGROUP_MAX_SOFT_LIMIT_RECLAIM_LOOPS */

static uint64_t excess(const struct memcg *m)
{
	return memcg_is_root(m) || m->offline ? 0 : u64_sub0(m->memory.usage, m->soft_limit);
}

/* The largest excess but that of `not`; of equals the last. */
static struct memcg *largest(struct world *w, const struct memcg *not)
{
	struct memcg *best = NULL;

	for_each_memcg(w, m, NULL)
		if (m != not && excess(m) && excess(m) >= (best ? excess(best) : 1))
			best = m;
	return best;
}

/* mem_cgroup_shrink_node(): all of one cgroup's lists, until 32 pages are found. */
static uint64_t shrink_one(struct world *w, struct task *t, struct memcg *m, struct node *n, uint32_t gfp, uint64_t *scanned)
{
	struct scan_control sc = { .w = w, .t = t, .target = m, .nr_to_reclaim = SWAP_CLUSTER_MAX, .gfp = gfp,
				   .reclaim_idx = MAX_ZONES - 1, .may_writepage = true, .may_unmap = true, .may_swap = true };

	classic_shrink_memcg(&sc, n, m);
	*scanned += sc.nr_scanned;
	return sc.nr_reclaimed;
}

/* Round m's subtree, at least twice, until a quarter of the excess is gone. */
static uint64_t soft_reclaim(struct world *w, struct task *t, struct memcg *m, struct node *n, uint32_t gfp, uint64_t *scanned)
{
	uint64_t before = excess(m), total = 0;

	for (unsigned loop = 0; loop <= MAX_RECLAIM_LOOPS && !w->over && !w->error; loop++) {
		if (loop >= 2 && (!total || total >= before / 4))
			break;
		for_each_memcg(w, c, m) {
			total += shrink_one(w, t, c, n, gfp, scanned);
			if (!excess(m))
				return total;
		}
	}
	return total;
}

uint64_t memcg_soft_reclaim(struct world *w, struct task *t, struct node *n, int order, uint32_t gfp, uint64_t *scanned)
{
	struct memcg *m;
	uint64_t got = 0;

	if (!w->memcg.v1 || order > 0 || w->mm.reclaim == &mglru_reclaim)
		return 0;
	m = largest(w, NULL);
	for (unsigned loop = 0; m && !got && loop <= MAX_SOFT_RECLAIM_LOOPS; loop++) {
		got = soft_reclaim(w, t, m, n, gfp, scanned);
		m = largest(w, m);
	}
	return got;
}
