/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Refault detection of the classic lists (mm/workingset.c of 6.1; specification C.14). The clock of a node's lists ticks at each eviction and each
 * activation; an evicted page leaves the time in its place, and when it comes back its absence is compared with how many pages
 * it would have had to compete with.
 *
 * A shadow: bit 29 set (so that it is never 0), bit 28 the page's workingset flag, bits 0..27 the clock. With cgroups the upper of
 * those say from which cgroup reclaim took the page, by whose clock it was.
 */
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#define SHADOW_VALID      (1u << 29)
#define SHADOW_WORKINGSET (1u << 28)
#define SHADOW_AGE        (SHADOW_WORKINGSET - 1)

/* The clock of these lists and of the ancestors'. */
void workingset_age_nonresident(struct lruvec *v, uint64_t pages)
{
	for (; v; v = v->parent)
		v->nonresident_age += pages;
}

/* Bits of the clock in a shadow: the rest name the cgroup. */
static unsigned age_bits(const struct world *w)
{
	unsigned bits = 28;

	for (uint32_t n = w->memcg.n; n > 1; n = (n + 1) / 2)
		bits--;
	return bits;
}

static uint32_t age_mask(const struct world *w)
{
	return (UINT32_C(1) << age_bits(w)) - 1;
}

uint32_t workingset_eviction(struct world *w, pfn_t p, struct memcg *target)
{
	struct lruvec *v;

	if (!w->memcg.n || w->mm.reclaim != &classic_reclaim)
		return reclaim_of(&w->mm)->eviction(w, p);
	v = memcg_lruvec(w, target, frame_node(w, p));
	workingset_age_nonresident(v, 1);
	return SHADOW_VALID | (w->mm.f.flags[p] & F_WORKINGSET ? SHADOW_WORKINGSET : 0) | v->memcg->id << age_bits(w) |
	       ((uint32_t)(v->nonresident_age - 1) & age_mask(w));
}

void workingset_refault(struct world *w, pfn_t p, uint32_t shadow)
{
	reclaim_of(&w->mm)->refault(w, p, shadow);
}

uint32_t classic_eviction(struct world *w, pfn_t p)
{
	struct node *n = frame_node(w, p);
	uint32_t age = (uint32_t)n->lruvec.nonresident_age & SHADOW_AGE;

	workingset_age_nonresident(&n->lruvec, 1);
	return SHADOW_VALID | (w->mm.f.flags[p] & F_WORKINGSET ? SHADOW_WORKINGSET : 0) | age;
}

void workingset_activation(struct world *w, pfn_t p)
{
	workingset_age_nonresident(frame_lruvec(w, p), 1);
}

/* How many pages the refaulting one competes with: those that would have had to go to keep it. */
static uint64_t workingset_size(const struct world *w, const struct lruvec *v, bool file)
{
	const int64_t *size = v->size;
	int64_t pages = size[LRU_ACTIVE_FILE];

	if (!file)
		pages += size[LRU_INACTIVE_FILE];
	if (memcg_swap_left(w, v->memcg)) {
		pages += size[LRU_ACTIVE_ANON];
		if (file)
			pages += size[LRU_INACTIVE_ANON];
	}
	return (uint64_t)pages;
}

static void count_refault(struct world *w, pfn_t p, bool file, enum vmstat_item anon_item)
{
	w->mm.vmstat[anon_item + (file ? 1 : 0)]++;
	memcg_count(frame_memcg(w, p), (enum vmstat_item)(anon_item + (file ? 1 : 0)), 1);
}

/* Whose clock the shadow was read from. */
static struct lruvec *evicted_from(struct world *w, pfn_t p, uint32_t shadow)
{
	struct node *n = frame_node(w, p);

	if (!w->memcg.n)
		return &n->lruvec;
	return memcg_lruvec(w, &w->memcg.v[(shadow & SHADOW_AGE) >> age_bits(w)], n);
}

void classic_refault(struct world *w, pfn_t p, uint32_t shadow)
{
	struct lruvec *from = evicted_from(w, p, shadow), *v = frame_lruvec(w, p);
	bool file = frame_is_file(w->mm.f.flags[p]);
	uint32_t distance = ((uint32_t)from->nonresident_age - shadow) & age_mask(w);

	if (!(shadow & SHADOW_VALID))
		return;
	count_refault(w, p, file, VMSTAT_workingset_refault_anon);
	if (!file && !w->km->workingset_anon)
		return;
	if (distance > workingset_size(w, from, file))
		return;
	w->mm.f.flags[p] |= F_ACTIVE;
	workingset_age_nonresident(v, 1);
	count_refault(w, p, file, VMSTAT_workingset_activate_anon);
	for (struct lruvec *up = v; up; up = up->parent)
		up->activated[file]++;
	if (!(shadow & SHADOW_WORKINGSET))
		return;
	w->mm.f.flags[p] |= F_WORKINGSET;
	lru_note_reclaim(w, v, file, 1, 0);
	count_refault(w, p, file, VMSTAT_workingset_restore_anon);
}
