/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal numbers kept as digits: nothing is rounded before it has to become an integer or a double. */
#ifndef OOMSIM_SCENARIO_DECIMAL_H
#define OOMSIM_SCENARIO_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* m * 10^e, negated if neg. m has at most 19 digits; 0 has e = 0 and no sign. */
struct dec {
	bool neg;
	uint64_t m;
	int e;
};

/* The number at the start of s: sign, digits with an optional fraction, optional exponent. Returns what follows it, or NULL
 * with *why completing "'s' ..." (static text). */
const char *dec_parse(const char *s, struct dec *ret, const char **why);

/* |d| * mul / div rounded to nearest, halves up, into *ret; false if it does not fit in 64 bits. mul < 2^63, div 1 or 100. */
bool dec_scale(const struct dec *d, uint64_t mul, uint64_t div, uint64_t *ret);

/* d as a double. Exact powers of ten and IEEE operations only, so the same everywhere; correctly rounded up to 15 digits
 * with exponents up to 22. */
double dec_real(const struct dec *d);

#endif
