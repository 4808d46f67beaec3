/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error codes, and diagnostics that point into a user's file. Libraries fill these; only programs print them. */
#ifndef OOMSIM_CORE_DIAG_H
#define OOMSIM_CORE_DIAG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One list for code, name and text. Functions return 0 or a negative code. */
#define SIM_ERR_MAP(X)                                                                                                 \
	X(NOMEM, -1, "out of host memory")                                                                             \
	X(INPUT, -2, "bad input")                                                                                      \
	X(IO, -3, "input/output failure")                                                                              \
	X(TOOBIG, -4, "the scenario needs more memory than the host has")                                             \
	X(USAGE, -5, "wrong usage")                                                                                    \
	X(BROKEN, -6, "a broken internal invariant")

enum sim_err {
	SIM_OK = 0,
#define X(name, code, text) SIM_E##name = (code),
	SIM_ERR_MAP(X)
#undef X
};

/* Text of a code of enum sim_err; never NULL. */
const char *sim_strerror(int code);

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

/* One diagnostic. line and column count from 1; 0 means "the file as a whole". */
struct diag {
	enum diag_level level;
	char *file; /* owned by the list */
	unsigned line, column;
	char *text; /* owned by the list */
	char *hint; /* owned by the list; NULL if there is none ("did you mean 'x'?") */
};

/* Diagnostics in the order found. Zero-initialise; diag_list_free() when done. */
struct diag_list {
	struct diag *v;
	size_t n, cap;
	unsigned errors; /* how many have level DIAG_ERROR; counted even if storing one failed for want of memory */
};

/* Append one diagnostic. hint may be NULL. Text is formatted as by printf. */
__attribute__((format(printf, 7, 8))) void diag_add(struct diag_list *dl, enum diag_level level, const char *file,
						    unsigned line, unsigned column, const char *hint, const char *fmt, ...);
/* Print "FILE:LINE:COLUMN: error: text" lines, each followed by its hint on the same line in parentheses, sorted by place. */
void diag_print(const struct diag_list *dl, FILE *f);
void diag_list_free(struct diag_list *dl);

#endif
