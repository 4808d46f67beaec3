/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a scenario in this process, with a recorder that keeps what is compared. */
#ifndef OOMSIM_TESTS_RECORDED_RUNNER_H
#define OOMSIM_TESTS_RECORDED_RUNNER_H

#include "sim/guest/outcome.h"

/* A scenario: the file at `path`, or `text` that pretends to lie there (presets are looked for from its folder). */
struct runner_source {
	const char *path, *text;
	const char *kernel; /* name of the kernel model; NULL: the scenario's own */
};

/* Simulate it into *ret. False, with a message on stderr, when it cannot be loaded or run. Free with outcome_free(). */
bool runner_run(const struct runner_source *src, struct outcome *ret, double *ret_wall_s);
/* Only load it: the version of its kernel model ("6.1"), for finding the recording. */
bool runner_kernel(const char *path, char *ret, size_t size);

#endif
