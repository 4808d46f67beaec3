/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/units.h"

/*
 * One result bit a round, from the highest down; no division and no floating point. `bit` is the square of the bit
 * being tried, `root` the bits found so far, shifted so that root + bit is what setting this bit would add to the
 * square.
 */
uint64_t isqrt64(uint64_t x)
{
	uint64_t root = 0, bit;

	if (!x)
		return 0;
	for (bit = UINT64_C(1) << ((63 - __builtin_clzll(x)) & ~1); bit; bit >>= 2) {
		uint64_t add = root + bit;

		root >>= 1;
		if (x >= add) {
			x -= add;
			root += bit;
		}
	}
	return root;
}
