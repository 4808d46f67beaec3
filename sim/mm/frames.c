/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical frames and the free side of the zones.
 *
 * A zone knows how many pages are free (nr_free), on the per-CPU lists (nr_pcp), held by the kernel (nr_kernel) and, by
 * subtraction, in frames handed out: the four always add up to `managed`. Only handed-out pages need to be somebody, so
 * a frame number is chosen last: the frame given back most recently, as the kernel's hot lists would, or the next one
 * that has never been used. Untouched frames so never cost host memory.
 *
 * Source: mm/page_alloc.c of 6.1 (rmqueue_pcplist, free_unref_page_commit, drain_all_pages); specification A.7.
 * Leaves out: which CPU's list a page is on (one list a zone), buddy orders.
 */
#include "sim/core/diag.h"
#include "sim/mm/reclaim.h"
#include "sim/world/engine.h"

#include <string.h>

#define FRAMES_MAX (UINT32_C(1) << 29) /* PTE_PFN_MASK */

static void *array(struct world *w, size_t n, size_t size, bool *failed)
{
	void *p = sim_calloc(w->a, n, size);

	if (!p)
		*failed = true;
	return p;
}

/* Lists are rings through their heads. */
static int frames_alloc(struct world *w, uint64_t n, bool swap)
{
	struct frames *f = &w->mm.f;
	uint32_t heads = (uint32_t)w->mm.nnode * NR_LRU_HEADS * (uint32_t)(w->cfg->ncgroup + 1);
	bool failed = false;

	if (n + heads > FRAMES_MAX)
		return SIM_ETOOBIG;
	f->n = (uint32_t)n;
	f->next = array(w, n + heads, sizeof(*f->next), &failed);
	f->prev = array(w, n + heads, sizeof(*f->prev), &failed);
	f->owner = array(w, n, sizeof(*f->owner), &failed);
	f->stamp = array(w, n, sizeof(*f->stamp), &failed);
	f->flags = array(w, n, sizeof(*f->flags), &failed);
	f->mapcount = array(w, n, sizeof(*f->mapcount), &failed);
	if (swap)
		f->slot = array(w, n, sizeof(*f->slot), &failed);
	if (w->mm.reclaim == &mglru_reclaim)
		f->gen = array(w, n, sizeof(*f->gen), &failed);
	if (w->cfg->ncgroup)
		f->memcg = array(w, n, sizeof(*f->memcg), &failed);
	if (failed) {
		frames_free(w);
		return SIM_ENOMEM;
	}
	for (uint32_t h = f->n; h < f->n + heads; h++)
		f->next[h] = f->prev[h] = h;
	return SIM_OK;
}

/* The kernel's own use at start is spread evenly over what is managed; taking the difference of two running shares
 * makes them add up. `before`: managed pages of the zones in front. */
static int64_t zone_start_free(const struct machine_cfg *m, const struct zone_cfg *c, sim_pages managed,
			       uint64_t before)
{
	uint64_t own = m->slab_reclaimable + m->slab_unreclaimable + m->kernel_stack + m->pagetables + m->unevictable +
		       m->balloon;

	if (c->free != SIM_AUTO)
		return (int64_t)u64_min((uint64_t)(c->free > 0 ? c->free : 0), c->managed);
	own = u64_min(own, managed);
	return (int64_t)(c->managed -
			 (u64_muldiv(own, before + c->managed, managed) - u64_muldiv(own, before, managed)));
}

static void zone_init(struct world *w, struct zone *z, int node, int type, sim_pages managed, uint64_t *start)
{
	const struct machine_cfg *m = &w->cfg->machine;
	const struct zone_cfg *c = &m->node[node].zone[type];

	memset(z, 0, sizeof(*z));
	z->node = node;
	z->type = type;
	z->present = c->present;
	z->managed = c->managed;
	z->free_head = PFN_NONE;
	z->start = c->managed ? (pfn_t)*start : PFN_NONE; /* an empty zone is nobody's in frame_zone() */
	if (!c->managed)
		return;
	z->nr_free = zone_start_free(m, c, managed, *start);
	z->nr_pcp = z->nr_pcp_kernel = c->free != SIM_AUTO ? c->pcp_kernel : 0;
	z->nr_kernel = z->managed - (sim_pages)(z->nr_free + z->nr_pcp);
	z->pcp_high = c->pcp_high != SIM_AUTO ? c->pcp_high : 0;
	z->pcp_batch = c->pcp_batch != SIM_AUTO ? c->pcp_batch : 0;
	vm_event(w, nr_free_pages, z->nr_free);
	*start += z->managed;
}

int frames_init(struct world *w)
{
	const struct machine_cfg *m = &w->cfg->machine;
	sim_pages managed = 0;
	uint64_t start = 0;
	int err;

	w->mm.nnode = (int)m->nnode;
	w->mm.page_kB = m->page_size / KIB;
	w->mm.page_shift = (unsigned)__builtin_ctzll(m->page_size);
	for (unsigned n = 0; n < m->nnode; n++)
		for (int i = 0; i < MAX_ZONES; i++)
			managed += m->node[n].zone[i].managed;
	w->mm.totalram = managed;
	for (unsigned n = 0; n < m->nnode; n++) {
		w->mm.node[n].id = (int)n;
		w->mm.node[n].lruvec.node = &w->mm.node[n];
		for (int i = 0; i < MAX_ZONES; i++)
			zone_init(w, &w->mm.node[n].zone[i], (int)n, i, managed, &start);
	}
	err = reclaim_init(w);
	if (!err)
		err = frames_alloc(w, managed, m->nswap > 0);
	return err ? err : memcg_init(w);
}

void frames_free(struct world *w)
{
	struct frames *f = &w->mm.f;

	sim_free(w->a, f->next);
	sim_free(w->a, f->prev);
	sim_free(w->a, f->owner);
	sim_free(w->a, f->stamp);
	sim_free(w->a, f->slot);
	sim_free(w->a, f->flags);
	sim_free(w->a, f->gen);
	sim_free(w->a, f->memcg);
	sim_free(w->a, f->mapcount);
	memset(f, 0, sizeof(*f));
	reclaim_free(w);
}

/* Zones lie in order of their first frames, so the last that begins at or before p holds it. */
struct zone *frame_zone(struct world *w, pfn_t p)
{
	for (int n = w->mm.nnode - 1; n > 0; n--)
		for (int i = MAX_ZONES - 1; i >= 0; i--)
			if (p >= w->mm.node[n].zone[i].start)
				return &w->mm.node[n].zone[i];
	for (int i = MAX_ZONES - 1; i > 0; i--)
		if (p >= w->mm.node[0].zone[i].start)
			return &w->mm.node[0].zone[i];
	return &w->mm.node[0].zone[0];
}

struct node *frame_node(struct world *w, pfn_t p)
{
	return w->mm.nnode == 1 ? &w->mm.node[0] : &w->mm.node[frame_zone(w, p)->node];
}

static void zone_free_add(struct world *w, struct zone *z, int64_t n)
{
	z->nr_free += n;
	vm_event(w, nr_free_pages, n);
}

static int64_t batch_of(const struct zone *z)
{
	return z->pcp_batch > 1 ? z->pcp_batch : 1;
}

/* ---- lists that tune themselves (nr_pcp_alloc, nr_pcp_high, nr_pcp_free of 6.7 and later) ---- */

#define PCP_SCALE_MAX       5 /* CONFIG_PCP_BATCH_SCALE_MAX */
#define PCP_MAX_FRACTION    8 /* lists of a zone may hold an eighth of it */

static int64_t auto_limit(const struct world *w, const struct zone *z)
{
	int64_t max = (int64_t)(z->managed / PCP_MAX_FRACTION / w->cfg->machine.ncpu);

	return z->pcp_high > max ? z->pcp_high : max;
}

static int64_t clamp(int64_t v, int64_t min, int64_t max)
{
	return v < min ? min : v > max ? max : v;
}

static bool above_high(const struct zone *z)
{
	return z->nr_free > (int64_t)(z->wmark[WMARK_HIGH] + z->boost + z->reserve[3]);
}

/* ZONE_BELOW_HIGH: seen by whoever asks for a page, forgotten when enough has come back. */
void zone_note_level(const struct world *w, struct zone *z)
{
	if (w->km->pcp_auto && !above_high(z))
		z->pcp_auto.below_high = true;
}

/* A refill: twice as much as the last time while nothing is given back. */
static int64_t auto_refill(struct world *w, struct zone *z)
{
	int64_t base = batch_of(z), batch = base << z->pcp_auto.alloc_factor, limit = auto_limit(w, z), most;

	z->pcp_auto.high = clamp(z->pcp_auto.high, z->pcp_high, limit);
	if (!z->pcp_auto.below_high)
		z->pcp_auto.high = clamp(z->pcp_auto.high + batch, 0, limit);
	most = clamp(z->pcp_auto.high - z->nr_pcp - base, base, limit);
	if (batch <= most && z->pcp_auto.alloc_factor < PCP_SCALE_MAX)
		z->pcp_auto.alloc_factor++;
	return clamp(batch, 1, most);
}

/* How many the lists may hold after another page came back: little while kswapd works, or since the zone has run low. */
static int64_t auto_high(struct world *w, struct zone *z)
{
	int64_t batch = batch_of(z), freed = clamp(z->pcp_auto.free_count, batch, INT64_MAX), *high = &z->pcp_auto.high;

	*high = clamp(*high, z->pcp_high, auto_limit(w, z));
	if (w->mm.node[z->node].reclaim_active) {
		*high = clamp(*high - freed, z->pcp_high, *high);
		return clamp(batch << 2, 0, *high);
	}
	if (z->pcp_auto.below_high) {
		*high = clamp(*high - freed, z->pcp_high, *high);
		return clamp(z->nr_pcp, z->pcp_high, INT64_MAX);
	}
	if (z->nr_pcp >= *high && *high < z->pcp_auto.free_count + batch)
		*high = clamp(z->pcp_auto.free_count + batch, z->pcp_high, auto_limit(w, z));
	return *high;
}

/* Pages to give back to the zone after one came in. */
static int64_t auto_excess(struct world *w, struct zone *z)
{
	int64_t batch = batch_of(z), high;

	z->pcp_auto.alloc_factor >>= 1;
	if (z->pcp_auto.free_count < batch << PCP_SCALE_MAX)
		z->pcp_auto.free_count++;
	high = auto_high(w, z);
	if (z->nr_pcp < high)
		return 0;
	return high < batch ? 1 : clamp(z->pcp_auto.free_count, batch, clamp(high - batch, batch, INT64_MAX));
}

/* ---- lists ---- */

static int64_t refill_of(struct world *w, struct zone *z)
{
	return w->km && w->km->pcp_auto ? auto_refill(w, z) : batch_of(z);
}

static int64_t excess_of(struct world *w, struct zone *z)
{
	if (w->km && w->km->pcp_auto)
		return auto_excess(w, z);
	return z->nr_pcp >= z->pcp_high ? batch_of(z) : 0;
}

/* Pages for user space and for the kernel are on different lists (migratetypes), so what one has too much of does not help the
 * other; the limit holds for the sum. */
static bool pcp_take(struct world *w, struct zone *z, bool kernel)
{
	int64_t here = kernel ? z->nr_pcp_kernel : z->nr_pcp - z->nr_pcp_kernel;

	if (!here) {
		int64_t want = refill_of(w, z), n = want < z->nr_free ? want : z->nr_free;

		if (n <= 0)
			return false;
		zone_free_add(w, z, -n);
		z->nr_pcp += n;
		z->nr_pcp_kernel += kernel ? n : 0;
	}
	z->pcp_auto.free_count >>= 1;
	z->nr_pcp--;
	z->nr_pcp_kernel -= kernel;
	return true;
}

/* free_pcppages_bulk(): pages go back, from the longer list first. */
static void pcp_trim(struct world *w, struct zone *z, int64_t n)
{
	int64_t kernel;

	n = n < z->nr_pcp ? n : z->nr_pcp;
	kernel = n - (z->nr_pcp - z->nr_pcp_kernel);
	if (kernel < 0)
		kernel = z->nr_pcp_kernel > z->nr_pcp - z->nr_pcp_kernel && z->nr_pcp_kernel >= n ? n : 0;
	z->nr_pcp -= n;
	z->nr_pcp_kernel -= kernel;
	zone_free_add(w, z, n);
}

static void pcp_give(struct world *w, struct zone *z, bool kernel)
{
	int64_t excess;

	z->nr_pcp_kernel += kernel;
	z->nr_pcp++;
	excess = excess_of(w, z);
	if (!excess)
		return;
	pcp_trim(w, z, excess);
	if (above_high(z))
		z->pcp_auto.below_high = false;
}

static void count_alloc(struct world *w, const struct zone *z, uint64_t n)
{
	w->mm.vmstat[VMSTAT_pgalloc_dma + z->type] += n;
}

pfn_t zone_take(struct world *w, struct zone *z)
{
	struct frames *f = &w->mm.f;
	pfn_t p = z->free_head;

	if (!pcp_take(w, z, false))
		return PFN_NONE;
	if (p != PFN_NONE)
		z->free_head = f->next[p];
	else
		p = z->start + z->virgin++;
	f->flags[p] = 0;
	f->mapcount[p] = 0;
	f->owner[p] = 0;
	f->stamp[p] = 0;
	if (f->slot)
		f->slot[p] = 0;
	if (f->gen)
		f->gen[p] = 0;
	if (f->memcg)
		f->memcg[p] = 0;
	count_alloc(w, z, 1);
	return p;
}

void zone_give(struct world *w, pfn_t p)
{
	struct frames *f = &w->mm.f;
	struct zone *z = frame_zone(w, p);

	f->flags[p] = 0;
	f->next[p] = z->free_head;
	z->free_head = p;
	vm_event(w, pgfree, 1);
	pcp_give(w, z, false);
}

/* Single pages come from the per-CPU lists, larger blocks do not. */
bool zone_take_kernel(struct world *w, struct zone *z, sim_pages n)
{
	if (n == 1) {
		if (!pcp_take(w, z, true))
			return false;
	} else {
		if (z->nr_free < (int64_t)n)
			return false;
		zone_free_add(w, z, -(int64_t)n);
	}
	z->nr_kernel += n;
	count_alloc(w, z, n);
	return true;
}

void zone_give_kernel(struct world *w, struct zone *z, sim_pages n)
{
	z->nr_kernel -= n;
	vm_event(w, pgfree, n);
	for (; n; n--)
		pcp_give(w, z, true);
}

void zones_drain_pcp(struct world *w)
{
	struct zone *z;

	for_each_zone (w, z, n, i) {
		zone_free_add(w, z, z->nr_pcp);
		z->nr_pcp = z->nr_pcp_kernel = 0;
	}
}
