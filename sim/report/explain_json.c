/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One report as a JSON object: the members that the interface promises, and more of them on request. */
#include <stdio.h>
#include <string.h>

#include "sim/report/explain.h"
#include "sim/report/json.h"

static void column(struct strbuf *b, const struct oom_report *r, const struct oom_table_task *t, const char *key,
		   enum oom_column c)
{
	if (oom_has_column(r, c))
		out_json_i64(b, key, t->v[c]);
	else
		out_json_null(b, key);
}

static void pgtables(struct strbuf *b, const struct oom_report *r, const struct oom_table_task *t)
{
	if (oom_has_column(r, OOM_COL_PGTABLES_BYTES))
		out_json_i64(b, "pgtables_bytes", t->v[OOM_COL_PGTABLES_BYTES]);
	else if (oom_has_column(r, OOM_COL_NR_PTES))
		out_json_i64(b, "pgtables_bytes", era_pgtable_pages(r, t) * (int64_t)(r->page_kB * 1024));
	else
		out_json_null(b, "pgtables_bytes");
}

/* The arithmetic of one row in words. */
static void arithmetic(const struct explanation *x, size_t i, char *ret, size_t size)
{
	const struct oom_report *r = x->report;
	const struct oom_table_task *t = &r->task[i];
	const struct verdict *v = &x->task[i];
	int adj = era_adj(r, t);
	int n;

	if (v->why_never) {
		snprintf(ret, size, "%s", v->why_never);
		return;
	}
	if (x->era.classic) {
		snprintf(ret, size, "the report does not print what this kernel's score is made of");
		return;
	}
	n = snprintf(ret, size, "rss %lld", (long long)t->v[OOM_COL_RSS]);
	if (oom_has_column(r, OOM_COL_SWAPENTS))
		n += snprintf(ret + n, size - (size_t)n, " + swapents %lld", (long long)t->v[OOM_COL_SWAPENTS]);
	if (oom_has_column(r, OOM_COL_NR_PTES) || oom_has_column(r, OOM_COL_PGTABLES_BYTES))
		n += snprintf(ret + n, size - (size_t)n, " + page tables %lld", (long long)era_pgtable_pages(r, t));
	if (v->capable && x->era.root_bonus)
		n += snprintf(ret + n, size - (size_t)n, ", less root's bonus");
	if (adj)
		snprintf(ret + n, size - (size_t)n, " + adj %d x %llu", adj,
			 (unsigned long long)(x->era.permille ? 1 : x->total.pages / 1000));
}

static void task(struct strbuf *b, const struct explanation *x, size_t i)
{
	const struct oom_table_task *t = &x->report->task[i];
	const struct verdict *v = &x->task[i];
	char why[256];

	out_json_open(b, NULL, '{');
	out_json_i64(b, "pid", t->pid);
	column(b, x->report, t, "tgid", OOM_COL_TGID);
	out_json_str(b, "comm", t->comm);
	column(b, x->report, t, "uid", OOM_COL_UID);
	column(b, x->report, t, "total_vm", OOM_COL_TOTAL_VM);
	column(b, x->report, t, "rss", OOM_COL_RSS);
	column(b, x->report, t, "swapents", OOM_COL_SWAPENTS);
	pgtables(b, x->report, t);
	out_json_i64(b, "oom_score_adj", era_adj(x->report, t));
	if (v->has_points)
		out_json_i64(b, "points", v->points);
	else
		out_json_null(b, "points");
	out_json_bool(b, "eligible", !v->why_never);
	arithmetic(x, i, why, sizeof(why));
	out_json_str(b, "why", why);
	out_json_close(b, '}');
}

static void trigger(struct strbuf *b, const struct oom_report *r)
{
	if (!r->has_header && !r->trigger_pid.has) {
		out_json_null(b, "trigger");
		return;
	}
	out_json_open(b, "trigger", '{');
	out_json_str(b, "comm", r->trigger_comm[0] ? r->trigger_comm : NULL);
	if (r->trigger_pid.has)
		out_json_u64(b, "pid", r->trigger_pid.v);
	else
		out_json_null(b, "pid");
	if (r->has_header)
		out_json_u64(b, "gfp_mask", r->gfp_mask);
	else
		out_json_null(b, "gfp_mask");
	if (r->has_order)
		out_json_i64(b, "order", r->order);
	else
		out_json_null(b, "order");
	out_json_close(b, '}');
}

static void process(struct strbuf *b, const char *key, int pid, const char *comm, const int64_t *points)
{
	out_json_open(b, key, '{');
	out_json_i64(b, "pid", pid);
	out_json_str(b, "comm", comm);
	if (points)
		out_json_i64(b, "points", *points);
	out_json_close(b, '}');
}

static void row(struct strbuf *b, const char *key, const struct explanation *x, long i)
{
	if (i < 0)
		out_json_null(b, key);
	else
		process(b, key, x->report->task[i].pid, x->report->task[i].comm, &x->task[i].points);
}

static void what_if_json(struct strbuf *b, const struct explanation *x, const struct what_if *list, size_t n,
			 const struct what_if_result *res)
{
	out_json_open(b, "what_if", '{');
	out_json_open(b, "changes", '[');
	for (size_t i = 0; i < n; i++)
		out_json_str(b, NULL, list[i].text);
	out_json_close(b, ']');
	out_json_bool(b, "applied", res->applied);
	if (res->row < 0)
		out_json_null(b, "predicted");
	else
		process(b, "predicted", x->report->task[res->row].pid, x->report->task[res->row].comm, &res->points);
	out_json_bool(b, "changed", res->changed);
	out_json_close(b, '}');
}

static void lines(struct strbuf *b, const char *key, const struct strbuf *text)
{
	out_json_open(b, key, '[');
	for (const char *p = text->s, *end; p && *p; p = end + 1) {
		char line[1024];

		end = strchr(p, '\n');
		if (!end)
			break;
		snprintf(line, sizeof(line), "%.*s", (int)(end - p), p);
		out_json_str(b, NULL, line);
	}
	out_json_close(b, ']');
}

static void details(struct strbuf *b, const struct explanation *x)
{
	const struct oom_report *r = x->report;

	out_json_str(b, "model", x->era.model->info.name);
	out_json_str(b, "detected_by", x->era.how);
	out_json_bool(b, "constraint_inferred", x->constraint_inferred);
	out_json_str(b, "totalpages_from", x->total.how);
	out_json_u64(b, "page_kB", r->page_kB);
	lines(b, "failure", &x->failure);
	if (r->score.has)
		out_json_u64(b, "printed_score", r->score.v);
	if (x->has_score)
		out_json_i64(b, "recomputed_score", x->score);
	out_json_open(b, "counterfactuals", '[');
	for (size_t i = 0; i < r->ntask; i++) {
		if (!x->task[i].can_change)
			continue;
		out_json_open(b, NULL, '{');
		out_json_i64(b, "pid", r->task[i].pid);
		out_json_i64(b, "oom_score_adj", x->task[i].change_adj);
		out_json_close(b, '}');
	}
	out_json_close(b, ']');
}

void explain_json(struct strbuf *b, const struct explanation *x, const struct what_if *list, size_t n,
		  const struct what_if_result *res, bool detail)
{
	const struct oom_report *r = x->report;

	out_json_open(b, NULL, '{');
	out_json_u64(b, "line", r->line);
	out_json_str(b, "kernel", r->release[0] ? r->release : NULL);
	out_json_str(b, "format", oom_format_name(r->format));
	out_json_str(b, "constraint", oom_constraint_name(x->constraint));
	if (x->total_known)
		out_json_u64(b, "totalpages", x->total.pages);
	else
		out_json_null(b, "totalpages");
	out_json_str(b, "memcg", r->memcg[0] ? r->memcg : NULL);
	trigger(b, r);
	out_json_open(b, "tasks", '[');
	for (size_t i = 0; i < r->ntask; i++)
		task(b, x, i);
	out_json_close(b, ']');
	row(b, "predicted", x, x->predicted);
	if (x->has_actual)
		process(b, "actual", x->actual_pid, x->actual_comm, NULL);
	else
		out_json_null(b, "actual");
	if (x->agrees == TRI_UNKNOWN)
		out_json_null(b, "agrees");
	else
		out_json_bool(b, "agrees", x->agrees == TRI_TRUE);
	out_json_str(b, "because", x->because.s ? x->because.s : "");
	if (detail)
		details(b, x);
	if (res)
		what_if_json(b, x, list, n, res);
	out_json_close(b, '}');
}
