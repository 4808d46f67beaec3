/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Truncated Taylor series after the usual reductions: the coefficients are plain fractions that can be checked by eye,
 * and every sum is written out with its parentheses (Estrin's scheme), since the order of rounding is the result.
 *
 *   log: x = 2^k m, m in [0.707, 1.414); with s = (m - 1) / (m + 1), log m = 2 atanh s = 2 (s + s^3/3 + s^5/5 + ...).
 *        |s| < 0.1716, so the first term left out, s^22/23, is below 1e-17 of the sum.
 *   exp: x = k log 2 + r, |r| < 0.347; r^14/14! is below 5e-18.
 *   pow: exp(y log x), with the logarithm to about 57 bits in two doubles, since y log x reaches 709 and its absolute
 *        error becomes the relative error of the result.
 */
#include "sim/core/fmath.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles (x87 does not; use SSE2)");
#ifdef __FAST_MATH__
#error "fast-math would let the compiler reorder sums"
#endif

#define LN2_HI   0x1.62e42fefa38p-1   /* log 2 to 42 bits: exact when multiplied by an exponent */
#define LN2_LO   0x1.ef35793c7673p-45 /* log 2 - LN2_HI */
#define LOG2_E   0x1.71547652b82fep+0
#define EXP_MAX  0x1.62e42fefa39efp+9 /* log of the largest double, 709.78 */
#define EXP_MIN  -745.0
#define BITS_LOW UINT64_C(0x3fe6a09e667f3bcd) /* sqrt(1/2) */
#define BITS_INF UINT64_C(0x7ff0000000000000)
#define ROUNDER  0x1.8p52 /* adding it leaves no room for a fraction: rounds to an integer */

static uint64_t to_bits(double x)
{
	uint64_t u;

	memcpy(&u, &x, sizeof(u));
	return u;
}

static double from_bits(uint64_t u)
{
	double x;

	memcpy(&x, &u, sizeof(x));
	return x;
}

/* x = 2^k m with m in [sqrt(1/2), sqrt(2)), so that an x near 1 has k = 0 and loses nothing. x is positive and
 * finite. */
static double split(double x, int *ret_k)
{
	uint64_t u = to_bits(x);
	int64_t k, below = 0;

	if (x < DBL_MIN) {
		u = to_bits(x * 0x1p54);
		below = 54;
	}
	k = (int64_t)(u - BITS_LOW) >> 52;
	*ret_k = (int)(k - below);
	return from_bits(u - ((uint64_t)k << 52));
}

/* (atanh(s) / s - 1) / z for z = s^2: 1/3 + z/5 + z^2/7 + ... + z^9/21. */
static inline double atanh_tail(double z)
{
	double z2 = z * z, z4 = z2 * z2, z8 = z4 * z4;
	double a = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
	double b = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));

	return (a + z4 * b) + z8 * (1.0 / 19 + z * (1.0 / 21));
}

/* k log 2 + log(1 + f) + c, c being small. 2s is written f - s f, which keeps f, exact, as the leading term. */
static inline double log_sum(double f, int k, double c)
{
	double s = f / (2 + f), z = s * s;
	double t = s * (2 * z * atanh_tail(z) - f);

	return k * LN2_HI + (f + (t + (k * LN2_LO + c)));
}

double fm_log(double x)
{
	double m;
	int k;

	if (!(x > 0 && x <= DBL_MAX))
		return x > 0 ? x : x == 0 ? -(double)__builtin_inff() : (double)__builtin_nanf("");
	m = split(x, &k);
	return log_sum(m - 1, k, 0);
}

double fm_log1p(double x)
{
	double u, m;
	int k;

	if (x > -0.29 && x < 0.41)
		return log_sum(x, 0, 0);
	u = 1 + x;
	if (!(u > 0 && u <= DBL_MAX))
		return fm_log(u);
	m = split(u, &k);
	/* What the addition rounded away, relative to u; both differences are exact. */
	return log_sum(m - 1, k, (x > 1 ? 1 - (u - x) : x - (u - 1)) / u);
}

static inline double scale(double x, int k)
{
	if (k < -1021)
		return x * from_bits((uint64_t)(k + 1023 + 200) << 52) * 0x1p-200;
	if (k > 1023)
		return x * from_bits((uint64_t)(k + 1023 - 1) << 52) * 2;
	return x * from_bits((uint64_t)(k + 1023) << 52);
}

/* exp(x + c), c being a correction far below x. */
static double exp_sum(double x, double c)
{
	double kd, r, r2, r4, a, b, d;

	if (!(x <= EXP_MAX))
		return x > 0 ? (double)__builtin_inff() : x;
	if (x < EXP_MIN)
		return 0;
	kd = (x * LOG2_E + ROUNDER) - ROUNDER;
	r = (x - kd * LN2_HI) - (kd * LN2_LO - c);
	r2 = r * r;
	r4 = r2 * r2;
	a = (1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
	b = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
	d = (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
	return scale(1 + (r + r2 * (a + r4 * (b + r4 * d))), (int)kd);
}

double fm_exp(double x)
{
	return exp_sum(x, 0);
}

/* x as a sum of two doubles of at most 26 bits each (Veltkamp 1968). */
static inline double high_half(double x)
{
	double t = 134217729.0 * x;

	return t - (t - x);
}

/* What x * y rounded away, exactly, given p = fl(x * y) (Dekker 1971; an fma would do, but not every machine has
 * one). */
static inline double product_error(double x, double y, double p)
{
	double xh = high_half(x), xl = x - xh, yh = high_half(y), yl = y - yh;

	return ((xh * yh - p) + xh * yl + xl * yh) + xl * yl;
}

/* log x as an unevaluated sum. */
static double log_two(double x, double *ret_low)
{
	int k;
	double m = split(x, &k), f = m - 1;
	double d = m + 1, d_low = m - (d - 1);
	double s = f / d, p = s * d, z = s * s;
	double s_low = (((f - p) - product_error(s, d, p)) - s * d_low) / d;
	double tail = 2 * s * z * atanh_tail(z) + 2 * s_low * (1 + z);
	double big = k * LN2_HI, sum = big + 2 * s;
	double lost = k ? 2 * s - (sum - big) : 0; /* |big| > |2s| unless k is 0 */
	double low = lost + (tail + k * LN2_LO), high = sum + low;

	*ret_low = low - (high - sum);
	return high;
}

double fm_pow(double x, double y)
{
	double high, low, p;

	if (!(x > 0 && x <= DBL_MAX) || y == 0)
		return y == 0 ? 1 : fm_exp(y * fm_log(x));
	high = log_two(x, &low);
	p = y * high;
	if (!(p >= -800 && p <= 800)) /* also keeps product_error() from overflowing */
		return fm_exp(p);
	return exp_sum(p, product_error(y, high, p) + y * low);
}
