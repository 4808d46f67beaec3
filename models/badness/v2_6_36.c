/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 2.6.36 to 2.6.38: memory used, in thousandths of what there is.
 *
 * Source:      mm/oom_kill.c:oom_badness() of 2.6.36; specification G.8.4.
 * Faithful:    resident and swapped pages in thousandths of RAM and swap, rounded down; 30 less for CAP_SYS_ADMIN;
 *              oom_score_adj added; 1 to 1000. Whoever lies in the same thousandth ties, and the first wins.
 * Leaves out:  2.6.36.0 itself could still return 0; later ones could not.
 * Known value: 700000 of 2500000 pages: 280 (M.1, postgres); 705000 with CAP_SYS_ADMIN: 252 (backup).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ);
}

/* Thousandths, 1 at least and 1000 at most. */
static int64_t clamped(int64_t p)
{
	return p < 1 ? 1 : p > 1000 ? 1000 : p;
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	int64_t p = badness_memory(in);

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

const struct badness_ops badness_v2_6_36 = {
	.info = {
		.name = "v2.6.36",
		.summary = "thousandths of RAM and swap that it holds, 30 less for root, plus oom_score_adj; first of equals",
		.source = "Linux 2.6.36 mm/oom_kill.c:oom_badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
	.per_mille = true,
};
