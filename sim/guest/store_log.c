/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's events and the kernel's log, merged in time. /dev/kmsg has "PRIORITY,SEQUENCE,US,FLAGS;TEXT". */
#include "sim/guest/store.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define T0_MARK "oomsim: t0"

struct entry {
	double t_ms;
	const char *who, *pid, *text;
	size_t seq; /* of equal times, the first written is first */
};

struct log {
	struct entry *v;
	size_t n, cap;
	bool failed;
	double t0_us, last_us; /* of the kernel's clock */
};

static void add(struct log *l, double t_ms, const char *who, const char *pid, const char *text)
{
	struct entry *v;

	if (l->n == l->cap) {
		v = reallocarray(l->v, l->cap ? 2 * l->cap : 256, sizeof(*v));
		if (!v) {
			l->failed = true;
			return;
		}
		l->v = v;
		l->cap = l->cap ? 2 * l->cap : 256;
	}
	l->v[l->n] = (struct entry){ t_ms, who, pid, text, l->n };
	l->n++;
}

static int by_time(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->t_ms != y->t_ms)
		return x->t_ms < y->t_ms ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Lines of the kernel's log that events.tsv has too. */
static bool is_event(const char *text)
{
	static const char *const part[] = { "Killed process",	   "oom-kill:constraint=", "invoked oom-killer", "oom_reaper",
					    "Kernel panic",	   "No killable",	   "page allocation failure", "blocked for more",
					    "are going to be killed" };

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		if (strstr(text, part[i]))
			return true;
	return false;
}

static void guest_events(struct log *l, char *text)
{
	char *line, *t, *who, *pid;

	while ((line = store_line(&text))) {
		t = strsep(&line, "\t");
		who = strsep(&line, "\t");
		pid = strsep(&line, "\t");
		if (line)
			add(l, strtod(t, NULL), who, pid, line);
	}
}

/* The mark is in the log before anything that happens in the scenario. */
static double find_t0(const char *dmesg)
{
	const char *mark = strstr(dmesg, ";" T0_MARK), *line = mark;
	double us = 0;

	while (line && line > dmesg && line[-1] != '\n')
		line--;
	return line && sscanf(line, "%*u,%*u,%lf", &us) == 1 ? us : 0;
}

static void kernel_lines(struct log *l, char *text, FILE *out)
{
	char *line, *message;
	double us;

	while ((line = store_line(&text))) {
		message = strchr(line, ';');
		if (!message || sscanf(line, "%*u,%*u,%lf", &us) != 1)
			continue;
		message++;
		l->last_us = us;
		fprintf(out, "[%12.6f] %s\n", us / 1e6, message);
		if (is_event(message))
			add(l, (us - l->t0_us) / 1000, "kernel", "0", message);
	}
}

static bool seen(const struct log *l, double t_ms, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].who, "kernel") && !strcmp(l->v[i].text, text) && l->v[i].t_ms - t_ms < 1 &&
		    t_ms - l->v[i].t_ms < 1)
			return true;
	return false;
}

/* What the kernel said after the last sample, a panic above all, is on the console alone: "[   12.345678] text\r". */
static void console_lines(struct log *l, char *console, FILE *out)
{
	char *line, *end;
	double s;

	if (!*console)
		return;
	fprintf(out, "---- console ----\n");
	while ((line = store_line(&console))) {
		line[strcspn(line, "\r")] = 0;
		fprintf(out, "%s\n", line);
		if (sscanf(line, "[%lf]", &s) != 1 || s * 1e6 < l->last_us - 1)
			continue;
		end = strchr(line, ']') + 1;
		end += *end == ' ';
		if (is_event(end) && !seen(l, s * 1000 - l->t0_us / 1000, end))
			add(l, s * 1000 - l->t0_us / 1000, "kernel", "0", end);
	}
}

static bool write_events(const char *dir, const struct log *l, char *why)
{
	FILE *f = store_open(dir, "events.tsv", why);

	if (!f)
		return false;
	fputs("t_ms\twho\tpid\tevent\n", f);
	for (size_t i = 0; i < l->n; i++)
		fprintf(f, "%.3f\t%s\t%s\t%s\n", l->v[i].t_ms, l->v[i].who, l->v[i].pid, l->v[i].text);
	return store_close(f, dir, "events.tsv", why);
}

bool store_log(const char *dir, struct guest_raw *raw, json_t *meta, char *why)
{
	struct log l = { .t0_us = find_t0(raw->dmesg) };
	FILE *f = store_open(dir, "dmesg.txt", why);
	char *console = strdup(raw->console);
	bool ok = f && console;

	if (ok) {
		guest_events(&l, raw->events);
		kernel_lines(&l, raw->dmesg, f);
		console_lines(&l, console, f);
		if (l.n)
			qsort(l.v, l.n, sizeof(*l.v), by_time);
		if (l.failed)
			snprintf(why, RECORDING_WHY, "%s: out of host memory", dir);
		ok = !l.failed && write_events(dir, &l, why);
		json_object_set_new(meta, "events", json_integer((json_int_t)l.n));
	}
	if (f)
		ok = store_close(f, dir, "dmesg.txt", why) && ok;
	free(console);
	free(l.v);
	return ok;
}
