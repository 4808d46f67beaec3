/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which NUMA nodes an allocation may come from and which it tries first: the memory policy of the process (mm/mempolicy.c) and
 * its cpuset's memory nodes (kernel/cgroup/cpuset.c). Of 6.1; older kernels differ in what the OOM killer makes of it
 * (oom_constraint.c).
 *
 * CPUs lie on the nodes in order, evenly; all other nodes are equally far from each. A node's zone list then is the node itself
 * and the others in order of number, round and round, as find_next_best_node() puts equals.
 *
 * Leaves out: policies of mappings (mbind) and of shared memory, MPOL_PREFERRED_MANY, MPOL_WEIGHTED_INTERLEAVE, home nodes,
 * cpuset.memory_spread_page. MPOL_INTERLEAVE takes the nodes in turn for all pages of a thread; the kernel takes those of a mapping by
 * their place in it.
 */
#ifndef OOMSIM_MM_MEMPOLICY_H
#define OOMSIM_MM_MEMPOLICY_H

#include "sim/mm/mm.h"

struct process;

/* The nodes of one request. */
struct alloc_nodes {
	int first;           /* whose zone list is walked */
	nodemask_t policy;   /* MPOL_BIND's nodes; 0: no policy narrows it */
	nodemask_t cpuset;   /* cpuset_current_mems_allowed */
};

/* All nodes (N_MEMORY). */
nodemask_t nodes_all(const struct world *w);
/* Node of a CPU. */
int cpu_to_node(const struct world *w, int cpu);
/* The memory nodes that a cgroup's cpuset.mems leaves it: of the parent's those named; the parent's where it is empty or names
 * none of them (cpuset.mems.effective). m NULL: all. */
nodemask_t memcg_mems_allowed(const struct world *w, const struct memcg *m);
/* p's mems_allowed. p may be NULL: all. */
nodemask_t cpuset_mems_allowed(const struct world *w, const struct process *p);
/* Name of p's cpuset as reports show it: the last part of the path of the nearest cgroup with a cpuset.mems; "/" for the root. */
const char *cpuset_name(const struct process *p);
/* The nodes for t's next request, as of t->il_next with MPOL_INTERLEAVE; t NULL: nobody's. */
void mempolicy_nodes(const struct world *w, const struct task *t, struct alloc_nodes *ret);
/* What the policy leaves, whatever the cpuset says. */
static inline nodemask_t alloc_policy_nodes(const struct world *w, const struct alloc_nodes *on)
{
	return on->policy ? on->policy : nodes_all(w);
}
/* Both, as for a user's request: the fast path's, the last look before the OOM killer and reclaim (__GFP_HARDWALL). */
static inline nodemask_t alloc_hardwall_nodes(const struct world *w, const struct alloc_nodes *on)
{
	return alloc_policy_nodes(w, on) & on->cpuset;
}
/* p's MPOL_BIND or MPOL_INTERLEAVE nodes, as far as its cpuset has them. */
nodemask_t mempolicy_mask(const struct world *w, const struct process *p);

/* The nodes of `first`'s zone list that are in `nodes`, nearest first. */
#define for_each_zonelist_node(w, n, first, nodes)                                                                     \
	for (int n##_i = 0, n = (first); n##_i < (w)->mm.nnode; n##_i++, n = n + 1 < (w)->mm.nnode ? n + 1 : 0)        \
		if ((nodes) >> n & 1)

#endif
