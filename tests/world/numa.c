/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory policies and cpusets on little machines of two nodes: whose memory runs out, who dies for it, and what the report says.
 * Source: specification A.10, B, G.4 to G.6. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sim/core/diag.h"
#include "sim/world/engine.h"
#include "tests/world/mini.h"

#define LEAK(rate) MINI_PROGRAM(STEP_LEAK(0, (rate)), STEP_SLEEP_FOREVER)
#define HOLD(size) MINI_PROGRAM(STEP_LEAK((size), 0), STEP_SLEEP_FOREVER)
#define NODE0 40000 /* pages */
#define NODE1 20000

/* The first report. */
struct seen {
	struct recorder tape;
	struct tape t;
	char constraint[40], nodemask[16], cpuset[32], mems[16], tasks[128];
	uint64_t totalpages, free, shown_free;
	nodemask_t shown;
	int loops;
};

static int on_oom(void *ctx, const struct rec_oom_report *r)
{
	struct seen *s = ctx;

	if (s->t.noom)
		return s->tape.oom(&s->t, r);
	snprintf(s->constraint, sizeof(s->constraint), "%s", r->constraint);
	snprintf(s->nodemask, sizeof(s->nodemask), "%s", r->nodemask ? r->nodemask : "(null)");
	snprintf(s->cpuset, sizeof(s->cpuset), "%s", r->cpuset);
	snprintf(s->mems, sizeof(s->mems), "%s", r->mems_allowed);
	for (size_t i = 0; i < r->ntask; i++)
		snprintf(s->tasks + strlen(s->tasks), sizeof(s->tasks) - strlen(s->tasks), "%s ", r->task[i].comm);
	for (size_t i = 0; i < r->nzone; i++) {
		s->shown |= 1u << r->zone[i].node;
		s->shown_free += r->zone[i].free;
	}
	s->totalpages = r->totalpages;
	s->free = r->free;
	s->loops = r->no_progress_loops;
	return s->tape.oom(&s->t, r);
}

static int on_kill(void *ctx, const struct rec_kill *r)
{
	struct seen *s = ctx;

	return s->tape.kill(&s->t, r);
}

static int on_event(void *ctx, const struct rec_event *r)
{
	struct seen *s = ctx;

	return s->tape.event(&s->t, r);
}

/* One CPU, so that node 0 is everybody's own. */
static void two_nodes(struct sim_config *c, const char *kernel, uint64_t swap_MiB, double seconds)
{
	static const sim_pages size[] = { NODE0, NODE1 };

	mini_init(c, 256, swap_MiB, seconds);
	c->kernel = kernel_model_find(kernel);
	cr_assert(c->kernel);
	c->machine.nnode = 2;
	for (int n = 0; n < 2; n++) {
		for (int z = 0; z < MAX_ZONES; z++)
			c->machine.node[n].zone[z] = (struct zone_cfg){ .free = SIM_AUTO, .pcp_high = SIM_AUTO, .pcp_batch = SIM_AUTO };
		c->machine.node[n].zone[2].present = c->machine.node[n].zone[2].managed = size[n];
	}
}

static struct process_cfg *process(struct sim_config *c, const char *comm, double start, enum mempolicy_mode mode, nodemask_t nodes,
				   struct program_cfg prog)
{
	struct process_cfg *p = mini_process(c, comm, start, prog);

	p->mempolicy = (struct mempolicy_cfg){ mode, nodes };
	return p;
}

/* Two cgroups at the top, /a with node 0 and /b with node 1. */
static void two_cpusets(struct sim_config *c)
{
	c->cgroup = calloc(2, sizeof(*c->cgroup));
	c->ncgroup = 2;
	for (int i = 0; i < 2; i++) {
		snprintf(c->cgroup[i].path, sizeof(c->cgroup[i].path), "/%c", 'a' + i);
		for (int f = 0; f < CGF_COUNT; f++)
			c->cgroup[i].value[f] = SIM_AUTO;
		c->cgroup[i].value[CGF_CPUSET_MEMS] = 1 << i;
	}
}

/* w stays alive if ret_w. */
static struct seen *run_world(struct sim_config *c, enum run_end *ret_end, struct world **ret_w)
{
	struct seen *s = calloc(1, sizeof(*s));
	struct recorder rec;
	struct world *w;

	s->tape = tape_recorder(&s->t);
	rec = (struct recorder){ .ctx = s, .event = on_event, .oom = on_oom, .kill = on_kill };
	cr_assert_eq(world_new(c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, ret_end), SIM_OK);
	if (ret_w) {
		*ret_w = w;
		return s;
	}
	world_free(w);
	sim_config_free(c);
	return s;
}

static struct seen *run(struct sim_config *c, enum run_end *ret_end)
{
	return run_world(c, ret_end, NULL);
}

static const char *nth_victim(const struct seen *s, size_t n)
{
	const struct rec_event *e = tape_find(&s->t, EV_OOM_KILL, NULL, n);

	return e ? e->comm : "nobody";
}

Test(world_numa, a_bound_leak_dies_beside_free_memory)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;

	two_nodes(&c, "6.1", 0, 30);
	process(&c, "bound0", 0, MPOL_BIND, 1, HOLD(100 * MIB));
	process(&c, "small", 0, MPOL_DEFAULT, 0, HOLD(5 * MIB));
	process(&c, "leak", 1, MPOL_BIND, 2, LEAK(20 * MIB));
	s = run(&c, &end);
	cr_expect_eq(s->t.nkill, 1);
	cr_expect_str_eq(nth_victim(s, 0), "leak");
	cr_expect_str_eq(s->constraint, "CONSTRAINT_MEMORY_POLICY");
	cr_expect_str_eq(s->nodemask, "1");
	cr_expect_str_eq(s->cpuset, "/");
	cr_expect_str_eq(s->mems, "0-1");
	cr_expect_str_eq(s->tasks, "small leak ", "%s", s->tasks);
	cr_expect_eq(s->totalpages, NODE1);
	cr_expect_eq(s->shown, 2);
	cr_expect_gt(s->free - s->shown_free, 8000, "40000 less 100 MiB less 5 MiB less the kernel's share: about 9700");
	free(s);
}

/* Whoever is bound to nothing is a candidate with all its memory, wherever it lies. */
Test(world_numa, an_unbound_process_dies_in_vain)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;

	two_nodes(&c, "6.1", 0, 30);
	process(&c, "unbound", 0, MPOL_DEFAULT, 0, HOLD(100 * MIB));
	process(&c, "leak", 1, MPOL_BIND, 2, LEAK(20 * MIB));
	s = run(&c, &end);
	cr_expect_eq(s->t.nkill, 2);
	cr_expect_str_eq(nth_victim(s, 0), "unbound");
	cr_expect_str_eq(nth_victim(s, 1), "leak");
	free(s);
}

/* 16 MiB of swap are 4095 pages and a header. */
Test(world_numa, swap_is_everybodys)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;

	two_nodes(&c, "6.1", 16, 60);
	process(&c, "leak", 0, MPOL_BIND, 2, LEAK(20 * MIB));
	s = run(&c, &end);
	cr_expect_str_eq(nth_victim(s, 0), "leak");
	cr_expect_eq(s->totalpages, NODE1 + 4095);
	free(s);
}

/* Reclaim stays on the nodes of the request: what lies on the other keeps its place in memory. */
Test(world_numa, reclaim_leaves_the_other_node_alone)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;
	struct world *w;

	two_nodes(&c, "6.1", 64, 12);
	process(&c, "idle", 0, MPOL_BIND, 1, HOLD(100 * MIB));
	process(&c, "leak", 1, MPOL_BIND, 2, LEAK(10 * MIB));
	s = run_world(&c, &end, &w);
	cr_expect_eq(s->t.nkill, 0);
	cr_expect_gt(vm_stat(w, pswpout), 5000);
	for (struct process *p = w->proc.first; p; p = p->next)
		if (!strcmp(p->comm, "idle"))
			cr_expect_eq(mm_counter(p->mm, MM_SWAPENTS), 0);
	cr_expect_eq(tape_number(&s->t, EV_KSWAPD_WAKE, "kswapd0"), 0);
	cr_expect_gt(tape_number(&s->t, EV_KSWAPD_WAKE, "kswapd1"), 0);
	world_free(w);
	sim_config_free(&c);
	free(s);
}

/* Anonymous pages by node. */
static int64_t anon_on(const struct world *w, int node)
{
	const int64_t *size = w->mm.node[node].lruvec.size;

	return size[LRU_ACTIVE_ANON] + size[LRU_INACTIVE_ANON];
}

static void placed(enum mempolicy_mode mode, nodemask_t nodes, uint64_t MiB, int64_t want0, int64_t want1)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;
	struct world *w;

	two_nodes(&c, "6.1", 0, 5);
	process(&c, "p", 0, mode, nodes, HOLD(MiB * MIB));
	s = run_world(&c, &end, &w);
	cr_expect_eq(s->t.nkill, 0);
	cr_expect_lt(llabs(anon_on(w, 0) - want0), 60, "node 0: %lld for %lld", (long long)anon_on(w, 0), (long long)want0);
	cr_expect_lt(llabs(anon_on(w, 1) - want1), 60, "node 1: %lld for %lld", (long long)anon_on(w, 1), (long long)want1);
	world_free(w);
	sim_config_free(&c);
	free(s);
}

/* 40 MiB are 10240 pages; the few besides are the program's own. */
Test(world_numa, memory_comes_from_where_the_policy_says)
{
	placed(MPOL_DEFAULT, 0, 40, 10240, 0);
	placed(MPOL_PREFERRED, 2, 40, 0, 10240);
	placed(MPOL_BIND, 2, 40, 0, 10240);
	placed(MPOL_INTERLEAVE, 3, 40, 5120, 5120);
	placed(MPOL_INTERLEAVE, 2, 40, 0, 10240);
}

/* All but a bind policy go on elsewhere when a node is full: 100 MiB are 25600 pages, node 1 has 20000 less what the kernel holds
 * and its watermarks. */
Test(world_numa, a_preference_is_no_limit)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;
	struct world *w;

	two_nodes(&c, "6.1", 0, 5);
	process(&c, "p", 0, MPOL_PREFERRED, 2, HOLD(100 * MIB));
	s = run_world(&c, &end, &w);
	cr_expect_eq(s->t.nkill, 0);
	cr_expect_gt(anon_on(w, 1), 17000);
	cr_expect_gt(anon_on(w, 0), 5000);
	world_free(w);
	sim_config_free(&c);
	free(s);
}

static struct seen *cpuset_leak(const char *kernel, int panic_on_oom, enum run_end *ret_end)
{
	struct sim_config c;

	two_nodes(&c, kernel, 0, 30);
	two_cpusets(&c);
	c.sysctl.panic_on_oom = panic_on_oom;
	mini_process(&c, "other", 0, HOLD(60 * MIB))->cgroup = 2;
	mini_process(&c, "outside", 0, HOLD(5 * MIB));
	mini_process(&c, "leak", 1, LEAK(20 * MIB))->cgroup = 1;
	return run(&c, ret_end);
}

Test(world_numa, a_cpuset_runs_out)
{
	enum run_end end;
	struct seen *s = cpuset_leak("6.1", 0, &end);

	cr_expect_eq(s->t.nkill, 1);
	cr_expect_str_eq(nth_victim(s, 0), "leak");
	cr_expect_str_eq(s->constraint, "CONSTRAINT_CPUSET");
	cr_expect_str_eq(s->nodemask, "(null)");
	cr_expect_str_eq(s->cpuset, "a");
	cr_expect_str_eq(s->mems, "0");
	cr_expect_str_eq(s->tasks, "outside leak ", "%s", s->tasks);
	cr_expect_eq(s->totalpages, NODE0);
	cr_expect_eq(s->shown, 1);
	free(s);
}

/* 1 is about the machine as a whole. */
Test(world_numa, panic_on_oom)
{
	enum run_end end;
	struct seen *s = cpuset_leak("6.1", 1, &end);

	cr_expect_eq(end, RUN_HORIZON);
	cr_expect_str_eq(nth_victim(s, 0), "leak");
	free(s);
	s = cpuset_leak("6.1", 2, &end);
	cr_expect_eq(end, RUN_PANIC);
	cr_expect_eq(s->t.nkill, 0);
	free(s);
}

/* Before 6.12 the retry test hopes for the zones that the cpuset has not: 16 rounds and one more. */
Test(world_numa, hope_for_a_node_one_may_not_use)
{
	enum run_end end;
	struct seen *s = cpuset_leak("6.1", 0, &end);

	cr_expect_eq(s->loops, 17);
	free(s);
	s = cpuset_leak("6.12", 0, &end);
	cr_expect_eq(s->loops, 1);
	free(s);
}

/* Whatever the era: the leak bound to node 1 goes, once; nothing bound to node 0 does, if that kernel knows of nodes. */
Test(world_numa, every_kernel_keeps_to_the_nodes)
{
	for (const struct kernel_model *const *m = kernel_models; *m; m++) {
		bool knows = (*m)->oom_nodes != OOM_NODES_IGNORED;
		struct sim_config c;
		enum run_end end;
		struct seen *s;

		two_nodes(&c, (*m)->info.name, 0, 20);
		process(&c, "bound0", 0, MPOL_BIND, 1, HOLD(100 * MIB));
		process(&c, "leak", 1, MPOL_BIND, 2, LEAK(20 * MIB));
		s = run(&c, &end);
		cr_expect_eq(s->t.nkill, knows ? 1 : 2, "%s: %zu kills", (*m)->info.name, s->t.nkill);
		cr_expect_str_eq(nth_victim(s, 0), knows ? "leak" : "bound0", "%s: %s", (*m)->info.name, nth_victim(s, 0));
		cr_expect_str_eq(s->constraint, knows ? "CONSTRAINT_MEMORY_POLICY" : "CONSTRAINT_NONE", "%s", (*m)->info.name);
		cr_expect_eq(s->totalpages, knows ? NODE1 : NODE0 + NODE1, "%s: %llu", (*m)->info.name,
			     (unsigned long long)s->totalpages);
		cr_expect_eq(s->shown, (*m)->mem_info_nodes == MEM_INFO_NODEMASK ? 2 : 3, "%s", (*m)->info.name);
		free(s);
	}
}

/* Page tables of a bound process come from its nodes and go back there. */
Test(world_numa, kernel_pages_return_to_their_node)
{
	struct sim_config c;
	enum run_end end;
	struct seen *s;
	struct world *w;
	uint64_t before, after;

	two_nodes(&c, "6.1", 0, 10);
	process(&c, "stay", 0, MPOL_DEFAULT, 0, HOLD(MIB));
	s = run_world(&c, &end, &w);
	before = w->mm.node[1].zone[2].nr_kernel;
	world_free(w);
	free(s);
	process(&c, "brief", 1, MPOL_BIND, 2, MINI_PROGRAM(STEP_LEAK(60 * MIB, 0)));
	s = run_world(&c, &end, &w);
	after = w->mm.node[1].zone[2].nr_kernel;
	cr_expect_lt(llabs((int64_t)(after - before)), 20, "%llu, then %llu", (unsigned long long)before, (unsigned long long)after);
	world_free(w);
	sim_config_free(&c);
	free(s);
}
