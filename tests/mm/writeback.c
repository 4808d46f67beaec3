/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "sim/mm/filemap.h"
#include "sim/mm/vmscan.h"
#include "tests/proc/testworld.h"

#define MS  NS_PER_MS
#define SEC NS_PER_SEC

/* One disk of 10 MB/s (2560 pages/s) with two files. */
struct rig {
	struct pw *pw;
	struct world *w;
	struct blkdev_cfg disk;
	struct blkdev *dev;
	struct inode *ino[2];
};

static struct rig rig_new(void)
{
	struct rig r = { .pw = pw_new(1) };
	struct machine_cfg *m = &r.pw->cfg.machine;
	struct world *w = r.w = &r.pw->w;

	m->ndisk = 1;
	m->disk = calloc(1, sizeof(*m->disk));
	*m->disk = (struct blkdev_cfg){ .name = "sda",
					.read_latency = MS / 10,
					.write_latency = MS / 10,
					.queue_depth = 4,
					.nr_requests = 64,
					.max_sectors_kb = 512,
					.write_bandwidth = 10 << 20 };
	r.dev = blkdev_new(w, m->disk, 0);
	w->dev = &r.dev;
	w->ndev = 1;
	w->sysctl.dirty_ratio = 20;
	w->sysctl.dirty_background_ratio = 10;
	w->sysctl.dirty_expire_centisecs = 3000;
	w->sysctl.dirty_writeback_centisecs = 500;
	r.ino[0] = inode_new(w, "f", 100000);
	r.ino[1] = inode_new(w, "g", 100000);
	r.ino[1]->disk_page = 100000;
	cr_assert_eq(kswapd_start(w), SIM_OK);
	cr_assert_eq(writeback_init(w), SIM_OK);
	return r;
}

static void rig_free(struct rig *r)
{
	process_free_all(r->w);
	writeback_free(r->w);
	kswapd_free(r->w);
	inode_free(r->w, r->ino[0]);
	inode_free(r->w, r->ino[1]);
	free(r->w->inode);
	blkdev_free(r->w, r->dev);
	pw_free(r->pw);
}

/* rig is a value; tests move w->dev to their own copy's field. */
#define RIG(r)                                                                                                         \
	struct rig r = rig_new();                                                                                      \
	(r).w->dev = &(r).dev

/* ---- limits: specification E.1 with the kernel's roundings ---- */

static void set_memory(struct world *w, int64_t free, uint64_t reserve, int64_t inactive, int64_t active)
{
	for (int i = 0; i < MAX_ZONES; i++)
		w->mm.node[0].zone[i].nr_free = i ? 0 : free;
	w->mm.totalreserve = reserve;
	w->mm.node[0].lruvec.size[LRU_INACTIVE_FILE] = inactive;
	w->mm.node[0].lruvec.size[LRU_ACTIVE_FILE] = active;
}

Test(writeback, limits)
{
	static const struct {
		int64_t free, inactive, active;
		int64_t ratio, bg_ratio, bytes, bg_bytes;
		uint64_t dirty, bg;
	} row[] = {
		/* 10000 pages: 20 % is 819/4096 of them, 10 % is 409/4096 */
		{ 10000, 600, 399, 20, 10, 0, 0, 1999, 998 },
		/* only the reserve is free: 1000 pages of files are all there is */
		{ 500, 900, 99, 20, 10, 0, 0, 199, 99 },
		/* bytes go before ratios, and round up */
		{ 10000, 600, 399, 20, 10, 4 << 20, 1 << 20, 1024, 256 },
		{ 10000, 600, 399, 20, 10, 8193, 0, 3, 1 },
		/* a background limit not below the limit becomes half of it */
		{ 10000, 600, 399, 10, 20, 0, 0, 998, 499 },
		{ 10000, 600, 399, 0, 0, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		uint64_t dirty, bg;
		RIG(r);

		set_memory(r.w, row[i].free, 1000, row[i].inactive, row[i].active);
		r.w->sysctl.dirty_ratio = row[i].ratio;
		r.w->sysctl.dirty_background_ratio = row[i].bg_ratio;
		r.w->sysctl.dirty_bytes = row[i].bytes;
		r.w->sysctl.dirty_background_bytes = row[i].bg_bytes;
		dirty_limits(r.w, &bg, &dirty);
		cr_expect_eq(dirty, row[i].dirty, "%zu: %llu", i, (unsigned long long)dirty);
		cr_expect_eq(bg, row[i].bg, "%zu: %llu", i, (unsigned long long)bg);
		rig_free(&r);
	}
}

/* ---- writers ---- */

/* Write arg[1] pages of file arg[0], `arg[2]` ns apart. */
static void writer(struct pw *pw, struct task *t, struct pw_job *j)
{
	struct inode *ino = pw->w.inode[j->arg[0]];
	struct file f;

	file_open(&f, ino, false);
	for (uint64_t i = 0; i < j->arg[1]; i++) {
		if (filemap_write(&pw->w, t, &f, i, 1) < 0)
			return;
		j->out[0]++;
		if (j->arg[2])
			task_wait(&pw->w, t, NULL, TASK_INTERRUPTIBLE, pw->w.now + j->arg[2]);
	}
	j->out[1] = pw->w.now;
}

static void expect_clean(const struct rig *r, uint64_t pages)
{
	const struct world *w = r->w;
	int64_t pending = 0;

	for (int i = 0; i < MAX_ZONES; i++)
		pending += w->mm.node[0].zone[i].write_pending;
	cr_expect_eq(pending, 0);
	cr_expect_eq(vm_stat(w, nr_dirty) + vm_stat(w, nr_writeback), 0);
	cr_expect_eq(vm_stat(w, nr_dirtied), pages);
	cr_expect_eq(vm_stat(w, nr_written), pages);
	cr_expect_eq(vm_stat(w, pgpgout), 4 * pages);
	cr_expect_eq(r->ino[0]->nr_dirty + r->ino[1]->nr_dirty, 0);
	cr_expect_eq(r->dev->npage[1], pages);
	cr_expect_eq(w->wb.flusher[0].nr_dirty + w->wb.flusher[0].nr_writeback, 0);
}

/* A few pages, dirty since 1 s, are looked at every 5 s from then on and written when 30 s old. */
Test(writeback, old_data_is_written)
{
	struct pw_job j = { .comm = "w", .fn = writer, .arg = { 0, 10 } };
	RIG(r);

	pw_run(r.pw, SEC);
	pw_spawn(r.pw, &j);
	pw_run(r.pw, 2 * SEC);
	cr_expect_eq(vm_stat(r.w, nr_dirty), 10);
	cr_expect_eq(r.ino[0]->nr_dirty, 10);
	pw_run(r.pw, 31 * SEC - 1);
	cr_expect_eq(vm_stat(r.w, nr_dirty), 10);
	pw_run(r.pw, 31 * SEC);
	cr_expect_eq(vm_stat(r.w, nr_dirty), 0);
	cr_expect_eq(vm_stat(r.w, nr_writeback), 10);
	/* one request of 10 pages: 0.1 ms and 40 KiB at 10 MiB/s */
	pw_run(r.pw, 31 * SEC + MS / 10 + 3906250 - 1);
	cr_expect_eq(vm_stat(r.w, nr_writeback), 10);
	pw_run(r.pw, 31 * SEC + MS / 10 + 3906250);
	cr_expect_eq(r.dev->nreq[1], 1);
	expect_clean(&r, 10);
	rig_free(&r);
}

Test(writeback, reclaim_has_everything_written)
{
	struct pw_job j = { .comm = "w", .fn = writer, .arg = { 1, 100 } };
	RIG(r);

	pw_spawn(r.pw, &j);
	pw_run(r.pw, SEC);
	cr_expect_eq(vm_stat(r.w, nr_dirty), 100);
	wakeup_flushers(r.w);
	pw_run(r.pw, SEC);
	cr_expect_eq(vm_stat(r.w, nr_dirty), 0);
	pw_run(r.pw, 2 * SEC);
	expect_clean(&r, 100);
	cr_expect_eq(r.dev->head_page, 100100, "file g lies behind f");
	rig_free(&r);
}

/* 200 pages dirty, 100 is the background limit: written down to that, in whole files. */
Test(writeback, background_stops_below_its_limit)
{
	struct pw_job a = { .comm = "a", .fn = writer, .arg = { 0, 90 } },
		      b = { .comm = "b", .fn = writer, .arg = { 1, 60 } };
	RIG(r);

	r.w->sysctl.dirty_bytes = 4096 * 400;
	r.w->sysctl.dirty_background_bytes = 4096 * 100;
	pw_spawn(r.pw, &a);
	pw_run(r.pw, SEC);
	pw_spawn(r.pw, &b);
	pw_run(r.pw, 3 * SEC);
	cr_expect_eq(r.ino[0]->nr_dirty, 0, "the file that became dirty first is written first");
	cr_expect_eq(r.ino[1]->nr_dirty, 60);
	rig_free(&r);
}

static uint64_t most_dirty;

static void watch(struct pw *pw)
{
	most_dirty = u64_max(most_dirty, vm_stat(&pw->w, nr_dirty) + vm_stat(&pw->w, nr_writeback));
}

/* As fast as it goes, a writer ends up at the disk's speed, and dirty pages stay below the limit. */
Test(writeback, a_writer_is_slowed_to_the_disk)
{
	struct pw_job j = { .comm = "w", .fn = writer, .arg = { 0, 8000 } };
	double s;
	RIG(r);

	r.pw->w.cost.write_page = 500;
	r.w->sysctl.dirty_bytes = 4096 * 1600;
	r.w->sysctl.dirty_background_bytes = 4096 * 800;
	r.w->wb.dirty_limit = 1600;
	r.pw->each = watch;
	pw_spawn(r.pw, &j);
	pw_run(r.pw, 100 * SEC);
	cr_expect_eq(j.out[0], 8000);
	s = (double)j.out[1] / SEC;
	cr_expect(s > 6400. / 2560 && s < 8000. / 2560 + 1, "%g s", s);
	cr_expect(most_dirty > 1200 && most_dirty <= 1650, "%llu", (unsigned long long)most_dirty);
	cr_expect_geq(r.pw->count[EV_DIRTY_THROTTLE], 2);
	cr_expect(r.pw->count[EV_DIRTY_THROTTLE] < 6, "one a second at most");
	cr_expect_gt(j.p->thread[0]->delay_blkio, SEC);
	cr_expect_eq(r.w->psi.total[PSI_MEM][0], 0, "no memory stall");
	cr_expect_gt(r.w->psi.total[PSI_IO][0], SEC);
	expect_clean(&r, 8000);
	rig_free(&r);
}

/* One that is slower than the disk is never held up. */
Test(writeback, a_slow_writer_runs_free)
{
	struct pw_job j = { .comm = "w", .fn = writer, .arg = { 0, 4000, MS } };
	RIG(r);

	r.w->sysctl.dirty_bytes = 4096 * 1600;
	r.w->sysctl.dirty_background_bytes = 4096 * 800;
	r.w->wb.dirty_limit = 1600;
	pw_spawn(r.pw, &j);
	pw_run(r.pw, 100 * SEC);
	cr_expect_eq(j.out[1], 4 * SEC);
	cr_expect_eq(r.pw->count[EV_DIRTY_THROTTLE], 0);
	expect_clean(&r, 4000);
	rig_free(&r);
}

Test(writeback, two_writers_share)
{
	struct pw_job a = { .comm = "a", .fn = writer, .arg = { 0, 100000 } };
	struct pw_job b = { .comm = "b", .fn = writer, .arg = { 1, 100000 } };
	uint64_t start[2];
	double ratio;
	RIG(r);

	r.pw->w.cost.write_page = 500;
	r.w->sysctl.dirty_bytes = 4096 * 1600;
	r.w->sysctl.dirty_background_bytes = 4096 * 800;
	r.w->wb.dirty_limit = 1600;
	pw_spawn(r.pw, &a);
	pw_spawn(r.pw, &b);
	pw_run(r.pw, SEC);
	start[0] = a.out[0];
	start[1] = b.out[0];
	pw_run(r.pw, 4 * SEC);
	ratio = (double)(a.out[0] - start[0]) / (double)(b.out[0] - start[1]);
	cr_expect(ratio > 0.8 && ratio < 1.25, "%g", ratio);
	rig_free(&r);
}

static void kill_job(struct world *w, void *arg)
{
	process_sigkill(w, ((struct pw_job *)arg)->p);
}

Test(writeback, a_throttled_writer_can_be_killed)
{
	struct pw_job j = { .comm = "w", .fn = writer, .arg = { 0, 100000 } };
	RIG(r);

	r.pw->w.cost.write_page = 500;
	r.w->sysctl.dirty_bytes = 4096 * 200;
	pw_spawn(r.pw, &j);
	pw_at(r.pw, 2 * SEC, kill_job, &j);
	pw_run(r.pw, 3 * SEC);
	cr_expect_eq(r.pw->last[EV_EXIT].arg[0], 9);
	cr_expect_lt(r.pw->last[EV_EXIT].t_ns, 2 * SEC + MS);
	cr_expect_eq(r.w->proc.nuser, 0);
	rig_free(&r);
}
