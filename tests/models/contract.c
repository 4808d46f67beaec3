/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every kernel model promises, whatever its era: loops over the table, so that a new model is tested by being listed. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "models/registry.h"

static size_t count(void)
{
	size_t n = 0;

	while (kernel_models[n])
		n++;
	return n;
}

static struct badness_in ordinary(void)
{
	return (struct badness_in){
		.has_mm = true, .rss = 12345, .swapents = 678, .pgtables_bytes = 262144, .total_vm = 40000
	};
}

Test(models, found_by_both_names)
{
	for (const struct kernel_model *const *m = kernel_models; *m; m++) {
		cr_assert_eq(kernel_model_find((*m)->info.name), *m);
		cr_assert_eq(kernel_model_find((*m)->info.name + 1), *m);
	}
	cr_assert_null(kernel_model_find("k0.0"));
	cr_assert_null(kernel_model_find(""));
	cr_assert_null(kernel_model_find("6"));
}

Test(models, names_are_unique)
{
	for (size_t i = 0; i < count(); i++)
		for (size_t j = 0; j < i; j++)
			cr_assert_str_neq(kernel_models[i]->info.name, kernel_models[j]->info.name);
}

ParameterizedTestParameters(models, contract)
{
	static size_t index[64];

	for (size_t i = 0; i < count(); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, count());
}

static void pure(const struct badness_ops *b)
{
	struct badness_in in = ordinary(), before = in;

	for (int adj = -1000; adj <= 1000; adj += 125) {
		in.oom_score_adj = before.oom_score_adj = adj;
		cr_assert_eq(b->points(&in, 1000000), b->points(&in, 1000000));
		cr_assert_eq(b->oom_score(&in, 1000000), b->oom_score(&in, 1000000));
		cr_assert_eq(memcmp(&in, &before, sizeof(in)), 0);
	}
}

/* A higher adj never makes a process safer, -1000 exempts, and more memory never makes it safer either. */
static void monotone(const struct badness_ops *b)
{
	struct badness_in in = ordinary();
	int64_t last = BADNESS_NEVER;
	int last_score = 0;

	for (int adj = -1000; adj <= 1000; adj++) {
		in.oom_score_adj = adj;
		cr_assert_geq(b->points(&in, 1000000), last, "adj %d", adj);
		cr_assert_geq(b->oom_score(&in, 1000000), last_score, "adj %d", adj);
		last = b->points(&in, 1000000);
		last_score = b->oom_score(&in, 1000000);
		cr_assert_eq(last == BADNESS_NEVER, adj == -1000);
		cr_assert(last_score >= 0 && last_score <= 1333 + 667);
	}
	in.oom_score_adj = 0;
	for (last = BADNESS_NEVER, in.rss = 0; in.rss < 100000; in.rss += 997) {
		cr_assert_geq(b->points(&in, 1000000), last);
		last = b->points(&in, 1000000);
	}
}

static void never(const struct badness_ops *b, struct badness_in in)
{
	cr_assert_eq(b->points(&in, 1000000), BADNESS_NEVER);
	cr_assert_eq(b->oom_score(&in, 1000000), 0);
	cr_assert_not_null(b->why_never(&in));
	cr_assert_neq(b->why_never(&in)[0], '\0');
}

static void exempt(const struct badness_ops *b)
{
	struct badness_in in;

	in = ordinary(), in.is_init = true, never(b, in);
	in = ordinary(), in.is_kthread = true, never(b, in);
	in = ordinary(), in.has_mm = false, never(b, in);
	in = ordinary(), in.oom_score_adj = -1000, never(b, in);
	in = ordinary(), in.oom_skip = true, never(b, in);
	in = ordinary(), in.in_vfork = true, never(b, in);
	in = ordinary();
	cr_assert_null(b->why_never(&in));
}

static void filled_in(const struct kernel_model *m)
{
	cr_assert(m->info.name && m->info.name[0] == 'k' && m->info.summary && m->info.source && m->release);
	cr_assert(m->badness && m->badness->points && m->badness->oom_score && m->badness->why_never);
	cr_assert(m->badness->info.name && m->badness->info.summary && m->badness->info.source);
	cr_assert(m->klog && m->klog->oom_report && m->klog->kill && m->klog->reaped && m->klog->reap_failed &&
		  m->klog->panic);
	cr_assert(m->min_free_cap_kB == 65536 || m->min_free_cap_kB == 262144);
	cr_assert(m->swappiness_max == 100 || m->swappiness_max == 200);
	cr_assert(m->pcp_batch_div > 0 && m->pcp_batch_max > 0 && m->max_reclaim_retries > 0);
	cr_assert(m->overcommit_guess >= 1 && m->overcommit_guess <= 3);
}

ParameterizedTest(size_t *i, models, contract)
{
	const struct kernel_model *m = kernel_models[*i];

	filled_in(m);
	pure(m->badness);
	monotone(m->badness);
	exempt(m->badness);
}

/* K: what sets 6.1 apart from its neighbours. */
Test(models, k6_1_values)
{
	const struct kernel_model *m = kernel_model_find("6.1");

	cr_assert_eq(m->lru, LRU_CLASSIC);
	cr_assert_eq(m->reaper_delay, 2 * NS_PER_SEC);
	cr_assert_eq(m->max_reclaim_retries, 16);
	cr_assert_eq(m->badness->tie, TIE_TAKE_LAST);
	cr_assert(m->workingset_anon && !m->anon_starts_active && m->wmark_boost && !m->child_sacrifice &&
		  m->victim_half_min);
	cr_assert_eq(m->psi_full, PSI_FULL_NO_PRODUCTIVE);
	cr_assert_eq(m->overcommit_guess, 3);
}
