/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bits: taus2, L'Ecuyer, "Tables of maximally equidistributed combined LFSR generators", Math. of Comp. 68 (1999), as
 * GSL has it (rng/taus.c). GSL seeds the three components and the step is repeated here, where it can be inlined;
 * tests/core/rng.c holds it against gsl_rng_get().
 *
 * gsl_rng_set() looks at 32 bits of its seed, so that among a few thousand streams of a run two would often be the same
 * one. Each component therefore comes from a seeding of its own, all three drawn from the 64-bit hash of (seed, name).
 */
#include "sim/core/rng.h"

#include <assert.h>
#include <gsl/gsl_rng.h>
#include <string.h>

#include "sim/core/alloc.h"
#include "sim/core/fmath.h"

#define DRAW_MAX (UINT64_MAX / 4)

struct sim_rng {
	uint32_t s1, s2, s3;
};

/* The state behind gsl_rng_taus2. */
struct gsl_taus {
	unsigned long s1, s2, s3;
};

/* splitmix64's finalizer. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t hash_name(uint64_t seed, const char *name)
{
	uint64_t h = mix(seed + UINT64_C(0x9e3779b97f4a7c15));

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3); /* FNV-1a */
	return mix(h);
}

/* The state that GSL makes of the i-th seed of a stream. */
static struct gsl_taus seeded(gsl_rng *g, uint64_t hash, unsigned i)
{
	struct gsl_taus t;

	gsl_rng_set(g, (unsigned long)(mix(hash + i * UINT64_C(0x9e3779b97f4a7c15)) >> 32));
	memcpy(&t, gsl_rng_state(g), sizeof(t));
	return t;
}

struct sim_rng *sim_rng_new(uint64_t seed, const char *name)
{
	struct sim_rng *r = sim_malloc(&sim_alloc_libc, sizeof(*r));
	gsl_rng *g = r ? gsl_rng_alloc(gsl_rng_taus2) : NULL;
	uint64_t hash = hash_name(seed, name);

	if (!g) {
		sim_free(&sim_alloc_libc, r);
		return NULL;
	}
	assert(gsl_rng_size(g) == sizeof(struct gsl_taus));
	r->s1 = (uint32_t)seeded(g, hash, 1).s1;
	r->s2 = (uint32_t)seeded(g, hash, 2).s2;
	r->s3 = (uint32_t)seeded(g, hash, 3).s3;
	gsl_rng_free(g);
	return r;
}

void sim_rng_free(struct sim_rng *r)
{
	sim_free(&sim_alloc_libc, r);
}

static inline uint32_t bits32(struct sim_rng *r)
{
	r->s1 = (r->s1 & 0xfffffffe) << 12 ^ (r->s1 << 13 ^ r->s1) >> 19;
	r->s2 = (r->s2 & 0xfffffff8) << 4 ^ (r->s2 << 2 ^ r->s2) >> 25;
	r->s3 = (r->s3 & 0xfffffff0) << 17 ^ (r->s3 << 3 ^ r->s3) >> 11;
	return r->s1 ^ r->s2 ^ r->s3;
}

/* The first draw is the high half. */
static inline uint64_t bits64(struct sim_rng *r)
{
	uint64_t high = bits32(r);

	return high << 32 | bits32(r);
}

uint64_t sim_rng_u64(struct sim_rng *r)
{
	return bits64(r);
}

/* Lemire, "Fast random integer generation in an interval" (2019): the high half of bits * n, the few values of the
 * low half that would favour some results being drawn again. Small n, the usual ones, take one draw of 32 bits. */
static uint64_t below32(struct sim_rng *r, uint32_t n)
{
	uint64_t m = (uint64_t)bits32(r) * n;

	if ((uint32_t)m < n) {
		uint32_t excess = -n % n;

		while ((uint32_t)m < excess)
			m = (uint64_t)bits32(r) * n;
	}
	return m >> 32;
}

static uint64_t below64(struct sim_rng *r, uint64_t n)
{
	unsigned __int128 m = (unsigned __int128)bits64(r) * n;

	if ((uint64_t)m < n) {
		uint64_t excess = -n % n;

		while ((uint64_t)m < excess)
			m = (unsigned __int128)bits64(r) * n;
	}
	return (uint64_t)(m >> 64);
}

uint64_t sim_rng_below(struct sim_rng *r, uint64_t n)
{
	assert(n);
	return n <= UINT32_MAX ? below32(r, (uint32_t)n) : below64(r, n);
}

static inline double unit(struct sim_rng *r)
{
	uint64_t k;

	do
		k = bits64(r) >> 11;
	while (!k);
	return (double)k * 0x1p-53;
}

double sim_rng_unit(struct sim_rng *r)
{
	return unit(r);
}

bool sim_rng_chance(struct sim_rng *r, double p)
{
	return unit(r) < p;
}

double sim_rng_exponential(struct sim_rng *r, double mu)
{
	return -mu * fm_log(unit(r));
}

/* By inversion: k or more failures have probability (1 - p)^k. Always one draw, so that p does not shift the stream. */
uint64_t sim_rng_geometric0(struct sim_rng *r, double p)
{
	double u = unit(r), k;

	if (p >= 1)
		return 0;
	k = fm_log(u) / fm_log1p(-p);
	return k < (double)DRAW_MAX ? (uint64_t)k : DRAW_MAX;
}

/* Marsaglia's polar method, giving the second of the pair away as gsl_ran_gaussian() does: a stream keeps no hidden
 * draw. */
static double gaussian(struct sim_rng *r)
{
	double x, y, r2;

	do {
		x = 2 * unit(r) - 1;
		y = 2 * unit(r) - 1;
		r2 = x * x + y * y;
	} while (r2 >= 1 || r2 == 0);
	return y * __builtin_sqrt(-2 * fm_log(r2) / r2);
}

/* Marsaglia and Tsang, "A simple method for generating gamma variables" (2000), without their squeeze; a >= 1. */
static double gamma_from_1(struct sim_rng *r, double a)
{
	double d = a - 1.0 / 3, c = 1 / (3 * __builtin_sqrt(d)), x, v;

	for (;;) {
		x = gaussian(r);
		v = 1 + c * x;
		if (v <= 0)
			continue;
		v = v * v * v;
		if (fm_log(unit(r)) < x * x / 2 + d - d * v + d * fm_log(v))
			return d * v;
	}
}

static double gamma_draw(struct sim_rng *r, double a)
{
	double u;

	if (!(a > 0 && a < 1e300)) /* not a distribution; the loop above would not end */
		return 0;
	if (a >= 1)
		return gamma_from_1(r, a);
	u = unit(r);
	return gamma_from_1(r, a + 1) * fm_pow(u, 1 / a);
}

static double draw(const struct sim_dist *d, struct sim_rng *r)
{
	const double *p = d->p;

	switch (d->kind) {
	case SIM_DIST_CONSTANT:
		return p[0];
	case SIM_DIST_UNIFORM:
		return p[0] + (p[1] - p[0]) * unit(r);
	case SIM_DIST_EXPONENTIAL:
		return sim_rng_exponential(r, p[0]);
	case SIM_DIST_GAUSSIAN:
		return p[0] + p[1] * gaussian(r);
	case SIM_DIST_LOGNORMAL:
		return fm_exp(p[0] + p[1] * gaussian(r));
	case SIM_DIST_PARETO:
		return p[1] * fm_pow(unit(r), -1 / p[0]);
	case SIM_DIST_WEIBULL:
		return p[0] * fm_pow(-fm_log(unit(r)), 1 / p[1]);
	case SIM_DIST_GAMMA:
		return p[1] * gamma_draw(r, p[0]);
	case SIM_DIST_COUNT:
		break;
	}
	return 0;
}

/* Halves go up. x + 0.5 would round 0.49999999999999994 up to 1. */
static uint64_t to_integer(double x)
{
	uint64_t whole;

	if (!(x > 0))
		return 0;
	if (x >= (double)DRAW_MAX)
		return DRAW_MAX;
	whole = (uint64_t)x;
	return whole + (x - (double)whole >= 0.5);
}

uint64_t sim_dist_draw(const struct sim_dist *d, struct sim_rng *r)
{
	return to_integer(draw(d, r));
}
