/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim sweep: what it runs, keeps, resumes, and computes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(sweep, .init = in_folder, .fini = in_folder_end);

/* Leaks 1 MiB at a random time in the first second, then ends: what it did is the same whatever the seed. */
static const char tiny[] = "duration: 2s\n"
			   "stop_when_idle: false\n"
			   "machine: {memory: 64MiB}\n"
			   "processes:\n"
			   "  - name: a\n"
			   "    start: {distribution: uniform, min: 0s, max: 1s}\n"
			   "    workload: [{leak: {region: h, size: 1MiB}}, {sleep: forever}]\n";

static const char head[] = "# oomsim.sweep/1 tiny ";

Test(sweep, a_row_for_each_run_and_a_line_for_each_combination)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	r = shell("$oomsim sweep tiny.yaml --vary processes.a.count=1,3 --vary machine.cpus=1,2 --runs 2 -o runs.csv");
	RAN(r, 0);
	cr_assert_str_empty(r.err);
	HAS(r.out, "processes.a.count,machine.cpus,runs,end_s,end_s_ci95,");
	HAS(r.out, "\n1,1,2,2,0,0,0,,,128,0,"); /* 256 pages in 2 s */
	HAS(r.out, "\n1,2,2,2,0,0,0,,,128,0,");
	HAS(r.out, "\n3,1,2,2,0,0,0,,,384,0,");
	RAN(shell("test $(wc -l < runs.csv) = 10"), 0);
	RAN(shell("head -c %zu runs.csv | grep -q '%s'", sizeof(head) - 1, head), 0);
	/* combinations vary fastest, the last of them first; then the seed */
	RAN(shell("test \"$(cut -d, -f1-4 runs.csv | sed -n '3p;4p;5p;7p;10p' | tr '\\n' ' ')\" = "
		  "'0,1,1,1 1,1,1,2 2,1,3,1 4,2,1,1 7,2,3,2 '"),
	    0);
}

Test(sweep, what_is_done_is_not_done_again)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 --runs 3 -j 2 -o runs.csv > all.csv"), 0);
	RAN(shell("cp runs.csv whole.csv; head -5 whole.csv > runs.csv; printf '5,3,2,2,0,,1' >> runs.csv"), 0);
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 --runs 3 -o runs.csv | cmp - all.csv"), 0);
	RAN(shell("cmp runs.csv whole.csv"), 0);
	/* A value that no run can have come to stays: it was believed, not run again. */
	RAN(shell("sed -i '3s/^0,1,1,2,/0,1,1,1777,/' runs.csv"), 0);
	r = shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 --runs 3 -o runs.csv");
	RAN(r, 0);
	HAS(r.out, "\n1,3,593.667,"); /* (1777 + 2 + 2) / 3 */
	/* More runs of each come behind. */
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 --runs 4 -o runs.csv > /dev/null; head -3 runs.csv "
		  "| grep -q 1777"),
	    0);
	RAN(shell("test $(wc -l < runs.csv) = 10"), 0);
}

Test(sweep, shards_come_together)
{
	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2,3 --runs 2 -o whole.csv > whole.stat"), 0);
	for (int i = 1; i <= 4; i++)
		RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2,3 --runs 2 --shard %d/4 -o part%d.csv > "
			  "/dev/null",
			  i, i),
		    0);
	RAN(shell("test $(wc -l < part1.csv) = 4 && test $(wc -l < part4.csv) = 3"), 0);
	RAN(shell("cat part4.csv part2.csv part1.csv part3.csv > runs.csv"), 0);
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2,3 --runs 2 -o runs.csv | cmp - whole.stat && cmp "
		  "runs.csv whole.csv"),
	    0);
}

/* Means and half widths by hand: 1, 2 and 6 have mean 3, deviation sqrt(7), and t(0.975, 2) = 4.30265; of 1 and 2 it is
 * 12.7062 with one degree of freedom. */
Test(sweep, statistics)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --runs 3 -o runs.csv"), 0);
	RAN(shell("awk -F, -v OFS=, 'NR==3{$3=1} NR==4{$3=2} NR==5{$3=6} NR>2{$5=NR<5?NR-2:\"\"} 1' runs.csv > x && mv "
		  "x runs.csv"),
	    0);
	r = shell("$oomsim sweep tiny.yaml --runs 3 -o runs.csv");
	RAN(r, 0);
	HAS(r.out, "runs,end_s,end_s_ci95,oom_kills,oom_kills_ci95,first_kill_s,first_kill_s_ci95,");
	HAS(r.out, "\n3,3,6.57241,0,0,1.5,6.3531,"); /* 4.30265 sqrt(7) / sqrt(3); 12.7062 sqrt(0.5) / sqrt(2) */
}

/* --from: the leak is over by then, so that no work is left. */
Test(sweep, measures_from_a_time_on)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	r = shell("$oomsim sweep tiny.yaml --from 1500ms -o runs.csv");
	RAN(r, 0);
	HAS(r.out, "\n1,2,,0,,,,0,,"); /* end_s 2, no kill, no work */
	r = shell("$oomsim sweep tiny.yaml --from 3s -o late.csv");
	RAN(r, 0);
	HAS(r.out, "\n1,2,,0,,,,,,,,"); /* nothing was sampled: no rate at all */
}

Test(sweep, values_can_be_drawn)
{
	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --vary 'machine.memory=uniform(64,128)MiB' --vary "
		  "'processes.a.nice=uniform(3,9)' --runs 4 -o a.csv"),
	    0);
	RAN(shell("test $(tail -4 a.csv | cut -d, -f3 | sort -u | wc -l) = 4"), 0);
	RAN(shell("tail -4 a.csv | awk -F, '{ m = $3 + 0; if (m < 64 || m > 128 || $3 !~ /MiB$/ || $4 !~ /^[3-9]$/) "
		  "exit 1 }'"),
	    0);
	/* A seed draws the same, whatever else is varied. */
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 --vary 'machine.memory=uniform(64,128)MiB' --runs 4 "
		  "-o b.csv"),
	    0);
	RAN(shell("test \"$(tail -4 a.csv | cut -d, -f3)\" = \"$(grep -v '^[#r]' b.csv | awk -F, '$3 == 2 { print $4 "
		  "}')\""),
	    0);
}

Test(sweep, values_may_hold_commas)
{
	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --vary 'machine.swap=[{size: 1MiB, device: nvme}],[]' -o a.csv > stat"), 0);
	RAN(shell("test $(wc -l < stat) = 3 && grep -q '^0,1,\"\\[{size: 1MiB, device: nvme}\\]\",2,' a.csv && grep -q "
		  "'^\"\\[{size' stat"),
	    0);
	/* and are read back */
	RAN(shell("$oomsim sweep tiny.yaml --vary 'machine.swap=[{size: 1MiB, device: nvme}],[]' -o a.csv | cmp - "
		  "stat"),
	    0);
}

Test(sweep, refuses)
{
	static const struct {
		const char *args, *says;
	} bad[] = {
		{ "", "-o: where are the runs to be kept?" },
		{ "-o a.csv --vary cpus", "--vary 'cpus': expected PATH=A,B,C or PATH=uniform(A,B)" },
		{ "-o a.csv --vary machine.cpus=1,,2", "a value is empty" },
		{ "-o a.csv --vary machine.cpus=1 --vary machine.cpus=2", "the path is varied already" },
		{ "-o a.csv --vary 'machine.cpus=uniform(4)'", "uniform and gaussian have two parameters" },
		{ "-o a.csv --vary 'machine.cpus=uniform(4,1)'", "min is above max" },
		{ "-o a.csv --runs 0", "--runs: expected a whole number from 1 to 1000000, not '0'" },
		{ "-o a.csv --jobs many", "--jobs: expected a whole number from 1 to 1024, not 'many'" },
		{ "-o a.csv --shard 3/2", "--shard: 3 is not from 1 to 2" },
		{ "-o a.csv --from soon", "--from: " },
		{ "-o a.csv --vary machine.cpsu=1,2",
		  "--set machine.cpsu: error: unknown key 'cpsu' in machine (did you mean 'cpus'?)" },
	};

	put_file("tiny.yaml", tiny);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct ran r = shell("$oomsim sweep tiny.yaml %s", bad[i].args);

		RAN(r, 2);
		HAS(r.err, bad[i].says);
		cr_assert_str_empty(r.out);
		cr_assert(!exists("a.csv"), "%s", bad[i].args);
	}
}

Test(sweep, refuses_a_file_that_is_not_its_own)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	RAN(shell("$oomsim sweep tiny.yaml --vary machine.cpus=1 -o a.csv > /dev/null; cp a.csv was.csv"), 0);
	r = shell("$oomsim sweep tiny.yaml --vary machine.cpus=1,2 -o a.csv");
	RAN(r, 2);
	HAS(r.err, "a.csv:1: error: these are the runs of another sweep");
	put_file("b.csv", "a,b\n1,2\n");
	r = shell("$oomsim sweep tiny.yaml -o b.csv");
	RAN(r, 2);
	HAS(r.err, "b.csv:1: error: this is not a row of a sweep's runs");
	RAN(shell("sed '3s/^0/x/' was.csv > a.csv; $oomsim sweep tiny.yaml --vary machine.cpus=1 -o a.csv 2>&1 | grep "
		  "-q '^oomsim: a.csv:3: error: '"),
	    0);
	RAN(shell("$oomsim sweep tiny.yaml -o no/such/folder.csv"), 3);
	r = shell("$oomsim sweep - -o c.csv < tiny.yaml");
	RAN(r, 2);
	HAS(r.err, "it cannot come from standard input");
}

/* The second value is a mistake that shows only when its turn comes: what was done before stays. */
Test(sweep, stops_at_the_first_failure)
{
	struct ran r;

	put_file("tiny.yaml", tiny);
	r = shell("$oomsim sweep tiny.yaml --vary machine.memory=64MiB,many,128MiB -o a.csv");
	RAN(r, 2);
	HAS(r.err, "--set machine.memory: error: ");
	cr_assert_str_empty(r.out);
	RAN(shell("test $(wc -l < a.csv) = 3"), 0);
}
