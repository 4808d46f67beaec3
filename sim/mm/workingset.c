/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Refault detection of the classic lists (mm/workingset.c of 6.1; specification C.14). The clock of a node's lists ticks at each eviction and each
 * activation; an evicted page leaves the time in its place, and when it comes back its absence is compared with how many pages
 * it would have had to compete with.
 *
 * A shadow: bit 29 set (so that it is never 0), bit 28 the page's workingset flag, bits 0..27 the clock.
 */
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#define SHADOW_VALID      (1u << 29)
#define SHADOW_WORKINGSET (1u << 28)
#define SHADOW_AGE        (SHADOW_WORKINGSET - 1)

void workingset_age_nonresident(struct node *n, uint64_t pages)
{
	n->lruvec.nonresident_age += pages;
}

uint32_t workingset_eviction(struct world *w, pfn_t p)
{
	return reclaim_of(&w->mm)->eviction(w, p);
}

void workingset_refault(struct world *w, pfn_t p, uint32_t shadow)
{
	reclaim_of(&w->mm)->refault(w, p, shadow);
}

uint32_t classic_eviction(struct world *w, pfn_t p)
{
	struct node *n = frame_node(w, p);
	uint32_t age = (uint32_t)n->lruvec.nonresident_age & SHADOW_AGE;

	workingset_age_nonresident(n, 1);
	return SHADOW_VALID | (w->mm.f.flags[p] & F_WORKINGSET ? SHADOW_WORKINGSET : 0) | age;
}

void workingset_activation(struct world *w, pfn_t p)
{
	workingset_age_nonresident(frame_node(w, p), 1);
}

/* How many pages the refaulting one competes with: those that would have had to go to keep it. */
static uint64_t workingset_size(const struct world *w, const struct node *n, bool file)
{
	const int64_t *size = n->lruvec.size;
	int64_t pages = size[LRU_ACTIVE_FILE];

	if (!file)
		pages += size[LRU_INACTIVE_FILE];
	if (w->swap.free) {
		pages += size[LRU_ACTIVE_ANON];
		if (file)
			pages += size[LRU_INACTIVE_ANON];
	}
	return (uint64_t)pages;
}

static void count_refault(struct world *w, bool file, enum vmstat_item anon_item)
{
	w->mm.vmstat[anon_item + (file ? 1 : 0)]++;
}

void classic_refault(struct world *w, pfn_t p, uint32_t shadow)
{
	struct node *n = frame_node(w, p);
	bool file = frame_is_file(w->mm.f.flags[p]);
	uint32_t distance = ((uint32_t)n->lruvec.nonresident_age - shadow) & SHADOW_AGE;

	if (!(shadow & SHADOW_VALID))
		return;
	count_refault(w, file, VMSTAT_workingset_refault_anon);
	if (!file && !w->km->workingset_anon)
		return;
	if (distance > workingset_size(w, n, file))
		return;
	w->mm.f.flags[p] |= F_ACTIVE;
	workingset_age_nonresident(n, 1);
	count_refault(w, file, VMSTAT_workingset_activate_anon);
	if (!(shadow & SHADOW_WORKINGSET))
		return;
	w->mm.f.flags[p] |= F_WORKINGSET;
	lru_note_reclaim(w, n, file, 1, 0);
	count_refault(w, file, VMSTAT_workingset_restore_anon);
}
