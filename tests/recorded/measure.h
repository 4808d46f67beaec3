/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured of a run, how far a simulation is from its recording in it, and order statistics of such errors. */
#ifndef OOMSIM_TESTS_RECORDED_MEASURE_H
#define OOMSIM_TESTS_RECORDED_MEASURE_H

#include "tests/recorded/table.h"

/* A figure of /proc that counts or adds up over a run. */
struct measure {
	const char *name; /* the kernel's own where there is one */
	const char *unit; /* "kB", "pages", "events", "ms" */
	double small;     /* 100 events or pages, 100 ms: where both sides are below, the figure is shown but not counted */
	int q;            /* of enum quantity, or -1: */
	int vm;           /* of enum vmstat_item */
};

enum measure_id {
	M_PEAK_SWAP,
	M_FINAL_SWAP,
	M_PGMAJFAULT,
	M_PSWPIN,
	M_PSWPOUT,
	M_PGSCAN_KSWAPD,
	M_PGSCAN_DIRECT,
	M_PGSTEAL_KSWAPD,
	M_PGSTEAL_DIRECT,
	M_REFAULT,
	M_REFAULT_ANON,
	M_REFAULT_FILE,
	M_ACTIVATE_ANON,
	M_ACTIVATE_FILE,
	M_ALLOCSTALL,
	M_PSI_MEM,
	M_PSI_MEM_FULL,
	M_PSI_IO,
	M_PSI_IO_FULL,
	M_PSI_CPU,
	M_COUNT
};
extern const struct measure measures[M_COUNT];

/* NaN where the kernel has no such counter. */
double measure_value(enum measure_id m, const struct outcome *o);
/* |simulated - measured| / max(measured, small); NaN when the figure does not count. */
double measure_error(enum measure_id m, const struct comparison *c);

/* Memory over time. */
enum curve { CURVE_ANON, CURVE_FILE, CURVE_FREE, CURVE_COUNT };
extern const char *const curve_name[CURVE_COUNT];
double curve_value(enum curve k, const struct oc_point *p);
/* Mean over the recording's time of |simulated - measured| as a share of RAM, by the trapezoid rule over the recording's samples;
 * the simulation is interpolated between its own, and keeps its last value when it ended earlier. NaN without samples. */
double curve_error(enum curve k, const struct comparison *c);

/* |simulated / measured - 1| of the i-th kill; INFINITY when the simulation has none. */
double kill_error(const struct comparison *c, size_t i);

/* The q-quantile of n values (sorted by this) by nearest rank, the median of an even number being the mean of the middle two; NaN
 * of none. */
double quantile(double *v, size_t n, double q);

#endif
