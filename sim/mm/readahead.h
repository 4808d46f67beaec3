/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read-ahead of files (mm/readahead.c; specification E.5). */
#ifndef OOMSIM_MM_READAHEAD_H
#define OOMSIM_MM_READAHEAD_H

#include "sim/mm/filemap.h"

#define RA_PAGES 32u /* VM_READAHEAD_PAGES: 128 KiB of 4 KiB pages */

/* A read of req pages at idx found idx missing, or met a page marked as the trigger of the next window. may switch. */
void page_cache_sync_ra(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req);
void page_cache_async_ra(struct world *w, struct task *t, struct file *f, uint64_t idx, uint64_t req, pfn_t p);
/* Start reading n pages from `first` that are not cached; the one at first + n - async becomes the trigger of the next window
 * (async 0: none). may switch. */
void page_cache_ra(struct world *w, struct task *t, struct inode *ino, uint64_t first, uint64_t n, uint64_t async);
/* Without read-ahead, and not to be refused: true when the page is on its way. may switch. */
bool page_cache_read_one(struct world *w, struct task *t, struct inode *ino, uint64_t idx);

#endif
