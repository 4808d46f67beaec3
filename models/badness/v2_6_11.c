/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The badness rule of Linux 2.6.11 to 2.6.15: the folklore of "runtime", "root" and "direct hardware access".
 *
 * Source:      mm/oom_kill.c:badness(), select_bad_process() of 2.6.11; specification G.8.1.
 * Faithful:    address space of the task and of its children in full; divided by the root of its CPU time (units of
 *              8.192 s at HZ 250 or 1000, 10.24 s at HZ 100) and the fourth root of its age (units of 1024 s); doubled
 *              when nice; quartered for root and again for raw I/O; shifted by oom_adj. Nothing is exempt: even oom_adj
 *              -16 leaves 1/65536. The first of equals wins.
 * Leaves out:  kernel threads, which 2.6.11 scores 0 and could pick when nobody else has a point.
 * Known value: total_vm 900000 with two children of 910000, 36000 s of CPU, 864000 s old, HZ 250: 8242 (M.1, postgres).
 */
#include "models/badness/badness.h"

#include "sim/world/config.h"

static const char *why_never(const struct badness_in *in)
{
	return badness_why_never(in, 0);
}

/* 2.6.11 knows -16..15; what stands for "never" today was its lowest then. */
static int clamped_adj(const struct badness_in *in)
{
	return in->oom_adj < -16 ? -16 : in->oom_adj;
}

static int64_t points(const struct badness_in *in, uint64_t totalpages)
{
	uint64_t p = in->total_vm + in->child_vm;

	(void)totalpages;
	if (why_never(in))
		return BADNESS_NEVER;
	if (in->oom_task_origin)
		return INT64_MAX;
	p = badness_time_and_nice(in, p, in->cpu_jiffies);
	if (in->capabilities & CAP_SYS_ADMIN_BIT || in->uid == 0 || in->euid == 0)
		p /= 4;
	if (in->capabilities & CAP_SYS_RAWIO_BIT)
		p /= 4;
	return (int64_t)badness_shift(p, clamped_adj(in));
}

static int oom_score(const struct badness_in *in, uint64_t totalpages)
{
	return badness_raw_score(points(in, totalpages));
}

const struct badness_ops badness_v2_6_11 = {
	.info = {
		.name = "v2.6.11",
		.summary = "address space with all of the children's, less for CPU time, age, root and raw I/O, double for nice; oom_adj shifts",
		.source = "Linux 2.6.11 mm/oom_kill.c:badness()",
	},
	.points = points,
	.oom_score = oom_score,
	.why_never = why_never,
	.tie = TIE_KEEP_FIRST,
	.per_mille = true,
	.family = true,
};
