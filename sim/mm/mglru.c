/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generations of pages: see mglru.h. */
#include "sim/mm/mglru.h"

#include "sim/mm/memcg.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

const struct mglru_rules *gen_rules(const struct world *w)
{
	return w->km->mglru;
}

struct lru_gen *gen_of(const struct lruvec *lv)
{
	return lv->gen;
}

/* ---- one page ---- */

static void set_gen(struct world *w, pfn_t p, int gen)
{
	uint8_t *b = &w->mm.f.gen[p];

	*b = (uint8_t)((*b & ~GEN_MASK) | (unsigned)(gen + 1));
}

void set_page_uses(struct world *w, pfn_t p, unsigned n)
{
	uint8_t *b = &w->mm.f.gen[p];

	*b = (uint8_t)((*b & ~REFS_MASK) | n << REFS_SHIFT);
}

void clear_page_refs(struct world *w, pfn_t p)
{
	uint16_t gone = F_REFERENCED;

	if (!gen_rules(w)->workingset_tier)
		gone |= F_WORKINGSET;
	set_page_uses(w, p, 0);
	w->mm.f.flags[p] &= (uint16_t)~gone;
}

/* lru_gen_is_active(): the two youngest are shown as active. */
static bool shown_active(const struct lru_gen *g, unsigned gen)
{
	return gen == gen_index(g->max_seq) || gen == gen_index(g->max_seq - 1);
}

/* lru_gen_update_size(); -1: on no list. */
static void resize(struct world *w, pfn_t p, int from, int to)
{
	struct zone *z = frame_zone(w, p);
	struct lruvec *lv = frame_lruvec(w, p);
	struct lru_gen *g = gen_of(lv);
	enum lru_type t = gen_type(w->mm.f.flags[p]);
	enum lru_list base = LRU_BASE(t == TYPE_FILE);

	if (from >= 0) {
		g->nr[from][t][z->type]--;
		lruvec_count(w, lv, z, (enum lru_list)(base + shown_active(g, (unsigned)from)), -1);
	}
	if (to >= 0) {
		g->nr[to][t][z->type]++;
		lruvec_count(w, lv, z, (enum lru_list)(base + shown_active(g, (unsigned)to)), 1);
	}
}

uint32_t gen_head(const struct world *w, const struct lruvec *lv, unsigned gen, enum lru_type t, int zone)
{
	return lruvec_head(w, lv, NR_LRU_LISTS + (gen * NR_TYPES + t) * MAX_ZONES + (unsigned)zone);
}

static void link_page(struct world *w, pfn_t p, bool tail)
{
	const struct zone *z = frame_zone(w, p);
	uint32_t head = gen_head(w, frame_lruvec(w, p), (unsigned)page_gen(w, p), gen_type(w->mm.f.flags[p]), z->type);

	lru_link(w, tail ? w->mm.f.prev[head] : head, p);
}

/* ---- insertion (D.3) ---- */

/* Must it be written before it can go? New anonymous pages, and pages whose write is under way. */
static bool waits_for_write(uint16_t flags)
{
	return (flags & F_SWAPBACKED && !(flags & (F_SWAPCACHE | F_FILECACHE))) ||
	       (flags & F_RECLAIM && flags & (F_DIRTY | F_WRITEBACK));
}

/* 7.x: how far from the youngest follows from the flags. */
static uint64_t seq_by_flags(const struct lru_gen *g, uint16_t flags, bool rotated, enum lru_type t)
{
	uint64_t back;

	if (flags & F_ACTIVE)
		back = flags & F_WORKINGSET ? 0 : 1;
	else if (rotated)
		back = 3;
	else if (waits_for_write(flags))
		back = 1;
	else
		back = flags & (F_WORKINGSET | F_REFERENCED) ? 2 : 3;
	return u64_max(u64_sub0(g->max_seq, back), g->min_seq[t]);
}

static uint64_t insertion_seq(const struct world *w, const struct lru_gen *g, uint16_t flags, bool rotated)
{
	enum lru_type t = gen_type(flags);

	if (gen_rules(w)->seq_by_flags)
		return seq_by_flags(g, flags, rotated, t);
	if (flags & F_ACTIVE)
		return g->max_seq;
	if (waits_for_write(flags))
		return g->max_seq - 1;
	if (rotated || g->min_seq[t] + MIN_NR_GENS >= g->max_seq)
		return g->min_seq[t];
	return g->min_seq[t] + 1;
}

/* folio_add_lru(): a page that its own user brings in is as young as can be; since 7.x only if it is workingset, else it has been
 * used once. Reclaim, which puts pages back, marks nothing. */
static void mark_faulted(const struct world *w, uint16_t *flags)
{
	if (gen_rules(w)->fault_is_one_use && !(*flags & F_WORKINGSET))
		*flags |= F_REFERENCED;
	else
		*flags |= F_ACTIVE;
}

void gen_add(struct world *w, pfn_t p, bool rotated)
{
	uint16_t *flags = &w->mm.f.flags[p];
	unsigned gen;

	if (!rotated && gen_in_fault(w))
		mark_faulted(w, flags);
	gen = gen_index(insertion_seq(w, gen_of(frame_lruvec(w, p)), *flags, rotated));
	*flags &= (uint16_t)~F_ACTIVE;
	set_gen(w, p, (int)gen);
	link_page(w, p, rotated);
	resize(w, p, -1, (int)gen);
}

bool gen_would_be_oldest(struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];
	const struct lru_gen *g = gen_of(frame_lruvec(w, p));

	return insertion_seq(w, g, flags, false) == g->min_seq[gen_type(flags)];
}

void gen_del(struct world *w, pfn_t p)
{
	lru_unlink(w, p);
	resize(w, p, page_gen(w, p), -1);
	set_gen(w, p, -1);
}

void gen_move(struct world *w, pfn_t p, bool tail)
{
	lru_unlink(w, p);
	link_page(w, p, tail);
}

/* ---- from one generation to another ---- */

void gen_promote(struct world *w, pfn_t p)
{
	const struct mglru_rules *r = gen_rules(w);
	uint16_t *flags = &w->mm.f.flags[p];
	int old = page_gen(w, p), young;

	if (r->two_step_promotion && !(*flags & (F_REFERENCED | F_WORKINGSET))) {
		set_page_uses(w, p, 0);
		*flags |= F_REFERENCED;
		return;
	}
	if (old < 0) { /* in a reclaimer's hands, who will see the mark */
		if (!r->two_step_promotion)
			*flags |= F_REFERENCED;
		return;
	}
	clear_page_refs(w, p);
	if (r->two_step_promotion)
		*flags |= F_WORKINGSET;
	young = (int)gen_index(gen_of(frame_lruvec(w, p))->max_seq);
	if (young == old)
		return;
	resize(w, p, old, young);
	set_gen(w, p, young);
}

void gen_postpone(struct world *w, pfn_t p, bool reclaiming, bool tail)
{
	struct lru_gen *g = gen_of(frame_lruvec(w, p));
	unsigned oldest = gen_index(g->min_seq[gen_type(w->mm.f.flags[p])]), next = (oldest + 1) % MAX_NR_GENS;

	if (page_gen(w, p) == (int)oldest) {
		clear_page_refs(w, p);
		if (reclaiming)
			w->mm.f.flags[p] |= F_RECLAIM;
		resize(w, p, (int)oldest, (int)next);
		set_gen(w, p, (int)next);
	}
	gen_move(w, p, tail);
}

/* ---- closing and opening generations ---- */

static bool gen_list_empty(const struct world *w, const struct lruvec *lv, unsigned gen, enum lru_type t)
{
	for (int zi = 0; zi < MAX_ZONES; zi++) {
		uint32_t head = gen_head(w, lv, gen, t, zi);

		if (w->mm.f.next[head] != head)
			return false;
	}
	return true;
}

static void close_gens(struct lru_gen *g, enum lru_type t, uint64_t min_seq)
{
	reset_controller(g, t);
	g->min_seq[t] = min_seq;
}

/* The types stay together, so that they can be compared: neither may run ahead while the other has old pages left. */
static void keep_types_together(const struct world *w, const struct lru_gen *g, uint64_t min_seq[NR_TYPES])
{
	uint64_t most = g->max_seq - MIN_NR_GENS;

	if (!gen_rules(w)->age_when_short) {
		min_seq[TYPE_ANON] = u64_min(min_seq[TYPE_ANON], min_seq[TYPE_FILE]);
		min_seq[TYPE_FILE] = u64_max(min_seq[TYPE_ANON], g->min_seq[TYPE_FILE]);
	} else if (min_seq[TYPE_ANON] > most && min_seq[TYPE_FILE] < most) {
		min_seq[TYPE_ANON] = most;
	} else if (min_seq[TYPE_FILE] > most && min_seq[TYPE_ANON] < most) {
		min_seq[TYPE_FILE] = most;
	}
}

bool try_to_inc_min_seq(struct world *w, struct lruvec *lv, int swappiness)
{
	struct lru_gen *g = gen_of(lv);
	uint64_t min_seq[NR_TYPES] = { g->min_seq[TYPE_ANON], g->min_seq[TYPE_FILE] };
	bool any = false;

	for (int t = !swappiness; t < NR_TYPES; t++)
		while (min_seq[t] + MIN_NR_GENS <= g->max_seq &&
		       gen_list_empty(w, lv, gen_index(min_seq[t]), (enum lru_type)t))
			min_seq[t]++;
	if (swappiness)
		keep_types_together(w, g, min_seq);
	for (int t = !swappiness; t < NR_TYPES; t++) {
		if (min_seq[t] <= g->min_seq[t])
			continue;
		close_gens(g, (enum lru_type)t, min_seq[t]);
		any = true;
	}
	return any;
}

/* inc_min_seq(): the oldest generation's pages join the next one, protected by tier as if they had been sorted out. Pages of a
 * type that cannot be evicted stay where they are and end up in the youngest generation. */
static void merge_oldest(struct world *w, struct lruvec *lv, enum lru_type t, int swappiness)
{
	struct lru_gen *g = gen_of(lv);
	unsigned oldest = gen_index(g->min_seq[t]);

	for (int zi = 0; zi < MAX_ZONES && (swappiness || t == TYPE_FILE); zi++) {
		uint32_t head = gen_head(w, lv, oldest, t, zi);

		while (w->mm.f.prev[head] != head) {
			pfn_t p = w->mm.f.prev[head];

			if (gen_rules(w)->workingset_tier && !page_saturated(w, p))
				g->protected[t][page_tier(w, p)]++;
			gen_postpone(w, p, false, true);
		}
	}
	close_gens(g, t, g->min_seq[t] + 1);
}

/* The two youngest change by one: what leaves them is inactive now, what is reused as the new youngest becomes active. */
static void shift_gauges(struct world *w, struct lruvec *lv)
{
	struct lru_gen *g = gen_of(lv);
	unsigned prev = gen_index(g->max_seq - 1), next = gen_index(g->max_seq + 1);

	for (int t = 0; t < NR_TYPES; t++) {
		for (int zi = 0; zi < MAX_ZONES; zi++) {
			int64_t delta = g->nr[prev][t][zi] - g->nr[next][t][zi];

			if (!delta)
				continue;
			lruvec_count(w, lv, &lv->node->zone[zi], LRU_BASE(t == TYPE_FILE), delta);
			lruvec_count(w, lv, &lv->node->zone[zi], (enum lru_list)(LRU_BASE(t == TYPE_FILE) + 1), -delta);
		}
	}
}

void inc_max_seq(struct world *w, struct lruvec *lv, int swappiness)
{
	struct lru_gen *g = gen_of(lv);

	for (int t = 0; t < NR_TYPES; t++)
		if (nr_gens(g, (enum lru_type)t) == MAX_NR_GENS)
			merge_oldest(w, lv, (enum lru_type)t, swappiness);
	shift_gauges(w, lv);
	g->max_seq++;
	g->born[gen_index(g->max_seq)] = w->now;
}

uint64_t evictable_min_seq(const struct world *w, const struct lru_gen *g, int swappiness)
{
	if (!swappiness)
		return g->min_seq[TYPE_FILE];
	return gen_rules(w)->age_when_short ? u64_min(g->min_seq[TYPE_ANON], g->min_seq[TYPE_FILE])
					    : g->min_seq[TYPE_ANON];
}

/* ---- for all reclaimers ---- */

/* get_swappiness(): a few free slots do not count. */
int gen_swappiness(const struct scan_control *sc, const struct lruvec *lv)
{
	if (!sc->may_swap || memcg_swap_left(sc->w, lv->memcg) < MIN_LRU_BATCH)
		return 0;
	return (int)sc->w->sysctl.swappiness;
}

uint64_t gen_total(const struct lru_gen *g, int swappiness)
{
	int64_t sum = 0;

	for (int t = !swappiness; t < NR_TYPES; t++)
		for (uint64_t seq = g->min_seq[t]; seq <= g->max_seq; seq++)
			for (int zi = 0; zi < MAX_ZONES; zi++)
				sum += g->nr[gen_index(seq)][t][zi];
	return (uint64_t)sum;
}

/* ---- the model ---- */

int gen_init_lruvec(struct world *w, struct lruvec *lv)
{
	lv->gen = sim_calloc(w->a, 1, sizeof(*lv->gen));
	if (!lv->gen)
		return SIM_ENOMEM;
	lv->gen->max_seq = MIN_NR_GENS + 1;
	return SIM_OK;
}

static int init(struct world *w)
{
	for (int i = 0; i < w->mm.nnode; i++)
		if (gen_init_lruvec(w, &w->mm.node[i].lruvec))
			return SIM_ENOMEM;
	return SIM_OK;
}

static void release(struct world *w)
{
	for (int i = 0; i < w->mm.nnode; i++) {
		sim_free(w->a, w->mm.node[i].lruvec.gen);
		w->mm.node[i].lruvec.gen = NULL;
	}
}

const struct reclaim_ops mglru_reclaim = {
	.name = "mglru",
	.init = init,
	.free = release,
	.add = gen_add,
	.del = gen_del,
	.mark_accessed = gen_mark_accessed,
	.eviction = gen_eviction,
	.refault = gen_refault,
	.age_node = gen_age_node,
	.shrink_node = gen_shrink_node,
	.check_references = gen_check_references,
	.look_around = gen_look_around,
};
