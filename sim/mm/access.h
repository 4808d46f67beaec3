/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a program uses its pages, without visiting the uses ("hits cost nothing").
 *
 * A touch step is a stream of independent accesses over the pages of a VMA with fixed weights (uniform, zipf, hot and cold),
 * or a cyclic sweep. Two questions are all the kernel's behaviour depends on, and both are answered by a draw when asked:
 *   - when does the next fault come, and on which page? The number of hits before it is geometric with the share of the
 *     weight that is missing; the page is drawn by weight among the missing ones. Memoryless, so a change of residency just
 *     draws again.
 *   - was this page used since reclaim last looked? With probability 1 - (1 - w)^n, n accesses since then.
 * For a sweep both are arithmetic on its position. tests/proc/access.c holds this against visiting every access.
 */
#ifndef OOMSIM_MM_ACCESS_H
#define OOMSIM_MM_ACCESS_H

#include "sim/core/units.h"
#include "sim/world/config.h"

struct vma;
struct world;
struct task;

struct access {
	bool active;           /* a pattern has been set */
	bool write;
	enum access_pattern pattern;
	uint64_t off, n;       /* pages [off, off+n) of the VMA */
	double zipf_s, hot_weight;
	uint64_t hot;          /* HOTCOLD: pages [off, off+hot) are hot */
	uint64_t clock;        /* accesses made since the pattern was set */
	unsigned shift;        /* stamps are clock >> shift */
	uint64_t pos0;         /* SEQUENTIAL: page index (0..n-1) of access number 0 */
	uint64_t stride;       /* ZIPF: rank r is page r * stride mod n, so that hot pages do not lie side by side */
	uint64_t unstride;     /* its inverse */
	uint32_t *zipf_weight; /* by rank */
	uint64_t total, missing; /* sum of weights; of those that would fault */
	uint64_t *fenwick;     /* missing weight by chunk of the VMA, as a Fenwick tree from index 1 */
	uint32_t nfen;
	/* A task that has gone ahead without visiting hits: accesses it has made since it left, for access_clock(). */
	struct task *runner;   /* running a burst of touches, each `touch_ns` */
	sim_ns touch_ns;
	struct task *leaper;   /* asleep between paced batches */
	sim_ns leap_from, leap_period;
	uint64_t leap_batch;
};

/* Begin a pattern on v (which keeps it until the next). Weights are counted afresh: O(chunks + resident pages). The pages'
 * accessed bits of the pattern before are settled first. Returns SIM_OK or SIM_ENOMEM. */
int access_begin(struct world *w, struct vma *v, const struct access *pattern);
void access_free(struct world *w, struct access *a);
/* Settle the accessed and dirty bits of all of v's pages, as if looked at now, and forget the pattern. */
void access_settle(struct world *w, struct vma *v);

/* The number of accesses made so far, including those of a task that is under way. */
uint64_t access_clock(struct world *w, const struct vma *v);
uint32_t access_stamp(struct world *w, const struct vma *v);

/* Was page idx of v accessed since `stamp`? Draws from the world's stream. *ret_dirty is set when the access was a write. */
bool access_referenced(struct world *w, const struct vma *v, uint64_t idx, uint32_t stamp, bool *ret_dirty);

/* Hits before the next fault from now on (UINT64_MAX / 4 or more: none in sight). Draws from the task's stream. */
uint64_t access_hits(struct world *w, struct vma *v, struct sim_rng *rng);
/* The page that faults next, given that one does: drawn by weight among the missing, or the next hole of a sweep. */
uint64_t access_fault_page(struct world *w, struct vma *v, struct sim_rng *rng);
/* One access by pattern whether it hits or not: the per-access mode. */
uint64_t access_draw(struct world *w, struct vma *v, struct sim_rng *rng);

/* An entry of v changed: whether page idx would fault, before and after. */
void access_note(struct world *w, struct vma *v, uint64_t idx, bool was_missing, bool is_missing);

#endif
