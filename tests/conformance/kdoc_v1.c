/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's documentation says of the version 1 memory controller. */
#include "tests/conformance/conformance.h"

#define V1(seconds, memory, swap) "cgroup_version: 1\n" HEAD(seconds, memory, swap)
#define NO_MEMSW "version 1 has no memory.memsw.limit_in_bytes here yet"

static void the_rest_is_in_swap(struct check *c)
{
	const struct run *r = simulate(c, V1("10s", "512MiB", SWAP("256MiB")) "cgroups:\n" CG("t", ", memory.limit_in_bytes: 40MiB")
				       "processes:\n" PROC("p", "t", "0", ANON_HOLD("100MiB")));

	expect_range(c, "MiB of swap", (double)cg(r, "/t", AT_END).swap_current / MIB, 57, 64); /* "a few MiB": of swap cache */
	expect(c, alive(r, "p"), "the process died");
}

/* Case A of the recipe: swap is off. */
static void oom_stays_inside(struct check *c)
{
	const struct run *r = simulate(c, V1("10s", "1GiB", "") "sysctl: {vm.panic_on_oom: 1}\ncgroups:\n"
				       CG("t", ", memory.limit_in_bytes: 50MiB") CG("other", "") "processes:\n"
				       PROC("o", "other", "0", ANON_HOLD("500MiB")) PROC("t", "t", "2s", ANON_HOLD("51MiB")));

	expect(c, killed(r, "t"), "t was not killed");
	expect(c, alive(r, "o"), "o died");
	expect(c, r->end != RUN_PANIC, "the machine panicked");
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
	{ "KDOC-V1-01", "memsw caps the swap that a mistake eats", NULL, NO_MEMSW },
	{ "KDOC-V1-02", "100 MiB under 40 MiB: 60 in swap", the_rest_is_in_swap, NULL },
	{ "KDOC-V1-03", "51 MiB under 50 MiB: a kill inside (case A; B needs memsw)", oom_stays_inside, NULL },
	{ "KDOC-V1-06", "limits read back as whole pages", limits_read_back, NULL });
