/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CPU time of operations on a given kernel. */
#ifndef OOMSIM_WORLD_COST_H
#define OOMSIM_WORLD_COST_H

#include "sim/world/config.h"
#include "sim/world/model.h"

/* A machine's costs at a kernel's path lengths (NULL: 6.1's, so unchanged). Rounds down to whole ns. Touching memory, the devices'
 * part and the oom_badness() of a task are the same on all kernels. */
struct cost_cfg cost_on(const struct cost_cfg *machine, const struct path_lengths *p);

/* The same for file pages that are in large folios: what is done once for a folio is shared by its pages. Without such folios equal
 * to cost_on(). */
struct cost_cfg cost_of_large(const struct cost_cfg *machine, const struct path_lengths *p);

#endif
