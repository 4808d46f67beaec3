/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cgroup.procs, cgroup.kill, cgroup.subtree_control, rmdir; charges that stay and that move. Source: kernel/cgroup/cgroup.c and
 * mm/memcontrol.c of 6.1, Documentation/admin-guide/cgroup-v2.rst. */
#include <errno.h>

#include "tests/world/cgtext.h"

#define PAGES(n) ((uint64_t)(n) * 4096)
#define HOLD     ", " CG_SLEEP("forever")

/* 20 MiB before the move stay charged to a; 8 MiB after it are b's. Page tables too: 11 pages of them (10 tables of 2 MiB and what
 * is above), of which b pays for the new ones; all is given back by the right one at the end. */
Test(cgroup_moves, charges_stay_behind)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", "") "cgroups: [{path: a}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("20MiB") ", " CG_SLEEP("2s") ", " CG_ANON("8MiB") ", " CG_SLEEP("2s"))
				      CG_ROOT("1s", CG_ECHO("b", "cgroup.procs", "p")));
	struct rec_cgroup a = cgtext_at(t, "/a", 3), b = cgtext_at(t, "/b", 3);
	const struct rec_event *e = cgtext_event_of(t, EV_CGROUP_MOVE, "p", 0);

	cr_expect_eq(a.anon, PAGES(5120));
	cr_expect_eq(b.anon, PAGES(2048));
	cr_expect_eq(b.kernel, PAGES(4), "8 MiB are 4 tables");
	cr_expect(e->arg[0] == 1 && e->arg[1] == 2 && e->arg[2] == 0 && e->arg[3] == 0);
	cr_expect_eq(cgtext_at(t, "/a", 6).kernel, 0);
	cr_expect_eq(cgtext_at(t, "/b", 6).kernel, 0);
	cr_expect_leq(cgtext_at(t, "/a", 6).current, PAGES(64), "no more than a CPU's stock");
	cr_expect_leq(cgtext_at(t, "/b", 6).current, PAGES(64));
	cgtext_free(t);
}

/* What is killed for the limit is who is inside now: p has taken its memory elsewhere, q is the larger one left. */
Test(cgroup_moves, the_limit_meets_who_is_inside)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "5s", "") "cgroups: [{path: a, memory.max: 40MiB}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("20MiB") HOLD) CG_PROC("q", "a", "2s", CG_ANON("30MiB") HOLD)
				      CG_ROOT("1s", CG_ECHO("b", "cgroup.procs", "p")));

	cr_expect_str_eq(cgtext_event_of(t, EV_OOM_KILL, NULL, 0)->comm, "q");
	cr_expect_eq(t->nkill, 1);
	cgtext_free(t);
}

static int64_t write_errno(const struct cgtext *t, size_t n)
{
	return cgtext_event_of(t, EV_CGROUP_WRITE, NULL, n)->arg[3];
}

/* "No internal processes": not into a, which hands the controller to a/b; into the root always; who moves itself writes 0. */
Test(cgroup_moves, not_into_a_parent)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "2s", "") "cgroups: [{path: a/b}]\nprocesses:\n"
				      CG_PROC("p", "a/b", "0", CG_SLEEP("forever"))
				      CG_ROOT("1s", CG_ECHO("a", "cgroup.procs", "p") ", " CG_ECHO("/", "cgroup.procs", "p") ", "
					      CG_ECHO("a/b", "cgroup.procs", "0") ", " CG_ECHO("a/b", "cgroup.procs", "p") ", " CG_SLEEP("1s")));
	const struct rec_event *self = cgtext_event_of(t, EV_CGROUP_MOVE, "root", 0);

	cr_expect_eq(write_errno(t, 0), EBUSY);
	cr_expect_eq(write_errno(t, 1), 0);
	cr_expect_eq(write_errno(t, 2), 0);
	cr_expect_eq(write_errno(t, 3), 0);
	cr_expect(self->arg[0] == 0 && self->arg[1] == 2);
	cr_expect_eq(cgtext_count(t, EV_CGROUP_MOVE, "p"), 2);
	cr_expect_eq(cgtext_count(t, EV_STEP_FAILED, "root"), 1);
	cgtext_free(t);
}

/* 200 MiB take milliseconds to give back: meanwhile the process stays where it is, and once it is gone there is nobody. */
Test(cgroup_moves, who_is_leaving_stays)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "3s", "") "cgroups: [{path: a}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("200MiB") HOLD)
				      CG_ROOT("1s", "{kill: {process: p}}, " CG_ECHO("b", "cgroup.procs", "p") ", " CG_SLEEP("1s") ", "
					      CG_ECHO("b", "cgroup.procs", "p")));

	cr_expect_eq(write_errno(t, 0), 0);
	cr_expect_eq(cgtext_event_of(t, EV_CGROUP_MOVE, "p", 0)->arg[3], 1);
	cr_expect_eq(cgtext_event_of(t, EV_EXIT, "p", 0)->arg[0], 9);
	cr_expect_eq(write_errno(t, 1), ESRCH);
	cgtext_free(t);
}

/* A user's process may end its own, not another's. */
Test(cgroup_moves, kill_asks_for_permission)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "2s", "") "cgroups: [{path: a}]\nprocesses:\n"
				      "  - {name: p, uid: 7, workload: [{sleep: forever}]}\n"
				      "  - {name: x, uid: 8, start: 1s, workload: [{kill: {process: p}}]}\n"
				      "  - {name: y, uid: 7, start: 1.5s, workload: [{kill: {process: p}}, {kill: {process: x}}]}\n");

	cr_expect_eq(cgtext_event_of(t, EV_SIGNAL, "x", 0)->arg[2], EPERM);
	cr_expect_eq(cgtext_event_of(t, EV_SIGNAL, "y", 0)->arg[2], 0);
	cr_expect_eq(cgtext_event_of(t, EV_SIGNAL, "y", 1)->arg[2], ESRCH, "x has left");
	cr_expect_eq(cgtext_event_of(t, EV_EXIT, "p", 0)->arg[0], 9);
	cgtext_free(t);
}

Test(cgroup_moves, cgroup_kill_ends_the_subtree)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "2s", "") "cgroups: [{path: a/b}, {path: a/c}, {path: d}]\nprocesses:\n"
				      CG_PROC("p", "a/b", "0", "{fork: {count: 2, steps: [{sleep: forever}]}}, " CG_SLEEP("forever"))
				      CG_PROC("q", "a/c", "0", CG_SLEEP("forever")) CG_PROC("r", "d", "0", CG_SLEEP("forever"))
				      CG_ROOT("1s", CG_ECHO("a", "cgroup.kill", "1")));
	static const char *const gone[] = { "p", "p.0", "p.1", "q" };

	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(cgtext_event_of(t, EV_EXIT, gone[i], 0)->arg[0], 9);
	cr_expect_eq(cgtext_count(t, EV_EXIT, "r"), 0);
	cr_expect_eq(t->nkill, 0, "the OOM killer has no part in it");
	cgtext_free(t);
}

/* Without the controller p's memory is a's: a's limit of 40 MiB holds, b's of 10 MiB has gone with its file. */
Test(cgroup_moves, without_the_controller_the_parent_pays)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", "") "cgroups: [{path: a, memory.max: 40MiB}, {path: a/b, memory.max: 10MiB}]\n"
				      "processes:\n" CG_PROC("p", "a/b", "2s", CG_ANON("20MiB") HOLD)
				      CG_ROOT("1s", CG_ECHO("a", "cgroup.subtree_control", "-memory") ", "
					      CG_ECHO("a/b", "memory.max", "1MiB") ", " CG_SLEEP("2s") ", "
					      CG_ECHO("a/b", "cgroup.subtree_control", "+memory") ", "
					      CG_ECHO("a", "cgroup.subtree_control", "+memory")));

	cr_expect_eq(t->nkill, 0);
	cr_expect_eq(write_errno(t, 0), 0);
	cr_expect_eq(write_errno(t, 1), ENOENT);
	cr_expect_eq(write_errno(t, 2), ENOENT, "it has none to hand on");
	cr_expect_eq(write_errno(t, 3), 0, "the process is in a/b, not in a");
	cr_expect_eq(cgtext_at(t, "/a", 2.9).anon, PAGES(5120));
	cr_expect_leq(cgtext_at(t, "/a/b", 2.9).t_ns, NS_PER_SEC + 20 * NS_PER_MS, "no rows while it has no controller");
	cr_expect_eq(cgtext_at(t, "/a/b", 6).max, UINT64_MAX, "a new controller has no limits");
	cr_expect_eq(cgtext_at(t, "/a/b", 6).anon, 0);
	cgtext_free(t);
}

/* Handing on needs a cgroup without processes, giving up children that do not hand on. */
Test(cgroup_moves, controllers_and_processes_exclude_each_other)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "2s", "") "cgroups: [{path: a, cgroup.subtree_control: -memory}, {path: a/b}, {path: c/d/e}]\n"
				      "processes:\n" CG_PROC("p", "a", "0", CG_SLEEP("forever"))
				      CG_ROOT("1s", CG_ECHO("a", "cgroup.subtree_control", "+memory") ", "
					      CG_ECHO("/", "cgroup.procs", "p") ", " CG_ECHO("a", "cgroup.subtree_control", "+memory") ", "
					      CG_ECHO("c", "cgroup.subtree_control", "-memory") ", "
					      CG_ECHO("c/d", "cgroup.subtree_control", "-memory") ", "
					      CG_ECHO("c", "cgroup.subtree_control", "-memory")));
	static const int64_t want[] = { EBUSY, 0, 0, EBUSY, 0, 0 };

	for (size_t i = 0; i < 6; i++)
		cr_expect_eq(write_errno(t, i), want[i], "write %zu: %d", i, (int)write_errno(t, i));
	cgtext_free(t);
}

/* The file page that p has read outlives a/b, in a's account. */
Test(cgroup_moves, rmdir_leaves_its_charges_to_the_parent)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "4s", "") "  disks: [{name: d, device: {read_latency: 80us}}]\n"
				      "  files: [{name: f, size: 8MiB}]\ncgroups: [{path: a/b}]\nprocesses:\n"
				      CG_PROC("p", "a/b", "0", "{read: {file: f}}, " CG_SLEEP("2s"))
				      CG_ROOT("1s", "{cgroup_rmdir: {cgroup: a}}, {cgroup_rmdir: {cgroup: a/b}}, " CG_SLEEP("2s") ", "
					      "{cgroup_rmdir: {cgroup: a/b}}, {cgroup_rmdir: {cgroup: a/b}}, "
					      CG_ECHO("a/b", "cgroup.procs", "0")));
	static const int64_t want[] = { EBUSY, EBUSY, 0, ENOENT };

	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(cgtext_event_of(t, EV_CGROUP_RMDIR, NULL, i)->arg[1], want[i]);
	cr_expect_eq(write_errno(t, 0), ENODEV);
	cr_expect_eq(cgtext_at(t, "/a", 4).file, PAGES(2048));
	cr_expect_lt(cgtext_at(t, "/a/b", 4).t_ns, 3100 * NS_PER_MS);
	cgtext_free(t);
}

/* PSI goes along: p reclaims in b's name after it has moved. */
Test(cgroup_moves, pressure_moves_too)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "6s", "") CG_SWAP "cgroups: [{path: a}, {path: b, memory.max: 16MiB}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", CG_ANON("8MiB") ", " CG_SLEEP("2s") ", " CG_ANON("64MiB") HOLD)
				      CG_ROOT("1s", CG_ECHO("b", "cgroup.procs", "p")));

	cr_expect_eq(cgtext_at(t, "/a", 6).psi_memory.some.total_us, 0);
	cr_expect_gt(cgtext_at(t, "/b", 6).psi_memory.some.total_us, 1000);
	cgtext_free(t);
}

/* Charges that do not fit stop the whole move: nothing has moved. */
Test(cgroup_moves, charges_that_do_not_fit)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "3s", "cgroup_version: 1\n") "cgroups: [{path: a}, {path: b, memory.limit_in_bytes: 10MiB, "
				      "memory.move_charge_at_immigrate: 1}]\nprocesses:\n" CG_PROC("p", "a", "0", CG_ANON("20MiB") HOLD)
				      CG_ROOT("1s", CG_ECHO("b", "cgroup.procs", "p") ", " CG_ECHO("b", "memory.limit_in_bytes", "30MiB") ", "
					      CG_ECHO("b", "cgroup.procs", "p")));

	cr_expect_eq(write_errno(t, 0), ENOMEM);
	cr_expect_eq(cgtext_event_of(t, EV_CGROUP_MOVE, "p", 0)->arg[2], 5120);
	cr_expect_eq(cgtext_at(t, "/b", 3).anon, PAGES(5120));
	cr_expect_eq(cgtext_at(t, "/a", 3).anon, 0);
	cr_expect_geq(cgtext_at(t, "/b", 3).current, PAGES(5120));
	cr_expect_leq(cgtext_at(t, "/b", 3).current, PAGES(5120 + 2 * 64), "and two CPUs' stocks");
	cr_expect_leq(cgtext_at(t, "/a", 3).current, PAGES(64 + 16), "its page tables and a stock");
	cr_expect_eq(t->nkill, 0);
	cgtext_free(t);
}

/* Swapped-out memory changes hands in the account of both together. */
Test(cgroup_moves, swap_moves_with_anonymous_memory)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "4s", "cgroup_version: 1\n") CG_SWAP "cgroups: [{path: a, memory.limit_in_bytes: 10MiB}, "
				      "{path: b, memory.move_charge_at_immigrate: 1}]\nprocesses:\n" CG_PROC("p", "a", "0", CG_ANON("20MiB") HOLD)
				      CG_ROOT("2s", CG_ECHO("b", "cgroup.procs", "p")));
	struct rec_cgroup before = cgtext_at(t, "/a", 1.9), a = cgtext_at(t, "/a", 4), b = cgtext_at(t, "/b", 4);

	cr_expect_gt(before.swap_current, PAGES(2500));
	cr_expect_eq(b.swap_current, before.swap_current);
	cr_expect_eq(a.swap_current, 0);
	cr_expect_eq(a.anon, 0);
	cr_expect_eq(b.anon, before.anon);
	cgtext_free(t);
}

/* memory.use_hierarchy 0, up to 5.10: the child's memory is not a's, and a's limit no concern of it. */
Test(cgroup_moves, flat_cgroups)
{
	struct cgtext *t = cgtext_run(CG_HEAD("5.10", "3s", "cgroup_version: 1\n") "cgroups: [{path: a, memory.limit_in_bytes: 10MiB, "
				      "memory.use_hierarchy: 0}, {path: a/b}]\nprocesses:\n" CG_PROC("p", "a/b", "0", CG_ANON("20MiB") HOLD));

	cr_expect_eq(cgtext_at(t, "/a/b", 3).anon, PAGES(5120));
	cr_expect_eq(cgtext_at(t, "/a", 3).anon, 0);
	cr_expect_eq(cgtext_at(t, "/a/b", 3).hierarchical_limit, UINT64_MAX);
	cr_expect_eq(t->nkill, 0);
	cgtext_free(t);
}
