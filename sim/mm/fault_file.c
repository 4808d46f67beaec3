/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on files and shared memory (mm/memory.c: do_read_fault, do_shared_fault; mm/filemap.c: filemap_fault; mm/shmem.c). */
#include "sim/mm/fault_step.h"
#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

/* do_fault_around(): map what is cached in the 16 aligned pages around a read fault. True if the faulting page was among it. */
static bool fault_around(struct fault *f)
{
	struct world *w = f->w;
	uint64_t first = f->idx & ~UINT64_C(15), end = u64_min(first + 16, f->v->npages), asked = f->idx;
	bool hit = false;

	for (uint64_t i = first; i < end; i++) {
		pfn_t p = filemap_get(w, f->v->inode, i + f->v->pgoff);

		if (p == PFN_NONE || w->mm.f.flags[p] & (F_LOCKED | F_READAHEAD))
			continue;
		if (f->v->mmap_miss) /* a hit, whether mapped already or not */
			f->v->mmap_miss--;
		if (vma_pte(w, f->v, i) != PTE_NONE)
			continue;
		f->idx = i;
		fault_map_page(f, p, true);
		fault_lock_page(f, p);
		task_cpu(f->t, w->cost.map_around_page);
		hit |= i == asked;
	}
	f->idx = asked;
	return hit;
}

/* The mmap lock is not held while waiting for a page: the fault starts anew (VM_FAULT_RETRY), is counted again, and by then finds
 * the whole window read ahead, to be mapped around. */
static enum step wait_and_retry(struct fault *f, pfn_t p)
{
	f->refault |= f->w->mm.f.flags[p] & F_WORKINGSET;
	if (wait_on_page(f->w, f->t, p, true) == WAIT_KILLED)
		return DYING;
	vm_event(f->w, pgfault, 1);
	return AGAIN;
}

enum step file_fault(struct fault *f)
{
	struct world *w = f->w;
	uint64_t page = f->idx + f->v->pgoff;
	pfn_t p;

	if (page >= f->v->inode->npages)
		return DYING;
	task_cpu(f->t, w->cost.fault_map);
	if (!f->write && fault_around(f))
		return DONE;
	p = filemap_get(w, f->v->inode, page);
	if (p == PFN_NONE) {
		task_cpu(f->t, w->cost.fault_file);
		f->major = true;
		vm_event(w, pgmajfault, 1);
		f->refault |= filemap_evicted(w, f->v->inode, page);
	}
	p = filemap_fault_read(w, f->t, f->v, page);
	if (p == PFN_NONE)
		return AGAIN;
	if (w->mm.f.flags[p] & F_LOCKED)
		return wait_and_retry(f, p);
	if (filemap_get(w, f->v->inode, page) != p || fault_changed(f, PTE_NONE))
		return AGAIN;
	if (f->write && f->v->shared) {
		page_dirty(w, f->v->inode, p);
		fault_map_page(f, p, false);
		balance_dirty_pages(w, f->t, f->v->inode);
		return DONE;
	}
	fault_map_page(f, p, true);
	fault_lock_page(f, p);
	return f->write ? AGAIN : DONE; /* a private mapping's write copies the page next */
}

static enum step shmem_new_page(struct fault *f)
{
	struct world *w = f->w;
	pfn_t p = alloc_page_for(w, f->t, GFP_FILE_FAULT, GFP_FILE_FAULT);

	if (p == PFN_NONE)
		return AGAIN;
	if (w->memcg.n && !memcg_charge_node(w, f->t, f->v->inode, f->idx, GFP_KERNEL)) {
		free_page(w, p);
		return AGAIN;
	}
	if (filemap_get(w, f->v->inode, f->idx) != PFN_NONE || fault_changed(f, PTE_NONE)) {
		free_page(w, p);
		return AGAIN;
	}
	w->mm.f.flags[p] = F_SWAPBACKED | F_DIRTY;
	if (!filemap_add(w, f->v->inode, f->idx, p)) {
		free_page(w, p);
		return DYING;
	}
	task_cpu(f->t, w->cost.fault_shmem);
	return AGAIN;
}

/* shmem_fault() */
enum step shmem_fault(struct fault *f)
{
	struct world *w = f->w;
	const pte_t *e = pt_lookup(w, &f->v->inode->index, f->idx);
	pfn_t p;

	if (f->idx >= f->v->inode->npages)
		return DYING;
	if (!e || *e == PTE_NONE || pte_shadow(*e))
		return shmem_new_page(f);
	if (pte_swap(*e)) {
		f->refault = true;
		task_cpu(f->t, w->cost.fault_swapin);
		p = swap_readahead(w, f->t, NULL, f->v->inode, f->idx, pte_val(*e), &f->major);
		if (p == PFN_NONE)
			return AGAIN;
		if (wait_on_page(w, f->t, p, true) == WAIT_KILLED)
			return DYING;
		shmem_swapin_done(w, f->v->inode, f->idx, p);
		return AGAIN;
	}
	p = pte_pfn(*e);
	if (fault_changed(f, PTE_NONE))
		return AGAIN;
	w->mm.f.flags[p] |= F_DIRTY;
	task_cpu(f->t, w->cost.fault_map);
	fault_map_page(f, p, false);
	fault_lock_page(f, p);
	return DONE;
}
