/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings made by the simulator itself, in a folder of their own. */
#ifndef OOMSIM_TESTS_CALIBRATE_SYNTHETIC_H
#define OOMSIM_TESTS_CALIBRATE_SYNTHETIC_H

#include "sim/calibrate/fit.h"

/* Make a temporary folder and go there; for .init of a suite. The other removes it. The source tree is $top, as text in synthetic_top. */
void synthetic_begin(void);
void synthetic_end(void);
extern char synthetic_top[4096];

/* Write meta.json of a machine of 64 MiB with 32 MiB of swap, on which `spec` is run, and the head of events.tsv, into folder `dir`. */
void synthetic_meta(const char *dir, const char *spec);
/* Write a file of that folder. */
void synthetic_file(const char *dir, const char *name, const char *text);
/* The scenario of the folder, as it would be simulated. To be freed with sim_config_free(). */
void synthetic_config(const char *dir, struct sim_config *ret);
/* Simulate it with these costs and write what came of it as the rest of the recording. */
void synthetic_record(const char *dir, const struct cost_cfg *costs);

#endif
