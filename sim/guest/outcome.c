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

/* Room for one more element, in steps that double: at powers of two the array is full. False: no host memory. */
static bool more(struct outcome *o, void *array, size_t n, size_t size)
{
	void **v = array, *grown;

	if (n & (n - 1))
		return true;
	grown = reallocarray(*v, n ? 2 * n : 1, size);
	if (grown)
		*v = grown;
	else
		o->failed = true;
	return grown;
}

void outcome_add_kill(struct outcome *o, const char *comm, double t_ms)
{
	struct oc_kill *k;

	if (!more(o, &o->kill, o->nkill, sizeof(*o->kill)))
		return;
	k = &o->kill[o->nkill++];
	snprintf(k->comm, sizeof(k->comm), "%s", comm);
	k->t_ms = t_ms;
}

void outcome_add_phase(struct outcome *o, const char *comm, enum phase_kind kind, double pages, double ms)
{
	struct oc_phase *p;

	if (!more(o, &o->phase, o->nphase, sizeof(*o->phase)))
		return;
	p = &o->phase[o->nphase++];
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	p->kind = kind;
	p->pages = pages;
	p->ms = ms;
}

void outcome_add_point(struct outcome *o, const struct oc_point *p)
{
	if (!more(o, &o->point, o->npoint, sizeof(*o->point)))
		return;
	o->point[o->npoint++] = *p;
}

struct oc_cgroup *outcome_cgroup(struct outcome *o, const char *path)
{
	size_t i;

	for (i = 0; i < o->ncgroup; i++)
		if (!strcmp(o->cgroup[i].path, path))
			return &o->cgroup[i];
	if (!more(o, &o->cgroup, o->ncgroup, sizeof(*o->cgroup)))
		return NULL;
	memset(&o->cgroup[i], 0, sizeof(*o->cgroup));
	snprintf(o->cgroup[i].path, sizeof(o->cgroup[i].path), "%s", path);
	o->ncgroup++;
	return &o->cgroup[i];
}

void outcome_free(struct outcome *o)
{
	free(o->kill);
	free(o->phase);
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
