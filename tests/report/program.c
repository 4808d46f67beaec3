/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain, import, record and score as a user runs them: what they print, what they leave, how they end. */
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/report/read.h"

static char folder[] = "/tmp/oomsim-report-XXXXXX";

/* The program beside this runner, else the one that $OOMSIM names, as $oomsim; a folder of our own as the current one. */
static void begin(void)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *program;
	FILE *f;

	cr_assert(n > 0);
	self[n] = '\0';
	program = textf("%s/../oomsim", dirname(self));
	if (access(program, X_OK) && getenv("OOMSIM"))
		setenv("oomsim", getenv("OOMSIM"), 1);
	else
		setenv("oomsim", program, 1);
	free(program);
	cr_assert(mkdtemp(folder) && !chdir(folder));
	f = fopen("log", "we");
	cr_assert(f);
	fputs("before\n", f);
	fputs(report_6_1, f);
	cr_assert_eq(fclose(f), 0);
}

static void end(void)
{
	char *command = textf("rm -rf '%s'", folder);

	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(system(command), 0);
	free(command);
}

TestSuite(program, .init = begin, .fini = end);

static char out[1 << 17];

/* Runs a command with sh; its standard output and error are in `out`. Returns the exit status. */
static int sh(const char *command)
{
	char *all = textf("{ %s ; } 2>&1", command);
	FILE *p = popen(all, "re");
	size_t n;
	int status;

	cr_assert(p);
	n = fread(out, 1, sizeof(out) - 1, p);
	out[n] = '\0';
	status = pclose(p);
	free(all);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define RUN(want, command)                                                                                             \
	do {                                                                                                           \
		int got = sh(command);                                                                                 \
		cr_assert(got == (want), "%s: status %d\n%s", command, got, out);                                      \
	} while (0)
#define SAYS(part) cr_expect(strstr(out, part), "'%s' is not in:\n%s", part, out)

Test(program, explains)
{
	RUN(0, "$oomsim explain log");
	SAYS("OOM report 1, line 2");
	SAYS("80 (leak); by the scores 80 (leak): they agree");
	SAYS("77294");
	cr_expect(!strchr(out, '\033'));
	RUN(0, "$oomsim explain - <log");
	SAYS("they agree");
	RUN(0, "echo nothing | $oomsim explain -");
	SAYS("no OOM report in 1 lines");
	RUN(0, "gzip -k log && $oomsim explain log.gz && head -c 100 log.gz >cut.gz");
	SAYS("they agree");
	RUN(2, "$oomsim explain cut.gz");
}

Test(program, json_keeps_the_contract)
{
	static const char *const members[] = {
		"line",    "kernel", "format",    "constraint", "totalpages", "memcg",
		"trigger", "tasks",  "predicted", "actual",     "agrees",     "because"
	};
	static const char *const columns[] = { "pid",           "tgid",   "comm",     "uid",
					       "total_vm",      "rss",    "swapents", "pgtables_bytes",
					       "oom_score_adj", "points", "eligible", "why" };
	json_error_t e;
	json_t *root, *report, *task;

	RUN(0, "$oomsim explain --json log");
	root = json_loads(out, JSON_REJECT_DUPLICATES, &e);
	cr_assert(root, "%s", e.text);
	cr_expect_str_eq(json_string_value(json_object_get(root, "schema")), "oomsim.explain/1");
	report = json_array_get(json_object_get(root, "reports"), 0);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		cr_expect(json_object_get(report, members[i]), "%s", members[i]);
	cr_expect_eq(json_object_size(report), sizeof(members) / sizeof(*members));
	task = json_array_get(json_object_get(report, "tasks"), 2);
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++)
		cr_expect(json_object_get(task, columns[i]), "%s", columns[i]);
	cr_expect_eq(json_object_size(task), sizeof(columns) / sizeof(*columns));
	cr_expect_eq(json_integer_value(json_object_get(task, "points")), 77294);
	cr_expect(json_is_true(json_object_get(report, "agrees")));
	cr_expect(json_is_null(json_object_get(report, "memcg")));
	cr_expect_eq(json_integer_value(json_object_get(json_object_get(report, "predicted"), "pid")), 80);
	json_decref(root);
	RUN(0, "$oomsim explain --json --detail --what-if 79:adj=700 log log 2>/dev/null || $oomsim explain --json "
	       "--detail --what-if "
	       "79:adj=700 log");
	root = json_loads(out, JSON_REJECT_DUPLICATES, &e);
	cr_assert(root, "%s", e.text);
	json_decref(root);
	RUN(0, "echo | $oomsim explain --json -");
	cr_expect_str_eq(out, "{\"schema\":\"oomsim.explain/1\",\"reports\":[]}\n");
}

Test(program, what_if)
{
	RUN(0, "$oomsim explain --what-if 79:adj=700 log");
	SAYS("79 (idle) would be killed, with");
	SAYS("another victim");
	RUN(2, "$oomsim explain --what-if 79:adj=7000 log");
	SAYS("-1000 to 1000");
	RUN(2, "$oomsim explain --what-if 4711:adj=7 log");
	SAYS("no report of log has such a process");
	RUN(2, "$oomsim explain --what-if kernel=minix log");
}

Test(program, wrong_usage)
{
	RUN(2, "$oomsim explain");
	RUN(2, "$oomsim explain no-such-file");
	SAYS("No such file");
	RUN(2, "$oomsim import log");
	RUN(2, "$oomsim import -o x.yaml no-such-file");
	RUN(2, "echo nothing >empty; $oomsim import empty -o x.yaml");
	SAYS("no OOM report");
	RUN(2, "$oomsim import log --report 2 -o x.yaml");
	SAYS("there are 1 reports, so no number 2");
	RUN(2, "printf 'oomsim-record 1\\nend\\n' >rec; $oomsim import rec -o x.yaml");
	SAYS("rec:");
	RUN(2, "$oomsim record");
	RUN(2, "$oomsim record --interval 1us -o r");
	RUN(2, "$oomsim score --pid minus");
	RUN(2, "$oomsim score --pid 4194304999");
	RUN(1, "test -e x.yaml");
	RUN(3, "$oomsim import log -o /no/such/folder/x.yaml");
	RUN(3, "$oomsim record -o /no/such/folder/r");
}

Test(program, imports_what_then_holds)
{
	RUN(0, "$oomsim import log -o i.yaml && cat i.yaml");
	SAYS("victims: [\"leak\"]");
	RUN(0, "$oomsim check i.yaml");
	RUN(0, "$oomsim import - -o - <log | grep -c 'name: \"leak\"'");
	SAYS("1");
}

Test(program, records_and_imports)
{
	RUN(0, "$oomsim record --duration 200ms --interval 100ms -o r && grep -c '^snapshot ' r");
	SAYS("3");
	RUN(1, "test -e r.part");
	RUN(0, "$oomsim import r -o h.yaml && $oomsim run h.yaml --digest --until 100ms");
}

Test(program, scores)
{
	int status = sh("$oomsim score --pid $$ --json");
	json_error_t e;
	json_t *root;

	if (status == 2) {
		SAYS("no kernel model");
		return;
	}
	cr_assert_eq(status, 0, "%s", out);
	root = json_loads(out, JSON_REJECT_DUPLICATES, &e);
	cr_assert(root, "%s", e.text);
	cr_expect_str_eq(json_string_value(json_object_get(root, "schema")), "oomsim.score/1");
	cr_expect_eq(json_array_size(json_object_get(root, "processes")), 1);
	json_decref(root);
	RUN(2, "$oomsim score --pid 2147483646");
	SAYS("there is no process");
}
