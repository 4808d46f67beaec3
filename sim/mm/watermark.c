/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watermarks, reserves and per-CPU list limits, computed as the kernel computes them (mm/page_alloc.c; specification A.2..A.8). */
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"


int gfp_zone(uint32_t gfp)
{
	if (!(gfp & GFP_HIGHMEM_BIT))
		return 2;
	return gfp & GFP_MOVABLE_BIT ? 3 : 2; /* ZONE_MOVABLE; without highmem, HIGHMEM means NORMAL */
}

uint64_t nr_free_pages(const struct world *w)
{
	const struct zone *z;
	uint64_t n = 0;

	for_each_zone(w, z, ni, zi)
		n += (uint64_t)z->nr_free;
	return n;
}

/* init_per_zone_wmark_min(): sqrt(16 * lowmem kB), clamped. */
static uint64_t default_min_free_kbytes(const struct world *w)
{
	const struct zone *z;
	uint64_t pages = 0, r;

	for_each_zone(w, z, ni, zi)
		pages += z->managed;
	r = isqrt64(pages * w->mm.page_kB * 16);
	return r < 128 ? 128 : u64_min(r, w->km->min_free_cap_kB);
}

static void zone_wmarks(struct world *w, struct zone *z, uint64_t min_pages, uint64_t total)
{
	uint64_t min = u64_muldiv(min_pages, z->managed, total), gap = min / 4;

	if (w->km->wmark_scale)
		gap = u64_max(gap, u64_muldiv(z->managed, (uint64_t)w->sysctl.watermark_scale_factor, 10000));
	z->boost = 0;
	z->wmark[WMARK_MIN] = min;
	z->wmark[WMARK_LOW] = min + gap;
	z->wmark[WMARK_HIGH] = min + 2 * gap;
}

/* setup_per_zone_lowmem_reserve(): ratio 256 for DMA and DMA32, 32 for NORMAL; zones above NORMAL are empty here. */
static void zone_reserves(struct node *n, int zi)
{
	uint64_t above = 0;

	for (int j = 0; j < 5; j++) {
		if (j > zi && j < MAX_ZONES)
			above += n->zone[j].managed;
		n->zone[zi].reserve[j] = j > zi && zi < 2 ? above / 256 : 0;
	}
}

/* zone_batchsize() and zone_highsize() */
static void zone_pcp(struct world *w, struct zone *z)
{
	const struct zone_cfg *cfg = &w->cfg->machine.node[z->node].zone[z->type];
	uint64_t batch = u64_min(z->managed / w->km->pcp_batch_div, w->km->pcp_batch_max), pow2 = 1;

	batch = u64_max(batch / 4, 1);
	while (pow2 * 2 <= batch + batch / 2)
		pow2 *= 2;
	z->pcp_batch = cfg->pcp_batch != SIM_AUTO ? cfg->pcp_batch : (int64_t)u64_max(pow2 - 1, 1);
	if (cfg->pcp_high != SIM_AUTO)
		z->pcp_high = cfg->pcp_high;
	else if (w->km->pcp_high_from_low)
		z->pcp_high = (int64_t)u64_max(z->wmark[WMARK_LOW] / w->cfg->machine.ncpu, 4 * (uint64_t)z->pcp_batch);
	else
		z->pcp_high = 6 * z->pcp_batch;
}

static uint64_t totalreserve(const struct world *w)
{
	const struct zone *z;
	uint64_t sum = 0;

	for_each_zone(w, z, ni, zi) {
		uint64_t most = 0;

		for (int j = 0; j < 5; j++)
			most = u64_max(most, z->reserve[j]);
		sum += u64_min(most + z->wmark[WMARK_HIGH], z->managed);
	}
	return sum;
}

void setup_per_zone_wmarks(struct world *w)
{
	struct zone *z;
	uint64_t total = 0;

	for_each_zone(w, z, ni, zi)
		total += z->managed;
	w->mm.totalram = total;
	w->mm.min_free_kbytes = w->sysctl.min_free_kbytes > 0 ? (uint64_t)w->sysctl.min_free_kbytes : default_min_free_kbytes(w);
	for_each_zone(w, z, ni, zi) {
		zone_wmarks(w, z, w->mm.min_free_kbytes / w->mm.page_kB, total);
		zone_reserves(&w->mm.node[ni], zi);
		zone_pcp(w, z);
	}
	w->mm.totalreserve = totalreserve(w);
}

/* Where the kernel's own memory ends, page blocks are part unmovable or reclaimable and part free. Recordings of 6.1 show movable
 * requests reaching for those when 432..479 pages are left, a bit less than half a block of each kind. */
#define FOREIGN_FREE_PAGES 460

void setup_free_foreign(struct world *w)
{
	struct zone *z, *last = NULL;

	for_each_zone(w, z, ni, zi)
		last = z;
	if (last)
		last->free_foreign = u64_min(FOREIGN_FREE_PAGES, (uint64_t)last->nr_free);
}

bool zone_watermark_ok(const struct world *w, const struct zone *z, int order, sim_pages mark, int highest,
		       unsigned alloc_flags, uint64_t extra)
{
	int64_t free = z->nr_free + (int64_t)extra - ((INT64_C(1) << order) - 1), min = (int64_t)mark;

	(void)w;
	if (alloc_flags & ALLOC_MIN_RESERVE) {
		min -= min / 2;
		if (alloc_flags & ALLOC_NON_BLOCK)
			min -= min / 4;
	}
	if (alloc_flags & ALLOC_OOM)
		min -= min / 2;
	return free > min + (int64_t)z->reserve[highest];
}

uint64_t zone_reclaimable_pages(const struct world *w, const struct zone *z)
{
	uint64_t n = (uint64_t)(z->lru[LRU_INACTIVE_FILE] + z->lru[LRU_ACTIVE_FILE]);

	if (w->swap.free)
		n += (uint64_t)(z->lru[LRU_INACTIVE_ANON] + z->lru[LRU_ACTIVE_ANON]);
	return n;
}

/* si_mem_available(): free less the reserves, and half of the page cache and slab unless the low watermarks are smaller. */
uint64_t mem_available(struct world *w)
{
	const struct zone *z;
	uint64_t low = 0, cache, slab;
	int64_t avail = (int64_t)nr_free_pages(w) - (int64_t)w->mm.totalreserve;

	for_each_zone(w, z, ni, zi)
		low += z->wmark[WMARK_LOW];
	cache = w->mm.vmstat[VMSTAT_nr_active_file] + w->mm.vmstat[VMSTAT_nr_inactive_file];
	cache -= u64_min(cache / 2, low);
	slab = w->mm.vmstat[VMSTAT_nr_slab_reclaimable];
	slab -= u64_min(slab / 2, low);
	avail += (int64_t)(cache + slab);
	return avail < 0 ? 0 : (uint64_t)avail;
}

/* boost_watermark(): a movable request had to break into page blocks of another mobility. True if the boost rose. */
bool boost_watermark(struct world *w, struct zone *z)
{
	uint64_t max_boost;

	if (!w->km->wmark_boost || !w->sysctl.watermark_boost_factor || z->managed < 4 * PAGEBLOCK_PAGES)
		return false;
	max_boost = u64_muldiv(z->wmark[WMARK_HIGH], (uint64_t)w->sysctl.watermark_boost_factor, 10000);
	if (!max_boost)
		return false;
	z->boost = u64_min(z->boost + PAGEBLOCK_PAGES, u64_max(max_boost, PAGEBLOCK_PAGES));
	return true;
}
