/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zswap: storing, loading, and writing back what has become old. */
#include "sim/mm/zswap.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/zram.h"
#include "sim/world/engine.h"

#define ZSWAP_SAME   (UINT32_MAX - 1) /* in zswap.handle: one value fills the page */
#define ENTRY_SIZE   80               /* struct zswap_entry of 6.1 */
#define MAX_FAILURES 16               /* MAX_RECLAIM_RETRIES; up to 6.7 zswap.c's own, 14 */

/* __GFP_NORETRY | __GFP_NOWARN | __GFP_KSWAPD_RECLAIM, and movable where the allocator can move pages. */
#define GFP_POOL         (GFP_NORETRY_BIT | GFP_NOWARN_BIT | GFP_KSWAPD_RECLAIM_BIT)
#define GFP_POOL_MOVABLE (GFP_POOL | GFP_HIGHMEM_BIT | GFP_MOVABLE_BIT)
#define GFP_ENTRY        (GFP_KERNEL | GFP_NOWARN_BIT)

/* ---- the pool ---- */

uint64_t zswap_pool_pages(const struct zswap *z)
{
	return z->zbud ? z->zb.pages : z->zs.pages;
}

static uint64_t max_pages(const struct world *w, const struct zswap *z)
{
	return w->mm.totalram * z->cfg->max_pool_percent / 100;
}

static bool can_accept(const struct world *w, const struct zswap *z)
{
	return zswap_pool_pages(z) < max_pages(w, z) * z->cfg->accept_threshold_percent / 100;
}

static uint32_t pool_malloc(struct world *w, struct task *t, struct zswap *z, uint32_t size)
{
	return z->zbud ? zbud_alloc(w, t, &z->zb, size, GFP_POOL) : zs_malloc(w, t, &z->zs, size, GFP_POOL_MOVABLE);
}

/* ---- entries ---- */

static void lru_link_first(struct zswap *z, uint32_t slot)
{
	z->prev[slot] = ZS_NONE;
	z->next[slot] = z->first;
	if (z->first != ZS_NONE)
		z->prev[z->first] = slot;
	else
		z->last = slot;
	z->first = slot;
}

static void lru_unlink_slot(struct zswap *z, uint32_t slot)
{
	if (z->prev[slot] != ZS_NONE)
		z->next[z->prev[slot]] = z->next[slot];
	else
		z->first = z->next[slot];
	if (z->next[slot] != ZS_NONE)
		z->prev[z->next[slot]] = z->prev[slot];
	else
		z->last = z->prev[slot];
}

/* Who pays for slot; NULL without cgroups. */
static struct memcg *slot_memcg(struct world *w, uint32_t slot)
{
	return w->swap.memcg ? &w->memcg.v[w->swap.memcg[slot]] : NULL;
}

static void insert(struct world *w, struct zswap *z, uint32_t slot, uint32_t handle, uint32_t size)
{
	memcg_count_zswap(w, slot_memcg(w, slot), size);
	z->handle[slot] = handle;
	z->size[slot] = size;
	z->referenced[slot] = true;
	z->stat.stored_pages++;
	z->stat.stored_bytes += size;
	z->stat.same_filled_pages += handle == ZSWAP_SAME;
	if (handle != ZSWAP_SAME)
		lru_link_first(z, slot);
}

void zswap_invalidate(struct world *w, uint32_t slot)
{
	struct zswap *z = w->swap.zswap;
	uint32_t h = z ? z->handle[slot] : ZS_NONE;

	if (h == ZS_NONE)
		return;
	if (h != ZSWAP_SAME) {
		lru_unlink_slot(z, slot);
		if (z->zbud)
			zbud_free(w, &z->zb, h);
		else
			zs_free(w, &z->zs, h);
	}
	memcg_count_zswap(w, slot_memcg(w, slot), -(int64_t)z->size[slot]);
	z->stat.stored_pages--;
	z->stat.stored_bytes -= z->size[slot];
	z->stat.same_filled_pages -= h == ZSWAP_SAME;
	z->handle[slot] = ZS_NONE;
	kmem_uncharge(w, &z->entries, ENTRY_SIZE);
}

/* ---- storing ---- */

/* A full pool calls the worker, and then refuses until enough of it has been written back. */
static bool pool_refuses(struct world *w, struct zswap *z)
{
	if (zswap_pool_pages(z) > max_pages(w, z)) {
		z->stat.pool_limit_hit++;
		z->reached_full = true;
		z->work = true;
		waitq_wake_all(w, &z->wait);
		return true;
	}
	if (z->reached_full && !can_accept(w, z)) {
		z->stat.reject_reclaim_fail++;
		return true;
	}
	z->reached_full = false;
	return false;
}

/* Compress and find room; ZS_NONE: neither. */
static uint32_t store_object(struct world *w, struct task *t, struct zswap *z, uint32_t size)
{
	uint32_t h;

	task_cpu(t, compress_cost(w, z->cfg->compressor));
	if (size >= w->cfg->machine.page_size || (z->zbud && zbud_too_large(w, size))) {
		z->stat.reject_compress_poor++;
		return ZS_NONE;
	}
	h = pool_malloc(w, t, z, size);
	z->stat.reject_alloc_fail += h == ZS_NONE;
	return h;
}

bool zswap_store(struct world *w, struct task *t, uint32_t slot, pfn_t p)
{
	struct zswap *z = w->swap.zswap;
	uint32_t size, h = ZSWAP_SAME;

	if (!z)
		return false;
	zswap_invalidate(w, slot); /* what an earlier life of the page left */
	if (!memcg_may_zswap(w, slot_memcg(w, slot)) || pool_refuses(w, z) || !kmem_charge(w, t, &z->entries, ENTRY_SIZE, GFP_ENTRY))
		return false;
	size = compressed_size(w, z->rng, p);
	if (size)
		h = store_object(w, t, z, size);
	if (h == ZS_NONE) {
		kmem_uncharge(w, &z->entries, ENTRY_SIZE);
		return false;
	}
	insert(w, z, slot, h, size);
	z->stat.zswpout++;
	return true;
}

/* ---- loading ---- */

bool zswap_load(struct world *w, struct task *t, uint32_t slot, pfn_t p)
{
	struct zswap *z = w->swap.zswap;

	if (!z || z->handle[slot] == ZS_NONE)
		return false;
	if (z->handle[slot] != ZSWAP_SAME)
		task_cpu(t, decompress_cost(w, z->cfg->compressor));
	z->stat.zswpin++;
	if (w->km->zswap_exclusive) {
		zswap_invalidate(w, slot);
		w->mm.f.flags[p] |= F_DIRTY;
	}
	return true;
}

/* ---- writing back ---- */

/* A page for slot in the swap cache (__read_swap_cache_async); PFN_NONE: no memory, or somebody else was faster. may switch. */
static pfn_t page_for(struct world *w, struct task *t, uint32_t slot)
{
	struct zswap *z = w->swap.zswap;
	pfn_t p = alloc_page(w, t, GFP_HIGHUSER_MOVABLE);

	if (p == PFN_NONE)
		return PFN_NONE;
	if (z->handle[slot] != ZS_NONE && w->swap.memcg && !memcg_charge_swapin(w, t, p, slot)) {
		free_page(w, p);
		return PFN_NONE;
	}
	if (z->handle[slot] == ZS_NONE || swap_cache_lookup(w, slot) != PFN_NONE) {
		free_page(w, p);
		return PFN_NONE;
	}
	w->mm.f.flags[p] = F_SWAPBACKED;
	swap_cache_insert(w, p, slot);
	lru_add(w, p);
	return p;
}

/* zswap_writeback_entry(): the oldest page leaves the pool for its slot. False: it could not, and is the youngest now. may switch. */
static bool write_back_oldest(struct world *w, struct task *t)
{
	struct zswap *z = w->swap.zswap;
	uint32_t slot = z->last;
	pfn_t p;

	if (slot == ZS_NONE)
		return false;
	lru_unlink_slot(z, slot);
	lru_link_first(z, slot);
	if (w->km->zswap_second_chance && z->referenced[slot]) {
		z->referenced[slot] = false;
		return false;
	}
	if (swap_cache_lookup(w, slot) != PFN_NONE || !memcg_zswap_writeback(slot_memcg(w, slot)))
		return false;
	p = page_for(w, t, slot);
	if (p == PFN_NONE)
		return false;
	task_cpu(t, decompress_cost(w, z->cfg->compressor));
	zswap_invalidate(w, slot);
	w->mm.f.flags[p] |= F_RECLAIM;
	swap_write_device(w, t, p);
	z->stat.written_back_pages++;
	return true;
}

/* shrink_worker() */
static void shrink_worker(struct world *w, struct task *t)
{
	struct zswap *z = w->swap.zswap;

	for (;;) {
		unsigned failures = 0;

		while (!z->work)
			task_wait(w, t, &z->wait, TASK_INTERRUPTIBLE, SIM_NEVER);
		z->work = false;
		while (!can_accept(w, z) && failures < MAX_FAILURES) {
			failures += !write_back_oldest(w, t);
			task_yield(w, t);
		}
		task_sync(w, t);
	}
}

/* ---- construction ---- */

static bool init_arrays(struct world *w, struct zswap *z)
{
	uint32_t n = w->swap.total + 1;

	z->handle = sim_malloc(w->a, n * sizeof(*z->handle));
	z->size = sim_calloc(w->a, n, sizeof(*z->size));
	z->next = sim_calloc(w->a, n, sizeof(*z->next));
	z->prev = sim_calloc(w->a, n, sizeof(*z->prev));
	z->rng = sim_rng_new(w->cfg->seed, "zswap");
	for (uint32_t i = 0; z->handle && i < n; i++)
		z->handle[i] = ZS_NONE;
	z->referenced = sim_calloc(w->a, n, sizeof(*z->referenced));
	return z->handle && z->size && z->referenced && z->next && z->prev && z->rng;
}

int zswap_init(struct world *w)
{
	const struct zswap_cfg *cfg = &w->cfg->machine.zswap;
	struct zswap *z;

	if (!cfg->enabled)
		return SIM_OK;
	z = w->swap.zswap = sim_calloc(w->a, 1, sizeof(*z));
	if (!z)
		return SIM_ENOMEM;
	z->cfg = cfg;
	z->first = z->last = ZS_NONE;
	z->zbud = cfg->zpool == ZPOOL_AUTO ? w->km->zswap == ZSWAP_ZBUD : cfg->zpool == ZPOOL_ZBUD;
	zbud_pool_init(&z->zb);
	zs_pool_init(&z->zs, (uint32_t)w->cfg->machine.page_size, w->km->zs_chain_size);
	if (!init_arrays(w, z))
		return SIM_ENOMEM;
	z->worker = kthread_new(w, "kworker/zswap", shrink_worker);
	return z->worker ? SIM_OK : SIM_ENOMEM;
}

void zswap_free(struct world *w)
{
	struct zswap *z = w->swap.zswap;

	if (!z)
		return;
	zbud_pool_free(w, &z->zb);
	zs_pool_free(w, &z->zs);
	sim_free(w->a, z->handle);
	sim_free(w->a, z->size);
	sim_free(w->a, z->referenced);
	sim_free(w->a, z->next);
	sim_free(w->a, z->prev);
	sim_free(w->a, z);
}
