/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Swap's transfers (mm/page_io.c of 6.1): to and from a disk, zram, and zswap before a disk. */
#include "sim/mm/swap.h"
#include "sim/mm/zram.h"
#include "sim/mm/zswap.h"
#include "sim/world/engine.h"

/* ---- writing ---- */

uint64_t swap_device_page(struct world *w, uint32_t slot)
{
	return slot - swap_area_of(w, slot)->base + 1;
}

/* The last refused write was told so; 10 in 5 s are, as by printk_ratelimited(). */
static void report_write_error(struct world *w, struct task *t, struct zram *z, uint32_t slot)
{
	uint64_t sector = swap_device_page(w, slot) * w->cfg->machine.page_size / 512;

	if (!z->error_begin || w->now - z->error_begin >= 5 * NS_PER_SEC) {
		z->error_begin = w->now;
		z->errors_told = 0;
	}
	z->stat.failed_writes++;
	if (z->errors_told++ < 10)
		world_event(w, EV_SWAP_WRITE_ERROR, t->p, z->id, (int64_t)sector, (int64_t)z->pool.pages, 0);
}

/* A write that is done when it returns. */
static enum swap_write written(struct world *w, pfn_t p)
{
	w->mm.f.flags[p] &= (uint16_t)~(F_RECLAIM | F_DIRTY);
	return SWAP_WRITTEN;
}

/* SWP_SYNCHRONOUS_IO */
static enum swap_write write_zram(struct world *w, struct task *t, struct swap_area *a, pfn_t p)
{
	uint32_t slot = w->mm.f.slot[p];

	if (!zram_write(w, t, a->zram, slot - a->base, p)) {
		w->mm.f.flags[p] &= (uint16_t)~F_RECLAIM;
		report_write_error(w, t, a->zram, slot);
		return SWAP_FAILED;
	}
	vm_event(w, pswpout, 1);
	vm_event(w, nr_written, 1);
	if (w->km->zram_bio)
		vm_event(w, pgpgout, w->mm.page_kB);
	return written(w, p);
}

void swap_write_device(struct world *w, struct task *t, pfn_t p)
{
	uint32_t slot = w->mm.f.slot[p];

	w->mm.f.flags[p] &= (uint16_t)~F_DIRTY;
	w->mm.f.flags[p] |= F_WRITEBACK;
	w->mm.vmstat[VMSTAT_nr_writeback]++;
	frame_zone(w, p)->write_pending++;
	vm_event(w, pswpout, 1);
	task_sync(w, t); /* the request begins when its submitter has come this far */
	blk_submit(w, t, swap_area_of(w, slot)->dev, true, swap_device_page(w, slot), p);
}

enum swap_write swap_writepage(struct world *w, struct task *t, pfn_t p)
{
	struct swap_area *a = swap_area_of(w, w->mm.f.slot[p]);

	if (a->zram)
		return write_zram(w, t, a, p);
	if (zswap_store(w, t, w->mm.f.slot[p], p))
		return written(w, p);
	if (w->swap.zswap && !memcg_zswap_writeback(frame_memcg(w, p))) {
		w->mm.f.flags[p] &= (uint16_t)~F_RECLAIM;
		return SWAP_ACTIVATE;
	}
	swap_write_device(w, t, p);
	return SWAP_WRITING;
}

void swap_shrink_pools(struct world *w, int priority)
{
	for (uint32_t i = 0; i < w->swap.narea; i++)
		if (w->swap.area[i].zram)
			zs_shrink(w, &w->swap.area[i].zram->pool, priority);
	if (w->swap.zswap && !w->swap.zswap->zbud)
		zs_shrink(w, &w->swap.zswap->zs, priority);
}

/* ---- reading from compressed memory ---- */

bool swap_is_synchronous(struct world *w, uint32_t slot)
{
	return swap_area_of(w, slot)->zram && w->swap.count[slot] == 1;
}

/* It stalls as waiting for a device would (fault.c: memory_stall). */
bool swap_read_compressed(struct world *w, struct task *t, uint32_t slot, pfn_t p)
{
	struct swap_area *a = swap_area_of(w, slot);
	bool stall = w->mm.f.flags[p] & F_WORKINGSET || w->km->psi_swapin_always_memstall, ok = true;

	if (stall) {
		task_sync(w, t);
		psi_memstall_enter(w, t);
	}
	if (a->zram)
		zram_read(w, t, a->zram, slot - a->base);
	else
		ok = zswap_load(w, t, slot, p);
	if (stall) {
		task_sync(w, t);
		psi_memstall_leave(w, t);
	}
	if (ok)
		w->mm.f.flags[p] &= (uint16_t)~F_LOCKED;
	return ok;
}

void swap_read_synchronous(struct world *w, struct task *t, uint32_t slot, pfn_t p)
{
	vm_event(w, pswpin, 1);
	if (w->km->zram_bio)
		vm_event(w, pgpgin, w->mm.page_kB);
	swap_read_compressed(w, t, slot, p);
}
