/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the 6.1 log whose text is known (specification G.13), and names that try to break them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "models/klog/klog.h"

static const struct klog_format *const k61 = &klog_v6_1;

static void gfp(uint32_t mask, const char *want)
{
	struct rec_oom_report r = {
		.gfp_mask = mask, .dump_header = true, .has_victim = true, .panic = -1, .trigger_comm = "x"
	};
	struct strbuf b = { 0 };
	char line[200];

	klog_oom_report(k61, &b, &r, "6.1.0", "");
	snprintf(line, sizeof(line), "x invoked oom-killer: gfp_mask=0x%x(%s), order=0, oom_score_adj=0\n", mask, want);
	cr_assert_eq(strncmp(b.s, line, strlen(line)), 0, "wanted %s", line);
	strbuf_free(&b);
}

Test(klog_v6_1, gfp_names)
{
	gfp(0xcc0, "GFP_KERNEL");
	gfp(0x100cca, "GFP_HIGHUSER_MOVABLE");
	gfp(0x140cca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP");
	gfp(0x100dca, "GFP_HIGHUSER_MOVABLE|__GFP_ZERO");
	gfp(0x140dca, "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
	gfp(0x0, "");
	gfp(0xc40, "GFP_NOFS");
	gfp(0xa20, "GFP_ATOMIC");
	gfp(0x1c24ca, "GFP_TRANSHUGE");
	gfp(0x1c20ca, "GFP_TRANSHUGE_LIGHT");
	gfp(0x400dc0, "GFP_KERNEL_ACCOUNT|__GFP_ZERO");
	gfp(0x1101cca, "GFP_HIGHUSER_MOVABLE|__GFP_WRITE|0x1000000");
	gfp(0x801, "GFP_NOWAIT|GFP_DMA");
}

Test(klog_v6_1, kill_lines)
{
	struct rec_kill k = { .pid = 80,
			      .comm = "leak",
			      .uid = 1000,
			      .by = "kernel",
			      .constraint = "CONSTRAINT_NONE",
			      .memcg = "/",
			      .message = "Out of memory",
			      .total_vm_kB = 315920,
			      .anon_rss_kB = 184960,
			      .file_rss_kB = 4,
			      .shmem_rss_kB = 764,
			      .pgtables_kB = 652 };
	struct strbuf b = { 0 };

	klog_kill(k61, &b, &k, true);
	cr_assert_str_eq(b.s, "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/"
			      ",mems_allowed=0,global_oom,task_memcg=/,task=leak,"
			      "pid=80,uid=1000\n"
			      "Out of memory: Killed process 80 (leak) total-vm:315920kB, anon-rss:184960kB, "
			      "file-rss:4kB, shmem-rss:764kB, "
			      "UID:1000 pgtables:652kB oom_score_adj:0\n");
	strbuf_free(&b);
	k.message = "Out of memory (oom_kill_allocating_task)";
	klog_kill(k61, &b, &k, false);
	cr_assert_eq(strncmp(b.s, "Out of memory (oom_kill_allocating_task): Killed process 80 (leak)", 66), 0);
	strbuf_free(&b);
}

Test(klog_v6_1, reaper_lines)
{
	struct strbuf b = { 0 };

	klog_reaped(k61, &b, 80, "leak", 0, 4, 764);
	klog_reap_failed(k61, &b, 81, "db");
	cr_assert_str_eq(b.s, "oom_reaper: reaped process 80 (leak), now anon-rss:0kB, file-rss:4kB, shmem-rss:764kB\n"
			      "oom_reaper: unable to reap pid:81 (db)\n");
	strbuf_free(&b);
}

Test(klog_v6_1, panic_lines)
{
	static const char *const text[] = {
		[PANIC_DEADLOCK] = "System is deadlocked on memory",
		[PANIC_ON_OOM] = "Out of memory: system-wide panic_on_oom is enabled",
		[PANIC_ON_OOM_COMPULSORY] = "Out of memory: compulsory panic_on_oom is enabled",
	};

	for (int i = 0; i < (int)ARRAY_LEN(text); i++) {
		struct strbuf b = { 0 };
		char want[120];

		klog_panic(k61, &b, i, 0, 79, "leak", "6.1.0", "QEMU");
		snprintf(want, sizeof(want),
			 "Kernel panic - not syncing: %s\nCPU: 0 PID: 79 Comm: leak Not tainted 6.1.0 #1\n", text[i]);
		cr_assert_eq(strncmp(b.s, want, strlen(want)), 0);
		cr_assert_not_null(strstr(b.s, "Hardware name: QEMU\nCall Trace:\n <TASK>\n"));
		snprintf(want, sizeof(want), "---[ end Kernel panic - not syncing: %s ]---\n", text[i]);
		cr_assert_str_eq(b.s + b.len - strlen(want), want);
		strbuf_free(&b);
	}
}

/* Nobody to kill: the report says so, but panic_on_oom panics before anybody has looked. */
Test(klog_v6_1, no_victim)
{
	struct rec_oom_report r = { .panic = PANIC_DEADLOCK, .trigger_comm = "x", .dump_header = true };
	struct strbuf b = { 0 };

	klog_oom_report(k61, &b, &r, "6.1.0", "");
	cr_assert_not_null(strstr(b.s, "Out of memory and no killable processes...\n"));
	strbuf_free(&b);
	r.panic = PANIC_ON_OOM;
	klog_oom_report(k61, &b, &r, "6.1.0", "");
	cr_assert_null(strstr(b.s, "no killable"));
	strbuf_free(&b);
}

/* Rate limited: nothing but what kill() prints. Task rows: init is not listed, -1000 is. */
Test(klog_v6_1, what_is_left_out)
{
	const struct rec_oom_task task[] = {
		{ .pid = 1, .tgid = 1, .comm = "init" },
		{ .pid = 7, .tgid = 7, .comm = "sshd", .oom_score_adj = -1000, .total_vm = 12 }
	};
	struct rec_oom_report r = { .panic = -1, .has_victim = true, .task = task, .ntask = 2, .dump_tasks = true };
	struct strbuf b = { 0 };

	klog_oom_report(k61, &b, &r, "6.1.0", "");
	cr_assert_eq(b.len, 0);
	r.dump_header = true;
	klog_oom_report(k61, &b, &r, "6.1.0", "");
	cr_assert_null(strstr(b.s, "init\n"));
	cr_assert_not_null(
		strstr(b.s, "\n[      7]     0     7       12        0        0        0         -1000 sshd\n"));
	strbuf_free(&b);
	r.dump_tasks = false;
	klog_oom_report(k61, &b, &r, "6.1.0", "");
	cr_assert_null(strstr(b.s, "Tasks state"));
	strbuf_free(&b);
}

Test(klog_v6_1, hostile_names)
{
	struct rec_kill k = { .pid = 9,
			      .comm = "a\nb\x1b\xc3\xa9",
			      .constraint = "CONSTRAINT_NONE",
			      .memcg = "/",
			      .message = "Out of memory" };
	struct strbuf b = { 0 };

	klog_kill(k61, &b, &k, false);
	cr_assert_not_null(strstr(b.s, "process 9 (a\\x0ab\\x1b\xc3\xa9) total-vm"));
	strbuf_free(&b);
}
