/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mm/mempolicy.h"
#include "sim/world/engine.h"

#include <string.h>

nodemask_t nodes_all(const struct world *w)
{
	return (nodemask_t)((UINT64_C(1) << w->mm.nnode) - 1);
}

int cpu_to_node(const struct world *w, int cpu)
{
	unsigned ncpu = w->cfg->machine.ncpu, nnode = (unsigned)w->mm.nnode;

	return ncpu < nnode ? cpu : (int)((unsigned)cpu * nnode / ncpu);
}

/* ---- cpusets ---- */

nodemask_t memcg_mems_allowed(const struct world *w, const struct memcg *m)
{
	nodemask_t above;

	if (memcg_is_root(m))
		return nodes_all(w);
	above = memcg_mems_allowed(w, m->parent);
	return m->cpuset_mems & above ? m->cpuset_mems & above : above;
}

nodemask_t cpuset_mems_allowed(const struct world *w, const struct process *p)
{
	return memcg_mems_allowed(w, p ? p->memcg : NULL);
}

const char *cpuset_name(const struct process *p)
{
	for_each_ancestor(m, p->memcg)
		if (m->cpuset_mems)
			return strrchr(m->path, '/') + 1;
	return "/";
}

/* ---- policies ---- */

static const struct mempolicy_cfg *policy_of(const struct process *p)
{
	static const struct mempolicy_cfg none = { .mode = MPOL_DEFAULT };

	return p && p->cfg ? &p->cfg->mempolicy : &none;
}

/* A policy is confined to the cpuset when it is set (mpol_set_nodemask). */
nodemask_t mempolicy_mask(const struct world *w, const struct process *p)
{
	nodemask_t allowed = cpuset_mems_allowed(w, p), nodes = policy_of(p)->nodes;

	return nodes & allowed ? nodes & allowed : allowed;
}

static int first_node_from(const struct world *w, int from, nodemask_t nodes)
{
	for_each_zonelist_node(w, n, from, nodes)
		return n;
	return from;
}

void mempolicy_nodes(const struct world *w, const struct task *t, struct alloc_nodes *ret)
{
	const struct process *p = t ? t->p : NULL;

	*ret = (struct alloc_nodes){ .first = t ? cpu_to_node(w, t->cpu) : 0, .cpuset = cpuset_mems_allowed(w, p) };
	switch (policy_of(p)->mode) {
	case MPOL_DEFAULT:
		break;
	case MPOL_PREFERRED:
		ret->first = first_node_from(w, 0, policy_of(p)->nodes);
		break;
	case MPOL_BIND:
		ret->policy = mempolicy_mask(w, p);
		break;
	case MPOL_INTERLEAVE:
		ret->first = first_node_from(w, t->il_next % w->mm.nnode, mempolicy_mask(w, p));
		break;
	}
}
