/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 4.0 to 4.5.
 *
 * Source:      mm/oom_kill.c:oom_badness() of 4.4.11; specification G.8.6.
 * Faithful:    as 3.18 (v3_18.c), page tables of the lowest two levels.
 * Leaves out:  nothing known.
 * Known value: 1000 resident, 20 ptes, 3 pmds: 1023.
 */
#include "models/badness/badness.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ);
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

const struct badness_ops badness_v4_4 = {
	.info = {
		.name = "v4.4",
		.summary = "as v3.18, page tables of two levels",
		.source = "Linux 4.4 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_LEADER,
};
