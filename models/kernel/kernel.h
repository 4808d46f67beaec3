/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A kernel model says what one kernel version does wherever versions differ; the engine asks it instead of knowing versions.
 * One const descriptor a version, listed in models/registry.c. Field comments name the knob of the specification's section K.
 */
#ifndef OOMSIM_MODELS_KERNEL_H
#define OOMSIM_MODELS_KERNEL_H

#include "sim/world/model.h"

extern const struct kernel_model kernel_k6_1;

#endif
