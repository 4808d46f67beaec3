/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files that carry out the steps of a program; for sim/proc alone. */
#ifndef OOMSIM_PROC_STEPS_H
#define OOMSIM_PROC_STEPS_H

#include "sim/mm/fault.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#define SIGKILL_NR 9
#define SIGSEGV_NR 11

/* CPU time is charged in lumps of about so much, so that not every page is an event. */
#define LUMP_NS        (20 * NS_PER_US)
/* What a round of something endless takes that, by a scenario's costs, takes no time at all. */
#define EMPTY_ROUND_NS NS_PER_US

/* pace.c: a rate without catch-up, as the oracle's guest keeps it: time lost in a stall is not made good. */
struct pace {
	double ns_per_unit; /* 0: as fast as it goes */
	sim_ns catch_up;    /* lateness that is still made good */
	sim_ns next;        /* when the next batch is due */
	sim_ns begin, last; /* of the step; of the latest look at the clock */
	sim_ns max_stall;   /* longest time between two looks, sleep apart */
};
void pace_begin(struct world *w, struct task *t, struct pace *p, double units_per_second, sim_ns catch_up);
/* So many ns are units worth; at most what fits the run. */
sim_ns pace_period(const struct pace *p, uint64_t units);
/* A look at the clock after a batch: note the stall, say when the next batch is due. False: at once. may switch. */
bool pace_due(struct world *w, struct task *t, struct pace *p, uint64_t units);
/* The same, and sleep until then. False: the task is dying. may switch. */
bool pace_batch(struct world *w, struct task *t, struct pace *p, uint64_t units);
bool pace_thinks(const struct sim_dist *think);
/* Sleep for a drawn time; none for a constant 0. False: the task is dying. may switch. */
bool pace_think(struct world *w, struct task *t, const struct sim_dist *think);
/* Pages a batch of `rate` pages/s: 2 ms of it, 1..256. */
uint64_t pace_default_batch(double pages_per_second, uint64_t unpaced);

/* program.c */
/* Leave now: by signal, or with an exit code if signal is 0. */
void program_leave(struct world *w, struct task *t, int signal, int code) __attribute__((noreturn));
/* Leave if a SIGKILL is pending; let charged time pass once it is a lump. may switch. */
void program_check(struct world *w, struct task *t);
/* As program_check() after a fault or population. */
void program_check_fault(struct world *w, struct task *t, enum fault_result r);
void program_run(struct world *w, struct task *t, const struct program_cfg *prog);
void step_end(struct world *w, struct task *t, const struct step_cfg *s, uint64_t pages, const struct pace *p);
void step_failed(struct world *w, struct task *t, const struct step_cfg *s, int err, uint64_t done, uint64_t wanted);
/* This thread's part of a whole that all threads of the process share. */
uint64_t thread_share(const struct task *t, uint64_t whole);

/* exec.c */
/* "%.*s.%llu": comm shortened to `keep` bytes and a number. */
void program_comm(char ret[SIM_COMM_LEN], const char *comm, int keep, uint64_t n);
/* Kernel stacks and slab of n new threads, allocated by t for it or for its child: their kB into *ret_kB. False: t
 * is dying. may switch. */
bool program_kernel_memory(struct world *w, struct task *t, uint32_t n, uint64_t *ret_kB);
/* What a new process does first: pays for fork and exec, maps its program. may switch. */
void program_exec(struct world *w, struct task *t);
/* What all threads of a process with a program run. */
void program_main(struct world *w, struct task *t);

/* step_memory.c */
uint64_t bytes_to_pages(const struct world *w, uint64_t bytes);
/* v is still mapped and has page idx (another process that shares the address space may have unmapped it meanwhile). */
bool region_has(const struct process *p, const struct vma *v, uint64_t idx);
void step_mmap(struct world *w, struct task *t, const struct step_cfg *s);
void step_grow_prepare(struct world *w, struct task *t, const struct step_cfg *s);
void step_grow(struct world *w, struct task *t, const struct step_cfg *s);
void step_mlock(struct world *w, struct task *t, const struct step_cfg *s);
void step_munmap(struct world *w, struct task *t, const struct step_cfg *s);
void step_madvise(struct world *w, struct task *t, const struct step_cfg *s);

/* step_touch.c */
void step_touch_prepare(struct world *w, struct task *t, const struct step_cfg *s);
void step_touch(struct world *w, struct task *t, const struct step_cfg *s);

/* step_file.c */
void step_file(struct world *w, struct task *t, const struct step_cfg *s);

/* step_family.c */
void step_fork(struct world *w, struct task *t, const struct step_cfg *s);
void step_clone(struct world *w, struct task *t, const struct step_cfg *s);
void step_wait(struct world *w, struct task *t, const struct step_cfg *s);
void step_cgroup_write(struct world *w, struct task *t, const struct step_cfg *s); /* step_cgroup.c */
void step_cgroup_rmdir(struct world *w, struct task *t, const struct step_cfg *s);
void step_cgroup_wait(struct world *w, struct task *t, const struct step_cfg *s);
void step_kill(struct world *w, struct task *t, const struct step_cfg *s);
void step_set_adj(struct world *w, struct task *t, const struct step_cfg *s);

#endif
