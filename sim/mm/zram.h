/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zram: a swap area in compressed memory (drivers/block/zram/zram_drv.c of 5.10, 6.1 and 6.12).
 *
 * A page is compressed by whoever writes it, at once, and its slot keeps nothing (one value fills the page), an object of zsmalloc.h,
 * or, if it does not compress below the class for whole pages, the page as it is. Memory for the object is taken out of the reserves,
 * since reclaim asks; when there is none, or mem_limit is reached, the write fails and the page stays where it is, dirty. Reading
 * is decompressing, without swap cache or read-ahead if no other page table refers to the slot. A slot that is freed frees its object.
 *
 * How far pages compress is drawn from the contents of the process that owns them (config.h), whenever one is compressed.
 */
#ifndef OOMSIM_MM_ZRAM_H
#define OOMSIM_MM_ZRAM_H

#include "sim/mm/zsmalloc.h"

#define ZRAM_SAME (UINT32_MAX - 1) /* in zram.handle: one value fills the page */

/* What mm_stat shows; bytes where the name says size, else pages. */
struct zram_stat {
	uint64_t orig_data_size, compr_data_size, mem_used_max, same_pages, huge_pages;
	uint64_t failed_writes;
};

struct zram {
	const struct zram_cfg *cfg;
	uint32_t id;         /* number of the swap area */
	struct sim_rng *rng;
	struct zs_pool pool;
	uint32_t *handle;    /* by slot of the area: ZS_NONE, ZRAM_SAME or an object */
	uint32_t *size;      /* its bytes */
	struct zram_stat stat;
	sim_ns error_begin;  /* write errors are told 10 in 5 s, as printk_ratelimited() does */
	unsigned errors_told;
};

/* For an area of n slots, number `id`. NULL: out of host memory. */
struct zram *zram_new(struct world *w, const struct zram_cfg *cfg, uint32_t n, uint32_t id);
void zram_free(struct world *w, struct zram *z);
/* Store frame p in slot i of the area. False: there is no memory for it. t pays for the CPU time. may switch. */
bool zram_write(struct world *w, struct task *t, struct zram *z, uint32_t i, pfn_t p);
/* Read slot i back; t pays for the CPU time. */
void zram_read(struct world *w, struct task *t, const struct zram *z, uint32_t i);
/* Slot i is free (zram_slot_free_notify). */
void zram_slot_free(struct world *w, struct zram *z, uint32_t i);

/* How many bytes frame p compresses to, at most a page; 0: one value fills it. Drawn from rng. */
uint32_t compressed_size(struct world *w, struct sim_rng *rng, pfn_t p);
/* CPU time of one page. */
sim_ns compress_cost(const struct world *w, int algorithm);
sim_ns decompress_cost(const struct world *w, int algorithm);

#endif
