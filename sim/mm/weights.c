/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Weights of uniform, hot/cold and Zipf patterns.
 *
 * Zipf's (rank + 1)^-s spans more than 32 bits for a million pages and s = 2, hence the small floating point code of
 * weight_of(): 27 bits (relative error below 2^-26), 58 bits of range, and no weight below 1.
 */
#include "sim/mm/weights.h"

#include "sim/core/diag.h"
#include "sim/core/fmath.h"

#include <string.h>

#define TOTAL_BITS 61 /* of the sum, leaving room for what rounding adds */
#define ZIPF_TOP   0x1p57
#define LOG_NEVER  -1e300 /* log of no chance at all */
#define PAGES_MAX  (UINT64_C(1) << 32)

/* Not log(1 - a) for a share a: the accesses in question are not just any n, but hits up to some fault, and that fault,
 * again and again. With a part m of the weight missing, H hits leave the page alone with probability
 * (1 - a / (1 - m))^H; H being geometric, that is m / (m + a) on average, and so is (1 + a)^-(H + 1) whatever m is. */
static double log_stay(uint64_t weight, uint64_t total)
{
	return weight >= total ? LOG_NEVER : -fm_log1p((double)weight / (double)total);
}

/* ---- two weights ---- */

static uint64_t share_each(double share, uint64_t n)
{
	return n ? (uint64_t)(share * (double)(UINT64_C(1) << TOTAL_BITS) / (double)n) : 0;
}

static void init_hotcold(struct weights *wt, uint64_t hot, double share)
{
	wt->hot = u64_min(hot, wt->n);
	if (!wt->hot || wt->hot == wt->n) { /* nobody to share with */
		wt->hot = wt->n;
		wt->hot_each = 1;
	} else {
		share = share < 0 ? 0 : share > 1 ? 1 : share;
		wt->hot_each = share_each(share, wt->hot);
		wt->cold_each = share_each(1 - share, wt->n - wt->hot);
	}
	wt->total = wt->hot * wt->hot_each + (wt->n - wt->hot) * wt->cold_each;
	wt->hot_stay = log_stay(wt->hot_each, wt->total);
	wt->cold_stay = log_stay(wt->cold_each, wt->total);
}

/* ---- Zipf ---- */

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* Near the golden section of n, so that neighbours in rank are far apart at every scale. */
static uint64_t stride_for(uint64_t n)
{
	uint64_t s = (uint64_t)((double)n * 0.6180339887498949);

	while (s < 1 || gcd(s, n) != 1)
		s++;
	return s;
}

/* An upper bound of the sum of k^-s over 1..n: 1 + integral of x^-s, and x^-s <= n^max(0, 1 - s) / x. */
static double zipf_sum_bound(double s, uint64_t n)
{
	return 1 + fm_log((double)n) * (s < 1 ? fm_pow((double)n, 1 - s) : 1);
}

static uint32_t zipf_code(double x)
{
	uint64_t u = x < 1 ? 1 : (uint64_t)x;
	unsigned bits = 64 - (unsigned)__builtin_clzll(u), e = bits > 27 ? bits - 27 : 0;

	return (uint32_t)(u >> e) << 5 | e;
}

/* k^-s is computed anew each time k has grown by a thousandth; between, by the binomial series in x < 2^-10, whose
 * first term left out is below what the code can hold for any s that leaves a weight at all. */
static void zipf_fill(struct weights *wt, double s, double top)
{
	uint64_t page = 0, last = UINT64_MAX, block = 0;

	for (uint64_t base = 1; base <= wt->n;) {
		uint64_t len = base < 1024 ? 1 : base >> 10;
		double head = top * fm_pow((double)base, -s), step = 1 / (double)base;

		for (uint64_t k = base; k < base + len && k <= wt->n; k++) {
			double x = (double)(k - base) * step;
			double y = 1 - s * x * (1 - (s + 1) / 2 * x * (1 - (s + 2) / 3 * x * (1 - (s + 3) / 4 * x)));
			uint64_t weight;

			wt->zipf[page] = zipf_code(head * y);
			weight = weight_of(wt, page);
			if (weight > last) /* rounding must not break the order: weights_draw() relies on it */
				wt->zipf[page] = zipf_code((double)last);
			last = weight_of(wt, page);
			if (!(k & (k - 1)))
				wt->zipf_upto[block++] = wt->total;
			wt->total += last;
			page += wt->stride;
			page -= page >= wt->n ? wt->n : 0;
		}
		base += len;
	}
	while (block <= ZIPF_BLOCKS)
		wt->zipf_upto[block++] = wt->total;
}

static int init_zipf(const struct sim_alloc *a, struct weights *wt, double s)
{
	double top = (double)(UINT64_C(1) << TOTAL_BITS) / zipf_sum_bound(s, wt->n);

	wt->zipf = sim_calloc(a, wt->n, sizeof(*wt->zipf));
	wt->zipf_upto = sim_calloc(a, ZIPF_BLOCKS + 1, sizeof(*wt->zipf_upto));
	if (!wt->zipf || !wt->zipf_upto) {
		weights_free(a, wt);
		return SIM_ENOMEM;
	}
	wt->stride = stride_for(wt->n);
	zipf_fill(wt, s, top < ZIPF_TOP ? top : ZIPF_TOP);
	return SIM_OK;
}

/* A block of ranks 2^b - 1 .. 2^(b+1) - 2 by its weight, then a rank in it by rejection: its first is its heaviest, so
 * with exponent s at most 2^s tries are needed on average. */
static uint64_t zipf_draw(const struct weights *wt, struct sim_rng *rng)
{
	uint64_t x = sim_rng_below(rng, wt->total), first, len, heaviest, page;
	unsigned b = 0;

	while (wt->zipf_upto[b + 1] <= x)
		b++;
	first = (UINT64_C(1) << b) - 1;
	len = u64_min(first + 1, wt->n - first);
	heaviest = weight_of(wt, first * wt->stride % wt->n);
	do
		page = (first + sim_rng_below(rng, len)) * wt->stride % wt->n;
	while (sim_rng_below(rng, heaviest) >= weight_of(wt, page));
	return page;
}

/* ---- all ---- */

int weights_init(const struct sim_alloc *a, struct weights *wt, enum access_pattern pattern, uint64_t n, double zipf_s,
		 uint64_t hot, double hot_weight)
{
	memset(wt, 0, sizeof(*wt));
	wt->n = n;
	if (n >= PAGES_MAX)
		return SIM_ETOOBIG;
	if (pattern == PATTERN_ZIPF)
		return init_zipf(a, wt, zipf_s);
	init_hotcold(wt, pattern == PATTERN_HOTCOLD ? hot : n, hot_weight);
	return SIM_OK;
}

void weights_free(const struct sim_alloc *a, struct weights *wt)
{
	sim_free(a, wt->zipf);
	sim_free(a, wt->zipf_upto);
	memset(wt, 0, sizeof(*wt));
}

uint64_t weights_sum(const struct weights *wt, uint64_t from, uint64_t to)
{
	uint64_t sum = 0, border = u64_min(u64_max(wt->hot, from), to);

	if (!wt->zipf)
		return (border - from) * wt->hot_each + (to - border) * wt->cold_each;
	for (uint64_t i = from; i < to; i++)
		sum += weight_of(wt, i);
	return sum;
}

uint64_t weights_draw(const struct weights *wt, struct sim_rng *rng)
{
	uint64_t hot = wt->hot * wt->hot_each;

	if (wt->zipf)
		return zipf_draw(wt, rng);
	if (hot == wt->total)
		return sim_rng_below(rng, wt->hot);
	if (sim_rng_below(rng, wt->total) < hot)
		return sim_rng_below(rng, wt->hot);
	return wt->hot + sim_rng_below(rng, wt->n - wt->hot);
}

double weights_log_stay(const struct weights *wt, uint64_t page)
{
	if (wt->zipf)
		return log_stay(weight_of(wt, page), wt->total);
	return page < wt->hot ? wt->hot_stay : wt->cold_stay;
}
