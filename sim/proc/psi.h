/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pressure stall information (kernel/sched/psi.c; specification section I): states follow the tasks' flags at each change,
 * totals are integrals of states, averages are taken every 2 s (2 * HZ + 1 jiffies) with the kernel's fixed-point decay.
 */
#ifndef OOMSIM_PROC_PSI_H
#define OOMSIM_PROC_PSI_H

#include "sim/world/record.h"

struct world;
struct task;
struct process;
struct memcg;

enum psi_task_flag { TSK_IOWAIT = 1, TSK_MEMSTALL = 2, TSK_RUNNING = 4, TSK_MEMSTALL_RUNNING = 8, TSK_ONCPU = 16 };
enum psi_res { PSI_IO, PSI_MEM, PSI_CPU, NR_PSI_RESOURCES };

/* Per CPU: how many tasks have each flag; time in each state since the last aggregation. */
struct psi_cpu {
	uint32_t tasks[5];          /* by bit number of enum psi_task_flag */
	struct task *curr;
	unsigned state;             /* bit 2*res: some, 2*res+1: full; bit 6: non-idle */
	sim_ns state_start;
	sim_ns times[7];            /* accumulated, not yet aggregated */
	sim_ns iowait;              /* idle while somebody waited for I/O here, since the start */
};

struct psi {
	struct psi_cpu *cpu;
	unsigned ncpu;
	sim_ns total[NR_PSI_RESOURCES][2]; /* aggregated: some, full */
	sim_ns avg_total[NR_PSI_RESOURCES][2];
	uint64_t avg[NR_PSI_RESOURCES][2][3]; /* fixed point, 11 bits of fraction */
	sim_ns avg_last, avg_next;
	int32_t slot;
};

int psi_init(struct world *w);
void psi_free(struct world *w);
/* A task's flags change. */
void psi_task_change(struct world *w, struct task *t, unsigned clear, unsigned set);
/* CPU `cpu` switches to next (NULL: idle): recompute the states that depend on who runs. */
void psi_task_switch(struct world *w, int cpu, struct task *next);
/* p moves into cgroup `to`: its threads' states go with it. Sets p->cgroup. */
void psi_move(struct world *w, struct process *p, struct memcg *to);
/* Stall sections of task t (nest). */
void psi_memstall_enter(struct world *w, struct task *t);
void psi_memstall_leave(struct world *w, struct task *t);
/* /proc/pressure as of now: totals include the time since the last aggregation, as psi_show() does by aggregating first. */
void psi_show(struct world *w, enum psi_res res, struct rec_psi *ret);

void psi_show_group(struct world *w, struct psi *p, enum psi_res res, struct rec_psi *ret); /* of a cgroup: memcg.psi */

#endif
