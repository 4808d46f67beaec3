/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 4.6 to 4.14: the first that has a reaper beside it.
 *
 * Source:      mm/oom_kill.c:oom_badness(), oom_evaluate_task() of 4.9.0 and 4.14.177; specification G.8.7.
 * Faithful:    as 4.4 (v4_4.c), and two more are no candidates: who was killed and reaped or given up already
 *              (MMF_OOM_SKIP), and a vfork child in its parent's memory.
 * Leaves out:  4.6 and 4.7 are a step on the way.
 * Known value: 706400 pages as root: 685208 (M.1, backup).
 */
#include "models/badness/badness.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ | NEVER_OOM_SKIP | NEVER_VFORK);
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	int64_t p = badness_memory(in) + (int64_t)(in->nr_ptes + in->nr_pmds);

	if (why_never(in))
		return BADNESS_NEVER;
	if (in->oom_task_origin)
		return INT64_MAX;
	return badness_floor(badness_root_3_percent(in, p) + badness_adj(in->oom_score_adj, totalpages));
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_per_mille(points, in, totalpages);
}

const struct badness_ops badness_v4_9 = {
	.info = {
		.name = "v4.9",
		.summary = "as v4.4; not who is reaped already, nor vfork children",
		.source = "Linux 4.9 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_LEADER,
};
