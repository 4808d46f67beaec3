/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "sim/world/arena.h"
#include "tests/core/failing.h"

Test(arena, frees_what_is_left)
{
	struct failing f = { 100, 0 };
	struct sim_alloc parent = FAILING_ALLOC(&f);
	struct arena ar;
	char *p[5];

	arena_init(&ar, &parent);
	for (int i = 0; i < 5; i++) {
		p[i] = sim_malloc(&ar.alloc, 10);
		cr_assert_eq((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		memset(p[i], i, 10);
	}
	cr_assert_eq(f.live, 5);
	sim_free(&ar.alloc, p[2]); /* from the middle, the front and the end */
	sim_free(&ar.alloc, p[4]);
	sim_free(&ar.alloc, p[0]);
	cr_assert_eq(f.live, 2);
	cr_assert_eq(p[1][9], 1);
	cr_assert_eq(p[3][9], 3);
	arena_free_all(&ar);
	cr_assert_eq(f.live, 0);
	cr_assert_eq(ar.bytes, 0);
}

Test(arena, resizes)
{
	struct failing f = { 3, 0 };
	struct sim_alloc parent = FAILING_ALLOC(&f);
	struct arena ar;
	char *p, *q;

	arena_init(&ar, &parent);
	p = sim_malloc(&ar.alloc, 4);
	memcpy(p, "abc", 4);
	sim_malloc(&ar.alloc, 4);
	q = sim_realloc(&ar.alloc, p, 10000);
	cr_assert_str_eq(q, "abc");
	cr_assert_gt(ar.bytes, 10000);
	cr_assert_null(sim_realloc(&ar.alloc, q, 20000), "the parent has no more");
	cr_assert_str_eq(q, "abc", "and the block stays");
	arena_free_all(&ar);
	cr_assert_eq(f.live, 0);
}

Test(arena, zeroes_and_refuses)
{
	struct arena ar;
	char *p;

	arena_init(&ar, &sim_alloc_libc);
	p = sim_calloc(&ar.alloc, 3, 100);
	for (int i = 0; i < 300; i++)
		cr_assert_eq(p[i], 0);
	cr_assert_null(sim_malloc(&ar.alloc, SIZE_MAX - 8), "the head would wrap it");
	arena_free_all(&ar);
}
