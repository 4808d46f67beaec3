/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rule of 5.9 and later against values worked by hand: specification M.1, M.2, M.3, G.14.1. */
#include <criterion/criterion.h>

#include "models/badness/badness.h"

#define T 2500000 /* totalpages of M.1 */

struct row {
	const char *name;
	uint64_t rss, swap, pt;
	int adj;
	int64_t points;
	int score;
};

static const struct row m1[] = {
	{ "sshd", 600, 0, 12, -1000, BADNESS_NEVER, 0 },
	{ "postgres", 600000, 100000, 1500, 0, 701500, 853 },
	{ "pgworkA", 40000, 0, 300, 0, 40300, 677 },
	{ "pgworkB", 90000, 0, 400, 0, 90400, 690 },
	{ "firefox", 500000, 50000, 4000, 300, 1304000, 1014 },
	{ "backup", 705000, 0, 1400, 0, 706400, 854 },
	{ "batch", 10000, 0, 60, 0, 10060, 669 },
};

static struct badness_in in(uint64_t rss, uint64_t swap, uint64_t pt, int adj)
{
	return (struct badness_in){
		.has_mm = true, .rss = rss, .swapents = swap, .pgtables_bytes = pt * 4096, .oom_score_adj = adj
	};
}

Test(badness_v5_10, list_of_m1)
{
	for (size_t i = 0; i < ARRAY_LEN(m1); i++) {
		struct badness_in b = in(m1[i].rss, m1[i].swap, m1[i].pt, m1[i].adj);

		cr_assert_eq(badness_v5_10.points(&b, T), m1[i].points, "%s", m1[i].name);
		cr_assert_eq(badness_v5_10.oom_score(&b, T), m1[i].score, "%s", m1[i].name);
	}
}

/* The choice of M.1 and of its variant (firefox with adj 0, batch gone), taken as the engine takes it: a later task of
 * the same points replaces the earlier. */
Test(badness_v5_10, choice_of_m1)
{
	const char *chosen = NULL, *variant = NULL;
	int64_t best = BADNESS_NEVER, best_variant = BADNESS_NEVER;

	for (size_t i = 0; i < ARRAY_LEN(m1); i++) {
		struct badness_in b = in(m1[i].rss, m1[i].swap, m1[i].pt, m1[i].adj);
		int64_t p = badness_v5_10.points(&b, T);

		if (p != BADNESS_NEVER && p >= best)
			chosen = m1[i].name, best = p;
		if (b.oom_score_adj > 0)
			b.oom_score_adj = 0;
		p = badness_v5_10.points(&b, T);
		if (p != BADNESS_NEVER && p >= best_variant && i != 6)
			variant = m1[i].name, best_variant = p;
	}
	cr_assert_str_eq(chosen, "firefox");
	cr_assert_str_eq(variant, "backup");
	cr_assert_eq(best_variant, 706400);
}

Test(badness_v5_10, last_of_equals)
{
	cr_assert_eq(badness_v5_10.tie, TIE_TAKE_LAST);
}

/* M.3: no floor at 1; and the division by 1000 comes first, so a domain of fewer than 1000 pages feels no adj. */
Test(badness_v5_10, adj_arithmetic)
{
	struct badness_in b = in(50000, 0, 0, -500);

	cr_assert_eq(badness_v5_10.points(&b, T), -1200000);
	cr_assert_eq(badness_v5_10.points(&b, 999), 50000);
	cr_assert_eq(badness_v5_10.points(&b, 1999), 49500);
	b.oom_score_adj = 1000;
	cr_assert_eq(badness_v5_10.points(&b, T), 50000 + T);
}

/* Page tables count whole pages of 4096 bytes, rounded down. */
Test(badness_v5_10, page_tables)
{
	struct badness_in b = in(10, 5, 0, 0);

	b.pgtables_bytes = 4095;
	cr_assert_eq(badness_v5_10.points(&b, T), 15);
	b.pgtables_bytes = 8192;
	cr_assert_eq(badness_v5_10.points(&b, T), 17);
}

/* G.14.1, T = 4194304. The signed division goes towards zero, so that the last row is 334 and not 333. */
Test(badness_v5_10, oom_score_scale)
{
	static const struct {
		uint64_t rss;
		int adj;
		int64_t points;
		int score;
	} v[] = {
		{ 0, 0, 0, 666 },
		{ 209715, 0, 209715, 699 },
		{ 2097152, 0, 2097152, 1000 },
		{ 4194304, 0, 4194304, 1333 },
		{ 4194304, 1000, 8388304, 1999 },
		{ 0, -500, -2097000, 334 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct badness_in b = in(v[i].rss, 0, 0, v[i].adj);

		cr_assert_eq(badness_v5_10.points(&b, 4194304), v[i].points);
		cr_assert_eq(badness_v5_10.oom_score(&b, 4194304), v[i].score, "%ld", (long)v[i].points);
	}
}

/* oom_evaluate_task(): swapoff outranks everything, adj -1000 included; /proc/PID/oom_score does not know of it. */
Test(badness_v5_10, swapoff)
{
	struct badness_in b = in(100, 0, 0, -1000);

	b.oom_task_origin = true;
	cr_assert_eq(badness_v5_10.points(&b, T), INT64_MAX);
	cr_assert_eq(badness_v5_10.oom_score(&b, T), 0);
	b.is_init = true;
	cr_assert_eq(badness_v5_10.points(&b, T), BADNESS_NEVER);
}

Test(badness_v5_10, says_why)
{
	struct badness_in b = in(100, 0, 0, 0);

	cr_assert_null(badness_v5_10.why_never(&b));
	b.oom_score_adj = -1000;
	cr_assert_str_eq(badness_v5_10.why_never(&b), "oom_score_adj is -1000");
	b.has_mm = false;
	cr_assert_not_null(badness_v5_10.why_never(&b));
}
