/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks on a doubly linked list, 32 bytes of head each, so that what follows keeps malloc's alignment. */
#include "sim/world/arena.h"

#include <stddef.h>

struct arena_block {
	struct arena_block *next, *prev;
	size_t bytes; /* with the head */
	size_t pad;
};

_Static_assert(sizeof(struct arena_block) % _Alignof(max_align_t) == 0, "blocks stay aligned");

static struct arena_block *block_of(void *p)
{
	return (struct arena_block *)((char *)p - sizeof(struct arena_block));
}

static void *link_block(struct arena *ar, struct arena_block *b, size_t bytes)
{
	b->bytes = bytes;
	b->prev = NULL;
	b->next = ar->first;
	if (b->next)
		b->next->prev = b;
	ar->first = b;
	ar->bytes += bytes;
	ar->peak = ar->bytes > ar->peak ? ar->bytes : ar->peak;
	return b + 1;
}

static void unlink_block(struct arena *ar, struct arena_block *b)
{
	if (b->prev)
		b->prev->next = b->next;
	else
		ar->first = b->next;
	if (b->next)
		b->next->prev = b->prev;
	ar->bytes -= b->bytes;
}

/* A block that cannot be resized stays where and what it was. */
static void *resize(struct arena *ar, struct arena_block *old, size_t bytes)
{
	size_t was = old->bytes;
	struct arena_block *b;

	unlink_block(ar, old);
	b = sim_realloc(ar->parent, old, bytes);
	if (b)
		return link_block(ar, b, bytes);
	link_block(ar, old, was);
	return NULL;
}

static void *arena_realloc(void *ctx, void *p, size_t n)
{
	struct arena *ar = ctx;
	struct arena_block *b;

	if (!n) {
		unlink_block(ar, block_of(p));
		sim_free(ar->parent, block_of(p));
		return NULL;
	}
	if (n > SIZE_MAX - sizeof(*b))
		return NULL;
	n += sizeof(*b);
	if (p)
		return resize(ar, block_of(p), n);
	b = sim_malloc(ar->parent, n);
	return b ? link_block(ar, b, n) : NULL;
}

static void *arena_zalloc(void *ctx, size_t n)
{
	struct arena *ar = ctx;
	struct arena_block *b = n > SIZE_MAX - sizeof(*b) ? NULL : sim_calloc(ar->parent, 1, n + sizeof(*b));

	return b ? link_block(ar, b, n + sizeof(*b)) : NULL;
}

void arena_init(struct arena *ar, const struct sim_alloc *parent)
{
	*ar = (struct arena){ .alloc = { .realloc = arena_realloc, .ctx = ar, .zalloc = arena_zalloc },
			      .parent = parent };
}

void arena_free_all(struct arena *ar)
{
	while (ar->first) {
		struct arena_block *b = ar->first;

		unlink_block(ar, b);
		sim_free(ar->parent, b);
	}
}
