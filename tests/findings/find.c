/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/findings/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

/* A list that grows by one zeroed element; a test has nothing better to do than end when memory has. */
static void *grown(void *list, size_t *n, size_t size)
{
	if (!(*n & (*n - 1)))
		list = realloc(list, (*n ? 2 * *n : 1) * size);
	cr_assert_not_null(list);
	memset((char *)list + *n * size, 0, size);
	++*n;
	return list;
}

#define ADD(f, what, value)                                                                                            \
	do {                                                                                                           \
		(f)->what = grown((f)->what, &(f)->n##what, sizeof(*(f)->what));                                       \
		(f)->what[(f)->n##what - 1] = (value);                                                                 \
	} while (0)

static int on_sample(void *ctx, const struct rec_sample *r)
{
	ADD((struct found *)ctx, sample, *r);
	return 0;
}

static int on_task(void *ctx, const struct rec_task *r)
{
	ADD((struct found *)ctx, task, *r);
	return 0;
}

static int on_event(void *ctx, const struct rec_event *r)
{
	ADD((struct found *)ctx, event, *r);
	return 0;
}

static int on_kill(void *ctx, const struct rec_kill *r)
{
	ADD((struct found *)ctx, kill, *r);
	return 0;
}

static int on_oom(void *ctx, const struct rec_oom_report *r)
{
	struct found_oom o = { .r = *r, .task = calloc(r->ntask + 1, sizeof(*o.task)) };

	cr_assert_not_null(o.task);
	if (r->ntask)
		memcpy(o.task, r->task, r->ntask * sizeof(*o.task));
	o.nzone = r->nzone < ARRAY_LEN(o.zone) ? r->nzone : ARRAY_LEN(o.zone);
	if (o.nzone)
		memcpy(o.zone, r->zone, o.nzone * sizeof(*o.zone));
	ADD((struct found *)ctx, oom, o);
	return 0;
}

static int on_cgroup(void *ctx, const struct rec_cgroup *r)
{
	struct found *f = ctx;
	struct rec_cgroup c = *r;
	size_t i = 0;

	while (i < f->ncgroup && strcmp(f->cgroup[i].path, r->path))
		i++;
	c.path = i < f->ncgroup ? f->cgroup[i].path : strdup(r->path);
	if (i < f->ncgroup)
		f->cgroup[i] = c;
	else
		ADD(f, cgroup, c);
	return 0;
}

static struct found run(const struct sim_config *cfg)
{
	struct found f = { 0 };
	struct recorder rec = { .ctx = &f,
				.sample = on_sample,
				.task = on_task,
				.event = on_event,
				.kill = on_kill,
				.oom = on_oom,
				.cgroup = on_cgroup };
	struct world *w;

	cr_assert_eq(world_new(cfg, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &f.end), SIM_OK);
	world_free(w);
	return f;
}

static struct found load_and_run(const char *path, const char *text, const struct scenario_options *opt)
{
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	struct found f;
	int err = text ? scenario_load_buffer(path, text, strlen(text), opt, &cfg, &dl)
		       : scenario_load(path, opt, &cfg, &dl);

	if (err)
		diag_print(&dl, stderr);
	cr_assert_eq(err, SIM_OK, "%s (the tests of findings run from the top folder)", path);
	diag_list_free(&dl);
	f = run(&cfg);
	sim_config_free(&cfg);
	return f;
}

struct found find_changed(const char *name, const char *kernel, const char *set1, const char *set2)
{
	const char *set[] = { set1, set2 };
	struct scenario_options opt = {
		.preset_dir = "scenarios/presets", .kernel = kernel, .set = set, .nset = !!set1 + !!set2
	};
	char path[200];

	snprintf(path, sizeof(path), "tests/findings/scenarios/%s-%s.yaml", name, kernel);
	if (access(path, R_OK))
		snprintf(path, sizeof(path), "scenarios/recorded/%s.yaml", name);
	return load_and_run(path, NULL, &opt);
}

struct found find_recorded(const char *name, const char *kernel)
{
	return find_changed(name, kernel, NULL, NULL);
}

struct found find_shipped(const char *name)
{
	struct scenario_options opt = { .preset_dir = "scenarios/presets" };
	char path[200];

	snprintf(path, sizeof(path), "scenarios/%s.yaml", name);
	return load_and_run(path, NULL, &opt);
}

struct found find_text(const char *yaml, const char *kernel)
{
	struct scenario_options opt = { .preset_dir = "scenarios/presets", .kernel = kernel };

	return load_and_run("scenarios/finding.yaml", yaml, &opt);
}

void find_free(struct found *f)
{
	for (size_t i = 0; i < f->noom; i++)
		free(f->oom[i].task);
	for (size_t i = 0; i < f->ncgroup; i++)
		free((char *)f->cgroup[i].path);
	free(f->sample), free(f->task), free(f->event), free(f->kill), free(f->oom), free(f->cgroup);
	*f = (struct found){ 0 };
}

const struct rec_sample *find_at(const struct found *f, sim_ns t)
{
	size_t i = 0;

	cr_assert_gt(f->nsample, 0);
	while (i + 1 < f->nsample && f->sample[i + 1].t_ns <= t)
		i++;
	return &f->sample[i];
}

const struct rec_sample *find_last(const struct found *f)
{
	return find_at(f, SIM_NEVER);
}

const struct rec_task *find_task(const struct found *f, const char *comm, sim_ns t)
{
	const struct rec_task *last = NULL;

	for (size_t i = 0; i < f->ntask && f->task[i].t_ns <= t; i++)
		if (!strcmp(f->task[i].comm, comm))
			last = &f->task[i];
	return last;
}

const struct rec_event *find_step(const struct found *f, const char *comm, enum step_op op, size_t n)
{
	for (size_t i = 0; i < f->nevent; i++) {
		const struct rec_event *e = &f->event[i];

		if (e->kind == EV_STEP_END && e->arg[0] == (int64_t)op && !strcmp(e->comm, comm) && !n--)
			return e;
	}
	cr_assert_fail("%s ended no such step", comm);
	return NULL;
}

const struct rec_event *find_event(const struct found *f, enum event_kind kind, size_t n)
{
	for (size_t i = 0; i < f->nevent; i++)
		if (f->event[i].kind == kind && !n--)
			return &f->event[i];
	return NULL;
}

const struct rec_kill *find_victim(const struct found *f, const char *comm)
{
	for (size_t i = 0; i < f->nkill; i++)
		if (!strcmp(f->kill[i].comm, comm))
			return &f->kill[i];
	return NULL;
}

const struct rec_cgroup *find_cgroup(const struct found *f, const char *path)
{
	for (size_t i = 0; i < f->ncgroup; i++)
		if (!strcmp(f->cgroup[i].path, path))
			return &f->cgroup[i];
	cr_assert_fail("there is no cgroup %s", path);
	return NULL;
}

const char *find_victims(const struct found *f)
{
	static char text[1024];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < f->nkill && n < sizeof(text) - 32; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? ", " : "", f->kill[i].comm);
	return text;
}
