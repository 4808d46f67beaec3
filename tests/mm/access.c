/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The access model's parts against brute force or their formulas; access_model.c holds the whole against visiting. */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define P_MIN 1e-3 /* a statistic less likely than this fails the test */

static const sim_pages room[MAX_ZONES] = { 0, 0, 4096 };

static struct access pattern(enum access_pattern which, uint64_t off, uint64_t n)
{
	return (struct access){ .pattern = which, .off = off, .n = n, .zipf_s = 1.1, .hot = n / 5, .hot_weight = 0.9 };
}

static struct testworld *world_with(enum access_pattern which, uint64_t off, uint64_t n, uint64_t seed)
{
	struct testworld *tw = tw_new(1, room, seed);
	struct access a = pattern(which, off, n);

	tw->v.npages = off + n;
	cr_assert_eq(access_begin(&tw->w, &tw->v, &a), SIM_OK);
	return tw;
}

static bool missing(struct testworld *tw, uint64_t idx)
{
	const pte_t *e = pt_lookup(&tw->w, &tw->v.pt, idx);

	return !e || vma_pte_missing(&tw->v, *e);
}

/* Map some pages, of probability share each. */
static void map_some(struct testworld *tw, struct sim_rng *rng, double share)
{
	for (uint64_t i = 0; i < tw->v.npages; i++)
		if (sim_rng_chance(rng, share) && missing(tw, i))
			cr_assert_neq(tw_map(tw, i), PFN_NONE);
}

static uint64_t tree_sum(const struct access *a, uint32_t c)
{
	uint64_t sum = 0;

	for (uint32_t i = c + 1; i; i &= i - 1)
		sum += a->fenwick[i];
	return sum;
}

static void check_tree(struct testworld *tw)
{
	const struct access *a = &tw->v.access;
	uint64_t sum = 0;
	uint32_t c = 0;

	for (uint64_t i = a->off; i < a->off + a->n; i++) {
		uint32_t now = (uint32_t)((i >> 6) - (a->off >> 6));

		if (now != c)
			cr_assert_eq(tree_sum(a, c), sum);
		c = now;
		sum += missing(tw, i) ? weight_of(&a->weight, i - a->off) : 0;
	}
	cr_assert_eq(tree_sum(a, c), sum);
	cr_assert_eq(a->missing, sum);
	cr_assert_eq(c + 1, a->nfen);
}

/* ---- weights ---- */

Test(weights, zipf_follows_the_power_law)
{
	static const double exponent[] = { 0.3, 1.0, 1.1, 2.0, 4.0 };
	const uint64_t n = 100003;

	for (size_t k = 0; k < ARRAY_LEN(exponent); k++) {
		struct weights wt;
		uint64_t sum = 0, zeros = 0;
		double top;

		cr_assert_eq(weights_init(&sim_alloc_libc, &wt, PATTERN_ZIPF, n, exponent[k], 0, 0), SIM_OK);
		top = (double)weight_of(&wt, 0);
		for (uint64_t r = 0; r < n; r++) {
			uint64_t weight = weight_of(&wt, r * wt.stride % n);
			double want = top * pow((double)(r + 1), -exponent[k]);

			sum += weight;
			zeros += !weight;
			cr_assert_float_eq((double)weight, want, 4e-8 * want + 1);
		}
		cr_assert_eq(zeros, 0);
		cr_assert_eq(sum, wt.total, "the stride reaches every page once");
		cr_assert_eq(weights_sum(&wt, 0, n), wt.total);
		cr_assert_lt(wt.total, UINT64_C(1) << 62);
		weights_free(&sim_alloc_libc, &wt);
	}
}

Test(weights, hot_pages_get_their_share)
{
	struct weights wt;

	cr_assert_eq(weights_init(&sim_alloc_libc, &wt, PATTERN_HOTCOLD, 1000, 0, 200, 0.9), SIM_OK);
	cr_assert_float_eq((double)weights_sum(&wt, 0, 200) / (double)wt.total, 0.9, 1e-12);
	cr_assert_eq(weights_sum(&wt, 150, 250), 50 * weight_of(&wt, 0) + 50 * weight_of(&wt, 999));
	cr_assert_eq(weights_sum(&wt, 300, 300), 0);
	weights_init(&sim_alloc_libc, &wt, PATTERN_HOTCOLD, 1000, 0, 1000, 0.9);
	cr_assert_eq(wt.total, 1000, "all hot is uniform");
	weights_init(&sim_alloc_libc, &wt, PATTERN_HOTCOLD, 1000, 0, 10, 1);
	cr_assert_eq(weight_of(&wt, 10), 0, "nothing left for the cold");
	cr_assert_eq(weights_init(&sim_alloc_libc, &wt, PATTERN_UNIFORM, UINT64_C(1) << 32, 0, 0, 0), SIM_ETOOBIG);
}

Test(weights, one_page)
{
	for (int k = PATTERN_UNIFORM; k <= PATTERN_HOTCOLD; k++) {
		struct testworld *tw = world_with((enum access_pattern)k, 5, 1, 1);
		bool dirty = false;
		uint32_t stamp;

		tw->v.access.hot = 1;
		cr_assert_eq(access_hits(&tw->w, &tw->v, tw->w.rng), 0);
		cr_assert_eq(access_fault_page(&tw->w, &tw->v, tw->w.rng), 5);
		cr_assert_eq(access_draw(&tw->w, &tw->v, tw->w.rng), 5);
		tw_map(tw, 5);
		stamp = access_stamp(&tw->w, &tw->v);
		cr_assert_not(access_referenced(&tw->w, &tw->v, 5, stamp, &dirty));
		tw->v.access.clock++;
		cr_assert(access_referenced(&tw->w, &tw->v, 5, stamp, &dirty));
		cr_assert_geq(access_hits(&tw->w, &tw->v, tw->w.rng), ACCESS_NO_FAULT);
		cr_assert_eq(access_fault_page(&tw->w, &tw->v, tw->w.rng), UINT64_MAX);
		tw_free(tw);
	}
}

Test(weights, draws_follow_the_weights)
{
	for (int k = PATTERN_UNIFORM; k <= PATTERN_HOTCOLD; k++) {
		struct testworld *tw = world_with((enum access_pattern)k, 300, 777, (uint64_t)k);
		uint64_t count[777] = { 0 };
		double share[777], p;

		for (int i = 0; i < 200000; i++)
			count[access_draw(&tw->w, &tw->v, tw->w.rng) - 300]++;
		for (int i = 0; i < 777; i++)
			share[i] = (double)weight_of(&tw->v.access.weight, (uint64_t)i);
		p = chi2_expected_p(count, share, 777);
		cr_assert_gt(p, P_MIN, "pattern %d: p = %g", k, p);
		tw_free(tw);
	}
}

/* ---- what is missing ---- */

Test(access, tree_agrees_with_the_entries)
{
	for (int k = PATTERN_SEQUENTIAL; k <= PATTERN_HOTCOLD; k++) {
		struct testworld *tw = world_with((enum access_pattern)k, 300, 3000, 7);
		struct sim_rng *rng = sim_rng_new(1, "changes");
		struct access again = pattern((enum access_pattern)k, 700, 1100);

		check_tree(tw);
		for (int step = 0; step < 4000; step++) {
			uint64_t idx = sim_rng_below(rng, tw->v.npages);

			if (missing(tw, idx))
				tw_map(tw, idx);
			else
				tw_unmap(tw, idx);
			if (step % 97 == 0)
				check_tree(tw);
		}
		again.write = true; /* write-protected entries are missing, too */
		for (uint64_t i = 0; i < tw->v.npages; i += 3)
			if (!missing(tw, i))
				tw_set(tw, i, *pt_lookup(&tw->w, &tw->v.pt, i) | PTE_WP);
		cr_assert_eq(access_begin(&tw->w, &tw->v, &again), SIM_OK);
		check_tree(tw);
		for (uint64_t i = 0; i < tw->v.npages; i += 6)
			if (pt_lookup(&tw->w, &tw->v.pt, i) && pte_present(*pt_lookup(&tw->w, &tw->v.pt, i)))
				tw_set(tw, i, *pt_lookup(&tw->w, &tw->v.pt, i) & ~PTE_WP);
		check_tree(tw);
		sim_rng_free(rng);
		tw_free(tw);
	}
}

/* access.c has a copy of vma_pte_missing() for its loops. */
Test(access, knows_what_is_missing)
{
	static const pte_t entry[] = {
		PTE_NONE,     PTE_PRESENT,       PTE_PRESENT | PTE_WP,    PTE_PRESENT | PTE_WP | ZERO_PFN,
		PTE_SWAP | 5, PTE_SWAP | PTE_WP, PTE_SHADOW | PTE_WP | 7, PTE_PRESENT | 9
	};

	for (int write = 0; write < 2; write++) {
		struct testworld *tw = tw_new(1, room, 1);
		struct access a = pattern(PATTERN_UNIFORM, 0, ARRAY_LEN(entry));
		uint64_t count = 0;

		a.write = write;
		cr_assert_eq(access_begin(&tw->w, &tw->v, &a), SIM_OK);
		for (size_t i = 0; i < ARRAY_LEN(entry); i++) {
			tw_set(tw, i, entry[i]);
			count += vma_pte_missing(&tw->v, entry[i]);
		}
		cr_assert_eq(tw->v.access.missing, count);
		for (int i = 0; i < 300; i++)
			cr_assert(vma_pte_missing(&tw->v, entry[access_fault_page(&tw->w, &tw->v, tw->w.rng)]));
		access_free(&tw->w, &tw->v.access);
		tw_free(tw);
	}
}

Test(access, nothing_missing_never_faults)
{
	for (int k = PATTERN_SEQUENTIAL; k <= PATTERN_HOTCOLD; k++) {
		struct testworld *tw = world_with((enum access_pattern)k, 10, 600, 7);

		cr_assert_eq(access_hits(&tw->w, &tw->v, tw->w.rng), 0, "all missing");
		for (uint64_t i = 10; i < 610; i++)
			tw_map(tw, i);
		cr_assert_eq(tw->v.access.missing, 0);
		cr_assert_geq(access_hits(&tw->w, &tw->v, tw->w.rng), ACCESS_NO_FAULT);
		tw_free(tw);
	}
}

/* The number of hits is geometric, and the page is drawn by weight among the missing: with much missing (rejection) and
 * little (the tree). */
static void check_next_fault(enum access_pattern which, double resident, uint64_t seed)
{
	struct testworld *tw = world_with(which, 100, 1500, seed);
	struct sim_rng *rng = sim_rng_new(seed, "task");
	struct access *a = &tw->v.access;
	uint64_t page[1500] = { 0 }, hits[60] = { 0 };
	double weight[1500], share[60], p, m;

	map_some(tw, rng, resident);
	m = (double)a->missing / (double)a->weight.total;
	for (int i = 0; i < 60000; i++) {
		uint64_t h = access_hits(&tw->w, &tw->v, rng), idx = access_fault_page(&tw->w, &tw->v, rng);

		cr_assert(missing(tw, idx));
		page[idx - 100]++;
		hits[h * m / 0.1 < 59 ? (int)((double)h * m / 0.1) : 59]++;
	}
	cr_assert_eq(tw->w.error, 0);
	for (uint64_t i = 0; i < 1500; i++)
		weight[i] = missing(tw, i + 100) ? (double)weight_of(&a->weight, i) : 0;
	p = chi2_expected_p(page, weight, 1500);
	cr_assert_gt(p, P_MIN, "pattern %d, resident %g: page p = %g", which, resident, p);
	for (int b = 0; b < 60; b++) {
		double from = ceil(b * 0.1 / m), to = b < 59 ? ceil((b + 1) * 0.1 / m) : INFINITY;

		share[b] = pow(1 - m, from) - (b < 59 ? pow(1 - m, to) : 0);
	}
	p = chi2_expected_p(hits, share, 60);
	cr_assert_gt(p, P_MIN, "pattern %d, resident %g: hits p = %g", which, resident, p);
	sim_rng_free(rng);
	tw_free(tw);
}

Test(access, next_fault_has_the_right_distribution)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		for (int k = PATTERN_UNIFORM; k <= PATTERN_HOTCOLD; k++) {
			check_next_fault((enum access_pattern)k, 0.5, seed);
			check_next_fault((enum access_pattern)k, 0.97, seed);
		}
	}
}

Test(access, sweep_finds_its_next_hole)
{
	struct testworld *tw = world_with(PATTERN_SEQUENTIAL, 300, 3300, 7);
	struct sim_rng *rng = sim_rng_new(1, "holes");
	struct access *a = &tw->v.access;

	for (int step = 0; step < 20; step++) {
		map_some(tw, rng, step < 10 ? 0.3 : 0.9);
		for (uint64_t i = 300; i < 3600; i += 1 + sim_rng_below(rng, 700))
			if (!missing(tw, i))
				tw_unmap(tw, i);
		for (int k = 0; k < 200; k++) {
			uint64_t want = 0, idx;

			a->clock = sim_rng_u64(rng) >> 8;
			idx = a->off + a->clock % a->n;
			for (; !missing(tw, idx); want++)
				idx = idx + 1 < a->off + a->n ? idx + 1 : a->off;
			cr_assert_eq(access_hits(&tw->w, &tw->v, rng), want);
			cr_assert_eq(access_fault_page(&tw->w, &tw->v, rng), idx);
			a->clock += want;
			cr_assert_eq(access_fault_page(&tw->w, &tw->v, rng), idx);
			cr_assert_eq(access_draw(&tw->w, &tw->v, rng), idx);
		}
	}
	sim_rng_free(rng);
	tw_free(tw);
}

/* ---- accessed bits ---- */

Test(access, sweep_knows_what_it_has_passed)
{
	struct testworld *tw = world_with(PATTERN_SEQUENTIAL, 20, 300, 7);
	struct access *a = &tw->v.access;
	bool dirty = false;

	for (uint64_t i = 20; i < 320; i++)
		tw_map(tw, i);
	for (uint64_t since = 0; since < 700; since += 13) {
		for (uint64_t n = 0; n < 310; n += 7) {
			bool seen[300] = { false };

			for (uint64_t k = since; k < since + n; k++)
				seen[k % 300] = true;
			a->clock = since + n;
			for (uint64_t i = 0; i < 300; i++)
				cr_assert_eq(access_referenced(&tw->w, &tw->v, 20 + i, (uint32_t)since, &dirty),
					     seen[i]);
		}
	}
	cr_assert_not(dirty);
	cr_assert_not(access_referenced(&tw->w, &tw->v, 19, 0, &dirty), "not a page of the pattern");
	cr_assert_not(access_referenced(&tw->w, &tw->v, 320, 0, &dirty), "not a page of the pattern");
	tw_free(tw);
}

/* In a sweep of many pages stamps are coarse: the access that brought the page in must not count as the next. */
Test(access, coarse_stamps_of_a_sweep)
{
	struct testworld *tw = world_with(PATTERN_SEQUENTIAL, 0, 1 << 20, 7);
	struct access *a = &tw->v.access;
	const uint64_t quantum = UINT64_C(1) << a->shift;
	bool dirty = false;

	cr_assert_eq(quantum, (1 << 20) >> 14);
	for (uint64_t turn = 5000000; turn < 5000200; turn += 3) {
		uint64_t idx = turn % a->n;
		uint32_t stamp;

		tw_map(tw, idx);
		a->clock = turn;
		stamp = access_stamp(&tw->w, &tw->v);
		for (uint64_t n = 0; n < a->n; n += 997) {
			a->clock = turn + 1 + n;
			cr_assert_not(access_referenced(&tw->w, &tw->v, idx, stamp, &dirty));
		}
		a->clock = turn + a->n + 1;
		cr_assert(access_referenced(&tw->w, &tw->v, idx, stamp, &dirty));
	}
	tw_free(tw);
}

/* How often each page was used up to the nfault-th fault, in trials, visited and drawn; a fifth of the pages stays
 * missing. Sum of squared deviations of the counts. */
static double used_p(enum access_pattern which, int nfault, uint64_t seed)
{
	enum { PAGES = 150, TRIALS = 4000 };
	struct testworld *tw = world_with(which, 40, PAGES, seed);
	struct access *a = &tw->v.access;
	struct sim_rng *rng = tw->w.rng;
	uint32_t visited[PAGES] = { 0 }, drawn[PAGES] = { 0 };
	double chi2 = 0;
	int bins = 0;

	for (uint64_t i = 0; i < PAGES; i++)
		if (i % 5)
			tw_map(tw, 40 + i);
	for (int t = 0; t < TRIALS; t++) {
		bool seen[PAGES] = { false }, dirty;
		uint32_t stamp = access_stamp(&tw->w, &tw->v);

		for (int faults = 0; faults < nfault;) {
			uint64_t i = access_draw(&tw->w, &tw->v, rng) - 40;

			seen[i] = i % 5;
			faults += !(i % 5);
		}
		for (int faults = 0; faults < nfault; faults++)
			a->clock += access_hits(&tw->w, &tw->v, rng) + 1;
		for (uint64_t i = 0; i < PAGES; i++) {
			visited[i] += seen[i];
			drawn[i] += i % 5 && access_referenced(&tw->w, &tw->v, 40 + i, stamp, &dirty);
		}
	}
	for (int i = 0; i < PAGES; i++) {
		double p = (visited[i] + drawn[i]) / (2.0 * TRIALS), diff = (double)visited[i] - drawn[i],
		       var = 2 * TRIALS * p * (1 - p);

		if (var < 10) { /* all but always, or all but never */
			cr_assert_lt(fabs(diff), 20);
			continue;
		}
		chi2 += diff * diff / var;
		bins++;
	}
	tw_free(tw);
	return bins ? gsl_cdf_chisq_Q(chi2, bins) : 1;
}

Test(access, used_as_often_as_if_visited)
{
	static const int nfault[] = { 1, 5, 20, 200 };

	for (uint64_t seed = 1; seed <= 2; seed++) {
		for (int k = PATTERN_UNIFORM; k <= PATTERN_HOTCOLD; k++) {
			for (size_t i = 0; i < ARRAY_LEN(nfault); i++) {
				double p = used_p((enum access_pattern)k, nfault[i], seed);

				cr_log_info("pattern %d, %d faults: p = %.3f", k, nfault[i], p);
				cr_assert_gt(p, P_MIN, "pattern %d, %d faults: p = %g", k, nfault[i], p);
			}
		}
	}
}

/* The clock outgrows the stamps: recent stamps stay exact, old ones stay old, however far it jumps. */
Test(access, stamps_survive_a_long_phase)
{
	struct testworld *tw = world_with(PATTERN_SEQUENTIAL, 0, 1000, 7);
	struct access *a = &tw->v.access;
	struct frames *f = &tw->w.mm.f;
	pfn_t old = tw_map(tw, 1), young = tw_map(tw, 7);
	uint64_t clock = 0;
	bool dirty;

	for (int round = 0; round < 200; round++) {
		clock += (UINT64_C(0x123456789) << round % 20) + (uint64_t)round;
		a->clock = clock - clock % 1000 + 8; /* just after page 7's turn */
		f->stamp[young] = access_stamp(&tw->w, &tw->v);
		a->clock += 998; /* page 5 is the last that was visited */
		cr_assert_not(access_referenced(&tw->w, &tw->v, 7, f->stamp[young], &dirty));
		cr_assert(access_referenced(&tw->w, &tw->v, 1, f->stamp[old], &dirty));
		a->clock += 2;
		cr_assert(access_referenced(&tw->w, &tw->v, 7, f->stamp[young], &dirty));
		clock = a->clock;
	}
	cr_assert_gt(a->base, 0);
	tw_free(tw);
}

Test(access, write_protected_pages_have_not_been_written)
{
	struct testworld *tw = tw_new(1, room, 1);
	struct access a = pattern(PATTERN_UNIFORM, 0, 2);
	bool dirty = false;
	pfn_t p;

	a.write = true;
	cr_assert_eq(access_begin(&tw->w, &tw->v, &a), SIM_OK);
	p = tw_map(tw, 0);
	tw_map(tw, 1);
	tw->v.access.clock += 1000;
	cr_assert(access_referenced(&tw->w, &tw->v, 0, 0, &dirty));
	cr_assert(dirty);
	tw_set(tw, 0, PTE_PRESENT | PTE_WP | p);
	cr_assert_eq(tw->v.access.missing, 1);
	dirty = false;
	cr_assert_not(access_referenced(&tw->w, &tw->v, 0, 0, &dirty));
	cr_assert_not(dirty);
	tw_free(tw);
}

/* ---- begin, end, the clock and those under way ---- */

Test(access, a_new_pattern_settles_the_old)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 0, 100, 7);
	struct access a = pattern(PATTERN_UNIFORM, 0, 100), other = pattern(PATTERN_ZIPF, 50, 100);
	struct frames *f = &tw->w.mm.f;
	pfn_t p = tw_map(tw, 3), q;

	tw->v.access.clock = 5000;
	q = tw_map(tw, 4);
	cr_assert_eq(access_begin(&tw->w, &tw->v, &a), SIM_OK);
	cr_assert_eq(tw->v.access.clock, 5000, "the same again just goes on");
	tw_set(tw, 5, PTE_PRESENT | PTE_WP | ZERO_PFN);
	other.write = true;
	cr_assert_eq(access_begin(&tw->w, &tw->v, &other), SIM_OK);
	cr_assert_eq(tw->v.access.clock, 0);
	cr_assert(f->flags[p] & F_YOUNG);
	cr_assert_not(f->flags[p] & F_DIRTY);
	cr_assert_not(f->flags[q] & F_YOUNG);
	p = tw_map(tw, 60);
	q = tw_map(tw, 61);
	f->flags[q] |= F_FILECACHE;
	tw->v.access.clock = 1000000;
	access_settle(&tw->w, &tw->v);
	cr_assert(f->flags[p] & F_DIRTY);
	cr_assert_eq(f->flags[q] & (F_YOUNG | F_DIRTY), F_YOUNG,
		     "a file's page became dirty when it was first written");
	cr_assert_not(tw->v.access.active);
	cr_assert_eq(access_stamp(&tw->w, &tw->v), 0);
	tw_free(tw);
}

Test(access, per_access_mode_sets_its_bits_itself)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 0, 10, 7);
	bool dirty;

	tw_map(tw, 3);
	tw->v.access.clock = 5000;
	tw->cfg.per_access = true;
	cr_assert_not(access_referenced(&tw->w, &tw->v, 3, 0, &dirty));
	tw_free(tw);
}

Test(access, out_of_host_memory_leaves_no_pattern)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 0, 10, 7);
	struct access a = pattern(PATTERN_UNIFORM, 0, UINT64_C(1) << 33);

	cr_assert_eq(access_begin(&tw->w, &tw->v, &a), SIM_ETOOBIG);
	cr_assert_not(tw->v.access.active);
	tw_free(tw);
}

Test(access, leaps_advance_the_clock)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 0, 10, 7);
	struct access *a = &tw->v.access;
	struct task t = { 0 };

	a->clock = 7;
	a->leaper = &t;
	a->leap_from = 1000;
	a->leap_period = 100;
	a->leap_batch = 32;
	tw->w.now = 1099;
	cr_assert_eq(access_clock(&tw->w, &tw->v), 7);
	tw->w.now = 1350;
	cr_assert_eq(access_clock(&tw->w, &tw->v), 7 + 3 * 32);
	a->leaper = NULL;
	tw_free(tw);
}

Test(access, bursts_advance_the_clock)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 0, 10, 7);
	struct access *a = &tw->v.access;
	struct task t = { .user_burst = true, .burst_len = 1000, .burst = 261 };

	a->clock = 7;
	a->runner = &t;
	a->touch_ns = 4;
	cr_assert_eq(access_clock(&tw->w, &tw->v), 7 + 739 / 4);
	a->runner = NULL;
	tw_free(tw);
}

static bool cut_by(struct testworld *tw, struct task *t, bool map, uint64_t idx)
{
	t->cut = false;
	if (map)
		tw_map(tw, idx);
	else
		tw_unmap(tw, idx);
	return t->cut;
}

Test(access, changes_cut_those_under_way)
{
	struct testworld *tw = world_with(PATTERN_UNIFORM, 10, 10, 7);
	struct access *a = &tw->v.access;
	struct task t = { 0 };

	a->runner = &t;
	cr_assert(cut_by(tw, &t, true, 12));
	cr_assert(cut_by(tw, &t, false, 12));
	cr_assert_not(cut_by(tw, &t, true, 9), "not a page of the pattern");
	tw->w.sched.running = &t;
	cr_assert_not(cut_by(tw, &t, true, 13), "its own doing");
	tw->w.sched.running = NULL;
	a->runner = NULL;
	a->leaper = &t;
	cr_assert(cut_by(tw, &t, false, 13));
	a->leaper = NULL;
	tw_free(tw);
}

/* A sweep of 0..9 that stands at 4 and will meet its first hole at 8. */
Test(access, a_sweep_is_cut_only_by_what_it_will_meet)
{
	struct testworld *tw = world_with(PATTERN_SEQUENTIAL, 0, 10, 7);
	struct access *a = &tw->v.access;
	struct task t = { 0 };

	for (uint64_t i = 0; i < 8; i++)
		tw_map(tw, i);
	a->clock = 14;
	cr_assert_eq(access_hits(&tw->w, &tw->v, tw->w.rng), 4);
	a->runner = &t;
	cr_assert_not(cut_by(tw, &t, true, 9));
	cr_assert_not(cut_by(tw, &t, false, 9));
	cr_assert_not(cut_by(tw, &t, false, 3), "behind it");
	cr_assert(cut_by(tw, &t, false, 7), "a hole before the hole");
	cr_assert(cut_by(tw, &t, true, 8), "the hole has gone");
	a->runner = NULL;
	tw_free(tw);
}
