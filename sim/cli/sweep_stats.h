/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sweep's statistics: for each combination the mean of each measure over its runs, and how far it may be off. */
#ifndef OOMSIM_CLI_SWEEP_STATS_H
#define OOMSIM_CLI_SWEEP_STATS_H

#include <stdio.h>

#include "sim/cli/sweep_db.h"

struct estimate {
	size_t n;    /* values that are not NaN */
	double mean; /* NaN: none */
	double half; /* half width of the 95 % confidence interval of the mean, by Student's t; NaN: fewer than 2 values */
};

struct estimate stats_estimate(const double *v, size_t n);
/* A CSV table of all combinations with a run that is done: PATH...,runs, then MEASURE,MEASURE_ci95 for each. */
void stats_write(const struct sweep_db *db, FILE *f);

#endif
