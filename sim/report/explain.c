/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/text.h"

/* What the text leaves open: which rule, whether root had its capability, how large the domain is. */
struct reading {
	struct era era;
	bool capable;
	bool mark_dead; /* processes killed earlier in the log are no candidates */
	struct total total;
	bool total_known;
};

void explain_name(struct strbuf *b, const char *comm)
{
	char plain[OOM_COMM_LEN * 4];

	text_plain(plain, sizeof(plain), comm);
	strbuf_puts(b, plain);
}

void explain_size(struct strbuf *b, uint64_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	size_t u = 0;
	uint64_t whole = bytes, rest = 0;

	while (whole >= 1024 && u + 1 < ARRAY_LEN(unit)) {
		rest = whole % 1024;
		whole /= 1024;
		u++;
	}
	if (u && whole < 100)
		strbuf_addf(b, "%llu.%llu %s", (unsigned long long)whole, (unsigned long long)(rest * 10 / 1024),
			    unit[u]);
	else
		strbuf_addf(b, "%llu %s", (unsigned long long)whole, unit[u]);
}

/* ---- scores and selection ---- */

/* Containers drop CAP_SYS_ADMIN from their root unless they are privileged. */
static bool in_container(const struct oom_report *r)
{
	static const char *const word[] = { "docker", "kubepods", "containerd", "crio",
					    "libpod", "lxc",      "/ecs/",      "garden" };

	for (size_t i = 0; i < ARRAY_LEN(word); i++)
		if (strstr(r->memcg, word[i]) || strstr(r->task_memcg, word[i]))
			return true;
	return false;
}

static void score_all(struct explanation *x, const struct reading *rd)
{
	const struct oom_report *r = x->report;

	for (size_t i = 0; i < r->ntask; i++) {
		struct oom_table_task t = r->task[i];
		struct verdict *v = &x->task[i];

		t.killed_before &= rd->mark_dead;
		v->capable = rd->capable && t.v[OOM_COL_UID] == 0;
		v->points = era_points(&rd->era, r, &t, era_adj(r, &t), v->capable, rd->total.pages, &v->why_never);
		v->has_points = !rd->era.classic && v->points != BADNESS_NEVER;
	}
}

/* The kernel's scan: best starts below every candidate; of equals the first or the last, as the era says. */
long explain_select(const struct explanation *x, const struct era *e, const int64_t *points)
{
	long best = -1;

	for (size_t i = 0; i < x->report->ntask; i++) {
		int64_t p = points ? points[i] : x->task[i].points;
		int64_t top = best < 0 ? BADNESS_NEVER : points ? points[best] : x->task[best].points;

		if (p == BADNESS_NEVER || p < top)
			continue;
		if (best >= 0 && p == top && e->tie == TIE_KEEP_FIRST)
			continue;
		best = (long)i;
	}
	return best;
}

static long second_best(struct explanation *x)
{
	struct verdict *best = &x->task[x->predicted];
	int64_t points = best->points;
	long second;

	best->points = BADNESS_NEVER;
	second = explain_select(x, &x->era, NULL);
	best->points = points;
	return second;
}

/* ---- readings ---- */

/* oom_kill_allocating_task, and the mempolicy kills of 2.6.x: the asker dies, whatever the scores. */
static bool asker_dies(const struct oom_report *r)
{
	return r->by == OOM_BY_ALLOCATING_TASK || r->by == OOM_BY_MPOL_BIND || r->by == OOM_BY_CPUSET;
}

static long trigger_row(const struct oom_report *r)
{
	long row = r->trigger_pid.has ? oom_report_find(r, (int)r->trigger_pid.v) : -1;

	if (row >= 0)
		return row;
	/* The pid is that of a thread, which the table does not show. */
	for (size_t i = 0; i < r->ntask; i++)
		if (r->killed.has && r->task[i].pid == r->killed.pid && !strcmp(r->task[i].comm, r->trigger_comm))
			return (long)i;
	return -1;
}

/* The process whose score a kernel up to 5.0 printed. */
static long chosen_row(const struct oom_report *r)
{
	long row = r->chosen.has ? oom_report_find(r, r->chosen.pid) : -1;

	if (row < 0 && r->chosen.has && r->killed.has && !strcmp(r->chosen.comm, r->killed.comm))
		row = oom_report_find(r, r->killed.pid); /* a thread was chosen (<= 4.5) */
	return row;
}

static bool score_fits(const struct explanation *x, const struct reading *rd)
{
	long row = chosen_row(x->report);

	return row >= 0 && x->task[row].points != BADNESS_NEVER &&
	       era_printed_score(&rd->era, x->task[row].points, rd->total.pages) == (int64_t)x->report->score.v;
}

/* The victim by the text: the one chosen where it is named apart from the killed one (child sacrifice). */
static long real_choice(const struct oom_report *r)
{
	const struct oom_victim *v = oom_report_actual(r);
	long row = chosen_row(r);

	return row >= 0 ? row : v ? oom_report_find(r, v->pid) : -1;
}

static bool choice_fits(const struct explanation *x, const struct reading *rd)
{
	long row = real_choice(x->report);

	return row >= 0 && explain_select(x, &rd->era, NULL) == row;
}

/* Without any total the printed score tells one: points * 1000 / T = score, where points = size + adj * T / 1000. */
static bool total_from_score(const struct oom_report *r, const struct era *e, struct total *ret)
{
	long row = chosen_row(r);
	int64_t size, denominator;

	if (row < 0 || !r->score.has || e->permille || r->score.v > 100000)
		return false;
	size = era_points(e, r, &r->task[row], 0, false, 0, NULL);
	denominator = (int64_t)r->score.v - era_adj(r, &r->task[row]);
	if (size == BADNESS_NEVER || denominator <= 0)
		return false;
	ret->pages = (uint64_t)size * 1000 / (uint64_t)denominator;
	ret->exact = false;
	snprintf(ret->how, sizeof(ret->how), "inferred from the printed score");
	return true;
}

/* At least what the largest process holds. */
static void total_at_least(const struct oom_report *r, struct total *ret)
{
	uint64_t most = 0;

	for (size_t i = 0; i < r->ntask; i++) {
		int64_t v = r->task[i].v[OOM_COL_RSS] + r->task[i].v[OOM_COL_SWAPENTS];

		if (v > 0)
			most = u64_max(most, (uint64_t)v);
	}
	ret->pages = most;
	ret->exact = false;
	snprintf(ret->how, sizeof(ret->how), "not told; at least what the largest process holds is taken");
}

static unsigned all_totals(const struct explanation *x, const struct era *e, struct total ret[TOTALS_MAX],
			   bool *ret_known)
{
	unsigned n = explain_totals(x->report, x->constraint, ret);

	*ret_known = n > 0;
	if ((!n || !ret[0].exact) && n < TOTALS_MAX && total_from_score(x->report, e, &ret[n]))
		n++;
	if (!n)
		total_at_least(x->report, &ret[n++]);
	for (unsigned i = 0; i < n; i++) /* no machine has more, and sums of points must not overflow */
		ret[i].pages = u64_min(ret[i].pages, UINT64_C(1) << 50);
	return n;
}

/* How well a reading fits the text: 2 the printed score and the choice, 1 one of the two. */
static int fit(struct explanation *x, const struct reading *rd)
{
	score_all(x, rd);
	if (x->report->score.has && !rd->era.no_swap_column)
		return 2 * score_fits(x, rd) + choice_fits(x, rd);
	return choice_fits(x, rd);
}

/* Try the readings from the likeliest on; the first of those that fit best is taken. */
static void choose_reading(struct explanation *x, struct reading *best)
{
	struct era era[ERA_MAX];
	unsigned nera = era_of_report(x->report, era);
	bool contained = in_container(x->report), have = false;
	int best_fit = -1;

	for (unsigned e = 0; e < nera; e++) {
		struct total total[TOTALS_MAX];
		bool known;
		unsigned ntotal = all_totals(x, &era[e], total, &known);

		for (unsigned t = 0; t < ntotal; t++) {
			for (int c = 0; c < (era[e].root_bonus ? 2 : 1); c++) {
				for (int dead = 1; dead >= (x->report->killed_in_log ? 0 : 1); dead--) {
					struct reading rd = { era[e],
							      era[e].root_bonus && (contained ? c == 1 : c == 0),
							      dead != 0, total[t], known };
					int f = fit(x, &rd);

					if (have && f <= best_fit)
						continue;
					have = true;
					best_fit = f;
					*best = rd;
				}
			}
		}
	}
}

/* ---- the comparison ---- */

static void take_actual(struct explanation *x)
{
	const struct oom_victim *v = oom_report_actual(x->report);

	x->actual_row = -1;
	if (!v)
		return;
	x->has_actual = true;
	x->actual_pid = v->pid;
	memcpy(x->actual_comm, v->comm, sizeof(x->actual_comm));
	x->actual_row = oom_report_find(x->report, v->pid);
}

/*
 * The kernel chooses first and prints the table afterwards, which takes milliseconds in which processes go on growing. One that
 * is level with the victim by the table, and would win the tie, was still below it when the choice was made.
 */
static void allow_growth(struct explanation *x, long real)
{
	if (x->era.no_swap_column || real < 0 || x->predicted < 0 || real == x->predicted ||
	    x->task[real].points != x->task[x->predicted].points)
		return;
	x->grew = true;
	x->runner_up = x->predicted;
	x->predicted = real;
}

static void compare(struct explanation *x)
{
	const struct oom_report *r = x->report;
	long real = real_choice(r);

	x->agrees = TRI_UNKNOWN;
	if (!r->ntask || r->would_have.has)
		return;
	if (r->panic == OOM_PANIC_NO_KILLABLE && !x->has_actual) {
		x->agrees = x->predicted < 0 ? TRI_TRUE : TRI_FALSE;
		return;
	}
	if (!x->has_actual || (x->era.classic && !asker_dies(r)))
		return;
	if (real < 0 && x->predicted < 0)
		return;
	if (!asker_dies(r))
		allow_growth(x, real);
	x->agrees = real >= 0 && real == x->predicted ? TRI_TRUE : TRI_FALSE;
	/* The other thread or process of the same memory is the same victim. */
	if (x->agrees == TRI_FALSE && x->predicted >= 0 && r->task[x->predicted].pid == x->actual_pid)
		x->agrees = TRI_TRUE;
}

static void compare_score(struct explanation *x)
{
	long row = chosen_row(x->report);

	if (!x->report->score.has || row < 0 || x->era.classic || x->task[row].points == BADNESS_NEVER)
		return;
	if (!x->total_known && x->total.pages == 0)
		return;
	x->has_score = true;
	x->score = era_printed_score(&x->era, x->task[row].points, x->total.pages);
	x->score_equal = x->score == (int64_t)x->report->score.v;
}

int explain_report(const struct oom_report *r, struct explanation *ret)
{
	struct explanation *x = ret;
	struct reading rd = { 0 };

	memset(x, 0, sizeof(*x));
	x->report = r;
	x->predicted = x->runner_up = -1;
	x->task = calloc(r->ntask ? r->ntask : 1, sizeof(*x->task));
	if (!x->task)
		return SIM_ENOMEM;
	x->constraint = explain_constraint(r, &x->constraint_inferred);
	choose_reading(x, &rd);
	x->era = rd.era;
	x->root_capable = rd.capable;
	x->total = rd.total;
	x->total_known = rd.total_known;
	score_all(x, &rd);
	take_actual(x);
	if (asker_dies(r))
		x->predicted = trigger_row(r);
	else if (!x->era.classic)
		x->predicted = explain_select(x, &x->era, NULL);
	if (x->predicted >= 0 && !x->era.classic)
		x->runner_up = second_best(x);
	compare(x);
	compare_score(x);
	if (!x->era.classic && !asker_dies(r) && x->predicted >= 0)
		explain_changes(x);
	explain_failure(x);
	explain_because(x);
	if (x->because.failed || x->failure.failed) {
		explanation_free(x);
		return SIM_ENOMEM;
	}
	return SIM_OK;
}

void explanation_free(struct explanation *x)
{
	free(x->task);
	x->task = NULL;
	strbuf_free(&x->because);
	strbuf_free(&x->failure);
}
