/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coroutines on ucontext. AddressSanitizer is told of each switch, or it would take the new stack for an overflow. */
#include "sim/core/coro.h"

#include <stdint.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define CORO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CORO_ASAN 1
#endif
#endif

#ifdef CORO_ASAN
#include <sanitizer/common_interface_defs.h>
#define STACK_BYTES (512 * 1024) /* redzones make frames several times larger */
#else
#define STACK_BYTES (64 * 1024)
#endif

struct coro {
	ucontext_t inside, outside;
	const struct sim_alloc *a;
	void (*fn)(void *arg);
	void *arg;
	char *stack;
	int done;
#ifdef CORO_ASAN
	const void *outside_stack;
	size_t outside_size;
#endif
};

static void leave(struct coro *c, int for_good)
{
#ifdef CORO_ASAN
	void *fake = NULL;

	__sanitizer_start_switch_fiber(for_good ? NULL : &fake, c->outside_stack, c->outside_size);
	swapcontext(&c->inside, &c->outside);
	__sanitizer_finish_switch_fiber(fake, &c->outside_stack, &c->outside_size);
#else
	(void)for_good;
	swapcontext(&c->inside, &c->outside);
#endif
}

/* makecontext() passes ints alone: the pointer arrives in two halves. */
static void entry(unsigned hi, unsigned lo)
{
	struct coro *c = (struct coro *)(uintptr_t)((uint64_t)hi << 32 | lo);

#ifdef CORO_ASAN
	__sanitizer_finish_switch_fiber(NULL, &c->outside_stack, &c->outside_size);
#endif
	c->fn(c->arg);
	c->done = 1;
	leave(c, 1);
}

struct coro *coro_new(const struct sim_alloc *a, void (*fn)(void *arg), void *arg)
{
	struct coro *c = sim_calloc(a, 1, sizeof(*c));

	if (!c)
		return NULL;
	c->stack = sim_malloc(a, STACK_BYTES);
	if (!c->stack) {
		sim_free(a, c);
		return NULL;
	}
	c->a = a;
	c->fn = fn;
	c->arg = arg;
	getcontext(&c->inside);
	c->inside.uc_stack.ss_sp = c->stack;
	c->inside.uc_stack.ss_size = STACK_BYTES;
	c->inside.uc_link = NULL;
	makecontext(&c->inside, (void (*)(void))entry, 2, (unsigned)((uint64_t)(uintptr_t)c >> 32),
		    (unsigned)(uintptr_t)c);
	return c;
}

void coro_free(struct coro *c)
{
	if (!c)
		return;
	sim_free(c->a, c->stack);
	sim_free(c->a, c);
}

void coro_resume(struct coro *c)
{
#ifdef CORO_ASAN
	void *fake = NULL;

	__sanitizer_start_switch_fiber(&fake, c->stack, STACK_BYTES);
	swapcontext(&c->outside, &c->inside);
	__sanitizer_finish_switch_fiber(fake, NULL, NULL);
#else
	swapcontext(&c->outside, &c->inside);
#endif
}

void coro_yield(struct coro *c)
{
	leave(c, 0);
}

int coro_done(const struct coro *c)
{
	return c->done;
}
