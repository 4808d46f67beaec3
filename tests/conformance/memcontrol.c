/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's selftests of the memory controller: test_memcontrol.c, test_kmem.c, test_zswap.c. */
#include <errno.h>
#include <stdio.h>

#include "tests/conformance/conformance.h"

#define ONE(files) "cgroups:\n" CG("t", files)

static void anon_is_charged(struct check *c)
{
	const struct run *r = simulate(c, HEAD("4s", "1GiB", "") ONE("") "processes:\n" PROC("p", "t", "1s", ANON_HOLD("50MiB")));
	struct rec_cgroup held = cg(r, "/t", AT_END);

	expect_eq(c, "current before", cg(r, "/t", 0.9).current, 0);
	expect(c, held.current >= MB(50), "current is below 50 MiB");
	expect_close(c, "current", held.current, MB(50), 3);
	expect_close(c, "anon", held.anon, held.current, 3);
}

static void high_never_kills(struct check *c)
{
	const struct run *r = simulate(c, HEAD("30s", "1GiB", "") ONE(", memory.high: 30MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "1s", ANON("31MiB")));

	expect(c, exited(r, "p"), "the process did not exit");
	expect(c, cg(r, "/t", AT_END).events[MEMCG_HIGH] > 0, "no high event");
	expect_eq(c, "oom_kill", cg(r, "/t", AT_END).events[MEMCG_OOM_KILL], 0);
}

static void high_holds_cache(struct check *c)
{
	const struct run *r = simulate(c, HEAD("10s", "1GiB", "") ONE(", memory.high: 30MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "1s", "{read: {file: f0}}") PROC("q", "t", "5s", READ_HOLD("f1")));

	expect(c, exited(r, "p"), "the first reader did not exit");
	expect(c, cg(r, "/t", 4.9).current < MB(50), "current reached 50 MiB");
	expect_close(c, "current", cg(r, "/t", AT_END).current, MB(30), 5);
	expect(c, cg(r, "/t", AT_END).events[MEMCG_HIGH] > 0, "no high event");
}

/* What changes first is `high`: as of the first row in which any event has been counted, `max` has not. */
static void high_comes_before_max(struct check *c)
{
	const struct run *r = simulate(c, "sample: 1ms\n" "name: sync\nkernel: \"6.1\"\nduration: 3s\nstop_when_idle: false\n"
				       "machine: {cpus: 2, memory: 1GiB}\n"
				       ONE(", memory.high: 30MiB, memory.max: 140MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "0", "{mmap: {region: m, size: 200MiB}}, {mlock: {region: m}}" HOLD));
	size_t i = 0;

	while (i < r->nrow && !r->row[i].events[MEMCG_HIGH] && !r->row[i].events[MEMCG_MAX])
		i++;
	expect(c, i < r->nrow, "no event of memory.events");
	if (i < r->nrow) {
		expect(c, r->row[i].events[MEMCG_HIGH] > 0, "no high event at the first change");
		expect_eq(c, "max at the first change", r->row[i].events[MEMCG_MAX], 0);
	}
}

static void max_reclaims_cache(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") ONE(", memory.max: 30MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "1s", "{read: {file: f0}}, {sleep: 2s}"));

	expect_close(c, "current", cg(r, "/t", 2.9).current, MB(30), 5);
	expect(c, cg_largest(r, "/t") <= MB(30), "current exceeded the limit");
	expect(c, cg(r, "/t", AT_END).current <= MB(30), "current exceeds the limit after exit");
	expect(c, cg(r, "/t", AT_END).events[MEMCG_MAX] > 0, "no max event");
	expect(c, exited(r, "p"), "the reader did not exit");
}

static void swap_takes_the_rest(struct check *c)
{
	const struct run *r = simulate(c, HEAD("10s", "1GiB", SWAP("1GiB")) ONE(", memory.max: 30MiB, memory.swap.max: 30MiB")
				       "processes:\n" PROC("p", "t", "1s", ANON_HOLD("50MiB")));
	struct rec_cgroup g = cg(r, "/t", AT_END);

	expect(c, alive(r, "p"), "the process died");
	expect_close(c, "current", g.current, MB(30), 3);
	expect_close(c, "current + swap", g.current + g.swap_current, MB(50), 3);
	expect(c, g.swap_current > 0, "nothing was swapped out");
	expect(c, g.events[MEMCG_MAX] > 0, "no max event");
}

static void oom_is_counted_once(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") ONE(", memory.max: 30MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "1s", ANON_HOLD("100MiB")));

	expect(c, killed(r, "p"), "the process was not killed");
	expect_eq(c, "oom", cg(r, "/t", AT_END).events[MEMCG_OOM], 1);
	expect_eq(c, "oom_kill", cg(r, "/t", AT_END).events[MEMCG_OOM_KILL], 1);
}

static void leaf_dies_as_one(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n" CG("P", "")
				       CG("P/L", ", memory.max: 50MiB, memory.swap.max: 0, memory.oom.group: 1") "processes:\n"
				       PROC("parent", "P", "0", ANON_HOLD("60MiB")) PROC("l1", "P/L", "0", ANON_HOLD("1MiB"))
				       PROC("l2", "P/L", "0", ANON_HOLD("1MiB")) PROC("l3", "P/L", "1s", ANON_HOLD("100MiB")));
	const struct rec_event *e;

	expect(c, killed(r, "l3"), "l3 was not killed");
	expect(c, killed(r, "l1") && killed(r, "l2"), "the leaf is not empty");
	expect(c, alive(r, "parent"), "the bystander died");
	if ((e = event_of(r, EV_EXIT, "l1", 0)))
		expect_range(c, "time until the leaf is empty", e->t_ns / 1e9 - event_of(r, EV_OOM_KILL, NULL, 0)->t_ns / 1e9, 0, 1);
	expect(c, cg(r, "/P/L", AT_END).events[MEMCG_OOM_KILL] > 0, "no oom_kill of the leaf");
	expect(c, cg(r, "/P", AT_END).events[MEMCG_OOM_KILL] > 0, "no oom_kill of the parent");
}

/* The child has no memory controller: its tasks are charged to the parent, as if they were in it. */
static void parent_dies_as_one(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n"
				       CG("P", ", memory.max: 80MiB, memory.swap.max: 0, memory.oom.group: 1") "processes:\n"
				       PROC("p0", "P", "0", ANON_HOLD("60MiB")) PROC("l1", "P", "0", ANON_HOLD("1MiB"))
				       PROC("l2", "P", "0", ANON_HOLD("1MiB")) PROC("l3", "P", "1s", ANON_HOLD("100MiB")));

	expect(c, killed(r, "l3"), "l3 was not killed");
	expect(c, killed(r, "l1") && killed(r, "l2"), "the child is not empty");
	expect(c, killed(r, "p0"), "the parent is not empty");
}

static void minus_1000_is_spared(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n"
				       CG("t", ", memory.max: 50MiB, memory.swap.max: 0, memory.oom.group: 1") "processes:\n"
				       PROC_ADJ("safe", "t", "0", "-1000", ANON_HOLD("1MiB")) PROC("b", "t", "0", ANON_HOLD("1MiB"))
				       PROC("hog", "t", "1s", ANON_HOLD("100MiB")));

	expect(c, killed(r, "hog"), "the hog was not killed");
	expect(c, killed(r, "b"), "b was not killed");
	expect(c, alive(r, "safe"), "the process with -1000 died");
	expect_eq(c, "oom_kill", cg(r, "/t", AT_END).events[MEMCG_OOM_KILL], 3);
}

/* Held at every row of a run with anonymous memory, cache, kernel memory and a kill. */
static void parts_make_the_whole(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", SWAP("256MiB")) "cgroups:\n" CG("p", ", memory.max: 120MiB")
				       CG("p/child", "") "processes:\n" PROC("a", "p", "0", ANON_HOLD("30MiB"))
				       PROC("f", "p/child", "0", READ_HOLD("f0"))
				       "  - {name: k, cgroup: p/child, threads: 4, count: 20, start: 1s, workload: [{leak: {region: h, size: "
				       "4MiB}}, {sleep: 500ms}]}\n");
	double off = 0;

	for (size_t i = 0; i < r->nrow; i++) {
		const struct rec_cgroup *g = &r->row[i];
		off = fmax(off, fabs((double)g->current - (double)(g->anon + g->file + g->kernel)));
	}
	expect_range(c, "bytes not accounted for", off, 0, 4096 * 64 * 2 - 1);
}

static void swap_without_zswap(struct check *c)
{
	const struct run *r = simulate(c, HEAD("20s", "1GiB", SWAP("1GiB")) ONE(", memory.max: 8MiB") "processes:\n"
				       PROC("p", "t", "0", "{mmap: {region: m, size: 32MiB}}, {touch: {region: m, op: write}}, "
				       "{touch: {region: m}}"));
	uint64_t peak = 0;

	for (size_t i = 0; i < r->nrow; i++)
		peak = u64_max(peak, r->row[i].swap_current);
	expect(c, exited(r, "p"), "the process did not exit");
	expect(c, peak >= MB(24), "less than 24 MiB went to swap");
}

/* reclaim_until(): down to 30 MiB, five times at most. */
static void reclaim_to_30(struct check *c, uint64_t had, const char *swap, const char *processes)
{
	char steps[512] = "{sleep: 1ms}";
	int64_t err = 0;

	for (int i = 0; i <= 5; i++) {
		const struct run *r = simulate(c, HEAD("10s", "1GiB", "%s") ONE("") "processes:\n%s"
					       "  - {name: root, uid: 0, start: 4s, workload: [%s]}\n", swap, processes, steps);
		uint64_t now = cg(r, "/t", AT_END).current;
		size_t n = strlen(steps);

		expect_close(c, "current before", cg(r, "/t", 3.9).current, had, 10);
		if (i)
			err = event_of(r, EV_CGROUP_WRITE, NULL, (size_t)i - 1)->arg[3];
		expect(c, !err || err == EAGAIN, "memory.reclaim failed with something else than EAGAIN");
		if (now <= 33403089 || i == 5) {
			expect_range(c, "current", (double)now, 0, 33403089);
			expect(c, !err, "the last memory.reclaim failed");
			return;
		}
		snprintf(steps + n, sizeof(steps) - n, ", " ECHO("t", "memory.reclaim", "%llu"), (unsigned long long)(now - MB(30)));
	}
}

static void reclaim_of_cache(struct check *c)
{
	reclaim_to_30(c, MB(50), "", PROC("f", "t", "0", READ_HOLD("f0")));
}

static void reclaim_of_both(struct check *c)
{
	reclaim_to_30(c, MB(100), SWAP("1GiB"), PROC("f", "t", "0", READ_HOLD("f0")) PROC("a", "t", "0", ANON_HOLD("50MiB")));
}

CONF_TABLE(conf_memcontrol, "kernel selftests: memory controller",
	{ "KST-MC-02a", "50 MiB of anonymous memory are charged", anon_is_charged, NULL },
	{ "KST-MC-05a", "memory.high never kills", high_never_kills, NULL },
	{ "KST-MC-05b", "memory.high holds page cache", high_holds_cache, NULL },
	{ "KST-MC-06", "memory.high acts in the middle of one mlock()", high_comes_before_max, NULL },
	{ "KST-MC-07b", "memory.max with cache reclaims", max_reclaims_cache, NULL },
	{ "KST-MC-08a", "memory.reclaim without swap", reclaim_of_cache, NULL },
	{ "KST-MC-08b", "memory.reclaim with swap", reclaim_of_both, NULL },
	{ "KST-MC-09b", "what memory.max refuses goes to swap", swap_takes_the_rest, NULL },
	{ "KST-MC-10", "one OOM, one kill", oom_is_counted_once, NULL },
	{ "KST-MC-12", "memory.oom.group on a leaf", leaf_dies_as_one, NULL },
	{ "KST-MC-13", "memory.oom.group on the parent", parent_dies_as_one, NULL },
	{ "KST-MC-14", "a group kill spares -1000, and counts 3", minus_1000_is_spared, NULL },
	{ "KST-KM-02", "current is the sum of its parts", parts_make_the_whole, NULL },
	{ "KST-ZS-02", "without zswap all goes to the swap device", swap_without_zswap, NULL });
