/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim run: exit statuses, what it leaves behind and what not. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "tests/cli/shell.h"

TestSuite(run, .init = in_folder, .fini = in_folder_end);

Test(run, writes_a_whole_folder_and_tells)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim run small.yaml --no-plot");
	RAN(r, 0);
	HAS(r.out, "leak");
	HAS_NOT(r.out, "\033");
	cr_assert_str_empty(r.err);
	cr_assert(exists("results/small/summary.json"));
	cr_assert(exists("results/small/timeline.csv"));
	cr_assert(exists("results/small/kern.log"));
	RAN(shell("grep -q '\"comm\": *\"leak\"' results/small/summary.json"), 0);
	RAN(shell("test \"$(ls -A results)\" = small"), 0);
}

/* Three members die with the victim, who is killed once more; the constraint line is the chosen victim's alone, as in the recording
 * of a group kill. */
Test(run, a_group_kill_in_every_file)
{
	put_file("group.yaml", "duration: 10s\n"
			       "machine: {memory: 256MiB}\n"
			       "cgroups: [{path: a, memory.max: 64MiB, memory.oom.group: 1}]\n"
			       "processes:\n"
			       "  - {name: one, cgroup: a, workload: [{leak: {region: h, size: 10MiB}}, {sleep: forever}]}\n"
			       "  - {name: leak, start: 1s, cgroup: a, workload: [{leak: {region: h, rate: 20MiB/s}}]}\n");
	RAN(shell("$oomsim run group.yaml --no-plot -q -o out"), 0);
	RAN(shell("test $(grep -c 'oom-kill:constraint=CONSTRAINT_MEMCG' out/kern.log) = 1"), 0);
	RAN(shell("test $(grep -c 'Memory cgroup out of memory: Killed process' out/kern.log) = 3"), 0);
	RAN(shell("grep -q 'Tasks in /a are going to be killed due to memory.oom.group set' out/kern.log"), 0);
	RAN(shell("head -1 out/cgroups.csv | grep -q '^time_s,cgroup,memory.current'"), 0);
	RAN(shell("grep -c ',/a,' out/cgroups.csv"), 0);
}

Test(run, same_bytes_twice_wherever_it_writes)
{
	put_file("small.yaml", small_leak);
	RAN(shell("$oomsim run small.yaml --no-plot -o a && mkdir deep && cd deep && $oomsim run ../small.yaml "
		  "--no-plot -q -o b"),
	    0);
	RAN(shell("diff -r a deep/b"), 0);
}

Test(run, quiet_says_nothing)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim run small.yaml --no-plot --quiet -o out");
	RAN(r, 0);
	cr_assert_str_empty(r.out);
	cr_assert_str_empty(r.err);
}

Test(run, standard_input)
{
	put_file("small.yaml", small_leak);
	RAN(shell("$oomsim run - --no-plot -q -o a <small.yaml && $oomsim run small.yaml --no-plot -q -o b && diff -r "
		  "a b"),
	    0);
}

Test(run, digest_alone_writes_nothing)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim run --digest small.yaml");
	RAN(r, 0);
	cr_assert_eq(strlen(r.out), 33, "%s", r.out);
	cr_assert(!exists("results"));
}

Test(run, overrides)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim run small.yaml --no-plot -o a --until 100ms && grep '\"end_ns\"' a/summary.json");
	RAN(r, 0);
	HAS(r.out, "100000000");
	r = shell("$oomsim run small.yaml --no-plot -q -o a --set machine.memory=128MiB --seed 7 --kernel 6.1 && cat "
		  "a/summary.json");
	RAN(r, 0);
	HAS(r.out, "\"seed\": 7");
	HAS(r.out, "\"k6.1\"");
	RAN(shell("$oomsim run small.yaml --seed minus-one -o b"), 2);
	RAN(shell("$oomsim run small.yaml --kernel 0.99 -o b"), 2);
	RAN(shell("$oomsim run small.yaml --set no.such=1 -o b"), 2);
	cr_assert(!exists("b"));
}

Test(run, bad_file_lists_all_errors_and_leaves_nothing)
{
	struct ran r;

	put_file("bad.yaml", "duration: 10parsecs\nmachine: {memroy: 1GiB}\nprocesses: []\n");
	r = shell("$oomsim run bad.yaml");
	RAN(r, 2);
	HAS(r.err, "bad.yaml:1:11: error: ");
	HAS(r.err, "bad.yaml:2:");
	HAS(r.err, "did you mean 'memory'?");
	cr_assert_str_empty(r.out);
	cr_assert(!exists("results"));
}

Test(run, missing_file)
{
	struct ran r = shell("$oomsim run nowhere.yaml");

	RAN(r, 2);
	HAS(r.err, "nowhere.yaml");
	HAS(r.err, "No such file");
}

Test(run, panic_is_a_result)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell(
		"$oomsim run small.yaml --no-plot -o out --set sysctl='{vm.panic_on_oom: 1}' && cat out/summary.json");
	RAN(r, 0);
	HAS(r.out, "\"panic\"");
}

Test(run, machine_larger_than_the_host_is_refused_with_figures)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("$oomsim run small.yaml --set machine.memory=7TiB -o out");
	RAN(r, 2);
	HAS(r.err, "iB of host memory");
	HAS(r.err, "iB available");
	cr_assert(!exists("out"));
}

Test(run, output_below_a_file)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	put_file("file", "");
	r = shell("$oomsim run small.yaml --no-plot -o file/out");
	RAN(r, 3);
	HAS(r.err, "file");
	RAN(shell("test \"$(ls -A | tr '\\n' ' ')\" = 'file small.yaml '"), 0);
}

Test(run, unwritable_folder)
{
	struct ran r;

	if (geteuid() == 0)
		SKIP("root may write everywhere");
	put_file("small.yaml", small_leak);
	r = shell("mkdir closed && chmod 555 closed && $oomsim run small.yaml --no-plot -o closed/out");
	RAN(r, 3);
	HAS(r.err, "Permission denied");
}

Test(run, a_folder_that_is_no_result_is_not_replaced)
{
	put_file("small.yaml", small_leak);
	RAN(shell("mkdir mine && echo precious >mine/thesis.tex; $oomsim run small.yaml --no-plot -o mine"), 3);
	RAN(shell("test \"$(cat mine/thesis.tex)\" = precious"), 0);
}

/* What a full disk leaves: nothing new, and the old folder as it was. */
static void fill(const char *size)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	if (shell("mkdir full && mount -t tmpfs -o size=%s none full", size).status)
		SKIP("no right to mount a small tmpfs");
	r = shell("$oomsim run small.yaml --no-plot -o full/out --set sample=1ms");
	RAN(r, 3);
	HAS(r.err, "No space left on device");
	RAN(shell("test -z \"$(ls -A full)\""), 0);
}

Test(run, full_device_from_the_start)
{
	fill("4k");
}
Test(run, full_device_on_the_way)
{
	fill("256k");
}

Test(run, file_size_limit)
{
	struct ran r;

	put_file("small.yaml", small_leak);
	r = shell("ulimit -f 8; $oomsim run small.yaml --no-plot -o out --set sample=1ms");
	RAN(r, 3);
	RAN(shell("test \"$(ls -A)\" = small.yaml"), 0);
}

Test(run, interrupted_cleans_up)
{
	put_file("small.yaml", small_leak);
	/* 143: it dies of the signal, as a shell expects, after it has removed what it had begun. */
	RAN(shell("$oomsim run small.yaml --no-plot -o out --set sample=100ms --set duration=1000000s --set "
		  "stop_when_idle=false & "
		  "sleep 0.3; kill $!; wait $!"),
	    143);
	RAN(shell("test \"$(ls -A)\" = small.yaml"), 0);
}
