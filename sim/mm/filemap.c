/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page cache: its index, and reading and writing through it (mm/filemap.c of 6.1). */
#include "sim/mm/filemap.h"
#include "sim/mm/fault.h"
#include "sim/mm/memcg.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/readahead.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#include <string.h>

/* ---- inodes ---- */

struct inode *inode_new(struct world *w, const char *name, uint64_t npages)
{
	struct inode *ino;
	uint32_t id = 0;

	while (id < w->ninode && w->inode[id])
		id++;
	if (id == w->capinode) {
		uint32_t cap = w->capinode ? 2 * w->capinode : 16;
		struct inode **ni = sim_realloc(w->a, w->inode, cap * sizeof(*ni));

		if (!ni)
			return NULL;
		w->inode = ni;
		w->capinode = cap;
	}
	ino = sim_calloc(w->a, 1, sizeof(*ino));
	if (!ino)
		return NULL;
	if (id == w->ninode)
		w->ninode++;
	w->inode[id] = ino;
	*ino = (struct inode){ .id = id, .used = true, .npages = npages, .first_vma = VMA_NONE };
	strncpy(ino->name, name, sizeof(ino->name) - 1);
	return ino;
}

struct inode *shmem_new(struct world *w, const char *name, uint64_t npages)
{
	struct inode *ino = inode_new(w, name, npages);

	if (ino)
		ino->shmem = true;
	return ino;
}

void inode_free(struct world *w, struct inode *ino)
{
	if (!ino)
		return;
	pt_free(w, &ino->index);
	w->inode[ino->id] = NULL;
	sim_free(w->a, ino);
}

/* ---- the index ---- */

static pte_t *index_entry(struct world *w, const struct inode *ino, uint64_t idx)
{
	return pt_lookup(w, &ino->index, idx);
}

pfn_t filemap_get(struct world *w, const struct inode *ino, uint64_t idx)
{
	const pte_t *e = index_entry(w, ino, idx);

	return e && pte_present(*e) ? pte_pfn(*e) : PFN_NONE;
}

static struct inode *inode_of(struct world *w, pfn_t p, uint64_t *ret_idx)
{
	const struct chunk *c = &w->chunks.v[w->mm.f.owner[p] >> CHUNK_SHIFT];

	*ret_idx = (uint64_t)c->base << CHUNK_SHIFT | (w->mm.f.owner[p] & CHUNK_MASK);
	return w->inode[c->owner];
}

const struct cost_cfg *file_cost(const struct world *w, const struct inode *ino)
{
	return ino->large ? &w->cost_large : &w->cost;
}

const struct cost_cfg *page_cost(struct world *w, pfn_t p)
{
	uint64_t idx;

	if ((w->mm.f.flags[p] & (F_FILECACHE | F_SWAPBACKED)) != F_FILECACHE)
		return &w->cost;
	return file_cost(w, inode_of(w, p, &idx));
}

static void count_cached(struct world *w, const struct inode *ino, pfn_t p, int64_t delta)
{
	w->mm.vmstat[VMSTAT_nr_file_pages] += (uint64_t)delta;
	memcg_count(frame_memcg(w, p), VMSTAT_nr_file_pages, (uint64_t)delta);
	if (ino->shmem)
		w->mm.vmstat[VMSTAT_nr_shmem] += (uint64_t)delta;
}

void filemap_insert(struct world *w, struct inode *ino, uint64_t idx, pfn_t p)
{
	struct chunk *c = &w->chunks.v[ino->index.chunk[idx >> CHUNK_SHIFT]];

	*index_entry(w, ino, idx) = PTE_PRESENT | p;
	c->present++;
	w->mm.f.owner[p] = pt_gvpn(&ino->index, idx);
	w->mm.f.flags[p] |= F_FILECACHE;
	ino->nrpages++;
	count_cached(w, ino, p, 1);
}

bool filemap_add(struct world *w, struct inode *ino, uint64_t idx, pfn_t p)
{
	pte_t *e = pt_get(w, &ino->index, idx, true, ino->id), old;

	if (!e) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	old = *e;
	filemap_insert(w, ino, idx, p);
	if (pte_shadow(old))
		workingset_refault(w, p, pte_val(old));
	lru_add(w, p);
	return true;
}

void filemap_del(struct world *w, pfn_t p, uint32_t shadow)
{
	uint64_t idx;
	struct inode *ino = inode_of(w, p, &idx);

	*index_entry(w, ino, idx) = shadow ? PTE_SHADOW | shadow : PTE_NONE;
	w->chunks.v[w->mm.f.owner[p] >> CHUNK_SHIFT].present--;
	w->mm.f.flags[p] &= (uint16_t)~F_FILECACHE;
	ino->nrpages--;
	count_cached(w, ino, p, -1);
}

/* A page of shared memory goes to swap: its index remembers the slot (shmem_writepage). */
void shmem_to_swap(struct world *w, pfn_t p)
{
	uint64_t idx;
	struct inode *ino = inode_of(w, p, &idx);

	filemap_del(w, p, 0);
	swap_dup(w, w->mm.f.slot[p]);
	*index_entry(w, ino, idx) = PTE_SWAP | w->mm.f.slot[p];
}

static void truncate_entry(struct world *w, pte_t *e)
{
	pfn_t p = pte_pfn(*e);
	uint16_t *flags = &w->mm.f.flags[p];

	if (pte_swap(*e)) {
		uint32_t slot = pte_val(*e);

		*e = PTE_NONE;
		swap_put(w, slot);
		return;
	}
	if (!pte_present(*e)) {
		*e = PTE_NONE;
		return;
	}
	*flags &= (uint16_t)~F_DIRTY;
	filemap_del(w, p, 0);
	page_put_unused(w, p);
}

/* Only shared memory is ever truncated: files outlive a run, with their dirty pages. */
void inode_truncate(struct world *w, struct task *t, struct inode *ino)
{
	for (uint64_t i = 0; i < ino->npages; i++) {
		pte_t *e;

		if (!pt_has_chunk(&ino->index, i)) {
			i |= CHUNK_MASK;
			continue;
		}
		if (!(i & CHUNK_MASK))
			task_yield(w, t);
		e = index_entry(w, ino, i);
		if (*e == PTE_NONE)
			continue;
		task_cpu(t, w->cost.zap_shmem_page);
		truncate_entry(w, e);
	}
	task_sync(w, t);
}

/* ---- read() ---- */

void file_open(struct file *f, struct inode *ino, bool random)
{
	*f = (struct file){ .inode = ino, .random = random, .ra_pages = RA_PAGES, .prev_index = UINT64_MAX };
}

/* The page at idx, up to date; PFN_NONE when killed or out of memory. may switch. */
static pfn_t read_page(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req)
{
	for (;;) {
		pfn_t p = filemap_get(w, f->inode, idx);

		if (fatal_signal_pending(t) || w->error)
			return PFN_NONE;
		if (p == PFN_NONE) {
			page_cache_sync_ra(w, t, f, idx, req);
			p = filemap_get(w, f->inode, idx);
		}
		if (p == PFN_NONE) {
			if (!page_cache_read_one(w, t, f->inode, idx))
				return PFN_NONE;
			continue;
		}
		if (w->mm.f.flags[p] & F_READAHEAD)
			page_cache_async_ra(w, t, f, idx, req, p);
		if (filemap_get(w, f->inode, idx) != p)
			continue;
		if (!(w->mm.f.flags[p] & F_LOCKED))
			return p;
		if (wait_on_page(w, t, p, true) == WAIT_KILLED)
			return PFN_NONE;
	}
}

int filemap_read(struct world *w, struct task *t, struct file *f, uint64_t first, uint64_t n)
{
	task_cpu(t, w->cost.read_call);
	for (uint64_t i = first; i < first + n && i < f->inode->npages; i++) {
		pfn_t p = read_page(w, t, f, i, first + n - i);

		if (p == PFN_NONE)
			return -1;
		if (f->prev_index != i) /* further reads of the same page are one use */
			lru_mark_accessed(w, p);
		f->prev_index = i;
		task_cpu(t, w->cost.read_page);
	}
	if (t->over_high)
		memcg_handle_over_high(w, t);
	task_yield(w, t);
	return fatal_signal_pending(t) ? -1 : 0;
}

/* ---- write() ---- */

/* A page that is about to be written whole is no refault, whatever was evicted from its place (filemap_add_folio() with
 * __GFP_WRITE). */
static void forget_shadow(struct world *w, struct inode *ino, uint64_t idx)
{
	pte_t *e = index_entry(w, ino, idx);

	if (e && pte_shadow(*e))
		*e = PTE_NONE;
}

/* grab_cache_page_write_begin(): whole pages are written, so nothing is read first. */
static pfn_t grab_page(struct world *w, struct task *t, struct inode *ino, uint64_t idx)
{
	pfn_t p = filemap_get(w, ino, idx);

	if (p != PFN_NONE && w->mm.f.flags[p] & F_LOCKED && wait_on_page(w, t, p, true) == WAIT_KILLED)
		return PFN_NONE;
	p = filemap_get(w, ino, idx);
	if (p != PFN_NONE)
		return p;
	p = alloc_page_for(w, t, GFP_FILE_WRITE, GFP_FILE_WRITE);
	if (p == PFN_NONE)
		return PFN_NONE;
	if (filemap_get(w, ino, idx) != PFN_NONE) {
		free_page(w, p);
		return filemap_get(w, ino, idx);
	}
	w->mm.f.flags[p] = 0;
	forget_shadow(w, ino, idx);
	return filemap_add(w, ino, idx, p) ? p : PFN_NONE;
}

int filemap_write(struct world *w, struct task *t, struct file *f, uint64_t first, uint64_t n)
{
	f->inode->large = n > 1;
	task_cpu(t, w->cost.read_call);
	for (uint64_t i = first; i < first + n && i < f->inode->npages; i++) {
		pfn_t p = grab_page(w, t, f->inode, i);

		if (p == PFN_NONE)
			return -1;
		task_cpu(t, file_cost(w, f->inode)->write_page);
		page_dirty(w, f->inode, p);
		balance_dirty_pages(w, t, f->inode);
		if (fatal_signal_pending(t))
			return -1;
	}
	if (t->over_high)
		memcg_handle_over_high(w, t);
	task_yield(w, t);
	return 0;
}

void file_writepage(struct world *w, struct task *t, pfn_t p)
{
	uint64_t idx;
	struct inode *ino = inode_of(w, p, &idx);

	page_start_writeback(w, p);
	blk_submit(w, t, w->dev[ino->disk], true, ino->disk_page + idx, p);
}
