/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What would have changed the victim: for each process the nearest oom_score_adj, and the user's own what-ifs. */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/report/explain.h"
#include "sim/report/scan.h"
#include "sim/scenario/quantity.h"

/* Would row a be chosen before row b, with these points? */
static bool beats(const struct explanation *x, long a, int64_t pa, long b, int64_t pb)
{
	if (pa == BADNESS_NEVER)
		return false;
	if (pb == BADNESS_NEVER || pa > pb)
		return true;
	return pa == pb && (x->era.tie == TIE_TAKE_LAST ? a > b : a < b);
}

static int64_t points_at(const struct explanation *x, long row, int adj)
{
	struct oom_table_task t = x->report->task[row];

	t.killed_before = false;
	return era_points(&x->era, x->report, &t, adj, x->task[row].capable, x->total.pages, NULL);
}

/* Points never fall when oom_score_adj rises, so the border is found by halving. */
static void raise_to_win(struct explanation *x, long row, int own)
{
	int64_t to_beat = x->task[x->predicted].points;
	int lo = own < -999 ? -999 : own + 1, hi = 1000;

	if (lo > hi || !beats(x, row, points_at(x, row, hi), x->predicted, to_beat))
		return;
	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;

		if (beats(x, row, points_at(x, row, mid), x->predicted, to_beat))
			hi = mid;
		else
			lo = mid + 1;
	}
	x->task[row].can_change = true;
	x->task[row].change_adj = lo;
}

static void lower_to_escape(struct explanation *x, int own)
{
	int64_t second = x->runner_up < 0 ? BADNESS_NEVER : x->task[x->runner_up].points;
	int lo = -1000, hi = own - 1;

	if (x->runner_up < 0 || lo > hi)
		return;
	while (lo < hi) {
		int mid = lo + (hi - lo + 1) / 2;

		if (beats(x, x->runner_up, second, x->predicted, points_at(x, x->predicted, mid)))
			lo = mid;
		else
			hi = mid - 1;
	}
	x->task[x->predicted].can_change = true;
	x->task[x->predicted].change_adj = lo;
}

void explain_changes(struct explanation *x)
{
	for (size_t i = 0; i < x->report->ntask; i++) {
		const struct oom_table_task *t = &x->report->task[i];
		int adj = era_adj(x->report, t);

		if ((long)i == x->predicted)
			lower_to_escape(x, adj);
		else if (x->task[i].points != BADNESS_NEVER || adj == -1000)
			raise_to_win(x, (long)i, adj);
	}
}

/* ---- what if ---- */

static bool parse_bytes(const char *text, uint64_t *ret, struct strbuf *e)
{
	struct qerr why;

	if (!quantity_size(text, &(struct qctx){ 0 }, ret, &why))
		return true;
	strbuf_puts(e, why.text);
	return false;
}

static bool parse_adj(const char *text, struct what_if *ret, struct strbuf *e)
{
	struct scan c = scan_of(text, strlen(text));

	if (!scan_int(&c, &ret->pid) || ret->pid < 1 || !scan_lit(&c, ":adj=") || !scan_int(&c, &ret->adj) ||
	    !scan_done(&c)) {
		strbuf_addf(e,
			    "'%s' is not understood; it may be PID:adj=N, ram=SIZE, swap=SIZE, limit=SIZE or "
			    "kernel=VERSION",
			    text);
		return false;
	}
	if (ret->adj < -1000 || ret->adj > 1000) {
		strbuf_addf(e, "oom_score_adj is -1000 to 1000, not %d", ret->adj);
		return false;
	}
	ret->kind = WHAT_IF_ADJ;
	return true;
}

bool what_if_parse(const char *text, struct what_if *ret, struct strbuf *ret_error)
{
	static const struct {
		const char *word;
		enum what_if_kind kind;
	} size[] = { { "ram=", WHAT_IF_RAM }, { "swap=", WHAT_IF_SWAP }, { "limit=", WHAT_IF_LIMIT } };

	memset(ret, 0, sizeof(*ret));
	ret->text = text;
	for (size_t i = 0; i < ARRAY_LEN(size); i++) {
		if (strncmp(text, size[i].word, strlen(size[i].word)))
			continue;
		ret->kind = size[i].kind;
		return parse_bytes(text + strlen(size[i].word), &ret->bytes, ret_error);
	}
	if (!strncmp(text, "kernel=", 7)) {
		ret->kind = WHAT_IF_KERNEL;
		if (era_of_name(text + 7, &ret->era) && !ret->era.classic)
			return true;
		if (ret->era.badness && ret->era.classic)
			strbuf_addf(
				ret_error,
				"kernel %s scores by virtual size, CPU time and run time, which a report does not tell",
				text + 7);
		else
			strbuf_addf(ret_error, "there is no kernel model '%s'; 'oomsim models' lists them", text + 7);
		return false;
	}
	return parse_adj(text, ret, ret_error);
}

struct changed {
	struct era era;
	uint64_t total;
	int64_t more_pages;
	bool applied;
};

static void change_total(const struct explanation *x, const struct what_if *w, struct changed *ch)
{
	const struct oom_report *r = x->report;
	bool memcg = x->constraint == OOM_CONSTRAINT_MEMCG;
	struct oom_u64 ram = explain_ram_pages(r);
	uint64_t pages = w->bytes / (r->page_kB * 1024), old = 0;
	int64_t delta;

	if (w->kind == WHAT_IF_RAM && !memcg && ram.has)
		old = r->ram_pages.v;
	else if (w->kind == WHAT_IF_SWAP && !memcg)
		old = r->swap_total_kB.v / r->page_kB;
	else if (w->kind == WHAT_IF_LIMIT && memcg && r->memory.has)
		old = r->memory.limit_kB / r->page_kB;
	else
		return; /* not what this report ran out of */
	delta = (int64_t)pages - (int64_t)old;
	ch->more_pages += delta;
	ch->total = delta < 0 && (uint64_t)-delta >= ch->total ? 1 : ch->total + (uint64_t)delta;
	ch->applied = true;
}

static int adj_of(const struct oom_report *r, const struct oom_table_task *t, const struct what_if *list, size_t n)
{
	int adj = era_adj(r, t);

	for (size_t i = 0; i < n; i++)
		if (list[i].kind == WHAT_IF_ADJ && (list[i].pid == t->pid || list[i].pid == t->v[OOM_COL_TGID]))
			adj = list[i].adj;
	return adj;
}

int what_if_apply(const struct explanation *x, const struct what_if *list, size_t n, struct what_if_result *ret)
{
	const struct oom_report *r = x->report;
	struct changed ch = { .era = x->era, .total = x->total.pages };
	int64_t *points = calloc(r->ntask ? r->ntask : 1, sizeof(*points));

	*ret = (struct what_if_result){ .row = -1 };
	if (!points)
		return SIM_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (list[i].kind == WHAT_IF_KERNEL) {
			ch.era = list[i].era;
			ch.applied = true;
		} else if (list[i].kind == WHAT_IF_ADJ) {
			ch.applied |= oom_report_find(r, list[i].pid) >= 0;
		} else {
			change_total(x, &list[i], &ch);
		}
	}
	for (size_t i = 0; i < r->ntask; i++) {
		const struct oom_table_task *t = &r->task[i];
		bool capable =
			x->task[i].capable || (ch.era.root_bonus && !x->era.root_bonus && t->v[OOM_COL_UID] == 0);

		points[i] = era_points(&ch.era, r, t, adj_of(r, t, list, n), capable, ch.total, NULL);
	}
	ret->applied = ch.applied && r->ntask && !ch.era.classic;
	ret->totalpages = ch.total;
	ret->more_pages = ch.more_pages;
	if (ret->applied)
		ret->row = explain_select(x, &ch.era, points);
	if (ret->row >= 0)
		ret->points = points[ret->row];
	ret->changed = ret->applied && ret->row != x->predicted;
	free(points);
	return SIM_OK;
}
