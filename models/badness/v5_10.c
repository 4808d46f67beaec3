/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 5.9 and later (5.10 is the first long-term release that has it).
 *
 * Source:      mm/oom_kill.c:oom_badness(), oom_evaluate_task() and fs/proc/base.c:proc_oom_score() of 5.10, 6.1, 6.12;
 *              specification G.8.10, G.6, G.14.1.
 * Faithful:    points = rss + swap entries + page-table bytes / 4096 + oom_score_adj * (totalpages / 1000), signed, the
 *              division first; the last of equals wins; a task in swapoff (oom_task_origin) beats everybody.
 * Leaves out:  per-CPU rss counters not yet folded in (6.12 and older may be off by up to 64 pages a CPU and counter).
 * Known value: rss 600000, swap 100000, page tables 1500 pages, adj 0 of 2500000 pages: 701500 points, oom_score 853 (M.1).
 */
#include "models/badness/badness.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_SCORE_ADJ | NEVER_OOM_SKIP | NEVER_VFORK);
}

/* oom_badness() proper, which knows nothing of swapoff. */
static int64_t badness(const struct badness_in *in, uint64_t totalpages)
{
	struct badness_in plain = *in;

	plain.oom_task_origin = false;
	if (why_never(&plain))
		return BADNESS_NEVER;
	return badness_memory(in) + (int64_t)(in->pgtables_bytes / KERNEL_PAGE) +
	       badness_adj(in->oom_score_adj, totalpages);
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	if (why_never(in))
		return BADNESS_NEVER;
	return in->oom_task_origin ? INT64_MAX : badness(in, totalpages);
}

/* Two thirds of (1000 + per-mille badness): 0..2000 squeezed into the 0..1333 that user space was used to. Both divisions
 * go towards zero. */
static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	int64_t b = badness(in, totalpages);

	if (b == BADNESS_NEVER)
		return 0;
	return (int)((1000 + b * 1000 / (int64_t)u64_max(totalpages, 1)) * 2 / 3);
}

const struct badness_ops badness_v5_10 = {
	.info = {
		.name = "v5.10",
		.summary = "resident + swapped + page-table pages, plus oom_score_adj thousandths of RAM and swap; last of equals",
		.source = "Linux 6.1 mm/oom_kill.c:oom_badness(), fs/proc/base.c:proc_oom_score()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_TAKE_LAST,
};
