/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of one isolated page: the body of the loop of shrink_folio_list() (6.1; specification C.10, C.11). The order of
 * the tests is the kernel's.
 */
#include "sim/mm/fault.h"
#include "sim/mm/filemap.h"
#include "sim/mm/memcg.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* folio_check_references(): the second chance. */
enum reference classic_check_references(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];
	bool exec, locked, referenced = *flags & F_REFERENCED, file = frame_is_file(*flags);
	unsigned ptes = page_referenced(w, p, &exec, &locked);

	*flags &= (uint16_t)~F_REFERENCED;
	if (locked)
		return REF_ACTIVATE; /* to be culled */
	if (ptes) {
		*flags |= F_REFERENCED;
		if (referenced || ptes > 1)
			return REF_ACTIVATE;
		return exec && file ? REF_ACTIVATE : REF_KEEP;
	}
	return referenced && file && !w->km->referenced_file_reclaimed ? REF_RECLAIM_CLEAN : REF_RECLAIM;
}

/* folio_free_swap() of a page that goes back to the active list while swap is scarce. */
static enum page_fate activate(struct scan_control *sc, pfn_t p, struct reclaim_stat *st)
{
	uint16_t *flags = &sc->w->mm.f.flags[p];

	if (*flags & F_SWAPCACHE && (swap_is_full(sc->w) || memcg_swap_full(sc->w, p) || *flags & F_MLOCKED))
		swap_try_free(sc->w, p);
	if (*flags & F_MLOCKED)
		return PAGE_KEPT;
	*flags |= F_ACTIVE;
	st->activate[frame_is_file(*flags)]++;
	vm_event(sc->w, pgactivate, 1);
	memcg_count(frame_memcg(sc->w, p), VMSTAT_pgactivate, 1);
	return PAGE_ACTIVATED;
}

/* A page under writeback is not waited for: it is marked, so that the end of its write brings it to reclaim's attention, and
 * put out of the way. */
static enum page_fate meet_writeback(struct scan_control *sc, pfn_t p, struct reclaim_stat *st)
{
	uint16_t *flags = &sc->w->mm.f.flags[p];

	if (sc->kswapd && *flags & F_RECLAIM && frame_node(sc->w, p)->flag_writeback) {
		st->immediate++;
	} else {
		*flags |= F_RECLAIM;
		st->writeback++;
	}
	return activate(sc, p, st);
}

static void count_dirty(struct world *w, pfn_t p, struct reclaim_stat *st)
{
	uint16_t flags = w->mm.f.flags[p];

	if (!frame_is_file(flags) || !(flags & F_FILECACHE))
		return;
	if (flags & (F_DIRTY | F_WRITEBACK))
		st->dirty++;
	if (flags & F_DIRTY && !(flags & F_WRITEBACK))
		st->unqueued_dirty++;
	if (flags & F_WRITEBACK && flags & F_RECLAIM)
		st->congested++;
}

/* A dirty file page is left to the flusher: reclaim marks it and looks elsewhere, unless kswapd meets only such pages. */
static bool leave_to_flusher(struct scan_control *sc, pfn_t p)
{
	uint16_t flags = sc->w->mm.f.flags[p];

	return frame_is_file(flags) && (!sc->kswapd || sc->w->km->file_never_written || !(flags & F_RECLAIM) || !frame_node(sc->w, p)->flag_dirty);
}

static bool is_shmem(uint16_t flags)
{
	return (flags & (F_SWAPBACKED | F_FILECACHE)) == (F_SWAPBACKED | F_FILECACHE);
}

/* pageout(). Shared memory takes its slot only now (shmem_writepage); false: there is none. */
static bool start_pageout(struct scan_control *sc, pfn_t p, struct reclaim_stat *st)
{
	struct world *w = sc->w;

	if (is_shmem(w->mm.f.flags[p])) {
		if (!swap_add(w, p))
			return false;
		shmem_to_swap(w, p);
	}
	w->mm.f.flags[p] |= F_RECLAIM;
	st->pageout++;
	vm_event(w, nr_vmscan_write, 1);
	if (w->mm.f.flags[p] & F_SWAPCACHE) {
		task_cpu(sc->t, w->cost.swapout_page);
		swap_writepage(w, sc->t, p);
	} else {
		file_writepage(w, sc->t, p);
	}
	return true;
}

static enum page_fate write_out(struct scan_control *sc, pfn_t p, enum reference ref, struct reclaim_stat *st)
{
	if (leave_to_flusher(sc, p)) {
		vm_event(sc->w, nr_vmscan_immediate_reclaim, 1);
		sc->w->mm.f.flags[p] |= F_RECLAIM;
		return activate(sc, p, st);
	}
	if (ref == REF_RECLAIM_CLEAN || !(sc->gfp & GFP_IO_BIT) || !sc->may_writepage)
		return PAGE_KEPT;
	return start_pageout(sc, p, st) ? PAGE_KEPT : activate(sc, p, st);
}

/* __remove_mapping() and the free: what refers to the page now is its index alone. */
static enum page_fate drop(struct scan_control *sc, pfn_t p)
{
	struct world *w = sc->w;
	const struct cost_cfg *cost = page_cost(w, p);
	uint16_t flags = w->mm.f.flags[p];

	if (flags & F_FILECACHE && !(flags & F_SWAPCACHE)) {
		filemap_del(w, p, workingset_eviction(w, p, sc->target));
		task_cpu(sc->t, cost->free_file_page);
	} else if (flags & F_SWAPCACHE) {
		swap_cache_del(w, p, workingset_eviction(w, p, sc->target));
		task_cpu(sc->t, cost->free_anon_page);
	} else {
		vm_event(w, pglazyfreed, 1);
	}
	w->mm.f.flags[p] &= (uint16_t)~F_ISOLATED;
	free_page(w, p);
	return PAGE_FREED;
}

static bool needs_slot(uint16_t flags)
{
	return flags & F_SWAPBACKED && !(flags & (F_SWAPCACHE | F_FILECACHE));
}

enum page_fate shrink_page(struct scan_control *sc, pfn_t p, struct reclaim_stat *st)
{
	struct world *w = sc->w;
	uint16_t *flags = &w->mm.f.flags[p];
	enum reference ref;

	if (*flags & F_LOCKED)
		return PAGE_KEPT;
	sc->nr_scanned++;
	task_cpu(sc->t, page_cost(w, p)->scan_page);
	if (*flags & F_MLOCKED)
		return PAGE_KEPT;
	count_dirty(w, p, st);
	if (*flags & F_WRITEBACK)
		return meet_writeback(sc, p, st);
	ref = reclaim_of(&w->mm)->check_references(w, p);
	if (ref == REF_ACTIVATE)
		return activate(sc, p, st);
	if (ref == REF_KEEP) {
		st->ref_keep++;
		return PAGE_KEPT;
	}
	if (needs_slot(*flags)) {
		if (!(sc->gfp & GFP_IO_BIT))
			return PAGE_KEPT;
		if (!swap_add(w, p))
			return activate(sc, p, st);
		*flags |= F_DIRTY;
	}
	if (w->mm.f.mapcount[p]) {
		task_cpu(sc->t, w->cost.unmap_page);
		if (!page_unmap(w, p))
			return activate(sc, p, st);
	}
	if (*flags & F_DIRTY && !(*flags & (F_SWAPBACKED | F_FILECACHE))) { /* MADV_FREE, but written since */
		*flags |= F_SWAPBACKED;
		return activate(sc, p, st);
	}
	if (*flags & F_DIRTY)
		return write_out(sc, p, ref, st);
	return drop(sc, p);
}
