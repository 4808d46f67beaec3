/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases that are formulas: effective protection, the delay of memory.high, scores, swappiness, PSI. */
#include <stdlib.h>

#include "models/badness/badness.h"
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"
#include "tests/conformance/conformance.h"
#include "tests/proc/testworld.h"

/* ---- effective protection, MiB ---- */

#define PAGES(mib) ((uint64_t)((mib) * 256.0))

struct child {
	double declared, usage, want;
};

static void share_out(struct check *c, uint64_t parent, const struct child *v, size_t n, bool recursive, double tolerance)
{
	uint64_t usage = 0, claimed = 0;

	for (size_t i = 0; i < n; i++) {
		usage += PAGES(v[i].usage);
		claimed += u64_min(PAGES(v[i].declared), PAGES(v[i].usage));
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t got = memcg_effective(PAGES(v[i].usage), usage, PAGES(v[i].declared), parent, claimed, recursive);

		expect_range(c, "MiB protected", (double)got / 256, v[i].want - tolerance, v[i].want + tolerance);
	}
}
#define SHARE_OUT(c, parent, recursive, tolerance, ...)                                                                \
	do {                                                                                                           \
		const struct child v_[] = { __VA_ARGS__ };                                                             \
		share_out(c, PAGES(parent), v_, ARRAY_LEN(v_), recursive, tolerance);                                  \
	} while (0)

/* Right below the root of reclaim what is declared holds: A is that root, B its child. */
static void first_level(struct check *c)
{
	struct kernel_model km = { .memcg_recursiveprot = true };
	struct world *w = calloc(1, sizeof(*w));
	struct memcg v[3] = { { .last = 2 }, { .id = 1, .last = 2, .parent = v }, { .id = 2, .last = 2, .parent = v + 1 } };

	w->km = &km;
	w->memcg = (struct memcg_state){ .v = v, .n = 3, .recursiveprot = true };
	v[1].memory.usage = v[2].memory.usage = PAGES(150);
	v[2].low = PAGES(50);
	memcg_calculate_protection(w, &v[1], &v[2]);
	expect_eq(c, "elow", v[2].elow, PAGES(50));
	free(w);
}

static void over_committed(struct check *c)
{
	SHARE_OUT(c, 50, true, 0.01, { 75, 50, 33.333 }, { 25, 50, 16.667 }, { 0, 50, 0 }, { 500, 0, 0 });
}

static void not_recursive(struct check *c)
{
	SHARE_OUT(c, 50, false, 0, { 10, 40, 10 }, { 0, 40, 0 });
}

static void recursive(struct check *c)
{
	SHARE_OUT(c, 50, true, 0.01, { 10, 40, 27.143 }, { 0, 40, 22.857 });
}

static void capped_by_parent(struct check *c)
{
	SHARE_OUT(c, 0, true, 0, { 75, 50, 0 }, { 25, 50, 0 });
}

/* ---- memory.high, HZ 1000 ---- */

static void delay_table(struct check *c)
{
	static const unsigned ms[] = { 0,   6,   25,   57,   102,  159,  230,  313,  409,  518, 639,
				       774, 921, 1081, 1254, 1439, 1638, 1849, 2000, 2000, 2000 };

	for (unsigned i = 0; i < ARRAY_LEN(ms); i++)
		expect_eq(c, "ms", u64_min(memcg_high_delay(PAGES(100 + i), PAGES(100), 64, 64, 1000), 2000), ms[i]);
}

/* ---- scores ---- */

static int64_t per_mille(uint64_t used, uint64_t allowed)
{
	const struct badness_in in = { .has_mm = true, .rss = used };

	return badness_v5_10.points(&in, allowed) * 1000 / (int64_t)allowed;
}

static void score_scale(struct check *c)
{
	expect_eq(c, "score of half a cgroup's limit", (uint64_t)per_mille(PAGES(50), PAGES(100)), 500);
	expect_eq(c, "score of the whole machine", (uint64_t)per_mille(PAGES(4096), PAGES(4096)), 1000);
}

/* ---- swappiness ---- */

/* Pages of 2 * 100000 to be scanned, anonymous and file, where neither has had a cost. */
static void scan_shares(int swappiness, uint64_t *ret_anon, uint64_t *ret_file)
{
	struct world *w = calloc(1, sizeof(*w));
	struct node *n = calloc(1, sizeof(*n));
	struct scan_control sc = { .w = w, .may_swap = true, .priority = 1, .reclaim_idx = MAX_ZONES - 1 };
	uint64_t nr[4];

	w->swap.free = 1;
	w->sysctl.swappiness = swappiness;
	for (int l = 0; l < 4; l++)
		n->zone[MAX_ZONES - 1].lru[l] = 200000;
	get_scan_count(&sc, n, nr);
	*ret_anon = nr[LRU_INACTIVE_ANON];
	*ret_file = nr[LRU_INACTIVE_FILE];
	free(n);
	free(w);
}

static void swappiness_is_a_ratio(struct check *c)
{
	uint64_t anon, file;

	scan_shares(100, &anon, &file);
	expect_eq(c, "file at 100", file, anon);
	scan_shares(60, &anon, &file);
	expect_range(c, "file / anon at 60", (double)file / (double)anon, 140. / 60 - 0.001, 140. / 60 + 0.001);
	scan_shares(133, &anon, &file); /* swap twice as fast as the file system: x + 2x = 200 */
	expect_range(c, "anon / file at 133", (double)anon / (double)file, 1.98, 2);
}

/* ---- PSI ---- */

static void stalls_for_ever(struct pw *pw, struct task *t, struct pw_job *j)
{
	(void)j;
	psi_memstall_enter(&pw->w, t);
	task_wait_io(&pw->w, t, NULL, TASK_UNINTERRUPTIBLE, 1000 * NS_PER_SEC);
	psi_memstall_leave(&pw->w, t);
}

/* Percent of ten seconds in which some, and all, of so many busy tasks and so many that wait for memory lost time. */
static void pressure(struct check *c, enum psi_res res, unsigned ncpu, unsigned busy, unsigned stalled, double some, double full)
{
	struct pw *pw = pw_new(ncpu);
	struct pw_job *j = calloc(busy + stalled, sizeof(*j));
	struct rec_psi r;

	for (unsigned i = 0; i < busy + stalled; i++) {
		j[i] = (struct pw_job){ .comm = "t", .fn = i < busy ? pw_hog : stalls_for_ever, .arg = { NS_PER_MS } };
		pw_spawn(pw, &j[i]);
	}
	pw_run(pw, 10 * NS_PER_SEC);
	psi_show(&pw->w, res, &r);
	expect_range(c, "some", (double)r.some.total_us / 1e5, some - 0.01, some + 0.01);
	expect_range(c, "full", (double)r.full.total_us / 1e5, full - 0.01, full + 0.01);
	pw_free(pw);
	free(j);
}

static void divided_by_cpus(struct check *c)
{
	pressure(c, PSI_CPU, 256, 257, 0, 0.39, 0);
	pressure(c, PSI_MEM, 4, 3, 1, 25, 25);
	pressure(c, PSI_MEM, 4, 1, 1, 50, 50);
}

static void averages(struct check *c)
{
	static const struct {
		unsigned s;
		double avg[3];
	} row[] = { { 2, { 18.12, 3.27, 0.68 } }, { 4, { 32.95, 6.44, 1.36 } }, { 10, { 63.19, 15.32, 3.37 } },
		    { 30, { 95.01, 39.28, 9.78 } }, { 60, { 99.75, 63.14, 18.61 } } };
	struct pw *pw = pw_new(1);
	struct pw_job j = { .comm = "stalls", .fn = stalls_for_ever };

	pw_spawn(pw, &j);
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct rec_psi r;

		pw_run(pw, row[i].s / 2 * 2004 * NS_PER_MS); /* a period is 2 * HZ + 1 jiffies */
		psi_show(&pw->w, PSI_MEM, &r);
		expect_range(c, "avg10", r.some.avg10 / 100., row[i].avg[0] - 0.1, row[i].avg[0] + 0.1);
		expect_range(c, "avg60", r.some.avg60 / 100., row[i].avg[1] - 0.1, row[i].avg[1] + 0.1);
		expect_range(c, "avg300", r.some.avg300 / 100., row[i].avg[2] - 0.1, row[i].avg[2] + 0.1);
	}
	pw_free(pw);
}

CONF_TABLE(conf_formulas, "formulas",
	{ "KDOC-PC-01", "first level: as declared", first_level, NULL },
	{ "KDOC-PC-02", "claims beyond the parent's are scaled", over_committed, NULL },
	{ "KDOC-PC-04", "not recursive: no more than declared", not_recursive, NULL },
	{ "KDOC-PC-05", "recursive: the unclaimed is shared by use", recursive, NULL },
	{ "KDOC-PC-06", "nothing below a parent without protection", capped_by_parent, NULL },
	{ "KDOC-HIGH-01", "delay of memory.high for 100 to 120 MiB of 100", delay_table, NULL },
	{ "KDOC-OOM-01", "scores are thousandths of what may be used", score_scale, NULL },
	{ "KDOC-SWP-01", "swappiness is a ratio of costs", swappiness_is_a_ratio, NULL },
	{ "KDOC-PSI-01", "PSI is divided by CPUs or tasks", divided_by_cpus, NULL },
	{ "KDOC-PSI-02", "averages of a stall from rest", averages, NULL });
