/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random times. SIM_DIST_MAP gives the names; which parameters are times and which are pure numbers follows GSL's manual
 * (Random Number Distributions): for Pareto a is the exponent and b the scale, for Weibull a the scale and b the exponent,
 * for gamma a the shape and b the scale.
 */
#include <string.h>

#include "sim/core/fmath.h"
#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

/* P_TIME: a time, >= 0. P_SCALE: a time, > 0. P_SHAPE: a number, > 0. P_LOG: logarithm of a
 * number of seconds. P_LOG_SIGMA: its standard deviation. */
enum param { P_TIME, P_SCALE, P_SHAPE, P_LOG, P_LOG_SIGMA };

/* ln(10^9): a lognormal draw in seconds is this much further up as ns. */
#define LN_NS_PER_SEC 20.723265836946411

static const struct {
	const char *name;
	const char *param[3];
} dists[SIM_DIST_COUNT] = {
#define X(id, name, p0, p1, p2) [SIM_DIST_##id] = { name, { p0, p1, p2 } },
	SIM_DIST_MAP(X)
#undef X
};

static const enum param kinds[SIM_DIST_COUNT][2] = {
	[SIM_DIST_CONSTANT] = { P_TIME },
	[SIM_DIST_UNIFORM] = { P_TIME, P_TIME },
	[SIM_DIST_EXPONENTIAL] = { P_SCALE },
	[SIM_DIST_GAUSSIAN] = { P_TIME, P_TIME },
	[SIM_DIST_LOGNORMAL] = { P_LOG, P_LOG_SIGMA },
	[SIM_DIST_PARETO] = { P_SHAPE, P_SCALE },
	[SIM_DIST_WEIBULL] = { P_SCALE, P_SHAPE },
	[SIM_DIST_GAMMA] = { P_SHAPE, P_SCALE },
};

/* What is drawn: a time, or a share of a page. */
struct measure {
	const char *what, *example;
	/* A value, in the unit of the result; more than 0 if `positive`. */
	void (*read)(struct build *b, const struct ynode *v, double *ret, const char *name, bool positive);
	double log_unit; /* logarithm of the unit of a lognormal's zeta, in that of the result */
};

static void read_time(struct build *b, const struct ynode *v, double *ret, const char *name, bool positive)
{
	struct key k = { .name = name, .min = positive, .max = MAX_TIME };
	sim_ns t = 0;

	set_time(b, v, &t, &k);
	*ret = (double)t;
}

static void read_share(struct build *b, const struct ynode *v, double *ret, const char *name, bool positive)
{
	struct key k = { .name = name };
	double share = 0;

	set_share(b, v, &share, &k);
	if (positive && v->kind == Y_SCALAR && share <= 0)
		B_ERR(b, v, "write a share, like 20%", "%s must be more than 0", name);
	*ret = share * (double)b->q.page_size;
}

static const struct measure time_measure = { "time", "write a time, like 20ms, or {distribution: exponential, mean: 20ms}",
					     read_time, LN_NS_PER_SEC };

static void set_param(struct build *b, const struct measure *m, const struct ynode *v, double *ret, const char *name,
		      enum param kind)
{
	struct key number = { .name = name, .min = 1, .max = 1000000 };

	if (kind == P_TIME || kind == P_SCALE) {
		m->read(b, v, ret, name, kind == P_SCALE);
		return;
	}
	if (kind == P_LOG)
		number.min = -50000, number.max = 20000;
	else if (kind == P_LOG_SIGMA)
		number.min = 0, number.max = 10000;
	set_number(b, v, ret, &number);
	if (kind == P_LOG)
		*ret += m->log_unit;
}

static bool find_kind(struct build *b, const struct ynode *name, enum sim_dist_kind *ret)
{
	struct nearest near = { 0 };
	char hint[160];
	unsigned i;

	if (!want_scalar(b, name, "the name of a distribution, like exponential"))
		return false;
	near.word = name->text;
	for (i = 0; i < SIM_DIST_COUNT; i++) {
		nearest_offer(&near, dists[i].name);
		if (!strcmp(name->text, dists[i].name)) {
			*ret = (enum sim_dist_kind)i;
			return true;
		}
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint),
			 "choose constant uniform exponential gaussian lognormal pareto weibull gamma");
	B_ERR(b, name, hint, "unknown distribution '%s'", SHOW(name->text));
	return false;
}

/* Index of a parameter of distribution d, or -1. */
static int find_param(enum sim_dist_kind d, const char *name)
{
	int i;

	for (i = 0; i < 3 && dists[d].param[i]; i++)
		if (!strcmp(dists[d].param[i], name))
			return i;
	return -1;
}

static void unknown_param(struct build *b, const struct ynode *key, enum sim_dist_kind d)
{
	const char *const *p = dists[d].param;
	char hint[128];

	snprintf(hint, sizeof(hint), "it has %s%s%s", p[0], p[1] ? " and " : "", p[1] ? p[1] : "");
	B_ERR(b, key, hint, "the %s distribution has no '%s'", dists[d].name, SHOW(key->text));
}

static void read_params(struct build *b, const struct measure *m, const struct ynode *v, struct sim_dist *d)
{
	bool seen[3] = { false };
	char hint[64];
	size_t i;
	int p;

	for (i = 0; i < v->n; i++) {
		const struct ynode *key = v->item[i].key;

		if (!strcmp(key->text, "distribution"))
			continue;
		p = find_param(d->kind, key->text);
		if (p < 0) {
			unknown_param(b, key, d->kind);
			continue;
		}
		set_param(b, m, v->item[i].val, &d->p[p], key->text, kinds[d->kind][p]);
		seen[p] = true;
	}
	for (p = 0; p < 3 && dists[d->kind].param[p]; p++) {
		snprintf(hint, sizeof(hint), "add '%s:'", dists[d->kind].param[p]);
		if (!seen[p])
			B_ERR(b, v, hint, "the %s distribution needs '%s'", dists[d->kind].name,
			      dists[d->kind].param[p]);
	}
	if (d->kind == SIM_DIST_UNIFORM && seen[0] && seen[1] && d->p[0] > d->p[1])
		B_ERR(b, v, "swap them", "min is larger than max");
}

/* The mapping of a distribution. */
static void read_distribution(struct build *b, const struct measure *m, const struct ynode *v, struct sim_dist *d, const struct key *k)
{
	const struct ynode *name = ynode_get(v, "distribution");

	if (!name)
		B_ERR(b, v, m->example, "%s: a random %s needs 'distribution'", k->name, m->what);
	else if (find_kind(b, name, &d->kind))
		read_params(b, m, v, d);
}

void set_random(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct sim_dist d = { 0 };
	sim_ns t = 0;

	if (v->kind == Y_MAP) {
		read_distribution(b, &time_measure, v, &d, k);
	} else {
		set_time(b, v, &t, k);
		d.p[0] = (double)t;
	}
	*(struct sim_dist *)field = d;
}

void set_random_share(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct measure m = { "share", "write a share, like 40%, or {distribution: uniform, min: 20%, max: 60%}",
				   read_share, fm_log((double)b->q.page_size) };
	struct sim_dist d = { 0 };

	if (v->kind == Y_MAP)
		read_distribution(b, &m, v, &d, k);
	else
		read_share(b, v, &d.p[0], k->name, false);
	*(struct sim_dist *)field = d;
}
