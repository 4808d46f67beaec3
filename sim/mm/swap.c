/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swap areas, their slots and the swap cache (mm/swapfile.c, mm/swap_state.c of 6.1; specification C.16). */
#include "sim/mm/swap.h"
#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* ---- areas ---- */

static int area_init(struct world *w, struct swap_area *a, const struct swap_cfg *cfg, uint32_t id, uint32_t base)
{
	uint64_t pages = cfg->size / w->cfg->machine.page_size;

	a->dev = w->dev[id];
	a->base = base;
	a->n = pages ? (uint32_t)pages - 1 : 0;
	a->priority = cfg->priority == SIM_AUTO ? -2 - (int)id : (int)cfg->priority;
	a->rotational = cfg->dev.rotational;
	a->ncluster = (a->n + SWAP_CLUSTER_SLOTS - 1) / SWAP_CLUSTER_SLOTS;
	a->cluster_used = sim_calloc(w->a, a->ncluster ? a->ncluster : 1, sizeof(*a->cluster_used));
	a->free_clusters = a->ncluster;
	a->free_map = sim_calloc(w->a, a->n / 64 + 1, sizeof(*a->free_map));
	if (!a->cluster_used || !a->free_map)
		return SIM_ENOMEM;
	for (uint32_t i = 0; i < a->n; i++)
		a->free_map[i / 64] |= UINT64_C(1) << i % 64;
	return SIM_OK;
}

/* By descending priority; equal ones in order of swapon. Bases stay as they are. */
static void sort_areas(struct swap_state *s)
{
	for (uint32_t i = 1; i < s->narea; i++)
		for (uint32_t j = i; j && s->area[j].priority > s->area[j - 1].priority; j--) {
			struct swap_area a = s->area[j];

			s->area[j] = s->area[j - 1];
			s->area[j - 1] = a;
		}
}

int swap_init(struct world *w)
{
	struct swap_state *s = &w->swap;
	const struct machine_cfg *m = &w->cfg->machine;

	if (!m->nswap)
		return SIM_OK;
	s->area = sim_calloc(w->a, m->nswap, sizeof(*s->area));
	if (!s->area)
		return SIM_ENOMEM;
	for (uint32_t i = 0; i < m->nswap; i++) {
		s->narea = i + 1;
		if (area_init(w, &s->area[i], &m->swap[i], i, s->total))
			return SIM_ENOMEM;
		s->total += s->area[i].n;
	}
	for (uint32_t i = 0; i < s->narea; i++)
		s->rotates |= s->area[i].rotational;
	s->free = s->total;
	sort_areas(s);
	s->count = sim_calloc(w->a, s->total + 1, sizeof(*s->count));
	s->cache = sim_calloc(w->a, s->total + 1, sizeof(*s->cache));
	if (w->cfg->ncgroup) {
		s->memcg = sim_calloc(w->a, s->total + 1, sizeof(*s->memcg));
		if (!s->memcg)
			return SIM_ENOMEM;
	}
	return s->count && s->cache ? SIM_OK : SIM_ENOMEM;
}

void swap_free_all(struct world *w)
{
	for (uint32_t i = 0; i < w->swap.narea; i++) {
		sim_free(w->a, w->swap.area[i].cluster_used);
		sim_free(w->a, w->swap.area[i].free_map);
	}
	sim_free(w->a, w->swap.area);
	sim_free(w->a, w->swap.count);
	sim_free(w->a, w->swap.cache);
	sim_free(w->a, w->swap.memcg);
}

struct swap_area *swap_area_of(struct world *w, uint32_t slot)
{
	struct swap_area *a = w->swap.area;

	while (slot < a->base || slot - a->base >= a->n)
		a++;
	return a;
}

/* ---- slots ---- */

/* scan_swap_map_try_ssd_cluster(): fill a wholly free cluster from its start; when none is left, any free slot from the hint on. */
static bool new_cluster(struct swap_area *a)
{
	for (uint32_t i = 0; i < a->ncluster; i++) {
		uint32_t c = (a->next / SWAP_CLUSTER_SLOTS + i) % a->ncluster;

		if (a->cluster_used[c])
			continue;
		a->next = c * SWAP_CLUSTER_SLOTS;
		a->cluster_left = (uint32_t)u64_min(SWAP_CLUSTER_SLOTS, a->n - a->next);
		return true;
	}
	return false;
}

/* A cluster's table of slots is a page, made for its first slot. The requests may not use the reserves, and who reclaims may not
 * reclaim for them: with memory short there is no new cluster (swap_cluster_alloc_table()). */
static bool table_alloc(struct world *w)
{
	if (!w->km->swap_tables || alloc_kernel(w, w->sched.running, GFP_SWAP_TABLE, 0))
		return true;
	zones_drain_pcp(w); /* as direct reclaim does after the little that slabs give (recordings: nothing is left there at the kill) */
	return alloc_kernel(w, w->sched.running, GFP_SWAP_TABLE | GFP_NOWARN_BIT, 0);
}

static void table_free(struct world *w)
{
	if (w->km->swap_tables)
		free_kernel(w, 1);
}

static bool has_partial(const struct swap_area *a)
{
	return a->n - a->used > a->free_clusters * SWAP_CLUSTER_SLOTS;
}

static uint32_t take_slot(struct world *w, struct swap_area *a, uint32_t i)
{
	a->next = i + 1 == a->n ? 0 : i + 1;
	if (a->cluster_left)
		a->cluster_left--;
	a->used++;
	a->free_map[i / 64] &= ~(UINT64_C(1) << i % 64);
	a->free_clusters -= !a->cluster_used[i / SWAP_CLUSTER_SLOTS]++;
	w->swap.free--;
	return a->base + i;
}

/* The first free slot from `from` on, round the end of the area; there is one. */
static uint32_t next_free(const struct swap_area *a, uint32_t from)
{
	uint32_t word = from / 64, nword = (a->n + 63) / 64;
	uint64_t bits = a->free_map[word] & UINT64_MAX << from % 64;

	while (!bits) {
		word = word + 1 == nword ? 0 : word + 1;
		bits = a->free_map[word];
	}
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

/* The current cluster, another one that is partly used, a new one (cluster_alloc_swap_entry() of 6.18). */
static uint32_t area_alloc_tables(struct world *w, struct swap_area *a)
{
	uint32_t i;

	if (a->cluster_left && a->cluster_used[a->next / SWAP_CLUSTER_SLOTS])
		return take_slot(w, a, next_free(a, a->next));
	if (has_partial(a)) {
		for (i = next_free(a, a->next); !a->cluster_used[i / SWAP_CLUSTER_SLOTS];)
			i = next_free(a, (i / SWAP_CLUSTER_SLOTS + 1) % a->ncluster * SWAP_CLUSTER_SLOTS);
		return take_slot(w, a, i);
	}
	if (!table_alloc(w))
		return SLOT_NONE;
	new_cluster(a);
	return take_slot(w, a, a->next);
}

static uint32_t area_alloc(struct world *w, struct swap_area *a)
{
	if (a->used == a->n)
		return SLOT_NONE;
	if (w->km->swap_tables)
		return area_alloc_tables(w, a);
	if (!a->rotational && !a->cluster_left && a->free_clusters)
		new_cluster(a);
	return take_slot(w, a, next_free(a, a->next));
}

/* Areas in order of priority; equals take turns. */
static uint32_t slot_alloc(struct world *w)
{
	struct swap_state *s = &w->swap;

	for (uint32_t i = 0, end; i < s->narea; i = end) {
		for (end = i + 1; end < s->narea && s->area[end].priority == s->area[i].priority; end++)
			;
		for (uint32_t k = 0; k < end - i; k++) {
			uint32_t slot = area_alloc(w, &s->area[i + (s->rr + k) % (end - i)]);

			if (slot == SLOT_NONE)
				continue;
			if (end - i > 1)
				s->rr++;
			return slot;
		}
	}
	return SLOT_NONE;
}

static void slot_release(struct world *w, uint32_t slot)
{
	struct swap_area *a = swap_area_of(w, slot);
	uint32_t i = slot - a->base;

	a->used--;
	a->free_map[i / 64] |= UINT64_C(1) << i % 64;
	if (!--a->cluster_used[i / SWAP_CLUSTER_SLOTS]) {
		a->free_clusters++;
		table_free(w);
	}
	w->swap.cache[slot] = 0;
	if (w->swap.memcg)
		memcg_uncharge_swap(w, slot);
	w->swap.free++;
	w->swap.full_reported = false;
}

void swap_dup(struct world *w, uint32_t slot)
{
	w->swap.count[slot]++;
}

void swap_put(struct world *w, uint32_t slot)
{
	struct swap_state *s = &w->swap;

	if (--s->count[slot] == 0) {
		memcg_swapped_out(w, slot, -1);
		slot_release(w, slot);
	} else if (s->count[slot] == 1 && s->cache[slot] & SLOT_CACHED)
		page_put_unused(w, s->cache[slot] & ~SLOT_CACHED);
}

/* ---- the swap cache ---- */

static void cache_insert(struct world *w, pfn_t p, uint32_t slot)
{
	w->swap.count[slot]++;
	w->swap.cache[slot] = SLOT_CACHED | p;
	w->mm.f.slot[p] = slot;
	w->mm.f.flags[p] |= F_SWAPCACHE;
	w->mm.swapcache++;
	w->mm.vmstat[VMSTAT_nr_swapcached]++;
	w->mm.vmstat[VMSTAT_nr_file_pages]++;
}

static void report_full(struct world *w)
{
	if (w->swap.free || w->swap.full_reported)
		return;
	w->swap.full_reported = true;
	world_event(w, EV_SWAP_FULL, NULL, w->swap.total, 0, 0, 0);
}

bool swap_add(struct world *w, pfn_t p)
{
	uint32_t slot = slot_alloc(w);

	if (slot == SLOT_NONE) {
		memcg_no_slot(w, p);
		return false;
	}
	if (w->swap.memcg && !memcg_charge_swap(w, p, slot)) {
		slot_release(w, slot);
		return false;
	}
	cache_insert(w, p, slot);
	report_full(w);
	return true;
}

void swap_cache_insert(struct world *w, pfn_t p, uint32_t slot)
{
	uint32_t shadow = w->swap.cache[slot];

	cache_insert(w, p, slot);
	memcg_swapped_out(w, slot, -1);
	workingset_refault(w, p, shadow);
}

pfn_t swap_cache_lookup(const struct world *w, uint32_t slot)
{
	uint32_t c = w->swap.cache[slot];

	return c & SLOT_CACHED ? c & ~SLOT_CACHED : PFN_NONE;
}

void swap_cache_del(struct world *w, pfn_t p, uint32_t shadow)
{
	uint32_t slot = w->mm.f.slot[p];

	w->swap.cache[slot] = shadow;
	w->mm.f.flags[p] &= (uint16_t)~F_SWAPCACHE;
	w->mm.swapcache--;
	w->mm.vmstat[VMSTAT_nr_swapcached]--;
	w->mm.vmstat[VMSTAT_nr_file_pages]--;
	if (--w->swap.count[slot] == 0)
		slot_release(w, slot);
	else
		memcg_swapped_out(w, slot, 1);
}

bool swap_is_full(const struct world *w)
{
	return (uint64_t)w->swap.free * 2 < w->swap.total;
}

bool swap_try_free(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (!(*flags & F_SWAPCACHE) || *flags & F_WRITEBACK || w->swap.count[w->mm.f.slot[p]] > 1)
		return false;
	swap_cache_del(w, p, 0);
	*flags |= F_DIRTY;
	return true;
}

/* ---- transfers ---- */

uint64_t swap_device_page(struct world *w, uint32_t slot)
{
	return slot - swap_area_of(w, slot)->base + 1;
}

void swap_writepage(struct world *w, struct task *t, pfn_t p)
{
	uint32_t slot = w->mm.f.slot[p];
	struct swap_area *a = swap_area_of(w, slot);

	w->mm.f.flags[p] &= (uint16_t)~F_DIRTY;
	w->mm.f.flags[p] |= F_WRITEBACK;
	w->mm.vmstat[VMSTAT_nr_writeback]++;
	frame_zone(w, p)->write_pending++;
	vm_event(w, pswpout, 1);
	task_sync(w, t); /* the request begins when its submitter has come this far */
	blk_submit(w, t, a->dev, true, swap_device_page(w, slot), p);
}

void shmem_swapin_done(struct world *w, struct inode *ino, uint64_t idx, pfn_t p)
{
	pte_t *e = pt_lookup(w, &ino->index, idx);

	if (!e || !pte_swap(*e) || swap_cache_lookup(w, pte_val(*e)) != p)
		return;
	w->swap.count[pte_val(*e)]--; /* the index's reference */
	swap_cache_del(w, p, 0);
	*e = PTE_NONE;
	filemap_insert(w, ino, idx, p);
	w->mm.f.flags[p] |= F_DIRTY;
}
