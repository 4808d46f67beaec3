/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm.drop_caches (fs/drop_caches.c and mm/truncate.c of 6.1: drop_pagecache_sb, invalidate_mapping_pages, drop_slab). */
#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* mapping_evict_folio(): clean, and nobody but the cache holds it. Shared memory has no other copy and is always dirty. */
static bool evictable(const struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	return !w->mm.f.mapcount[p] && !(flags & (F_DIRTY | F_WRITEBACK | F_LOCKED | F_ISOLATED | F_SWAPBACKED));
}

static uint64_t drop_inode(struct world *w, struct task *t, struct inode *ino)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < ino->npages && ino->nrpages; i++) {
		pfn_t p = pt_has_chunk(&ino->index, i) ? filemap_get(w, ino, i) : PFN_NONE;

		if (!pt_has_chunk(&ino->index, i))
			i |= CHUNK_MASK;
		if (p == PFN_NONE || !evictable(w, p))
			continue;
		filemap_del(w, p, 0);
		page_put_unused(w, p);
		task_cpu(t, w->cost.free_file_page);
		if (!(++n % CHUNK_PAGES))
			task_yield(w, t);
	}
	return n;
}

void drop_caches(struct world *w, struct task *t, unsigned mask)
{
	uint64_t pages = 0, slab = 0;

	for (uint32_t i = 0; mask & 1 && i < w->ninode; i++)
		if (w->inode[i] && !w->inode[i]->shmem)
			pages += drop_inode(w, t, w->inode[i]);
	if (mask & 2)
		slab = shrink_all_slab(w);
	task_sync(w, t);
	world_event(w, EV_DROP_CACHES, t->p, mask, (int64_t)pages, (int64_t)slab, 0);
}
