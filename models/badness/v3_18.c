/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 3.14 to 3.19.
 *
 * Source:      mm/oom_kill.c:oom_badness(), oom_scan_process_thread() of 3.18.48; specification G.8.6.
 * Faithful:    as 3.10 (v3_10.c), but root is forgiven 3 % of its own memory instead of 3 % of all there is; of equals the
 *              first stays unless it is a thread that does not lead its group.
 * Leaves out:  nothing known.
 * Known value: 706400 pages as root: 706400 - 21192 = 685208 (M.1, backup).
 */
#include "models/badness/badness.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ);
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	int64_t p = badness_memory(in) + (int64_t)in->nr_ptes;

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

const struct badness_ops badness_v3_18 = {
	.info = {
		.name = "v3.18",
		.summary = "as v3.10, but root is forgiven 3 % of its own pages",
		.source = "Linux 3.18 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_LEADER,
};
