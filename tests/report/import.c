/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports and recordings become scenarios that load, and mistakes in recordings are told with their line. */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/report/import.h"
#include "sim/scenario/scenario.h"
#include "tests/report/read.h"

static void import(const struct explanation *x, struct strbuf *yaml)
{
	struct import_plan plan = { 0 };
	const char *why = NULL;

	cr_assert_eq(import_report(x, &plan, &why), 0, "%s", why);
	cr_assert_eq(import_yaml(&plan, 0, yaml), 0);
	import_plan_free(&plan);
}

static void loads(const struct strbuf *yaml, struct sim_config *cfg)
{
	struct diag_list dl = { 0 };

	cr_assert_eq(scenario_load_buffer("imported.yaml", yaml->s, yaml->len, NULL, cfg, &dl), 0, "%s\n%s",
		     dl.n ? dl.v[0].text : "", yaml->s);
	diag_list_free(&dl);
}

Test(import, report)
{
	struct read *l = read_text(report_6_1);
	struct strbuf yaml = { 0 };
	struct sim_config cfg;

	import(&l->x[0], &yaml);
	loads(&yaml, &cfg);
	cr_expect_eq(cfg.nprocess, 4); /* three of the table and the last drop */
	cr_expect_str_eq(cfg.process[2].comm, "leak");
	cr_expect_eq(cfg.process[0].oom_score_adj, -1000);
	cr_expect_eq(cfg.machine.nswap, 1);
	cr_expect_eq(cfg.expect.nvictim, 1);
	cr_expect_str_eq(cfg.expect.victim[0].comm, "leak");
	sim_config_free(&cfg);
	strbuf_free(&yaml);
	read_free(l);
}

/* Names that YAML or the scenario language would stumble over. */
Test(import, hard_names)
{
	static const char *const name[] = { "a\\x0ab", "\"q\"", "# no: [comment]", "\xff\xfe", "caf\xc3\xa9", "" };

	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		char *text =
			textf("Total swap = 0kB\n99198 pages RAM\n10617 pages reserved\nTasks state (memory values in "
			      "pages):\n"
			      "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
			      "[    100]  1000   100    11910    10041   131072        0             0 %s\n"
			      "Out of memory: Killed process 100 (%s) total-vm:47640kB, anon-rss:39392kB, "
			      "file-rss:8kB, shmem-rss:764kB, "
			      "UID:1000 pgtables:128kB oom_score_adj:0\n",
			      name[i], name[i]);
		struct read *l = read_text(text);
		struct strbuf yaml = { 0 };
		struct sim_config cfg;

		ONE(l);
		import(&l->x[0], &yaml);
		loads(&yaml, &cfg);
		sim_config_free(&cfg);
		strbuf_free(&yaml);
		read_free(l);
		free(text);
	}
}

Test(import, too_little)
{
	struct read *l = read_text("Out of memory: Killed process 100 (x) total-vm:47640kB, anon-rss:39392kB, "
				   "file-rss:8kB, shmem-rss:764kB, "
				   "UID:1000 pgtables:128kB oom_score_adj:0\n");
	struct import_plan plan = { 0 };
	const char *why = NULL;

	ONE(l);
	cr_expect_eq(import_report(&l->x[0], &plan, &why), SIM_EINPUT);
	cr_expect(why && strstr(why, "no table"));
	import_plan_free(&plan);
	read_free(l);
}

static const char whole[] = "oomsim-record 1\nkernel 6.1.0\npage_size 4096\nsnapshot 0 0.000000000\n"
			    "file meminfo 48\nMemTotal:        1024000 kB\nSwapTotal: 102400 kB\n\n"
			    "process 7\nfile 7/oom_score_adj 3\n42\n\nend 0\n";

struct broken {
	const char *from, *to, *why;
	unsigned long line;
};

Test(import, broken_recordings)
{
	static const struct broken b[] = {
		{ "oomsim-record 1", "something else", "not a recording of oomsim", 1 },
		{ "file meminfo 48", "file meminfo 4800", "the file ends before its bytes do", 5 },
		{ "file meminfo 48", "file meminfo", "'file' wants a name and a number of bytes", 5 },
		{ "file meminfo 48", "file meminfo 47", "the file ends before its bytes do", 5 },
		{ "snapshot 0 0.000000000\n", "", "a file outside a snapshot", 4 },
		{ "end 0\n", "", "there is no whole snapshot in it", 12 },
		{ "file 7/oom_score_adj 3\n42\n", "file 7/stat 3\n42\n", "not what this file of /proc looks like", 10 },
	};
	struct snapshot s;
	unsigned long line;
	const char *why;

	cr_assert_eq(recording_last(whole, strlen(whole), &s, &line, &why), 0, "line %lu: %s", line, why);
	cr_expect_eq(s.host.ram_pages, 256000);
	cr_expect_eq(s.process[0].oom_score_adj, 42);
	snapshot_free(&s);
	for (size_t i = 0; i < sizeof(b) / sizeof(*b); i++) {
		const char *at = strstr(whole, b[i].from);
		char *text = textf("%.*s%s%s", (int)(at - whole), whole, b[i].to, at + strlen(b[i].from));

		cr_expect_eq(recording_last(text, strlen(text), &s, &line, &why), SIM_EINPUT, "%s", b[i].to);
		cr_expect_str_eq(why, b[i].why);
		cr_expect_eq(line, b[i].line, "%s: line %lu", b[i].why, line);
		free(text);
	}
}
