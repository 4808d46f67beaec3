/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back of pages: frames to their zone, the kernel's own by count. */
#include "sim/mm/mempolicy.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

void free_kernel_on(struct world *w, int node, sim_pages n)
{
	for_each_zonelist_node(w, ni, node, nodes_all(w)) {
		for (int zi = MAX_ZONES - 1; zi >= 0 && n; zi--) {
			struct zone *z = &w->mm.node[ni].zone[zi];
			sim_pages here = u64_min(n, z->nr_kernel);

			zone_give_kernel(w, z, here);
			n -= here;
		}
	}
}

/* Whose pages these were is not known, but where the running task would get such pages now. */
void free_kernel(struct world *w, sim_pages n)
{
	struct alloc_nodes on = { 0 };

	if (w->mm.nnode > 1) {
		mempolicy_nodes(w, w->sched.running, &on);
		for_each_zonelist_node(w, ni, on.first, alloc_hardwall_nodes(w, &on)) {
			on.first = ni;
			break;
		}
	}
	free_kernel_on(w, on.first, n);
}

void free_page(struct world *w, pfn_t p)
{
	w->mm.f.flags[p] = 0;
	if (w->mm.f.memcg)
		memcg_uncharge_page(w, p);
	zone_give(w, p);
}
