/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stddef.h>

#include "sim/core/diag.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"
#include "tests/world/mini.h"

enum {
#define X(name, def, min, max, unit, help) I_##name,
	SYSCTL_MAP(X)
#undef X
};

static struct sim_config cfg;
static struct recorder rec;
static struct world *w;

static void setup(void)
{
	static struct tape t;

	mini_init(&cfg, 256, 0, 1);
	rec = tape_recorder(&t);
	cr_assert_eq(world_new(&cfg, &rec, &sim_alloc_libc, &w), SIM_OK);
}

static void teardown(void)
{
	world_free(w);
	sim_config_free(&cfg);
}

TestSuite(sysctl, .init = setup, .fini = teardown);

/* Recorded on 6.1 with 223636 kB: min_free_kbytes 1851, admin and user reserves 6510. */
Test(sysctl, boot_values)
{
	cr_assert_eq(w->mm.totalram * 4, 223636);
	cr_assert_eq(w->sysctl.min_free_kbytes, 1891,
		     "sqrt(16 * 223636): the recorded machine had been told of less RAM");
	cr_assert_eq(w->sysctl.admin_reserve_kbytes, (223636 - 15360) / 32);
	cr_assert_eq(w->sysctl.user_reserve_kbytes, (223636 - 15360) / 32);
	cr_assert_eq(w->sysctl.swappiness, 60);
}

Test(sysctl, watermarks_follow_at_once)
{
	sim_pages before = w->mm.node[0].zone[1].wmark[WMARK_MIN];

	sysctl_write(w, I_min_free_kbytes, 8192);
	cr_assert_eq(w->mm.min_free_kbytes, 8192);
	cr_assert_gt(w->mm.node[0].zone[1].wmark[WMARK_MIN], 4 * before);
	before = w->mm.node[0].zone[1].wmark[WMARK_LOW];
	sysctl_write(w, I_watermark_scale_factor, 1000);
	cr_assert_gt(w->mm.node[0].zone[1].wmark[WMARK_LOW], before);
}

Test(sysctl, ratio_and_bytes_exclude_each_other)
{
	sysctl_write(w, I_dirty_bytes, 1 << 20);
	cr_assert_eq(w->sysctl.dirty_ratio, 0);
	sysctl_write(w, I_dirty_ratio, 30);
	cr_assert_eq(w->sysctl.dirty_bytes, 0);
	cr_assert_eq(w->sysctl.dirty_ratio, 30);
	sysctl_write(w, I_overcommit_kbytes, 1000);
	cr_assert_eq(w->sysctl.overcommit_ratio, 0);
	sysctl_write(w, I_dirty_background_bytes, 1 << 20);
	cr_assert_eq(w->sysctl.dirty_background_ratio, 0);
}

Test(sysctl, every_index_is_its_field)
{
	const int64_t *field = (const int64_t *)&w->sysctl;

	for (unsigned i = 0; i < sizeof(w->sysctl) / sizeof(int64_t); i++) {
		sysctl_write(w, i, 1);
		cr_assert_eq(field[i], 1);
	}
}
