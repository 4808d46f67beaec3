/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The read and write steps: calls of io_size through the page cache (sim/proc/step_file.c). */
#define _GNU_SOURCE
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#define IO_BYTES (64 * 1024)
#define MAX_VEC  1024

/* One call of any size through one small buffer, which lies in the shared region and so is no memory of the process. */
static ssize_t transfer(int fd, bool write, uint64_t bytes, uint64_t at)
{
	char *buffer = (char *)head + REGION_BUFFER;
	struct iovec v[MAX_VEC];
	int n = 0;

	for (uint64_t left = bytes; left && n < MAX_VEC; n++) {
		v[n] = (struct iovec){ buffer, left < IO_BYTES ? left : IO_BYTES };
		left -= v[n].iov_len;
	}
	return write ? pwritev(fd, v, n, (off_t)at) : preadv(fd, v, n, (off_t)at);
}

struct stream {
	uint64_t first, unit, units, left; /* bytes, bytes, calls that fill the part, calls to make */
};

static void stream_begin(struct stream *f, const struct ctx *c, const struct step *s)
{
	uint64_t size = (prog->file[s->file].size + PAGE - 1) / PAGE * PAGE, calls;

	f->first = s->offset / PAGE * PAGE;
	f->unit = s->io_size ? s->io_size : s->pattern == 's' ? IO_BYTES : PAGE;
	f->unit = (f->unit + PAGE - 1) / PAGE * PAGE;
	size = size > f->first ? size - f->first : 0;
	if (s->size && s->size < size)
		size = (s->size + PAGE - 1) / PAGE * PAGE;
	if (f->unit > size)
		f->unit = size ? size : PAGE;
	f->units = size / f->unit;
	calls = s->accesses ? (s->accesses * PAGE + f->unit - 1) / f->unit : s->duration ? UINT64_MAX / 2 : f->units;
	f->left = f->units ? thread_share(c, calls) : 0;
}

void step_file(struct ctx *c, const struct step *s)
{
	bool write = s->op == OP_WRITE;
	int fd = open(prog->file[s->file].path, write ? O_RDWR : O_RDONLY), err = 0;
	uint64_t done = 0, batch = 0;
	struct stream f;
	struct draw d;
	struct pace p;

	if (fd < 0) {
		report(c, NULL, write ? "write" : "read", 0, errno);
		return;
	}
	stream_begin(&f, c, s);
	draw_begin(&d, s, f.units, false);
	d.from = f.units * c->thread / c->nthread;
	d.span = f.units * (c->thread + 1) / c->nthread - d.from;
	if (!d.span && s->pattern == 's')
		f.left = 0;
	if (s->pattern != 's')
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	pace_begin(&p, c, s);
	while (f.left && (!s->duration || p.last - p.begin < (int64_t)s->duration)) {
		if (transfer(fd, write, f.unit, f.first + draw_next(&d, c) * f.unit) <= 0) {
			err = errno ? errno : EIO;
			break;
		}
		f.left--;
		done += f.unit / PAGE;
		batch += f.unit / PAGE;
		if (batch < s->batch && f.left)
			continue;
		pace_batch(&p, c, s, batch * PAGE, batch);
		batch = 0;
	}
	report(c, &p, write ? "write" : "read", done, err);
	close(fd);
}
