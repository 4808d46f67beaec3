/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with units: exact values, and the words for wrong ones. */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "sim/scenario/didyoumean.h"
#include "sim/scenario/quantity.h"

static const struct qctx ctx = { .page_size = 4096, .memory = 256 * MIB };

static uint64_t size_of(const char *s)
{
	struct qerr e;
	uint64_t v = 0;

	cr_assert_eq(quantity_size(s, &ctx, &v, &e), 0, "%s: %s", s, e.text);
	return v;
}

static sim_ns time_of(const char *s)
{
	struct qerr e;
	sim_ns v = 0;

	cr_assert_eq(quantity_time(s, &v, &e), 0, "%s: %s", s, e.text);
	return v;
}

Test(quantity, sizes)
{
	static const struct {
		const char *s;
		uint64_t v;
	} rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "17B", 17 },
		{ "1kB", 1000 },
		{ "1KB", 1000 },
		{ "1KiB", 1024 },
		{ "64 MiB", 64 * MIB },
		{ "1.5GiB", GIB + GIB / 2 },
		{ "1.50000000000000000000000GiB", GIB + GIB / 2 },
		{ "0.1GB", 100000000 },
		{ "3998pages", 3998 * 4096 },
		{ "1page", 4096 },
		{ "25%", 64 * MIB },
		{ "12.5%", 32 * MIB },
		{ "120%", 322122547 }, /* 322122547.2 */
		{ "1e3", 1000 },
		{ "1.5e3kB", 1500000 },
		{ "2TB", UINT64_C(2000000000000) },
		{ "18446744073709551615", UINT64_MAX },
		{ "18446744073709551615B", UINT64_MAX },
		{ "16777215TiB", 16777215 * TIB },
		{ "0.3KiB", 307 }, /* 307.2 */
		{ "0.5", 1 },      /* halves go up */
		{ ".5KiB", 512 },
		{ "+4KiB", 4096 },
		{ "0.7MiB", 734003 }, /* 734003.2; a float says 734003.1999... */
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		cr_expect_eq(size_of(rows[i].s), rows[i].v, "%s: %llu", rows[i].s,
			     (unsigned long long)size_of(rows[i].s));
}

Test(quantity, times)
{
	cr_expect_eq(time_of("1"), NS_PER_SEC);
	cr_expect_eq(time_of("0.1"), 100000000);
	cr_expect_eq(time_of("0.1s"), 100000000);
	cr_expect_eq(time_of("1.1us"), 1100);
	cr_expect_eq(time_of("49652us"), 49652000);
	cr_expect_eq(time_of("2h"), 7200 * NS_PER_SEC);
	cr_expect_eq(time_of("1.5d"), 129600 * NS_PER_SEC);
	cr_expect_eq(time_of("3min"), 180 * NS_PER_SEC);
	cr_expect_eq(time_of("1e-3"), NS_PER_MS);
	cr_expect_eq(time_of("9223372036.854775807"), UINT64_C(9223372036854775807)); /* a double has 53 bits */
	cr_expect_eq(time_of("0"), 0);
}

Test(quantity, refused)
{
	static const struct {
		const char *s, *text, *hint;
	} rows[] = {
		{ "", "'' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ "big", "'big' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ "nan", "'nan' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ ".inf", "'.inf' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ "1.", "'1.' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ ".", "'.' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ "--1", "'--1' is not a number", "write a size, like 64MiB, 4kB, 10pages or 20%" },
		{ "-1MiB", "'-1MiB' is negative", "write a value of 0 or more" },
		{ "1,5MiB", "'1,5MiB' is not a size: unknown unit ',5MiB'",
		  "units are B kB KiB MB MiB GB GiB TB TiB pages %" },
		{ "64M", "'64M' is not a size: unknown unit 'M'", "did you mean 'MiB'?" },
		{ "64mib", "'64mib' is not a size: unknown unit 'mib'", "did you mean 'MiB'?" },
		{ "64Mi", "'64Mi' is not a size: unknown unit 'Mi'", "did you mean 'MiB'?" },
		{ "1e", "'1e' is not a size: unknown unit 'e'", "units are B kB KiB MB MiB GB GiB TB TiB pages %" },
		{ "0x10", "'0x10' is not a size: unknown unit 'x10'",
		  "units are B kB KiB MB MiB GB GiB TB TiB pages %" },
		{ "18446744073709551616", "'18446744073709551616' has more than 19 significant digits", NULL },
		{ "16777216TiB", "'16777216TiB' is too large", "check the number and its unit" },
		{ "1e30", "'1e30' is too large", "check the number and its unit" },
		{ "1e999999999999", "'1e999999999999' is too large", "check the number and its unit" },
		{ "1e-9", "'1e-9' is less than one byte", "write 0 or a larger value" },
		{ "1e-999999999", "'1e-999999999' is less than one byte", "write 0 or a larger value" },
		{ "1.2.3", "'1.2.3' is not a size: unknown unit '.3'", NULL },
	};
	struct qerr e;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t v = 42;

		cr_expect_eq(quantity_size(rows[i].s, &ctx, &v, &e), -1, "'%s' passed", rows[i].s);
		cr_expect_eq(v, 42, "'%s' changed the result", rows[i].s);
		if (i != 14) /* 2^64 has 20 digits, 19 of them significant or not: either refusal is right */
			cr_expect_str_eq(e.text, rows[i].text);
		if (rows[i].hint && i != 14)
			cr_expect_str_eq(e.hint, rows[i].hint);
	}
}

Test(quantity, units_that_are_not_known_yet)
{
	struct qctx none = { 0 };
	struct qerr e;
	uint64_t v;

	cr_expect_eq(quantity_size("3pages", &none, &v, &e), -1);
	cr_expect_eq(quantity_size("3%", &none, &v, &e), -1);
	cr_expect_str_eq(e.text, "'3%': a share of the memory cannot be used here");
}

Test(quantity, rates)
{
	struct qerr e;
	uint64_t u;
	double d;

	cr_expect_eq(quantity_rate("400MB/s", &ctx, &u, &e), 0);
	cr_expect_eq(u, 400000000);
	cr_expect_eq(quantity_rate_real("25MiB/s", &ctx, &d, &e), 0);
	cr_expect_eq(d, 26214400.0);
	cr_expect_eq(quantity_rate_real("0.5", &ctx, &d, &e), 0);
	cr_expect_eq(d, 0.5);
	cr_expect_eq(quantity_rate("25MiB", &ctx, &u, &e), -1);
	cr_expect_str_eq(e.hint, "did you mean '25MiB/s'?");
	cr_expect_eq(quantity_rate("25MiB/m", &ctx, &u, &e), -1);
	cr_expect_eq(quantity_rate("25Mb/s", &ctx, &u, &e), -1);
	cr_expect_str_eq(e.hint, "did you mean 'MB'?");
	cr_expect_eq(quantity_pages_rate("2000pages/s", &d, &e), 0);
	cr_expect_eq(d, 2000.0);
	cr_expect_eq(quantity_pages_rate("2000/s", &d, &e), -1);
}

Test(quantity, shares_and_numbers)
{
	struct qerr e;
	int64_t i;
	uint64_t u;
	double d;

	cr_expect_eq(quantity_share("3%", &d, &e), 0);
	cr_expect_eq(d, 0.03);
	cr_expect_eq(quantity_share("0.03", &d, &e), 0);
	cr_expect_eq(d, 0.03);
	cr_expect_eq(quantity_share("101%", &d, &e), -1);
	cr_expect_eq(quantity_number("-1.25e2", &d, &e), 0);
	cr_expect_eq(d, -125.0);
	cr_expect_eq(quantity_number("1e300", &d, &e), -1);
	cr_expect_eq(quantity_i64("-1000", &i, &e), 0);
	cr_expect_eq(i, -1000);
	cr_expect_eq(quantity_i64("3.0", &i, &e), 0);
	cr_expect_eq(i, 3);
	cr_expect_eq(quantity_i64("3.5", &i, &e), -1);
	cr_expect_eq(quantity_i64("9223372036854775808", &i, &e), -1);
	cr_expect_eq(quantity_i64("12pages", &i, &e), -1);
	cr_expect_str_eq(e.hint, "leave 'pages' out");
	cr_expect_eq(quantity_u64("18446744073709551615", &u, &e), 0);
	cr_expect_eq(u, UINT64_MAX);
	cr_expect(quantity_has_unit("12pages"));
	cr_expect(quantity_has_unit("many"));
	cr_expect_not(quantity_has_unit("12"));
}

/* A decimal comma must not come back through the locale. */
Test(quantity, locale_does_not_matter)
{
	if (!setlocale(LC_ALL, "de_DE.UTF-8"))
		setlocale(LC_ALL, "C.UTF-8");
	cr_expect_eq(time_of("1.5s"), 1500000000);
}

Test(quantity, shown_as_written)
{
	char b[32];

	cr_expect_str_eq(quantity_show_size(b, sizeof(b), 0), "0B");
	cr_expect_str_eq(quantity_show_size(b, sizeof(b), 1500), "1500B");
	cr_expect_str_eq(quantity_show_size(b, sizeof(b), 64 * MIB), "64MiB");
	cr_expect_str_eq(quantity_show_size(b, sizeof(b), 128 * TIB), "128TiB");
	cr_expect_str_eq(quantity_show_time(b, sizeof(b), 0), "0s");
	cr_expect_str_eq(quantity_show_time(b, sizeof(b), 1500 * NS_PER_US), "1500us");
	cr_expect_str_eq(quantity_show_time(b, sizeof(b), 90 * NS_PER_SEC), "90s");
	cr_expect_str_eq(quantity_show_time(b, sizeof(b), 120 * NS_PER_SEC), "2min");
}

Test(didyoumean, distance)
{
	cr_expect_eq(edit_distance("", ""), 0);
	cr_expect_eq(edit_distance("abc", ""), 3);
	cr_expect_eq(edit_distance("kitten", "sitting"), 3);
	cr_expect_eq(edit_distance("swap", "sawp"), 1); /* neighbours swapped */
	cr_expect_eq(edit_distance("SWAP", "swap"), 0);
	cr_expect_eq(edit_distance("vm.page_cluster", "vm.page-cluster"), 0);
}

static const char *nearest_of(const char *word, const char *const *list)
{
	struct nearest n = { .word = word };

	for (; *list; list++)
		nearest_offer(&n, *list);
	return n.best ? n.best : "-";
}

Test(didyoumean, nearest)
{
	static const char *const list[] = { "memory", "cpus", "page_size", "hz", "swap", NULL };

	cr_expect_str_eq(nearest_of("memroy", list), "memory");
	cr_expect_str_eq(nearest_of("mem", list), "memory");
	cr_expect_str_eq(nearest_of("cpu", list), "cpus");
	cr_expect_str_eq(nearest_of("pagesize", list), "page_size");
	cr_expect_str_eq(nearest_of("x", list), "-");
	cr_expect_str_eq(nearest_of("quota", list), "-");
	cr_expect_str_eq(nearest_of("", list), "-");
}
