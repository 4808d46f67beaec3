/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path lengths of kernels that were measured; the models in between take the nearest. */
#ifndef OOMSIM_MODELS_PATHS_H
#define OOMSIM_MODELS_PATHS_H

#include "sim/world/model.h"

extern const struct path_lengths paths_5_10; /* 5.10 and before */
extern const struct path_lengths paths_6_12; /* 6.8 to 6.12 */
extern const struct path_lengths paths_7_2;  /* 7.0 and later */

#endif
