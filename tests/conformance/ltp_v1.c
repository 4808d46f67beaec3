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
	{ "LTP-V1-HLIM", "hierarchical_memory_limit", NULL, "no record has it: it is a line of memory.stat of version 1" },
	{ "LTP-V1-SUBG", "charges stay behind when a task moves", NULL, "tasks cannot be moved: there is no cgroup.procs yet" },
	{ "LTP-REG-02", "a limit below what cannot be reclaimed is refused", shrinking_is_refused, NULL });
