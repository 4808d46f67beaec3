/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zram: writing, reading and freeing slots, and what pages compress to. */
#include "sim/mm/zram.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#include <stdio.h>

/* GFP_NOIO and more; failures are told as write errors */
#define GFP_ZRAM (GFP_DIRECT_RECLAIM_BIT | GFP_KSWAPD_RECLAIM_BIT | GFP_NOWARN_BIT | GFP_HIGHMEM_BIT | GFP_MOVABLE_BIT)

struct zram *zram_new(struct world *w, const struct zram_cfg *cfg, uint32_t n, uint32_t id)
{
	struct zram *z = sim_calloc(w->a, 1, sizeof(*z));
	char name[32];

	if (!z)
		return NULL;
	z->cfg = cfg;
	z->id = id;
	zs_pool_init(&z->pool, (uint32_t)w->cfg->machine.page_size, w->km->zs_chain_size);
	snprintf(name, sizeof(name), "zram%u", id);
	z->rng = sim_rng_new(w->cfg->seed, name);
	z->handle = sim_malloc(w->a, (n ? n : 1) * sizeof(*z->handle));
	z->size = sim_calloc(w->a, n ? n : 1, sizeof(*z->size));
	if (!z->rng || !z->handle || !z->size) {
		sim_rng_free(z->rng);
		zram_free(w, z);
		return NULL;
	}
	for (uint32_t i = 0; i < n; i++)
		z->handle[i] = ZS_NONE;
	return z;
}

void zram_free(struct world *w, struct zram *z)
{
	if (!z)
		return;
	zs_pool_free(w, &z->pool);
	sim_free(w->a, z->handle);
	sim_free(w->a, z->size);
	sim_free(w->a, z);
}

/* ---- what compression makes of a page ---- */

/* Of the process whose page it is; NULL: of nobody's any more. */
static const struct contents_cfg *contents_of(const struct world *w, pfn_t p)
{
	const struct chunk *c = &w->chunks.v[w->mm.f.owner[p] >> CHUNK_SHIFT];
	uint32_t id;

	if (!w->mm.f.owner[p] || !c->pte)
		return NULL;
	id = c->inode ? w->inode[c->owner]->first_vma : c->owner;
	return id == VMA_NONE ? NULL : w->vma[id]->contents;
}

uint32_t compressed_size(struct world *w, struct sim_rng *rng, pfn_t p)
{
	const struct contents_cfg *c = contents_of(w, p);
	uint64_t page = w->cfg->machine.page_size;

	if (!c)
		c = &w->cfg->contents;
	if (c->same_filled > 0 && sim_rng_chance(rng, c->same_filled))
		return 0;
	return (uint32_t)u64_max(u64_min(sim_dist_draw(&c->compressed, rng), page), 1);
}

static sim_ns scaled(const struct world *w, sim_ns cost)
{
	return cost * w->mm.page_kB / 4;
}

sim_ns compress_cost(const struct world *w, int algorithm)
{
	const struct cost_cfg *c = &w->cost;
	const sim_ns cost[COMP_COUNT] = { c->compress_lzo, c->compress_lzo, c->compress_lz4, c->compress_zstd };

	return scaled(w, cost[algorithm]);
}

sim_ns decompress_cost(const struct world *w, int algorithm)
{
	const struct cost_cfg *c = &w->cost;
	const sim_ns cost[COMP_COUNT] = { c->decompress_lzo, c->decompress_lzo, c->decompress_lz4, c->decompress_zstd };

	return scaled(w, cost[algorithm]);
}

/* ---- slots ---- */

static bool over_limit(const struct world *w, const struct zram *z)
{
	return z->cfg->mem_limit && z->pool.pages * w->cfg->machine.page_size > z->cfg->mem_limit;
}

/* An object of `size` bytes; ZS_NONE: no memory, or more of it than mem_limit allows. */
static uint32_t store(struct world *w, struct task *t, struct zram *z, uint32_t size)
{
	uint32_t h = zs_malloc(w, t, &z->pool, size, GFP_ZRAM);

	z->stat.mem_used_max = u64_max(z->stat.mem_used_max, z->pool.pages * w->cfg->machine.page_size);
	if (h == ZS_NONE || !over_limit(w, z))
		return h;
	zs_free(w, &z->pool, h);
	return ZS_NONE;
}

/* zram_write_page() */
bool zram_write(struct world *w, struct task *t, struct zram *z, uint32_t i, pfn_t p)
{
	uint32_t page = (uint32_t)w->cfg->machine.page_size, size = compressed_size(w, z->rng, p), h = ZRAM_SAME;

	if (size) {
		task_cpu(t, compress_cost(w, z->cfg->comp_algorithm));
		if (size >= z->pool.huge_size)
			size = page;
		h = store(w, t, z, size);
		if (h == ZS_NONE && !w->km->zram_bio) /* rw_page() has failed, and a bio is tried */
			task_cpu(t, compress_cost(w, z->cfg->comp_algorithm));
	}
	zram_slot_free(w, z, i);
	if (h == ZS_NONE)
		return false;
	z->handle[i] = h;
	z->size[i] = size;
	z->stat.orig_data_size += page;
	z->stat.compr_data_size += size;
	z->stat.same_pages += !size;
	z->stat.huge_pages += size == page;
	return true;
}

/* Whole pages are copied, same-filled ones filled: next to nothing. */
void zram_read(struct world *w, struct task *t, const struct zram *z, uint32_t i)
{
	if (z->size[i] && z->size[i] < w->cfg->machine.page_size)
		task_cpu(t, decompress_cost(w, z->cfg->comp_algorithm));
}

void zram_slot_free(struct world *w, struct zram *z, uint32_t i)
{
	uint32_t page = (uint32_t)w->cfg->machine.page_size;

	if (z->handle[i] == ZS_NONE)
		return;
	if (z->handle[i] != ZRAM_SAME)
		zs_free(w, &z->pool, z->handle[i]);
	z->stat.orig_data_size -= page;
	z->stat.compr_data_size -= z->size[i];
	z->stat.same_pages -= !z->size[i];
	z->stat.huge_pages -= z->size[i] == page;
	z->handle[i] = ZS_NONE;
	z->size[i] = 0;
}
