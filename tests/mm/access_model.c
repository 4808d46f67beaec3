/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The proof that hits may cost nothing: a small memory with second-chance replacement is run twice, visiting each
 * access and drawing, and every figure that comes out must have the same distribution. Each run is one sample of each
 * figure, and runs are independent of each other, as the tests assume. A sweep draws nothing, so there the two must
 * be equal to the last access.
 */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define P_MIN  1e-3
#define PAGES  250
#define FRAMES 90
#define WARMUP 300 /* faults before counting begins; the first FRAMES find free memory */
#define FAULTS 300 /* that are counted */
#define RUNS   600

/* What a run comes to. */
struct figures {
	double accesses; /* between WARMUP and the end */
	double distance; /* mean number of faults between a page's eviction and its return */
	double chances;  /* pages found used when they were to be evicted */
	double weight;   /* of the pages that faulted, together */
	double last_gap; /* hits before the last fault */
	uint64_t last_page;
};

struct run {
	struct testworld *tw;
	struct sim_rng *rng;
	bool young; /* a fault sets the accessed bit, as hardware does; else only what comes after counts */
	pfn_t newest;
	uint64_t nfault, evicted_at[PAGES];
	struct figures fig;
	uint64_t order; /* a checksum of who faulted, was spared and was evicted, in order */
};

static bool counting(const struct run *r)
{
	return r->nfault >= WARMUP;
}

static void note(struct run *r, uint64_t what)
{
	r->order = (r->order ^ what) * UINT64_C(0x9e3779b97f4a7c15) + (r->order >> 29);
}

/* The tail of the list goes, unless it has been used: then it goes to the head. */
static void evict_or_spare(struct run *r)
{
	struct world *w = &r->tw->w;
	struct frames *f = &w->mm.f;
	pfn_t p = lru_tail(w, 0, LRU_INACTIVE_ANON);
	uint64_t idx =
		(uint64_t)w->chunks.v[f->owner[p] >> CHUNK_SHIFT].base << CHUNK_SHIFT | (f->owner[p] & CHUNK_MASK);
	bool dirty;

	if (f->flags[p] & F_YOUNG || access_referenced(w, &r->tw->v, idx, f->stamp[p], &dirty)) {
		f->flags[p] &= (uint16_t)~F_YOUNG;
		f->stamp[p] = access_stamp(w, &r->tw->v);
		lru_move_head(w, p);
		r->fig.chances += counting(r);
		note(r, idx + 1000);
		return;
	}
	lru_del(w, p);
	tw_unmap(r->tw, idx);
	r->evicted_at[idx] = r->nfault;
	note(r, idx + 2000);
}

static void fault(struct run *r, uint64_t idx)
{
	const struct access *a = &r->tw->v.access;
	pfn_t p;

	while ((p = tw_map(r->tw, idx)) == PFN_NONE)
		evict_or_spare(r);
	r->newest = p;
	r->tw->w.mm.f.flags[p] = (uint16_t)(F_SWAPBACKED | (r->young ? F_YOUNG : 0));
	lru_add(&r->tw->w, p);
	if (counting(r)) {
		r->fig.distance += (double)(r->nfault - r->evicted_at[idx]) / FAULTS;
		r->fig.weight += (double)weight_of(&a->weight, idx - a->off) / (double)a->weight.total;
	}
	r->fig.last_page = idx;
	r->nfault++;
	note(r, idx);
}

/* Visit accesses up to the next fault. */
static uint64_t visit(struct run *r)
{
	struct world *w = &r->tw->w;
	uint64_t hits = 0, idx;
	const pte_t *e;

	for (;; hits++) {
		idx = access_draw(w, &r->tw->v, r->rng);
		e = pt_lookup(w, &r->tw->v.pt, idx);
		if (!e || !pte_present(*e))
			break;
		w->mm.f.flags[pte_pfn(*e)] |= F_YOUNG;
		r->tw->v.access.clock++;
	}
	fault(r, idx);
	return hits;
}

static uint64_t leap(struct run *r)
{
	uint64_t hits = access_hits(&r->tw->w, &r->tw->v, r->rng);

	r->tw->v.access.clock += hits;
	fault(r, access_fault_page(&r->tw->w, &r->tw->v, r->rng));
	return hits;
}

static void run(struct run *r, const struct access *pattern, bool young, bool visiting, uint64_t seed)
{
	struct access *a;
	uint64_t begin = 0;

	memset(r, 0, sizeof(*r));
	r->tw = tw_new(1, (sim_pages[]){ 0, 0, FRAMES }, seed);
	r->rng = sim_rng_new(seed, "task");
	r->young = young;
	r->tw->cfg.per_access = visiting;
	r->tw->v.npages = PAGES;
	a = &r->tw->v.access;
	cr_assert_eq(access_begin(&r->tw->w, &r->tw->v, pattern), SIM_OK);
	while (r->nfault < WARMUP + FAULTS) {
		if (r->nfault == WARMUP)
			begin = a->clock;
		r->fig.last_gap = (double)(visiting ? visit(r) : leap(r));
		a->clock++;
		if (!young)
			r->tw->w.mm.f.stamp[r->newest] = access_stamp(&r->tw->w, &r->tw->v);
	}
	r->fig.accesses = (double)(a->clock - begin);
	sim_rng_free(r->rng);
	tw_free(r->tw);
}

static double column_p(const struct figures *a, const struct figures *b, size_t field)
{
	static double x[RUNS], y[RUNS];

	for (int i = 0; i < RUNS; i++) {
		memcpy(&x[i], (const char *)&a[i] + field, sizeof(double));
		memcpy(&y[i], (const char *)&b[i] + field, sizeof(double));
	}
	return ks_p(x, RUNS, y, RUNS);
}

static void check_pattern(const struct access *pattern, const char *name, uint64_t seed)
{
	static const struct {
		const char *name;
		size_t field;
	} figure[] = {
		{ "accesses", offsetof(struct figures, accesses) },
		{ "refault distance", offsetof(struct figures, distance) },
		{ "second chances", offsetof(struct figures, chances) },
		{ "weight of faults", offsetof(struct figures, weight) },
		{ "gap", offsetof(struct figures, last_gap) },
	};
	static struct figures visited[RUNS], drawn[RUNS];
	uint64_t page[2][PAGES] = { { 0 } };
	struct run r;
	double p;

	for (int i = 0; i < RUNS; i++) {
		run(&r, pattern, seed & 1, true, seed * 1000003 + (uint64_t)i);
		visited[i] = r.fig;
		page[0][r.fig.last_page]++;
		run(&r, pattern, seed & 1, false, seed * 2000003 + (uint64_t)i);
		drawn[i] = r.fig;
		page[1][r.fig.last_page]++;
	}
	for (size_t k = 0; k < ARRAY_LEN(figure); k++) {
		p = column_p(visited, drawn, figure[k].field);
		cr_log_info("%s, seed %lu: %s: p = %.3f", name, (unsigned long)seed, figure[k].name, p);
		cr_expect_gt(p, P_MIN, "%s, seed %lu: %s: p = %g", name, (unsigned long)seed, figure[k].name, p);
	}
	p = chi2_p(page[0], page[1], PAGES);
	cr_log_info("%s, seed %lu: page: p = %.3f", name, (unsigned long)seed, p);
	cr_expect_gt(p, P_MIN, "%s, seed %lu: page: p = %g", name, (unsigned long)seed, p);
}

#define SEEDS 3

Test(access_model, uniform)
{
	struct access a = { .pattern = PATTERN_UNIFORM, .n = PAGES };

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_pattern(&a, "uniform", seed);
}

Test(access_model, zipf)
{
	struct access a = { .pattern = PATTERN_ZIPF, .n = PAGES, .zipf_s = 1.1 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_pattern(&a, "zipf", seed);
}

Test(access_model, zipf_flat)
{
	struct access a = { .pattern = PATTERN_ZIPF, .n = PAGES, .zipf_s = 0.6 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_pattern(&a, "zipf 0.6", seed);
}

Test(access_model, hotcold)
{
	struct access a = { .pattern = PATTERN_HOTCOLD, .n = PAGES, .hot = PAGES / 4, .hot_weight = 0.95 };

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		check_pattern(&a, "hotcold", seed);
}

/* Nothing is drawn: every fault, every second chance and every eviction is the same one. */
Test(access_model, sweep)
{
	for (uint64_t n = 60; n <= PAGES; n += 19) {
		struct access a = { .pattern = PATTERN_SEQUENTIAL, .n = n, .pos0 = n / 3 };
		struct run visited, drawn;

		if (n <= FRAMES) /* would never fault again */
			continue;
		run(&visited, &a, n & 1, true, n);
		run(&drawn, &a, n & 1, false, n + 1);
		cr_assert_eq(visited.order, drawn.order);
		cr_assert_eq(visited.fig.accesses, drawn.fig.accesses);
		cr_assert_eq(visited.fig.chances, drawn.fig.chances);
		cr_assert_eq(visited.fig.last_gap, drawn.fig.last_gap);
	}
}
