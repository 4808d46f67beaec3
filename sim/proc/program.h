/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a workload program: what the coroutine of a user process does from start to exit. */
#ifndef OOMSIM_PROC_PROGRAM_H
#define OOMSIM_PROC_PROGRAM_H

#include "sim/proc/task.h"

/* Create instance `instance` (0..count-1) of a configured process at the current time and make it run: fork and exec costs are
 * charged to it, its executable's resident text and private pages are set up. */
void program_spawn(struct world *w, const struct process_cfg *cfg, uint64_t instance);
/* The same in two parts, for PID 1, which exists before the first kernel thread and starts with the run. create: NULL (and
 * world_fail) when out of host memory. */
struct process *program_create(struct world *w, const struct process_cfg *cfg, uint64_t instance);
void program_start(struct world *w, struct process *p);
/* p has ended: end its container and start it again, if it is one's first process (restart.c). */
void restart_exited(struct world *w, struct process *p);
/* Remember that p is an instance that may be started again; false, and world_fail(): out of host memory. */
bool restart_watch(struct world *w, struct process *p, uint64_t instance);
void restart_free_all(struct world *w);
/* An instance that starts `delay` after the process that its configuration names in `after` has ended with exit code 0 (after.c). False: out
 * of host memory. */
bool after_watch(struct world *w, const struct process_cfg *cfg, uint64_t instance, sim_ns delay);
/* p has ended: release those that have waited for it. */
void after_exited(struct world *w, const struct process *p);
void after_free_all(struct world *w);
/* Give back what p->kernel_pages_kB says, counters included (task_exit). */
void program_kernel_memory_free(struct world *w, uint64_t kB);
/* A task's accesses of a touch step under way that its process has not been credited with yet: for samples. */
uint64_t touch_under_way(const struct world *w, const struct task *t);
/* A sysctl of index i in SYSCTL_MAP order takes effect. */
void sysctl_write(struct world *w, unsigned i, int64_t value);

#endif
