/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "sim/core/alloc.h"
#include "tests/core/failing.h"

Test(alloc, libc_keeps_contents)
{
	char *p = sim_malloc(&sim_alloc_libc, 4);

	memcpy(p, "abc", 4);
	p = sim_realloc(&sim_alloc_libc, p, 100000);
	cr_assert_str_eq(p, "abc");
	cr_assert_null(sim_realloc(&sim_alloc_libc, p, 0)); /* a leak here is ASan's to report */
	sim_free(&sim_alloc_libc, NULL);
}

Test(alloc, calloc_zeroes_with_any_allocator)
{
	struct failing f = { 2, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);
	unsigned char *p = sim_malloc(&a, 300), *q;

	memset(p, 0xff, 300);
	sim_free(&a, p);
	q = sim_calloc(&a, 100, 3); /* most likely the same block */
	for (int i = 0; i < 300; i++)
		cr_assert_eq(q[i], 0);
	sim_free(&a, q);
	q = sim_calloc(&sim_alloc_libc, 100, 3);
	for (int i = 0; i < 300; i++)
		cr_assert_eq(q[i], 0);
	sim_free(&sim_alloc_libc, q);
	cr_assert_eq(f.live, 0);
}

static void *counting_zalloc(void *ctx, size_t n)
{
	*(size_t *)ctx = n;
	return calloc(1, n);
}

Test(alloc, calloc_asks_for_zeroed_memory_where_it_can)
{
	size_t asked = 0;
	struct sim_alloc a = { .ctx = &asked, .zalloc = counting_zalloc };
	void *p = sim_calloc(&a, 6, 7), *q;

	cr_assert(p);
	cr_assert_eq(asked, 42);
	q = sim_calloc(&a, 0, 7);
	cr_assert_eq(asked, 1, "zalloc is promised n > 0");
	asked = 42;
	cr_assert_null(sim_calloc(&a, SIZE_MAX / 2 + 2, 2));
	cr_assert_eq(asked, 42);
	free(p);
	free(q);
}

Test(alloc, calloc_refuses_overflow)
{
	struct failing f = { 1, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);

	cr_assert_null(sim_calloc(&sim_alloc_libc, SIZE_MAX / 2 + 2, 2)); /* would wrap to 2 bytes */
	cr_assert_null(sim_calloc(&a, SIZE_MAX / 2 + 2, 2));
	cr_assert_eq(f.left, 1, "the allocator must not be asked for a wrapped size");
}

Test(alloc, nothing_is_not_failure)
{
	struct failing f = { 2, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);
	void *p = sim_malloc(&a, 0), *q = sim_calloc(&a, 0, 8), *r = sim_calloc(&sim_alloc_libc, 0, 8);

	cr_assert(p && q && r);
	sim_free(&a, p);
	sim_free(&a, q);
	sim_free(&sim_alloc_libc, r);
	cr_assert_eq(f.live, 0);
}

Test(alloc, failure_is_null)
{
	struct failing f = { 0, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);

	cr_assert_null(sim_malloc(&a, 1));
	cr_assert_null(sim_calloc(&a, 1, 1));
	cr_assert_null(sim_realloc(&a, NULL, 1));
}
