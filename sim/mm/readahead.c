/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read-ahead of files: the window's arithmetic and the reading itself (mm/readahead.c, filemap_fault of 6.1). */
#include "sim/mm/readahead.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#define MMAP_LOTSAMISS 100

static uint32_t init_size(uint64_t req, uint64_t max)
{
	uint64_t size = 1;

	while (size < req)
		size <<= 1;
	if (size <= max / 32)
		return (uint32_t)(size * 4);
	return (uint32_t)(size <= max / 4 ? size * 2 : max);
}

static uint32_t next_size(const struct file *f, uint64_t max)
{
	if (f->ra_size < max / 16)
		return 4 * f->ra_size;
	return (uint32_t)(f->ra_size <= max / 2 ? 2 * f->ra_size : max);
}

/* One page into the cache, locked, and its read begun; false when memory is short or the host's is gone. */
static bool read_in(struct world *w, struct task *t, struct inode *ino, uint64_t idx, uint32_t gfp, bool trigger)
{
	pfn_t p = alloc_page_for(w, t, gfp, gfp);

	if (p == PFN_NONE)
		return false;
	if (filemap_get(w, ino, idx) != PFN_NONE) {
		free_page(w, p);
		return true;
	}
	w->mm.f.flags[p] = F_LOCKED | (trigger ? F_READAHEAD : 0);
	if (!filemap_add(w, ino, idx, p)) {
		free_page(w, p);
		return false;
	}
	task_cpu(t, file_cost(w, ino)->readahead_page);
	blk_submit(w, t, w->dev[ino->disk], false, ino->disk_page + idx, p);
	return true;
}

void page_cache_ra(struct world *w, struct task *t, struct inode *ino, uint64_t first, uint64_t n, uint64_t async)
{
	uint64_t end = u64_min(first + n, ino->npages);
	struct plug plug;

	blk_plug_start(t, &plug);
	for (uint64_t i = first; i < end; i++) {
		if (filemap_get(w, ino, i) != PFN_NONE)
			continue;
		if (!read_in(w, t, ino, i, GFP_READAHEAD, async && i == first + n - async))
			break;
	}
	task_sync(w, t);
	blk_plug_finish(w, t, &plug);
}

bool page_cache_read_one(struct world *w, struct task *t, struct inode *ino, uint64_t idx)
{
	bool ok = read_in(w, t, ino, idx, GFP_FILE_FAULT, false);

	task_sync(w, t);
	return ok;
}

/* The first page after idx that is not cached, looking at most `max` pages far; 0: none. */
static uint64_t next_miss(struct world *w, const struct inode *ino, uint64_t idx, uint64_t max)
{
	for (uint64_t i = idx + 1; i <= idx + max; i++)
		if (filemap_get(w, ino, i) == PFN_NONE)
			return i;
	return 0;
}

/* try_context_readahead(): no state, but the pages just before are cached: a stream interleaved with others. */
static bool context_ra(struct world *w, struct file *f, uint64_t idx, uint64_t req, uint64_t max)
{
	uint64_t size = 0;

	while (size < max && size < idx && filemap_get(w, f->inode, idx - 1 - size) != PFN_NONE)
		size++;
	if (size <= req)
		return false;
	if (size >= idx)
		size *= 2;
	f->ra_start = idx;
	f->ra_size = (uint32_t)u64_min(size + req, max);
	f->ra_async = 1;
	return true;
}

static void window_initial(struct file *f, uint64_t idx, uint64_t req, uint64_t max)
{
	f->ra_start = idx;
	f->ra_size = init_size(req, max);
	f->ra_async = f->ra_size > req ? f->ra_size - (uint32_t)req : f->ra_size;
}

/* The window now starts at the page asked for and is all read ahead: merge it with the next one. */
static void merge_next(struct file *f, uint64_t idx, uint64_t max)
{
	uint32_t add;

	if (idx != f->ra_start || f->ra_size != f->ra_async)
		return;
	add = next_size(f, max);
	if (f->ra_size + add <= max) {
		f->ra_async = add;
		f->ra_size += add;
	} else {
		f->ra_size = (uint32_t)max;
		f->ra_async = (uint32_t)max >> 1;
	}
}

/* Decides the window for a read at idx; false: read just what was asked (ondemand_readahead). */
static bool decide(struct world *w, struct file *f, uint64_t idx, uint64_t req, bool marked, uint64_t max)
{
	if (!idx) {
		window_initial(f, idx, req, max);
	} else if (idx == f->ra_start + f->ra_size - f->ra_async || idx == f->ra_start + f->ra_size) {
		f->ra_start += f->ra_size;
		f->ra_size = next_size(f, max);
		f->ra_async = f->ra_size;
	} else if (marked) {
		uint64_t start = next_miss(w, f->inode, idx, max);

		if (!start)
			return false;
		f->ra_start = start;
		f->ra_size = (uint32_t)(start - idx + req);
		f->ra_size = next_size(f, max);
		f->ra_async = f->ra_size;
	} else if (req > max || idx - f->prev_index <= 1) {
		window_initial(f, idx, req, max);
	} else if (!context_ra(w, f, idx, req, max)) {
		return false;
	}
	merge_next(f, idx, max);
	return true;
}

static void ondemand(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req, bool marked)
{
	uint64_t io_pages = w->dev[f->inode->disk]->cfg->max_sectors_kb / w->mm.page_kB, max = f->ra_pages;
	bool window;

	if (req > max && io_pages > max)
		max = u64_min(req, io_pages);
	window = decide(w, f, idx, req, marked, max);
	if (window || !marked)
		f->inode->large = window;
	if (window)
		page_cache_ra(w, t, f->inode, f->ra_start, f->ra_size, f->ra_async);
	else if (!marked)
		page_cache_ra(w, t, f->inode, idx, req, 0);
}

void page_cache_sync_ra(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req)
{
	if (f->random)
		page_cache_ra(w, t, f->inode, idx, req, 0);
	else
		ondemand(w, t, f, idx, req, false);
}

void page_cache_async_ra(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req, pfn_t p)
{
	if (w->mm.f.flags[p] & F_WRITEBACK)
		return;
	w->mm.f.flags[p] &= (uint16_t)~F_READAHEAD;
	ondemand(w, t, f, idx, req, true);
}

/* do_sync_mmap_readahead(): read around the fault, unless this mapping has missed too often. */
static void read_around(struct world *w, struct task *t, struct vma *v, uint64_t idx)
{
	uint64_t start;

	if (v->mmap_miss < MMAP_LOTSAMISS * 10)
		v->mmap_miss++;
	if (v->mmap_miss > MMAP_LOTSAMISS)
		return;
	v->inode->large = false;
	start = u64_sub0(idx, RA_PAGES / 2);
	v->ra_start = start;
	v->ra_size = RA_PAGES;
	v->ra_async = RA_PAGES / 4;
	page_cache_ra(w, t, v->inode, start, RA_PAGES, RA_PAGES / 4);
}

/* do_async_mmap_readahead() */
static void read_further(struct world *w, struct task *t, struct vma *v, uint64_t idx, pfn_t p)
{
	struct file f = { .inode = v->inode, .ra_start = v->ra_start, .ra_size = v->ra_size, .ra_async = v->ra_async,
			  .ra_pages = RA_PAGES, .prev_index = UINT64_MAX };

	if (v->mmap_miss)
		v->mmap_miss--;
	if (!(w->mm.f.flags[p] & F_READAHEAD))
		return;
	page_cache_async_ra(w, t, &f, idx, RA_PAGES, p);
	v->ra_start = f.ra_start;
	v->ra_size = f.ra_size;
	v->ra_async = f.ra_async;
}

pfn_t filemap_fault_read(struct world *w, struct task *t, struct vma *v, uint64_t idx)
{
	pfn_t p = filemap_get(w, v->inode, idx);

	if (p != PFN_NONE) {
		read_further(w, t, v, idx, p);
	} else {
		read_around(w, t, v, idx);
		if (filemap_get(w, v->inode, idx) == PFN_NONE && !page_cache_read_one(w, t, v->inode, idx))
			return PFN_NONE;
	}
	return filemap_get(w, v->inode, idx);
}
