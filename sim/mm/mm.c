/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address spaces as a whole: creation, fork with copy-on-write, and exit_mmap(). */
#include "sim/mm/filemap.h"
#include "sim/mm/overcommit.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#include <string.h>

#define TASK_RSS_EVENTS_THRESH 64

struct mm *mm_new(struct world *w)
{
	struct mm *mm = sim_calloc(w->a, 1, sizeof(*mm));

	if (!mm)
		world_fail(w, SIM_ENOMEM);
	else
		mm->users = 1;
	return mm;
}

void mm_get(struct mm *mm)
{
	mm->users++;
}

uint64_t mm_counter(const struct mm *mm, enum mm_rss kind)
{
	int64_t n = mm->rss[kind] - mm->rss_lag[kind];

	return n < 0 ? 0 : (uint64_t)n;
}

uint64_t mm_rss_pages(const struct mm *mm)
{
	return mm_counter(mm, MM_FILEPAGES) + mm_counter(mm, MM_ANONPAGES) + mm_counter(mm, MM_SHMEMPAGES);
}

void rss_note_fault(struct task *t)
{
	struct mm *mm = t->p->mm;

	if (t->rss_events++ <= TASK_RSS_EVENTS_THRESH)
		return;
	t->rss_events = 0;
	for (int i = 0; i < NR_MM_COUNTERS; i++) {
		mm->rss_lag[i] -= t->rss_cache[i];
		t->rss_cache[i] = 0;
	}
}

void mm_free(struct world *w, struct mm *mm)
{
	sim_free(w->a, mm->vma);
	sim_free(w->a, mm);
}

/* exit_mmap(): pages first; the mm is then worthless to the OOM killer (MMF_OOM_SKIP, 6.1: after unmapping, before the page
 * tables are freed), then page tables and the rest. */
void mm_put(struct world *w, struct task *t, struct mm *mm)
{
	if (--mm->users)
		return;
	mm_zap(w, t, mm);
	while (mm->nvma)
		vma_unmap_tail(w, t, mm->vma[mm->nvma - 1], UINT64_MAX);
	vm_unacct_memory(w, mm->exe_accounted);
	mm_uncharge_pgtables(w, mm, mm->pgtable_pages);
	free_kernel(w, mm->pgtable_pages);
	w->mm.vmstat[VMSTAT_nr_page_table_pages] -= mm->pgtable_pages;
	mm->pgtable_pages = 0;
	mm->dead = true;
	if (!mm->pins)
		mm_free(w, mm);
}

void mm_pin(struct mm *mm)
{
	mm->pins++;
}

void mm_unpin(struct world *w, struct mm *mm)
{
	if (!--mm->pins && mm->dead)
		mm_free(w, mm);
}

/* Copy one entry to the child; anonymous pages become write-protected in both. */
static void fork_entry(struct world *w, struct vma *from, struct vma *to, uint64_t idx, pte_t e)
{
	if (pte_swap(e)) {
		swap_dup(w, pte_val(e));
		vma_set_pte(w, to, idx, e);
		return;
	}
	if (!(e & PTE_WP))
		vma_set_pte(w, from, idx, e | PTE_WP);
	vma_set_pte(w, to, idx, e | PTE_WP);
}

static bool fork_pages(struct world *w, struct task *t, struct vma *from, struct vma *to)
{
	for (uint64_t i = 0; i < from->npages; i++) {
		pte_t e;

		if (!pt_has_chunk(&from->pt, i)) {
			i |= CHUNK_MASK;
			continue;
		}
		if (!(i & CHUNK_MASK))
			task_yield(w, t);
		if (!pt_has_chunk(&from->pt, i))
			continue;
		e = *pt_lookup(w, &from->pt, i);
		if (e == PTE_NONE)
			continue;
		if (!vma_pt_alloc(w, t, to, i))
			return false;
		e = *pt_lookup(w, &from->pt, i); /* may have been reclaimed while we waited for the page table */
		if (e != PTE_NONE)
			fork_entry(w, from, to, i, e);
		task_cpu(t, w->cost.fork_page);
	}
	return true;
}

/* Page tables that belong to no region: the program's own mappings. Those of regions follow with their pages. */
static bool fork_base_tables(struct world *w, struct task *t, const struct mm *old, struct mm *mm)
{
	uint64_t n = old->pgtable_pages - old->upper_tables;

	for (uint32_t i = 0; i < old->nvma; i++)
		n -= old->vma[i]->pt.nalloc;
	for (; n; n--)
		if (!mm_alloc_pgtable(w, t, mm))
			return false;
	return true;
}

/* Entries of shared and unmodified file mappings are not copied: they fault again (vma_needs_copy()). */
static bool needs_copy(const struct vma *v)
{
	return v->kind == REGION_ANON || (v->kind == REGION_FILE && !v->shared && !v->readonly);
}

static struct vma *fork_vma(struct world *w, struct task *t, struct vma *from)
{
	struct step_cfg how = { .shared = from->shared, .noreserve = from->noreserve, .readonly = from->readonly, .exec = from->exec,
				.offset = from->pgoff * w->cfg->machine.page_size };
	int err;
	struct vma *to = vma_map(w, t, from->name, from->kind, from->inode, from->npages, &how, &err);

	if (to && from->kind == REGION_ANON)
		vma_family_join(w, from, to);
	return to;
}

/* t is the child-to-be's parent; t->p->mm stays its own. */
struct mm *mm_fork(struct world *w, struct task *t, struct mm *old)
{
	struct mm *mm = mm_new(w), *own = t->p->mm;
	bool ok = mm;

	if (!ok)
		return NULL;
	mm->total_vm = old->total_vm;
	mm->exe_pages = old->exe_pages;
	mm->exe_shmem = old->exe_shmem;
	mm->rss[MM_SHMEMPAGES] = (int64_t)old->exe_shmem;
	ok = !vm_enough_memory(w, t->p, old, old->exe_accounted);
	mm->exe_accounted = ok ? old->exe_accounted : 0;
	ok = ok && fork_base_tables(w, t, old, mm);
	for (uint32_t i = 0; i < old->nvma && ok; i++) {
		struct vma *to;

		mm->total_vm -= old->vma[i]->npages; /* vma_map() adds it again */
		t->p->mm = mm;
		to = fork_vma(w, t, old->vma[i]);
		t->p->mm = own;
		ok = to && (!needs_copy(old->vma[i]) || fork_pages(w, t, old->vma[i], to));
	}
	if (ok)
		return mm;
	mm_put(w, t, mm);
	return NULL;
}
