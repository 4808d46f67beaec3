/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A winner tree. Slot s is leaf cap + s; node i's children are 2i and 2i + 1; each node repeats the earlier of its two
 * children, so node 1 is the next event. Changing a leaf replays the games on the way to the root. The opponents on
 * that way are known from the leaf alone, so the processor fetches them all at once where a heap waits for each level
 * in turn, and a game is a comparison and two conditional moves.
 *
 * The fast games compare times only and note a draw; if there was one, the way is walked again with kind and sequence.
 *
 * pop leaves its slot's games unplayed (`hole`), since a handler mostly arms again the very slot that fired, and then
 * the way is walked once instead of twice. Until settle() has played them, the nodes above the hole are out of date
 * and nobody reads the root; changes elsewhere need not wait, for settle() recomputes every node above the hole from
 * what is beside it.
 */
#include "sim/core/evq.h"

#include <assert.h>

#include "sim/core/diag.h"

#define CAP_FIRST 64u
#define CAP_MAX   (UINT32_C(1) << 30)
#define NO_SLOT   UINT32_MAX

struct node {
	uint64_t when;
	uint64_t slot; /* below 2^30; the width makes a node 16 bytes */
};

struct evq {
	const struct sim_alloc *a;
	struct node *node; /* 2 * cap of them; node[0] unused */
	uint64_t *tie;     /* by slot: kind in the top 8 bits, arming sequence below (2^56 armings outlast any run) */
	uint64_t *used;    /* bitmap of slots handed out */
	uint32_t cap;      /* leaves; a power of two, at least 64 */
	uint32_t hole;     /* slot popped whose games are not yet played, or NO_SLOT */
	uint32_t lowest;   /* no word of `used` below this one has a free slot */
	uint64_t seq;
};

/*
 * One game: the earlier of two into *k, and the time of a draw into *draw. Written out on x86-64, because compilers
 * turn the C below into a branch, which is as good as random and costs fifteen cycles instead of one (measured: a
 * third of the speed with clang and with gcc -O3).
 */
static inline void play(struct node *k, struct node rival, uint64_t *draw)
{
#if defined(__x86_64__) && defined(__GNUC__)
	__asm__("cmpq %[kwhen], %[rwhen]\n\t"
		"cmoveq %[kwhen], %[draw]\n\t"
		"cmovbq %[rwhen], %[kwhen]\n\t"
		"cmovbq %[rslot], %[kslot]"
		: [kwhen] "+&r"(k->when), [kslot] "+&r"(k->slot), [draw] "+&r"(*draw)
		: [rwhen] "r"(rival.when), [rslot] "r"(rival.slot)
		: "cc");
#else
	*draw = rival.when == k->when ? k->when : *draw;
	k->slot = rival.when < k->when ? rival.slot : k->slot;
	k->when = rival.when < k->when ? rival.when : k->when;
#endif
}

/* The full order. Among slots that are not armed the sequence is stale, and it does not matter which one wins. */
static inline bool before(const struct evq *q, const struct node *x, const struct node *y)
{
	return x->when != y->when ? x->when < y->when : q->tie[x->slot] < q->tie[y->slot];
}

/* One game by the full order: a 128-bit comparison, *tie going with *k. */
static inline void play_full(struct node *k, uint64_t *tie, struct node rival, uint64_t rival_tie)
{
#if defined(__x86_64__) && defined(__GNUC__)
	uint64_t t = rival.when;

	__asm__("cmpq %[ktie], %[rtie]\n\t"
		"sbbq %[kwhen], %[t]\n\t"
		"cmovbq %[rwhen], %[kwhen]\n\t"
		"cmovbq %[rslot], %[kslot]\n\t"
		"cmovbq %[rtie], %[ktie]"
		: [kwhen] "+&r"(k->when), [kslot] "+&r"(k->slot), [ktie] "+&r"(*tie), [t] "+&r"(t)
		: [rwhen] "r"(rival.when), [rslot] "r"(rival.slot), [rtie] "r"(rival_tie)
		: "cc");
#else
	bool lost = rival.when < k->when || (rival.when == k->when && rival_tie < *tie);

	*k = lost ? rival : *k;
	*tie = lost ? rival_tie : *tie;
#endif
}

static __attribute__((noinline)) void replay_draws(struct evq *q, uint32_t slot)
{
	struct node k = q->node[q->cap + slot];
	uint64_t tie = q->tie[slot];

	for (uint32_t i = q->cap + slot; i > 1; i >>= 1) {
		play_full(&k, &tie, q->node[i ^ 1], q->tie[q->node[i ^ 1].slot]);
		q->node[i >> 1] = k;
	}
}

/* Play all games from a leaf to the root. Goes by byte offsets: no addressing mode scales by 16. */
static inline void replay(struct evq *q, uint32_t slot)
{
	char *node = (char *)q->node;
	uint64_t at = ((uint64_t)q->cap + slot) * sizeof(struct node), draw = SIM_NEVER;
	struct node k = *(struct node *)(node + at);

	while (at > sizeof(struct node)) {
		play(&k, *(struct node *)(node + (at ^ sizeof(struct node))), &draw);
		at = at / 2 & ~(uint64_t)(sizeof(struct node) - 1);
		*(struct node *)(node + at) = k;
	}
	if (draw != SIM_NEVER)
		replay_draws(q, slot);
}

static inline void settle(struct evq *q)
{
	if (q->hole != NO_SLOT) {
		replay(q, q->hole);
		q->hole = NO_SLOT;
	}
}

/* As replay(), but most changes stop a level or two up: above a game that somebody else won before and wins now,
 * nothing has changed. */
static void update(struct evq *q, uint32_t slot)
{
	struct node k = q->node[q->cap + slot];

	for (uint32_t i = q->cap + slot; i > 1; i >>= 1) {
		struct node *up = &q->node[i >> 1];

		if (before(q, &q->node[i ^ 1], &k))
			k = q->node[i ^ 1];
		if (k.slot != slot && up->slot == k.slot)
			return;
		*up = k;
	}
}

/* The leaves move up to the new capacity; what lies between is played anew. */
static void rebuild(struct evq *q, uint32_t cap)
{
	struct node *n = q->node;

	for (uint32_t s = 0; s < q->cap; s++)
		n[cap + s] = n[q->cap + s];
	for (uint32_t s = q->cap; s < cap; s++) {
		n[cap + s] = (struct node){ SIM_NEVER, s };
		q->tie[s] = 0;
	}
	for (uint32_t i = q->cap / 64; i < cap / 64; i++)
		q->used[i] = 0;
	for (uint32_t i = cap - 1; i > 0; i--)
		n[i] = n[2 * i + before(q, &n[2 * i + 1], &n[2 * i])];
	q->cap = cap;
	q->hole = NO_SLOT;
}

/* An array that grew before another could not is harmless: cap says how much of each is in use. */
static int grow(struct evq *q, uint32_t cap)
{
	struct node *node;
	uint64_t *tie, *used;

	if (cap > CAP_MAX)
		return SIM_ENOMEM;
	node = sim_realloc(q->a, q->node, 2 * (size_t)cap * sizeof(*node));
	q->node = node ? node : q->node;
	tie = node ? sim_realloc(q->a, q->tie, cap * sizeof(*tie)) : NULL;
	q->tie = tie ? tie : q->tie;
	used = tie ? sim_realloc(q->a, q->used, cap / 64 * sizeof(*used)) : NULL;
	if (!used)
		return SIM_ENOMEM;
	q->used = used;
	rebuild(q, cap);
	return SIM_OK;
}

int evq_new(const struct sim_alloc *a, struct evq **ret)
{
	struct evq *q = sim_calloc(a, 1, sizeof(*q));

	if (!q)
		return SIM_ENOMEM;
	q->a = a;
	if (grow(q, CAP_FIRST)) {
		evq_free(q);
		return SIM_ENOMEM;
	}
	*ret = q;
	return SIM_OK;
}

void evq_free(struct evq *q)
{
	if (!q)
		return;
	sim_free(q->a, q->node);
	sim_free(q->a, q->tie);
	sim_free(q->a, q->used);
	sim_free(q->a, q);
}

/* For assertions; a release build has none. */
__attribute__((unused)) static bool in_use(const struct evq *q, int32_t slot)
{
	uint32_t s = (uint32_t)slot;

	return s < q->cap && q->used[s / 64] >> s % 64 & 1;
}

int32_t evq_slot_new(struct evq *q)
{
	uint32_t bit;

	while (q->lowest < q->cap / 64 && !~q->used[q->lowest])
		q->lowest++;
	if (q->lowest == q->cap / 64 && grow(q, 2 * q->cap))
		return SIM_ENOMEM;
	bit = (uint32_t)__builtin_ctzll(~q->used[q->lowest]);
	q->used[q->lowest] |= UINT64_C(1) << bit;
	return (int32_t)(64 * q->lowest + bit);
}

void evq_slot_free(struct evq *q, int32_t slot)
{
	uint32_t word = (uint32_t)slot / 64;

	assert(in_use(q, slot));
	evq_disarm(q, slot);
	q->used[word] &= ~(UINT64_C(1) << slot % 64);
	if (word < q->lowest)
		q->lowest = word;
}

void evq_arm(struct evq *q, int32_t slot, sim_ns when, uint8_t kind)
{
	uint32_t s = (uint32_t)slot;

	assert(in_use(q, slot));
	if (when == SIM_NEVER) {
		evq_disarm(q, slot);
		return;
	}
	q->node[q->cap + s].when = when;
	q->tie[s] = (uint64_t)kind << 56 | q->seq++;
	if (s != q->hole)
		update(q, s);
}

void evq_disarm(struct evq *q, int32_t slot)
{
	uint32_t s = (uint32_t)slot;

	assert(in_use(q, slot));
	if (q->node[q->cap + s].when == SIM_NEVER)
		return;
	q->node[q->cap + s].when = SIM_NEVER;
	if (s != q->hole)
		update(q, s);
}

sim_ns evq_when(const struct evq *q, int32_t slot)
{
	assert(in_use(q, slot));
	return q->node[q->cap + (uint32_t)slot].when;
}

/* Settling changes nothing that a caller can see, and happens once a pop: hence const, and O(1) over a run. */
sim_ns evq_next(const struct evq *q)
{
	settle((struct evq *)q);
	return q->node[1].when;
}

int32_t evq_pop(struct evq *q, sim_ns *ret_when, uint8_t *ret_kind)
{
	struct node top;

	settle(q);
	top = q->node[1];
	if (top.when == SIM_NEVER)
		return -1;
	*ret_when = top.when;
	*ret_kind = (uint8_t)(q->tie[top.slot] >> 56);
	q->node[q->cap + top.slot].when = SIM_NEVER;
	q->hole = (uint32_t)top.slot;
	return (int32_t)top.slot;
}
