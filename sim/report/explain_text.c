/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An explanation for people: what happened, why memory ran out, the scores, and what would have changed them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/explain.h"

#define CHANGES_SHOWN 8

struct pen {
	struct strbuf *b;
	bool colour;
};

static void paint(const struct pen *p, const char *code)
{
	if (p->colour)
		strbuf_addf(p->b, "\033[%sm", code);
}

static void title(const struct pen *p, const char *text)
{
	strbuf_puts(p->b, "\n");
	paint(p, "1");
	strbuf_puts(p->b, text);
	paint(p, "0");
	strbuf_puts(p->b, "\n");
}

static void process(struct strbuf *b, int pid, const char *comm)
{
	strbuf_addf(b, "%d (", pid);
	explain_name(b, comm);
	strbuf_puts(b, ")");
}

/* ---- head ---- */

static void kernel_lines(const struct explanation *x, const struct pen *p)
{
	const struct oom_report *r = x->report;

	strbuf_puts(p->b, "  kernel      ");
	explain_name(p->b, r->release[0] ? r->release : "not told");
	strbuf_addf(p->b, "; scored as %s, known by ", x->era.model->info.name);
	explain_name(p->b, x->era.how);
	strbuf_addf(p->b, "\n  constraint  %s%s", oom_constraint_name(x->constraint),
		    x->constraint_inferred ? " (inferred)" : "");
	if (r->memcg[0]) {
		strbuf_puts(p->b, ", cgroup ");
		explain_name(p->b, r->memcg);
	}
	strbuf_puts(p->b, "\n");
}

static void victim_line(const struct explanation *x, const struct pen *p)
{
	static const char *const verdict[] = { "they differ", "they agree" };

	strbuf_puts(p->b, "  victim      ");
	if (x->has_actual) {
		paint(p, "31");
		process(p->b, x->actual_pid, x->actual_comm);
		paint(p, "0");
	} else {
		strbuf_puts(p->b, x->report->panic ? "none: the kernel panicked" : "not told");
	}
	strbuf_puts(p->b, "; by the scores ");
	if (x->predicted >= 0)
		process(p->b, x->report->task[x->predicted].pid, x->report->task[x->predicted].comm);
	else
		strbuf_puts(p->b, x->era.classic || !x->report->ntask ? "cannot be told" : "nobody");
	if (x->agrees != TRI_UNKNOWN) {
		strbuf_puts(p->b, ": ");
		paint(p, x->agrees ? "32" : "33");
		strbuf_puts(p->b, verdict[x->agrees]);
		paint(p, "0");
	}
	strbuf_puts(p->b, "\n  because     ");
	if (x->because.s)
		strbuf_puts(p->b, x->because.s);
	strbuf_puts(p->b, "\n");
}

static void score_line(const struct explanation *x, const struct pen *p)
{
	if (!x->report->score.has)
		return;
	strbuf_addf(p->b, "  score       the kernel printed %llu", (unsigned long long)x->report->score.v);
	if (!x->has_score)
		strbuf_puts(p->b, "; it cannot be recomputed from the text\n");
	else if (x->score_equal)
		strbuf_puts(p->b, ", and so it comes out here\n");
	else
		strbuf_addf(p->b, "; it comes out as %lld here%s\n", (long long)x->score,
			    x->era.no_swap_column ? ", where swap and page tables are missing" : "");
}

/* ---- why memory ran out ---- */

static void failure_lines(const struct explanation *x, const struct pen *p)
{
	const char *line = x->failure.s;

	if (!line)
		return;
	title(p, "Why memory ran out");
	while (*line) {
		const char *end = strchr(line, '\n');
		size_t n = end ? (size_t)(end - line) : strlen(line);

		strbuf_puts(p->b, "  ");
		strbuf_add(p->b, line, n);
		strbuf_puts(p->b, "\n");
		line += n + (end != NULL);
	}
}

/* ---- the table ---- */

struct ranked {
	int64_t points;
	size_t row;
};

static int by_points(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->points != y->points)
		return x->points < y->points ? 1 : -1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static void number_or_dash(struct strbuf *b, bool has, int width, int64_t v)
{
	if (has)
		strbuf_addf(b, "%*lld", width, (long long)v);
	else
		strbuf_addf(b, "%*s", width, "-");
}

static void table_row(const struct explanation *x, const struct pen *p, size_t i)
{
	const struct oom_report *r = x->report;
	const struct oom_table_task *t = &r->task[i];
	const struct verdict *v = &x->task[i];
	bool pt = oom_has_column(r, OOM_COL_PGTABLES_BYTES) || oom_has_column(r, OOM_COL_NR_PTES);
	int adj = era_adj(r, t);
	int64_t share = x->era.permille ? adj : adj * (int64_t)(x->total.pages / 1000);

	if ((long)i == x->actual_row)
		paint(p, "31");
	strbuf_addf(p->b, "%s %7d %6lld",
		    (long)i == x->actual_row  ? " X"
		    : (long)i == x->predicted ? " >"
					      : "  ",
		    t->pid, (long long)t->v[OOM_COL_UID]);
	number_or_dash(p->b, true, 10, t->v[OOM_COL_RSS]);
	number_or_dash(p->b, oom_has_column(r, OOM_COL_SWAPENTS), 10, t->v[OOM_COL_SWAPENTS]);
	number_or_dash(p->b, pt, 8, era_pgtable_pages(r, t));
	strbuf_addf(p->b, " %6d", adj);
	number_or_dash(p->b, !v->why_never && !x->era.classic, 12, share);
	number_or_dash(p->b, v->has_points, 12, v->points);
	strbuf_puts(p->b, "  ");
	explain_name(p->b, t->comm);
	if (v->why_never)
		strbuf_addf(p->b, "  [%s]", v->why_never);
	else if (v->capable && x->era.root_bonus)
		strbuf_puts(p->b, "  [root]");
	if ((long)i == x->actual_row)
		paint(p, "0");
	strbuf_puts(p->b, "\n");
}

static void table_notes(const struct explanation *x, const struct pen *p, size_t shown)
{
	const struct oom_report *r = x->report;

	if (shown < r->ntask)
		strbuf_addf(p->b, "  ... and %zu more (--all shows them)\n", r->ntask - shown);
	if (r->bad_rows || r->rows_dropped)
		strbuf_addf(p->b, "  %lu rows could not be read\n", r->bad_rows + r->rows_dropped);
	if (r->elided)
		strbuf_puts(p->b, "  the text leaves rows out\n");
	if (r->guessed_columns)
		strbuf_puts(p->b, "  the table's header is missing; its columns are guessed\n");
	if (x->era.root_bonus && x->root_capable)
		strbuf_puts(p->b, "  uid 0 is taken to have CAP_SYS_ADMIN and so root's bonus; a container's root "
				  "usually lacks it\n");
	else if (x->era.root_bonus)
		strbuf_puts(p->b, "  uid 0 is taken to lack CAP_SYS_ADMIN, as a container's root usually does: no "
				  "bonus for root\n");
}

static void table(const struct explanation *x, const struct pen *p, size_t limit)
{
	const struct oom_report *r = x->report;
	struct ranked *v = malloc((r->ntask ? r->ntask : 1) * sizeof(*v));
	size_t shown = limit && limit < r->ntask ? limit : r->ntask;

	if (!v) {
		p->b->failed = true;
		return;
	}
	title(p, "Who was asked, by points (pages)");
	if (x->total_known)
		strbuf_addf(p->b, "  one oom_score_adj is %llu: a thousandth of %llu pages, %s\n",
			    (unsigned long long)(x->total.pages / 1000), (unsigned long long)x->total.pages,
			    x->total.how);
	else
		strbuf_addf(p->b, "  the size of memory is not in the text: %s\n", x->total.how);
	strbuf_addf(p->b, "  %8s %6s%10s%10s%8s %6s%12s%12s  %s\n", "pid", "uid", "rss", "swapents", "pgtable", "adj",
		    "adj share", "points", "name");
	for (size_t i = 0; i < r->ntask; i++)
		v[i] = (struct ranked){ x->task[i].points, i };
	qsort(v, r->ntask, sizeof(*v), by_points);
	for (size_t i = 0; i < r->ntask; i++)
		if (i < shown || (long)v[i].row == x->actual_row || (long)v[i].row == x->predicted)
			table_row(x, p, v[i].row);
	table_notes(x, p, shown);
	free(v);
}

/* ---- changes ---- */

static int by_distance(const void *a, const void *b)
{
	return by_points(b, a);
}

static void change_line(const struct explanation *x, const struct pen *p, long row)
{
	const struct oom_table_task *t = &x->report->task[row];
	int own = era_adj(x->report, t), adj = x->task[row].change_adj;

	strbuf_puts(p->b, "  ");
	process(p->b, t->pid, t->comm);
	strbuf_addf(p->b, " with oom_score_adj %d instead of %d (%+d)", adj, own, adj - own);
	if (row == x->predicted) {
		strbuf_puts(p->b, ": then ");
		process(p->b, x->report->task[x->runner_up].pid, x->report->task[x->runner_up].comm);
		strbuf_puts(p->b, " dies");
	} else {
		strbuf_puts(p->b, ": then it dies itself");
	}
	strbuf_puts(p->b, "\n");
}

static void changes(const struct explanation *x, const struct pen *p)
{
	const struct oom_report *r = x->report;
	struct ranked *v = malloc((r->ntask ? r->ntask : 1) * sizeof(*v));
	size_t n = 0;

	if (!v) {
		p->b->failed = true;
		return;
	}
	for (size_t i = 0; i < r->ntask; i++) {
		if (!x->task[i].can_change || (long)i == x->predicted)
			continue;
		v[n++] = (struct ranked){ x->task[i].change_adj - era_adj(r, &r->task[i]), i };
	}
	if (n || (x->predicted >= 0 && x->task[x->predicted].can_change))
		title(p, "What would have changed the victim");
	if (x->predicted >= 0 && x->task[x->predicted].can_change)
		change_line(x, p, x->predicted);
	qsort(v, n, sizeof(*v), by_distance);
	for (size_t i = 0; i < n && i < CHANGES_SHOWN; i++)
		change_line(x, p, (long)v[i].row);
	if (n > CHANGES_SHOWN)
		strbuf_addf(p->b, "  ... and larger changes to %zu more\n", n - CHANGES_SHOWN);
	free(v);
}

/* ---- the whole ---- */

void explain_text(struct strbuf *b, const struct explanation *x, unsigned long number,
		  const struct explain_style *style)
{
	struct pen p = { b, style->colour };
	const struct oom_report *r = x->report;

	paint(&p, "1");
	strbuf_addf(b, "OOM report %lu, line %lu", number, r->line);
	paint(&p, "0");
	if (r->stamp_us.has)
		strbuf_addf(b, ", %llu.%06llu s after boot", (unsigned long long)(r->stamp_us.v / 1000000),
			    (unsigned long long)(r->stamp_us.v % 1000000));
	strbuf_puts(b, "\n");
	kernel_lines(x, &p);
	victim_line(x, &p);
	score_line(x, &p);
	failure_lines(x, &p);
	if (r->ntask)
		table(x, &p, style->rows);
	changes(x, &p);
}

void explain_what_if_text(struct strbuf *b, const struct explanation *x, const struct what_if *list, size_t n,
			  const struct what_if_result *res)
{
	const struct oom_report *r = x->report;

	strbuf_puts(b, "\nWhat if");
	for (size_t i = 0; i < n; i++)
		strbuf_addf(b, "%s %s", i ? "," : "", list[i].text);
	strbuf_puts(b, "\n  ");
	if (!res->applied) {
		strbuf_puts(b, "does not apply to this report\n");
		return;
	}
	if (res->row < 0) {
		strbuf_puts(b, "nobody could be killed\n");
	} else {
		process(b, r->task[res->row].pid, r->task[res->row].comm);
		strbuf_addf(b, " would be killed, with %lld points: %s\n", (long long)res->points,
			    res->changed ? "another victim" : "the same victim");
	}
	if (res->more_pages > 0) {
		strbuf_puts(b, "  at that moment ");
		explain_size(b, (uint64_t)res->more_pages * r->page_kB * 1024);
		strbuf_puts(b, " more would have been free, so it would have come later or not at all\n");
	}
}
