/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's tables of single recordings. */
#include <math.h>
#include <stdlib.h>

#include "tests/recorded/bars.h"
#include "tests/recorded/fidelity.h"

#define CELL         48
#define MAX_VICTIMS  4
#define FAR_KILL     0.10 /* what is told among the outliers */
#define FAR_COUNTER  0.30
#define FAR_CURVE    0.02

static const enum measure_id shown[] = { M_PGMAJFAULT, M_PSWPIN, M_PSWPOUT, M_REFAULT, M_PSI_MEM, M_PSI_MEM_FULL, M_PSI_IO, M_PSI_IO_FULL };
#define NSHOWN (sizeof(shown) / sizeof(*shown))

static const char *signed_percent(char ret[CELL], double real, double sim)
{
	double e = relative_error(real, sim);

	if (isnan(e))
		snprintf(ret, CELL, "%s", sim > 0 ? "new" : "-");
	else
		snprintf(ret, CELL, fabs(e) < 9.995 ? "%+.1f %%" : "x %.0f", fabs(e) < 9.995 ? 100 * e : 1 + e);
	return ret;
}

static void outside_victims(FILE *f, const struct comparison *c)
{
	char *real, *sim;

	if (*c->why) {
		fprintf(f, "- %s: not simulated, %s\n", c->name, c->why);
		return;
	}
	if (outcome_same_victims(&c->real, &c->sim))
		return;
	real = outcome_victims(&c->real, MAX_VICTIMS);
	sim = outcome_victims(&c->sim, MAX_VICTIMS);
	fprintf(f, "- %s: %s; simulated: %s\n", c->name, real, sim);
	free(real);
	free(sim);
}

static void outside_figures(FILE *f, const struct comparison *c)
{
	double real, sim, e;
	char p[CELL];
	size_t i;
	int k;

	if (c->ran && c->real.nkill && c->sim.nkill && kill_error(c, 0) > FAR_KILL)
		fprintf(f, "- %s: first kill %.3f s, simulated %.3f s\n", c->name, c->real.kill[0].t_ms / 1000, c->sim.kill[0].t_ms / 1000);
	for (i = 0; i < NSHOWN; i++) {
		e = measure_error(shown[i], c);
		real = measure_value(shown[i], &c->real);
		sim = measure_value(shown[i], &c->sim);
		if (!isnan(e) && e > FAR_COUNTER)
			fprintf(f, "- %s: %s %.0f, simulated %.0f (%s)\n", c->name, measures[shown[i]].name, real, sim,
				signed_percent(p, real, sim));
	}
	for (k = 0; k < CURVE_COUNT; k++)
		if (curve_error((enum curve)k, c) > FAR_CURVE)
			fprintf(f, "- %s: %s over time differs by %.1f %% of RAM\n", c->name, curve_name[k], 100 * curve_error((enum curve)k, c));
}

void page_outside(FILE *f, const struct comparison *c, size_t n)
{
	size_t i;

	fputs("Victims differ, or there was nothing to simulate:\n\n", f);
	for (i = 0; i < n; i++)
		outside_victims(f, &c[i]);
	fprintf(f, "\nFirst kill off by more than %.0f %%, a counter or PSI total by more than %.0f %%, a memory curve by more than %.0f %% of RAM:\n\n",
		100 * FAR_KILL, 100 * FAR_COUNTER, 100 * FAR_CURVE);
	for (i = 0; i < n; i++)
		outside_figures(f, &c[i]);
}

static void kill_cells(FILE *f, const struct comparison *c)
{
	double real = first_kill_ms(&c->real), sim = first_kill_ms(&c->sim);
	char p[CELL];

	fprintf(f, " %-6s |", outcome_same_victims(&c->real, &c->sim) ? "same" : "DIFFER");
	if (isnan(real) && isnan(sim))
		fputs("                  |         |", f);
	else if (isnan(real) || isnan(sim))
		fprintf(f, " %16s |         |", isnan(real) ? "new" : "never");
	else
		fprintf(f, " %7.3f/%7.3f | %7s |", real / 1000, sim / 1000, signed_percent(p, real, sim));
}

static void recording_row(FILE *f, const struct comparison *c)
{
	char p[CELL];
	size_t i;
	int k;

	fprintf(f, "| %-26s |", c->name);
	if (!c->ran) {
		fputs(" not simulated |\n", f);
		return;
	}
	kill_cells(f, c);
	for (i = 0; i < NSHOWN; i++) {
		double real = measure_value(shown[i], &c->real), sim = measure_value(shown[i], &c->sim);

		if (real < 0.5 && sim < 0.5)
			fputs("                        |", f);
		else
			fprintf(f, " %6.0f/%6.0f %8s |", real, sim, signed_percent(p, real, sim));
	}
	for (k = 0; k < CURVE_COUNT; k++)
		fprintf(f, " %5.2f %% |", 100 * curve_error((enum curve)k, c));
	fputc('\n', f);
}

void page_recordings(FILE *f, const struct comparison *c, size_t n)
{
	size_t i;
	int k;

	fprintf(f, "| %-26s | %-6s | %16s | %7s |", "recording", "victims", "first kill, s", "error");
	for (i = 0; i < NSHOWN; i++)
		fprintf(f, " %-22s |", measures[shown[i]].name);
	for (k = 0; k < CURVE_COUNT; k++)
		fprintf(f, " %s |", curve_name[k]);
	fputs("\n|:--|:--|--:|--:|", f);
	for (i = 0; i < NSHOWN + CURVE_COUNT; i++)
		fputs("--:|", f);
	fputc('\n', f);
	for (i = 0; i < n; i++)
		recording_row(f, &c[i]);
}
