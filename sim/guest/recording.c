/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/recording.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 4096

struct source {
	const char *dir;
	struct diag_list *dl;
};

/* timeline.tsv with the constant columns of meta.json behind it. */
struct timeline {
	char **column;
	size_t ncolumn;
	double *value; /* row by row */
	size_t nrow;
	double ram_kB;
	json_t *constant;
};

/* The file's whole name into path, which diagnostics then have. */
static FILE *open_in(const struct source *src, const char *name, char path[PATH_LEN])
{
	FILE *f;

	snprintf(path, PATH_LEN, "%s/%s", src->dir, name);
	f = fopen(path, "r");
	if (!f)
		diag_add(src->dl, DIAG_ERROR, path, 0, 0, "a recording is a folder with meta.json, timeline.tsv, events.tsv and procs.tsv", "%s",
			 strerror(errno));
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

static bool read_header(struct timeline *t, char *line)
{
	char *field, **bigger;

	while ((field = strsep(&line, "\t"))) {
		bigger = reallocarray(t->column, t->ncolumn + 1, sizeof(*t->column));
		if (!bigger)
			return false;
		t->column = bigger;
		t->column[t->ncolumn] = strdup(field);
		if (!t->column[t->ncolumn])
			return false;
		t->ncolumn++;
	}
	return true;
}

static bool read_row(struct timeline *t, char *line)
{
	double *bigger;
	char *field;
	size_t i;

	if (!(t->nrow & (t->nrow - 1))) { /* doubles at powers of two */
		bigger = reallocarray(t->value, t->ncolumn * (t->nrow ? 2 * t->nrow : 1), sizeof(*t->value));
		if (!bigger)
			return false;
		t->value = bigger;
	}
	for (i = 0; i < t->ncolumn; i++) {
		field = strsep(&line, "\t");
		t->value[t->nrow * t->ncolumn + i] = field && *field ? strtod(field, NULL) : NAN;
	}
	t->nrow++;
	return true;
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

static int read_meta(const struct source *src, struct timeline *t)
{
	char path[PATH_LEN];
	FILE *f = open_in(src, "meta.json", path);
	json_error_t e;
	json_t *meta;

	if (!f)
		return SIM_EIO;
	meta = json_loadf(f, 0, &e);
	fclose(f);
	if (!meta) {
		diag_add(src->dl, DIAG_ERROR, path, (unsigned)e.line, (unsigned)e.column, NULL, "%s", e.text);
		return SIM_EINPUT;
	}
	t->constant = json_incref(json_object_get(meta, "constant"));
	t->ram_kB = json_number_value(json_object_get(meta, "ram_mb")) * 1024;
	json_decref(meta);
	return SIM_OK;
}

static int timeline_read(const struct source *src, struct timeline *t)
{
	char path[PATH_LEN], *line = NULL;
	int err = read_meta(src, t);
	FILE *f = err ? NULL : open_in(src, "timeline.tsv", path);
	size_t cap = 0;
	bool ok = true;

	if (!f)
		return err ? err : SIM_EIO;
	if (next_line(f, &line, &cap))
		ok = read_header(t, line);
	while (ok && next_line(f, &line, &cap))
		ok = read_row(t, line);
	free(line);
	fclose(f);
	if (!ok)
		return SIM_ENOMEM;
	if (!t->nrow)
		diag_add(src->dl, DIAG_ERROR, path, 0, 0, NULL, "there are no rows: the machine never started");
	return t->nrow ? SIM_OK : SIM_EINPUT;
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
	if (!g)
		return;
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

static void kernel_event(struct outcome *o, double t_ms, const char *text)
{
	char comm[COMM_LEN];

	if (strstr(text, "Killed process") && killed_comm(text, comm))
		outcome_add_kill(o, comm, t_ms);
	else if (!strncmp(text, "Kernel panic", 12))
		outcome_add_kill(o, PANIC_MARK, t_ms);
}

static void event(struct outcome *o, double t_ms, const char *who, const char *text)
{
	static const struct {
		const char *word;
		enum phase_kind kind;
	} phases[] = {
		{ "alloc", PHASE_ALLOC }, { "touch", PHASE_TOUCH }, { "mapread", PHASE_TOUCH },
		{ "read", PHASE_READ },   { "write", PHASE_WRITE }, { "mmap", PHASE_MAP },
	};
	struct oc_phase p = { .kind = PHASE_MAP, .t_ms = t_ms };
	struct oc_task *task;
	char word[16], unit;
	double ok;
	size_t i;

	snprintf(p.comm, sizeof(p.comm), "%s", who);
	if (!strncmp(text, "exit ", 5) && (task = outcome_task(o, who)))
		task->exit_ms = t_ms;
	if (sscanf(text, "malloc %lf%c ok=%lf", &p.pages, &unit, &ok) == 3) { /* always in MiB: malloc 10M ok=9 of 20 */
		p.pages *= ok * 256;
		outcome_add_phase(o, &p);
	}
	if (sscanf(text, "%15s pages=%lf ms=%lf", word, &p.pages, &p.ms) != 3)
		return;
	for (i = 0; i < sizeof(phases) / sizeof(*phases); i++)
		if (!strcmp(word, phases[i].word)) {
			p.kind = phases[i].kind;
			outcome_add_phase(o, &p);
		}
}

static int events_read(const struct source *src, struct outcome *o)
{
	char path[PATH_LEN], *line = NULL, *rest, *t, *who;
	FILE *f = open_in(src, "events.tsv", path);
	size_t cap = 0;

	if (!f)
		return SIM_EIO;
	while (next_line(f, &line, &cap)) {
		rest = line;
		t = strsep(&rest, "\t");
		who = strsep(&rest, "\t");
		strsep(&rest, "\t"); /* pid */
		if (!rest || !strcmp(t, "t_ms"))
			continue;
		if (!strcmp(who, "kernel"))
			kernel_event(o, strtod(t, NULL), rest);
		else
			event(o, strtod(t, NULL), who, rest);
	}
	free(line);
	fclose(f);
	return SIM_OK;
}

/* Columns of procs.tsv that are wanted. */
struct proc_columns {
	int t_ms, name, utime, stime;
};

/* When the process was killed, or its last phase ended. */
static double done_ms(const struct outcome *o, const char *comm)
{
	double t = 0;
	size_t i;

	for (i = 0; i < o->nphase; i++)
		if (!strcmp(o->phase[i].comm, comm))
			t = fmax(t, o->phase[i].t_ms);
	for (i = 0; i < o->nkill; i++)
		if (!strcmp(o->kill[i].comm, comm))
			t = fmax(t, o->kill[i].t_ms);
	return t;
}

static void proc_row(struct outcome *o, struct proc_columns *c, char *line, bool header)
{
	double ticks = 0, t_ms = 0;
	char *field, name[COMM_LEN] = "";
	struct oc_task *t;
	int i;

	for (i = 0; (field = strsep(&line, "\t")); i++) {
		if (header && !strcmp(field, "t_ms"))
			c->t_ms = i;
		if (header && !strcmp(field, "name"))
			c->name = i;
		if (header && !strcmp(field, "utime"))
			c->utime = i;
		if (header && !strcmp(field, "stime"))
			c->stime = i;
		if (i == c->t_ms)
			t_ms = strtod(field, NULL);
		if (i == c->name)
			snprintf(name, sizeof(name), "%s", field);
		if (i == c->utime || i == c->stime)
			ticks += strtod(field, NULL);
	}
	t = header || !*name ? NULL : outcome_task(o, name);
	if (!t)
		return;
	t->seen_ms = ticks * 10; /* USER_HZ is 100 */
	if (t_ms <= done_ms(o, name))
		t->cpu_ms = t->seen_ms;
}

static int procs_read(const struct source *src, struct outcome *o)
{
	char path[PATH_LEN], *line = NULL;
	FILE *f = open_in(src, "procs.tsv", path);
	struct proc_columns c = { -1, -1, -1, -1 };
	bool header = true;
	size_t cap = 0;

	if (!f)
		return SIM_EIO;
	for (; next_line(f, &line, &cap); header = false)
		proc_row(o, &c, line, header);
	free(line);
	fclose(f);
	return SIM_OK;
}

int recording_read(const char *dir, struct outcome *ret, struct diag_list *dl)
{
	struct source src = { .dir = dir, .dl = dl };
	struct timeline t = { 0 };
	int err;

	memset(ret, 0, sizeof(*ret));
	err = timeline_read(&src, &t);
	if (!err) {
		ret->ram_kB = t.ram_kB;
		points_and_counters(&t, ret);
		cgroups(&t, ret);
		err = events_read(&src, ret);
	}
	if (!err)
		err = procs_read(&src, ret);
	timeline_free(&t);
	if (ret->failed || err == SIM_ENOMEM) {
		diag_add(dl, DIAG_ERROR, dir, 0, 0, NULL, "%s", sim_strerror(SIM_ENOMEM));
		err = SIM_ENOMEM;
	}
	return err;
}

bool kernel_recording_read(const char *dir, struct outcome *ret, char why[RECORDING_WHY])
{
	struct diag_list dl = { 0 };
	int err = recording_read(dir, ret, &dl);

	why[0] = '\0';
	if (dl.n && dl.v[0].line)
		snprintf(why, RECORDING_WHY, "%s:%u: %s", dl.v[0].file, dl.v[0].line, dl.v[0].text);
	else if (dl.n)
		snprintf(why, RECORDING_WHY, "%s: %s", dl.v[0].file, dl.v[0].text);
	diag_list_free(&dl);
	return !err;
}
