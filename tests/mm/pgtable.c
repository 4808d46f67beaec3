/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>

static const sim_pages none[MAX_ZONES] = { 0, 0, 1 };

Test(pgtable, entries_are_where_they_were_put)
{
	struct testworld *tw = tw_new(1, none, 1);
	struct ptable a = { 0 }, b = { 0 };
	static const uint64_t idx[] = { 0, 511, 512, 99999, 1 << 20 };

	cr_assert_null(pt_lookup(&tw->w, &a, 0));
	for (size_t i = 0; i < ARRAY_LEN(idx); i++) {
		*pt_get(&tw->w, &a, idx[i], false, 7) = PTE_PRESENT | (pte_t)i;
		*pt_get(&tw->w, &b, idx[i], true, 8) = PTE_SWAP | (pte_t)i;
	}
	for (size_t i = 0; i < ARRAY_LEN(idx); i++) {
		const struct chunk *c = &tw->w.chunks.v[pt_gvpn(&a, idx[i]) >> CHUNK_SHIFT];

		cr_assert_eq(*pt_lookup(&tw->w, &a, idx[i]), PTE_PRESENT | i);
		cr_assert_eq(*pt_lookup(&tw->w, &b, idx[i]), PTE_SWAP | i);
		cr_assert_eq((uint64_t)c->base << CHUNK_SHIFT | (pt_gvpn(&a, idx[i]) & CHUNK_MASK), idx[i],
			     "a frame finds its owner");
		cr_assert_eq(c->owner, 7);
		cr_assert_not(c->inode);
	}
	cr_assert_eq(a.nalloc, 4);
	cr_assert(pt_has_chunk(&a, 1000));
	cr_assert_not(pt_has_chunk(&a, 1024));
	cr_assert_null(pt_lookup(&tw->w, &a, UINT64_C(1) << 40));
	pt_free(&tw->w, &a);
	pt_free(&tw->w, &b);
	tw_free(tw);
}

Test(pgtable, numbers_are_used_again_and_zero_is_nobody)
{
	struct testworld *tw = tw_new(1, none, 1);
	struct ptable a = { 0 }, b = { 0 };

	for (uint64_t i = 0; i < 300; i++)
		*pt_get(&tw->w, &a, i << CHUNK_SHIFT, false, 1) = PTE_SWAP | 1;
	cr_assert_eq(tw->w.chunks.n, 301);
	for (uint64_t i = 0; i < 300; i++)
		cr_assert_neq(pt_gvpn(&a, i << CHUNK_SHIFT), 0);
	pt_free(&tw->w, &a);
	cr_assert_eq(a.nchunk, 0);
	for (uint64_t i = 0; i < 300; i++)
		cr_assert_eq(*pt_get(&tw->w, &b, i << CHUNK_SHIFT, true, 2), PTE_NONE, "a used chunk comes back clean");
	cr_assert_eq(tw->w.chunks.n, 301);
	cr_assert_eq(tw->w.chunks.v[b.chunk[0]].owner, 2);
	cr_assert_eq(tw->w.chunks.v[b.chunk[0]].present, 0);
	pt_free(&tw->w, &b);
	tw_free(tw);
}

/* An allocator that gives out so many blocks and no more. */
static void *limited(void *ctx, void *p, size_t n)
{
	int *left = ctx;

	if (n && (*left)-- <= 0)
		return NULL;
	return sim_alloc_libc.realloc(NULL, p, n);
}

Test(pgtable, out_of_host_memory_is_reported)
{
	for (int give = 0; give < 12; give++) {
		struct testworld *tw = tw_new(1, none, 1);
		struct ptable t = { 0 };
		int left = give, got = 0;
		struct sim_alloc few = { .realloc = limited, .ctx = &left };

		tw->w.a = &few;
		while (pt_get(&tw->w, &t, (uint64_t)got << CHUNK_SHIFT, false, 0))
			got++;
		cr_assert_leq(got, give);
		cr_assert_eq(t.nalloc, (uint32_t)got);
		pt_free(&tw->w, &t);
		tw->w.a = &sim_alloc_libc;
		tw_free(tw);
	}
}
