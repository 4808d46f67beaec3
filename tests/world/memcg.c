/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory cgroups on whole little machines: who dies where, what is spared, what waits. Source: specification H;
 * oracle findings 8, 9, 27 to 30. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define LEAK(rate) MINI_PROGRAM(STEP_LEAK(0, (rate)), STEP_SLEEP_FOREVER)
#define HOLD(size) MINI_PROGRAM(STEP_LEAK((size), 0), STEP_SLEEP_FOREVER)
#define MAX_GROUPS 8

struct watched {
	struct recorder tape;
	struct tape t;
	struct rec_cgroup last[MAX_GROUPS];
	char path[MAX_GROUPS][64];
	size_t n;
	uint64_t peak[MAX_GROUPS];
	char victim_memcg[16][64], oom_memcg[16][64], group[64];
	size_t nkill;
};

static int on_cgroup(void *ctx, const struct rec_cgroup *r)
{
	struct watched *w = ctx;
	size_t i = 0;

	while (i < w->n && strcmp(w->path[i], r->path))
		i++;
	if (i == w->n)
		snprintf(w->path[w->n++], sizeof(w->path[0]), "%s", r->path);
	w->last[i] = *r;
	w->peak[i] = w->peak[i] < r->current ? r->current : w->peak[i];
	return 0;
}

static int on_kill(void *ctx, const struct rec_kill *r)
{
	struct watched *w = ctx;

	if (w->nkill < 16) {
		snprintf(w->victim_memcg[w->nkill], 64, "%s", r->memcg);
		snprintf(w->oom_memcg[w->nkill], 64, "%s", r->oom_memcg ? r->oom_memcg : "none");
	}
	if (r->oom_group)
		snprintf(w->group, sizeof(w->group), "%s", r->oom_group);
	w->nkill++;
	return 0;
}

static int on_event(void *ctx, const struct rec_event *r)
{
	struct watched *w = ctx;

	return w->tape.event(&w->t, r);
}

/* A cgroup below `parent` (0: the root); its number. */
static uint32_t group(struct sim_config *c, uint32_t parent, const char *path)
{
	struct cgroup_cfg *g;

	c->cgroup = realloc(c->cgroup, (c->ncgroup + 1) * sizeof(*g));
	g = &c->cgroup[c->ncgroup++];
	*g = (struct cgroup_cfg){ .parent = parent };
	snprintf(g->path, sizeof(g->path), "%s", path);
	for (int f = 0; f < CGF_COUNT; f++)
		g->value[f] = SIM_AUTO;
	return (uint32_t)c->ncgroup;
}

static void set(struct sim_config *c, uint32_t cgroup, enum cgroup_file file, int64_t value)
{
	c->cgroup[cgroup - 1].value[file] = value;
}

static struct process_cfg *process(struct sim_config *c, uint32_t cgroup, const char *comm, double start_s,
				   struct program_cfg prog)
{
	struct process_cfg *p = mini_process(c, comm, start_s, prog);

	p->cgroup = cgroup;
	return p;
}

static struct watched *run(struct sim_config *c)
{
	struct watched *w = calloc(1, sizeof(*w));
	struct recorder rec = { .ctx = w, .event = on_event, .cgroup = on_cgroup, .kill = on_kill };
	struct world *world;
	enum run_end end;

	w->tape = tape_recorder(&w->t);
	cr_assert_eq(world_new(c, &rec, &sim_alloc_libc, &world), SIM_OK);
	cr_assert_eq(world_run(world, &end), SIM_OK);
	world_free(world);
	sim_config_free(c);
	return w;
}

static const struct rec_cgroup *of(const struct watched *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->path[i], path))
			return &w->last[i];
	cr_assert_fail("no rows of cgroup %s", path);
	return NULL;
}

static const char *victim(const struct watched *w, size_t n)
{
	const struct rec_event *e = tape_find(&w->t, EV_OOM_KILL, NULL, n);

	return e ? e->comm : "nobody";
}

/* The leak dies at the limit; a larger process outside is no concern of this OOM. */
Test(memcg, the_limit_kills_inside)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 0, 20);
	a = group(&c, 0, "/a");
	set(&c, a, CGF_MAX, 32 * MIB);
	process(&c, 0, "outside", 0, HOLD(80 * MIB));
	process(&c, a, "inside", 0, HOLD(8 * MIB));
	process(&c, a, "leak", 1, LEAK(10 * MIB));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "leak");
	cr_expect_str_eq(victim(w, 1), "nobody");
	cr_expect_str_eq(w->oom_memcg[0], "/a");
	cr_expect_eq(of(w, "/a")->events[MEMCG_OOM], 1);
	cr_expect_eq(of(w, "/a")->events[MEMCG_OOM_KILL], 1);
	cr_expect_eq(of(w, "/a")->events[MEMCG_MAX], 35,
		     "16 rounds, the drain and the first, twice less one: as recorded");
	cr_expect_leq(of(w, "/a")->peak, 32 * MIB);
	free(w);
}

/* Three domains: the child's limit kills in the child, the parent's in the parent's subtree, the machine's anywhere. */
Test(memcg, nested_domains)
{
	struct sim_config c;
	struct watched *w;
	uint32_t p, x, y;

	mini_init(&c, 256, 0, 60);
	p = group(&c, 0, "/p");
	x = group(&c, p, "/p/x");
	y = group(&c, p, "/p/y");
	set(&c, p, CGF_MAX, 64 * MIB);
	set(&c, x, CGF_MAX, 24 * MIB);
	process(&c, 0, "global", 30, LEAK(20 * MIB));
	process(&c, x, "child", 0, LEAK(20 * MIB));
	process(&c, x, "small", 0, HOLD(4 * MIB));
	process(&c, y, "parent", 5, LEAK(20 * MIB));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "child");
	cr_expect_str_eq(w->oom_memcg[0], "/p/x");
	cr_expect_str_eq(victim(w, 1), "parent");
	cr_expect_str_eq(w->oom_memcg[1], "/p");
	cr_expect_str_eq(w->victim_memcg[1], "/p/y");
	cr_expect_str_eq(victim(w, 2), "global");
	cr_expect_str_eq(w->oom_memcg[2], "none");
	cr_expect_eq(of(w, "/p")->events[MEMCG_OOM_KILL], 2, "descendants' kills count");
	cr_expect_eq(of(w, "/p")->events_local[MEMCG_OOM_KILL], 0);
	cr_expect_eq(of(w, "/p")->events_local[MEMCG_OOM], 1);
	free(w);
}

/* All of the group die, whoever is -1000 lives, the victim is counted twice. */
Test(memcg, oom_group_spares_only_minus_1000)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a, b;

	mini_init(&c, 256, 0, 20);
	a = group(&c, 0, "/a");
	b = group(&c, a, "/a/b");
	set(&c, a, CGF_MAX, 48 * MIB);
	set(&c, a, CGF_OOM_GROUP, 1);
	process(&c, b, "one", 0, HOLD(8 * MIB));
	process(&c, a, "safe", 0, HOLD(4 * MIB))->oom_score_adj = -1000;
	process(&c, 0, "other", 0, HOLD(4 * MIB));
	process(&c, b, "leak", 1, LEAK(10 * MIB));
	w = run(&c);
	cr_expect_str_eq(w->group, "/a");
	cr_expect_eq(w->nkill, 3);
	cr_expect_str_eq(victim(w, 0), "leak");
	cr_expect_eq(of(w, "/a")->events[MEMCG_OOM_KILL], 3);
	cr_expect_eq(of(w, "/a")->events[MEMCG_OOM_GROUP_KILL], 1);
	cr_expect(tape_find(&w->t, EV_EXIT, "one", 0));
	cr_expect_null(tape_find(&w->t, EV_EXIT, "safe", 0));
	cr_expect_null(tape_find(&w->t, EV_EXIT, "other", 0));
	free(w);
}

/* A machine out of memory honours groups too. */
Test(memcg, a_global_oom_kills_the_group)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 128, 0, 30);
	a = group(&c, 0, "/a");
	set(&c, a, CGF_OOM_GROUP, 1);
	process(&c, a, "big", 0, HOLD(40 * MIB));
	process(&c, a, "helper", 0, HOLD(4 * MIB));
	process(&c, 0, "leak", 1, LEAK(5 * MIB))->oom_score_adj = -500;
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "big");
	cr_expect_str_eq(w->group, "/a");
	cr_expect(tape_find(&w->t, EV_EXIT, "helper", 0));
	free(w);
}

static struct watched *protect(enum cgroup_file file)
{
	struct sim_config c;
	uint32_t prot, rest;

	mini_init(&c, 192, 64, 30);
	prot = group(&c, 0, "/prot");
	rest = group(&c, 0, "/rest");
	if (file != CGF_COUNT)
		set(&c, prot, file, 48 * MIB);
	process(&c, prot, "prot", 0, HOLD(40 * MIB))->oom_score_adj = -900;
	process(&c, rest, "leak", 1, LEAK(10 * MIB));
	return run(&c);
}

/* Without protection the idle process is swapped out; with memory.min or memory.low, while there is anything else,
 * it is not. */
Test(memcg, min_and_low_keep_the_working_set)
{
	struct watched *none = protect(CGF_COUNT), *low = protect(CGF_LOW), *min = protect(CGF_MIN);

	cr_expect_gt(of(none, "/prot")->swap_current, 10 * MIB);
	cr_expect_eq(of(low, "/prot")->swap_current, 0);
	cr_expect_eq(of(min, "/prot")->swap_current, 0);
	cr_expect_str_eq(victim(low, 0), "leak");
	cr_expect_str_eq(victim(min, 0), "leak");
	cr_expect_eq(of(min, "/prot")->events[MEMCG_LOW], 0);
	free(none);
	free(low);
	free(min);
}

/* memory.high slows down and never kills. */
Test(memcg, high_slows_down)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 0, 20);
	a = group(&c, 0, "/a");
	set(&c, a, CGF_HIGH, 32 * MIB);
	process(&c, a, "leak", 0, LEAK(20 * MIB));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "nobody");
	cr_expect_lt(of(w, "/a")->current, 48 * MIB);
	cr_expect_gt(of(w, "/a")->events[MEMCG_HIGH], 100);
	cr_expect_gt(of(w, "/a")->psi_memory.full.total_us, 10000000);
	free(w);
}

/* Swap up to memory.swap.max, then the kill, with swap free elsewhere. */
Test(memcg, swap_max)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 96, 30);
	a = group(&c, 0, "/a");
	set(&c, a, CGF_MAX, 32 * MIB);
	set(&c, a, CGF_SWAP_MAX, 16 * MIB);
	process(&c, a, "leak", 0, LEAK(10 * MIB));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "leak");
	cr_expect_gt(of(w, "/a")->events[MEMCG_SWAP_MAX], 0);
	cr_expect_eq(of(w, "/a")->swap_current, 0, "freed with the victim");
	cr_expect_leq(of(w, "/a")->current, 64 * 4096, "but for the stock");
	free(w);
}

/* Lowering memory.max below what is used kills at once. */
Test(memcg, a_smaller_max_kills)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 0, 20);
	a = group(&c, 0, "/a");
	process(&c, a, "fat", 0, HOLD(40 * MIB));
	process(&c, a, "thin", 0, HOLD(8 * MIB));
	process(&c, 0, "admin", 2,
		MINI_PROGRAM({ .op = STEP_CGROUP_WRITE, .cgroup = a, .cgroup_file = CGF_MAX, .value = 16 * MIB },
			     STEP_SLEEP_FOREVER));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "fat");
	cr_expect_str_eq(victim(w, 1), "nobody");
	cr_expect_leq(of(w, "/a")->current, 16 * MIB);
	cr_expect_eq(of(w, "/a")->max, 16 * MIB);
	free(w);
}

/* v1: with the killer disabled the leak waits, until the limit is raised. */
Test(memcg, v1_waits_until_there_is_room)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 0, 20);
	c.cgroup_version = 1;
	a = group(&c, 0, "/a");
	set(&c, a, CGF_LIMIT, 32 * MIB);
	set(&c, a, CGF_OOM_CONTROL, 1);
	process(&c, a, "leak", 0, MINI_PROGRAM(STEP_LEAK(40 * MIB, 20 * MIB), STEP_EXIT_CODE(0)));
	process(&c, 0, "admin", 10,
		MINI_PROGRAM({ .op = STEP_CGROUP_WRITE, .cgroup = a, .cgroup_file = CGF_LIMIT, .value = 64 * MIB },
			     STEP_SLEEP_FOREVER));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "nobody");
	cr_assert(tape_find(&w->t, EV_EXIT, "leak", 0));
	cr_expect_gt(tape_find(&w->t, EV_EXIT, "leak", 0)->t_ns, 10 * NS_PER_SEC);
	free(w);
}

/* Page cache is charged to who reads it in, and reclaimed in silence. */
Test(memcg, page_cache_is_reclaimed_and_nobody_dies)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 0, 20);
	mini_file(&c, 64 * MIB);
	a = group(&c, 0, "/a");
	set(&c, a, CGF_MAX, 16 * MIB);
	process(&c, a, "reader", 0, MINI_PROGRAM({ .op = STEP_READ }, STEP_SLEEP_FOREVER));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "nobody");
	cr_expect_gt(of(w, "/a")->events[MEMCG_MAX], 100);
	cr_expect_eq(of(w, "/a")->events[MEMCG_OOM], 0);
	cr_expect_gt(of(w, "/a")->file, 12 * MIB);
	cr_expect_leq(of(w, "/a")->peak, 16 * MIB);
	free(w);
}

/* What was charged goes away with who was charged: nothing is left but page tables' worth of stock. */
Test(memcg, charges_end_with_the_process)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a;

	mini_init(&c, 256, 64, 20);
	a = group(&c, 0, "/a");
	process(&c, a, "worker", 0,
		MINI_PROGRAM(
			{ .op = STEP_FORK, .count = 4, .body = MINI_PROGRAM(STEP_LEAK(4 * MIB, 0), STEP_EXIT_CODE(0)) },
			{ .op = STEP_WAIT }, STEP_EXIT_CODE(0)));
	process(&c, 0, "stay", 0, MINI_PROGRAM(STEP_SLEEP_FOREVER));
	w = run(&c);
	cr_expect_gt(of(w, "/a")->peak, 4 * MIB);
	cr_expect_leq(of(w, "/a")->current, 64 * 4096);
	cr_expect_eq(of(w, "/a")->kernel, 0);
	cr_expect_eq(of(w, "/a")->anon, 0);
	free(w);
}

/* With generations the same limits hold: swapped out from within until swap.max, then the kill; neighbours lose
 * nothing. */
static void limit_with_generations(const char *kernel)
{
	struct sim_config c;
	struct watched *w;
	uint32_t a, b;

	mini_init(&c, 256, 96, 30);
	c.kernel = kernel_model_find(kernel);
	a = group(&c, 0, "/a");
	b = group(&c, 0, "/b");
	set(&c, a, CGF_MAX, 32 * MIB);
	set(&c, a, CGF_SWAP_MAX, 16 * MIB);
	process(&c, b, "neighbour", 0, HOLD(40 * MIB));
	process(&c, a, "leak", 1, LEAK(10 * MIB));
	w = run(&c);
	cr_expect_str_eq(victim(w, 0), "leak", "%s", kernel);
	cr_expect_str_eq(victim(w, 1), "nobody", "%s", kernel);
	cr_expect_gt(of(w, "/a")->pgscan, 1000);
	cr_expect_eq(of(w, "/b")->pgscan, 0, "%s", kernel);
	cr_expect_eq(of(w, "/b")->swap_current, 0);
	cr_expect_leq(of(w, "/a")->current, 64 * 4096);
	free(w);
}

Test(memcg, generations)
{
	limit_with_generations("k6.1");
	limit_with_generations("k6.12");
	limit_with_generations("k7.2");
}
