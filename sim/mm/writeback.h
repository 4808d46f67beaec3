/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dirty limits, the throttling of writers and the flusher threads (mm/page-writeback.c, fs/fs-writeback.c; specification E). */
#ifndef OOMSIM_MM_WRITEBACK_H
#define OOMSIM_MM_WRITEBACK_H

#include "sim/mm/mm.h"
#include "sim/proc/task.h"

struct inode;

/* One flusher a disk (bdi_writeback). */
struct flusher {
	struct task *task;
	uint32_t dev;
	struct waitq wait;
	bool woken;
	uint64_t dirty_ratelimit, balanced_ratelimit; /* pages/s a dirtier may write */
	uint64_t avg_write_bandwidth, write_bandwidth; /* pages/s */
	uint64_t written_stamp, dirtied_stamp, dirtied, written;
	sim_ns bw_time;
};

struct writeback {
	struct flusher *flusher;
	uint32_t nflusher;
	uint64_t dirty_limit;  /* global_wb_domain.dirty_limit: follows the threshold down slowly */
	sim_ns dirty_limit_tstamp;
};

int writeback_init(struct world *w);
void writeback_free(struct world *w);
/* Dirty thresholds in pages (global_dirty_limits). */
void dirty_limits(struct world *w, uint64_t *ret_background, uint64_t *ret_dirty);
uint64_t dirtyable_memory(struct world *w);
/* t has dirtied one more page of ino: throttle it if needed (balance_dirty_pages_ratelimited). may switch. */
void balance_dirty_pages(struct world *w, struct task *t, struct inode *ino);
/* Mark a page-cache page of ino dirty. */
void page_dirty(struct world *w, struct inode *ino, pfn_t p);
/* The write of a page-cache page has begun or ended: counters. */
void page_start_writeback(struct world *w, pfn_t p);
void page_end_writeback(struct world *w, pfn_t p);
/* Reclaim met only dirty pages: wake all flushers. */
void wakeup_flushers(struct world *w);

#endif
