/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan from the host to the guest: what sim/guest writes, tests/kernel reads. The plans' texts are goldens of tests/cli. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/guest/plan.h"
#include "sim/scenario/scenario.h"
#include "tests/guest/guest_side.h"

static struct sim_config cfg;
static struct guest_plan plan;

static void build(const char *yaml)
{
	struct diag_list dl = { 0 };

	cr_assert_eq(scenario_load_buffer("t.yaml", yaml, strlen(yaml), NULL, &cfg, &dl), SIM_OK, "%s", dl.n ? dl.v[0].text : "");
	cr_assert_eq(guest_plan_build(&cfg, &plan), SIM_OK);
	cr_assert_null(plan.refused);
	guest_side_read(plan.text.s);
	diag_list_free(&dl);
}

static void drop(void)
{
	guest_plan_free(&plan);
	sim_config_free(&cfg);
}

TestSuite(plan, .fini = drop);

Test(plan, the_guest_understands_all_that_the_host_writes)
{
	build("duration: 3s\nseed: 9\nmachine: {memory: 64MiB, swap: [{size: 1MiB, device: ssd-sata}]}\n"
	      "sysctl: {vm.swappiness: 1}\n"
	      "processes:\n"
	      "  - {name: a%b c, uid: 5, nice: -3, oom_score_adj: -9, threads: 2, start: 2s, workload: [\n"
	      "      {mmap: {region: r, size: 2MiB, noreserve: true}},\n"
	      "      {touch: {region: r, op: update, pattern: hotcold, hot: 25%, hot_weight: 75%, rate: 100, duration: 1s}},\n"
	      "      {loop: {count: 2, steps: [{spin: 1ms}, {fork: {count: 3, steps: [{exit: 7}]}}]}}, {sleep: 4s}]}\n");
	cr_assert_str_eq(guest_side_unknown, "set swap ");
	cr_assert_eq(prog->seed, 9);
	cr_assert_eq(prog->duration, 3000000000u);
	cr_assert_eq(prog->nproc, 1);
	cr_assert_str_eq(prog->proc[0].comm, "a%b c");
	cr_assert_eq(prog->proc[0].nice, -3);
	cr_assert_eq(prog->proc[0].adj, -9);
	cr_assert_eq(prog->proc[0].threads, 2);
	cr_assert_eq(prog->ninst, 1);
	cr_assert_eq(prog->inst[0].at, 2000000000u);
	cr_assert_eq(prog->nstep, 7);
	cr_assert_eq(prog->proc[0].nstep, 7);
	cr_assert_eq(prog->step[0].op, OP_MMAP);
	cr_assert(prog->step[0].noreserve && !prog->step[0].shared);
	cr_assert_eq(prog->step[0].kind, 'a');
	cr_assert_eq(prog->step[1].mode, 'u');
	cr_assert_eq(prog->step[1].pattern, 'h');
	cr_assert_eq(prog->step[1].hot, 0.25);
	cr_assert_eq(prog->step[1].rate, 100);
	cr_assert_eq(prog->step[1].catch_up, 10000000u);
	cr_assert_eq(prog->step[2].op, OP_LOOP);
	cr_assert_eq(prog->step[2].body, 3);
	cr_assert_eq(prog->step[4].op, OP_FORK);
	cr_assert_eq(prog->step[4].body, 1);
	cr_assert_eq(prog->step[5].value, 7);
	cr_assert_eq(prog->step[6].time.p[0], 4e9);
}

/* Every step of the language, each as it is when it says nothing: it is in the plan for the guest to understand, or it is named. */
Test(plan, no_step_is_left_out_silently)
{
	static struct step_cfg step[STEP_OP_COUNT];
	struct program_cfg program = { step, STEP_OP_COUNT };
	struct guest_plan p = { .nstep = 0 };
	size_t named = 0;

	build("duration: 1s\nprocesses: [{name: p, workload: [{sleep: 1s}]}]\n");
	for (int i = 0; i < STEP_OP_COUNT; i++)
		step[i].op = (enum step_op)i;
	plan_steps(&p, &cfg, &program, 0);
	guest_side_read(p.text.s);
	cr_assert_str_eq(guest_side_unknown, "");
	cr_assert_eq(prog->nstep, p.nstep);
	for (const char *n = p.notes.s; n && (n = strstr(n, "is left out")); n++)
		named++;
	cr_assert_eq(prog->nstep + named, STEP_OP_COUNT);
	guest_plan_free(&p);
}

Test(plan, starts_are_those_of_the_simulation)
{
	build("duration: 10s\nseed: 3\nprocesses:\n"
	      "  - {name: p, count: 2, start: {distribution: uniform, min: 1s, max: 2s}, workload: [{sleep: 1s}]}\n");
	cr_assert_eq(prog->ninst, 2);
	cr_assert_str_eq(prog->inst[1].comm, "p.1");
	for (int i = 0; i < 2; i++) {
		struct sim_rng *rng = sim_rng_new(3, i ? "start:p.1" : "start:p.0");

		cr_assert_eq(prog->inst[i].at, sim_dist_draw(&cfg.process[0].start, rng));
		sim_rng_free(rng);
	}
}

Test(plan, the_guests_device)
{
	struct blkdev_cfg d = { .read_latency = 10, .write_latency = 20, .seek = 30, .read_bandwidth = 500000000, .write_bandwidth = 1,
				.queue_depth = 32, .rotational = true };
	struct blkdev_cfg g = guest_device(&d);

	cr_assert_eq(g.write_latency, 10);
	cr_assert_eq(g.seek, 0);
	cr_assert_eq(g.read_bandwidth, 477 * MIB); /* null_blk's unit: 500000000 / 2^20 = 476.8 */
	cr_assert_eq(g.write_bandwidth, 477 * MIB);
	cr_assert_eq(g.throttle_tick, 20 * NS_PER_MS);
	cr_assert_not(g.rotational);
	d.read_bandwidth = 0;
	cr_assert_eq(guest_device(&d).throttle_tick, 0);
}

Test(plan, too_much_for_the_guest)
{
	struct guest_plan p;
	struct diag_list dl = { 0 };
	struct strbuf y = { 0 };

	build("duration: 1s\nprocesses: [{name: p, workload: [{sleep: 1s}]}]\n");
	strbuf_puts(&y, "duration: 1s\nprocesses: [{name: p, workload: [{sleep: 1s}]}]\ncgroups:\n");
	for (int i = 0; i <= GUEST_MAX_GROUPS; i++)
		strbuf_addf(&y, "  - {path: g%d}\n", i);
	sim_config_free(&cfg);
	cr_assert_eq(scenario_load_buffer("t.yaml", y.s, y.len, NULL, &cfg, &dl), SIM_OK);
	cr_assert_eq(guest_plan_build(&cfg, &p), SIM_OK);
	cr_assert_str_eq(p.refused, "more than 32 cgroups");
	guest_plan_free(&p);
	strbuf_free(&y);
}
