/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a text as a log and keeps its reports, explained. */
#ifndef OOMSIM_TESTS_REPORT_READ_H
#define OOMSIM_TESTS_REPORT_READ_H

#include <criterion/criterion.h>

#include "sim/report/explain.h"
#include "sim/report/reader.h"

#define READ_MAX 16

struct read {
	size_t n;
	struct oom_report r[READ_MAX];
	struct explanation x[READ_MAX];
};

/* Reports of a text, fed in pieces of `piece` bytes (0: whole). Free with read_free(). */
struct read *read_pieces(const char *text, size_t len, size_t piece);
struct read *read_text(const char *text);
void read_free(struct read *l);
/* A text put together, to be freed. */
__attribute__((format(printf, 1, 2))) char *textf(const char *fmt, ...);
/* Every line of `text` with `before` in front of it and `after` (before the newline) behind it, to be freed. */
char *decorate(const char *text, const char *before, const char *after);
/* A whole report of 6.1 in which pid 80 (leak) dies: no prefixes at all. */
extern const char report_6_1[];

#define ONE(l) cr_assert((l)->n == 1, "%zu reports instead of 1", (l)->n)
#define VICTIM(x, p, c)                                                                                                \
	do {                                                                                                           \
		cr_expect((x)->has_actual && (x)->actual_pid == (p), "victim %d", (x)->actual_pid);                    \
		cr_expect_str_eq((x)->actual_comm, c);                                                                 \
	} while (0)
#define AGREES(x) cr_expect((x)->agrees == TRI_TRUE, "agrees %d: %s", (x)->agrees, (x)->because.s)

#endif
