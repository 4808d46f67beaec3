/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of any bytes become valid UTF-8; numbers print alike everywhere. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/sink/jw.h"
#include "sim/sink/text.h"
#include "tests/sink/fixture.h"

static void plain(const char *in, const char *want)
{
	char got[TEXT_MAX];

	text_plain(got, sizeof(got), in);
	cr_assert_str_eq(got, want);
}

Test(sink_text, plain)
{
	plain("", "");
	plain("leak", "leak");
	plain("a\nb\t\x1b[31m\x7f", "a\\x0ab\\x09\\x1b[31m\\x7f");
	plain("a\\b", "a\\\\b");
	plain("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
	plain("\xc2\x85", "\\x85");                                                    /* a C1 control */
	plain("\xff", "\xef\xbf\xbd");                                                 /* never a byte of UTF-8 */
	plain("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");                                 /* cut in the middle */
	plain("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                                 /* overlong "/" */
	plain("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                 /* a surrogate */
	plain("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* beyond U+10FFFF */
	plain("\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                 /* a non-character */
}

Test(sink_text, cut_at_a_character)
{
	char got[4];

	text_utf8(got, sizeof(got), "ab\xc3\xa9");
	cr_assert_str_eq(got, "ab");
	text_plain(got, sizeof(got), "\n");
	cr_assert_str_eq(got, "");
}

/* Write with `put`, read back. */
static void written(void (*put)(struct out *), const char *want)
{
	struct sink_error e = { 0 };
	static struct out o;
	struct strbuf got;
	char dir[200];
	int fd;

	fixture_tmpdir(dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	cr_assert_eq(out_open(&o, fd, "x", &e), SIM_OK);
	put(&o);
	cr_assert_eq(out_close(&o), SIM_OK);
	got = fixture_read(dir, "x");
	cr_assert_str_eq(got.s, want);
	strbuf_free(&got);
	close(fd);
	fixture_cleanup(dir);
}

static void numbers(struct out *o)
{
	out_u64(o, 0), out_char(o, ' ');
	out_u64(o, UINT64_MAX), out_char(o, ' ');
	out_i64(o, INT64_MIN), out_char(o, ' ');
	out_i64(o, -7), out_char(o, ' ');
	out_fixed(o, 1234, 2), out_char(o, ' ');
	out_fixed(o, 5, 3), out_char(o, ' ');
	out_fixed(o, 17, 0), out_char(o, ' ');
	out_seconds(o, UINT64_C(14179751999));
}

Test(sink_out, numbers)
{
	written(numbers, "0 18446744073709551615 -9223372036854775808 -7 12.34 0.005 17 14.179751");
}

/* A locale with a decimal comma changes nothing. */
Test(sink_out, locale)
{
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		setlocale(LC_ALL, "");
	written(numbers, "0 18446744073709551615 -9223372036854775808 -7 12.34 0.005 17 14.179751");
}

static void fields(struct out *o)
{
	static const char *const v[] = { "plain", "a,b", "say \"hi\"", "two\nlines", " padded", "caf\xc3\xa9", "" };

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		out_csv(o, v[i]);
		out_char(o, ';');
	}
}

Test(sink_out, csv)
{
	written(fields, "plain;\"a,b\";\"say \"\"hi\"\"\";two\\x0alines;\" padded\";caf\xc3\xa9;;");
}

static void json(struct out *o)
{
	jw_object(o, NULL);
	jw_str(o, "s", "q\"b\\n\n\x7f\xff\xc3\xa9");
	jw_i64(o, "i", -3);
	jw_array(o, "a");
	jw_u64(o, NULL, 1), jw_bool(o, NULL, true), jw_str(o, NULL, NULL);
	jw_object(o, NULL), jw_object_end(o);
	jw_array(o, NULL), jw_array_end(o);
	jw_array_end(o);
	jw_fixed(o, "f", 1005, 3);
	jw_object_end(o);
}

Test(sink_out, json)
{
	written(json, "{\"s\":\"q\\\"b\\\\n\\u000a\\u007f\xef\xbf\xbd\xc3\xa9\",\"i\":-3,\"a\":[1,true,null,{},[]],"
		      "\"f\":1.005}");
}

Test(sink_out, first_error_stays)
{
	struct sink_error e = { .dir = "results/x" };

	sink_error_io(&e, "a.csv", ENOSPC);
	sink_error_io(&e, "b.csv", EIO);
	sink_error_nomem(&e);
	cr_assert_eq(e.code, SIM_EIO);
	cr_assert_str_eq(e.text, "results/x/a.csv: No space left on device");
}
