/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Swap areas, slots, the swap cache and swap read-ahead (mm/swapfile.c, mm/swap_state.c).
 *
 * A slot number is global: area i owns [base, base + n). Each slot has a count of entries that refer to it (page tables, shmem
 * indexes) and, while a page is in the swap cache, its frame; once evicted, the shadow of that page (workingset.h).
 */
#ifndef OOMSIM_MM_SWAP_H
#define OOMSIM_MM_SWAP_H

#include "sim/mm/mm.h"

struct vma;
struct inode;
struct blkdev;
struct zram;
struct zswap;

#define SLOT_NONE   UINT32_MAX
#define SLOT_CACHED 0x80000000u /* in swap_state.cache: the rest is a frame; else a shadow (0: none) */
#define SWAP_CLUSTER_SLOTS 512u /* SWAPFILE_CLUSTER on x86-64 with THP_SWAP, else 256 */

struct swap_area {
	struct blkdev *dev;
	struct zram *zram;     /* it lies in compressed memory; NULL: on dev */
	uint32_t base, n;      /* slots; slot base + i lies at device page i + 1 (the header is page 0) */
	int priority;
	bool rotational;       /* no cluster allocation; slot-based read-ahead */
	uint32_t used;
	uint32_t next;         /* next-fit hint within the area (cluster_next) */
	uint32_t cluster_left; /* slots left in the cluster being filled */
	uint32_t *cluster_used; /* slots used in each cluster */
	uint32_t ncluster, free_clusters; /* free_clusters: wholly free ones */
	uint64_t *free_map;    /* a bit a slot, set if free */
	uint32_t nodes_taken;  /* nodes of the swap cache made while no page was free */
};

struct swap_state {
	struct swap_area *area; /* by descending priority */
	uint32_t narea;
	uint32_t rr;            /* round robin among areas of equal priority */
	uint32_t total, free;   /* slots: total_swap_pages, nr_swap_pages */
	uint16_t *count;        /* entries that refer to it, plus 1 while cached */
	uint32_t *cache;
	uint16_t *memcg;        /* number of the cgroup that pays for the slot; NULL: no cgroups */
	struct zswap *zswap;    /* zswap.h; NULL: there is none */
	bool full_reported;
	bool rotates;           /* an area is on a rotating disk: read-ahead by slots for all (nr_rotate_swap) */
	uint32_t ra_hits, ra_pages; /* swapin_readahead_hits and the last window of slot-based read-ahead */
	uint32_t ra_prev;
};

int swap_init(struct world *w);
void swap_free_all(struct world *w);
/* The random streams of compressed memory, which the world's arena does not hold. */
void swap_free_rngs(struct world *w);
struct swap_area *swap_area_of(struct world *w, uint32_t slot);

/* A slot for frame p, put into the swap cache (add_to_swap). False when there is none. */
bool swap_add(struct world *w, pfn_t p);
/* One more, one fewer entry refers to slot. Freeing the last also frees the slot unless it is cached; a cached page nobody
 * refers to is dropped unless under I/O. Process context not needed. */
void swap_dup(struct world *w, uint32_t slot);
void swap_put(struct world *w, uint32_t slot);
/* The frame in the swap cache, or PFN_NONE. */
pfn_t swap_cache_lookup(const struct world *w, uint32_t slot);
/* Put p, fresh, into the swap cache for slot; the slot's shadow decides its flags (workingset_refault). */
void swap_cache_insert(struct world *w, pfn_t p, uint32_t slot);
/* The page of its device at which slot lies. */
uint64_t swap_device_page(struct world *w, uint32_t slot);
/* A fault found p in the swap cache: v's window learns from it if the page was read ahead (lookup_swap_cache). */
void swap_note_hit(struct world *w, struct vma *v, uint64_t idx, pfn_t p);
/* Take p out of the swap cache; shadow is left in its place if other entries remain (0: none), else the slot is freed. */
void swap_cache_del(struct world *w, pfn_t p, uint32_t shadow);
/* vm_swap_full(): more than half of the slots are used. */
bool swap_is_full(const struct world *w);
/* Free the slot of a cached page that is mapped or clean enough not to need it (folio_free_swap). True if it was freed. */
bool swap_try_free(struct world *w, pfn_t p);
/* Bring in the page of an entry at idx of v (or of shmem inode ino when v is NULL) with read-ahead around it. Returns the frame
 * of the asked page (locked until read), PFN_NONE when memory ran out. *ret_major: a read was started. may switch. */
pfn_t swap_readahead(struct world *w, struct task *t, struct vma *v, struct inode *ino, uint64_t idx, uint32_t slot,
		     bool *ret_major);
/* p, read from swap for page idx of shared memory, goes back into ino's index and leaves the swap cache. */
void shmem_swapin_done(struct world *w, struct inode *ino, uint64_t idx, pfn_t p);

/* ---- swap_io.c ---- */

/* Write p, which is in the swap cache, to its slot: started; done; there was no memory to keep it in, or it may not go to a disk, and
 * it is dirty still. may switch. */
enum swap_write { SWAP_WRITING, SWAP_WRITTEN, SWAP_FAILED, SWAP_ACTIVATE };
enum swap_write swap_writepage(struct world *w, struct task *t, pfn_t p);
/* The part of it that writes to a disk, whatever zswap has. may switch. */
void swap_write_device(struct world *w, struct task *t, pfn_t p);
/* Can the page of slot be read at once into a page of its own, past the swap cache (do_swap_page: SWP_SYNCHRONOUS_IO, one entry)? */
bool swap_is_synchronous(struct world *w, uint32_t slot);
/* Read locked p from zram, and unlock it. may switch. */
void swap_read_synchronous(struct world *w, struct task *t, uint32_t slot, pfn_t p);
/* The same from zswap or zram, not counted as read from swap. False: zswap has it no more; p is locked still. may switch. */
bool swap_read_compressed(struct world *w, struct task *t, uint32_t slot, pfn_t p);
/* The shrinkers of compressed memory, at a priority of reclaim. */
void swap_shrink_pools(struct world *w, int priority);

#endif
