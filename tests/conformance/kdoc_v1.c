/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's documentation says of the version 1 memory controller. */
#include "tests/conformance/conformance.h"

#define V1(seconds, memory, swap) "cgroup_version: 1\n" HEAD(seconds, memory, swap)

static void the_rest_is_in_swap(struct check *c)
{
	const struct run *r = simulate(c, V1("10s", "512MiB", SWAP("256MiB")) "cgroups:\n" CG("t", ", memory.limit_in_bytes: 40MiB")
				       "processes:\n" PROC("p", "t", "0", ANON_HOLD("100MiB")));

	expect_range(c, "MiB of swap", (double)cg(r, "/t", AT_END).swap_current / MIB, 57, 64); /* "a few MiB": of swap cache */
	expect(c, alive(r, "p"), "the process died");
}

/* 6 GiB by mistake, with 2 GiB allowed. Pages are of 64 KiB, so that it takes no longer than it must. */
static const struct run *mistake(struct check *c, const char *memsw)
{
	return simulate(c, "cgroup_version: 1\nname: mistake\nkernel: \"6.1\"\nduration: 60s\nsample: 1ms\n"
				       "machine: {cpus: 2, memory: 5GiB, page_size: 64KiB, swap: [{size: 65537pages, device: "
				       "{read_latency: 80us, write_latency: 80us}}]}\ncgroups:\n"
				       CG("t", ", memory.limit_in_bytes: 2GiB%s") "processes:\n"
				       PROC("p", "t", "0", ANON("6GiB")), memsw);
}

/* The documentation speaks of 1 GiB. A batch of reclaim at the lower limit, 32 pages and what was under way, may go beyond it. */
static void memsw_caps_the_damage(struct check *c)
{
	const struct run *r = mistake(c, "");
	uint64_t free = UINT64_MAX, most = 0;

	for (size_t i = 0; i < r->nsample; i++)
		free = u64_min(free, r->sample[i].meminfo_kB[MI_SwapFree]);
	expect_eq(c, "kB of swap left without memsw", free, 0);
	r = mistake(c, ", memory.memsw.limit_in_bytes: 3GiB");
	for (size_t i = 0; i < r->nrow; i++)
		most = u64_max(most, r->row[i].swap_current);
	expect_range(c, "swap used with memsw", (double)most, 1, 1073741824. + 64 * 65536);
	expect(c, killed(r, "p"), "not killed although memsw was used up");
}

/* Case A of the recipe: swap is off; B: it is on, and memsw is as low as the limit. */
static void oom_inside(struct check *c, const char *swap, const char *memsw)
{
	const struct run *r = simulate(c, V1("10s", "1GiB", "%s") "sysctl: {vm.panic_on_oom: 1}\ncgroups:\n"
				       CG("t", ", memory.limit_in_bytes: 50MiB%s") CG("other", "") "processes:\n"
				       PROC("o", "other", "0", ANON_HOLD("500MiB")) PROC("t", "t", "2s", ANON_HOLD("51MiB")), swap, memsw);

	expect(c, killed(r, "t"), "t was not killed");
	expect(c, alive(r, "o"), "o died");
	expect(c, r->end != RUN_PANIC, "the machine panicked");
}

static void oom_stays_inside(struct check *c)
{
	oom_inside(c, "", "");
	oom_inside(c, SWAP("256MiB"), ", memory.memsw.limit_in_bytes: 50MiB");
}

static uint64_t limit_of(struct check *c, const char *value)
{
	return cg(simulate(c, V1("1s", "512MiB", "") "cgroups:\n" CG("t", ", memory.limit_in_bytes: %s")
			   "processes:\n  - {name: idle, workload: [{sleep: forever}]}\n", value), "/t", AT_END).max;
}

static void limits_read_back(struct check *c)
{
	expect_eq(c, "4 MiB", limit_of(c, "4MiB"), 4194304);
	expect_eq(c, "1 byte", limit_of(c, "1"), 0);
}

CONF_TABLE(conf_kdoc_v1, "kernel documentation: cgroup-v1/memory.rst, memcg_test.rst",
	{ "KDOC-V1-01", "memsw caps the swap that a mistake eats", memsw_caps_the_damage, NULL },
	{ "KDOC-V1-02", "100 MiB under 40 MiB: 60 in swap", the_rest_is_in_swap, NULL },
	{ "KDOC-V1-03", "51 MiB under 50 MiB: a kill inside (cases A and B)", oom_stays_inside, NULL },
	{ "KDOC-V1-06", "limits read back as whole pages", limits_read_back, NULL });
