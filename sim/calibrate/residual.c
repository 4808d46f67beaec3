/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/residual.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

#define RATE_LEAST_MS 20
#define CPU_LEAST_MS  100
#define EXIT_LEAST_MS 2
#define EXIT_MOST_MS  2000 /* longer: it slept */
#define PSI_LEAST_MS  100

static double rate(const struct outcome *o, const char *comm, enum phase_kind kind)
{
	struct oc_phase sum;

	return outcome_phases(o, comm, kind, &sum) && sum.ms > 0 && sum.pages > 0 ? sum.pages / sum.ms : NAN;
}

static const struct oc_task *task_of(const struct outcome *o, const char *comm)
{
	size_t i;

	for (i = 0; i < o->ntask; i++)
		if (!strcmp(o->task[i].comm, comm))
			return &o->task[i];
	return NULL;
}

/* From the last thing a process did, or its kill, until it was gone. */
static double exit_took(const struct outcome *o, const char *comm)
{
	const struct oc_task *t = task_of(o, comm);
	double from = NAN;
	size_t i;

	for (i = 0; i < o->nphase; i++)
		if (!strcmp(o->phase[i].comm, comm))
			from = o->phase[i].t_ms;
	for (i = 0; i < o->nkill; i++)
		if (!strcmp(o->kill[i].comm, comm))
			from = o->kill[i].t_ms;
	return t && t->exit_ms > from ? t->exit_ms - from : NAN;
}

double residual_figure(const struct residual *r, const struct outcome *o)
{
	const struct oc_task *t;

	switch (r->figure) {
	case FIG_RATE:
		return rate(o, r->comm, r->kind);
	case FIG_CPU:
		t = task_of(o, r->comm);
		return t && t->cpu_ms > 0 ? t->cpu_ms : NAN;
	case FIG_EXIT:
		return exit_took(o, r->comm);
	case FIG_KILL:
		return o->nkill ? o->kill[0].t_ms : NAN;
	case FIG_PSI_MEM:
		return o->q[Q_PSI_MEM];
	default:
		return o->q[Q_PSI_IO];
	}
}

double residual_value(const struct residual *r, const struct outcome *sim)
{
	double v = residual_figure(r, sim);

	return (v > 0 ? log(v / r->measured) : -1) / r->sigma;
}

void residual_name(const struct residual *r, char *ret, size_t size)
{
	switch (r->figure) {
	case FIG_RATE:
		snprintf(ret, size, "%s %s, pages/ms", r->comm, phase_name[r->kind]);
		return;
	case FIG_CPU:
		snprintf(ret, size, "%s, CPU ms", r->comm);
		return;
	case FIG_EXIT:
		snprintf(ret, size, "%s, exit ms", r->comm);
		return;
	case FIG_KILL:
		snprintf(ret, size, "first kill ms");
		return;
	default:
		snprintf(ret, size, "PSI %s some ms", r->figure == FIG_PSI_MEM ? "memory" : "io");
	}
}

struct list {
	struct residual **v;
	size_t *n, recording;
	bool failed;
};

static void add(struct list *l, struct residual r, const struct outcome *o, double least, double most)
{
	struct residual *bigger;

	r.measured = residual_figure(&r, o);
	r.recording = l->recording;
	if (!(r.measured >= least && r.measured <= most) || l->failed)
		return;
	bigger = reallocarray(*l->v, *l->n + 1, sizeof(*bigger));
	if (!bigger) {
		l->failed = true;
		return;
	}
	*l->v = bigger;
	if (r.figure == FIG_CPU)
		r.sigma = hypot(0.02, 15 / r.measured);
	bigger[(*l->n)++] = r;
}

/* The i-th phase if it is the first of its process and kind. */
static void add_phase(struct list *l, const struct outcome *o, size_t i)
{
	struct residual r = { .figure = FIG_RATE, .kind = o->phase[i].kind };
	struct oc_phase sum;
	size_t k;

	for (k = 0; k < i; k++)
		if (o->phase[k].kind == r.kind && !strcmp(o->phase[k].comm, o->phase[i].comm))
			return;
	snprintf(r.comm, sizeof(r.comm), "%s", o->phase[i].comm);
	if (!outcome_phases(o, r.comm, r.kind, &sum) || sum.ms < RATE_LEAST_MS)
		return;
	r.sigma = hypot(0.01, 0.5 / sum.ms);
	add(l, r, o, 0, INFINITY);
}

static void add_task(struct list *l, const struct outcome *o, const char *comm)
{
	struct residual r = { .figure = FIG_CPU };

	snprintf(r.comm, sizeof(r.comm), "%s", comm);
	add(l, r, o, CPU_LEAST_MS, INFINITY);
	r.figure = FIG_EXIT;
	r.sigma = o->q[Q_PSWPOUT] > 0 ? 0.15 : 0.03;
	add(l, r, o, EXIT_LEAST_MS, EXIT_MOST_MS);
}

int residual_list(const struct outcome *real, size_t recording, struct residual **v, size_t *n)
{
	struct list l = { .v = v, .n = n, .recording = recording };
	size_t i;

	for (i = 0; i < real->nphase; i++)
		add_phase(&l, real, i);
	for (i = 0; i < real->ntask; i++)
		add_task(&l, real, real->task[i].comm);
	add(&l, (struct residual){ .figure = FIG_KILL, .sigma = 0.01 }, real, 0, INFINITY);
	add(&l, (struct residual){ .figure = FIG_PSI_MEM, .sigma = 0.1 }, real, PSI_LEAST_MS, INFINITY);
	add(&l, (struct residual){ .figure = FIG_PSI_IO, .sigma = 0.1 }, real, PSI_LEAST_MS, INFINITY);
	return l.failed ? SIM_ENOMEM : SIM_OK;
}
