/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world's host memory: an allocator over the caller's that knows what it has given out. So a world can be thrown
 * away at any moment, with tasks in the middle of a fork or an exit: whatever their stacks alone pointed to goes
 * with the rest.
 */
#ifndef OOMSIM_WORLD_ARENA_H
#define OOMSIM_WORLD_ARENA_H

#include "sim/core/alloc.h"

struct arena_block;

struct arena {
	struct sim_alloc alloc;         /* what to allocate with; its ctx is the arena, which must not move */
	const struct sim_alloc *parent; /* borrowed */
	struct arena_block *first;
	uint64_t bytes, peak; /* held now and at most, block heads included */
};

void arena_init(struct arena *ar, const struct sim_alloc *parent);
/* Free all that is left; the arena may be used again. */
void arena_free_all(struct arena *ar);

#endif
