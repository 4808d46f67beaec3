/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/json.h"

#include <string.h>

#include "sim/sink/text.h"

static void before(struct strbuf *b, const char *key)
{
	char last = b->len ? b->s[b->len - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		strbuf_puts(b, ",");
	if (key)
		strbuf_addf(b, "\"%s\":", key);
}

void out_json_open(struct strbuf *b, const char *key, char bracket)
{
	before(b, key);
	strbuf_add(b, &bracket, 1);
}

void out_json_close(struct strbuf *b, char bracket)
{
	strbuf_add(b, &bracket, 1);
}

void out_json_i64(struct strbuf *b, const char *key, int64_t v)
{
	before(b, key);
	strbuf_addf(b, "%lld", (long long)v);
}

void out_json_u64(struct strbuf *b, const char *key, uint64_t v)
{
	before(b, key);
	strbuf_addf(b, "%llu", (unsigned long long)v);
}

void out_json_bool(struct strbuf *b, const char *key, bool v)
{
	before(b, key);
	strbuf_puts(b, v ? "true" : "false");
}

void out_json_null(struct strbuf *b, const char *key)
{
	before(b, key);
	strbuf_puts(b, "null");
}

static void put_char(struct strbuf *b, const char *s, size_t len, uint32_t c)
{
	if (c == 0xfffd && len == 1)
		strbuf_puts(b, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\')
		strbuf_addf(b, "\\%c", (char)c);
	else if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&' || (c >= 0x80 && c < 0xa0) || c == 0x2028 ||
		 c == 0x2029)
		strbuf_addf(b, "\\u%04x", (unsigned)c);
	else
		strbuf_add(b, s, len);
}

void out_json_str(struct strbuf *b, const char *key, const char *v)
{
	if (!v) {
		out_json_null(b, key);
		return;
	}
	before(b, key);
	strbuf_puts(b, "\"");
	while (*v) {
		size_t len;
		uint32_t c = text_next(v, &len);

		put_char(b, v, len, c);
		v += len;
	}
	strbuf_puts(b, "\"");
}
