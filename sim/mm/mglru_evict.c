/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eviction: the oldest generation is sorted, what is left is isolated and judged, and what could not be taken goes back
 * (specification D.6). */
#include "sim/mm/fault.h"
#include "sim/mm/mglru.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

struct batch {
	struct scan_control *sc;
	struct lruvec *lv;
	enum lru_type type;
	pfn_t page[MIN_LRU_BATCH];
	unsigned npage;
};

static const struct mglru_rules *rules(const struct batch *b)
{
	return gen_rules(b->sc->w);
}

/* ---- sorting (sort_folio) ---- */

/* MADV_FREE, but written since: it is anonymous again. */
static bool sort_lazyfree(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (*flags & (F_SWAPBACKED | F_FILECACHE) || !(*flags & F_DIRTY))
		return false;
	lru_del(w, p);
	*flags |= F_SWAPBACKED;
	lru_add(w, p);
	return true;
}

static bool sort_protected(struct batch *b, pfn_t p, int last_tier)
{
	struct world *w = b->sc->w;
	unsigned tier = page_tier(w, p);
	bool saturated = page_saturated(w, p);

	if ((int)tier <= last_tier && !saturated)
		return false;
	if (!saturated || !rules(b)->workingset_tier)
		gen_of(b->lv)->protected[b->type][tier]++;
	if (rules(b)->protected_activates)
		w->mm.vmstat[VMSTAT_workingset_activate_anon + b->type]++;
	gen_postpone(w, p, false, !rules(b)->workingset_tier);
	return true;
}

static bool sort_written(struct batch *b, pfn_t p)
{
	struct world *w = b->sc->w;
	uint16_t flags = w->mm.f.flags[p];
	bool dirty_file = b->type == TYPE_FILE && flags & F_DIRTY;

	if (dirty_file && rules(b)->wakes_flushers) {
		b->sc->nr.file_taken++;
		b->sc->nr.unqueued_dirty += !(flags & F_WRITEBACK);
	}
	if (!(flags & F_WRITEBACK) && !dirty_file && (rules(b)->two_step_promotion || !(flags & F_LOCKED)))
		return false;
	gen_postpone(w, p, true, false);
	return true;
}

/* True: p, the oldest, belongs elsewhere and is there now. */
static bool sort_page(struct batch *b, pfn_t p, int last_tier)
{
	struct world *w = b->sc->w;

	if (sort_lazyfree(w, p))
		return true;
	if (page_gen(w, p) != (int)gen_index(gen_of(b->lv)->min_seq[b->type])) {
		gen_move(w, p, false); /* promoted by a walk */
		return true;
	}
	if (sort_protected(b, p, last_tier))
		return true;
	if (frame_zone(w, p)->type > b->sc->reclaim_idx) {
		gen_postpone(w, p, false, true);
		return true;
	}
	return !rules(b)->writes_not_sorted && sort_written(b, p);
}

/* ---- isolating (isolate_folio, scan_folios) ---- */

static void isolate(struct batch *b, pfn_t p)
{
	struct world *w = b->sc->w;
	uint16_t *flags = &w->mm.f.flags[p];

	if (!(*flags & F_REFERENCED))
		clear_page_refs(w, p);
	if (!rules(b)->writes_not_sorted)
		*flags &= (uint16_t)~F_RECLAIM;
	if (!rules(b)->two_step_promotion)
		*flags &= (uint16_t)~F_REFERENCED;
	lru_del(w, p);
	*flags |= F_ISOLATED;
	b->page[b->npage++] = p;
}

/* Without __GFP_IO nothing that would need a write can be taken. */
static bool swap_constrained(const struct batch *b, pfn_t p)
{
	uint16_t flags = b->sc->w->mm.f.flags[p];

	if (rules(b)->writes_not_sorted || b->sc->gfp & GFP_IO_BIT)
		return false;
	return flags & F_DIRTY || (flags & F_SWAPBACKED && !(flags & (F_SWAPCACHE | F_FILECACHE)));
}

struct scan {
	uint64_t left, scanned, sorted;
};

static void scan_zone(struct batch *b, int zi, int last_tier, struct scan *s)
{
	struct world *w = b->sc->w;
	uint32_t head = gen_head(w, b->lv, gen_index(gen_of(b->lv)->min_seq[b->type]), b->type, zi);
	pfn_t skipped[MIN_LRU_BATCH];
	unsigned nskipped = 0;

	while (w->mm.f.prev[head] != head && s->left && b->npage < MIN_LRU_BATCH && nskipped < MIN_LRU_BATCH) {
		pfn_t p = w->mm.f.prev[head];

		s->left--;
		s->scanned++;
		if (sort_page(b, p, last_tier)) {
			s->sorted++;
		} else if (swap_constrained(b, p)) {
			lru_unlink(w, p);
			skipped[nskipped++] = p;
		} else {
			isolate(b, p);
		}
	}
	for (unsigned i = 0; i < nskipped; i++)
		lru_link(w, head, skipped[i]);
}

/* Zones from the highest wanted downwards, then those above it, which are only sorted out. Returns how many pages were looked at,
 * 0 when nothing can come of it. */
static uint64_t scan_type(struct batch *b, enum lru_type t, int last_tier, uint64_t wanted)
{
	struct world *w = b->sc->w;
	struct scan s = { .left = rules(b)->age_and_go_on ? wanted : MAX_LRU_BATCH };
	int top = b->sc->reclaim_idx < MAX_ZONES ? b->sc->reclaim_idx : MAX_ZONES - 1;

	b->type = t;
	if (nr_gens(gen_of(b->lv), t) == MIN_NR_GENS)
		return 0;
	for (int i = MAX_ZONES; i > 0 && s.left && b->npage < MIN_LRU_BATCH; i--)
		scan_zone(b, (top + i) % MAX_ZONES, last_tier, &s);
	reclaim_count_scan(b->sc, t == TYPE_FILE, b->npage);
	vm_event(w, pgrefill, s.sorted);
	task_cpu(b->sc->t, s.sorted * w->cost.sort_page);
	if (t == TYPE_FILE)
		b->sc->nr.file_taken += b->npage;
	return b->npage || !s.left || rules(b)->age_and_go_on ? s.scanned : 0;
}

/* Which type goes first. *ret_tier -1: not known yet. */
static enum lru_type first_type(const struct batch *b, int swappiness, int *ret_tier)
{
	const struct lru_gen *g = gen_of(b->lv);

	*ret_tier = -1;
	if (!swappiness)
		return TYPE_FILE;
	if (!rules(b)->swappiness_first && g->min_seq[TYPE_ANON] < g->min_seq[TYPE_FILE])
		return TYPE_ANON;
	if (swappiness == 1)
		return TYPE_FILE;
	if (swappiness == 200)
		return TYPE_ANON;
	if (rules(b)->file_first_without_io && !(b->sc->gfp & GFP_IO_BIT))
		return TYPE_FILE;
	return choose_type(b->sc->w, g, swappiness, ret_tier);
}

static uint64_t isolate_pages(struct batch *b, int swappiness, uint64_t wanted)
{
	int tier;
	enum lru_type t = first_type(b, swappiness, &tier);

	for (int i = !swappiness; i < NR_TYPES; i++) {
		uint64_t scanned;

		if (tier < 0)
			tier = choose_tier(b->sc->w, gen_of(b->lv), t);
		scanned = scan_type(b, t, tier, wanted);
		if (scanned)
			return scanned;
		t = t == TYPE_ANON ? TYPE_FILE : TYPE_ANON;
		tier = -1;
	}
	return 0;
}

/* ---- judging (evict_folios) ---- */

/* Has its write ended while it was in our hands? Then it can be taken now; nobody will rotate it. */
static bool worth_another_try(const struct batch *b, uint16_t flags, pfn_t p)
{
	uint16_t busy = F_ACTIVE | F_DIRTY | F_WRITEBACK | F_MLOCKED;

	if (!rules(b)->two_step_promotion)
		busy |= F_REFERENCED | F_LOCKED;
	return !(flags & busy) && !b->sc->w->mm.f.mapcount[p];
}

static void make_young(struct world *w, pfn_t p)
{
	set_page_uses(w, p, 0);
	w->mm.f.flags[p] &= (uint16_t) ~(F_REFERENCED | (gen_rules(w)->workingset_tier ? 0 : F_WORKINGSET));
	w->mm.f.flags[p] |= F_ACTIVE;
}

/* What eviction could not take must not come back as the oldest. */
static void reject(struct batch *b, pfn_t p)
{
	struct world *w = b->sc->w;
	uint16_t *flags = &w->mm.f.flags[p];

	if (*flags & F_MLOCKED) {
		; /* the unevictable list */
	} else if (rules(b)->rejected_stay_old) {
		if (gen_would_be_oldest(w, p))
			make_young(w, p);
	} else if (*flags & F_RECLAIM && *flags & (F_DIRTY | F_WRITEBACK)) {
		if (*flags & F_WORKINGSET)
			*flags |= F_REFERENCED;
	} else {
		make_young(w, p);
	}
	reclaim_put_back(w, p);
}

static uint64_t judge(struct batch *b, struct reclaim_stat *st)
{
	uint64_t freed = 0;
	unsigned kept = 0;

	for (unsigned i = 0; i < b->npage; i++) {
		if (!(i & 7))
			task_yield(b->sc->w, b->sc->t);
		if (shrink_page(b->sc, b->page[i], st) == PAGE_FREED)
			freed++;
		else
			b->page[kept++] = b->page[i];
	}
	b->npage = kept;
	task_sync(b->sc->w, b->sc->t);
	return freed;
}

static void reject_all(struct batch *b, bool retry)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < b->npage; i++) {
		pfn_t p = b->page[i];

		if (retry && worth_another_try(b, b->sc->w->mm.f.flags[p], p))
			b->page[kept++] = p;
		else
			reject(b, p);
	}
	b->npage = kept;
}

static void note_stat(struct scan_control *sc, const struct reclaim_stat *st)
{
	sc->nr.dirty += st->dirty;
	sc->nr.congested += st->congested;
	sc->nr.unqueued_dirty += st->unqueued_dirty;
	sc->nr.writeback += st->writeback;
	sc->nr.immediate += st->immediate;
}

/* Nobody writes what all of a batch waits for. */
static void wake_flushers_for(struct batch *b, const struct reclaim_stat *st, unsigned taken)
{
	if (rules(b)->writes_not_sorted && st->unqueued_dirty == taken)
		wakeup_flushers(b->sc->w);
}

/* One round. Returns pages looked at, 0: there is nothing to evict. */
uint64_t gen_evict(struct scan_control *sc, struct lruvec *lv, int swappiness, uint64_t wanted)
{
	struct batch b = { .sc = sc, .lv = lv };
	struct reclaim_stat st = { 0 };
	const struct lru_gen *g = gen_of(lv);
	uint64_t scanned = isolate_pages(&b, swappiness, wanted), freed;
	unsigned taken;
	bool retry = true;

	if (try_to_inc_min_seq(sc->w, lv, swappiness) && !rules(&b)->age_and_go_on)
		scanned++;
	if (!rules(&b)->age_and_go_on && evictable_min_seq(sc->w, g, swappiness) + MIN_NR_GENS > g->max_seq)
		scanned = 0;
	sc->nr.taken += taken = b.npage;
	while (b.npage) {
		freed = judge(&b, &st);
		sc->nr_reclaimed += freed;
		reclaim_count_steal(sc, b.type == TYPE_FILE, freed);
		reject_all(&b, retry);
		retry = false;
	}
	note_stat(sc, &st);
	wake_flushers_for(&b, &st, taken);
	return scanned;
}
