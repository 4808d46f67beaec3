/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 5.3 to 5.8.
 *
 * Source:      mm/oom_kill.c:oom_badness(), oom_evaluate_task() of 5.3.1 and 5.4.59; specification G.8.9, G.6.
 * Faithful:    the points of 4.19 (v4_19.c), but of equals the last wins, which matters most among those that the floor
 *              of 1 makes equal.
 * Leaves out:  5.1 and 5.2, where the first of equals still wins.
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

const struct badness_ops badness_v5_4 = {
	.info = {
		.name = "v5.4",
		.summary = "as v4.19, last of equals",
		.source = "Linux 5.4 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_TAKE_LAST,
};
