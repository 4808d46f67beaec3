/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proc lines of a recording's spec: NAME [start=MS] [uid=N] [adj=N] [nice=N] : phase ; phase ; ... */
#include "sim/calibrate/spec.h"

#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 8
#define MAX_DEPTH 8
#define PAGE      4096.0
#define TICKS     500 /* a paced phase of the recorder looks at the clock so many times a second */

struct phase {
	char *word[MAX_WORDS];
	int n;
};

/* A program on its way to YAML: its steps so far, separated by commas (flow style, since lists nest). */
struct program {
	const struct spec_units *u;
	char *why;
	FILE *out;
	char *text;
	size_t len;
	double heap;      /* pages of the heap that are mapped so far */
	unsigned regions; /* names given to mappings */
	unsigned depth;   /* of forks in forks */
};

double spec_pages(const struct spec_units *u, const char *text)
{
	char *end;
	double v = text ? strtod(text, &end) : 0;

	if (!text || end == text)
		return 0;
	switch (*end) {
	case 'K':
		return v * 1024 / PAGE;
	case 'M':
		return v * 1048576 / PAGE;
	case 'G':
		return v * 1073741824 / PAGE;
	case '%':
		return (double)(long)(v / 100 * u->avail_kB / 4);
	default:
		return v / PAGE;
	}
}

static double number(const struct phase *p, int i)
{
	return i < p->n ? strtod(p->word[i], NULL) : 0;
}

static const char *word(const struct phase *p, int i)
{
	return i < p->n ? p->word[i] : "";
}

static bool is_random(const struct phase *p, int i)
{
	return !strcmp(word(p, i), "rand");
}

static const char *pattern(const struct phase *p, int i)
{
	return is_random(p, i) ? "uniform" : "sequential";
}

static void begin(struct program *g, const char *step)
{
	fflush(g->out);
	fprintf(g->out, "%s%s", g->len ? ", " : "", step);
}

/* Pages done between two looks at the clock, and lateness: the recorder's pace(). */
static void pacing(FILE *out, double rate, double most)
{
	double batch = (double)(long)(rate / TICKS);

	batch = batch < 1 ? 1 : batch > most ? most : batch;
	fprintf(out, ", batch: %.0fpages, catch_up: 10ms", batch);
}

static void step_alloc(struct program *g, const struct phase *p)
{
	double pages = spec_pages(g->u, word(p, 1)), rate = spec_pages(g->u, word(p, 2));

	begin(g, "{leak: {region: heap, ");
	fprintf(g->out, "size: %.0fpages, map_step: 2MiB", pages);
	if (rate > 0) {
		fprintf(g->out, ", rate: %.0fB/s", rate * PAGE);
		pacing(g->out, rate, 256);
	} else {
		fputs(", batch: 64pages", g->out);
	}
	fputs("}}", g->out);
	g->heap += pages;
}

/* touch SIZE seq|rand RATE MS r|w. The recorder's write is `add $1,(mem)`, which its CPU does as a load and a store. */
static void step_touch(struct program *g, const struct phase *p)
{
	double pages = spec_pages(g->u, word(p, 1));
	bool write = p->n < 6 || *word(p, 5) == 'w';

	if (!g->heap) {
		begin(g, "{mmap: {region: heap, ");
		fprintf(g->out, "size: %.0fpages}}", pages);
		g->heap = pages;
	}
	begin(g, "{touch: {region: heap, ");
	fprintf(g->out, "size: %.0fpages, pattern: %s, op: %s", pages < g->heap ? pages : g->heap, pattern(p, 2),
		write ? "update" : "read");
	if (number(p, 3) > 0)
		fprintf(g->out, ", rate: %g", number(p, 3));
	fprintf(g->out, ", duration: %.0fms}}", number(p, 4));
}

static void step_malloc(struct program *g, const struct phase *p)
{
	double count = number(p, 2);

	begin(g, "{mmap: {");
	fprintf(g->out, "region: m%u, size: %.0fpages, kind: anon, count: %.0f}}", g->regions++,
		spec_pages(g->u, word(p, 1)), count > 0 ? count : 1);
}

static void step_shm(struct program *g, const struct phase *p)
{
	double rate = spec_pages(g->u, word(p, 2));

	begin(g, "{mmap: {");
	fprintf(g->out, "region: shm%u, size: %.0fpages, kind: shmem, shared: true}}", g->regions,
		spec_pages(g->u, word(p, 1)));
	begin(g, "{touch: {");
	fprintf(g->out, "region: shm%u, pattern: sequential, op: write", g->regions++);
	if (rate > 0)
		fprintf(g->out, ", rate: %g", rate);
	fputs("}}", g->out);
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* read|write FILE SIZE seq|rand RATE MS. Random ones are told to the kernel (POSIX_FADV_RANDOM), as `pattern: uniform` is. */
static void step_file(struct program *g, const struct phase *p)
{
	double rate = spec_pages(g->u, word(p, 4));

	begin(g, !strcmp(word(p, 0), "read") ? "{read: {" : "{write: {");
	fprintf(g->out, "file: %s, size: %.0fpages, pattern: %s, io_size: %s", file_name(word(p, 1)),
		spec_pages(g->u, word(p, 2)), pattern(p, 3), is_random(p, 3) ? "4KiB" : "64KiB");
	if (rate > 0)
		fprintf(g->out, ", rate: %.0fB/s", rate * PAGE);
	if (number(p, 5) > 0)
		fprintf(g->out, ", duration: %.0fms", number(p, 5));
	fputs("}}", g->out);
}

static void step_mapread(struct program *g, const struct phase *p)
{
	begin(g, "{mmap: {");
	fprintf(g->out, "region: text%u, size: %.0fpages, kind: file, file: %s, readonly: true, exec: true}}",
		g->regions, spec_pages(g->u, word(p, 2)), file_name(word(p, 1)));
	begin(g, "{touch: {");
	fprintf(g->out, "region: text%u, pattern: %s, op: read", g->regions++, pattern(p, 3));
	if (number(p, 4) > 0)
		fprintf(g->out, ", rate: %g", number(p, 4));
	fprintf(g->out, ", duration: %.0fms}}", number(p, 5));
}

static void step_free(struct program *g, const struct phase *p)
{
	double pages = spec_pages(g->u, word(p, 1));

	begin(g, "{munmap: {region: heap");
	if (pages && pages < g->heap) {
		fprintf(g->out, ", size: %.0fpages}}", pages);
		g->heap -= pages;
		return;
	}
	fputs("}}", g->out);
	g->heap = 0;
}

static void step_ms(struct program *g, const struct phase *p)
{
	begin(g, "{");
	fprintf(g->out, "%s: %.0fus}", word(p, 0), number(p, 1) * 1000);
}

static void step_mlock(struct program *g, const struct phase *p)
{
	(void)p;
	begin(g, "{mlock: all}");
}

static void step_number(struct program *g, const struct phase *p)
{
	begin(g, !strcmp(word(p, 0), "adj") ? "{oom_score_adj: " : "{exit: ");
	fprintf(g->out, "%.0f}", number(p, 1));
}

/* loop N: all there is so far, N more times. */
static void step_loop(struct program *g, const struct phase *p)
{
	char *body;

	fclose(g->out);
	body = g->text;
	g->out = open_memstream(&g->text, &g->len);
	if (!g->out)
		exit(3);
	fprintf(g->out, "{loop: {count: %.0f, steps: [%s]}}", number(p, 1) + 1, body);
	free(body);
}

static const struct {
	const char *name;
	void (*write)(struct program *g, const struct phase *p);
} phases[] = {
	{ "alloc", step_alloc }, { "touch", step_touch }, { "malloc", step_malloc },   { "shm", step_shm },
	{ "read", step_file },   { "write", step_file },  { "mapread", step_mapread }, { "mlock", step_mlock },
	{ "free", step_free },   { "sleep", step_ms },    { "spin", step_ms },         { "adj", step_number },
	{ "exit", step_number }, { "loop", step_loop },
};

static struct phase split(char *text)
{
	struct phase p = { .n = 0 };
	char *save, *w;

	for (w = strtok_r(text, " \t\n", &save); w && p.n < MAX_WORDS; w = strtok_r(NULL, " \t\n", &save))
		p.word[p.n++] = w;
	return p;
}

static bool plain_phase(struct program *g, const struct phase *p)
{
	size_t i;

	for (i = 0; i < sizeof(phases) / sizeof(*phases); i++)
		if (!strcmp(word(p, 0), phases[i].name)) {
			phases[i].write(g, p);
			return true;
		}
	snprintf(g->why, SPEC_WHY, "phase '%.40s'", word(p, 0));
	return false;
}

static bool write_program(struct program *g, char *text);

/* The steps of `text` as a list without its brackets; NULL if it holds something unknown. To be freed. */
static char *program_text(const struct program *parent, char *text)
{
	struct program g = { .u = parent->u, .why = parent->why, .heap = parent->heap, .regions = parent->regions,
			     .depth = parent->depth + 1 };
	bool ok;

	if (g.depth > MAX_DEPTH) {
		snprintf(g.why, SPEC_WHY, "forks nested more than %d deep", MAX_DEPTH);
		return NULL;
	}
	g.out = open_memstream(&g.text, &g.len);
	if (!g.out)
		return NULL;
	ok = write_program(&g, text);
	fclose(g.out);
	if (!ok) {
		free(g.text);
		return NULL;
	}
	return g.text;
}

/* fork N GAP ; child | parent: the rest of the line up to the bar is the children's, what follows it the parent's. */
static bool fork_phase(struct program *g, const struct phase *p, char *rest)
{
	char *bar = rest ? strchr(rest, '|') : NULL, *child;
	bool ok = true;

	if (bar)
		*bar++ = 0;
	child = program_text(g, rest);
	if (!child)
		return false;
	begin(g, "{fork: {");
	fprintf(g->out, "count: %.0f, gap: %.0fus, steps: [%s]}}", number(p, 1), number(p, 2) * 1000, child);
	free(child);
	if (bar)
		ok = write_program(g, bar);
	begin(g, "wait");
	return ok;
}

static bool write_program(struct program *g, char *text)
{
	while (text && *text) {
		char *end = strchr(text, ';'), *rest = end ? end + 1 : NULL;
		struct phase p;

		if (end)
			*end = 0;
		p = split(text);
		text = rest;
		if (!p.n)
			continue;
		if (!strcmp(word(&p, 0), "fork"))
			return fork_phase(g, &p, rest);
		if (!plain_phase(g, &p))
			return false;
	}
	return true;
}

/* name=value words between a process's name and the colon. */
static bool attribute(FILE *out, const struct spec_units *u, const char *w, char why[SPEC_WHY])
{
	static const struct {
		const char *key, *yaml, *unit;
	} known[] = { { "start=", "start", "ms" }, { "adj=", "oom_score_adj", "" }, { "nice=", "nice", "" } };
	size_t i;

	if (u->autogroups && !strncmp(w, "nice=", 5))
		return true;
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strncmp(w, known[i].key, strlen(known[i].key))) {
			fprintf(out, "    %s: %ld%s\n", known[i].yaml, strtol(w + strlen(known[i].key), NULL, 10),
				known[i].unit);
			return true;
		}
	if (!strncmp(w, "uid=", 4))
		return true;
	if (!strncmp(w, "cg=", 3)) {
		fprintf(out, "    cgroup: %s\n", w + 3);
		return true;
	}
	snprintf(why, SPEC_WHY, "process attribute '%.40s'", w);
	return false;
}

bool spec_process(FILE *out, const struct spec_units *u, const char *line, char why[SPEC_WHY])
{
	struct program root = { .u = u, .why = why };
	char *copy = strdup(line), *colon = copy ? strchr(copy, ':') : NULL, *steps = NULL;
	const char *uid = strstr(line, "uid=");
	struct phase head;
	bool ok = true;
	int i;

	if (colon) {
		*colon = 0;
		steps = program_text(&root, colon + 1);
		head = split(copy);
		fprintf(out, "  - name: %s\n    uid: %ld\n", word(&head, 0),
			uid && uid < line + (colon - copy) ? strtol(uid + 4, NULL, 10) : 0);
		for (i = 1; i < head.n && ok; i++)
			ok = attribute(out, u, head.word[i], why);
		fputs("    exe: {size: 764KiB, private: 56KiB, vm: 6672KiB, commit: 1696KiB}\n", out);
		if (steps)
			fprintf(out, "    workload: [%s]\n", *steps ? steps : "{exit: 0}");
	} else {
		snprintf(why, SPEC_WHY, "proc line without a colon");
	}
	ok = ok && steps;
	free(steps);
	free(copy);
	return ok;
}

/* ---- the sampler ---- */

#define SAMPLE_MS    50
#define SAMPLED_MOST 48  /* processes in one sample */
#define RAMP_MS      200 /* while children come, their number is set anew so often */

static void sampler_loop(FILE *out, double rounds, double nproc)
{
	double busy_us = 230 + 117 * (nproc < SAMPLED_MOST ? nproc : SAMPLED_MOST);

	fputs("{loop: {", out);
	if (rounds > 0)
		fprintf(out, "count: %.0f, ", rounds);
	fprintf(out, "steps: [{spin: %.0fus}, {sleep: %.0fus}]}}", busy_us, SAMPLE_MS * 1000 - busy_us);
}

/* 0.23 ms and 0.117 ms a process, every 50 ms (docs/recordings-notes.md, 8). */
void spec_sampler(FILE *out, const struct spec_forks *f, double duration_ms)
{
	double t = 0, n;

	fputs("  - name: init\n    init: true\n    oom_score_adj: -1000\n    sched: {policy: fifo, priority: 50}\n"
	      "    exe: {size: 764KiB, private: 0, vm: 6672KiB, commit: 2576KiB}\n    workload: [",
	      out);
	for (; f->children && t < duration_ms; t += RAMP_MS) {
		n = f->gap_ms > 0 ? (t + RAMP_MS / 2 - f->start_ms) / f->gap_ms : f->children;
		n = n < 0 ? 0 : n > f->children ? f->children : n;
		if (f->nproc + n >= SAMPLED_MOST || n == f->children)
			break;
		sampler_loop(out, RAMP_MS / SAMPLE_MS, f->nproc + n);
		fputs(", ", out);
	}
	sampler_loop(out, 0, f->nproc + f->children);
	fputs("]\n", out);
}
