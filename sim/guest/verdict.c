/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/verdict.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY_KILLS 12 /* rows shown */
#define SAME_MS    20 /* times this near are the same, however early: about what the start of a few processes takes */
#define LINE       36 /* width of a quantity's name */

double relative_error(double measured, double simulated)
{
	return measured > 0 ? simulated / measured - 1 : NAN;
}

const char *relative_error_text(char *buf, size_t size, double measured, double simulated)
{
	double e = relative_error(measured, simulated);

	if (!(measured > 0))
		snprintf(buf, size, "%s", simulated > 0 ? "new" : "-");
	else if (fabs(e) < 9.995)
		snprintf(buf, size, "%+.1f%%", 100 * e);
	else
		snprintf(buf, size, "x%.0f", 1 + e);
	return buf;
}

double first_kill_ms(const struct outcome *o)
{
	return o->nkill ? o->kill[0].t_ms : NAN;
}

bool phase_sum(const struct outcome *o, const struct oc_phase *like, struct oc_phase *ret)
{
	*ret = *like;
	return outcome_phases(o, like->comm, like->kind, ret);
}

/* The i-th phase of the recording, if it is the first of its process and kind, with all others of these. */
static bool work(const struct verdict *v, size_t i, struct oc_phase *real, struct oc_phase *sim)
{
	const struct oc_phase *p = &v->real->phase[i];

	for (size_t k = 0; k < i; k++)
		if (v->real->phase[k].kind == p->kind && !strcmp(v->real->phase[k].comm, p->comm))
			return false;
	phase_sum(v->real, p, real);
	phase_sum(v->sim, p, sim);
	return true;
}

static bool within(const struct verdict *v, double measured, double simulated)
{
	return measured > 0 ? fabs(relative_error(measured, simulated)) <= v->tolerance : simulated <= 0;
}

static bool same_time(const struct verdict *v, double measured_ms, double simulated_ms)
{
	return fabs(simulated_ms - measured_ms) <= SAME_MS || within(v, measured_ms, simulated_ms);
}

bool verdict_agrees(const struct verdict *v)
{
	struct oc_phase real, sim;

	if (!outcome_same_victims(v->real, v->sim))
		return false;
	for (size_t i = 0; i < v->real->nkill; i++)
		if (!same_time(v, v->real->kill[i].t_ms, v->sim->kill[i].t_ms))
			return false;
	for (size_t i = 0; !v->real->nkill && i < v->real->nphase; i++)
		if (work(v, i, &real, &sim) && !within(v, real.pages, sim.pages))
			return false;
	return true;
}

/* ---- for people ---- */

static void row(FILE *f, const char *name, double measured, double simulated, int decimals)
{
	char e[32];

	fprintf(f, "%-*s %14.*f %14.*f %9s\n", LINE, name, decimals, measured, decimals, simulated,
		relative_error_text(e, sizeof(e), measured, simulated));
}

static const struct oc_kill *kill_of(const struct outcome *o, size_t i)
{
	return i < o->nkill ? &o->kill[i] : NULL;
}

static void print_kill(FILE *f, const struct oc_kill *real, const struct oc_kill *sim)
{
	char name[64];

	if (real && sim && !strcmp(real->comm, sim->comm)) {
		snprintf(name, sizeof(name), "%s killed at, s", real->comm);
		row(f, name, real->t_ms / 1000, sim->t_ms / 1000, 3);
		return;
	}
	if (real)
		fprintf(f, "%s killed at, s%*s %14.3f %14s %9s\n", real->comm, LINE - 13 - (int)strlen(real->comm), "",
			real->t_ms / 1000, "-", "DIFFERS");
	if (sim)
		fprintf(f, "%s killed at, s%*s %14s %14.3f %9s\n", sim->comm, LINE - 13 - (int)strlen(sim->comm), "", "-",
			sim->t_ms / 1000, "DIFFERS");
}

static void print_kills(FILE *f, const struct verdict *v)
{
	size_t n = v->real->nkill > v->sim->nkill ? v->real->nkill : v->sim->nkill, i;

	if (!n)
		fprintf(f, "%-*s %14s %14s %9s\n", LINE, "killed", "nobody", "nobody", "same");
	for (i = 0; i < n && i < MANY_KILLS; i++)
		print_kill(f, kill_of(v->real, i), kill_of(v->sim, i));
	if (n > MANY_KILLS)
		fprintf(f, "%-*s %14zu %14zu\n", LINE, "kills in all", v->real->nkill, v->sim->nkill);
}

static void print_work(FILE *f, const struct verdict *v)
{
	struct oc_phase real, sim;
	char name[64];

	for (size_t i = 0; i < v->real->nphase; i++) {
		if (!work(v, i, &real, &sim))
			continue;
		snprintf(name, sizeof(name), "%s: %s, pages", real.comm, phase_name[real.kind]);
		row(f, name, real.pages, sim.pages, 0);
		snprintf(name, sizeof(name), "%s: %s, ms", real.comm, phase_name[real.kind]);
		if (real.kind != PHASE_MAP)
			row(f, name, real.ms, sim.ms, 0);
	}
}

static void print_cgroups(FILE *f, const struct verdict *v)
{
	char name[128];

	for (size_t i = 0; i < v->real->ncgroup; i++) {
		const struct oc_cgroup *real = &v->real->cgroup[i], *sim = NULL;

		for (size_t k = 0; k < v->sim->ncgroup && !sim; k++)
			if (!strcmp(v->sim->cgroup[k].path, real->path))
				sim = &v->sim->cgroup[k];
		if (!sim)
			continue;
		snprintf(name, sizeof(name), "%s: peak kB", real->path);
		row(f, name, real->peak_kB, sim->peak_kB, 0);
		for (int e = 0; e < CE_COUNT && !real->v1; e++) {
			if (!(real->events[e] > 0) && !(sim->events[e] > 0))
				continue;
			snprintf(name, sizeof(name), "%s: %s", real->path, cgroup_event_name[e]);
			row(f, name, real->events[e], sim->events[e], 0);
		}
	}
}

static void print_notes(FILE *f, const char *notes)
{
	while (notes && *notes) {
		size_t n = strcspn(notes, "\n");

		fprintf(f, "in the guest: %.*s\n", (int)n, notes);
		notes += n + (notes[n] == '\n');
	}
}

void verdict_print(FILE *f, const struct verdict *v)
{
	fprintf(f, "%s: Linux %s in QEMU beside the simulation of %s\n", v->scenario, v->release, v->model);
	print_notes(f, v->notes);
	fprintf(f, "\n%-*s %14s %14s %9s\n", LINE, "", "measured", "simulated", "error");
	print_kills(f, v);
	for (int q = 0; q < Q_COUNT; q++)
		if (v->real->q[q] > 0 || v->sim->q[q] > 0)
			row(f, quantity_name[q], v->real->q[q], v->sim->q[q], 0);
	print_work(f, v);
	print_cgroups(f, v);
	fprintf(f, "\n%s\n", verdict_agrees(v) ? "They agree." : "They differ.");
}

/* ---- for programs ---- */

static json_t *number(double x)
{
	return isnan(x) || isinf(x) ? json_null() : json_real(x);
}

static json_t *pair(double measured, double simulated)
{
	return json_pack("{s:o, s:o, s:o}", "measured", number(measured), "simulated", number(simulated), "error",
			 number(relative_error(measured, simulated)));
}

static json_t *kills(const struct outcome *o)
{
	json_t *a = json_array();

	for (size_t i = 0; i < o->nkill; i++)
		json_array_append_new(a, json_pack("{s:s, s:f}", "comm", o->kill[i].comm, "t_s", o->kill[i].t_ms / 1000));
	return a;
}

static json_t *work_array(const struct verdict *v)
{
	json_t *a = json_array();
	struct oc_phase real, sim;

	for (size_t i = 0; i < v->real->nphase; i++)
		if (work(v, i, &real, &sim))
			json_array_append_new(a, json_pack("{s:s, s:s, s:o, s:o}", "comm", real.comm, "phase", phase_name[real.kind],
							   "pages", pair(real.pages, sim.pages), "ms", pair(real.ms, sim.ms)));
	return a;
}

static json_t *notes_array(const char *notes)
{
	json_t *a = json_array();

	while (notes && *notes) {
		size_t n = strcspn(notes, "\n");

		json_array_append_new(a, json_stringn(notes, n));
		notes += n + (notes[n] == '\n');
	}
	return a;
}

bool verdict_json(FILE *f, const struct verdict *v)
{
	json_t *q = json_object(), *root;
	bool ok;

	for (int i = 0; i < Q_COUNT; i++)
		json_object_set_new(q, quantity_name[i], pair(v->real->q[i], v->sim->q[i]));
	root = json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:f, s:{s:o, s:o}, s:o, s:o}", "schema", "oomsim.compare-kernel/1", "scenario",
			 v->scenario, "kernel", v->release, "model", v->model, "notes", notes_array(v->notes), "agrees",
			 verdict_agrees(v), "tolerance", v->tolerance, "kills", "measured", kills(v->real), "simulated",
			 kills(v->sim), "quantities", q, "work", work_array(v));
	ok = root && !json_dumpf(root, f, JSON_INDENT(1)) && fputc('\n', f) != EOF;
	json_decref(root);
	return ok;
}
