/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 4.17 to 5.2: memory and oom_score_adj, nothing else.
 *
 * Source:      mm/oom_kill.c:oom_badness(), oom_evaluate_task() of 4.19.0; specification G.8.8.
 * Faithful:    resident, swapped and page-table pages, plus oom_score_adj thousandths of RAM and swap; never below 1, so
 *              that all whom a negative adj pushes under it tie, and the first of those wins.
 * Leaves out:  nothing known.
 * Known value: 706400 pages, root or not: 706400 (M.1, backup); 50000 pages with adj -500 of 2500000: 1 (M.3).
 */
#include "models/badness/badness.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ | NEVER_OOM_SKIP | NEVER_VFORK);
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	int64_t p = badness_memory(in) + (int64_t)(in->pgtables_bytes / KERNEL_PAGE);

	if (why_never(in))
		return BADNESS_NEVER;
	if (in->oom_task_origin)
		return INT64_MAX;
	return badness_floor(p + badness_adj(in->oom_score_adj, totalpages));
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_per_mille(points, in, totalpages);
}

const struct badness_ops badness_v4_19 = {
	.info = {
		.name = "v4.19",
		.summary = "resident, swapped and page-table pages plus oom_score_adj; at least 1; first of equals",
		.source = "Linux 4.19 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_LEADER,
};
