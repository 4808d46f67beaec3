/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/mm/kmem.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

bool kmem_charge(struct world *w, struct task *t, struct kmem *k, uint32_t bytes, uint32_t gfp)
{
	if (k->bytes + bytes > k->pages * w->cfg->machine.page_size) {
		if (!alloc_slab(w, t, gfp & ~(GFP_HIGHMEM_BIT | GFP_MOVABLE_BIT)))
			return false;
		k->pages++;
		vm_event(w, nr_slab_unreclaimable, 1);
	}
	k->bytes += bytes;
	return true;
}

void kmem_uncharge(struct world *w, struct kmem *k, uint32_t bytes)
{
	uint64_t page = w->cfg->machine.page_size;

	k->bytes -= bytes;
	while (k->pages && (k->pages - 1) * page >= k->bytes) {
		k->pages--;
		w->mm.vmstat[VMSTAT_nr_slab_unreclaimable]--;
		free_kernel(w, 1);
	}
}
