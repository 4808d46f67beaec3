/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed memory in front of swap on a disk. */
#include <criterion/criterion.h>

#include "sim/mm/zswap.h"
#include "sim/world/engine.h"
#include "tests/world/mini.h"

#define LAST(t, item) ((t)->last.vmstat[VMSTAT_##item])
#define MI(t, item)   ((t)->last.meminfo_kB[MI_##item])
#define Z(t, item)    ((t)->last.zmem[ZMEM_##item])

/* 64 MiB of RAM (about 18 for programs), 64 of swap on a disk, zswap in front of it. */
static void with_zswap(struct sim_config *c, const char *kernel, unsigned max_pool_percent, double compressed)
{
	mini_init(c, 64, 64, 4);
	c->kernel = kernel_model_find(kernel);
	c->machine.zswap.enabled = true;
	c->machine.zswap.max_pool_percent = max_pool_percent;
	c->contents.compressed.p[0] = compressed;
}

/* Writes 24 MiB, reads the first four, and stays. */
static void worker(struct sim_config *c)
{
	struct process_cfg *p = mini_process(c, "worker", 0,
					     MINI_PROGRAM(STEP_LEAK(24 * MIB, 0), { .op = STEP_TOUCH, .region = "heap", .size = 4 * MIB },
							  STEP_SLEEP_FOREVER));

	p->contents = c->contents;
}

static struct tape *run(struct sim_config *c)
{
	struct tape *t = calloc(1, sizeof(*t));
	enum run_end end;

	worker(c);
	cr_assert_eq(mini_run(c, t, &end), SIM_OK);
	cr_assert_eq(t->nkill, 0);
	sim_config_free(c);
	return t;
}

/* ---- zbud ---- */

/* In chunks of 64 bytes: 47 and 16 fill a page, 47 and 17 do not fit. */
Test(zbud, two_to_a_page)
{
	struct zbud_pool pool;
	struct sim_config c;
	struct tape t;
	struct recorder rec = tape_recorder(&t);
	struct world *w;
	struct task *task;
	uint32_t a, b, d;

	mini_init(&c, 64, 0, 1);
	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	task = w->proc.init->thread[0];
	zbud_pool_init(&pool);
	a = zbud_alloc(w, task, &pool, 3000, GFP_KERNEL);
	b = zbud_alloc(w, task, &pool, 1025, GFP_KERNEL);
	cr_expect_eq(pool.pages, 2);
	d = zbud_alloc(w, task, &pool, 1024, GFP_KERNEL);
	cr_expect_eq(pool.pages, 2, "beside the first");
	zbud_free(w, &pool, a);
	cr_expect_eq(pool.pages, 2);
	a = zbud_alloc(w, task, &pool, 3008, GFP_KERNEL);
	cr_expect_eq(pool.pages, 2, "in the place it had");
	zbud_free(w, &pool, d);
	zbud_free(w, &pool, a);
	cr_expect_eq(pool.pages, 1);
	zbud_free(w, &pool, b);
	cr_expect_eq(pool.pages, 0);
	cr_expect(!zbud_too_large(w, 62 * 64));
	cr_expect(zbud_too_large(w, 62 * 64 + 1));
	zbud_pool_free(w, &pool);
	world_free(w);
	sim_config_free(&c);
}

/* ---- store and load ---- */

/* Pages of 1000 bytes lie two in one. The disk sees nothing of it. What has been read stays stored until 6.8. */
Test(zswap, keeps_pages_from_the_disk)
{
	struct sim_config c;
	struct tape *t;

	with_zswap(&c, "k6.1", 50, 1000);
	t = run(&c);
	cr_expect_gt(Z(t, zswpout), 1000);
	cr_expect_gt(Z(t, zswpin), 500);
	cr_expect_eq(LAST(t, pswpout), 0);
	cr_expect_eq(LAST(t, pswpin), 0);
	cr_expect_eq(LAST(t, pgpgout), 0);
	cr_expect_eq(Z(t, Zswapped_kB), MI(t, SwapTotal) - MI(t, SwapFree));
	cr_expect_leq(Z(t, Zswap_kB), Z(t, Zswapped_kB) / 2 + 4 * 64);
	cr_expect_geq(Z(t, Zswap_kB), Z(t, Zswapped_kB) / 2);
	cr_expect_eq(Z(t, nr_zspages), 0, "it is zbud");
	free(t);
}

/* Since 6.9 a page is in one place alone; the allocator is zsmalloc: four of 1000 bytes to a page, as 1008 and their handle show. */
Test(zswap, exclusive_loads)
{
	struct sim_config c;
	struct tape *t;

	with_zswap(&c, "k6.12", 50, 1000);
	t = run(&c);
	cr_expect_gt(Z(t, zswpin), 500);
	cr_expect_eq(LAST(t, pswpin), 0);
	cr_expect_eq(Z(t, Zswapped_kB), MI(t, SwapTotal) - MI(t, SwapFree) - MI(t, SwapCached));
	cr_expect_eq(Z(t, nr_zspages) * 4, Z(t, Zswap_kB));
	cr_expect_lt(Z(t, Zswap_kB) * 3, Z(t, Zswapped_kB));
	free(t);
}

/* What does not fit beside a header goes to the disk. */
Test(zswap, incompressible_pages_are_written)
{
	struct sim_config c;
	struct tape *t;

	with_zswap(&c, "k6.1", 50, 4000);
	t = run(&c);
	cr_expect_eq(Z(t, zswpout), 0);
	cr_expect_gt(LAST(t, pswpout), 1000);
	cr_expect_eq(Z(t, zswap_reject_compress_poor), LAST(t, pswpout));
	free(t);
}

/* 5 % of 38.9 MiB are 498 pages: the pool does not grow beyond, what is refused is written, and so is what is old. */
Test(zswap, a_full_pool_refuses_and_writes_back)
{
	struct sim_config c;
	struct tape *t;
	uint64_t limit;

	with_zswap(&c, "k6.1", 5, 2060);
	t = run(&c);
	limit = MI(t, MemTotal) / 4 * 5 / 100;
	cr_expect_gt(Z(t, zswap_pool_limit_hit), 0);
	cr_expect_gt(Z(t, zswpwb), 10);
	cr_expect_leq(Z(t, Zswap_kB), 4 * (limit + 1));
	cr_expect_eq(LAST(t, pswpout), Z(t, zswap_pool_limit_hit) + Z(t, zswap_reject_reclaim_fail) + Z(t, zswpwb));
	free(t);
}

/* A leak that just fills the pool. The second chance of 6.12: pages that were stored since the worker last came by stay, and after 16
 * of them it gives up; before, it writes until a tenth of the pool is free. */
Test(zswap, second_chance)
{
	uint64_t written[2];

	for (int since = 0; since < 2; since++) {
		struct tape *t = calloc(1, sizeof(*t));
		struct sim_config c;
		enum run_end end;

		with_zswap(&c, since ? "k6.12" : "k6.8", 5, 2060);
		mini_process(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(21 * MIB, 5.0 * MIB), STEP_SLEEP_FOREVER))->contents = c.contents;
		c.horizon = 6 * NS_PER_SEC;
		cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
		sim_config_free(&c);
		written[since] = Z(t, zswpwb);
		free(t);
	}
	cr_expect_gt(written[1], 0);
	cr_expect_gt(2 * written[0], 3 * written[1]);
}

/* ---- cgroups ---- */

static void in_cgroup(struct sim_config *c, int64_t zswap_max, int64_t writeback)
{
	c->cgroup = calloc(1, sizeof(*c->cgroup));
	c->ncgroup = 1;
	strcpy(c->cgroup[0].path, "/a");
	for (int i = 0; i < CGF_COUNT; i++)
		c->cgroup[0].value[i] = SIM_AUTO;
	c->cgroup[0].value[CGF_ZSWAP_MAX] = zswap_max;
	c->cgroup[0].value[CGF_ZSWAP_WRITEBACK] = writeback;
	mini_process(c, "worker", 0, MINI_PROGRAM(STEP_LEAK(24 * MIB, 0), STEP_SLEEP_FOREVER))->contents = c->contents;
	c->process[0].cgroup = 1;
}

/* memory.zswap.max is kept to within a page; what is stored counts as kernel memory of the cgroup; the rest goes to the disk, unless
 * memory.zswap.writeback forbids it. */
Test(zswap, cgroup_files)
{
	for (int writeback = 0; writeback < 2; writeback++) {
		struct sim_config c;
		struct tape t;
		struct recorder rec = tape_recorder(&t);
		struct world *w;
		struct memcg *m;
		enum run_end end;

		with_zswap(&c, "k6.12", 50, 1000);
		in_cgroup(&c, MIB, writeback);
		cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
		cr_assert_eq(world_run(w, &end), SIM_OK);
		m = &w->memcg.v[1];
		if (writeback) {
			cr_expect_eq(t.nkill, 0);
			cr_expect_leq(m->zswap_bytes, MIB + 4096);
			cr_expect_gt(m->zswap_bytes, MIB * 3 / 4);
			cr_expect_geq(m->kmem, (m->zswap_bytes + 4095) / 4096);
			cr_expect_gt(LAST(&t, pswpout), 500);
		} else {
			cr_expect_eq(LAST(&t, pswpout), 0);
			cr_expect_eq(t.nkill, 1, "there is nowhere to put it");
			cr_expect_eq(m->zswap_bytes, 0, "gone with the victim");
		}
		world_free(w);
		sim_config_free(&c);
	}
}
