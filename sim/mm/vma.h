/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address spaces (struct mm), their mappings (struct vma), and what mappings are of (struct inode for files and shmem;
 * struct anon_root joins the VMAs that may share anonymous pages after fork). */
#ifndef OOMSIM_MM_VMA_H
#define OOMSIM_MM_VMA_H

#include "sim/mm/access.h"
#include "sim/mm/pgtable.h"
#include "sim/proc/task.h"

#define VMA_NONE UINT32_MAX

/* A file or a shared-memory object: an address_space and its index. */
struct inode {
	uint32_t id;
	bool used, shmem;
	bool large;          /* files: read or written as a stream the last time, so in large folios where the kernel has them */
	char name[SIM_NAME_LEN];
	uint32_t disk;       /* files: device index */
	uint64_t npages;
	struct ptable index; /* PRESENT, SHADOW, and for shmem SWAP entries */
	uint64_t nrpages;    /* present */
	uint32_t users;      /* shmem: VMAs; freed at 0 */
	uint32_t first_vma;  /* VMAs that map it, through vma.next_mapper */
	uint64_t nr_dirty, write_cursor; /* flusher */
	sim_ns dirtied_when;
	uint64_t disk_page;  /* files: where the file begins on its disk */
	uint64_t accounted;  /* shmem: pages in Committed_AS */
};

struct vma {
	uint32_t id;
	bool used;
	struct mm *mm;
	char name[SIM_NAME_LEN];
	enum region_kind kind;
	bool shared, noreserve, readonly, exec, locked;
	struct inode *inode; /* FILE and SHMEM */
	uint32_t root;       /* ANON: the VMA at the root of the fork family (its own id if none) */
	uint32_t nfamily;    /* ANON, at the root: live members */
	uint32_t next_mapper; /* next VMA of the inode or of the family; VMA_NONE ends it */
	uint64_t npages;
	uint64_t pgoff;      /* FILE: page of the file at which the mapping begins (vm_pgoff) */
	uint64_t accounted;  /* pages in Committed_AS */
	struct ptable pt;
	struct access access;
	uint32_t mmap_miss;  /* file->f_ra.mmap_miss of this mapping */
	uint64_t ra_start;   /* read-around window of the mapping (file->f_ra) */
	uint32_t ra_size, ra_async;
	uint64_t prev_swap;  /* swap read-ahead: page of the last fault, window, hits (vma->swap_readahead_info) */
	uint32_t ra_win, ra_hits;
};

enum mm_rss { MM_FILEPAGES, MM_ANONPAGES, MM_SHMEMPAGES, MM_SWAPENTS, NR_MM_COUNTERS };

struct mm {
	uint32_t users;      /* processes (mm_users) */
	uint32_t pins;       /* who only needs the structure to stay (mm_count less one): OOM victims, the reaper */
	bool dead;           /* users reached 0 and everything is unmapped */
	struct vma **vma;    /* in order of creation */
	uint32_t nvma, capvma;
	int64_t rss[NR_MM_COUNTERS];
	int64_t rss_lag[NR_MM_COUNTERS]; /* part of rss that sits in its threads' caches: the OOM killer and /proc do not see it */
	uint64_t pgtable_pages; /* mm_pgtables_bytes / 4096 */
	struct memcg *memcg; /* who pays for kmem of them */
	uint64_t kmem;
	uint64_t total_vm, locked_vm, exe_pages;
	uint64_t exe_accounted; /* pages in Committed_AS that belong to no region */
	uint64_t exe_shmem;  /* resident text in rss[MM_SHMEMPAGES] that has no simulated frames */
	uint64_t base_anon;  /* private pages touched at exec, counted in rss[MM_ANONPAGES] through region "[stack]" */
	bool oom_skip, oom_reap_queued, lock_all; /* MMF_OOM_SKIP, MMF_OOM_REAP_QUEUED, mlockall(MCL_FUTURE) */
	uint32_t write_locked; /* mmap_lock held for writing, by so many: the reaper must wait */
	bool reaping;        /* held for reading by the reaper: who wants to unmap must wait */
	struct waitq reap_wait;
	uint32_t leaf_tables, upper_tables; /* of regions other than the stack: vma_pt_alloc() */
	uint64_t walked;     /* number of the last walk of aging that came by (mglru_age.c); 0: none has */
};

/* The frame number of the shared zero page: entries that map it are write-protected and count nowhere. */
#define ZERO_PFN PTE_PFN_MASK

struct mm *mm_new(struct world *w); /* NULL (and world_fail) when out of host memory; users is 1 */
void mm_get(struct mm *mm);
/* Drop one user; at the last, unmap everything (task context: charges CPU time to t as exit_mmap() does). */
void mm_put(struct world *w, struct task *t, struct mm *mm);
/* Free the structure alone; for the end of the world. */
void mm_free(struct world *w, struct mm *mm);
void mm_pin(struct mm *mm);
void mm_unpin(struct world *w, struct mm *mm);
/* mmap(): a new VMA of npages; NULL with *ret_errno = ENOMEM when overcommit refuses or host memory ends. */
struct vma *vma_map(struct world *w, struct task *t, const char *name, enum region_kind kind, struct inode *inode,
		    uint64_t npages, const struct step_cfg *how, int *ret_errno);
struct vma *vma_find(struct mm *mm, const char *name);
/* Grow by n pages at the end (a further mmap() beside it). 0 or ENOMEM. */
int vma_grow(struct world *w, struct task *t, struct vma *v, uint64_t n);
/* Unmap the last n pages; all of them: the VMA goes. Task context. */
void vma_unmap_tail(struct world *w, struct task *t, struct vma *v, uint64_t n);
/* Drop the pages of [from, to) but keep the mapping: MADV_DONTNEED, exit and the reaper. Returns pages freed. */
uint64_t vma_zap(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to);
/* Copy an address space for fork(): NULL when overcommit refuses or t is dying. may switch. */
/* Drop all pages of mm, and then call it worthless to the OOM killer (exit_mmap). may switch. */
void mm_zap(struct world *w, struct task *t, struct mm *mm);
struct mm *mm_fork(struct world *w, struct task *t, struct mm *old);
/* child's anonymous pages may be parent's: they join one fork family. */
void vma_family_join(struct world *w, struct vma *parent, struct vma *child);
struct inode *shmem_new(struct world *w, const char *name, uint64_t npages);
uint64_t mm_rss_pages(const struct mm *mm);
/* A counter as get_mm_counter() reads it: without what the threads have not handed in yet (rss_note_fault), never negative. */
uint64_t mm_counter(const struct mm *mm, enum mm_rss kind);
/* Kernels before 6.2 count pages in the faulting thread first and hand them in every 64 faults (SPLIT_RSS_COUNTING,
 * check_sync_rss_stat): t begins a fault. */
void rss_note_fault(struct task *t);

/* Set the entry of v's page idx; the one place where a VMA's entries change. Keeps rss, access weights and counts. The chunk
 * must exist. */
void vma_set_pte(struct world *w, struct vma *v, uint64_t idx, pte_t e);
pte_t vma_pte(struct world *w, const struct vma *v, uint64_t idx);
/* Would an access of v's pattern to an entry like this fault? */
bool vma_pte_missing(const struct vma *v, pte_t e);
/* One more page-table page for mm. False: the task is dying. may switch. */
bool mm_alloc_pgtable(struct world *w, struct task *t, struct mm *mm);
/* n page-table pages of mm are about to be freed: those that were charged to a cgroup go from its account. */
void mm_uncharge_pgtables(struct world *w, struct mm *mm, uint64_t n);
/* Make sure the page table for idx exists, charging the kernel's page. False: the task is dying. may switch. */
bool vma_pt_alloc(struct world *w, struct task *t, struct vma *v, uint64_t idx);
/* An anonymous frame has lost a mapping or its I/O has ended: free it if nothing needs it any more, else remember
 * (F_ZAPPED) to look again when what holds it lets go. */
void page_put_unused(struct world *w, pfn_t p);
/* Drop the mapping of one present entry, as zapping does. */
void vma_zap_entry(struct world *w, struct vma *v, uint64_t idx);
void vma_free_all(struct world *w);

#endif
