/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The multi-generational LRU by hand: where pages go, how generations come and go, tiers, refaults, the controller. Each value
 * is worked out from specification D.2 to D.8. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "models/kernel/mglru.h"
#include "sim/mm/mglru.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

struct bench {
	struct world w;
	struct sim_config cfg;
	struct kernel_model km;
};

/* One node with 256 pages of DMA and 1024 of DMA32, all free. */
static struct bench *bench_new(const struct mglru_rules *rules)
{
	struct bench *b = calloc(1, sizeof(*b));
	static const sim_pages managed[MAX_ZONES] = { 256, 1024, 0 };

	cr_assert(b);
	sim_config_init(&b->cfg);
	b->cfg.machine.nnode = 1;
	for (int i = 0; i < MAX_ZONES; i++)
		b->cfg.machine.node[0].zone[i] = (struct zone_cfg){ .present = managed[i],
								    .managed = managed[i],
								    .free = (int64_t)managed[i],
								    .pcp_high = SIM_AUTO,
								    .pcp_batch = SIM_AUTO };
	b->km = (struct kernel_model){ .mglru = rules, .lru = LRU_MGLRU };
	b->w.km = &b->km;
	b->w.cfg = &b->cfg;
	b->w.a = &sim_alloc_libc;
	cr_assert_eq(frames_init(&b->w), SIM_OK);
	cr_assert_eq(b->w.mm.reclaim, &mglru_reclaim);
	return b;
}

static void bench_free(struct bench *b)
{
	frames_free(&b->w);
	sim_config_free(&b->cfg);
	free(b);
}

static struct lru_gen *gens(struct bench *b)
{
	return b->w.mm.node[0].lruvec.gen;
}

/* A page of zone zi with these flags, on the lists. */
static pfn_t page(struct bench *b, int zi, uint16_t flags)
{
	pfn_t p = zone_take(&b->w, &b->w.mm.node[0].zone[zi]);

	cr_assert_neq(p, PFN_NONE);
	b->w.mm.f.flags[p] = flags;
	lru_add(&b->w, p);
	return p;
}

static uint64_t seq_of(struct bench *b, pfn_t p)
{
	const struct lru_gen *g = gens(b);

	for (uint64_t s = g->max_seq; s + MAX_NR_GENS > g->max_seq; s--)
		if ((int)gen_index(s) == page_gen(&b->w, p))
			return s;
	return UINT64_MAX;
}

/* ---- insertion (D.3) ---- */

Test(mglru, insertion_up_to_6_13)
{
	struct bench *b = bench_new(&mglru_6_12); /* max_seq 3, min_seq 0 */

	cr_expect_eq(seq_of(b, page(b, 1, F_SWAPBACKED | F_ACTIVE)), 3);
	cr_expect_eq(seq_of(b, page(b, 1, F_SWAPBACKED)), 2, "anonymous, not in the swap cache");
	cr_expect_eq(seq_of(b, page(b, 1, F_DIRTY | F_RECLAIM)), 2, "its write is awaited");
	cr_expect_eq(seq_of(b, page(b, 1, 0)), 1, "the rest: the oldest but one");
	cr_expect_eq(seq_of(b, page(b, 1, F_SWAPBACKED | F_SWAPCACHE)), 1);
	gens(b)->min_seq[TYPE_FILE] = 1;
	cr_expect_eq(seq_of(b, page(b, 1, 0)), 1, "three generations: the oldest");
	bench_free(b);
}

Test(mglru, insertion_since_7)
{
	struct bench *b = bench_new(&mglru_7_2);

	cr_expect_eq(seq_of(b, page(b, 1, F_ACTIVE | F_WORKINGSET)), 3);
	cr_expect_eq(seq_of(b, page(b, 1, F_ACTIVE)), 2);
	cr_expect_eq(seq_of(b, page(b, 1, F_SWAPBACKED)), 2);
	cr_expect_eq(seq_of(b, page(b, 1, F_REFERENCED)), 1);
	cr_expect_eq(seq_of(b, page(b, 1, F_WORKINGSET)), 1);
	cr_expect_eq(seq_of(b, page(b, 1, 0)), 0);
	gens(b)->min_seq[TYPE_FILE] = 2;
	cr_expect_eq(seq_of(b, page(b, 1, 0)), 2, "never older than the oldest");
	bench_free(b);
}

Test(mglru, rotated_pages_are_the_oldest)
{
	struct bench *b = bench_new(&mglru_6_12);
	pfn_t first = page(b, 1, 0), p = page(b, 1, F_SWAPBACKED | F_SWAPCACHE);

	lru_rotate(&b->w, p);
	cr_expect_eq(seq_of(b, p), 0);
	lru_rotate(&b->w, first);
	cr_expect_eq(seq_of(b, first), 0);
	cr_expect_eq(vm_stat(&b->w, pgrotated), 2);
	bench_free(b);
}

/* ---- generations come and go ---- */

Test(mglru, the_two_youngest_are_shown_as_active)
{
	struct bench *b = bench_new(&mglru_6_12);
	const int64_t *size = b->w.mm.node[0].lruvec.size;

	page(b, 1, F_SWAPBACKED | F_ACTIVE);    /* 3 */
	page(b, 0, F_SWAPBACKED);               /* 2 */
	page(b, 1, F_SWAPBACKED | F_SWAPCACHE); /* 1 */
	cr_expect_eq(size[LRU_ACTIVE_ANON], 2);
	cr_expect_eq(size[LRU_INACTIVE_ANON], 1);
	cr_assert(try_to_inc_min_seq(&b->w, &b->w.mm.node[0].lruvec, 60)); /* generation 0 is empty */
	cr_expect_eq(gens(b)->min_seq[TYPE_ANON], 1);
	cr_expect_eq(gens(b)->min_seq[TYPE_FILE], 1, "types stay together");
	inc_max_seq(&b->w, &b->w.mm.node[0].lruvec, 60);
	cr_expect_eq(size[LRU_ACTIVE_ANON], 1, "generations 4 and 3");
	cr_expect_eq(size[LRU_INACTIVE_ANON], 2);
	cr_expect_eq(b->w.mm.node[0].zone[0].lru[LRU_INACTIVE_ANON], 1);
	bench_free(b);
}

Test(mglru, a_fifth_generation_joins_the_oldest_two)
{
	struct bench *b = bench_new(&mglru_6_12);
	pfn_t old, next;

	next = page(b, 1, F_SWAPBACKED | F_SWAPCACHE); /* 1 */
	old = page(b, 1, F_SWAPBACKED | F_SWAPCACHE);
	lru_rotate(&b->w, old); /* 0 */
	inc_max_seq(&b->w, &b->w.mm.node[0].lruvec, 60);
	cr_expect_eq(gens(b)->max_seq, 4);
	cr_expect_eq(gens(b)->min_seq[TYPE_ANON], 1);
	cr_expect_eq(seq_of(b, old), 1);
	cr_expect_eq(seq_of(b, next), 1);
	cr_expect_eq(gens(b)->nr[gen_index(1)][TYPE_ANON][1], 2);
	bench_free(b);
}

/* Swapping is out of the question: nobody looks at anonymous pages, and the oldest become the youngest (cold/hot inversion). */
Test(mglru, without_swap_old_anonymous_pages_wrap_around)
{
	struct bench *b = bench_new(&mglru_6_12);
	pfn_t old = page(b, 1, F_SWAPBACKED | F_SWAPCACHE);

	lru_rotate(&b->w, old);
	cr_assert_eq(seq_of(b, old), 0);
	inc_max_seq(&b->w, &b->w.mm.node[0].lruvec, 0);
	cr_expect_eq(seq_of(b, old), 4);
	cr_expect_eq(b->w.mm.node[0].lruvec.size[LRU_ACTIVE_ANON], 1);
	bench_free(b);
}

Test(mglru, promotion_takes_one_look_or_two)
{
	struct bench *b = bench_new(&mglru_6_12), *c = bench_new(&mglru_7_2);
	pfn_t p = page(b, 1, F_SWAPBACKED), q = page(c, 1, F_SWAPBACKED);

	gen_promote(&b->w, p);
	cr_expect_eq(seq_of(b, p), 3);
	gen_promote(&c->w, q);
	cr_expect_eq(seq_of(c, q), 2, "marked only");
	cr_expect(c->w.mm.f.flags[q] & F_REFERENCED);
	gen_promote(&c->w, q);
	cr_expect_eq(seq_of(c, q), 3);
	cr_expect_eq(c->w.mm.f.flags[q] & (F_REFERENCED | F_WORKINGSET), F_WORKINGSET);
	bench_free(b);
	bench_free(c);
}

Test(mglru, when_to_age)
{
	struct bench *b = bench_new(&mglru_6_12), *c = bench_new(&mglru_7_2);
	struct node *n = &b->w.mm.node[0], *m = &c->w.mm.node[0];
	uint64_t total;

	for (int i = 0; i < 30; i++) {
		page(b, 1, F_SWAPBACKED); /* 2 */
		page(c, 1, F_SWAPBACKED);
	}
	cr_expect_not(should_run_aging(&b->w, &n->lruvec, 60, &total), "four generations");
	cr_expect_eq(total, 30);
	gens(b)->min_seq[TYPE_ANON] = gens(b)->min_seq[TYPE_FILE] = 1;
	cr_expect(should_run_aging(&b->w, &n->lruvec, 60, &total), "three, the third holds nothing");
	for (int i = 0; i < 10; i++)
		page(b, 1, F_SWAPBACKED | F_SWAPCACHE); /* 1: a quarter of all */
	cr_expect_not(should_run_aging(&b->w, &n->lruvec, 60, &total));
	gens(b)->min_seq[TYPE_ANON] = gens(b)->min_seq[TYPE_FILE] = 2;
	cr_expect(should_run_aging(&b->w, &n->lruvec, 60, &total), "two");
	cr_expect_not(should_run_aging(&c->w, &m->lruvec, 60, &total));
	gens(c)->min_seq[TYPE_ANON] = gens(c)->min_seq[TYPE_FILE] = 1;
	cr_expect(should_run_aging(&c->w, &m->lruvec, 60, &total), "three are few whatever they hold");
	bench_free(b);
	bench_free(c);
}

/* ---- tiers (D.4) ---- */

static void expect_tiers(const struct mglru_rules *rules, const unsigned tier[6])
{
	struct bench *b = bench_new(rules);
	pfn_t p = page(b, 1, 0);

	cr_expect_eq(page_tier(&b->w, p), 0);
	for (int i = 0; i < 6; i++) {
		lru_mark_accessed(&b->w, p);
		cr_expect_eq(page_tier(&b->w, p), tier[i], "after %d uses: %u", i + 1, page_tier(&b->w, p));
		cr_expect_eq(page_saturated(&b->w, p), i >= 4, "after %d uses", i + 1);
	}
	bench_free(b);
}

/* Uses beyond the first: 1, 2, 3, 4; ceil(log2(n + 1)). */
Test(mglru, tiers_up_to_6_13)
{
	expect_tiers(&mglru_6_1, (const unsigned[]){ 0, 1, 2, 2, 3, 3 });
	expect_tiers(&mglru_6_12, (const unsigned[]){ 0, 1, 2, 2, 3, 3 });
}

/* All uses: 1, 2, 3, 4; ceil(log2(n)); then workingset, in the last tier. */
Test(mglru, tiers_since_6_14)
{
	expect_tiers(&mglru_7_2, (const unsigned[]){ 0, 1, 2, 2, 3, 3 });
}

/* ---- refaults (D.8) ---- */

static uint64_t refaults_of(struct bench *b, bool recent_gens_later)
{
	pfn_t p = page(b, 1, F_SWAPBACKED | F_SWAPCACHE), q;
	uint32_t shadow;

	lru_del(&b->w, p);
	shadow = workingset_eviction(&b->w, p, NULL);
	cr_expect_neq(shadow, 0);
	cr_expect_eq(shadow & ~PTE_VAL_MASK, 0);
	if (recent_gens_later) {
		inc_max_seq(&b->w, &b->w.mm.node[0].lruvec, 60); /* closes the generation that it was evicted from */
		cr_expect_eq(gens(b)->min_seq[TYPE_ANON], 1);
	}
	q = zone_take(&b->w, &b->w.mm.node[0].zone[1]);
	b->w.mm.f.flags[q] = F_SWAPBACKED | F_SWAPCACHE;
	workingset_refault(&b->w, q, shadow);
	return gens(b)->refaulted[TYPE_ANON][0];
}

static void expect_refault(const struct mglru_rules *rules, bool later, uint64_t counted, uint64_t recent)
{
	struct bench *b = bench_new(rules);

	cr_expect_eq(refaults_of(b, later), recent);
	cr_expect_eq(vm_stat(&b->w, workingset_refault_anon), counted);
	bench_free(b);
}

Test(mglru, refaults_are_recent_or_not)
{
	expect_refault(&mglru_6_1, false, 1, 1);
	expect_refault(&mglru_6_1, true, 0, 0);
	expect_refault(&mglru_6_12, false, 1, 1);
	expect_refault(&mglru_6_12, true, 1, 0);
	expect_refault(&mglru_7_2, false, 1, 1);
	expect_refault(&mglru_7_2, true, 1, 0); /* 4 - 0 generations ago */
}

/* ---- the controller (D.7) ---- */

Test(mglru, the_type_that_refaults_less_goes_first)
{
	struct bench *b = bench_new(&mglru_6_12);
	struct lru_gen *g = gens(b);
	int tier;

	g->evicted[TYPE_ANON][0] = g->evicted[TYPE_FILE][0] = 1000;
	g->refaulted[TYPE_FILE][0] = 63;
	cr_expect_eq(choose_type(&b->w, g, 60, &tier), TYPE_FILE, "fewer than a batch do not count");
	g->refaulted[TYPE_ANON][0] = 200;
	g->refaulted[TYPE_FILE][0] = 100; /* 100 x 1064 x 60 <= 201 x 1000 x 140 */
	cr_expect_eq(choose_type(&b->w, g, 60, &tier), TYPE_FILE);
	g->refaulted[TYPE_ANON][0] = 64;
	g->refaulted[TYPE_FILE][0] = 900; /* 900 x 1064 x 60 > 65 x 1000 x 140 */
	cr_expect_eq(choose_type(&b->w, g, 60, &tier), TYPE_ANON);
	cr_expect_eq(tier, 3, "nothing is known against any tier");
	bench_free(b);
}

Test(mglru, tiers_that_refault_more_are_protected)
{
	struct bench *b = bench_new(&mglru_7_2);
	struct lru_gen *g = gens(b);

	g->evicted[TYPE_FILE][0] = 1000;
	g->refaulted[TYPE_FILE][0] = 100;
	g->evicted[TYPE_FILE][1] = 1000;
	g->refaulted[TYPE_FILE][1] = 140; /* 140 x 1064 x 2 <= 101 x 1000 x 3 */
	g->evicted[TYPE_FILE][2] = 1000;
	g->refaulted[TYPE_FILE][2] = 150; /* 150 x 1064 x 2 > 101 x 1000 x 3 */
	cr_expect_eq(choose_tier(&b->w, g, TYPE_FILE), 1);
	reset_controller(g, TYPE_FILE);
	cr_expect_eq(g->avg_refaulted[TYPE_FILE][2], 75);
	cr_expect_eq(g->avg_total[TYPE_FILE][2], 500);
	cr_expect_eq(g->refaulted[TYPE_FILE][2], 0);
	bench_free(b);
}
