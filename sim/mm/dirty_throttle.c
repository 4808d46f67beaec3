/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How writers of files are slowed down to the speed of the disk. Source: Linux 6.1 mm/page-writeback.c
 * (balance_dirty_pages and what it calls), with its fixed-point arithmetic and its time in jiffies.
 *
 * Below the middle between background and dirty limit writers run free. Above, each sleeps so that it dirties
 * task_ratelimit pages a second: the disk's rate for a dirtier, learnt from how fast it writes and how fast it is being
 * dirtied, times a ratio that falls from 2 to 0 as the number of dirty pages goes from free run to the limit.
 *
 * Leaves out: cgroup writeback, strictlimit. A disk's share of the limit goes by its measured bandwidth among those
 * that have something to write, where the kernel counts completions (fprop).
 * Known value: at the setpoint the ratio is 1 (1024), at the limit 0.
 */
#include "sim/mm/vma.h"
#include "sim/world/engine.h"

#define RATIO_SHIFT 10 /* RATELIMIT_CALC_SHIFT */
#define RATIO_1     (1 << RATIO_SHIFT)

/* dirty_throttle_control: one look at the limits. */
struct look {
	struct world *w;
	struct task *t;
	struct flusher *f;
	int64_t hz, now; /* ticks */
	int64_t dirty, thresh, bg;
	int64_t wb_dirty, wb_thresh;
	int64_t ratio; /* pos_ratio */
	int64_t ratelimit, task_ratelimit;
	int64_t pause, max_pause;
	int64_t nr_pause; /* the next look after so many pages */
};

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}
static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int log2_of(int64_t n)
{
	return n > 0 ? 63 - __builtin_clzll((unsigned long long)n) : 0;
}

static int64_t pow2_up(int64_t n)
{
	return n <= 1 ? 1 : INT64_C(1) << (log2_of(n - 1) + 1);
}

static int64_t ticks(const struct world *w, sim_ns t)
{
	return (int64_t)(t / w->sched.tick);
}

static sim_ns ticks_ns(const struct world *w, int64_t n)
{
	return (sim_ns)n * w->sched.tick;
}

/* Pages that stand for so many KiB, at least one. */
static int64_t kib_pages(const struct world *w, uint64_t kib)
{
	return (int64_t)u64_max(kib / w->mm.page_kB, 1);
}

static bool update_due(const struct world *w, sim_ns last)
{
	return ticks(w, w->now) - ticks(w, last) >= max64(w->cfg->machine.hz / 5, 1);
}

/* ---- the position ---- */

static int64_t disk_share(struct world *w, const struct flusher *f, int64_t thresh)
{
	uint64_t sum = f->avg_write_bandwidth;

	for (uint32_t i = 0; i < w->wb.nflusher; i++) {
		const struct flusher *o = &w->wb.flusher[i];

		if (o != f && o->nr_dirty + o->nr_writeback)
			sum += o->avg_write_bandwidth;
	}
	return (int64_t)u64_muldiv((uint64_t)thresh, f->avg_write_bandwidth, sum);
}

static void take_look(struct look *l)
{
	struct world *w = l->w;
	uint64_t bg, thresh;

	dirty_limits(w, &bg, &thresh);
	l->bg = (int64_t)bg;
	l->thresh = (int64_t)thresh;
	if (l->t && l->t->rt_priority) {
		l->bg += l->bg / 4 + (int64_t)w->wb.dirty_limit / 32;
		l->thresh += l->thresh / 4 + (int64_t)w->wb.dirty_limit / 32;
	}
	l->hz = w->cfg->machine.hz;
	l->now = ticks(w, w->now);
	l->dirty = (int64_t)(vm_stat(w, nr_dirty) + vm_stat(w, nr_writeback));
	l->wb_dirty = (int64_t)(l->f->nr_dirty + l->f->nr_writeback);
	l->wb_thresh = disk_share(w, l->f, l->thresh);
	w->wb.ratelimit_pages = u64_max(thresh / (32 * w->cfg->machine.ncpu), 16);
}

static int64_t freerun(const struct look *l)
{
	return (l->thresh + l->bg) / 2;
}

static int64_t hard_limit(const struct look *l)
{
	return max64(l->thresh, (int64_t)l->w->wb.dirty_limit);
}

/* 1 + ((setpoint - dirty) / (limit - setpoint))^3, between 0 and 2. */
static int64_t cubic(int64_t setpoint, int64_t dirty, int64_t limit)
{
	int64_t x = (setpoint - dirty) * RATIO_1 / ((limit - setpoint) | 1), r = x;

	r = r * x >> RATIO_SHIFT;
	r = r * x >> RATIO_SHIFT;
	return min64(max64(r + RATIO_1, 0), 2 * RATIO_1);
}

/* The same for the disk: a straight line through its own setpoint. */
static int64_t disk_line(const struct look *l, int64_t ratio, int64_t setpoint, int64_t limit)
{
	int64_t thresh = max64(min64(l->wb_thresh, l->thresh), (limit - l->dirty) / 8);
	int64_t x = (thresh << 16) / (l->thresh | 1), at = setpoint * x >> 16;
	int64_t span = (l->thresh - thresh + 8 * (int64_t)l->f->avg_write_bandwidth) * x >> 16, zero = at + span;

	if (l->wb_dirty < zero - span / 4)
		ratio = ratio * (zero - l->wb_dirty) / (span | 1);
	else
		ratio /= 4;
	zero = thresh / 2; /* below half its share the disk might run dry */
	if (l->wb_dirty < zero)
		ratio = l->wb_dirty > zero / 8 ? ratio * zero / l->wb_dirty : ratio * 8;
	return ratio;
}

static void find_position(struct look *l)
{
	int64_t limit = hard_limit(l), setpoint = (freerun(l) + limit) / 2;

	l->ratio = l->dirty >= limit ? 0 : disk_line(l, cubic(setpoint, l->dirty, limit), setpoint, limit);
}

/* ---- what the disk can do ---- */

/* The limit goes up at once and down by a 32nd of the way each time. */
static void follow_limit(struct look *l)
{
	struct writeback *wb = &l->w->wb;
	int64_t limit = (int64_t)wb->dirty_limit, to = l->thresh;

	if (!update_due(l->w, wb->dirty_limit_tstamp))
		return;
	wb->dirty_limit_tstamp = l->w->now;
	if (limit < to) {
		limit = to;
	} else {
		to = max64(to, l->dirty);
		if (limit > to)
			limit -= (limit - to) >> 5;
	}
	wb->dirty_limit = (uint64_t)limit;
}

/* Towards the rate that would balance, by an eighth of what separates the nearest of three estimates; small errors
 * move it less still. */
static void follow_ratelimit(struct look *l, int64_t elapsed)
{
	struct flusher *f = l->f;
	int64_t rate = (int64_t)f->dirty_ratelimit, bw = (int64_t)f->avg_write_bandwidth,
		old = (int64_t)f->balanced_ratelimit;
	int64_t dirtied = (int64_t)(f->dirtied - f->dirtied_stamp) * l->hz / elapsed;
	int64_t task = (rate * l->ratio >> RATIO_SHIFT) + 1;
	int64_t balanced = min64((int64_t)u64_muldiv((uint64_t)task, (uint64_t)bw, (uint64_t)dirtied | 1), bw), step,
		shift;

	if (l->dirty < (freerun(l) + hard_limit(l)) / 2)
		step = max64(min64(min64(old, balanced), task) - rate, 0);
	else
		step = max64(rate - max64(max64(old, balanced), task), 0);
	shift = rate / (2 * step + 1);
	step = shift < 64 ? ((step >> shift) + 7) / 8 : 0;
	rate += rate < balanced ? step : -step;
	f->dirty_ratelimit = (uint64_t)max64(rate, 1);
	f->balanced_ratelimit = (uint64_t)balanced;
}

/* A mean over about 3 s, smoothed once more. */
static void follow_bandwidth(const struct look *l, int64_t elapsed)
{
	struct flusher *f = l->f;
	int64_t period = pow2_up(3 * l->hz), avg = (int64_t)f->avg_write_bandwidth, old = (int64_t)f->write_bandwidth;
	int64_t bw = (int64_t)(f->written - f->written_stamp) * l->hz;

	if (elapsed > period) {
		bw /= elapsed;
		avg = bw;
	} else {
		bw = (bw + old * (period - elapsed)) >> log2_of(period);
		if (avg > old && old >= bw)
			avg -= (avg - old) >> 3;
		if (avg < old && old <= bw)
			avg += (old - avg) >> 3;
	}
	f->write_bandwidth = (uint64_t)bw;
	f->avg_write_bandwidth = (uint64_t)max64(avg, 1);
}

static void estimate(struct look *l, bool with_ratelimit)
{
	struct flusher *f = l->f;
	int64_t elapsed = l->now - ticks(l->w, f->bw_time);

	if (!update_due(l->w, f->bw_time))
		return;
	if (with_ratelimit) {
		follow_limit(l);
		follow_ratelimit(l, elapsed);
	}
	follow_bandwidth(l, elapsed);
	f->dirtied_stamp = f->dirtied;
	f->written_stamp = f->written;
	f->bw_time = l->w->now;
}

void flusher_estimate(struct world *w, struct flusher *f)
{
	struct look l = { .w = w, .f = f };

	if (!update_due(w, f->bw_time))
		return;
	take_look(&l);
	estimate(&l, false);
}

/* Idleness is not slowness (wb_bandwidth_estimate_start). */
void flusher_begins(struct world *w, struct flusher *f)
{
	if (!update_due(w, f->idle_since))
		return;
	f->bw_time = w->now;
	f->dirtied_stamp = f->dirtied;
	f->written_stamp = f->written;
}

/* ---- pauses ---- */

/* What the disk writes in 1/8 s bounds the pause, so that small backlogs do not run dry; and never above 200 ms. */
static void limit_pause(struct look *l)
{
	int64_t t = l->wb_dirty / (1 + (int64_t)l->f->avg_write_bandwidth / pow2_up(1 + l->hz / 8));

	l->max_pause = min64(t + 1, max64(l->hz / 5, 1));
}

/* The shortest pause worth a sleep, and how many pages to dirty before the next one. */
static int64_t min_pause(struct look *l)
{
	int64_t hi = log2_of((int64_t)l->f->avg_write_bandwidth), lo = log2_of(l->ratelimit);
	int64_t t = max64(1, l->hz / 100), round = pow2_up(l->hz), enough = kib_pages(l->w, 128), pages;

	if (hi > lo)
		t += (hi - lo) * (10 * l->hz) / 1024;
	t = min64(t, 1 + l->max_pause / 2);
	pages = l->ratelimit * t / round;
	if (pages < enough) {
		t = l->max_pause;
		pages = l->ratelimit * t / round;
		if (pages > enough) {
			pages = enough;
			t = l->hz * enough / l->ratelimit;
		}
	}
	if (l->hz * pages / (l->task_ratelimit + 1) > l->max_pause) {
		t = l->max_pause;
		pages = l->task_ratelimit * t / round;
	}
	l->nr_pause = pages;
	return pages >= enough ? 1 + t / 2 : t;
}

/* How long to sleep for the pages dirtied; false: not now. What was slept too long or too short before is made up
 * for. */
static bool choose_pause(struct look *l)
{
	struct task *t = l->t;
	int64_t least = min_pause(l), dirtied = (int64_t)t->nr_dirtied, period;

	if (!l->task_ratelimit) {
		l->pause = l->max_pause;
		return true;
	}
	period = l->pause = l->hz * dirtied / l->task_ratelimit;
	if (t->dirty_paused_when)
		l->pause -= l->now - ticks(l->w, t->dirty_paused_when);
	if (l->pause >= least) {
		if (l->pause > l->max_pause) {
			l->now += min64(l->pause - l->max_pause, l->max_pause);
			l->pause = l->max_pause;
		}
		return true;
	}
	if (l->pause < -l->hz) {
		t->dirty_paused_when = ticks_ns(l->w, l->now);
		t->nr_dirtied = 0;
	} else if (period) {
		t->dirty_paused_when += ticks_ns(l->w, period);
		t->nr_dirtied = 0;
	} else if ((int64_t)t->nr_dirtied_pause <= dirtied) {
		t->nr_dirtied_pause += (uint64_t)dirtied;
	}
	return false;
}

/* Say so, but not every 10 ms. */
static void report(struct look *l)
{
	struct world *w = l->w;

	if (l->f->reported != SIM_NEVER && w->now - l->f->reported < NS_PER_SEC)
		return;
	l->f->reported = w->now;
	world_event(w, EV_DIRTY_THROTTLE, l->t->p, (int64_t)(ticks_ns(w, l->pause) / NS_PER_US), l->dirty,
		    hard_limit(l), 0);
}

/* schedule_timeout(): a timer of n ticks fires with the tick after the n-th. */
static void sleep_ticks(struct look *l)
{
	struct world *w = l->w;
	sim_ns start = w->now;

	report(l);
	task_wait_io(w, l->t, NULL, TASK_KILLABLE, ticks_ns(w, ticks(w, w->now) + l->pause + 1));
	l->t->delay_blkio += w->now - start;
	l->t->dirty_paused_when = ticks_ns(w, l->now + l->pause);
	l->t->nr_dirtied = 0;
	l->t->nr_dirtied_pause = (uint64_t)l->nr_pause;
}

static void run_free(struct look *l)
{
	l->f->dirty_exceeded = false;
	l->t->dirty_paused_when = ticks_ns(l->w, l->now);
	l->t->nr_dirtied = 0;
	l->t->nr_dirtied_pause = UINT64_C(1) << (l->thresh > l->dirty ? log2_of(l->thresh - l->dirty) / 2 : 0);
}

/* One look, perhaps one sleep. True: look again. */
static bool balance_once(struct look *l)
{
	struct world *w = l->w;
	struct flusher *f = l->f;

	take_look(l);
	if ((int64_t)vm_stat(w, nr_dirty) > l->bg || l->dirty > freerun(l))
		flusher_wake(w, f);
	if (l->dirty <= freerun(l)) {
		run_free(l);
		return false;
	}
	find_position(l);
	f->dirty_exceeded = l->wb_dirty > l->wb_thresh && l->dirty > l->thresh;
	estimate(l, true);
	l->ratelimit = (int64_t)f->dirty_ratelimit;
	l->task_ratelimit = l->ratelimit * l->ratio >> RATIO_SHIFT;
	limit_pause(l);
	if (!choose_pause(l))
		return false;
	sleep_ticks(l);
	return !l->task_ratelimit && l->wb_dirty > 0 && !fatal_signal_pending(l->t);
}

/* Is it time for a look? A task looks after so many pages of its own, a CPU after so many of anybody's. */
static bool look_due(struct world *w, struct task *t, const struct flusher *f)
{
	uint64_t after = t->nr_dirtied_pause ? t->nr_dirtied_pause : (uint64_t)kib_pages(w, 128);
	uint64_t *cpu = &w->wb.dirtied[t->cpu];

	++*cpu;
	if (f->dirty_exceeded)
		after = u64_min(after, (uint64_t)kib_pages(w, 32));
	if (++t->nr_dirtied < after && *cpu < w->wb.ratelimit_pages)
		return false;
	*cpu = 0;
	return true;
}

void balance_dirty_pages(struct world *w, struct task *t, struct inode *ino)
{
	struct look l = { .w = w, .t = t, .f = ino->shmem ? NULL : flusher_of(w, ino) };

	if (!l.f || !look_due(w, t, l.f))
		return;
	task_sync(w, t);
	while (balance_once(&l))
		;
}
