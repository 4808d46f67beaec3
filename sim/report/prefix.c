/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/prefix.h"

#define STAMP_WITHIN  400 /* bytes in which a prefix must have ended */
#define KERNEL_WITHIN 256

/* "[ 1234.567890]": blanks, digits, a dot, at least three digits. */
static bool printk_stamp(struct scan *c, uint64_t *ret_us)
{
	struct scan t = *c;
	uint64_t sec, frac, scale = 1;
	const char *frac_at;

	if (!scan_lit(&t, "["))
		return false;
	scan_blanks(&t);
	if (!scan_u64(&t, &sec) || !scan_lit(&t, "."))
		return false;
	frac_at = t.p;
	if (!scan_u64(&t, &frac) || t.p - frac_at < 3 || t.p - frac_at > 9 || !scan_lit(&t, "]"))
		return false;
	for (long i = t.p - frac_at - 1; i < 6; i++)
		scale *= 10;
	for (long i = t.p - frac_at - 1; i > 6; i--)
		frac /= 10;
	if (sec < UINT64_MAX / 2000000)
		*ret_us = sec * 1000000 + frac * scale;
	else
		*ret_us = 0;
	*c = t;
	return true;
}

/* "[T1234]" or "[    C0]", which CONFIG_PRINTK_CALLER adds. */
static void printk_caller(struct scan *c)
{
	struct scan t = *c;
	uint64_t id;

	if (!scan_lit(&t, "["))
		return;
	scan_blanks(&t);
	if ((scan_lit(&t, "T") || scan_lit(&t, "C")) && scan_u64(&t, &id) && scan_lit(&t, "]"))
		*c = t;
}

static void level(struct scan *c)
{
	struct scan t = *c;
	uint64_t id;

	if (scan_lit(&t, "<") && scan_u64(&t, &id) && id < 256 && scan_lit(&t, ">"))
		*c = t;
}

/* One blank ends a prefix; more belong to the message. */
static void end_of_prefix(struct scan *c)
{
	scan_lit(c, " ");
}

static bool strip_stamp(struct scan *c, struct stripped *ret)
{
	const char *limit = scan_left(c) > STAMP_WITHIN ? c->p + STAMP_WITHIN : c->end;

	for (const char *p = c->p; (p = memchr(p, '[', (size_t)(limit - p))); p++) {
		struct scan t = { p, c->end };

		if (!printk_stamp(&t, &ret->stamp_us))
			continue;
		printk_caller(&t);
		end_of_prefix(&t);
		printk_caller(&t);
		level(&t);
		ret->has_stamp = ret->prefixed = true;
		*c = t;
		return true;
	}
	return false;
}

/* "... kernel: text" or "... kernel[0]: text" of syslog and the journal. */
static bool strip_kernel(struct scan *c, struct stripped *ret)
{
	size_t within = scan_left(c) < KERNEL_WITHIN ? scan_left(c) : KERNEL_WITHIN;
	const char *at = scan_find(c->p, within, "kernel");
	struct scan t;
	uint64_t pid;

	if (!at || (at > c->p && at[-1] != ' ' && at[-1] != '\t'))
		return false;
	t = (struct scan){ at + 6, c->end };
	if (scan_lit(&t, "[") && !(scan_u64(&t, &pid) && scan_lit(&t, "]")))
		return false;
	if (!scan_lit(&t, ":"))
		return false;
	end_of_prefix(&t);
	ret->prefixed = true;
	*c = t;
	return true;
}

/* hh:mm:ss at p */
static bool clock_at(const char *p, const char *end)
{
	return end - p >= 8 && scan_digit(p[0]) && scan_digit(p[1]) && p[2] == ':' && scan_digit(p[3]) &&
	       scan_digit(p[4]) && p[5] == ':' && scan_digit(p[6]) && scan_digit(p[7]);
}

/* "[Mon Jan  1 00:00:00 2024] " of dmesg -T, in any language. */
static bool strip_human(struct scan *c, struct stripped *ret)
{
	size_t within = scan_left(c) < 64 ? scan_left(c) : 64;
	const char *close;

	if (!scan_left(c) || *c->p != '[' || !(close = memchr(c->p, ']', within)))
		return false;
	for (const char *p = c->p; p < close; p++) {
		if (clock_at(p, close)) {
			c->p = close + 1;
			end_of_prefix(c);
			ret->prefixed = true;
			return true;
		}
	}
	return false;
}

/* A date and time at the start: ISO 8601 as one token or two. */
static bool strip_iso(struct scan *c, struct stripped *ret)
{
	const char *p = c->p, *blank;

	if (scan_left(c) < 20 || !scan_digit(p[0]) || !scan_digit(p[3]) || p[4] != '-' || !scan_digit(p[6]) ||
	    p[7] != '-')
		return false;
	if (!clock_at(p + 11, c->end) || !(blank = memchr(p + 19, ' ', scan_left(c) - 19)))
		return false;
	c->p = blank + 1;
	if (scan_lit(c, "stdout ") || scan_lit(c, "stderr ")) { /* CRI */
		if (!scan_lit(c, "F "))
			scan_lit(c, "P ");
	}
	ret->prefixed = true;
	return true;
}

/* "name-1  | text" of docker compose and the like. */
static bool strip_bar(struct scan *c, struct stripped *ret)
{
	size_t within = scan_left(c) < 64 ? scan_left(c) : 64;
	const char *bar = scan_find(c->p, within, " | ");

	if (!bar)
		return false;
	for (const char *p = c->p; p < bar; p++)
		if (*p == ' ' && p[1] != ' ' && p + 1 < bar)
			return false; /* more than one word */
	c->p = bar + 3;
	ret->prefixed = true;
	return true;
}

/* Facility and level of dmesg -x: "kern  :warn  : ". */
static bool strip_facility(struct scan *c, struct stripped *ret)
{
	struct scan t = *c;

	if (!scan_lit(&t, "kern  :") || !scan_past(&t, ": "))
		return false;
	ret->prefixed = true;
	*c = t;
	return true;
}

static bool strip_xen(struct scan *c, struct stripped *ret)
{
	struct scan t = *c;
	uint64_t dom;

	if (!scan_lit(&t, "(XEN) ") && !(scan_lit(&t, "(d") && scan_u64(&t, &dom) && scan_lit(&t, ") ")))
		return false;
	ret->prefixed = true;
	*c = t;
	return true;
}

/* {"log":"text\n","stream":...} of docker, or "MESSAGE":"text" of journalctl -o json. */
static bool strip_json(struct scan *c, struct stripped *ret)
{
	struct scan t = *c;
	const char *p;

	if (!scan_lit(&t, "{"))
		return false;
	if (!scan_past(&t, "\"log\":\"") && !scan_past(&t, "\"MESSAGE\":\"") && !scan_past(&t, "\"MESSAGE\" : \""))
		return false;
	for (p = t.p; p < t.end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < t.end)
			p++;
	t.end = p < t.end ? p : t.end;
	if (t.end - t.p >= 2 && t.end[-2] == '\\' && t.end[-1] == 'n')
		t.end -= 2;
	ret->prefixed = true;
	*c = t;
	return true;
}

static void leading(struct scan *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '>' || *c->p == '\r'))
		c->p++;
}

void prefix_strip(const char *s, size_t n, struct stripped *ret)
{
	struct scan c = scan_of(s, n);

	*ret = (struct stripped){ 0 };
	while (c.end > c.p && (c.end[-1] == '\r' || c.end[-1] == '\n'))
		c.end--;
	leading(&c);
	strip_json(&c, ret);
	if (!strip_stamp(&c, ret) && !strip_kernel(&c, ret) && !strip_human(&c, ret) && !strip_facility(&c, ret) &&
	    !strip_xen(&c, ret)) {
		if (strip_bar(&c, ret))
			strip_human(&c, ret);
		strip_iso(&c, ret);
	}
	level(&c);
	ret->s = c.p;
	ret->n = scan_left(&c);
}

/* Length of the escape sequence at s: CSI (colours, cursor), OSC (titles), or two characters. */
static size_t ansi_length(const char *s, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return n;
	if (s[1] == '[') {
		while (i < n && (unsigned char)s[i] < 0x40)
			i++;
		return i < n ? i + 1 : n;
	}
	if (s[1] == ']') {
		while (i < n && s[i] != '\a' && s[i] != '\033')
			i++;
		return i < n ? i + 1 : n;
	}
	return 2;
}

const char *prefix_plain(const char *s, size_t n, char *buf, size_t *ret_n)
{
	size_t at = 0;

	*ret_n = n;
	if (!memchr(s, '\033', n) && !memchr(s, '\0', n))
		return s;
	for (size_t i = 0; i < n;) {
		if (s[i] == '\033') {
			i += ansi_length(s + i, n - i);
			continue;
		}
		if (s[i])
			buf[at++] = s[i];
		i++;
	}
	*ret_n = at;
	return buf;
}
