/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reclaim: direct reclaim, kswapd, refault detection, whatever the model of the lists (reclaim.h; mm/vmscan.c, mm/workingset.c;
 * specification C, D). */
#ifndef OOMSIM_MM_VMSCAN_H
#define OOMSIM_MM_VMSCAN_H

#include "sim/mm/mm.h"
#include "sim/proc/task.h"

struct alloc_nodes; /* mempolicy.h */

/* Direct reclaim for a request of 2^order pages, in the nodes that policy and cpuset leave. Returns pages reclaimed (progress). may
 * switch. */
uint64_t try_to_free_pages(struct world *w, struct task *t, int order, uint32_t gfp, const struct alloc_nodes *on);
/* Wake kswapd of node n if it sleeps and has something to do (spec B.3). */
void wakeup_kswapd(struct world *w, struct node *n, int order, int highest_zone);
/* pgdat_balanced(): one zone up to `highest` is above its high watermark. */
bool node_balanced(const struct world *w, const struct node *n, int order, int highest);
int kswapd_start(struct world *w);
void kswapd_free(struct world *w);

/* workingset.c: the shadow a page leaves when evicted by reclaim in `target` (0 is "none"), and what a refault makes of it: flags F_ACTIVE and
 * F_WORKINGSET on p, counters. */
uint32_t workingset_eviction(struct world *w, pfn_t p, struct memcg *target);
void workingset_refault(struct world *w, pfn_t p, uint32_t shadow);
void workingset_activation(struct world *w, pfn_t p);
void workingset_age_nonresident(struct lruvec *v, uint64_t pages);

/* Drop clean pages and dentries of the slab (shrink_slab), of node n as far as it has some: pages freed. */
uint64_t shrink_slab(struct world *w, const struct node *n, int priority);

/* A page's write has ended: put it where reclaim finds it next (folio_rotate_reclaimable), or free what nobody wants. */
void reclaim_write_done(struct world *w, pfn_t p);

#endif
