/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/text.h"

#include <stdio.h>
#include <string.h>

#define REPLACEMENT UINT32_C(0xfffd)

/* Length by the first byte and the smallest code point that needs that length. */
static size_t sequence(unsigned char first, uint32_t *ret_bits, uint32_t *ret_min)
{
	static const uint32_t min[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = first < 0x80             ? 1
		     : (first & 0xe0) == 0xc0 ? 2
		     : (first & 0xf0) == 0xe0 ? 3
		     : (first & 0xf8) == 0xf0 ? 4
					      : 0;

	*ret_bits = len < 2 ? first : first & (0xffu >> (len + 1));
	*ret_min = min[len];
	return len;
}

uint32_t text_next(const char *s, size_t *ret_len)
{
	uint32_t c, min;
	size_t len = sequence((unsigned char)*s, &c, &min);

	*ret_len = 1;
	if (len == 0)
		return REPLACEMENT;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	}
	if (c < min || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || (c & 0xfffe) == 0xfffe)
		return REPLACEMENT;
	*ret_len = len;
	return c;
}

/* Append what fits in whole pieces. False: full. */
static int put(char *ret, size_t n, size_t *at, const char *piece, size_t len)
{
	if (*at + len >= n)
		return 0;
	memcpy(ret + *at, piece, len);
	*at += len;
	ret[*at] = '\0';
	return 1;
}

static int put_char(char *ret, size_t n, size_t *at, const char *s, uint32_t c, size_t len)
{
	if (c == REPLACEMENT)
		return put(ret, n, at, "\xef\xbf\xbd", 3);
	return put(ret, n, at, s, len);
}

void text_utf8(char *ret, size_t n, const char *s)
{
	size_t len, at = 0;

	for (ret[0] = '\0'; *s; s += len) {
		uint32_t c = text_next(s, &len);

		if (!put_char(ret, n, &at, s, c, len))
			return;
	}
}

void text_plain(char *ret, size_t n, const char *s)
{
	size_t len, at = 0;

	for (ret[0] = '\0'; *s; s += len) {
		uint32_t c = text_next(s, &len);
		char hex[16];
		int ok;

		if (c == '\\') {
			ok = put(ret, n, &at, "\\\\", 2);
		} else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
			int k = snprintf(hex, sizeof(hex), "\\x%02x", (unsigned)c);

			ok = put(ret, n, &at, hex, (size_t)k);
		} else {
			ok = put_char(ret, n, &at, s, c, len);
		}
		if (!ok)
			return;
	}
}
