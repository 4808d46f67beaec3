/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces that several badness rules share. */
#include "models/badness/badness.h"

#include <limits.h>

#include "sim/world/config.h"

const char *badness_why_never(const struct badness_in *in, unsigned knows)
{
	if (in->is_init)
		return "init is never killed";
	if (in->is_kthread)
		return "kernel threads are never killed";
	if (!in->has_mm)
		return "no memory of its own left: it is exiting";
	if (in->oom_task_origin)
		return NULL;
	if (knows & NEVER_OOM_ADJ && in->oom_adj == OLD_ADJ_NEVER)
		return "oom_adj is -17";
	if (knows & NEVER_SCORE_ADJ && in->oom_score_adj == ADJ_NEVER)
		return "oom_score_adj is -1000";
	if (knows & NEVER_SHARER && in->sharer_never)
		return "a process with oom_score_adj -1000 runs in the same memory";
	if (knows & NEVER_OOM_SKIP && in->oom_skip)
		return "an earlier victim whose memory is already reaped or given up (MMF_OOM_SKIP)";
	if (knows & NEVER_VFORK && in->in_vfork)
		return "a vfork child that still runs in its parent's memory";
	return NULL;
}

int64_t badness_root_3_percent(const struct badness_in *in, int64_t points)
{
	return in->capabilities & CAP_SYS_ADMIN_BIT ? points - points * 3 / 100 : points;
}

int badness_raw_score(int64_t points)
{
	return points == BADNESS_NEVER ? 0 : points > INT_MAX ? INT_MAX : (int)points;
}

int badness_per_mille(int64_t (*points)(const struct badness_in *in, uint64_t totalpages), const struct badness_in *in,
		      uint64_t totalpages)
{
	struct badness_in plain = *in;
	int64_t p;

	plain.oom_task_origin = false;
	p = points(&plain, totalpages);
	return p == BADNESS_NEVER ? 0 : badness_raw_score(p * 1000 / (int64_t)u64_max(totalpages, 1));
}

/* SHIFT_HZ of include/linux/jiffies.h: log2(HZ), rounded to the nearer power on the kernel's own table. */
static unsigned shift_hz(unsigned hz)
{
	unsigned shift = 4;

	while (hz >= 12u << (shift - 3) && shift < 13)
		shift++;
	return shift;
}

uint64_t badness_time_and_nice(const struct badness_in *in, uint64_t points, uint64_t cpu_jiffies)
{
	uint64_t cpu = isqrt64(cpu_jiffies >> (shift_hz(in->hz) + 3));
	uint64_t run = isqrt64(isqrt64(in->age_s >> 10));

	if (cpu)
		points /= cpu;
	if (run)
		points /= run;
	return in->nice > 0 ? points * 2 : points;
}

uint64_t badness_shift(uint64_t points, int oom_adj)
{
	if (oom_adj >= 0)
		return points << oom_adj;
	return points >> -oom_adj;
}
