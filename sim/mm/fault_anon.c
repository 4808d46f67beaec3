/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on anonymous memory: first touch, copy on write (mm/memory.c: do_anonymous_page, do_wp_page). */
#include "sim/mm/fault_step.h"
#include "sim/mm/page_alloc.h"
#include "sim/proc/acct.h"
#include "sim/world/engine.h"

static void new_anon(struct fault *f, pfn_t p, bool wp)
{
	struct world *w = f->w;

	w->mm.f.flags[p] = F_SWAPBACKED | F_DIRTY | (w->km->anon_starts_active ? F_ACTIVE : 0);
	w->mm.f.owner[p] = pt_gvpn(&f->v->pt, f->idx);
	lru_add(w, p);
	fault_map_page(f, p, wp);
	fault_lock_page(f, p);
}

/* do_anonymous_page() */
enum step anon_fault(struct fault *f)
{
	struct world *w = f->w;
	pfn_t p;

	if (!f->write) {
		vma_set_pte(w, f->v, f->idx, PTE_PRESENT | PTE_WP | ZERO_PFN);
		task_cpu(f->t, w->cost.fault_map);
		return DONE;
	}
	p = alloc_page_for(w, f->t, GFP_ANON_FAULT, GFP_KERNEL);
	if (p == PFN_NONE)
		return AGAIN;
	if (fault_changed(f, PTE_NONE)) {
		free_page(w, p);
		return AGAIN;
	}
	task_cpu(f->t, w->cost.fault_anon);
	new_anon(f, p, false);
	return DONE;
}

/* The copied page loses this mapping. Another member of the family becomes its owner; if there is none, it goes, or in kernels
 * without free_swap_cache() in wp_page_copy() is left behind in the swap cache. */
static void drop_old(struct fault *f, pfn_t old)
{
	bool alone = f->w->mm.f.mapcount[old] == 1;

	if (alone && f->w->mm.f.flags[old] & F_SWAPCACHE && f->w->km->wp == WP_COPY_KEEP)
		vma_set_pte(f->w, f->v, f->idx, PTE_NONE);
	else
		vma_zap_entry(f->w, f->v, f->idx);
}

static enum step wp_page_copy(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	pfn_t old = pte_pfn(e), p = alloc_page_for(w, f->t, old == ZERO_PFN ? GFP_ANON_FAULT : GFP_FILE_FAULT, GFP_KERNEL);

	if (p == PFN_NONE)
		return AGAIN;
	if (fault_changed(f, e)) {
		free_page(w, p);
		return AGAIN;
	}
	task_cpu(f->t, old == ZERO_PFN ? w->cost.fault_anon : w->cost.fault_cow);
	if (old != ZERO_PFN)
		drop_old(f, old);
	new_anon(f, p, false);
	return DONE;
}

static enum step cow_fault(struct fault *f, pte_t e)
{
	sim_ns start = f->w->now + f->t->pending;
	enum step r = wp_page_copy(f, e);

	delay_add(f->w, f->t, DELAY_WPCOPY, f->w->now + f->t->pending - start);
	return r;
}

/* An anonymous page that only we map, but that has a copy in swap. */
static bool must_copy(struct world *w, pfn_t p)
{
	switch (w->km->wp) {
	case WP_TAKE_OVER:
		return false;
	case WP_FREE_SLOT:
		return w->mm.f.flags[p] & F_WRITEBACK || !swap_try_free(w, p);
	default:
		return true;
	}
}

/* do_wp_page(): a write to a write-protected entry. An anonymous page nobody else maps is simply taken over. */
enum step wp_fault(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	struct frames *fr = &w->mm.f;
	pfn_t p = pte_pfn(e);
	bool file = p != ZERO_PFN && fr->flags[p] & F_FILECACHE;

	if (file && f->v->shared) {
		page_dirty(w, f->v->inode, p);
		fault_map_page(f, p, false);
		task_cpu(f->t, w->cost.fault_wp);
		balance_dirty_pages(w, f->t, f->v->inode);
		return DONE;
	}
	if (p == ZERO_PFN || file || fr->mapcount[p] > 1)
		return cow_fault(f, e);
	if (fr->flags[p] & F_SWAPCACHE && must_copy(w, p))
		return cow_fault(f, e);
	fr->flags[p] |= F_DIRTY;
	fr->owner[p] = pt_gvpn(&f->v->pt, f->idx);
	fault_map_page(f, p, false);
	vm_event(w, pgreuse, 1);
	task_cpu(f->t, w->cost.fault_wp);
	return DONE;
}
