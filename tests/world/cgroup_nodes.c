/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes of the page cache's trees: 576 bytes and a pointer for 64 pages, so seven to a page. Source: lib/xarray.c and
 * mm/memcontrol.c:obj_cgroup_charge() of 6.1; recordings cg-file of 5.10, 6.1 and 6.12. */
#include "tests/world/cgtext.h"

#define OWN 10 /* what a process costs: 28 KiB of stack and slab, three page tables */
#define DISK "  disks: [{name: d, device: {read_latency: 80us}}]\n  files: [{name: f, size: 16MiB}]\n"

static uint64_t pages(const struct cgtext *t, const char *path, double s)
{
	return cgtext_at(t, path, s).kernel / 4096;
}

/* 16 MiB are 4096 pages, 64 nodes, 37376 bytes: 10 pages. */
Test(cgroup_nodes, a_page_for_seven)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "3s", "") DISK "cgroups: [{path: a}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", "{read: {file: f}}, " CG_SLEEP("forever"))
				      CG_PROC("q", "b", "1s", "{read: {file: f}}, " CG_SLEEP("forever")));

	cr_expect_eq(cgtext_at(t, "/a", 3).file, 16 * MIB);
	cr_expect_eq(pages(t, "/a", 3), OWN + 10, "pages");
	cr_expect_eq(pages(t, "/b", 3), OWN, "it found them made");
	cgtext_free(t);
}

/* Evicted pages leave shadows, which keep their nodes: under a limit of 4 MiB all 64 are there at the end. Dropped caches leave none,
 * and the nodes go back. */
Test(cgroup_nodes, shadows_keep_them)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "3s", "") DISK "cgroups: [{path: a, memory.max: 4MiB}, {path: b}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", "{read: {file: f}}, " CG_SLEEP("forever")));

	cr_expect_leq(cgtext_at(t, "/a", 3).file, 4 * MIB);
	cr_expect_eq(pages(t, "/a", 3), OWN + 10, "pages");
	cgtext_free(t);
	t = cgtext_run(CG_HEAD("6.1", "3s", "") DISK "cgroups: [{path: a}]\nprocesses:\n"
		       CG_PROC("p", "a", "0", "{read: {file: f}}, " CG_SLEEP("forever")) CG_ROOT("2s", "{sysctl: {vm.drop_caches: 1}}"));
	cr_expect_eq(cgtext_at(t, "/a", 3).file, 0);
	cr_expect_leq(pages(t, "/a", 3), OWN + 1, "what is left of a page is kept");
	cr_expect_eq(cgtext_event_of(t, EV_DROP_CACHES, "root", 0)->arg[1], 4096);
	cgtext_free(t);
}

/* Shared memory's trees too; with the object all of it goes. */
Test(cgroup_nodes, shared_memory)
{
	struct cgtext *t = cgtext_run(CG_HEAD("6.1", "3s", "") "cgroups: [{path: a}]\nprocesses:\n"
				      CG_PROC("p", "a", "0", "{mmap: {region: s, kind: shmem, size: 2MiB}}, {touch: {region: s, op: write}}, "
					      CG_SLEEP("1s") ", {munmap: {region: s}}, " CG_SLEEP("forever")));

	cr_expect_eq(pages(t, "/a", 0.9), OWN + 2 + 3, "8 nodes are two pages; three levels of page tables");
	cr_expect_leq(pages(t, "/a", 3), OWN + 1 + 2, "pages");
	cgtext_free(t);
}
