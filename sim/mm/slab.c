/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slabs that can shrink, as far as reclaim asks (mm/shrinker.c: do_shrink_slab). */
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* Objects that can be freed, a share that grows as priority falls (do_shrink_slab, seeks 2). */
static uint64_t shrink_objects(struct world *w, const struct node *n, int priority)
{
	uint64_t freeable = w->mm.slab_freeable, delta = (freeable >> priority) * 2, freed;

	w->mm.slab_deferred = u64_min(w->mm.slab_deferred + delta, 2 * freeable);
	if (w->mm.slab_deferred < 128 && w->mm.slab_deferred < freeable)
		return 0;
	freed = u64_min(w->mm.slab_deferred, freeable);
	if (!freed)
		return 0;
	vm_event(w, slabs_scanned, freed);
	w->mm.slab_deferred -= freed;
	w->mm.slab_freeable -= freed;
	w->mm.vmstat[VMSTAT_nr_slab_reclaimable] -= freed;
	free_kernel_on(w, n->id, freed);
	return freed;
}

uint64_t shrink_all_slab(struct world *w)
{
	uint64_t freed = w->mm.slab_freeable;

	w->mm.slab_freeable = w->mm.slab_deferred = 0;
	w->mm.vmstat[VMSTAT_nr_slab_reclaimable] -= freed;
	free_kernel(w, freed);
	return freed;
}

/* What compaction of compressed memory frees is no slab, and does not count as reclaimed. */
uint64_t shrink_slab(struct world *w, const struct node *n, int priority)
{
	swap_shrink_pools(w, priority);
	return shrink_objects(w, n, priority);
}
