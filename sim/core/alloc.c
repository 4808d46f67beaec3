/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/core/alloc.h"

#include <stdlib.h>
#include <string.h>

static void *libc_realloc(void *ctx, void *p, size_t n)
{
	(void)ctx;
	if (n)
		return realloc(p, n);
	free(p);
	return NULL;
}

/* libc's calloc() leaves fresh pages untouched: a table for a 1 TiB machine costs nothing until it is used. */
static void *libc_zalloc(void *ctx, size_t n)
{
	(void)ctx;
	return calloc(1, n);
}

const struct sim_alloc sim_alloc_libc = { libc_realloc, NULL, libc_zalloc };

/* A request for nothing gets a byte: realloc(p, 0) means "free", and NULL means "failed". */
void *sim_malloc(const struct sim_alloc *a, size_t n)
{
	return a->realloc(a->ctx, NULL, n ? n : 1);
}

void *sim_calloc(const struct sim_alloc *a, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	if (a->zalloc)
		return a->zalloc(a->ctx, bytes ? bytes : 1);
	p = sim_malloc(a, bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

void *sim_realloc(const struct sim_alloc *a, void *p, size_t n)
{
	return a->realloc(a->ctx, p, n);
}

void sim_free(const struct sim_alloc *a, void *p)
{
	if (p)
		a->realloc(a->ctx, p, 0);
}
