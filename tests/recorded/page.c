/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's tables over all recordings, as markdown that can be read on a terminal as well. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/bars.h"
#include "tests/recorded/fidelity.h"
#include "tests/recorded/thrash.h"

#define CELL 32

static const char *share(char ret[CELL], double v)
{
	if (isnan(v))
		snprintf(ret, CELL, "-");
	else if (isinf(v))
		snprintf(ret, CELL, "never");
	else
		snprintf(ret, CELL, fabs(v) < 0.0995 ? "%.2f %%" : "%.1f %%", 100 * v);
	return ret;
}

static const char *verdict(const struct bar *b, const struct reached *r)
{
	return b->limit >= NO_LIMIT ? "" : r->met ? "met" : "**missed**";
}

void page_bars(FILE *f, const struct comparison *c, size_t n)
{
	char a[CELL], l[CELL];
	size_t i;

	fprintf(f, "| %-52s | %9s | %7s | %4s | %-10s |\n|:--|--:|--:|--:|:--|\n", "error", "reached", "bar", "of", "");
	for (i = 0; i < nbars; i++) {
		struct reached r = bar_reached(&bars[i], c, n, NULL);

		fprintf(f, "| %-52s | %9s | %7s | %4zu | %-10s |\n", bars[i].name, share(a, r.value),
			bars[i].limit < NO_LIMIT ? share(l, bars[i].limit) : "", r.n, verdict(&bars[i], &r));
	}
}

void page_kernels(FILE *f, const struct comparison *c, size_t n)
{
	size_t nk, i, k;
	const char **kernel = bar_kernels(c, n, &nk);
	char cell[CELL];

	fprintf(f, "| %-52s |", "error");
	for (k = 0; k < nk; k++)
		fprintf(f, " %12s |", kernel[k]);
	fputs("\n|:--|", f);
	for (k = 0; k < nk; k++)
		fputs("--:|", f);
	for (i = 0; i < nbars; i++) {
		fprintf(f, "\n| %-52s |", bars[i].name);
		for (k = 0; k < nk; k++) {
			struct reached r = bar_reached(&bars[i], c, n, kernel[k]);

			share(cell, r.value);
			if (!r.met)
				snprintf(cell + strlen(cell), CELL - strlen(cell), " **!**");
			fprintf(f, " %12s |", cell);
		}
	}
	fputc('\n', f);
	free(kernel);
}

void page_measures(FILE *f, const struct comparison *c, size_t n)
{
	char median[CELL], p90[CELL];
	struct bar b = { .kind = BAR_MEASURE, .limit = NO_LIMIT };

	fprintf(f, "| %-26s | %-6s | %8s | %9s | %4s |\n|:--|:--|--:|--:|--:|\n", "figure", "unit", "median", "90th p.", "of");
	for (b.of = 0; b.of < M_COUNT; b.of++) {
		struct reached r;

		b.q = 0.5;
		share(median, bar_reached(&b, c, n, NULL).value);
		b.q = 0.9;
		r = bar_reached(&b, c, n, NULL);
		fprintf(f, "| %-26s | %-6s | %8s | %9s | %4zu |\n", measures[b.of].name, measures[b.of].unit, median,
			share(p90, r.value), r.n);
	}
}

static void knees(FILE *f, const struct thrash_point *p, size_t n)
{
	size_t i;

	fprintf(f, "\n| %-12s | %-14s | %-14s |\n|:--|--:|--:|\n", "kernel", "knee, measured", "simulated");
	for (i = 0; i < n; i++)
		if ((!i || strcmp(p[i].kernel, p[i - 1].kernel)) && thrash_knee(p, n, p[i].kernel, false) > 0)
			fprintf(f, "| %-12s | %12.0f %% | %12.0f %% |\n", p[i].kernel,
				thrash_knee(p, n, p[i].kernel, false), thrash_knee(p, n, p[i].kernel, true));
}

void page_thrash(FILE *f, const struct comparison *c, size_t n)
{
	size_t i, m;
	struct thrash_point *p = thrash_points(c, n, &m);
	char e[CELL];

	fprintf(f, "| %-12s | %11s | %14s | %12s | %8s |\n|:--|--:|--:|--:|--:|\n", "kernel", "working set", "accesses/s",
		"simulated", "error");
	for (i = 0; i < m; i++)
		fprintf(f, "| %-12s | %9.0f %% | %14.0f | %12.0f | %8s |\n", p[i].kernel, p[i].percent, p[i].real, p[i].sim,
			share(e, relative_error(p[i].real, p[i].sim)));
	knees(f, p, m);
	free(p);
}

/* ---- the headline ---- */

static void cell(FILE *f, const struct bar *b, const struct comparison *c, size_t n, const char *kernel)
{
	char text[CELL];

	fprintf(f, " %s |", share(text, bar_reached(b, c, n, kernel).value));
}

/* The largest of several figures' medians or means. */
static void worst_cell(FILE *f, enum bar_kind kind, double q, const int *of, size_t nof, const struct comparison *c, size_t n,
		       const char *kernel)
{
	struct bar b = { .kind = kind, .q = q, .limit = NO_LIMIT };
	char text[CELL];
	double most = 0;
	size_t i;

	for (i = 0; i < nof; i++) {
		b.of = of[i];
		most = fmax(most, bar_reached(&b, c, n, kernel).value);
	}
	fprintf(f, " %s |", share(text, most));
}

static void headline_row(FILE *f, const struct comparison *c, size_t n, const char *kernel)
{
	static const int medians[] = { M_PSWPIN, M_PSWPOUT, M_PGMAJFAULT, M_REFAULT };
	static const int psi[] = { M_PSI_MEM, M_PSI_MEM_FULL, M_PSI_IO, M_PSI_IO_FULL, M_PSI_CPU };
	static const int curves[] = { CURVE_ANON, CURVE_FILE, CURVE_FREE };
	struct reached victims = bar_reached(&(struct bar){ .kind = BAR_VICTIMS, .q = BAR_MEAN }, c, n, kernel);
	size_t i;

	fprintf(f, "| %s | %.0f of %zu |", kernel ? kernel : "all", (1 - victims.value) * (double)victims.n, victims.n);
	cell(f, &(struct bar){ .kind = BAR_FIRST_KILL, .q = 0.5 }, c, n, kernel);
	cell(f, &(struct bar){ .kind = BAR_FIRST_KILL, .q = 0.95 }, c, n, kernel);
	for (i = 0; i < sizeof(medians) / sizeof(*medians); i++)
		cell(f, &(struct bar){ .kind = BAR_MEASURE, .of = medians[i], .q = 0.5 }, c, n, kernel);
	worst_cell(f, BAR_MEASURE, 0.5, psi, sizeof(psi) / sizeof(*psi), c, n, kernel);
	worst_cell(f, BAR_CURVE, BAR_MEAN, curves, CURVE_COUNT, c, n, kernel);
	fputc('\n', f);
}

void page_headline(FILE *f, const struct comparison *c, size_t n)
{
	size_t nk, k;
	const char **kernel = bar_kernels(c, n, &nk);

	fputs("| kernel | same victims, same order | first kill, median error | 95th percentile | pswpin | pswpout | pgmajfault | refaults | worst "
	      "of PSI | worst of memory over time, share of RAM |\n|---|---|---|---|---|---|---|---|---|---|\n",
	      f);
	headline_row(f, c, n, NULL);
	for (k = 0; k < nk; k++)
		headline_row(f, c, n, kernel[k]);
	free(kernel);
}
