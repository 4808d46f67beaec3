/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases that the list itself marks as suitable in part or not at all; here so that none is lost from sight. */
#include <errno.h>

#include "sim/mm/scan.h"
#include "tests/conformance/conformance.h"

/* A cgroup with the controller has rows in cgroups.csv; its file can be written. */
static void controllers_are_handed_on(struct check *c)
{
	const struct run *r = simulate(c, HEAD("1s", "512MiB", "") "cgroups:\n"
				       CG("p1", ", cgroup.subtree_control: +memory") CG("p1/c1", "")
				       CG("p2", ", cgroup.subtree_control: -memory") CG("p2/c2", "") "processes:\n"
				       "  - {name: root, uid: 0, workload: [" ECHO("p1/c1", "memory.max", "1MiB") ", "
				       ECHO("p2/c2", "memory.max", "1MiB") "]}\n");
	const struct rec_event *e = event_of(r, EV_CGROUP_WRITE, NULL, 0), *f = event_of(r, EV_CGROUP_WRITE, NULL, 1);

	expect_eq(c, "memory.max of p1/c1", cg(r, "/p1/c1", AT_END).max, MIB);
	expect(c, e && f && !e->arg[3] && f->arg[3] == ENOENT, "p2/c2 has a memory.max");
	expect(c, !cg(r, "/p2/c2", AT_END).path, "p2/c2 has rows");
}

/* The least inactive part of so many MB that is not too low; the table names it to one digit, and sizes of MB and GB. */
static void inactive_ratio(struct check *c)
{
	static const struct {
		uint64_t mb, ratio;
		double max_mb;
	} row[] = { { 10, 1, 5 }, { 100, 1, 50 }, { 1000 + 24, 3, 250 }, { 10240, 10, 950 }, { 102400, 31, 3100 },
		    { 1024 * 1024, 101, 10300 }, { 10 * 1024 * 1024, 320, 32700 } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t pages = row[i].mb << 8, low = 0, high = pages;

		while (low + 1 < high) { /* low: too low; high: not */
			uint64_t mid = (low + high) / 2;
			struct lruvec v = { .size = { [LRU_INACTIVE_ANON] = (int64_t)mid, [LRU_ACTIVE_ANON] = (int64_t)(pages - mid) } };

			if (inactive_is_low(&v, false))
				low = mid;
			else
				high = mid;
		}
		expect_eq(c, "pages of the inactive list", high, (pages + row[i].ratio) / (row[i].ratio + 1));
		expect_range(c, "MB of the inactive list", (double)high / 256, row[i].max_mb * 0.9, row[i].max_mb * 1.1);
	}
}

/* 700 MiB used twice a second, and 900 MiB more by somebody else: with a limit of a second the hog dies, without nobody while there
 * is swap. Which of the two is killed is not min_ttl_ms's to say, so the badness rule is helped (the working set is the larger one at
 * first). */
static const struct run *thrash(struct check *c, unsigned min_ttl_ms)
{
	return simulate(c, "name: ttl\nkernel: \"6.12\"\nduration: 40s\nsample: 100ms\nstop_when_idle: false\n"
			   "lru_gen: {enabled: 0x7, min_ttl_ms: %u}\nmachine:\n  cpus: 2\n  memory: 1GiB\n  swap: [" SWAP("1GiB") "]\n"
			   "processes:\n"
			   "  - {name: ws, oom_score_adj: -500, workload: [{mmap: {region: m, size: 700MiB}}, "
			   "{loop: {steps: [{touch: {region: m, op: write}}, {sleep: 500ms}]}}]}\n"
			   "  - {name: hog, start: 5s, workload: [{leak: {region: h, size: 900MiB, rate: 100MiB/s}}, "
			   "{loop: {steps: [{touch: {region: h, op: write}}, {sleep: 500ms}]}}]}\n", min_ttl_ms);
}

static void ttl_kills(struct check *c)
{
	const struct run *r = thrash(c, 1000);

	expect(c, killed(r, "hog"), "the hog was not killed");
	expect(c, alive(r, "ws"), "the working set died");
	expect_range(c, "MiB of the working set in swap", (double)task_at(r, "ws", AT_END).VmSwap_kB / 1024, 0, 7);
	r = thrash(c, 0);
	expect(c, !events_of(r, EV_OOM_KILL, NULL), "a kill although there is swap");
}

CONF_TABLE(conf_partly, "suitable in part or not at all, by the list's own mark",
	{ "KST-MC-01", "a child has the controller if its parent hands it on", controllers_are_handed_on, NULL },
	{ "KST-MC-02d", "memory.peak is reset by file descriptor", NULL, "needs open files" },
	{ "KST-MC-09c", "memory.swap.peak is reset by file descriptor", NULL, "needs open files" },
	{ "KST-MC-11", "socket buffers", NULL, "needs sockets" },
	{ "KST-KM-01", "slab answers to memory.high", NULL, "slab is not charged to cgroups here" },
	{ "KST-KM-03", "kernel stacks of 1000 threads", NULL, "kernel stacks are not charged to cgroups here" },
	{ "KST-ZS-06", "zswap is charged", NULL, "needs zswap" },
	{ "KST-ZS-07", "zswap of each cgroup by itself", NULL, "needs zswap" },
	{ "LTP-OOM-01e", "KSM", NULL, "pages are not merged here" },
	{ "LTP-MMC-01", "max_map_count", NULL, "mappings are not counted here" },
	{ "LTP-REG-04", "swapoff under a limit", NULL, "no swapoff here" },
	{ "LTP-STR-01", "150 cgroups for a quarter of an hour", NULL, "a stress test without figures of its own" },
	{ "LTP-MADV-01", "MADV_FREE under a limit", NULL, "needs what single pages hold" },
	{ "LTP-MADV-03", "MAP_DROPPABLE", NULL, "no such mappings here" },
	{ "LTP-MADV-04", "MADV_WILLNEED of swap", NULL, "no such advice here" },
	{ "LTP-CPM-01", "cpuset.memory_pressure", NULL, "no such file here" },
	{ "KDOC-LRU-01", "target ratio of the inactive list", inactive_ratio, NULL },
	{ "KDOC-MG-01", "min_ttl_ms kills instead of thrashing", ttl_kills, NULL },
	{ "KDOC-MG-02", "lru_gen/enabled reads back as a mask", NULL, "files are not read here" },
	{ "KDOC-OOM-04", "oom_adj maps to oom_score_adj", NULL, "processes have oom_score_adj alone here" },
	{ "KDOC-ZR-01", "size of zram", NULL, "needs zram" },
	{ "KDOC-PSI-03", "PSI triggers", NULL, "nobody listens to triggers here" });
