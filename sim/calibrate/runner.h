/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a scenario in this process, with a recorder that keeps what is compared. */
#ifndef OOMSIM_CALIBRATE_RUNNER_H
#define OOMSIM_CALIBRATE_RUNNER_H

#include "sim/guest/outcome.h"
#include "sim/core/diag.h"
#include "sim/world/config.h"

/* A scenario: the file at `path`, or `text` that pretends to lie there (presets are looked for from its folder). */
struct runner_source {
	const char *path, *text;
	const char *kernel;  /* name of the kernel model; NULL: the scenario's own */
	const char *presets, *presets_last; /* as in struct scenario_options; NULL: search */
};

/* SIM_OK and *ret, to be freed with sim_config_free(); else a code, and dl says why. */
int runner_load(const struct runner_source *src, struct sim_config *ret, struct diag_list *dl);
/* Simulate it into *ret, to be freed with outcome_free() in any case. cfg is only read. SIM_OK or a code. */
int runner_simulate(const struct sim_config *cfg, struct outcome *ret);

#endif
