/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memory.pressure_level of version 1: how well reclaim for a cgroup, or for the machine, gets on (mm/vmpressure.c of 6.1;
 * specification C.19). Leaves out: the part that sockets ask; passes of the multi-generational LRU over the machine, which
 * the kernel does not count either. */
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#define WINDOW        (SWAP_CLUSTER_MAX * 16)
#define MEDIUM        60
#define CRITICAL      95
#define CRITICAL_PRIO 3 /* ilog2(100 / 10) */

unsigned vmpressure_level(uint64_t scanned, uint64_t reclaimed)
{
	uint64_t scale = scanned + reclaimed, pressure = 0;

	if (reclaimed < scanned) {
		pressure = scale - reclaimed * scale / scanned;
		pressure = pressure * 100 / scale;
	}
	return pressure >= CRITICAL ? 2 : pressure >= MEDIUM ? 1 : 0;
}

void vmpressure(struct world *w, struct memcg *target, uint32_t gfp, uint64_t scanned, uint64_t reclaimed)
{
	struct vmpressure *v;
	unsigned level;

	if (!w->memcg.v1 || !scanned || !(gfp & (GFP_HIGHMEM_BIT | GFP_MOVABLE_BIT | GFP_IO_BIT | GFP_FS_BIT)))
		return;
	target = target ? target : w->memcg.v;
	v = &target->vmpressure;
	v->scanned += scanned;
	v->reclaimed += reclaimed;
	if (v->scanned < WINDOW)
		return;
	level = vmpressure_level(v->scanned, v->reclaimed);
	*v = (struct vmpressure){ 0 };
	memcg_notify_pressure(w, target, level);
}

void vmpressure_prio(struct world *w, struct memcg *target, uint32_t gfp, int priority)
{
	if (priority <= CRITICAL_PRIO)
		vmpressure(w, target, gfp, WINDOW, 0);
}
