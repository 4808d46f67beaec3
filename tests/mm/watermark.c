/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watermarks and reserves against the specification's vectors (A.2, A.4, A.5, A.8) and the division of reclaim (C.8). */
#include <criterion/criterion.h>

#include "models/registry.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "tests/mm/testworld.h"

static struct testworld *machine(const sim_pages managed[MAX_ZONES], int64_t min_free_kbytes)
{
	struct testworld *tw = tw_new(1, managed, 1);

	tw->w.km = kernel_model_find("k6.1");
	tw->w.sysctl.watermark_scale_factor = 10;
	tw->w.sysctl.watermark_boost_factor = 15000;
	tw->w.sysctl.min_free_kbytes = min_free_kbytes;
	tw->cfg.machine.ncpu = 1;
	for (int i = 0; i < MAX_ZONES; i++)
		tw->cfg.machine.node[0].zone[i].pcp_high = tw->cfg.machine.node[0].zone[i].pcp_batch = SIM_AUTO;
	setup_per_zone_wmarks(&tw->w);
	return tw;
}

static void expect_marks(const struct zone *z, sim_pages min, sim_pages low, sim_pages high)
{
	cr_expect_eq(z->wmark[WMARK_MIN], min);
	cr_expect_eq(z->wmark[WMARK_LOW], low);
	cr_expect_eq(z->wmark[WMARK_HIGH], high);
}

static const sim_pages pc[MAX_ZONES] = { 3840, 765000, 3300000 };

Test(watermark, of_a_pc)
{
	struct testworld *tw = machine(pc, 16384);
	const struct zone *z = tw->w.mm.node[0].zone;

	expect_marks(&z[0], 3, 6, 9);
	expect_marks(&z[1], 770, 1535, 2300);
	expect_marks(&z[2], 3322, 6622, 9922);
	tw_free(tw);
	tw = machine(pc, 67584); /* as transparent huge pages make it */
	z = tw->w.mm.node[0].zone;
	expect_marks(&z[0], 15, 18, 21);
	expect_marks(&z[1], 3176, 3970, 4764);
	expect_marks(&z[2], 13703, 17128, 20553);
	tw_free(tw);
}

Test(watermark, lowmem_reserve_of_a_pc)
{
	struct testworld *tw = machine(pc, 16384);
	const struct zone *z = tw->w.mm.node[0].zone;
	const sim_pages want[3][5] = { { 0, 2988, 15878, 15878, 15878 }, { 0, 0, 12890, 12890, 12890 }, { 0 } };

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 5; j++)
			cr_expect_eq(z[i].reserve[j], want[i][j], "zone %d for zone %d", i, j);
	tw_free(tw);
}

/* Lowmem to min_free_kbytes: the integer root, and the cap of kernels since 5.8. */
Test(watermark, default_min_free_kbytes)
{
	static const struct {
		uint64_t lowmem, want;
	} row[] = { { 128 * MIB, 1448 }, { GIB, 4096 }, { 4 * GIB, 8192 }, { 8 * GIB, 11585 }, { 64 * GIB, 32768 } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct testworld *tw = machine((sim_pages[]){ 0, row[i].lowmem / 4096, 0 }, SIM_AUTO);

		cr_expect_eq(tw->w.mm.min_free_kbytes, row[i].want, "%zu: %ju", i, (uintmax_t)tw->w.mm.min_free_kbytes);
		tw_free(tw);
	}
}

/* A victim may go to half of min; the test is free > mark + reserve. */
Test(watermark, who_may_dig_how_deep)
{
	struct testworld *tw = machine((sim_pages[]){ 0, 250000, 0 }, SIM_AUTO);
	struct zone *z = &tw->w.mm.node[0].zone[1];

	expect_marks(z, 1000, 1250, 1500);
	z->nr_free = 1000;
	cr_expect_not(zone_watermark_ok(&tw->w, z, 0, 1000, 3, 0, 0));
	cr_expect(zone_watermark_ok(&tw->w, z, 0, 1000, 3, 0, 1), "one reclaimable page would do");
	z->nr_free = 501;
	cr_expect(zone_watermark_ok(&tw->w, z, 0, 1000, 3, ALLOC_OOM, 0));
	z->nr_free = 500;
	cr_expect_not(zone_watermark_ok(&tw->w, z, 0, 1000, 3, ALLOC_OOM, 0));
	tw_free(tw);
}

/* boost_watermark(): a page block at a time, to at most 1.5 times high. */
Test(watermark, boost_rises_to_its_limit)
{
	struct testworld *tw = machine((sim_pages[]){ 0, 52069, 0 }, 1851);
	struct zone *z = &tw->w.mm.node[0].zone[1];

	cr_expect(boost_watermark(&tw->w, z));
	cr_expect_eq(z->boost, 512);
	boost_watermark(&tw->w, z);
	boost_watermark(&tw->w, z);
	cr_expect_eq(z->boost, z->wmark[WMARK_HIGH] * 3 / 2);
	tw_free(tw);
}

/* ---- get_scan_count: swappiness against cost ---- */

static void expect_division(int swappiness, uint64_t anon_cost, uint64_t file_cost, uint64_t anon, uint64_t file)
{
	struct testworld *tw = machine((sim_pages[]){ 0, 0, 100000 }, 1024);
	struct scan_control sc = { .w = &tw->w, .reclaim_idx = 2, .priority = 0, .may_swap = true };
	struct node *n = &tw->w.mm.node[0];
	uint64_t nr[4];

	tw->w.sysctl.swappiness = swappiness;
	tw->w.swap.free = tw->w.swap.total = 1000;
	n->lruvec.anon_cost = anon_cost;
	n->lruvec.file_cost = file_cost;
	sc.priority = 12;
	/* Lists whose scan at this priority is the sum of the two weights: the parts then are the weights. */
	n->zone[2].lru[LRU_INACTIVE_ANON] = n->zone[2].lru[LRU_INACTIVE_FILE] = (int64_t)(anon + file) << 12;
	get_scan_count(&sc, n, nr);
	cr_expect_eq(nr[LRU_INACTIVE_ANON], anon, "swappiness %d, costs %ju %ju: %ju", swappiness, (uintmax_t)anon_cost,
		     (uintmax_t)file_cost, (uintmax_t)nr[LRU_INACTIVE_ANON]);
	cr_expect_eq(nr[LRU_INACTIVE_FILE], file);
	n->zone[2].lru[LRU_INACTIVE_ANON] = n->zone[2].lru[LRU_INACTIVE_FILE] = 0;
	tw_free(tw);
}

Test(scan_balance, follows_swappiness_and_cost)
{
	expect_division(60, 0, 0, 60, 140);
	expect_division(60, 1000, 0, 89, 419);
	expect_division(60, 0, 1000, 179, 209);
	expect_division(100, 500, 500, 199, 199);
	expect_division(0, 0, 0, 0, 200);
	expect_division(200, 0, 0, 200, 0);
}
