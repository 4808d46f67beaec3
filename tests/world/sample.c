/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define MI(t, x) ((t)->last.meminfo_kB[MI_##x])

static struct tape *run(struct sim_config *c)
{
	struct tape *t = calloc(1, sizeof(*t));
	enum run_end end;

	cr_assert_eq(mini_run(c, t, &end), SIM_OK);
	sim_config_free(c);
	return t;
}

/* fs/proc/meminfo.c: what is the sum of what. */
Test(sample, meminfo_adds_up)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 64, 32, 3);
	mini_file(&c, 8 * MIB);
	mini_process(&c, "a", 0, MINI_PROGRAM(STEP_LEAK(20 * MIB, 0), STEP_SLEEP_FOREVER));
	mini_process(&c, "b", 0,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "m", .kind = REGION_SHMEM, .size = 4 * MIB },
				  { .op = STEP_TOUCH, .region = "m", .write = true }, { .op = STEP_READ },
				  STEP_SLEEP_FOREVER));
	t = run(&c);
	cr_assert_eq(MI(t, MemTotal), 4 * t->begin.totalram_pages);
	cr_assert_eq(MI(t, Active), MI(t, Active_anon) + MI(t, Active_file));
	cr_assert_eq(MI(t, Inactive), MI(t, Inactive_anon) + MI(t, Inactive_file));
	cr_assert_eq(MI(t, Slab), MI(t, SReclaimable) + MI(t, SUnreclaim));
	cr_assert_eq(MI(t, Cached), 4 * t->last.vmstat[VMSTAT_nr_file_pages] - MI(t, SwapCached));
	cr_assert_eq(MI(t, MemFree), 4 * t->last.vmstat[VMSTAT_nr_free_pages]);
	cr_assert_eq(MI(t, SwapTotal), 32 * 1024 - 4, "less the header page");
	cr_assert_lt(MI(t, SwapFree), MI(t, SwapTotal));
	cr_assert_eq(MI(t, CommitLimit), MI(t, MemTotal) / 4 * 50 / 100 * 4 + MI(t, SwapTotal));
	cr_assert_geq(MI(t, Committed_AS), 24 * 1024);
	cr_assert_lt(t->last.wmark_min_kB, t->last.wmark_low_kB);
	cr_assert_lt(t->last.wmark_low_kB, t->last.wmark_high_kB);
	free(t);
}

/* The numbers a recorded 256 MiB machine begins with (recordings/kernels/leak-noswap-6.1). */
Test(sample, an_idle_machine)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 256, 0, 0.2);
	mini_process(&c, "x", 0, MINI_PROGRAM(STEP_SLEEP_FOREVER));
	t = run(&c);
	cr_assert_eq(MI(t, Unevictable), 2548);
	cr_assert_eq(MI(t, Mlocked), 2548);
	cr_assert_eq(MI(t, Shmem), 764);
	cr_assert_eq(MI(t, Mapped), 764);
	cr_assert_eq(MI(t, Cached), 764);
	cr_assert_eq(MI(t, AnonPages), 2548 - 764 + 56);
	cr_assert_eq(MI(t, KernelStack), 752 + 16);
	cr_assert_eq(MI(t, SUnreclaim), 6 * 1024 + 12);
	cr_assert_eq(MI(t, PageTables), 300 + 40);
	cr_assert_eq(MI(t, SwapTotal), 0);
	free(t);
}

Test(sample, a_process_row)
{
	struct sim_config c;
	struct tape *t;

	mini_init(&c, 256, 0, 0.5);
	mini_process(&c, "x", 0, MINI_PROGRAM(STEP_LEAK(10 * MIB, 0), STEP_SLEEP_FOREVER))->oom_score_adj = 500;
	t = run(&c);
	cr_assert_str_eq(t->task.comm, "x");
	cr_assert_eq(t->task.pid, 79);
	cr_assert_eq(t->task.ppid, 1);
	cr_assert_eq(t->task.state, 'S');
	cr_assert_eq(t->task.VmSize_kB, (16 + 10) * 1024 + 56);
	cr_assert_eq(t->task.RssAnon_kB, 10 * 1024 + 56);
	cr_assert_eq(t->task.RssShmem_kB, 764);
	cr_assert_eq(t->task.VmPTE_kB, 40 + 8 + 5 * 4,
		     "10 pages of the program, two upper levels of its heap, one a 2 MiB");
	cr_assert_eq(t->task.work_pages, 2560);
	cr_assert_eq(t->task.oom_score_adj, 500);
	cr_assert_gt(t->task.oom_score, 900);
	cr_assert_gt(t->task.stime_ns, 2560 * 500);
	free(t);
}

/* Without per-CPU lists, whose pages MemFree does not count. */
static void no_pcp(struct sim_config *c)
{
	for (int i = 0; i < MAX_ZONES; i++) {
		c->machine.node[0].zone[i].pcp_high = 0;
		c->machine.node[0].zone[i].pcp_batch = 1;
	}
}

Test(sample, everything_comes_back)
{
	struct sim_config c;
	struct tape *t;
	uint64_t before;

	mini_init(&c, 128, 256, 0.1);
	no_pcp(&c);
	c.stop_when_idle = false;
	t = run(&c);
	before = MI(t, MemFree);
	free(t);
	mini_init(&c, 128, 256, 3);
	no_pcp(&c);
	c.stop_when_idle = false;
	mini_process(&c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(84 * MIB, 100.0 * MIB),
				  { .op = STEP_FORK, .count = 3, .body = MINI_PROGRAM(STEP_LEAK(MIB, 0)) },
				  { .op = STEP_WAIT }));
	t = run(&c);
	cr_assert_eq(tape_number(t, EV_EXIT, NULL), 4);
	cr_assert_eq(MI(t, MemFree), before, "%llu of %llu kB", (unsigned long long)MI(t, MemFree),
		     (unsigned long long)before);
	cr_assert_eq(MI(t, AnonPages), 2548 - 764);
	cr_assert_eq(MI(t, KernelStack), 752);
	cr_assert_eq(MI(t, PageTables), 300);
	cr_assert_eq(MI(t, SwapFree), MI(t, SwapTotal));
	cr_assert_eq(MI(t, Committed_AS), 0);
	free(t);
}
