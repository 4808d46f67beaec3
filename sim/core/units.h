/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities of the simulation. Time is integer nanoseconds, memory integer pages; nothing else is ever compared to decide. */
#ifndef OOMSIM_CORE_UNITS_H
#define OOMSIM_CORE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t sim_ns;    /* simulated nanoseconds since t = 0; never wall clock */
typedef uint64_t sim_pages; /* count of simulated pages */

#define NS_PER_US  UINT64_C(1000)
#define NS_PER_MS  UINT64_C(1000000)
#define NS_PER_SEC UINT64_C(1000000000)
#define SIM_NEVER  UINT64_MAX /* a time that does not come */

#define KIB UINT64_C(1024)
#define MIB (UINT64_C(1024) * KIB)
#define GIB (UINT64_C(1024) * MIB)
#define TIB (UINT64_C(1024) * GIB)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline uint64_t u64_min(uint64_t a, uint64_t b) { return a < b ? a : b; }
static inline uint64_t u64_max(uint64_t a, uint64_t b) { return a > b ? a : b; }
static inline uint64_t u64_sub0(uint64_t a, uint64_t b) { return a > b ? a - b : 0; } /* a - b, never below 0 */

/* a + b or a * b into *ret; false (and *ret untouched) when the result does not fit. */
static inline bool u64_add(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return false;
	*ret = r;
	return true;
}

static inline bool u64_mul(uint64_t a, uint64_t b, uint64_t *ret)
{
	uint64_t r;

	if (__builtin_mul_overflow(a, b, &r))
		return false;
	*ret = r;
	return true;
}

/* a * b / c without overflow in the product; c > 0; the quotient must fit. */
static inline uint64_t u64_muldiv(uint64_t a, uint64_t b, uint64_t c)
{
	return (uint64_t)((unsigned __int128)a * b / c);
}

/* floor(sqrt(x)), as the kernel's int_sqrt() (lib/math/int_sqrt.c). */
uint64_t isqrt64(uint64_t x);

#endif
