/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seam between reclaim and its two models: the classic active and inactive lists (classic_reclaim) and the
 * multi-generational LRU (mglru_reclaim). What both share stays in front of it: when kswapd runs, how a direct reclaimer
 * retries and waits, what becomes of an isolated page. A model decides on which list a page lies, which page goes next, and
 * what a second use means.
 */
#ifndef OOMSIM_MM_RECLAIM_H
#define OOMSIM_MM_RECLAIM_H

#include "sim/mm/mm.h"

struct scan_control;
struct vma;

/* What a page's accessed bits mean to reclaim: take it, take it only if that needs no write, leave it where it is, or promote. */
enum reference { REF_RECLAIM, REF_RECLAIM_CLEAN, REF_KEEP, REF_ACTIVATE };

struct reclaim_ops {
	const char *name;
	/* Per-node state; called once, when a world is built. NULL: none. */
	int (*init)(struct world *w);
	void (*free)(struct world *w);

	/* Evictable pages on lists. add: `rotated` is a page whose write has ended, to go where eviction finds it first. The model
	 * links, counts (lru_count) and may change F_ACTIVE; F_ONLRU is its caller's. */
	void (*add)(struct world *w, pfn_t p, bool rotated);
	void (*del)(struct world *w, pfn_t p);
	void (*mark_accessed)(struct world *w, pfn_t p); /* a use through read() or write() */

	/* Eviction history: the shadow a page leaves (0: none, at most 30 bits), and its return. */
	uint32_t (*eviction)(struct world *w, pfn_t p);
	void (*refault)(struct world *w, pfn_t p, uint32_t shadow);

	/* One pass over a node, and what kswapd does before each of its passes. may switch. */
	void (*age_node)(struct scan_control *sc, struct node *n);
	void (*shrink_node)(struct scan_control *sc, struct node *n);

	/* Judging one isolated page: clears its accessed bits. */
	enum reference (*check_references)(struct world *w, pfn_t p);
	/* rmap.c found page idx of v accessed: look at its neighbours too. NULL: no. */
	void (*look_around)(struct world *w, struct vma *v, uint64_t idx);
};

extern const struct reclaim_ops classic_reclaim, mglru_reclaim;
extern const struct reclaim_ops *const reclaim_models[]; /* NULL-terminated; tests loop over it */

/* The one in use; chosen by the configuration, else by the kernel model. */
static inline const struct reclaim_ops *reclaim_of(const struct mm_state *mm)
{
	return mm->reclaim ? mm->reclaim : &classic_reclaim;
}
int reclaim_init(struct world *w);
void reclaim_free(struct world *w);

/* lru.c, for the models. Lists are rings; numbers up to NR_LRU_LISTS are enum lru_list, the rest are the model's own. */
uint32_t lru_head(const struct world *w, int node, unsigned list);
void lru_link(struct world *w, uint32_t where, pfn_t p); /* behind a head or a frame */
void lru_unlink(struct world *w, pfn_t p);
void lru_count(struct world *w, struct zone *z, enum lru_list l, int64_t by);
void lruvec_count(struct world *w, struct lruvec *v, struct zone *z, enum lru_list l, int64_t by);
uint32_t lruvec_head(const struct world *w, const struct lruvec *v, unsigned list);

#endif
