/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LTP: out of memory, swapping, filling the machine, memcontrol02. */
#include "tests/conformance/conformance.h"

/* The parent, protected, must live; the child locks 3 GiB blocks until it is refused or killed. */
static void locked_memory_kills(struct check *c)
{
	const struct run *r = simulate(c, HEAD("60s", "1GiB", SWAP("512MiB")) "sysctl: {vm.overcommit_memory: 1}\nprocesses:\n"
				       "  - {name: parent, uid: 0, oom_score_adj: -1000, workload: [{sleep: forever}]}\n"
				       "  - {name: child, uid: 0, start: 1s, workload: [{mmap: {region: a, size: 3GiB}}, "
				       "{mlock: {region: a}}, {mmap: {region: b, size: 3GiB}}, {mlock: {region: b}}]}\n");

	expect(c, killed(r, "child") || refused_memory(r, "child"), "neither killed nor refused");
	expect(c, alive(r, "parent"), "the parent died");
}

/* Three threads that map 3 GiB each until one is refused or all are killed, in a cpuset of one of two nodes; each node in turn. What
 * memory_migrate=1 repeats it for, pages that move between nodes, is not asked. */
static void a_cpuset_of_one_node_kills(struct check *c)
{
	for (int node = 0; node < 2; node++) {
		const struct run *r = simulate(c, "duration: 60s\nmachine: {cpus: 4, memory: 1GiB, nodes: 2, swap: [{size: 128MiB, device: "
					       "ssd-sata}]}\nsysctl: {vm.overcommit_memory: 1}\ncgroups:\n" CG("t", ", cpuset.mems: %d")
					       "processes:\n  - {name: parent, uid: 0, oom_score_adj: -1000, cgroup: t, "
					       "workload: [{sleep: forever}]}\n  - {name: child, uid: 0, start: 1s, cgroup: t, threads: 3, "
					       "workload: [{leak: {region: a, size: 9GiB, map_step: 3GiB}}]}\n", node);

		expect(c, killed(r, "child") || refused_memory(r, "child"), "neither killed nor refused");
		expect(c, alive(r, "parent"), "the parent died");
	}
}

static uint64_t available(struct check *c, const char *memory, const char *swap)
{
	const struct run *r = simulate(c, HEAD("2s", "%s", "%s") "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n", memory,
				       swap);

	return sample_at(r, 1).meminfo_kB[MI_MemAvailable];
}

static void first_swapping_is_gentle(struct check *c)
{
	uint64_t a = available(c, "1GiB", SWAP("2GiB"));
	unsigned long long kB = a * 13 / 10;
	const struct run *r = simulate(c, HEAD("60s", "1GiB", SWAP("2GiB")) "processes:\n"
				       "  - {name: first, start: 1s, workload: [{leak: {region: h, size: %lluKiB, rate: 1000MiB/s}}]}\n"
				       "  - {name: second, start: 20s, workload: [{leak: {region: h, size: %lluKiB, rate: 1000MiB/s}}, "
				       "{sleep: forever}]}\n", kB, kB);

	expect(c, exited(r, "first"), "the first one did not exit");
	expect(c, alive(r, "second"), "the second one died");
	expect_range(c, "VmSwap as a share of MemAvailable", (double)task_at(r, "second", AT_END).VmSwap_kB / (double)a, 0, 1);
}

static void most_of_free_memory_is_there(struct check *c)
{
	const struct run *r = simulate(c, HEAD("2s", "4GiB", "") "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n");
	unsigned long long kB = sample_at(r, 1).meminfo_kB[MI_MemFree] * 8 / 10;
	unsigned long long rest = kB - 3000 * 1024;

	r = simulate(c, HEAD("10s", "4GiB", "") "processes:\n  - {name: one, workload: [{leak: {region: h, size: 3000MiB, map_step: 1MiB}}, "
		     "{sleep: forever}]}\n  - {name: two, workload: [{leak: {region: h, size: %lluKiB, map_step: 1MiB}}, {sleep: forever}]}\n",
		     rest);
	expect_eq(c, "kills", events_of(r, EV_OOM_KILL, NULL), 0);
	expect_eq(c, "refusals", events_of(r, EV_STEP_FAILED, NULL), 0);
	expect(c, task_at(r, "one", AT_END).RssAnon_kB >= 3000 * 1024, "the first did not reach its target");
	expect(c, task_at(r, "two", AT_END).RssAnon_kB >= rest, "the second did not reach its target");
}

static void fill_safely(struct check *c, const char *swap)
{
	const struct run *r = simulate(c, HEAD("2s", "2GiB", "%s") "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n", swap);
	struct rec_sample s = sample_at(r, 1);
	uint64_t reserve = u64_max(128 * 1024, r->begin.min_free_kbytes * 11 / 10);
	uint64_t kB = u64_min(s.meminfo_kB[MI_MemFree], s.meminfo_kB[MI_MemAvailable]);

	if (s.meminfo_kB[MI_SwapFree] <= reserve)
		kB -= reserve;
	r = simulate(c, HEAD("20s", "2GiB", "%s") "processes:\n  - {name: fill, workload: [{leak: {region: h, size: %lluKiB, map_step: 16MiB}}, "
		     "{sleep: 2s}]}\n", swap, (unsigned long long)kB);
	expect_eq(c, "kills", events_of(r, EV_OOM_KILL, NULL), 0);
	expect(c, exited(r, "fill"), "the process did not exit");
	expect_eq(c, "refusals", events_of(r, EV_STEP_FAILED, NULL), 0);
}

static void filling_is_safe(struct check *c)
{
	fill_safely(c, "");
	fill_safely(c, SWAP("1GiB"));
}

static void accounting(struct check *c, const char *version)
{
	const struct run *r = simulate(c, "cgroup_version: %s\n" HEAD("6s", "1GiB", "") "cgroups:\n" CG("t", "") CG("t2", "")
				       "processes:\n" PROC("a", "t", "1s", ANON_HOLD("50MiB"))
				       PROC("b", "t2", "1s", "{write: {file: f0}}" HOLD), version);
	struct rec_cgroup a = cg(r, "/t", AT_END), b = cg(r, "/t2", AT_END);

	expect_eq(c, "current before", cg(r, "/t", 0.9).current, 0);
	expect(c, a.current >= MB(50), "anonymous: current is below 50 MiB");
	expect_close_ltp(c, "anon", a.anon, MB(50), 3);
	expect_close_ltp(c, "anon and current", a.anon, a.current, 3);
	expect(c, b.current >= MB(50), "written: current is below 50 MiB");
	expect_close_ltp(c, "file and current", b.file, b.current, 10);
}

static void both_versions_account(struct check *c)
{
	accounting(c, "1");
	accounting(c, "2");
}

CONF_TABLE(conf_ltp, "LTP: memory",
	{ "LTP-OOM-01d", "locked memory ends in a kill or a refusal", locked_memory_kills, NULL },
	{ "LTP-OOM-04", "a cpuset of one node ends the same", a_cpuset_of_one_node_kills, NULL },
	{ "LTP-SW-01", "first use of swap does not overdo it", first_swapping_is_gentle, NULL },
	{ "LTP-MT-01", "80 % of free RAM can be had", most_of_free_memory_is_there, NULL },
	{ "LTP-LIB-01", "filling all but a reserve kills nobody", filling_is_safe, NULL },
	{ "LTP-MC-02", "anonymous and written memory, both versions", both_versions_account, NULL });
