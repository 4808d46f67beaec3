/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim check and diff: what holds, what does not, and how that is told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(check, .init = in_folder, .fini = in_folder_end);
TestSuite(diff, .init = in_folder, .fini = in_folder_end);

static void put_expecting(const char *file, const char *expect)
{
	char text[4096];

	snprintf(text, sizeof(text), "%sexpect:\n%s", small_leak, expect);
	put_file(file, text);
}

Test(check, met)
{
	struct ran r;

	put_expecting("a.yaml", "  victims: [{name: leak, before: 5s}]\n  first_kill: {before: 5s}\n");
	r = shell("$oomsim check a.yaml");
	RAN(r, 0);
	HAS(r.out, "ok     a.yaml");
	HAS(r.out, "1 passed, 0 failed");
	cr_assert_str_empty(r.err);
}

Test(check, other_victims)
{
	struct ran r;

	put_file("a.yaml", "name: small\nduration: 20s\nmachine: {cpus: 1, memory: 64MiB}\n"
			   "processes:\n"
			   "  - {name: database, workload: [{sleep: forever}]}\n"
			   "  - {name: leak, workload: [{leak: {region: heap, rate: 50MiB/s}}]}\n"
			   "expect: {victims: [database], not_killed: [leak]}\n");
	r = shell("$oomsim check a.yaml");
	RAN(r, 1);
	HAS(r.out, "FAILED a.yaml");
	HAS(r.out, "victims: expected database; got leak at ");
	HAS(r.out, "not_killed: leak (pid ");
}

Test(check, none_expected)
{
	struct ran r;

	put_expecting("a.yaml", "  victims: []\n  ended: panic\n");
	r = shell("$oomsim check a.yaml");
	RAN(r, 1);
	HAS(r.out, "victims: expected none; got leak at ");
	HAS(r.out, "ended: expected panic; got ");
}

Test(check, wrong_time)
{
	struct ran r;

	put_expecting("a.yaml", "  victims: [{name: leak, after: 10s, before: 12s}]\n  first_kill: {after: 11s}\n");
	r = shell("$oomsim check a.yaml");
	RAN(r, 1);
	HAS(r.out, "kill 1 (leak): expected after 10.000 s and before 12.000 s; got ");
	HAS(r.out, "first_kill: expected after 11.000 s; got ");
}

Test(check, evictions)
{
	static const char node[] = "name: node\nduration: 15s\nmachine: {memory: 256MiB}\nkubernetes:\n  manifests:\n"
				   "    - {apiVersion: v1, kind: Pod, metadata: {name: hog}, spec: {containers: [{name: hog, image: i}]}}\n"
				   "    - {apiVersion: v1, kind: Pod, metadata: {name: other}, spec: {containers: [{name: other, image: i}]}}\n"
				   "  workloads:\n"
				   "    - {pod: hog, workload: [{leak: {region: r, size: 150MiB}}, {sleep: forever}]}\n"
				   "    - {pod: other, workload: [{sleep: forever}]}\n";
	char text[2048];
	struct ran r;

	snprintf(text, sizeof(text), "%sexpect: {evicted: [hog]}\n", node);
	put_file("a.yaml", text);
	RAN(shell("$oomsim check a.yaml"), 0);
	snprintf(text, sizeof(text), "%sexpect: {evicted: [hog, other]}\n", node);
	put_file("b.yaml", text);
	r = shell("$oomsim check b.yaml");
	RAN(r, 1);
	HAS(r.out, "evicted: expected hog, other; got hog at 10.000 s");
	snprintf(text, sizeof(text), "%sexpect: {evicted: []}\n", node);
	put_file("c.yaml", text);
	r = shell("$oomsim check c.yaml");
	RAN(r, 1);
	HAS(r.out, "evicted: expected none; got hog at 10.000 s");
	snprintf(text, sizeof(text), "duration: 1s\n%sexpect: {evicted: [hog]}\n", strstr(node, "machine"));
	put_file("d.yaml", text);
	r = shell("$oomsim check d.yaml");
	RAN(r, 1);
	HAS(r.out, "evicted: expected hog; got none");
}

Test(check, the_worst_status_wins)
{
	put_expecting("good.yaml", "  victims: [leak]\n");
	put_expecting("wrong.yaml", "  victims: []\n");
	put_file("broken.yaml", "duration: [\n");
	RAN(shell("$oomsim check good.yaml wrong.yaml"), 1);
	RAN(shell("$oomsim check broken.yaml wrong.yaml good.yaml"), 2);
	RAN(shell("$oomsim check good.yaml nowhere.yaml"), 2);
}

Test(check, golden)
{
	struct ran r;

	put_file("a.yaml", small_leak);
	r = shell("$oomsim check a.yaml --golden g");
	RAN(r, 0);
	HAS(r.out, "no golden");
	RAN(shell("$oomsim check --update a.yaml --golden g"), 0);
	cr_assert(exists("g/small.json"));
	cr_assert(exists("g/small.kern.log"));
	r = shell("$oomsim check a.yaml --golden g");
	RAN(r, 0);
	HAS_NOT(r.out, "no golden");
	r = shell("$oomsim check a.yaml --golden g --set machine.memory=96MiB");
	RAN(r, 1);
	HAS(r.out, "kill 1: leak (pid ");
	HAS(r.out, "vmstat.");
	HAS(r.out, " %)");
	HAS(r.out, "small.kern.log, line ");
	HAS(r.out, "digest");
}

Test(check, a_spoiled_golden_is_told_with_its_place)
{
	struct ran r;

	put_file("a.yaml", small_leak);
	RAN(shell("mkdir g; echo '{\"schema\": ' >g/small.json"), 0);
	r = shell("$oomsim check a.yaml --golden g");
	RAN(r, 1);
	HAS(r.out, "g/small.json:");
}

Test(check, golden_folder_unwritable)
{
	put_file("a.yaml", small_leak);
	put_file("file", "");
	RAN(shell("$oomsim check --update a.yaml --golden file/g"), 3);
}

Test(check, junit_is_well_formed_whatever_the_names)
{
	struct ran r;

	put_expecting("wrong.yaml", "  victims: []\n");
	put_file("a<b>&\"c\".yaml", "duration: '\x01<&>'\nna\xc3\xafve: 1\n");
	put_expecting("good.yaml", "  victims: [leak]\n");
	r = shell("$oomsim check wrong.yaml 'a<b>&\"c\".yaml' good.yaml --junit report.xml");
	RAN(r, 2);
	if (shell("command -v xmllint").status)
		SKIP("xmllint is not installed");
	r = shell("xmllint --noout report.xml");
	RAN(r, 0);
	r = shell("xmllint --xpath 'string(/testsuites/@tests) ' report.xml; xmllint --xpath 'count(//failure)' "
		  "report.xml; "
		  "xmllint --xpath 'count(//error)' report.xml");
	HAS(r.out, "3");
	r = shell("xmllint --xpath 'string(//failure/@message)' report.xml");
	HAS(r.out, "victims: expected none; got leak at ");
	r = shell("xmllint --xpath 'string(//testcase[2]/@file)' report.xml");
	HAS(r.out, "a<b>&\"c\".yaml");
}

Test(check, junit_to_standard_output_is_alone_there)
{
	struct ran r;

	put_file("a.yaml", small_leak);
	r = shell("$oomsim check a.yaml --junit -");
	RAN(r, 0);
	cr_assert_eq(strncmp(r.out, "<?xml", 5), 0);
}

Test(check, junit_unwritable)
{
	put_file("a.yaml", small_leak);
	RAN(shell("$oomsim check a.yaml --junit nowhere/report.xml"), 3);
	if (exists("/dev/full"))
		RAN(shell("$oomsim check a.yaml --junit /dev/full"), 3);
}

Test(check, tap)
{
	struct ran r;

	put_expecting("good.yaml", "  victims: [leak]\n");
	put_expecting("wrong.yaml", "  victims: []\n");
	r = shell("$oomsim check --tap good.yaml wrong.yaml");
	RAN(r, 1);
	cr_assert_eq(strncmp(r.out, "TAP version 13\n1..2\nok 1 - good.yaml\nnot ok 2 - wrong.yaml\n# ", 61), 0, "%s",
		     r.out);
}

static void two_runs(void)
{
	put_file("a.yaml", small_leak);
	RAN(shell("$oomsim run a.yaml -q --no-plot -o a && $oomsim run a.yaml -q --no-plot -o b && "
		  "$oomsim run a.yaml -q --no-plot -o c --set machine.memory=96MiB"),
	    0);
}

Test(diff, same)
{
	struct ran r;

	two_runs();
	r = shell("$oomsim diff a b");
	RAN(r, 0);
	HAS(r.out, "same");
	RAN(shell("$oomsim diff a b/summary.json"), 0);
	RAN(shell("$oomsim diff - b <a/summary.json"), 0);
}

Test(diff, different)
{
	struct ran r;

	two_runs();
	r = shell("$oomsim diff a c");
	RAN(r, 1);
	HAS(r.out, "a -> c: ");
	HAS(r.out, "kill 1: leak (pid ");
	HAS(r.out, "vmstat.pgfault");
	HAS(r.out, "kern.log, line 1:");
}

Test(diff, not_a_run)
{
	struct ran r;

	two_runs();
	RAN(shell("$oomsim diff a nowhere"), 2);
	RAN(shell("mkdir empty; $oomsim diff a empty"), 2);
	put_file("x.json", "{\"schema\": \"other/1\"}");
	r = shell("$oomsim diff a x.json");
	RAN(r, 2);
	HAS(r.err, "x.json:1:1: error: ");
	put_file("x.json", "{\n\"schema\": }");
	r = shell("$oomsim diff a x.json");
	RAN(r, 2);
	HAS(r.err, "x.json:2:");
}
