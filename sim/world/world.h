/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's public face: build a world from a configuration, run it, free it. Nothing here does I/O, reads the clock or
 * uses a global; two worlds in one process do not notice each other.
 */
#ifndef OOMSIM_WORLD_WORLD_H
#define OOMSIM_WORLD_WORLD_H

#include "sim/core/alloc.h"
#include "sim/world/config.h"
#include "sim/world/record.h"

struct world;

/* What a run cost, for benchmarks; simulated quantities only. */
struct world_stats {
	uint64_t events;       /* popped from the queue */
	uint64_t switches;     /* entries into a task's coroutine */
	uint64_t frames;       /* page frames simulated */
	uint64_t host_bytes;   /* host memory held by the world now */
	uint64_t host_peak;    /* and at most so far */
};

/* Build a world. `cfg` and `rec` are borrowed and must outlive it. Returns SIM_OK and *ret, or SIM_ENOMEM / SIM_ETOOBIG. */
int world_new(const struct sim_config *cfg, struct recorder *rec, const struct sim_alloc *alloc, struct world **ret);
/* Run to the horizon, idleness or panic. Returns SIM_OK with *ret_end, the recorder's own negative code if it stopped the
 * run, SIM_ENOMEM, or SIM_EBROKEN. */
int world_run(struct world *w, enum run_end *ret_end);
void world_free(struct world *w); /* NULL is fine */
void world_get_stats(const struct world *w, struct world_stats *ret);

#endif
