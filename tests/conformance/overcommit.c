/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Overcommit: LTP's overcommit_memory and min_free_kbytes, and the documentation's worked examples. */
#include "tests/conformance/conformance.h"

/* Four CPUs, so much RAM that the kernel manages, and swap less its header page. */
#define EXACT(seconds, ram, swap)                                                                                      \
	"name: case\nkernel: \"6.1\"\nduration: " seconds "\nsample: 100ms\nstop_when_idle: false\n"                    \
	"machine: {cpus: 4, memory: " ram ", nodes: [{Normal: {present: " ram ", managed: " ram "}}],\n"               \
	"  swap: [{size: " swap ", device: {read_latency: 80us}}]}\n"
#define MMAP(start, name, bytes)                                                                                       \
	"  - {name: " name ", start: " start ", workload: [{mmap: {region: m, size: " bytes "}}, {sleep: 500ms}]}\n"

static uint64_t meminfo(const struct run *r, double at, enum meminfo_item item)
{
	return sample_at(r, at).meminfo_kB[item] * KIB;
}

/* The test reads what is committed and then asks; so do we, in a second run of the same. */
static void strict(struct check *c, unsigned ratio, uint64_t limit)
{
	uint64_t left, slack = (uint64_t)2048 * 4 * 4096; /* a counter's batch on each CPU: 8 GiB of pages / 4 CPUs / 256 */
	const struct run *r = simulate(c, EXACT("8s", "8GiB", "524289pages") "sysctl: {vm.overcommit_memory: 2, "
				       "vm.overcommit_ratio: %u}\nprocesses:\n"
				       "  - {name: base, workload: [{mmap: {region: m, size: 1GiB}}, {sleep: forever}]}\n", ratio);

	left = meminfo(r, 0.9, MI_CommitLimit) - meminfo(r, 0.9, MI_Committed_AS);
	expect_eq(c, "CommitLimit", meminfo(r, 0.9, MI_CommitLimit), limit);
	expect_range(c, "Committed_AS", meminfo(r, 0.9, MI_Committed_AS), MB(1024), MB(1100));
	r = simulate(c, EXACT("8s", "8GiB", "524289pages") "sysctl: {vm.overcommit_memory: 2, vm.overcommit_ratio: %u}\n"
		     "processes:\n  - {name: base, workload: [{mmap: {region: m, size: 1GiB}}, {sleep: forever}]}\n"
		     MMAP("1s", "a", "%llu") MMAP("3s", "b", "%llu") MMAP("5s", "c", "%llu"), ratio, (unsigned long long)(2 * left),
		     (unsigned long long)(limit + slack), (unsigned long long)(left / 2));
	expect(c, refused_memory(r, "a"), "twice what is left was granted");
	expect(c, refused_memory(r, "b"), "CommitLimit and the slack were granted");
	expect(c, event_of(r, EV_START, "c", 0) && !refused_memory(r, "c"), "half of what is left was refused");
}

static void ratio_50(struct check *c) { strict(c, 50, 6442450944); }
static void ratio_0(struct check *c) { strict(c, 0, 2147483648); }
static void ratio_80(struct check *c) { strict(c, 80, 9019428864); }
static void ratio_200(struct check *c) { strict(c, 200, 19327352832); }

static void always(struct check *c)
{
	const struct run *r = simulate(c, EXACT("6s", "8GiB", "524289pages") "sysctl: {vm.overcommit_memory: 1}\nprocesses:\n"
				       MMAP("0", "half", "5368709120") MMAP("1s", "once", "10737418240")
				       MMAP("2s", "twice", "21474836480"));

	expect_eq(c, "steps that failed", events_of(r, EV_STEP_FAILED, NULL), 0);
	expect(c, exited(r, "half") && exited(r, "once") && exited(r, "twice"), "one did not come to its end");
}

/* MemFree may lie below 90 % of the setting for 2 s at most. */
static void expect_floor(struct check *c, const struct run *r, uint64_t kB)
{
	sim_ns since = SIM_NEVER;
	double longest = 0;

	for (size_t i = 0; i < r->nsample; i++) {
		if (r->sample[i].meminfo_kB[MI_MemFree] * 10 >= kB * 9)
			since = SIM_NEVER;
		else if (since == SIM_NEVER)
			since = r->sample[i].t_ns;
		else
			longest = fmax(longest, (double)(r->sample[i].t_ns - since) / 1e9);
	}
	expect_range(c, "seconds of MemFree below the floor", longest, 0, 2);
}

static void fill_until_the_end(struct check *c, unsigned policy, uint64_t kB)
{
	const struct run *r = simulate(c, HEAD("20s", "1GiB", SWAP("512MiB")) "sysctl: {vm.overcommit_memory: %u, vm.min_free_kbytes: "
				       "%llu}\nprocesses:\n  - {name: child, start: 1s, workload: [{leak: {region: h, map_step: 1MiB}}]}\n",
				       policy, (unsigned long long)kB);

	if (policy != 1)
		expect(c, exited(r, "child") || (!policy && killed(r, "child")), "policy 0 or 2: another end");
	else
		expect(c, killed(r, "child"), "policy 1: not killed");
	expect_floor(c, r, kB);
}

static void min_free_is_a_floor(struct check *c)
{
	const struct run *r = simulate(c, HEAD("2s", "1GiB", SWAP("512MiB")) "processes:\n"
				       "  - {name: idle, workload: [{sleep: forever}]}\n");
	uint64_t def = r->begin.min_free_kbytes, free = sample_at(r, 1).meminfo_kB[MI_MemFree] / 20,
		 total = sample_at(r, 1).meminfo_kB[MI_MemTotal] / 50;
	const uint64_t setting[] = { def, 2 * def, free < total ? free : total };
	static const unsigned policy[] = { 2, 0, 1 };

	for (int p = 0; p < 3; p++)
		for (int s = 0; s < 3; s++)
			fill_until_the_end(c, policy[p], setting[s]);
}

static void documented_limit(struct check *c)
{
	const struct run *r = simulate(c, EXACT("1s", "1GiB", "1835009pages") "sysctl: {vm.overcommit_ratio: 30}\n"
				       "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n");

	expect_range(c, "CommitLimit", meminfo(r, AT_END, MI_CommitLimit), 7838315315. - 4096, 7838315315. + 4096);
}

static void promises_are_counted(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "2GiB", "") "processes:\n  - {name: p, workload: [{sleep: 1s}, {mmap: {region: m, "
				       "size: 1GiB}}, {sleep: 2s}, {touch: {region: m, size: 300MiB, op: write}}, {sleep: forever}]}\n");

	expect_eq(c, "growth of Committed_AS", meminfo(r, 5, MI_Committed_AS) - meminfo(r, 0.9, MI_Committed_AS), MB(1024));
	expect_eq(c, "growth of VmRSS", task_at(r, "p", 5).RssAnon_kB - task_at(r, "p", 0.9).RssAnon_kB, 300 * 1024);
}

CONF_TABLE(conf_overcommit, "overcommit and min_free_kbytes",
	{ "LTP-OC-2-R50", "mode 2, ratio 50", ratio_50, NULL },
	{ "LTP-OC-2-R0", "mode 2, ratio 0", ratio_0, NULL },
	{ "LTP-OC-2-R80", "mode 2, ratio 80", ratio_80, NULL },
	{ "LTP-OC-2-R200", "mode 2, ratio 200", ratio_200, NULL },
	{ "LTP-OC-1", "mode 1 grants twice RAM and swap", always, NULL },
	{ "LTP-MFK-01", "min_free_kbytes is a floor in all modes", min_free_is_a_floor, NULL },
	{ "KDOC-OC-01", "CommitLimit of 1 GiB, 7 GiB of swap, ratio 30", documented_limit, NULL },
	{ "KDOC-OC-03", "Committed_AS counts what is promised", promises_are_counted, NULL });
