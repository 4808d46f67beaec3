/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs shared by runnable tasks: SCHED_FIFO before SCHED_OTHER; among the latter CFS (kernel/sched/fair.c, 5.10..6.5):
 * virtual time weighted by nice, sleeper's credit of half a latency period, wake-up preemption beyond a granularity, slices
 * checked at the tick. Deterministic: ties go to the lower tid.
 */
#ifndef OOMSIM_PROC_SCHED_H
#define OOMSIM_PROC_SCHED_H

#include "sim/core/units.h"
#include "sim/world/record.h"

struct world;
struct task;

struct cpu {
	int id;
	struct world *w;
	struct task *curr;       /* NULL: idle */
	struct task *rq;         /* runnable SCHED_OTHER tasks that do not run: a pairing heap by (vruntime, tid) */
	struct task *rt;         /* runnable SCHED_FIFO tasks that do not run: by priority, then arrival */
	struct task *buddy;      /* on rq: preempted curr by waking up, goes next even if others are a little behind it */
	uint32_t nr_running;     /* with curr */
	uint32_t nr_rt;          /* of these, SCHED_FIFO */
	uint64_t load;           /* sum of SCHED_OTHER weights, with curr */
	uint64_t min_vruntime;
	bool need_resched, slice_over;
	sim_ns lazy_until;       /* until then cond_resched() may ignore need_resched (kernel_model.preempt_lazy) */
	sim_ns irq_until;        /* interrupts that came while it idled keep it busy until then */
	sim_ns armed_at;         /* up to when curr's burst has been accounted */
	sim_ns slice_end;        /* the tick at which curr has to give way; SIM_NEVER: nobody else wants the CPU */
	int32_t slot;            /* event queue: end of burst or of slice */
	struct task *last;       /* who ran before, for the cost of a switch */
};

struct sched {
	struct cpu *cpu;
	unsigned ncpu;
	uint32_t nr_queued;      /* runnable tasks of all CPUs that do not run */
	bool no_fast;            /* for tests: always go through the event queue */
	struct task *running;    /* whose coroutine is being executed right now; NULL: none (an event handler) */
	sim_ns stat[CPU_STAT_COUNT]; /* CPU time so far: user, nice, system */
	sim_ns latency, min_granularity, wakeup_granularity, tick;
};

int sched_init(struct world *w);
void sched_free(struct world *w);
/* Weight of a nice value: sched_prio_to_weight. */
unsigned sched_weight(int nice);
/* Interrupt work of ns on CPU 0 (device completions), taken from whoever runs there. */
void sched_irq(struct world *w, sim_ns ns);
/* For task.c: choose a CPU for a task that has become runnable (wakeup false: a new one), put it there, check preemption. */
void sched_enqueue(struct world *w, struct task *t, bool wakeup);
/* The coroutine of t, which runs, is no longer runnable: off its CPU and the queue. Follow with sched_switch(). */
void sched_block(struct world *w, struct task *t);
/* Could t, which runs, sleep until `until` with nothing else happening on the machine? Then it has done so on return: w->now
 * is `until`, and it runs again. */
bool sched_sleep_in_place(struct world *w, struct task *t, sim_ns until);
/* The current coroutine gives up its CPU: to be resumed when its burst has passed or it has been woken. may switch. */
void sched_switch(struct world *w, struct task *t);
/* t is in the OOM killer, where nobody but a tick or a SCHED_FIFO task takes the CPU from it (PREEMPT_LAZY, since 7.0). The rest of
 * the kernel is excepted: with it the figures of recordings are not nearer (docs/findings.md). */
bool sched_lazy(const struct world *w, const struct task *t);
/* Drop what is left of t's user burst. */
void sched_end_burst(struct world *w, struct task *t);

#endif
