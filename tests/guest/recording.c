/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what a guest leaves in the shared region to the files of a recording, and back to an outcome and facts. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/guest/facts.h"
#include "sim/guest/store.h"

static const char samples[] =
	"@I /proc/zoneinfo\n"
	"Node 0, zone      DMA\n  per-node stats\n      nr_unevictable 390\n      nr_slab_reclaimable 2243\n"
	"      nr_slab_unreclaimable 1412\n      nr_kernel_stack 736\n      nr_page_table_pages 73\n"
	"  pages free     3808\n        boost    0\n        present  3998\n        managed  3840\n    cpu: 0\n"
	"              count: 0\n              high:  41\n              batch: 1\n"
	"Node 0, zone    DMA32\n  pages free     45391\n        present  61408\n        managed  52069\n    cpu: 0\n"
	"              count: 47\n              batch: 15\n"
	"Node 0, zone  Movable\n  pages free     7\n        managed  0\n"
	"@I /proc/sys/vm/swappiness\n60\n"
	"@I /proc/sys/vm/page-cluster\n3\n"
	"@I /sys/kernel/mm/lru_gen/enabled\n0x0007\n"
	"@I guest/touch_ns\n61.5\n"
	"@S 487\n@F /proc/meminfo\nMemFree:        1000 kB\nActive(file):      8 kB\nInactive(file):    4 kB\nAnonPages: 10 kB\n"
	"SwapTotal: 100 kB\nSwapFree: 100 kB\n"
	"@F /proc/vmstat\npgmajfault 5\npswpin 0\npgscan_kswapd 10\npgscan_direct 1\n"
	"@F /proc/pressure/memory\nsome avg10=0.00 avg60=0.00 avg300=0.00 total=100\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
	"@C a/b memory.current\n4096\n@C a/b memory.events\nlow 0\nmax 0\noom_kill 0\n"
	"@S 50012\n@F /proc/meminfo\nMemFree:         200 kB\nActive(file):      8 kB\nInactive(file):    0 kB\nAnonPages: 800 kB\n"
	"SwapTotal: 100 kB\nSwapFree: 30 kB\n"
	"@F /proc/vmstat\npgmajfault 9\npswpin 0\npgscan_kswapd 110\npgscan_direct 21\n"
	"@F /proc/pressure/memory\nsome avg10=1.50 avg60=0.00 avg300=0.00 total=25100\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
	"@P my_leak 81 S 42 100 80 4 16 0 40 0 7 1 0 2 333 5680\n"
	"@C a/b memory.current\n8192\n@C a/b memory.events\nlow 0\nmax 3\noom_kill 1\n";

static const char events[] = "0.100\tinit\t1\tprobe shmem_kb=840 anon_kb=60 vm_kb=5680 commit_kb=648\n"
			     "0.127\tinit\t1\tt0 avail_kb=199732 total_kb=223636\n"
			     "20.000\tmy leak\t81\talloc pages=1234 ms=17 maxstall_us=5\n"
			     "21.000\tmy leak\t81\tmmap pages=10 ms=0 maxstall_us=0 errno=12\n"
			     "60.000\tinit\t1\tsampler us=368 of 2\n";

static const char dmesg[] = "6,1,500000,-;booting\n"
			    "12,2,1000000,-;oomsim: t0\n"
			    "4,3,1030500,-;my leak invoked oom-killer: gfp_mask=0x140dca, order=0\n"
			    "3,4,1031250,-;Out of memory: Killed process 81 (my leak) total-vm:192048kB, anon-rss:1kB\n";

static const char console[] = "[    1.030500] my leak invoked oom-killer: gfp_mask=0x140dca, order=0\r\n"
			      "[    1.031251] Out of memory: Killed process 81 (my leak) total-vm:192048kB, anon-rss:1kB\r\n"
			      "[    1.050000] Kernel panic - not syncing: System is deadlocked on memory\r\n";

static char dir[] = "/tmp/oomsim-recording-XXXXXX";

static void store(void)
{
	struct guest_raw raw = { strdup(events), strdup(samples), strdup(dmesg), console, REGION_COMPLETE };
	struct guest_run_meta meta = { "t", "6.1", "6.1.0-50-cloud-amd64", "icount", "plan\n", "", 256, false, 1, "" };
	char why[RECORDING_WHY];

	cr_assert_not_null(mkdtemp(dir));
	cr_assert(kernel_recording_store(dir, &raw, &meta, why), "%s", why);
	free(raw.events);
	free(raw.samples);
	free(raw.dmesg);
}

static void drop(void)
{
	static const char *const file[] = { "meta.json", "timeline.tsv", "procs.tsv", "events.tsv", "dmesg.txt" };
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(file); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, file[i]);
		unlink(path);
	}
	rmdir(dir);
}

TestSuite(recording, .init = store, .fini = drop);

static void file_is(const char *name, const char *want)
{
	char path[256], got[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	cr_assert(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = 0;
	fclose(f);
	cr_assert_str_eq(got, want);
}

/* Columns that never change are not in the table. */
Test(recording, timeline)
{
	file_is("timeline.tsv", "t_ms\tMemFree\tInactive(file)\tAnonPages\tSwapFree\tpgmajfault\tpgscan_kswapd\tpgscan_direct\t"
				"psi.memory.some.avg10\tpsi.memory.some.total\tcg.a/b.memory.current\tcg.a/b.memory.events.max\t"
				"cg.a/b.memory.events.oom_kill\n"
				"0.487\t1000\t4\t10\t100\t5\t10\t1\t0.00\t100\t4096\t0\t0\n"
				"50.012\t200\t0\t800\t30\t9\t110\t21\t1.50\t25100\t8192\t3\t1\n");
}

Test(recording, processes)
{
	file_is("procs.tsv", "t_ms\tname\tpid\tstate\tpages\trss_kb\tanon_kb\tfile_kb\tshmem_kb\tswap_kb\tpte_kb\tlck_kb\tminflt\tmajflt\t"
			     "utime\tstime\toom_score\tvm_kb\n"
			     "50.012\tmy_leak\t81\tS\t42\t100\t80\t4\t16\t0\t40\t0\t7\t1\t0\t2\t333\t5680\n");
}

/* The kernel's lines of the log are among the guest's by time; of the console's only what the log had no more. */
Test(recording, events)
{
	file_is("events.tsv", "t_ms\twho\tpid\tevent\n"
			      "0.100\tinit\t1\tprobe shmem_kb=840 anon_kb=60 vm_kb=5680 commit_kb=648\n"
			      "0.127\tinit\t1\tt0 avail_kb=199732 total_kb=223636\n"
			      "20.000\tmy leak\t81\talloc pages=1234 ms=17 maxstall_us=5\n"
			      "21.000\tmy leak\t81\tmmap pages=10 ms=0 maxstall_us=0 errno=12\n"
			      "30.500\tkernel\t0\tmy leak invoked oom-killer: gfp_mask=0x140dca, order=0\n"
			      "31.250\tkernel\t0\tOut of memory: Killed process 81 (my leak) total-vm:192048kB, anon-rss:1kB\n"
			      "50.000\tkernel\t0\tKernel panic - not syncing: System is deadlocked on memory\n"
			      "60.000\tinit\t1\tsampler us=368 of 2\n");
}

Test(recording, outcome)
{
	struct outcome o;
	char why[RECORDING_WHY];

	cr_assert(kernel_recording_read(dir, &o, why), "%s", why);
	cr_assert_eq(o.nkill, 2);
	cr_assert_str_eq(o.kill[0].comm, "my leak");
	cr_assert_float_eq(o.kill[0].t_ms, 31.25, 1e-9);
	cr_assert_str_eq(o.kill[1].comm, PANIC_MARK);
	cr_assert_eq(o.q[Q_PEAK_SWAP], 70);
	cr_assert_eq(o.q[Q_PGMAJFAULT], 4);
	cr_assert_eq(o.q[Q_PGSCAN], 120);
	cr_assert_eq(o.q[Q_PSI_MEM], 25);
	cr_assert_eq(o.nphase, 2);
	cr_assert_eq(o.phase[0].pages, 1234);
	cr_assert_eq(o.phase[1].kind, PHASE_MAP);
	cr_assert_eq(o.ncgroup, 1);
	cr_assert_eq(o.cgroup[0].peak_kB, 8);
	cr_assert_eq(o.cgroup[0].events[CE_max], 3);
	outcome_free(&o);
}

Test(recording, facts)
{
	struct guest_facts f;
	char why[RECORDING_WHY];

	cr_assert(guest_facts_read(dir, &f, why), "%s", why);
	cr_assert_str_eq(f.release, "6.1.0-50-cloud-amd64");
	cr_assert_eq(f.zoneinfo.zone[0].managed, 3840);
	cr_assert_eq(f.zoneinfo.zone[1].free, 45391);
	cr_assert_eq(f.zoneinfo.zone[1].pcp, 47);
	cr_assert_eq(f.zoneinfo.zone[2].managed, 0);
	cr_assert_eq(f.zoneinfo.unevictable, 390);
	cr_assert_eq(f.sysctl.swappiness, 60);
	cr_assert_eq(f.sysctl.page_cluster, 3);
	cr_assert_eq(f.sysctl.min_free_kbytes, SIM_AUTO);
	cr_assert_eq(f.lru_gen.enabled, 7);
	cr_assert_float_eq(f.touch_ns, 61.5, 1e-9);
	cr_assert_eq(f.exe_kB, 840);
	cr_assert_eq(f.sampler_us, 368);
	cr_assert_str_empty(f.failed);
}

Test(recording, the_machine_of_the_comparison)
{
	struct guest_facts f;
	char why[RECORDING_WHY];
	struct sim_config c;
	struct zone_cfg *z;

	cr_assert(guest_facts_read(dir, &f, why));
	sim_config_init(&c);
	c.sample = 10 * NS_PER_MS; /* too often for a guest: 50 ms */
	c.machine.ncpu = 8;
	cr_assert_eq(guest_machine_apply(&f, &c), SIM_OK);
	z = &c.machine.node[0].zone[1];
	cr_assert_eq(c.machine.ncpu, 1);
	cr_assert_eq(z->present, 61408);
	cr_assert_eq(z->managed, 52069);
	cr_assert_eq(z->free, 45391);
	cr_assert_eq(z->pcp_kernel, 47);
	cr_assert_eq(c.machine.memory, (61408 + 3998) * 4096u);
	cr_assert_eq(c.machine.kernel_stack, 184);
	cr_assert_eq(c.machine.cost.touch, 62);
	cr_assert_eq(c.lru_gen.enabled, 7);
	cr_assert_eq(c.nprocess, 1); /* PID 1, which takes samples */
	cr_assert(c.process[0].is_init);
	cr_assert_eq(c.sample, 50 * NS_PER_MS);
	cr_assert_eq(c.process[0].program.step[0].body.step[0].time.p[0], 368000);
	cr_assert_eq(c.process[0].program.step[0].body.step[1].time.p[0], 49632000);
	cr_assert_eq(c.process[0].exe_size, 840 * KIB);
	sim_config_free(&c);
}

Test(recording, what_cannot_be_read)
{
	struct outcome o;
	char why[RECORDING_WHY], path[256];

	cr_assert_not(kernel_recording_read("/nonexistent", &o, why));
	cr_assert_str_eq(why, "/nonexistent/meta.json: No such file or directory");
	outcome_free(&o);
	snprintf(path, sizeof(path), "%s/timeline.tsv", dir);
	cr_assert_eq(truncate(path, 0), 0);
	cr_assert_not(kernel_recording_read(dir, &o, why));
	cr_assert(strstr(why, "timeline.tsv: there are no rows"), "%s", why);
	outcome_free(&o);
}
