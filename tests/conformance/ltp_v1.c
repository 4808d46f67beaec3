/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LTP's tests of the version 1 memory controller. */
#include <errno.h>

#include "tests/conformance/conformance.h"

#define V1(seconds, swap) "cgroup_version: 1\n" HEAD(seconds, "512MiB", swap)
/* A program that has nothing of its own when it begins. */
#define BARE(name, cgroup, start, steps)                                                                               \
	"  - {name: " name ", cgroup: " cgroup ", start: " start ", uid: 0, exe: {size: 0, private: 0}, workload: [" steps "]}\n"
#define PAGES_65 (65 * 4096)

/* limit: and whatever else stands in the line of the cgroup. */
static void over_limit(struct check *c, const char *limit, const char *swap, const char *steps)
{
	const struct run *r = simulate(c, V1("8s", "%s") "cgroups:\n" CG("t", ", memory.limit_in_bytes: %s") "processes:\n"
				       BARE("p", "t", "1s", "%s" HOLD), swap, limit, steps);
	const struct rec_event *e = event_of(r, EV_EXIT, "p", 0);

	expect(c, killed(r, "p"), "the process was not killed");
	if (e)
		expect_range(c, "time of the kill", (double)e->t_ns / 1e9, 1, 6);
}

#define PRIVATE(size) "{mmap: {region: m, size: " size "}}, {touch: {region: m, op: write}}"
#define SHARED(size)  "{mmap: {region: m, kind: shmem, size: " size "}}, {touch: {region: m, op: write}}"

static void one_page_locked(struct check *c)
{
	over_limit(c, "4096", SWAP("256MiB"), "{mmap: {region: m, size: 8192}}, {mlock: {region: m}}");
}

static void one_page_no_swap(struct check *c)
{
	over_limit(c, "4096", "", PRIVATE("8192"));
}

static void nothing_anon(struct check *c)
{
	over_limit(c, "0", SWAP("256MiB"), PRIVATE("4096"));
}

static void nothing_shared(struct check *c)
{
	over_limit(c, "0", SWAP("256MiB"), SHARED("4096"));
}

static void both_one_page_locked(struct check *c)
{
	over_limit(c, "4096, memory.memsw.limit_in_bytes: 4096", SWAP("256MiB"), "{mmap: {region: m, size: 8192}}, {mlock: {region: m}}");
}

static void both_nothing_anon(struct check *c)
{
	over_limit(c, "0, memory.memsw.limit_in_bytes: 0", SWAP("256MiB"), PRIVATE("4096"));
}

static void both_nothing_shared(struct check *c)
{
	over_limit(c, "0, memory.memsw.limit_in_bytes: 0", SWAP("256MiB"), SHARED("4096"));
}

static uint64_t limit_of(struct check *c, const char *value)
{
	return cg(simulate(c, V1("1s", "") "cgroups:\n" CG("t", ", memory.limit_in_bytes: %s")
			   "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n", value), "/t", AT_END).max;
}

static void limits_are_whole_pages(struct check *c)
{
	expect_eq(c, "4095", limit_of(c, "4095"), 0);
	expect_eq(c, "4097", limit_of(c, "4097"), 4096);
	expect_eq(c, "1", limit_of(c, "1"), 0);
}

static bool limit_refused(const char *value)
{
	return refused(V1("1s", "") "cgroups:\n" CG("t", ", memory.limit_in_bytes: %s")
		       "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n", value);
}

/* In a scenario 1.0 is a number like any other, and 1 byte; what the kernel's parser makes of it cannot be asked. */
static void limits_are_parsed(struct check *c)
{
	expect_eq(c, "-1", limit_of(c, "-1"), UINT64_MAX);
	expect(c, limit_refused("1xx"), "1xx was accepted");
	expect(c, limit_refused("xx"), "xx was accepted");
	expect(c, limit_refused("-2"), "-2 was accepted");
	expect_eq(c, "memsw -1", cg(simulate(c, V1("1s", "") "cgroups:\n" CG("t", ", memory.limit_in_bytes: 10MiB, "
					     "memory.memsw.limit_in_bytes: -1") "processes:\n  - {name: idle, workload: [{sleep: "
					     "forever}]}\n"), "/t", AT_END).memsw_max, UINT64_MAX);
	expect(c, limit_refused("10MiB, memory.memsw.limit_in_bytes: 1xx"), "memsw: 1xx was accepted");
	expect(c, limit_refused("10MiB, memory.memsw.limit_in_bytes: xx"), "memsw: xx was accepted");
}

static void peak_is_kept(struct check *c)
{
	const struct run *r = simulate(c, V1("4s", "") "cgroups:\n" CG("t", "") "processes:\n"
				       BARE("p", "t", "0", PRIVATE("4MiB") ", {munmap: {region: m}}" HOLD)
				       "  - {name: root, uid: 0, start: 2s, workload: ["
				       ECHO("t", "memory.max_usage_in_bytes", "0") "]}\n");
	struct rec_cgroup g = cg(r, "/t", 1.9);

	expect_range(c, "peak", (double)g.peak, 4194304, 4194304 + PAGES_65 + 8 * 4096); /* page tables are charged too: LTP adds them */
	expect_range(c, "peak after its reset", (double)cg(r, "/t", AT_END).peak, 0, PAGES_65);
}

static void peak_of_both_is_kept(struct check *c)
{
	const struct run *r = simulate(c, V1("4s", SWAP("256MiB")) "cgroups:\n" CG("t", ", memory.limit_in_bytes: 8MiB, "
				       "memory.memsw.limit_in_bytes: 8MiB") "processes:\n"
				       BARE("p", "t", "0", PRIVATE("4MiB") ", {munmap: {region: m}}" HOLD)
				       "  - {name: root, uid: 0, start: 2s, workload: ["
				       ECHO("t", "memory.memsw.max_usage_in_bytes", "0") "]}\n");

	expect_range(c, "peak", (double)cg(r, "/t", 1.9).memsw_peak, 4194304, 4194304 + PAGES_65 + 8 * 4096);
	expect_range(c, "peak after its reset", (double)cg(r, "/t", AT_END).memsw_peak, 0, PAGES_65);
}

static void rss_is_anonymous(struct check *c)
{
	static const struct {
		const char *steps;
		uint64_t rss;
	} row[] = {
		{ PRIVATE("65pages"), PAGES_65 },
		{ "{mmap: {region: m, kind: file, file: f0, size: 4096}}, {touch: {region: m}}", 0 },
		{ SHARED("4096"), 0 },
		{ PRIVATE("65pages") ", {mmap: {region: f, kind: file, file: f0, size: 65pages}}, {touch: {region: f}}, "
		  "{mmap: {region: s, kind: shmem, size: 65pages}}, {touch: {region: s, op: write}}", PAGES_65 },
		{ PRIVATE("65pages") ", {mlock: {region: m}}", PAGES_65 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct run *r = simulate(c, V1("4s", "") "cgroups:\n" CG("t", "") "processes:\n"
					       BARE("p", "t", "0", "%s, {sleep: 1s}, {munmap: {region: m}}" HOLD), row[i].steps);

		expect_eq(c, "rss", cg(r, "/t", 0.9).anon, row[i].rss);
		if (!strstr(row[i].steps, "region: f"))
			expect_eq(c, "rss after free", cg(r, "/t", AT_END).anon, 0);
	}
}

static void shrinking_is_refused(struct check *c)
{
	const struct run *r = simulate(c, V1("8s", "") "cgroups:\n" CG("t", "") "processes:\n"
				       BARE("p", "t", "0", "{mmap: {region: m, size: 8192}}, {mlock: {region: m}}" HOLD)
				       "  - {name: root, uid: 0, start: 1s, workload: ["
				       ECHO("t", "memory.limit_in_bytes", "1") "]}\n");
	const struct rec_event *e = event_of(r, EV_CGROUP_WRITE, NULL, 0);

	expect(c, e, "the limit was not written");
	if (e) {
		expect_eq(c, "errno", (uint64_t)e->arg[3], EBUSY);
		expect_range(c, "time of the answer", (double)e->t_ns / 1e9, 1, 6);
	}
	expect(c, alive(r, "p"), "the process died");
}

/* L is 1 MiB here; the case only says that the child's own limits are larger. */
static void the_least_limit_above(struct check *c)
{
	const struct run *r = simulate(c, V1("1s", SWAP("256MiB")) "cgroups:\n"
				       CG("t", ", memory.limit_in_bytes: 1MiB, memory.memsw.limit_in_bytes: 1064960")
				       CG("t/s", ", memory.limit_in_bytes: 386pages, memory.memsw.limit_in_bytes: 390pages")
				       "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n");

	expect_eq(c, "hierarchical_memory_limit", cg(r, "/t/s", AT_END).hierarchical_limit, MIB);
	expect_eq(c, "hierarchical_memsw_limit", cg(r, "/t/s", AT_END).hierarchical_memsw_limit, 1064960);
}

#define MOVE(name, to, at) "  - {name: root, uid: 0, start: " at ", workload: [" ECHO(to, "cgroup.procs", name) "]}\n"

static void charges_stay_behind(struct check *c)
{
	static const char *const limit[] = { "260pages", "130pages", "0" };

	for (size_t i = 0; i < sizeof(limit) / sizeof(limit[0]); i++) {
		const struct run *r = simulate(c, V1("4s", "") "cgroups:\n" CG("t", "") CG("t/s", ", memory.limit_in_bytes: %s")
					       "processes:\n" BARE("p", "t", "0", PRIVATE("130pages") HOLD) MOVE("p", "t/s", "2s"),
					       limit[i]);
		const struct rec_event *e = event_of(r, EV_CGROUP_WRITE, NULL, 0);

		expect_eq(c, "rss before", cg(r, "/t", 1.9).anon, 2 * PAGES_65);
		expect_eq(c, "rss of the subgroup", cg(r, "/t/s", AT_END).anon, 0);
		expect_eq(c, "rss of both", cg(r, "/t", AT_END).anon, 2 * PAGES_65);
		expect(c, e && !e->arg[3], "the move failed");
		expect(c, alive(r, "p"), "the process died");
	}
}

static void move_charges(struct check *c, const char *mask, const char *steps, uint64_t rss_b, uint64_t cache_b, uint64_t rss_a,
			 uint64_t cache_a)
{
	const struct run *r = simulate(c, V1("4s", "") "cgroups:\n" CG("a", "") CG("b", ", memory.move_charge_at_immigrate: %s")
				       "processes:\n" BARE("p", "a", "0", "%s" HOLD) MOVE("p", "b", "2s"), mask, steps);
	struct rec_cgroup a = cg(r, "/a", AT_END), b = cg(r, "/b", AT_END);

	expect_eq(c, "b.rss", b.anon, rss_b);
	expect_eq(c, "b.cache", b.file, cache_b);
	expect_eq(c, "a.rss", a.anon, rss_a);
	expect_eq(c, "a.cache", a.file, cache_a);
}

#define OF_FILE(size)  "{mmap: {region: f, kind: file, file: f0, offset: 12735pages, size: " size "}}, {touch: {region: f}}"
#define AS_SHMEM(size) "{mmap: {region: s, kind: shmem, size: " size "}}, {touch: {region: s, op: write}}"

/* The file's last 65 pages, so that read-ahead finds nothing behind them; written before, so that it reads nothing at all. */
static void what_moves(struct check *c)
{
	const char *all = PRIVATE("65pages") ", " AS_SHMEM("65pages") ", {write: {file: f0, offset: 12735pages}}, " OF_FILE("65pages");

	move_charges(c, "0", PRIVATE("65pages"), 0, 0, PAGES_65, 0);
	move_charges(c, "1", all, PAGES_65, 0, 0, 2 * PAGES_65);
	move_charges(c, "2", all, 0, 2 * PAGES_65, PAGES_65, 0);
	move_charges(c, "3", PRIVATE("65pages") ", " AS_SHMEM("65pages"), PAGES_65, PAGES_65, 0, 0);
}

static void force_empty(struct check *c)
{
	const struct run *r = simulate(c, V1("4s", SWAP("256MiB")) "cgroups:\n" CG("t", "") "processes:\n"
				       BARE("p", "t", "0", PRIVATE("4096") HOLD)
				       "  - {name: root, uid: 0, start: 1s, workload: [" ECHO("/", "cgroup.procs", "p") ", "
				       ECHO("t", "memory.force_empty", "xx") "]}\n");
	const struct rec_event *e = event_of(r, EV_CGROUP_WRITE, NULL, 1);

	expect_eq(c, "rss before", cg(r, "/t", 0.9).anon, 4096);
	expect(c, e && !e->arg[3], "force_empty failed");
	expect_eq(c, "rss after", cg(r, "/t", AT_END).anon, 0);
	expect(c, refused(V1("1s", "") "cgroups:\n" CG("t", "") "processes:\n  - {name: root, workload: ["
			  ECHO("/", "memory.force_empty", "1") "]}\n"), "force_empty of the root was accepted");
}

CONF_TABLE(conf_ltp_v1, "LTP: memory controller, version 1",
	{ "LTP-V1-LIM-2", "limit of a page, two locked", one_page_locked, NULL },
	{ "LTP-V1-LIM-3", "limit of a page, two of anonymous memory, no swap", one_page_no_swap, NULL },
	{ "LTP-V1-LIM-6", "limit of 0, a page of anonymous memory", nothing_anon, NULL },
	{ "LTP-V1-LIM-7", "limit of 0, a page of /dev/zero shared", nothing_shared, NULL },
	{ "LTP-V1-LIM-8", "limit of 0, a page of SysV shared memory", nothing_shared, NULL },
	{ "LTP-V1-LIM-R", "limits are rounded to pages", limits_are_whole_pages, NULL },
	{ "LTP-V1-LIM-P", "what limits may be written", limits_are_parsed, NULL },
	{ "LTP-V1-MEMSW-2", "both limits a page, two locked", both_one_page_locked, NULL },
	{ "LTP-V1-MEMSW-3", "both limits 0, a page of anonymous memory", both_nothing_anon, NULL },
	{ "LTP-V1-MEMSW-4", "both limits 0, a page of /dev/zero shared", both_nothing_shared, NULL },
	{ "LTP-V1-MAXU-1", "max_usage_in_bytes keeps the peak until it is reset", peak_is_kept, NULL },
	{ "LTP-V1-MAXU-2", "memsw.max_usage_in_bytes", peak_of_both_is_kept, NULL },
	{ "LTP-V1-RSS", "rss counts anonymous memory alone", rss_is_anonymous, NULL },
	{ "LTP-V1-HLIM", "hierarchical_memory_limit is the least of all above", the_least_limit_above, NULL },
	{ "LTP-V1-SUBG", "charges stay behind when a task moves", charges_stay_behind, NULL },
	{ "LTP-V1-MOVE", "move_charge_at_immigrate", what_moves, NULL },
	{ "LTP-V1-FORCE", "memory.force_empty of a child and of the root", force_empty, NULL },
	{ "LTP-REG-02", "a limit below what cannot be reclaimed is refused", shrinking_is_refused, NULL });
