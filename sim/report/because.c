/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One sentence: why this victim, or why the scores and the victim do not match. */
#include <string.h>

#include "sim/report/explain.h"

static void victim(struct strbuf *b, int pid, const char *comm)
{
	strbuf_addf(b, "%d (", pid);
	explain_name(b, comm);
	strbuf_puts(b, ")");
}

static void row_name(struct strbuf *b, const struct oom_report *r, long row)
{
	victim(b, r->task[row].pid, r->task[row].comm);
}

static const char *unit(const struct explanation *x)
{
	return x->era.permille ? "per mille of memory" : "points";
}

/* "76530 points, 73812 ahead of 79 (idle)" */
static void lead(struct explanation *x, struct strbuf *b)
{
	int64_t points = x->task[x->predicted].points, ahead;

	strbuf_addf(b, "%lld %s", (long long)points, unit(x));
	if (x->runner_up < 0) {
		strbuf_puts(b, ", and no other candidate");
		return;
	}
	ahead = points - x->task[x->runner_up].points;
	if (ahead)
		strbuf_addf(b, ", %lld ahead of ", (long long)ahead);
	else
		strbuf_puts(b, ", level with ");
	row_name(b, x->report, x->runner_up);
	if (x->grew)
		strbuf_puts(
			b,
			", which would win the tie: the kernel chooses before it prints, so it was still smaller then");
	else if (!ahead)
		strbuf_puts(b, x->era.tie == TIE_TAKE_LAST
				       ? ", and of equals this kernel takes the last of the table"
				       : ", and of equals this kernel takes the first of the table");
}

static void agreeing(struct explanation *x, struct strbuf *b)
{
	const struct oom_report *r = x->report;
	bool other = x->has_actual && x->actual_row != x->predicted && x->actual_pid != r->task[x->predicted].pid;

	row_name(b, r, x->predicted);
	strbuf_puts(b, " has the highest score: ");
	lead(x, b);
	if (other && x->era.sacrifices_child) {
		strbuf_puts(b, "; its child ");
		victim(b, x->actual_pid, x->actual_comm);
		strbuf_puts(b, " died in its place, as kernels up to 5.0 prefer (child sacrifice)");
	}
	if (r->group[0]) {
		strbuf_puts(b, "; memory.oom.group of ");
		explain_name(b, r->group);
		strbuf_addf(b, " took %u more with it", r->group_kills);
	}
	if (r->pinned_by.has) {
		strbuf_puts(b, "; its memory is shared with ");
		victim(b, r->pinned_by.pid, r->pinned_by.comm);
		strbuf_puts(b, " and so cannot be reaped");
	}
}

/* ---- no agreement to be expected ---- */

static bool without_comparison(struct explanation *x, struct strbuf *b)
{
	const struct oom_report *r = x->report;

	if (r->panic == OOM_PANIC_NO_KILLABLE) {
		strbuf_puts(b,
			    x->predicted < 0 && r->ntask
				    ? "no process may be killed: all that are left are exempt, so the kernel panicked"
				    : "the kernel found no process that may be killed, and panicked");
		return true;
	}
	if (r->panic != OOM_PANIC_NO) {
		strbuf_puts(b, "vm.panic_on_oom is set, so the kernel panicked instead of choosing a victim");
		if (x->predicted >= 0) {
			strbuf_puts(b, "; it would have been ");
			row_name(b, r, x->predicted);
		}
		return true;
	}
	if (r->would_have.has) {
		strbuf_puts(b, "this is a patched kernel that kills nobody: it only names ");
		victim(b, r->would_have.pid, r->would_have.comm);
		return true;
	}
	if (!r->has_table) {
		if (!x->has_actual)
			strbuf_puts(b, "the text has neither the table of tasks nor a kill line");
		else if (!r->has_header && !r->has_meminfo)
			strbuf_puts(b, "there is only the kill line: the kernel prints at most 10 reports in 5 "
				       "seconds, or the log lost the rest");
		else
			strbuf_puts(b, "the table of tasks is missing (vm.oom_dump_tasks off, or the log lost it), so "
				       "there is nothing to compare");
		return true;
	}
	if (!r->ntask) {
		strbuf_puts(b, "the table of tasks is empty in this text");
		return true;
	}
	return false;
}

static void no_victim(struct explanation *x, struct strbuf *b)
{
	strbuf_puts(b, "the text ends before the kill line");
	if (x->predicted >= 0) {
		strbuf_puts(b, "; by its scores the victim is ");
		row_name(b, x->report, x->predicted);
		strbuf_puts(b, " with ");
		lead(x, b);
	}
}

/* ---- disagreement ---- */

static bool table_has_gaps(const struct explanation *x)
{
	const struct oom_report *r = x->report;

	return r->elided || r->bad_rows || r->rows_dropped || (x->has_actual && x->actual_row < 0 && !r->chosen.has);
}

static void differing(struct explanation *x, struct strbuf *b)
{
	const struct oom_report *r = x->report;
	int64_t gap = 0;

	if (x->predicted >= 0) {
		strbuf_puts(b, "by the table ");
		row_name(b, r, x->predicted);
		strbuf_addf(b, " has the highest score (%lld %s)", (long long)x->task[x->predicted].points, unit(x));
	} else {
		strbuf_puts(b, "by the table nobody is a candidate");
	}
	if (x->actual_row >= 0 && x->task[x->actual_row].points != BADNESS_NEVER && x->predicted >= 0) {
		gap = x->task[x->predicted].points - x->task[x->actual_row].points;
		strbuf_addf(b, ", the real victim %lld", (long long)x->task[x->actual_row].points);
	}
	strbuf_puts(b, "; ");
	if (x->actual_row >= 0 && x->task[x->actual_row].why_never)
		strbuf_addf(b,
			    "the real victim is exempt by the table (%s), so the table and the kill do not belong "
			    "together, or something changed in between",
			    x->task[x->actual_row].why_never);
	else if (x->era.no_swap_column)
		strbuf_puts(b, "this kernel's table shows neither swap nor page tables, which its score counts, so the "
			       "text cannot tell");
	else if (table_has_gaps(x))
		strbuf_puts(b, "rows of the table are missing from the text");
	else if (!x->total_known || !x->total.exact)
		strbuf_puts(b, "the text does not tell the size that oom_score_adj is a share of, or the highest was a "
			       "victim already that still shows "
			       "in the table (MMF_OOM_SKIP, which no report prints)");
	else if (gap > 0 && gap <= 64 * 4)
		strbuf_puts(b, "the two are so close that counters not yet summed up, or a change between choice and "
			       "printing, decide");
	else
		strbuf_puts(b, "most likely the highest was an earlier victim whose memory is already reaped or given "
			       "up (MMF_OOM_SKIP) or a vfork "
			       "child, which no report prints, or this kernel is patched");
}

static void asker(struct explanation *x, struct strbuf *b)
{
	const struct oom_report *r = x->report;

	strbuf_puts(b,
		    r->by == OOM_BY_ALLOCATING_TASK
			    ? "vm.oom_kill_allocating_task is set, so the process that asked dies, whatever the scores"
			    : "kernels of that time kill the process that asked when its memory policy or cpuset runs "
			      "out, whatever the scores");
	if (x->agrees == TRI_FALSE)
		strbuf_puts(b, "; but another one died here");
}

void explain_because(struct explanation *x)
{
	const struct oom_report *r = x->report;
	struct strbuf *b = &x->because;

	if (r->by == OOM_BY_ALLOCATING_TASK || r->by == OOM_BY_MPOL_BIND || r->by == OOM_BY_CPUSET)
		asker(x, b);
	else if (!without_comparison(x, b)) {
		if (x->era.classic)
			strbuf_puts(b, "this kernel scores by virtual size, children, CPU time and run time, which its "
				       "report does not print, so the "
				       "choice cannot be recomputed");
		else if (!x->has_actual)
			no_victim(x, b);
		else if (x->agrees == TRI_TRUE)
			agreeing(x, b);
		else
			differing(x, b);
	}
}
