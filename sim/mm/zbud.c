/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mm/zbud.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

/* A handle is the number of the page and of the end. */
#define HANDLE(page, end) ((page) << 1 | (end))

static uint32_t chunk_size(const struct world *w)
{
	return (uint32_t)w->cfg->machine.page_size / (ZBUD_NCHUNKS + 1);
}

static uint32_t free_chunks(const struct zbud_page *z)
{
	return ZBUD_NCHUNKS - z->chunks[0] - z->chunks[1];
}

void zbud_pool_init(struct zbud_pool *pool)
{
	*pool = (struct zbud_pool){ .free = ZBUD_NONE };
	for (int i = 0; i <= ZBUD_NCHUNKS; i++)
		pool->unbuddied[i] = ZBUD_NONE;
}

void zbud_pool_free(struct world *w, struct zbud_pool *pool)
{
	sim_free(w->a, pool->v);
}

/* A chunk must be left beside it (zbud_alloc: PAGE_SIZE - ZHDR_SIZE_ALIGNED - CHUNK_SIZE). */
bool zbud_too_large(const struct world *w, uint32_t size)
{
	return size > (ZBUD_NCHUNKS - 1) * chunk_size(w);
}

static void list_add(struct zbud_pool *pool, uint32_t i)
{
	uint32_t *head = &pool->unbuddied[free_chunks(&pool->v[i])];

	pool->v[i].prev = ZBUD_NONE;
	pool->v[i].next = *head;
	if (*head != ZBUD_NONE)
		pool->v[*head].prev = i;
	*head = i;
}

static void list_del(struct zbud_pool *pool, uint32_t i)
{
	struct zbud_page *z = &pool->v[i];

	if (z->prev != ZBUD_NONE)
		pool->v[z->prev].next = z->next;
	else
		pool->unbuddied[free_chunks(z)] = z->next;
	if (z->next != ZBUD_NONE)
		pool->v[z->next].prev = z->prev;
}

static uint32_t new_descriptor(struct world *w, struct zbud_pool *pool)
{
	uint32_t i = pool->free, cap = pool->cap ? 2 * pool->cap : 64;
	struct zbud_page *v;

	if (i != ZBUD_NONE) {
		pool->free = pool->v[i].next;
		return i;
	}
	if (pool->n == pool->cap) {
		v = sim_realloc(w->a, pool->v, cap * sizeof(*v));
		if (!v) {
			world_fail(w, SIM_ENOMEM);
			return ZBUD_NONE;
		}
		pool->v = v;
		pool->cap = cap;
	}
	return pool->n++;
}

/* may switch. */
static uint32_t new_page(struct world *w, struct task *t, struct zbud_pool *pool, uint32_t gfp)
{
	pfn_t p = alloc_page(w, t, gfp);
	uint32_t i = p == PFN_NONE ? ZBUD_NONE : new_descriptor(w, pool);

	if (i == ZBUD_NONE)
		return ZBUD_NONE;
	pool->v[i] = (struct zbud_page){ .pfn = p };
	pool->pages++;
	return i;
}

uint32_t zbud_alloc(struct world *w, struct task *t, struct zbud_pool *pool, uint32_t size, uint32_t gfp)
{
	uint32_t chunks = (size + chunk_size(w) - 1) / chunk_size(w), i = ZBUD_NONE, end;

	for (uint32_t room = chunks; room <= ZBUD_NCHUNKS && i == ZBUD_NONE; room++)
		i = pool->unbuddied[room];
	if (i != ZBUD_NONE)
		list_del(pool, i);
	else
		i = new_page(w, t, pool, gfp);
	if (i == ZBUD_NONE)
		return ZBUD_NONE;
	end = pool->v[i].chunks[0] != 0;
	pool->v[i].chunks[end] = (uint8_t)chunks;
	if (!pool->v[i].chunks[0] || !pool->v[i].chunks[1])
		list_add(pool, i);
	return HANDLE(i, end);
}

void zbud_free(struct world *w, struct zbud_pool *pool, uint32_t handle)
{
	uint32_t i = handle >> 1;
	struct zbud_page *z = &pool->v[i];

	if (!z->chunks[0] || !z->chunks[1])
		list_del(pool, i);
	z->chunks[handle & 1] = 0;
	if (z->chunks[0] || z->chunks[1]) {
		list_add(pool, i);
		return;
	}
	free_page(w, z->pfn);
	pool->pages--;
	z->next = pool->free;
	pool->free = i;
}
