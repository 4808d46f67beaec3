/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bars of fidelity: a statistic of errors over recordings, and what it must not exceed. */
#ifndef OOMSIM_TESTS_RECORDED_BARS_H
#define OOMSIM_TESTS_RECORDED_BARS_H

#include "tests/recorded/measure.h"

enum bar_kind {
	BAR_VICTIMS,    /* share of recordings whose victims differ; one that cannot be simulated differs */
	BAR_FIRST_KILL, /* error of the time to the first kill */
	BAR_EVERY_KILL, /* of each kill */
	BAR_MEASURE,    /* of a figure */
	BAR_CURVE       /* of memory over time */
};

#define BAR_MEAN (-1.0)
#define NO_LIMIT 1e9

struct bar {
	const char *name;
	enum bar_kind kind;
	int of;       /* enum measure_id or enum curve */
	double q;     /* quantile, or BAR_MEAN */
	double limit; /* NO_LIMIT: told, but not judged */
};
extern const struct bar bars[];
extern const size_t nbars;

struct reached {
	double value;
	size_t n; /* how many recordings (kills) have a say */
	bool met; /* also when nothing has a say */
};

/* Over the recordings of that kernel; NULL: of all. */
struct reached bar_reached(const struct bar *b, const struct comparison *c, size_t n, const char *kernel);
/* Append the errors of one recording, none or several, to v, which has room. Returns how many. */
size_t bar_errors(enum bar_kind kind, int of, const struct comparison *c, double *v);
/* Kernels among the recordings, sorted; the array, whose strings lie in the comparisons, is to be freed. */
const char **bar_kernels(const struct comparison *c, size_t n, size_t *ret_n);

#endif
