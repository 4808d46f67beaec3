/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "sim/core/digest.h"
#include "sim/core/fmath.h"

#define TOLERANCE 1e-14L

static double rnd(uint64_t *x) /* [0, 1) */
{
	*x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*x >> 11) * 0x1p-53;
}

static void close_to(double got, long double want, double x, double y)
{
	long double e = fabsl(((long double)got - want) / want);

	cr_assert(e < TOLERANCE, "x = %a, y = %a: got %.17g, want %.20Lg (%.2Le)", x, y, got, want, e);
}

Test(fmath, log_over_all_exponents)
{
	uint64_t r = 1;

	for (int e = -1074; e < 1024; e++) {
		for (int i = 0; i < 50; i++) {
			double x = ldexp(1 + rnd(&r), e);

			if (x != 1)
				close_to(fm_log(x), logl(x), x, 0);
		}
	}
}

/* Where x is 1 + 2^-52 the logarithm is 2^-52: nothing may cancel. */
Test(fmath, log_near_one)
{
	uint64_t r = 2;

	for (int e = 0; e < 53; e++) {
		for (int i = 0; i < 100; i++) {
			double x = 1 + (rnd(&r) - 0.5) * ldexp(1, -e);

			if (x != 1)
				close_to(fm_log(x), logl(x), x, 0);
		}
	}
	close_to(fm_log(nextafter(1, 2)), logl(nextafter(1, 2)), 1, 0);
	close_to(fm_log(nextafter(1, 0)), logl(nextafter(1, 0)), 1, 0);
	cr_assert(fm_log(1) == 0);
}

Test(fmath, log1p_of_anything)
{
	uint64_t r = 3;

	for (int e = -300; e < 300; e++) {
		for (int i = 0; i < 50; i++) {
			double x = ldexp(1 + rnd(&r), e);

			close_to(fm_log1p(x), log1pl(x), x, 0);
			if (x < 1)
				close_to(fm_log1p(-x), log1pl(-x), -x, 0);
		}
	}
	cr_assert(fm_log1p(0) == 0);
	cr_assert(fm_log1p(1e-300) == 1e-300);
	close_to(fm_log1p(-1 + 0x1p-53), log1pl(-1 + 0x1p-53), -1, 0);
}

Test(fmath, exp_of_normal_range)
{
	uint64_t r = 4;

	for (int i = 0; i < 100000; i++) {
		double x = -708 + 1417.7 * rnd(&r);

		close_to(fm_exp(x), expl(x), x, 0);
		x = rnd(&r) - 0.5;
		close_to(fm_exp(x), expl(x), x, 0);
	}
	cr_assert(fm_exp(0) == 1);
	close_to(fm_exp(1), 2.718281828459045235360287L, 1, 0);
}

Test(fmath, exp_at_its_ends)
{
	cr_assert(isinf(fm_exp(709.79)));
	cr_assert(isinf(fm_exp(1e300)));
	cr_assert(isinf(fm_exp(INFINITY)));
	cr_assert(isnan(fm_exp(NAN)));
	close_to(fm_exp(709.782712893), expl(709.782712893), 709.782712893, 0);
	cr_assert(fm_exp(-745.01) == 0);
	cr_assert(fm_exp(-INFINITY) == 0);
	cr_assert(fm_exp(-744.9) > 0);
	/* Subnormal: right to the last bit it has. */
	for (double x = -744; x < -708; x += 0.37)
		cr_assert(fabsl(fm_exp(x) - expl(x)) <= 0x1p-1074L, "%g", x);
}

Test(fmath, log_at_its_ends)
{
	cr_assert(isinf(fm_log(0)) && fm_log(0) < 0);
	cr_assert(isnan(fm_log(-1)));
	cr_assert(isnan(fm_log(NAN)));
	cr_assert(isinf(fm_log(INFINITY)));
	cr_assert(isinf(fm_log1p(-1)) && fm_log1p(-1) < 0);
	close_to(fm_log(DBL_MAX), logl(DBL_MAX), DBL_MAX, 0);
	close_to(fm_log1p(DBL_MAX), logl(DBL_MAX), DBL_MAX, 0);
}

/* y is drawn so that the result spreads over the whole range: there the logarithm's error counts 700 times. */
Test(fmath, pow_over_the_range)
{
	uint64_t r = 5;

	for (int i = 0; i < 100000; i++) {
		double m = 1 + rnd(&r), e = rnd(&r), target = 1416 * rnd(&r) - 708; /* drawn in this order */
		double x = ldexp(m, (int)(2000 * e) - 1000), y;
		long double want;

		if (i % 3 == 0)
			x = 1 + (rnd(&r) - 0.5) * ldexp(1, -(i % 50));
		if (x == 1)
			continue;
		y = target / (double)logl(x);
		want = powl(x, y);
		if (want > DBL_MIN && want < DBL_MAX)
			close_to(fm_pow(x, y), want, x, y);
	}
}

Test(fmath, pow_exact_cases)
{
	cr_assert(fm_pow(7, 0) == 1);
	cr_assert(fm_pow(1, 1e300) == 1);
	cr_assert(fm_pow(2, 10) == 1024);
	cr_assert(fm_pow(2, -1022) == DBL_MIN);
	cr_assert(isinf(fm_pow(2, 1024)));
	cr_assert(isinf(fm_pow(0.5, -1e300)));
	cr_assert(fm_pow(0.5, 1e300) == 0);
	cr_assert(fm_pow(0, 2) == 0);
	cr_assert(isinf(fm_pow(0, -2)));
	cr_assert(fm_pow(INFINITY, -1) == 0);
	for (int i = 1; i < 100; i++)
		close_to(fm_pow(i, 3), (long double)i * i * i, i, 3);
}

/* The bits themselves, over 20000 arguments of each function: equal for every compiler, option and machine, or runs
 * are not. */
Test(fmath, same_bits_everywhere)
{
	struct digest d = DIGEST_INIT;
	uint64_t r = 6;
	char hex[33];

	for (int i = 0; i < 20000; i++) {
		double m = 1 + rnd(&r), e = rnd(&r), u = rnd(&r), w = rnd(&r), y = rnd(&r); /* drawn in this order */
		double x = ldexp(m, (int)(200 * e) - 100);
		double v[] = { fm_log(x), fm_log1p(x), fm_log1p(-u), fm_exp(1400 * w - 700), fm_pow(x, 20 * y - 10) };

		for (int k = 0; k < 5; k++) {
			uint64_t bits;

			memcpy(&bits, &v[k], sizeof(bits));
			digest_u64(&d, bits);
		}
	}
	digest_hex(&d, hex);
	cr_assert_str_eq(hex, "7cfefbbeccf2b005c6565e8bf1aee03e");
}
