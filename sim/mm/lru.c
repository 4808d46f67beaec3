/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The LRU lists of each node: rings through frames.next and .prev, with the heads behind the last frame.
 *
 * Unevictable pages have a list of their own; on which list an evictable one lies is the reclaim model's to say (reclaim.h).
 * With the classic model it follows from the flags alone, so F_ACTIVE, F_SWAPBACKED and F_MLOCKED may change only while a
 * page is off the lists (F_ONLRU clear), or by the functions here.
 *
 * Source: mm/swap.c and include/linux/mm_inline.h of 6.1; specification C.3, C.9. Leaves out: the per-CPU batches of
 * 15 pages in front of the lists. With cgroups each has lists of its own on each node (memcg.h).
 */
#include "sim/mm/memcg.h"
#include "sim/mm/reclaim.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

uint32_t lru_head(const struct world *w, int node, unsigned list)
{
	return w->mm.f.n + (uint32_t)node * NR_LRU_HEADS + list;
}

void lru_link(struct world *w, uint32_t where, pfn_t p)
{
	struct frames *f = &w->mm.f;
	uint32_t next = f->next[where];

	f->next[p] = next;
	f->prev[p] = where;
	f->prev[next] = p;
	f->next[where] = p;
}

void lru_unlink(struct world *w, pfn_t p)
{
	struct frames *f = &w->mm.f;

	f->next[f->prev[p]] = f->next[p];
	f->prev[f->next[p]] = f->prev[p];
}

void lru_count(struct world *w, struct zone *z, enum lru_list l, int64_t by)
{
	z->lru[l] += by;
	w->mm.node[z->node].lruvec.size[l] += by;
	w->mm.vmstat[VMSTAT_nr_inactive_anon + l] += (uint64_t)by;
}

/* Head of the list that p is to be on. */
static uint32_t head_of(struct world *w, pfn_t p, enum lru_list l)
{
	if (w->mm.f.memcg)
		return frame_lruvec(w, p)->head + (uint32_t)l;
	return lru_head(w, frame_node(w, p)->id, l);
}

/* The machine's count, and the cgroup's share of it: its own pages by zone, and sizes that include descendants. */
void lruvec_count(struct world *w, struct lruvec *v, struct zone *z, enum lru_list l, int64_t by)
{
	lru_count(w, z, l, by);
	if (!v->memcg)
		return;
	v->zone_size[z->type][l] += by;
	for (; v->parent; v = v->parent)
		v->size[l] += by;
}

uint32_t lruvec_head(const struct world *w, const struct lruvec *v, unsigned list)
{
	return v->memcg ? v->head + list : lru_head(w, v->node->id, list);
}

enum lru_list frame_lru(const struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (flags & F_MLOCKED)
		return LRU_UNEVICTABLE;
	return (enum lru_list)(LRU_BASE(frame_is_file(flags)) + !!(flags & F_ACTIVE));
}

/* On the list the flags name: unevictable pages, and all with the classic model. */
static void add_by_flags(struct world *w, pfn_t p, bool tail)
{
	struct zone *z = frame_zone(w, p);
	enum lru_list l = frame_lru(w, p);
	uint32_t head = head_of(w, p, l);

	lru_link(w, tail ? w->mm.f.prev[head] : head, p);
	lruvec_count(w, frame_lruvec(w, p), z, l, 1);
}

static void del_by_flags(struct world *w, pfn_t p)
{
	struct zone *z = frame_zone(w, p);
	enum lru_list l = frame_lru(w, p);

	lru_unlink(w, p);
	lruvec_count(w, frame_lruvec(w, p), z, l, -1);
}

void classic_add(struct world *w, pfn_t p, bool rotated)
{
	add_by_flags(w, p, rotated);
}

void classic_del(struct world *w, pfn_t p)
{
	del_by_flags(w, p);
}

static void add(struct world *w, pfn_t p, bool rotated)
{
	if (w->mm.f.flags[p] & F_MLOCKED)
		add_by_flags(w, p, rotated);
	else
		reclaim_of(&w->mm)->add(w, p, rotated);
	w->mm.f.flags[p] |= F_ONLRU;
}

void lru_add(struct world *w, pfn_t p)
{
	add(w, p, false);
}

void lru_add_tail(struct world *w, pfn_t p)
{
	add(w, p, true);
}

void lru_del(struct world *w, pfn_t p)
{
	if (w->mm.f.flags[p] & F_MLOCKED)
		del_by_flags(w, p);
	else
		reclaim_of(&w->mm)->del(w, p);
	w->mm.f.flags[p] &= (uint16_t)~F_ONLRU;
}

void lru_move_head(struct world *w, pfn_t p)
{
	lru_unlink(w, p);
	lru_link(w, head_of(w, p, frame_lru(w, p)), p);
}

static pfn_t frame_or_none(const struct world *w, uint32_t i)
{
	return i < w->mm.f.n ? i : PFN_NONE;
}

pfn_t lru_tail(struct world *w, int node, enum lru_list l)
{
	return frame_or_none(w, w->mm.f.prev[lru_head(w, node, l)]);
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
	memcg_count(frame_memcg(w, p), VMSTAT_pgactivate, 1);
}

void lru_mark_accessed(struct world *w, pfn_t p)
{
	reclaim_of(&w->mm)->mark_accessed(w, p);
}

/* The first use marks, the second activates; the marks of unevictable pages mean nothing. */
void classic_mark_accessed(struct world *w, pfn_t p)
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

/* What reclaim did to pages of a type: I/O that it started or that a refault needs, and pages it scanned for nothing. Kernels
 * differ in what of that they count. */
void lru_note_reclaim(struct world *w, struct lruvec *v, bool file, uint64_t io, uint64_t rotated)
{
	uint64_t cost = w->km->cost_rule == COST_PAGES ? io : SWAP_CLUSTER_MAX * io + rotated;

	if (w->km->cost_rule == COST_LAZY)
		for (; v; v = v->parent)
			v->cost_noted[file] += cost;
	else
		lru_note_cost(w, v, file, cost);
}

/* Old costs fade: both are halved once they exceed a quarter of the evictable pages. Ancestors' lists have the cost too. */
void lru_note_cost(struct world *w, struct lruvec *v, bool file, uint64_t pages)
{
	(void)w;
	for (; v; v = v->parent) {
		int64_t size = 0;

		*(file ? &v->file_cost : &v->anon_cost) += pages;
		for (int l = 0; l < LRU_UNEVICTABLE; l++)
			size += v->size[l];
		if (v->file_cost + v->anon_cost > (uint64_t)size / 4) {
			v->file_cost /= 2;
			v->anon_cost /= 2;
		}
	}
}

uint64_t node_lru_size(const struct node *n, enum lru_list l, int highest_zone)
{
	int64_t size = 0;

	for (int i = 0; i <= highest_zone && i < MAX_ZONES; i++)
		size += n->zone[i].lru[l];
	return (uint64_t)size;
}
