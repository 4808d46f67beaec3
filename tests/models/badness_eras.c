/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every badness rule against values worked by hand from the cited formula: the process list of specification M.1 with the choice
 * and the victim that it leads to, the variant without batch, M.2, M.3 and the vectors of G.8. The rule of 5.9 has a file of its
 * own (badness_v5_10.c).
 */
#include <criterion/criterion.h>
#include <string.h>

#include "models/badness/badness.h"
#include "models/registry.h"
#include "sim/world/config.h"

#define T    2500000 /* totalpages of M.1 */
#define HZ   250
#define ROOT (CAP_SYS_ADMIN_BIT | CAP_SYS_RAWIO_BIT | CAP_SYS_RESOURCE_BIT)

struct person {
	const char *name;
	uint64_t total_vm, rss, swap, pt;
	bool root;
	uint64_t cpu_s, age_s;
	int nice, adj, parent; /* parent: index, -1: init */
};

enum { SSHD, POSTGRES, PGWORKA, PGWORKB, FIREFOX, BACKUP, BATCH, N };

static const struct person m1[N] = {
	{ "sshd", 4000, 600, 0, 12, true, 10, 864000, 0, -1000, -1 },
	{ "postgres", 900000, 600000, 100000, 1500, false, 36000, 864000, 0, 0, -1 },
	{ "pgworkA", 910000, 40000, 0, 300, false, 100, 800000, 0, 0, POSTGRES },
	{ "pgworkB", 910000, 90000, 0, 400, false, 900, 800000, 0, 0, POSTGRES },
	{ "firefox", 3000000, 500000, 50000, 4000, false, 7200, 40000, 0, 300, -1 },
	{ "backup", 740000, 705000, 0, 1400, true, 7200, 864000, 0, 0, -1 },
	{ "batch", 1500000, 10000, 0, 60, false, 1, 600, 10, 0, -1 },
};

static struct badness_in in_of(const struct person *p)
{
	struct badness_in in = { .has_mm = true,
				 .oom_score_adj = p->adj,
				 .oom_adj = oom_adj_of(p->adj),
				 .rss = p->rss,
				 .swapents = p->swap,
				 .pgtables_bytes = p->pt * 4096,
				 .nr_ptes = p->pt,
				 .capabilities = p->root ? ROOT : 0,
				 .total_vm = p->total_vm,
				 .cpu_jiffies = p->cpu_s * HZ,
				 .group_cpu_jiffies = p->cpu_s * HZ,
				 .age_s = p->age_s,
				 .hz = HZ,
				 .nice = p->nice,
				 .uid = p->root ? 0 : 1000,
				 .euid = p->root ? 0 : 1000 };

	for (size_t i = 0; i < N; i++)
		if (m1[i].parent >= 0 && &m1[m1[i].parent] == p) {
			in.child_vm += m1[i].total_vm;
			in.child_vm_halves += m1[i].total_vm / 2 + 1;
		}
	return in;
}

#define NO BADNESS_NEVER

/* M.1: the badness of each, then who is chosen and who dies. */
static const struct {
	const char *kernel;
	int64_t points[N];
	int chosen;
} expected[] = {
	{ "k2.6.11", { 0, 8242, 60666, 18200, 1655168, 318, 3000000 }, BATCH },
	{ "k2.6.24", { NO, 5484, 60666, 18200, 1655168, 318, 3000000 }, BATCH },
	{ "k2.6.32", { NO, 5484, 60666, 18200, 1655168, 318, 3000000 }, BATCH },
	{ "k2.6.36", { NO, 280, 16, 36, 520, 252, 4 }, FIREFOX },
	{ "k3.0", { NO, 280, 16, 36, 521, 252, 4 }, FIREFOX },
	{ "k3.10", { NO, 701500, 40300, 90400, 1304000, 631400, 10060 }, FIREFOX },
	{ "k3.18", { NO, 701500, 40300, 90400, 1304000, 685208, 10060 }, FIREFOX },
	{ "k4.4", { NO, 701500, 40300, 90400, 1304000, 685208, 10060 }, FIREFOX },
	{ "k4.9", { NO, 701500, 40300, 90400, 1304000, 685208, 10060 }, FIREFOX },
	{ "k4.14", { NO, 701500, 40300, 90400, 1304000, 685208, 10060 }, FIREFOX },
	{ "k4.19", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k5.4", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k5.10", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k5.15", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k6.1", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k6.6", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k6.8", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k6.12", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k7.2", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
	{ "k7.3", { NO, 701500, 40300, 90400, 1304000, 706400, 10060 }, FIREFOX },
};

/* As the engine chooses: the best, of equals by the rule's tie. */
static int choose(const struct badness_ops *b, const int64_t *points)
{
	int best = -1;

	for (int i = 0; i < N; i++)
		if (points[i] != NO &&
		    (best < 0 || points[i] > points[best] || (points[i] == points[best] && b->tie == TIE_TAKE_LAST)))
			best = i;
	return best;
}

static int victim(const struct kernel_model *m, int chosen, const int64_t *points)
{
	int worst = chosen;

	for (int i = 0; i < N && m->child_rule != CHILD_NONE; i++)
		if (m1[i].parent == chosen && points[i] > (worst == chosen ? 0 : points[worst]))
			worst = i;
	return worst;
}

Test(badness_eras, list_of_m1)
{
	size_t n = 0;

	while (kernel_models[n])
		n++;
	cr_assert_eq(ARRAY_LEN(expected), n, "a kernel model without hand-worked points");
	for (size_t k = 0; k < n; k++) {
		const struct badness_ops *b = kernel_models[k]->badness;
		int64_t points[N];

		cr_assert_str_eq(expected[k].kernel, kernel_models[k]->info.name);
		for (size_t i = 0; i < N; i++) {
			struct badness_in in = in_of(&m1[i]);

			points[i] = b->points(&in, T);
			cr_assert_eq(points[i], expected[k].points[i], "%s of %s: %ld", m1[i].name, expected[k].kernel,
				     (long)points[i]);
		}
		cr_assert_eq(choose(b, points), expected[k].chosen, "%s", expected[k].kernel);
		cr_assert_eq(victim(kernel_models[k], expected[k].chosen, points), expected[k].chosen);
	}
}

/* The variant of M.1: firefox with adj 0, batch gone. Whom children save. */
Test(badness_eras, variant_of_m1)
{
	static const struct {
		const char *kernel;
		int64_t firefox;
		int chosen, killed;
	} v[] = {
		{ "2.6.11", 51724, PGWORKA, PGWORKA }, { "2.6.32", 51724, PGWORKA, PGWORKA },
		{ "3.0", 221, POSTGRES, PGWORKB },     { "3.10", 554000, POSTGRES, PGWORKB },
		{ "3.18", 554000, POSTGRES, PGWORKB }, { "4.14", 554000, POSTGRES, PGWORKB },
		{ "4.19", 554000, BACKUP, BACKUP },    { "5.4", 554000, BACKUP, BACKUP },
		{ "5.10", 554000, BACKUP, BACKUP },    { "6.1", 554000, BACKUP, BACKUP },
		{ "7.3", 554000, BACKUP, BACKUP },
	};

	for (size_t k = 0; k < ARRAY_LEN(v); k++) {
		const struct kernel_model *m = kernel_model_find(v[k].kernel);
		int64_t points[N];
		int chosen;

		for (size_t i = 0; i < N; i++) {
			struct badness_in in = in_of(&m1[i]);

			if (i == FIREFOX)
				in.oom_score_adj = in.oom_adj = 0;
			points[i] = i == BATCH ? NO : m->badness->points(&in, T);
		}
		cr_assert_eq(points[FIREFOX], v[k].firefox, "%s: %ld", v[k].kernel, (long)points[FIREFOX]);
		chosen = choose(m->badness, points);
		cr_assert_eq(chosen, v[k].chosen, "%s chooses %s", v[k].kernel, m1[chosen].name);
		cr_assert_eq(victim(m, chosen, points), v[k].killed, "%s", v[k].kernel);
	}
}

/* M.2 and G.14.1: /proc/PID/oom_score. */
Test(badness_eras, oom_score)
{
	static const int v4_19[N] = { 0, 280, 16, 36, 521, 282, 4 };
	static const int v2_6_32[N] = { 0, 5484, 60666, 18200, 1655168, 318, 3000000 };

	for (size_t i = 0; i < N; i++) {
		struct badness_in in = in_of(&m1[i]);

		cr_assert_eq(badness_v4_19.oom_score(&in, T), v4_19[i], "%s", m1[i].name);
		cr_assert_eq(badness_v5_4.oom_score(&in, T), v4_19[i], "%s", m1[i].name);
		cr_assert_eq(badness_v2_6_32.oom_score(&in, T), v2_6_32[i], "%s", m1[i].name);
		cr_assert_eq(badness_v3_0.oom_score(&in, T), expected[4].points[i] == NO ? 0 : expected[4].points[i]);
	}
}

/* G.8.3: total_vm 100000, step by step. */
Test(badness_eras, classic_vectors)
{
	struct badness_in in = { .has_mm = true, .total_vm = 100000, .hz = 1000, .uid = 1000, .euid = 1000 };

	cr_assert_eq(badness_v2_6_32.points(&in, T), 100000);
	in.child_vm = 80000, in.child_vm_halves = 2 * 20001;
	cr_assert_eq(badness_v2_6_32.points(&in, T), 140002);
	cr_assert_eq(badness_v2_6_11.points(&in, T), 180000);
	in.child_vm = in.child_vm_halves = 0;
	in.cpu_jiffies = in.group_cpu_jiffies = 3600000, in.age_s = 86400;
	cr_assert_eq(badness_v2_6_32.points(&in, T), 1666);
	in.nice = 5, in.capabilities = ROOT;
	cr_assert_eq(badness_v2_6_32.points(&in, T), 208);
	in.nice = 0, in.capabilities = CAP_SYS_ADMIN_BIT, in.oom_adj = -5;
	cr_assert_eq(badness_v2_6_32.points(&in, T), 13);
	in = (struct badness_in){ .has_mm = true, .total_vm = 100000, .hz = 1000, .uid = 1, .euid = 1, .oom_adj = 4 };
	cr_assert_eq(badness_v2_6_32.points(&in, T), 1600000);
	in.oom_adj = 0, in.hz = 100, in.group_cpu_jiffies = 360000, in.age_s = 86400;
	cr_assert_eq(badness_v2_6_32.points(&in, T), 1851);
}

/* What sets the three classic rules apart. */
Test(badness_eras, classic_differences)
{
	struct badness_in in = { .has_mm = true, .total_vm = 64000, .hz = 250, .uid = 0, .euid = 1000 };

	/* uid 0 without capabilities is root up to 2.6.25 and nobody later; CAP_SYS_RESOURCE the other way round */
	cr_assert_eq(badness_v2_6_11.points(&in, T), 16000);
	cr_assert_eq(badness_v2_6_24.points(&in, T), 16000);
	cr_assert_eq(badness_v2_6_32.points(&in, T), 64000);
	in.uid = 1000, in.capabilities = CAP_SYS_RESOURCE_BIT;
	cr_assert_eq(badness_v2_6_24.points(&in, T), 64000);
	cr_assert_eq(badness_v2_6_32.points(&in, T), 16000);
	/* CPU time of a thread, of all threads: 4 units of 8.192 s each */
	in.capabilities = 0, in.cpu_jiffies = 0, in.group_cpu_jiffies = 4 * 2048;
	cr_assert_eq(badness_v2_6_24.points(&in, T), 64000);
	cr_assert_eq(badness_v2_6_32.points(&in, T), 32000);
	in.group_cpu_jiffies = 0;
	/* memory on other nodes than the asker's */
	in.elsewhere = true;
	cr_assert_eq(badness_v2_6_11.points(&in, T), 64000);
	cr_assert_eq(badness_v2_6_24.points(&in, T), 8000);
	in.elsewhere = false;
	/* oom_adj: -17 protects from 2.6.17 on; a positive one makes 1 of nothing first */
	in.oom_adj = -17;
	cr_assert_eq(badness_v2_6_11.points(&in, T), 64000 >> 16);
	cr_assert_eq(badness_v2_6_24.points(&in, T), NO);
	in.total_vm = 0, in.oom_adj = 3;
	cr_assert_eq(badness_v2_6_11.points(&in, T), 0);
	cr_assert_eq(badness_v2_6_24.points(&in, T), 8);
	/* swapoff */
	in.oom_task_origin = true;
	cr_assert_eq(badness_v2_6_11.points(&in, T), INT64_MAX);
	cr_assert_eq(badness_v2_6_32.points(&in, T), INT64_MAX);
}

/* G.8.4: 280.0 and 280.9 per mille are the same; 1 at least, 1000 at most; page tables from 2.6.39 on. */
Test(badness_eras, per_mille)
{
	struct badness_in in = { .has_mm = true, .rss = 700000 };

	cr_assert_eq(badness_v2_6_36.points(&in, T), 280);
	in.rss = 702249;
	cr_assert_eq(badness_v2_6_36.points(&in, T), 280);
	in.nr_ptes = 1000;
	cr_assert_eq(badness_v2_6_36.points(&in, T), 280);
	cr_assert_eq(badness_v3_0.points(&in, T), 281);
	in.oom_score_adj = -999;
	cr_assert_eq(badness_v3_0.points(&in, T), 1);
	in.oom_score_adj = 1000;
	cr_assert_eq(badness_v3_0.points(&in, T), 1000);
	in.oom_score_adj = 0, in.sharer_never = true;
	cr_assert_eq(badness_v2_6_36.points(&in, T), 280);
	cr_assert_eq(badness_v3_0.points(&in, T), NO);
	in.sharer_never = false, in.oom_task_origin = true;
	cr_assert_eq(badness_v3_0.points(&in, T), 1000);
}

/* G.8.5, G.8.6: 3 % of all memory, then 3 % of one's own: 100000 - 75000 and 100000 - 3000. */
Test(badness_eras, root_bonus)
{
	struct badness_in in = { .has_mm = true, .rss = 100000, .capabilities = CAP_SYS_ADMIN_BIT };

	cr_assert_eq(badness_v3_10.points(&in, T), 25000);
	cr_assert_eq(badness_v3_18.points(&in, T), 97000);
	cr_assert_eq(badness_v4_15.points(&in, T), 97000);
	cr_assert_eq(badness_v4_19.points(&in, T), 100000);
	in.rss = 1000;
	cr_assert_eq(badness_v3_10.points(&in, T), 1);
	in.rss = 99;
	cr_assert_eq(badness_v3_18.points(&in, T), 97); /* 99 * 3 / 100 = 2 */
}

/* Which page tables count: none, the lowest level, the two lowest, all of them. */
Test(badness_eras, page_tables)
{
	struct badness_in in = {
		.has_mm = true, .rss = 1000, .nr_ptes = 20, .nr_pmds = 3, .pgtables_bytes = 25 * 4096
	};

	cr_assert_eq(badness_v3_10.points(&in, T), 1020);
	cr_assert_eq(badness_v3_18.points(&in, T), 1020);
	cr_assert_eq(badness_v4_4.points(&in, T), 1023);
	cr_assert_eq(badness_v4_9.points(&in, T), 1023);
	cr_assert_eq(badness_v4_15.points(&in, T), 1025);
	cr_assert_eq(badness_v5_4.points(&in, T), 1025);
}

/* M.3: below zero all are 1 up to 5.8; and of equals the first wins up to 5.2. */
Test(badness_eras, floor_and_tie)
{
	struct badness_in in = { .has_mm = true, .rss = 50000, .oom_score_adj = -500 };

	cr_assert_eq(badness_v3_10.points(&in, T), 1);
	cr_assert_eq(badness_v4_19.points(&in, T), 1);
	cr_assert_eq(badness_v5_4.points(&in, T), 1);
	cr_assert_eq(badness_v5_10.points(&in, T), -1200000);
	cr_assert_eq(badness_v3_10.tie, TIE_KEEP_FIRST);
	cr_assert_eq(badness_v4_19.tie, TIE_KEEP_LEADER);
	cr_assert_eq(badness_v5_4.tie, TIE_TAKE_LAST);
}

/* G.14.3 */
Test(badness_eras, oom_adj)
{
	static const int v[][2] = { { -1000, -17 }, { -999, -16 }, { -500, -8 }, { 0, 0 },    { 100, 1 },
				    { 300, 5 },     { 500, 8 },    { 999, 15 },  { 1000, 15 } };

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		cr_assert_eq(oom_adj_of(v[i][0]), v[i][1], "%d: %d", v[i][0], oom_adj_of(v[i][0]));
}
