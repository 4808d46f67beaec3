/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>

static const sim_pages two_zones[MAX_ZONES] = { 0, 40, 60 };

static pfn_t take(struct testworld *tw, int zone, unsigned flags)
{
	pfn_t p = zone_take(&tw->w, &tw->w.mm.node[0].zone[zone]);

	cr_assert_neq(p, PFN_NONE);
	tw->w.mm.f.flags[p] = (uint16_t)flags;
	return p;
}

/* Lists are read from the tail; each frame is on the list its flags name, and all the counts agree. */
static void check_lists(struct world *w)
{
	int64_t all[NR_LRU_LISTS] = { 0 };

	for (int n = 0; n < w->mm.nnode; n++) {
		for (int l = 0; l < NR_LRU_LISTS; l++) {
			int64_t zone[MAX_ZONES] = { 0 }, size = 0;

			for (pfn_t p = lru_tail(w, n, l); p != PFN_NONE; p = lru_prev(w, n, l, p)) {
				cr_assert(w->mm.f.flags[p] & F_ONLRU);
				cr_assert_eq((int)frame_lru(w, p), l);
				cr_assert_eq(frame_node(w, p)->id, n);
				zone[frame_zone(w, p)->type]++;
				size++;
				cr_assert_leq(size, w->mm.f.n, "a loop");
			}
			cr_assert_eq(size, w->mm.node[n].lruvec.size[l]);
			for (int i = 0; i < MAX_ZONES; i++)
				cr_assert_eq(zone[i], w->mm.node[n].zone[i].lru[l]);
			cr_assert_eq(node_lru_size(&w->mm.node[n], l, 1), (uint64_t)(zone[0] + zone[1]));
			all[l] += size;
		}
	}
	for (int l = 0; l < NR_LRU_LISTS; l++)
		cr_assert_eq((uint64_t)all[l], w->mm.vmstat[VMSTAT_nr_inactive_anon + l]);
}

Test(lru, flags_name_the_list)
{
	struct testworld *tw = tw_new(1, two_zones, 1);

	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, F_SWAPBACKED)), LRU_INACTIVE_ANON);
	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, F_SWAPBACKED | F_ACTIVE)), LRU_ACTIVE_ANON);
	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, 0)), LRU_INACTIVE_FILE);
	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, F_ACTIVE)), LRU_ACTIVE_FILE);
	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, F_ACTIVE | F_MLOCKED)), LRU_UNEVICTABLE);
	cr_assert_eq(frame_lru(&tw->w, take(tw, 2, F_SWAPBACKED | F_FILECACHE)), LRU_INACTIVE_ANON,
		     "shmem ages as anon");
	tw_free(tw);
}

Test(lru, order_of_heads_and_tails)
{
	struct testworld *tw = tw_new(1, two_zones, 1);
	pfn_t a = take(tw, 2, 0), b = take(tw, 1, 0), c = take(tw, 2, 0);

	cr_assert_eq(lru_tail(&tw->w, 0, LRU_INACTIVE_FILE), PFN_NONE);
	lru_add(&tw->w, a);
	lru_add(&tw->w, b);
	lru_add_tail(&tw->w, c); /* b a c */
	cr_assert_eq(lru_tail(&tw->w, 0, LRU_INACTIVE_FILE), c);
	cr_assert_eq(lru_prev(&tw->w, 0, LRU_INACTIVE_FILE, c), a);
	cr_assert_eq(lru_prev(&tw->w, 0, LRU_INACTIVE_FILE, a), b);
	cr_assert_eq(lru_prev(&tw->w, 0, LRU_INACTIVE_FILE, b), PFN_NONE);
	lru_move_head(&tw->w, c); /* c b a */
	cr_assert_eq(lru_tail(&tw->w, 0, LRU_INACTIVE_FILE), a);
	cr_assert_eq(lru_prev(&tw->w, 0, LRU_INACTIVE_FILE, b), c);
	lru_del(&tw->w, b);
	cr_assert_eq(lru_prev(&tw->w, 0, LRU_INACTIVE_FILE, a), c);
	check_lists(&tw->w);
	tw_free(tw);
}

Test(lru, second_access_activates)
{
	struct testworld *tw = tw_new(1, two_zones, 1);
	struct world *w = &tw->w;
	pfn_t p = take(tw, 2, 0), locked = take(tw, 2, F_MLOCKED);

	lru_add(w, p);
	lru_add(w, locked);
	lru_mark_accessed(w, p);
	cr_assert_eq(frame_lru(w, p), LRU_INACTIVE_FILE);
	cr_assert(w->mm.f.flags[p] & F_REFERENCED);
	lru_mark_accessed(w, p);
	cr_assert_eq(frame_lru(w, p), LRU_ACTIVE_FILE);
	cr_assert_not(w->mm.f.flags[p] & F_REFERENCED);
	cr_assert_eq(vm_stat(w, pgactivate), 1);
	lru_mark_accessed(w, p);
	lru_mark_accessed(w, p);
	cr_assert_eq(vm_stat(w, pgactivate), 1, "already active");
	lru_mark_accessed(w, locked);
	lru_mark_accessed(w, locked);
	cr_assert_eq(frame_lru(w, locked), LRU_UNEVICTABLE);
	check_lists(w);
	tw_free(tw);
}

Test(lru, rotation_takes_clean_unlocked_pages_to_the_tail)
{
	struct testworld *tw = tw_new(1, two_zones, 1);
	struct world *w = &tw->w;
	pfn_t tail = take(tw, 2, F_SWAPBACKED), p = take(tw, 2, F_SWAPBACKED | F_ACTIVE),
	      dirty = take(tw, 2, F_SWAPBACKED | F_DIRTY);

	lru_add(w, tail);
	lru_add(w, p);
	lru_add(w, dirty);
	lru_rotate(w, p);
	lru_rotate(w, dirty);
	cr_assert_eq(lru_tail(w, 0, LRU_INACTIVE_ANON), p);
	cr_assert_eq(lru_prev(w, 0, LRU_INACTIVE_ANON, p), tail);
	cr_assert_eq(vm_stat(w, pgrotated), 1);
	check_lists(w);
	tw_free(tw);
}

/* 40 evictable pages: costs are halved once they exceed 10 together. */
Test(lru, costs_fade)
{
	struct testworld *tw = tw_new(1, two_zones, 1);
	struct node *n = &tw->w.mm.node[0];

	for (int i = 0; i < 40; i++)
		lru_add(&tw->w, take(tw, 2, i & 1 ? F_SWAPBACKED : 0));
	lru_add(&tw->w, take(tw, 2, F_MLOCKED));
	lru_note_cost(&tw->w, &n->lruvec, true, 4);
	lru_note_cost(&tw->w, &n->lruvec, false, 6);
	cr_assert_eq(n->lruvec.file_cost, 4);
	cr_assert_eq(n->lruvec.anon_cost, 6);
	lru_note_cost(&tw->w, &n->lruvec, false, 1);
	cr_assert_eq(n->lruvec.file_cost, 2);
	cr_assert_eq(n->lruvec.anon_cost, 3);
	tw_free(tw);
}

Test(lru, lists_stay_whole)
{
	struct testworld *tw = tw_new(2, two_zones, 1);
	struct world *w = &tw->w;
	struct sim_rng *rng = sim_rng_new(3, "lists");
	pfn_t frame[150];

	for (int i = 0; i < 150; i++)
		frame[i] = zone_take(w, &w->mm.node[i & 1].zone[1 + (i / 2) % 2]);
	for (int step = 0; step < 20000; step++) {
		pfn_t p = frame[sim_rng_below(rng, 150)];
		uint16_t *flags;

		if (p == PFN_NONE)
			continue;
		flags = &w->mm.f.flags[p];
		if (!(*flags & F_ONLRU)) {
			*flags = (uint16_t)(sim_rng_below(rng, 4) * F_ACTIVE & (F_ACTIVE | F_DIRTY));
			*flags |= sim_rng_below(rng, 2) ? F_SWAPBACKED : 0;
			*flags |= sim_rng_below(rng, 10) ? 0 : F_MLOCKED;
			if (sim_rng_below(rng, 2))
				lru_add(w, p);
			else
				lru_add_tail(w, p);
			continue;
		}
		switch (sim_rng_below(rng, 5)) {
		case 0:
			lru_del(w, p);
			break;
		case 1:
			lru_move_head(w, p);
			break;
		case 2:
			lru_activate(w, p);
			break;
		case 3:
			lru_mark_accessed(w, p);
			break;
		default:
			lru_rotate(w, p);
		}
		if (step % 16 == 0)
			check_lists(w);
	}
	check_lists(w);
	sim_rng_free(rng);
	tw_free(tw);
}
