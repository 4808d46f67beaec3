/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The interpreter of workload programs. The leader goes through the steps; those that use memory, files or the CPU
 * for a while (run_parallel) are shared evenly by all threads of the process: the leader publishes the step, does
 * its own part and waits for the rest. Everything that may switch is followed by a look for SIGKILL.
 */
#include "sim/proc/program.h"
#include "sim/proc/steps.h"

#define LONG_NS (UINT64_MAX / 4) /* what a drawn time is clamped to: "for ever" */

/* ---- leaving ---- */

/* PID 1 does not leave: a kernel would panic, and there is nothing to be learnt from that here. */
static void idle_for_ever(struct world *w, struct task *t)
{
	for (;;)
		task_wait(w, t, NULL, TASK_UNINTERRUPTIBLE, SIM_NEVER);
}

void program_leave(struct world *w, struct task *t, int signal, int code)
{
	struct process *p = t->p;

	if (p->is_init)
		idle_for_ever(w, t);
	if (signal && !p->exiting) { /* a signal's default action is for the whole group */
		process_sigkill(w, p);
		p->exit_signal = signal;
	} else if (!p->exiting) {
		p->exiting = true;
		p->exit_code = code;
		waitq_wake_all(w, &p->worker_wait);
	}
	task_exit(w, t, p->exit_code);
}

/* Is t to leave, because of SIGKILL or because its process ends? */
static bool must_leave(const struct task *t)
{
	return fatal_signal_pending(t) || t->p->exiting;
}

void program_check(struct world *w, struct task *t)
{
	if (!must_leave(t) && t->pending >= LUMP_NS)
		task_yield(w, t);
	if (must_leave(t))
		program_leave(w, t, SIGKILL_NR, 0);
}

void program_check_fault(struct world *w, struct task *t, enum fault_result r)
{
	if (r == FAULT_SEGV)
		program_leave(w, t, SIGSEGV_NR, 0);
	if (r == FAULT_KILLED || must_leave(t))
		program_leave(w, t, SIGKILL_NR, 0);
}

/* ---- what a step reports ---- */

void step_end(struct world *w, struct task *t, const struct step_cfg *s, uint64_t pages, const struct pace *p)
{
	task_yield(w, t);
	world_event(w, EV_STEP_END, t->p, s->op, (int64_t)pages, p ? (int64_t)((w->now - p->begin) / NS_PER_MS) : 0,
		    p ? (int64_t)(p->max_stall / NS_PER_US) : 0);
}

void step_failed(struct world *w, struct task *t, const struct step_cfg *s, int err, uint64_t done, uint64_t wanted)
{
	task_yield(w, t);
	world_event(w, EV_STEP_FAILED, t->p, s->op, err, (int64_t)done, (int64_t)wanted);
}

/* ---- control steps ---- */

uint64_t thread_share(const struct task *t, uint64_t whole)
{
	return whole / t->p->nthread + (t->index < whole % t->p->nthread);
}

static void step_sleep(struct world *w, struct task *t, const struct step_cfg *s)
{
	sim_ns ns = sim_dist_draw(&s->time, t->rng);

	task_cpu(t, w->cost.syscall);
	task_yield(w, t);
	task_wait(w, t, NULL, TASK_INTERRUPTIBLE, ns >= LONG_NS ? SIM_NEVER : w->now + ns);
}

static void step_spin(struct world *w, struct task *t, const struct step_cfg *s)
{
	sim_ns left = thread_share(t, sim_dist_draw(&s->time, t->rng)), used;

	while (left && !must_leave(t) && !w->over) {
		task_burst(w, t, left, &used);
		left -= u64_min(used, left);
	}
}

/* A round that took no time is made to take some, or a loop for ever around steps that cost nothing would stop the
 * clock. */
static void step_loop(struct world *w, struct task *t, const struct step_cfg *s)
{
	for (uint64_t i = 0; !s->count || i < s->count; i++) {
		sim_ns begin = w->now + t->pending;

		program_run(w, t, &s->body);
		if (w->now + t->pending == begin)
			task_cpu(t, EMPTY_ROUND_NS);
		program_check(w, t);
	}
}

static void step_choose(struct world *w, struct task *t, const struct step_cfg *s)
{
	double sum = 0, x;
	size_t i;

	for (i = 0; i < s->nbranch; i++)
		sum += s->weight[i];
	x = sim_rng_unit(t->rng) * sum;
	for (i = 0; i + 1 < s->nbranch && x >= s->weight[i]; i++)
		x -= s->weight[i];
	if (i < s->nbranch)
		program_run(w, t, &s->branch[i]);
}

static void step_cgroup_write(struct world *w, struct task *t, const struct step_cfg *s)
{
	int err;

	task_cpu(t, w->cost.syscall);
	task_yield(w, t);
	err = memcg_write(w, t, memcg_of_cfg(w, s->cgroup), s->cgroup_file, s->value);
	world_event(w, EV_CGROUP_WRITE, t->p, memcg_of_cfg(w, s->cgroup)->id, s->cgroup_file, s->value, err);
	if (err)
		step_failed(w, t, s, err, 0, 0);
}

static void step_sysctl(struct world *w, struct task *t, const struct step_cfg *s)
{
	task_cpu(t, w->cost.syscall);
	task_yield(w, t);
	sysctl_write(w, s->sysctl, s->value);
}

/* ---- steps that all threads share ---- */

/* This thread's part. */
static void run_part(struct world *w, struct task *t, const struct step_cfg *s)
{
	switch (s->op) {
	case STEP_GROW:
		step_grow(w, t, s);
		break;
	case STEP_TOUCH:
		step_touch(w, t, s);
		break;
	case STEP_SPIN:
		step_spin(w, t, s);
		break;
	default:
		step_file(w, t, s);
	}
}

static void run_parallel(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct process *p = t->p;

	if (s->op == STEP_GROW)
		step_grow_prepare(w, t, s);
	else if (s->op == STEP_TOUCH)
		step_touch_prepare(w, t, s);
	p->shared_step = s;
	p->shared_left = p->nthread - 1;
	p->shared_seq++;
	waitq_wake_all(w, &p->worker_wait);
	run_part(w, t, s);
	while (p->shared_left) {
		task_wait(w, t, &p->leader_wait, TASK_INTERRUPTIBLE, SIM_NEVER);
		program_check(w, t);
	}
}

static void run_worker(struct world *w, struct task *t)
{
	struct process *p = t->p;

	for (uint32_t seen = 0;; seen++) {
		program_check(w, t);
		while (p->shared_seq == seen) {
			task_wait(w, t, &p->worker_wait, TASK_INTERRUPTIBLE, SIM_NEVER);
			program_check(w, t);
		}
		run_part(w, t, p->shared_step);
		program_check(w, t);
		if (!--p->shared_left)
			waitq_wake_all(w, &p->leader_wait);
	}
}

/* ---- the interpreter ---- */

static void (*const step_fn[STEP_OP_COUNT])(struct world *w, struct task *t, const struct step_cfg *s) = {
	[STEP_MMAP] = step_mmap,     [STEP_GROW] = run_parallel,    [STEP_TOUCH] = run_parallel,
	[STEP_READ] = run_parallel,  [STEP_WRITE] = run_parallel,   [STEP_MLOCK] = step_mlock,
	[STEP_MUNLOCK] = step_mlock, [STEP_MUNMAP] = step_munmap,   [STEP_MADVISE] = step_madvise,
	[STEP_FORK] = step_fork,     [STEP_VFORK] = step_clone,     [STEP_CLONE_VM] = step_clone,
	[STEP_SLEEP] = step_sleep,   [STEP_SPIN] = run_parallel,    [STEP_LOOP] = step_loop,
	[STEP_CHOOSE] = step_choose, [STEP_SET_ADJ] = step_set_adj, [STEP_SYSCTL] = step_sysctl,
	[STEP_CGROUP_WRITE] = step_cgroup_write,
	[STEP_WAIT] = step_wait,
};

void program_run(struct world *w, struct task *t, const struct program_cfg *prog)
{
	for (size_t i = 0; i < prog->nstep; i++) {
		const struct step_cfg *s = &prog->step[i];

		if (s->op == STEP_EXIT) {
			task_yield(w, t);
			program_leave(w, t, 0, (int)s->value);
		}
		step_fn[s->op](w, t, s);
		program_check(w, t);
	}
}

void program_main(struct world *w, struct task *t)
{
	if (t->index)
		run_worker(w, t);
	program_exec(w, t);
	program_run(w, t, t->p->program);
	task_yield(w, t);
	program_leave(w, t, 0, 0);
}
