/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports of an OOM on some nodes. */
#include <stdlib.h>

#include "tests/report/read.h"

/* Of Debian's 6.1 on two nodes, 448 and 128 MiB, from a recording; the lines that explain does not read are left out. agent, with 650, is
 * passed over: node 1's 32736 pages make 32 of a unit, 7830 + 27 + 650 * 32 = 28657 against 30270 + 71 = 30341. With the machine's
 * 137 it would have been first. */
Test(numa, a_cpusets_nodes_are_the_scale)
{
	struct read *l = read_text(
		"batch invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, oom_score_adj=0\n"
		"CPU: 0 PID: 84 Comm: batch Not tainted 6.1.0-50-cloud-amd64 #1  Debian 6.1.176-1\n"
		"Mem-Info:\n"
		"Node 1 DMA32 free:668kB boost:0kB min:692kB low:864kB high:1036kB reserved_highatomic:0KB active_anon:4kB "
		"inactive_anon:120508kB active_file:0kB inactive_file:0kB unevictable:2224kB writepending:0kB present:130944kB "
		"managed:128684kB mlocked:2224kB bounce:0kB free_pcp:104kB local_pcp:104kB free_cma:0kB\n"
		"lowmem_reserve[]: 0 0 0 0 0\n"
		"Free swap  = 0kB\n"
		"Total swap = 0kB\n"
		"147326 pages RAM\n"
		"0 pages HighMem/MovableOnly\n"
		"10981 pages reserved\n"
		"Tasks state (memory values in pages):\n"
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
		"[     82]     0    82     9349     7830   110592        0           650 agent\n"
		"[     84]     0    84    31877    30270   290816        0             0 batch\n"
		"oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=a,mems_allowed=1,global_oom,task_memcg=/a,task=batch,pid=84,uid=0\n"
		"Out of memory: Killed process 84 (batch) total-vm:127508kB, anon-rss:120312kB, file-rss:4kB, shmem-rss:764kB, UID:0 "
		"pgtables:284kB oom_score_adj:0\n");

	ONE(l);
	cr_expect_eq(l->x[0].constraint, OOM_CONSTRAINT_CPUSET);
	cr_expect_eq(l->x[0].total.pages, 32736);
	cr_expect_eq(l->x[0].task[0].points, 28657);
	cr_expect_eq(l->x[0].task[1].points, 30341);
	VICTIM(&l->x[0], 84, "batch");
	AGREES(&l->x[0]);
	read_free(l);
}

/* Before 5.0 no line names the constraint: that the zones do not make up the RAM does, for a task outside the root cpuset. */
static enum oom_constraint inferred(const char *cpuset, const char *mems, unsigned ram)
{
	char *text = textf("a invoked oom-killer: gfp_mask=0x6280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=(null), order=0, "
			   "oom_score_adj=0\na cpuset=%s mems_allowed=%s\nCPU: 0 PID: 84 Comm: a Not tainted 4.19.0 #1\nMem-Info:\n"
			   "Node 0 DMA32 free:668kB min:692kB low:864kB high:1036kB active_anon:4kB inactive_anon:120508kB "
			   "active_file:0kB inactive_file:0kB unevictable:0kB writepending:0kB present:400000kB managed:390000kB "
			   "mlocked:0kB kernel_stack:0kB pagetables:0kB bounce:0kB free_pcp:104kB local_pcp:104kB free_cma:0kB\n"
			   "lowmem_reserve[]: 0 0 0 0 0\nFree swap  = 0kB\nTotal swap = 0kB\n%u pages RAM\n2500 pages reserved\n"
			   "Tasks state (memory values in pages):\n"
			   "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			   "[     84]  1000    84    80000    70000   600000        0             0 a\n"
			   "Out of memory: Kill process 84 (a) score 701 or sacrifice child\n"
			   "Killed process 84 (a) total-vm:320000kB, anon-rss:280000kB, file-rss:0kB, shmem-rss:0kB\n", cpuset, mems, ram);
	struct read *l = read_text(text);
	enum oom_constraint c;

	ONE(l);
	c = l->x[0].constraint;
	cr_expect(l->x[0].constraint_inferred);
	if (c == OOM_CONSTRAINT_CPUSET)
		cr_expect_eq(l->x[0].total.pages, 100000);
	read_free(l);
	free(text);
	return c;
}

Test(numa, missing_nodes_tell_of_a_cpuset)
{
	cr_expect_eq(inferred("a", "0", 200000), OOM_CONSTRAINT_CPUSET);
	cr_expect_eq(inferred("a", "0", 100000), OOM_CONSTRAINT_NONE, "the zones are all there is");
	cr_expect_eq(inferred("/", "0", 200000), OOM_CONSTRAINT_NONE, "the root cpuset has all nodes: lines are missing");
}
