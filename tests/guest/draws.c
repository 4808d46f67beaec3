/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest draws from the scenario's distributions by code of its own: the same means, the same shares. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/core/rng.h"
#include "tests/guest/guest_side.h"

#define DRAWS 200000

static struct ctx ctx = { .rng = { 0x1234567, 0x89abcdef }, .nthread = 1 };

/* Means with standard error 0.3 % or less each, so 2 % is far outside chance. */
Test(draws, means_are_those_of_the_simulation)
{
	static const struct sim_dist d[] = {
		{ SIM_DIST_CONSTANT, { 5e6, 0, 0 } },	{ SIM_DIST_UNIFORM, { 1e6, 9e6, 0 } },
		{ SIM_DIST_EXPONENTIAL, { 4e6, 0, 0 } }, { SIM_DIST_GAUSSIAN, { 8e6, 2e6, 0 } },
		{ SIM_DIST_LOGNORMAL, { 15, 0.5, 0 } },	{ SIM_DIST_PARETO, { 4, 1e6, 0 } },
		{ SIM_DIST_WEIBULL, { 3e6, 1.5, 0 } },	{ SIM_DIST_GAMMA, { 0.7, 3e6, 0 } },
	};
	struct sim_rng *rng = sim_rng_new(1, "draws");

	cr_assert_eq(sizeof(d) / sizeof(*d), SIM_DIST_COUNT);
	for (size_t i = 0; i < SIM_DIST_COUNT; i++) {
		struct dist g = { (uint32_t)d[i].kind, { d[i].p[0], d[i].p[1] } };
		double guest = 0, sim = 0;

		for (int k = 0; k < DRAWS; k++) {
			guest += (double)dist_draw(&ctx, &g);
			sim += (double)sim_dist_draw(&d[i], rng);
		}
		cr_assert(fabs(guest / sim - 1) < 0.02, "kind %zu: %.0f against %.0f", i, guest / DRAWS, sim / DRAWS);
	}
	sim_rng_free(rng);
}

/* Zipf with s = 1 over four: weights 1, 1/2, 1/3, 1/4 of 25/12; rank 1 is 48 %, rank 4 is 12 %. */
Test(draws, zipf)
{
	struct step s = { .pattern = 'z', .s = 1 };
	struct draw d;
	int n[4] = { 0 };

	draw_begin(&d, &s, 4, false);
	for (int i = 0; i < DRAWS; i++)
		n[draw_next(&d, &ctx)]++;
	cr_assert(fabs(n[0] / (double)DRAWS - 0.48) < 0.01);
	cr_assert(fabs(n[3] / (double)DRAWS - 0.12) < 0.01);
}

Test(draws, zipf_scattered_reaches_every_page)
{
	struct step s = { .pattern = 'z', .s = 0.5 };
	struct draw d;
	int n[10] = { 0 };

	draw_begin(&d, &s, 10, true);
	for (int i = 0; i < DRAWS; i++)
		n[draw_next(&d, &ctx)]++;
	for (int i = 0; i < 10; i++)
		cr_assert(n[i] > DRAWS / 100);
	cr_assert(n[0] > n[1]); /* rank 1 is page 0, and rank 2 is not its neighbour */
	cr_assert(n[d.stride] > n[1]);
}

Test(draws, hotcold)
{
	struct step s = { .pattern = 'h', .hot = 0.2, .hot_weight = 0.9 };
	struct draw d;
	int hot = 0;

	draw_begin(&d, &s, 100, true);
	for (int i = 0; i < DRAWS; i++)
		hot += draw_next(&d, &ctx) < 20;
	cr_assert(fabs(hot / (double)DRAWS - 0.9) < 0.01);
}

Test(draws, sequential_goes_round)
{
	struct step s = { .pattern = 's' };
	struct draw d;

	draw_begin(&d, &s, 3, true);
	for (uint64_t i = 0; i < 7; i++)
		cr_assert_eq(draw_next(&d, &ctx), i % 3);
}

Test(draws, batches_are_two_milliseconds_of_the_rate)
{
	cr_assert_eq(default_batch(0, 64), 64);
	cr_assert_eq(default_batch(100, 64), 1);
	cr_assert_eq(default_batch(6400, 64), 12);
	cr_assert_eq(default_batch(1e6, 64), 256);
}
