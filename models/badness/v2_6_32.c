/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 2.6.26 to 2.6.35, the last of the classic ones.
 *
 * Source:      mm/oom_kill.c:badness(), select_bad_process() of 2.6.32.2 and 2.6.35.3; specification G.8.3.
 * Faithful:    as 2.6.24 (v2_6_24.c), but the CPU time is that of the whole thread group, and who is forgiven as a
 *              superuser is told by CAP_SYS_ADMIN or CAP_SYS_RESOURCE, not by the uid.
 * Leaves out:  nothing known.
 * Known value: total_vm 100000, two children of 40000, HZ 1000: 140002; with 3600 s of CPU and a day old: 1666 (G.8.3).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, NEVER_OOM_ADJ);
}

static uint64_t forgiven(const struct badness_in *in, uint64_t p)
{
	if (in->capabilities & (CAP_SYS_ADMIN_BIT | CAP_SYS_RESOURCE_BIT))
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
	p = forgiven(in, badness_time_and_nice(in, p, in->group_cpu_jiffies));
	if (in->oom_adj > 0 && !p)
		p = 1;
	return (int64_t)badness_shift(p, in->oom_adj);
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_raw_score(points(in, totalpages));
}

const struct badness_ops badness_v2_6_32 = {
	.info = {
		.name = "v2.6.32",
		.summary = "as v2.6.24, CPU time of all threads, superuser by capability",
		.source = "Linux 2.6.32 mm/oom_kill.c:badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
	.per_mille = true,
	.family = true,
};
