/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/thrash.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/compare.h"

#define KNEE 0.1 /* of the accesses a second of the smallest working set */

static double accesses_per_s(const struct outcome *o)
{
	double pages = 0, ms = 0;
	size_t i;

	for (i = 0; i < o->nphase; i++)
		if (o->phase[i].kind == PHASE_TOUCH) {
			pages += o->phase[i].pages;
			ms += o->phase[i].ms;
		}
	return ms > 0 ? 1000 * pages / ms : NAN;
}

/* "ws-120-6.1" -> 120; 0 for all names of another form. */
static double percent_of(const char *name)
{
	char *end;
	double v;

	if (strncmp(name, "ws-", 3) || !isdigit((unsigned char)name[3]))
		return 0;
	v = strtod(name + 3, &end);
	return end + 1 == compare_kernel(name) ? v : 0;
}

static int by_kernel_and_size(const void *a, const void *b)
{
	const struct thrash_point *x = a, *y = b;
	int order = strcmp(x->kernel, y->kernel);

	return order ? order : (x->percent > y->percent) - (x->percent < y->percent);
}

struct thrash_point *thrash_points(const struct comparison *c, size_t n, size_t *ret_n)
{
	struct thrash_point *p = xrealloc(NULL, n, sizeof(*p));
	size_t i, m = 0;

	for (i = 0; i < n; i++) {
		double percent = percent_of(c[i].name);

		if (percent > 0 && c[i].ran)
			p[m++] = (struct thrash_point){ .kernel = compare_kernel(c[i].name),
							.percent = percent,
							.real = accesses_per_s(&c[i].real),
							.sim = accesses_per_s(&c[i].sim) };
	}
	qsort(p, m, sizeof(*p), by_kernel_and_size);
	*ret_n = m;
	return p;
}

double thrash_knee(const struct thrash_point *p, size_t n, const char *kernel, bool simulated)
{
	double first = NAN, v;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(p[i].kernel, kernel))
			continue;
		v = simulated ? p[i].sim : p[i].real;
		if (isnan(first))
			first = v;
		else if (v < KNEE * first)
			return p[i].percent;
	}
	return 0;
}
