/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mappings and their page tables: mmap and munmap, and the one place where an entry changes. */
#include "sim/mm/fault.h"
#include "sim/mm/filemap.h"
#include "sim/mm/memcg.h"
#include "sim/mm/overcommit.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#include <errno.h>
#include <string.h>

/* ---- entries ---- */

pte_t vma_pte(struct world *w, const struct vma *v, uint64_t idx)
{
	const pte_t *e = pt_lookup(w, &v->pt, idx);

	return e ? *e : PTE_NONE;
}

bool vma_pte_missing(const struct vma *v, pte_t e)
{
	return !pte_present(e) || (v->access.write && (e & PTE_WP));
}

static enum mm_rss frame_rss_kind(uint16_t flags)
{
	if (!(flags & F_FILECACHE))
		return MM_ANONPAGES;
	return flags & F_SWAPBACKED ? MM_SHMEMPAGES : MM_FILEPAGES;
}

/* A counter of the mm changes: in the faulting thread's cache first, where the kernel version has one. */
static void count_rss(struct world *w, struct mm *mm, enum mm_rss kind, int delta)
{
	struct task *t = w->sched.running;

	mm->rss[kind] += delta;
	if (!t || !t->in_fault || t->p->mm != mm)
		return;
	t->rss_cache[kind] += delta;
	mm->rss_lag[kind] += delta;
}

/* One mapping more (+1) or fewer (-1) of frame p in mm: page_add/remove_rmap and the mm's counters. */
static void account_mapping(struct world *w, struct mm *mm, pfn_t p, int delta)
{
	uint16_t flags = w->mm.f.flags[p], *count = &w->mm.f.mapcount[p];
	bool edge = delta > 0 ? *count == 0 : *count == 1;

	count_rss(w, mm, frame_rss_kind(flags), delta);
	*count = (uint16_t)(*count + delta);
	if (!edge)
		return;
	if (flags & F_FILECACHE) {
		w->mm.vmstat[VMSTAT_nr_mapped] += (uint64_t)(int64_t)delta;
		return;
	}
	w->mm.vmstat[VMSTAT_nr_anon_pages] += (uint64_t)(int64_t)delta;
	memcg_count(frame_memcg(w, p), VMSTAT_nr_anon_pages, (uint64_t)(int64_t)delta);
}

void vma_set_pte(struct world *w, struct vma *v, uint64_t idx, pte_t e)
{
	pte_t *slot = pt_lookup(w, &v->pt, idx), old = *slot;
	struct chunk *c = &w->chunks.v[v->pt.chunk[idx >> CHUNK_SHIFT]];
	bool remapped = pte_present(old) && pte_present(e) && pte_pfn(old) == pte_pfn(e);

	if (!remapped && pte_present(old) && pte_pfn(old) != ZERO_PFN)
		account_mapping(w, v->mm, pte_pfn(old), -1);
	if (!remapped && pte_present(e) && pte_pfn(e) != ZERO_PFN)
		account_mapping(w, v->mm, pte_pfn(e), 1);
	c->present = (uint16_t)(c->present + pte_present(e) - pte_present(old));
	if (pte_swap(e) != pte_swap(old))
		count_rss(w, v->mm, MM_SWAPENTS, pte_swap(e) ? 1 : -1);
	*slot = e;
	if (v->access.active && vma_pte_missing(v, old) != vma_pte_missing(v, e))
		access_note(w, v, idx, vma_pte_missing(v, old), vma_pte_missing(v, e));
}

void mm_uncharge_pgtables(struct world *w, struct mm *mm, uint64_t n)
{
	n = u64_min(n, mm->kmem);
	if (n)
		memcg_uncharge_kernel(w, mm->memcg, n);
	mm->kmem -= n;
}

bool mm_alloc_pgtable(struct world *w, struct task *t, struct mm *mm)
{
	struct memcg *payer;

	if (!alloc_kernel(w, t, GFP_KERNEL_ACCOUNT | GFP_ZERO_BIT, 0))
		return false;
	if (!memcg_charge_kernel(w, t, 1, &payer)) {
		free_kernel(w, 1);
		return false;
	}
	if (payer) {
		mm->memcg = payer;
		mm->kmem++;
	}
	task_cpu(t, w->cost.pagetable_alloc);
	mm->pgtable_pages++;
	vm_event(w, nr_page_table_pages, 1);
	return true;
}

/* Regions lie together in a part of the address space of their own: a PUD for the first of them, a PMD for each GiB (512 leaf
 * tables). */
static bool upper_tables(struct world *w, struct task *t, struct mm *mm)
{
	while (mm->upper_tables < 2 + mm->leaf_tables / CHUNK_PAGES) {
		if (!mm_alloc_pgtable(w, t, mm))
			return false;
		mm->upper_tables++;
	}
	return true;
}

bool vma_pt_alloc(struct world *w, struct task *t, struct vma *v, uint64_t idx)
{
	bool own;

	if (pt_has_chunk(&v->pt, idx))
		return true;
	own = strcmp(v->name, "[stack]") != 0;
	if ((own && !upper_tables(w, t, v->mm)) || !mm_alloc_pgtable(w, t, v->mm))
		return false;
	if (pt_has_chunk(&v->pt, idx)) { /* another thread made it meanwhile */
		v->mm->pgtable_pages--;
		w->mm.vmstat[VMSTAT_nr_page_table_pages]--;
		mm_uncharge_pgtables(w, v->mm, 1);
		free_kernel(w, 1);
		return true;
	}
	v->mm->leaf_tables += own;
	if (pt_get(w, &v->pt, idx, false, v->id))
		return true;
	world_fail(w, SIM_ENOMEM);
	return false;
}

/* ---- fork families: the VMAs that may share anonymous pages ---- */

static struct vma *family_next(struct world *w, const struct vma *v)
{
	return v->next_mapper == VMA_NONE ? NULL : w->vma[v->next_mapper];
}

void vma_family_join(struct world *w, struct vma *parent, struct vma *child)
{
	struct vma *root = w->vma[parent->root];

	child->root = root->id;
	child->next_mapper = root->next_mapper;
	root->next_mapper = child->id;
	root->nfamily++;
}

static void family_leave(struct world *w, struct vma *v)
{
	struct vma *root = w->vma[v->root], *m;

	if (root != v) {
		for (m = root; m->next_mapper != v->id; m = family_next(w, m))
			;
		m->next_mapper = v->next_mapper;
		root->nfamily--;
		return;
	}
	root = family_next(w, v);
	if (!root)
		return;
	root->nfamily = v->nfamily - 1;
	for (m = root; m; m = family_next(w, m))
		m->root = root->id;
}

/* ---- mapping and unmapping ---- */

static bool vma_accountable(const struct world *w, const struct vma *v)
{
	if (v->kind == REGION_SHMEM || v->readonly || (v->kind == REGION_FILE && v->shared))
		return false;
	return !v->noreserve || w->sysctl.overcommit_memory == 2;
}

static struct vma *vma_alloc(struct world *w)
{
	uint32_t id = w->free_vma;
	struct vma *v;

	while (id < w->nvma && w->vma[id])
		id++;
	if (id == w->capvma) {
		uint32_t cap = w->capvma ? 2 * w->capvma : 64;
		struct vma **nv = sim_realloc(w->a, w->vma, cap * sizeof(*nv));

		if (!nv)
			return NULL;
		w->vma = nv;
		w->capvma = cap;
	}
	v = sim_calloc(w->a, 1, sizeof(*v));
	if (!v)
		return NULL;
	if (id == w->nvma)
		w->nvma++;
	w->free_vma = id + 1;
	w->vma[id] = v;
	*v = (struct vma){ .id = id, .used = true, .root = id, .nfamily = 1, .next_mapper = VMA_NONE };
	return v;
}

static bool mm_add_vma(struct world *w, struct mm *mm, struct vma *v)
{
	if (mm->nvma == mm->capvma) {
		uint32_t cap = mm->capvma ? 2 * mm->capvma : 8;
		struct vma **nv = sim_realloc(w->a, mm->vma, cap * sizeof(*nv));

		if (!nv)
			return false;
		mm->vma = nv;
		mm->capvma = cap;
	}
	mm->vma[mm->nvma++] = v;
	v->mm = mm;
	return true;
}

static void vma_unlink_inode(struct world *w, struct task *t, struct vma *v)
{
	struct inode *ino = v->inode;
	uint32_t *link = &ino->first_vma;

	while (*link != v->id)
		link = &w->vma[*link]->next_mapper;
	*link = v->next_mapper;
	if (--ino->users || !ino->shmem)
		return;
	inode_truncate(w, t, ino);
	vm_unacct_memory(w, ino->accounted);
	inode_free(w, ino);
}

static void vma_drop(struct world *w, struct vma *v)
{
	access_free(w, &v->access);
	pt_free(w, &v->pt);
	w->vma[v->id] = NULL;
	w->free_vma = (uint32_t)u64_min(w->free_vma, v->id);
	sim_free(w->a, v);
}

/* The VMA goes: its pages have been zapped. */
static void vma_release(struct world *w, struct task *t, struct vma *v)
{
	struct mm *mm = v->mm;
	uint32_t i = 0;

	mm_uncharge_pgtables(w, v->mm, v->pt.nalloc);
	free_kernel(w, v->pt.nalloc);
	mm->pgtable_pages -= v->pt.nalloc;
	w->mm.vmstat[VMSTAT_nr_page_table_pages] -= v->pt.nalloc;
	if (v->inode)
		vma_unlink_inode(w, t, v);
	else
		family_leave(w, v);
	while (mm->vma[i] != v)
		i++;
	memmove(mm->vma + i, mm->vma + i + 1, (mm->nvma - i - 1) * sizeof(*mm->vma));
	mm->nvma--;
	vma_drop(w, v);
}

static int vma_account(struct world *w, struct task *t, struct vma *v, uint64_t n)
{
	int err = 0;

	if (v->kind == REGION_SHMEM) {
		if (v->inode->accounted || v->noreserve)
			return 0;
		err = vm_enough_memory(w, t->p, t->p->mm, n);
		v->inode->accounted = err ? 0 : n;
	} else if (vma_accountable(w, v)) {
		err = vm_enough_memory(w, t->p, t->p->mm, n);
		v->accounted += err ? 0 : n;
	}
	return err;
}

static void vma_link_inode(struct vma *v, struct inode *ino)
{
	v->inode = ino;
	v->next_mapper = ino->first_vma;
	ino->first_vma = v->id;
	ino->users++;
}

struct vma *vma_map(struct world *w, struct task *t, const char *name, enum region_kind kind, struct inode *inode,
		    uint64_t npages, const struct step_cfg *how, int *ret_errno)
{
	struct mm *mm = t->p->mm;
	struct vma *v = vma_alloc(w);

	*ret_errno = ENOMEM;
	if (!v || !mm_add_vma(w, mm, v)) {
		if (v)
			vma_drop(w, v);
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	v->kind = kind;
	strncpy(v->name, name, sizeof(v->name) - 1);
	if (how) {
		v->shared = how->shared || kind == REGION_SHMEM;
		v->noreserve = how->noreserve;
		v->readonly = how->readonly;
		v->exec = how->exec;
	}
	if (how && kind == REGION_FILE)
		v->pgoff = how->offset / w->cfg->machine.page_size;
	v->locked = mm->lock_all;
	if (inode)
		vma_link_inode(v, inode);
	task_cpu(t, w->cost.mmap_call);
	if (vma_account(w, t, v, npages)) {
		vma_release(w, t, v);
		return NULL;
	}
	v->npages = npages;
	mm->total_vm += npages;
	return v;
}

struct vma *vma_find(struct mm *mm, const char *name)
{
	for (uint32_t i = 0; i < mm->nvma; i++)
		if (!strcmp(mm->vma[i]->name, name))
			return mm->vma[i];
	return NULL;
}

int vma_grow(struct world *w, struct task *t, struct vma *v, uint64_t n)
{
	task_cpu(t, w->cost.mmap_call);
	if (vma_account(w, t, v, n))
		return ENOMEM;
	v->npages += n;
	v->mm->total_vm += n;
	return 0;
}

/* mmap_write_lock(), as far as somebody else may be at work in the mappings: the reaper. */
static void lock_for_unmap(struct world *w, struct task *t, struct mm *mm)
{
	while (mm->reaping)
		task_wait(w, t, &mm->reap_wait, TASK_UNINTERRUPTIBLE, SIM_NEVER);
	mm->write_locked++;
}

void vma_unmap_tail(struct world *w, struct task *t, struct vma *v, uint64_t n)
{
	struct mm *mm = v->mm;
	uint64_t acct;

	lock_for_unmap(w, t, mm);
	n = u64_min(n, v->npages);
	acct = u64_min(v->accounted, n);
	task_cpu(t, w->cost.mmap_call);
	vma_zap(w, t, v, v->npages - n, v->npages);
	v->npages -= n;
	v->mm->total_vm -= n;
	v->accounted -= acct;
	vm_unacct_memory(w, acct);
	if (!v->npages)
		vma_release(w, t, v);
	mm->write_locked--;
}

void vma_free_all(struct world *w)
{
	for (uint32_t i = 0; i < w->nvma; i++)
		if (w->vma[i])
			vma_drop(w, w->vma[i]);
	sim_free(w->a, w->vma);
	w->vma = NULL;
	w->nvma = 0;
}
