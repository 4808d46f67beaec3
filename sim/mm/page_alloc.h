/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page allocator: watermarks, the fast path, and the slow path that ends at the OOM killer (mm/page_alloc.c; spec A, B). */
#ifndef OOMSIM_MM_PAGE_ALLOC_H
#define OOMSIM_MM_PAGE_ALLOC_H

#include "sim/mm/mm.h"
#include "sim/proc/task.h"

enum alloc_flag { ALLOC_WMARK_MASK = 3, ALLOC_NO_WATERMARKS = 4, ALLOC_MIN_RESERVE = 8, ALLOC_OOM = 16, ALLOC_NON_BLOCK = 32 };

/* min_free_kbytes (unless set by the user), watermarks, lowmem_reserve, per-CPU list limits, totalreserve_pages: at start and
 * when a sysctl changes. */
void setup_per_zone_wmarks(struct world *w);

/* How many free pages lie in page blocks of another mobility than user pages', at start. */
void setup_free_foreign(struct world *w);
/* boost_watermark(): raise z's watermarks after a fall-back between mobilities; true if they rose. */
bool boost_watermark(struct world *w, struct zone *z);

/* One page for a user mapping or the page cache. PFN_NONE: the request may fail and did, or t is dying. The frame comes with
 * no flags, owner or mapcount. may switch. */
pfn_t alloc_page(struct world *w, struct task *t, uint32_t gfp);
/* The same, charged to t's cgroup with charge_gfp; refused by it counts as refused. may switch. */
pfn_t alloc_page_for(struct world *w, struct task *t, uint32_t gfp, uint32_t charge_gfp);
/* 2^order pages for the kernel itself (page tables, stacks, slab): counted, without frames. False: failed. may switch. */
bool alloc_kernel(struct world *w, struct task *t, uint32_t gfp, int order);
/* Kernel pages carry no frame: they go back to the highest zone that holds some, of the node where the running task would get
 * them, or of this one; then of the others. */
void free_kernel(struct world *w, sim_pages n);
void free_kernel_on(struct world *w, int node, sim_pages n);
void free_page(struct world *w, pfn_t p);

/* Would an order-`order` request that could use zones up to `highest` be let into z at this mark (spec A.8)? extra: pages to
 * count as free besides (should_reclaim_retry). */
bool zone_watermark_ok(const struct world *w, const struct zone *z, int order, sim_pages mark, int highest,
		       unsigned alloc_flags, uint64_t extra);
static inline sim_pages zone_wmark(const struct zone *z, enum wmark m) { return z->wmark[m] + z->boost; }
/* Highest zone a request with these flags may use. */
int gfp_zone(uint32_t gfp);
/* si_mem_available(), pages. */
uint64_t mem_available(struct world *w);
uint64_t nr_free_pages(const struct world *w);
uint64_t zone_reclaimable_pages(const struct world *w, const struct zone *z);

#endif
