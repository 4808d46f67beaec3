/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading scenarios from text in tests. Runners start at the top of the tree; OOMSIM_TOP says otherwise. */
#ifndef OOMSIM_TESTS_SCENARIO_LOAD_H
#define OOMSIM_TESTS_SCENARIO_LOAD_H

#include "sim/scenario/scenario.h"

/* Path of a file of this checkout, in a buffer that the next call overwrites. */
const char *top_path(const char *path);

/* Load text, which must be right; diagnostics fail the test. */
struct sim_config load_text(const char *text, const struct scenario_options *opt);

/* Load text and return everything that was said, as printed; to be freed. */
char *load_errors(const char *name, const char *text, size_t len, const struct scenario_options *opt, int *ret_err);

/* A scenario around one process's steps ("- leak: ..." lines, unindented), one machine with a disk, a file and swap. */
struct sim_config load_steps(const char *steps);

#endif
