/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/decimal.h"

#include <stddef.h>
#include <string.h>

#include "sim/core/units.h"

typedef unsigned __int128 u128;

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One more digit of the mantissa; false when there are more than 19 that matter. Zeros wait in *zeros until one follows
 * that is not zero, so 1.50000000000000000000 is as good as 1.5. */
static bool push_digit(struct dec *d, unsigned c, unsigned *zeros)
{
	uint64_t m;

	if (!c) {
		*zeros += d->m != 0;
		return true;
	}
	for (; *zeros; --*zeros)
		if (!u64_mul(d->m, 10, &d->m))
			return false;
	if (!u64_mul(d->m, 10, &m) || !u64_add(m, c, &m))
		return false;
	d->m = m;
	return true;
}

/* [eE][+-]digits, only if digits follow: "5e" is a number with an unknown unit. */
static const char *parse_exponent(const char *s, int *e)
{
	const char *p = s + 1;
	int sign = 1, v = 0;

	if (*s != 'e' && *s != 'E')
		return s;
	if (*p == '+' || *p == '-')
		sign = *p++ == '-' ? -1 : 1;
	if (!digit(*p))
		return s;
	for (; digit(*p); p++)
		if (v < 100000)
			v = v * 10 + (*p - '0');
	*e += sign * v;
	return p;
}

/* Digits with an optional fraction. Returns the end, or NULL with *why set. */
static const char *parse_digits(const char *s, struct dec *d, const char **why)
{
	unsigned zeros = 0, ndigits = 0;
	bool frac = false;

	for (; digit(*s) || (*s == '.' && !frac); s++) {
		if (*s == '.') {
			frac = true;
			continue;
		}
		ndigits++;
		d->e -= frac;
		if (!push_digit(d, (unsigned)(*s - '0'), &zeros)) {
			*why = frac ? "has more than 19 significant digits" : "is too large";
			return NULL;
		}
	}
	*why = "is not a number";
	if (!ndigits || s[-1] == '.')
		return NULL;
	d->e += (int)zeros;
	return s;
}

const char *dec_parse(const char *s, struct dec *ret, const char **why)
{
	struct dec d = { 0 };
	const char *p = s;

	*why = "is too long for a number";
	if (strlen(s) > 64)
		return NULL;
	if (*p == '-' || *p == '+')
		d.neg = *p++ == '-';
	p = parse_digits(p, &d, why);
	if (!p)
		return NULL;
	p = parse_exponent(p, &d.e);
	if (!d.m)
		d.e = 0, d.neg = false;
	*ret = d;
	return p;
}

bool dec_scale(const struct dec *d, uint64_t mul, uint64_t div, uint64_t *ret)
{
	u128 v = (u128)d->m * mul, q = div;
	int e = d->e;

	for (; e > 0; e--)
		if (__builtin_mul_overflow(v, (u128)10, &v))
			return false;
	for (; e < 0; e++)
		if (__builtin_mul_overflow(q, (u128)10, &q)) {
			*ret = 0; /* v < 2^64 * 2^63, so v / 10^39 is far below one half */
			return true;
		}
	v = v / q + (v % q >= q - v % q && v % q != 0);
	if (v > UINT64_MAX)
		return false;
	*ret = (uint64_t)v;
	return true;
}

double dec_real(const struct dec *d)
{
	double v = (double)d->m;
	int e = d->e;

	if (e > 400 || e < -400)
		e = e > 0 ? 400 : -400;
	for (; e >= 22; e -= 22)
		v *= 1e22;
	for (; e <= -22; e += 22)
		v /= 1e22;
	for (; e > 0; e--)
		v *= 10;
	if (e < 0) {
		double p = 1;

		for (; e < 0; e++)
			p *= 10;
		v /= p;
	}
	return d->neg ? -v : v;
}
