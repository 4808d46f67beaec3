/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The LRU lists of each node: rings through frames.next and .prev, with the heads behind the last frame.
 *
 * Which list a frame is on follows from its flags alone, so F_ACTIVE, F_SWAPBACKED and F_MLOCKED may change only
 * while it is off the lists (F_ONLRU clear), or by the functions here.
 *
 * Source: mm/swap.c and include/linux/mm_inline.h of 6.1; specification C.3, C.9. Leaves out: the per-CPU batches of
 * 15 pages in front of the lists, the memcg dimension.
 */
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

static uint32_t list_head(const struct world *w, int node, enum lru_list l)
{
	return w->mm.f.n + (uint32_t)node * NR_LRU_LISTS + l;
}

static void link_after(struct frames *f, uint32_t where, pfn_t p)
{
	uint32_t next = f->next[where];

	f->next[p] = next;
	f->prev[p] = where;
	f->prev[next] = p;
	f->next[where] = p;
}

static void unlink_frame(struct frames *f, pfn_t p)
{
	f->next[f->prev[p]] = f->next[p];
	f->prev[f->next[p]] = f->prev[p];
}

static void count(struct world *w, struct zone *z, enum lru_list l, int by)
{
	z->lru[l] += by;
	w->mm.node[z->node].lruvec.size[l] += by;
	w->mm.vmstat[VMSTAT_nr_inactive_anon + l] += (uint64_t)(int64_t)by;
}

enum lru_list frame_lru(const struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (flags & F_MLOCKED)
		return LRU_UNEVICTABLE;
	return (enum lru_list)(LRU_BASE(frame_is_file(flags)) + !!(flags & F_ACTIVE));
}

void lru_add(struct world *w, pfn_t p)
{
	struct zone *z = frame_zone(w, p);
	enum lru_list l = frame_lru(w, p);

	link_after(&w->mm.f, list_head(w, z->node, l), p);
	w->mm.f.flags[p] |= F_ONLRU;
	count(w, z, l, 1);
}

void lru_add_tail(struct world *w, pfn_t p)
{
	struct zone *z = frame_zone(w, p);
	enum lru_list l = frame_lru(w, p);

	link_after(&w->mm.f, w->mm.f.prev[list_head(w, z->node, l)], p);
	w->mm.f.flags[p] |= F_ONLRU;
	count(w, z, l, 1);
}

void lru_del(struct world *w, pfn_t p)
{
	unlink_frame(&w->mm.f, p);
	w->mm.f.flags[p] &= (uint16_t)~F_ONLRU;
	count(w, frame_zone(w, p), frame_lru(w, p), -1);
}

void lru_move_head(struct world *w, pfn_t p)
{
	unlink_frame(&w->mm.f, p);
	link_after(&w->mm.f, list_head(w, frame_node(w, p)->id, frame_lru(w, p)), p);
}

static pfn_t frame_or_none(const struct world *w, uint32_t i)
{
	return i < w->mm.f.n ? i : PFN_NONE;
}

pfn_t lru_tail(struct world *w, int node, enum lru_list l)
{
	return frame_or_none(w, w->mm.f.prev[list_head(w, node, l)]);
}

pfn_t lru_prev(struct world *w, int node, enum lru_list l, pfn_t p)
{
	(void)node;
	(void)l;
	return frame_or_none(w, w->mm.f.prev[p]);
}

void lru_activate(struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (!(flags & F_ONLRU) || (flags & (F_ACTIVE | F_MLOCKED)))
		return;
	lru_del(w, p);
	w->mm.f.flags[p] |= F_ACTIVE;
	lru_add(w, p);
	vm_event(w, pgactivate, 1);
}

/* The first use marks, the second activates; the marks of unevictable pages mean nothing. */
void lru_mark_accessed(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (!(*flags & F_REFERENCED)) {
		*flags |= F_REFERENCED;
		return;
	}
	if (*flags & (F_MLOCKED | F_ACTIVE))
		return;
	lru_activate(w, p);
	*flags &= (uint16_t)~F_REFERENCED;
	workingset_activation(w, p);
}

void lru_rotate(struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (!(flags & F_ONLRU) || (flags & (F_LOCKED | F_DIRTY | F_MLOCKED)))
		return;
	lru_del(w, p);
	w->mm.f.flags[p] &= (uint16_t)~F_ACTIVE;
	lru_add_tail(w, p);
	vm_event(w, pgrotated, 1);
}

/* Old costs fade: both are halved once they exceed a quarter of the evictable pages. */
void lru_note_cost(struct world *w, struct node *n, bool file, uint64_t pages)
{
	struct lruvec *v = &n->lruvec;
	int64_t size = 0;

	(void)w;
	if (file)
		v->file_cost += pages;
	else
		v->anon_cost += pages;
	for (int l = 0; l < LRU_UNEVICTABLE; l++)
		size += v->size[l];
	if (v->file_cost + v->anon_cost > (uint64_t)size / 4) {
		v->file_cost /= 2;
		v->anon_cost /= 2;
	}
}

uint64_t node_lru_size(const struct node *n, enum lru_list l, int highest_zone)
{
	int64_t size = 0;

	for (int i = 0; i <= highest_zone && i < MAX_ZONES; i++)
		size += n->zone[i].lru[l];
	return (uint64_t)size;
}
