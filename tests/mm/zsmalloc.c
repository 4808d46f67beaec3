/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The size classes of zsmalloc, against the kernel's documentation (Documentation/mm/zsmalloc.rst) and sums worked by hand. */
#include <criterion/criterion.h>

#include "sim/mm/zsmalloc.h"

static const struct zs_class *class_of_size(const struct zs_pool *p, uint32_t size)
{
	return &p->class[p->class_of[(size - 32 + 15) / 16]];
}

/* 7 of 2080 bytes fill 89 % of four pages, one or three of them 51 or 85 % of one or three. Recordings of 6.1: 0.572 pages each. */
Test(zsmalloc, half_a_page_up_to_6_2)
{
	struct zs_pool p;

	zs_pool_init(&p, 4096, 4);
	cr_expect_eq(class_of_size(&p, 2080)->pages, 4);
	cr_expect_eq(class_of_size(&p, 2080)->objs, 7);
	cr_expect_eq(class_of_size(&p, 2080)->size, 2336); /* the largest of which 7 fit: merged */
}

/* 15 in eight pages waste 1568 bytes. Recordings of 6.12: 0.535 pages each. */
Test(zsmalloc, half_a_page_since_6_3)
{
	struct zs_pool p;

	zs_pool_init(&p, 4096, 8);
	cr_expect_eq(class_of_size(&p, 2080)->pages, 8);
	cr_expect_eq(class_of_size(&p, 2080)->objs, 15);
	cr_expect_eq(class_of_size(&p, 2048)->pages, 1); /* a power of two wastes nothing */
	cr_expect_eq(class_of_size(&p, 2048)->objs, 2);
}

/* Documentation/mm/zsmalloc.rst: with chains of 4 objects above 3264 bytes have a page each, with chains of 8 those above 3632. */
Test(zsmalloc, huge_classes)
{
	struct zs_pool p;

	zs_pool_init(&p, 4096, 4);
	cr_expect_eq(p.huge_size, 3264 - 7);
	cr_expect_eq(class_of_size(&p, 3280)->size, 4096);
	cr_expect_eq(class_of_size(&p, 3264)->objs, 5);
	zs_pool_init(&p, 4096, 8);
	cr_expect_eq(p.huge_size, 3632 - 7);
	cr_expect_eq(class_of_size(&p, 3648)->size, 4096);
}

/* Whatever the page size and chain: classes hold what they are asked for, and a zspage what its class says. */
Test(zsmalloc, every_class_fits)
{
	static const uint32_t page[] = { 4096, 65536, 2 << 20 };

	for (size_t i = 0; i < 3; i++) {
		for (uint32_t chain = 4; chain <= 8; chain += 4) {
			struct zs_pool p;

			zs_pool_init(&p, page[i], chain);
			cr_expect_leq(p.nclass, ZS_CLASSES);
			cr_expect_eq(p.class[p.nclass - 1].size, page[i]);
			for (uint32_t k = 0; k < p.nclass; k++) {
				const struct zs_class *c = &p.class[p.class_of[k]];

				cr_expect_geq(c->size, p.class[k].size);
				cr_expect_leq((uint64_t)c->objs * c->size, (uint64_t)c->pages * page[i]);
				cr_expect_leq(c->pages, chain);
			}
		}
	}
}
