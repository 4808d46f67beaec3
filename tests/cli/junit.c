/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes that XML cannot hold, one by one. The escaper is the program's own, so it is compiled in here. */
#include "sim/cli/junit.c"

#include <criterion/criterion.h>

static void escaped(const char *in, const char *want)
{
	struct strbuf b = { 0 };

	xml_escape(&b, in);
	cr_assert_str_eq(b.s ? b.s : "", want);
	strbuf_free(&b);
}

Test(junit, markup)
{
	escaped("a<b>&\"'", "a&lt;b&gt;&amp;&quot;&apos;");
	escaped("]]>", "]]&gt;");
	escaped("", "");
}

Test(junit, control_characters_become_the_replacement_character)
{
	escaped("\x01\x1b[31m", "\xef\xbf\xbd\xef\xbf\xbd[31m");
	escaped("a\tb\nc", "a\tb\nc");
	escaped("\r", "&#13;");
}

Test(junit, utf8)
{
	escaped("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x92\xa5", "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x92\xa5");
	escaped("\xff", "\xef\xbf\xbd");
	escaped("\xc3", "\xef\xbf\xbd");                                                 /* cut off */
	escaped("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                                 /* overlong '/' */
	escaped("\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong again */
	escaped("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                 /* half a surrogate pair */
	escaped("\xef\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");                 /* U+FFFF */
	escaped("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* beyond U+10FFFF */
}

Test(junit, tap_names_hold_no_directives)
{
	struct check_result r = { .path = "a # SKIP\nnot ok", .outcome = CHECK_FAILED };
	struct strbuf b = { 0 };

	tap_write(&b, &r, 1);
	cr_assert_str_eq(b.s, "TAP version 13\n1..1\nnot ok 1 - a \\# SKIP?not ok\n");
	strbuf_free(&b);
}
