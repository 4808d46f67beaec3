/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 128-bit running digest of the record stream (two lanes of a 64-bit multiply-xorshift hash): not cryptographic, but any
 * differing bit shows. Independent of host byte order. */
#ifndef OOMSIM_CORE_DIGEST_H
#define OOMSIM_CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digest {
	uint64_t a, b, n;
};

#define DIGEST_INIT ((struct digest){ UINT64_C(0x6f6f6d73696d2f31), UINT64_C(0x9e3779b97f4a7c15), 0 })

void digest_u64(struct digest *d, uint64_t v);
void digest_bytes(struct digest *d, const void *p, size_t n);
void digest_str(struct digest *d, const char *s); /* NULL counts as "" */
/* 32 lower-case hex digits and a NUL. */
void digest_hex(const struct digest *d, char ret[33]);

#endif
