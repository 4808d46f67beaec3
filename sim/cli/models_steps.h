/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workload steps as `oomsim models` shows them. */
#ifndef OOMSIM_CLI_MODELS_STEPS_H
#define OOMSIM_CLI_MODELS_STEPS_H

#include <stdbool.h>

#include "sim/world/config.h"

extern const char *const models_step_name[STEP_OP_COUNT];

/* One line a step. */
void models_print_steps(void);
/* A step with its parameters: kind of value, range, whether it must be given. False if there is no such step. */
bool models_print_step(const char *name);

#endif
