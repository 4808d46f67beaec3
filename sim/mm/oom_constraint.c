/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An OOM on some nodes only: a memory policy or a cpuset has kept the request from the others. Which it was, how large that part
 * of the machine is, and who lives there (mm/oom_kill.c: constrained_alloc, oom_cpuset_eligible, has_intersects_mems_allowed;
 * mm/mempolicy.c: mempolicy_in_oom_domain, mempolicy_nodemask_intersects; specification G.3, G.4, G.6).
 */
#include "sim/mm/mempolicy.h"
#include "sim/mm/oom.h"
#include "sim/world/engine.h"

#define DMA_END_KB   (UINT64_C(16) << 10)
#define DMA32_END_KB (UINT64_C(4) << 20)

/* Spanned pages of a zone of a PC: present ones and the holes between. DMA begins at the second page; DMA32, where Normal follows
 * it, ends behind the PCI hole; what lies below it may be on other nodes. */
static uint64_t zone_spanned(const struct world *w, int node, int type)
{
	const struct zone *z = w->mm.node[node].zone;
	uint64_t below = DMA_END_KB / w->mm.page_kB;

	if (type == 0 && z[0].present)
		return below - 1;
	if (type != 1 || !z[1].present || !z[2].present)
		return z[type].present;
	for (int n = 0; n < node; n++)
		below += w->mm.node[n].zone[1].present;
	return u64_max(u64_sub0(DMA32_END_KB / w->mm.page_kB, below), z[1].present);
}

static uint64_t node_pages(const struct world *w, int node)
{
	uint64_t n = 0;

	for (int zi = 0; zi < MAX_ZONES; zi++)
		n += w->km->constraint_spanned ? zone_spanned(w, node, zi) : w->mm.node[node].zone[zi].present;
	return n;
}

static uint64_t pages_of(const struct world *w, nodemask_t nodes)
{
	uint64_t n = w->swap.total;

	for (int ni = 0; ni < w->mm.nnode; ni++)
		n += nodes >> ni & 1 ? node_pages(w, ni) : 0;
	return n;
}

static enum alloc_constraint constraint_of(const struct world *w, const struct oom_control *oc, nodemask_t allowed)
{
	nodemask_t all = nodes_all(w);

	if (w->km->oom_nodes == OOM_NODES_IGNORED)
		return CONSTRAINT_NONE;
	if (oc->nodemask && oc->nodemask != all)
		return CONSTRAINT_MEMORY_POLICY;
	return oc->gfp & GFP_HARDWALL_BIT && allowed != all ? CONSTRAINT_CPUSET : CONSTRAINT_NONE;
}

void oom_constrain(const struct world *w, const struct task *asker, struct oom_control *oc)
{
	nodemask_t allowed = cpuset_mems_allowed(w, asker->p);

	oc->constraint = oc->memcg ? CONSTRAINT_MEMCG : constraint_of(w, oc, allowed);
	switch (oc->constraint) {
	case CONSTRAINT_NONE:
		oc->totalpages = oom_totalpages(w);
		break;
	case CONSTRAINT_CPUSET:
		oc->totalpages = pages_of(w, allowed);
		break;
	case CONSTRAINT_MEMORY_POLICY:
		oc->totalpages = pages_of(w, oc->nodemask);
		break;
	case CONSTRAINT_MEMCG:
		oc->totalpages = memcg_totalpages(w, oc->memcg);
		break;
	}
	if (oc->constraint != CONSTRAINT_MEMORY_POLICY)
		oc->nodemask = 0;
}

/* What is not bound may have taken memory anywhere. */
static bool policy_meets(const struct world *w, const struct process *p, nodemask_t nodes)
{
	enum mempolicy_mode mode = p->cfg ? p->cfg->mempolicy.mode : MPOL_DEFAULT;

	if (mode == MPOL_BIND || (mode == MPOL_INTERLEAVE && w->km->oom_interleave_is_bound))
		return mempolicy_mask(w, p) & nodes;
	return true;
}

bool oom_domain_has(const struct world *w, const struct process *asker, const struct oom_control *oc, const struct process *p)
{
	if (oc->memcg || w->mm.nnode == 1 || w->km->oom_nodes != OOM_NODES_FILTER)
		return true;
	if (oc->nodemask)
		return policy_meets(w, p, oc->nodemask);
	return cpuset_mems_allowed(w, asker) & cpuset_mems_allowed(w, p);
}

const char *oom_asker_dies_for(const struct world *w, const struct oom_control *oc)
{
	if (w->km->oom_nodes == OOM_NODES_FILTER)
		return NULL;
	if (oc->constraint == CONSTRAINT_MEMORY_POLICY)
		return "No available memory (MPOL_BIND)";
	if (oc->constraint == CONSTRAINT_CPUSET && w->km->oom_nodes == OOM_NODES_KILL_ASKER)
		return "No available memory in cpuset";
	return NULL;
}
