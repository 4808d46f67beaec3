/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Badness rules: how a kernel scores a process for the OOM killer. One file a rule, named after the first version that has
 * it; a kernel model points to the rule it uses. A rule ranks and nothing more: who is asked, in what order, and what
 * happens to the winner is the engine's business.
 *
 * From 2.6.11 to 2.6.35 the rule guessed from address space, CPU time and age; from 2.6.36 it measures memory, first in
 * thousandths of all there is, since 3.5 in pages.
 */
#ifndef OOMSIM_MODELS_BADNESS_H
#define OOMSIM_MODELS_BADNESS_H

#include "sim/world/model.h"

extern const struct badness_ops badness_v2_6_11; /* 2.6.11 .. 2.6.15 */
extern const struct badness_ops badness_v2_6_24; /* 2.6.17 .. 2.6.25 */
extern const struct badness_ops badness_v2_6_32; /* 2.6.26 .. 2.6.35 */
extern const struct badness_ops badness_v2_6_36; /* 2.6.36 .. 2.6.38 */
extern const struct badness_ops badness_v3_0;    /* 2.6.39 .. 3.4 */
extern const struct badness_ops badness_v3_10;   /* 3.5 .. 3.13 */
extern const struct badness_ops badness_v3_18;   /* 3.14 .. 3.19 */
extern const struct badness_ops badness_v4_4;    /* 4.0 .. 4.5 */
extern const struct badness_ops badness_v4_9;    /* 4.6 .. 4.14 */
extern const struct badness_ops badness_v4_15;   /* 4.15, 4.16 */
extern const struct badness_ops badness_v4_19;   /* 4.17 .. 5.2 */
extern const struct badness_ops badness_v5_4;    /* 5.3 .. 5.8 */
extern const struct badness_ops badness_v5_10;   /* 5.9 and later */

#define KERNEL_PAGE   4096
#define ADJ_NEVER     (-1000) /* OOM_SCORE_ADJ_MIN */
#define OLD_ADJ_NEVER (-17)   /* OOM_DISABLE */

/* What a rule knows of besides init, kernel threads and tasks without memory. */
enum badness_never { NEVER_OOM_ADJ = 1, NEVER_SCORE_ADJ = 2, NEVER_SHARER = 4, NEVER_OOM_SKIP = 8, NEVER_VFORK = 16 };

/* Static text why a process is no candidate, or NULL. `knows`: bits of enum badness_never. */
const char *badness_why_never(const struct badness_in *in, unsigned knows);
/* Resident and swapped pages. */
static inline int64_t badness_memory(const struct badness_in *in)
{
	return (int64_t)(in->rss + in->swapents);
}
/* oom_score_adj thousandths of totalpages; the division first, so that a domain of fewer than 1000 pages feels no adj. */
static inline int64_t badness_adj(int adj, uint64_t totalpages)
{
	return (int64_t)adj * (int64_t)(totalpages / 1000);
}
/* CAP_SYS_ADMIN from 3.14 to 4.16: 3 % of the task's own points are forgiven. */
int64_t badness_root_3_percent(const struct badness_in *in, int64_t points);
/* "Never return 0 for an eligible task": what 3.5 to 5.8 do to a sum that came out at or below 0. */
static inline int64_t badness_floor(int64_t points)
{
	return points > 0 ? points : 1;
}
/* /proc/PID/oom_score of 3.5 to 5.8: a rule's points in thousandths of totalpages, 0 for who is never killed. Swapoff does not
 * count: oom_badness() itself does not know of it. */
int badness_per_mille(int64_t (*points)(const struct badness_in *in, uint64_t totalpages), const struct badness_in *in,
		      uint64_t totalpages);
/* The classic rules: divide by the square root of CPU time and the fourth root of age, double for nice. */
uint64_t badness_time_and_nice(const struct badness_in *in, uint64_t points, uint64_t cpu_jiffies);
/* The classic rules: shift by oom_adj. */
uint64_t badness_shift(uint64_t points, int oom_adj);
/* /proc/PID/oom_score of the classic rules: the points as they are. */
int badness_raw_score(int64_t points);

#endif
