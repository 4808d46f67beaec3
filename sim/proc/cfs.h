/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fair class's arithmetic, for sched.c: the timeline of runnable tasks, where a task enters it, who preempts whom,
 * when a slice ends (kernel/sched/fair.c of 6.1). Virtual times are compared by their difference, as they may wrap.
 */
#ifndef OOMSIM_PROC_CFS_H
#define OOMSIM_PROC_CFS_H

#include "sim/world/engine.h"

#define CFS_NR_LATENCY 8u    /* sched_nr_latency: with more tasks the period grows */
#define CFS_WEIGHT_0   1024u /* of nice 0 */

/* The timeline: tasks of c that are runnable and do not run. */
void cfs_insert(struct cpu *c, struct task *t);
void cfs_remove(struct cpu *c, struct task *t);
/* Who goes next: the leftmost, or the buddy if it is not too far behind. NULL: nobody. */
struct task *cfs_next(const struct world *w, const struct cpu *c);

/* t's virtual time by now, whether it runs or not. */
uint64_t cfs_vruntime(const struct world *w, const struct task *t);
/* Let c->min_vruntime follow its tasks. */
void cfs_update_min(const struct world *w, struct cpu *c);
/* Give t, about to join c, its virtual time: `from` is the min_vruntime its present one is relative to. fresh: a new
 * task. */
void cfs_place(const struct world *w, struct cpu *c, struct task *t, uint64_t from, bool fresh);
/* May t, which has woken up, take the CPU from c's current task? */
bool cfs_preempts(const struct world *w, const struct cpu *c, const struct task *t);
/* The tick at which c's current task has had enough; SIM_NEVER if nobody waits. */
sim_ns cfs_slice_end(const struct world *w, const struct cpu *c);

#endif
