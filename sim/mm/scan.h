/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of reclaim share: one invocation's state (struct scan_control) and its steps. */
#ifndef OOMSIM_MM_SCAN_H
#define OOMSIM_MM_SCAN_H

#include "sim/mm/mm.h"
#include "sim/mm/reclaim.h"
#include "sim/proc/task.h"

#define SWAP_CLUSTER_MAX    32
#define DEF_PRIORITY        12
#define MAX_RECLAIM_RETRIES 16

struct scan_control {
	struct world *w;
	struct task *t;
	struct memcg *target;      /* reclaim in this cgroup's subtree; NULL: of the machine */
	struct lruvec *lruvec;     /* the lists being shrunk; NULL: the node's (scan_lruvec) */
	bool memcg_low_reclaim, memcg_low_skipped; /* memory.low no longer counts; it has made a difference */
	uint64_t nr_to_reclaim;
	uint32_t gfp;
	int order, reclaim_idx, priority;
	int first_node;            /* direct reclaim: whose zone list ... */
	nodemask_t nodes;          /* ... and of that which nodes */
	bool kswapd;
	bool may_writepage, may_unmap, may_swap;
	bool may_deactivate[2];    /* anon, file */
	bool force_deactivate, skipped_deactivate;
	bool cache_trim_mode, file_is_tiny;
	bool no_cache_trim_mode, cache_trim_failed; /* kswapd's second round (kernel_model.no_cache_trim_retry) */
	bool aged, skip_aging;     /* mglru: 6.1's kswapd ages only after a pass that found too few old pages */
	uint64_t last_reclaimed;   /* mglru: nr_reclaimed when kswapd's round began */
	uint64_t nr_scanned, nr_reclaimed;
	/* Of the pass over one node: */
	struct {
		uint64_t dirty, unqueued_dirty, congested, writeback, immediate, taken, file_taken;
	} nr;
};

static inline struct lruvec *scan_lruvec(const struct scan_control *sc, const struct node *n)
{
	return sc->lruvec ? sc->lruvec : (struct lruvec *)&n->lruvec;
}
/* Those of the target as a whole: what decides about balance and deactivation. */
struct lruvec *target_lruvec(const struct scan_control *sc, const struct node *n); /* vmscan.c */
static inline bool cgroup_reclaim(const struct scan_control *sc) { return sc->target; }

/* What shrink_page_list() did with a batch. */
struct reclaim_stat {
	uint64_t dirty, unqueued_dirty, congested, writeback, immediate, pageout, activate[2], ref_keep;
};

/* scan_balance.c: how much of each list to scan (get_scan_count), and the flags it depends on (prepare_scan_count). */
void prepare_scan_count(struct scan_control *sc, struct node *n);
void get_scan_count(struct scan_control *sc, const struct node *n, uint64_t nr[4]);
bool inactive_is_low(const struct lruvec *v, bool file);
bool can_reclaim_anon(const struct world *w);

/* shrink_list.c: the two halves of scanning. Both return pages reclaimed. may switch. */
uint64_t shrink_inactive_list(struct scan_control *sc, struct node *n, bool file, uint64_t nr);
void shrink_active_list(struct scan_control *sc, struct node *n, bool file, uint64_t nr);

/* shrink_list.c: an isolated page goes back to its list. */
void reclaim_put_back(struct world *w, pfn_t p);
void reclaim_count_scan(struct scan_control *sc, bool file, uint64_t n);
void reclaim_count_steal(struct scan_control *sc, bool file, uint64_t n);

/* The classic model's parts (reclaim.c). */
void classic_add(struct world *w, pfn_t p, bool rotated);
void classic_del(struct world *w, pfn_t p);
void classic_mark_accessed(struct world *w, pfn_t p);
uint32_t classic_eviction(struct world *w, pfn_t p);
void classic_refault(struct world *w, pfn_t p, uint32_t shadow);
void classic_age_node(struct scan_control *sc, struct node *n);
void classic_shrink_node(struct scan_control *sc, struct node *n);
enum reference classic_check_references(struct world *w, pfn_t p);

/* lru.c: C.9. */
void lru_note_reclaim(struct world *w, struct lruvec *v, bool file, uint64_t io, uint64_t rotated);
/* scan_balance.c: costs noted lazily are added now. */
void apply_noted_costs(struct world *w, struct lruvec *v);

/* vmscan.c: does m's protection let this pass have it? (shrink_node_memcgs) */
bool memcg_may_shrink(struct scan_control *sc, struct memcg *m);
/* vmscan.c: one pass over a node by the model in use; the frame of one, with shrink_lruvec in its middle; after one. may switch. */
void shrink_node_with(struct scan_control *sc, struct node *n, void (*shrink)(struct scan_control *sc, struct node *n));
void note_node_progress(struct scan_control *sc, struct node *n, bool progress);
void shrink_node(struct scan_control *sc, struct node *n);
void snapshot_refaults(struct world *w, struct node *n, struct memcg *target);
enum throttle_reason { THROTTLE_WRITEBACK, THROTTLE_CONGESTED, THROTTLE_NOPROGRESS, THROTTLE_ISOLATED };
void reclaim_throttle(struct scan_control *sc, struct node *n, enum throttle_reason why);

/* shrink_page.c: what becomes of one isolated page. */
enum page_fate { PAGE_KEPT, PAGE_ACTIVATED, PAGE_FREED };
enum page_fate shrink_page(struct scan_control *sc, pfn_t p, struct reclaim_stat *st);

#endif
