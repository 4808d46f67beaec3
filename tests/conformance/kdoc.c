/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's documentation says of cgroups v2, of scores and of tmpfs, on machines. */
#include "tests/conformance/conformance.h"

static void children_share_the_parents_limit(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n" CG("P", ", memory.max: 100MiB")
				       CG("P/a", ", memory.max: 80MiB") CG("P/b", ", memory.max: 80MiB") "processes:\n"
				       PROC("a", "P/a", "0", ANON_HOLD("60MiB")) PROC("b", "P/b", "1s", ANON_HOLD("60MiB")));

	expect(c, cg_largest(r, "/P") <= MB(100), "P exceeded its limit");
	expect(c, killed(r, "a") || killed(r, "b"), "nobody in P was killed");
}

static void high_is_no_reason_to_kill(struct check *c)
{
	const struct run *r = simulate(c, HEAD("60s", "1GiB", "") "cgroups:\n" CG("t", ", memory.high: 30MiB, memory.swap.max: 0")
				       "processes:\n" PROC("p", "t", "0", ANON_HOLD("100MiB")));

	expect_eq(c, "kills", events_of(r, EV_OOM_KILL, NULL), 0);
	expect(c, alive(r, "p"), "the process died");
	expect(c, cg(r, "/t", AT_END).current > MB(30), "not breached: nothing was shown");
}

static void group_kills_stay_inside(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n" CG("A", ", memory.oom.group: 1")
				       CG("A/B", ", memory.max: 50MiB, memory.swap.max: 0, memory.oom.group: 0") CG("A/C", "")
				       "processes:\n" PROC("c", "A/C", "0", ANON_HOLD("40MiB")) PROC("b1", "A/B", "0", ANON_HOLD("10MiB"))
				       PROC("b2", "A/B", "1s", ANON_HOLD("100MiB")));

	expect(c, killed(r, "b2"), "b2 was not killed");
	expect(c, alive(r, "b1"), "b1 died");
	expect(c, alive(r, "c"), "c died");
}

static void lowering_max_kills(struct check *c)
{
	const struct run *r = simulate(c, HEAD("8s", "1GiB", "") "cgroups:\n" CG("t", ", memory.swap.max: 0") "processes:\n"
				       PROC("p1", "t", "0", ANON_HOLD("20MiB")) PROC("p2", "t", "0", ANON_HOLD("60MiB"))
				       "  - {name: root, uid: 0, start: 1s, workload: [" ECHO("t", "memory.max", "30MiB") "]}\n");
	const struct rec_event *e = event_of(r, EV_CGROUP_WRITE, NULL, 0);

	expect(c, e && !e->arg[3], "the write failed");
	expect(c, killed(r, "p2"), "p2 was not killed");
	expect(c, alive(r, "p1"), "p1 died");
	expect(c, cg(r, "/t", AT_END).current <= MB(30), "current exceeds the new limit");
}

static void swap_max_takes_nothing_back(struct check *c)
{
	const struct run *r = simulate(c, HEAD("8s", "1GiB", SWAP("1GiB")) "cgroups:\n" CG("t", ", memory.max: 50MiB") "processes:\n"
				       PROC("p", "t", "0", ANON_HOLD("90MiB"))
				       "  - {name: root, uid: 0, start: 4s, workload: [" ECHO("t", "memory.swap.max", "10MiB") "]}\n");
	uint64_t before = cg(r, "/t", 3.9).swap_current;

	expect_close(c, "swap before", before, MB(40), 5); /* "about": what is in the swap cache counts on both sides */
	expect_eq(c, "swap after", cg(r, "/t", AT_END).swap_current, before);
	expect(c, alive(r, "p"), "the process died");
}

static void events_go_up(struct check *c)
{
	const struct run *r = simulate(c, HEAD("6s", "1GiB", "") "cgroups:\n" CG("P", "")
				       CG("P/c", ", memory.max: 30MiB, memory.swap.max: 0") "processes:\n"
				       PROC("p", "P/c", "0", ANON_HOLD("100MiB")));

	expect_eq(c, "oom_kill of P", cg(r, "/P", AT_END).events[MEMCG_OOM_KILL], 1);
	expect_eq(c, "local oom_kill of P", cg(r, "/P", AT_END).events_local[MEMCG_OOM_KILL], 0);
	expect_eq(c, "local oom_kill of P/c", cg(r, "/P/c", AT_END).events_local[MEMCG_OOM_KILL], 1);
}

static void scores_decide(struct check *c)
{
	const struct run *r = simulate(c, "name: adj\nkernel: \"6.1\"\nduration: 20s\nsample: 50ms\nstop_when_idle: false\n"
				       "machine: {cpus: 2, memory: 256000pages, nodes: [{Normal: {present: 256000pages, managed: "
				       "256000pages}}]}\nprocesses:\n"
				       "  - {name: a, oom_score_adj: 500, workload: [{leak: {region: h, size: 300MiB}}, {sleep: forever}]}\n"
				       "  - {name: b, workload: [{leak: {region: h, size: 600MiB}}, {sleep: forever}]}\n"
				       "  - {name: c, oom_score_adj: -1000, workload: [{leak: {region: h, size: 50MiB}}, {sleep: forever}]}\n"
				       "  - {name: trigger, start: 5s, workload: [{leak: {region: h, size: 60MiB}}, {sleep: forever}]}\n");
	const struct rec_event *first = event_of(r, EV_OOM_KILL, NULL, 0);

	/* /proc's oom_score of 5.9 and later is (1000 + points per mille) * 2 / 3. */
	expect_range(c, "score of a", task_at(r, "a", 4.9).oom_score * 3 / 2. - 1000, 797, 803);
	expect_range(c, "score of b", task_at(r, "b", 4.9).oom_score * 3 / 2. - 1000, 597, 603);
	expect(c, first && !strcmp(first->comm, "a"), "the first victim is not a");
	expect(c, alive(r, "c"), "c died");
}

/* Shared memory that no kill gives back, as of an oversized tmpfs: here the holder may not be killed. */
static void tmpfs_outlives_its_writers(struct check *c)
{
	const struct run *r = simulate(c, HEAD("20s", "2GiB", "") "processes:\n"
				       "  - {name: tmpfs, oom_score_adj: -1000, workload: [{mmap: {region: t, kind: shmem, size: 1900MiB}}, "
				       "{touch: {region: t, op: write}}, {sleep: forever}]}\n"
				       "  - {name: p, start: 5s, workload: [{leak: {region: h, size: 500MiB}}, {sleep: forever}]}\n");

	expect(c, r->ran, "the run did not end");
	expect(c, killed(r, "p") || r->end == RUN_PANIC, "neither a kill nor a panic");
	expect(c, sample_at(r, AT_END).meminfo_kB[MI_MemFree] < 500 * 1024, "there is room after all");
}

/* 500 MiB clean, 100 MiB dirty, 50 MiB of slab. */
static const struct run *drop(struct check *c, const char *mask)
{
	return simulate(c, "name: drop\nkernel: \"6.1\"\nduration: 6s\nsample: 50ms\nstop_when_idle: false\n"
			   "sysctl: {vm.dirty_background_ratio: 50, vm.dirty_ratio: 60, vm.dirty_writeback_centisecs: 0}\n"
			   "machine:\n  cpus: 2\n  memory: 2GiB\n  kernel_memory: {slab_reclaimable: 60MiB, slab_freeable: 50MiB}\n"
			   "  disks: [{name: disk, device: {read_latency: 80us, write_latency: 80us}}]\n"
			   "  files: [{name: clean, size: 500MiB}, {name: dirty, size: 100MiB}]\n"
			   "processes:\n  - {name: p, exe: {size: 0, private: 0}, workload: [{read: {file: clean}}, {write: {file: dirty}}, {sleep: forever}]}\n"
			   "  - {name: root, uid: 0, start: 4s, exe: {size: 0, private: 0}, workload: [{sysctl: {vm.drop_caches: %s}}]}\n", mask);
}

static void drop_caches_frees_what_is_clean(struct check *c)
{
	struct rec_sample before, after = sample_at(drop(c, "1"), AT_END), slab, both = sample_at(drop(c, "3"), AT_END);
	const struct run *r = drop(c, "2");

	before = sample_at(r, 3.9);
	slab = sample_at(r, AT_END);
	expect_close(c, "cache before", before.meminfo_kB[MI_Cached] * KIB, MB(600), 2);
	expect_close(c, "cache after 1", after.meminfo_kB[MI_Cached] * KIB, MB(100), 2);
	expect_eq(c, "slab after 1", after.meminfo_kB[MI_SReclaimable], before.meminfo_kB[MI_SReclaimable]);
	expect_eq(c, "slab freed by 2", before.meminfo_kB[MI_SReclaimable] - slab.meminfo_kB[MI_SReclaimable], 50 * 1024);
	expect_eq(c, "cache after 2", slab.meminfo_kB[MI_Cached], before.meminfo_kB[MI_Cached]);
	expect_eq(c, "cache after 3", both.meminfo_kB[MI_Cached], after.meminfo_kB[MI_Cached]);
	expect_eq(c, "slab after 3", both.meminfo_kB[MI_SReclaimable], slab.meminfo_kB[MI_SReclaimable]);
}

CONF_TABLE(conf_kdoc, "kernel documentation: cgroup-v2.rst, proc.rst, tmpfs.rst",
	{ "KDOC-V2-01", "limits may be over-committed, usage not", children_share_the_parents_limit, NULL },
	{ "KDOC-V2-04", "memory.high is no reason to kill", high_is_no_reason_to_kill, NULL },
	{ "KDOC-V2-05", "a group kill stays inside the domain", group_kills_stay_inside, NULL },
	{ "KDOC-V2-06", "lowering memory.max reclaims, then kills", lowering_max_kills, NULL },
	{ "KDOC-V2-08", "lowering memory.swap.max takes nothing back", swap_max_takes_nothing_back, NULL },
	{ "KDOC-V2-09", "memory.events goes up the tree, events.local not", events_go_up, NULL },
	{ "KDOC-OOM-02", "oom_score_adj is thousandths of what may be used", scores_decide, NULL },
	{ "KDOC-TMP-01", "an oversized tmpfs (as shared memory that no kill frees; no mount, so no default size)",
	  tmpfs_outlives_its_writers, NULL },
	{ "KDOC-DC-01", "drop_caches frees what is clean", drop_caches_frees_what_is_clean, NULL });
