/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/strbuf.h"

Test(strbuf, grows_and_stays_terminated)
{
	struct strbuf b = { 0 };
	char expected[4001] = "";

	for (int i = 0; i < 500; i++) {
		strbuf_addf(&b, "%04d", i);
		strbuf_puts(&b, "-");
		strbuf_add(&b, "xyz", 2);
		snprintf(expected + strlen(expected), 8, "%04d-xy", i);
		cr_assert_eq(b.len, 7 * (size_t)(i + 1));
		cr_assert_str_eq(b.s, expected);
		cr_assert_lt(b.len, b.cap);
	}
	cr_assert_not(b.failed);
	strbuf_free(&b);
}

/* The first capacities are where an off-by-one of the NUL would sit. */
Test(strbuf, every_length_in_one_call)
{
	char text[300];

	memset(text, 'q', sizeof(text));
	for (size_t n = 0; n < sizeof(text); n++) {
		struct strbuf b = { 0 }, c = { 0 };

		strbuf_add(&b, text, n);
		strbuf_addf(&c, "%.*s", (int)n, text);
		cr_assert_eq(b.len, n);
		cr_assert_eq(c.len, n);
		cr_assert(n ? b.s[n] == '\0' && strlen(c.s) == n : !b.s && !c.s);
		strbuf_free(&b);
		strbuf_free(&c);
	}
}

Test(strbuf, holds_nul_bytes)
{
	struct strbuf b = { 0 };

	strbuf_add(&b, "a\0b", 3);
	strbuf_puts(&b, "c");
	cr_assert_eq(b.len, 4);
	cr_assert_arr_eq(b.s, "a\0bc", 5);
	strbuf_free(&b);
}

Test(strbuf, failure_is_remembered)
{
	struct strbuf b = { 0 };

	strbuf_puts(&b, "kept");
	strbuf_add(&b, "x", SIZE_MAX - 2); /* more than fits an address space: refused before it is read */
	cr_assert(b.failed);
	strbuf_puts(&b, "ignored");
	strbuf_addf(&b, "%d", 1);
	cr_assert_str_eq(b.s, "kept");
	cr_assert(b.failed);
	strbuf_free(&b);
}

Test(strbuf, usable_after_free)
{
	struct strbuf b = { 0 };

	strbuf_add(&b, "x", SIZE_MAX);
	strbuf_free(&b);
	cr_assert(!b.s && !b.len && !b.cap && !b.failed);
	strbuf_puts(&b, "again");
	cr_assert_str_eq(b.s, "again");
	strbuf_free(&b);
	strbuf_free(&b);
}
