/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The multi-generational LRU (mm/vmscan.c, include/linux/mm_inline.h, mm/workingset.c of 6.1, 6.12 and 7.x; specification D).
 *
 * Pages of a node (with cgroups: of a cgroup on a node) are sorted into 2 to 4 generations a type (anonymous, file), numbered
 * from min_seq[type] to max_seq. Aging walks the page tables, moves what was used into the youngest generation and opens a new
 * one; eviction takes pages from the oldest. Within a generation, uses through file descriptors sort pages into tiers, and what
 * comes back too soon from a tier protects that tier (PID controller).
 *
 *	mglru.c          generations: lists, counts, insertion, opening and closing them
 *	mglru_age.c      the walk over page tables, looking around a page found in use, when to age, min_ttl_ms
 *	mglru_evict.c    sorting, isolating and judging the oldest
 *	mglru_pass.c     one pass over a node
 *	mglru_refault.c  shadows, refaults, tiers, the controller
 *
 * A page may have been promoted while it stays on its old list (the walk touches no lists): its generation is what its byte in
 * frames.gen says, and eviction moves it over when it gets there.
 */
#ifndef OOMSIM_MM_MGLRU_H
#define OOMSIM_MM_MGLRU_H

#include "sim/mm/mm.h"
#include "sim/mm/reclaim.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#define MIN_NR_GENS   2u
#define MAX_NR_GENS   4u
#define MAX_NR_TIERS  4u
#define MIN_LRU_BATCH 64u
#define MAX_LRU_BATCH 4096u
#define LRU_REFS_MAX  3u /* of the two bits that count uses through file descriptors beyond the flags */

enum lru_type { TYPE_ANON, TYPE_FILE, NR_TYPES };

/* frames.gen: bits 0..2 generation + 1 (0: on no list of ours), bits 3..4 uses counted. */
#define GEN_MASK   0x07u
#define REFS_SHIFT 3
#define REFS_MASK  0x18u

struct lru_gen {
	uint64_t max_seq, min_seq[NR_TYPES];
	sim_ns born[MAX_NR_GENS];
	int64_t nr[MAX_NR_GENS][NR_TYPES][MAX_ZONES];
	/* The controller: of the generation being evicted, and averages of those before. By type and tier. */
	uint64_t refaulted[NR_TYPES][MAX_NR_TIERS], evicted[NR_TYPES][MAX_NR_TIERS], protected[NR_TYPES][MAX_NR_TIERS];
	uint64_t avg_refaulted[NR_TYPES][MAX_NR_TIERS], avg_total[NR_TYPES][MAX_NR_TIERS];
	bool filtered[2]; /* Bloom filter number seq % 2 has been filled (chunk.bloom) */
};

/* ---- mglru.c ---- */

const struct mglru_rules *gen_rules(const struct world *w);
struct lru_gen *gen_of(const struct lruvec *lv);
static inline unsigned gen_index(uint64_t seq)
{
	return (unsigned)(seq % MAX_NR_GENS);
}
static inline enum lru_type gen_type(uint16_t flags)
{
	return frame_is_file(flags) ? TYPE_FILE : TYPE_ANON;
}
static inline unsigned nr_gens(const struct lru_gen *g, enum lru_type t)
{
	return (unsigned)(g->max_seq - g->min_seq[t]) + 1;
}
/* Generation of a page (0..3), or -1 while it is isolated or unevictable. */
static inline int page_gen(const struct world *w, pfn_t p)
{
	return (int)(w->mm.f.gen[p] & GEN_MASK) - 1;
}
static inline unsigned page_uses(const struct world *w, pfn_t p)
{
	return (w->mm.f.gen[p] & REFS_MASK) >> REFS_SHIFT;
}
void set_page_uses(struct world *w, pfn_t p, unsigned n);
/* Forget the uses seen: the counter and F_REFERENCED, before 7.x F_WORKINGSET too. */
void clear_page_refs(struct world *w, pfn_t p);
/* Head of the list of a generation. */
uint32_t gen_head(const struct world *w, const struct lruvec *lv, unsigned gen, enum lru_type t, int zone);
void gen_add(struct world *w, pfn_t p, bool rotated);
void gen_del(struct world *w, pfn_t p);
bool gen_would_be_oldest(struct world *w, pfn_t p); /* if it were added now */
/* Promoted through a page table, without moving it (folio_update_gen). */
void gen_promote(struct world *w, pfn_t p);
/* From the oldest generation to the next, and onto its list; a page promoted meanwhile keeps what it has (folio_inc_gen). */
void gen_postpone(struct world *w, pfn_t p, bool reclaiming, bool tail);
void gen_move(struct world *w, pfn_t p, bool tail); /* onto the list of its generation */
/* Close empty oldest generations. True if any was. swappiness 0: file pages only. */
bool try_to_inc_min_seq(struct world *w, struct lruvec *lv, int swappiness);
/* Open a new youngest generation; a type that has four closes its oldest first. */
void inc_max_seq(struct world *w, struct lruvec *lv, int swappiness);
/* The oldest generation of the types that may be evicted. */
uint64_t evictable_min_seq(const struct world *w, const struct lru_gen *g, int swappiness);
/* Swappiness for this reclaimer: 0 when swapping is out of the question. */
int gen_swappiness(const struct scan_control *sc, const struct lruvec *lv);
int gen_init_lruvec(struct world *w, struct lruvec *lv);
uint64_t gen_total(const struct lru_gen *g, int swappiness);

/* ---- mglru_age.c ---- */

bool should_run_aging(struct world *w, struct lruvec *lv, int swappiness, uint64_t *ret_total);
/* Walk all page tables, then open a generation. Charges t; does not switch. */
void run_aging(struct scan_control *sc, struct lruvec *lv, int swappiness);
void gen_age_node(struct scan_control *sc, struct node *n);
void gen_look_around(struct world *w, struct vma *v, uint64_t idx);
void gen_initial_priority(struct scan_control *sc, struct lruvec *lv);

/* ---- mglru_evict.c ---- */

/* One round: isolate up to a batch of the oldest and judge it. Returns pages looked at, 0: there is nothing to evict. may switch. */
uint64_t gen_evict(struct scan_control *sc, struct lruvec *lv, int swappiness, uint64_t wanted);

/* ---- mglru_pass.c ---- */

void gen_shrink_node(struct scan_control *sc, struct node *n);

/* ---- mglru_refault.c ---- */

uint32_t gen_eviction(struct world *w, pfn_t p);
void gen_refault(struct world *w, pfn_t p, uint32_t shadow);
void gen_mark_accessed(struct world *w, pfn_t p);
enum reference gen_check_references(struct world *w, pfn_t p);
/* Is the task that runs inside a page fault of its own (lru_gen_in_fault)? */
bool gen_in_fault(const struct world *w);
unsigned page_tier(const struct world *w, pfn_t p);
/* Has it been used so often that it goes on to the next generation whatever its tier? */
bool page_saturated(const struct world *w, pfn_t p);
/* Averages move on when the oldest generation of a type is closed. */
void reset_controller(struct lru_gen *g, enum lru_type t);
/* Which type to evict, and up to which of its tiers. */
enum lru_type choose_type(struct world *w, const struct lru_gen *g, int swappiness, int *ret_tier);
int choose_tier(struct world *w, const struct lru_gen *g, enum lru_type t);

#endif
