/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Badness rules: how a kernel scores a process for the OOM killer. One file a rule, named after the first version that has
 * it; a kernel model points to the rule it uses. A rule ranks and nothing more: who is asked, in what order, and what
 * happens to the winner is the engine's business.
 */
#ifndef OOMSIM_MODELS_BADNESS_H
#define OOMSIM_MODELS_BADNESS_H

#include "sim/world/model.h"

extern const struct badness_ops badness_v5_10; /* 5.9 and later */

#endif
