/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/digest.h"

static void of_words(const uint64_t *v, size_t n, char ret[33])
{
	struct digest d = DIGEST_INIT;

	for (size_t i = 0; i < n; i++)
		digest_u64(&d, v[i]);
	digest_hex(&d, ret);
}

/* Every golden digest hangs on these: they change only together with all goldens. */
Test(digest, pinned)
{
	struct digest d = DIGEST_INIT;
	char hex[33];

	digest_hex(&d, hex);
	cr_assert_str_eq(hex, "d0b598146efd8ff72c0d5d9f4f56ff89");
	digest_u64(&d, 1);
	digest_hex(&d, hex);
	cr_assert_str_eq(hex, "27ab0a3458c2f05266ca326c9f904b13");
	digest_str(&d, "oomsim, oomsim");
	digest_hex(&d, hex);
	cr_assert_str_eq(hex, "c70ec3140c912504d354537e909678f8");
}

Test(digest, hex_is_lower_case_and_terminated)
{
	struct digest d = DIGEST_INIT;
	char hex[34];

	memset(hex, 'Z', sizeof(hex));
	digest_hex(&d, hex);
	cr_assert_eq(strspn(hex, "0123456789abcdef"), 32);
	cr_assert_eq(hex[32], '\0');
	cr_assert_eq(hex[33], 'Z');
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Eight words of zeros with each single bit set, and none: 513 digests, and 513 of each lane. */
Test(digest, any_bit_shows)
{
	static char all[513][33];
	uint64_t v[8] = { 0 };

	of_words(v, 8, all[512]);
	for (int i = 0; i < 512; i++) {
		v[i / 64] ^= UINT64_C(1) << i % 64;
		of_words(v, 8, all[i]);
		v[i / 64] = 0;
	}
	for (int lane = 0; lane < 2; lane++) {
		char half[513][17];

		for (int i = 0; i < 513; i++) {
			memcpy(half[i], all[i] + 16 * lane, 16);
			half[i][16] = '\0';
		}
		qsort(half, 513, sizeof(half[0]), compare);
		for (int i = 1; i < 513; i++)
			cr_assert_str_neq(half[i - 1], half[i]);
	}
}

static unsigned nibble(char hex)
{
	return (unsigned)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

/* One flipped input bit should flip about half of the output's 128, also in the very last word. */
Test(digest, flips_spread)
{
	for (int bit = 0; bit < 64; bit++) {
		uint64_t v[2] = { 5, 6 };
		char x[33], y[33];
		int flips = 0;

		of_words(v, 2, x);
		v[1] ^= UINT64_C(1) << bit;
		of_words(v, 2, y);
		for (int i = 0; i < 32; i++)
			flips += __builtin_popcount(nibble(x[i]) ^ nibble(y[i]));
		cr_assert(flips > 32 && flips < 96, "bit %d flips %d", bit, flips);
	}
}

Test(digest, order_and_length_matter)
{
	char x[33], y[33];
	struct digest d = DIGEST_INIT, e = DIGEST_INIT;

	of_words((uint64_t[]){ 1, 2 }, 2, x);
	of_words((uint64_t[]){ 2, 1 }, 2, y);
	cr_assert_str_neq(x, y);
	of_words((uint64_t[]){ 0 }, 1, x);
	of_words((uint64_t[]){ 0, 0 }, 2, y);
	cr_assert_str_neq(x, y);
	digest_str(&d, "ab");
	digest_str(&d, "c");
	digest_str(&e, "a");
	digest_str(&e, "bc");
	digest_hex(&d, x);
	digest_hex(&e, y);
	cr_assert_str_neq(x, y);
}

/* The bytes are read low byte first on every host: the length, then words of eight, then what is left. */
Test(digest, bytes_are_little_endian_words)
{
	struct digest d = DIGEST_INIT;
	char x[33], y[33];

	digest_bytes(&d, "\x08\x07\x06\x05\x04\x03\x02\x01\x0b\x0a", 10);
	digest_hex(&d, x);
	of_words((uint64_t[]){ 10, UINT64_C(0x0102030405060708), 0x0a0b }, 3, y);
	cr_assert_str_eq(x, y);
}

Test(digest, null_is_empty)
{
	struct digest d = DIGEST_INIT, e = DIGEST_INIT;

	digest_str(&d, NULL);
	digest_str(&e, "");
	cr_assert(d.a == e.a && d.b == e.b && d.n == e.n);
}
