/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings 1 to 9: choosing the victim. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/findings/find.h"

static const char *const kernels[] = { "5.10", "6.1", "6.12", "7.2" };

#define PAGE    4096
#define MACHINE "duration: 30s\nmachine: {preset: qemu-recorder}\n"

/* The formula as it was checked against the recordings, written anew: division of the total first. */
static int64_t badness(const struct rec_oom_task *t, uint64_t total)
{
	return (int64_t)(t->rss + t->swapents + t->pgtables_bytes / PAGE) +
	       (int64_t)t->oom_score_adj * (int64_t)(total / 1000);
}

/* Every candidate of every report has the points the formula says, and who died has most of them. */
static size_t check_reports(const struct found *f)
{
	size_t tables = 0;

	for (size_t i = 0; i < f->noom; i++) {
		const struct found_oom *o = &f->oom[i];
		const struct rec_kill *k = &f->kill[i];
		int64_t most = INT64_MIN;

		if (!o->r.has_victim)
			continue;
		for (size_t j = 0; j < o->r.ntask; j++) {
			if (!o->task[j].eligible)
				continue;
			cr_expect_eq(o->task[j].points, badness(&o->task[j], o->r.totalpages), "%s", o->task[j].comm);
			most = o->task[j].points > most ? o->task[j].points : most;
		}
		cr_expect_eq(k->points, most, "%s died with %" PRId64 " of %" PRId64, k->comm, k->points, most);
		tables++;
	}
	return tables;
}

/* Measured: in 219,477 of 219,481 samples oom_score was this, in 332 of 333 tables the victim had most. On 6.12's rules, where no
 * counter of pages lags behind in a thread: tasks.csv shows what is there, not what the kernel has been told yet. */
Test(f01_badness, is_memory_and_adj_alone)
{
	static const char *const names[] = { "adj-neg500", "adj-pos1000", "root-user", "two-leaks", "leak-swap" };
	size_t tables = 0, rows = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct found f = find_recorded(names[i], "6.12");
		uint64_t total = f.noom ? f.oom[0].r.totalpages : 0;

		tables += check_reports(&f);
		for (size_t k = 0; k < f.ntask; k++) {
			const struct rec_task *t = &f.task[k];
			int64_t pages = (int64_t)(t->RssAnon_kB + t->RssFile_kB + t->RssShmem_kB + t->VmSwap_kB +
						  t->VmPTE_kB) /
					4,
				points = pages + (int64_t)t->oom_score_adj * (int64_t)(total / 1000);

			if (t->oom_score_adj == -1000 || !t->VmSize_kB ||
			    !t->oom_score) /* 0: a victim that is gone (oom_skip) */
				continue;
			cr_expect_eq(t->oom_score, (1000 + points * 1000 / (int64_t)total) * 2 / 3, "%s at %g s",
				     t->comm, S(t->t_ns));
			rows++;
		}
		find_free(&f);
	}
	cr_expect_geq(tables, 7);
	cr_expect_geq(rows, 2000);
}

/* Root is nothing special: of root's and a user's equal leaks the larger dies. */
Test(f01_badness, knows_no_root)
{
	struct found f = find_recorded("root-user", "6.1");

	VICTIMS(&f, "root");
	cr_expect_eq(f.oom[0].r.trigger_uid == 0 || f.oom[0].r.trigger_uid == 1000, true);
	find_free(&f);
}

/* Three equals: the youngest. */
Test(f02_ties, go_to_the_youngest)
{
	static const double measured_s[] = { 7.812, 7.462, 8.181, 8.209 };

	for (int i = 0; i < 4; i++) {
		struct found f = find_recorded("tie", kernels[i]);

		VICTIMS(&f, "c");
		if (i == 1) /* the machine is 6.1's: only there the time is the recording's */
			NEAR(S(f.kill[0].t_ns), measured_s[i], 1);
		find_free(&f);
	}
}

/* Measured: a child costs 13 to 40 pages of page tables before it does anything. */
Test(f03_page_tables, matter_for_the_small)
{
	struct found f = find_recorded("forkbomb", "6.1");
	uint64_t least = UINT64_MAX, most = 0;

	cr_assert_gt(f.noom, 0);
	for (size_t j = 0; j < f.oom[0].r.ntask; j++) {
		const struct rec_oom_task *t = &f.oom[0].task[j];

		if (strncmp(t->comm, "bomb.", 5) || !t->rss)
			continue;
		least = u64_min(least, t->pgtables_bytes / PAGE);
		most = u64_max(most, t->pgtables_bytes / PAGE);
	}
	WITHIN(least, 13, 40);
	WITHIN(most, 13, 40);
	find_free(&f);
}

/* A parent of 60 MiB with four small children, and a leak elsewhere that is smaller: the parent dies, and no child for it. */
Test(f04_families, no_child_dies_for_its_parent)
{
	struct found f = find_text(
		MACHINE "processes:\n"
			"  - name: parent\n"
			"    workload:\n"
			"      - fork: {count: 4, steps: [{leak: {region: own, size: 20MiB}}, {sleep: forever}]}\n"
			"      - leak: {region: h, size: 70MiB}\n"
			"      - sleep: forever\n"
			"  - {name: leak, start: 2s, workload: [{leak: {region: h, rate: 20MiB/s, size: 60MiB}}, "
			"{sleep: forever}]}\n",
		"6.1");

	VICTIMS(&f, "parent");
	find_free(&f);
}

/* Four children share all of the parent's 90 MiB: each counts for it whole, so they and the parent die one after another, and
 * each death frees next to nothing (measured: 1 %), while the leak that took the memory lives. */
Test(f04_families, shared_pages_count_for_each)
{
	struct found f = find_text(MACHINE "processes:\n"
					   "  - name: parent\n"
					   "    workload:\n"
					   "      - leak: {region: h, size: 90MiB}\n"
					   "      - fork: {count: 4, steps: [{sleep: forever}]}\n"
					   "      - sleep: forever\n"
					   "  - {name: leak, start: 2s, workload: [{leak: {region: h, rate: 20MiB/s, "
					   "size: 89MiB}}, {sleep: forever}]}\n"
					   "  - {name: late, start: 2s, workload: [{leak: {region: h, rate: 10MiB/s, "
					   "size: 30MiB}}, {sleep: forever}]}\n",
				   "6.1");

	cr_expect_null(find_victim(&f, "leak"), "who died: %s", find_victims(&f));
	cr_expect_geq(f.nkill, 4, "who died: %s", find_victims(&f));
	for (size_t i = 0; i < 4 && i < f.nkill; i++) {
		cr_expect(!strncmp(f.kill[i].comm, "parent", 6), "%s", f.kill[i].comm);
		if (i)
			WITHIN(S(f.kill[i].t_ns - f.kill[i - 1].t_ns), 0,
			       0.5); /* what a death frees is gone in no time */
	}
	/* 20 to 30 pages decide who is first, and on 5.10 and 6.1 these are the children's. */
	cr_expect_str_neq(f.kill[0].comm, "parent");
	find_free(&f);
}

/* Shared anonymous memory is charged to who maps it, and his death frees it. */
Test(f05_shared_memory, is_charged_to_who_maps_it)
{
	struct found f = find_recorded("shmem", "6.1");
	const struct rec_sample *before, *after;

	VICTIMS(&f, "shm");
	NEAR(S(f.kill[0].t_ns), 8.431, 1);
	cr_expect_gt(f.kill[0].shmem_rss_kB, 100 * 1024);
	before = find_at(&f, f.kill[0].t_ns);
	after = find_at(&f, f.kill[0].t_ns + 2 * NS_PER_SEC);
	WITHIN((after->meminfo_kB[MI_MemFree] - before->meminfo_kB[MI_MemFree]) / 1024, 120, 170);
	WITHIN(after->meminfo_kB[MI_Shmem], 700, 800);
	find_free(&f);
}

/* The hog cannot be killed: all others die, then the machine, about 0.1 s after the last of them. */
Test(f06_unkillable, all_others_then_the_machine)
{
	struct found f = find_recorded("adj-neg1000", "6.1");
	const struct rec_event *panic = find_event(&f, EV_PANIC, 0);

	VICTIMS(&f, "web, db, log");
	NEAR(S(f.kill[0].t_ns), 6.342, 1);
	cr_assert_not_null(panic);
	cr_expect_eq(panic->arg[0], PANIC_DEADLOCK);
	WITHIN(S(panic->t_ns - f.kill[2].t_ns), 0, 0.3);
	cr_expect_eq(f.end, RUN_PANIC);
	find_free(&f);
}

/* panic_on_oom=1 panics on a global OOM alone; 2 on that of a cgroup too. */
Test(f06_unkillable, panic_on_oom)
{
	struct found global = find_recorded("panic1", "6.1"), cgroup = find_recorded("panic1-memcg", "6.1"),
		     both = find_changed("panic1-memcg", "6.1", "sysctl.vm.panic_on_oom=2", NULL);
	const struct rec_event *panic = find_event(&global, EV_PANIC, 0), *two = find_event(&both, EV_PANIC, 0);

	cr_assert(panic && two);
	cr_expect_eq(panic->arg[0], PANIC_ON_OOM);
	NEAR(S(panic->t_ns), 8.056, 1);
	cr_expect_eq(global.nkill, 0);
	VICTIMS(&cgroup, "leak");
	cr_expect_null(find_event(&cgroup, EV_PANIC, 0));
	NEAR(S(cgroup.kill[0].t_ns), 3.065, 1);
	cr_expect_eq(two->arg[0], PANIC_ON_OOM_COMPULSORY);
	cr_expect_eq(both.nkill, 0);
	find_free(&global), find_free(&cgroup), find_free(&both);
}

/* Both that allocate are shot, the second 0.2 to 11 ms after the first; the sleeper of 140 MB survives. (Which is first is
 * theirs to toss for: recorded and simulated are 4 ms apart.) */
Test(f07_kill_allocating, does_not_wait_for_the_first_victim)
{
	struct found f = find_recorded("killalloc", "6.1");

	cr_assert_eq(f.nkill, 2);
	cr_expect(find_victim(&f, "alloc1") && find_victim(&f, "alloc2"), "%s", find_victims(&f));
	NEAR(S(f.kill[0].t_ns), 4.466, 1);
	WITHIN(S(f.kill[1].t_ns - f.kill[0].t_ns) * 1000, 0.2, 11);
	find_free(&f);
}

/* 8 MiB with adj 300 in a cgroup of 64 MiB survive the 56 MiB of the leak: 300 thousandths of the limit are 19 MiB. Of the machine's
 * RAM they would be 65 MiB, and it would have died. */
Test(f08_cgroup_adj, is_scaled_by_the_limit)
{
	struct found f = find_recorded("cg-max-adj", "6.1");
	const struct found_oom *o = &f.oom[0];

	VICTIMS(&f, "leak");
	NEAR(S(f.kill[0].t_ns), 3.296, 1);
	cr_expect_eq(o->r.totalpages, 64 * 1024 / 4);
	check_reports(&f);
	for (size_t j = 0; j < o->r.ntask; j++) /* the same table, scaled by the machine */
		if (!strcmp(o->task[j].comm, "lamb"))
			cr_expect_gt(badness(&o->task[j], f.sample[0].meminfo_kB[MI_MemTotal] / 4), f.kill[0].points);
	find_free(&f);
}

/* memory.oom.group acts on a global OOM too: three die, four are counted, and a member with -1000 stays. */
Test(f09_oom_group, acts_on_a_global_oom_and_counts_its_victim_twice)
{
	struct found local = find_recorded("cg-group", "6.1"), global;
	const struct rec_cgroup *g;

	VICTIMS(&local, "leak, one, two, leak");
	NEAR(S(local.kill[0].t_ns), 2.435, 1);
	cr_expect_eq(find_cgroup(&local, "/a")->events[MEMCG_OOM_KILL], 4);
	global = find_text(
		MACHINE "cgroups: [{path: a, memory.oom.group: 1}]\n"
			"processes:\n"
			"  - {name: one, cgroup: a, workload: [{leak: {region: h, size: 10MiB}}, {sleep: forever}]}\n"
			"  - {name: safe, cgroup: a, oom_score_adj: -1000, workload: [{sleep: forever}]}\n"
			"  - {name: leak, cgroup: a, start: 1s, workload: [{leak: {region: h, rate: 40MiB/s}}]}\n"
			"  - {name: out, workload: [{leak: {region: h, size: 10MiB}}, {sleep: forever}]}\n",
		"6.1");
	VICTIMS(&global, "leak, one, leak");
	g = find_cgroup(&global, "/a");
	cr_expect_eq(g->events[MEMCG_OOM_KILL], 3, "2 processes, of which one twice");
	cr_expect_eq(g->events[MEMCG_OOM_GROUP_KILL], 1);
	find_free(&local), find_free(&global);
}
