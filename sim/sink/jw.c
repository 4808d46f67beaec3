/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/jw.h"

#include <stdio.h>

#include "sim/sink/text.h"

static void put_escaped(struct out *o, const char *s, uint32_t c, size_t len)
{
	char u[16];

	if (c == '"' || c == '\\') {
		out_char(o, '\\');
		out_char(o, (char)c);
	} else if (c < 0x20 || c == 0x7f) {
		snprintf(u, sizeof(u), "\\u%04x", (unsigned)c);
		out_str(o, u);
	} else if (c == 0xfffd) {
		out_str(o, "\xef\xbf\xbd");
	} else {
		out_bytes(o, s, len);
	}
}

static void put_string(struct out *o, const char *s)
{
	size_t len;

	out_char(o, '"');
	for (; *s; s += len) {
		uint32_t c = text_next(s, &len);

		put_escaped(o, s, c, len);
	}
	out_char(o, '"');
}

static void member(struct out *o, const char *key)
{
	if (o->last != '{' && o->last != '[' && o->last != '\n' && o->last != '\0')
		out_char(o, ',');
	if (!key)
		return;
	put_string(o, key);
	out_char(o, ':');
}

void jw_object(struct out *o, const char *key)
{
	member(o, key);
	out_char(o, '{');
}

void jw_object_end(struct out *o)
{
	out_char(o, '}');
}

void jw_array(struct out *o, const char *key)
{
	member(o, key);
	out_char(o, '[');
}

void jw_array_end(struct out *o)
{
	out_char(o, ']');
}

void jw_u64(struct out *o, const char *key, uint64_t v)
{
	member(o, key);
	out_u64(o, v);
}

void jw_i64(struct out *o, const char *key, int64_t v)
{
	member(o, key);
	out_i64(o, v);
}

void jw_bool(struct out *o, const char *key, bool v)
{
	member(o, key);
	out_str(o, v ? "true" : "false");
}

void jw_str(struct out *o, const char *key, const char *v)
{
	member(o, key);
	if (v)
		put_string(o, v);
	else
		out_str(o, "null");
}

void jw_fixed(struct out *o, const char *key, uint64_t v, unsigned decimals)
{
	member(o, key);
	out_fixed(o, v, decimals);
}
