/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sim/core/diag.h"
#include "sim/core/evq.h"
#include "tests/core/failing.h"

static struct evq *queue(int slots)
{
	struct evq *q = NULL;

	cr_assert_eq(evq_new(&sim_alloc_libc, &q), SIM_OK);
	for (int i = 0; i < slots; i++)
		cr_assert_eq(evq_slot_new(q), i);
	return q;
}

static void expect_pop(struct evq *q, int32_t slot, sim_ns when, uint8_t kind)
{
	sim_ns w = 12345;
	uint8_t k = 99;

	cr_assert_eq(evq_next(q), when);
	cr_assert_eq(evq_pop(q, &w, &k), slot);
	cr_assert_eq(w, when);
	cr_assert_eq(k, kind);
	cr_assert_eq(evq_when(q, slot), SIM_NEVER);
}

static void expect_empty(struct evq *q)
{
	sim_ns w = 12345;
	uint8_t k = 99;

	cr_assert_eq(evq_next(q), SIM_NEVER);
	cr_assert_eq(evq_pop(q, &w, &k), -1);
	cr_assert(w == 12345 && k == 99);
}

Test(evq, empty)
{
	struct evq *q = queue(0);

	expect_empty(q);
	evq_free(q);
	q = queue(3);
	expect_empty(q);
	evq_free(q);
	evq_free(NULL);
}

Test(evq, by_time)
{
	struct evq *q = queue(4);

	evq_arm(q, 0, 30, 1);
	evq_arm(q, 1, 10, 2);
	evq_arm(q, 2, SIM_NEVER - 1, 0);
	evq_arm(q, 3, 0, 3);
	expect_pop(q, 3, 0, 3);
	expect_pop(q, 1, 10, 2);
	expect_pop(q, 0, 30, 1);
	expect_pop(q, 2, SIM_NEVER - 1, 0);
	expect_empty(q);
	evq_free(q);
}

Test(evq, equal_times_by_kind_then_arming)
{
	struct evq *q = queue(6);

	evq_arm(q, 5, 7, 2);
	evq_arm(q, 1, 7, 255);
	evq_arm(q, 4, 7, 2);
	evq_arm(q, 0, 7, 2);
	evq_arm(q, 2, 7, 0);
	evq_arm(q, 3, 8, 0);
	expect_pop(q, 2, 7, 0);
	expect_pop(q, 5, 7, 2);
	expect_pop(q, 4, 7, 2);
	expect_pop(q, 0, 7, 2);
	expect_pop(q, 1, 7, 255);
	expect_pop(q, 3, 8, 0);
	evq_free(q);
}

/* Arming again, even for the same time, goes behind those armed meanwhile. */
Test(evq, rearming_queues_behind)
{
	struct evq *q = queue(3);

	evq_arm(q, 0, 7, 1);
	evq_arm(q, 1, 7, 1);
	evq_arm(q, 2, 7, 1);
	evq_arm(q, 0, 7, 1);
	expect_pop(q, 1, 7, 1);
	evq_arm(q, 1, 7, 1);
	expect_pop(q, 2, 7, 1);
	expect_pop(q, 0, 7, 1);
	expect_pop(q, 1, 7, 1);
	expect_empty(q);
	evq_free(q);
}

Test(evq, rearm_earlier_later_and_disarm)
{
	struct evq *q = queue(3);

	evq_arm(q, 0, 10, 0);
	evq_arm(q, 1, 20, 0);
	evq_arm(q, 2, 30, 0);
	evq_arm(q, 2, 5, 0);
	evq_arm(q, 0, 25, 0);
	cr_assert_eq(evq_when(q, 2), 5);
	expect_pop(q, 2, 5, 0);
	evq_disarm(q, 1);
	evq_disarm(q, 1);
	cr_assert_eq(evq_when(q, 1), SIM_NEVER);
	expect_pop(q, 0, 25, 0);
	evq_arm(q, 1, 1, 0);
	evq_arm(q, 1, SIM_NEVER, 0);
	expect_empty(q);
	evq_free(q);
}

/* After a pop, anything may happen before the popped slot is armed again, or it is not armed at all. */
Test(evq, others_between_pop_and_arm)
{
	struct evq *q = queue(4);
	sim_ns w;
	uint8_t k;

	evq_arm(q, 0, 10, 0);
	evq_arm(q, 1, 20, 0);
	cr_assert_eq(evq_pop(q, &w, &k), 0);
	evq_arm(q, 2, 15, 0);
	evq_arm(q, 0, 12, 0);
	cr_assert_eq(evq_pop(q, &w, &k), 0);
	evq_disarm(q, 0);
	evq_disarm(q, 2);
	cr_assert_eq(evq_pop(q, &w, &k), 1);
	evq_slot_free(q, 1);
	expect_empty(q);
	evq_arm(q, 3, 9, 0);
	cr_assert_eq(evq_pop(q, &w, &k), 3);
	cr_assert_eq(evq_slot_new(q), 1);
	expect_empty(q);
	evq_free(q);
}

Test(evq, slots_reused_lowest_first)
{
	struct evq *q = queue(200);

	evq_arm(q, 150, 5, 0);
	evq_slot_free(q, 150);
	evq_slot_free(q, 3);
	evq_slot_free(q, 64);
	expect_empty(q);
	cr_assert_eq(evq_slot_new(q), 3);
	cr_assert_eq(evq_slot_new(q), 64);
	cr_assert_eq(evq_slot_new(q), 150);
	cr_assert_eq(evq_when(q, 150), SIM_NEVER, "a reused slot must not remember its event");
	cr_assert_eq(evq_slot_new(q), 200);
	evq_free(q);
}

/* Slots 0..63 are armed, one is popped and pending repair, and then the tree grows. */
Test(evq, growth_keeps_events)
{
	struct evq *q = queue(64);
	sim_ns w;
	uint8_t k;

	for (int i = 0; i < 64; i++)
		evq_arm(q, i, 100 + (sim_ns)(i * 37 % 64), (uint8_t)i);
	cr_assert_eq(evq_pop(q, &w, &k), 0);
	for (int i = 64; i < 1000; i++)
		cr_assert_eq(evq_slot_new(q), i);
	evq_arm(q, 999, 50, 7);
	expect_pop(q, 999, 50, 7);
	for (int t = 1; t < 64; t++) {
		int32_t s = evq_pop(q, &w, &k);

		cr_assert_eq(s * 37 % 64, t);
		cr_assert_eq(w, 100 + (sim_ns)t);
		cr_assert_eq(k, s);
	}
	expect_empty(q);
	evq_free(q);
}

/* The naive model: an array searched from end to end. */
#define MODEL_SLOTS 700
struct model {
	struct {
		int used;
		sim_ns when;
		uint8_t kind;
		uint64_t seq;
	} s[MODEL_SLOTS];
	uint64_t seq;
};

static int model_first(const struct model *m)
{
	int best = -1;

	for (int i = 0; i < MODEL_SLOTS; i++) {
		if (!m->s[i].used || m->s[i].when == SIM_NEVER)
			continue;
		if (best < 0 || m->s[i].when < m->s[best].when ||
		    (m->s[i].when == m->s[best].when &&
		     (m->s[i].kind < m->s[best].kind ||
		      (m->s[i].kind == m->s[best].kind && m->s[i].seq < m->s[best].seq))))
			best = i;
	}
	return best;
}

static void model_arm(struct model *m, int slot, sim_ns when, uint8_t kind)
{
	m->s[slot].when = when;
	m->s[slot].kind = kind;
	m->s[slot].seq = m->seq++;
}

static int model_slot_new(struct model *m)
{
	for (int i = 0; i < MODEL_SLOTS; i++) {
		if (m->s[i].used)
			continue;
		m->s[i].used = 1;
		m->s[i].when = SIM_NEVER;
		return i;
	}
	return -1;
}

static uint32_t rnd(uint64_t *x)
{
	*x = *x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*x >> 33);
}

static void model_pop(struct model *m, struct evq *q, uint64_t *x, sim_ns *now, uint32_t spread)
{
	int want = model_first(m);
	sim_ns w = 0;
	uint8_t k = 0;

	cr_assert_eq(evq_pop(q, &w, &k), want);
	if (want < 0)
		return;
	cr_assert_eq(w, m->s[want].when);
	cr_assert_eq(k, m->s[want].kind);
	*now = w;
	m->s[want].when = SIM_NEVER;
	if (rnd(x) % 4) { /* mostly what handlers do: the same slot again */
		sim_ns t = *now + rnd(x) % spread;

		k = (uint8_t)(rnd(x) % 3);
		evq_arm(q, want, t, k);
		model_arm(m, want, t, k);
	}
}

static void one_step(struct model *m, struct evq *q, uint64_t *x, sim_ns *now, int slots, uint32_t spread)
{
	int s = (int)(rnd(x) % (uint32_t)slots), what = (int)(rnd(x) % 16);
	int first = model_first(m);

	if (rnd(x) % 2)
		cr_assert_eq(evq_next(q), first < 0 ? SIM_NEVER : m->s[first].when);
	if (what < 8) {
		model_pop(m, q, x, now, spread);
	} else if (!m->s[s].used) {
		s = model_slot_new(m);
		cr_assert_eq(evq_slot_new(q), s);
	} else if (what < 13) {
		sim_ns t = rnd(x) % 50 ? *now + rnd(x) % spread : SIM_NEVER;

		cr_assert_eq(evq_when(q, s), m->s[s].when);
		evq_arm(q, s, t, (uint8_t)(s % 3));
		model_arm(m, s, t, (uint8_t)(s % 3));
	} else if (what < 15) {
		evq_disarm(q, s);
		m->s[s].when = SIM_NEVER;
	} else {
		evq_slot_free(q, s);
		m->s[s].used = 0;
	}
}

/* A spread of 3 makes nearly every comparison a draw, 1000000 makes draws rare. */
Test(evq, random_operations_against_naive_model, .timeout = 120)
{
	static const int slots[] = { 1, 2, 5, 64, 65, MODEL_SLOTS };
	static const uint32_t spreads[] = { 3, 50, 1000000 };

	for (size_t i = 0; i < ARRAY_LEN(slots); i++) {
		for (size_t j = 0; j < ARRAY_LEN(spreads); j++) {
			struct model *m = calloc(1, sizeof(*m));
			struct evq *q = queue(0);
			uint64_t x = 10 * i + j;
			sim_ns now = 0;

			for (int k = 0; k < slots[i]; k++)
				cr_assert_eq(evq_slot_new(q), model_slot_new(m));
			for (int step = 0; step < 6000; step++)
				one_step(m, q, &x, &now, slots[i], spreads[j]);
			evq_free(q);
			free(m);
		}
	}
}

Test(evq, every_allocation_may_fail)
{
	for (unsigned n = 0;; n++) {
		struct failing f = { n, 0 };
		struct sim_alloc a = FAILING_ALLOC(&f);
		struct evq *q = (struct evq *)&f; /* must not be touched on failure */
		int err = evq_new(&a, &q);

		if (err) {
			cr_assert_eq(err, SIM_ENOMEM);
			cr_assert_eq(q, (struct evq *)&f);
			cr_assert_eq(f.live, 0);
			continue;
		}
		cr_assert_gt(n, 0);
		evq_free(q);
		cr_assert_eq(f.live, 0);
		return;
	}
}

Test(evq, failed_growth_leaves_queue_working)
{
	for (unsigned n = 0; n < 3; n++) {
		struct failing f = { 1000, 0 };
		struct sim_alloc a = FAILING_ALLOC(&f);
		struct evq *q;
		int32_t s;

		cr_assert_eq(evq_new(&a, &q), SIM_OK);
		while (f.left = n, (s = evq_slot_new(q)) >= 0)
			evq_arm(q, s, 1000 - (sim_ns)s, 0);
		cr_assert_eq(s, SIM_ENOMEM);
		cr_assert_eq(evq_next(q), 1000 - 63);
		expect_pop(q, 63, 1000 - 63, 0);
		f.left = 1000;
		cr_assert_eq(evq_slot_new(q), 64);
		for (int i = 62; i >= 0; i--)
			expect_pop(q, i, 1000 - (sim_ns)i, 0);
		expect_empty(q);
		evq_free(q);
		cr_assert_eq(f.live, 0);
	}
}
