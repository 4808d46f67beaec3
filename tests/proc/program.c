/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs, step by step, on machines too large or too small to interfere. */
#include <criterion/criterion.h>
#include <errno.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define STEP_WAIT_CHILDREN                                                                                             \
	{                                                                                                              \
		.op = STEP_WAIT                                                                                        \
	}
#define HEAP_TOUCH .op = STEP_TOUCH, .region = "heap", .catch_up = 10 * NS_PER_MS

static struct sim_config c;
static struct tape *t;
static struct world_stats stats;
static enum run_end ended;

static void setup(void)
{
	mini_init(&c, 1024, 0, 100);
	t = calloc(1, sizeof(*t));
}

static void teardown(void)
{
	sim_config_free(&c);
	free(t);
}

TestSuite(program, .init = setup, .fini = teardown);

static void run(void)
{
	struct recorder rec = tape_recorder(t);
	struct world *w;

	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &ended), SIM_OK);
	world_get_stats(w, &stats);
	world_free(w);
}

static const struct rec_event *step_of(const char *comm, enum event_kind kind, enum step_op op, size_t n)
{
	for (size_t i = 0;; i++) {
		const struct rec_event *e = tape_find(t, kind, comm, i);

		cr_assert(e, "no event %d of step %d by %s", kind, op, comm);
		if (e->arg[0] == (int64_t)op && !n--)
			return e;
	}
}

/* ---- pace ---- */

Test(program, leak_keeps_its_rate)
{
	const struct rec_event *e;

	mini_process(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(100 * MIB, 25.0 * MIB)));
	run();
	e = step_of("leak", EV_STEP_END, STEP_GROW, 0);
	cr_assert_eq(e->arg[1], 25600);
	cr_assert(e->arg[2] >= 3998 && e->arg[2] <= 4002, "%lld ms", (long long)e->arg[2]);
	cr_assert_eq(tape_number(t, EV_STEP_FAILED, NULL), 0);
	cr_assert_leq(e->arg[3], 200, "a batch of 12 faults is no stall");
}

/* A stall beyond catch_up is lost, one within is made good. */
Test(program, lost_time_is_lost)
{
	sim_ns end[2];

	for (int made_good = 0; made_good < 2; made_good++) {
		struct process_cfg *p;

		if (made_good) {
			teardown();
			setup();
		}
		mini_process(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(50 * MIB, 25.0 * MIB)));
		c.process[0].program.step[0].catch_up = made_good ? NS_PER_SEC : 10 * NS_PER_MS;
		p = mini_process(&c, "rt", 0.5, MINI_PROGRAM(STEP_SPIN_S(0.4)));
		p->rt_priority = 50;
		run();
		end[made_good] = step_of("leak", EV_STEP_END, STEP_GROW, 0)->t_ns;
	}
	cr_assert(end[0] > 2390 * NS_PER_MS && end[0] < 2410 * NS_PER_MS, "%llu", (unsigned long long)end[0]);
	cr_assert(end[1] > 1990 * NS_PER_MS && end[1] < 2010 * NS_PER_MS, "%llu", (unsigned long long)end[1]);
}

Test(program, unpaced_growth_is_no_event_a_page)
{
	mini_process(&c, "x", 0, MINI_PROGRAM(STEP_LEAK(512 * MIB, 0)));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_GROW, 0)->arg[1], 131072);
	cr_assert_lt(stats.events, 5000);
}

/* ---- touch ---- */

Test(program, paced_touches_leap)
{
	const struct rec_event *e;

	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(20 * MIB, 0), { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true,
							    .rate = 2000, .duration = 80 * NS_PER_SEC }));
	run();
	e = step_of("x", EV_STEP_END, STEP_TOUCH, 0);
	cr_assert_eq(e->arg[1], 160000);
	cr_assert_eq(e->arg[2], 80000);
	cr_assert_lt(stats.events, 2000, "%llu events for 40000 batches", (unsigned long long)stats.events);
}

Test(program, work_under_way_shows_in_samples)
{
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0),
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .duration = 50 * NS_PER_SEC }));
	mini_process(&c, "y", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0), { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .rate = 1000,
						       .duration = 50 * NS_PER_SEC }));
	run();
	cr_assert_str_eq(t->task.comm, "y");
	cr_assert(t->task.work_pages >= 256 + 990 && t->task.work_pages <= 256 + 1000, "%llu",
		  (unsigned long long)t->task.work_pages);
}

Test(program, a_pass_touches_each_page_once)
{
	const struct rec_event *e;

	c.machine.cost.touch = 100;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "heap", .size = 4 * MIB }, { HEAP_TOUCH, .write = true },
				  { HEAP_TOUCH, .write = true }));
	run();
	e = tape_find(t, EV_EXIT, "x", 0);
	cr_assert_eq(e->arg[2], 1024 + 14);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 0)->arg[1], 1024);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->arg[1], 1024);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->t_ns - step_of("x", EV_STEP_END, STEP_TOUCH, 0)->t_ns,
		     1024 * 100);
}

Test(program, reads_of_fresh_memory_map_the_zero_page)
{
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "heap", .size = 4 * MIB }, { HEAP_TOUCH },
				  { HEAP_TOUCH, .write = true, .read_first = true }, STEP_SLEEP_FOREVER));
	c.horizon = NS_PER_SEC;
	run();
	cr_assert_eq(t->task.min_flt, 14 + 1024 + 1024);
	cr_assert_eq(t->task.RssAnon_kB, 4096 + 56);
}

Test(program, read_first_faults_twice)
{
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "heap", .size = 4 * MIB },
				  { HEAP_TOUCH, .write = true, .read_first = true }));
	run();
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[2], 14 + 2048);
}

/* Hits cost their time and nothing else; the guest looks at its clock every 32. */
Test(program, unpaced_touches_end_at_the_deadline)
{
	const struct rec_event *e;

	c.machine.cost.touch = 100;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(20 * MIB, 0), { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true,
							    .duration = 10 * NS_PER_SEC }));
	run();
	e = step_of("x", EV_STEP_END, STEP_TOUCH, 0);
	cr_assert_eq(e->arg[2], 10000);
	cr_assert(e->arg[1] >= 99000000 && e->arg[1] <= 100000064, "%lld", (long long)e->arg[1]);
	cr_assert_leq(e->arg[3], 20, "32 touches, and kswapd once");
	cr_assert_lt(stats.events, 2000);
}

Test(program, the_deadline_holds_on_a_shared_cpu)
{
	const struct rec_event *e;

	c.machine.cost.touch = 100;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0),
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .duration = 2 * NS_PER_SEC }));
	mini_process(&c, "spin", 0, MINI_PROGRAM(STEP_SPIN_S(5)));
	run();
	e = step_of("x", EV_STEP_END, STEP_TOUCH, 0);
	cr_assert(e->arg[2] >= 2000 && e->arg[2] <= 2020, "%lld ms", (long long)e->arg[2]);
	cr_assert(e->arg[1] > 9000000 && e->arg[1] < 11000000, "half of the CPU: %lld", (long long)e->arg[1]);
	cr_assert(e->arg[3] > 1000 && e->arg[3] < 20000, "the other's slice: %lld us", (long long)e->arg[3]);
}

Test(program, accesses_limit_a_touch)
{
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0),
				  { HEAP_TOUCH, .pattern = PATTERN_ZIPF, .zipf_s = 1.1, .accesses = 777777 },
				  { HEAP_TOUCH, .pattern = PATTERN_HOTCOLD, .hot_fraction = 0.2, .hot_weight = 0.9,
				    .accesses = 1001, .rate = 100000 }));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 0)->arg[1], 777777);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->arg[1], 1001);
	cr_assert(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->arg[2] >= 10);
}

/* 10 batches of 32 with 1 ms after each. */
Test(program, think_time_follows_each_batch)
{
	mini_no_costs(&c);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0),
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .accesses = 320, .think.p = { 1e6 } }));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 0)->arg[2], 10);
}

Test(program, per_access_mode_does_the_same_work)
{
	c.per_access = true;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "heap", .size = 4 * MIB },
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true, .accesses = 20000 },
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true, .rate = 2000,
				    .duration = NS_PER_SEC }));
	run();
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[2], 14 + 1024);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 0)->arg[1], 20000);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->arg[1], 2000);
	cr_assert_geq(step_of("x", EV_STEP_END, STEP_TOUCH, 1)->arg[2], 1000);
}

Test(program, touching_nothing_is_an_error)
{
	mini_process(&c, "x", 0, MINI_PROGRAM({ HEAP_TOUCH, .accesses = 5 }, STEP_EXIT_CODE(1)));
	run();
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_TOUCH, 0)->arg[1], EFAULT);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[1], 1, "and ends only its step");
}

/* ---- control ---- */

Test(program, loops_and_exit)
{
	mini_no_costs(&c);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_LOOP,
				    .count = 3,
				    .body = MINI_PROGRAM(
					    STEP_SLEEP_S(1),
					    { .op = STEP_LOOP, .count = 2, .body = MINI_PROGRAM(STEP_SLEEP_S(0.1)) }) },
				  { .op = STEP_LOOP, .body = MINI_PROGRAM(STEP_EXIT_CODE(7)) }));
	run();
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->t_ns / NS_PER_US, 3600 * 1000);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[1], 7);
}

/* What costs nothing still takes some time a round. */
Test(program, an_idle_loop_ends_at_the_horizon)
{
	mini_no_costs(&c);
	c.horizon = NS_PER_MS;
	mini_process(&c, "x", 0, MINI_PROGRAM({ .op = STEP_LOOP, .body = MINI_PROGRAM({ .op = STEP_CHOOSE }) }));
	run();
	cr_assert_eq(ended, RUN_HORIZON);
}

Test(program, choose_goes_by_weight)
{
	struct step_cfg choose = { .op = STEP_CHOOSE, .nbranch = 3 };
	size_t first, last;

	choose.branch = calloc(3, sizeof(*choose.branch));
	choose.weight = calloc(3, sizeof(*choose.weight));
	choose.branch[0] = MINI_PROGRAM({ .op = STEP_MUNMAP, .region = "none" });
	choose.branch[1] = MINI_PROGRAM(STEP_EXIT_CODE(1));
	choose.branch[2] = MINI_PROGRAM({ .op = STEP_MADVISE, .region = "none" });
	choose.weight[0] = 3;
	choose.weight[2] = 1;
	mini_process(&c, "x", 0, MINI_PROGRAM({ .op = STEP_LOOP, .count = 2000, .body = MINI_PROGRAM(choose) }));
	run();
	first = last = 0;
	for (size_t i = 0; i < t->nevent; i++) {
		first += t->event[i].kind == EV_STEP_FAILED && t->event[i].arg[0] == STEP_MUNMAP;
		last += t->event[i].kind == EV_STEP_FAILED && t->event[i].arg[0] == STEP_MADVISE;
	}
	cr_assert_eq(first + last, 2000);
	cr_assert(first > 1400 && first < 1600, "%zu", first); /* 5 sigma */
}

Test(program, sysctl_and_adj)
{
	struct process_cfg *p;

	p = mini_process(&c, "root", 0,
			 MINI_PROGRAM({ .op = STEP_SYSCTL, .sysctl = 0, .value = 10 },
				      { .op = STEP_SET_ADJ, .value = -500 }, STEP_SLEEP_FOREVER));
	p->uid = 0;
	p->capabilities = ~0u;
	mini_process(&c, "user", 0,
		     MINI_PROGRAM({ .op = STEP_SET_ADJ, .value = 300 }, { .op = STEP_SET_ADJ, .value = 100 },
				  { .op = STEP_SET_ADJ, .value = -1 }));
	c.horizon = NS_PER_SEC;
	run();
	cr_assert_eq(tape_find(t, EV_SYSCTL, "root", 0)->arg[1], 10);
	cr_assert_eq(tape_number(t, EV_STEP_FAILED, "root"), 0);
	cr_assert_eq(tape_number(t, EV_STEP_FAILED, "user"), 1, "down to what it was given, not below");
	cr_assert_eq(step_of("user", EV_STEP_FAILED, STEP_SET_ADJ, 0)->arg[1], EACCES);
	cr_assert_eq(t->task.oom_score_adj, -500);
}

/* ---- memory ---- */

Test(program, mode_2_refuses_and_the_program_goes_on)
{
	c.sysctl.overcommit_memory = 2;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = 100 * MIB, .count = 20 },
				  STEP_LEAK(800 * MIB, 0), STEP_EXIT_CODE(2)));
	run();
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_MMAP, 0)->arg[1], ENOMEM);
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_MMAP, 0)->arg[2], 4 * 25600,
		     "half of 957 MiB less two reserves of a 32nd");
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_MMAP, 0)->arg[3], 20 * 25600);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_MMAP, 0)->arg[1], 4 * 25600);
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_GROW, 0)->arg[2],
		     step_of("x", EV_STEP_END, STEP_GROW, 0)->arg[1]);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[1], 2);
	cr_assert_geq(tape_number(t, EV_OVERCOMMIT_REFUSED, "x"), 2);
}

Test(program, parts_go_back)
{
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(20 * MIB, 0), { .op = STEP_MADVISE, .region = "heap", .size = 4 * MIB },
				  { .op = STEP_MUNMAP, .region = "heap", .size = 6 * MIB },
				  { .op = STEP_MMAP, .region = "gone", .size = MIB },
				  { .op = STEP_MUNMAP, .region = "gone" }, { .op = STEP_MUNMAP, .region = "gone" },
				  STEP_SLEEP_FOREVER));
	run();
	cr_assert_eq(t->task.RssAnon_kB, 14 * 1024 + 56, "the 4 MiB lie in the 6");
	cr_assert_eq(t->task.VmSize_kB, (16 + 14) * 1024 + 56);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_MUNMAP, 0)->arg[1], 1536);
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_MUNMAP, 0)->arg[1], EFAULT);
}

Test(program, locked_for_the_future)
{
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .size = MIB }, { .op = STEP_MLOCK },
				  { .op = STEP_MMAP, .region = "n", .size = 2 * MIB },
				  { .op = STEP_MADVISE, .region = "n" }, STEP_SLEEP_FOREVER));
	run();
	cr_assert_eq(t->task.RssAnon_kB, 3 * 1024 + 56, "mapped is resident");
	cr_assert_eq(step_of("x", EV_STEP_FAILED, STEP_MADVISE, 0)->arg[1], EINVAL);
	cr_assert_eq(t->last.meminfo_kB[MI_Mlocked], 2548 + 3 * 1024 + 56);
}

Test(program, shared_memory_is_counted_and_given_back)
{
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .kind = REGION_SHMEM, .size = 8 * MIB },
				  { .op = STEP_TOUCH, .region = "m", .write = true }));
	c.stop_when_idle = false;
	c.horizon = NS_PER_SEC;
	run();
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[2], 14 + 2048);
	cr_assert_eq(t->last.meminfo_kB[MI_Shmem], 764);
}

/* ---- files ---- */

Test(program, a_second_reading_is_from_memory)
{
	sim_ns first, second;

	mini_file(&c, 64 * MIB);
	mini_process(&c, "x", 0, MINI_PROGRAM({ .op = STEP_READ }, { .op = STEP_READ }));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_READ, 0)->arg[1], 16384);
	first = step_of("x", EV_STEP_END, STEP_READ, 0)->t_ns;
	second = step_of("x", EV_STEP_END, STEP_READ, 1)->t_ns - first;
	cr_assert(first > 160 * NS_PER_MS && first < 400 * NS_PER_MS, "64 MiB at 400 MB/s: %llu",
		  (unsigned long long)first);
	cr_assert_lt(second, 10 * NS_PER_MS);
	cr_assert_eq(t->last.meminfo_kB[MI_Cached], 65536 + 764);
}

Test(program, paced_and_random_reading)
{
	mini_file(&c, 64 * MIB);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_READ, .rate = 16.0 * MIB, .size = 32 * MIB, .catch_up = 10 * NS_PER_MS },
				  { .op = STEP_READ, .pattern = PATTERN_UNIFORM, .accesses = 500 },
				  { .op = STEP_READ, .pattern = PATTERN_ZIPF, .zipf_s = 1.0, .accesses = 500 },
				  { .op = STEP_READ,
				    .pattern = PATTERN_HOTCOLD,
				    .hot_fraction = 0.1,
				    .hot_weight = 0.9,
				    .accesses = 500 },
				  { .op = STEP_READ, .duration = NS_PER_SEC, .rate = MIB }));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_READ, 0)->arg[2], 2000);
	for (size_t i = 1; i < 4; i++)
		cr_assert_eq(step_of("x", EV_STEP_END, STEP_READ, i)->arg[1], 500);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_READ, 4)->arg[1], 256);
}

Test(program, writing_dirties_the_cache)
{
	mini_file(&c, 64 * MIB);
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM({ .op = STEP_WRITE, .size = 8 * MIB, .io_size = 16 * KIB, .batch = 8 },
				  STEP_SLEEP_FOREVER));
	run();
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_WRITE, 0)->arg[1], 2048);
	cr_assert_eq(t->task.work_pages, 2048);
	cr_assert_eq(t->last.meminfo_kB[MI_Dirty], 8192);
	cr_assert_eq(t->last.meminfo_kB[MI_Cached], 8192 + 764);
}

/* ---- families ---- */

Test(program, fork_names_and_gaps)
{
	mini_no_costs(&c);
	mini_process(
		&c, "averylongname", 0,
		MINI_PROGRAM({ .op = STEP_FORK, .count = 3, .time.p = { 20e6 }, .body = MINI_PROGRAM(STEP_SLEEP_S(1)) },
			     STEP_WAIT_CHILDREN, STEP_EXIT_CODE(0)));
	run();
	for (int i = 0; i < 3; i++) {
		const char *name[] = { "averylongn.0", "averylongn.1", "averylongn.2" };
		const struct rec_event *e = tape_find(t, EV_START, name[i], 0);

		cr_assert(e);
		cr_assert_eq(e->t_ns, (sim_ns)i * 20 * NS_PER_MS);
		cr_assert_eq(e->arg[2], 79);
		cr_assert_eq(tape_find(t, EV_EXIT, name[i], 0)->t_ns, e->t_ns + NS_PER_SEC);
	}
	cr_assert_eq(step_of("averylongname", EV_STEP_END, STEP_FORK, 0)->t_ns, 60 * NS_PER_MS);
	cr_assert_eq(tape_find(t, EV_EXIT, "averylongname", 0)->t_ns, 1040 * NS_PER_MS, "when the last has gone");
}

/* Children share their parent's pages until they write. */
Test(program, fork_copies_on_write)
{
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(40 * MIB, 0),
				  { .op = STEP_FORK,
				    .count = 2,
				    .child_comm = "kid",
				    .body = MINI_PROGRAM({ HEAP_TOUCH, .size = 10 * MIB, .write = true },
							 STEP_SLEEP_FOREVER) },
				  STEP_SLEEP_FOREVER));
	run();
	cr_assert_str_eq(t->task.comm, "kid");
	cr_assert_eq(t->task.RssAnon_kB, 40 * 1024 + 56);
	cr_assert(t->last.meminfo_kB[MI_AnonPages] > 60 * 1024 && t->last.meminfo_kB[MI_AnonPages] < 64 * 1024);
	cr_assert_eq(t->last.meminfo_kB[MI_Committed_AS], 3 * (40 * 1024 + 56));
}

Test(program, threads_max_ends_a_fork_bomb)
{
	mini_process(&c, "bomb", 0,
		     MINI_PROGRAM({ .op = STEP_FORK, .count = 100000, .body = MINI_PROGRAM(STEP_SLEEP_FOREVER) }));
	c.machine.process_kernel_stack = MIB; /* 1024 MiB / 8: 119 threads, half of them for one user */
	c.horizon = NS_PER_SEC;
	run();
	cr_assert_eq(step_of("bomb", EV_STEP_FAILED, STEP_FORK, 0)->arg[1], EAGAIN);
	cr_assert(step_of("bomb", EV_STEP_FAILED, STEP_FORK, 0)->arg[2] > 50 &&
		  step_of("bomb", EV_STEP_FAILED, STEP_FORK, 0)->arg[2] < 60);
}

Test(program, vfork_suspends_the_parent)
{
	mini_no_costs(&c);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(MIB, 0),
				  { .op = STEP_VFORK, .body = MINI_PROGRAM(STEP_SLEEP_S(0.5), STEP_EXIT_CODE(4)) },
				  STEP_EXIT_CODE(5)));
	run();
	cr_assert_eq(tape_number(t, EV_START, "x"), 2);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[1] + tape_find(t, EV_EXIT, "x", 1)->arg[1], 4 + 5);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_VFORK, 0)->t_ns, 500 * NS_PER_MS);
}

Test(program, clone_vm_shares_the_memory)
{
	c.horizon = NS_PER_SEC;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(8 * MIB, 0),
				  { .op = STEP_CLONE_VM,
				    .child_comm = "y",
				    .body = MINI_PROGRAM({ HEAP_TOUCH, .write = true }, STEP_LEAK(8 * MIB, 0),
							 { .op = STEP_SET_ADJ, .value = 10 }, STEP_SLEEP_FOREVER) },
				  STEP_SLEEP_FOREVER));
	run();
	cr_assert_str_eq(t->task.comm, "y");
	cr_assert_eq(t->task.RssAnon_kB, 16 * 1024 + 56);
	cr_assert_eq(t->last.meminfo_kB[MI_AnonPages], 2548 - 764 + 16 * 1024 + 56);
	cr_assert_eq(t->task.oom_score_adj, 10);
}

/* One unmaps what the other is using, in the middle of a run and of a leap. */
Test(program, unmapped_under_its_feet)
{
	for (int paced = 0; paced < 2; paced++) {
		if (paced) {
			teardown();
			setup();
		}
		mini_process(
			&c, "x", 0,
			MINI_PROGRAM(STEP_LEAK(8 * MIB, 0),
				     { .op = STEP_CLONE_VM,
				       .child_comm = "y",
				       .body = MINI_PROGRAM(STEP_SLEEP_S(0.5), { .op = STEP_MUNMAP, .region = "heap" },
							    STEP_SLEEP_S(0.2)) },
				     { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true, .rate = paced ? 1000 : 0,
				       .duration = 5 * NS_PER_SEC }));
		run();
		cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[0], 11, "SIGSEGV");
		cr_assert_eq(tape_find(t, EV_EXIT, "y", 0)->arg[0], 0);
		cr_assert_lt(tape_find(t, EV_EXIT, "x", 0)->t_ns, 600 * NS_PER_MS);
	}
}

/* ---- threads ---- */

Test(program, threads_divide_the_work)
{
	mini_no_costs(&c);
	c.machine.cost.touch = 100;
	c.machine.ncpu = 4;
	mini_file(&c, 64 * MIB);
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_SPIN_S(1), STEP_LEAK(40 * MIB, 20.0 * MIB),
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .write = true, .accesses = 40000001 },
				  { HEAP_TOUCH, .pattern = PATTERN_UNIFORM, .rate = 4000, .duration = NS_PER_SEC },
				  { .op = STEP_READ }, STEP_SPIN_S(0.4), STEP_EXIT_CODE(9)))
		->threads = 4;
	run();
	int64_t pages = 0;
	for (size_t i = 0; i < 4; i++)
		pages += step_of("x", EV_STEP_END, STEP_GROW, i)->arg[1];
	cr_assert_eq(pages, 10240);
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_GROW, 0)->t_ns / NS_PER_MS, 2250, "a quarter of a second, and two");
	for (size_t i = 0, pages = 0; i < 4; i++) {
		pages += (size_t)step_of("x", EV_STEP_END, STEP_TOUCH, i)->arg[1];
		if (i == 3)
			cr_assert_eq(pages, 40000001);
	}
	cr_assert_eq(step_of("x", EV_STEP_END, STEP_TOUCH, 3)->arg[2], 1000, "10 million of 100 ns each");
	pages = 0;
	for (size_t i = 4; i < 8; i++)
		pages += step_of("x", EV_STEP_END, STEP_TOUCH, i)->arg[1];
	cr_assert_eq(pages, 4000);
	pages = 0;
	for (size_t i = 0; i < 4; i++)
		pages += step_of("x", EV_STEP_END, STEP_READ, i)->arg[1];
	cr_assert_eq(pages, 16384);
	cr_assert_eq(tape_number(t, EV_EXIT, "x"), 1);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[1], 9);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->pid, 79);
}

Test(program, a_killed_process_takes_its_threads_along)
{
	teardown();
	mini_init(&c, 64, 0, 20);
	t = calloc(1, sizeof(*t));
	c.machine.ncpu = 2;
	mini_process(&c, "x", 0, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)))->threads = 3;
	run();
	cr_assert_eq(t->nkill, 1);
	cr_assert_eq(tape_find(t, EV_EXIT, "x", 0)->arg[0], 9);
	cr_assert_eq(ended, RUN_IDLE);
}

Test(program, instances_and_parents)
{
	mini_process(&c, "web", 0, MINI_PROGRAM(STEP_SLEEP_S(1)))->count = 2;
	mini_process(&c, "child", 0.5, MINI_PROGRAM(STEP_SLEEP_S(1)))->parent = 0;
	mini_process(&c, "late", 1.2, MINI_PROGRAM(STEP_SLEEP_S(0.1)))->parent = 0;
	run();
	cr_assert(tape_find(t, EV_START, "web.1", 0));
	cr_assert_eq(tape_find(t, EV_START, "child", 0)->arg[2], tape_find(t, EV_START, "web", 0)->pid);
	cr_assert_eq(tape_find(t, EV_START, "late", 0)->arg[2], 1, "its parent has gone");
}

Test(program, pid_1_can_have_a_program)
{
	struct process_cfg *p =
		mini_process(&c, "init", 0.2,
			     MINI_PROGRAM({ .op = STEP_FORK, .count = 2, .body = MINI_PROGRAM(STEP_SLEEP_S(1)) },
					  STEP_WAIT_CHILDREN));

	p->is_init = true;
	p->uid = 0;
	p->oom_score_adj = -1000;
	run();
	cr_assert_eq(tape_find(t, EV_START, "init", 0)->pid, 1);
	cr_assert_eq(tape_find(t, EV_START, "init.0", 0)->arg[2], 1);
	cr_assert_eq(ended, RUN_IDLE, "init alone is idle");
	cr_assert_eq(tape_number(t, EV_EXIT, "init"), 0);
}
