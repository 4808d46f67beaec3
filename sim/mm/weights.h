/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often an access pattern uses each of its pages 0..n-1: integer weights, so that sums are exact whatever the
 * order in which pages come and go. All weights together stay below 2^62.
 */
#ifndef OOMSIM_MM_WEIGHTS_H
#define OOMSIM_MM_WEIGHTS_H

#include "sim/core/alloc.h"
#include "sim/core/rng.h"
#include "sim/world/config.h"

#define ZIPF_BLOCKS 33 /* ranks 1, 2..3, 4..7, ... up to 2^32 */

struct weights {
	uint64_t n, total;
	uint64_t hot; /* pages [0, hot) weigh hot_each, the rest cold_each; a uniform pattern is all hot, weight 1 */
	uint64_t hot_each, cold_each;
	double hot_stay, cold_stay; /* weights_log_stay() of the two */
	uint32_t *zipf;             /* by page, coded: see weight_of() */
	uint64_t stride;     /* ZIPF: rank r is page r * stride mod n, so that hot pages do not lie side by side */
	uint64_t *zipf_upto; /* weight of the blocks before, ZIPF_BLOCKS + 1 of them */
};

/* SIM_OK, or SIM_ENOMEM, or SIM_ETOOBIG for 2^32 pages and more. n > 0. */
int weights_init(const struct sim_alloc *a, struct weights *wt, enum access_pattern pattern, uint64_t n, double zipf_s,
		 uint64_t hot, double hot_weight);
void weights_free(const struct sim_alloc *a, struct weights *wt);
/* Of pages [from, to) together. */
uint64_t weights_sum(const struct weights *wt, uint64_t from, uint64_t to);
/* A page, by weight. */
uint64_t weights_draw(const struct weights *wt, struct sim_rng *rng);
/* Logarithm of the chance that one access more leaves the page alone, given that one asks at faults; at most 0. */
double weights_log_stay(const struct weights *wt, uint64_t page);

/* Zipf weights are 27 bits with a 5-bit exponent below them. */
static inline uint64_t weight_of(const struct weights *wt, uint64_t page)
{
	if (wt->zipf)
		return (uint64_t)(wt->zipf[page] >> 5) << (wt->zipf[page] & 31);
	return page < wt->hot ? wt->hot_each : wt->cold_each;
}

#endif
