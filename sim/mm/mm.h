/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical memory: frames, zones, nodes and their LRU lists.
 *
 * A frame costs 20 bytes in parallel arrays (24 with swap): links of the list it is on, its owner, when reclaim last looked
 * at it, flags and the number of page tables that map it. Kernel memory (slab, stacks, page tables) is counted per zone
 * without frames of its own: nothing ever asks which page it is.
 */
#ifndef OOMSIM_MM_MM_H
#define OOMSIM_MM_MM_H

#include "sim/core/units.h"
#include "sim/mm/vmstat.h"
#include "sim/world/config.h"

struct world;
struct task;
struct memcg;

typedef uint32_t pfn_t;
#define PFN_NONE UINT32_MAX

enum lru_list { LRU_INACTIVE_ANON, LRU_ACTIVE_ANON, LRU_INACTIVE_FILE, LRU_ACTIVE_FILE, LRU_UNEVICTABLE, NR_LRU_LISTS };
#define NR_LRU_HEADS     (NR_LRU_LISTS + 4 * 2 * MAX_ZONES) /* a node's: and generations by type and zone (mglru.h) */
#define LRU_BASE(file)   ((file) ? LRU_INACTIVE_FILE : LRU_INACTIVE_ANON)
#define LRU_IS_FILE(l)   ((l) == LRU_INACTIVE_FILE || (l) == LRU_ACTIVE_FILE)
#define LRU_IS_ACTIVE(l) ((l) == LRU_ACTIVE_ANON || (l) == LRU_ACTIVE_FILE)

/* Page flags, the kernel's PG_* where one exists. */
enum frame_flag {
	F_REFERENCED = 1 << 0,  /* PG_referenced: a first use was seen */
	F_ACTIVE = 1 << 1,      /* PG_active */
	F_DIRTY = 1 << 2,       /* PG_dirty, or a dirty PTE */
	F_WORKINGSET = 1 << 3,  /* PG_workingset: has been active */
	F_SWAPBACKED = 1 << 4,  /* PG_swapbacked: anonymous or shmem */
	F_SWAPCACHE = 1 << 5,   /* PG_swapcache */
	F_WRITEBACK = 1 << 6,   /* PG_writeback */
	F_RECLAIM = 1 << 7,     /* PG_reclaim: free or rotate it when the write ends */
	F_LOCKED = 1 << 8,      /* PG_locked while being read: not up to date yet */
	F_YOUNG = 1 << 9,       /* some PTE's accessed bit is known to be set */
	F_MLOCKED = 1 << 10,    /* PG_mlocked */
	F_ONLRU = 1 << 11,      /* PG_lru */
	F_ISOLATED = 1 << 12,   /* taken off its list by a reclaimer that has not put it back yet */
	F_FILECACHE = 1 << 13,  /* owned by an inode (file or shmem); else by a VMA or, unmapped, by the swap cache */
	F_READAHEAD = 1 << 14,  /* PG_readahead: reading it starts the next window */
	F_ZAPPED = 1 << 15,     /* its last user went away while it was isolated or under I/O */
};

struct frames {
	uint32_t n;      /* frames of all zones together */
	uint32_t *next;  /* links; heads of the lists live at index n and above */
	uint32_t *prev;
	uint32_t *owner; /* global virtual page number: chunk << 9 | index (pgtable.h) */
	uint32_t *stamp; /* the owner's access clock when reclaim last looked (access.h) */
	uint32_t *slot;  /* swap slot while F_SWAPCACHE; NULL array when the machine has no swap */
	uint16_t *flags;
	uint16_t *mapcount; /* page tables that map it; saturates at 65535 */
	uint8_t *gen;    /* generation and references (mglru.h); NULL with the classic lists */
	uint16_t *memcg; /* number of the cgroup that pays for it (memcg.h); NULL: no cgroups */
};

enum wmark { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

struct zone {
	int node, type;      /* type: 0 DMA, 1 DMA32, 2 NORMAL */
	pfn_t start;         /* first frame */
	uint32_t virgin;     /* frames start+virgin.. have never been used */
	pfn_t free_head;     /* stack of frames given back */
	sim_pages present, managed;
	int64_t nr_free;     /* NR_FREE_PAGES: without the per-CPU lists */
	int64_t nr_pcp;      /* on the per-CPU lists */
	int64_t nr_pcp_kernel; /* of those on the lists of unmovable and reclaimable pages, which user pages do not come from */
	int64_t pcp_high, pcp_batch;
	struct {
		int64_t high, free_count; /* the limit now; pages given back lately */
		unsigned alloc_factor;    /* log2 of the batches that a refill takes */
		bool below_high;          /* ZONE_BELOW_HIGH: a request met the zone below its high watermark */
	} pcp_auto;          /* frames.c: lists that tune themselves (kernel_model.pcp_auto) */
	sim_pages nr_kernel; /* slab, stacks, page tables: counted, no frames */
	sim_pages wmark[NR_WMARK];
	sim_pages boost;     /* watermark_boost */
	sim_pages reserve[5]; /* lowmem_reserve, by the highest zone the request could use */
	int64_t free_foreign; /* free pages in page blocks of another mobility: taking them boosts the watermarks */
	int64_t lru[NR_LRU_LISTS];
	int64_t write_pending, mlocked;
};

/* The lists of a node, or with cgroups of one of them on a node. Costs, age and sizes include descendants': those of a node are
 * the root's. */
struct lruvec {
	uint64_t anon_cost, file_cost;
	uint64_t nonresident_age;
	uint64_t refaults[2];        /* WORKINGSET_ACTIVATE_{ANON,FILE} at the end of the last reclaim */
	int64_t size[NR_LRU_LISTS];
	uint64_t cost_noted[2];      /* anon, file: costs not yet added (kernel_model.cost_rule COST_LAZY) */
	struct lru_gen *gen;         /* mglru.h; NULL with the classic lists */
	struct node *node;
	/* With cgroups; NULL and 0 otherwise: */
	struct memcg *memcg;
	struct lruvec *parent;
	uint32_t head;               /* of its first list */
	int64_t zone_size[MAX_ZONES][NR_LRU_LISTS]; /* its own pages alone */
	uint64_t activated[2];       /* WORKINGSET_ACTIVATE_{ANON,FILE} */
	bool congested;              /* LRUVEC_CONGESTED, of reclaim in a cgroup */
};

struct node {
	int id;
	struct zone zone[MAX_ZONES];
	struct lruvec lruvec;
	struct task *kswapd;
	int kswapd_order, kswapd_highest; /* what it was woken for; highest -1: nothing */
	int kswapd_failures;
	uint32_t next_memcg; /* mglru: whose turn it is in global reclaim */
	bool reclaim_active; /* ZONE_RECLAIM_ACTIVE of all zones: kswapd is at work */
	bool flag_dirty, flag_writeback, flag_congested; /* PGDAT_DIRTY, PGDAT_WRITEBACK, LRUVEC_CONGESTED */
	uint64_t nr_isolated[2];
	struct waitq *kswapd_wait, *pfmemalloc_wait, *throttle_wait;
	uint64_t throttled_written;  /* pages written since somebody was throttled on writeback */
};

struct mm_state {
	struct frames f;
	const struct reclaim_ops *reclaim; /* reclaim.h */
	struct node node[MAX_NODES];
	int nnode;
	uint64_t vmstat[VMSTAT_COUNT];
	sim_pages totalram, totalreserve;
	uint64_t min_free_kbytes;
	int64_t committed;     /* vm_committed_as */
	uint64_t page_kB;      /* kB a page */
	unsigned page_shift;
	uint64_t swapcache;    /* pages in the swap cache */
	uint64_t exe_shmem;    /* resident program text that init keeps locked: counted, not simulated page by page */
	int64_t unevictable_base; /* pages on the unevictable list at start: counted, not simulated */
	uint64_t balloon;      /* pages a balloon driver holds and gives back to avoid a kill */
	uint64_t slab_freeable; /* pages of reclaimable slab that shrinkers can give back */
	uint64_t slab_deferred;
	uint64_t walks;        /* of all page tables by aging, so far (mglru_age.c) */
};

/* GFP bits of 5.10 and later (spec B.1) that the engine looks at or prints. */
#define GFP_HIGHMEM_BIT  0x02u
#define GFP_MOVABLE_BIT  0x08u
#define GFP_HIGH_BIT     0x20u
#define GFP_IO_BIT       0x40u
#define GFP_FS_BIT       0x80u
#define GFP_ZERO_BIT     0x100u
#define GFP_DIRECT_RECLAIM_BIT 0x400u
#define GFP_KSWAPD_RECLAIM_BIT 0x800u
#define GFP_NOWARN_BIT   0x2000u
#define GFP_NORETRY_BIT  0x10000u
#define GFP_NOMEMALLOC_BIT 0x80000u
#define GFP_COMP_BIT     0x40000u
#define GFP_HARDWALL_BIT 0x100000u
#define GFP_ACCOUNT_BIT  0x400000u
#define GFP_KERNEL       0xcc0u
#define GFP_NOFS         0xc40u
#define GFP_KERNEL_ACCOUNT 0x400cc0u
#define GFP_HIGHUSER_MOVABLE 0x100ccau
#define GFP_ANON_FAULT   (GFP_HIGHUSER_MOVABLE | GFP_COMP_BIT | GFP_ZERO_BIT) /* 0x140dca: vma_alloc_zeroed_movable_folio */
#define GFP_FILE_FAULT   (GFP_HIGHUSER_MOVABLE | GFP_COMP_BIT)                /* 0x140cca */
#define GFP_WRITE_BIT 0x1000u
#define GFP_FILE_WRITE (GFP_HIGHUSER_MOVABLE | GFP_WRITE_BIT)                 /* 0x101cca: page-cache page about to be dirtied */
#define GFP_SWAP_TABLE   (GFP_KERNEL | GFP_HIGH_BIT | GFP_COMP_BIT | GFP_NOMEMALLOC_BIT | GFP_ZERO_BIT)
#define GFP_READAHEAD    (GFP_HIGHUSER_MOVABLE | GFP_COMP_BIT | GFP_NORETRY_BIT | GFP_NOWARN_BIT)

#define for_each_zone(w, z, ni, zi)                                                                                    \
	for (int ni = 0; ni < (w)->mm.nnode; ni++)                                                                     \
		for (int zi = 0; zi < MAX_ZONES; zi++)                                                                 \
			if ((z = &(w)->mm.node[ni].zone[zi])->managed)

/* Those of some nodes. */
#define for_each_zone_of(w, z, ni, zi, nodes)                                                                          \
	for_each_zone(w, z, ni, zi)                                                                                    \
		if ((nodes) >> ni & 1)

/* frames.c */
int frames_init(struct world *w);
void frames_free(struct world *w);
struct zone *frame_zone(struct world *w, pfn_t p);
struct node *frame_node(struct world *w, pfn_t p);
/* Take a frame from this zone, from the per-CPU list or in a batch from the free pages; the caller has checked watermarks.
 * PFN_NONE if the zone has none. */
pfn_t zone_take(struct world *w, struct zone *z);
void zone_give(struct world *w, pfn_t p);
/* Kernel memory: n pages counted in, PFN-less. False if the zone has no n free pages. */
bool zone_take_kernel(struct world *w, struct zone *z, sim_pages n);
void zone_give_kernel(struct world *w, struct zone *z, sim_pages n);
/* Hand the per-CPU lists back to the free pages (drain_all_pages). */
void zones_drain_pcp(struct world *w);
/* To be called before z is asked for a page: kernels whose per-CPU lists tune themselves remember that it was below its high mark, and
 * let what is freed then go back to the zone (get_page_from_freelist() of 6.7). */
void zone_note_level(const struct world *w, struct zone *z);

/* lru.c: the lists. `file` follows folio_is_file_lru(): not swap-backed. */
static inline bool frame_is_file(uint16_t flags) { return !(flags & F_SWAPBACKED); }
enum lru_list frame_lru(const struct world *w, pfn_t p); /* the list its flags say it belongs on */
void lru_add(struct world *w, pfn_t p);       /* at the head of the list its flags name */
void lru_add_tail(struct world *w, pfn_t p);
void lru_del(struct world *w, pfn_t p);
void lru_move_head(struct world *w, pfn_t p); /* to the head of the list it is on */
pfn_t lru_tail(struct world *w, int node, enum lru_list l); /* PFN_NONE if empty */
pfn_t lru_prev(struct world *w, int node, enum lru_list l, pfn_t p); /* towards the head; PFN_NONE at its end */
void lru_activate(struct world *w, pfn_t p);  /* folio_activate() */
void lru_mark_accessed(struct world *w, pfn_t p); /* folio_mark_accessed() */
void lru_rotate(struct world *w, pfn_t p);    /* folio_rotate_reclaimable(): to the tail of the inactive list */
void lru_note_cost(struct world *w, struct lruvec *v, bool file, uint64_t pages);

/* Counters. */
#define vm_event(w, item, n) ((w)->mm.vmstat[VMSTAT_##item] += (uint64_t)(n))
#define vm_stat(w, item)     ((w)->mm.vmstat[VMSTAT_##item])
uint64_t node_lru_size(const struct node *n, enum lru_list l, int highest_zone);

#endif
