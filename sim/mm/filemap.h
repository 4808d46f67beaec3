/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page cache: reading and writing files, read-ahead (mm/filemap.c, mm/readahead.c; specification E.5). */
#ifndef OOMSIM_MM_FILEMAP_H
#define OOMSIM_MM_FILEMAP_H

#include "sim/mm/vma.h"

/* struct file with its read-ahead state (file_ra_state), in pages. */
struct file {
	struct inode *inode;
	bool random;              /* FMODE_RANDOM: posix_fadvise(POSIX_FADV_RANDOM) */
	uint64_t ra_start;
	uint32_t ra_size, ra_async, ra_pages;
	uint64_t prev_index;      /* last page read; UINT64_MAX: none */
};

void file_open(struct file *f, struct inode *ino, bool random);
/* What handling a page of this file costs. Whether its pages lie in large folios is known for the file as a whole: by how it was read
 * or written last. */
const struct cost_cfg *file_cost(const struct world *w, const struct inode *ino);
/* The same for a frame, which may also be of anonymous or shared memory. */
const struct cost_cfg *page_cost(struct world *w, pfn_t p);

/* read() or write() of n pages from page `first`. 0, or -1 when the task was killed. Charges the CPU time. may switch. */
int filemap_read(struct world *w, struct task *t, struct file *f, uint64_t first, uint64_t n);
int filemap_write(struct world *w, struct task *t, struct file *f, uint64_t first, uint64_t n);

/* The page of ino at idx, or PFN_NONE. */
pfn_t filemap_get(struct world *w, const struct inode *ino, uint64_t idx);
/* Put p (fresh, locked if it is to be read) into the index and on the LRU; its shadow decides where. */
bool filemap_add(struct world *w, struct inode *ino, uint64_t idx, pfn_t p);
/* The same for a page that is on the LRU already or goes there by other means (shmem swap-in): index and counters alone. The
 * index's chunk must exist. */
void filemap_insert(struct world *w, struct inode *ino, uint64_t idx, pfn_t p);
/* Take it out, leaving a shadow (0: none). */
void filemap_del(struct world *w, pfn_t p, uint32_t shadow);
/* A mapping's fault at page idx of its file found nothing cached: read around it and return the page (locked until read); PFN_NONE: no memory.
 * may switch. */
pfn_t filemap_fault_read(struct world *w, struct task *t, struct vma *v, uint64_t idx);
/* Shared memory's page p, which has just got a swap slot, leaves its index for it. */
void shmem_to_swap(struct world *w, pfn_t p);
/* Start writing dirty page p of a file. may switch. */
void file_writepage(struct world *w, struct task *t, pfn_t p);
struct inode *inode_new(struct world *w, const char *name, uint64_t npages);
void inode_free(struct world *w, struct inode *ino);
/* Throw away all pages (truncate, last unmap of shared memory). */
void inode_truncate(struct world *w, struct task *t, struct inode *ino);

#endif
