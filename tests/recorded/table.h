/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measured beside simulated: tables for people, a file for programs, and the bars that decide. */
#ifndef OOMSIM_TESTS_RECORDED_TABLE_H
#define OOMSIM_TESTS_RECORDED_TABLE_H

#include <stdio.h>

#include "sim/guest/verdict.h"

/* realloc() or the end of the program: a test has nothing better to do. */
void *xrealloc(void *p, size_t n, size_t size);

/* One recording and its simulation. */
struct comparison {
	char name[64];
	struct outcome real, sim;
	bool ran;      /* false: the scenario could not be loaded or run */
	char why[160]; /* why there is no scenario of this recording; empty: there is one */
	double wall_s;
};

void table_kills(FILE *f, const struct comparison *c, size_t n);
void table_cgroups(FILE *f, const struct comparison *c, size_t n);
void table_counters(FILE *f, const struct comparison *c, size_t n);
/* Work done by the phases that ended and the time it took, in runs that nobody was killed in. */
void table_work(FILE *f, const struct comparison *c, size_t n);
/* Memory over time at ten points, measured and simulated side by side. */
void table_curves(FILE *f, const struct comparison *c);
/* Growth of every counter of /proc/vmstat. */
void table_vmstat(FILE *f, const struct comparison *c);
/* One line "recording,quantity,measured,simulated,relative_error" for each figure. */
void table_csv(FILE *f, const struct comparison *c, size_t n);
/* Print the bars' line. True if both are met: all victims the same, first kill within 10 % in at least 80 %. */
bool table_bars(FILE *f, const struct comparison *c, size_t n);

#endif
