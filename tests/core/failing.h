/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An allocator whose calls fail once `left` of them have succeeded, and which counts the blocks that are alive. */
#ifndef OOMSIM_TESTS_CORE_FAILING_H
#define OOMSIM_TESTS_CORE_FAILING_H

#include <stdlib.h>

#include "sim/core/alloc.h"

struct failing {
	unsigned left;
	long live;
};

static inline void *failing_realloc(void *ctx, void *p, size_t n)
{
	struct failing *f = ctx;
	void *q;

	if (!n) {
		f->live -= p != NULL;
		free(p);
		return NULL;
	}
	if (!f->left)
		return NULL;
	f->left--;
	q = realloc(p, n);
	f->live += q && !p;
	return q;
}

#define FAILING_ALLOC(f)                                                                                               \
	{                                                                                                              \
		.realloc = failing_realloc, .ctx = (f)                                                                 \
	}

#endif
