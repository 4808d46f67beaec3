/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swap in compressed memory: what is stored takes frames of the machine, and gives them back. */
#include <criterion/criterion.h>

#include "sim/mm/page_alloc.h"
#include "sim/mm/zram.h"
#include "sim/world/engine.h"
#include "tests/world/mini.h"

/* 64 MiB of RAM (about 18 for programs), and zram. */
static void with_zram(struct sim_config *c, uint64_t disksize_MiB, double compressed, double seconds)
{
	mini_init(c, 64, disksize_MiB, seconds);
	c->machine.swap[0].zram = (struct zram_cfg){ .on = true, .comp_algorithm = COMP_LZ4 };
	c->contents.compressed.p[0] = compressed;
}

static struct process_cfg *add(struct sim_config *c, const char *comm, double start_s, struct program_cfg prog)
{
	struct process_cfg *p = mini_process(c, comm, start_s, prog);

	p->contents = c->contents;
	return p;
}

static void run(struct sim_config *c, struct tape *t)
{
	enum run_end end;

	cr_assert_eq(mini_run(c, t, &end), SIM_OK);
	sim_config_free(c);
}

#define LAST(t, item) ((t)->last.vmstat[VMSTAT_##item])
#define Z(t, item)    ((t)->last.zmem[ZMEM_##item])

/* ---- the allocator in a machine ---- */

struct bench {
	struct sim_config c;
	struct tape t;
	struct recorder rec;
	struct world *w;
	struct task *task;
	struct zs_pool pool;
};

static struct bench *bench_new(uint32_t chain)
{
	struct bench *b = calloc(1, sizeof(*b));

	mini_init(&b->c, 64, 0, 1);
	b->rec = tape_recorder(&b->t);
	cr_assert_eq(world_new(&b->c, &b->rec, &sim_alloc_libc, &b->w), SIM_OK);
	b->task = b->w->proc.init->thread[0];
	zs_pool_init(&b->pool, 4096, chain);
	return b;
}

static void bench_free(struct bench *b)
{
	zs_pool_free(b->w, &b->pool);
	world_free(b->w);
	sim_config_free(&b->c);
	free(b);
}

static uint32_t put(struct bench *b)
{
	uint32_t h = zs_malloc(b->w, b->task, &b->pool, 2060, GFP_HIGHUSER_MOVABLE);

	cr_assert_neq(h, ZS_NONE);
	return h;
}

/* Seven objects in four pages: the eighth takes four more, which go with it. */
Test(zsmalloc, pages_come_and_go_by_zspages)
{
	struct bench *b = bench_new(4);
	uint64_t free = nr_free_pages(b->w);
	uint32_t h[8];

	for (int i = 0; i < 8; i++) {
		h[i] = put(b);
		cr_expect_eq(b->pool.pages, i < 7 ? 4 : 8);
	}
	zs_free(b->w, &b->pool, h[7]);
	cr_expect_eq(b->pool.pages, 4);
	for (int i = 0; i < 7; i++)
		zs_free(b->w, &b->pool, h[i]);
	cr_expect_eq(b->pool.pages, 0);
	cr_expect_eq(b->pool.slab.pages, 0);
	zones_drain_pcp(b->w);
	cr_expect_geq(nr_free_pages(b->w), free);
	bench_free(b);
}

/* Two zspages with three objects each: one is enough, and all six are still there. */
Test(zsmalloc, compaction)
{
	struct bench *b = bench_new(4);
	uint32_t h[14];

	for (int i = 0; i < 14; i++)
		h[i] = put(b);
	for (int i = 0; i < 4; i++) {
		zs_free(b->w, &b->pool, h[i]);
		zs_free(b->w, &b->pool, h[7 + i]);
	}
	cr_expect_eq(b->pool.pages, 8);
	cr_expect_eq(zs_shrink(b->w, &b->pool, 12), 0); /* four pages are too few for a first look */
	cr_expect_eq(zs_shrink(b->w, &b->pool, 0), 4);
	cr_expect_eq(b->pool.pages, 4);
	cr_expect_eq(b->pool.compacted, 4);
	for (int i = 4; i < 7; i++) {
		zs_free(b->w, &b->pool, h[i]);
		zs_free(b->w, &b->pool, h[7 + i]);
	}
	cr_expect_eq(b->pool.pages, 0);
	bench_free(b);
}

/* ---- zram as swap ---- */

/* A leak fills zram: pages are stored by sevens in four pages, nothing waits for a device, and the victim's go with it. */
Test(zram, holds_a_leak_and_lets_go_of_it)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;

	with_zram(&c, 16, 2060, 8);
	add(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)));
	run(&c, t);
	cr_expect_eq(t->nkill, 1);
	cr_expect_geq(LAST(t, pswpout), 4095);
	cr_expect_eq(t->last.psi_io.some.total_us, 0);
	cr_expect_eq(Z(t, zram_orig_data_size), 0);
	cr_expect_eq(Z(t, nr_zspages), 0);
	cr_expect_eq(Z(t, zram_mem_used_max), 4096 * 4 * ((4095 + 6) / 7));
	free(t);
}

/* What zram holds is missing from the figures of /proc/meminfo, page for page. */
Test(zram, is_a_gap_in_meminfo)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;
	const uint64_t *m = t->last.meminfo_kB;
	uint64_t sum[2];

	for (int on = 0; on < 2; on++) {
		with_zram(&c, 32, 2060, 4);
		c.machine.swap[0].zram.on = on;
		add(&c, "big", 0, MINI_PROGRAM(STEP_LEAK(22 * MIB, 0), STEP_SLEEP_FOREVER));
		run(&c, t);
		cr_assert_eq(t->nkill, 0);
		sum[on] = m[MI_MemFree] + m[MI_Active] + m[MI_Inactive] + m[MI_Unevictable] + m[MI_Slab] + m[MI_PageTables];
		cr_expect_eq(on ? Z(t, nr_zspages) > 500 : Z(t, nr_zspages) == 0, 1);
	}
	cr_expect_lt(sum[0] - sum[1] - 4 * Z(t, nr_zspages) + 512, 1024); /* per-CPU lists differ */
	free(t);
}

/* Reading back: no swap cache, no read-ahead, each fault a major one. */
Test(zram, reads_past_the_swap_cache)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;

	with_zram(&c, 64, 1000, 4);
	add(&c, "ws", 0, MINI_PROGRAM(STEP_LEAK(36 * MIB, 0), { .op = STEP_TOUCH, .region = "heap", .accesses = 9216, .write = true }));
	run(&c, t);
	cr_expect_eq(t->nkill, 0);
	cr_expect_gt(LAST(t, pswpin), 1000);
	cr_expect_eq(LAST(t, pgmajfault), LAST(t, pswpin));
	cr_expect_eq(LAST(t, swap_ra), 0);
	cr_expect_eq(LAST(t, nr_swapcached), 0);
	cr_expect_eq(LAST(t, pgpgin), 0); /* rw_page() counts nothing; since 6.3 bios do */
	free(t);
}

Test(zram, bios_count_since_6_3)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;

	with_zram(&c, 64, 1000, 4);
	c.kernel = kernel_model_find("k6.12");
	add(&c, "ws", 0, MINI_PROGRAM(STEP_LEAK(36 * MIB, 0), { .op = STEP_TOUCH, .region = "heap", .accesses = 9216, .write = true }));
	run(&c, t);
	cr_expect_gt(LAST(t, pswpin), 100);
	cr_expect_eq(LAST(t, pgpgin), 4 * LAST(t, pswpin));
	cr_expect_eq(LAST(t, pgpgout), 4 * LAST(t, pswpout));
	free(t);
}

/* Pages filled with one value take no memory at all. */
Test(zram, same_filled_pages_are_free)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;

	with_zram(&c, 64, 1000, 4);
	c.contents.same_filled = 1;
	add(&c, "zeros", 0, MINI_PROGRAM(STEP_LEAK(60 * MIB, 0), STEP_SLEEP_FOREVER));
	run(&c, t);
	cr_expect_eq(t->nkill, 0);
	cr_expect_gt(Z(t, zram_same_pages), 7000);
	cr_expect_eq(Z(t, zram_same_pages) * 4096, Z(t, zram_orig_data_size));
	cr_expect_eq(Z(t, nr_zspages), 0);
	free(t);
}

/* Above the largest class pages are kept whole: one in, one out. */
Test(zram, incompressible_pages_are_stored_whole)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;

	with_zram(&c, 8, 3300, 8);
	add(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)));
	run(&c, t);
	cr_expect_eq(t->nkill, 1);
	cr_expect_eq(Z(t, zram_mem_used_max), 2047 * 4096);
	free(t);
}

/* mem_limit refuses: it is kept to, the kernel says so ten times in 5 s, and the pages stay where they are until it kills. */
Test(zram, mem_limit)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;
	const struct rec_event *e;

	with_zram(&c, 64, 2060, 10);
	c.machine.swap[0].zram.mem_limit = 2 * MIB;
	add(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)));
	run(&c, t);
	cr_expect_eq(t->nkill, 1);
	cr_expect_gt(Z(t, zram_failed_writes), 100);
	cr_expect_eq(LAST(t, pswpout), 128 * 7); /* 2 MiB are 128 zspages */
	cr_expect_eq(tape_number(t, EV_SWAP_WRITE_ERROR, NULL), 10);
	e = tape_find(t, EV_SWAP_WRITE_ERROR, NULL, 0);
	cr_expect_eq(e->arg[2], 512); /* zspages */
	free(t);
}

/* A slot that a child refers to as well is read into the swap cache, as one on a disk. */
Test(zram, shared_slots)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct sim_config c;
	struct program_cfg child = MINI_PROGRAM({ .op = STEP_TOUCH, .region = "heap", .size = 4 * MIB });

	with_zram(&c, 64, 1000, 6);
	add(&c, "parent", 0,
	    MINI_PROGRAM(STEP_LEAK(36 * MIB, 0), { .op = STEP_FORK, .count = 1, .body = child }, { .op = STEP_WAIT },
			 { .op = STEP_TOUCH, .region = "heap", .size = 4 * MIB, .write = true }, STEP_EXIT_CODE(0)));
	run(&c, t);
	cr_expect_eq(t->nkill, 0);
	cr_expect_gt(LAST(t, pswpin), 100);
	cr_expect_eq(tape_number(t, EV_EXIT, NULL), 2);
	cr_expect_eq(Z(t, nr_zspages), 0);
	cr_expect_eq(t->last.meminfo_kB[MI_SwapFree], t->last.meminfo_kB[MI_SwapTotal]);
	free(t);
}

Test(zram, same_seed_same_records)
{
	struct tape *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	struct tape *t[2] = { a, b };
	struct sim_config c;

	for (int i = 0; i < 2; i++) {
		with_zram(&c, 16, 0, 4);
		c.contents.compressed = (struct sim_dist){ .kind = SIM_DIST_UNIFORM, .p = { 200, 4096 } };
		add(&c, "leak", 0, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)));
		run(&c, t[i]);
	}
	cr_expect_eq(a->digest.a, b->digest.a);
	cr_expect_eq(a->last.zmem[ZMEM_zram_mem_used_max], b->last.zmem[ZMEM_zram_mem_used_max]);
	free(a);
	free(b);
}
