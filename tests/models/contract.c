/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every kernel model promises, whatever its era: loops over the table, so that a new model is tested by being listed. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "models/badness/badness.h"
#include "models/kernel/kernel.h"
#include "models/klog/klog.h"
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
	return (struct badness_in){ .has_mm = true,
				    .rss = 12345,
				    .swapents = 678,
				    .pgtables_bytes = 262144,
				    .nr_ptes = 60,
				    .nr_pmds = 4,
				    .total_vm = 40000,
				    .hz = 250,
				    .uid = 1000,
				    .euid = 1000 };
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

static void finds(const char *asked, const char *model)
{
	const struct kernel_model *m = kernel_model_find(asked);

	cr_assert_not_null(m, "%s", asked);
	cr_assert_str_eq(m->info.name, model, "%s", asked);
}

/* models/registry.h: a release lies in the span of the latest model that does not begin after it. */
Test(models, found_by_release)
{
	finds("5.10.223-foo", "k5.10");
	finds("k5.10", "k5.10");
	finds("6.1.0-50-cloud-amd64", "k6.1");
	finds("6.12.107+deb13-cloud-amd64", "k6.12");
	finds("4.15.0-20-generic", "k4.14");
	finds("5.0", "k4.19");
	finds("5.1", "k5.4");
	finds("5.9", "k5.10");
	finds("6.0.11-arch1-1", "k5.15");
	finds("3.16.0-4-amd64", "k3.18");
	finds("2.6.18", "k2.6.24");
	finds("2.6.39", "k3.0");
	finds("7.9", "k7.3");
	finds("2.6.32-642.11.1.el6.x86_64", "k2.6.36");
	finds("3.10.0-514.6.1.el7.x86_64", "k3.18");
	cr_assert_null(kernel_model_find("9.9"));
	cr_assert_null(kernel_model_find("2.6.10"));
	cr_assert_null(kernel_model_find("2.4.37"));
	cr_assert_null(kernel_model_find("6.1x"));
	cr_assert_null(kernel_model_find("k6_1"));
	cr_assert_null(kernel_model_find("6."));
}

Test(models, aliases_follow_models)
{
	for (const struct kernel_alias *a = kernel_aliases; a->name; a++) {
		const struct kernel_model *m = kernel_model_find(a->name);

		cr_assert_not_null(m, "%s", a->name);
		cr_assert_str_eq(m->info.name, a->follows);
		cr_assert(a->release && a->lru);
		for (const struct kernel_alias *b = kernel_aliases; b < a; b++)
			cr_assert_str_neq(a->name, b->name);
	}
	finds("debian-12", "k6.1");
	finds("rhel-6", "k2.6.36");
	finds("ubuntu-24.04", "k6.8");
}

Test(models, in_order_of_time)
{
	for (size_t i = 1; i < count(); i++)
		cr_assert_eq(kernel_model_find(kernel_models[i]->since), kernel_models[i]);
}

/* No template may name a field that does not exist: such a name is left standing in its braces. */
Test(models, formats_are_complete)
{
	static const struct rec_oom_pcp pcp = { 186, 31, 7 };
	static const struct rec_oom_stat stat[] = { { "anon", 4096 }, { "file", 0 } };
	const struct rec_oom_memcg memcg = { .path = "/a", .stat = stat, .nstat = 2 };
	const struct rec_oom_node node = { .node = 0 };
	const struct rec_oom_zone zone = { .name = "DMA32", .pcp = &pcp, .npcp = 1 };
	const struct rec_oom_task task = { .pid = 7, .tgid = 7, .comm = "x" };
	struct rec_oom_report r = { .panic = -1,
				    .dump_header = true,
				    .dump_tasks = true,
				    .node = &node,
				    .nnode = 1,
				    .zone = &zone,
				    .nzone = 1,
				    .task = &task,
				    .ntask = 1,
				    .trigger_comm = "x",
				    .gfp_mask = 0x140dca };
	struct rec_kill k = {
		.pid = 7, .comm = "x", .constraint = "CONSTRAINT_NONE", .memcg = "/", .message = "Out of memory"
	};

	for (const struct klog_format *const *f = klog_formats; *f; f++) {
		struct strbuf b = { 0 };

		klog_oom_report(*f, &b, &r, "1.2.3", "PC");
		r.memcg = &memcg;
		klog_oom_report(*f, &b, &r, "1.2.3", "PC");
		r.memcg = NULL;
		klog_kill(*f, &b, &k, true);
		for (int i = 0; i < 3; i++)
			klog_panic(*f, &b, i, 0, 7, "x", "1.2.3", "PC");
		klog_reaped(*f, &b, 7, "x", 0, 0, 0);
		klog_reap_failed(*f, &b, 7, "x");
		cr_assert(!b.failed && !strpbrk(b.s, "{}"), "%s:\n%s", (*f)->info.name, b.s);
		cr_assert_null(strstr(b.s, "(null),(null)"));
		strbuf_free(&b);
	}
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

static void set_adj(struct badness_in *in, int adj)
{
	in->oom_score_adj = adj;
	in->oom_adj = oom_adj_of(adj);
}

static void pure(const struct badness_ops *b)
{
	struct badness_in in = ordinary(), before;

	for (int adj = -1000; adj <= 1000; adj += 125) {
		set_adj(&in, adj);
		before = in;
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
		set_adj(&in, adj);
		cr_assert_geq(b->points(&in, 1000000), last, "adj %d", adj);
		cr_assert_geq(b->oom_score(&in, 1000000), last_score, "adj %d", adj);
		last = b->points(&in, 1000000);
		last_score = b->oom_score(&in, 1000000);
		cr_assert_eq(last == BADNESS_NEVER, adj == -1000 && b != &badness_v2_6_11);
		cr_assert_geq(last_score, 0);
		cr_assert(b->per_mille || last_score <= 1333 + 667);
	}
	set_adj(&in, 0);
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

/* 2.6.11 protects nobody for good; MMF_OOM_SKIP and the rule for vfork children came with the reaper. */
static void exempt(const struct kernel_model *m)
{
	const struct badness_ops *b = m->badness;
	struct badness_in in;

	in = ordinary(), in.is_init = true, never(b, in);
	in = ordinary(), in.is_kthread = true, never(b, in);
	in = ordinary(), in.has_mm = false, never(b, in);
	if (b != &badness_v2_6_11)
		in = ordinary(), set_adj(&in, -1000), never(b, in);
	if (m->scan == SCAN_PROCESSES) {
		in = ordinary(), in.oom_skip = true, never(b, in);
		in = ordinary(), in.in_vfork = true, never(b, in);
	}
	in = ordinary();
	cr_assert_null(b->why_never(&in));
}

static void filled_in(const struct kernel_model *m)
{
	cr_assert(m->info.name && m->info.name[0] == 'k' && m->info.summary && m->info.source && m->release);
	cr_assert(m->badness && m->badness->points && m->badness->oom_score && m->badness->why_never);
	cr_assert(m->badness->info.name && m->badness->info.summary && m->badness->info.source);
	cr_assert(m->klog && m->klog->info.name && m->klog->invoked && m->klog->killed && m->klog->gfp &&
		  m->klog->zone);
	cr_assert_eq(kernel_model_find(m->since), m);
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
	exempt(m);
}

/* K: what sets 6.1 apart from its neighbours. */
Test(models, k6_1_values)
{
	const struct kernel_model *m = kernel_model_find("6.1");

	cr_assert_eq(m->lru, LRU_CLASSIC);
	cr_assert_eq(m->reaper_delay, 2 * NS_PER_SEC);
	cr_assert_eq(m->max_reclaim_retries, 16);
	cr_assert_eq(m->badness->tie, TIE_TAKE_LAST);
	cr_assert(m->workingset_anon && !m->anon_starts_active && m->wmark_boost && m->child_rule == CHILD_NONE &&
		  m->victim_half_min);
	cr_assert_eq(m->psi_full, PSI_FULL_NO_PRODUCTIVE);
	cr_assert_eq(m->overcommit_guess, 3);
}
