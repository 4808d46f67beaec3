/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.nodes: zones as /proc/zoneinfo shows them, or only the number of nodes. */
#include <string.h>

#include "sim/scenario/build.h"

#define Z(field) offsetof(struct zone_cfg, field)

static const struct key zone_keys[] = {
	{ "present", set_pages, Z(present), 1, MAX_BYTES, NULL, true },
	{ "managed", set_pages, Z(managed), 1, MAX_BYTES, NULL, true },
	{ "free", set_pages, Z(free), 0, MAX_BYTES, NULL, false },
	{ "pcp_high", set_i64, Z(pcp_high), 0, 1 << 30, NULL, false },
	{ "pcp_batch", set_i64, Z(pcp_batch), 1, 1 << 20, NULL, false },
	{ "pcp_kernel", set_i64, Z(pcp_kernel), 0, 1 << 30, NULL, false },
};

static void set_zone(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	unsigned before = b->dl->errors;
	struct zone_cfg *z = field;

	build_map(b, v, k->name, zone_keys, ARRAY_LEN(zone_keys), z);
	if (b->dl->errors != before)
		return;
	if (z->managed > z->present)
		B_ERR(b, v, "present counts all pages, managed those left after boot",
		      "zone %s manages more than is present", k->name);
	if (z->free != SIM_AUTO && (uint64_t)(z->free + z->pcp_kernel) > z->managed)
		B_ERR(b, v, "free is part of managed", "more of zone %s is free than it manages", k->name);
}

static const struct key node_keys[] = {
	{ "DMA", set_zone, 0 * sizeof(struct zone_cfg), 0, 0, NULL, false },
	{ "DMA32", set_zone, 1 * sizeof(struct zone_cfg), 0, 0, NULL, false },
	{ "Normal", set_zone, 2 * sizeof(struct zone_cfg), 0, 0, NULL, false },
};

void build_zone_defaults(struct build *b)
{
	sim_config_zones_from_memory(b->c);
}

static void node_count(struct build *b, const struct ynode *v)
{
	static const struct key k = { "nodes", set_uint, 0, 1, MAX_NODES, NULL, false };

	set_uint(b, v, &b->c->machine.nnode, &k);
	build_zone_defaults(b);
}

/* RAM that the zones hold against what the machine is said to have; without `memory` the zones say it. */
static void settle_memory(struct build *b, const struct ynode *v, bool given)
{
	struct machine_cfg *m = &b->c->machine;
	uint64_t present = 0;
	char hint[128], size[32];
	unsigned n, z;

	for (n = 0; n < m->nnode; n++)
		for (z = 0; z < MAX_ZONES; z++)
			present = u64_min(present + m->node[n].zone[z].present, (uint64_t)MAX_BYTES / m->page_size);
	if (!given) {
		m->memory = b->q.memory = present * m->page_size;
	} else if (present > m->memory / m->page_size) {
		snprintf(hint, sizeof(hint), "set memory to at least %s, or leave it out",
			 quantity_show_size(size, sizeof(size), present * m->page_size));
		B_ERR(b, v, hint, "the zones hold more than the machine's memory");
	}
	if (present > MAX_PAGES)
		B_ERR(b, v, "choose a larger page_size, such as 64KiB or 2MiB", "nodes: more than 2^31 pages");
}

void build_nodes(struct build *b, const struct ynode *v, bool memory_given)
{
	struct machine_cfg *m = &b->c->machine;
	size_t i;

	if (v->kind == Y_SCALAR && !ynode_is_null(v)) {
		node_count(b, v);
		return;
	}
	if (v->kind != Y_SEQ || !v->n || v->n > MAX_NODES) {
		if (v->kind != Y_BAD)
			B_ERR(b, v, "write a number, or a list of nodes with their zones",
			      "nodes: 1 to %d nodes are possible", MAX_NODES);
		build_zone_defaults(b);
		return;
	}
	m->nnode = (unsigned)v->n;
	for (i = 0; i < v->n; i++)
		if (!build_map(b, v->item[i].val, "a node", node_keys, ARRAY_LEN(node_keys), &m->node[i]) &&
		    v->item[i].val->kind == Y_MAP && !v->item[i].val->n)
			B_ERR(b, v->item[i].val, "give it at least one of DMA, DMA32, Normal", "a node without zones");
	settle_memory(b, v, memory_given);
}
