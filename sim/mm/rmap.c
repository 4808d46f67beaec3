/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a frame to the entries that map it (mm/rmap.c): accessed bits, and unmapping for reclaim. */
#include "sim/mm/fault.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/reclaim.h"
#include "sim/world/engine.h"

/* Calls fn for each VMA that maps p; stops when fn says false. The members of a forked region's family share page numbers; the
 * mappings of a file each begin somewhere in it. */
static void rmap_walk(struct world *w, pfn_t p, bool (*fn)(struct world *w, struct vma *v, uint64_t idx, pfn_t p, void *arg), void *arg)
{
	const struct chunk *c = &w->chunks.v[w->mm.f.owner[p] >> CHUNK_SHIFT];
	uint64_t idx = (uint64_t)c->base << CHUNK_SHIFT | (w->mm.f.owner[p] & CHUNK_MASK);
	uint32_t id = c->inode ? w->inode[c->owner]->first_vma : w->vma[c->owner]->root;
	uint16_t left = w->mm.f.mapcount[p];

	while (left && id != VMA_NONE) {
		struct vma *v = w->vma[id];
		uint64_t at = idx - v->pgoff; /* huge, if the mapping begins behind the page */
		pte_t e = at < v->npages ? vma_pte(w, v, at) : PTE_NONE;

		id = v->next_mapper;
		if (!pte_present(e) || pte_pfn(e) != p)
			continue;
		left--;
		if (!fn(w, v, at, p, arg))
			return;
	}
}

struct referenced_arg {
	unsigned young;
	bool exec, locked;
};

static bool referenced_one(struct world *w, struct vma *v, uint64_t idx, pfn_t p, void *arg)
{
	struct referenced_arg *r = arg;
	struct frames *f = &w->mm.f;
	bool dirty = false, young = f->flags[p] & F_YOUNG;

	if (v->locked) {
		r->locked = true;
		return false;
	}
	f->flags[p] &= (uint16_t)~F_YOUNG; /* one mapping's bit, whichever it was */
	if (!young && v->access.active)
		young = access_referenced(w, v, idx, f->stamp[p], &dirty);
	if (dirty && !(f->flags[p] & (F_SWAPBACKED | F_FILECACHE)))
		f->flags[p] |= F_DIRTY; /* a lazily freeable page was written again */
	r->young += young;
	if (young) {
		r->exec |= v->exec;
		if (reclaim_of(&w->mm)->look_around)
			reclaim_of(&w->mm)->look_around(w, v, idx);
	}
	if (v->access.active) /* a frame has one stamp: that of whoever uses it by a pattern */
		f->stamp[p] = access_stamp(w, v);
	return true;
}

unsigned page_referenced(struct world *w, pfn_t p, bool *ret_exec, bool *ret_locked)
{
	struct referenced_arg r = { 0 };

	if (w->mm.f.mapcount[p])
		rmap_walk(w, p, referenced_one, &r);
	*ret_exec = r.exec;
	*ret_locked = r.locked;
	return r.young;
}

static pte_t unmapped_entry(struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (flags & F_FILECACHE || !(flags & F_SWAPCACHE))
		return PTE_NONE;
	swap_dup(w, w->mm.f.slot[p]);
	return PTE_SWAP | w->mm.f.slot[p];
}

static bool unmap_one(struct world *w, struct vma *v, uint64_t idx, pfn_t p, void *arg)
{
	bool dirty = false;

	(void)arg;
	if (v->locked)
		return false;
	if (v->access.active && !(w->mm.f.flags[p] & (F_DIRTY | F_FILECACHE)) && !v->readonly) {
		access_referenced(w, v, idx, w->mm.f.stamp[p], &dirty);
		if (dirty && !(vma_pte(w, v, idx) & PTE_WP))
			w->mm.f.flags[p] |= F_DIRTY;
	}
	vma_set_pte(w, v, idx, unmapped_entry(w, p));
	return true;
}

bool page_unmap(struct world *w, pfn_t p)
{
	rmap_walk(w, p, unmap_one, NULL);
	return !w->mm.f.mapcount[p];
}

static bool mkclean_one(struct world *w, struct vma *v, uint64_t idx, pfn_t p, void *arg)
{
	pte_t e = vma_pte(w, v, idx);

	(void)p;
	(void)arg;
	if (!(e & PTE_WP))
		vma_set_pte(w, v, idx, e | PTE_WP);
	return true;
}

void page_mkclean(struct world *w, pfn_t p)
{
	if (w->mm.f.mapcount[p])
		rmap_walk(w, p, mkclean_one, NULL);
}
