/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices, as block/blk-mq.c and block/mq-deadline.c (6.1) treat them.
 *
 * A request is taken (a tag) when its first page is submitted, and given back when the device is done with it; in
 * between it is held in its submitter's plug, waits in the device's queue, and is in flight. Devices with nr_requests
 * have a scheduler: the queue is sorted and merged, reads go before writes in batches of 16, writes at the latest after
 * two batches of reads, and nothing waits longer than its deadline. Devices without serve in order of arrival and merge
 * in plugs alone.
 *
 * throttle_tick is null_blk's way to limit bandwidth (drivers/block/null_blk/main.c, null_handle_throttled): a budget
 * of bytes each tick, requests beyond it wait for the next. Such a device has no transfer time; its latency is
 * constant.
 *
 * Leaves out: several hardware queues, the priorities and the asynchronous depth of mq-deadline, wake batches of tags.
 */
#include "sim/mm/bio.h"
#include "sim/mm/blk.h"

#include <string.h>

#include "sim/world/engine.h"

#define PLUG_REQUESTS  32  /* BLK_MAX_REQUEST_COUNT */
#define PLUG_FLUSH_KB  128 /* BLK_PLUG_FLUSH_SIZE */
#define FIFO_BATCH     16  /* mq-deadline: fifo_batch */
#define WRITES_STARVED 2   /* writes_starved */
#define READ_EXPIRE    (NS_PER_SEC / 2)
#define WRITE_EXPIRE   (5 * NS_PER_SEC)

struct blk_req {
	struct blk_req *next; /* in the plug, the queue, in flight, or in the pool */
	struct blkdev *d;
	struct blk_bio *bio; /* whose pages these are; NULL: each for itself */
	bool write;
	uint64_t page;
	uint32_t n, cap; /* pages */
	uint32_t *pfn;
	sim_ns ready;    /* by when the CPU time of its submission has passed */
	sim_ns deadline; /* of the scheduler */
	uint64_t arrival;
	sim_ns done;
};

static void completion(struct world *w, void *arg);
static void next_tick(struct world *w, void *arg);

/* ---- devices and their pool of requests ---- */

struct blkdev *blkdev_new(struct world *w, const struct blkdev_cfg *cfg, uint32_t id)
{
	struct blkdev *d = sim_calloc(w->a, 1, sizeof(*d));

	if (!d)
		return NULL;
	d->cfg = cfg;
	d->id = id;
	d->slot = world_slot_new(w, completion, d);
	d->tick_slot = world_slot_new(w, next_tick, d);
	if (d->slot < 0 || d->tick_slot < 0) {
		blkdev_free(w, d);
		return NULL;
	}
	return d;
}

void blkdev_free(struct world *w, struct blkdev *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; i < d->nall; i++) {
		sim_free(w->a, d->all[i]->pfn);
		sim_free(w->a, d->all[i]);
	}
	sim_free(w->a, d->all);
	bio_free_all(w, d);
	sim_free(w->a, d);
}

static struct blk_req *req_new(struct world *w, struct blkdev *d)
{
	struct blk_req *r;

	if (d->nall == d->capall) {
		uint32_t cap = d->capall ? 2 * d->capall : 64;
		struct blk_req **all = sim_realloc(w->a, d->all, cap * sizeof(*all));

		if (!all)
			return NULL;
		d->all = all;
		d->capall = cap;
	}
	r = sim_calloc(w->a, 1, sizeof(*r));
	if (r)
		d->all[d->nall++] = r;
	return r;
}

static bool req_reserve(struct world *w, struct blk_req *r, uint32_t n)
{
	uint32_t cap = r->cap ? r->cap : 8, *pfn;

	if (n <= r->cap)
		return true;
	while (cap < n)
		cap *= 2;
	pfn = sim_realloc(w->a, r->pfn, cap * sizeof(*pfn));
	if (!pfn) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	r->pfn = pfn;
	r->cap = cap;
	return true;
}

/* ---- tags ---- */

static bool has_tag(const struct blkdev *d, bool write)
{
	if (d->cfg->nr_requests)
		return d->allocated[write] < d->cfg->nr_requests;
	return d->allocated[0] + d->allocated[1] < d->cfg->queue_depth;
}

bool blk_congested(const struct blkdev *d, bool write)
{
	return !has_tag(d, write);
}

/* The tag and a request to go with it; may switch while there is none. NULL: out of host memory. */
static struct blk_req *req_get(struct world *w, struct task *t, struct blkdev *d, bool write)
{
	sim_ns start = w->now + t->pending;
	struct blk_req *r;

	if (!has_tag(d, write)) {
		while (!has_tag(d, write))
			task_wait_io(w, t, &d->tag_wait[write], TASK_UNINTERRUPTIBLE, SIM_NEVER);
		t->delay_blkio += u64_sub0(w->now, start);
	}
	r = d->free;
	if (r)
		d->free = r->next;
	else
		r = req_new(w, d);
	if (!r || !req_reserve(w, r, 1)) {
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	d->allocated[write]++;
	d->nreq[write]++;
	r->d = d;
	r->write = write;
	r->bio = NULL;
	r->next = NULL;
	return r;
}

/* Without a scheduler reads and writes share the tags. */
static void req_put(struct world *w, struct blk_req *r)
{
	struct blkdev *d = r->d;
	struct waitq *q = &d->tag_wait[r->write];

	d->allocated[r->write]--;
	r->next = d->free;
	d->free = r;
	if (!q->head && !d->cfg->nr_requests)
		q = &d->tag_wait[!r->write];
	if (w->km->tags_wake_all && !d->cfg->nr_requests)
		waitq_wake_all(w, q);
	else
		waitq_wake_one(w, q);
}

/* ---- merging ---- */

static uint32_t max_pages(const struct world *w, const struct blkdev *d)
{
	return (uint32_t)u64_max(d->cfg->max_sectors_kb / w->mm.page_kB, 1);
}

/* Put n pages that begin at `page` before or behind r, if they lie there and it does not become too large. */
static bool merge(struct world *w, struct blk_req *r, struct blk_bio *bio, bool write, uint64_t page, const uint32_t *pfn, uint32_t n)
{
	if (r->write != write || r->bio != bio || r->n + n > max_pages(w, r->d))
		return false;
	if (page == r->page + r->n) {
		if (!req_reserve(w, r, r->n + n))
			return false;
		memcpy(r->pfn + r->n, pfn, n * sizeof(*pfn));
	} else if (page + n == r->page) {
		if (!req_reserve(w, r, r->n + n))
			return false;
		memmove(r->pfn + n, r->pfn, r->n * sizeof(*pfn));
		memcpy(r->pfn, pfn, n * sizeof(*pfn));
		r->page = page;
	} else {
		return false;
	}
	r->n += n;
	return true;
}

static bool merge_with_queue(struct world *w, struct blkdev *d, struct blk_bio *bio, bool write, uint64_t page,
			     const uint32_t *pfn, uint32_t n)
{
	for (struct blk_req *r = d->cfg->nr_requests ? d->queue_head : NULL; r && r->page <= page + n; r = r->next)
		if (merge(w, r, bio, write, page, pfn, n))
			return true;
	return false;
}

/* ---- the queue: by page when there is a scheduler ---- */

static void queue_insert(struct world *w, struct blkdev *d, struct blk_req *r)
{
	struct blk_req **at = &d->queue_head;

	r->next = NULL;
	r->arrival = d->arrivals++;
	r->deadline = w->now + (r->write ? WRITE_EXPIRE : READ_EXPIRE);
	if (d->queue_tail && (!d->cfg->nr_requests || d->queue_tail->page <= r->page)) {
		d->queue_tail->next = r;
		d->queue_tail = r;
		return;
	}
	while (*at && (*at)->page <= r->page)
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	if (!r->next)
		d->queue_tail = r;
}

/* The next of r's direction behind it. */
static struct blk_req *latter(const struct blk_req *r)
{
	struct blk_req *n = r->next;

	while (n && n->write != r->write)
		n = n->next;
	return n;
}

static void queue_remove(struct blkdev *d, struct blk_req *r)
{
	struct blk_req *prev = NULL;

	d->next[r->write] = latter(r);
	for (struct blk_req *q = d->queue_head; q != r; q = q->next)
		prev = q;
	*(prev ? &prev->next : &d->queue_head) = r->next;
	if (d->queue_tail == r)
		d->queue_tail = prev;
	r->next = NULL;
}

static void find_oldest(const struct blkdev *d, struct blk_req *oldest[2])
{
	oldest[0] = oldest[1] = NULL;
	for (struct blk_req *r = d->queue_head; r; r = r->next)
		if (!oldest[r->write] || r->arrival < oldest[r->write]->arrival)
			oldest[r->write] = r;
}

/*
 * Who goes next (__dd_dispatch_request): the batch goes on as long as it had a successor when its last request left;
 * else reads, unless writes have waited for two batches. A new batch begins where the direction's sweep stands, or with
 * the oldest if that is past its deadline or the sweep had come to its end.
 */
static struct blk_req *deadline_pick(const struct world *w, struct blkdev *d)
{
	struct blk_req *oldest[2], *r = d->next[d->batch_write];
	bool write;

	if (r && d->batched < FIFO_BATCH) {
		d->batched++;
		return r;
	}
	find_oldest(d, oldest);
	write = !oldest[0] || (oldest[1] && d->starved >= WRITES_STARVED);
	d->starved = !write && oldest[1] ? d->starved + 1 : 0;
	d->batch_write = write;
	d->batched = 1;
	r = d->next[write];
	return r && oldest[write]->deadline > w->now ? r : oldest[write];
}

/* ---- the device ---- */

static uint64_t bandwidth(const struct blkdev *d, bool write)
{
	return write ? d->cfg->write_bandwidth : d->cfg->read_bandwidth;
}

/* Is r's turn only in the next tick? A request larger than a whole budget goes alone. */
static bool throttled(struct world *w, struct blkdev *d, const struct blk_req *r)
{
	sim_ns tick = d->cfg->throttle_tick;
	uint64_t bytes = r->n * w->mm.page_kB * KIB, bw = bandwidth(d, r->write);

	if (!tick || !bw)
		return false;
	if (w->now >= d->tick_end) {
		d->tick_end = (w->now / tick + 1) * tick;
		d->tick_bytes = 0;
	}
	if (d->tick_bytes && d->tick_bytes + bytes > u64_muldiv(bw, tick, NS_PER_SEC)) {
		evq_arm(w->evq, d->tick_slot, d->tick_end, EVC_IO);
		return true;
	}
	d->tick_bytes += bytes;
	return false;
}

/* Latency (and seek), then the transfer, one at a time. */
static sim_ns service_end(struct world *w, struct blkdev *d, const struct blk_req *r)
{
	uint64_t bw = bandwidth(d, r->write);
	sim_ns t = u64_max(w->now, r->ready) + (r->write ? d->cfg->write_latency : d->cfg->read_latency);

	if (r->page != d->head_page)
		t += d->cfg->seek;
	if (!bw || d->cfg->throttle_tick)
		return t;
	d->bus_free = u64_max(t, d->bus_free) + u64_muldiv(r->n * w->mm.page_kB * KIB, NS_PER_SEC, bw);
	return d->bus_free;
}

static void issue(struct world *w, struct blkdev *d, struct blk_req *r)
{
	struct blk_req **at = &d->active;

	r->done = service_end(w, d, r);
	d->head_page = r->page + r->n;
	d->in_flight++;
	while (*at && (*at)->done <= r->done)
		at = &(*at)->next;
	r->next = *at;
	*at = r;
	evq_arm(w->evq, d->slot, d->active->done, EVC_IO);
}

static struct blk_req *take_next(const struct world *w, struct blkdev *d)
{
	struct blk_req *r = d->held;

	if (r) {
		d->held = NULL;
	} else {
		r = d->cfg->nr_requests ? deadline_pick(w, d) : d->queue_head;
		queue_remove(d, r);
	}
	return r;
}

/* What the device turns away goes first when it takes requests again, and can no longer be merged with. */
static void dispatch(struct world *w, struct blkdev *d)
{
	while ((d->held || d->queue_head) && d->in_flight < d->cfg->queue_depth &&
	       evq_when(w->evq, d->tick_slot) == SIM_NEVER) {
		struct blk_req *r = take_next(w, d);

		if (throttled(w, d, r))
			d->held = r;
		else
			issue(w, d, r);
	}
}

static void next_tick(struct world *w, void *arg)
{
	dispatch(w, arg);
}

static void finish(struct world *w, struct blkdev *d, struct blk_req *r)
{
	const struct cost_cfg *cost = &w->cost;

	d->active = r->next;
	d->in_flight--;
	d->npage[r->write] += r->n;
	if (r->write)
		d->written_pages += r->n;
	sched_irq(w, cost->io_complete + r->n * cost->io_complete_page);
	if (r->bio)
		bio_request_done(w, d, r->bio, r->pfn, r->n);
	for (uint32_t i = 0; !r->bio && i < r->n; i++)
		io_end_page(w, d, r->write, r->pfn[i]);
	req_put(w, r);
}

static void completion(struct world *w, void *arg)
{
	struct blkdev *d = arg;

	while (d->active && d->active->done <= w->now)
		finish(w, d, d->active);
	if (d->active)
		evq_arm(w->evq, d->slot, d->active->done, EVC_IO);
	dispatch(w, d);
}

/* ---- submission ---- */

/* A request leaves its submitter: a neighbour that already waits takes it in, or it joins the queue. */
static void enqueue(struct world *w, const struct task *t, struct blk_req *r)
{
	r->ready = w->now + t->pending;
	if (merge_with_queue(w, r->d, r->bio, r->write, r->page, r->pfn, r->n)) {
		r->d->nreq[r->write]--;
		if (r->bio)
			r->bio->requests--;
		req_put(w, r);
	} else {
		queue_insert(w, r->d, r);
	}
}

void blk_plug_flush(struct world *w, struct task *t)
{
	struct plug *p = t->plug;
	struct blk_req *r = p ? p->head : NULL;

	if (!r)
		return;
	p->head = p->tail = NULL;
	p->n = 0;
	while (r) {
		struct blk_req *next = r->next;
		struct blkdev *d = r->d;

		enqueue(w, t, r);
		if (!next || next->d != d)
			dispatch(w, d);
		r = next;
	}
}

void blk_plug_start(struct task *t, struct plug *p)
{
	*p = (struct plug){ 0 };
	if (!t->plug)
		t->plug = p;
}

void blk_plug_finish(struct world *w, struct task *t, struct plug *p)
{
	if (t->plug != p)
		return;
	blk_plug_flush(w, t);
	t->plug = NULL;
}

static void plug_add(struct world *w, struct task *t, struct blk_req *r)
{
	struct plug *p = t->plug;

	if (p->n >= PLUG_REQUESTS || (p->tail && p->tail->n * w->mm.page_kB >= PLUG_FLUSH_KB))
		blk_plug_flush(w, t);
	if (p->tail)
		p->tail->next = r;
	else
		p->head = r;
	p->tail = r;
	p->n++;
}

static bool merge_with_plug(struct world *w, const struct task *t, struct blkdev *d, struct blk_bio *bio, bool write,
			    uint64_t page, uint32_t pfn)
{
	struct blk_req *last = t->plug ? t->plug->tail : NULL;

	return last && last->d == d && merge(w, last, bio, write, page, &pfn, 1);
}

void blk_submit(struct world *w, struct task *t, struct blkdev *d, bool write, uint64_t page, uint32_t pfn)
{
	struct blk_bio *bio = write ? bio_for(w, t, d, page) : NULL;
	struct blk_req *r;

	if (write)
		vm_event(w, pgpgout, w->mm.page_kB);
	else
		vm_event(w, pgpgin, w->mm.page_kB);
	if (merge_with_plug(w, t, d, bio, write, page, pfn) || merge_with_queue(w, d, bio, write, page, &pfn, 1))
		return;
	r = req_get(w, t, d, write);
	if (!r)
		return;
	r->bio = bio;
	if (bio)
		bio->requests++;
	r->page = page;
	r->pfn[0] = pfn;
	r->n = 1;
	task_cpu(t, w->cost.io_submit);
	if (t->plug) {
		plug_add(w, t, r);
	} else {
		enqueue(w, t, r);
		dispatch(w, d);
	}
}
