/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eviction: the oldest generation is sorted, what is left is isolated and judged, and what could not be taken goes back
 * (specification D.6, D.10, D.11). */
#include "sim/mm/fault.h"
#include "sim/mm/mglru.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

struct batch {
	struct scan_control *sc;
	struct node *n;
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
		gen_of(b->n)->protected[b->type][tier]++;
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
	if (page_gen(w, p) != (int)gen_index(gen_of(b->n)->min_seq[b->type])) {
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

	return !rules(b)->writes_not_sorted && !(b->sc->gfp & GFP_IO_BIT) && (flags & F_DIRTY || (flags & F_SWAPBACKED && !(flags & (F_SWAPCACHE | F_FILECACHE))));
}

struct scan {
	uint64_t left, scanned, sorted;
};

static void scan_zone(struct batch *b, int zi, int last_tier, struct scan *s)
{
	struct world *w = b->sc->w;
	uint32_t head = gen_head(w, b->n->id, gen_index(gen_of(b->n)->min_seq[b->type]), b->type, zi);
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
	if (nr_gens(gen_of(b->n), t) == MIN_NR_GENS)
		return 0;
	for (int i = MAX_ZONES; i > 0 && s.left && b->npage < MIN_LRU_BATCH; i--)
		scan_zone(b, (top + i) % MAX_ZONES, last_tier, &s);
	reclaim_count_scan(b->sc, t == TYPE_FILE, b->npage);
	vm_event(w, pgrefill, s.sorted);
	task_cpu(b->sc->t, s.sorted * w->cfg->machine.cost.sort_page);
	if (t == TYPE_FILE)
		b->sc->nr.file_taken += b->npage;
	return b->npage || !s.left || rules(b)->age_and_go_on ? s.scanned : 0;
}

/* Which type goes first. *ret_tier -1: not known yet. */
static enum lru_type first_type(const struct batch *b, int swappiness, int *ret_tier)
{
	const struct lru_gen *g = gen_of(b->n);

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
			tier = choose_tier(b->sc->w, gen_of(b->n), t);
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
	w->mm.f.flags[p] &= (uint16_t)~(F_REFERENCED | (gen_rules(w)->workingset_tier ? 0 : F_WORKINGSET));
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
static uint64_t evict(struct scan_control *sc, struct node *n, int swappiness, uint64_t wanted)
{
	struct batch b = { .sc = sc, .n = n };
	struct reclaim_stat st = { 0 };
	const struct lru_gen *g = gen_of(n);
	uint64_t scanned = isolate_pages(&b, swappiness, wanted), freed;
	unsigned taken;
	bool retry = true;

	if (try_to_inc_min_seq(sc->w, n, swappiness) && !rules(&b)->age_and_go_on)
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

/* ---- one pass, 6.3 and later (try_to_shrink_lruvec, lru_gen_shrink_node) ---- */

/* kswapd stops as soon as all zones are safe, others when they have what they came for. */
static bool done(const struct scan_control *sc, const struct node *n)
{
	if (sc->nr_reclaimed >= u64_max(sc->nr_to_reclaim, UINT64_C(2) << sc->order))
		return true;
	if (!sc->kswapd || sc->order)
		return false;
	for (int zi = 0; zi < MAX_ZONES && zi <= sc->reclaim_idx; zi++) {
		const struct zone *z = &n->zone[zi];

		if (z->managed && !zone_watermark_ok(sc->w, z, 0, zone_wmark(z, WMARK_HIGH) + MIN_LRU_BATCH, sc->reclaim_idx, 0, 0))
			return false;
	}
	return true;
}

static bool cannot_evict(const struct world *w, struct node *n, int swappiness)
{
	return evictable_min_seq(w, gen_of(n), swappiness) + MIN_NR_GENS > gen_of(n)->max_seq;
}

/* Aging is put off at the first priority; after it, this pass is over. */
static uint64_t nr_to_scan(struct scan_control *sc, struct node *n, int swappiness)
{
	uint64_t total;

	if (!should_run_aging(sc->w, n, swappiness, &total) || sc->priority == DEF_PRIORITY)
		return total >> sc->priority;
	run_aging(sc, n, swappiness);
	task_yield(sc->w, sc->t);
	return 0;
}

/* 7.x: so much and no more; aging when it is due, and on. */
static void shrink_batches(struct scan_control *sc, struct node *n, int swappiness)
{
	uint64_t left = gen_total(gen_of(n), swappiness) >> sc->priority, total, delta = 1;

	while (left && delta && !sc->w->over) {
		if (should_run_aging(sc->w, n, swappiness, &total) && (sc->priority < DEF_PRIORITY || cannot_evict(sc->w, n, swappiness)))
			run_aging(sc, n, swappiness);
		delta = evict(sc, n, swappiness, u64_min(left, MIN_LRU_BATCH));
		if (done(sc, n))
			break;
		left = u64_sub0(left, delta);
		task_yield(sc->w, sc->t);
	}
}

static void shrink_until_aging(struct scan_control *sc, struct node *n, int swappiness)
{
	uint64_t wanted, scanned = 0, delta;

	do {
		wanted = nr_to_scan(sc, n, swappiness);
		delta = wanted ? evict(sc, n, swappiness, wanted) : 0;
		scanned += delta;
		task_yield(sc->w, sc->t);
	} while (delta && scanned < wanted && !done(sc, n) && !sc->w->over);
}

static void shrink(struct scan_control *sc, struct node *n)
{
	int swappiness = gen_swappiness(sc);

	if (gen_rules(sc->w)->file_first_without_io && swappiness && !(sc->gfp & GFP_IO_BIT))
		swappiness = 1;
	if (gen_rules(sc->w)->age_and_go_on)
		shrink_batches(sc, n, swappiness);
	else
		shrink_until_aging(sc, n, swappiness);
	if (gen_rules(sc->w)->wakes_flushers && sc->nr.unqueued_dirty && sc->nr.unqueued_dirty == sc->nr.file_taken)
		wakeup_flushers(sc->w);
}

static void own_pass(struct scan_control *sc, struct node *n)
{
	uint64_t before = sc->nr_reclaimed;
	struct plug plug;

	sc->nr = (__typeof__(sc->nr)){ 0 };
	task_cpu(sc->t, sc->w->cfg->machine.cost.reclaim_round);
	if (sc->may_writepage && sc->may_unmap) {
		blk_plug_start(sc->t, &plug);
		gen_initial_priority(sc, n);
		if (sc->kswapd)
			sc->nr_reclaimed = 0;
		shrink(sc, n);
		sc->nr_reclaimed += shrink_slab(sc->w, sc->t, sc->priority);
		if (sc->kswapd)
			sc->nr_reclaimed += before;
		task_sync(sc->w, sc->t);
		blk_plug_finish(sc->w, sc->t, &plug);
	}
	note_node_progress(sc, n, sc->nr_reclaimed > before);
}

/* ---- one pass, 6.1 (lru_gen_shrink_lruvec, inside the classic pass) ---- */

/* *ret_need_aging: there are too few old pages. kswapd leaves it to its next round, others age themselves. */
static uint64_t nr_to_scan_first(struct scan_control *sc, struct node *n, int swappiness, bool *ret_need_aging)
{
	const struct lru_gen *g = gen_of(n);
	uint64_t total;

	*ret_need_aging = should_run_aging(sc->w, n, swappiness, &total);
	total >>= sc->priority;
	if (!*ret_need_aging)
		return total;
	if (sc->priority != DEF_PRIORITY) {
		if (sc->kswapd)
			return 0;
		run_aging(sc, n, swappiness);
		return total;
	}
	return evictable_min_seq(sc->w, g, swappiness) + MIN_NR_GENS <= g->max_seq ? total : 0;
}

/* Enough for this pass, because the zones have enough: more would only be fair to other groups of processes. */
static bool zones_safe(struct scan_control *sc, struct node *n)
{
	for (int zi = 0; zi < MAX_ZONES && zi <= sc->reclaim_idx; zi++) {
		const struct zone *z = &n->zone[zi];

		if (z->managed && zone_wmark(z, sc->kswapd ? WMARK_HIGH : WMARK_LOW) > (uint64_t)z->nr_free)
			return false;
	}
	sc->nr_reclaimed += MIN_LRU_BATCH;
	return true;
}

static bool done_first(struct scan_control *sc, struct node *n, uint64_t seq, bool swapping)
{
	if (!sc->kswapd) {
		if (gen_of(n)->max_seq - seq > 1)
			return true;
		if (sc->nr_reclaimed >= sc->nr_to_reclaim && swapping)
			return true;
		if (fatal_signal_pending(sc->t)) {
			sc->nr_reclaimed += MIN_LRU_BATCH;
			return true;
		}
	} else if (sc->nr_reclaimed - sc->last_reclaimed < sc->nr_to_reclaim) {
		return false;
	}
	return sc->priority <= DEF_PRIORITY - 2 && zones_safe(sc, n);
}

static void shrink_first(struct scan_control *sc, struct node *n)
{
	uint64_t seq = gen_of(n)->max_seq, before = sc->nr_reclaimed, wanted, scanned = 0, delta, anon;
	int swappiness = sc->may_swap ? gen_swappiness(sc) : sc->w->swap.free >= MIN_LRU_BATCH && sc->w->sysctl.swappiness;
	bool need_aging = false, swapping;
	struct plug plug;

	blk_plug_start(sc->t, &plug);
	do {
		wanted = nr_to_scan_first(sc, n, swappiness, &need_aging);
		anon = sc->w->mm.vmstat[VMSTAT_pgscan_anon];
		delta = wanted ? evict(sc, n, swappiness, wanted) : 0;
		swapping = sc->w->mm.vmstat[VMSTAT_pgscan_anon] != anon;
		scanned += delta;
		task_yield(sc->w, sc->t);
	} while (delta && scanned < wanted && !done_first(sc, n, seq, swapping) && !sc->w->over);
	if (delta && sc->nr_reclaimed - before >= MIN_LRU_BATCH && !need_aging)
		sc->skip_aging = true;
	task_sync(sc->w, sc->t);
	blk_plug_finish(sc->w, sc->t, &plug);
}

void gen_shrink_node(struct scan_control *sc, struct node *n)
{
	if (gen_rules(sc->w)->own_pass)
		own_pass(sc, n);
	else
		shrink_node_with(sc, n, shrink_first);
}
