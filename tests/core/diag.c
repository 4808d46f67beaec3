/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

static void expect_printed(const struct diag_list *dl, const char *expected)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	diag_print(dl, f);
	fclose(f);
	cr_assert_str_eq(text, expected);
	free(text);
}

Test(diag, error_texts)
{
	cr_assert_str_eq(sim_strerror(SIM_OK), "success");
	cr_assert_str_eq(sim_strerror(SIM_ENOMEM), "out of host memory");
	cr_assert_str_eq(sim_strerror(SIM_EBROKEN), "a broken internal invariant");
	cr_assert_str_eq(sim_strerror(-999), "unknown error");
	cr_assert_str_eq(sim_strerror(1), "unknown error");
}

Test(diag, forms)
{
	struct diag_list dl = { 0 };

	expect_printed(&dl, "");
	diag_add(&dl, DIAG_ERROR, "a.yaml", 3, 7, "did you mean 'seed'?", "unknown key '%s'", "sed");
	diag_add(&dl, DIAG_WARNING, "a.yaml", 4, 0, NULL, "no column");
	diag_add(&dl, DIAG_NOTE, "a.yaml", 0, 0, NULL, "the file as a whole");
	diag_add(&dl, DIAG_ERROR, NULL, 0, 0, "see --help", "no file at all");
	expect_printed(&dl, "a.yaml: note: the file as a whole\n"
			    "a.yaml:3:7: error: unknown key 'sed' (did you mean 'seed'?)\n"
			    "a.yaml:4: warning: no column\n"
			    "error: no file at all (see --help)\n");
	cr_assert_eq(dl.errors, 2);
	cr_assert_eq(dl.n, 4);
	diag_list_free(&dl);
	cr_assert(!dl.v && !dl.n && !dl.cap && !dl.errors);
	diag_list_free(&dl);
}

Test(diag, keeps_its_own_copies)
{
	struct diag_list dl = { 0 };
	char file[] = "f", hint[] = "h";

	diag_add(&dl, DIAG_ERROR, file, 1, 1, hint, "t");
	file[0] = hint[0] = '!';
	expect_printed(&dl, "f:1:1: error: t (h)\n");
	diag_list_free(&dl);
}

/* Files in order of first appearance (not of name), places by number (not as text), equals as added. */
Test(diag, sorts_by_place)
{
	struct diag_list dl = { 0 };

	diag_add(&dl, DIAG_ERROR, "z", 10, 1, NULL, "1");
	diag_add(&dl, DIAG_ERROR, "a", 1, 1, NULL, "2");
	diag_add(&dl, DIAG_ERROR, "z", 9, 12, NULL, "3");
	diag_add(&dl, DIAG_NOTE, "z", 9, 2, NULL, "4");
	diag_add(&dl, DIAG_ERROR, "z", 9, 2, NULL, "5");
	diag_add(&dl, DIAG_ERROR, "m", 1, 1, NULL, "6");
	diag_add(&dl, DIAG_WARNING, "z", 9, 2, NULL, "7");
	diag_add(&dl, DIAG_ERROR, "a", 0, 0, NULL, "8");
	expect_printed(&dl, "z:9:2: note: 4\n"
			    "z:9:2: error: 5\n"
			    "z:9:2: warning: 7\n"
			    "z:9:12: error: 3\n"
			    "z:10:1: error: 1\n"
			    "a: error: 8\n"
			    "a:1:1: error: 2\n"
			    "m:1:1: error: 6\n");
	cr_assert_str_eq(dl.v[0].text, "1", "printing must not reorder the list");
	diag_list_free(&dl);
}

/* Enough for any sort to show that it is not stable. */
Test(diag, many_equals_stay_in_order)
{
	struct diag_list dl = { 0 };
	char expected[8192] = "";

	for (int i = 0; i < 300; i++) {
		diag_add(&dl, DIAG_ERROR, "f", 5, 5, NULL, "%d", i);
		snprintf(expected + strlen(expected), 32, "f:5:5: error: %d\n", i);
	}
	expect_printed(&dl, expected);
	diag_list_free(&dl);
}
