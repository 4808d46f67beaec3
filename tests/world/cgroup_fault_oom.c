/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a cgroup's OOM is dealt with, and what becomes of a charge that nobody's death can help, by kernel version. Source:
 * mm/memcontrol.c:try_charge() and mm/oom_kill.c:pagefault_out_of_memory() of 3.10, 4.14, 4.19 and 5.10; the change of 5.16 ("memcg:
 * prohibit unconditional exceeding the limit of dying tasks"). */
#include <errno.h>

#include "tests/world/cgtext.h"

#define HOLD ", " CG_SLEEP("forever")

/* 30 MiB in 20 MiB by somebody who may not be killed. */
static struct cgtext *nobody_to_kill(const char *kernel)
{
	return cgtext_run("kernel: \"%s\"\nduration: 2s\nsample: 20ms\nstop_when_idle: false\ncgroup_version: 1\nmachine: {cpus: 2, "
			  "memory: 512MiB}\ncgroups: [{path: a, memory.limit_in_bytes: 20MiB}]\nprocesses:\n"
			  "  - {name: p, cgroup: a, oom_score_adj: -1000, uid: 0, workload: [" CG_ANON("30MiB") HOLD "]}\n", kernel);
}

/* 4.19 to 5.15 let the charge through; before, the fault is tried again and again, and from 5.16 on too. */
Test(cgroup_fault_oom, nobody_to_kill)
{
	static const struct {
		const char *kernel;
		bool forced;
	} row[] = { { "4.14", false }, { "4.19", true }, { "5.4", true }, { "5.10", false }, { "6.1", false } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cgtext *t = nobody_to_kill(row[i].kernel);

		cr_expect_eq(t->nkill, 0, "%s: a kill", row[i].kernel);
		cr_expect_gt(cgtext_at(t, "/a", 2).events_local[MEMCG_OOM], 0, "%s: no OOM", row[i].kernel);
		if (row[i].forced)
			cr_expect_geq(cgtext_at(t, "/a", 2).anon, 30 * MIB, "%s", row[i].kernel);
		else
			cr_expect_leq(cgtext_at(t, "/a", 2).current, 20 * MIB, "%s", row[i].kernel);
		cgtext_free(t);
	}
}

/* The victim that charges: up to 5.15 its last page goes beyond the limit, later kernels refuse it. */
Test(cgroup_fault_oom, the_victims_last_page)
{
	static const char *const kernel[] = { "5.4", "6.1" };

	for (size_t i = 0; i < 2; i++) {
		struct cgtext *t = cgtext_run("kernel: \"%s\"\nduration: 2s\nsample: 20ms\nstop_when_idle: false\nmachine: {cpus: 2, "
					      "memory: 512MiB}\ncgroups: [{path: a, memory.max: 20MiB}]\nprocesses:\n"
					      CG_PROC("p", "a", "0", CG_ANON("30MiB") HOLD), kernel[i]);

		cr_expect_eq(t->nkill, 1);
		cr_expect_eq(cgtext_at(t, "/a", 2).peak, 20 * MIB + (i ? 0 : 4096), "%s", kernel[i]);
		cgtext_free(t);
	}
}

/* q writes more of a file than there is room beside p, and the disk takes for ever: from 3.12 to 4.18 the system call fails and
 * nobody dies, before and after p does. */
Test(cgroup_fault_oom, system_calls)
{
	static const struct {
		const char *kernel;
		bool kills;
	} row[] = { { "3.10", true }, { "4.4", false }, { "4.14", false }, { "4.19", true }, { "6.1", true } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cgtext *t = cgtext_run("kernel: \"%s\"\nduration: 3s\nsample: 20ms\nstop_when_idle: false\ncgroup_version: 1\n"
					      "sysctl: {vm.dirty_writeback_centisecs: 0, vm.dirty_ratio: 90, vm.dirty_background_ratio: 80}\n"
					      "machine:\n  cpus: 2\n  memory: 512MiB\n  disks: [{name: d, device: {write_latency: 100s}}]\n"
					      "  files: [{name: f, size: 1MiB}]\ncgroups: [{path: a, memory.limit_in_bytes: 20MiB}]\nprocesses:\n"
					      CG_PROC("p", "a", "0", "{leak: {region: h, size: 4992pages}}" HOLD)
					      CG_PROC("q", "a", "0", CG_SLEEP("1s") ", {write: {file: f}}" HOLD),
					      row[i].kernel);
		const struct rec_event *e;

		cr_expect_eq(t->nkill, row[i].kills, "%s: %zu kills", row[i].kernel, t->nkill);
		if (row[i].kills) {
			cr_expect_str_eq(cgtext_event_of(t, EV_OOM_KILL, NULL, 0)->comm, "p");
		} else {
			e = cgtext_event_of(t, EV_STEP_FAILED, "q", 0);
			cr_expect_eq(e->arg[1], ENOMEM);
		}
		cgtext_free(t);
	}
}

/* In a fault all of them kill, whenever they do it, and once. */
Test(cgroup_fault_oom, faults)
{
	static const char *const kernel[] = { "3.10", "4.4", "4.14", "4.19", "6.1" };

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++) {
		struct cgtext *t = cgtext_run("kernel: \"%s\"\nduration: 2s\nsample: 20ms\nstop_when_idle: false\ncgroup_version: 1\nmachine: "
					      "{cpus: 2, memory: 512MiB}\ncgroups: [{path: a, memory.limit_in_bytes: 20MiB}]\nprocesses:\n"
					      CG_PROC("p", "a", "0", CG_ANON("18MiB") HOLD) CG_PROC("q", "a", "500ms", CG_ANON("8MiB") HOLD),
					      kernel[i]);

		cr_expect_eq(t->nkill, 1, "%s: %zu kills", kernel[i], t->nkill);
		cr_expect_str_eq(cgtext_event_of(t, EV_OOM_KILL, NULL, 0)->comm, "p", "%s", kernel[i]);
		cr_expect_eq(cgtext_at(t, "/a", 2).anon, 8 * MIB, "%s", kernel[i]);
		cgtext_free(t);
	}
}
