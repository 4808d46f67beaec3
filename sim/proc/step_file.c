/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The read and write steps: calls of io_size on a file through the page cache, sequential (around and around) or at
 * places drawn by a pattern. As in the oracle's guest, a program that does not go in sequence says so
 * (POSIX_FADV_RANDOM).
 *
 * Zipf draws: rejection-inversion, W. Hormann, G. Derflinger, "Rejection-inversion to generate variates from
 * monotone discrete distributions", ACM TOMACS 6(3), 1996, with this project's own exp and log.
 */
#include "sim/core/fmath.h"
#include "sim/mm/filemap.h"
#include "sim/proc/steps.h"

#include <errno.h>

#define IO_BYTES (64 * KIB) /* a sequential call */

struct stream {
	const struct step_cfg *s;
	uint64_t first, n;    /* pages of the file that are used */
	uint64_t unit;        /* pages a call */
	uint64_t units, i;    /* calls that fill the part; calls made so far */
	uint64_t from, span;  /* SEQUENTIAL: the units this thread goes round in */
	uint64_t left;        /* calls still to make */
	double h_x1, h_n, s0; /* ZIPF: constants of the method */
};

/* H(x), the integral of x^-s, and its inverse. */
static double zipf_h(double s, double x)
{
	double e = 1 - s;

	return e > -1e-9 && e < 1e-9 ? fm_log(x) : fm_pow(x, e) / e;
}

static double zipf_h_inv(double s, double y)
{
	double e = 1 - s;

	return e > -1e-9 && e < 1e-9 ? fm_exp(y) : fm_pow(y * e, 1 / e);
}

static void zipf_begin(struct stream *f)
{
	double s = f->s->zipf_s;

	f->h_x1 = zipf_h(s, 1.5) - 1;
	f->h_n = zipf_h(s, (double)f->units + 0.5);
	f->s0 = 2 - zipf_h_inv(s, zipf_h(s, 2.5) - fm_pow(2, -s));
}

/* A rank 1..units. */
static uint64_t zipf_draw(const struct stream *f, struct sim_rng *rng)
{
	double s = f->s->zipf_s;

	for (;;) {
		double u = f->h_n + sim_rng_unit(rng) * (f->h_x1 - f->h_n), x = zipf_h_inv(s, u);
		uint64_t k = x < 1 ? 1 : u64_min((uint64_t)(x + 0.5), f->units);

		if ((double)k - x <= f->s0 || u >= zipf_h(s, (double)k + 0.5) - fm_pow((double)k, -s))
			return k;
	}
}

static uint64_t hotcold_draw(const struct stream *f, struct sim_rng *rng)
{
	uint64_t hot = u64_min(u64_max((uint64_t)((double)f->units * f->s->hot_fraction + 0.5), 1), f->units);

	if (hot == f->units || sim_rng_chance(rng, f->s->hot_weight))
		return sim_rng_below(rng, hot);
	return hot + sim_rng_below(rng, f->units - hot);
}

/* The unit the next call is about. */
static uint64_t next_unit(struct stream *f, struct sim_rng *rng)
{
	switch (f->s->pattern) {
	case PATTERN_UNIFORM:
		return sim_rng_below(rng, f->units);
	case PATTERN_ZIPF:
		return zipf_draw(f, rng) - 1;
	case PATTERN_HOTCOLD:
		return hotcold_draw(f, rng);
	default:
		return f->from + f->i % f->span;
	}
}

/* Divide the work among threads: a sequential stream by sections, others by number of calls. */
static void divide(struct stream *f, const struct task *t)
{
	uint64_t threads = t->p->nthread, calls;

	f->from = u64_muldiv(f->units, t->index, threads);
	f->span = u64_muldiv(f->units, t->index + 1, threads) - f->from;
	if (f->s->accesses)
		calls = (f->s->accesses + f->unit - 1) / f->unit;
	else
		calls = f->s->duration ? UINT64_MAX : f->units;
	f->left = calls == UINT64_MAX ? calls : thread_share(t, calls);
	if (f->s->pattern == PATTERN_SEQUENTIAL && !f->span)
		f->left = 0;
}

static bool stream_open(struct stream *f, struct world *w, struct task *t, const struct step_cfg *s,
			const struct inode *ino)
{
	uint64_t unit_bytes = s->io_size                         ? s->io_size
			      : s->pattern == PATTERN_SEQUENTIAL ? IO_BYTES
								 : w->cfg->machine.page_size;

	*f = (struct stream){ .s = s, .unit = u64_max(bytes_to_pages(w, unit_bytes), 1) };
	f->first = u64_min(s->offset / w->cfg->machine.page_size, ino->npages);
	f->n = ino->npages - f->first;
	if (s->size)
		f->n = u64_min(f->n, bytes_to_pages(w, s->size));
	f->unit = u64_min(f->unit, u64_max(f->n, 1));
	f->units = f->n / f->unit;
	if (!f->units)
		return false;
	if (s->pattern == PATTERN_ZIPF)
		zipf_begin(f);
	divide(f, t);
	return true;
}

/* One call. It takes some time even where it costs none, so that a step of some duration ends. False: the task is
 * dying. */
static bool stream_call(struct stream *f, struct world *w, struct task *t, struct file *file)
{
	uint64_t at = f->first + next_unit(f, t->rng) * f->unit;
	sim_ns begin = w->now + t->pending;
	int r = f->s->op == STEP_WRITE ? filemap_write(w, t, file, at, f->unit) : filemap_read(w, t, file, at, f->unit);

	if (w->now + t->pending == begin)
		task_cpu(t, EMPTY_ROUND_NS);
	f->i++;
	f->left--;
	return r >= 0;
}

void step_file(struct world *w, struct task *t, const struct step_cfg *s)
{
	uint64_t page = w->cfg->machine.page_size, done = 0, batch = 0;
	struct inode *ino = w->inode[s->file];
	struct stream f;
	struct file file;
	struct pace p;

	task_cpu(t, w->cost.syscall);
	if (!stream_open(&f, w, t, s, ino)) {
		step_failed(w, t, s, EINVAL, 0, 0);
		return;
	}
	file_open(&file, ino, s->pattern != PATTERN_SEQUENTIAL);
	pace_begin(w, t, &p, s->rate / t->p->nthread, s->catch_up);
	while (f.left && (!s->duration || p.last - p.begin < s->duration)) {
		if (!stream_call(&f, w, t, &file))
			program_leave(w, t, SIGKILL_NR, 0);
		done += f.unit;
		batch += f.unit;
		t->p->work_pages += f.unit;
		program_check(w, t);
		if (batch < s->batch && f.left)
			continue;
		if (!pace_batch(w, t, &p, batch * page) || !pace_think(w, t, &s->think))
			program_leave(w, t, SIGKILL_NR, 0);
		p.last = w->now;
		batch = 0;
	}
	step_end(w, t, s, done, &p);
}
