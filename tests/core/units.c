/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "sim/core/units.h"

Test(units, isqrt_small_against_counting)
{
	uint64_t r = 0;

	for (uint64_t x = 0; x < 100000; x++) {
		if ((r + 1) * (r + 1) <= x)
			r++;
		cr_assert_eq(isqrt64(x), r);
	}
}

Test(units, isqrt_around_squares)
{
	for (uint64_t r = 1; r <= UINT32_MAX; r = r * 3 / 2 + 1) {
		cr_assert_eq(isqrt64(r * r), r);
		cr_assert_eq(isqrt64(r * r - 1), r - 1);
		cr_assert_eq(isqrt64(r * r + 2 * r), r); /* the last before (r + 1)^2 */
	}
	cr_assert_eq(isqrt64(UINT64_MAX), UINT32_MAX);
	cr_assert_eq(isqrt64((uint64_t)UINT32_MAX * UINT32_MAX), UINT32_MAX);
	cr_assert_eq(isqrt64((uint64_t)UINT32_MAX * UINT32_MAX - 1), UINT32_MAX - 1);
}

Test(units, checked_arithmetic)
{
	uint64_t v = 7;

	cr_assert(u64_add(UINT64_MAX - 1, 1, &v) && v == UINT64_MAX);
	v = 7;
	cr_assert(!u64_add(UINT64_MAX, 1, &v) && v == 7);
	cr_assert(u64_mul(UINT64_C(1) << 32, UINT32_MAX, &v) && v == UINT64_C(0xffffffff00000000));
	v = 7;
	cr_assert(!u64_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &v) && v == 7);
	cr_assert_eq(u64_sub0(3, 5), 0);
	cr_assert_eq(u64_sub0(5, 3), 2);
	cr_assert_eq(u64_muldiv(UINT64_MAX, 10, 20), UINT64_MAX / 2);
	cr_assert_eq(u64_muldiv(7, 3, 2), 10);
}
