/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model there is, in visible NULL-terminated tables. To add one: one file, one line here. */
#ifndef OOMSIM_MODELS_REGISTRY_H
#define OOMSIM_MODELS_REGISTRY_H

#include "sim/world/model.h"

extern const struct kernel_model *const kernel_models[];

/* The kernel model of that name ("k6.1", or a bare "6.1"), or NULL. */
const struct kernel_model *kernel_model_find(const char *name);

#endif
