/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults: which kind it is, and what each kind does (mm/memory.c of 6.1, function by function). */
#include "sim/mm/fault.h"
#include "sim/mm/filemap.h"
#include "sim/mm/memcg.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* What a step of a fault asks its caller to do next. */
enum step { DONE, AGAIN, DYING };

struct fault {
	struct world *w;
	struct task *t;
	struct vma *v;
	uint64_t idx;
	bool write, major;
};

static const struct cost_cfg *costs(const struct world *w)
{
	return &w->cost;
}

/* Is the entry still what the fault found before it slept? */
static bool changed(const struct fault *f, pte_t seen)
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
	if (thrashing)
		t->delay_thrashing += w->now - start;
	if (stall)
		psi_memstall_leave(w, t);
	return r;
}

/* ---- mapping a page ---- */

/* The entry now maps p, just accessed. */
static void map_page(struct fault *f, pfn_t p, bool wp)
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

static void lock_if_asked(struct fault *f, pfn_t p)
{
	if (!f->v->locked)
		return;
	mlock_frame(f->w, p, true);
	task_cpu(f->t, costs(f->w)->mlock_page);
}

/* ---- anonymous memory ---- */

static void new_anon(struct fault *f, pfn_t p, bool wp)
{
	struct world *w = f->w;

	w->mm.f.flags[p] = F_SWAPBACKED | F_DIRTY | (w->km->anon_starts_active ? F_ACTIVE : 0);
	w->mm.f.owner[p] = pt_gvpn(&f->v->pt, f->idx);
	lru_add(w, p);
	map_page(f, p, wp);
	lock_if_asked(f, p);
}

/* do_anonymous_page() */
static enum step anon_fault(struct fault *f)
{
	struct world *w = f->w;
	pfn_t p;

	if (!f->write) {
		vma_set_pte(w, f->v, f->idx, PTE_PRESENT | PTE_WP | ZERO_PFN);
		task_cpu(f->t, costs(w)->fault_map);
		return DONE;
	}
	p = alloc_page_for(w, f->t, GFP_ANON_FAULT, GFP_KERNEL);
	if (p == PFN_NONE)
		return AGAIN;
	if (changed(f, PTE_NONE)) {
		free_page(w, p);
		return AGAIN;
	}
	task_cpu(f->t, costs(w)->fault_anon);
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

static enum step cow_fault(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	pfn_t old = pte_pfn(e), p = alloc_page_for(w, f->t, old == ZERO_PFN ? GFP_ANON_FAULT : GFP_FILE_FAULT, GFP_KERNEL);

	if (p == PFN_NONE)
		return AGAIN;
	if (changed(f, e)) {
		free_page(w, p);
		return AGAIN;
	}
	task_cpu(f->t, old == ZERO_PFN ? costs(w)->fault_anon : costs(w)->fault_cow);
	if (old != ZERO_PFN)
		drop_old(f, old);
	new_anon(f, p, false);
	return DONE;
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
static enum step wp_fault(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	struct frames *fr = &w->mm.f;
	pfn_t p = pte_pfn(e);
	bool file = p != ZERO_PFN && fr->flags[p] & F_FILECACHE;

	if (file && f->v->shared) {
		page_dirty(w, f->v->inode, p);
		map_page(f, p, false);
		task_cpu(f->t, costs(w)->fault_wp);
		balance_dirty_pages(w, f->t, f->v->inode);
		return DONE;
	}
	if (p == ZERO_PFN || file || fr->mapcount[p] > 1)
		return cow_fault(f, e);
	if (fr->flags[p] & F_SWAPCACHE && must_copy(w, p))
		return cow_fault(f, e);
	fr->flags[p] |= F_DIRTY;
	fr->owner[p] = pt_gvpn(&f->v->pt, f->idx);
	map_page(f, p, false);
	vm_event(w, pgreuse, 1);
	task_cpu(f->t, costs(w)->fault_wp);
	return DONE;
}

/* ---- swap ---- */

/* Later kernels map a page that is nobody else's writable even after a read fault, clean: a load that a store follows costs no
 * second fault. */
static void map_writable(struct fault *f, pfn_t p)
{
	const struct access *a = &f->v->access;

	map_page(f, p, false);
	if (f->write || (a->active && a->write))
		f->w->mm.f.flags[p] |= F_DIRTY;
}

static enum step swap_map(struct fault *f, pfn_t p, uint32_t slot)
{
	struct world *w = f->w;
	struct frames *fr = &w->mm.f;
	bool sole;

	fr->owner[p] = pt_gvpn(&f->v->pt, f->idx);
	map_page(f, p, true);
	swap_put(w, slot);
	/* should_try_to_free_swap() */
	sole = fr->flags[p] & F_SWAPCACHE && w->swap.count[slot] == 1;
	if (swap_is_full(w) || memcg_swap_full(w, p) || f->v->locked || (f->write && sole))
		swap_try_free(w, p);
	if (f->write && fr->mapcount[p] == 1 && !(fr->flags[p] & F_SWAPCACHE)) {
		fr->flags[p] |= F_DIRTY;
		map_page(f, p, false);
	}
	if (w->km->swapin_writable && fr->mapcount[p] == 1 && !f->v->readonly && vma_pte(w, f->v, f->idx) & PTE_WP &&
	    (!(fr->flags[p] & F_SWAPCACHE) || w->swap.count[slot] == 1))
		map_writable(f, p);
	lock_if_asked(f, p);
	return DONE;
}

/* do_swap_page() */
static enum step swap_fault(struct fault *f, pte_t e)
{
	struct world *w = f->w;
	uint32_t slot = pte_val(e);
	pfn_t p = swap_cache_lookup(w, slot);
	sim_ns start;
	enum step r = DONE;

	if (p != PFN_NONE)
		swap_note_hit(w, f->v, f->idx, p);
	task_cpu(f->t, p == PFN_NONE ? costs(w)->fault_swapin : costs(w)->fault_map);
	if (p == PFN_NONE) {
		p = swap_readahead(w, f->t, f->v, NULL, f->idx, slot, &f->major);
		if (p == PFN_NONE || changed(f, e))
			return AGAIN;
	}
	start = w->now;
	if (w->mm.f.flags[p] & F_LOCKED) {
		if (wait_on_page(w, f->t, p, true) == WAIT_KILLED)
			return DYING;
		f->t->delay_swapin += w->now - start;
		vm_event(w, pgfault, 1); /* VM_FAULT_RETRY */
	}
	if (changed(f, e) || swap_cache_lookup(w, slot) != p)
		return AGAIN;
	r = swap_map(f, p, slot);
	if (f->write && r == DONE && vma_pte(w, f->v, f->idx) & PTE_WP)
		return AGAIN; /* shared: the write fault follows at once */
	return r;
}

/* ---- files and shared memory ---- */

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
		map_page(f, p, true);
		lock_if_asked(f, p);
		task_cpu(f->t, costs(w)->map_around_page);
		hit |= i == asked;
	}
	f->idx = asked;
	return hit;
}

/* The mmap lock is not held while waiting for a page: the fault starts anew (VM_FAULT_RETRY), is counted again, and by then finds
 * the whole window read ahead, to be mapped around. */
static enum step wait_and_retry(struct fault *f, pfn_t p)
{
	if (wait_on_page(f->w, f->t, p, true) == WAIT_KILLED)
		return DYING;
	vm_event(f->w, pgfault, 1);
	return AGAIN;
}

static enum step file_fault(struct fault *f)
{
	struct world *w = f->w;
	uint64_t page = f->idx + f->v->pgoff;
	pfn_t p;

	if (page >= f->v->inode->npages)
		return DYING;
	task_cpu(f->t, costs(w)->fault_map);
	if (!f->write && fault_around(f))
		return DONE;
	p = filemap_get(w, f->v->inode, page);
	if (p == PFN_NONE) {
		task_cpu(f->t, costs(w)->fault_file);
		f->major = true;
		vm_event(w, pgmajfault, 1);
	}
	p = filemap_fault_read(w, f->t, f->v, page);
	if (p == PFN_NONE)
		return AGAIN;
	if (w->mm.f.flags[p] & F_LOCKED)
		return wait_and_retry(f, p);
	if (filemap_get(w, f->v->inode, page) != p || changed(f, PTE_NONE))
		return AGAIN;
	if (f->write && f->v->shared) {
		page_dirty(w, f->v->inode, p);
		map_page(f, p, false);
		balance_dirty_pages(w, f->t, f->v->inode);
		return DONE;
	}
	map_page(f, p, true);
	lock_if_asked(f, p);
	return f->write ? AGAIN : DONE; /* a private mapping's write copies the page next */
}

static enum step shmem_new_page(struct fault *f)
{
	struct world *w = f->w;
	pfn_t p = alloc_page_for(w, f->t, GFP_FILE_FAULT, GFP_FILE_FAULT);

	if (p == PFN_NONE)
		return AGAIN;
	if (filemap_get(w, f->v->inode, f->idx) != PFN_NONE || changed(f, PTE_NONE)) {
		free_page(w, p);
		return AGAIN;
	}
	w->mm.f.flags[p] = F_SWAPBACKED | F_DIRTY;
	if (!filemap_add(w, f->v->inode, f->idx, p)) {
		free_page(w, p);
		return DYING;
	}
	task_cpu(f->t, costs(w)->fault_shmem);
	return AGAIN;
}

/* shmem_fault() */
static enum step shmem_fault(struct fault *f)
{
	struct world *w = f->w;
	const pte_t *e = pt_lookup(w, &f->v->inode->index, f->idx);
	pfn_t p;

	if (f->idx >= f->v->inode->npages)
		return DYING;
	if (!e || *e == PTE_NONE || pte_shadow(*e))
		return shmem_new_page(f);
	if (pte_swap(*e)) {
		task_cpu(f->t, costs(w)->fault_swapin);
		p = swap_readahead(w, f->t, NULL, f->v->inode, f->idx, pte_val(*e), &f->major);
		if (p == PFN_NONE)
			return AGAIN;
		if (wait_on_page(w, f->t, p, true) == WAIT_KILLED)
			return DYING;
		shmem_swapin_done(w, f->v->inode, f->idx, p);
		return AGAIN;
	}
	p = pte_pfn(*e);
	if (changed(f, PTE_NONE))
		return AGAIN;
	w->mm.f.flags[p] |= F_DIRTY;
	task_cpu(f->t, costs(w)->fault_map);
	map_page(f, p, false);
	lock_if_asked(f, p);
	return DONE;
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
	enum step s = AGAIN;

	if (idx >= v->npages || (write && v->readonly))
		return FAULT_SEGV;
	if (resolved(w, v, idx, write))
		return FAULT_OK;
	vm_event(w, pgfault, 1);
	if (w->km->rss_cached)
		rss_note_fault(t);
	t->user_fault = true;
	memcg_count(t->p->memcg, VMSTAT_pgfault, 1);
	while (s == AGAIN && !fatal_signal_pending(t) && !w->error) {
		s = one_fault(&f);
		if (s == AGAIN && t->memcg_in_oom)
			memcg_oom_synchronize(w, t);
	}
	t->memcg_in_oom = NULL;
	t->user_fault = false;
	if (f.major)
		memcg_count(t->p->memcg, VMSTAT_pgmajfault, 1);
	if (t->over_high)
		memcg_handle_over_high(w, t);
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

		task_cpu(t, costs(w)->zap_page / 4);
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
