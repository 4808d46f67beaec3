/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 2.6.17 to 2.6.25.
 *
 * Source:      mm/oom_kill.c:badness(), select_bad_process() of 2.6.24; specification G.8.2.
 * Faithful:    as 2.6.11 (v2_6_11.c), but children count half of their address space and one page; a task whose memory
 *              lies on other nodes than the asker's cpuset is divided by 8; oom_adj > 0 makes 1 of 0 points before it
 *              shifts; -17 is never.
 * Leaves out:  nothing known.
 * Known value: total_vm 900000 with two children of 910000, 36000 s of CPU, 864000 s old, HZ 250: 5484 (M.1, postgres).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_OOM_ADJ);
}

static uint64_t forgiven(const struct badness_in *in, uint64_t p)
{
	if (in->capabilities & CAP_SYS_ADMIN_BIT || in->uid == 0 || in->euid == 0)
		p /= 4;
	if (in->capabilities & CAP_SYS_RAWIO_BIT)
		p /= 4;
	return in->elsewhere ? p / 8 : p;
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	uint64_t p = in->total_vm + in->child_vm_halves;

	(void)totalpages;
	if (why_never(in))
		return BADNESS_NEVER;
	if (in->oom_task_origin)
		return INT64_MAX;
	p = forgiven(in, badness_time_and_nice(in, p, in->cpu_jiffies));
	if (in->oom_adj > 0 && !p)
		p = 1;
	return (int64_t)badness_shift(p, in->oom_adj);
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_raw_score(points(in, totalpages));
}

const struct badness_ops badness_v2_6_24 = {
	.info = {
		.name = "v2.6.24",
		.summary = "as v2.6.11, children by half, /8 outside the cpuset, oom_adj -17 is never",
		.source = "Linux 2.6.24 mm/oom_kill.c:badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
	.per_mille = true,
	.family = true,
};
