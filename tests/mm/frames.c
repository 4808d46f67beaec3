/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const sim_pages small[MAX_ZONES] = { 16, 100, 300 };

static void check_conserved(struct world *w, const int64_t *taken)
{
	int64_t free = 0;
	struct zone *z;
	int k = 0;

	for_each_zone (w, z, n, i) {
		cr_assert_geq(z->nr_free, 0);
		cr_assert_geq(z->nr_pcp, 0);
		cr_assert_eq(z->nr_free + z->nr_pcp + (int64_t)z->nr_kernel + taken[k], (int64_t)z->managed);
		free += z->nr_free;
		k++;
	}
	cr_assert_eq((uint64_t)free, vm_stat(w, nr_free_pages));
}

Test(frames, zones_cover_all_frames)
{
	struct testworld *tw = tw_new(2, small, 1);
	struct world *w = &tw->w;

	cr_assert_eq(w->mm.f.n, 832);
	cr_assert_eq(w->mm.totalram, 832);
	cr_assert_eq(w->mm.page_kB, 4);
	cr_assert_null(w->mm.f.slot, "no swap, no slots");
	for (pfn_t p = 0; p < 832; p++) {
		struct zone *z = frame_zone(w, p);

		cr_assert(p >= z->start && p < z->start + z->managed);
		cr_assert_eq(frame_node(w, p), &w->mm.node[p >= 416]);
		cr_assert_eq(z->node, frame_node(w, p)->id);
	}
	tw_free(tw);
}

Test(frames, empty_zones_own_nothing)
{
	struct testworld *tw = tw_new(2, (sim_pages[]){ 0, 50, 0 }, 1);

	for (pfn_t p = 0; p < 100; p++) {
		cr_assert_eq(frame_zone(&tw->w, p)->type, 1);
		cr_assert_eq(frame_zone(&tw->w, p)->node, p >= 50);
	}
	cr_assert_eq(zone_take(&tw->w, &tw->w.mm.node[0].zone[0]), PFN_NONE);
	tw_free(tw);
}

Test(frames, kernel_use_is_shared_out_evenly)
{
	struct testworld *tw = tw_new(1, small, 1);
	struct world *w = &tw->w;
	uint64_t kernel = 0;

	frames_free(w);
	vm_stat(w, nr_free_pages) = 0;
	tw->cfg.machine.slab_reclaimable = 41;
	tw->cfg.machine.slab_unreclaimable = 20;
	tw->cfg.machine.kernel_stack = 3;
	tw->cfg.machine.pagetables = 7;
	tw->cfg.machine.unevictable = 30;
	for (int i = 0; i < MAX_ZONES; i++)
		tw->cfg.machine.node[0].zone[i].free = SIM_AUTO;
	cr_assert_eq(frames_init(w), SIM_OK);
	for (int i = 0; i < MAX_ZONES; i++) {
		const struct zone *z = &w->mm.node[0].zone[i];

		kernel += z->nr_kernel;
		cr_assert_float_eq((double)z->nr_kernel, 101.0 * (double)small[i] / 416, 1);
	}
	cr_assert_eq(kernel, 101);
	cr_assert_eq(vm_stat(w, nr_free_pages), 416 - 101);
	tw_free(tw);
}

Test(frames, given_frames_come_back_last_in_first_out)
{
	struct testworld *tw = tw_new(1, small, 1);
	struct zone *z = &tw->w.mm.node[0].zone[2];
	pfn_t a = zone_take(&tw->w, z), b = zone_take(&tw->w, z);

	cr_assert_eq(a, z->start);
	cr_assert_eq(b, a + 1);
	tw->w.mm.f.flags[b] = F_DIRTY | F_SWAPBACKED;
	tw->w.mm.f.mapcount[b] = 7;
	zone_give(&tw->w, a);
	zone_give(&tw->w, b);
	cr_assert_eq(zone_take(&tw->w, z), b);
	cr_assert_eq(tw->w.mm.f.flags[b], 0);
	cr_assert_eq(tw->w.mm.f.mapcount[b], 0);
	cr_assert_eq(zone_take(&tw->w, z), a);
	cr_assert_eq(zone_take(&tw->w, z), a + 2);
	cr_assert_eq(vm_stat(&tw->w, pgalloc_normal), 5);
	cr_assert_eq(vm_stat(&tw->w, pgfree), 2);
	tw_free(tw);
}

Test(frames, per_cpu_list_refills_and_spills_in_batches)
{
	struct testworld *tw = tw_new(1, small, 1);
	struct zone *z = &tw->w.mm.node[0].zone[2];
	pfn_t p[20];

	z->pcp_batch = 7;
	z->pcp_high = 10;
	p[0] = zone_take(&tw->w, z);
	cr_assert_eq(z->nr_free, 293);
	cr_assert_eq(z->nr_pcp, 6);
	for (int i = 1; i < 20; i++)
		p[i] = zone_take(&tw->w, z);
	cr_assert_eq(z->nr_free, 279);
	cr_assert_eq(z->nr_pcp, 1);
	for (int i = 0; i < 8; i++)
		zone_give(&tw->w, p[i]);
	cr_assert_eq(z->nr_pcp, 9);
	cr_assert_eq(z->nr_free, 279);
	zone_give(&tw->w, p[8]); /* the tenth: a batch goes back */
	cr_assert_eq(z->nr_pcp, 3);
	cr_assert_eq(z->nr_free, 286);
	zones_drain_pcp(&tw->w);
	cr_assert_eq(z->nr_pcp, 0);
	cr_assert_eq(z->nr_free, 289);
	tw_free(tw);
}

Test(frames, the_last_page_can_be_taken)
{
	struct testworld *tw = tw_new(1, (sim_pages[]){ 0, 0, 10 }, 1);
	struct zone *z = &tw->w.mm.node[0].zone[2];

	z->pcp_batch = 63;
	z->pcp_high = 400;
	cr_assert(zone_take_kernel(&tw->w, z, 4));
	for (int i = 0; i < 6; i++)
		cr_assert_neq(zone_take(&tw->w, z), PFN_NONE);
	cr_assert_eq(zone_take(&tw->w, z), PFN_NONE);
	cr_assert_not(zone_take_kernel(&tw->w, z, 1));
	zone_give_kernel(&tw->w, z, 4);
	cr_assert_not(zone_take_kernel(&tw->w, z, 5));
	cr_assert(zone_take_kernel(&tw->w, z, 1));
	cr_assert_eq(z->nr_kernel, 1);
	tw_free(tw);
}

/* Pages out of one zone: frames and blocks of kernel memory, taken and given at random. */
Test(frames, pages_are_conserved)
{
	struct testworld *tw = tw_new(2, small, 1);
	struct sim_rng *rng = sim_rng_new(5, "conserve");
	pfn_t frame[832];
	uint32_t kernel[6] = { 0 };
	int64_t taken[6] = { 0 };
	unsigned nframe = 0;

	for (int i = 0; i < 6; i++) {
		tw->w.mm.node[i / 3].zone[i % 3].pcp_batch = 1 + 5 * i;
		tw->w.mm.node[i / 3].zone[i % 3].pcp_high = 30;
	}
	for (int step = 0; step < 20000; step++) {
		unsigned i = (unsigned)sim_rng_below(rng, 6), n = 1 + (unsigned)sim_rng_below(rng, 4);
		struct zone *z = &tw->w.mm.node[i / 3].zone[i % 3];
		unsigned what = (unsigned)sim_rng_below(rng, 100);
		pfn_t p;

		if (what < 50 && (p = zone_take(&tw->w, z)) != PFN_NONE) {
			cr_assert_eq(frame_zone(&tw->w, p), z);
			frame[nframe++] = p;
			taken[i]++;
		} else if (what < 90 && nframe) {
			unsigned k = (unsigned)sim_rng_below(rng, nframe);

			z = frame_zone(&tw->w, frame[k]);
			taken[z->node * 3 + z->type]--;
			zone_give(&tw->w, frame[k]);
			frame[k] = frame[--nframe];
		} else if (what < 95 && zone_take_kernel(&tw->w, z, n)) {
			kernel[i] += n;
		} else if (what < 99 && kernel[i] >= n) {
			zone_give_kernel(&tw->w, z, n);
			kernel[i] -= n;
		} else if (what == 99) {
			zones_drain_pcp(&tw->w);
		}
		check_conserved(&tw->w, taken);
	}
	for (unsigned a = 0; a < nframe; a++)
		for (unsigned b = 0; b < a; b++)
			cr_assert_neq(frame[a], frame[b], "a frame given to two");
	sim_rng_free(rng);
	tw_free(tw);
}
