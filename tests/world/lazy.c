/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hits cost nothing: a whole machine that thrashes does the same whether each access is visited or only the faults
 * are drawn. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define SEEDS 4

struct outcome {
	double swapins, scanned, ms;
};

/* 34 MiB of working set on 28 MiB of memory, and somebody else who wants a little more. */
static void thrash(struct sim_config *c, enum access_pattern pattern, bool write, double rate)
{
	mini_init(c, 64, 64, 60);
	mini_process(c, "x", 0,
		     MINI_PROGRAM(STEP_LEAK(34 * MIB, 100.0 * MIB), { .op = STEP_TOUCH,
								      .region = "heap",
								      .pattern = pattern,
								      .zipf_s = 0.8,
								      .hot_fraction = 0.5,
								      .hot_weight = 0.95,
								      .write = write,
								      .accesses = 40000,
								      .rate = rate,
								      .catch_up = 10 * NS_PER_MS }));
	mini_process(c, "y", 0.5, MINI_PROGRAM(STEP_LEAK(4 * MIB, 1.0 * MIB), STEP_SLEEP_FOREVER));
	c->horizon = 10 * NS_PER_SEC;
}

static struct outcome average(struct tape *t, enum access_pattern pattern, bool write, double rate, bool per_access)
{
	struct outcome o = { 0, 0, 0 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		const uint64_t *v = t->last.vmstat;
		const struct rec_event *e = NULL;
		struct sim_config c;
		enum run_end end;

		thrash(&c, pattern, write, rate);
		c.seed = seed;
		c.per_access = per_access;
		cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
		sim_config_free(&c);
		for (size_t i = 0; (e = tape_find(t, EV_STEP_END, "x", i)) && e->arg[0] != STEP_TOUCH; i++)
			;
		cr_assert(e);
		o.swapins += (double)v[VMSTAT_pswpin] / SEEDS;
		o.scanned += (double)(v[VMSTAT_pgscan_kswapd] + v[VMSTAT_pgscan_direct]) / SEEDS;
		o.ms += (double)e->arg[2] / SEEDS;
	}
	return o;
}

static bool near(double a, double b, double share)
{
	return a > b * (1 - share) && a < b * (1 + share);
}

ParameterizedTestParameters(lazy, agrees_with_visiting_each_access)
{
	static int index[16];

	for (int i = 0; i < 16; i++)
		index[i] = i;
	return cr_make_param_array(int, index, 16);
}

ParameterizedTest(int *index, lazy, agrees_with_visiting_each_access)
{
	enum access_pattern pattern = (enum access_pattern)(*index & 3);
	bool write = *index & 4;
	double rate = *index & 8 ? 20000 : 0;
	struct tape *t = calloc(1, sizeof(*t));
	struct outcome a = average(t, pattern, write, rate, false), b = average(t, pattern, write, rate, true);

	cr_assert_gt(a.swapins, 4000);
	if (pattern == PATTERN_SEQUENTIAL) { /* nothing is drawn */
		cr_assert_eq(a.swapins, b.swapins);
		cr_assert_eq(a.scanned, b.scanned);
		cr_assert_eq(a.ms, b.ms);
	}
	cr_assert(near(a.swapins, b.swapins, 0.05), "%g and %g pages swapped in", a.swapins, b.swapins);
	cr_assert(near(a.scanned, b.scanned, 0.08), "%g and %g pages scanned", a.scanned, b.scanned);
	cr_assert(near(a.ms, b.ms, 0.05), "%g and %g ms", a.ms, b.ms);
	free(t);
}
