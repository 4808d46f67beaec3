/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page tables and page-cache indexes. Both are made of chunks of 512 entries, allocated when first needed as the kernel
 * allocates page-table pages. A chunk has a number; chunk << 9 | index names an entry of the whole machine in 32 bits, which
 * is all a frame has to remember of its owner.
 *
 * An entry (pte_t): 0 nothing; PRESENT frame (with a write-protect bit); SWAP slot; SHADOW of an evicted page-cache page.
 */
#ifndef OOMSIM_MM_PGTABLE_H
#define OOMSIM_MM_PGTABLE_H

#include "sim/mm/mm.h"

#define CHUNK_SHIFT 9
#define CHUNK_PAGES (1u << CHUNK_SHIFT)
#define CHUNK_MASK  (CHUNK_PAGES - 1)

typedef uint32_t pte_t;
#define PTE_NONE       0u
#define PTE_TAG        0xc0000000u
#define PTE_PRESENT    0x40000000u
#define PTE_SWAP       0x80000000u
#define PTE_SHADOW     0xc0000000u
#define PTE_WP         0x20000000u /* with PRESENT: write-protected (shared after fork) */
#define PTE_PFN_MASK   0x1fffffffu /* 2 TiB of 4 KiB frames */
#define PTE_VAL_MASK   0x3fffffffu
#define pte_present(e) (((e) & PTE_TAG) == PTE_PRESENT)
#define pte_swap(e)    (((e) & PTE_TAG) == PTE_SWAP)
#define pte_shadow(e)  (((e) & PTE_TAG) == PTE_SHADOW)
#define pte_pfn(e)     ((e) & PTE_PFN_MASK)
#define pte_val(e)     ((e) & PTE_VAL_MASK)

/* Who owns a chunk: a VMA (page table) or an inode (page-cache index). */
struct chunk {
	pte_t *pte;       /* CHUNK_PAGES entries; NULL while the chunk is free */
	uint32_t owner;   /* index of the VMA or inode */
	uint32_t base;    /* first page of the owner >> CHUNK_SHIFT */
	uint16_t present; /* entries with PTE_PRESENT */
	bool inode;
	uint16_t node_memcg[CHUNK_PAGES / 64]; /* of an inode: which cgroup pays for a node of the index (memcg_node.c); 0: none */
	uint8_t bloom;    /* bits 0, 1: in the filter of even and odd walks (mglru_age.c) */
};

struct chunks {
	struct chunk *v;
	uint32_t n, cap, free; /* free: head of a list through .owner, or 0 */
};

/* A sparse array of entries: what VMAs and inodes hold. */
struct ptable {
	uint32_t *chunk;  /* chunk numbers; 0: not there */
	uint32_t nchunk;  /* length of the array */
	uint32_t nalloc;  /* chunks that exist */
};

int chunks_init(struct world *w);
void chunks_free(struct world *w);
/* The entry of page `idx`, or NULL while its chunk does not exist. */
pte_t *pt_lookup(struct world *w, const struct ptable *t, uint64_t idx);
/* The same, making the chunk if needed (host memory only; charge the kernel's page first). NULL: out of host memory. */
pte_t *pt_get(struct world *w, struct ptable *t, uint64_t idx, bool inode, uint32_t owner);
bool pt_has_chunk(const struct ptable *t, uint64_t idx);
void pt_free(struct world *w, struct ptable *t);
/* The global number of page idx; its chunk must exist. */
static inline uint32_t pt_gvpn(const struct ptable *t, uint64_t idx)
{
	return t->chunk[idx >> CHUNK_SHIFT] << CHUNK_SHIFT | (uint32_t)(idx & CHUNK_MASK);
}

#endif
