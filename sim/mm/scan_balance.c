/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How reclaim divides its effort between anonymous and file pages (get_scan_count and friends, 6.1; specification C.7, C.8). */
#include "sim/mm/memcg.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

bool can_reclaim_anon(const struct world *w)
{
	return w->swap.free > 0;
}

bool inactive_is_low(const struct lruvec *v, bool file)
{
	uint64_t inactive = (uint64_t)v->size[LRU_BASE(file)], active = (uint64_t)v->size[LRU_BASE(file) + 1];
	uint64_t gb = (inactive + active) >> 18, ratio = gb ? isqrt64(10 * gb) : 1;

	return inactive * ratio < active;
}

/* Lists may be deactivated from when pages of that type have been refaulting into the active list, or when the inactive list is
 * too short. */
static bool may_deactivate(const struct scan_control *sc, const struct lruvec *v, bool file)
{
	uint64_t refaults = v->memcg ? v->activated[file] : sc->w->mm.vmstat[VMSTAT_workingset_activate_anon + file];

	return sc->force_deactivate || refaults != v->refaults[file] || inactive_is_low(v, file);
}

static bool file_is_tiny(const struct scan_control *sc, const struct node *n)
{
	const int64_t *size = n->lruvec.size;
	uint64_t high = 0, free = 0, file = (uint64_t)(size[LRU_ACTIVE_FILE] + size[LRU_INACTIVE_FILE]);

	for (int zi = 0; zi < MAX_ZONES; zi++) {
		if (!n->zone[zi].managed)
			continue;
		free += (uint64_t)n->zone[zi].nr_free;
		high += zone_wmark(&n->zone[zi], WMARK_HIGH);
	}
	return file + free <= high && !sc->may_deactivate[0] && size[LRU_INACTIVE_ANON] >> sc->priority;
}

void apply_noted_costs(struct world *w, struct lruvec *v)
{
	for (int file = 0; file < 2; file++) {
		if (v->cost_noted[file])
			lru_note_cost(w, v, file, v->cost_noted[file]);
		v->cost_noted[file] = 0;
	}
}

void prepare_scan_count(struct scan_control *sc, struct node *n)
{
	struct lruvec *v = target_lruvec(sc, n);

	apply_noted_costs(sc->w, v);
	sc->may_deactivate[0] = may_deactivate(sc, v, false);
	sc->may_deactivate[1] = may_deactivate(sc, v, true);
	sc->cache_trim_mode =
		v->size[LRU_INACTIVE_FILE] >> sc->priority && !sc->may_deactivate[1] && !sc->no_cache_trim_mode;
	sc->file_is_tiny = !cgroup_reclaim(sc) && file_is_tiny(sc, n);
}

enum scan_balance { SCAN_EQUAL, SCAN_FRACT, SCAN_ANON, SCAN_FILE };

static enum scan_balance scan_balance(const struct scan_control *sc, const struct lruvec *v)
{
	if (!sc->may_swap || !memcg_swap_left(sc->w, v->memcg))
		return SCAN_FILE;
	if (cgroup_reclaim(sc) && !sc->w->sysctl.swappiness)
		return SCAN_FILE;
	if (!sc->priority && sc->w->sysctl.swappiness)
		return SCAN_EQUAL;
	if (sc->file_is_tiny)
		return SCAN_ANON;
	return sc->cache_trim_mode ? SCAN_FILE : SCAN_FRACT;
}

/* Weights of anonymous and file pages: swappiness against the cost that reclaiming each has had lately. */
static void fractions(const struct world *w, const struct lruvec *v, uint64_t fraction[2], uint64_t *ret_den)
{
	uint64_t swappiness = (uint64_t)w->sysctl.swappiness, total = v->anon_cost + v->file_cost;
	uint64_t anon_cost = total + v->anon_cost, file_cost = total + v->file_cost;

	total = anon_cost + file_cost;
	fraction[0] = swappiness * (total + 1) / (anon_cost + 1);
	fraction[1] = (200 - swappiness) * (total + 1) / (file_cost + 1);
	*ret_den = fraction[0] + fraction[1];
}

/* Pages of a list up to a zone, of these lists alone. */
static uint64_t lruvec_size(const struct node *n, const struct lruvec *v, enum lru_list l, int highest_zone)
{
	int64_t size = 0;

	if (!v->memcg)
		return node_lru_size(n, l, highest_zone);
	for (int i = 0; i <= highest_zone && i < MAX_ZONES; i++)
		size += v->zone_size[i][l];
	return (uint64_t)size;
}

/* The part of a cgroup that its protection leaves to be scanned, unless it lies under the target itself. */
static uint64_t unprotected(struct scan_control *sc, const struct memcg *m, uint64_t size)
{
	uint64_t protection, usage;

	if (memcg_is_root(m) || m == sc->target || (!m->emin && !m->elow))
		return size;
	protection = m->emin;
	if (!sc->memcg_low_reclaim && m->elow > m->emin) {
		protection = m->elow;
		sc->memcg_low_skipped = true;
	}
	usage = u64_max(m->memory.usage, protection);
	return u64_max(size - u64_muldiv(size, protection, usage + 1), SWAP_CLUSTER_MAX);
}

void get_scan_count(struct scan_control *sc, const struct node *n, uint64_t nr[4])
{
	const struct lruvec *v = scan_lruvec(sc, n);
	enum scan_balance balance = scan_balance(sc, v);
	uint64_t fraction[2], den;

	fractions(sc->w, target_lruvec(sc, n), fraction, &den);
	for (int l = 0; l < 4; l++) {
		bool file = LRU_IS_FILE(l);
		uint64_t scan =
			unprotected(sc, v->memcg, lruvec_size(n, v, (enum lru_list)l, sc->reclaim_idx)) >> sc->priority;

		if (balance == SCAN_FRACT)
			scan = u64_muldiv(scan, fraction[file], den);
		else if ((balance == SCAN_FILE && !file) || (balance == SCAN_ANON && file))
			scan = 0;
		nr[l] = scan;
	}
}
