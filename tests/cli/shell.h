/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the program as a user would, in a folder of its own. */
#ifndef OOMSIM_TESTS_CLI_SHELL_H
#define OOMSIM_TESTS_CLI_SHELL_H

#include <stdbool.h>

/* What a command did. Texts are cut at 64 KiB and live until the next shell(). */
struct ran {
	int status; /* exit status; 128 + N when killed by signal N */
	const char *out, *err;
};

/* Make a temporary folder, go there, and set $oomsim to the program beside this test runner and $top to the source tree. For
 * .init of a test suite; in_folder_end() removes the folder. */
void in_folder(void);
void in_folder_end(void);
/* Run a command line with sh. */
__attribute__((format(printf, 1, 2))) struct ran shell(const char *fmt, ...);
/* Write a file into the folder. */
void put_file(const char *name, const char *text);
bool exists(const char *path);
/* A scenario that a leak ends after a second or so of simulated time. */
extern const char small_leak[];

#define RAN(r, want)                                                                                                   \
	cr_assert((r).status == (want), "exit status %d instead of %d\nstdout: %s\nstderr: %s", (r).status, want,      \
		  (r).out, (r).err)
/* Criterion does not run .fini after a skip. */
#define SKIP(why)                                                                                                      \
	do {                                                                                                           \
		in_folder_end();                                                                                       \
		cr_skip_test(why);                                                                                     \
	} while (0)
#define HAS(text, part)     cr_assert(strstr(text, part), "'%s' is not in:\n%s", part, text)
#define HAS_NOT(text, part) cr_assert(!strstr(text, part), "'%s' is in:\n%s", part, text)

#endif
