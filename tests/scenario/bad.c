/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bad/NAME.yaml must be refused with exactly the diagnostics in bad/NAME.err. OOMSIM_UPDATE=1 rewrites the .err files: read
 * the diff. A first line "# --set PATH=VALUE" (or --kernel, --seed, --until and a value) stands for that option.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/load.h"

#define DIR_BAD "tests/scenario/bad"

static char *slurp(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "rb");
	char *buf = calloc(1, 1 << 20);

	*ret_n = f ? fread(buf, 1, (1 << 20) - 1, f) : 0;
	if (f)
		fclose(f);
	return buf;
}

/* "# --until 3s" and so on, in the first lines. The texts point into copies that live as long as the test. */
static size_t options_of(const char *text, struct scenario_options *o, char set[8][128], const char *sets[8])
{
	char line[160];
	size_t n = 0;

	for (; !strncmp(text, "# --", 4) && n < 8; text = strchr(text, '\n') + 1) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\n"), text);
		snprintf(set[n], 128, "%s", strchr(line + 4, ' ') + 1);
		if (!strncmp(line, "# --set ", 8))
			sets[o->nset++] = set[n];
		else if (!strncmp(line, "# --kernel ", 11))
			o->kernel = set[n];
		else if (!strncmp(line, "# --seed ", 9))
			o->seed = set[n];
		else if (!strncmp(line, "# --until ", 10))
			o->until = set[n];
		n++;
	}
	o->set = sets;
	return n;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "wb");

	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

static void check_one(const char *name)
{
	char path[8192], set[8][128], *text, *got, *want;
	struct scenario_options o = { 0 };
	const char *sets[8] = { NULL };
	size_t n, m;
	int err;

	snprintf(path, sizeof(path), "%s/%s", top_path(DIR_BAD), name);
	text = slurp(path, &n);
	options_of(text, &o, set, sets);
	got = load_errors(name, text, n, &o, &err);
	cr_expect_eq(err, SIM_EINPUT, "%s was accepted", name);
	memcpy(strrchr(path, '.'), ".err", 5);
	if (getenv("OOMSIM_UPDATE"))
		write_file(path, got);
	want = slurp(path, &m);
	cr_expect_str_eq(got, want, "%s:\n--- expected\n%s--- got\n%s", name, want, got);
	free(want);
	free(got);
	free(text);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

Test(bad, each_is_refused_with_these_words)
{
	DIR *d = opendir(top_path(DIR_BAD));
	char *names[512];
	struct dirent *e;
	size_t n = 0, i;

	cr_assert(d);
	while ((e = readdir(d)) && n < 512) {
		const char *dot = strrchr(e->d_name, '.');

		if (dot && !strcmp(dot, ".yaml"))
			names[n++] = strdup(e->d_name);
	}
	closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	for (i = 0; i < n; i++) {
		check_one(names[i]);
		free(names[i]);
	}
	cr_expect_geq(n, 60, "only %zu broken scenarios", n);
}
