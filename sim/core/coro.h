/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coroutines: each simulated task runs its program on a stack of its own, so that the kernel's blocking paths (fault, slow
 * path, reclaim, wait for a page) read here as they read there. One coroutine runs at a time; switching is explicit.
 */
#ifndef OOMSIM_CORE_CORO_H
#define OOMSIM_CORE_CORO_H

#include "sim/core/alloc.h"

struct coro;

/* A coroutine that will run fn(arg) when first resumed. NULL when out of host memory. */
struct coro *coro_new(const struct sim_alloc *a, void (*fn)(void *arg), void *arg);
/* Free it, finished or not; it must not be running. What it had on its stack is forgotten. NULL is fine. */
void coro_free(struct coro *c);
/* Run it until it yields or its function returns. */
void coro_resume(struct coro *c);
/* From inside: back to whoever resumed. */
void coro_yield(struct coro *c);
/* Its function has returned. */
int coro_done(const struct coro *c);

#endif
