/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.min and memory.low: what of a cgroup reclaim must leave, and what it leaves while it can (mm/memcontrol.c
 * of 6.1: effective_protection, mem_cgroup_calculate_protection; specification H.5). */
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

uint64_t memcg_effective(uint64_t usage, uint64_t parent_usage, uint64_t setting, uint64_t parent_effective,
			 uint64_t siblings, bool recursive)
{
	uint64_t own = u64_min(usage, setting), e;

	/* More is claimed than the parent has to give: by share of what is used of the claims. */
	if (siblings > parent_effective)
		return u64_muldiv(own, parent_effective, siblings);
	e = own;
	/* What nobody claims is shared by what is used beyond the claims. */
	if (recursive && parent_effective > siblings && parent_usage > siblings && usage > own)
		e += u64_muldiv(parent_effective - siblings, usage - own, parent_usage - siblings);
	return e;
}

uint64_t memcg_effective_old(uint64_t usage, uint64_t setting, uint64_t parent_effective, uint64_t siblings)
{
	uint64_t own = u64_min(usage, setting), e = u64_min(setting, parent_effective);

	return own && siblings ? u64_min(e, u64_muldiv(parent_effective, own, siblings)) : e;
}

/* What the children of parent use of their claims, together. */
static uint64_t claimed(const struct world *w, const struct memcg *parent, bool min)
{
	uint64_t sum = 0;

	for_each_memcg(w, c, parent) if (c->parent == parent) sum += u64_min(c->memory.usage, min ? c->min : c->low);
	return sum;
}

static uint64_t effective(const struct world *w, const struct memcg *m, bool min)
{
	const struct memcg *parent = m->parent;

	if (!w->km->memcg_recursiveprot)
		return memcg_effective_old(m->memory.usage, min ? m->min : m->low, min ? parent->emin : parent->elow,
					   claimed(w, parent, min));
	return memcg_effective(m->memory.usage, parent->memory.usage, min ? m->min : m->low,
			       min ? parent->emin : parent->elow, claimed(w, parent, min), w->memcg.recursiveprot);
}

void memcg_calculate_protection(struct world *w, struct memcg *top, struct memcg *m)
{
	if (memcg_is_root(m) || m == top || !m->memory.usage)
		return;
	if (m->parent == (top ? top : w->memcg.v)) {
		m->emin = m->min;
		m->elow = m->low;
		return;
	}
	m->emin = effective(w, m, true);
	m->elow = effective(w, m, false);
}
