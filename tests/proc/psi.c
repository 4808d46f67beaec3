/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "tests/proc/testworld.h"

#define MS     NS_PER_MS
#define PERIOD (2004 * MS) /* 2 * HZ + 1 jiffies */

/* Stall from arg[0] to arg[1], on the CPU (arg[2] 0) or waiting for I/O. */
static void stalls(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct world *w = &pw->w;

	task_wait(w, t, NULL, TASK_INTERRUPTIBLE, j->arg[0]);
	psi_memstall_enter(w, t);
	psi_memstall_enter(w, t);
	if (j->arg[2]) {
		task_wait_io(w, t, NULL, TASK_UNINTERRUPTIBLE, j->arg[1]);
	} else {
		task_cpu(t, j->arg[1] - w->now);
		task_sync(w, t);
	}
	psi_memstall_leave(w, t);
	psi_memstall_leave(w, t);
}

static void io(struct pw *pw, struct task *t, struct pw_job *j)
{
	task_wait_io(&pw->w, t, NULL, TASK_UNINTERRUPTIBLE, j->arg[0]);
}

static void burns(struct pw *pw, struct task *t, struct pw_job *j)
{
	pw_burn(pw, t, j->arg[0]);
}

/* Totals in ms at `at`. */
static void expect(struct pw *pw, sim_ns at, enum psi_res res, unsigned some, unsigned full)
{
	struct rec_psi r;

	pw_run(pw, at);
	psi_show(&pw->w, res, &r);
	cr_expect_eq(r.some.total_us, some * 1000ul, "some %lu us", (unsigned long)r.some.total_us);
	cr_expect_eq(r.full.total_us, full * 1000ul, "full %lu us", (unsigned long)r.full.total_us);
}

/* ---- averages: specification I.3 ---- */

Test(psi, averages_of_a_constant_stall)
{
	static const struct {
		unsigned after;
		uint32_t avg10, avg60, avg300;
	} row[] = { { 1, 1811, 327, 68 }, { 2, 3294, 643, 136 }, { 5, 6318, 1532, 337 }, { 10, 8644, 2829, 663 } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct pw *pw = pw_new(1);
		struct pw_job j = { .comm = "s", .fn = stalls, .arg = { 0, 100 * NS_PER_SEC } };
		struct rec_psi r;

		pw_spawn(pw, &j);
		pw_run(pw, row[i].after * PERIOD);
		psi_show(&pw->w, PSI_MEM, &r);
		cr_expect_eq(r.some.avg10, row[i].avg10, "%u", r.some.avg10);
		cr_expect_eq(r.full.avg60, row[i].avg60, "%u", r.full.avg60);
		cr_expect_eq(r.some.avg300, row[i].avg300, "%u", r.some.avg300);
		cr_expect_eq(r.full.total_us, row[i].after * PERIOD / 1000);
		pw_free(pw);
	}
}

/* 37100/2048 = 18.11 after the first period. The look comes three periods late: times 1124/2048 (1677 to the third),
 * then times 1677/2048 for the one just over. */
Test(psi, missed_periods_decay)
{
	struct pw *pw = pw_new(1);
	struct pw_job j = { .comm = "s", .fn = stalls, .arg = { 0, PERIOD } };
	struct rec_psi r;

	pw_spawn(pw, &j);
	pw_run(pw, PERIOD);
	cr_expect_eq(pw->w.psi.avg[PSI_MEM][0][0], 37100);
	evq_disarm(pw->w.evq, pw->w.psi.slot);
	pw_run(pw, 5 * PERIOD);
	psi_show(&pw->w, PSI_MEM, &r);
	cr_expect_eq(pw->w.psi.avg[PSI_MEM][0][0], 16672);
	cr_expect_eq(r.some.avg10, 814);
	pw_free(pw);
}

/* ---- states ---- */

Test(psi, a_stalled_task_that_runs_is_full)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { 100 * MS, 400 * MS } };

	pw_spawn(pw, &s);
	expect(pw, NS_PER_SEC, PSI_MEM, 300, 300);
	expect(pw, NS_PER_SEC, PSI_IO, 0, 0);
	expect(pw, NS_PER_SEC, PSI_CPU, 0, 0);
	pw_free(pw);
}

Test(psi, a_stalled_sleeper_is_full_unless_somebody_works)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { 0, 400 * MS, 1 } };
	struct pw_job b = { .comm = "b", .fn = burns, .arg = { 100 * MS } };

	pw_spawn(pw, &s);
	pw_run(pw, 0);
	pw_spawn(pw, &b);
	expect(pw, NS_PER_SEC, PSI_MEM, 400, 300);
	expect(pw, NS_PER_SEC, PSI_IO, 400, 300);
	pw_free(pw);
}

Test(psi, plain_io_is_no_memory_stall)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = io, .arg = { 300 * MS } },
		      u = { .comm = "u", .fn = io, .arg = { 200 * MS } };

	pw_spawn(pw, &s);
	pw_spawn(pw, &u);
	expect(pw, NS_PER_SEC, PSI_IO, 300, 300);
	expect(pw, NS_PER_SEC, PSI_MEM, 0, 0);
	pw_free(pw);
}

/* Two share the CPU for 400 ms: one always waits for it. Full is not defined for the whole system. */
Test(psi, waiting_for_a_cpu)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "a", .fn = burns, .arg = { 200 * MS } },
		      b = { .comm = "b", .fn = burns, .arg = { 300 * MS } };
	struct rec_psi r;

	pw_spawn(pw, &a);
	pw_spawn(pw, &b);
	pw_run(pw, NS_PER_SEC);
	psi_show(&pw->w, PSI_CPU, &r);
	cr_expect(r.some.total_us >= 395000 && r.some.total_us <= 404000, "%lu", (unsigned long)r.some.total_us);
	cr_expect_eq(r.full.total_us, 0);
	pw_free(pw);
}

/* Up to 5.12 only the ticks at 4 and 8 ms see that the running task is stalled: 3 + 4 ms. A stall between ticks is
 * not seen. */
Test(psi, old_rule_counts_by_ticks)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { MS, 10 * MS } };
	struct pw_job u = { .comm = "u", .fn = stalls, .arg = { 21 * MS, 23 * MS } };
	struct pw_job v = { .comm = "v", .fn = stalls, .arg = { 30 * MS, 50 * MS, 1 } };

	pw->km.psi_full = PSI_FULL_NO_RUNNABLE;
	pw_spawn(pw, &s);
	pw_spawn(pw, &u);
	pw_spawn(pw, &v);
	expect(pw, NS_PER_SEC, PSI_MEM, 9 + 2 + 20, 7 + 20);
	pw_free(pw);
}

Test(psi, old_rule_sees_no_stall_while_anybody_is_runnable)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { 0, 40 * MS, 1 } };
	struct pw_job b = { .comm = "b", .fn = burns, .arg = { 30 * MS } };

	pw->km.psi_full = PSI_FULL_NO_RUNNABLE;
	pw_spawn(pw, &s);
	pw_run(pw, 0);
	pw_spawn(pw, &b);
	expect(pw, NS_PER_SEC, PSI_MEM, 40, 10);
	pw_free(pw);
}

/* ---- aggregation ---- */

/* CPU 0 stalled for 2 s (500 jiffies not idle), CPU 1 busy for 500 ms (125): 2 s * 500/625. */
Test(psi, cpus_count_by_their_busy_time)
{
	struct pw *pw = pw_new(2);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { 0, 10 * NS_PER_SEC } };
	struct pw_job b = { .comm = "b", .fn = burns, .arg = { 500 * MS } };

	pw_run(pw, 0);
	pw_spawn(pw, &s);
	pw_spawn(pw, &b);
	expect(pw, 2 * NS_PER_SEC, PSI_MEM, 1600, 1600);
	pw_free(pw);
}

/* Less than a jiffy of activity weighs nothing, and is gone. */
Test(psi, part_of_a_jiffy_is_lost)
{
	struct pw *pw = pw_new(1);
	struct pw_job s = { .comm = "s", .fn = stalls, .arg = { 1000 * MS, 1003 * MS } };
	struct pw_job u = { .comm = "u", .fn = stalls, .arg = { 1200 * MS, 1204 * MS } };

	pw_spawn(pw, &s);
	pw_spawn(pw, &u);
	expect(pw, 1100 * MS, PSI_MEM, 0, 0);
	expect(pw, 1300 * MS, PSI_MEM, 4, 4);
	pw_free(pw);
}

/* Whatever happened, nobody is counted any more when all have left. */
Test(psi, counts_come_back_to_zero)
{
	struct pw *pw = pw_new(2);
	struct pw_job j[20];

	for (unsigned i = 0; i < 20; i++) {
		j[i] = (struct pw_job){ .comm = "s",
					.fn = i % 3 ? stalls : burns,
					.nice = (int)i - 10,
					.arg = { i * MS, (i + 7) * MS, i % 2 } };
		pw_spawn(pw, &j[i]);
	}
	pw_run(pw, NS_PER_SEC);
	cr_expect_eq(pw->w.proc.nuser, 0);
	for (int c = 0; c < 2; c++)
		for (int i = 0; i < 5; i++)
			cr_expect_eq(pw->w.psi.cpu[c].tasks[i], 0);
	pw_free(pw);
}
