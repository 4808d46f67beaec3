/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* timeline.tsv with the constant columns of meta.json behind it. */
struct timeline {
	char **column;
	size_t ncolumn;
	double *value; /* row by row */
	size_t nrow;
	double ram_kB;
	json_t *constant;
};

static FILE *open_in(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		fprintf(stderr, "recorded: %s: %s\n", path, strerror(errno));
	return f;
}

/* One line without its newline; false at the end of the file. */
static bool next_line(FILE *f, char **line, size_t *cap)
{
	ssize_t n = getline(line, cap, f);

	if (n < 0)
		return false;
	if (n && (*line)[n - 1] == '\n')
		(*line)[n - 1] = 0;
	return true;
}

static void read_header(struct timeline *t, char *line)
{
	char *field;

	while ((field = strsep(&line, "\t"))) {
		t->column = xrealloc(t->column, t->ncolumn + 1, sizeof(*t->column));
		t->column[t->ncolumn] = strdup(field);
		if (!t->column[t->ncolumn++])
			exit(3);
	}
}

static void read_row(struct timeline *t, char *line)
{
	char *field;
	size_t i;

	if (!(t->nrow & (t->nrow - 1))) /* doubles at powers of two */
		t->value = xrealloc(t->value, t->ncolumn * (t->nrow ? 2 * t->nrow : 1), sizeof(*t->value));
	for (i = 0; i < t->ncolumn; i++) {
		field = strsep(&line, "\t");
		t->value[t->nrow * t->ncolumn + i] = field && *field ? strtod(field, NULL) : NAN;
	}
	t->nrow++;
}

static double timeline_get(const struct timeline *t, size_t row, const char *name)
{
	size_t i;

	for (i = 0; i < t->ncolumn; i++)
		if (!strcmp(t->column[i], name))
			return t->value[row * t->ncolumn + i];
	return json_number_value(json_object_get(t->constant, name)); /* 0 if there is no such column at all */
}

static bool has(const struct timeline *t, const char *name)
{
	size_t i;

	for (i = 0; i < t->ncolumn; i++)
		if (!strcmp(t->column[i], name))
			return true;
	return json_object_get(t->constant, name);
}

static double growth(const struct timeline *t, const char *name)
{
	return timeline_get(t, t->nrow - 1, name) - timeline_get(t, 0, name);
}

static void timeline_free(struct timeline *t)
{
	size_t i;

	for (i = 0; i < t->ncolumn; i++)
		free(t->column[i]);
	free(t->column);
	free(t->value);
	json_decref(t->constant);
}

static bool timeline_read(const char *dir, struct timeline *t)
{
	json_error_t e;
	json_t *meta;
	char *line = NULL;
	size_t cap = 0;
	FILE *f = open_in(dir, "meta.json");

	if (!f)
		return false;
	meta = json_loadf(f, 0, &e);
	fclose(f);
	if (!meta) {
		fprintf(stderr, "recorded: %s/meta.json:%d: %s\n", dir, e.line, e.text);
		return false;
	}
	t->constant = json_incref(json_object_get(meta, "constant"));
	t->ram_kB = json_number_value(json_object_get(meta, "ram_mb")) * 1024;
	json_decref(meta);
	f = open_in(dir, "timeline.tsv");
	if (!f)
		return false;
	if (next_line(f, &line, &cap))
		read_header(t, line);
	while (next_line(f, &line, &cap))
		read_row(t, line);
	free(line);
	fclose(f);
	if (!t->nrow)
		fprintf(stderr, "recorded: %s/timeline.tsv has no rows\n", dir);
	return t->nrow;
}

static void points_and_counters(const struct timeline *t, struct outcome *o)
{
	size_t i;

	for (i = 0; i < t->nrow; i++) {
		struct oc_point p = {
			.t_ms = timeline_get(t, i, "t_ms"),
			.anon_kB = timeline_get(t, i, "AnonPages"),
			.free_kB = timeline_get(t, i, "MemFree"),
			.file_kB = timeline_get(t, i, "Active(file)") + timeline_get(t, i, "Inactive(file)"),
			.swap_kB = timeline_get(t, i, "SwapTotal") - timeline_get(t, i, "SwapFree"),
		};

		outcome_add_point(o, &p);
		o->q[Q_PEAK_SWAP] = fmax(o->q[Q_PEAK_SWAP], p.swap_kB);
		o->q[Q_FINAL_SWAP] = p.swap_kB;
		o->end_ms = p.t_ms;
	}
	o->q[Q_PGMAJFAULT] = growth(t, "pgmajfault");
	o->q[Q_PSWPIN] = growth(t, "pswpin");
	o->q[Q_PSWPOUT] = growth(t, "pswpout");
	o->q[Q_PGSCAN] = growth(t, "pgscan_kswapd") + growth(t, "pgscan_direct");
	o->q[Q_PGSTEAL] = growth(t, "pgsteal_kswapd") + growth(t, "pgsteal_direct");
	o->q[Q_REFAULT] = growth(t, "workingset_refault_anon") + growth(t, "workingset_refault_file");
	o->q[Q_ALLOCSTALL] = growth(t, "allocstall_normal") + growth(t, "allocstall_movable");
	o->q[Q_PSI_MEM] = growth(t, "psi.memory.some.total") / 1000;
	o->q[Q_PSI_MEM_FULL] = growth(t, "psi.memory.full.total") / 1000;
	o->q[Q_PSI_IO] = growth(t, "psi.io.some.total") / 1000;
	o->q[Q_PSI_IO_FULL] = growth(t, "psi.io.full.total") / 1000;
	o->q[Q_PSI_CPU] = growth(t, "psi.cpu.some.total") / 1000;
	for (i = 0; i < VMSTAT_COUNT; i++)
		o->vm[i] = has(t, vmstat_name[i]) ? growth(t, vmstat_name[i]) : NAN;
}

/* A cgroup's column is called cg.PATH.FILE or cg.PATH.FILE.KEY; "memory." begins the file. */
static void cgroup_column(const struct timeline *t, const char *name, struct outcome *o)
{
	const char *file = strstr(name, ".memory.");
	struct oc_cgroup *g;
	char path[64];
	size_t i;
	int e;

	if (strncmp(name, "cg.", 3) || !file)
		return;
	snprintf(path, sizeof(path), "%.*s", (int)(file - name - 3), name + 3);
	g = outcome_cgroup(o, path);
	file++;
	for (i = 0; i < t->nrow; i++) {
		if (!strcmp(file, "memory.current") || !strcmp(file, "memory.usage_in_bytes"))
			g->peak_kB = fmax(g->peak_kB, timeline_get(t, i, name) / 1024);
		if (!strcmp(file, "memory.swap.current"))
			g->peak_swap_kB = fmax(g->peak_swap_kB, timeline_get(t, i, name) / 1024);
	}
	g->v1 |= !strcmp(file, "memory.usage_in_bytes");
	for (e = 0; e < CE_COUNT; e++)
		if (!strncmp(file, "memory.events.", 14) && !strcmp(file + 14, cgroup_event_name[e]))
			g->events[e] = timeline_get(t, t->nrow - 1, name);
}

static void cgroups(const struct timeline *t, struct outcome *o)
{
	size_t i;

	for (i = 0; i < t->ncolumn; i++)
		cgroup_column(t, t->column[i], o);
}

/* "Out of memory: Killed process 80 (leak) total-vm:..." -> leak. A comm may hold anything but ") total-vm:". */
static bool killed_comm(const char *text, char *comm)
{
	const char *open = strchr(text, '('), *close = strstr(text, ") total-vm:");

	if (!strncmp(text, "Out of memory (", 15)) /* (oom_kill_allocating_task) */
		open = strchr(text + 15, '(');
	if (!open || !close || close < open)
		return false;
	snprintf(comm, COMM_LEN, "%.*s", (int)(close - open - 1), open + 1);
	return true;
}

static void event(struct outcome *o, double t_ms, const char *who, const char *text)
{
	static const struct {
		const char *word;
		enum phase_kind kind;
	} phases[] = {
		{ "alloc", PHASE_ALLOC }, { "touch", PHASE_TOUCH }, { "mapread", PHASE_TOUCH },
		{ "read", PHASE_READ },   { "write", PHASE_WRITE },
	};
	char comm[COMM_LEN], word[16], unit;
	double pages, ms, ok;
	size_t i;

	if (!strcmp(who, "kernel")) {
		if (strstr(text, "Killed process") && killed_comm(text, comm))
			outcome_add_kill(o, comm, t_ms);
		else if (!strncmp(text, "Kernel panic", 12))
			outcome_add_kill(o, PANIC_MARK, t_ms);
		return;
	}
	if (sscanf(text, "malloc %lf%c ok=%lf", &pages, &unit, &ok) == 3) /* always in MiB: malloc 10M ok=9 of 20 */
		outcome_add_phase(o, who, PHASE_MAP, ok * pages * 256, 0);
	if (sscanf(text, "%15s pages=%lf ms=%lf", word, &pages, &ms) != 3)
		return;
	for (i = 0; i < sizeof(phases) / sizeof(*phases); i++)
		if (!strcmp(word, phases[i].word))
			outcome_add_phase(o, who, phases[i].kind, pages, ms);
}

static bool events_read(const char *dir, struct outcome *o)
{
	FILE *f = open_in(dir, "events.tsv");
	char *line = NULL, *rest, *t, *who;
	size_t cap = 0;

	if (!f)
		return false;
	while (next_line(f, &line, &cap)) {
		rest = line;
		t = strsep(&rest, "\t");
		who = strsep(&rest, "\t");
		strsep(&rest, "\t"); /* pid */
		if (rest && strcmp(t, "t_ms"))
			event(o, strtod(t, NULL), who, rest);
	}
	free(line);
	fclose(f);
	return true;
}

bool recording_read(const char *dir, struct outcome *ret)
{
	struct timeline t = { 0 };
	bool ok;

	memset(ret, 0, sizeof(*ret));
	ok = timeline_read(dir, &t);
	if (ok) {
		ret->ram_kB = t.ram_kB;
		points_and_counters(&t, ret);
		cgroups(&t, ret);
		ok = events_read(dir, ret);
	}
	timeline_free(&t);
	return ok;
}
