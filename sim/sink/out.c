/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/sink/text.h"

int sink_error_io(struct sink_error *e, const char *name, int err)
{
	if (e->code == SIM_OK) {
		e->code = SIM_EIO;
		snprintf(e->text, sizeof(e->text), "%.400s%s%.200s: %s", e->dir ? e->dir : "", e->dir ? "/" : "", name,
			 strerror(err));
	}
	return e->code;
}

int sink_error_nomem(struct sink_error *e)
{
	if (e->code == SIM_OK) {
		e->code = SIM_ENOMEM;
		snprintf(e->text, sizeof(e->text), "%s", sim_strerror(SIM_ENOMEM));
	}
	return e->code;
}

static void fail(struct out *o, int err)
{
	o->failed = true;
	sink_error_io(o->error, o->name, err);
}

int out_open(struct out *o, int dirfd, const char *name, struct sink_error *e)
{
	o->name = name;
	o->error = e;
	o->n = 0;
	o->failed = false;
	o->last = '\0';
	o->fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (o->fd < 0)
		fail(o, errno);
	return out_status(o);
}

int out_status(const struct out *o)
{
	return o->failed ? o->error->code : SIM_OK;
}

static void flush(struct out *o)
{
	size_t done = 0;

	while (done < o->n && !o->failed) {
		ssize_t k = write(o->fd, o->buf + done, o->n - done);

		if (k > 0)
			done += (size_t)k;
		else if (k == 0 || errno != EINTR)
			fail(o, k == 0 ? ENOSPC : errno);
	}
	o->n = 0;
}

int out_close(struct out *o)
{
	if (o->fd < 0)
		return out_status(o);
	flush(o);
	/* EINVAL: the file is of a kind that cannot be synced. */
	if (!o->failed && fsync(o->fd) && errno != EINVAL)
		fail(o, errno);
	if (close(o->fd) && !o->failed && errno != EINTR)
		fail(o, errno);
	o->fd = -1;
	return out_status(o);
}

void out_drop(struct out *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

void out_bytes(struct out *o, const void *p, size_t n)
{
	const char *c = p;

	if (n)
		o->last = c[n - 1];
	while (n && !o->failed) {
		size_t k = sizeof(o->buf) - o->n < n ? sizeof(o->buf) - o->n : n;

		memcpy(o->buf + o->n, c, k);
		o->n += k;
		c += k;
		n -= k;
		if (o->n == sizeof(o->buf))
			flush(o);
	}
}

void out_str(struct out *o, const char *s)
{
	out_bytes(o, s, strlen(s));
}

void out_char(struct out *o, char c)
{
	out_bytes(o, &c, 1);
}

void out_u64(struct out *o, uint64_t v)
{
	char b[20], *p = b + sizeof(b);

	do {
		*--p = (char)('0' + v % 10);
	} while (v /= 10);
	out_bytes(o, p, (size_t)(b + sizeof(b) - p));
}

void out_i64(struct out *o, int64_t v)
{
	if (v < 0)
		out_char(o, '-');
	out_u64(o, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void out_fixed(struct out *o, uint64_t v, unsigned decimals)
{
	char digits[20];
	uint64_t unit = 1;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	out_u64(o, v / unit);
	if (!decimals)
		return;
	out_char(o, '.');
	v %= unit;
	for (unsigned i = decimals; i-- > 0; v /= 10)
		digits[i] = (char)('0' + v % 10);
	out_bytes(o, digits, decimals);
}

void out_seconds(struct out *o, sim_ns t)
{
	out_fixed(o, t / NS_PER_US, 6);
}

void out_csv(struct out *o, const char *s)
{
	char plain[TEXT_MAX];
	const char *special;

	text_plain(plain, sizeof(plain), s);
	special = strpbrk(plain, ",\"");
	if (!special && plain[0] != ' ') {
		out_str(o, plain);
		return;
	}
	out_char(o, '"');
	for (const char *p = plain; *p; p++) {
		if (*p == '"')
			out_char(o, '"');
		out_char(o, *p);
	}
	out_char(o, '"');
}
