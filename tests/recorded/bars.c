/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/bars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/compare.h"

/* "median" and "p90" of one figure. */
#define COUNTER(name, id)                                                                                              \
	{ name ", median error", BAR_MEASURE, id, 0.5, 0.10 }, { name ", 90th percentile", BAR_MEASURE, id, 0.9, 0.30 }
#define PSI(name, id)	{ name ", median error", BAR_MEASURE, id, 0.5, 0.15 }
#define CURVE(name, id) { name " over time, mean error, share of RAM", BAR_CURVE, id, BAR_MEAN, 0.02 }

const struct bar bars[] = {
	{ "recordings with other victims, or another order", BAR_VICTIMS, 0, BAR_MEAN, 0 },
	{ "time to first kill, median error", BAR_FIRST_KILL, 0, 0.5, 0.03 },
	{ "time to first kill, 95th percentile", BAR_FIRST_KILL, 0, 0.95, 0.10 },
	{ "time to every kill, median error", BAR_EVERY_KILL, 0, 0.5, NO_LIMIT },
	{ "time to every kill, 95th percentile", BAR_EVERY_KILL, 0, 0.95, NO_LIMIT },
	COUNTER("pswpin", M_PSWPIN),
	COUNTER("pswpout", M_PSWPOUT),
	COUNTER("pgmajfault", M_PGMAJFAULT),
	COUNTER("workingset_refault", M_REFAULT),
	PSI("PSI memory some", M_PSI_MEM),
	PSI("PSI memory full", M_PSI_MEM_FULL),
	PSI("PSI io some", M_PSI_IO),
	PSI("PSI io full", M_PSI_IO_FULL),
	PSI("PSI cpu some", M_PSI_CPU),
	CURVE("AnonPages", CURVE_ANON),
	CURVE("file", CURVE_FILE),
	CURVE("free", CURVE_FREE),
};
const size_t nbars = sizeof(bars) / sizeof(*bars);

static size_t kill_errors(const struct comparison *c, size_t most, double *v)
{
	size_t i;

	for (i = 0; c->ran && i < c->real.nkill && i < most; i++)
		v[i] = kill_error(c, i);
	return i;
}

size_t bar_errors(enum bar_kind kind, int of, const struct comparison *c, double *v)
{
	switch (kind) {
	case BAR_VICTIMS:
		*v = !c->ran || !outcome_same_victims(&c->real, &c->sim);
		return 1;
	case BAR_FIRST_KILL:
		return kill_errors(c, 1, v);
	case BAR_EVERY_KILL:
		return kill_errors(c, c->real.nkill, v);
	case BAR_MEASURE:
		*v = measure_error((enum measure_id)of, c);
		return !isnan(*v);
	default:
		*v = curve_error((enum curve)of, c);
		return !isnan(*v);
	}
}

static double mean(const double *v, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i];
	return n ? sum / (double)n : NAN;
}

struct reached bar_reached(const struct bar *b, const struct comparison *c, size_t n, const char *kernel)
{
	struct reached r = { .n = 0 };
	double *v = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (kernel && strcmp(compare_kernel(c[i].name), kernel))
			continue;
		v = xrealloc(v, r.n + c[i].real.nkill + 1, sizeof(*v));
		r.n += bar_errors(b->kind, b->of, &c[i], v + r.n);
	}
	r.value = b->q == BAR_MEAN ? mean(v, r.n) : quantile(v, r.n, b->q);
	r.met = !r.n || r.value <= b->limit;
	free(v);
	return r;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **bar_kernels(const struct comparison *c, size_t n, size_t *ret_n)
{
	const char **k = xrealloc(NULL, n, sizeof(*k));
	size_t i, j, m = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; j < m && strcmp(k[j], compare_kernel(c[i].name)); j++)
			;
		if (j == m)
			k[m++] = compare_kernel(c[i].name);
	}
	qsort(k, m, sizeof(*k), by_text);
	*ret_n = m;
	return k;
}
