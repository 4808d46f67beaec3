/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Host memory goes through here, so that a test can make the n-th allocation fail and benchmarks can count bytes. */
#ifndef OOMSIM_CORE_ALLOC_H
#define OOMSIM_CORE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* An allocator: what world_new() is given. realloc(ctx, NULL, n) allocates; realloc(ctx, p, 0) frees and returns NULL. */
struct sim_alloc {
	void *(*realloc)(void *ctx, void *p, size_t n);
	void *ctx;
	/* Optional: n > 0 zeroed bytes, so that fresh pages from the host need not be touched. NULL: realloc and memset. */
	void *(*zalloc)(void *ctx, size_t n);
};

extern const struct sim_alloc sim_alloc_libc; /* malloc and free */

void *sim_malloc(const struct sim_alloc *a, size_t n);             /* NULL on failure */
void *sim_calloc(const struct sim_alloc *a, size_t n, size_t size); /* zeroed; NULL on failure or overflow of n * size */
void *sim_realloc(const struct sim_alloc *a, void *p, size_t n);
void sim_free(const struct sim_alloc *a, void *p); /* p may be NULL */

#endif
