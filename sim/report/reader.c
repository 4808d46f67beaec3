/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/reader.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER        (1u << 20)
#define HISTORY       (1u << 17) /* bytes before the reading position that stay in the buffer */
#define READ_LINE_MAX (1u << 18) /* the rest of a longer line is dropped */
#define ALIENS        8          /* lines of other origin among those looked back at */

struct report_reader {
	struct assembler as;
	size_t have;               /* bytes in buf */
	size_t done;               /* bytes of whole lines dealt with */
	size_t fed;                /* bytes up to which lines were given to the assembler: no looking back beyond */
	unsigned long line;        /* number of the line at `done`, less one */
	bool dropping;             /* inside a line longer than READ_LINE_MAX */
	char plain[READ_LINE_MAX]; /* a line without escape sequences */
	char buf[BUFFER];
};

struct report_reader *report_reader_new(report_fn fn, void *ctx)
{
	struct report_reader *rr = malloc(sizeof(*rr));

	if (!rr)
		return NULL;
	assemble_init(&rr->as, fn, ctx);
	rr->have = rr->done = rr->fed = 0;
	rr->line = 0;
	rr->dropping = false;
	return rr;
}

void report_reader_free(struct report_reader *rr)
{
	if (!rr)
		return;
	assemble_free(&rr->as);
	free(rr);
}

unsigned long report_reader_lines(const struct report_reader *rr)
{
	return rr->line;
}

unsigned long report_reader_reports(const struct report_reader *rr)
{
	return rr->as.nreport;
}

/* ---- looking for a report's words ---- */

/* "oom-killer", "oom_reaper", "oom.group" ...; and "memory: Killed process" and the like, which have no oom in them. p is at an m. */
static bool hint_m(const char *begin, const char *p, const char *end)
{
	if (p - begin >= 2 && p[-1] == 'o' && p[-2] == 'o' && end - p > 1)
		return p[1] == '-' || p[1] == '_' || p[1] == '.' || p[1] == ' ';
	if (p - begin < 1 || p[-1] != 'e' || end - p < 6 || memcmp(p, "mory", 4))
		return false;
	p += 4;
	if (*p == ':')
		return end - p > 2 && ((p[2] | 0x20) == 'k' || p[2] == 'O');
	return *p == ' ' && end - p > 5 && (!memcmp(p, " and ", 5) || p[1] == '(' || !memcmp(p, " in c", 5));
}

/* "Linux version" and "Adding 4k swap on /dev/sda. Priority:-2 extents:1": p is at an x. */
static bool hint_x(const char *begin, const char *p, const char *end)
{
	if (p - begin >= 4 && !memcmp(p - 4, "Linu", 4))
		return end - p > 9 && !memcmp(p + 1, " version ", 9);
	return p > begin && p[-1] == 'e' && end - p > 7 && !memcmp(p + 1, "tents:", 6);
}

static const char *next_m(const char *from, const char *end, const char *begin)
{
	for (const char *p = from; (p = memchr(p, 'm', (size_t)(end - p))); p++) {
		/* The second m of "memory" and a lone m are told apart by the letter before. */
		if (p > begin && (p[-1] == 'o' || p[-1] == 'e') && hint_m(begin, p, end))
			return p;
	}
	return end;
}

static const char *next_x(const char *from, const char *end, const char *begin)
{
	for (const char *p = from; (p = memchr(p, 'x', (size_t)(end - p))); p++)
		if (hint_x(begin, p, end))
			return p;
	return end;
}

static unsigned long count_lines(const char *p, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), low7 = ones * 0x7f;
	unsigned long n = 0;

	for (; end - p >= 8; p += 8) {
		uint64_t v;

		memcpy(&v, p, sizeof(v));
		v ^= ones * '\n';
		v = ~(((v & low7) + low7) | v | low7); /* the top bit of each byte that was a newline */
		n += (unsigned long)__builtin_popcountll(v);
	}
	for (; p < end; p++)
		n += *p == '\n';
	return n;
}

/* ---- lines ---- */

/* Kinds that carry a process's name, in which an escaped newline is part of the name. */
static bool carries_name(enum oom_line k)
{
	return k == LINE_INVOKED || k == LINE_CPU || k == LINE_CPUSET || k == LINE_ROW || k == LINE_MEMCG_TASK ||
	       (k >= LINE_CONSTRAINT && k <= LINE_PANIC);
}

/* Where one record's text goes to its next line: /dev/kmsg writes \x0a, rsyslog #012, JSON \n. */
static const char *escaped_newline(const char *s, size_t n, size_t *ret_len)
{
	const char *end = s + n, *p;

	for (p = s; p < end; p++) {
		size_t left = (size_t)(end - p);

		if (*p == '\\' && left >= 4 && !memcmp(p, "\\x0a", 4))
			return *ret_len = 4, p;
		if (*p == '#' && left >= 4 && !memcmp(p, "#012", 4))
			return *ret_len = 4, p;
		if (*p == '\\' && left >= 2 && p[1] == 'n')
			return *ret_len = 2, p;
	}
	return NULL;
}

static void feed_message(struct report_reader *rr, struct stripped s, unsigned long line)
{
	enum oom_line kind = line_kind(s.s, s.n);
	const char *cut;
	size_t len;

	while (!carries_name(kind) && s.n && (cut = escaped_newline(s.s, s.n, &len))) {
		struct stripped piece = s;

		piece.n = (size_t)(cut - s.s);
		assemble_line(&rr->as, line_kind(piece.s, piece.n), &piece, line);
		s.n -= piece.n + len;
		s.s = cut + len;
		kind = line_kind(s.s, s.n);
	}
	assemble_line(&rr->as, kind, &s, line);
}

static void strip_line(struct report_reader *rr, const char *p, size_t n, struct stripped *ret)
{
	if (n > READ_LINE_MAX)
		n = READ_LINE_MAX;
	p = prefix_plain(p, n, rr->plain, &n);
	prefix_strip(p, n, ret);
}

static void feed_line(struct report_reader *rr, const char *p, size_t n, unsigned long line)
{
	struct stripped s;

	strip_line(rr, p, n, &s);
	feed_message(rr, s, line);
}

/* Start of the line that ends just before p. */
static const char *line_before(const char *begin, const char *p)
{
	const char *nl = p - 1 > begin ? memrchr(begin, '\n', (size_t)(p - 1 - begin)) : NULL;

	return nl ? nl + 1 : begin;
}

/*
 * A report whose head is missing is noticed by its table or its kill line; what came before that, and went unnoticed, is still
 * in the buffer. Returns the first line that belongs to it.
 */
static const char *look_back(struct report_reader *rr, const char *at)
{
	const char *begin = rr->buf + rr->fed, *first = at, *p = at;
	unsigned aliens = 0;

	while (p > begin && aliens <= ALIENS) {
		const char *start = line_before(begin, p);
		struct stripped s;
		enum oom_line k;

		strip_line(rr, start, (size_t)(p - start), &s);
		k = line_kind(s.s, s.n);
		if (k == LINE_INVOKED || k >= LINE_CONSTRAINT)
			break;
		if (k >= LINE_CPU) {
			first = start;
			aliens = 0;
		} else {
			aliens++;
		}
		p = start;
	}
	return first;
}

static bool wants_history(const struct assembler *a, enum oom_line k)
{
	return !assemble_active(a) && (k == LINE_TASKS_STATE || k == LINE_HEADER || k == LINE_CONSTRAINT ||
				       k == LINE_CHOSEN || k == LINE_KILLED || k == LINE_REAPED || k == LINE_PANIC);
}

/* Everything from `done` up to `to` (whole lines) goes to the assembler, one by one. */
static void feed_until(struct report_reader *rr, const char *to)
{
	const char *p = rr->buf + rr->done;

	while (p < to) {
		const char *nl = memchr(p, '\n', (size_t)(to - p));
		const char *end = nl ? nl : to;

		feed_line(rr, p, (size_t)(end - p), ++rr->line);
		p = nl ? nl + 1 : to;
	}
	rr->done = rr->fed = (size_t)(to - rr->buf);
}

/* A line with a hint in it: look at it, and at what went before if it is the middle of a report. */
static void hinted_line(struct report_reader *rr, const char *start, const char *end)
{
	struct stripped s;
	enum oom_line k;

	rr->line += count_lines(rr->buf + rr->done, start);
	rr->done = (size_t)(start - rr->buf);
	strip_line(rr, start, (size_t)(end - start), &s);
	k = line_kind(s.s, s.n);
	if (k == LINE_OTHER && !rr->as.ncut) {
		rr->line++;
		rr->done = (size_t)(end - rr->buf);
		return;
	}
	if (wants_history(&rr->as, k)) {
		const char *first = look_back(rr, start);

		rr->line -= count_lines(first, start);
		rr->done = (size_t)(first - rr->buf);
	}
	feed_until(rr, end);
}

/* The next stretch of whole lines: one line while a report is being read, else all up to the next hint. */
static void step(struct report_reader *rr, const char *whole)
{
	const char *p = rr->buf + rr->done;
	const char *m, *x, *hit, *start, *end;

	if (assemble_active(&rr->as)) {
		end = memchr(p, '\n', (size_t)(whole - p));
		feed_until(rr, end ? end + 1 : whole);
		return;
	}
	m = next_m(p, whole, p);
	x = next_x(p, m, p);
	hit = x < m ? x : m;
	if (hit == whole) {
		rr->line += count_lines(p, whole);
		rr->done = (size_t)(whole - rr->buf);
		return;
	}
	start = memrchr(p, '\n', (size_t)(hit - p));
	start = start ? start + 1 : p;
	end = memchr(hit, '\n', (size_t)(whole - hit));
	hinted_line(rr, start, end ? end + 1 : whole);
}

static void read_lines(struct report_reader *rr, bool at_end)
{
	const char *whole;

	for (;;) {
		whole = rr->have > rr->done ? memrchr(rr->buf + rr->done, '\n', rr->have - rr->done) : NULL;
		whole = whole ? whole + 1 : at_end ? rr->buf + rr->have : rr->buf + rr->done;
		if (at_end)
			whole = rr->buf + rr->have;
		if (whole == rr->buf + rr->done || rr->as.error)
			return;
		while (rr->buf + rr->done < whole && !rr->as.error)
			step(rr, whole);
	}
}

/* Make room: what is dealt with goes, but for a stretch of history. */
static void compact(struct report_reader *rr)
{
	size_t keep = rr->done > HISTORY ? rr->done - HISTORY : 0;

	if (!keep)
		return;
	memmove(rr->buf, rr->buf + keep, rr->have - keep);
	rr->have -= keep;
	rr->done -= keep;
	rr->fed = rr->fed > keep ? rr->fed - keep : 0;
}

/* A line that does not fit: its first part is dealt with as if it ended here, the rest is dropped. */
static void cut_line(struct report_reader *rr)
{
	unsigned long line = rr->line;

	if (rr->have - rr->done < READ_LINE_MAX)
		return;
	step(rr, rr->buf + rr->have);
	rr->line = line + 1;
	rr->done = rr->fed = rr->have;
	rr->dropping = true;
}

/* The end of a dropped line has been counted already. */
static size_t drop(struct report_reader *rr, const char *data, size_t n)
{
	const char *nl = memchr(data, '\n', n);

	if (!nl)
		return n;
	rr->dropping = false;
	return (size_t)(nl - data) + 1;
}

int report_reader_feed(struct report_reader *rr, const char *data, size_t n)
{
	while (n && !rr->as.error) {
		size_t take = BUFFER - rr->have;

		if (rr->dropping) {
			size_t gone = drop(rr, data, n);

			data += gone;
			n -= gone;
			continue;
		}
		if (take > n)
			take = n;
		memcpy(rr->buf + rr->have, data, take);
		rr->have += take;
		data += take;
		n -= take;
		read_lines(rr, false);
		cut_line(rr);
		compact(rr);
	}
	return rr->as.error;
}

int report_reader_finish(struct report_reader *rr)
{
	read_lines(rr, true);
	assemble_close(&rr->as);
	return rr->as.error;
}
