/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "sim/proc/cfs.h"
#include "tests/proc/testworld.h"

#define MS NS_PER_MS
#define US NS_PER_US

/* ---- the fair class ---- */

Test(sched, constants_grow_with_cpus)
{
	static const struct {
		unsigned ncpu;
		sim_ns latency;
	} row[] = { { 1, 6 * MS }, { 2, 12 * MS }, { 3, 12 * MS }, { 4, 18 * MS }, { 8, 24 * MS }, { 64, 24 * MS } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct pw *pw = pw_new(row[i].ncpu);

		cr_expect_eq(pw->w.sched.latency, row[i].latency);
		cr_expect_eq(pw->w.sched.min_granularity * 8, row[i].latency);
		cr_expect_eq(pw->w.sched.wakeup_granularity * 6, row[i].latency);
		pw_free(pw);
	}
	cr_expect_eq(sched_weight(0), 1024);
	cr_expect_eq(sched_weight(-20), 88761);
	cr_expect_eq(sched_weight(10), 110);
	cr_expect_eq(sched_weight(19), 15);
}

Test(sched, nice_shares_by_weight)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = pw_hog, .arg = { 700 * US } };
	struct pw_job b = { .comm = "b", .fn = pw_hog, .nice = 10, .arg = { 700 * US } };
	double ratio;

	pw_spawn(pw, &a);
	pw_spawn(pw, &b);
	pw_run(pw, 60 * NS_PER_SEC);
	ratio = (double)a.p->thread[0]->utime / (double)b.p->thread[0]->utime;
	cr_expect(ratio > 1024. / 110 * 0.98 && ratio < 1024. / 110 * 1.02, "ratio %g", ratio);
	cr_expect_geq(a.p->thread[0]->utime + b.p->thread[0]->utime, 59990 * MS);
	pw_free(pw);
}

static void eight_bursts(struct pw *pw, struct task *t, struct pw_job *j)
{
	(void)j;
	for (int i = 0; i < 8; i++) {
		pw_burn(pw, t, MS);
		pw_log(pw, t, "");
	}
}

/* Two tasks: a slice is 3 ms, so the tick at 4 ms is the first to see it exceeded. A burst that ends with the slice
 * goes on when its task is back on the CPU. */
Test(sched, slices_end_at_ticks)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = eight_bursts }, b = { .comm = "b", .fn = eight_bursts };

	pw_run(pw, 0);
	pw_spawn(pw, &a);
	pw_spawn(pw, &b);
	pw_run(pw, NS_PER_SEC);
	cr_expect_str_eq(pw->log.s, "1000.000 a \n2000.000 a \n3000.000 a \n5000.000 b \n6000.000 b \n7000.000 b \n"
				    "8000.000 a \n9000.000 a \n10000.000 a \n11000.000 a \n12000.000 b \n13000.000 b \n"
				    "14000.000 b \n15000.000 b \n16000.000 a \n16000.000 b \n");
	pw_free(pw);
}

/* Sleep until arg[0], then log and burn arg[1]. */
static void sleeper(struct pw *pw, struct task *t, struct pw_job *j)
{
	task_wait(&pw->w, t, NULL, TASK_INTERRUPTIBLE, j->arg[0]);
	j->out[0] = pw->w.now;
	pw_burn(pw, t, j->arg[1]);
	j->out[1] = pw->w.now;
}

/* Half a latency period (3 ms) of credit is more than the granularity (1 ms): a sleeper preempts. For nice 19 the
 * granularity is 1 ms * 1024/15, and it waits for the hog's slice to end: 6 ms * 1024/1039 after 50 ms, checked at
 * ticks of 4 ms. */
Test(sched, sleepers_preempt_unless_nice)
{
	for (int nice = 0; nice <= 19; nice += 19) {
		struct pw *pw = pw_new(1);
		struct pw_job hog = { .comm = "hog", .fn = pw_hog, .arg = { NS_PER_SEC } };
		struct pw_job s = { .comm = "s", .fn = sleeper, .nice = nice, .arg = { 50 * MS, MS } };

		pw_spawn(pw, &s);
		pw_run(pw, MS);
		pw_spawn(pw, &hog);
		pw_run(pw, NS_PER_SEC);
		cr_expect_eq(s.out[0], nice ? 52 * MS : 50 * MS, "%llu", (unsigned long long)s.out[0]);
		pw_free(pw);
	}
}

Test(sched, fifo_preempts_at_once_and_keeps_the_cpu)
{
	struct pw *pw = pw_new(1);
	struct pw_job hog = { .comm = "hog", .fn = pw_hog, .nice = -20, .arg = { NS_PER_SEC } };
	struct pw_job lo = { .comm = "lo", .fn = sleeper, .fifo = 1, .arg = { 5 * MS + 1, 40 * MS } };
	struct pw_job hi = { .comm = "hi", .fn = sleeper, .fifo = 50, .arg = { 20 * MS + 3, 10 * MS } };

	pw_spawn(pw, &hog);
	pw_spawn(pw, &lo);
	pw_spawn(pw, &hi);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(lo.out[0], 5 * MS + 1);
	cr_expect_eq(hi.out[0], 20 * MS + 3);
	cr_expect_eq(hi.out[1], 30 * MS + 3);
	cr_expect_eq(lo.out[1], 55 * MS + 1);
	cr_expect_eq(hog.p->thread[0]->utime + hog.p->thread[0]->burst, NS_PER_SEC,
		     "the hog's burst only stops and goes on");
	pw_free(pw);
}

/* Voluntary preemption: what the kernel does for a task goes on to the next point where it asks, whomever it or an
 * interrupt has woken; user code gives way at once. */
static void waker(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct waitq *q = (struct waitq *)j->arg[0];

	pw_burn(pw, t, 20 * MS);
	waitq_wake_all(&pw->w, q);
	task_cpu(t, 300 * US);
	task_sync(&pw->w, t);
	j->out[0] = pw->w.now;
	task_cpu(t, 50 * US);
	task_yield(&pw->w, t);
	j->out[1] = pw->w.now;
	waitq_wake_all(&pw->w, q);
	pw_burn(pw, t, 700 * US);
	j->out[2] = pw->w.now;
}

static void woken_twice(struct pw *pw, struct task *t, struct pw_job *j)
{
	for (int i = 0; i < 2; i++) {
		task_wait(&pw->w, t, (struct waitq *)j->arg[0], TASK_INTERRUPTIBLE, SIM_NEVER);
		j->out[i] = pw->w.now;
		pw_burn(pw, t, 100 * US);
	}
}

Test(sched, the_kernel_gives_way_where_it_asks)
{
	struct pw *pw = pw_new(1);
	struct waitq q = { 0 };
	struct pw_job a = { .comm = "a", .fn = waker, .arg = { (uintptr_t)&q } };
	struct pw_job b = { .comm = "b", .fn = woken_twice, .arg = { (uintptr_t)&q } };

	pw_spawn(pw, &b);
	pw_run(pw, 0);
	pw_spawn(pw, &a);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(a.out[0], 20300 * US, "%llu", (unsigned long long)a.out[0]);
	cr_expect_eq(b.out[0], 20350 * US, "%llu", (unsigned long long)b.out[0]);
	cr_expect_eq(a.out[1], 20450 * US, "%llu", (unsigned long long)a.out[1]);
	cr_expect_eq(b.out[1], 20450 * US, "%llu", (unsigned long long)b.out[1]);
	cr_expect_eq(a.out[2], 21250 * US, "%llu", (unsigned long long)a.out[2]);
	pw_free(pw);
}

/* ---- costs ---- */

static void ping(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct waitq *mine = (struct waitq *)j->arg[0], *other = (struct waitq *)j->arg[1];

	for (uint64_t i = 0; i < 1000; i++) {
		if (i || j->arg[2])
			task_wait(&pw->w, t, mine, TASK_INTERRUPTIBLE, SIM_NEVER);
		waitq_wake_all(&pw->w, other);
	}
	j->out[0] = pw->w.now;
}

Test(sched, a_switch_costs_the_one_who_comes)
{
	struct pw *pw = pw_new(1);
	struct waitq q[2] = { 0 };
	struct pw_job a = { .comm = "a", .fn = ping, .arg = { (uintptr_t)&q[0], (uintptr_t)&q[1], 0 } };
	struct pw_job b = { .comm = "b", .fn = ping, .arg = { (uintptr_t)&q[1], (uintptr_t)&q[0], 1 } };

	pw->w.cost.context_switch = 1500;
	pw_run(pw, 0);
	pw_spawn(pw, &b);
	pw_run(pw, MS); /* init's switch, b's */
	pw_spawn(pw, &a);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(a.out[0], MS + 1999 * 1500, "%llu", (unsigned long long)a.out[0]);
	cr_expect_eq(b.out[0], MS + 2000 * 1500, "%llu", (unsigned long long)b.out[0]);
	pw_free(pw);
}

static void interrupt(struct world *w, void *arg)
{
	(void)arg;
	sched_irq(w, 10 * US);
}

Test(sched, interrupts_take_time_from_whoever_runs_or_comes_next)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = sleeper, .arg = { 2 * MS, MS } };

	pw_spawn(pw, &a);
	pw_at(pw, MS, interrupt, NULL);              /* idle: over by the time a wakes */
	pw_at(pw, 2 * MS - 3 * US, interrupt, NULL); /* idle: 7 us are left */
	pw_at(pw, 2500 * US, interrupt, NULL);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(a.out[0], 2007 * US, "%llu", (unsigned long long)a.out[0]);
	cr_expect_eq(a.out[1], 3017 * US, "%llu", (unsigned long long)a.out[1]);
	pw_free(pw);
}

/* ---- bursts ---- */

static void one_burst(struct pw *pw, struct task *t, struct pw_job *j)
{
	sim_ns used;

	task_cpu(t, j->arg[1]);
	task_burst(&pw->w, t, j->arg[0], &used);
	j->out[0] = used;
	j->out[1] = pw->w.now;
}

static void cut(struct world *w, void *arg)
{
	struct pw_job *j = arg;

	j->out[2] = task_burst_done(w, j->p->thread[0]);
	task_cut(w, j->p->thread[0]);
	task_cut(w, j->p->thread[0]);
}

static void kill_job(struct world *w, void *arg)
{
	process_sigkill(w, ((struct pw_job *)arg)->p);
}

Test(sched, bursts_can_be_cut)
{
	static const struct {
		sim_ns at, used, end;
	} row[] = { { 3 * MS, 2 * MS, 3 * MS },
		    { MS / 2, 0, MS },
		    { 11 * MS, 10 * MS, 11 * MS },
		    { 12 * MS, 10 * MS, 11 * MS } };

	for (size_t i = 0; i < 2 * ARRAY_LEN(row); i++) {
		struct pw *pw = pw_new(1);
		struct pw_job a = { .comm = "a", .fn = one_burst, .arg = { 10 * MS, MS } };

		pw_spawn(pw, &a);
		pw_at(pw, row[i / 2].at, i % 2 ? kill_job : cut, &a);
		pw_run(pw, 20 * MS);
		cr_expect_eq(a.out[0], row[i / 2].used, "%zu: %llu", i, (unsigned long long)a.out[0]);
		cr_expect_eq(a.out[1], row[i / 2].end, "%zu: %llu", i, (unsigned long long)a.out[1]);
		if (!(i % 2) && row[i / 2].at < 12 * MS)
			cr_expect_eq(a.out[2], row[i / 2].used);
		pw_free(pw);
	}
}

/* A burst that has been preempted is cut too, and goes on when its task runs again. */
Test(sched, preempted_bursts_can_be_cut)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = one_burst, .arg = { 100 * MS } };
	struct pw_job rt = { .comm = "rt", .fn = sleeper, .fifo = 1, .arg = { 10 * MS, 10 * MS } };

	pw_spawn(pw, &a);
	pw_spawn(pw, &rt);
	pw_at(pw, 15 * MS, cut, &a);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(a.out[0], 10 * MS);
	cr_expect_eq(a.out[1], 20 * MS);
	cr_expect_eq(a.out[2], 10 * MS);
	pw_free(pw);
}

/* ---- several CPUs ---- */

Test(sched, cpus_run_side_by_side)
{
	struct pw *pw = pw_new(2);
	struct pw_job j[3] = { { .comm = "a", .fn = pw_hog, .arg = { 300 * US } },
			       { .comm = "b", .fn = pw_hog, .arg = { 500 * US } },
			       { .comm = "c", .fn = one_burst, .arg = { 2 * NS_PER_SEC } } };
	sim_ns sum = 0;

	for (int i = 0; i < 3; i++)
		pw_spawn(pw, &j[i]);
	pw_run(pw, 10 * NS_PER_SEC);
	for (int i = 0; i < 3; i++)
		sum += j[i].p->thread[0]->utime;
	cr_expect_geq(sum, 2 * 9999 * MS);
	cr_expect_eq(j[2].out[0], 2 * NS_PER_SEC);
	cr_expect(j[2].out[1] < 4100 * MS, "%llu", (unsigned long long)j[2].out[1]);
	cr_expect(j[0].out[0] > 10000 && j[1].out[0] > 8000, "once c is gone, the others have a CPU each");
	pw_free(pw);
}

/* Five tasks that started on two CPUs in threes and twos, then one CPU is left with one: a task moves over. */
Test(sched, queues_even_out)
{
	struct pw *pw = pw_new(2);
	struct pw_job j[5];
	sim_ns least = SIM_NEVER, most = 0;

	for (int i = 0; i < 5; i++) {
		j[i] = (struct pw_job){ .comm = "h", .fn = pw_hog, .arg = { MS } };
		pw_spawn(pw, &j[i]);
	}
	pw_run(pw, 100 * MS);
	for (int i = 0; i < 5; i++)
		if (j[i].p->thread[0]->cpu == (int)(i % 2))
			process_sigkill(&pw->w, j[i].p);
	pw_run(pw, 10 * NS_PER_SEC);
	for (int i = 0; i < 5; i++) {
		if (!j[i].p->sigkill) {
			least = u64_min(least, j[i].p->thread[0]->utime);
			most = u64_max(most, j[i].p->thread[0]->utime);
		}
	}
	cr_expect_eq(pw->w.sched.cpu[0].nr_running + pw->w.sched.cpu[1].nr_running, pw->w.proc.nuser);
	cr_expect_leq(pw->w.sched.cpu[0].nr_running, pw->w.sched.cpu[1].nr_running + 1);
	cr_expect_leq(pw->w.sched.cpu[1].nr_running, pw->w.sched.cpu[0].nr_running + 1);
	cr_expect(least > 0 && most <= 10 * NS_PER_SEC);
	pw_free(pw);
}

Test(sched, a_wakee_goes_to_an_idle_cpu)
{
	struct pw *pw = pw_new(2);
	struct pw_job s = { .comm = "s", .fn = sleeper, .arg = { 50 * MS, 10 * MS } };
	struct pw_job hog = { .comm = "hog", .fn = pw_hog, .nice = -20, .arg = { NS_PER_SEC } };

	pw_run(pw, 0);
	pw_spawn(pw, &s);
	pw_run(pw, MS);
	pw_spawn(pw, &hog);
	pw_run(pw, 2 * MS);
	cr_expect_eq(hog.p->thread[0]->cpu, s.p->thread[0]->cpu);
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(s.out[1], 60 * MS);
	cr_expect_neq(hog.p->thread[0]->cpu, s.p->thread[0]->cpu);
	pw_free(pw);
}

/* ---- in place or through the queue ---- */

/* Whatever comes to mind: burn, work, sleep, wake others, wait for them, cut them. */
static void mixed(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct world *w = &pw->w;
	struct waitq *q = (struct waitq *)j->arg[0];

	while (w->now < 2 * NS_PER_SEC) {
		struct pw_job *o = pw->job[sim_rng_below(t->rng, pw->njob)];
		sim_ns n = sim_rng_below(t->rng, sim_rng_below(t->rng, 4) ? 200 * US : 9 * MS), used;

		switch (sim_rng_below(t->rng, 7)) {
		case 0:
			task_burst(w, t, n, &used);
			break;
		case 1:
			task_cpu(t, n / 8);
			task_sync(w, t);
			break;
		case 2:
			task_wait(w, t, NULL, TASK_INTERRUPTIBLE, w->now + n);
			break;
		case 3:
			task_wait_io(w, t, &q[n % 2], TASK_KILLABLE, w->now + 3 * n);
			break;
		case 4:
			waitq_wake_one(w, &q[n % 2]);
			break;
		case 5:
			task_cpu(t, n / 50);
			if (o->p->nlive)
				task_cut(w, o->p->thread[0]);
			break;
		case 6:
			psi_memstall_enter(w, t);
			task_cpu(t, n / 4);
			task_yield(w, t);
			psi_memstall_leave(w, t);
			break;
		}
		pw_log(pw, t, t->timed_out ? "timeout" : "");
	}
}

static struct pw *run_mixed(unsigned ncpu, bool no_fast)
{
	static const int nice[6] = { 0, 0, 5, -5, 10, 0 };
	struct pw *pw = pw_new(ncpu);
	struct waitq *q = calloc(2, sizeof(*q));
	struct pw_job *j = calloc(6, sizeof(*j));

	pw->w.sched.no_fast = no_fast;
	pw->w.cost.context_switch = 1500;
	pw->w.cost.timer = 1200;
	for (int i = 0; i < 6; i++) {
		static const char *const comm[6] = { "a", "b", "c", "d", "e", "f" };

		j[i] = (struct pw_job){
			.comm = comm[i], .fn = mixed, .nice = nice[i], .fifo = i == 5 ? 7 : 0, .arg = { (uintptr_t)q }
		};
		pw_spawn(pw, &j[i]);
	}
	pw_at(pw, 7 * MS, interrupt, NULL);
	pw_run(pw, 3 * NS_PER_SEC);
	free(j);
	free(q);
	return pw;
}

Test(sched, in_place_and_by_events_is_the_same)
{
	for (unsigned ncpu = 1; ncpu <= 3; ncpu++) {
		struct pw *fast = run_mixed(ncpu, false), *slow = run_mixed(ncpu, true);

		cr_expect_gt(fast->log.len, 10000);
		cr_expect_str_eq(fast->log.s, slow->log.s);
		for (struct process *a = fast->w.proc.dead, *b = slow->w.proc.dead; a;
		     a = a->dead_next, b = b->dead_next) {
			cr_expect_eq(a->thread[0]->utime, b->thread[0]->utime);
			cr_expect_eq(a->thread[0]->stime, b->thread[0]->stime);
			cr_expect_eq(a->thread[0]->vruntime, b->thread[0]->vruntime);
		}
		for (int r = 0; r < NR_PSI_RESOURCES; r++) {
			struct rec_psi x, y;

			psi_show(&fast->w, r, &x);
			psi_show(&slow->w, r, &y);
			cr_expect_eq(x.some.total_us, y.some.total_us);
			cr_expect_eq(x.full.total_us, y.full.total_us);
		}
		pw_free(fast);
		pw_free(slow);
	}
}

/* A lone task that sleeps and works is never switched away from. */
static void paced(struct pw *pw, struct task *t, struct pw_job *j)
{
	for (int i = 0; i < 1000; i++) {
		task_wait(&pw->w, t, NULL, TASK_INTERRUPTIBLE, pw->w.now + MS);
		pw_burn(pw, t, 100 * US);
	}
	j->out[0] = pw->w.now;
}

Test(sched, nothing_else_to_do_needs_no_events)
{
	struct pw *pw = pw_new(4);
	struct pw_job a = { .comm = "a", .fn = paced };

	pw_run(pw, 0);
	pw_spawn(pw, &a);
	pw->w.switches = 0;
	pw_run(pw, 10 * NS_PER_SEC);
	cr_expect_eq(a.out[0], 1100 * MS);
	cr_expect_leq(pw->w.switches, 2);
	pw_free(pw);
}

/* ---- the timeline ---- */

Test(sched, timeline_orders_thousands)
{
	struct pw *pw = pw_new(1);
	struct cpu *c = &pw->w.sched.cpu[0];
	enum { N = 5000 };
	struct task *t = calloc(N, sizeof(*t));
	struct sim_rng *rng = sim_rng_new(3, "timeline");
	uint64_t last = 0;
	int left = N;

	pw_run(pw, 0);
	for (int i = 0; i < N; i++) {
		t[i] = (struct task){ .tid = i, .weight = 1024, .vruntime = 1000 + sim_rng_below(rng, N) };
		cfs_insert(c, &t[i]);
	}
	for (int i = 0; i < N; i += 3, left--)
		cfs_remove(c, &t[i]);
	for (; c->rq; left--) {
		struct task *first = cfs_next(&pw->w, c);
		uint64_t key = first->vruntime * N + (uint64_t)first->tid;

		cr_assert_gt(key, last);
		cr_assert_neq(first->tid % 3, 0);
		last = key;
		cfs_remove(c, first);
	}
	cr_expect_eq(left, 0);
	sim_rng_free(rng);
	free(t);
	pw_free(pw);
}
