/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log formats of older eras against reports that people published: read the numbers, print them, and every line of the
 * report must come back as it was. Our text may have more (authors cut theirs); what cannot come back is named beside each
 * report. Distributions mix lines of several eras: such a format is put together here from the same parts.
 *
 * The reports are looked for in $OOMSIM_SHARED/recordings/reports, else ../shared/recordings/reports.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/klog/lines.h"
#include "tests/models/klog_parse.h"

#define MAX_SKIPS 8

struct golden {
	const char *file; /* how its name begins */
	const struct klog_format *format;
	const char *skip[MAX_SKIPS]; /* lines with one of these in them are not compared */
	size_t at_least;             /* lines compared */
};

/* Stack and taint, sizes of huge pages other than 2 MiB and options of the build are nowhere in the records. */
static bool always_skipped(const char *s)
{
	static const char *const part[] = { "hugepages_size=", "cma reserved", "hwpoisoned",
					    "oom_reaper:", "Tainted: " };

	for (size_t i = 0; i < ARRAY_LEN(part); i++)
		if (strstr(s, part[i]))
			return true;
	return s[0] == '\0';
}

static bool skipped(const struct golden *g, const char *s)
{
	for (size_t i = 0; i < MAX_SKIPS && g->skip[i]; i++)
		if (strstr(s, g->skip[i]))
			return true;
	return always_skipped(s);
}

/* "f4105d6c c1433406 ..." of 32 bits, "ffff880182272f10 ..." of 64: words of the stack. */
static bool is_stack_words(const char *s)
{
	size_t n;

	s += *s == ' ';
	n = strspn(s, "0123456789abcdef");
	return (n == 8 || n == 16) && s[n] == ' ' && strspn(s + n + 1, "0123456789abcdef") == n;
}

/* True while s belongs to the stack: from the heading, or the first raw word, to Mem-Info or the cgroup's part. */
static bool in_stack(const char *s, bool *in)
{
	if (strncmp(s, "Call Trace:", 11) == 0 || strncmp(s, "Call trace:", 11) == 0 || is_stack_words(s))
		*in = true;
	if (strncmp(s, "Mem-Info:", 9) == 0 || strncmp(s, "Task in ", 8) == 0 || strncmp(s, "memory: usage", 13) == 0)
		*in = false;
	return *in;
}

/* The build's number is the packager's. */
static void cut_build(char *s)
{
	char *cut = strstr(s, " #");

	if (cut && (strncmp(s, "CPU: ", 5) == 0 || strncmp(s, "Pid: ", 5) == 0))
		*cut = '\0';
}

/* syslog eats the blank before what continues a record. */
static bool same(const char *a, const char *b)
{
	return strcmp(a + (*a == ' '), b + (*b == ' ')) == 0;
}

/* Authors repeat lines. */
static bool seen(const struct lines *l, size_t from, size_t i)
{
	for (size_t k = from; k < i; k++)
		if (strcmp(l->v[k], l->v[i]) == 0 && strncmp(l->v[i], "lowmem", 6) != 0)
			return true;
	return false;
}

static size_t compare(const struct golden *g, const struct lines *real, size_t from, struct lines *ours)
{
	size_t j = 0, n = 0;
	bool stack = false;

	for (size_t i = 0; i < ours->n; i++)
		cut_build(ours->v[i]);
	for (size_t i = from; i < real->n && j < ours->n; i++) {
		size_t k = j;

		if (in_stack(real->v[i], &stack) || skipped(g, real->v[i]) || seen(real, from, i))
			continue;
		cut_build(real->v[i]);
		while (k < ours->n && !same(ours->v[k], real->v[i]))
			k++;
		if (k == ours->n) /* show the line that should have been it */
			for (k = j; k + 1 < ours->n && strncmp(ours->v[k], real->v[i], 12) != 0;)
				k++;
		cr_assert(same(ours->v[k], real->v[i]), "%s:\nreal: %s\nours: %s", g->file, real->v[i], ours->v[k]);
		j = k + 1;
		n++;
	}
	return n;
}

static void check(const char *path, const struct golden *g)
{
	struct lines real = lines_read(path), ours;
	struct parsed *p;
	size_t from = 0, n;

	while (from < real.n && !strstr(real.v[from], "invoked oom-killer"))
		from++;
	cr_assert_lt(from, real.n, "%s", path);
	p = parse_report(g->format, &real, from, real.n);
	if (strstr(real.v[real.n - 1], "panic_on_oom"))
		p->r.panic = PANIC_ON_OOM;
	ours = print_report(p);
	n = compare(g, &real, from, &ours);
	cr_assert_geq(n, g->at_least, "%s: only %zu lines compared", g->file, n);
	cr_log_info("%s: %zu lines of format %s printed alike", g->file, n, g->format->info.name);
	for (size_t i = 0; i < p->memcg.nstat; i++)
		free((char *)p->stat[i].name);
	free(p);
	lines_free(&ours);
	lines_free(&real);
}

static void check_all(const struct golden *g, size_t n)
{
	const char *shared = getenv("OOMSIM_SHARED");
	char base[400], path[700];
	size_t found = 0;
	DIR *d;

	snprintf(base, sizeof(base), "%s/recordings/reports", shared ? shared : "../shared");
	d = opendir(base);
	if (!d)
		cr_skip_test("no reports at %s (set OOMSIM_SHARED)", base);
	for (struct dirent *e; (e = readdir(d));) {
		for (size_t i = 0; i < n; i++) {
			if (strncmp(e->d_name, g[i].file, strlen(g[i].file)) != 0)
				continue;
			snprintf(path, sizeof(path), "%s/%s", base, e->d_name);
			check(path, &g[i]);
			found++;
		}
	}
	closedir(d);
	cr_assert_eq(found, n, "%zu of %zu reports are there", found, n);
}

/* RHEL 6 prints thousandths, and the UID in the Killed line. */
Test(klog_reports, v2_6_36)
{
	static const struct golden g[] = {
		{ "008", &klog_v2_6_36, { ", UID " }, 900 },
		{ "007", &klog_v2_6_36, { ", UID " }, 900 },
		{ "009", &klog_v2_6_36, { ", UID " }, 80 },
		/* ppc64: larger free blocks, three zones; the author left out the Pid line */
		{ "012", &klog_v2_6_36, { "*4kB ", "lowmem_reserve" }, 20 },
	};

	check_all(g, ARRAY_LEN(g));
}

Test(klog_reports, v3_10)
{
	static const struct golden g[] = {
		{ "031", &klog_v3_10, { NULL }, 50 },
		{ "032", &klog_v3_10, { NULL }, 50 },
		{ "038", &klog_v3_10, { "[...]" }, 25 },
	};

	check_all(g, ARRAY_LEN(g));
}

/* RHEL 7: the memory lines of 4.4 and the table of 3.10; shmem-rss in the Killed line. */
Test(klog_reports, rhel7)
{
	static struct klog_format rhel7;
	struct golden g[] = {
		{ "017", &rhel7, { NULL }, 65 },
		{ "021", &rhel7, { NULL }, 65 },
		{ "026", &rhel7, { "gfp_mask=" }, 45 }, /* a page for swap-in: not cold */
	};

	rhel7 = klog_v4_4;
	rhel7.gfp = &klog_gfp_2_6;
	rhel7.free_letters = FREE_LETTERS_3_10;
	rhel7.table = TABLE_3_10;
	rhel7.task = TASK_3_10;
	rhel7.killed = KILLED_4_9;
	check_all(g, ARRAY_LEN(g));
}

/* A cgroup of Docker; a terminal spoilt the first line and broke that of the statistics. */
Test(klog_reports, v4_4_memcg)
{
	static const struct golden g[] = {
		{ "046", &klog_v4_4, { "[7/972]", " cpuset=", "Memory cgroup stats", "ve_file:" }, 8 },
	};

	check_all(g, ARRAY_LEN(g));
}

/* i386 names no nodes. A flag of 4.9 that no other era has. */
Test(klog_reports, v4_9)
{
	static struct klog_format i386;
	struct golden g[] = {
		{ "049", &i386, { "invoked", "GFP_KERNEL_ACCOUNT" }, 80 },
	};

	i386 = klog_v4_9;
	i386.zone = &ZONE_4_9[strlen("Node {node} ")];
	i386.zone_name = "{name}";
	check_all(g, ARRAY_LEN(g));
}

/* Bound to a node by mempolicy, which prints nodemask=0. */
Test(klog_reports, v4_15)
{
	static const struct golden g[] = {
		{ "055", &klog_v4_15, { "nodemask=0", "cpuset=" }, 60 },
		{ "056", &klog_v4_15, { "nodemask=0", "cpuset=" }, 60 },
	};

	check_all(g, ARRAY_LEN(g));
}

Test(klog_reports, v4_19)
{
	static const struct golden g[] = {
		{ "071", &klog_v4_19, { "Code:", "cpuset=" }, 100 },
		{ "073", &klog_v4_19, { "Code:", "cpuset=" }, 100 },
		{ "074", &klog_v4_19, { "Code:", "cpuset=" }, 100 },
		{ "076", &klog_v4_19, { "Code:" }, 70 },
	};

	check_all(g, ARRAY_LEN(g));
}

/* arm64 with four nodes; 5.7 shows reserved_highatomic and does not yet move kernel stacks to the node. */
Test(klog_reports, v5_4)
{
	static struct klog_format v5_7;
	struct golden g[] = {
		{ "084", &v5_7, { "Killed process" }, 90 },
		/* 5.2 built without cpusets, constraint misnamed, Killed line not yet grown */
		{ "078", &klog_v5_4, { "oom-kill:", "Killed process" }, 40 },
	};

	v5_7 = klog_v5_4;
	v5_7.zone = ZONE_FREE ZONE_MARKS ZONE_ATOMIC ZONE_LRU ZONE_WRITE ZONE_SIZE ZONE_STACK ZONE_PT ZONE_PCP;
	check_all(g, ARRAY_LEN(g));
}

/* panic_on_oom; a virtual machine of Virtuozzo. */
Test(klog_reports, v5_15)
{
	static const struct golden g[] = {
		{ "119", &klog_v5_15, { "Kernel panic", "Kdump" }, 130 },
	};

	check_all(g, ARRAY_LEN(g));
}

/* arm64 without nodes in the zone lines, built without cgroups. */
Test(klog_reports, v6_6)
{
	static struct klog_format arm64;
	struct golden g[] = {
		{ "126", &arm64, { "CPU: ", "oom-kill:" }, 30 },
	};

	arm64 = klog_v6_6;
	arm64.zone = &ZONE_6_1[strlen("Node {node} ")];
	arm64.zone_name = "{name}";
	check_all(g, ARRAY_LEN(g));
}
