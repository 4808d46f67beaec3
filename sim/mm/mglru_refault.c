/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Uses, tiers, refaults, and the controller that weighs them (specification D.4, D.7, D.8).
 *
 * A use through a file descriptor counts up; a page's tier is the logarithm of its uses. What was evicted from a tier and came
 * back is set against all that the tier lost: that ratio of tier 0 of one type is the set point, the others' are compared with
 * it.
 *
 * A shadow: bit 29 set (so that it is never 0), bit 28 the page was workingset, bits 2..27 min_seq when it went, bits 0..1 its uses.
 */
#include "sim/mm/fault.h"
#include "sim/mm/memcg.h"
#include "sim/mm/mglru.h"
#include "sim/world/engine.h"

#define SHADOW_VALID      (1u << 29)
#define SHADOW_WORKINGSET (1u << 28)
#define SHADOW_SEQ_SHIFT  2
#define SHADOW_SEQ_BITS   26
#define SHADOW_SEQ        ((1u << SHADOW_SEQ_BITS) - 1)
#define MAX_SWAPPINESS    200

bool gen_in_fault(const struct world *w)
{
	const struct task *t = w->sched.running;

	return t && t->user_fault && !t->pf_memalloc;
}

/* ---- uses and tiers ---- */

/* Before 7.x the first use only marks the page (F_REFERENCED), the second makes it workingset, further ones count; later the
 * first marks, further ones count, and workingset is what has used up the counter. */
void gen_mark_accessed(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];
	unsigned uses = page_uses(w, p);

	if (*flags & F_MLOCKED)
		return;
	if (!(*flags & F_REFERENCED)) {
		if (gen_rules(w)->workingset_tier)
			set_page_uses(w, p, 0);
		*flags |= F_REFERENCED;
	} else if (!gen_rules(w)->workingset_tier && !(*flags & F_WORKINGSET)) {
		*flags |= F_WORKINGSET;
	} else if (uses < LRU_REFS_MAX) {
		set_page_uses(w, p, uses + 1);
	} else {
		*flags |= F_WORKINGSET;
	}
}

/* folio_lru_refs() */
static unsigned page_refs(const struct world *w, pfn_t p)
{
	uint16_t flags = w->mm.f.flags[p];

	if (gen_rules(w)->workingset_tier)
		return flags & F_REFERENCED ? page_uses(w, p) + 1 : 0;
	return page_uses(w, p) + !!(flags & F_WORKINGSET);
}

static unsigned log2_up(unsigned n)
{
	return n <= 1 ? 0 : 32 - (unsigned)__builtin_clz(n - 1);
}

static unsigned tier_of(const struct world *w, unsigned refs, bool workingset)
{
	if (!gen_rules(w)->workingset_tier)
		return log2_up(refs + 1);
	return workingset ? MAX_NR_TIERS - 1 : log2_up(refs);
}

unsigned page_tier(const struct world *w, pfn_t p)
{
	return tier_of(w, page_refs(w, p), w->mm.f.flags[p] & F_WORKINGSET);
}

bool page_saturated(const struct world *w, pfn_t p)
{
	return page_refs(w, p) > LRU_REFS_MAX && (!gen_rules(w)->workingset_tier || w->mm.f.flags[p] & F_WORKINGSET);
}

/* ---- eviction and refault ---- */

/* With cgroups the upper bits of the generation's number say whose it was. */
static unsigned seq_bits(const struct world *w)
{
	unsigned bits = SHADOW_SEQ_BITS;

	for (uint32_t n = w->memcg.n; n > 1; n = (n + 1) / 2)
		bits--;
	return bits;
}

static uint32_t seq_mask(const struct world *w)
{
	return (UINT32_C(1) << seq_bits(w)) - 1;
}

uint32_t gen_eviction(struct world *w, pfn_t p)
{
	const struct lruvec *lv = frame_lruvec(w, p);
	struct lru_gen *g = gen_of(lv);
	enum lru_type t = gen_type(w->mm.f.flags[p]);
	unsigned refs = page_refs(w, p);
	bool workingset = gen_rules(w)->workingset_tier ? w->mm.f.flags[p] & F_WORKINGSET : refs > 0;

	g->evicted[t][page_tier(w, p)]++;
	return SHADOW_VALID | (workingset ? SHADOW_WORKINGSET : 0) |
	       (lv->memcg ? lv->memcg->id << seq_bits(w) : 0) << SHADOW_SEQ_SHIFT |
	       ((uint32_t)g->min_seq[t] & seq_mask(w)) << SHADOW_SEQ_SHIFT | (uint32_t)u64_sub0(refs, 1);
}

static bool is_recent(const struct world *w, const struct lru_gen *g, enum lru_type t, uint32_t seq)
{
	if (gen_rules(w)->refault_within_gens)
		return (((uint32_t)g->max_seq - seq) & seq_mask(w)) < MAX_NR_GENS;
	return (seq & seq_mask(w)) == ((uint32_t)g->min_seq[t] & seq_mask(w));
}

static void count(struct world *w, pfn_t p, enum lru_type t, enum vmstat_item anon_item)
{
	w->mm.vmstat[anon_item + t]++;
	memcg_count(frame_memcg(w, p), (enum vmstat_item)(anon_item + (int)t), 1);
}

/* Before 6.14: who waits for the page, or used it so often that it should have been protected, makes it as hot as can be. */
static void refault_by_uses(struct world *w, pfn_t p, enum lru_type t, unsigned refs)
{
	if (!gen_rules(w)->protected_activates)
		count(w, p, t, VMSTAT_workingset_activate_anon);
	if (!gen_in_fault(w) && refs < LRU_REFS_MAX)
		return;
	set_page_uses(w, p, LRU_REFS_MAX);
	w->mm.f.flags[p] |= F_WORKINGSET;
	count(w, p, t, VMSTAT_workingset_restore_anon);
}

/* Since: it comes back as what it was. */
static void refault_by_flags(struct world *w, pfn_t p, enum lru_type t, unsigned refs, bool workingset)
{
	if (!workingset) {
		set_page_uses(w, p, refs - 1);
		return;
	}
	if (gen_in_fault(w))
		count(w, p, t, VMSTAT_workingset_activate_anon);
	w->mm.f.flags[p] |= F_WORKINGSET;
	count(w, p, t, VMSTAT_workingset_restore_anon);
}

void gen_refault(struct world *w, pfn_t p, uint32_t shadow)
{
	const struct mglru_rules *r = gen_rules(w);
	const struct lruvec *lv = frame_lruvec(w, p);
	struct lru_gen *g = gen_of(lv);
	enum lru_type t = gen_type(w->mm.f.flags[p]);
	uint32_t seq = shadow >> SHADOW_SEQ_SHIFT & SHADOW_SEQ;
	bool workingset = shadow & SHADOW_WORKINGSET, recent;
	unsigned refs = (shadow & LRU_REFS_MAX) + (r->workingset_tier ? 1 : workingset);

	if (!(shadow & SHADOW_VALID))
		return;
	if (lv->memcg && seq >> seq_bits(w) != lv->memcg->id) /* it went from another cgroup's lists */
		return;
	recent = is_recent(w, g, t, seq);
	if (recent || r->count_stale_refaults)
		count(w, p, t, VMSTAT_workingset_refault_anon);
	if (!recent)
		return;
	g->refaulted[t][tier_of(w, refs, workingset)]++;
	if (r->workingset_tier)
		refault_by_flags(w, p, t, refs, workingset);
	else
		refault_by_uses(w, p, t, refs);
}

/* ---- an isolated page ---- */

/* Before 7.x a page found accessed has also been promoted by the look around it, and so is activated at once. */
static enum reference accessed_once(struct world *w, pfn_t p, bool exec)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (!gen_rules(w)->two_step_promotion)
		return REF_ACTIVATE;
	set_page_uses(w, p, 0);
	if (!(*flags & (F_REFERENCED | F_WORKINGSET)) && !(exec && frame_is_file(*flags))) {
		*flags |= F_REFERENCED;
		return REF_KEEP;
	}
	*flags &= (uint16_t)~F_REFERENCED;
	*flags |= F_WORKINGSET;
	return REF_ACTIVATE;
}

enum reference gen_check_references(struct world *w, pfn_t p)
{
	bool exec, locked;
	unsigned ptes;

	/* the walk, or a look around another page, has promoted it since it was isolated */
	if (!gen_rules(w)->two_step_promotion && w->mm.f.mapcount[p] && w->mm.f.flags[p] & F_REFERENCED)
		return REF_KEEP;
	ptes = page_referenced(w, p, &exec, &locked);
	if (locked)
		return REF_ACTIVATE;
	return ptes ? accessed_once(w, p, exec) : REF_RECLAIM;
}

/* ---- the controller ---- */

struct position {
	uint64_t refaulted, total;
	unsigned gain;
};

/* Tiers [from, to) of a type. */
static struct position position(const struct lru_gen *g, enum lru_type t, unsigned from, unsigned to, unsigned gain)
{
	struct position p = { .gain = gain };

	for (unsigned i = from; i < to; i++) {
		p.refaulted += g->avg_refaulted[t][i] + g->refaulted[t][i];
		p.total += g->avg_total[t][i] + g->protected[t][i] + g->evicted[t][i];
	}
	return p;
}

/* positive_ctrl_err(): does `pv` refault no more than `sp` does, or hardly at all? */
static bool refaults_less(const struct position *sp, const struct position *pv)
{
	return pv->refaulted < MIN_LRU_BATCH ||
	       pv->refaulted * (sp->total + MIN_LRU_BATCH) * sp->gain <= (sp->refaulted + 1) * pv->total * pv->gain;
}

void reset_controller(struct lru_gen *g, enum lru_type t)
{
	for (unsigned i = 0; i < MAX_NR_TIERS; i++) {
		g->avg_refaulted[t][i] = (g->avg_refaulted[t][i] + g->refaulted[t][i]) / 2;
		g->avg_total[t][i] = (g->avg_total[t][i] + g->protected[t][i] + g->evicted[t][i]) / 2;
		g->refaulted[t][i] = g->evicted[t][i] = g->protected[t][i] = 0;
	}
}

static int last_tier(const struct lru_gen *g, enum lru_type t, const struct position *sp, unsigned gain)
{
	unsigned tier = 1;

	for (; tier < MAX_NR_TIERS; tier++) {
		struct position pv = position(g, t, tier, tier + 1, gain);

		if (!refaults_less(sp, &pv))
			break;
	}
	return (int)tier - 1;
}

int choose_tier(struct world *w, const struct lru_gen *g, enum lru_type t)
{
	struct position sp = position(g, t, 0, 1, gen_rules(w)->tier_gain[0]);

	return last_tier(g, t, &sp, gen_rules(w)->tier_gain[1]);
}

enum lru_type choose_type(struct world *w, const struct lru_gen *g, int swappiness, int *ret_tier)
{
	unsigned tiers = gen_rules(w)->type_by_all_tiers ? MAX_NR_TIERS : 1;
	unsigned gain[NR_TYPES] = { (unsigned)swappiness, (unsigned)(MAX_SWAPPINESS - swappiness) };
	struct position sp = position(g, TYPE_ANON, 0, tiers, gain[TYPE_ANON]),
			pv = position(g, TYPE_FILE, 0, tiers, gain[TYPE_FILE]);
	enum lru_type t = refaults_less(&sp, &pv) ? TYPE_FILE : TYPE_ANON;

	if (gen_rules(w)->type_by_all_tiers) {
		*ret_tier = choose_tier(w, g, t);
		return t;
	}
	sp = position(g, t == TYPE_FILE ? TYPE_ANON : TYPE_FILE, 0, 1, gain[!t]);
	*ret_tier = last_tier(g, t, &sp, gain[t]);
	return t;
}
