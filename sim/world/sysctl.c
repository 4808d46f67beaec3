/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm.*: the defaults that depend on the machine, and what writing one does (mm/util.c, mm/page-writeback.c,
 * mm/page_alloc.c). */
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/proc/program.h"
#include "sim/world/build.h"

#include <stddef.h>

#define ADMIN_RESERVE_KB 8192   /* init_admin_reserve(): 3 %, at most 8 MiB */
#define USER_RESERVE_KB  131072 /* init_user_reserve(): 3 %, at most 128 MiB */

enum sysctl_index {
#define X(name, def, min, max, unit, help) SYSCTL_##name,
	SYSCTL_MAP(X)
#undef X
		SYSCTL_COUNT
};

static const size_t sysctl_offset[SYSCTL_COUNT] = {
#define X(name, def, min, max, unit, help) offsetof(struct sysctl_cfg, name),
	SYSCTL_MAP(X)
#undef X
};

static int64_t *sysctl_at(struct world *w, unsigned i)
{
	return (int64_t *)((char *)&w->sysctl + sysctl_offset[i]);
}

/* The reserves are 1/32 of what was free when the kernel initialised them: all of RAM but its slab (recordings: 6510
 * kB at 223636 kB with 14720 kB of slab; this gives 6528). */
void sysctl_defaults(struct world *w)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t slab = m->slab_reclaimable + m->slab_unreclaimable;
	uint64_t free_kB = u64_sub0(w->mm.totalram, slab) * w->mm.page_kB;

	if (w->sysctl.admin_reserve_kbytes == SIM_AUTO)
		w->sysctl.admin_reserve_kbytes = (int64_t)u64_min(free_kB / 32, ADMIN_RESERVE_KB);
	if (w->sysctl.user_reserve_kbytes == SIM_AUTO)
		w->sysctl.user_reserve_kbytes = (int64_t)u64_min(free_kB / 32, USER_RESERVE_KB);
	if (w->sysctl.oom_dump_tasks == SIM_AUTO)
		w->sysctl.oom_dump_tasks = w->km->dump_tasks;
	setup_per_zone_wmarks(w);
	if (w->sysctl.min_free_kbytes == SIM_AUTO)
		w->sysctl.min_free_kbytes = (int64_t)w->mm.min_free_kbytes;
}

/* Of a ratio and an absolute value the one written last counts; the kernel zeroes the other. */
static void forget_other(struct world *w, unsigned i)
{
	static const unsigned pair[][2] = {
		{ SYSCTL_dirty_ratio, SYSCTL_dirty_bytes },
		{ SYSCTL_dirty_background_ratio, SYSCTL_dirty_background_bytes },
		{ SYSCTL_overcommit_ratio, SYSCTL_overcommit_kbytes },
	};

	for (size_t k = 0; k < ARRAY_LEN(pair); k++) {
		if (pair[k][0] == i)
			*sysctl_at(w, pair[k][1]) = 0;
		else if (pair[k][1] == i)
			*sysctl_at(w, pair[k][0]) = 0;
	}
}

void sysctl_write(struct world *w, unsigned i, int64_t value)
{
	struct task *t = w->sched.running;
	int64_t old = *sysctl_at(w, i);

	*sysctl_at(w, i) = value;
	forget_other(w, i);
	if (i == SYSCTL_min_free_kbytes || i == SYSCTL_watermark_scale_factor)
		setup_per_zone_wmarks(w);
	if (i == SYSCTL_dirty_writeback_centisecs && !old && value)
		wakeup_flushers(w);
	world_event(w, EV_SYSCTL, t ? t->p : NULL, i, value, 0, 0);
	if (i == SYSCTL_drop_caches && t)
		drop_caches(w, t, (unsigned)value);
}
