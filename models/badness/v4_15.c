/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 4.15 and 4.16: the last that forgives root anything.
 *
 * Source:      mm/oom_kill.c:oom_badness() of 4.15.18; specification G.8.7.
 * Faithful:    as 4.9 (v4_9.c), page tables of all levels, by their bytes.
 * Leaves out:  nothing known.
 * Known value: 706400 pages as root: 685208 (M.1, backup).
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
	return badness_floor(badness_root_3_percent(in, p) + badness_adj(in->oom_score_adj, totalpages));
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_per_mille(points, in, totalpages);
}

const struct badness_ops badness_v4_15 = {
	.info = {
		.name = "v4.15",
		.summary = "as v4.9, page tables of all levels",
		.source = "Linux 4.15 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_LEADER,
};
