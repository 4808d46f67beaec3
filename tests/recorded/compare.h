/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings beside the simulations made of them. */
#ifndef OOMSIM_TESTS_RECORDED_COMPARE_H
#define OOMSIM_TESTS_RECORDED_COMPARE_H

#include "sim/calibrate/runner.h"
#include "tests/recorded/table.h"

struct compare_request {
	const char *shared;    /* holds recordings/kernels/NAME-KERNEL */
	const char *scenarios; /* folder that the scenarios pretend to lie in, which is where presets are looked for from */
	const char *kernel;    /* recordings of that kernel ("6.1", "6.1+mglru"), or "all" */
	const char *model;     /* simulate this kernel model whatever was recorded; NULL: the recorded one */
	char **name;           /* recordings with these names, with or without -KERNEL; NULL: all */
	int nname;
	unsigned jobs; /* simulations at a time */
};

/* All recordings asked for, by name, each simulated on a machine made from its own facts. Those that no scenario can be made of say
 * so in `why`, and have what was recorded. To be freed with compare_free(). */
struct comparison *compare_recordings(const struct compare_request *q, size_t *ret_n);
void compare_free(struct comparison *c, size_t n);
/* The YAML of each recording asked for, one after the other. */
void compare_print(const struct compare_request *q, FILE *f);
/* recording_read() and a simulation with what is wrong told on stderr; c->ran says whether it ran. */
bool compare_read(const char *dir, struct outcome *ret);
void compare_simulate(const struct runner_source *src, struct comparison *c);
/* Where NAME-KERNEL has its kernel; NULL: nowhere. */
const char *compare_kernel(const char *name);

#endif
