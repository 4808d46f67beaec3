/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How pages leave: ranges of a mapping are zapped, what nobody needs any more is freed, in the kernel's batches. */
#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

/* v no longer maps anonymous frame p, whose owner it was, but others do: make one of them the owner. */
static void hand_over(struct world *w, struct vma *v, uint64_t idx, pfn_t p)
{
	for (uint32_t id = v->root; id != VMA_NONE; id = w->vma[id]->next_mapper) {
		const struct vma *m = w->vma[id];
		pte_t e = m == v ? PTE_NONE : vma_pte(w, m, idx);

		if (!pte_present(e) || pte_pfn(e) != p)
			continue;
		w->mm.f.owner[p] = pt_gvpn(&m->pt, idx);
		return;
	}
}

/* ---- releasing pages ---- */

/* Unmapping is two fifths of the work of zapping a page; freeing it comes later. */
static sim_ns zap_unmap_cost(const struct world *w)
{
	return w->cost.zap_page * 2 / 5;
}

/* struct mmu_gather: pages that have been unmapped are freed together, so an exit gives memory back in lumps. The kernel's limit
 * is 20 batches of 506 (MAX_GATHER_BATCH_COUNT). */
#define GATHER_PAGES 10120

struct gather {
	pfn_t *page; /* NULL: free at once */
	uint32_t n;
};

static void gather_begin(struct world *w, struct gather *g)
{
	*g = (struct gather){ .page = sim_malloc(w->a, GATHER_PAGES * sizeof(*g->page)) };
	if (!g->page)
		world_fail(w, SIM_ENOMEM);
}

/* tlb_flush_mmu(). may switch. */
static void gather_flush(struct world *w, struct task *t, struct gather *g)
{
	sim_ns each = w->cost.zap_page - zap_unmap_cost(w);

	for (uint32_t i = 0; i < g->n; i++) {
		free_page(w, g->page[i]);
		task_cpu(t, each);
		if (i % CHUNK_PAGES == CHUNK_PAGES - 1)
			task_yield(w, t);
	}
	g->n = 0;
	task_sync(w, t);
}

static void gather_end(struct world *w, struct task *t, struct gather *g)
{
	gather_flush(w, t, g);
	sim_free(w->a, g->page);
}

/* Nothing refers to p any more: it leaves the swap cache and its list. False if something holds it still. */
static bool detach_unused(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (w->mm.f.mapcount[p] || *flags & F_FILECACHE)
		return false;
	if (*flags & (F_ISOLATED | F_LOCKED | F_WRITEBACK)) {
		*flags |= F_ZAPPED;
		return false;
	}
	if (*flags & F_SWAPCACHE) {
		if (w->swap.count[w->mm.f.slot[p]] > 1)
			return false;
		swap_cache_del(w, p, 0);
	}
	if (*flags & F_ONLRU)
		lru_del(w, p);
	return true;
}

void page_put_unused(struct world *w, pfn_t p)
{
	if (detach_unused(w, p))
		free_page(w, p);
}

/* A mapping of a page-cache page goes away: what its accessed and dirty bits said goes to the page. */
static void settle_file_page(struct world *w, struct vma *v, uint64_t idx, pfn_t p)
{
	struct frames *f = &w->mm.f;
	bool dirty = false, young = f->flags[p] & F_YOUNG;

	if (v->access.active && access_referenced(w, v, idx, f->stamp[p], &dirty))
		young = true;
	if (young)
		lru_mark_accessed(w, p);
}

static void zap_present(struct world *w, struct vma *v, uint64_t idx, pte_t e, struct gather *g)
{
	pfn_t p = pte_pfn(e);
	uint32_t gvpn = pt_gvpn(&v->pt, idx);

	if (p == ZERO_PFN) {
		vma_set_pte(w, v, idx, PTE_NONE);
		return;
	}
	if (w->mm.f.flags[p] & F_FILECACHE)
		settle_file_page(w, v, idx, p);
	vma_set_pte(w, v, idx, PTE_NONE);
	if (w->mm.f.flags[p] & F_FILECACHE)
		return;
	if (w->mm.f.mapcount[p] && w->mm.f.owner[p] == gvpn)
		hand_over(w, v, idx, p);
	if (!g)
		page_put_unused(w, p);
	else if (detach_unused(w, p))
		g->page[g->n++] = p;
}

void vma_zap_entry(struct world *w, struct vma *v, uint64_t idx)
{
	zap_present(w, v, idx, vma_pte(w, v, idx), NULL);
}

static sim_ns zap_cost(const struct world *w, pte_t e)
{
	return pte_swap(e) ? w->cost.zap_swap : zap_unmap_cost(w);
}

/* The part of one chunk that lies in [from, to). */
static uint64_t zap_chunk(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to, struct gather *g)
{
	uint64_t freed = 0;
	uint16_t left = w->chunks.v[v->pt.chunk[from >> CHUNK_SHIFT]].present;
	bool swap = v->mm->rss[MM_SWAPENTS] > 0;

	for (uint64_t i = from; i < to && (left || swap); i++) {
		pte_t e = *pt_lookup(w, &v->pt, i);

		if (e == PTE_NONE)
			continue;
		task_cpu(t, zap_cost(w, e));
		if (pte_present(e)) {
			left--;
			freed++;
			zap_present(w, v, i, e, g);
		} else if (pte_swap(e)) {
			vma_set_pte(w, v, i, PTE_NONE);
			swap_put(w, pte_val(e));
		}
	}
	return freed;
}

static uint64_t zap_range(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to, struct gather *g)
{
	uint64_t freed = 0;

	for (uint64_t i = from, end; i < to; i = end) {
		end = u64_min(to, (i | CHUNK_MASK) + 1);
		if (!pt_has_chunk(&v->pt, i))
			continue;
		freed += zap_chunk(w, t, v, i, end, g);
		if (g->n + CHUNK_PAGES > GATHER_PAGES)
			gather_flush(w, t, g);
		task_yield(w, t);
	}
	return freed;
}

uint64_t vma_zap(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to)
{
	struct gather g;
	uint64_t freed = 0;

	gather_begin(w, &g);
	if (g.page)
		freed = zap_range(w, t, v, from, to, &g);
	gather_end(w, t, &g);
	return freed;
}

void mm_zap(struct world *w, struct task *t, struct mm *mm)
{
	struct gather g;

	gather_begin(w, &g);
	for (uint32_t i = 0; i < mm->nvma && g.page; i++)
		zap_range(w, t, mm->vma[i], 0, mm->vma[i]->npages, &g);
	mm->oom_skip = true;
	gather_end(w, t, &g);
}
