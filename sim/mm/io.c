/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a page's transfer: what was being read is up to date, what was being written is clean. */
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

/* Only those that wait for this very page; others share the hash bucket. */
static void wake_page_waiters(struct world *w, pfn_t p)
{
	struct waitq *q = &w->page_wait[p % ARRAY_LEN(w->page_wait)];

	for (struct task *t = q->head, *next; t; t = next) {
		next = t->wq_next;
		if (t->wait_pfn == p)
			task_wake(w, t);
	}
}

/* folio_end_writeback() */
static void end_write(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];

	if (*flags & F_FILECACHE && !(*flags & F_SWAPBACKED)) {
		page_end_writeback(w, p);
	} else {
		*flags &= (uint16_t)~F_WRITEBACK;
		w->mm.vmstat[VMSTAT_nr_writeback]--;
		frame_zone(w, p)->write_pending--;
		vm_event(w, nr_written, 1);
	}
	reclaim_write_done(w, p);
}

void io_end_page(struct world *w, struct blkdev *d, bool write, uint32_t pfn)
{
	uint16_t *flags = &w->mm.f.flags[pfn];

	(void)d;
	if (write)
		end_write(w, pfn);
	else
		*flags &= (uint16_t)~F_LOCKED;
	wake_page_waiters(w, pfn);
	if (!(*flags & F_ZAPPED) || *flags & F_ISOLATED)
		return;
	*flags &= (uint16_t)~F_ZAPPED;
	if (*flags & F_FILECACHE)
		return;
	page_put_unused(w, pfn);
}
