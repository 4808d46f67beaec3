/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One small report of each era: its lines are read, its kernel is known, its arithmetic comes out. */
#include <stdlib.h>
#include <string.h>

#include "tests/report/read.h"

/* 1000000 pages of RAM (900000 after boot), 100000 of swap: totalpages 1000000. */
#define TOTALS                                                                                                         \
	"Free swap  = 0kB\nTotal swap = 400000kB\n1000000 pages RAM\n0 pages HighMem/MovableOnly\n100000 pages "       \
	"reserved\n"

static const char *model(const struct read *l)
{
	return l->x[0].era.model->info.name;
}

Test(eras, k2_6_11)
{
	struct read *l =
		read_text("oom-killer: gfp_mask=0x1d2\n"
			  "DMA per-cpu:\ncpu 0 hot: low 2, high 6, batch 1\n"
			  "Free pages:        3404kB (0kB HighMem)\n"
			  "Active:64000 inactive:64000 dirty:0 writeback:0 unstable:0 free:851 slab:1200 mapped:120000 "
			  "pagetables:300\n"
			  "DMA free:1404kB min:28kB low:56kB high:84kB active:5000kB inactive:5000kB present:16384kB\n"
			  "protections[]: 0 0 0\n"
			  "Out of Memory: Killed process 4711 (mozilla-bin).\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k2.6.11");
	cr_expect_eq(l->r[0].gfp_mask, 0x1d2);
	VICTIM(&l->x[0], 4711, "mozilla-bin");
	cr_expect_eq(l->x[0].agrees, TRI_UNKNOWN);
	read_free(l);
}

Test(eras, k2_6_24)
{
	struct read *l = read_text("httpd invoked oom-killer: gfp_mask=0x201d2, order=0, oomkilladj=0\n"
				   "Pid: 77, comm: httpd Not tainted 2.6.24-1-686 #1\n"
				   "Mem-info:\n"
				   "Out of memory: kill process 90 (apache) score 5321 or a child\n"
				   "Killed process 91 (worker)\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k2.6.24");
	cr_expect(l->r[0].or_a_child);
	cr_expect_eq(l->r[0].score.v, 5321);
	VICTIM(&l->x[0], 91, "worker");
	cr_expect_eq(l->x[0].agrees, TRI_UNKNOWN);
	read_free(l);
}

Test(eras, k2_6_32_with_table)
{
	struct read *l = read_text("a invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0\n"
				   "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
				   "[  100]     0   100     4000      600   0     -17 sshd\n"
				   "[  200]  1000   200   300000   100000   1       0 java\n"
				   "Out of memory: kill process 200 (java) score 150000 or a child\n"
				   "Killed process 200 (java) vsz:1200000kB, anon-rss:400000kB, file-rss:0kB\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k2.6.32");
	cr_expect_eq(l->r[0].ntask, 2);
	cr_expect_str_eq(l->x[0].task[0].why_never, "oom_score_adj is -1000");
	cr_expect(!l->x[0].task[1].has_points);
	cr_expect_eq(l->r[0].killed.total_vm_kB.v, 1200000);
	read_free(l);
}

/* Thousandths: 200000 of 1000000 is 200; root's 230 less 30 is level with it, and the first wins. */
Test(eras, rhel_6)
{
	struct read *l = read_text(
		"a invoked oom-killer: gfp_mask=0x201da, order=0, oom_adj=0, oom_score_adj=0\n"
		"Pid: 77, comm: a Not tainted 2.6.32-642.11.1.el6.x86_64 #1\n" TOTALS
		"[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n"
		"[  100]  1000   100   500000   200999   0       0             0 first\n"
		"[  200]     0   200   300000   230000   1       0             0 root\n"
		"Out of memory: Kill process 100 (first) score 200 or sacrifice child\n"
		"Killed process 100, UID 1000, (first) total-vm:2000000kB, anon-rss:803996kB, file-rss:0kB\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k2.6.36");
	cr_expect_eq(l->r[0].format, OOM_FORMAT_OOM_SCORE_ADJ);
	cr_expect_eq(l->x[0].total.pages, 1000000);
	cr_expect_eq(l->x[0].task[0].points, 200);
	cr_expect_eq(l->x[0].task[1].points, 200);
	cr_expect_eq(l->r[0].killed.uid.v, 1000);
	cr_expect(l->x[0].has_score && l->x[0].score_equal);
	AGREES(&l->x[0]);
	read_free(l);
}

static const char ptes[] = "a invoked oom-killer: gfp_mask=0x201da, order=0, oom_score_adj=0\n"
			   "a cpuset=/ mems_allowed=0\n"
			   "CPU: 1 PID: 77 Comm: a Not tainted %s #1\n" TOTALS
			   "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
			   "[  100]     0   100   500000   300000    1000     9000             0 root\n"
			   "[  200]  1000   200   300000    50000     100      900           240 user\n"
			   "Out of memory: Kill process %d (%s) score %d or sacrifice child\n"
			   "Killed process %d (%s) total-vm:2000000kB, anon-rss:803996kB, file-rss:0kB\n";

/* 310000 - 30 * 1000 = 280000 against 51000 + 240 * 1000 = 291000. */
Test(eras, k3_10_takes_30_from_roots_adj)
{
	char *text = textf(ptes, "3.10.17", 200, "user", 291, 200, "user");
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_str_eq(model(l), "k3.10");
	cr_expect_eq(l->x[0].task[0].points, 280000);
	cr_expect_eq(l->x[0].task[1].points, 291000);
	cr_expect(l->x[0].has_score && l->x[0].score_equal);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

/* 310000 - 3 % = 300700. */
Test(eras, rhel_7_takes_3_percent)
{
	char *text = textf(ptes, "3.10.0-693.el7.x86_64", 100, "root", 300, 100, "root");
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_str_eq(model(l), "k3.18");
	cr_expect_eq(l->x[0].task[0].points, 300700);
	cr_expect(l->x[0].has_score && l->x[0].score_equal);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

/* A container's root has no CAP_SYS_ADMIN: the printed score 310 fits that alone. */
Test(eras, printed_score_tells_of_capabilities)
{
	char *text = textf(ptes, "3.18.48", 100, "root", 310, 100, "root");
	struct read *l = read_text(text);

	ONE(l);
	cr_expect(!l->x[0].root_capable);
	cr_expect_eq(l->x[0].task[0].points, 310000);
	cr_expect(l->x[0].score_equal);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

/* Without a release the score tells which of the two rules it was: 280 is 3.10's. */
Test(eras, printed_score_tells_of_the_rule)
{
	struct read *l =
		read_text(TOTALS "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
				 "[  100]     0   100   500000   300000    1000     9000             0 root\n"
				 "[  200]  1000   200   300000    50000     100      900             0 user\n"
				 "Out of memory: Kill process 100 (root) score 280 or sacrifice child\n"
				 "Killed process 100 (root) total-vm:2000000kB, anon-rss:803996kB, file-rss:0kB\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k3.10");
	cr_expect(l->x[0].score_equal);
	AGREES(&l->x[0]);
	read_free(l);
}

/* nr_ptes + nr_pmds; the child of the chosen one dies. */
Test(eras, k4_9_child_sacrifice)
{
	struct read *l = read_text(
		"a invoked oom-killer: gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=0, order=0, "
		"oom_score_adj=0\n"
		"a cpuset=/ mems_allowed=0\nCPU: 1 PID: 77 Comm: a Not tainted 4.9.0-6-amd64 #1\n" TOTALS
		"[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
		"[  100]  1000   100   500000   300000    1000      10     9000             0 parent\n"
		"[  101]  1000   101   300000     5000     100       5      900             0 child\n"
		"Out of memory: Kill process 100 (parent) score 310 or sacrifice child\n"
		"Killed process 101 (child) total-vm:1200000kB, anon-rss:20000kB, file-rss:0kB, shmem-rss:0kB\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k4.9");
	cr_expect_eq(l->x[0].task[0].points, 310010);
	VICTIM(&l->x[0], 101, "child");
	AGREES(&l->x[0]);
	cr_expect(strstr(l->x[0].because.s, "child sacrifice"));
	read_free(l);
}

/* Two equals: the first up to 5.2, the last from 5.3. */
static void tie(const char *release, int pid, const char *comm)
{
	char *text = textf("a invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
			   "CPU: 1 PID: 77 Comm: a Not tainted %s #1\n" TOTALS "Tasks state (memory values in pages):\n"
			   "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			   "[    100]  1000   100   500000   300000  4096000        0             0 one\n"
			   "[    101]  1000   101   300000   300000  4096000        0             0 two\n"
			   "Out of memory: Killed process %d (%s) total-vm:1200000kB, anon-rss:20000kB, file-rss:0kB, "
			   "shmem-rss:0kB\n",
			   release, pid, comm);
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_eq(l->x[0].task[0].points, 301000);
	AGREES(&l->x[0]);
	cr_expect(!l->x[0].grew, "%s: by the tie rule itself", release);
	read_free(l);
	free(text);
}

Test(eras, ties)
{
	tie("5.1.21", 100, "one");
	tie("5.2.9", 100, "one");
	tie("5.3.1", 101, "two");
	tie("5.10.0-8-amd64", 101, "two");
	tie("7.3.4", 101, "two");
}

/* Both below zero: level at 1 up to 5.8, told apart from 5.9 on. */
static void negative(const char *release, int pid, const char *comm, int64_t points)
{
	char *text = textf("a invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
			   "CPU: 1 PID: 77 Comm: a Not tainted %s #1\n" TOTALS
			   "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			   "[    100]  1000   100   500000   300000  4096000        0          -500 large\n"
			   "[    101]  1000   101   300000   200000  4096000        0          -500 small\n"
			   "Out of memory: Killed process %d (%s) total-vm:1200000kB, anon-rss:20000kB, file-rss:0kB, "
			   "shmem-rss:0kB, "
			   "UID:1000 pgtables:4000kB oom_score_adj:-500\n",
			   release, pid, comm);
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_eq(l->x[0].task[0].points, points, "%s: %ld", release, (long)l->x[0].task[0].points);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

Test(eras, below_zero)
{
	negative("5.4.0-26-generic", 101, "small", 1);
	negative("5.10.0-8-amd64", 100, "large", -199000);
}

Test(eras, k6_12_table)
{
	struct read *l = read_text(
		"a invoked oom-killer: gfp_mask=0x100cca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0\n"
		"CPU: 0 UID: 1000 PID: 77 Comm: a Not tainted 6.12.9-amd64 #1 PREEMPT(lazy)  Debian 6.12.9-1\n" TOTALS
		"Memory cgroup min protection 0kB -- low protection 0kB\n"
		"Tasks state (memory values in pages):\n"
		"[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents "
		"oom_score_adj name\n"
		"[    100]  1000   100   500000   300000   299000      800       200  4096000     1000             0 "
		"one\n"
		"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/"
		",task=one,"
		"pid=100,uid=1000\n");

	ONE(l);
	cr_expect_str_eq(model(l), "k6.12");
	cr_expect_eq(l->r[0].trigger_pid.v, 77);
	cr_expect_eq(l->r[0].task[0].v[OOM_COL_RSS_ANON], 299000);
	cr_expect_eq(l->x[0].task[0].points, 302000);
	AGREES(&l->x[0]);
	read_free(l);
}

/* A memory cgroup of version 1: limit 100 MiB, memory+swap 150 MiB, so totalpages is 38400 if the machine has as much swap. */
Test(eras, memcg_v1)
{
	struct read *l =
		read_text("main invoked oom-killer: gfp_mask=0x24000c0, order=0, oom_score_adj=0\n"
			  "main cpuset=34186d9b mems_allowed=0\nCPU: 2 PID: 11345 Comm: main Not tainted "
			  "4.4.0-130-generic #156-Ubuntu\n"
			  "Task in /docker/34186d9b killed as a result of limit of /docker/34186d9b\n"
			  "memory: usage 102400kB, limit 102400kB, failcnt 4563\n"
			  "memory+swap: usage 153600kB, limit 153600kB, failcnt 9\n"
			  "kmem: usage 7524kB, limit 9007199254740988kB, failcnt 0\n"
			  "Memory cgroup stats for /docker/34186d9b: cache:108KB rss:97168KB rss_huge:0KB\n"
			  "[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name\n"
			  "[10517]     0 10517    74852     4784      32       5        0             0 go\n"
			  "[11344]     0 11344    97590    20000     113       5    12000             0 main\n"
			  "Memory cgroup out of memory: Kill process 11344 (main) score 836 or sacrifice child\n"
			  "Killed process 11344 (main) total-vm:390360kB, anon-rss:183712kB, file-rss:1016kB\n");

	ONE(l);
	cr_expect_eq(l->x[0].constraint, OOM_CONSTRAINT_MEMCG);
	cr_expect_str_eq(l->r[0].memcg, "/docker/34186d9b");
	cr_expect_eq(l->x[0].total.pages, 38400);
	cr_expect(!l->x[0].root_capable);
	cr_expect(l->x[0].score_equal, "%ld", (long)l->x[0].score);
	AGREES(&l->x[0]);
	cr_expect(strstr(l->x[0].failure.s, "at its limit"));
	read_free(l);
}

/* 16 KiB pages, which only the printed "no limit" tells. */
Test(eras, page_size_of_a_memcg_report)
{
	struct read *l =
		read_text("memory: usage 409600kB, limit 409600kB, failcnt 13061\n"
			  "swap: usage 0kB, limit 9007199254740976kB, failcnt 0\n"
			  "Memory cgroup stats for /pod:\nanon 399507456\nfile 540672\n"
			  "Tasks state (memory values in pages):\n"
			  "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			  "[ 585588]     0 585588   307156    24397  1196032        0             0 java\n"
			  "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/"
			  "pod,task_memcg=/pod,"
			  "task=java,pid=585588,uid=0\n");

	ONE(l);
	cr_expect_eq(l->r[0].page_kB, 16);
	cr_expect_eq(l->x[0].total.pages, 25600);
	cr_expect_eq(l->x[0].task[0].points, 24397 + 1196032 / 16384);
	cr_expect_eq(l->r[0].stat_anon.v, 399507456);
	AGREES(&l->x[0]);
	read_free(l);
}
