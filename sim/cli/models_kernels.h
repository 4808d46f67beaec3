/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim models: the kernels, compared and one by one. */
#ifndef OOMSIM_CLI_MODELS_KERNELS_H
#define OOMSIM_CLI_MODELS_KERNELS_H

#include "sim/world/model.h"

/* The table of all kernels and the distributions' names. */
void models_print_kernels(void);
/* Every badness rule that a kernel uses. */
void models_print_badness(void);
/* Every knob of one kernel, with its sources. `name` is what was asked for: if it is a distribution's, that is told too. */
void models_print_kernel(const struct kernel_model *k, const char *name);

#endif
