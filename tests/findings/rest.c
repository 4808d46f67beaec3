/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings 25 to 32: page cache and swappiness, cgroups, overcommit. */
#include <stdio.h>
#include <string.h>

#include "tests/findings/find.h"

/* When the first page went to swap; SIM_NEVER: none did. To the sample. */
static sim_ns first_swap_out(const struct found *f)
{
	for (size_t i = 0; i < f->nsample; i++)
		if (f->sample[i].vmstat[VMSTAT_pswpout])
			return f->sample[i].t_ns;
	return SIM_NEVER;
}

static double swapped_MB(const struct found *f, sim_ns t)
{
	const struct rec_sample *s = find_at(f, t);

	return (double)(s->meminfo_kB[MI_SwapTotal] - s->meminfo_kB[MI_SwapFree]) / 1024;
}

/* 6.1 balances by swappiness: with 60 cold memory goes to swap 3 s after pressure begins, 82 MB of it by 12 s; with 200 the first
 * goes before the leak. 6.12 hardly listens: 60 and 200 begin at the same time (11.7 and 11.9 s). */
Test(f25_swappiness, balances_two_lists_and_hardly_generations)
{
	struct found f60 = find_recorded("swappiness-60", "6.1"),
		     f200 = find_changed("swappiness-60", "6.1", "sysctl.vm.swappiness=200", NULL),
		     m60 = find_recorded("swappiness-60", "6.12"),
		     m200 = find_changed("swappiness-60", "6.12", "sysctl.vm.swappiness=200", NULL);

	NEAR(swapped_MB(&f60, 12 * NS_PER_SEC), 82, 12);
	cr_expect_lt(first_swap_out(&f200) + NS_PER_SEC, first_swap_out(&f60));
	NEAR(S(first_swap_out(&m60)), 11.7, 12);
	NEAR(S(first_swap_out(&m200)), 11.9, 12);
	cr_expect_lt(first_swap_out(&f60), first_swap_out(&m60));
	find_free(&f60), find_free(&f200), find_free(&m60), find_free(&m200);
}

/* A sequential reader of a file larger than memory reads it from disk again each time: 67,000 pages a second, the disk's. 7.2
 * keeps part of the file and does 108,000. */
Test(f26_sequential_reader, gets_no_hits)
{
	struct found f = find_recorded("ws-file-120-seq", "6.1"), new = find_recorded("ws-file-120-seq", "7.2");
	const struct rec_event *e = find_step(&f, "ws", STEP_READ, 0), *n = find_step(&new, "ws", STEP_READ, 0);

	NEAR((double)e->arg[1] * 1000 / (double)e->arg[2] / 1000, 67.0, 3);
	NEAR((double)find_last(&f)->vmstat[VMSTAT_pgpgin] / 4 / (double)e->arg[1], 66.4 / 67.0, 3);
	NEAR((double)n->arg[1] * 1000 / (double)n->arg[2] / 1000, 108.4, 10);
	find_free(&f), find_free(&new);
}

/* memory.max kills at exactly the limit, after 35 `max` events and one `oom`. */
Test(f27_memory_max, kills_at_the_limit)
{
	struct found f = find_recorded("cg-max", "6.1");
	const struct rec_cgroup *a = find_cgroup(&f, "/a");

	VICTIMS(&f, "leak");
	NEAR(S(f.kill[0].t_ns), 2.697, 1);
	cr_expect_eq(a->events[MEMCG_MAX], 35);
	cr_expect_eq(a->events[MEMCG_OOM], 1);
	cr_expect_eq(a->events[MEMCG_OOM_KILL], 1);
	cr_expect_eq(a->peak, 64 * MIB);
	find_free(&f);
}

/* Page cache inside a cgroup goes without a word: 1072 `max` events, no `oom`, hardly any pressure (266 ms in 12 s). */
Test(f27_memory_max, reclaims_page_cache_silently)
{
	struct found f = find_recorded("cg-file", "6.1");
	const struct rec_cgroup *a = find_cgroup(&f, "/a");

	NEAR(a->events[MEMCG_MAX], 1072, 2);
	cr_expect_eq(a->events[MEMCG_OOM], 0);
	cr_expect_eq(f.nkill, 0);
	WITHIN(find_last(&f)->psi_memory.some.total_us / 1000, 0, 400);
	find_free(&f);
}

/* memory.high without swap never kills: 495 `high` events, and a crawl of 0.3 MB/s in sleeps of 2 s; PSI full 99 % of the time. */
Test(f28_memory_high, never_kills_and_slows_to_a_crawl)
{
	struct found f = find_recorded("cg-high", "6.1");
	const struct rec_cgroup *a = find_cgroup(&f, "/a");
	const struct rec_sample *s = find_at(&f, 10 * NS_PER_SEC), *e = find_last(&f);
	const struct rec_task *from = find_task(&f, "leak", 10 * NS_PER_SEC), *to = find_task(&f, "leak", SIM_NEVER);

	cr_expect_eq(f.nkill, 0);
	cr_expect_eq(a->events[MEMCG_HIGH], 495);
	NEAR((double)a->peak / 1024, 57088, 1);
	NEAR((double)(to->RssAnon_kB - from->RssAnon_kB) / 1024 / S(to->t_ns - from->t_ns), 0.3, 60);
	NEAR((double)(e->psi_memory.full.total_us - s->psi_memory.full.total_us) / 1e6 / S(e->t_ns - s->t_ns), 0.99, 2);
	NEAR(e->psi_memory.some.total_us / 1000, 16760, 2);
	find_free(&f);
}

/* memory.low spared the protected process all on 6.1, all but 12 MB on 6.12, all but 0.25 MB on 7.2 (the model: 0, 7.5 and 1.1). */
Test(f29_protection, keeps_the_protected_in_memory)
{
	static const struct {
		const char *kernel;
		double kill_s, least_MB, most_MB;
	} at[] = { { "6.1", 12.523, 0, 0 }, { "6.12", 12.937, 4, 12.5 }, { "7.2", 12.287, 0, 2 } };

	for (int i = 0; i < 3; i++) {
		struct found f = find_recorded("cg-low", at[i].kernel);
		const struct rec_task *t;

		VICTIMS(&f, "leak");
		NEAR(S(f.kill[0].t_ns), at[i].kill_s, 3);
		if (!i)
			cr_expect_eq(find_cgroup(&f, "/prot")->events[MEMCG_LOW], 442); /* 26 in each of 17 rounds */
		t = find_task(&f, "prot", f.kill[0].t_ns);
		WITHIN(t->VmSwap_kB / 1024.0, at[i].least_MB, at[i].most_MB);
		find_free(&f);
	}
}

/* memory.min in place of memory.low: nothing at all. */
Test(f29_protection, min_keeps_all)
{
	struct found f = find_changed("cg-low", "6.12", "cgroups[0]={path: prot, memory.min: 12399pages}", NULL);

	VICTIMS(&f, "leak");
	cr_expect_eq(find_task(&f, "prot", f.kill[0].t_ns)->VmSwap_kB, 0);
	find_free(&f);
}

/* Version 1 with oom_kill_disable: in D at the limit for ever, under_oom. */
Test(f30_oom_kill_disable, hangs_the_task)
{
	struct found f = find_recorded("cg1-nokill", "6.1");
	const struct rec_cgroup *a = find_cgroup(&f, "/a");
	bool stuck = false;

	cr_expect_eq(f.nkill, 0);
	cr_expect(a->under_oom);
	cr_expect_eq(a->current, a->max);
	for (size_t i = 0; i < f.ntask; i++)
		stuck |= f.task[i].t_ns == find_last(&f)->t_ns && f.task[i].state == 'D';
	cr_expect(stuck);
	find_free(&f);
}

/* pgscan and pgsteal of /proc/vmstat leave out cgroup reclaim until 7.x (measured 0 against 61 thousand). */
Test(f31_vmstat, counts_cgroup_reclaim_by_kernel)
{
	struct found old = find_recorded("cg-file", "6.1"), new = find_recorded("cg-file", "7.2");
	const uint64_t *o = find_last(&old)->vmstat, *n = find_last(&new)->vmstat;

	cr_expect_eq(o[VMSTAT_pgscan_direct] + o[VMSTAT_pgsteal_direct] + o[VMSTAT_pgscan_kswapd], 0);
	WITHIN((n[VMSTAT_pgscan_direct] + n[VMSTAT_pgscan_kswapd]) / 1000.0, 61 * 0.5, 61 * 1.5);
	find_free(&old), find_free(&new);
}

/* How many mappings of `each` of `count` a process of that mode and uid gets. */
static int64_t mappings(int mode, unsigned uid, const char *each, int count)
{
	char yaml[600];
	struct found f;
	int64_t got;

	snprintf(yaml, sizeof(yaml),
		 "duration: 2s\nsysctl: {vm.overcommit_memory: %d}\nmachine: {preset: qemu-recorder}\nprocesses:\n"
		 "  - {name: m, uid: %u, exe: {size: 764KiB, private: 56KiB, vm: 6672KiB, commit: 1696KiB}, workload: "
		 "[{mmap: {region: r, "
		 "size: %s, kind: anon, count: %d}}, {sleep: 1s}]}\n",
		 mode, uid, each, count);
	f = find_text(yaml, "6.1");
	got = find_step(&f, "m", STEP_MMAP, 0)->arg[1];
	cr_expect_eq(f.nkill, 0);
	find_free(&f);
	return got;
}

/* The heuristic refuses only one mapping larger than all RAM and swap: 300 MB fail, 200 MB pass, and so do 20 of 100 MB. Mode 1
 * gives all. Mode 2 gives 8 of 20 of 10 MB, here without a process beside. */
Test(f32_overcommit, modes)
{
	const int64_t MB = 256; /* in pages */

	cr_expect_eq(mappings(0, 1000, "300MiB", 1), 0);
	cr_expect_eq(mappings(0, 1000, "200MiB", 1), 200 * MB);
	cr_expect_eq(mappings(0, 1000, "100MiB", 20), 2000 * MB);
	cr_expect_eq(mappings(1, 1000, "300MiB", 20), 6000 * MB);
	WITHIN(mappings(2, 1000, "10MiB", 20) / (10 * MB), 8, 9);
	cr_expect_geq(mappings(2, 0, "1MiB", 200), mappings(2, 1000, "1MiB", 200) + 3 * MB, "root needs no reserve");
}

/* The recorded sequence of mode 2: a mapping is refused or given as it was on the real kernel, and nobody is killed. */
Test(f32_overcommit, mode_2_as_recorded)
{
	struct found f = find_recorded("overcommit-2", "6.1");

	cr_expect_eq(f.nkill, 0);
	cr_expect_eq(find_step(&f, "huge", STEP_MMAP, 0)->arg[1], 0);
	cr_expect_eq(find_step(&f, "near", STEP_MMAP, 0)->arg[1], 0);
	cr_expect_eq(find_step(&f, "many", STEP_MMAP, 0)->arg[1] / 2560, 9);
	cr_expect_eq(find_step(&f, "use", STEP_GROW, 0)->arg[1], 512, "2 MB, of the 2 to 10 that kernels gave");
	cr_expect_eq(find_step(&f, "root", STEP_MMAP, 0)->arg[1], 1024, "one of 4 MB more");
	find_free(&f);
}
