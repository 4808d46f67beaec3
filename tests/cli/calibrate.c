/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim calibrate: a preset from a recording, and what is wrong with a command line. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(calibrate, .init = in_folder, .fini = in_folder_end);

/* 10240 pages in 100 ms: 9.77 us a page, less what is not the fault's. */
static void put_recording(void)
{
	RAN(shell("mkdir r"), 0);
	put_file("r/meta.json",
		 "{\"scenario\": \"hand-made\", \"kernel\": \"6.1\", \"image\": \"6.1.0\", \"ram_mb\": 64, \"smp\": 1, \"constant\": {},\n"
		 "\"facts\": {\"/proc/zoneinfo\": \"Node 0, zone DMA32\\n pages free 14000\\n present 16384\\n managed 15800\\n batch: 3\\n\"},\n"
		 "\"spec\": \"duration 1000\\nproc ws : alloc 40M 0\\n\"}\n");
	put_file("r/timeline.tsv", "t_ms\tMemFree\n0\t56000\n1000\t56000\n");
	put_file("r/events.tsv", "t_ms\twho\tpid\tevent\n0.1\tinit\t1\tt0 avail_kb=55000 total_kb=63200\n"
				 "102\tws\t9\talloc pages=10240 ms=100 maxstall_us=1\n");
	put_file("r/procs.tsv", "t_ms\tname\tpid\tutime\tstime\n");
}

Test(calibrate, writes_a_preset)
{
	struct ran r;

	put_recording();
	RAN(shell("$oomsim calibrate -c fault_anon -o a.yaml r/"), 0);
	RAN(shell("$oomsim calibrate -c fault_anon -j 1 -o b.yaml r/"), 0);
	RAN(shell("cmp a.yaml b.yaml"), 0);
	r = shell("cat a.yaml");
	HAS(r.out, "# CPU costs estimated by 'oomsim calibrate' from r.\n");
	HAS(r.out, "preset: recorder\nfault_anon: 9");
	r = shell("mkdir -p p/costs && cp a.yaml p/costs/mine.yaml && cp $top/scenarios/presets/costs/recorder.yaml p/costs && "
		  "$oomsim calibrate --presets p --costs mine -c fault_anon r");
	RAN(r, 0);
	HAS(r.out, "ws alloc, pages/ms");
	HAS(r.out, "0.00 before, 0.00 after"); /* the preset explains the recording it was made from */
}

Test(calibrate, wrong_usage)
{
	struct ran r = shell("$oomsim calibrate");

	RAN(r, 2);
	HAS(r.err, "which recordings?");
	r = shell("$oomsim calibrate -c zap_pages r");
	RAN(r, 2);
	HAS(r.err, "there is no cost 'zap_pages'; 'oomsim models costs' lists them");
	RAN(shell("$oomsim calibrate -j 0 r"), 2);
	RAN(shell("$oomsim calibrate -j 2x r"), 2);
}

Test(calibrate, what_is_no_recording)
{
	struct ran r = shell("$oomsim calibrate nowhere");

	RAN(r, 2);
	HAS(r.err, "nowhere/meta.json: error: No such file or directory (a recording is a folder with meta.json, timeline.tsv, "
		   "events.tsv and procs.tsv)\n");
	put_recording();
	put_file("r/timeline.tsv", "t_ms\tMemFree\n");
	r = shell("$oomsim calibrate r");
	RAN(r, 2);
	HAS(r.err, "r/timeline.tsv: error: there are no rows: the machine never started\n");
}

Test(calibrate, nothing_to_compare)
{
	struct ran r;

	put_recording();
	put_file("r/events.tsv", "t_ms\twho\tpid\tevent\n0.1\tinit\t1\tt0 avail_kb=55000 total_kb=63200\n");
	r = shell("$oomsim calibrate r");
	RAN(r, 2);
	HAS(r.err, "these recordings have no phase, kill or stall long enough to compare\n");
}

Test(calibrate, output_that_cannot_be_written)
{
	put_recording();
	RAN(shell("$oomsim calibrate -c fault_anon -o nowhere/x.yaml r"), 3);
}
