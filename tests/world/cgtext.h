/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios given as text, and what their cgroups and processes did: for tests that need several steps by name. */
#ifndef OOMSIM_TESTS_WORLD_CGTEXT_H
#define OOMSIM_TESTS_WORLD_CGTEXT_H

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/alloc.h"
#include "sim/core/diag.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

struct cgtext {
	struct sim_config c;
	struct rec_cgroup *row;
	size_t nrow;
	struct rec_event *event;
	size_t nevent, nkill;
};

static inline int cgtext_row(void *ctx, const struct rec_cgroup *r)
{
	struct cgtext *t = ctx;

	t->row = realloc(t->row, (t->nrow + 1) * sizeof(*r));
	t->row[t->nrow++] = *r;
	return 0;
}

static inline int cgtext_event(void *ctx, const struct rec_event *r)
{
	struct cgtext *t = ctx;

	t->event = realloc(t->event, (t->nevent + 1) * sizeof(*r));
	t->event[t->nevent++] = *r;
	return 0;
}

static inline int cgtext_kill(void *ctx, const struct rec_kill *r)
{
	(void)r;
	((struct cgtext *)ctx)->nkill++;
	return 0;
}

/* Two CPUs, half a GiB; `top` are further keys, `rest` begins with cgroups. */
static inline struct cgtext *cgtext_run(const char *fmt, ...)
{
	struct cgtext *t = calloc(1, sizeof(*t));
	struct recorder rec = { .ctx = t, .cgroup = cgtext_row, .event = cgtext_event, .kill = cgtext_kill };
	struct diag_list dl = { 0 };
	struct world *w;
	enum run_end end;
	char text[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (scenario_load_buffer("test.yaml", text, strlen(text), NULL, &t->c, &dl)) {
		for (size_t i = 0; i < dl.n; i++)
			fprintf(stderr, "%u: %s\n", dl.v[i].line, dl.v[i].text);
		cr_assert_fail("the scenario was refused");
	}
	cr_assert_eq(world_new(&t->c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK);
	world_free(w);
	diag_list_free(&dl);
	return t;
}

static inline void cgtext_free(struct cgtext *t)
{
	sim_config_free(&t->c);
	free(t->row);
	free(t->event);
	free(t);
}

/* The last row of a cgroup not after a time in seconds; all 0 if there is none. */
static inline struct rec_cgroup cgtext_at(const struct cgtext *t, const char *path, double s)
{
	struct rec_cgroup r = { 0 };

	for (size_t i = 0; i < t->nrow; i++)
		if (!strcmp(t->row[i].path, path) && (double)t->row[i].t_ns <= s * 1e9)
			r = t->row[i];
	return r;
}

/* The n-th event of a kind about comm (NULL: anybody); the test ends if there is none. */
static inline const struct rec_event *cgtext_event_of(const struct cgtext *t, enum event_kind kind, const char *comm, size_t n)
{
	for (size_t i = 0; i < t->nevent; i++)
		if (t->event[i].kind == kind && (!comm || !strcmp(t->event[i].comm, comm)) && !n--)
			return &t->event[i];
	cr_assert_fail("no such event of kind %d", kind);
	return NULL;
}

static inline size_t cgtext_count(const struct cgtext *t, enum event_kind kind, const char *comm)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nevent; i++)
		n += t->event[i].kind == kind && (!comm || !strcmp(t->event[i].comm, comm));
	return n;
}

#define CG_HEAD(kernel, seconds, more)                                                                                 \
	"kernel: \"" kernel "\"\nduration: " seconds "\nsample: 20ms\nstop_when_idle: false\n" more                    \
	"machine:\n  cpus: 2\n  memory: 512MiB\n"
#define CG_SWAP   "  swap: [{size: 256MiB, device: {read_latency: 80us, write_latency: 80us}}]\n"
#define CG_PROC(name, cgroup, start, steps)                                                                            \
	"  - {name: " name ", cgroup: " cgroup ", start: " start ", exe: {size: 0, private: 0}, workload: [" steps "]}\n"
#define CG_ROOT(start, steps)                                                                                          \
	"  - {name: root, uid: 0, start: " start ", exe: {size: 0, private: 0}, workload: [" steps "]}\n"
#define CG_ANON(size)              "{leak: {region: h, size: " size "}}"
#define CG_ECHO(path, file, value) "{cgroup_write: {cgroup: " path ", file: " file ", value: " value "}}"
#define CG_SLEEP(time)             "{sleep: " time "}"

#endif
