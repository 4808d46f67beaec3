/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outcome of checks, as JUnit XML for CI systems and as TAP. */
#ifndef OOMSIM_CLI_JUNIT_H
#define OOMSIM_CLI_JUNIT_H

#include "sim/core/strbuf.h"

enum check_outcome { CHECK_PASSED, CHECK_FAILED, CHECK_ERROR };

struct check_result {
	const char *path; /* of the scenario, as given */
	char *name;       /* of the scenario; NULL while it could not be read */
	enum check_outcome outcome;
	struct strbuf detail; /* what differs, or what the error was; lines */
	double wall_s;        /* how long it took, for the CI system's display */
};

/* Append the text with the characters escaped that XML forbids or gives a meaning, in attributes and content alike; bytes
 * that are not UTF-8, and control characters, which XML cannot hold, become U+FFFD. */
void xml_escape(struct strbuf *out, const char *s);
void junit_write(struct strbuf *out, const struct check_result *r, size_t n);
void tap_write(struct strbuf *out, const struct check_result *r, size_t n);

#endif
