/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "did you mean 'x'?": the known word nearest to a mistyped one. */
#ifndef OOMSIM_SCENARIO_DIDYOUMEAN_H
#define OOMSIM_SCENARIO_DIDYOUMEAN_H

#include <stddef.h>

/* Edits (insert, delete, replace, swap of neighbours) from a to b, case ignored; words over 63 bytes count as far apart. */
unsigned edit_distance(const char *a, const char *b);

/* Keeps the best of the words offered to it. Zero-initialise apart from `word`. */
struct nearest {
	const char *word; /* what the user wrote */
	const char *best; /* NULL while nothing is near enough */
	unsigned distance;
};
void nearest_offer(struct nearest *n, const char *candidate);

/* "did you mean 'x'?" into buf, or NULL when nothing is near. */
const char *nearest_hint(const struct nearest *n, char *buf, size_t size);

#endif
