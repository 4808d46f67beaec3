/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files that build and run a world; for sim/world alone. */
#ifndef OOMSIM_WORLD_BUILD_H
#define OOMSIM_WORLD_BUILD_H

#include "sim/world/engine.h"

/* build.c: everything a world is made of, in the order of need. SIM_OK or a negative code. */
int world_build(struct world *w);
/* Give back what does not come from the world's arena. */
void world_demolish(struct world *w);
/* The timer of process starts. */
void world_start_due(struct world *w, void *arg);

/* sysctl.c: what the kernel computes at boot where the configuration says SIM_AUTO. */
void sysctl_defaults(struct world *w);

/* sample.c: a row of the timeline and one of each process. */
void world_emit_sample(struct world *w, struct rec_sample *ret);

#endif
