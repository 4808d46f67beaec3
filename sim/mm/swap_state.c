/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Swap-in with read-ahead (mm/swap_state.c of 6.1; specification C.17). On devices that do not seek the window is one of
 * virtual addresses around the fault; on rotating ones, and for shared memory, one of neighbouring slots.
 */
#include "sim/mm/fault.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/swap.h"
#include "sim/world/engine.h"

/* One swap-in on its way. */
struct swapin {
	struct world *w;
	struct task *t;
	struct vma *v;       /* NULL: shared memory */
	struct inode *ino;
	uint64_t idx;
	uint32_t slot;
};

/* __swapin_nr_pages(): the window grows with hits, and never shrinks below half of the last one at once. */
static uint32_t window(uint64_t prev, uint64_t now, uint32_t hits, uint32_t max, uint32_t prev_win)
{
	uint32_t pages = hits + 2;

	if (pages == 2) {
		if (now != prev + 1 && now + 1 != prev)
			pages = 1;
	} else {
		uint32_t roundup = 4;

		while (roundup < pages)
			roundup <<= 1;
		pages = roundup;
	}
	return (uint32_t)u64_max(u64_min(pages, max), prev_win / 2);
}

void swap_note_hit(struct world *w, struct vma *v, uint64_t idx, pfn_t p)
{
	bool ahead = w->mm.f.flags[p] & F_READAHEAD;

	w->mm.f.flags[p] &= (uint16_t)~F_READAHEAD;
	if (ahead)
		vm_event(w, swap_ra_hit, 1);
	if (w->swap.rotates || !v) {
		w->swap.ra_hits += ahead;
		return;
	}
	v->prev_swap = idx;
	if (ahead)
		v->ra_hits = (uint32_t)u64_min(v->ra_hits + 1, 63);
}

static pte_t asked_entry(const struct swapin *s)
{
	const pte_t *e = pt_lookup(s->w, s->v ? &s->v->pt : &s->ino->index, s->idx);

	return e ? *e : PTE_NONE;
}

static void read_slot(struct swapin *s, uint32_t slot, pfn_t p)
{
	struct world *w = s->w;

	vm_event(w, pswpin, 1);
	task_sync(w, s->t);
	blk_submit(w, s->t, swap_area_of(w, slot)->dev, false, swap_device_page(w, slot), p);
}

/* __read_swap_cache_async(): a page in the swap cache for slot, being read. False when memory ran out. may switch. */
static bool bring_in(struct swapin *s, uint32_t slot)
{
	struct world *w = s->w;
	bool ahead = slot != s->slot;
	pfn_t p;

	if (!w->swap.count[slot] || swap_cache_lookup(w, slot) != PFN_NONE)
		return true;
	p = alloc_page(w, s->t, GFP_HIGHUSER_MOVABLE);
	if (p == PFN_NONE)
		return false;
	if (w->swap.memcg && w->swap.count[slot] && !memcg_charge_swapin(w, s->t, p, slot)) {
		free_page(w, p);
		return false;
	}
	if (!w->swap.count[slot] || swap_cache_lookup(w, slot) != PFN_NONE) {
		free_page(w, p); /* somebody else was faster */
		return true;
	}
	w->mm.f.flags[p] = F_SWAPBACKED | F_LOCKED | (ahead ? F_READAHEAD : 0);
	swap_cache_insert(w, p, slot);
	lru_add(w, p);
	if (ahead) {
		vm_event(w, swap_ra, 1);
		task_cpu(s->t, w->cost.swap_readahead_page);
	}
	read_slot(s, slot, p);
	return true;
}

struct range {
	uint64_t from, to;
};

/* swap_ra_info(): forward, backward or around the fault, within the VMA and the page table. */
static struct range vma_window(struct swapin *s)
{
	struct vma *v = s->v;
	uint32_t max = 1u << u64_min((uint64_t)s->w->sysctl.page_cluster, 5), win;
	uint64_t prev = v->prev_swap, idx = s->idx, lo, hi;

	win = max == 1 ? 1 : window(prev, idx, v->ra_hits, max, v->ra_win);
	v->prev_swap = idx;
	v->ra_win = win;
	v->ra_hits = 0;
	if (win <= 1)
		return (struct range){ idx, idx };
	if (idx == prev + 1) {
		lo = idx;
		hi = idx + win;
	} else if (prev == idx + 1) {
		lo = u64_sub0(idx + 1, win);
		hi = idx + 1;
	} else {
		lo = u64_sub0(idx, (win - 1) / 2);
		hi = lo + win;
	}
	lo = u64_max(lo, idx & ~(uint64_t)CHUNK_MASK);
	hi = u64_min(u64_min(hi, v->npages), (idx | CHUNK_MASK) + 1);
	return (struct range){ lo, hi };
}

/* swap_vma_readahead(). True: the window is the asked page alone, which is then read synchronously (swap_readpage). */
static bool read_vma(struct swapin *s)
{
	struct range r = vma_window(s);

	for (uint64_t i = r.from; i < r.to; i++) {
		pte_t e = vma_pte(s->w, s->v, i);

		if (pte_swap(e) && !bring_in(s, pte_val(e)))
			break;
	}
	return s->v->ra_win <= 1;
}

/* swap_cluster_readahead() */
static void read_cluster(struct swapin *s)
{
	struct swap_state *st = &s->w->swap;
	struct swap_area *a = swap_area_of(s->w, s->slot);
	uint32_t off = s->slot - a->base + 1, max = 1u << s->w->sysctl.page_cluster, n, first, last;

	n = max == 1 ? 1 : window(st->ra_prev, off, st->ra_hits, max, st->ra_pages);
	if (!st->ra_hits)
		st->ra_prev = off;
	st->ra_hits = 0;
	st->ra_pages = n;
	while (n & (n - 1))
		n &= n - 1;
	first = off & ~(n - 1);
	last = off | (n - 1);
	for (uint32_t i = first ? first : 1; n > 1 && i <= last && i <= a->n; i++)
		if (!bring_in(s, a->base + i - 1))
			return;
}

pfn_t swap_readahead(struct world *w, struct task *t, struct vma *v, struct inode *ino, uint64_t idx, uint32_t slot,
		     bool *ret_major)
{
	struct swapin s = { .w = w, .t = t, .v = v, .ino = ino, .idx = idx, .slot = slot };
	struct plug plug;
	bool alone = false;
	pfn_t p;

	blk_plug_start(t, &plug);
	if (v && !w->swap.rotates)
		alone = read_vma(&s);
	else
		read_cluster(&s);
	task_sync(w, t);
	blk_plug_finish(w, t, &plug);
	if (asked_entry(&s) != (PTE_SWAP | slot) || !bring_in(&s, slot))
		return PFN_NONE;
	if (alone && (p = swap_cache_lookup(w, slot)) != PFN_NONE)
		wait_on_page(w, t, p, false);
	if (asked_entry(&s) != (PTE_SWAP | slot))
		return PFN_NONE;
	if (!*ret_major)
		vm_event(w, pgmajfault, 1);
	*ret_major = true;
	return swap_cache_lookup(w, slot);
}
