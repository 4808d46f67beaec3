/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a program uses its pages, without visiting the uses ("hits cost nothing").
 *
 * A touch step is a stream of independent accesses over the pages of a VMA with fixed weights (uniform, zipf, hot and
 * cold), or a cyclic sweep. Two questions are all the kernel's behaviour depends on, and both are answered by a draw
 * when asked:
 *   - when does the next fault come, and on which page? The number of hits before it is geometric with the share of
 *     the weight that is missing; the page is drawn by weight among the missing ones. Memoryless, so a change of
 *     residency just draws again.
 *   - was this page used since reclaim last looked? With probability 1 - (1 + w)^-n, n accesses since then (weights.c
 *     says why not (1 - w)^n).
 * For a sweep both are arithmetic on its position. tests/mm/access_model.c holds this against visiting every access.
 *
 * Page indexes (idx) are those of the VMA throughout.
 */
#ifndef OOMSIM_MM_ACCESS_H
#define OOMSIM_MM_ACCESS_H

#include "sim/core/units.h"
#include "sim/mm/weights.h"

struct vma;
struct world;
struct task;

#define ACCESS_NO_FAULT (UINT64_MAX / 4) /* hits that never end */

struct access {
	/* What the caller of access_begin() fills in. */
	bool write;
	enum access_pattern pattern;
	uint64_t off, n; /* pages [off, off+n) of the VMA */
	double zipf_s, hot_weight;
	uint64_t hot;  /* HOTCOLD: pages [off, off+hot) are hot */
	uint64_t pos0; /* SEQUENTIAL: page (0..n-1, from off) of access number 0 */

	bool active;    /* a pattern has been set */
	uint64_t clock; /* accesses made since the pattern was set */
	unsigned shift; /* a stamp is (clock >> shift) - base */
	uint64_t base;
	struct weights weight; /* by page from off */
	uint64_t missing;      /* weight of the pages that would fault, of weight.total */
	uint64_t *fenwick;     /* missing weight by 64 pages of the VMA, as a Fenwick tree from index 1 */
	uint32_t nfen;
	uint64_t hole; /* SEQUENTIAL: number of the access that access_hits() said will fault */
	/* A task that has gone ahead without visiting hits: accesses it has made since it left, for access_clock(). */
	struct task *runner; /* running a burst of touches, each `touch_ns` */
	sim_ns touch_ns;
	struct task *leaper; /* asleep between paced batches */
	sim_ns leap_from, leap_period;
	uint64_t leap_batch;
};

/* Begin a pattern on v (which keeps it until the next). Weights are counted afresh: O(n), a few ns a page. The pages'
 * accessed bits of the pattern before are settled first. A pattern that equals the one under way just goes on, at no
 * cost and without resetting its clock. Returns SIM_OK, SIM_ENOMEM or SIM_ETOOBIG (then v has no pattern). */
int access_begin(struct world *w, struct vma *v, const struct access *pattern);
void access_free(struct world *w, struct access *a);
/* Settle the accessed and dirty bits of all of v's pages, as if looked at now, and forget the pattern. */
void access_settle(struct world *w, struct vma *v);

/* The number of accesses made so far, including those of a task that is under way. */
uint64_t access_clock(struct world *w, const struct vma *v);
/* For frames.stamp: accesses from now on are since this stamp. 0 when v has no pattern. */
uint32_t access_stamp(struct world *w, struct vma *v);

/* Was page idx of v, mapped, accessed since `stamp`? Draws from the world's stream. *ret_dirty is set (else
 * untouched) when the access was a write. Ask before the entry changes: an entry that would fault has not been
 * accessed. Always false in the per-access mode, where each access sets F_YOUNG itself. */
bool access_referenced(struct world *w, struct vma *v, uint64_t idx, uint32_t stamp, bool *ret_dirty);

/* Hits before the next fault from now on (ACCESS_NO_FAULT or more: none in sight). Draws from the task's stream. When
 * they are done the clock must have advanced by them, and by one more when the fault is over. */
uint64_t access_hits(struct world *w, struct vma *v, struct sim_rng *rng);
/* The page that faults next, given that one does: drawn by weight among the missing, or the next hole of a sweep.
 * UINT64_MAX if nothing is missing. */
uint64_t access_fault_page(struct world *w, struct vma *v, struct sim_rng *rng);
/* One access by pattern whether it hits or not: the per-access mode. */
uint64_t access_draw(struct world *w, struct vma *v, struct sim_rng *rng);

/* An entry of v changed: whether page idx would fault, before and after. Cuts short whoever has gone ahead on the
 * strength of the old answer, unless it is that task itself that runs. */
void access_note(struct world *w, struct vma *v, uint64_t idx, bool was_missing, bool is_missing);

#endif
