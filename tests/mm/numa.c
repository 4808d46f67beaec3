/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes of a request, and what the OOM killer makes of them: totals worked by hand. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "models/registry.h"
#include "sim/mm/mempolicy.h"
#include "tests/mm/testworld.h"

/* Frames of three nodes of 300 pages each; the zones' own figures are then what a test says. */
struct numa {
	struct testworld *tw;
	struct world *w;
	struct memcg group[4]; /* root, /a, /a/b, /a/b/c */
	struct process_cfg cfg[2];
	struct process p[2];   /* 0 asks */
	struct task t;
};

static struct numa *numa_new(const char *kernel)
{
	static const sim_pages managed[MAX_ZONES] = { 100, 100, 100 };
	static const char *const path[] = { "/", "/a", "/a/b", "/a/b/c" };
	struct numa *n = calloc(1, sizeof(*n));

	cr_assert(n);
	n->tw = tw_new(3, managed, 1);
	n->w = &n->tw->w;
	n->w->km = kernel_model_find(kernel);
	cr_assert(n->w->km);
	n->tw->cfg.machine.ncpu = 6;
	n->w->mm.page_kB = 4;
	for (int i = 0; i < 4; i++)
		n->group[i] = (struct memcg){ .path = path[i], .parent = i ? &n->group[i - 1] : NULL };
	for (int i = 0; i < 2; i++)
		n->p[i] = (struct process){ .cfg = &n->cfg[i] };
	n->t.p = &n->p[0];
	return n;
}

static void numa_free(struct numa *n)
{
	tw_free(n->tw);
	free(n);
}

static void present(struct numa *n, int node, sim_pages dma, sim_pages dma32, sim_pages normal)
{
	struct zone *z = n->w->mm.node[node].zone;

	z[0].present = dma;
	z[1].present = dma32;
	z[2].present = normal;
}

Test(numa, cpus_lie_on_the_nodes_in_order)
{
	static const int six[] = { 0, 0, 1, 1, 2, 2 }, four[] = { 0, 0, 1, 2 };
	struct numa *n = numa_new("6.1");

	for (int i = 0; i < 6; i++)
		cr_expect_eq(cpu_to_node(n->w, i), six[i]);
	n->tw->cfg.machine.ncpu = 4;
	for (int i = 0; i < 4; i++)
		cr_expect_eq(cpu_to_node(n->w, i), four[i]);
	n->tw->cfg.machine.ncpu = 2; /* the last node has memory alone */
	cr_expect_eq(cpu_to_node(n->w, 1), 1);
	numa_free(n);
}

Test(numa, zone_lists_go_round)
{
	static const int want[] = { 1, 2, 0 };
	struct numa *n = numa_new("6.1");
	int at = 0;

	for_each_zonelist_node(n->w, i, 1, nodes_all(n->w))
		cr_expect_eq(i, want[at++]);
	cr_expect_eq(at, 3);
	at = 1;
	for_each_zonelist_node(n->w, i, 1, 5)
		cr_expect_eq(i, want[at++]);
	cr_expect_eq(at, 3);
	numa_free(n);
}

Test(numa, lists_of_nodes_as_the_kernel_prints_them)
{
	char buf[NODELIST_LEN];

	cr_expect_str_eq(nodemask_show(buf, 0), "");
	cr_expect_str_eq(nodemask_show(buf, 1), "0");
	cr_expect_str_eq(nodemask_show(buf, 0xff), "0-7");
	cr_expect_str_eq(nodemask_show(buf, 0xd), "0,2-3");
	cr_expect_str_eq(nodemask_show(buf, 0xdb), "0-1,3-4,6-7"); /* the longest */
}

/* cpuset.mems.effective: the parent's as far as named; the parent's where nothing is. */
Test(numa, cpusets_narrow_downwards)
{
	struct numa *n = numa_new("6.1");

	cr_expect_eq(memcg_mems_allowed(n->w, NULL), 7);
	cr_expect_eq(memcg_mems_allowed(n->w, &n->group[3]), 7);
	n->group[1].cpuset_mems = 3;
	cr_expect_eq(memcg_mems_allowed(n->w, &n->group[3]), 3);
	n->group[2].cpuset_mems = 6;
	cr_expect_eq(memcg_mems_allowed(n->w, &n->group[2]), 2);
	n->group[2].cpuset_mems = 4;
	cr_expect_eq(memcg_mems_allowed(n->w, &n->group[2]), 3, "no node in common: as if it were empty");
	n->group[1].cpuset_mems = 0;
	cr_expect_eq(memcg_mems_allowed(n->w, &n->group[3]), 4);
	n->p[0].memcg = &n->group[3];
	cr_expect_str_eq(cpuset_name(&n->p[0]), "b");
	n->p[0].memcg = &n->group[1];
	cr_expect_str_eq(cpuset_name(&n->p[0]), "/");
	numa_free(n);
}

Test(numa, a_policy_says_where_to_begin_and_where_to_end)
{
	struct numa *n = numa_new("6.1");
	struct mempolicy_cfg *pol = &n->cfg[0].mempolicy;
	struct alloc_nodes on;

	n->t.cpu = 4;
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect(on.first == 2 && on.policy == 0 && on.cpuset == 7);
	*pol = (struct mempolicy_cfg){ MPOL_PREFERRED, 2 };
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect(on.first == 1 && on.policy == 0);
	*pol = (struct mempolicy_cfg){ MPOL_BIND, 3 };
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect(on.first == 2 && on.policy == 3, "the local node's zone list, filtered");
	*pol = (struct mempolicy_cfg){ MPOL_INTERLEAVE, 5 };
	n->t.il_next = 1;
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect(on.first == 2 && on.policy == 0, "the next of its nodes; others if that is full");
	n->t.il_next = 3;
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect_eq(on.first, 0);
	n->p[0].memcg = &n->group[1];
	n->group[1].cpuset_mems = 2;
	mempolicy_nodes(n->w, &n->t, &on);
	cr_expect(on.first == 1 && on.cpuset == 2, "no node of the policy left: the cpuset's");
	mempolicy_nodes(n->w, NULL, &on);
	cr_expect(on.first == 0 && on.policy == 0 && on.cpuset == 7);
	numa_free(n);
}

/* A server: 4.9 GiB on node 0, 2 GiB each on the others, 1000 pages of swap.
 *	present: node 0 is 3998 + 752000 + 524288 = 1280286, node 1 and node 2 524288
 *	spanned: DMA is 4095, DMA32 goes to the 4 GiB mark, 1048576 - 4096 = 1044480; node 0 is 4095 + 1044480 + 524288 = 1572863 */
static void server(struct numa *n)
{
	present(n, 0, 3998, 752000, 524288);
	present(n, 1, 0, 0, 524288);
	present(n, 2, 0, 0, 524288);
	n->w->mm.totalram = 2300000;
	n->w->swap.total = 1000;
}

static uint64_t total_of(struct numa *n, uint32_t gfp, nodemask_t policy, enum alloc_constraint want)
{
	struct oom_control oc = { .gfp = gfp, .nodemask = policy };

	oom_constrain(n->w, &n->t, &oc);
	cr_expect_eq(oc.constraint, want, "%d for %d", (int)oc.constraint, (int)want);
	cr_expect_eq(oc.nodemask, want == CONSTRAINT_MEMORY_POLICY ? policy : 0);
	return oc.totalpages;
}

Test(numa, totalpages_are_those_of_the_nodes)
{
	struct numa *n = numa_new("5.4");

	server(n);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 0, CONSTRAINT_NONE), 2301000);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 7, CONSTRAINT_NONE), 2301000, "all nodes are no constraint");
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 1, CONSTRAINT_MEMORY_POLICY), 1281286);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 6, CONSTRAINT_MEMORY_POLICY), 1049576);
	n->p[0].memcg = &n->group[1];
	n->group[1].cpuset_mems = 3;
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 0, CONSTRAINT_CPUSET), 1280286 + 524288 + 1000);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 2, CONSTRAINT_MEMORY_POLICY), 525288, "the policy goes first");
	cr_expect_eq(total_of(n, GFP_KERNEL, 0, CONSTRAINT_NONE), 2301000, "not __GFP_HARDWALL: the cpuset is no limit");
	numa_free(n);
}

Test(numa, nodes_once_counted_with_their_holes)
{
	struct numa *n = numa_new("4.19");

	server(n);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 1, CONSTRAINT_MEMORY_POLICY), 1573863);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 4, CONSTRAINT_MEMORY_POLICY), 525288);
	/* 1 GiB below 4 GiB on node 0, the rest up to the hole and what is above it on node 1: 1048576 - 4096 - 258048 = 786432 */
	present(n, 0, 3998, 258048, 0);
	present(n, 1, 0, 493952, 262144);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 1, CONSTRAINT_MEMORY_POLICY), 4095 + 258048 + 1000);
	cr_expect_eq(total_of(n, GFP_ANON_FAULT, 2, CONSTRAINT_MEMORY_POLICY), 786432 + 262144 + 1000);
	numa_free(n);
}

static bool has(const struct numa *n, nodemask_t policy)
{
	struct oom_control oc = { .nodemask = policy };

	return oom_domain_has(n->w, &n->p[0], &oc, &n->p[1]);
}

Test(numa, who_may_have_memory_there)
{
	struct numa *n = numa_new("6.1");
	struct mempolicy_cfg *pol = &n->cfg[1].mempolicy;

	cr_expect(has(n, 2), "bound to nothing: anywhere");
	*pol = (struct mempolicy_cfg){ MPOL_BIND, 5 };
	cr_expect(!has(n, 2));
	cr_expect(has(n, 4));
	cr_expect(has(n, 0), "the machine's OOM asks about no policy");
	*pol = (struct mempolicy_cfg){ MPOL_PREFERRED, 1 };
	cr_expect(has(n, 2));
	*pol = (struct mempolicy_cfg){ MPOL_INTERLEAVE, 1 };
	cr_expect(has(n, 2), "since 5.14");
	n->w->km = kernel_model_find("5.10");
	cr_expect(!has(n, 2), "until 5.14");
	*pol = (struct mempolicy_cfg){ MPOL_DEFAULT, 0 };
	n->p[0].memcg = &n->group[1];
	n->group[1].cpuset_mems = 3;
	n->group[2] = (struct memcg){ .path = "/b", .parent = &n->group[0], .cpuset_mems = 4 };
	n->p[1].memcg = &n->group[2];
	cr_expect(!has(n, 0), "cpusets with no node in common, whatever the constraint");
	cr_expect(has(n, 1), "with a policy to ask about, its cpuset is not looked at");
	n->group[2].cpuset_mems = 6;
	cr_expect(has(n, 0));
	n->group[2].cpuset_mems = 4;
	n->w->km = kernel_model_find("2.6.32");
	cr_expect(has(n, 0), "before 2.6.36 nobody is passed over");
	numa_free(n);
}

Test(numa, once_the_asker_died)
{
	struct oom_control policy = { .constraint = CONSTRAINT_MEMORY_POLICY }, cpuset = { .constraint = CONSTRAINT_CPUSET },
			   none = { .constraint = CONSTRAINT_NONE };
	struct numa *n = numa_new("2.6.24");

	cr_expect_str_eq(oom_asker_dies_for(n->w, &policy), "No available memory (MPOL_BIND)");
	cr_expect_str_eq(oom_asker_dies_for(n->w, &cpuset), "No available memory in cpuset");
	cr_expect_null(oom_asker_dies_for(n->w, &none));
	n->w->km = kernel_model_find("2.6.32");
	cr_expect_str_eq(oom_asker_dies_for(n->w, &policy), "No available memory (MPOL_BIND)");
	cr_expect_null(oom_asker_dies_for(n->w, &cpuset));
	n->w->km = kernel_model_find("2.6.36");
	cr_expect_null(oom_asker_dies_for(n->w, &policy));
	numa_free(n);
}
