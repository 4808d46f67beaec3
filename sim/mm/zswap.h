/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * zswap: compressed memory in front of the swap areas on disks (mm/zswap.c of 5.10, 6.1, 6.6 and 6.12). The page keeps its slot; what is
 * stored need not be written. A pool that has grown to max_pool_percent of memory refuses until it is below
 * accept_threshold_percent of that, and a worker meanwhile writes its oldest pages to their slots.
 *
 * Leaves out: 6.8's own shrinker (off unless asked for), z3fold, and what 7.x does with incompressible pages.
 */
#ifndef OOMSIM_MM_ZSWAP_H
#define OOMSIM_MM_ZSWAP_H

#include "sim/mm/zbud.h"
#include "sim/mm/zsmalloc.h"
#include "sim/proc/task.h"

/* Under the names of /sys/kernel/debug/zswap. */
struct zswap_stat {
	uint64_t stored_pages, same_filled_pages, stored_bytes, pool_limit_hit, written_back_pages, reject_reclaim_fail,
		reject_alloc_fail, reject_compress_poor;
	uint64_t zswpin, zswpout; /* /proc/vmstat */
};

struct zswap {
	const struct zswap_cfg *cfg;
	struct sim_rng *rng;
	bool zbud;             /* the allocator: zbud, else zsmalloc */
	struct zbud_pool zb;
	struct zs_pool zs;
	struct kmem entries;   /* slab of struct zswap_entry */
	uint32_t *handle;      /* by slot: ZS_NONE, ZSWAP_SAME or an object */
	uint32_t *size;
	bool *referenced;      /* stored since the worker last passed (kernel_model.zswap_second_chance) */
	uint32_t *next, *prev; /* list of those with an object, the oldest last */
	uint32_t first, last;
	bool reached_full;
	bool work;             /* the worker is wanted */
	struct task *worker;
	struct waitq wait;
	struct zswap_stat stat;
};

/* w->swap.zswap, if the machine has it. */
int zswap_init(struct world *w);
void zswap_free(struct world *w);
/* zswap_store(): p, whose slot is on a disk, goes into the pool. False: refused; nothing is kept of it. may switch. */
bool zswap_store(struct world *w, struct task *t, uint32_t slot, pfn_t p);
/* zswap_load(): p is read from the pool. False: the slot is not there. Since 6.9 the pool's copy goes, and p is dirty. t pays. */
bool zswap_load(struct world *w, struct task *t, uint32_t slot, pfn_t p);
/* The slot is free. Nothing without zswap. */
void zswap_invalidate(struct world *w, uint32_t slot);
uint64_t zswap_pool_pages(const struct zswap *z);

#endif
