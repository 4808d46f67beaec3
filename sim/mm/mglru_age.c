/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Aging (specification D.5, D.9): walking page tables to see what has been used, and when that is worth it.
 *
 * A Bloom filter of the page tables in which enough was found last time, by the walk or by eviction looking around, spares the
 * next walk the others; memory that only grows is so never walked again. Ours has no false positives: two bits in each chunk,
 * for walks of even and odd number. A process that no walk has seen yet is walked in full, and so are those behind it.
 */
#include "sim/mm/fault.h"
#include "sim/mm/memcg.h"
#include "sim/mm/mglru.h"
#include "sim/mm/oom.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

#define PTES_PER_LINE 8 /* entries of a processor's cache line */

struct walk {
	struct world *w;
	struct task *t;
	struct lruvec *lv;
	uint64_t seq;
	int swappiness;
	bool force; /* whatever the filter says */
};

/* ---- one entry ---- */

/* Was page idx of v used since the last look? Takes its accessed bit away. */
static bool take_young(struct world *w, struct vma *v, uint64_t idx, pfn_t p)
{
	struct frames *f = &w->mm.f;
	bool dirty = false, young = f->flags[p] & F_YOUNG;

	f->flags[p] &= (uint16_t)~F_YOUNG;
	if (!v->access.active)
		return young;
	if (!young)
		young = access_referenced(w, v, idx, f->stamp[p], &dirty);
	if (dirty && (!(f->flags[p] & F_SWAPBACKED) || w->km->swapin_writable))
		f->flags[p] |= F_DIRTY;
	f->stamp[p] = access_stamp(w, v);
	return young;
}

/* The frame of an entry that the node's generations could hold; PFN_NONE: none. */
static pfn_t entry_frame(struct world *w, const struct lruvec *lv, pte_t e)
{
	pfn_t p = pte_pfn(e);

	if (!pte_present(e) || p == ZERO_PFN || w->mm.f.flags[p] & F_MLOCKED)
		return PFN_NONE;
	if (!lv->memcg && w->mm.nnode == 1)
		return p;
	return frame_lruvec(w, p) == lv ? p : PFN_NONE;
}

static void promote(struct world *w, const struct vma *v, pfn_t p)
{
	if (gen_rules(w)->two_step_promotion && v->exec && frame_is_file(w->mm.f.flags[p]))
		w->mm.f.flags[p] |= F_REFERENCED; /* 7.x: program text needs no second use */
	gen_promote(w, p);
}

static bool enough_young(unsigned total, unsigned young)
{
	return young * PTES_PER_LINE >= total;
}

/* ---- the walk ---- */

static struct chunk *chunk_of(struct world *w, const struct vma *v, uint64_t idx)
{
	return &w->chunks.v[v->pt.chunk[idx >> CHUNK_SHIFT]];
}

static bool filter_has(const struct walk *k, const struct chunk *c)
{
	return !gen_of(k->lv)->filtered[k->seq % 2] || c->bloom & 1u << k->seq % 2;
}

static void walk_table(struct walk *k, struct vma *v, uint64_t first)
{
	const struct cost_cfg *cost = &k->w->cost;
	struct chunk *c = chunk_of(k->w, v, first);
	uint64_t end = u64_min(first + CHUNK_PAGES, v->npages);
	unsigned young = 0;

	if (!k->force && !filter_has(k, c))
		return;
	for (uint64_t i = first; i < end; i++) {
		pfn_t p = entry_frame(k->w, k->lv, c->pte[i - first]);

		if (p == PFN_NONE || !take_young(k->w, v, i, p))
			continue;
		young++;
		promote(k->w, v, p);
	}
	task_cpu(k->t, (end - first) * cost->age_entry + young * cost->age_page);
	if (enough_young((unsigned)(end - first), young))
		c->bloom |= (uint8_t)(1u << (k->seq + 1) % 2);
}

/* should_skip_vma() */
static bool skip_vma(const struct walk *k, const struct vma *v)
{
	return v->locked || (v->kind != REGION_FILE && !k->swappiness);
}

static void walk_mm(struct walk *k, struct mm *mm)
{
	for (uint32_t i = 0; i < mm->nvma; i++) {
		struct vma *v = mm->vma[i];

		if (skip_vma(k, v))
			continue;
		for (uint64_t first = 0; first < v->npages; first += CHUNK_PAGES)
			if (pt_has_chunk(&v->pt, first))
				walk_table(k, v, first);
	}
}

/* Is it a page table of this cgroup's processes? Each cgroup has a filter of its own. */
static bool concerns(const struct walk *k, const struct chunk *c)
{
	const struct memcg *m = k->lv->memcg;

	if (!m || !c->pte || c->inode)
		return true;
	return !k->w->vma[c->owner] || k->w->vma[c->owner]->mm->memcg == (m->parent ? m : NULL);
}

static void clear_filter(struct walk *k)
{
	uint8_t keep = (uint8_t) ~(1u << (k->seq + 1) % 2);

	for (uint32_t i = 0; i < k->w->chunks.n; i++)
		if (concerns(k, &k->w->chunks.v[i]))
			k->w->chunks.v[i].bloom &= keep;
	gen_of(k->lv)->filtered[(k->seq + 1) % 2] = true;
}

/* Mappings too few to be worth it are left to eviction, which looks around what it finds in use. */
static bool too_small(const struct mm *mm)
{
	return mm_rss_pages(mm) - u64_min(mm->exe_shmem, mm_rss_pages(mm)) < MIN_LRU_BATCH;
}

/* Processes that share an address space are one to the walk. */
static void walk_all(struct walk *k)
{
	uint64_t number = ++k->w->mm.walks;

	for (struct process *p = k->w->proc.first; p; p = p->next) {
		struct mm *mm = p->mm;

		if (!mm || mm->dead || mm->walked == number || p->memcg != k->lv->memcg)
			continue;
		k->force |= !mm->walked;
		mm->walked = number;
		if (!too_small(mm))
			walk_mm(k, mm);
	}
}

void run_aging(struct scan_control *sc, struct lruvec *lv, int swappiness)
{
	struct walk k = { .w = sc->w, .t = sc->t, .lv = lv, .seq = gen_of(lv)->max_seq, .swappiness = swappiness };

	if (sc->w->cfg->lru_gen.enabled == SIM_AUTO || sc->w->cfg->lru_gen.enabled & LRU_GEN_MM_WALK) {
		clear_filter(&k);
		walk_all(&k);
	}
	inc_max_seq(sc->w, lv, swappiness);
}

/* ---- looking around (lru_gen_look_around) ---- */

/* kswapd promotes its finds as the walk does; others move them. */
static void promote_found(struct world *w, struct vma *v, pfn_t p)
{
	int before = page_gen(w, p);

	promote(w, v, p);
	if (w->sched.running && w->sched.running->pf_kswapd)
		return;
	if (before >= 0 && page_gen(w, p) != before) {
		gen_move(w, p, false);
		vm_event(w, pgactivate, 1);
	}
}

void gen_look_around(struct world *w, struct vma *v, uint64_t idx)
{
	const struct cost_cfg *cost = &w->cost;
	struct chunk *c = chunk_of(w, v, idx);
	uint64_t first = idx & ~(uint64_t)CHUNK_MASK, end = u64_min(first + CHUNK_PAGES, v->npages), base = first;
	struct lruvec *lv = frame_lruvec(w, pte_pfn(c->pte[idx - base]));
	unsigned young = 1;

	if (end - first > MIN_LRU_BATCH) {
		if (idx - first < MIN_LRU_BATCH / 2)
			end = first + MIN_LRU_BATCH;
		else if (end - idx < MIN_LRU_BATCH / 2)
			first = end - MIN_LRU_BATCH;
		else
			first = idx - MIN_LRU_BATCH / 2, end = idx + MIN_LRU_BATCH / 2;
	}
	for (uint64_t i = first; i < end; i++) {
		pfn_t p = i == idx ? PFN_NONE : entry_frame(w, lv, c->pte[i - base]);

		if (p == PFN_NONE || (gen_rules(w)->spares_isolated && w->mm.f.flags[p] & F_ISOLATED) || !take_young(w, v, i, p))
			continue;
		young++;
		promote_found(w, v, p);
	}
	if (w->sched.running)
		task_cpu(w->sched.running, (end - first) * cost->age_entry + young * cost->age_page);
	if (enough_young((unsigned)(end - first), young))
		c->bloom |= (uint8_t)(1u << gen_of(lv)->max_seq % 2);
}

/* ---- when ---- */

/* Before 7.x a third generation is kept in reserve while pages are spread evenly: not too many young, not too few old. */
static bool spread_badly(const struct lru_gen *g, int swappiness, uint64_t total)
{
	int64_t young = 0, old = 0;

	for (int t = !swappiness; t < NR_TYPES; t++)
		for (int zi = 0; zi < MAX_ZONES; zi++) {
			young += g->nr[gen_index(g->max_seq)][t][zi];
			if (g->max_seq - MIN_NR_GENS >= g->min_seq[t])
				old += g->nr[gen_index(g->max_seq - MIN_NR_GENS)][t][zi];
		}
	return (uint64_t)young * MIN_NR_GENS > total || (uint64_t)old * (MIN_NR_GENS + 2) < total;
}

bool should_run_aging(struct world *w, struct lruvec *lv, int swappiness, uint64_t *ret_total)
{
	const struct lru_gen *g = gen_of(lv);
	uint64_t oldest = evictable_min_seq(w, g, swappiness);

	*ret_total = gen_total(g, swappiness);
	if (oldest + MIN_NR_GENS > g->max_seq) {
		if (gen_rules(w)->age_while_evicting)
			*ret_total = 0;
		return true;
	}
	if (gen_rules(w)->age_when_short)
		return oldest + MIN_NR_GENS == g->max_seq;
	return oldest + MIN_NR_GENS == g->max_seq && spread_badly(g, swappiness, *ret_total);
}

/* set_initial_priority(): begin with as much as is likely to do. */
void gen_initial_priority(struct scan_control *sc, struct lruvec *lv)
{
	uint64_t reclaimable = (uint64_t)lv->size[LRU_INACTIVE_FILE];
	int priority;

	if (!gen_rules(sc->w)->initial_priority || sc->priority != DEF_PRIORITY || sc->nr_to_reclaim < MIN_LRU_BATCH)
		return;
	if (memcg_swap_left(sc->w, lv->memcg))
		reclaimable += (uint64_t)lv->size[LRU_INACTIVE_ANON];
	priority =
		(reclaimable ? 63 - __builtin_clzll(reclaimable) : -1) - (64 - __builtin_clzll(sc->nr_to_reclaim - 1));
	sc->priority = priority < DEF_PRIORITY / 2 ? DEF_PRIORITY / 2
		       : priority > DEF_PRIORITY   ? DEF_PRIORITY
						   : priority;
}

/* ---- min_ttl_ms ---- */

/* lruvec_is_reclaimable(): something is there to evict, and the oldest of it is old enough. */
static bool old_enough(struct scan_control *sc, struct lruvec *lv, sim_ns min_ttl)
{
	const struct lru_gen *g = gen_of(lv);
	int swappiness = gen_swappiness(sc, lv);
	sim_ns born = g->born[gen_index(evictable_min_seq(sc->w, g, swappiness))];

	return gen_total(g, swappiness) >> sc->priority && sc->w->now > born + min_ttl;
}

/* The only OOM kill that answers to thrashing: nothing may be evicted that was used within min_ttl_ms. */
static void kill_for_working_set(struct scan_control *sc)
{
	struct oom_control oc = { .gfp = sc->gfp, .highest_zone = gfp_zone(sc->gfp) };

	if (!oom_trylock(sc->w, sc->t))
		return;
	out_of_memory(sc->w, sc->t, &oc);
	oom_unlock(sc->w, sc->t);
}

/* Before 6.3 aging is kswapd's, ahead of each pass. */
static void age_ahead(struct scan_control *sc, struct lruvec *lv)
{
	int swappiness = gen_swappiness(sc, lv);
	uint64_t total;

	if (should_run_aging(sc->w, lv, swappiness, &total))
		run_aging(sc, lv, swappiness);
}

static void enforce_min_ttl(struct scan_control *sc, struct node *n)
{
	sim_ns min_ttl = (sim_ns)sc->w->cfg->lru_gen.min_ttl_ms * NS_PER_MS;

	if (!min_ttl || (gen_rules(sc->w)->ttl_by_order && sc->order))
		return;
	if (!sc->w->memcg.n && old_enough(sc, &n->lruvec, min_ttl))
		return;
	for_each_memcg(sc->w, m, NULL)
		if (old_enough(sc, memcg_lruvec(sc->w, m, n), min_ttl))
			return;
	kill_for_working_set(sc);
}

void gen_age_node(struct scan_control *sc, struct node *n)
{
	sc->last_reclaimed = sc->nr_reclaimed;
	if (!gen_rules(sc->w)->age_while_evicting) {
		if (sc->skip_aging) {
			sc->skip_aging = false;
			return;
		}
		if (!sc->w->memcg.n)
			age_ahead(sc, &n->lruvec);
		for_each_memcg(sc->w, m, NULL)
			age_ahead(sc, memcg_lruvec(sc->w, m, n));
	}
	gen_initial_priority(sc, &n->lruvec);
	enforce_min_ttl(sc, n);
	task_yield(sc->w, sc->t);
}
