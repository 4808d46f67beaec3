/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 2.6.39 to 3.4.
 *
 * Source:      mm/oom_kill.c:oom_badness() of 3.0.101 and 3.4.65; specification G.8.4.
 * Faithful:    as 2.6.36 (v2_6_36.c), with page-table pages of the lowest level; a task is also exempt while any process
 *              that shares its memory has oom_score_adj -1000.
 * Leaves out:  nothing known.
 * Known value: 500000 resident, 50000 swapped, 4000 page tables of 2500000, adj 300: 521 (M.1, firefox).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ | NEVER_SHARER);
}

/* Thousandths, 1 at least and 1000 at most. */
static int64_t clamped(int64_t p)
{
	return p < 1 ? 1 : p > 1000 ? 1000 : p;
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	int64_t p = badness_memory(in) + (int64_t)in->nr_ptes;

	if (why_never(in))
		return BADNESS_NEVER;
	if (in->oom_task_origin)
		return 1000;
	p = p * 1000 / (int64_t)u64_max(totalpages, 1);
	if (in->capabilities & CAP_SYS_ADMIN_BIT)
		p -= 30;
	return clamped(p + in->oom_score_adj);
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_raw_score(points(in, totalpages));
}

const struct badness_ops badness_v3_0 = {
	.info = {
		.name = "v3.0",
		.summary = "as v2.6.36, with page tables",
		.source = "Linux 3.0 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
	.per_mille = true,
	.family = true,
};
