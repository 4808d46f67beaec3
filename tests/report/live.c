/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live host: scores equal to the kernel's own, for processes of every kind, and recordings that import. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/report/import.h"
#include "sim/report/score.h"
#include "sim/scenario/scenario.h"
#include "tests/report/read.h"

#define CHILDREN 64

static pid_t child[CHILDREN];
static int nchild;

static bool set_adj(int adj)
{
	char text[16];
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC), n;
	bool ok;

	if (fd < 0)
		return false;
	n = snprintf(text, sizeof(text), "%d", adj);
	ok = write(fd, text, (size_t)n) == n;
	close(fd);
	return ok;
}

static void write_pages(void *at, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)at)[i * 4096] = 1;
}

/* A child that holds memory in one of several ways and then waits. */
static void start(int adj, size_t pages, bool shared, void *common)
{
	pid_t pid;

	cr_assert(nchild < CHILDREN);
	pid = fork();
	cr_assert(pid >= 0);
	if (pid == 0) {
		void *p = mmap(NULL, pages * 4096 + 4096, PROT_READ | PROT_WRITE,
			       (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);

		set_adj(adj); /* lowering it may be forbidden: then it keeps what it has */
		if (p != MAP_FAILED)
			write_pages(p, pages);
		if (common)
			write_pages(common, 500);
		for (;;)
			pause();
	}
	child[nchild++] = pid;
}

static void stop_all(void)
{
	for (int i = 0; i < nchild; i++)
		kill(child[i], SIGKILL);
	for (int i = 0; i < nchild; i++)
		waitpid(child[i], NULL, 0);
	nchild = 0;
}

static int clone_body(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return 0;
}

static bool kernel_is_known(void)
{
	struct score_table t;
	int err = score_live("/proc", getpid(), &t);

	score_table_free(&t);
	return !err;
}

static void expect_equal(pid_t pid, const char *what)
{
	struct score_table t;

	cr_assert_eq(score_live("/proc", pid, &t), 0, "%s", what);
	cr_expect_eq(t.n, 1);
	cr_expect(t.row[0].equal, "%s: pid %d, adj %d, rss %lu: %d, the kernel says %d", what, pid,
		  t.row[0].p.oom_score_adj, (unsigned long)t.row[0].p.rss, t.row[0].oom_score, t.row[0].p.oom_score);
	score_table_free(&t);
}

Test(live, children_of_every_kind)
{
	static const int adj[] = { -1000, -999, -500, -100, -1,  0,   1,   2,   17,  100,
				   250,   333,  500,  666,  750, 900, 998, 999, 1000 };
	void *common = mmap(NULL, 500 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (!kernel_is_known())
		cr_skip_test("no model scores as this kernel does");
	for (size_t i = 0; i < sizeof(adj) / sizeof(*adj); i++)
		start(adj[i], 10 + i * 700, i % 3 == 1, i % 2 ? common : NULL);
	usleep(300000);
	for (int i = 0; i < nchild; i++)
		expect_equal(child[i], "child");
	stop_all();
}

/* Processes that share all their memory, and one that is gone but not yet waited for. */
Test(live, shared_memory_and_zombies)
{
	static char stack[65536];
	pid_t sharer, zombie;

	if (!kernel_is_known())
		cr_skip_test("no model scores as this kernel does");
	sharer = clone(clone_body, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	cr_assert(sharer > 0);
	zombie = fork();
	if (zombie == 0)
		_exit(0);
	usleep(100000);
	expect_equal(sharer, "CLONE_VM");
	expect_equal(zombie, "zombie");
	expect_equal(getpid(), "self");
	kill(sharer, SIGKILL);
	waitpid(sharer, NULL, 0);
	waitpid(zombie, NULL, 0);
}

/* Everything that lives here: a process that never holds still may differ, and is named; any other may not. */
Test(live, every_process)
{
	struct score_table t;
	unsigned wrong = 0;
	int err = score_live("/proc", 0, &t);

	if (err == SIM_EINPUT)
		cr_skip_test("no model scores as this kernel does");
	cr_assert_eq(err, 0);
	cr_expect(t.n > 2);
	for (size_t i = 0; i < t.n; i++) {
		const struct score_row *r = &t.row[i];

		if (r->equal)
			continue;
		fprintf(stderr, "%d (%s): %d, the kernel says %d%s\n", r->p.pid, r->p.comm, r->oom_score,
			r->p.oom_score, r->steady ? "" : ", never held still");
		wrong += r->steady;
	}
	cr_expect_eq(wrong, 0);
	score_table_free(&t);
}

Test(live, a_recording_becomes_a_scenario)
{
	struct strbuf rec = { 0 }, yaml = { 0 };
	struct import_plan plan = { 0 };
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	struct snapshot s;
	unsigned long line;
	const char *why;

	cr_assert_eq(recording_begin(&rec), 0);
	for (unsigned i = 0; i < 2; i++)
		cr_assert_eq(recording_snapshot(&rec, "/proc", "/sys/fs/cgroup", i, i * NS_PER_SEC), 0);
	cr_assert_eq(recording_last(rec.s, rec.len, &s, &line, &why), 0, "line %lu: %s", line, why);
	cr_expect_eq(s.number, 1);
	cr_expect(s.n > 2);
	cr_assert_eq(import_snapshot(&s, &plan, &why), 0, "%s", why);
	cr_assert_eq(import_yaml(&plan, 0, &yaml), 0);
	cr_expect_eq(scenario_load_buffer("live.yaml", yaml.s, yaml.len, NULL, &cfg, &dl), 0);
	if (dl.errors)
		diag_print(&dl, stderr);
	else
		sim_config_free(&cfg);
	diag_list_free(&dl);
	import_plan_free(&plan);
	snapshot_free(&s);
	strbuf_free(&yaml);
	strbuf_free(&rec);
}
