/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 3.5 to 3.13: pages, so that ties become rare.
 *
 * Source:      mm/oom_kill.c:oom_badness() of 3.10.17; specification G.8.5.
 * Faithful:    resident, swapped and lowest-level page-table pages, plus oom_score_adj thousandths of RAM and swap; root
 *              (CAP_SYS_ADMIN) has 30 taken off its adj, that is 3 % of all memory; never below 1; first of equals.
 * Leaves out:  nothing known. (Ubuntu's 3.13 has the rule of 3.14, v3_18.c.)
 * Known value: 706400 pages as root, of 2500000: 631400 (M.1, backup).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

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
	return badness_floor(
		p + badness_adj(in->oom_score_adj - (in->capabilities & CAP_SYS_ADMIN_BIT ? 30 : 0), totalpages));
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_per_mille(points, in, totalpages);
}

const struct badness_ops badness_v3_10 = {
	.info = {
		.name = "v3.10",
		.summary = "resident, swapped and page-table pages plus oom_score_adj; root: adj less 30; at least 1",
		.source = "Linux 3.10 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
};
