/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults: which kind it is, and what each kind does (mm/memory.c of 6.1, function by function). */
#include "sim/mm/fault_step.h"
#include "sim/proc/acct.h"
#include "sim/world/engine.h"

bool fault_changed(const struct fault *f, pte_t seen)
{
	return vma_pte(f->w, f->v, f->idx) != seen;
}

static struct waitq *page_waitq(struct world *w, pfn_t p)
{
	return &w->page_wait[p % ARRAY_LEN(w->page_wait)];
}

/* Waiting for a page that is being read is thrashing if it is a refault of the workingset (mm/filemap.c:folio_wait_bit_common).
 * That is a memory stall; so is, in kernels before 5.12, every synchronous read from swap (mm/page_io.c:swap_readpage). */
static bool memory_stall(const struct world *w, uint16_t flags, bool synchronous)
{
	if (!(flags & F_LOCKED))
		return false;
	return flags & F_WORKINGSET || (synchronous && flags & F_SWAPCACHE && w->km->psi_swapin_always_memstall);
}

enum wait_result wait_on_page(struct world *w, struct task *t, pfn_t p, bool killable)
{
	uint16_t *flags = &w->mm.f.flags[p];
	bool thrashing = (*flags & F_LOCKED) && (*flags & F_WORKINGSET), stall = memory_stall(w, *flags, !killable);
	enum wait_result r = WAIT_OK;
	sim_ns start;

	task_sync(w, t);
	start = w->now;
	if (stall)
		psi_memstall_enter(w, t);
	while (r != WAIT_KILLED && *flags & F_LOCKED) {
		t->wait_pfn = p;
		r = task_wait_io(w, t, page_waitq(w, p), killable ? TASK_KILLABLE : TASK_UNINTERRUPTIBLE, SIM_NEVER);
	}
	t->wait_pfn = PFN_NONE;
	t->delay_blkio += w->now - start;
	if (thrashing) {
		t->delay_thrashing += w->now - start;
		delay_add(w, t, DELAY_THRASHING, w->now - start);
	}
	if (stall)
		psi_memstall_leave(w, t);
	return r;
}

/* ---- mapping a page ---- */

void fault_map_page(struct fault *f, pfn_t p, bool wp)
{
	struct frames *fr = &f->w->mm.f;

	f->t->in_fault = f->w->km->rss_cached;
	vma_set_pte(f->w, f->v, f->idx, PTE_PRESENT | p | (wp ? PTE_WP : 0));
	f->t->in_fault = false;
	fr->flags[p] |= F_YOUNG;
	fr->flags[p] &= (uint16_t)~F_ZAPPED;
	if (f->v->access.active)
		fr->stamp[p] = access_stamp(f->w, f->v);
}

/* Pages of a locked mapping leave the normal lists (mlock_page). */
static void mlock_frame(struct world *w, pfn_t p, bool on)
{
	uint16_t *flags = &w->mm.f.flags[p];
	bool listed = *flags & F_ONLRU;

	if (!!(*flags & F_MLOCKED) == on)
		return;
	if (listed)
		lru_del(w, p);
	*flags ^= F_MLOCKED;
	if (on)
		*flags &= (uint16_t)~F_ACTIVE;
	frame_zone(w, p)->mlocked += on ? 1 : -1;
	w->mm.vmstat[VMSTAT_nr_mlock] += on ? 1 : UINT64_MAX;
	if (on)
		vm_event(w, unevictable_pgs_mlocked, 1);
	else
		vm_event(w, unevictable_pgs_munlocked, 1);
	if (listed)
		lru_add(w, p);
}

void fault_lock_page(struct fault *f, pfn_t p)
{
	if (!f->v->locked)
		return;
	mlock_frame(f->w, p, true);
	task_cpu(f->t, f->w->cost.mlock_page);
}

/* ---- dispatch (handle_pte_fault) ---- */

static enum step one_fault(struct fault *f)
{
	pte_t e;

	if (!vma_pt_alloc(f->w, f->t, f->v, f->idx))
		return AGAIN;
	e = vma_pte(f->w, f->v, f->idx);
	if (pte_present(e))
		return f->write && e & PTE_WP ? wp_fault(f, e) : DONE;
	if (pte_swap(e))
		return swap_fault(f, e);
	if (f->v->kind == REGION_ANON)
		return anon_fault(f);
	return f->v->kind == REGION_FILE ? file_fault(f) : shmem_fault(f);
}

/* Does the processor find all it needs? Then there is no fault to speak of. */
static bool resolved(struct world *w, const struct vma *v, uint64_t idx, bool write)
{
	pte_t e = pt_has_chunk(&v->pt, idx) ? vma_pte(w, v, idx) : PTE_NONE;

	return pte_present(e) && !(write && e & PTE_WP);
}

enum fault_result fault_page(struct world *w, struct task *t, struct vma *v, uint64_t idx, bool write)
{
	struct fault f = { .w = w, .t = t, .v = v, .idx = idx, .write = write };
	struct acct_span span;
	enum step s = AGAIN;

	if (idx >= v->npages || (write && v->readonly))
		return FAULT_SEGV;
	if (resolved(w, v, idx, write))
		return FAULT_OK;
	span = acct_begin(w, t);
	vm_event(w, pgfault, 1);
	if (w->km->rss_cached)
		rss_note_fault(t);
	t->user_fault = true;
	memcg_count(t->p->memcg, VMSTAT_pgfault, 1);
	while (s == AGAIN && !fatal_signal_pending(t) && !w->error) {
		t->fault_oom = false;
		s = one_fault(&f);
		if (s == AGAIN && t->fault_oom)
			pagefault_out_of_memory(w, t);
	}
	t->memcg_in_oom = NULL;
	t->user_fault = false;
	if (f.major)
		memcg_count(t->p->memcg, VMSTAT_pgmajfault, 1);
	if (t->over_high)
		memcg_handle_over_high(w, t);
	acct_end(w, t, &span, true, f.refault);
	if (w->sched.cpu[t->cpu].need_resched)
		task_yield(w, t); /* on the way back to user mode */
	if (f.major)
		t->p->maj_flt++;
	else
		t->p->min_flt++;
	if (fatal_signal_pending(t) || w->error)
		return FAULT_KILLED;
	return s == DONE ? FAULT_OK : FAULT_SEGV;
}

/* ---- mlock and madvise ---- */

enum fault_result vma_mlock(struct world *w, struct task *t, struct vma *v, bool on)
{
	v->locked = on;
	v->mm->locked_vm += on ? v->npages : -v->npages;
	for (uint64_t i = 0; i < v->npages; i++) {
		pte_t e;

		if (on) {
			enum fault_result r = fault_page(w, t, v, i, !v->readonly && !v->shared);

			if (r != FAULT_OK)
				return r;
		}
		e = vma_pte(w, v, i);
		if (pte_present(e) && pte_pfn(e) != ZERO_PFN)
			mlock_frame(w, pte_pfn(e), on);
		if (!(i & CHUNK_MASK))
			task_yield(w, t);
	}
	return FAULT_OK;
}

/* MADV_FREE: the page may be dropped unless it is written again; it moves to the tail end of things, the inactive file list. */
void vma_madvise_free(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to)
{
	struct frames *f = &w->mm.f;

	for (uint64_t i = from; i < to; i++) {
		pte_t e = vma_pte(w, v, i);
		pfn_t p = pte_pfn(e);

		task_cpu(t, w->cost.zap_page / 4);
		if (pte_swap(e)) {
			vma_set_pte(w, v, i, PTE_NONE);
			swap_put(w, pte_val(e));
		}
		if (!pte_present(e) || p == ZERO_PFN || f->mapcount[p] > 1 || f->flags[p] & (F_FILECACHE | F_ISOLATED | F_WRITEBACK | F_LOCKED | F_MLOCKED))
			continue;
		if (f->flags[p] & F_SWAPCACHE)
			swap_try_free(w, p);
		lru_del(w, p);
		f->flags[p] &= (uint16_t)~(F_SWAPBACKED | F_DIRTY | F_YOUNG | F_REFERENCED | F_ACTIVE);
		f->stamp[p] = access_stamp(w, v);
		lru_add(w, p);
		vm_event(w, pglazyfree, 1);
	}
	task_sync(w, t);
}
