/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real reports, where they are at hand ($OOMSIM_SHARED, or ../shared beside the checkout): none of them is in this project. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/report/read.h"

struct tally {
	unsigned reports, headers, agree, differ, open;
	const char *file;
	struct oom_victim last;
	enum tristate agrees;
	bool score_fits;
};

static char *shared(void)
{
	const char *given = getenv("OOMSIM_SHARED");
	char self[4096], *base;
	ssize_t n;

	if (given)
		return textf("%s/recordings", given);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n > 0) {
		self[n] = '\0';
		/* .../main/build/tests/report, or a build folder elsewhere */
		base = textf("%s/../../../../shared/recordings", self);
		if (!access(base, R_OK))
			return base;
		free(base);
	}
	return strdup("../shared/recordings");
}

static int count(void *ctx, const struct oom_report *r)
{
	struct tally *t = ctx;
	const struct oom_victim *v = oom_report_actual(r);
	struct explanation x;

	cr_assert_eq(explain_report(r, &x), 0);
	t->reports++;
	t->headers += r->has_header;
	t->agree += x.agrees == TRI_TRUE;
	t->differ += x.agrees == TRI_FALSE;
	t->open += x.agrees == TRI_UNKNOWN;
	t->last = v ? *v : (struct oom_victim){ 0 };
	t->agrees = x.agrees;
	t->score_fits = !r->score.has || (x.has_score && x.score_equal);
	if (x.agrees == TRI_FALSE)
		fprintf(stderr, "%s:%lu: %s\n", t->file, r->line, x.because.s);
	explanation_free(&x);
	return 0;
}

static void read_file(const char *path, struct tally *t)
{
	struct report_reader *rr = report_reader_new(count, t);
	FILE *f = fopen(path, "re");
	char buf[65536];
	size_t n;

	cr_assert(f && rr, "%s", path);
	t->file = path;
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		report_reader_feed(rr, buf, n);
	fclose(f);
	report_reader_finish(rr);
	report_reader_free(rr);
}

static unsigned lines_with(const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	unsigned n = 0;

	while (f && getline(&line, &cap, f) > 0)
		n += strstr(line, word) != NULL;
	if (f)
		fclose(f);
	free(line);
	return n;
}

Test(shared, every_recorded_kernel)
{
	char *base = shared(), *dir = textf("%s/kernels", base);
	struct tally t = { 0 };
	unsigned invoked = 0, files = 0;
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d) {
		free(dir);
		free(base);
		cr_skip_test("no recordings at hand (OOMSIM_SHARED)");
	}
	while ((e = readdir(d))) {
		char *path;

		if (e->d_name[0] == '.')
			continue;
		path = textf("%s/%s/dmesg.txt", dir, e->d_name);
		if (!access(path, R_OK)) {
			read_file(path, &t);
			invoked += lines_with(path, " invoked oom-killer:");
			files++;
		}
		free(path);
	}
	closedir(d);
	fprintf(stderr, "%u files, %u reports, %u with a head; victims: %u agree, %u differ, %u cannot be compared\n",
		files, t.reports, t.headers, t.agree, t.differ, t.open);
	cr_expect_eq(t.headers, invoked, "%u of %u reports were read", t.headers, invoked);
	cr_expect_eq(t.differ, 0);
	cr_expect(t.agree > 0 || files == 0);
	free(dir);
	free(base);
}

/* Those that the collection itself says cannot be explained from their text. */
static bool unexplainable(const char *file)
{
	static const char *const number[] = { "001", "002", "005", "051", "092", "093", "138", "133", "054" };

	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++)
		if (!strncmp(file, number[i], 3))
			return true;
	return false;
}

/* RHEL 6 prints neither swap nor page tables, which its score counts. */
static bool score_needs_more(const char *family)
{
	return !strncmp(family, "cpu ", 4);
}

struct row {
	char *column[13];
};

static bool next_row(FILE *f, char **line, size_t *cap, struct row *ret)
{
	char *p;

	if (getline(line, cap, f) <= 0)
		return false;
	(*line)[strcspn(*line, "\n")] = '\0';
	p = *line;
	for (size_t i = 0; i < 13; i++)
		ret->column[i] = p ? strsep(&p, "\t") : (char *)"";
	return true;
}

static void one_report(const char *dir, const struct row *row)
{
	const char *file = row->column[0];
	char *path = textf("%s/%s", dir, file);
	struct tally t = { 0 };

	if (access(path, R_OK)) {
		free(path);
		return;
	}
	read_file(path, &t);
	cr_expect_eq(t.reports, 1, "%s: %u reports", file, t.reports);
	if (strcmp(row->column[8], "none"))
		cr_expect(t.last.has && t.last.pid == atoi(row->column[8]), "%s: victim %d, not %s", file, t.last.pid,
			  row->column[8]);
	else
		cr_expect(!t.last.has, "%s: a victim", file);
	if (!strcmp(row->column[11], "yes") && !unexplainable(file) && strcmp(row->column[8], "none"))
		cr_expect_eq(t.agrees, TRI_TRUE, "%s does not agree", file);
	if (!score_needs_more(row->column[3]))
		cr_expect(t.score_fits, "%s: the printed score does not come out", file);
	free(path);
}

Test(shared, every_published_report)
{
	char *base = shared(), *dir = textf("%s/reports", base), *index = textf("%s/index.tsv", dir);
	FILE *f = fopen(index, "re");
	char *line = NULL;
	size_t cap = 0;
	struct row row;

	if (!f) {
		free(index);
		free(dir);
		free(base);
		cr_skip_test("no reports at hand (OOMSIM_SHARED)");
	}
	next_row(f, &line, &cap, &row);
	while (next_row(f, &line, &cap, &row))
		one_report(dir, &row);
	fclose(f);
	free(line);
	free(index);
	free(dir);
	free(base);
}
