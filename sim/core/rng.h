/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Named random streams. Each task and device draws from its own, seeded by hash(seed, name), so that adding a process to a
 * scenario does not change what the others draw.
 *
 * Uniform numbers come from GSL's taus2 (gsl_rng_taus2; L'Ecuyer 1999). Non-uniform draws use our own logarithm and
 * exponential (fmath.h), since libm's last bit differs between machines; a draw ends as an integer.
 */
#ifndef OOMSIM_CORE_RNG_H
#define OOMSIM_CORE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct sim_rng; /* opaque; owned by whoever made it */

/* The stream named `name` of a run seeded with `seed`. NULL when out of host memory. */
struct sim_rng *sim_rng_new(uint64_t seed, const char *name);
void sim_rng_free(struct sim_rng *r);

uint64_t sim_rng_u64(struct sim_rng *r);                  /* 64 random bits */
uint64_t sim_rng_below(struct sim_rng *r, uint64_t n);    /* uniform in 0..n-1, without bias; n > 0 */
double sim_rng_unit(struct sim_rng *r);                   /* uniform in (0,1): k/2^53 with k in 1..2^53-1 */
bool sim_rng_chance(struct sim_rng *r, double p);         /* true with probability p */
double sim_rng_exponential(struct sim_rng *r, double mu); /* mean mu */
/* Number of failures before the first success of independent trials with success probability p in (0,1]. Saturates at
 * UINT64_MAX / 4. */
uint64_t sim_rng_geometric0(struct sim_rng *r, double p);

/* Distributions a scenario may name, with the parameters and names of GSL's gsl_ran_* functions. */
#define SIM_DIST_MAP(X)                                                                                                \
	X(CONSTANT, "constant", "value", NULL, NULL)                                                                   \
	X(UNIFORM, "uniform", "min", "max", NULL)                                                                      \
	X(EXPONENTIAL, "exponential", "mean", NULL, NULL)                                                              \
	X(GAUSSIAN, "gaussian", "mean", "sigma", NULL)                                                                 \
	X(LOGNORMAL, "lognormal", "zeta", "sigma", NULL)                                                               \
	X(PARETO, "pareto", "a", "b", NULL)                                                                            \
	X(WEIBULL, "weibull", "a", "b", NULL)                                                                          \
	X(GAMMA, "gamma", "a", "b", NULL)

enum sim_dist_kind {
#define X(id, name, p0, p1, p2) SIM_DIST_##id,
	SIM_DIST_MAP(X)
#undef X
	SIM_DIST_COUNT
};

/* A random quantity. The unit of the result (ns, pages, ...) is that of its parameters. */
struct sim_dist {
	enum sim_dist_kind kind;
	double p[3]; /* in the order of SIM_DIST_MAP; lognormal's zeta and sigma, gamma's a and weibull's b are pure numbers */
};

/* One draw, rounded to the nearest integer and clamped to 0..UINT64_MAX/4. */
uint64_t sim_dist_draw(const struct sim_dist *d, struct sim_rng *r);

#endif
