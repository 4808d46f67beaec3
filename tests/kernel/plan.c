/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan's text (sim/guest/plan.h describes it) into *prog. The host's program wrote it, so nothing is checked twice. */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORD  40
#define MAX_DEPTH 64

struct reader {
	plan_fn fn;
	int argc;
	char *argv[MAX_WORD];
	uint32_t open[MAX_DEPTH]; /* steps whose body is being read */
	int depth;
};

static const char *const op_name[OP_COUNT] = {
	"mmap",	"leak",	 "touch", "read", "write",  "mlock",  "munlock", "munmap", "madvise", "fork",	"vfork",
	"clone_vm", "sleep", "spin", "loop", "choose", "branch", "oom_score_adj", "sysctl", "wait", "exit", "cgroup_write",
};

/* %XX, in place. */
static void decode(char *s)
{
	char *to = s;
	unsigned byte;

	for (; *s; s++)
		if (*s == '%' && sscanf(s + 1, "%2x", &byte) == 1) {
			*to++ = (char)byte;
			s += 2;
		} else {
			*to++ = *s;
		}
	*to = 0;
}

static void split(struct reader *r, char *line)
{
	char *save, *w;

	r->argc = 0;
	for (w = strtok_r(line, " \t", &save); w && r->argc < MAX_WORD; w = strtok_r(NULL, " \t", &save)) {
		decode(w);
		r->argv[r->argc++] = w;
	}
}

/* The value of the word "key=value"; "" if there is none. */
static const char *get(const struct reader *r, const char *key)
{
	size_t n = strlen(key);

	for (int i = 1; i < r->argc; i++)
		if (!strncmp(r->argv[i], key, n) && r->argv[i][n] == '=')
			return r->argv[i] + n + 1;
	return "";
}

static uint64_t whole(const struct reader *r, const char *key)
{
	return strtoull(get(r, key), NULL, 10);
}

static int64_t number(const struct reader *r, const char *key)
{
	return strtoll(get(r, key), NULL, 10);
}

static double real(const struct reader *r, const char *key)
{
	return strtod(get(r, key), NULL);
}

static bool flag(const struct reader *r, const char *key)
{
	return *get(r, key) == '1';
}

/* "KIND:P:P" */
static struct dist dist(const struct reader *r, const char *key)
{
	struct dist d = { 0 };

	sscanf(get(r, key), "%u:%lf:%lf", &d.kind, &d.p[0], &d.p[1]);
	return d;
}

static void text(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

/* ---- processes ---- */

static void read_proc(const struct reader *r)
{
	struct proc *p = &prog->proc[prog->nproc++];
	char *delays = strdup(get(r, "delays")), *save, *w;
	int n = 0;

	text(p->comm, sizeof(p->comm), get(r, "comm"));
	p->uid = (uint32_t)whole(r, "uid");
	p->caps = (uint32_t)whole(r, "capabilities");
	p->nice = (int32_t)number(r, "nice");
	p->rt = (uint32_t)whole(r, "rt");
	p->adj = (int32_t)number(r, "oom_score_adj");
	p->threads = (uint32_t)whole(r, "threads");
	p->parent = (int32_t)number(r, "parent");
	p->group = (uint32_t)whole(r, "cgroup");
	p->restart = (uint32_t)whole(r, "restart");
	p->forget = whole(r, "forget");
	for (w = strtok_r(delays, ",", &save); w && n < 8; w = strtok_r(NULL, ",", &save))
		p->delay[n++] = strtoull(w, NULL, 10);
	free(delays);
	p->first = prog->nstep;
}

static void read_instance(const struct reader *r)
{
	struct instance *in = &prog->inst[prog->ninst++];

	text(in->comm, sizeof(in->comm), get(r, "comm"));
	in->proc = (uint32_t)whole(r, "proc");
	in->at = whole(r, "at");
}

/* ---- steps ---- */

static void read_paced(const struct reader *r, struct step *s)
{
	s->rate = real(r, "rate");
	s->batch = whole(r, "batch");
	s->catch_up = whole(r, "catch_up");
	s->duration = whole(r, "duration");
	s->accesses = whole(r, "accesses");
	s->io_size = whole(r, "io_size");
	s->pattern = *get(r, "pattern");
	s->s = real(r, "s");
	s->hot = real(r, "hot");
	s->hot_weight = real(r, "hot_weight");
	s->map_step = whole(r, "map_step");
}

static void read_step(struct reader *r, uint32_t op)
{
	struct step *s = &prog->step[prog->nstep++];
	static const char *const names[] = { "region", "comm", "path" };

	s->op = op;
	for (int i = 0; i < NEL(names); i++)
		if (*get(r, names[i]))
			text(s->region, sizeof(s->region), get(r, names[i]));
	s->kind = *get(r, "kind");
	s->mode = get(r, "op")[0];
	s->shared = flag(r, "shared");
	s->noreserve = flag(r, "noreserve");
	s->readonly = flag(r, "readonly");
	s->exec = flag(r, "exec");
	s->madv_free = flag(r, "free");
	s->file = (uint32_t)whole(r, "file");
	s->size = whole(r, "size");
	s->offset = whole(r, "offset");
	s->count = whole(r, "count");
	s->weight = real(r, "weight");
	s->value = number(r, "value");
	s->time = dist(r, "time");
	read_paced(r, s);
	if (!strcmp(r->argv[r->argc - 1], "{") && r->depth < MAX_DEPTH)
		r->open[r->depth++] = prog->nstep - 1;
}

static void close_body(struct reader *r)
{
	uint32_t i = r->open[--r->depth];

	prog->step[i].body = prog->nstep - i - 1;
}

static bool step_line(struct reader *r)
{
	for (uint32_t i = 0; i < OP_COUNT; i++)
		if (!strcmp(r->argv[0], op_name[i])) {
			read_step(r, i);
			return true;
		}
	return false;
}

/* ---- all of it ---- */

static void head_line(const struct reader *r)
{
	prog->seed = whole(r, "seed");
	prog->sample = whole(r, "sample");
	prog->duration = whole(r, "duration");
	prog->stop_when_idle = (uint32_t)whole(r, "stop_when_idle");
	prog->cgroup_version = (uint32_t)whole(r, "cgroup_version");
	prog->recursiveprot = (uint32_t)whole(r, "memory_recursiveprot");
}

static void read_file(const struct reader *r)
{
	struct file *f = &prog->file[prog->nfile];

	snprintf(f->path, sizeof(f->path), "/d%u/f%u", (unsigned)whole(r, "disk"), prog->nfile++);
	f->size = whole(r, "size");
}

static void plan_line(struct reader *r)
{
	const char *w = r->argv[0];

	if (r->depth && !strcmp(w, "}"))
		close_body(r);
	else if (!strcmp(w, "plan"))
		head_line(r);
	else if (!strcmp(w, "file"))
		read_file(r);
	else if (!strcmp(w, "process"))
		read_proc(r);
	else if (!strcmp(w, "end"))
		prog->proc[prog->nproc - 1].nstep = prog->nstep - prog->proc[prog->nproc - 1].first;
	else if (!strcmp(w, "instance"))
		read_instance(r);
	else if (!step_line(r))
		r->fn(r->argc, r->argv);
}

void plan_read(const char *plan, plan_fn fn)
{
	struct reader r = { .fn = fn };
	char *copy = strdup(plan), *save, *line;

	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		split(&r, line);
		if (r.argc && *r.argv[0] != '#')
			plan_line(&r);
	}
	free(copy);
}
