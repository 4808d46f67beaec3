/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chunks of 512 entries and the sparse arrays made of them. An entry costs 4 bytes, and a chunk as a whole about 45
 * more. Numbers of freed chunks are used again, the last freed first; number 0 means "no chunk".
 */
#include "sim/core/diag.h"
#include "sim/world/engine.h"

#include <string.h>

#define CHUNKS_MAX (UINT32_C(1) << (32 - CHUNK_SHIFT)) /* chunk << CHUNK_SHIFT must fit 32 bits */

int chunks_init(struct world *w)
{
	struct chunks *c = &w->chunks;

	memset(c, 0, sizeof(*c));
	c->v = sim_calloc(w->a, 64, sizeof(*c->v));
	if (!c->v)
		return SIM_ENOMEM;
	c->cap = 64;
	c->n = 1;
	return SIM_OK;
}

void chunks_free(struct world *w)
{
	struct chunks *c = &w->chunks;

	for (uint32_t i = 0; i < c->n; i++)
		sim_free(w->a, c->v[i].pte);
	sim_free(w->a, c->v);
	memset(c, 0, sizeof(*c));
}

static bool chunks_reserve(struct world *w)
{
	struct chunks *c = &w->chunks;
	uint32_t cap = c->cap * 2;
	struct chunk *v;

	if (c->free || c->n < c->cap)
		return true;
	if (c->n >= CHUNKS_MAX)
		return false;
	v = sim_realloc(w->a, c->v, cap * sizeof(*v));
	if (!v)
		return false;
	memset(v + c->cap, 0, (cap - c->cap) * sizeof(*v));
	c->v = v;
	c->cap = cap;
	return true;
}

/* A fresh chunk, or 0. */
static uint32_t chunk_new(struct world *w, uint32_t base, bool inode, uint32_t owner)
{
	struct chunks *c = &w->chunks;
	pte_t *pte;
	uint32_t i;

	if (!chunks_reserve(w))
		return 0;
	pte = sim_calloc(w->a, CHUNK_PAGES, sizeof(*pte));
	if (!pte)
		return 0;
	if (c->free) {
		i = c->free;
		c->free = c->v[i].owner;
	} else {
		i = c->n++;
	}
	c->v[i] = (struct chunk){ .pte = pte, .owner = owner, .base = base, .inode = inode };
	return i;
}

static void chunk_free(struct world *w, uint32_t i)
{
	struct chunks *c = &w->chunks;

	sim_free(w->a, c->v[i].pte);
	c->v[i] = (struct chunk){ .owner = c->free };
	c->free = i;
}

bool pt_has_chunk(const struct ptable *t, uint64_t idx)
{
	uint64_t i = idx >> CHUNK_SHIFT;

	return i < t->nchunk && t->chunk[i];
}

pte_t *pt_lookup(struct world *w, const struct ptable *t, uint64_t idx)
{
	if (!pt_has_chunk(t, idx))
		return NULL;
	return &w->chunks.v[t->chunk[idx >> CHUNK_SHIFT]].pte[idx & CHUNK_MASK];
}

/* Make t->chunk long enough for number i: by half more, so that a mapping that grows does not copy it each time. */
static bool pt_extend(struct world *w, struct ptable *t, uint64_t i)
{
	uint64_t n = u64_max(i + 1, u64_max(8, t->nchunk + t->nchunk / 2));
	uint32_t *chunk;

	if (i < t->nchunk)
		return true;
	if (i >= CHUNKS_MAX)
		return false;
	chunk = sim_realloc(w->a, t->chunk, n * sizeof(*chunk));
	if (!chunk)
		return false;
	memset(chunk + t->nchunk, 0, (n - t->nchunk) * sizeof(*chunk));
	t->chunk = chunk;
	t->nchunk = (uint32_t)n;
	return true;
}

pte_t *pt_get(struct world *w, struct ptable *t, uint64_t idx, bool inode, uint32_t owner)
{
	uint64_t i = idx >> CHUNK_SHIFT;

	if (!pt_has_chunk(t, idx)) {
		if (!pt_extend(w, t, i))
			return NULL;
		t->chunk[i] = chunk_new(w, (uint32_t)i, inode, owner);
		if (!t->chunk[i])
			return NULL;
		t->nalloc++;
	}
	return &w->chunks.v[t->chunk[i]].pte[idx & CHUNK_MASK];
}

void pt_free(struct world *w, struct ptable *t)
{
	for (uint32_t i = 0; i < t->nchunk; i++)
		if (t->chunk[i])
			chunk_free(w, t->chunk[i]);
	sim_free(w->a, t->chunk);
	memset(t, 0, sizeof(*t));
}
