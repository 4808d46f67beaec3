/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edit distance in the form of optimal string alignment (Damerau 1964, a swap of neighbours is one edit). */
#include "sim/scenario/didyoumean.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 63

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' ? '-' : c;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned edit_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), i, j;
	unsigned d[3][WORD_MAX + 1]; /* rows i-2, i-1 and i of the table, by i modulo 3 */
	unsigned *r0, *r1, *r2;

	if (la > WORD_MAX || lb > WORD_MAX)
		return 2 * WORD_MAX;
	for (j = 0; j <= lb; j++)
		d[0][j] = (unsigned)j;
	for (i = 1; i <= la; i++) {
		r0 = d[i % 3], r1 = d[(i - 1) % 3], r2 = d[(i + 1) % 3];
		r0[0] = (unsigned)i;
		for (j = 1; j <= lb; j++) {
			r0[j] = min3(r1[j] + 1, r0[j - 1] + 1, r1[j - 1] + (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]) && r2[j - 2] + 1 < r0[j])
				r0[j] = r2[j - 2] + 1;
		}
	}
	return d[la % 3][lb];
}

/* A third of the letters may be wrong, and never all of them; of equals the first offered stays. */
void nearest_offer(struct nearest *n, const char *candidate)
{
	unsigned d = edit_distance(n->word, candidate);
	size_t len = strlen(n->word), longer = strlen(candidate);

	if (longer >= 4 && len >= 3 &&
	    (!strncmp(candidate, n->word, len) || (len > longer && !strncmp(candidate, n->word, longer))))
		d = d > 2 ? 2 : d; /* a beginning, like "mem" for "memory" */
	if (len > longer)
		longer = len;
	if (d > (unsigned)(longer + 1) / 3 || d >= longer || (n->best && d >= n->distance))
		return;
	n->best = candidate;
	n->distance = d;
}

const char *nearest_hint(const struct nearest *n, char *buf, size_t size)
{
	if (!n->best)
		return NULL;
	snprintf(buf, size, "did you mean '%s'?", n->best);
	return buf;
}
