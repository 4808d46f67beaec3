/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hold model: n pending events; take the next, arm it again an exponential time later. Prints million pop+arm a
 * second for the event queue and, as a yardstick in the same run, for a plain binary heap over the same keys, which is
 * spared its second sift: it replaces its top in place. The second pair of columns has times in steps of a twentieth
 * of the mean, so that most events share theirs with others.
 *
 *   gcc -std=gnu11 -I. -O2 -ffp-contract=off tests/bench/bench_evq.c sim/core/{evq,alloc,fmath}.c -lm && ./a.out
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/core/evq.h"
#include "sim/core/fmath.h"

#define STEPS   (1 << 16) /* increments drawn beforehand: the queue alone is timed */
#define HOLDS   5000000u
#define REPEATS 3

struct entry {
	uint64_t when, tie;
	uint32_t slot;
};

static inline int entry_before(const struct entry *x, const struct entry *y)
{
	return x->when != y->when ? x->when < y->when : x->tie < y->tie;
}

/* Replace the top of a heap of n entries (1-based) and sift it down: a heap's best case, one pass for pop and push. */
static void heap_replace_top(struct entry *h, uint32_t n, struct entry e)
{
	uint32_t i = 1, c;

	for (; (c = 2 * i) <= n; i = c) {
		if (c < n && entry_before(&h[c + 1], &h[c]))
			c++;
		if (!entry_before(&h[c], &e))
			break;
		h[i] = h[c];
	}
	h[i] = e;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void draw_steps(uint64_t *step, uint64_t grain)
{
	uint64_t x = 1;

	for (unsigned i = 0; i < STEPS; i++) {
		x = x * UINT64_C(6364136223846793005) + 1;
		step[i] = 1 + (uint64_t)(-1e6 * fm_log(((double)(x >> 11) + 0.5) * 0x1p-53));
		step[i] = (step[i] + grain - 1) / grain * grain;
	}
}

static double bench_evq(const uint64_t *step, uint32_t n, uint64_t *ret_sum)
{
	struct evq *q;
	uint64_t when, sum = 0;
	uint8_t kind;
	double t;

	if (evq_new(&sim_alloc_libc, &q))
		exit(1);
	for (uint32_t i = 0; i < n; i++)
		evq_arm(q, evq_slot_new(q), step[i % STEPS], 0);
	t = now();
	for (uint32_t i = 0; i < HOLDS; i++) {
		int32_t s = evq_pop(q, &when, &kind);

		sum += when ^ (uint32_t)s;
		evq_arm(q, s, when + step[(i + n) % STEPS], 0);
	}
	t = now() - t;
	evq_free(q);
	*ret_sum = sum;
	return HOLDS / t / 1e6;
}

static double bench_heap(const uint64_t *step, uint32_t n, uint64_t *ret_sum)
{
	struct entry *h = calloc(n + 1, sizeof(*h));
	uint64_t sum = 0, seq = n;
	double t;

	if (!h)
		exit(1);
	for (uint32_t i = n; i > 0; i--)
		h[i] = (struct entry){ step[(i - 1) % STEPS], i - 1, i - 1 };
	for (uint32_t i = n / 2; i > 0; i--) {
		uint32_t at = i;
		struct entry e = h[i];

		for (uint32_t c; (c = 2 * at) <= n; at = c) {
			c += c < n && entry_before(&h[c + 1], &h[c]);
			if (!entry_before(&h[c], &e))
				break;
			h[at] = h[c];
		}
		h[at] = e;
	}
	t = now();
	for (uint32_t i = 0; i < HOLDS; i++) {
		struct entry e = h[1];

		sum += e.when ^ e.slot;
		e.when += step[(i + n) % STEPS];
		e.tie = seq++;
		heap_replace_top(h, n, e);
	}
	t = now() - t;
	free(h);
	*ret_sum = sum;
	return HOLDS / t / 1e6;
}

static void bench(const uint64_t *step, uint32_t n)
{
	double best_q = 0, best_h = 0, x;
	uint64_t sum_q, sum_h;

	for (int k = 0; k < REPEATS; k++) {
		x = bench_evq(step, n, &sum_q);
		best_q = x > best_q ? x : best_q;
		x = bench_heap(step, n, &sum_h);
		best_h = x > best_h ? x : best_h;
	}
	printf(" %12.1f %12.1f", best_q, best_h);
	if (sum_q != sum_h)
		printf(" (their orders differ!)");
}

int main(void)
{
	static const uint32_t sizes[] = { 100, 1000, 10000 };
	uint64_t *step = malloc(STEPS * sizeof(*step));

	if (!step)
		return 1;
	printf("million pop+arm a CPU second, best of %d\n", REPEATS);
	printf("%8s %12s %12s %12s %12s\n", "slots", "evq", "heap", "evq, equal", "heap, equal");
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		printf("%8u", sizes[i]);
		draw_steps(step, 1);
		bench(step, sizes[i]);
		draw_steps(step, 50000);
		bench(step, sizes[i]);
		putchar('\n');
	}
	free(step);
	return 0;
}
