/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What steps have in common: random draws by the scenario's distributions, pacing, reports. */
#include "guest.h"

#include <math.h>
#include <stdio.h>

/* ---- random numbers: xorshift128+ (S. Vigna, "Further scramblings of Marsaglia's xorshift generators", 2017) ---- */

uint64_t rnd(struct ctx *c)
{
	uint64_t a = c->rng[0], b = c->rng[1];

	c->rng[0] = b;
	a ^= a << 23;
	c->rng[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
	return c->rng[1] + b;
}

uint64_t rnd_below(struct ctx *c, uint64_t n)
{
	return (uint64_t)((unsigned __int128)rnd(c) * n >> 64);
}

double rnd_unit(struct ctx *c)
{
	return ((double)(rnd(c) >> 12) + 0.5) * 0x1p-52;
}

static double gaussian(struct ctx *c)
{
	return sqrt(-2 * log(rnd_unit(c))) * cos(2 * M_PI * rnd_unit(c));
}

/* Marsaglia and Tsang (2000). */
static double gamma_draw(struct ctx *c, double a)
{
	double d, k, x, v;

	if (a < 1)
		return gamma_draw(c, a + 1) * pow(rnd_unit(c), 1 / a);
	d = a - 1.0 / 3;
	k = 1 / sqrt(9 * d);
	for (;;) {
		x = gaussian(c);
		v = pow(1 + k * x, 3);
		if (v > 0 && log(rnd_unit(c)) < x * x / 2 + d - d * v + d * log(v))
			return d * v;
	}
}

/* The kinds of SIM_DIST_MAP, in its order (sim/core/rng.h). */
uint64_t dist_draw(struct ctx *c, const struct dist *d)
{
	const double *p = d->p;
	double x = p[0];

	switch (d->kind) {
	case 1:
		x = p[0] + (p[1] - p[0]) * rnd_unit(c);
		break;
	case 2:
		x = -p[0] * log(rnd_unit(c));
		break;
	case 3:
		x = p[0] + p[1] * gaussian(c);
		break;
	case 4:
		x = exp(p[0] + p[1] * gaussian(c));
		break;
	case 5:
		x = p[1] * pow(rnd_unit(c), -1 / p[0]);
		break;
	case 6:
		x = p[0] * pow(-log(rnd_unit(c)), 1 / p[1]);
		break;
	case 7:
		x = p[1] * gamma_draw(c, p[0]);
		break;
	}
	return x > 0 ? x < 4e18 ? (uint64_t)x : (uint64_t)4e18 : 0;
}

/* ---- patterns ---- */

static double zipf_h(double s, double x)
{
	return fabs(1 - s) < 1e-9 ? log(x) : pow(x, 1 - s) / (1 - s);
}

static double zipf_h_inv(double s, double y)
{
	return fabs(1 - s) < 1e-9 ? exp(y) : pow(y * (1 - s), 1 / (1 - s));
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	return b ? gcd(b, a % b) : a;
}

void draw_begin(struct draw *d, const struct step *s, uint64_t n, bool scatter)
{
	*d = (struct draw){ .pattern = s->pattern, .n = n, .span = n, .stride = 1, .hot_weight = s->hot_weight, .s = s->s };
	d->hot = (uint64_t)((double)n * s->hot + 0.5);
	d->hot = d->hot < 1 ? 1 : d->hot > n ? n : d->hot;
	if (s->pattern != 'z')
		return;
	/* Rejection-inversion: Hormann and Derflinger (1996), as sim/proc/step_file.c. */
	d->h_x1 = zipf_h(d->s, 1.5) - 1;
	d->h_n = zipf_h(d->s, (double)n + 0.5);
	d->s0 = 2 - zipf_h_inv(d->s, zipf_h(d->s, 2.5) - pow(2, -d->s));
	/* Hot pages do not lie side by side (sim/mm/weights.h). */
	if (scatter && n > 2)
		for (d->stride = (uint64_t)((double)n * 0.6180339887); gcd(d->stride, n) != 1;)
			d->stride++;
}

static uint64_t zipf(struct draw *d, struct ctx *c)
{
	for (;;) {
		double u = d->h_n + rnd_unit(c) * (d->h_x1 - d->h_n), x = zipf_h_inv(d->s, u);
		uint64_t k = x < 1 ? 1 : (uint64_t)(x + 0.5);

		if (k > d->n)
			k = d->n;
		if ((double)k - x <= d->s0 || u >= zipf_h(d->s, (double)k + 0.5) - pow((double)k, -d->s))
			return (k - 1) * d->stride % d->n;
	}
}

uint64_t draw_next(struct draw *d, struct ctx *c)
{
	switch (d->pattern) {
	case 'u':
		return rnd_below(c, d->n);
	case 'z':
		return zipf(d, c);
	case 'h':
		if (d->hot == d->n || rnd_unit(c) < d->hot_weight)
			return rnd_below(c, d->hot);
		return d->hot + rnd_below(c, d->n - d->hot);
	default:
		return d->from + d->i++ % d->span;
	}
}

/* ---- pacing ---- */

uint64_t thread_share(const struct ctx *c, uint64_t whole)
{
	return whole / c->nthread + (c->thread < whole % c->nthread);
}

uint64_t default_batch(double pages_per_second, uint64_t unpaced)
{
	double n = pages_per_second / 500;

	if (pages_per_second <= 0)
		return unpaced;
	return n < 1 ? 1 : n > 256 ? 256 : (uint64_t)n;
}

void pace_begin(struct pace *p, const struct ctx *c, const struct step *s)
{
	int64_t t = now();

	*p = (struct pace){ .ns_per_unit = s->rate > 0 ? 1e9 * c->nthread / s->rate : 0, .next = t, .begin = t, .last = t };
	p->catch_up = (int64_t)s->catch_up;
}

void pace_batch(struct pace *p, struct ctx *c, const struct step *s, uint64_t units, uint64_t pages)
{
	int64_t t = now();

	c->me->pages += (int64_t)pages;
	if (t - p->last > p->max_stall)
		p->max_stall = t - p->last;
	if (p->ns_per_unit > 0) {
		p->next += (int64_t)((double)units * p->ns_per_unit);
		if (p->next > t)
			sleep_until(p->next);
		else if (t - p->next > p->catch_up)
			p->next = t;
		t = now();
	}
	if (s->time.kind || s->time.p[0] > 0) {
		sleep_until(t + (int64_t)dist_draw(c, &s->time));
		t = now();
	}
	p->last = t;
}

void report(const struct ctx *c, const struct pace *p, const char *what, uint64_t pages, int err)
{
	char more[32] = "";

	if (err)
		snprintf(more, sizeof(more), " errno=%d", err);
	event(c->me->comm, c->me->pid, "%s pages=%llu ms=%lld maxstall_us=%lld%s", what, (unsigned long long)pages,
	      p ? (long long)((now() - p->begin) / 1000000) : 0, p ? (long long)(p->max_stall / 1000) : 0, more);
}
