/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who pays for the nodes of the page cache's trees: one for every 64 pages of a file that are cached or have been, charged by bytes
 * to whoever makes it (address_space.i_pages has XA_FLAGS_ACCOUNT; mm/memcontrol.c of 6.1: obj_cgroup_charge, refill_obj_stock).
 * A node of shadows alone stays until there are more of them than an eighth of the cgroup's pages; then the shrinker frees as many as
 * are made (mm/workingset.c: count_shadow_nodes), and here new ones are not charged. Leaves out: the levels above, one node for 4096
 * pages. The swap cache's trees are not charged to anybody.
 */
#include "sim/mm/filemap.h"
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

#define NODE_BYTES (MEMCG_NODE_SIZE + 8) /* struct xa_node, and the pointer to who pays */
#define NODE_SHIFT 6
#define NODE_PAGES (1u << NODE_SHIFT)

static struct chunk *chunk_of(struct world *w, const struct inode *ino, uint64_t idx)
{
	return pt_has_chunk(&ino->index, idx) ? &w->chunks.v[ino->index.chunk[idx >> CHUNK_SHIFT]] : NULL;
}

static bool node_exists(const struct chunk *c, uint64_t idx)
{
	const pte_t *e = c ? &c->pte[idx & CHUNK_MASK & ~(uint64_t)(NODE_PAGES - 1)] : NULL;

	for (unsigned i = 0; e && i < NODE_PAGES; i++)
		if (e[i] != PTE_NONE)
			return true;
	return false;
}

static uint16_t *payer_of(struct chunk *c, uint64_t idx)
{
	return &c->node_memcg[(idx & CHUNK_MASK) >> NODE_SHIFT];
}

/* refill_obj_stock(): whole pages go back. */
static void give_back(struct world *w, struct memcg *m, uint32_t bytes)
{
	m->obj_stock += bytes;
	for (; m->obj_stock > w->cfg->machine.page_size; m->obj_stock -= w->cfg->machine.page_size) {
		for_each_ancestor(a, m) a->node_pages--;
		memcg_uncharge_kernel(w, m, 1);
	}
}

static void uncharge(struct world *w, uint16_t *payer)
{
	struct memcg *m = &w->memcg.v[*payer];

	*payer = 0;
	for_each_ancestor(a, m) a->nodes--;
	give_back(w, m, NODE_BYTES);
}

bool memcg_charge_node(struct world *w, struct task *t, struct inode *ino, uint64_t idx, uint32_t gfp)
{
	struct memcg *m = t->p->memcg;
	struct chunk *c = chunk_of(w, ino, idx);

	if (memcg_is_root(m) || (c && *payer_of(c, idx)) || node_exists(c, idx) || m->nodes > m->memory.usage / 8)
		return true;
	if (m->obj_stock < NODE_BYTES) {
		if (!memcg_try_charge(w, t, m, gfp, 1))
			return false;
		for_each_ancestor(a, m) a->kmem++;
		for_each_ancestor(a, m) a->node_pages++;
		m->obj_stock += (uint32_t)w->cfg->machine.page_size;
	}
	if (!pt_get(w, &ino->index, idx, true, ino->id)) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	c = chunk_of(w, ino, idx);
	if (*payer_of(c, idx) || node_exists(c, idx)) /* somebody was faster; the page stays in the stock */
		return true;
	m->obj_stock -= NODE_BYTES;
	*payer_of(c, idx) = (uint16_t)m->id;
	for_each_ancestor(a, m) a->nodes++;
	return true;
}

void memcg_uncharge_node(struct world *w, struct inode *ino, uint64_t idx)
{
	struct chunk *c = chunk_of(w, ino, idx);

	if (c && *payer_of(c, idx) && !node_exists(c, idx))
		uncharge(w, payer_of(c, idx));
}

void memcg_uncharge_nodes(struct world *w, struct inode *ino)
{
	for (uint64_t i = 0; i < ino->index.nchunk; i++)
		for (uint64_t k = 0; ino->index.chunk[i] && k < CHUNK_PAGES; k += NODE_PAGES)
			if (*payer_of(chunk_of(w, ino, i << CHUNK_SHIFT), k))
				uncharge(w, payer_of(chunk_of(w, ino, i << CHUNK_SHIFT), k));
}
