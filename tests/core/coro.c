/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "sim/core/coro.h"
#include "tests/core/failing.h"

/* A coroutine under test: writes its letter, yields, and so on. */
struct writer {
	struct coro *c;
	char letter;
	int times;
	char *out; /* shared */
};

static void put(char *out, char letter)
{
	size_t n = strlen(out);

	out[n] = letter;
	out[n + 1] = '\0';
}

static void write_and_yield(void *arg)
{
	struct writer *w = arg;

	for (int i = 0; i < w->times; i++) {
		put(w->out, w->letter);
		coro_yield(w->c);
	}
	put(w->out, '.');
}

Test(coro, interleaved)
{
	char out[64] = "";
	struct writer a = { .letter = 'a', .times = 2, .out = out }, b = { .letter = 'b', .times = 3, .out = out };

	a.c = coro_new(&sim_alloc_libc, write_and_yield, &a);
	b.c = coro_new(&sim_alloc_libc, write_and_yield, &b);
	cr_assert_str_eq(out, "", "nothing runs before the first resume");
	while (!coro_done(a.c) || !coro_done(b.c)) {
		if (!coro_done(a.c))
			coro_resume(a.c);
		if (!coro_done(b.c))
			coro_resume(b.c);
		put(out, ' ');
	}
	cr_assert_str_eq(out, "ab ab .b . ");
	coro_free(a.c);
	coro_free(b.c);
}

/* One that resumes another to its end between its own yields; `depth` of them inside each other. */
struct nest {
	struct coro *c;
	int depth;
	char *out;
};

static void nested(void *arg)
{
	struct nest *n = arg, inner = { NULL, n->depth - 1, n->out };

	put(n->out, (char)('0' + n->depth));
	if (n->depth) {
		inner.c = coro_new(&sim_alloc_libc, nested, &inner);
		while (!coro_done(inner.c)) {
			coro_resume(inner.c);
			coro_yield(n->c);
		}
		coro_free(inner.c);
	}
	put(n->out, (char)('a' + n->depth));
}

Test(coro, nested)
{
	char out[64] = "";
	struct nest n = { NULL, 3, out };
	int resumes = 0;

	n.c = coro_new(&sim_alloc_libc, nested, &n);
	for (; !coro_done(n.c); resumes++)
		coro_resume(n.c);
	cr_assert_str_eq(out, "3210abcd");
	cr_assert_eq(resumes, 4, "each level but the innermost adds the yield after its child's last return");
	coro_free(n.c);
}

/* It may be resumed from different stacks: each time it returns to whoever resumed last. */
struct relay {
	struct coro *self, *other;
	char *out;
};

static void resume_other_once(void *arg)
{
	struct relay *r = arg;

	put(r->out, '<');
	coro_resume(r->other);
	put(r->out, '>');
}

Test(coro, resumed_from_different_stacks)
{
	char out[64] = "";
	struct writer w = { .letter = 'w', .times = 9, .out = out };
	struct relay r = { .out = out };

	w.c = coro_new(&sim_alloc_libc, write_and_yield, &w);
	coro_resume(w.c);
	for (int i = 0; i < 2; i++) {
		r.other = w.c;
		r.self = coro_new(&sim_alloc_libc, resume_other_once, &r);
		coro_resume(r.self);
		cr_assert(coro_done(r.self));
		coro_free(r.self);
		coro_resume(w.c);
	}
	cr_assert_str_eq(out, "w<w>w<w>w");
	coro_free(w.c);
}

Test(coro, freed_unfinished_or_unstarted)
{
	struct failing f = { 100, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);

	coro_free(NULL);
	for (int resumes = 0; resumes < 4; resumes++) {
		char out[64] = "";
		struct writer w = { .letter = 'w', .times = 9, .out = out };

		w.c = coro_new(&a, write_and_yield, &w);
		for (int i = 0; i < resumes; i++)
			coro_resume(w.c);
		cr_assert_eq(strlen(out), (size_t)resumes);
		coro_free(w.c);
		cr_assert_eq(f.live, 0);
	}
}

/* An arena reuses the stack without malloc() in between: nothing may be left of the frames that were forgotten. */
#define ARENA (1 << 20)
static void *arena_realloc(void *ctx, void *p, size_t n)
{
	static char arena[2][ARENA];

	(void)ctx;
	(void)p;
	return n == 0 ? NULL : n < 4096 ? arena[0] : n <= sizeof(arena[1]) ? arena[1] : NULL;
}

static void fill_frames(void *arg)
{
	volatile char block[2000];
	struct writer *w = arg;

	memset((char *)block, w->letter, sizeof(block));
	coro_yield(w->c);
	put(w->out, block[1999]);
}

Test(coro, stack_memory_reusable_after_forgetting)
{
	struct sim_alloc a = { .realloc = arena_realloc };
	char out[64] = "";
	struct writer w = { .letter = 'x', .out = out };

	w.c = coro_new(&a, fill_frames, &w);
	coro_resume(w.c);
	coro_free(w.c);
	memset(arena_realloc(NULL, NULL, ARENA), 0, ARENA);
	w.c = coro_new(&a, fill_frames, &w);
	coro_resume(w.c);
	coro_resume(w.c);
	cr_assert(coro_done(w.c));
	cr_assert_str_eq(out, "x");
	coro_free(w.c);
}

Test(coro, every_allocation_may_fail)
{
	for (unsigned n = 0;; n++) {
		struct failing f = { n, 0 };
		struct sim_alloc a = FAILING_ALLOC(&f);
		struct coro *c = coro_new(&a, write_and_yield, NULL);

		if (c) {
			cr_assert_gt(n, 0);
			coro_free(c);
			cr_assert_eq(f.live, 0);
			return;
		}
		cr_assert_eq(f.live, 0);
	}
}

/* Sums that keep more values alive across the switch than there are registers, integer and floating. */
struct summer {
	struct coro *c;
	uint64_t seed, sum;
	double fsum;
};

static void sum_across_yields(void *arg)
{
	struct summer *s = arg;
	uint64_t a = s->seed, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7;
	double p = (double)a, q = p + .5, r = p + .25, t = p + .125, u = p * 3, v = p * 5, w = p * 7, x = p * 9;

	for (int i = 0; i < 100; i++) {
		coro_yield(s->c);
		a += b, b ^= c, c += d, d ^= e, e += f, f ^= g, g += h, h ^= a;
		p += q / 2, q -= r / 4, r += t / 2, t -= u / 8, u += v / 2, v -= w / 8, w += x / 2, x -= p / 8;
	}
	s->sum = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;
	s->fsum = p + q + r + t + u + v + w + x;
}

static void run_alone(struct summer *s)
{
	s->c = coro_new(&sim_alloc_libc, sum_across_yields, s);
	while (!coro_done(s->c))
		coro_resume(s->c);
	coro_free(s->c);
}

Test(coro, registers_survive)
{
	enum { N = 50 };
	struct summer alone[N] = { 0 }, mixed[N] = { 0 };
	int live = N;

	for (int i = 0; i < N; i++) {
		alone[i].seed = mixed[i].seed = (uint64_t)i * 1000003;
		run_alone(&alone[i]);
		mixed[i].c = coro_new(&sim_alloc_libc, sum_across_yields, &mixed[i]);
	}
	while (live) {
		for (int i = 0; i < N; i++) {
			if (coro_done(mixed[i].c))
				continue;
			coro_resume(mixed[i].c);
			live -= coro_done(mixed[i].c);
		}
	}
	for (int i = 0; i < N; i++) {
		cr_assert_eq(mixed[i].sum, alone[i].sum);
		cr_assert(mixed[i].fsum == alone[i].fsum);
		coro_free(mixed[i].c);
	}
}

/* A frame must be aligned as the ABI promises, or vector spills fault; and the callee sees its argument. */
static void check_alignment(void *arg)
{
	_Alignas(16) volatile char here[16];
	uintptr_t *ret = arg;

	here[0] = 0;
	*ret = (uintptr_t)__builtin_frame_address(0) % 16 + ((uintptr_t)here % 16) * 16;
}

Test(coro, stack_aligned)
{
	uintptr_t misaligned = 99;
	struct coro *c = coro_new(&sim_alloc_libc, check_alignment, &misaligned);

	coro_resume(c);
	cr_assert(coro_done(c));
	cr_assert_eq(misaligned, 0);
	coro_free(c);
}

/* Half of the promised 64 KiB, yielding at the bottom. */
struct diver {
	struct coro *c;
	int depth;
	uint64_t sum;
};

static __attribute__((noinline)) uint64_t dive(struct diver *d, int depth)
{
	volatile char block[1000];
	uint64_t below;

	block[0] = (char)depth;
	if (depth == 0) {
		coro_yield(d->c);
		return 0;
	}
	below = dive(d, depth - 1);
	return below + (uint64_t)block[0];
}

static void dive_down(void *arg)
{
	struct diver *d = arg;

	d->sum = dive(d, d->depth);
}

Test(coro, deep_calls)
{
	struct diver d = { .depth = 28 };

	d.c = coro_new(&sim_alloc_libc, dive_down, &d);
	coro_resume(d.c);
	cr_assert_not(coro_done(d.c));
	coro_resume(d.c);
	cr_assert(coro_done(d.c));
	cr_assert_eq(d.sum, 28 * 29 / 2);
	coro_free(d.c);
}

#if defined(__ELF__) && (defined(__x86_64__) || defined(__aarch64__))
/* swapcontext() would bring the old mask back, by a system call: what a coroutine blocks must stay blocked. */
static void block_usr1(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	coro_yield(*(struct coro **)arg);
}

Test(coro, switch_makes_no_system_call)
{
	struct coro *c;
	sigset_t set;

	c = coro_new(&sim_alloc_libc, block_usr1, &c);
	coro_resume(c);
	sigprocmask(SIG_SETMASK, NULL, &set);
	cr_assert(sigismember(&set, SIGUSR1));
	coro_free(c);
}
#endif

#ifndef NDEBUG
/* Each level yields: some switch must notice, before the stack is really gone. `depth` counts, as if there were an
 * end. */
static __attribute__((noinline)) uint64_t dive_forever(struct diver *d)
{
	volatile char block[1000];
	uint64_t below;

	block[0] = 1;
	if (--d->depth == 0)
		return 0;
	coro_yield(d->c);
	below = dive_forever(d);
	return below + (uint64_t)block[0];
}

static void overflow(void *arg)
{
	dive_forever(arg);
}

Test(coro, overflow_is_noticed, .signal = SIGABRT)
{
	struct diver d = { .depth = 1 << 20 };

	d.c = coro_new(&sim_alloc_libc, overflow, &d);
	for (;;)
		coro_resume(d.c);
}

Test(coro, resuming_what_is_done_is_noticed, .signal = SIGABRT)
{
	uintptr_t unused;
	struct coro *c = coro_new(&sim_alloc_libc, check_alignment, &unused);

	coro_resume(c);
	coro_resume(c);
}
#endif
