/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every key of every step reaches its field, and random times their parameters. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/scenario/load.h"

static const struct step_cfg *step_of(const struct sim_config *c, size_t i)
{
	cr_assert_lt(i, c->process[0].program.nstep);
	return &c->process[0].program.step[i];
}

Test(steps, mmap)
{
	struct sim_config c = load_steps("- mmap: {region: a, size: 4MiB}\n"
					 "- mmap: {region: b, size: 1MiB, kind: file, file: g, offset: 8KiB, readonly: "
					 "true, exec: true, shared: true}\n"
					 "- mmap: {region: c, size: 1MiB, kind: shmem, count: 20, noreserve: true}\n"
					 "- mmap: {region: d, kind: file, file: f, offset: 4MiB}\n");
	const struct step_cfg *s = step_of(&c, 0);

	cr_expect_eq(s->op, STEP_MMAP);
	cr_expect_eq(s->line, 8);
	cr_expect_str_eq(s->region, "a");
	cr_expect_eq(s->size, 4 * MIB);
	cr_expect_eq(s->kind, REGION_ANON);
	cr_expect_eq(s->count, 1);
	cr_expect_not(s->shared || s->noreserve || s->readonly || s->exec);
	s = step_of(&c, 1);
	cr_expect_eq(s->kind, REGION_FILE);
	cr_expect_eq(s->file, 1);
	cr_expect_eq(s->offset, 8 * KIB);
	cr_expect(s->readonly && s->exec && s->shared);
	s = step_of(&c, 2);
	cr_expect_eq(s->kind, REGION_SHMEM);
	cr_expect(s->shared && s->noreserve);
	cr_expect_eq(s->count, 20);
	cr_expect_eq(step_of(&c, 3)->size, 12 * MIB); /* the rest of the file */
	sim_config_free(&c);
}

Test(steps, leak)
{
	struct sim_config c = load_steps(
		"- leak: {region: a, size: 300MiB, rate: 25MiB/s, map_step: 4MiB, batch: 12pages, catch_up: 1ms}\n"
		"- leak: {region: b}\n"
		"- leak: {region: a, size: 120%, rate: 0.1}\n");
	const struct step_cfg *s = step_of(&c, 0);

	cr_expect_eq(s->op, STEP_GROW);
	cr_expect_eq(s->size, 300 * MIB);
	cr_expect_eq(s->rate, 26214400.0);
	cr_expect_eq(s->map_step, 4 * MIB);
	cr_expect_eq(s->batch, 12);
	cr_expect_eq(s->catch_up, NS_PER_MS);
	s = step_of(&c, 1);
	cr_expect_eq(s->size, 0);
	cr_expect_eq(s->rate, 0);
	cr_expect_eq(s->map_step, 0);
	cr_expect_eq(s->batch, 0);
	cr_expect_eq(s->catch_up, 10 * NS_PER_MS);
	cr_expect_eq(step_of(&c, 2)->size, UINT64_C(1288490189)); /* 1288490188.8 */
	cr_expect_eq(step_of(&c, 2)->rate, 0.1);
	sim_config_free(&c);
}

Test(steps, touch)
{
	struct sim_config c = load_steps("- mmap: {region: r, size: 100MiB}\n"
					 "- touch: {region: r, size: 80MiB, offset: 4KiB, pattern: uniform, op: write, "
					 "rate: 2000, duration: 8s, accesses: 9,\n"
					 "          think: 3ms, batch: 64KiB, catch_up: 0}\n"
					 "- touch: {region: r}\n"
					 "- touch: {region: r, pattern: zipf}\n"
					 "- touch: {region: r, pattern: zipf, s: 0.9, op: update}\n"
					 "- touch: {region: r, pattern: hotcold, op: read}\n"
					 "- touch: {region: r, pattern: hotcold, hot: 0.01, hot_weight: 99%}\n");
	const struct step_cfg *s = step_of(&c, 1);

	cr_expect_eq(s->op, STEP_TOUCH);
	cr_expect_eq(s->size, 80 * MIB);
	cr_expect_eq(s->offset, 4096);
	cr_expect_eq(s->pattern, PATTERN_UNIFORM);
	cr_expect(s->write);
	cr_expect_not(s->read_first);
	cr_expect_eq(s->rate, 2000);
	cr_expect_eq(s->duration, 8 * NS_PER_SEC);
	cr_expect_eq(s->accesses, 9);
	cr_expect_eq(s->think.p[0], 3e6);
	cr_expect_eq(s->batch, 16);
	cr_expect_eq(s->catch_up, 0);
	s = step_of(&c, 2);
	cr_expect_eq(s->pattern, PATTERN_SEQUENTIAL);
	cr_expect_not(s->write);
	cr_expect_eq(s->size + s->offset + s->duration + s->accesses + s->batch, 0);
	cr_expect_eq(s->think.kind, SIM_DIST_CONSTANT);
	cr_expect_eq(s->think.p[0], 0);
	cr_expect_eq(step_of(&c, 3)->zipf_s, 1.1);
	cr_expect_eq(step_of(&c, 4)->zipf_s, 0.9);
	cr_expect(step_of(&c, 4)->write && step_of(&c, 4)->read_first);
	cr_expect_eq(step_of(&c, 5)->hot_fraction, 0.2);
	cr_expect_eq(step_of(&c, 5)->hot_weight, 0.9);
	cr_expect_eq(step_of(&c, 6)->hot_fraction, 0.01);
	cr_expect_eq(step_of(&c, 6)->hot_weight, 0.99);
	sim_config_free(&c);
}

Test(steps, read_and_write)
{
	struct sim_config c = load_steps("- read: {file: g, size: 8MiB, offset: 1MiB, pattern: uniform, rate: 40MiB/s, "
					 "duration: 60s, io_size: 64KiB, think: 1ms}\n"
					 "- write: {file: f, accesses: 100, pattern: zipf, s: 2}\n");
	const struct step_cfg *s = step_of(&c, 0);

	cr_expect_eq(s->op, STEP_READ);
	cr_expect_eq(s->file, 1);
	cr_expect_eq(s->size, 8 * MIB);
	cr_expect_eq(s->offset, MIB);
	cr_expect_eq(s->pattern, PATTERN_UNIFORM);
	cr_expect_eq(s->rate, 41943040.0);
	cr_expect_eq(s->duration, 60 * NS_PER_SEC);
	cr_expect_eq(s->io_size, 64 * KIB);
	cr_expect_eq(s->think.p[0], 1e6);
	s = step_of(&c, 1);
	cr_expect_eq(s->op, STEP_WRITE);
	cr_expect_eq(s->file, 0);
	cr_expect_eq(s->accesses, 100);
	cr_expect_eq(s->zipf_s, 2);
	cr_expect_eq(s->io_size, 0);
	sim_config_free(&c);
}

Test(steps, memory_calls)
{
	struct sim_config c = load_steps("- mlock: all\n"
					 "- munlock: all\n"
					 "- mmap: {region: r, size: 10MiB}\n"
					 "- mlock: {region: r}\n"
					 "- munlock: {region: r}\n"
					 "- madvise: {region: r, advice: dontneed}\n"
					 "- madvise: {region: r, advice: free, size: 1MiB}\n"
					 "- munmap: {region: r, size: 4MiB}\n"
					 "- munmap: {region: r}\n");

	cr_expect_eq(step_of(&c, 0)->op, STEP_MLOCK);
	cr_expect_str_eq(step_of(&c, 0)->region, "");
	cr_expect_eq(step_of(&c, 1)->op, STEP_MUNLOCK);
	cr_expect_str_eq(step_of(&c, 3)->region, "r");
	cr_expect_str_eq(step_of(&c, 4)->region, "r");
	cr_expect_not(step_of(&c, 5)->madv_free);
	cr_expect(step_of(&c, 6)->madv_free);
	cr_expect_eq(step_of(&c, 6)->size, MIB);
	cr_expect_eq(step_of(&c, 7)->size, 4 * MIB);
	cr_expect_eq(step_of(&c, 8)->op, STEP_MUNMAP);
	cr_expect_eq(step_of(&c, 8)->size, 0);
	sim_config_free(&c);
}

Test(steps, family_and_control)
{
	struct sim_config c = load_steps("- fork: {count: 120, gap: 20ms, comm: worker, steps: [{leak: {region: r, "
					 "size: 3MiB}}, sleep: forever]}\n"
					 "- fork: {steps: [exit: 3]}\n"
					 "- vfork: {steps: [spin: 1ms]}\n"
					 "- clone_vm: {comm: helper, steps: [sleep: 1s]}\n"
					 "- loop: {count: 10, steps: [{sleep: 1s}, {loop: {steps: [{spin: 1ms}, "
					 "{choose: [{weight: 1, steps: [exit: 0]},\n"
					 "    {weight: 2.5, steps: []}]}]}}]}\n"
					 "- wait:\n"
					 "- wait\n"
					 "- oom_score_adj: -500\n"
					 "- sysctl: {vm.page-cluster: 0}\n"
					 "- sleep: 2s\n"
					 "- exit: 255\n");
	const struct step_cfg *s = step_of(&c, 0);

	cr_expect_eq(s->op, STEP_FORK);
	cr_expect_eq(s->count, 120);
	cr_expect_eq(s->time.p[0], 2e7);
	cr_expect_str_eq(s->child_comm, "worker");
	cr_assert_eq(s->body.nstep, 2);
	cr_expect_eq(s->body.step[0].op, STEP_GROW);
	cr_expect_gt(s->body.step[1].time.p[0], 1e18);
	s = step_of(&c, 1);
	cr_expect_eq(s->count, 1);
	cr_expect_str_eq(s->child_comm, "");
	cr_expect_eq(s->body.step[0].op, STEP_EXIT);
	cr_expect_eq(s->body.step[0].value, 3);
	cr_expect_eq(step_of(&c, 2)->op, STEP_VFORK);
	cr_expect_eq(step_of(&c, 2)->body.nstep, 1);
	cr_expect_eq(step_of(&c, 3)->op, STEP_CLONE_VM);
	cr_expect_str_eq(step_of(&c, 3)->child_comm, "helper");
	s = step_of(&c, 4);
	cr_expect_eq(s->op, STEP_LOOP);
	cr_expect_eq(s->count, 10);
	s = &s->body.step[1];
	cr_expect_eq(s->count, 0);
	s = &s->body.step[1];
	cr_expect_eq(s->op, STEP_CHOOSE);
	cr_assert_eq(s->nbranch, 2);
	cr_expect_eq(s->weight[0], 1);
	cr_expect_eq(s->weight[1], 2.5);
	cr_expect_eq(s->branch[0].nstep, 1);
	cr_expect_eq(s->branch[1].nstep, 0);
	cr_expect_eq(step_of(&c, 5)->op, STEP_WAIT);
	cr_expect_eq(step_of(&c, 6)->op, STEP_WAIT);
	cr_expect_eq(step_of(&c, 7)->op, STEP_SET_ADJ);
	cr_expect_eq(step_of(&c, 7)->value, -500);
	cr_expect_eq(step_of(&c, 8)->op, STEP_SYSCTL);
	cr_expect_eq(step_of(&c, 8)->sysctl, 18); /* page_cluster's row in SYSCTL_MAP */
	cr_expect_eq(step_of(&c, 8)->value, 0);
	cr_expect_eq(step_of(&c, 9)->op, STEP_SLEEP);
	cr_expect_eq(step_of(&c, 9)->time.p[0], 2e9);
	cr_expect_eq(step_of(&c, 10)->op, STEP_EXIT);
	cr_expect_eq(step_of(&c, 10)->value, 255);
	sim_config_free(&c);
}

Test(steps, distributions)
{
	static const struct {
		enum sim_dist_kind kind;
		double p0, p1;
	} rows[] = {
		{ SIM_DIST_CONSTANT, 2e7, 0 },   { SIM_DIST_CONSTANT, 2e7, 0 },
		{ SIM_DIST_UNIFORM, 1e6, 2e6 },  { SIM_DIST_EXPONENTIAL, 2e7, 0 },
		{ SIM_DIST_GAUSSIAN, 1e9, 1e8 }, { SIM_DIST_LOGNORMAL, -2.5 + 20.723265836946411, 0.5 },
		{ SIM_DIST_PARETO, 1.5, 1e6 },   { SIM_DIST_WEIBULL, 1e9, 2 },
		{ SIM_DIST_GAMMA, 2, 1e9 },
	};
	struct sim_config c = load_steps("- sleep: 20ms\n"
					 "- sleep: {distribution: constant, value: 20ms}\n"
					 "- spin: {distribution: uniform, min: 1ms, max: 2ms}\n"
					 "- sleep: {distribution: exponential, mean: 20ms}\n"
					 "- sleep: {mean: 1s, sigma: 100ms, distribution: gaussian}\n"
					 "- sleep: {distribution: lognormal, zeta: -2.5, sigma: 0.5}\n"
					 "- sleep: {distribution: pareto, a: 1.5, b: 1ms}\n"
					 "- sleep: {distribution: weibull, a: 1s, b: 2}\n"
					 "- sleep: {distribution: gamma, a: 2, b: 1s}\n");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		cr_expect_eq(step_of(&c, i)->time.kind, rows[i].kind, "row %zu", i);
		cr_expect_eq(step_of(&c, i)->time.p[0], rows[i].p0, "row %zu", i);
		cr_expect_eq(step_of(&c, i)->time.p[1], rows[i].p1, "row %zu", i);
	}
	sim_config_free(&c);
}

/* Programs that must pass although a simpler check would refuse them. */
Test(steps, regions_that_exist)
{
	struct sim_config c = load_steps(
		"- loop: {count: 3, steps: [{mmap: {region: a, size: 1MiB}}, {touch: {region: a}}, {munmap: {region: "
		"a}}]}\n"
		"- mmap: {region: a, size: 1MiB, count: 3}\n"
		"- touch: {region: a.2}\n"
		"- fork: {steps: [{touch: {region: a}}, {munmap: {region: a}}]}\n"
		"- touch: {region: a}\n"
		"- clone_vm: {steps: [{touch: {region: later}}, {mmap: {region: theirs, size: 1MiB}}]}\n"
		"- leak: {region: later}\n"
		"- touch: {region: theirs, size: 1GiB}\n"
		"- choose: [{weight: 1, steps: [{mmap: {region: b, size: 1MiB}}]}, {weight: 1, steps: [sleep: 1s]}]\n"
		"- touch: {region: b, size: 2MiB}\n"
		"- mmap: {region: b, size: 1MiB}\n"
		"- loop: {count: 2, steps: [{leak: {region: h, size: 1MiB}}]}\n"
		"- touch: {region: h, size: 2MiB}\n");

	cr_expect_eq(c.process[0].program.nstep, 13);
	sim_config_free(&c);
}
