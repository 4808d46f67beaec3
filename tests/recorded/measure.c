/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/measure.h"

#include <math.h>
#include <stdlib.h>

#define SMALL    100 /* events, pages, ms */
#define SMALL_KB 400

const struct measure measures[M_COUNT] = {
	[M_PEAK_SWAP] = { "peak swap", "kB", SMALL_KB, Q_PEAK_SWAP, -1 },
	[M_FINAL_SWAP] = { "final swap", "kB", SMALL_KB, Q_FINAL_SWAP, -1 },
	[M_PGMAJFAULT] = { "pgmajfault", "events", SMALL, Q_PGMAJFAULT, -1 },
	[M_PSWPIN] = { "pswpin", "pages", SMALL, Q_PSWPIN, -1 },
	[M_PSWPOUT] = { "pswpout", "pages", SMALL, Q_PSWPOUT, -1 },
	[M_PGSCAN_KSWAPD] = { "pgscan_kswapd", "pages", SMALL, -1, VMSTAT_pgscan_kswapd },
	[M_PGSCAN_DIRECT] = { "pgscan_direct", "pages", SMALL, -1, VMSTAT_pgscan_direct },
	[M_PGSTEAL_KSWAPD] = { "pgsteal_kswapd", "pages", SMALL, -1, VMSTAT_pgsteal_kswapd },
	[M_PGSTEAL_DIRECT] = { "pgsteal_direct", "pages", SMALL, -1, VMSTAT_pgsteal_direct },
	[M_REFAULT] = { "workingset_refault", "pages", SMALL, Q_REFAULT, -1 },
	[M_REFAULT_ANON] = { "workingset_refault_anon", "pages", SMALL, -1, VMSTAT_workingset_refault_anon },
	[M_REFAULT_FILE] = { "workingset_refault_file", "pages", SMALL, -1, VMSTAT_workingset_refault_file },
	[M_ACTIVATE_ANON] = { "workingset_activate_anon", "pages", SMALL, -1, VMSTAT_workingset_activate_anon },
	[M_ACTIVATE_FILE] = { "workingset_activate_file", "pages", SMALL, -1, VMSTAT_workingset_activate_file },
	[M_ALLOCSTALL] = { "allocstall", "events", SMALL, Q_ALLOCSTALL, -1 },
	[M_PSI_MEM] = { "PSI memory some", "ms", SMALL, Q_PSI_MEM, -1 },
	[M_PSI_MEM_FULL] = { "PSI memory full", "ms", SMALL, Q_PSI_MEM_FULL, -1 },
	[M_PSI_IO] = { "PSI io some", "ms", SMALL, Q_PSI_IO, -1 },
	[M_PSI_IO_FULL] = { "PSI io full", "ms", SMALL, Q_PSI_IO_FULL, -1 },
	[M_PSI_CPU] = { "PSI cpu some", "ms", SMALL, Q_PSI_CPU, -1 },
};

const char *const curve_name[CURVE_COUNT] = { "AnonPages", "file", "free" };

double measure_value(enum measure_id m, const struct outcome *o)
{
	return measures[m].q >= 0 ? o->q[measures[m].q] : o->vm[measures[m].vm];
}

double measure_error(enum measure_id m, const struct comparison *c)
{
	double real = measure_value(m, &c->real), sim = measure_value(m, &c->sim), small = measures[m].small;

	if (!c->ran || isnan(real) || fmax(real, sim) < small)
		return NAN;
	return fabs(sim - real) / fmax(real, small);
}

double curve_value(enum curve k, const struct oc_point *p)
{
	switch (k) {
	case CURVE_ANON:
		return p->anon_kB;
	case CURVE_FILE:
		return p->file_kB;
	default:
		return p->free_kB;
	}
}

/* Between the samples before and after t_ms. */
static double interpolated(enum curve k, const struct outcome *o, double t_ms)
{
	const struct oc_point *a = outcome_at(o, t_ms), *b = a + 1;

	if (b == o->point + o->npoint || t_ms <= a->t_ms || !(b->t_ms > a->t_ms))
		return curve_value(k, a);
	return curve_value(k, a) + (curve_value(k, b) - curve_value(k, a)) * (t_ms - a->t_ms) / (b->t_ms - a->t_ms);
}

double curve_error(enum curve k, const struct comparison *c)
{
	double sum = 0, time = 0, last = 0, now, gap;
	size_t i;

	if (!c->ran || !c->sim.npoint || !(c->real.ram_kB > 0))
		return NAN;
	for (i = 0; i < c->real.npoint; i++) {
		const struct oc_point *p = &c->real.point[i];

		now = fabs(interpolated(k, &c->sim, p->t_ms) - curve_value(k, p));
		gap = i ? p->t_ms - p[-1].t_ms : 0;
		sum += gap * (now + last) / 2;
		time += gap;
		last = now;
	}
	return time > 0 ? sum / time / c->real.ram_kB : NAN;
}

double kill_error(const struct comparison *c, size_t i)
{
	if (i >= c->sim.nkill)
		return INFINITY;
	return fabs(relative_error(c->real.kill[i].t_ms, c->sim.kill[i].t_ms));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double quantile(double *v, size_t n, double q)
{
	size_t rank;

	if (!n)
		return NAN;
	qsort(v, n, sizeof(*v), by_value);
	if (q == 0.5)
		return (v[(n - 1) / 2] + v[n / 2]) / 2;
	rank = (size_t)ceil(q * (double)n);
	return v[rank ? rank - 1 : 0];
}
