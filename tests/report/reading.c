/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports with parts missing, several of them, much text around them, and names that are hard to read. */
#include <stdlib.h>
#include <string.h>

#include "sim/report/json.h"
#include "tests/report/read.h"

Test(reading, nothing)
{
	struct read *l = read_text("Mar 12 08:14:01 web-3 sshd[7]: the room is out of memory sticks; oom\n");

	cr_expect_eq(l->n, 0);
	read_free(l);
}

Test(reading, three_in_one_file)
{
	char *text = textf("boot\n%sbetween\n%s%s", report_6_1, report_6_1, report_6_1);
	struct read *l = read_text(text);

	cr_assert_eq(l->n, 3);
	cr_expect_eq(l->r[0].line, 2);
	for (size_t i = 0; i < 3; i++)
		AGREES(&l->x[i]);
	read_free(l);
	free(text);
}

/* The table onwards: what went before is found by looking back. */
Test(reading, without_head)
{
	struct read *l = read_text(strstr(report_6_1, "Node 0 DMA free"));

	ONE(l);
	cr_expect(!l->r[0].has_header);
	cr_expect_eq(l->r[0].line, 1);
	cr_expect_eq(l->r[0].nzone, 2);
	cr_expect_eq(l->x[0].total.pages, 121348);
	AGREES(&l->x[0]);
	read_free(l);
}

Test(reading, rows_without_header)
{
	struct read *l = read_text(strstr(report_6_1, "[     79]"));

	ONE(l);
	cr_expect(l->r[0].guessed_columns);
	cr_expect_eq(l->r[0].ntask, 2);
	cr_expect_eq(l->x[0].task[1].points, 46432 + 30699 + 163);
	AGREES(&l->x[0]);
	read_free(l);
}

Test(reading, without_kill_line)
{
	char *text = textf("%.*s", (int)(strstr(report_6_1, "oom-kill:") - report_6_1), report_6_1);
	struct read *l = read_text(text);

	ONE(l);
	cr_expect(!l->x[0].has_actual);
	cr_expect_eq(l->x[0].agrees, TRI_UNKNOWN);
	cr_expect_eq(l->r[0].task[l->x[0].predicted].pid, 80);
	read_free(l);
	free(text);
}

Test(reading, table_cut_short)
{
	char *text = textf("%.*s[...]\n%s", (int)(strstr(report_6_1, "[     80]") - report_6_1), report_6_1,
			   strstr(report_6_1, "oom-kill:"));
	struct read *l = read_text(text);

	ONE(l);
	cr_expect(l->r[0].elided);
	cr_expect_eq(l->x[0].agrees, TRI_FALSE);
	cr_expect(strstr(l->x[0].because.s, "missing"), "%s", l->x[0].because.s);
	read_free(l);
	free(text);
}

/* More than ten reports in five seconds: only kill lines are left. */
Test(reading, rate_limited)
{
	struct read *l = read_text("[    3.137499] Out of memory: Killed process 164 (bomb.65) total-vm:9752kB, "
				   "anon-rss:3128kB, file-rss:8kB, "
				   "shmem-rss:644kB, UID:1000 pgtables:56kB oom_score_adj:0\n"
				   "[    3.140628] Out of memory: Killed process 163 (bomb.64) total-vm:9752kB, "
				   "anon-rss:3128kB, file-rss:8kB, "
				   "shmem-rss:644kB, UID:1000 pgtables:56kB oom_score_adj:0\n");

	cr_assert_eq(l->n, 2);
	VICTIM(&l->x[1], 163, "bomb.64");
	cr_expect_eq(l->x[0].agrees, TRI_UNKNOWN);
	read_free(l);
}

/* A victim that is still in the next report's table is no candidate any more. */
Test(reading, killed_before)
{
	char *second = textf("%.*s"
			     "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"
			     ",mems_allowed=0,global_oom,task_memcg=/,task=idle,pid=79,"
			     "uid=1000\nOut of memory: Killed process 79 (idle) total-vm:16912kB, anon-rss:2744kB, "
			     "file-rss:0kB, shmem-rss:0kB, "
			     "UID:1000 pgtables:68kB oom_score_adj:0\n",
			     (int)(strstr(report_6_1, "oom-kill:") - report_6_1), report_6_1);
	char *text = textf("%s%s", report_6_1, second);
	struct read *l = read_text(text);

	cr_assert_eq(l->n, 2);
	AGREES(&l->x[1]);
	cr_expect(strstr(l->x[1].task[2].why_never, "MMF_OOM_SKIP"));
	read_free(l);
	free(text);
	free(second);
}

Test(reading, oom_group)
{
	char *text = textf("%sTasks in /pod are going to be killed due to memory.oom.group set\n"
			   "Memory cgroup out of memory: Killed process 81 (one) total-vm:1kB, anon-rss:1kB, "
			   "file-rss:0kB, shmem-rss:0kB, UID:0 "
			   "pgtables:1kB oom_score_adj:0\n"
			   "Memory cgroup out of memory: Killed process 80 (leak) total-vm:1kB, anon-rss:1kB, "
			   "file-rss:0kB, shmem-rss:0kB, UID:0 "
			   "pgtables:1kB oom_score_adj:0\n",
			   report_6_1);
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_str_eq(l->r[0].group, "/pod");
	cr_expect_eq(l->r[0].group_kills, 1);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

Test(reading, panics)
{
	char *text = textf("%.*sKernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled\n",
			   (int)(strstr(report_6_1, "oom-kill:") - report_6_1), report_6_1);
	struct read *l = read_text(text);

	ONE(l);
	cr_expect_eq(l->r[0].panic, OOM_PANIC_ON_OOM);
	cr_expect_eq(l->x[0].agrees, TRI_UNKNOWN);
	read_free(l);
	free(text);
	l = read_text("[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
		      "[   1020]     0  1020     9498      640    94208     1000         -1000 systemd-udevd\n"
		      "Out of memory and no killable processes...\n"
		      "Kernel panic - not syncing: System is deadlocked on memory\n");
	ONE(l);
	cr_expect_eq(l->r[0].panic, OOM_PANIC_NO_KILLABLE);
	cr_expect_eq(l->x[0].predicted, -1);
	AGREES(&l->x[0]);
	read_free(l);
}

Test(reading, asker_dies)
{
	char *text = textf("%.*sOut of memory (oom_kill_allocating_task): Killed process 80 (leak) total-vm:1kB, "
			   "anon-rss:1kB, file-rss:0kB, "
			   "shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n",
			   (int)(strstr(report_6_1, "oom-kill:") - report_6_1), report_6_1);
	struct read *l = read_text(text);

	ONE(l);
	AGREES(&l->x[0]);
	cr_expect(strstr(l->x[0].because.s, "oom_kill_allocating_task"));
	read_free(l);
	free(text);
}

/* Swap that boot messages tell of counts for a memory cgroup without a swap limit. */
Test(reading, what_the_boot_told)
{
	struct read *l = read_text(
		"[    0.000000] Linux version 6.1.0-50-cloud-amd64 (debian) #1 SMP\n"
		"[    1.490523] Adding 131068k swap on /dev/sda2.  Priority:-2 extents:1 across:131068k SS\n"
		"[    9.000000] memory: usage 65536kB, limit 65536kB, failcnt 18\n"
		"[    9.000000] swap: usage 0kB, limit 9007199254740988kB, failcnt 0\n"
		"[    9.000000] Tasks state (memory values in pages):\n"
		"[    9.000000] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
		"[    9.000000] [    100]  1000   100    11910    10041   131072        0             0 leak\n"
		"[    9.000000] "
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,"
		"task_memcg=/a,task=leak,pid=100,uid=1000\n");

	ONE(l);
	cr_expect_str_eq(l->r[0].release, "6.1.0-50-cloud-amd64");
	cr_expect_eq(l->x[0].total.pages, 16384 + 32767);
	cr_expect(l->x[0].total.exact);
	read_free(l);
}

/* ---- a haystack ---- */

Test(reading, in_much_text)
{
	static const char line[] =
		"Mar 12 08:14:01 web-3 nginx[2231]: 203.0.113.9 - - \"GET /memory/room.js HTTP/1.1\" 200 48211\n";
	struct strbuf b = { 0 };
	struct read *l;

	for (int i = 0; i < 40000; i++) {
		strbuf_puts(&b, line);
		if (i == 12345 || i == 39999)
			strbuf_puts(&b, report_6_1);
	}
	l = read_pieces(b.s, b.len, 100000);
	cr_assert_eq(l->n, 2);
	cr_expect_eq(l->r[0].line, 12347);
	AGREES(&l->x[0]);
	AGREES(&l->x[1]);
	read_free(l);
	strbuf_free(&b);
}

Test(reading, one_endless_line)
{
	size_t n = 3 << 20;
	char *text = malloc(n + strlen(report_6_1) + 2);
	struct read *l;

	memset(text, 'm', n);
	text[n] = '\n';
	strcpy(text + n + 1, report_6_1);
	l = read_pieces(text, n + 1 + strlen(report_6_1), 65536);
	ONE(l);
	cr_expect_eq(l->r[0].line, 2, "line %lu", l->r[0].line);
	AGREES(&l->x[0]);
	read_free(l);
	free(text);
}

/* ---- names ---- */

static const char *const names[] = {
	"a b",      "(sd-pam)",  "x) total-vm:1kB", "<script>",     "\"quoted\"",     "[1] 2 3 4 5 6 7", "na\xc3\xafve",
	"\xff\xfe", "tab\there", "kworker/u8:2",    ",pid=1,uid=0", "a ) score 9 (b", "$(reboot)",       "back\\slash",
};

Test(reading, names)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *text = textf(
			"[    9.000000] %s invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
			"[    9.000000] Tasks state (memory values in pages):\n"
			"[    9.000000] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj "
			"name\n"
			"[    9.000000] [    100]  1000   100    11910    10041   131072        0             0 %s\n"
			"[    9.000000] "
			"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
			"task_memcg=/a,task=%s,pid=100,uid=1000\n"
			"[    9.000000] Out of memory: Killed process 100 (%s) total-vm:47640kB, anon-rss:39392kB, "
			"file-rss:8kB, "
			"shmem-rss:764kB, UID:1000 pgtables:128kB oom_score_adj:0\n",
			names[i], names[i], names[i], names[i]);
		struct read *l = read_text(text);
		struct strbuf json = { 0 };

		ONE(l);
		cr_expect_str_eq(l->r[0].trigger_comm, names[i]);
		cr_expect_str_eq(l->r[0].task[0].comm, names[i]);
		cr_expect_str_eq(l->r[0].named.comm, names[i]);
		cr_expect_str_eq(l->r[0].killed.comm, names[i]);
		AGREES(&l->x[0]);
		explain_json(&json, &l->x[0], NULL, 0, NULL, true);
		cr_expect(!strchr(json.s, '<') && !strchr(json.s, '\t'), "%s", json.s);
		strbuf_free(&json);
		explain_text(&json, &l->x[0], 1, &(struct explain_style){ 0 });
		for (const char *p = json.s; *p; p++)
			cr_expect((unsigned char)*p >= ' ' || *p == '\n', "byte %d", *p);
		strbuf_free(&json);
		read_free(l);
		free(text);
	}
}

/* What a log wrote in place of control characters is the name's own again. */
Test(reading, escaped_names)
{
	struct read *l = read_text("[    9.000000] Out of memory: Killed process 100 (a\\x0ab\\x1b[31m#011c) "
				   "total-vm:47640kB, anon-rss:39392kB, "
				   "file-rss:8kB, shmem-rss:764kB, UID:1000 pgtables:128kB oom_score_adj:0\n");

	ONE(l);
	cr_expect_str_eq(l->r[0].killed.comm, "a\nb\033[31m\tc");
	read_free(l);
}

Test(reading, json_strings)
{
	struct strbuf b = { 0 };

	out_json_str(&b, NULL, "\"\\\n<&>\x7f\xc2\x80\xff\xe2\x80\xa8");
	cr_expect_str_eq(b.s, "\"\\\"\\\\\\u000a\\u003c\\u0026\\u003e\\u007f\\u0080\xef\xbf\xbd\\u2028\"");
	strbuf_free(&b);
}
