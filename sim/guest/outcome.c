/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const quantity_name[Q_COUNT] = {
#define X(id, name) [Q_##id] = name,
	QUANTITY_MAP(X)
#undef X
};
const char *const cgroup_event_name[CE_COUNT] = {
#define X(name) #name,
	CGROUP_EVENT_MAP(X)
#undef X
};
const char *const phase_name[PHASE_COUNT] = { "map", "alloc", "touch", "read", "write" };

/* Room for element n of an array, which grows at powers of two so that its length says when. NULL: failed is set. */
static void *room(struct outcome *o, void **array, size_t *n, size_t size)
{
	void *bigger, *element;

	if (!(*n & (*n - 1))) {
		bigger = reallocarray(*array, *n ? 2 * *n : 1, size);
		if (!bigger) {
			o->failed = true;
			return NULL;
		}
		*array = bigger;
	}
	element = (char *)*array + (*n)++ * size;
	memset(element, 0, size);
	return element;
}

#define ROOM(o, array, n) room(o, (void **)&(o)->array, &(o)->n, sizeof(*(o)->array))

void outcome_add_kill(struct outcome *o, const char *comm, double t_ms)
{
	struct oc_kill *k = ROOM(o, kill, nkill);

	if (!k)
		return;
	snprintf(k->comm, sizeof(k->comm), "%s", comm);
	k->t_ms = t_ms;
}

void outcome_add_phase(struct outcome *o, const struct oc_phase *p)
{
	struct oc_phase *at = ROOM(o, phase, nphase);

	if (at)
		*at = *p;
}

void outcome_add_point(struct outcome *o, const struct oc_point *p)
{
	struct oc_point *at = ROOM(o, point, npoint);

	if (at)
		*at = *p;
}

struct oc_task *outcome_task(struct outcome *o, const char *comm)
{
	struct oc_task *t;
	size_t i;

	for (i = 0; i < o->ntask; i++)
		if (!strncmp(o->task[i].comm, comm, COMM_LEN - 1))
			return &o->task[i];
	t = ROOM(o, task, ntask);
	if (t)
		snprintf(t->comm, sizeof(t->comm), "%s", comm);
	return t;
}

struct oc_cgroup *outcome_cgroup(struct outcome *o, const char *path)
{
	struct oc_cgroup *g;
	size_t i;

	for (i = 0; i < o->ncgroup; i++)
		if (!strcmp(o->cgroup[i].path, path))
			return &o->cgroup[i];
	g = ROOM(o, cgroup, ncgroup);
	if (g)
		snprintf(g->path, sizeof(g->path), "%s", path);
	return g;
}

void outcome_free(struct outcome *o)
{
	free(o->kill);
	free(o->phase);
	free(o->task);
	free(o->cgroup);
	free(o->point);
	memset(o, 0, sizeof(*o));
}

bool outcome_same_victims(const struct outcome *a, const struct outcome *b)
{
	size_t i;

	if (a->nkill != b->nkill)
		return false;
	for (i = 0; i < a->nkill; i++)
		if (strcmp(a->kill[i].comm, b->kill[i].comm))
			return false;
	return true;
}

char *outcome_victims(const struct outcome *o, size_t max)
{
	char *text = NULL;
	size_t len, i;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	for (i = 0; i < o->nkill && i < max; i++)
		fprintf(f, "%s%s", i ? ", " : "", o->kill[i].comm);
	if (o->nkill > max)
		fprintf(f, ", ... (%zu)", o->nkill);
	if (!o->nkill)
		fputs("none", f);
	fclose(f);
	return text;
}

bool outcome_phases(const struct outcome *o, const char *comm, enum phase_kind kind, struct oc_phase *ret)
{
	bool found = false;
	size_t i;

	ret->pages = ret->ms = 0;
	for (i = 0; i < o->nphase; i++)
		if (o->phase[i].kind == kind && !strcmp(o->phase[i].comm, comm)) {
			ret->pages += o->phase[i].pages;
			ret->ms += o->phase[i].ms;
			ret->t_ms = o->phase[i].t_ms;
			found = true;
		}
	return found;
}

const struct oc_point *outcome_at(const struct outcome *o, double t_ms)
{
	size_t lo = 0, hi = o->npoint, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (o->point[mid].t_ms <= t_ms)
			lo = mid;
		else
			hi = mid;
	}
	return o->npoint ? &o->point[lo] : NULL;
}
