/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zbud: at most two compressed pages in one, from its two ends (mm/zbud.c of 5.10 and 6.1). Sizes count in chunks of a 64th of a
 * page, one of which is the header's. A page with one object waits, with those that have as much room, for a second that fits.
 */
#ifndef OOMSIM_MM_ZBUD_H
#define OOMSIM_MM_ZBUD_H

#include "sim/mm/mm.h"

#define ZBUD_NONE    UINT32_MAX
#define ZBUD_NCHUNKS 63

struct zbud_page {
	pfn_t pfn;
	uint32_t next, prev;   /* of those with as much room; next also of the free descriptors */
	uint8_t chunks[2];     /* of the object at either end; 0: there is none */
};

struct zbud_pool {
	struct zbud_page *v;
	uint32_t n, cap, free;
	uint32_t unbuddied[ZBUD_NCHUNKS + 1]; /* pages with one object, by free chunks */
	uint64_t pages;
};

void zbud_pool_init(struct zbud_pool *pool);
void zbud_pool_free(struct world *w, struct zbud_pool *pool); /* host memory alone */
/* Is an object of that size too large for any page (ENOSPC)? */
bool zbud_too_large(const struct world *w, uint32_t size);
/* A handle; ZBUD_NONE: there is no memory. may switch. */
uint32_t zbud_alloc(struct world *w, struct task *t, struct zbud_pool *pool, uint32_t size, uint32_t gfp);
void zbud_free(struct world *w, struct zbud_pool *pool, uint32_t handle);

#endif
