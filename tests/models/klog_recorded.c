/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log formats against real kernels: read the numbers out of every OOM report of the recordings (5.10, 6.1, 6.12, 7.2; global
 * and of memory cgroups), print them again and compare line for line. What a simulation does not know is taken out on both sides:
 * the call trace with its registers, taint, Debian's package version.
 *
 * The recordings are not part of the project: they are looked for in $OOMSIM_SHARED/recordings, else ../shared/recordings.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "tests/models/klog_parse.h"

/* Takes out what the two texts cannot share. False: the line goes altogether. */
static bool comparable(char *s, bool *in_trace)
{
	char *cut, *taint = strstr(s, " Tainted: ");

	if (strcmp(s, "Call Trace:") == 0)
		*in_trace = true;
	if (strcmp(s, "Mem-Info:") == 0 || strncmp(s, "memory: usage", 13) == 0)
		*in_trace = false;
	if (*in_trace)
		return false;
	if (strncmp(s, "CPU: ", 5) != 0)
		return true;
	if ((cut = strstr(s, " #1")))
		cut[strncmp(cut + 3, " PREEMPT(lazy)", 14) == 0 ? 17 : 3] = '\0';
	if (taint) { /* "Tainted: G            E     5.10..." is as long as it likes */
		char *release = strstr(taint, "5.10.");

		cr_assert_not_null(release, "%s", s);
		memmove(taint + 13, release, strlen(release) + 1);
		memcpy(taint, " Not tainted ", 13);
	}
	return true;
}

/* The parser must see the release of a tainted kernel too. */
static void untaint(struct lines *l)
{
	bool in_trace = false;

	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->v[i], "CPU: ", 5) == 0)
			comparable(l->v[i], &in_trace);
}

static void compare(const char *where, const struct lines *real, size_t from, size_t to, struct lines *ours)
{
	bool trace_a = false, trace_b = false;
	size_t j = 0;

	for (size_t i = from; i < to; i++) {
		if (!comparable(real->v[i], &trace_a))
			continue;
		while (j < ours->n && !comparable(ours->v[j], &trace_b))
			j++;
		cr_assert(j < ours->n, "%s: our report ends before \"%s\"", where, real->v[i]);
		cr_assert_str_eq(ours->v[j], real->v[i], "%s:\nreal: %s\nours: %s", where, real->v[i], ours->v[j]);
		j++;
	}
	cr_assert_eq(j, ours->n, "%s: our report goes on with \"%s\"", where, j < ours->n ? ours->v[j] : "");
}

/* One report: lines from..to. */
static void check_report(const char *where, const struct klog_format *f, const struct lines *l, size_t from, size_t to)
{
	struct parsed *p = parse_report(f, l, from, to);
	struct lines ours;

	if (!p->killed && !strstr(l->v[to - 1], "no killable"))
		p->r.panic = PANIC_ON_OOM;
	ours = print_report(p);
	compare(where, l, from, to, &ours);
	lines_free(&ours);
	for (size_t i = 0; i < p->memcg.nstat; i++)
		free((char *)p->stat[i].name);
	free(p);
}

static bool ends_report(const char *s)
{
	return strstr(s, "Killed process") || strstr(s, "no killable processes");
}

static size_t check_log(const char *path, const struct klog_format *f)
{
	struct lines l = lines_read(path);
	size_t done = 0;

	untaint(&l);
	for (size_t i = 0; i < l.n; i++) {
		size_t from = i;

		if (!strstr(l.v[i], "invoked oom-killer"))
			continue;
		while (i < l.n && !ends_report(l.v[i]) && strncmp(l.v[i], "Kernel panic", 12) != 0)
			i++;
		if (i < l.n) {
			check_report(path, f, &l, from, i + ends_report(l.v[i]));
			done++;
		}
	}
	lines_free(&l);
	return done;
}

static DIR *recordings(char *base, size_t n)
{
	const char *shared = getenv("OOMSIM_SHARED");

	snprintf(base, n, "%s/recordings/kernels", shared ? shared : "../shared");
	return opendir(base);
}

static void recorded(const char *version, size_t at_least)
{
	char base[400], path[700];
	DIR *d = recordings(base, sizeof(base));
	const struct klog_format *f = kernel_model_find(version)->klog;
	size_t reports = 0, n = strlen(version);

	if (!d)
		cr_skip_test("no recordings at %s (set OOMSIM_SHARED)", base);
	for (struct dirent *e; (e = readdir(d));) {
		const char *k = strrchr(e->d_name, '-');

		if (!k || strncmp(k + 1, version, n) != 0 || (k[1 + n] && k[1 + n] != '+'))
			continue;
		snprintf(path, sizeof(path), "%s/%s/dmesg.txt", base, e->d_name);
		reports += check_log(path, f);
	}
	closedir(d);
	cr_assert_geq(reports, at_least, "only %zu reports found", reports);
	cr_log_info("%s: %zu recorded reports printed alike", version, reports);
}

Test(klog_recorded, v5_10)
{
	recorded("5.10", 20);
}

Test(klog_recorded, v6_1)
{
	recorded("6.1", 20);
}

Test(klog_recorded, v6_12)
{
	recorded("6.12", 20);
}

Test(klog_recorded, v7_2)
{
	recorded("7.2", 20);
}
