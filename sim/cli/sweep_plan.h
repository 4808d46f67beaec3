/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep is to run: every combination of the listed values, and for each of those as many runs as asked for, which differ
 * in their seed and in what is drawn at random. */
#ifndef OOMSIM_CLI_SWEEP_PLAN_H
#define OOMSIM_CLI_SWEEP_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "sim/core/rng.h"
#include "sim/core/strbuf.h"

/* One --vary PATH=... */
struct vary {
	char *path;
	char **value; /* those listed; NULL: drawn from dist */
	size_t nvalue;
	struct sim_dist dist; /* in 1/1000 of unit, or whole numbers without one */
	char unit[16];
};

struct sweep_plan {
	struct vary *vary;
	size_t nvary;
	uint64_t seed; /* of the first run of each combination; the next have the next */
	size_t runs;   /* of each combination */
};

/* Add "PATH=A,B,C" (commas inside brackets, braces and quotes part nothing) or "PATH=NAME(P,Q)UNIT" with uniform, exponential,
 * gaussian or constant. False: cannot be read, and *reterr (static text) says why; out of memory included. */
bool plan_add(struct sweep_plan *p, const char *text, const char **reterr);
/* Number of combinations, and of runs. SIZE_MAX: more than can be. */
size_t plan_points(const struct sweep_plan *p);
size_t plan_runs(const struct sweep_plan *p);
/* Run i is of combination i modulo their number, so that more runs come behind those there are. */
size_t plan_point(const struct sweep_plan *p, size_t i);
/* The value of vary v in run i, appended. Listed values vary fastest in the last --vary. */
void plan_value(const struct sweep_plan *p, size_t i, size_t v, struct strbuf *ret);
uint64_t plan_seed(const struct sweep_plan *p, size_t i);
void plan_free(struct sweep_plan *p);

#endif
