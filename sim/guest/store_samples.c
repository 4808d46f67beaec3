/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples as a table. Raw text, by blocks: "@I PATH" a fact, "@S US" a sample begins, "@F PATH" a file of /proc, "@C CGROUP FILE"
 * a file of a cgroup, "@P ..." a process. Cells point into that text. */
#include "sim/guest/store.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_LEN 320

struct table {
	char (*name)[COLUMN_LEN];
	size_t ncolumn, next; /* next: where the column is likely to be, as rows are alike */
	char **cell;          /* row by row, stride a row */
	size_t nrow, stride;
	bool failed;
	FILE *procs;
	double t_ms;
};

/* ---- the table ---- */

static void widen(struct table *t)
{
	size_t stride = t->stride ? 2 * t->stride : 512;
	char **cell = calloc((t->nrow ? t->nrow : 1) * stride, sizeof(*cell));
	void *name = realloc(t->name, stride * sizeof(*t->name));

	if (name)
		t->name = name;
	if (!cell || !name) {
		free(cell);
		t->failed = true;
		return;
	}
	for (size_t i = 0; i < t->nrow; i++)
		memcpy(cell + i * stride, t->cell + i * t->stride, t->ncolumn * sizeof(*cell));
	free(t->cell);
	t->cell = cell;
	t->stride = stride;
}

static void add_row(struct table *t)
{
	char **cell;

	if (!t->stride)
		widen(t);
	if (t->failed)
		return;
	cell = reallocarray(t->cell, (t->nrow + 1) * t->stride, sizeof(*cell));
	if (!cell) {
		t->failed = true;
		return;
	}
	t->cell = cell;
	memset(cell + t->nrow++ * t->stride, 0, t->stride * sizeof(*cell));
	t->next = 0;
}

static size_t column(struct table *t, const char *name)
{
	size_t i = t->next;

	if (i >= t->ncolumn || strcmp(t->name[i], name))
		for (i = 0; i < t->ncolumn && strcmp(t->name[i], name); i++)
			;
	if (i == t->ncolumn && t->ncolumn == t->stride)
		widen(t);
	if (i == t->ncolumn && !t->failed)
		snprintf(t->name[t->ncolumn++], COLUMN_LEN, "%s", name);
	t->next = i + 1;
	return i;
}

static void put(struct table *t, const char *name, char *value)
{
	size_t i;

	if (!t->nrow || t->failed)
		return;
	i = column(t, name);
	if (!t->failed)
		t->cell[(t->nrow - 1) * t->stride + i] = value;
}

/* ---- blocks ---- */

/* "some avg10=0.00 avg60=.. total=123" */
static void pressure_line(struct table *t, const char *prefix, char *line)
{
	char name[COLUMN_LEN + 32], *save, *kind = strtok_r(line, " ", &save), *w, *eq;

	while (kind && (w = strtok_r(NULL, " ", &save))) {
		eq = strchr(w, '=');
		if (!eq)
			continue;
		*eq = 0;
		snprintf(name, sizeof(name), "%s%s.%s", prefix, kind, w);
		if (!strcmp(w, "avg10") || !strcmp(w, "total"))
			put(t, name, eq + 1);
	}
}

/* "Key:  123 kB", "key 123", or a figure alone, whose column is the prefix without its dot. */
static void plain_line(struct table *t, const char *prefix, char *line)
{
	char name[COLUMN_LEN + 32], *save, *key = strtok_r(line, " \t:", &save), *value = strtok_r(NULL, " \t:", &save);

	if (!key)
		return;
	if (value) {
		snprintf(name, sizeof(name), "%s%s", prefix, key);
		put(t, name, value);
		return;
	}
	snprintf(name, sizeof(name), "%s", prefix);
	if (*name)
		name[strlen(name) - 1] = 0;
	put(t, name, key);
}

static void file_block(struct table *t, const char *prefix, char **text)
{
	while (**text && **text != '@') {
		char *line = store_line(text);

		if (!strncmp(line, "some ", 5) || !strncmp(line, "full ", 5))
			pressure_line(t, prefix, line);
		else
			plain_line(t, prefix, line);
	}
}

static void fact_block(json_t *facts, const char *path, char **text)
{
	char *begin = *text;
	size_t n;

	while (**text && **text != '@')
		*text += strcspn(*text, "\n") + ((*text)[strcspn(*text, "\n")] == '\n');
	n = (size_t)(*text - begin);
	while (n && begin[n - 1] == '\n')
		n--;
	json_object_set_new(facts, path, json_stringn(begin, n));
}

static void sample_block(struct table *t, char *us)
{
	t->t_ms = strtod(us, NULL) / 1000;
	add_row(t);
	put(t, "t_ms", us);
}

static void process_block(struct table *t, char *words)
{
	fprintf(t->procs, "%.3f", t->t_ms);
	for (char *save, *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		fprintf(t->procs, "\t%s", w);
	fputc('\n', t->procs);
}

static void block(struct table *t, json_t *facts, char *line, char **text)
{
	char prefix[COLUMN_LEN] = "", *rest = line + 3, *blank;
	const char *base;

	switch (line[1]) {
	case 'I':
		fact_block(facts, rest, text);
		return;
	case 'S':
		sample_block(t, rest);
		return;
	case 'P':
		process_block(t, rest);
		return;
	case 'F':
		base = strrchr(rest, '/') ? strrchr(rest, '/') + 1 : rest;
		if (strcmp(base, "meminfo") && strcmp(base, "vmstat"))
			snprintf(prefix, sizeof(prefix), "psi.%s.", base);
		break;
	case 'C':
		blank = strrchr(rest, ' ');
		if (!blank)
			return;
		*blank = 0;
		snprintf(prefix, sizeof(prefix), "cg.%s.%s.", rest, blank + 1);
		break;
	}
	file_block(t, prefix, text);
}

static void parse(struct table *t, json_t *facts, char *text)
{
	char *line;

	while (!t->failed && (line = store_line(&text)))
		if (line[0] == '@' && strlen(line) > 3)
			block(t, facts, line, &text);
}

/* ---- out ---- */

static bool constant(const struct table *t, size_t i)
{
	const char *first = t->cell[i], *c;

	if (!strcmp(t->name[i], "t_ms"))
		return false;
	for (size_t r = 1; r < t->nrow; r++) {
		c = t->cell[r * t->stride + i];
		if (!first || !c ? first != c : strcmp(first, c) != 0)
			return false;
	}
	return true;
}

static void constants(const struct table *t, json_t *ret)
{
	char *end;

	for (size_t i = 0; i < t->ncolumn; i++) {
		const char *c = t->nrow ? t->cell[i] : NULL;
		double v = c ? strtod(c, &end) : 0;

		if (!c || !constant(t, i))
			continue;
		if (*end)
			json_object_set_new(ret, t->name[i], json_string(c));
		else if (strchr(c, '.'))
			json_object_set_new(ret, t->name[i], json_real(v));
		else
			json_object_set_new(ret, t->name[i], json_integer(strtoll(c, NULL, 10)));
	}
}

static void write_row(FILE *f, const struct table *t, const bool *live, size_t row)
{
	for (size_t i = 0; i < t->ncolumn; i++) {
		const char *c = t->cell[row * t->stride + i];

		if (!live[i])
			continue;
		if (!i)
			fprintf(f, "%.3f", strtod(c, NULL) / 1000);
		else
			fprintf(f, "\t%s", c ? c : "");
	}
	fputc('\n', f);
}

static void write_table(FILE *f, const struct table *t, const bool *live)
{
	for (size_t i = 0; i < t->ncolumn; i++)
		if (live[i])
			fprintf(f, "%s%s", i ? "\t" : "", t->name[i]);
	fputc('\n', f);
	for (size_t r = 0; r < t->nrow; r++)
		write_row(f, t, live, r);
}

static bool store_table(const char *dir, const struct table *t, char *why)
{
	bool *live = calloc(t->ncolumn + 1, sizeof(*live));
	FILE *f = live ? store_open(dir, "timeline.tsv", why) : NULL;

	if (!f) {
		free(live);
		return false;
	}
	for (size_t i = 0; i < t->ncolumn; i++)
		live[i] = !constant(t, i);
	write_table(f, t, live);
	free(live);
	return store_close(f, dir, "timeline.tsv", why);
}

bool store_samples(const char *dir, char *samples, json_t *meta, char *why)
{
	struct table t = { .procs = store_open(dir, "procs.tsv", why) };
	json_t *facts = json_object(), *fixed = json_object();
	bool ok = t.procs && facts && fixed;

	if (ok) {
		fputs("t_ms\tname\tpid\tstate\tpages\trss_kb\tanon_kb\tfile_kb\tshmem_kb\tswap_kb\tpte_kb\tlck_kb\tminflt\tmajflt\tutime\t"
		      "stime\toom_score\tvm_kb\n",
		      t.procs);
		parse(&t, facts, samples);
		constants(&t, fixed);
		if (t.failed)
			snprintf(why, RECORDING_WHY, "%s: out of host memory", dir);
		ok = !t.failed && store_table(dir, &t, why);
	}
	if (t.procs)
		ok = store_close(t.procs, dir, "procs.tsv", why) && ok;
	json_object_set_new(meta, "facts", facts);
	json_object_set_new(meta, "constant", fixed);
	free(t.name);
	free(t.cell);
	return ok;
}
