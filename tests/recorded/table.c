/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/measure.h"

#define MAX_VICTIMS    6 /* names shown of a list */
#define TIME_TOLERANCE 0.10
#define TIME_SHARE     0.80
#define SMALL          100 /* counters below this are shown, but not counted in a median */
#define CURVE_POINTS   10

void *xrealloc(void *p, size_t n, size_t size)
{
	void *r = reallocarray(p, n ? n : 1, size);

	if (!r) {
		fprintf(stderr, "recorded: out of memory\n");
		exit(3);
	}
	return r;
}

static const char *seconds(char *buf, size_t size, double ms)
{
	if (isnan(ms))
		snprintf(buf, size, "none");
	else
		snprintf(buf, size, "%.3f s", ms / 1000);
	return buf;
}

void table_kills(FILE *f, const struct comparison *c, size_t n)
{
	char a[32], b[32], e[32], *lost, *got;
	double real, sim;
	size_t i;

	fprintf(f, "%-28s %-8s %12s %12s %8s  %s\n", "recording", "victims", "first kill", "simulated", "error", "who");
	for (i = 0; i < n; i++, c++) {
		real = first_kill_ms(&c->real);
		sim = first_kill_ms(&c->sim);
		lost = outcome_victims(&c->real, MAX_VICTIMS);
		if (!c->ran) {
			fprintf(f, "%-28s %-8s %12s %12s %8s  %s\n", c->name, "NOT RUN", seconds(a, sizeof(a), real),
				"", "", lost);
		} else if (outcome_same_victims(&c->real, &c->sim)) {
			fprintf(f, "%-28s %-8s %12s %12s %8s  %s\n", c->name, "same", seconds(a, sizeof(a), real),
				seconds(b, sizeof(b), sim), relative_error_text(e, sizeof(e), real, sim), lost);
		} else {
			got = outcome_victims(&c->sim, MAX_VICTIMS);
			fprintf(f, "%-28s %-8s %12s %12s %8s  %s; simulated: %s\n", c->name, "DIFFER",
				seconds(a, sizeof(a), real), seconds(b, sizeof(b), sim),
				isnan(sim) ? "" : relative_error_text(e, sizeof(e), real, sim), lost, got);
			free(got);
		}
		free(lost);
	}
}

void table_counters(FILE *f, const struct comparison *c, size_t n)
{
	char e[32];
	size_t i;
	int q;

	fprintf(f, "\n%-28s", "recording");
	for (q = 0; q < Q_COUNT; q++)
		fprintf(f, " | %-24s", quantity_name[q]);
	fputc('\n', f);
	for (i = 0; i < n; i++, c++) {
		fprintf(f, "%-28s", c->name);
		for (q = 0; q < Q_COUNT; q++)
			fprintf(f, " | %7.0f %8.0f %7s", c->real.q[q], c->sim.q[q],
				relative_error_text(e, sizeof(e), c->real.q[q], c->sim.q[q]));
		fputc('\n', f);
	}
}

/* Nothing for recordings without cgroups: a table of its own, one row a cgroup that both know. */
void table_cgroups(FILE *f, const struct comparison *c, size_t n)
{
	struct oc_cgroup *real, *sim;
	bool any = false, equal;
	size_t i, k;
	int e;

	for (i = 0; i < n; i++, c++) {
		for (k = 0; c->ran && k < c->real.ncgroup; k++) {
			real = &c->real.cgroup[k];
			sim = outcome_cgroup((struct outcome *)&c->sim, real->path);
			if (!any)
				fprintf(f, "\n%-28s %-18s %-7s memory.events, measured/simulated; peak and peak swap kB\n", "recording",
					"cgroup", "events");
			any = true;
			for (equal = true, e = 0; e < CE_COUNT; e++)
				equal &= real->v1 || real->events[e] == sim->events[e];
			fprintf(f, "%-28s %-18s %-7s", c->name, real->path, real->v1 ? "v1" : equal ? "equal" : "DIFFER");
			for (e = 0; e < CE_COUNT; e++)
				if (!real->v1 && (real->events[e] > 0 || sim->events[e] > 0))
					fprintf(f, " %s %.0f/%.0f", cgroup_event_name[e], real->events[e], sim->events[e]);
			fprintf(f, "; %.0f/%.0f", real->peak_kB, sim->peak_kB);
			if (real->peak_swap_kB > 0 || sim->peak_swap_kB > 0)
				fprintf(f, "; %.0f/%.0f", real->peak_swap_kB, sim->peak_swap_kB);
			fputc('\n', f);
		}
	}
}

/* Sums of the i-th recorded phase's process and kind, as recorded and as simulated (zeros if it did not end there). False if
 * the i-th is not the first of its process and kind. */
static bool work(const struct comparison *c, size_t i, struct oc_phase *real, struct oc_phase *sim)
{
	const struct oc_phase *p = &c->real.phase[i];
	size_t k;

	for (k = 0; k < i; k++)
		if (c->real.phase[k].kind == p->kind && !strcmp(c->real.phase[k].comm, p->comm))
			return false;
	outcome_phases(&c->real, p->comm, p->kind, real);
	outcome_phases(&c->sim, p->comm, p->kind, sim);
	return true;
}

static void work_row(FILE *f, const struct comparison *c, const struct oc_phase *p, const struct oc_phase *real,
		     const struct oc_phase *sim)
{
	char e[32];

	fprintf(f, "%-28s %-8s %-6s %11.0f %11.0f %8s", c->name, p->comm, phase_name[p->kind], real->pages, sim->pages,
		relative_error_text(e, sizeof(e), real->pages, sim->pages));
	if (p->kind != PHASE_MAP)
		fprintf(f, " %8.0f %8.0f %8s", real->ms, sim->ms, relative_error_text(e, sizeof(e), real->ms, sim->ms));
	fputc('\n', f);
}

void table_work(FILE *f, const struct comparison *c, size_t n)
{
	struct oc_phase real, sim;
	size_t i, k;

	fprintf(f, "\n%-28s %-8s %-6s %11s %11s %8s %8s %8s %8s\n", "recording", "process", "phase", "pages",
		"simulated", "error", "ms", "simul.", "error");
	for (i = 0; i < n; i++, c++)
		for (k = 0; !c->real.nkill && k < c->real.nphase; k++)
			if (work(c, k, &real, &sim))
				work_row(f, c, &c->real.phase[k], &real, &sim);
}

void table_curves(FILE *f, const struct comparison *c)
{
	const struct oc_point zero = { 0 }, *a, *b;
	double t;
	int i;

	fprintf(f, "\n%s, MB measured / simulated\n%9s %15s %15s %15s %15s\n", c->name, "t s", "AnonPages", "free",
		"file", "swap");
	for (i = 0; i <= CURVE_POINTS; i++) {
		t = c->real.end_ms * i / CURVE_POINTS;
		a = outcome_at(&c->real, t);
		b = outcome_at(&c->sim, t);
		a = a ? a : &zero;
		b = b ? b : &zero;
		fprintf(f, "%9.2f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f %7.1f\n", t / 1000, a->anon_kB / 1024,
			b->anon_kB / 1024, a->free_kB / 1024, b->free_kB / 1024, a->file_kB / 1024, b->file_kB / 1024,
			a->swap_kB / 1024, b->swap_kB / 1024);
	}
}

void table_vmstat(FILE *f, const struct comparison *c)
{
	char e[32];
	int i;

	fprintf(f, "\n%s, /proc/vmstat, measured / simulated\n", c->name);
	for (i = 0; i < VMSTAT_COUNT; i++)
		if (!isnan(c->real.vm[i]) && (c->real.vm[i] || c->sim.vm[i]))
			fprintf(f, "%-32s %10.0f %10.0f %8s\n", vmstat_name[i], c->real.vm[i], c->sim.vm[i],
				relative_error_text(e, sizeof(e), c->real.vm[i], c->sim.vm[i]));
}

static void csv_line(FILE *f, const char *name, const char *quantity, double measured, double simulated)
{
	double e = relative_error(measured, simulated);

	fprintf(f, "%s,%s,", name, quantity);
	if (!isnan(measured))
		fprintf(f, "%.3f", measured);
	fputc(',', f);
	if (!isnan(simulated))
		fprintf(f, "%.3f", simulated);
	fputc(',', f);
	if (!isnan(e))
		fprintf(f, "%.5f", e);
	fputc('\n', f);
}

void table_csv(FILE *f, const struct comparison *c, size_t n)
{
	struct oc_phase real, sim;
	char what[64];
	size_t i, k;
	int q;

	fprintf(f, "recording,quantity,measured,simulated,relative_error\n");
	for (i = 0; i < n; i++, c++) {
		if (!c->ran)
			continue;
		csv_line(f, c->name, "same victims", 1, outcome_same_victims(&c->real, &c->sim));
		csv_line(f, c->name, "first kill ms", first_kill_ms(&c->real), first_kill_ms(&c->sim));
		for (q = 0; q < Q_COUNT; q++)
			csv_line(f, c->name, quantity_name[q], c->real.q[q], c->sim.q[q]);
		for (k = 0; k < c->real.nphase; k++)
			if (work(c, k, &real, &sim)) {
				snprintf(what, sizeof(what), "%s %s pages", c->real.phase[k].comm,
					 phase_name[c->real.phase[k].kind]);
				csv_line(f, c->name, what, real.pages, sim.pages);
				snprintf(what, sizeof(what), "%s %s ms", c->real.phase[k].comm,
					 phase_name[c->real.phase[k].kind]);
				csv_line(f, c->name, what, real.ms, sim.ms);
			}
	}
}

static void median_errors(FILE *f, const struct comparison *c, size_t n)
{
	double *v = xrealloc(NULL, n, sizeof(*v));
	size_t i, m;
	int q;

	fprintf(f, "median error:");
	for (q = 0; q < Q_COUNT; q++) {
		for (i = m = 0; i < n; i++)
			if (c[i].ran && c[i].real.q[q] >= (q <= Q_FINAL_SWAP ? 4 * SMALL : SMALL)) /* kB of 100 pages */
				v[m++] = fabs(relative_error(c[i].real.q[q], c[i].sim.q[q]));
		fprintf(f, "%s %s %.1f %% of %zu", q ? "," : "", quantity_name[q], 100 * quantile(v, m, 0.5), m);
	}
	fputc('\n', f);
	free(v);
}

bool table_bars(FILE *f, const struct comparison *c, size_t n)
{
	double *v = xrealloc(NULL, n, sizeof(*v)), e;
	size_t i, same = 0, killed = 0, in_time = 0, m = 0;

	fputc('\n', f);
	median_errors(f, c, n);
	for (i = 0; i < n; i++) {
		same += c[i].ran && outcome_same_victims(&c[i].real, &c[i].sim);
		if (!c[i].real.nkill)
			continue;
		killed++;
		e = c[i].sim.nkill ? fabs(relative_error(first_kill_ms(&c[i].real), first_kill_ms(&c[i].sim)))
				   : INFINITY;
		in_time += e <= TIME_TOLERANCE;
		v[m++] = e;
	}
	fprintf(f,
		"victims the same in %zu of %zu (bar: all); first kill within %.0f %% in %zu of %zu (%.0f %%; bar: "
		"%.0f %%), median error %.2f %%\n",
		same, n, 100 * TIME_TOLERANCE, in_time, killed,
		killed ? 100.0 * (double)in_time / (double)killed : 100.0, 100 * TIME_SHARE,
		killed ? 100 * quantile(v, m, 0.5) : 0.0);
	free(v);
	return same == n && (double)in_time >= TIME_SHARE * (double)killed;
}
