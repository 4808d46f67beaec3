/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Useful work of a thrashing program against the size of its working set: recordings named ws-NNN, NNN % of MemAvailable. */
#ifndef OOMSIM_TESTS_RECORDED_THRASH_H
#define OOMSIM_TESTS_RECORDED_THRASH_H

#include "tests/recorded/table.h"

struct thrash_point {
	const char *kernel; /* in the comparison's name */
	double percent;	    /* working set, % of MemAvailable */
	double real, sim;   /* accesses a second; NaN: the phase did not end */
};

/* By kernel, then by size. To be freed. */
struct thrash_point *thrash_points(const struct comparison *c, size_t n, size_t *ret_n);
/* The knee: the smallest working set of `kernel` with less than a tenth of the accesses of its smallest one, % of MemAvailable; 0 when
 * there is none. */
double thrash_knee(const struct thrash_point *p, size_t n, const char *kernel, bool simulated);

#endif
