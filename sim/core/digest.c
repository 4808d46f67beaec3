/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each lane's step is a bijection of the lane for a given word, and of the word for a given lane: two streams that
 * differ in one word alone can never meet again. The lanes take the word in by different operations, so that what
 * cancels in one does not in the other. The multipliers are odd: splitmix64's and MurmurHash3's finalizer constants.
 */
#include "sim/core/digest.h"

#include <string.h>

#define MUL_A UINT64_C(0xbf58476d1ce4e5b9)
#define MUL_B UINT64_C(0xff51afd7ed558ccd)

void digest_u64(struct digest *d, uint64_t v)
{
	d->a = (d->a ^ v) * MUL_A;
	d->a ^= d->a >> 29;
	d->b = (d->b + v) * MUL_B;
	d->b ^= d->b >> 32;
	d->n++;
}

/* Up to eight bytes as one little-endian word, whatever the host's order. */
static uint64_t load_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* The length goes first, or "ab" then "c" would equal "a" then "bc". */
void digest_bytes(struct digest *d, const void *p, size_t n)
{
	const unsigned char *c = p;

	digest_u64(d, n);
	for (; n >= 8; c += 8, n -= 8)
		digest_u64(d, load_le(c, 8));
	if (n)
		digest_u64(d, load_le(c, n));
}

void digest_str(struct digest *d, const char *s)
{
	digest_bytes(d, s ? s : "", s ? strlen(s) : 0);
}

/* The last word has passed one multiplication alone; spread it, and the count, over the whole lane. */
static uint64_t finish(uint64_t lane, uint64_t n)
{
	lane += n;
	lane = (lane ^ lane >> 33) * MUL_B;
	lane = (lane ^ lane >> 29) * MUL_A;
	return lane ^ lane >> 32;
}

static void put_hex(uint64_t v, char *ret)
{
	for (int i = 0; i < 16; i++)
		ret[i] = "0123456789abcdef"[v >> (60 - 4 * i) & 15];
}

void digest_hex(const struct digest *d, char ret[33])
{
	put_hex(finish(d->a, d->n), ret);
	put_hex(finish(d->b, d->n), ret + 16);
	ret[32] = '\0';
}
