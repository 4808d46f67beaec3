/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices' timing, worked by hand. Pages are told apart by their frame: the n-th page submitted is frame n. */
#include <criterion/criterion.h>

#include "tests/proc/testworld.h"

#define US       NS_PER_US
#define MS       NS_PER_MS
#define MAXPAGES 256

struct op {
	sim_ns when; /* the submitter sleeps until then */
	bool write;
	uint64_t page;
};

struct rig {
	struct pw *pw;
	struct blkdev_cfg cfg;
	struct blkdev *d;
	bool plug;
	uint32_t bio; /* pages of a bio; 0: none */
	size_t n;
	const struct op *op;
	struct pw_job job;
	sim_ns done[MAXPAGES];      /* when the device was done with the n-th page */
	sim_ns submitted[MAXPAGES]; /* when blk_submit() returned */
};

static struct rig rig; /* one a test process */

static bool busy(const struct world *w, size_t i)
{
	return w->mm.f.flags[i] & (F_LOCKED | F_WRITEBACK);
}

static void note_done(struct pw *pw)
{
	for (size_t i = 0; i < rig.n; i++)
		if (rig.submitted[i] != SIM_NEVER && rig.done[i] == SIM_NEVER && !busy(&pw->w, i))
			rig.done[i] = pw->w.now;
}

/* As reclaim and read-ahead leave a page before its transfer. */
static void prepare(struct world *w, size_t i, bool write)
{
	w->mm.f.flags[i] = write ? F_SWAPBACKED | F_WRITEBACK : F_SWAPBACKED | F_LOCKED;
	if (write) {
		w->mm.vmstat[VMSTAT_nr_writeback]++;
		frame_zone(w, (pfn_t)i)->write_pending++;
	}
}

static void submits(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct world *w = &pw->w;
	struct plug plug;

	if (rig.plug)
		blk_plug_start(t, &plug);
	if (rig.bio)
		blk_bio_start(t, rig.bio);
	for (size_t i = 0; i < rig.n; i++) {
		const struct op *o = &rig.op[i];

		if (o->when > w->now)
			task_wait(w, t, NULL, TASK_INTERRUPTIBLE, o->when);
		prepare(w, i, o->write);
		blk_submit(w, t, rig.d, o->write, o->page, (uint32_t)i);
		rig.submitted[i] = w->now + t->pending;
	}
	if (rig.bio)
		blk_bio_finish(w, t);
	if (rig.plug)
		blk_plug_finish(w, t, &plug);
	task_sync(w, t);
	j->out[0] = w->now;
}

/* 100 us a request, one at a time, no scheduler, unlimited bandwidth, unless the test says otherwise. */
static void rig_new(void)
{
	rig.pw = pw_new(1);
	rig.cfg = (struct blkdev_cfg){ .name = "d",
				       .read_latency = 100 * US,
				       .write_latency = 100 * US,
				       .queue_depth = 1,
				       .max_sectors_kb = 1280 };
	rig.job = (struct pw_job){ .comm = "submit", .fn = submits };
	pw_run(rig.pw, 0);
}

static void rig_run(const struct op *op, size_t n)
{
	rig.op = op;
	rig.n = n;
	for (size_t i = 0; i < n; i++)
		rig.done[i] = rig.submitted[i] = SIM_NEVER;
	rig.d = blkdev_new(&rig.pw->w, &rig.cfg, 0);
	cr_assert(rig.d);
	rig.pw->each = note_done;
	pw_spawn(rig.pw, &rig.job);
	pw_run(rig.pw, 10 * NS_PER_SEC);
	cr_expect_eq(rig.d->in_flight + rig.d->allocated[0] + rig.d->allocated[1], 0);
	cr_expect_null(rig.d->queue_head);
}

static void rig_free(void)
{
	blkdev_free(&rig.pw->w, rig.d);
	pw_free(rig.pw);
}

static void expect_done(const sim_ns *us, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cr_expect_eq(rig.done[i], us[i] * US, "page %zu: %llu us instead of %llu", i,
			     (unsigned long long)(rig.done[i] / US), (unsigned long long)us[i]);
}

#define RUN(...)                                                                                                       \
	do {                                                                                                           \
		static const struct op op_[] = { __VA_ARGS__ };                                                        \
		rig_run(op_, ARRAY_LEN(op_));                                                                          \
	} while (0)
#define EXPECT_DONE(...)                                                                                               \
	do {                                                                                                           \
		const sim_ns us_[] = { __VA_ARGS__ };                                                                  \
		expect_done(us_, ARRAY_LEN(us_));                                                                      \
	} while (0)
#define R(page)                                                                                                        \
	{                                                                                                              \
		0, false, page                                                                                         \
	}
#define W(page)                                                                                                        \
	{                                                                                                              \
		0, true, page                                                                                          \
	}

/* ---- the device ---- */

Test(blk, one_at_a_time)
{
	rig_new();
	rig.cfg.write_latency = 300 * US;
	RUN(R(10), R(20), W(30), R(40));
	EXPECT_DONE(100, 200, 500, 600);
	cr_expect_eq(rig.submitted[0], 0);
	cr_expect_eq(rig.submitted[1], 100 * US, "no request is left until the first is done");
	cr_expect_eq(rig.submitted[3], 500 * US);
	cr_expect_eq(rig.job.p->thread[0]->delay_blkio, 500 * US);
	rig_free();
}

Test(blk, queue_depth_serves_side_by_side)
{
	rig_new();
	rig.cfg.queue_depth = 2;
	RUN(R(10), R(20), R(30), R(40), R(50));
	EXPECT_DONE(100, 100, 200, 200, 300);
	rig_free();
}

/* 4096 bytes at 40.96 MB/s are 100 us, one after the other however many are in flight. */
Test(blk, bandwidth_is_shared)
{
	rig_new();
	rig.cfg.queue_depth = 4;
	rig.cfg.read_latency = 50 * US;
	rig.cfg.read_bandwidth = 40960000;
	RUN(R(10), R(20), R(30), R(40), R(50));
	EXPECT_DONE(150, 250, 350, 450, 550);
	rig_free();
}

Test(blk, seeks_unless_it_follows)
{
	rig_new();
	rig.cfg.seek = 1000 * US;
	RUN(R(0), R(1), R(9), R(10), R(9));
	EXPECT_DONE(100, 200, 1300, 1400, 2500);
	rig_free();
}

/* Four pages a tick of 20 ms; each takes 100 us from when it is let in. */
Test(blk, null_blk_gives_bandwidth_by_the_tick)
{
	rig_new();
	rig.cfg.queue_depth = 64;
	rig.cfg.throttle_tick = 20 * MS;
	rig.cfg.read_bandwidth = rig.cfg.write_bandwidth = 4 * 4096 * 50;
	RUN({ MS, false, 10 }, R(20), R(30), W(40), R(50), R(60), R(70), W(80), R(90), R(100));
	EXPECT_DONE(1100, 1100, 1100, 1100, 20100, 20100, 20100, 20100, 40100, 40100);
	rig_free();
}

Test(blk, a_request_larger_than_a_tick_goes_alone)
{
	rig_new();
	rig.plug = true;
	rig.cfg.queue_depth = 64;
	rig.cfg.throttle_tick = 20 * MS;
	rig.cfg.read_bandwidth = 4096 * 50;
	RUN(R(10), R(11), R(12), R(20));
	EXPECT_DONE(100, 100, 100, 20100);
	rig_free();
}

/* ---- merging ---- */

Test(blk, a_plug_merges_neighbours)
{
	rig_new();
	rig.plug = true;
	rig.cfg.max_sectors_kb = 16;
	rig.cfg.queue_depth = 64;
	rig.cfg.read_bandwidth = 40960000;
	RUN(R(10), R(11), R(12), R(13), R(14), R(9), R(8), W(15), R(7));
	/* 10..13; 14; 9, 8; 15 for writing (its bandwidth is unlimited); 7, since only the last in the plug is
	 * looked at */
	cr_expect_eq(rig.d->nreq[0], 4);
	cr_expect_eq(rig.d->nreq[1], 1);
	EXPECT_DONE(500, 500, 500, 500, 600, 800, 800, 100, 900);
	rig_free();
}

Test(blk, a_full_plug_is_sent)
{
	static struct op op[40];

	rig_new();
	rig.plug = true;
	rig.cfg.queue_depth = 64;
	for (size_t i = 0; i < 40; i++)
		op[i] = (struct op)R(10 * i);
	rig.pw->w.cost.io_submit = 10 * US;
	rig_run(op, 40);
	cr_expect_eq(rig.job.out[0], 400 * US);
	/* The 33rd sends the 32 before it, the end the other 8, each when the CPU time of submission has passed. */
	for (size_t i = 0; i < 40; i++)
		cr_expect_eq(rig.done[i], i < 32 ? 430 * US : 500 * US, "%zu: %llu", i,
			     (unsigned long long)rig.done[i]);
	cr_expect_eq(rig.d->npage[0], 40);
	rig_free();
}

/* A task that goes to sleep sends its plug; so does one that has to wait for a request. */
Test(blk, sleeping_sends_the_plug)
{
	rig_new();
	rig.plug = true;
	rig.cfg.queue_depth = 2;
	RUN(R(10), R(20), R(30), { 5 * MS, false, 40 });
	EXPECT_DONE(100, 100, 200, 5100);
	rig_free();
}

Test(blk, waiting_requests_merge_when_there_is_a_scheduler)
{
	for (unsigned scheduler = 0; scheduler < 2; scheduler++) {
		rig_new();
		rig.cfg.nr_requests = 8 * scheduler;
		RUN(R(10), R(20), R(22), R(21), R(19));
		if (scheduler)
			EXPECT_DONE(100, 200, 300, 200, 200);
		else
			EXPECT_DONE(100, 200, 300, 400, 500);
		cr_expect_eq(rig.d->nreq[0], scheduler ? 3 : 5);
		rig_free();
	}
}

/* ---- the scheduler ---- */

Test(blk, scheduler_sorts_and_prefers_reads)
{
	rig_new();
	rig.cfg.nr_requests = 16;
	RUN(W(500), W(200), W(100), R(300), R(50), R(400));
	/* The write to 500 goes at once. Then the oldest read, to 300, and upwards from there; then the read to 50;
	 * then the writes in the same way. */
	EXPECT_DONE(100, 500, 600, 200, 400, 300);
	rig_free();
}

/* Writes wait for two batches of 16 reads, no longer. */
Test(blk, writes_do_not_starve)
{
	static struct op op[42];

	rig_new();
	rig.cfg.nr_requests = 64;
	for (size_t i = 0; i < 42; i++)
		op[i] = (struct op)R(10 * i);
	op[0] = op[1] = (struct op)W(1000);
	op[1].page = 2000;
	rig_run(op, 42);
	cr_expect_eq(rig.done[0], 100 * US);
	cr_expect_eq(rig.done[33], 3300 * US, "%llu", (unsigned long long)rig.done[33]);
	cr_expect_eq(rig.done[1], 3400 * US, "%llu", (unsigned long long)rig.done[1]);
	cr_expect_eq(rig.done[34], 3500 * US);
	cr_expect_eq(rig.done[41], 4200 * US);
	rig_free();
}

Test(blk, scheduler_holds_so_many_of_each_direction)
{
	rig_new();
	rig.cfg.nr_requests = 2;
	RUN(W(10), W(20), R(30), R(40), W(50), R(60));
	cr_expect_eq(rig.submitted[3], 0);
	cr_expect_eq(rig.submitted[4], 100 * US, "the first write makes room");
	cr_expect_eq(rig.submitted[5], 200 * US, "the first read does");
	cr_expect(!blk_congested(rig.d, true));
	rig_free();
}

/* ---- CPU time ---- */

Test(blk, cpu_time_of_submission_and_completion)
{
	struct pw_job hog = { .comm = "hog", .fn = pw_hog, .arg = { NS_PER_SEC } };

	rig_new();
	rig.plug = true;
	rig.cfg.queue_depth = 8;
	rig.pw->w.cost.io_submit = 1000;
	rig.pw->w.cost.io_complete = 700;
	rig.pw->w.cost.io_complete_page = 60;
	rig.job.fifo = 1;
	pw_spawn(rig.pw, &hog);
	RUN(R(10), R(11), R(12), R(50));
	cr_expect_eq(rig.job.p->thread[0]->stime, 2000);
	cr_expect_eq(hog.p->thread[0]->stime, 2 * 700 + 4 * 60);
	rig_free();
}

/* Requests of four pages, 100 us each, one at a time. */
static void run_bios(uint32_t max, const struct op *op, size_t n)
{
	rig_new();
	rig.plug = true;
	rig.bio = max;
	rig.cfg.max_sectors_kb = 16;
	rig_run(op, n);
}

Test(blk, pages_of_a_bio_end_together)
{
	static const struct op op[] = { W(10), W(11), W(12), W(13), W(14), W(15), W(16), W(17), W(18), W(19) };
	static const sim_ns together[] = { 300, 300, 300, 300, 300, 300, 300, 300, 300, 300 };
	static const sim_ns by_six[] = { 200, 200, 200, 200, 200, 200, 300, 300, 300, 300 };

	run_bios(256, op, ARRAY_LEN(op)); /* 4 + 4 + 2 pages */
	expect_done(together, ARRAY_LEN(together));
	rig_free();
	run_bios(6, op, ARRAY_LEN(op)); /* 4 + 2, and 4 */
	expect_done(by_six, ARRAY_LEN(by_six));
	rig_free();
}

Test(blk, a_bio_ends_at_a_gap)
{
	static const struct op op[] = { W(10), W(11), W(12), W(13), W(14), W(30), W(31) };
	static const sim_ns us[] = { 200, 200, 200, 200, 200, 300, 300 };

	run_bios(256, op, ARRAY_LEN(op));
	expect_done(us, ARRAY_LEN(us));
	rig_free();
}
