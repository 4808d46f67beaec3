/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/scan.h"

bool scan_u64(struct scan *c, uint64_t *ret)
{
	const char *p = c->p;
	uint64_t v = 0;

	if (p == c->end || !scan_digit(*p))
		return false;
	for (; p < c->end && scan_digit(*p); p++)
		if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	c->p = p;
	*ret = v;
	return true;
}

bool scan_i64(struct scan *c, int64_t *ret)
{
	struct scan t = *c;
	bool minus = t.p < t.end && *t.p == '-';
	uint64_t v;

	if (minus)
		t.p++;
	if (!scan_u64(&t, &v) || v > INT64_MAX)
		return false;
	*ret = minus ? -(int64_t)v : (int64_t)v;
	*c = t;
	return true;
}

bool scan_int(struct scan *c, int *ret)
{
	struct scan t = *c;
	int64_t v;

	if (!scan_i64(&t, &v) || v > INT32_MAX || v < INT32_MIN)
		return false;
	*ret = (int)v;
	*c = t;
	return true;
}

static int hex_digit(char c)
{
	if (scan_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool scan_hex(struct scan *c, uint64_t *ret)
{
	struct scan t = *c;
	uint64_t v = 0;
	int n = 0;

	scan_lit(&t, "0x");
	for (; t.p < t.end && hex_digit(*t.p) >= 0 && n < 16; t.p++, n++)
		v = v << 4 | (unsigned)hex_digit(*t.p);
	if (!n)
		return false;
	*ret = v;
	*c = t;
	return true;
}

const char *scan_find_n(const char *s, size_t n, const char *word, size_t wn)
{
	return memmem(s, n, word, wn);
}

const char *scan_rfind_n(const char *s, size_t n, const char *word, size_t wn)
{
	for (size_t at = n >= wn ? n - wn + 1 : 0; at-- > 0;)
		if (!memcmp(s + at, word, wn))
			return s + at;
	return NULL;
}

bool scan_past_n(struct scan *c, const char *word, size_t wn)
{
	const char *at = memmem(c->p, scan_left(c), word, wn);

	if (!at)
		return false;
	c->p = at + wn;
	return true;
}

void scan_copy(char *ret, size_t size, const char *s, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(ret, s, n);
	ret[n] = '\0';
}

/* \xNN of /dev/kmsg, or #NNN (three octal digits) of rsyslog. 0: it is neither, or would be a NUL. */
static unsigned escape(const char *s, size_t n, size_t *ret_len)
{
	if (n >= 4 && s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0) {
		*ret_len = 4;
		return (unsigned)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
	}
	if (n >= 4 && s[0] == '#' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' &&
	    s[3] <= '7') {
		unsigned v = (unsigned)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));

		*ret_len = 4;
		return v < 32 || v == 127 ? v : 0; /* rsyslog escapes control characters only */
	}
	return 0;
}

void scan_copy_name(char *ret, size_t size, const char *s, size_t n)
{
	size_t at = 0, len = 1;

	while (n && s[n - 1] == '\r')
		n--;
	for (size_t i = 0; i < n && at + 1 < size; i += len) {
		unsigned v = escape(s + i, n - i, &len);

		if (!v) {
			len = 1;
			v = (unsigned char)s[i];
		}
		if (v)
			ret[at++] = (char)v;
	}
	ret[at] = '\0';
}
