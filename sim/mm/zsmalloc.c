/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Size classes, zspages and their compaction. */
#include "sim/mm/zsmalloc.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#define HANDLE_SIZE   8  /* ZS_HANDLE_SIZE: in front of each object, and its slab object */
#define ZSPAGE_SIZE   64 /* slab object of a struct zspage */
#define MIN_ALLOC     32 /* ZS_MIN_ALLOC_SIZE */
#define GROUP_FULL    (ZS_GROUPS - 1)

/* ---- classes ---- */

/* get_pages_per_zspage(), up to 6.2: the number of pages of which the largest share, in whole percent, is used. */
static uint32_t chain_by_percent(uint32_t page_size, uint32_t size, uint32_t max)
{
	uint32_t best = 1, best_percent = 0;

	for (uint32_t n = 1; n <= max; n++) {
		uint32_t bytes = n * page_size, percent = (uint32_t)((uint64_t)(bytes - bytes % size) * 100 / bytes);

		if (percent > best_percent) {
			best_percent = percent;
			best = n;
		}
	}
	return best;
}

/* calculate_zspage_chain_size(), since 6.3: the number that wastes the fewest bytes. */
static uint32_t chain_by_waste(uint32_t page_size, uint32_t size, uint32_t max)
{
	uint32_t best = 1, least = UINT32_MAX;

	if (!(size & (size - 1)))
		return 1;
	for (uint32_t n = 1; n <= max; n++) {
		if (n * page_size % size < least) {
			least = n * page_size % size;
			best = n;
		}
	}
	return best;
}

static void init_class(struct zs_pool *pool, uint32_t i, uint32_t page_size, uint32_t delta)
{
	struct zs_class *c = &pool->class[i];

	c->size = (uint32_t)u64_min(MIN_ALLOC + (uint64_t)i * delta, page_size);
	c->pages = pool->chain > 4 ? chain_by_waste(page_size, c->size, pool->chain) :
				     chain_by_percent(page_size, c->size, pool->chain);
	c->objs = c->pages * page_size / c->size;
	for (int g = 0; g < ZS_GROUPS; g++)
		c->group[g] = ZS_NONE;
}

/* From the largest down (zs_create_pool()): a class shaped like its larger neighbour is that. */
void zs_pool_init(struct zs_pool *pool, uint32_t page_size, uint32_t chain)
{
	uint32_t delta = page_size >> 8;

	*pool = (struct zs_pool){ .chain = chain, .free_zspage = ZS_NONE, .free_handle = ZS_NONE };
	pool->nclass = (page_size - MIN_ALLOC + delta - 1) / delta + 1;
	for (uint32_t i = pool->nclass; i--;) {
		const struct zs_class *c = &pool->class[i], *larger = c + 1;

		init_class(pool, i, page_size, delta);
		pool->class_of[i] = (uint16_t)i;
		if (i + 1 < pool->nclass && larger->pages == c->pages && larger->objs == c->objs)
			pool->class_of[i] = pool->class_of[i + 1];
		else if (!pool->huge_size && c->pages > 1 && c->objs > 1)
			pool->huge_size = c->size - (HANDLE_SIZE - 1);
	}
}

static uint32_t class_for(const struct zs_pool *pool, const struct world *w, uint32_t size)
{
	uint32_t delta = (uint32_t)w->cfg->machine.page_size >> 8, i = 0;

	size += HANDLE_SIZE;
	if (size > MIN_ALLOC)
		i = (size - MIN_ALLOC + delta - 1) / delta;
	return pool->class_of[u64_min(i, pool->nclass - 1)];
}

/* ---- lists ---- */

static uint32_t group_of(const struct zs_class *c, const struct zspage *z)
{
	return z->inuse == c->objs ? GROUP_FULL : z->inuse * 10u / c->objs;
}

static void group_add(struct zs_pool *pool, uint32_t i)
{
	struct zspage *z = &pool->zspage[i];
	uint32_t *head = &pool->class[z->class].group[group_of(&pool->class[z->class], z)];

	z->prev = ZS_NONE;
	z->next = *head;
	if (*head != ZS_NONE)
		pool->zspage[*head].prev = i;
	*head = i;
}

static void group_del(struct zs_pool *pool, uint32_t i)
{
	struct zspage *z = &pool->zspage[i];

	if (z->prev != ZS_NONE)
		pool->zspage[z->prev].next = z->next;
	else
		pool->class[z->class].group[group_of(&pool->class[z->class], z)] = z->next;
	if (z->next != ZS_NONE)
		pool->zspage[z->next].prev = z->prev;
}

/* The fullest zspage of c with room, other than `not`; ZS_NONE: there is none. */
static uint32_t fullest(const struct zs_pool *pool, const struct zs_class *c, uint32_t not)
{
	for (int g = GROUP_FULL - 1; g >= 0; g--)
		for (uint32_t i = c->group[g]; i != ZS_NONE; i = pool->zspage[i].next)
			if (i != not)
				return i;
	return ZS_NONE;
}

static uint32_t emptiest(const struct zs_class *c)
{
	for (int g = 0; g < GROUP_FULL; g++)
		if (c->group[g] != ZS_NONE)
			return c->group[g];
	return ZS_NONE;
}

static void put_object(struct zs_pool *pool, uint32_t handle, uint32_t i)
{
	struct zspage *z = &pool->zspage[i];
	struct zs_handle *h = &pool->handle[handle];

	group_del(pool, i);
	*h = (struct zs_handle){ .zspage = i, .next = z->objects, .prev = ZS_NONE };
	if (z->objects != ZS_NONE)
		pool->handle[z->objects].prev = handle;
	z->objects = handle;
	z->inuse++;
	group_add(pool, i);
}

static void take_object(struct zs_pool *pool, uint32_t handle)
{
	struct zs_handle *h = &pool->handle[handle];
	struct zspage *z = &pool->zspage[h->zspage];

	group_del(pool, h->zspage);
	if (h->prev != ZS_NONE)
		pool->handle[h->prev].next = h->next;
	else
		z->objects = h->next;
	if (h->next != ZS_NONE)
		pool->handle[h->next].prev = h->prev;
	z->inuse--;
	group_add(pool, h->zspage);
}

/* ---- host memory ---- */

/* Room for one more element in an array of *cap. */
static bool reserve(struct world *w, void **v, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t want = *cap ? 2 * *cap : 64;
	void *bigger;

	if (n < *cap)
		return true;
	bigger = sim_realloc(w->a, *v, want * size);
	if (!bigger) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	*v = bigger;
	*cap = want;
	return true;
}

static uint32_t new_handle(struct world *w, struct zs_pool *pool)
{
	uint32_t h = pool->free_handle;

	if (h != ZS_NONE) {
		pool->free_handle = pool->handle[h].next;
		return h;
	}
	if (!reserve(w, (void **)&pool->handle, pool->nhandle, &pool->caphandle, sizeof(*pool->handle)))
		return ZS_NONE;
	return pool->nhandle++;
}

static void old_handle(struct zs_pool *pool, uint32_t h)
{
	pool->handle[h].next = pool->free_handle;
	pool->free_handle = h;
}

static uint32_t new_zspage(struct world *w, struct zs_pool *pool)
{
	uint32_t i = pool->free_zspage;

	if (i != ZS_NONE) {
		pool->free_zspage = pool->zspage[i].next;
		return i;
	}
	if (!reserve(w, (void **)&pool->zspage, pool->nzspage, &pool->capzspage, sizeof(*pool->zspage)))
		return ZS_NONE;
	return pool->nzspage++;
}

void zs_pool_free(struct world *w, struct zs_pool *pool)
{
	sim_free(w->a, pool->zspage);
	sim_free(w->a, pool->handle);
}

/* ---- memory of the machine ---- */

static void give_pages(struct world *w, struct zs_pool *pool, pfn_t first)
{
	for (pfn_t p = first, next; p != PFN_NONE; p = next) {
		next = w->mm.f.next[p];
		frame_zone(w, p)->nr_zspages--;
		pool->pages--;
		free_page(w, p);
	}
}

/* A chain of n pages; PFN_NONE: there is no memory for all of it. may switch. */
static pfn_t take_pages(struct world *w, struct task *t, struct zs_pool *pool, uint32_t n, uint32_t gfp)
{
	pfn_t first = PFN_NONE;

	while (n--) {
		pfn_t p = alloc_page(w, t, gfp);

		if (p == PFN_NONE) {
			give_pages(w, pool, first);
			return PFN_NONE;
		}
		w->mm.f.next[p] = first;
		frame_zone(w, p)->nr_zspages++;
		pool->pages++;
		first = p;
	}
	return first;
}

/* alloc_zspage(). may switch. */
static uint32_t grow(struct world *w, struct task *t, struct zs_pool *pool, uint32_t class, uint32_t gfp)
{
	struct zs_class *c = &pool->class[class];
	pfn_t first;
	uint32_t i;

	if (!kmem_charge(w, t, &pool->slab, ZSPAGE_SIZE, gfp))
		return ZS_NONE;
	first = take_pages(w, t, pool, c->pages, gfp);
	i = first == PFN_NONE ? ZS_NONE : new_zspage(w, pool);
	if (i == ZS_NONE) {
		give_pages(w, pool, first);
		kmem_uncharge(w, &pool->slab, ZSPAGE_SIZE);
		return ZS_NONE;
	}
	pool->zspage[i] = (struct zspage){ .first = first, .objects = ZS_NONE, .class = (uint16_t)class };
	group_add(pool, i);
	c->nzspage++;
	return i;
}

static void free_if_empty(struct world *w, struct zs_pool *pool, uint32_t i)
{
	struct zspage *z = &pool->zspage[i];

	if (z->inuse)
		return;
	group_del(pool, i);
	give_pages(w, pool, z->first);
	kmem_uncharge(w, &pool->slab, ZSPAGE_SIZE);
	pool->class[z->class].nzspage--;
	z->next = pool->free_zspage;
	pool->free_zspage = i;
}

/* ---- objects ---- */

uint32_t zs_malloc(struct world *w, struct task *t, struct zs_pool *pool, uint32_t size, uint32_t gfp)
{
	uint32_t class = class_for(pool, w, size), h, i;

	if (!kmem_charge(w, t, &pool->slab, HANDLE_SIZE, gfp))
		return ZS_NONE;
	i = fullest(pool, &pool->class[class], ZS_NONE);
	if (i == ZS_NONE)
		i = grow(w, t, pool, class, gfp);
	h = i == ZS_NONE ? ZS_NONE : new_handle(w, pool);
	if (h == ZS_NONE) {
		kmem_uncharge(w, &pool->slab, HANDLE_SIZE);
		return ZS_NONE;
	}
	put_object(pool, h, i);
	pool->class[class].nobj++;
	return h;
}

void zs_free(struct world *w, struct zs_pool *pool, uint32_t handle)
{
	uint32_t i = pool->handle[handle].zspage;

	pool->class[pool->zspage[i].class].nobj--;
	take_object(pool, handle);
	old_handle(pool, handle);
	kmem_uncharge(w, &pool->slab, HANDLE_SIZE);
	free_if_empty(w, pool, i);
}

/* ---- compaction ---- */

/* zs_can_compact(): pages that the free places of a class add up to. */
static uint64_t can_compact(const struct zs_class *c)
{
	return (c->nzspage * c->objs - c->nobj) / c->objs * c->pages;
}

/* __zs_compact(): objects of the emptiest zspage go to the fullest that have room. */
static void compact(struct world *w, struct zs_pool *pool, struct zs_class *c)
{
	while (can_compact(c)) {
		uint32_t from = emptiest(c), to = fullest(pool, c, from);

		if (from == ZS_NONE || to == ZS_NONE)
			return;
		while (pool->zspage[from].inuse && pool->zspage[to].inuse < c->objs) {
			uint32_t h = pool->zspage[from].objects;

			take_object(pool, h);
			put_object(pool, h, to);
		}
		free_if_empty(w, pool, from);
	}
}

/* do_shrink_slab() with seeks of 2: all is compacted, or nothing. */
uint64_t zs_shrink(struct world *w, struct zs_pool *pool, int priority)
{
	uint64_t freeable = 0, before = pool->pages;

	for (uint32_t i = 0; i < pool->nclass; i++)
		freeable += can_compact(&pool->class[i]);
	pool->deferred = u64_min(pool->deferred + (freeable >> priority) * 2, 2 * freeable);
	if (!freeable || (pool->deferred < 128 && pool->deferred < freeable))
		return 0;
	pool->deferred = 0;
	vm_event(w, slabs_scanned, freeable);
	for (uint32_t i = 0; i < pool->nclass; i++)
		compact(w, pool, &pool->class[i]);
	pool->compacted += before - pool->pages;
	return before - pool->pages;
}
