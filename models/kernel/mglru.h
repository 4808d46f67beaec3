/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the multi-generational LRU, a set for each stretch of versions that share them (specification D). */
#ifndef OOMSIM_MODELS_KERNEL_MGLRU_H
#define OOMSIM_MODELS_KERNEL_MGLRU_H

#include "sim/world/model.h"

extern const struct mglru_rules mglru_6_1;  /* 6.1, where it first came */
extern const struct mglru_rules mglru_6_12; /* 6.6 to 6.13 */
extern const struct mglru_rules mglru_7_2;  /* 6.14 and later: reworked by flags */

#endif
