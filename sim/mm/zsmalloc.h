/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zsmalloc: the allocator of compressed pages, which zram and zswap keep theirs in (mm/zsmalloc.c of 5.10, 6.1 and 6.12).
 *
 * Objects of one size class lie side by side in zspages: chains of up to 4 pages (8 since 6.3), as many as waste least. Their pages
 * are real frames, movable, counted in nr_zspages and on no LRU list. A zspage is freed with its last object; compaction empties
 * those with few. An object is known by its handle, since compaction moves it.
 *
 * Leaves out: where in a zspage an object lies; the CPU time of compaction.
 */
#ifndef OOMSIM_MM_ZSMALLOC_H
#define OOMSIM_MM_ZSMALLOC_H

#include "sim/mm/kmem.h"

#define ZS_NONE    UINT32_MAX
#define ZS_CLASSES 257 /* at most: sizes are a 256th of a page apart */
#define ZS_GROUPS  11  /* zspages by how full they are: tenths, and full */

struct zs_class {
	uint32_t size, objs, pages; /* bytes of an object; of one zspage: objects, pages */
	uint64_t nobj, nzspage;
	uint32_t group[ZS_GROUPS];  /* lists of zspages, the latest first; ZS_NONE: empty */
};

struct zspage {
	pfn_t first;          /* its pages, chained by frames.next */
	uint32_t next, prev;  /* of its group; next also of the free ones */
	uint32_t objects;     /* list of handles */
	uint32_t inuse;
	uint16_t class;
};

struct zs_handle {
	uint32_t zspage, next, prev; /* next, prev: of the zspage's objects; next also of the free handles */
};

struct zs_pool {
	uint32_t chain;       /* most pages of a zspage: kernel_model.zs_chain_size */
	uint32_t nclass;
	uint16_t class_of[ZS_CLASSES]; /* the class that stands for a size: classes of equal shape are merged into the largest */
	struct zs_class class[ZS_CLASSES];
	uint32_t huge_size;   /* zs_huge_class_size(): from so many bytes on an object has a page to itself */
	struct zspage *zspage;
	uint32_t nzspage, capzspage, free_zspage;
	struct zs_handle *handle;
	uint32_t nhandle, caphandle, free_handle;
	uint64_t pages;       /* zs_get_total_pages() */
	uint64_t compacted;   /* pages freed by compaction so far */
	struct kmem slab;     /* of handles and descriptors */
	uint64_t deferred;    /* of its shrinker */
};

/* The classes of this kernel; nothing is allocated yet. */
void zs_pool_init(struct zs_pool *pool, uint32_t page_size, uint32_t chain);
void zs_pool_free(struct world *w, struct zs_pool *pool); /* host memory alone */
/* Room for `size` bytes, pages taken with gfp. ZS_NONE: there is no memory. may switch. */
uint32_t zs_malloc(struct world *w, struct task *t, struct zs_pool *pool, uint32_t size, uint32_t gfp);
void zs_free(struct world *w, struct zs_pool *pool, uint32_t handle);
/* The shrinker (zs_shrinker_count, _scan): at this priority of reclaim, compact if enough would come of it. Returns pages freed. */
uint64_t zs_shrink(struct world *w, struct zs_pool *pool, int priority);

#endif
