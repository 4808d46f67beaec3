/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices: pages go in by blk_submit(), are merged with their neighbours while plugged or waiting, and come out by
 * io_end_page() when the device is done. A device serves up to queue_depth requests at once; each takes its latency (plus a
 * seek if it does not follow the last one), and all share the bandwidth. When all requests are taken the submitter waits
 * (blk_mq_get_tag), in D state and counted as io wait.
 */
#ifndef OOMSIM_MM_BLK_H
#define OOMSIM_MM_BLK_H

#include "sim/core/units.h"
#include "sim/proc/task.h"
#include "sim/world/config.h"

struct world;
struct blk_req;

struct blkdev {
	const struct blkdev_cfg *cfg;
	uint32_t id;
	unsigned in_flight;          /* at the device */
	unsigned allocated[2];       /* requests that exist, by direction (0 read, 1 write): held against nr_requests or queue_depth */
	struct blk_req *queue_head, *queue_tail; /* waiting in the scheduler */
	struct blk_req *held;        /* throttled: sent to the device and turned away until the next tick */
	struct blk_req *active;      /* at the device, in order of completion time */
	struct blk_req *free;        /* pool */
	struct blk_req **all;        /* every request ever made, to free them */
	uint32_t nall, capall;
	struct blk_bio *free_bio, **all_bio;
	uint32_t nbio, capbio;
	struct waitq tag_wait[2];    /* submitters waiting for a request */
	bool batch_write;            /* the scheduler's current batch: direction, requests in it; read batches since a write */
	unsigned batched, starved;
	uint64_t arrivals;           /* of requests in the queue, to know the oldest */
	struct blk_req *next[2];     /* where the scheduler's sweep goes on, by direction */
	uint64_t head_page;          /* where the medium stands: page after the last request */
	sim_ns bus_free;             /* bandwidth: when the transfer path is free again */
	uint64_t tick_bytes;         /* throttle_tick: bytes given out in the current tick */
	sim_ns tick_end;
	int32_t slot;                /* next completion */
	int32_t tick_slot;           /* throttled: start of the next tick */
	uint64_t nreq[2], npage[2], busy_since; /* statistics */
	uint64_t written_pages, bandwidth_stamp; /* for writeback's bandwidth estimate */
};

/* Bios that a task holds back to merge them (struct blk_plug): up to 32 requests. */
struct plug {
	struct blk_req *head, *tail;
	unsigned n;
};

/* A bio of a file system: pages in a row whose writes end together, when the last of the requests it was split into is done. */
struct blk_bio {
	struct blk_bio *next;        /* in the pool */
	bool open;                   /* pages may yet be added */
	uint32_t requests;           /* not done */
	uint64_t next_page;          /* where the next page would have to lie */
	uint32_t added;              /* pages */
	uint32_t n, cap, *pfn;       /* pages whose requests are done */
};

struct blkdev *blkdev_new(struct world *w, const struct blkdev_cfg *cfg, uint32_t id); /* NULL: out of host memory */
void blkdev_free(struct world *w, struct blkdev *d);

/* Transfer one frame from or to page `page` of the device. t submits: charged with io_submit for each request that starts, may
 * wait for a free request. may switch (only when there is no free request). */
void blk_submit(struct world *w, struct task *t, struct blkdev *d, bool write, uint64_t page, uint32_t pfn);
/* From here until blk_bio_finish() the pages t writes are put together into bios of up to max_pages. */
void blk_bio_start(struct task *t, uint32_t max_pages);
void blk_bio_finish(struct world *w, struct task *t);
void blk_plug_start(struct task *t, struct plug *p); /* no-op when t already has a plug */
/* Send what is held back. Also happens when t goes to sleep. Does not switch: its requests were taken by blk_submit(). */
void blk_plug_finish(struct world *w, struct task *t, struct plug *p);
void blk_plug_flush(struct world *w, struct task *t);
/* Has the device no request left to give (bdi write congested)? */
bool blk_congested(const struct blkdev *d, bool write);

/* io.c: the device is done with this frame. */
void io_end_page(struct world *w, struct blkdev *d, bool write, uint32_t pfn);

#endif
