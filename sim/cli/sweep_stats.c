/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

#include "sim/cli/cli.h"

#define CONFIDENCE 0.95

struct estimate stats_estimate(const double *v, size_t n)
{
	struct estimate e = { n, NAN, NAN };

	if (n)
		e.mean = gsl_stats_mean(v, 1, n);
	if (n >= 2)
		e.half = gsl_cdf_tdist_Pinv((1 + CONFIDENCE) / 2, (double)n - 1) * gsl_stats_sd_m(v, 1, n, e.mean) /
			 sqrt((double)n);
	return e;
}

static void put_number(FILE *f, double v)
{
	if (isnan(v))
		fputc(',', f);
	else
		fprintf(f, ",%.6g", v);
}

/* Measure m over the runs of a point. */
static struct estimate of_point(const struct sweep_db *db, size_t point, size_t m, double *v)
{
	size_t n = 0;

	for (size_t i = point; i < plan_runs(db->plan); i += plan_points(db->plan))
		if (db->row[i].done && !isnan(db->row[i].v[m]))
			v[n++] = db->row[i].v[m];
	return stats_estimate(v, n);
}

static size_t done(const struct sweep_db *db, size_t point)
{
	size_t n = 0;

	for (size_t i = point; i < plan_runs(db->plan); i += plan_points(db->plan))
		n += db->row[i].done;
	return n;
}

static bool listed(const struct sweep_db *db, size_t v)
{
	return db->plan->vary[v].value;
}

static void put_field(FILE *f, const char *s)
{
	struct strbuf field = { 0 };

	csv_field(&field, s);
	fprintf(f, "%s,", field.s ? field.s : "");
	strbuf_free(&field);
}

static void head(const struct sweep_db *db, FILE *f)
{
	for (size_t v = 0; v < db->plan->nvary; v++)
		if (listed(db, v))
			put_field(f, db->plan->vary[v].path);
	fputs("runs", f);
	for (size_t m = 0; m < MEASURE_COUNT; m++)
		fprintf(f, ",%s,%s_ci95", measure_name[m], measure_name[m]);
	fputc('\n', f);
}

static void row(const struct sweep_db *db, size_t point, double *v, FILE *f)
{
	for (size_t k = 0; k < db->plan->nvary; k++) {
		struct strbuf value = { 0 };

		if (!listed(db, k))
			continue;
		plan_value(db->plan, point, k, &value);
		put_field(f, value.s ? value.s : "");
		strbuf_free(&value);
	}
	fprintf(f, "%zu", done(db, point));
	for (size_t m = 0; m < MEASURE_COUNT; m++) {
		struct estimate e = of_point(db, point, m, v);

		put_number(f, e.mean);
		put_number(f, e.half);
	}
	fputc('\n', f);
}

void stats_write(const struct sweep_db *db, FILE *f)
{
	double *v = calloc(db->plan->runs, sizeof(*v));

	if (!v) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		return;
	}
	head(db, f);
	for (size_t p = 0; p < plan_points(db->plan); p++)
		if (done(db, p))
			row(db, p, v, f);
	free(v);
}
