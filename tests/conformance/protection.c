/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.min and memory.low: who keeps how much of 50 protected MiB under pressure from a sibling (selftests, LTP memcontrol03). */
#include <errno.h>
#include <stdio.h>

#include "tests/conformance/conformance.h"

/* A (200 MiB, no swap) holds B (50 MiB protected: C 75, D 25, E 0, F 500 claimed) and G, whence pressure comes: first 148 MiB of
 * anonymous memory, at 3 s, then, from 8 s on, 170 MiB. At 14 s the root does `extra`. */
#define FIRST  7.5
#define SECOND 13.5
#define TREE(file, of_A)                                                                                               \
	"cgroups:\n" CG("A", ", memory.max: 200MiB, memory.swap.max: 0, " file ": " of_A)                               \
	CG("A/B", ", " file ": 50MiB") CG("A/G", "") CG("A/B/C", ", " file ": 75MiB") CG("A/B/D", ", " file ": 25MiB")
#define READERS                                                                                                        \
	"processes:\n" PROC("c", "A/B/C", "0", READ_HOLD("f0")) PROC("d", "A/B/D", "0", READ_HOLD("f1"))
#define PRESSURE                                                                                                       \
	PROC("g1", "A/G", "3s", ANON("148MiB")) PROC("g2", "A/G", "8s", ANON("170MiB"))
#define SELFTEST(file)                                                                                                 \
	HEAD("20s", "1GiB", "") TREE(file, "0") CG("A/B/E", "") CG("A/B/F", ", " file ": 500MiB")                       \
	READERS PROC("e", "A/B/E", "0", READ_HOLD("f2")) PRESSURE

static void split(struct check *c, const struct run *r)
{
	expect_close(c, "B before", cg(r, "/A/B", 2.9).current, MB(150), 3);
	expect(c, exited(r, "g1"), "g1 did not exit");
	expect_close(c, "B", cg(r, "/A/B", FIRST).current, MB(50), 3);
	expect_close(c, "C", cg(r, "/A/B/C", FIRST).current, MB(29), 10);
	expect_close(c, "D", cg(r, "/A/B/D", FIRST).current, MB(21), 10);
	expect_eq(c, "F", cg(r, "/A/B/F", FIRST).current, 0);
}

static void min_split(struct check *c)
{
	split(c, simulate(c, SELFTEST("memory.min")));
}

static void low_split(struct check *c)
{
	split(c, simulate(c, SELFTEST("memory.low")));
}

static void min_is_hard(struct check *c)
{
	const struct run *r = simulate(c, SELFTEST("memory.min"));

	expect(c, killed(r, "g2"), "g2 was not killed");
	expect_close(c, "B", cg(r, "/A/B", SECOND).current, MB(50), 3);
	expect(c, alive(r, "c") && alive(r, "d") && alive(r, "e"), "a reader died");
}

static void low_gives_way(struct check *c)
{
	const struct run *r = simulate(c, SELFTEST("memory.low"));

	expect(c, exited(r, "g2"), "g2 did not exit");
	expect_close(c, "B", cg(r, "/A/B", SECOND).current, MB(30), 3);
	expect_eq(c, "oom of B", cg(r, "/A/B", SECOND).events[MEMCG_OOM], 0);
	expect(c, cg(r, "/A/B/C", SECOND).events[MEMCG_LOW] > 0, "no low event of C");
	expect(c, cg(r, "/A/B/D", SECOND).events[MEMCG_LOW] > 0, "no low event of D");
	expect_eq(c, "low of F", cg(r, "/A/B/F", SECOND).events[MEMCG_LOW], 0);
	r = simulate(c, "memory_recursiveprot: false\n" SELFTEST("memory.low"));
	expect_eq(c, "low of E, not recursive", cg(r, "/A/B/E", SECOND).events[MEMCG_LOW], 0);
}

/* C is asked for what it has above 10 MiB, five times at most; each time in a run that goes one step further. */
static void reclaim_child(struct check *c, const char *file)
{
	char steps[512] = "{sleep: 1ms}";
	int64_t err = 0;

	for (int i = 0; i <= 5; i++) {
		const struct run *r = simulate(c, HEAD("20s", "1GiB", "") TREE("%s", "0") CG("A/B/E", "") CG("A/B/F", ", %s: 500MiB")
					       READERS PROC("e", "A/B/E", "0", READ_HOLD("f2")) PRESSURE
					       "  - {name: root, uid: 0, start: 14s, workload: [%s]}\n", file, file, file, file, file, steps);
		uint64_t now = cg(r, "/A/B/C", AT_END).current;
		size_t n = strlen(steps);

		if (i)
			err = event_of(r, EV_CGROUP_WRITE, NULL, (size_t)i - 1)->arg[3];
		expect(c, !err || err == EAGAIN, "memory.reclaim failed with something else than EAGAIN");
		if (i && !err)
			expect(c, now <= 11134363, "memory.reclaim returned 0 short of the goal");
		if (now <= 11134363 || i == 5) {
			expect_range(c, "bytes of C", (double)now, 0, 11134363);
			expect(c, i, "nothing had to be reclaimed");
			return;
		}
		snprintf(steps + n, sizeof(steps) - n, ", " ECHO("A/B/C", "memory.reclaim", "%llu"), (unsigned long long)(now - MB(10)));
	}
}

static void min_of_the_target(struct check *c)
{
	reclaim_child(c, "memory.min");
}

static void low_of_the_target(struct check *c)
{
	reclaim_child(c, "memory.low");
}

/* LTP: A is protected too, E and F change places. */
static void ltp_min(struct check *c)
{
	const struct run *r = simulate(c, HEAD("20s", "1GiB", "") TREE("memory.min", "50MiB") CG("A/B/E", ", memory.min: 500MiB")
				       CG("A/B/F", "") READERS PROC("f", "A/B/F", "0", READ_HOLD("f2")) PRESSURE);

	expect(c, exited(r, "g1"), "g1 did not exit");
	expect_close_ltp(c, "B", cg(r, "/A/B", FIRST).current, MB(50), 5);
	expect_close_ltp(c, "C", cg(r, "/A/B/C", FIRST).current, MB(33), 20);
	expect_close_ltp(c, "D", cg(r, "/A/B/D", FIRST).current, MB(17), 20);
	expect_eq(c, "E", cg(r, "/A/B/E", FIRST).current, 0);
	expect(c, killed(r, "g2"), "g2 was not killed");
	expect_close_ltp(c, "B after the kill", cg(r, "/A/B", SECOND).current, MB(50), 5);
}

CONF_TABLE(conf_protection, "memory.min and memory.low",
	{ "KST-MC-03a", "50 protected MiB are split 29:21 by memory.min", min_split, NULL },
	{ "KST-MC-04a", "50 protected MiB are split 29:21 by memory.low", low_split, NULL },
	{ "KST-MC-03b", "memory.min is not broken into: the allocation fails", min_is_hard, NULL },
	{ "KST-MC-04b", "memory.low is broken into rather than kill", low_gives_way, NULL },
	{ "KST-MC-03c", "memory.reclaim on a child with memory.min", min_of_the_target, NULL },
	{ "KST-MC-04c", "memory.reclaim on a child with memory.low", low_of_the_target, NULL },
	{ "LTP-MC-03", "memcontrol03: split of memory.min, wide bands", ltp_min, NULL });
