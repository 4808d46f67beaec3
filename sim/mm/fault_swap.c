/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on what is in swap (mm/memory.c: do_swap_page). */
#include "sim/mm/fault_step.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* Later kernels map a page that is nobody else's writable even after a read fault, clean: a load that a store follows costs no
 * second fault. */
static void map_writable(struct fault *f, pfn_t p)
{
	const struct access *a = &f->v->access;

	fault_map_page(f, p, false);
	if (f->write || (a->active && a->write))
		f->w->mm.f.flags[p] |= F_DIRTY;
}

static enum step swap_map(struct fault *f, pfn_t p, uint32_t slot)
{
	struct world *w = f->w;
	struct frames *fr = &w->mm.f;
	bool sole;

	fr->owner[p] = pt_gvpn(&f->v->pt, f->idx);
	fault_map_page(f, p, true);
	swap_put(w, slot);
	/* should_try_to_free_swap() */
	sole = fr->flags[p] & F_SWAPCACHE && w->swap.count[slot] == 1;
	if (swap_is_full(w) || memcg_swap_full(w, p) || f->v->locked || (f->write && sole))
		swap_try_free(w, p);
	if (f->write && fr->mapcount[p] == 1 && !(fr->flags[p] & F_SWAPCACHE)) {
		fr->flags[p] |= F_DIRTY;
		fault_map_page(f, p, false);
	}
	if (w->km->swapin_writable && fr->mapcount[p] == 1 && !f->v->readonly && vma_pte(w, f->v, f->idx) & PTE_WP &&
	    (!(fr->flags[p] & F_SWAPCACHE) || w->swap.count[slot] == 1))
		map_writable(f, p);
	fault_lock_page(f, p);
	return DONE;
}

/* do_swap_page() past the swap cache: the page is the fault's alone. */
static enum step swap_fault_synchronous(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	uint32_t slot = pte_val(e);
	pfn_t p;

	task_cpu(f->t, w->cost.fault_swapin_sync);
	p = alloc_page(w, f->t, GFP_HIGHUSER_MOVABLE);
	if (p == PFN_NONE)
		return AGAIN;
	if (fault_changed(f, e) || (w->swap.memcg && !memcg_charge_swapin(w, f->t, p, slot))) {
		free_page(w, p);
		return AGAIN;
	}
	if (fault_changed(f, e) || !swap_is_synchronous(w, slot) || swap_cache_lookup(w, slot) != PFN_NONE) {
		free_page(w, p); /* while charging */
		return AGAIN;
	}
	w->mm.f.flags[p] = F_SWAPBACKED | F_LOCKED;
	workingset_refault(w, p, w->swap.cache[slot]);
	lru_add(w, p);
	swap_read_synchronous(w, f->t, slot, p);
	f->major = true;
	vm_event(w, pgmajfault, 1);
	if (!fault_changed(f, e) && swap_is_synchronous(w, slot))
		return swap_map(f, p, slot);
	page_put_unused(w, p);
	return AGAIN;
}

static enum step do_swap_page(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	uint32_t slot = pte_val(e);
	pfn_t p = swap_cache_lookup(w, slot);
	sim_ns start;
	enum step r = DONE;

	if (p != PFN_NONE)
		swap_note_hit(w, f->v, f->idx, p);
	if (p == PFN_NONE && swap_is_synchronous(w, slot))
		return swap_fault_synchronous(f, e);
	task_cpu(f->t, p == PFN_NONE ? w->cost.fault_swapin : w->cost.fault_map);
	if (p == PFN_NONE) {
		p = swap_readahead(w, f->t, f->v, NULL, f->idx, slot, &f->major);
		if (p == PFN_NONE || fault_changed(f, e))
			return AGAIN;
	}
	start = w->now;
	if (w->mm.f.flags[p] & F_LOCKED) {
		if (wait_on_page(w, f->t, p, true) == WAIT_KILLED)
			return DYING;
		f->t->delay_swapin += w->now - start;
		vm_event(w, pgfault, 1); /* VM_FAULT_RETRY */
	}
	if (fault_changed(f, e) || swap_cache_lookup(w, slot) != p)
		return AGAIN;
	r = swap_map(f, p, slot);
	if (f->write && r == DONE && vma_pte(w, f->v, f->idx) & PTE_WP)
		return AGAIN; /* shared: the write fault follows at once */
	return r;
}

enum step swap_fault(struct fault *f, pte_t e)
{
	enum step r;

	f->refault = f->t->in_swapin = true;
	r = do_swap_page(f, e);
	f->t->in_swapin = false;
	return r;
}
