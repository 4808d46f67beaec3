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
	uint32_t dev;          /* index in w->dev */
	struct waitq wait;
	bool woken, start_all; /* start_all: reclaim wants everything that is dirty now to be written */
	bool dirty_exceeded;   /* its dirtiers look at the limits more often */
	uint64_t nr_dirty, nr_writeback;
	sim_ns last_old_flush; /* when it last looked for data older than dirty_expire */
	uint64_t dirty_ratelimit, balanced_ratelimit; /* pages/s a dirtier may write */
	uint64_t avg_write_bandwidth, write_bandwidth; /* pages/s */
	uint64_t written_stamp, dirtied_stamp, dirtied, written;
	sim_ns bw_time, idle_since;
	sim_ns reported;       /* last EV_DIRTY_THROTTLE: one a second is enough */
};

struct writeback {
	struct flusher *flusher;
	uint32_t nflusher;
	uint64_t dirty_limit;  /* global_wb_domain.dirty_limit: follows the threshold down slowly */
	sim_ns dirty_limit_tstamp;
	uint64_t ratelimit_pages; /* a CPU's dirtiers together look at the limits at least this often */
	uint64_t *dirtied;     /* by CPU: pages dirtied since */
};

int writeback_init(struct world *w);
void writeback_free(struct world *w);
/* Dirty thresholds in pages (global_dirty_limits). */
void dirty_limits(struct world *w, uint64_t *ret_background, uint64_t *ret_dirty);
uint64_t dirtyable_memory(struct world *w);
/* The flusher of ino's disk. */
struct flusher *flusher_of(struct world *w, const struct inode *ino);
/* Let f look for work (background writeback). */
void flusher_wake(struct world *w, struct flusher *f);
/* f has written, or begins to after it had nothing under way: measure its bandwidth (dirty_throttle.c). */
void flusher_estimate(struct world *w, struct flusher *f);
void flusher_begins(struct world *w, struct flusher *f);
/* t has dirtied one more page of ino: throttle it if needed (balance_dirty_pages_ratelimited). may switch. */
void balance_dirty_pages(struct world *w, struct task *t, struct inode *ino);
/* Mark a page-cache page of ino dirty. */
void page_dirty(struct world *w, struct inode *ino, pfn_t p);
/* The write of a page of a file has begun (also counts pgpgout) or ended: flags and counters. */
void page_start_writeback(struct world *w, pfn_t p);
void page_end_writeback(struct world *w, pfn_t p);
/* Reclaim met only dirty pages: wake all flushers. */
void wakeup_flushers(struct world *w);

#endif
