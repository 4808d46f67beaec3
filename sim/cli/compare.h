/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between two runs, in words: for `diff`, and for `check` against a golden. */
#ifndef OOMSIM_CLI_COMPARE_H
#define OOMSIM_CLI_COMPARE_H

#include <jansson.h>

#include "sim/core/strbuf.h"

/* Append one line a difference between two summary.json trees to `out`: kills first, side by side, then every other figure
 * with its change in percent. Returns the number of differences. */
unsigned compare_summaries(struct strbuf *out, const json_t *old, const json_t *now);
/* Append the first differing line of two texts, old and new, with its number. Returns 1 if they differ, else 0. */
unsigned compare_texts(struct strbuf *out, const char *what, const char *old, const char *now);

#endif
