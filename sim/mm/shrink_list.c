/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scanning the lists: pages are isolated in batches from the tail, judged, and put back or freed (6.1; specification C.10,
 * C.11). */
#include "sim/mm/fault.h"
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

struct batch {
	pfn_t page[SWAP_CLUSTER_MAX];
	unsigned n;
};

/* isolate_lru_folios() */
static uint64_t isolate(struct scan_control *sc, struct node *n, enum lru_list l, uint64_t nr, struct batch *b)
{
	struct world *w = sc->w;
	uint32_t head = sc->lruvec ? sc->lruvec->head + (uint32_t)l : lru_head(w, n->id, l);
	uint64_t scanned = 0;

	b->n = 0;
	while (b->n < ARRAY_LEN(b->page) && scanned < nr) {
		pfn_t p = w->mm.f.prev[head];

		if (p >= w->mm.f.n)
			break;
		scanned++;
		lru_del(w, p);
		w->mm.f.flags[p] |= F_ISOLATED;
		b->page[b->n++] = p;
	}
	n->nr_isolated[LRU_IS_FILE(l)] += b->n;
	w->mm.vmstat[LRU_IS_FILE(l) ? VMSTAT_nr_isolated_file : VMSTAT_nr_isolated_anon] += b->n;
	return scanned;
}

static void unisolate(struct world *w, struct node *n, bool file, uint64_t taken)
{
	n->nr_isolated[file] -= taken;
	w->mm.vmstat[file ? VMSTAT_nr_isolated_file : VMSTAT_nr_isolated_anon] -= taken;
}

/* move_folios_to_lru(): to the head of the list the flags name now. */
void reclaim_put_back(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	*flags &= (uint16_t)~F_ISOLATED;
	lru_add(w, p);
	if (*flags & F_ACTIVE)
		workingset_activation(w, p);
	if (*flags & F_ZAPPED) {
		*flags &= (uint16_t)~F_ZAPPED;
		page_put_unused(w, p);
	}
}

void reclaim_count_scan(struct scan_control *sc, bool file, uint64_t n)
{
	if (!cgroup_reclaim(sc) || sc->w->km->memcg_scans_counted) { /* before 7.x reclaim inside a cgroup is its own affair */
		vm_event(sc->w, pgscan_kswapd, sc->kswapd ? n : 0);
		vm_event(sc->w, pgscan_direct, sc->kswapd ? 0 : n);
	}
	if (sc->lruvec)
		memcg_count(sc->lruvec->memcg, sc->kswapd ? VMSTAT_pgscan_kswapd : VMSTAT_pgscan_direct, n);
	sc->w->mm.vmstat[file ? VMSTAT_pgscan_file : VMSTAT_pgscan_anon] += n;
}

void reclaim_count_steal(struct scan_control *sc, bool file, uint64_t n)
{
	if (!cgroup_reclaim(sc) || sc->w->km->memcg_scans_counted) {
		vm_event(sc->w, pgsteal_kswapd, sc->kswapd ? n : 0);
		vm_event(sc->w, pgsteal_direct, sc->kswapd ? 0 : n);
	}
	if (sc->lruvec)
		memcg_count(sc->lruvec->memcg, sc->kswapd ? VMSTAT_pgsteal_kswapd : VMSTAT_pgsteal_direct, n);
	sc->w->mm.vmstat[file ? VMSTAT_pgsteal_file : VMSTAT_pgsteal_anon] += n;
}

/* A direct reclaimer waits once when too much is in other hands already (too_many_isolated). */
static bool too_many_isolated(const struct scan_control *sc, const struct node *n, bool file)
{
	uint64_t inactive = (uint64_t)n->lruvec.size[LRU_BASE(file)];

	if (sc->kswapd)
		return false;
	if ((sc->gfp & (GFP_IO_BIT | GFP_FS_BIT)) == (GFP_IO_BIT | GFP_FS_BIT))
		inactive >>= 3;
	return n->nr_isolated[file] > inactive;
}

/* shrink_folio_list(). A page that a waiter, an exit or an I/O completion changed while the batch was in our hands is judged by
 * what it is now. Freed pages leave the batch. */
static uint64_t judge(struct scan_control *sc, struct batch *b, struct reclaim_stat *st)
{
	uint64_t freed = 0;
	unsigned kept = 0;

	for (unsigned i = 0; i < b->n; i++) {
		if (!(i & 7))
			task_yield(sc->w, sc->t);
		if (shrink_page(sc, b->page[i], st) == PAGE_FREED)
			freed++;
		else
			b->page[kept++] = b->page[i];
	}
	b->n = kept;
	task_sync(sc->w, sc->t);
	return freed;
}

static void note_stat(struct scan_control *sc, const struct reclaim_stat *st, bool file, uint64_t taken)
{
	sc->nr.dirty += st->dirty;
	sc->nr.congested += st->congested;
	sc->nr.unqueued_dirty += st->unqueued_dirty;
	sc->nr.writeback += st->writeback;
	sc->nr.immediate += st->immediate;
	sc->nr.taken += taken;
	sc->nr.file_taken += file ? taken : 0;
}

uint64_t shrink_inactive_list(struct scan_control *sc, struct node *n, bool file, uint64_t nr)
{
	struct world *w = sc->w;
	struct reclaim_stat st = { 0 };
	struct batch b;
	uint64_t scanned, taken, freed;

	if (too_many_isolated(sc, n, file)) {
		reclaim_throttle(sc, n, THROTTLE_ISOLATED);
		if (fatal_signal_pending(sc->t))
			return SWAP_CLUSTER_MAX;
		if (too_many_isolated(sc, n, file))
			return 0;
	}
	scanned = isolate(sc, n, LRU_BASE(file), nr, &b);
	taken = b.n;
	reclaim_count_scan(sc, file, scanned);
	if (!taken)
		return 0;
	freed = judge(sc, &b, &st);
	for (unsigned i = 0; i < b.n; i++)
		reclaim_put_back(w, b.page[i]);
	unisolate(w, n, file, taken);
	reclaim_count_steal(sc, file, freed);
	lru_note_reclaim(w, scan_lruvec(sc, n), file, st.pageout, scanned - freed);
	if (st.unqueued_dirty == taken)
		wakeup_flushers(w);
	note_stat(sc, &st, file, taken);
	return freed;
}

/* Active pages go to the inactive list whatever their accessed bit says (it is cleared), except program text in use. False: this
 * one is. */
static bool deactivate(struct scan_control *sc, pfn_t p)
{
	struct world *w = sc->w;
	uint16_t *flags = &w->mm.f.flags[p];
	bool exec, locked, young;

	young = page_referenced(w, p, &exec, &locked);
	if (young && exec && frame_is_file(*flags) && !locked)
		return false;
	*flags &= (uint16_t)~F_ACTIVE;
	*flags |= F_WORKINGSET;
	return true;
}

void shrink_active_list(struct scan_control *sc, struct node *n, bool file, uint64_t nr)
{
	struct world *w = sc->w;
	struct batch b;
	uint64_t scanned = isolate(sc, n, LRU_BASE(file) + 1, nr, &b), down = 0, rotated = 0;

	vm_event(w, pgrefill, scanned);
	memcg_count(sc->lruvec ? sc->lruvec->memcg : NULL, VMSTAT_pgrefill, scanned);
	for (unsigned i = 0; i < b.n; i++) {
		rotated += !deactivate(sc, b.page[i]);
		task_cpu(sc->t, w->cost.deactivate_page);
	}
	for (unsigned i = 0; i < b.n; i++) {
		down += !(w->mm.f.flags[b.page[i]] & F_ACTIVE);
		reclaim_put_back(w, b.page[i]);
	}
	vm_event(w, pgdeactivate, down);
	memcg_count(sc->lruvec ? sc->lruvec->memcg : NULL, VMSTAT_pgdeactivate, down);
	lru_note_reclaim(w, scan_lruvec(sc, n), file, 0, w->km->cost_rule == COST_PAGES ? 0 : rotated);
	unisolate(w, n, file, b.n);
	task_yield(w, sc->t);
}
