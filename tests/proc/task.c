/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "tests/proc/testworld.h"

#define MS NS_PER_MS
#define US NS_PER_US

/* ---- waiting ---- */

/* Wait on arg[0] in state arg[1] until arg[2]; out: result, when. */
static void waits(struct pw *pw, struct task *t, struct pw_job *j)
{
	j->out[0] = task_wait_io(&pw->w, t, (struct waitq *)j->arg[0], (enum task_state)j->arg[1], j->arg[2]);
	j->out[1] = pw->w.now;
	pw_log(pw, t, "");
}

static void wake_one(struct world *w, void *arg)
{
	waitq_wake_one(w, arg);
}

static void wake_all(struct world *w, void *arg)
{
	waitq_wake_all(w, arg);
}

static void kill_job(struct world *w, void *arg)
{
	process_sigkill(w, ((struct pw_job *)arg)->p);
	process_sigkill(w, ((struct pw_job *)arg)->p);
}

Test(task, first_come_first_woken)
{
	struct pw *pw = pw_new(1);
	struct waitq q = { 0 };
	static const char *const comm[] = { "a", "b", "c", "d" };
	struct pw_job j[4];

	for (int i = 0; i < 4; i++) {
		j[i] = (struct pw_job){ .comm = comm[i],
					.fn = waits,
					.arg = { (uintptr_t)&q, TASK_INTERRUPTIBLE, SIM_NEVER } };
		pw_spawn(pw, &j[i]);
		pw_run(pw, (sim_ns)i);
	}
	pw_at(pw, MS, wake_one, &q);
	pw_at(pw, 2 * MS, wake_all, &q);
	pw_run(pw, 3 * MS);
	cr_expect_str_eq(pw->log.s, "1000.000 a \n2000.000 b \n2000.000 c \n2000.000 d \n");
	cr_expect(!q.head && !q.tail);
	pw_free(pw);
}

Test(task, waits_end_by_timeout_wake_or_kill)
{
	static const struct {
		enum task_state state;
		sim_ns until, wake, kill;
		enum wait_result result;
		sim_ns end;
	} row[] = {
		{ TASK_INTERRUPTIBLE, 5 * MS, 0, 0, WAIT_TIMEOUT, 5 * MS + 1000 },
		{ TASK_UNINTERRUPTIBLE, 5 * MS, 3 * MS, 0, WAIT_OK, 3 * MS },
		{ TASK_INTERRUPTIBLE, SIM_NEVER, 0, 4 * MS, WAIT_KILLED, 4 * MS },
		{ TASK_KILLABLE, SIM_NEVER, 0, 4 * MS, WAIT_KILLED, 4 * MS },
		{ TASK_UNINTERRUPTIBLE, 7 * MS, 0, 4 * MS, WAIT_TIMEOUT, 7 * MS + 1000 },
		{ TASK_UNINTERRUPTIBLE, 7 * MS, 6 * MS, 4 * MS, WAIT_OK, 6 * MS },
		{ TASK_INTERRUPTIBLE, 0, 0, 0, WAIT_TIMEOUT, 0 },
	};

	for (size_t i = 0; i < 2 * ARRAY_LEN(row); i++) {
		struct pw *pw = pw_new(1);
		struct waitq q = { 0 };
		struct pw_job j = { .comm = "a",
				    .fn = waits,
				    .arg = { (uintptr_t)&q, row[i / 2].state, row[i / 2].until } };

		pw->w.sched.no_fast = i % 2;
		pw->w.cost.timer = 1000;
		pw_spawn(pw, &j);
		if (row[i / 2].wake)
			pw_at(pw, row[i / 2].wake, wake_one, &q);
		if (row[i / 2].kill)
			pw_at(pw, row[i / 2].kill, kill_job, &j);
		pw_run(pw, 20 * MS);
		cr_expect_eq(j.out[0], row[i / 2].result, "%zu", i);
		cr_expect_eq(j.out[1], row[i / 2].end, "%zu: %llu", i, (unsigned long long)j.out[1]);
		pw_free(pw);
	}
}

static void works_before_sleep(struct pw *pw, struct task *t, struct pw_job *j)
{
	task_cpu(t, 10 * MS);
	j->out[0] = task_wait(&pw->w, t, (struct waitq *)j->arg[0], TASK_UNINTERRUPTIBLE, SIM_NEVER);
	j->out[1] = pw->w.now;
}

/* The wake-up comes while the charged time still passes: no sleep at all. */
Test(task, no_wakeup_is_lost_on_the_way_to_sleep)
{
	struct pw *pw = pw_new(1);
	struct waitq q = { 0 };
	struct pw_job j = { .comm = "a", .fn = works_before_sleep, .arg = { (uintptr_t)&q } };

	pw_spawn(pw, &j);
	pw_at(pw, 4 * MS, wake_all, &q);
	pw_run(pw, 100 * MS);
	cr_expect_eq(j.out[0], WAIT_OK);
	cr_expect_eq(j.out[1], 10 * MS);
	pw_free(pw);
}

static void retime(struct world *w, void *arg)
{
	task_retime(w, ((struct pw_job *)arg)->p->thread[0], 9 * MS);
}

Test(task, a_sleeper_can_be_given_another_time)
{
	struct pw *pw = pw_new(1);
	struct waitq q = { 0 };
	struct pw_job j = { .comm = "a", .fn = waits, .arg = { (uintptr_t)&q, TASK_INTERRUPTIBLE, SIM_NEVER } };

	pw_spawn(pw, &j);
	pw_at(pw, 3 * MS, retime, &j);
	pw_run(pw, 100 * MS);
	cr_expect_eq(j.out[0], WAIT_TIMEOUT);
	cr_expect_eq(j.out[1], 9 * MS);
	pw_free(pw);
}

/* ---- processes ---- */

static void leaves(struct pw *pw, struct task *t, struct pw_job *j)
{
	pw_burn(pw, t, j->arg[0]);
	task_exit(&pw->w, t, (int)j->arg[1]);
}

Test(task, pids_are_those_of_the_recordings)
{
	struct pw *pw = pw_new(1);
	struct task *k = kthread_new(&pw->w, "kswapd0", NULL);
	struct pw_job a = { .comm = "a", .fn = leaves }, b = { .comm = "b", .fn = leaves };

	cr_expect_eq(pw->w.proc.init->pid, 1);
	cr_expect(pw->w.proc.init->is_init);
	cr_expect_eq(k->p->pid, 2);
	cr_expect(k->p->is_kthread);
	cr_expect_eq(pw_spawn(pw, &a)->pid, 79);
	cr_expect_eq(pw_spawn(pw, &b)->pid, 80);
	cr_expect_eq(process_find(&pw->w, 80), b.p);
	cr_expect_null(process_find(&pw->w, 81));
	cr_expect_eq(pw->w.proc.nuser, 2);
	cr_expect_eq(a.p->parent, pw->w.proc.init);
	pw_free(pw);
}

static void parent(struct pw *pw, struct task *t, struct pw_job *j)
{
	while (t->p->nchild > j->arg[0])
		task_wait(&pw->w, t, &t->p->child_wait, TASK_INTERRUPTIBLE, SIM_NEVER);
	j->out[0] = pw->w.now;
}

Test(task, exit_tells_parent_and_gives_children_to_init)
{
	struct pw *pw = pw_new(1);
	struct process *init = pw->w.proc.init;
	struct pw_job p = { .comm = "p", .fn = parent, .arg = { 1 } };
	struct pw_job c1 = { .comm = "c1", .fn = leaves, .arg = { 10 * MS, 3 } };
	struct pw_job c2 = { .comm = "c2", .fn = leaves, .arg = { 100 * MS } };

	pw->w.cost.exit_call = 60 * US;
	pw_spawn(pw, &p);
	pw_spawn_child(pw, p.p, &c1);
	pw_spawn_child(pw, p.p, &c2);
	cr_expect_eq(p.p->nchild, 2);
	c1.p->min_flt = 17;
	c1.p->maj_flt = 4;
	pw_run(pw, 50 * MS);
	cr_expect(p.out[0] > 10 * MS && p.out[0] < 30 * MS, "%llu", (unsigned long long)p.out[0]);
	cr_expect_eq(c2.p->parent, init);
	cr_expect_eq(init->nchild, 1);
	cr_expect_eq(pw->w.proc.nuser, 1);
	cr_expect_eq(pw->count[EV_EXIT], 2);
	cr_expect_null(process_find(&pw->w, p.p->pid));
	pw_run(pw, 200 * MS);
	cr_expect_eq(pw->last[EV_EXIT].pid, c2.p->pid);
	cr_expect_eq(pw->w.proc.nuser, 0);
	cr_expect_eq(init->nchild, 0);
	cr_expect_eq(c1.p->exit_code, 3);
	cr_expect_null(c1.p->thread[0]->co, "the stack goes with the thread");
	cr_expect_eq(c1.p->thread[0]->state, TASK_ZOMBIE);
	cr_expect_eq(c1.p->thread[0]->stime, 60 * US);
	pw_free(pw);
}

Test(task, exit_event_says_how)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = pw_hog, .arg = { NS_PER_SEC } };

	pw_spawn(pw, &a);
	a.p->min_flt = 17;
	a.p->maj_flt = 4;
	pw_at(pw, 5 * MS, kill_job, &a);
	pw_run(pw, 10 * MS);
	cr_expect_eq(pw->last[EV_EXIT].t_ns, 5 * MS);
	cr_expect_eq(pw->last[EV_EXIT].arg[0], 9);
	cr_expect_eq(pw->last[EV_EXIT].arg[2], 17);
	cr_expect_eq(pw->last[EV_EXIT].arg[3], 4);
	cr_expect(a.p->exiting);
	pw_free(pw);
}

/* A walk over the process list that stands on one that exits goes on to those behind it. */
Test(task, a_walk_survives_exits)
{
	struct pw *pw = pw_new(1);
	struct pw_job j[4];
	struct process *p;

	for (int i = 0; i < 4; i++) {
		j[i] = (struct pw_job){ .comm = "w", .fn = leaves, .arg = { i < 3 ? MS : NS_PER_SEC } };
		pw_spawn(pw, &j[i]);
	}
	p = j[1].p;
	pw_run(pw, 20 * MS);
	cr_expect_eq(pw->w.proc.nuser, 1);
	while (p && p != j[3].p)
		p = p->next;
	cr_expect_eq(p, j[3].p);
	cr_expect_eq(pw->w.proc.first->next, j[3].p);
	cr_expect_eq(j[3].p->prev, pw->w.proc.first);
	pw_free(pw);
}

/* ---- threads ---- */

static void thread_main(struct world *w, struct task *t)
{
	sim_ns used;

	task_burst(w, t, (t->index + 1) * MS, &used);
	task_exit(w, t, 0);
}

Test(task, the_last_thread_ends_the_process)
{
	struct pw *pw = pw_new(4);
	struct process *p = process_new(&pw->w, NULL, "threads", 4, thread_main);

	process_start(&pw->w, p);
	cr_expect_eq(p->thread[3]->tid, 82);
	pw_run(pw, 3500 * US);
	cr_expect_eq(p->nlive, 1);
	cr_expect(!p->exiting);
	cr_expect_eq(pw->count[EV_EXIT], 0);
	pw_run(pw, 5 * MS);
	cr_expect_eq(pw->count[EV_EXIT], 1);
	cr_expect_eq(pw->last[EV_EXIT].t_ns, 4 * MS);
	pw_free(pw);
}

/* ---- random streams ---- */

static uint64_t draw(struct process *p)
{
	return sim_rng_u64(p->thread[0]->rng);
}

Test(task, streams_go_by_descent_not_by_arrival)
{
	struct pw *x = pw_new(1), *y = pw_new(1);
	struct pw_job a[6], b[6];
	uint64_t v[4];

	for (int i = 0; i < 6; i++)
		a[i] = b[i] = (struct pw_job){ .comm = i == 3 ? "other" : "w", .fn = pw_hog, .arg = { MS } };
	pw_spawn(x, &a[0]);
	pw_spawn(x, &a[1]);
	pw_spawn_child(x, a[0].p, &a[2]);
	pw_spawn(y, &b[3]);
	pw_spawn(y, &b[0]);
	pw_spawn_child(y, b[3].p, &b[4]);
	pw_spawn_child(y, b[0].p, &b[2]);
	pw_spawn(y, &b[1]);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(v[i] = draw(a[i].p), draw(b[i].p));
	v[3] = draw(b[4].p);
	cr_expect(v[0] != v[1] && v[0] != v[2] && v[1] != v[2] && v[2] != v[3]);
	pw_free(x);
	pw_free(y);
}

/* ---- the end of a world ---- */

static void end_world(struct world *w, void *arg)
{
	(void)arg;
	world_end(w, RUN_PANIC);
}

static void ends_world(struct pw *pw, struct task *t, struct pw_job *j)
{
	(void)j;
	world_end(&pw->w, RUN_PANIC);
	task_sync(&pw->w, t);
	cr_assert_fail("nothing goes on after the end");
}

/* Coroutines in the middle of a wait, a burst and a queue are simply freed (the sanitizers look on). */
Test(task, a_world_may_end_at_any_moment)
{
	for (int inside = 0; inside < 2; inside++) {
		struct pw *pw = pw_new(2);
		struct waitq q = { 0 };
		struct pw_job j[5] = { { .comm = "a", .fn = pw_hog, .arg = { MS } },
				       { .comm = "b", .fn = pw_hog, .arg = { 7 * MS } },
				       { .comm = "c", .fn = pw_hog, .arg = { MS } },
				       { .comm = "d", .fn = waits, .arg = { (uintptr_t)&q, TASK_KILLABLE, SIM_NEVER } },
				       { .comm = "e", .fn = ends_world } };

		for (int i = 0; i < 4 + inside; i++)
			pw_spawn(pw, &j[i]);
		pw_at(pw, 10 * MS, end_world, NULL);
		pw_run(pw, NS_PER_SEC);
		cr_expect(pw->w.over);
		cr_expect(inside || pw->w.now == 10 * MS);
		pw_free(pw);
	}
}

/* Thousands of short lives leave no coroutines behind. */
Test(task, thousands_come_and_go)
{
	struct pw *pw = pw_new(1);
	unsigned stacks = 0;
	struct process *p;

	for (int i = 0; i < 3000; i++) {
		p = process_new(&pw->w, NULL, "short", 1, thread_main);
		process_start(&pw->w, p);
		if (i % 100 == 99)
			pw_run(pw, pw->w.now + 101 * MS);
	}
	for (p = pw->w.proc.dead; p; p = p->dead_next)
		stacks += p->thread[0]->co != NULL;
	cr_expect_eq(stacks, 0);
	cr_expect_eq(pw->w.proc.nuser, 0);
	cr_expect_eq(pw->count[EV_EXIT], 3000);
	pw_free(pw);
}
