/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where time goes: /proc/stat, delay accounting as each kernel has it, the thrashing index. */
#include <criterion/criterion.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define MS      NS_PER_MS
#define SET_MIB 100

static struct tape *run(struct sim_config *c)
{
	struct tape *t = calloc(1, sizeof(*t));
	enum run_end end;

	cr_assert_eq(mini_run(c, t, &end), SIM_OK);
	sim_config_free(c);
	return t;
}

/* A program that writes all over 100 MiB at random for 3 s, on a machine of 128 MiB that has some 80 for it. */
static struct tape *thrash(const char *kernel)
{
	struct sim_config c;

	mini_init(&c, 128, 256, 4);
	c.kernel = kernel_model_find(kernel);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = SET_MIB * MIB },
				  { .op = STEP_TOUCH, .region = "m", .write = true },
				  { .op = STEP_TOUCH,
				    .region = "m",
				    .write = true,
				    .pattern = PATTERN_UNIFORM,
				    .duration = 3 * NS_PER_SEC }));
	return run(&c);
}

static sim_ns delay(const struct tape *t, enum delay why)
{
	return t->last.acct.delay[why].total_ns;
}

static uint64_t count(const struct tape *t, enum delay why)
{
	return t->last.acct.delay[why].count;
}

static sim_ns stat_sum(const struct tape *t)
{
	sim_ns sum = 0;

	for (int i = 0; i < CPU_STAT_COUNT; i++)
		sum += t->last.cpu_ns[i];
	return sum;
}

/* One spins for 300 ms, a nice one for 200 ms, on two CPUs; nothing else costs anything. */
Test(acct, proc_stat)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 0, 1);
	mini_no_costs(&c);
	c.machine.ncpu = 2;
	c.stop_when_idle = false;
	mini_process(&c, "a", 0, MINI_PROGRAM(STEP_SPIN_S(0.3)));
	mini_process(&c, "b", 0, MINI_PROGRAM(STEP_SPIN_S(0.2)))->nice = 10;
	t = run(&c);
	cr_expect_eq(t->last.cpu_ns[CPU_USER], 300 * MS);
	cr_expect_eq(t->last.cpu_ns[CPU_NICE], 200 * MS);
	cr_expect_eq(t->last.cpu_ns[CPU_SYSTEM], 0);
	cr_expect_eq(t->last.cpu_ns[CPU_IOWAIT], 0);
	cr_expect_eq(t->last.cpu_ns[CPU_IDLE], 1500 * MS);
	cr_expect_eq(t->last.acct.cpu_ns, 500 * MS);
	cr_expect_eq(t->last.acct.elapsed_ns, NS_PER_SEC);
	free(t);
}

/* 100 paced touches of 1 ms each: user time, whether or not the program leaps over its naps. */
Test(acct, paced_touches_are_user_time)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 0, 2);
	mini_no_costs(&c);
	c.machine.cost.touch = MS;
	mini_process(&c, "a", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = 100 * 4096 }, { .op = STEP_TOUCH,
											    .region = "m",
											    .write = true,
											    .rate = 400,
											    .catch_up = 10 * MS,
											    .batch = 1 }));
	t = run(&c);
	cr_expect_eq(t->last.cpu_ns[CPU_USER], 100 * MS);
	cr_expect_eq(t->last.cpu_ns[CPU_SYSTEM], 0);
	cr_expect_eq(t->last.acct.user_ns, 100 * MS);
	free(t);
}

/* In the middle of a burst the clock has moved on but nobody has been charged yet. */
Test(acct, proc_stat_in_the_middle_of_a_burst)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 0, 0.05);
	mini_no_costs(&c);
	mini_process(&c, "a", 0, MINI_PROGRAM(STEP_SPIN_S(0.3)));
	mini_process(&c, "b", 0, MINI_PROGRAM(STEP_SPIN_S(0.3)));
	t = run(&c);
	cr_expect_eq(t->last.cpu_ns[CPU_USER], 50 * MS);
	cr_expect_eq(t->last.cpu_ns[CPU_IDLE], 0);
	free(t);
}

/* Two that want the one CPU for 300 ms each: together they wait for it as long as both have still to run. */
Test(acct, waiting_for_a_cpu)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 0, 1);
	mini_no_costs(&c);
	mini_process(&c, "a", 0, MINI_PROGRAM(STEP_SPIN_S(0.3)));
	mini_process(&c, "b", 0, MINI_PROGRAM(STEP_SPIN_S(0.3)));
	t = run(&c);
	cr_expect_geq(delay(t, DELAY_CPU), 590 * MS, "%llu", (unsigned long long)delay(t, DELAY_CPU));
	cr_expect_leq(delay(t, DELAY_CPU), 600 * MS);
	cr_expect_geq(count(t, DELAY_CPU), 2 * 300 / 24, "slices are 3 to 12 ms");
	free(t);
}

/* A sequential read of 4 MiB that nobody had: iowait, block I/O delay, and not a refault in it. */
Test(acct, first_reads_are_no_refaults)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 0, 1);
	mini_no_costs(&c);
	c.stop_when_idle = false;
	mini_file(&c, 4 * MIB);
	mini_process(&c, "x", 0, MINI_PROGRAM({ .op = STEP_READ }));
	t = run(&c);
	cr_expect_gt(t->last.cpu_ns[CPU_IOWAIT], 10 * MS, "4 MiB at 400 MB/s");
	cr_expect_eq(t->last.cpu_ns[CPU_IOWAIT], delay(t, DELAY_BLKIO), "nothing else happens meanwhile");
	cr_expect_eq(t->last.acct.refault_ns, 0);
	cr_expect_eq(delay(t, DELAY_SWAPIN), 0);
	cr_expect_eq(stat_sum(t), NS_PER_SEC);
	free(t);
}

/* Until 5.16 a wait for swap is the swap-in delay and not block I/O; from 5.17 on it is block I/O, and the swap-in delay is
 * the submission, or the whole of a read that is synchronous. */
Test(acct, waits_for_swap_by_kernel)
{
	struct tape *old = thrash("k5.10"), *new = thrash("k6.1");

	cr_expect_gt(delay(old, DELAY_SWAPIN), 1000 * MS);
	cr_expect_lt(delay(old, DELAY_BLKIO), delay(old, DELAY_SWAPIN) / 2);
	cr_expect_gt(delay(new, DELAY_BLKIO), 1000 * MS);
	cr_expect_eq(count(new, DELAY_SWAPIN), new->last.vmstat[VMSTAT_pswpin], "one for each page read");
	cr_expect_gt(delay(new, DELAY_SWAPIN), 1000 * MS, "windows of one page are read synchronously");
	cr_expect_eq(stat_sum(new), new->end_ns);
	free(old);
	free(new);
}

/* thrashing since 4.20, wpcopy since 6.0, freepages since 2.6.28, none of it before 2.6.18. */
Test(acct, counters_appear_with_their_kernels)
{
	struct tape *t[] = { thrash("k2.6.11"), thrash("k2.6.24"), thrash("k2.6.32"), thrash("k5.10"), thrash("k6.1") };

	cr_expect_eq(count(t[0], DELAY_CPU), 0);
	cr_expect_gt(count(t[1], DELAY_CPU), 0);
	cr_expect_gt(count(t[1], DELAY_SWAPIN), 0);
	cr_expect_eq(count(t[1], DELAY_FREEPAGES), 0);
	cr_expect_gt(count(t[2], DELAY_FREEPAGES), 0);
	cr_expect_eq(count(t[2], DELAY_THRASHING), 0);
	cr_expect_gt(count(t[3], DELAY_THRASHING), 0);
	cr_expect_eq(count(t[3], DELAY_WPCOPY), 0, "5.10 copies (WP_COPY_KEEP), but does not count it");
	cr_expect_eq(count(t[4], DELAY_COMPACT), 0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		free(t[i]);
}

/* A child that writes 100 pages it shares with its parent copies each of them. */
Test(acct, copies_are_counted)
{
	struct sim_config c;
	struct tape *t;
	struct program_cfg child = MINI_PROGRAM({ .op = STEP_TOUCH, .region = "m", .write = true });

	mini_init(&c, 64, 0, 1);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = 100 * 4096 },
				  { .op = STEP_TOUCH, .region = "m", .write = true },
				  { .op = STEP_FORK, .count = 1, .body = child }, { .op = STEP_WAIT }));
	t = run(&c);
	cr_expect_geq(count(t, DELAY_WPCOPY), 100, "%llu", (unsigned long long)count(t, DELAY_WPCOPY));
	cr_expect_leq(count(t, DELAY_WPCOPY), 100 + 14, "and the 14 private pages of its program, if it writes them");
	cr_expect_geq(delay(t, DELAY_WPCOPY), 100 * c.machine.cost.fault_cow);
	free(t);
}

/* A set that does not fit: nearly all of the time goes into getting pages back. One that fits: none. */
Test(acct, thrashing_index_of_a_run)
{
	struct sim_config c;
	struct tape *t = thrash("k6.1");

	cr_expect_gt(t->last.acct.refault_ns, 2 * NS_PER_SEC);
	cr_expect_leq(t->last.acct.refault_ns, t->last.acct.fault_ns);
	cr_expect_gt(thrashing_index(&t->last.acct, NULL), 7000);
	free(t);
	mini_init(&c, 256, 256, 4);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = SET_MIB * MIB },
				  { .op = STEP_TOUCH, .region = "m", .write = true },
				  { .op = STEP_TOUCH, .region = "m", .write = true, .duration = 3 * NS_PER_SEC }));
	t = run(&c);
	cr_expect_gt(t->last.acct.fault_ns, 0, "25600 pages were new");
	cr_expect_eq(t->last.acct.refault_ns, 0);
	cr_expect_eq(thrashing_index(&t->last.acct, NULL), 0);
	free(t);
}

Test(acct, thrashing_index_by_hand)
{
	const struct rec_acct a = { .cpu_ns = 40, .refault_ns = 60, .refault_cpu_ns = 0, .elapsed_ns = 100 },
			      idle = { .cpu_ns = 10, .refault_ns = 20, .elapsed_ns = 100 },
			      many = { .cpu_ns = 130, .refault_ns = 300, .refault_cpu_ns = 30, .elapsed_ns = 100 },
			      later = { .cpu_ns = 90, .refault_ns = 60, .refault_cpu_ns = 0, .elapsed_ns = 150 },
			      none = { .elapsed_ns = 100 };

	cr_expect_eq(thrashing_index(&a, NULL), 6000, "60 of 60 + 40");
	cr_expect_eq(thrashing_index(&idle, NULL), 2000, "20 of the 100 that passed");
	cr_expect_eq(thrashing_index(&many, NULL), 7500, "300 of 300 + 130 - 30");
	cr_expect_eq(thrashing_index(&later, &a), 0, "nothing was lost in between");
	cr_expect_eq(thrashing_index(&none, NULL), 0);
}
