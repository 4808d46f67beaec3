/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/rng.h"
#include "sim/core/units.h"

#define DRAWS    20000
#define DRAW_MAX (UINT64_MAX / 4)

/* Every recorded result hangs on these. */
Test(rng, pinned_stream)
{
	static const uint64_t expected[] = { UINT64_C(0x3304b0f4d0ae4c1b), UINT64_C(0x594aa8f7c93906ca),
					     UINT64_C(0x7b67013b0fa36bab), UINT64_C(0x0e610b784b578283) };
	struct sim_rng *r = sim_rng_new(1, "init");

	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		cr_assert_eq(sim_rng_u64(r), expected[i], "draw %zu", i);
	sim_rng_free(r);
	sim_rng_free(NULL);
}

Test(rng, pinned_distributions)
{
	static const struct {
		struct sim_dist d;
		uint64_t expected[3];
	} row[] = {
		{ { SIM_DIST_CONSTANT, { 42 } }, { 42, 42, 42 } },
		{ { SIM_DIST_UNIFORM, { 1000, 2e6 } }, { 588287, 774185, 1201595 } },
		{ { SIM_DIST_EXPONENTIAL, { 1e6, 0 } }, { 1224889, 949884, 509830 } },
		{ { SIM_DIST_GAUSSIAN, { 1e6, 100000 } }, { 916422, 970111, 962291 } },
		{ { SIM_DIST_LOGNORMAL, { 12, 1 } }, { 70560, 120705, 111626 } },
		{ { SIM_DIST_PARETO, { 2, 100000 } }, { 184494, 160792, 129035 } },
		{ { SIM_DIST_WEIBULL, { 1e6, 2 } }, { 1106747, 974620, 714023 } },
		{ { SIM_DIST_GAMMA, { 3, 1e6 } }, { 1521443, 4459446, 2256963 } },
		{ { SIM_DIST_GAMMA, { 0.5, 1e6 } }, { 305749, 1885311, 2723 } },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct sim_rng *r = sim_rng_new(7, "dist");

		for (int k = 0; k < 3; k++)
			cr_assert_eq(sim_dist_draw(&row[i].d, r), row[i].expected[k], "row %zu draw %d", i, k);
		sim_rng_free(r);
	}
}

/* Give GSL's generator the same state, and both must go the same way for ever after. */
Test(rng, bits_are_taus2)
{
	struct sim_rng *r = sim_rng_new(3, "task/7");
	gsl_rng *g = gsl_rng_alloc(gsl_rng_taus2);
	uint32_t s[3];
	unsigned long state[3];

	memcpy(s, r, sizeof(s));
	for (int i = 0; i < 3; i++)
		state[i] = s[i];
	cr_assert_eq(gsl_rng_size(g), sizeof(state));
	memcpy(gsl_rng_state(g), state, sizeof(state));
	for (int i = 0; i < 100000; i++) {
		uint64_t high = gsl_rng_get(g);

		cr_assert_eq(sim_rng_u64(r), high << 32 | gsl_rng_get(g));
	}
	gsl_rng_free(g);
	sim_rng_free(r);
}

static uint64_t first_draw(uint64_t seed, const char *name)
{
	struct sim_rng *r = sim_rng_new(seed, name);
	uint64_t v = sim_rng_u64(r);

	sim_rng_free(r);
	return v;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* 20000 streams with neighbouring seeds and names: with GSL's 32-bit seeding alone, some of them would be the same
 * one. */
Test(rng, streams_differ)
{
	static uint64_t v[20000];

	for (int i = 0; i < 20000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "worker-%d", i % 1000);
		v[i] = first_draw((uint64_t)i / 1000, name);
	}
	cr_assert_eq(v[0], first_draw(0, "worker-0"));
	qsort(v, 20000, sizeof(v[0]), by_value);
	for (int i = 1; i < 20000; i++)
		cr_assert_neq(v[i - 1], v[i]);
	cr_assert_neq(first_draw(1, ""), first_draw(2, ""));
	cr_assert_neq(first_draw(1, "ab"), first_draw(1, "ba"));
	cr_assert_neq(first_draw(UINT64_C(1) << 63, "x"), first_draw(0, "x"));
}

Test(rng, streams_uncorrelated)
{
	struct sim_rng *a = sim_rng_new(1, "a"), *b = sim_rng_new(1, "b");
	double sum = 0;

	for (int i = 0; i < DRAWS; i++)
		sum += (sim_rng_unit(a) - 0.5) * (sim_rng_unit(b) - 0.5);
	cr_assert_lt(fabs(sum) / (sqrt(DRAWS) / 12), 3.5); /* standard deviations */
	sim_rng_free(a);
	sim_rng_free(b);
}

Test(rng, each_bit_is_fair)
{
	struct sim_rng *r = sim_rng_new(1, "bits");
	int ones[64] = { 0 };

	for (int i = 0; i < DRAWS; i++) {
		uint64_t v = sim_rng_u64(r);

		for (int k = 0; k < 64; k++)
			ones[k] += (int)(v >> k & 1);
	}
	for (int k = 0; k < 64; k++)
		cr_assert_lt(abs(ones[k] - DRAWS / 2), 4 * sqrt(DRAWS) / 2, "bit %d: %d", k, ones[k]);
	sim_rng_free(r);
}

/* Chi-squared over n cells must be unremarkable: neither too far from even nor too near. */
static void expect_even(struct sim_rng *r, uint64_t n, uint64_t cells)
{
	double chi2 = 0, want = (double)DRAWS / (double)cells, p;
	uint64_t *count = calloc(cells, sizeof(*count));

	for (int i = 0; i < DRAWS; i++) {
		uint64_t v = sim_rng_below(r, n);

		cr_assert_lt(v, n);
		count[u64_muldiv(v, cells, n)]++;
	}
	for (uint64_t i = 0; i < cells; i++)
		chi2 += ((double)count[i] - want) * ((double)count[i] - want) / want;
	p = gsl_cdf_chisq_P(chi2, (double)cells - 1);
	cr_assert(p > 0.001 && p < 0.999, "n = %lu: chi2 = %g, p = %g", (unsigned long)n, chi2, p);
	free(count);
}

Test(rng, below_is_even)
{
	struct sim_rng *r = sim_rng_new(1, "below");

	for (int i = 0; i < 100; i++)
		cr_assert_eq(sim_rng_below(r, 1), 0);
	expect_even(r, 2, 2);
	expect_even(r, 3, 3);
	expect_even(r, 1000, 1000);
	expect_even(r, UINT32_MAX, 64);
	expect_even(r, (UINT64_C(1) << 32), 64);
	/* Three quarters of the range: without rejection, a third of the values would come twice as often. */
	expect_even(r, UINT64_C(3) << 30, 3);
	expect_even(r, UINT64_C(3) << 62, 3);
	expect_even(r, UINT64_MAX, 64);
	sim_rng_free(r);
}

/* n = 3 << 30: m = bits * n >> 32 without rejection gives every third value twice the chance. */
Test(rng, below_rejects_the_excess)
{
	struct sim_rng *r = sim_rng_new(1, "excess");
	int third[3] = { 0 };

	for (int i = 0; i < DRAWS; i++)
		third[sim_rng_below(r, UINT64_C(3) << 30) % 3]++;
	for (int i = 0; i < 3; i++)
		cr_assert_lt(abs(third[i] - DRAWS / 3), 4 * sqrt(DRAWS * 2.0 / 9), "%d", third[i]);
	memset(third, 0, sizeof(third));
	for (int i = 0; i < DRAWS; i++)
		third[sim_rng_below(r, UINT64_C(3) << 62) % 3]++;
	for (int i = 0; i < 3; i++)
		cr_assert_lt(abs(third[i] - DRAWS / 3), 4 * sqrt(DRAWS * 2.0 / 9), "%d", third[i]);
	sim_rng_free(r);
}

Test(rng, chance)
{
	struct sim_rng *r = sim_rng_new(1, "chance");
	int hits = 0;

	for (int i = 0; i < DRAWS; i++) {
		cr_assert_not(sim_rng_chance(r, 0));
		cr_assert_not(sim_rng_chance(r, NAN));
		cr_assert(sim_rng_chance(r, 1));
		hits += sim_rng_chance(r, 0.3);
	}
	cr_assert_lt(fabs(hits - 0.3 * DRAWS), 4 * sqrt(DRAWS * 0.3 * 0.7));
	sim_rng_free(r);
}

static int by_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kolmogorov-Smirnov: the greatest distance of the draws' distribution from cdf(x, a, b). 1.95 / sqrt(n) is exceeded by
 * one true sample in a thousand. */
static void expect_ks(double *v, double (*cdf)(double x, double a, double b), double a, double b, const char *what)
{
	double worst = 0;

	qsort(v, DRAWS, sizeof(*v), by_double);
	for (int i = 0; i < DRAWS; i++) {
		double f = cdf(v[i], a, b);

		worst = fmax(worst, fmax(f - (double)i / DRAWS, (double)(i + 1) / DRAWS - f));
	}
	cr_assert_lt(worst, 1.95 / sqrt(DRAWS), "%s(%g, %g): %g", what, a, b, worst);
}

static double exponential_cdf(double x, double mu, double unused)
{
	(void)unused;
	return gsl_cdf_exponential_P(x, mu);
}

Test(rng, unit_and_exponential)
{
	static double v[DRAWS];
	struct sim_rng *r = sim_rng_new(1, "unit");

	for (int i = 0; i < DRAWS; i++) {
		v[i] = sim_rng_unit(r);
		cr_assert(v[i] > 0 && v[i] < 1 && v[i] * 0x1p53 == floor(v[i] * 0x1p53));
	}
	expect_ks(v, gsl_cdf_flat_P, 0, 1, "unit");
	for (int i = 0; i < DRAWS; i++)
		v[i] = sim_rng_exponential(r, 5);
	expect_ks(v, exponential_cdf, 5, 0, "exponential");
	sim_rng_free(r);
}

/* The scale is so large that rounding to an integer does not show. */
#define SCALE 1e12

static double gaussian_cdf(double x, double mean, double sigma)
{
	return gsl_cdf_gaussian_P(x - mean, sigma);
}

Test(rng, distributions_follow_gsl)
{
	static const struct {
		struct sim_dist d;
		double (*cdf)(double x, double a, double b);
		const char *name;
	} row[] = {
		{ { SIM_DIST_UNIFORM, { SCALE, 3 * SCALE } }, gsl_cdf_flat_P, "uniform" },
		{ { SIM_DIST_EXPONENTIAL, { SCALE } }, exponential_cdf, "exponential" },
		{ { SIM_DIST_GAUSSIAN, { 9 * SCALE, SCALE } }, gaussian_cdf, "gaussian" },
		{ { SIM_DIST_LOGNORMAL, { 25, 0.7 } }, gsl_cdf_lognormal_P, "lognormal" },
		{ { SIM_DIST_PARETO, { 1.5, SCALE } }, gsl_cdf_pareto_P, "pareto" },
		{ { SIM_DIST_WEIBULL, { SCALE, 0.6 } }, gsl_cdf_weibull_P, "weibull" },
		{ { SIM_DIST_WEIBULL, { SCALE, 3 } }, gsl_cdf_weibull_P, "weibull" },
		{ { SIM_DIST_GAMMA, { 0.3, SCALE } }, gsl_cdf_gamma_P, "gamma" },
		{ { SIM_DIST_GAMMA, { 1, SCALE } }, gsl_cdf_gamma_P, "gamma" },
		{ { SIM_DIST_GAMMA, { 4.5, SCALE } }, gsl_cdf_gamma_P, "gamma" },
	};
	static double v[DRAWS];

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct sim_rng *r = sim_rng_new(11, row[i].name);

		for (int k = 0; k < DRAWS; k++)
			v[k] = (double)sim_dist_draw(&row[i].d, r);
		expect_ks(v, row[i].cdf, row[i].d.p[0], row[i].d.p[1], row[i].name);
		sim_rng_free(r);
	}
}

/* GSL's geometric counts the successful trial too. */
static void expect_geometric(struct sim_rng *r, double p)
{
	static double v[DRAWS];
	double worst = 0;

	for (int i = 0; i < DRAWS; i++)
		v[i] = (double)sim_rng_geometric0(r, p);
	qsort(v, DRAWS, sizeof(*v), by_double);
	for (int i = 0; i < DRAWS; i++) {
		if (i + 1 == DRAWS || v[i] != v[i + 1])
			worst = fmax(worst, fabs(gsl_cdf_geometric_P((unsigned)v[i] + 1, p) - (double)(i + 1) / DRAWS));
	}
	cr_assert_lt(worst, 1.95 / sqrt(DRAWS), "p = %g: %g", p, worst);
}

Test(rng, geometric)
{
	struct sim_rng *r = sim_rng_new(1, "geometric");

	expect_geometric(r, 0.9);
	expect_geometric(r, 0.5);
	expect_geometric(r, 0.01);
	expect_geometric(r, 1e-6);
	for (int i = 0; i < 100; i++) {
		cr_assert_eq(sim_rng_geometric0(r, 1), 0);
		cr_assert_eq(sim_rng_geometric0(r, 1e-300), DRAW_MAX);
	}
	sim_rng_free(r);
}

static uint64_t constant(double x)
{
	struct sim_dist d = { SIM_DIST_CONSTANT, { x, 0, 0 } };

	return sim_dist_draw(&d, NULL); /* needs no randomness */
}

Test(rng, draws_round_and_clamp)
{
	cr_assert_eq(constant(0), 0);
	cr_assert_eq(constant(0.49999999999999994), 0);
	cr_assert_eq(constant(0.5), 1);
	cr_assert_eq(constant(1.5), 2);
	cr_assert_eq(constant(2.4999), 2);
	cr_assert_eq(constant(0x1p53 + 2), (UINT64_C(1) << 53) + 2);
	cr_assert_eq(constant(-3), 0);
	cr_assert_eq(constant(-INFINITY), 0);
	cr_assert_eq(constant(NAN), 0);
	cr_assert_eq(constant(0x1p62), DRAW_MAX);
	cr_assert_eq(constant(1e300), DRAW_MAX);
	cr_assert_eq(constant(INFINITY), DRAW_MAX);
}

Test(rng, clamped_gaussian)
{
	struct sim_dist d = { SIM_DIST_GAUSSIAN, { 0, 1000, 0 } };
	struct sim_rng *r = sim_rng_new(1, "clamp");
	int zeros = 0;

	for (int i = 0; i < DRAWS; i++)
		zeros += sim_dist_draw(&d, r) == 0;
	cr_assert_lt(abs(zeros - DRAWS / 2), 300);
	sim_rng_free(r);
}

/* Parameters that are no distribution are the scenario reader's to refuse; here they must only come to an end. */
Test(rng, nonsense_terminates, .timeout = 10)
{
	static const double nonsense[] = { 0, -1, -1e300, 1e308, NAN, INFINITY, -INFINITY };
	struct sim_rng *r = sim_rng_new(1, "nonsense");

	for (int kind = 0; kind < SIM_DIST_COUNT; kind++) {
		for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
			for (size_t j = 0; j < ARRAY_LEN(nonsense); j++) {
				struct sim_dist d = { (enum sim_dist_kind)kind, { nonsense[i], nonsense[j], 0 } };

				cr_assert_leq(sim_dist_draw(&d, r), DRAW_MAX);
			}
		}
	}
	sim_rng_free(r);
}
