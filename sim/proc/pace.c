/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rates. A program that is to do r units a second does a batch, looks at the clock and sleeps until the batch's
 * share of time is over; if it is late by more than `catch_up`, the lost time is forgotten. This is pace() of
 * oracle/guest.c, statement by statement, so that simulated and recorded programs have the same demand.
 */
#include "sim/proc/steps.h"

#define LONG_NS (UINT64_MAX / 4) /* a time no run reaches */

void pace_begin(struct world *w, struct task *t, struct pace *p, double units_per_second, sim_ns catch_up)
{
	task_yield(w, t);
	*p = (struct pace){
		.ns_per_unit = units_per_second > 0 ? 1e9 / units_per_second : 0,
		.catch_up = catch_up,
		.next = w->now,
		.begin = w->now,
		.last = w->now,
	};
}

sim_ns pace_period(const struct pace *p, uint64_t units)
{
	double ns = (double)units * p->ns_per_unit;

	return ns < (double)LONG_NS ? (sim_ns)ns : LONG_NS;
}

bool pace_due(struct world *w, struct task *t, struct pace *p, uint64_t units)
{
	task_yield(w, t);
	p->max_stall = u64_max(p->max_stall, u64_sub0(w->now, p->last));
	p->last = w->now;
	if (p->ns_per_unit <= 0)
		return false;
	p->next = u64_min(p->next + pace_period(p, units), LONG_NS);
	if (p->next > w->now)
		return true;
	if (w->now - p->next > p->catch_up)
		p->next = w->now;
	return false;
}

bool pace_batch(struct world *w, struct task *t, struct pace *p, uint64_t units)
{
	if (pace_due(w, t, p, units) && task_wait(w, t, NULL, TASK_INTERRUPTIBLE, p->next) == WAIT_KILLED)
		return false;
	p->last = w->now;
	return !fatal_signal_pending(t);
}

bool pace_thinks(const struct sim_dist *think)
{
	return think->kind != SIM_DIST_CONSTANT || think->p[0] > 0;
}

bool pace_think(struct world *w, struct task *t, const struct sim_dist *think)
{
	sim_ns ns;

	if (!pace_thinks(think))
		return true;
	ns = sim_dist_draw(think, t->rng);
	task_yield(w, t);
	return task_wait(w, t, NULL, TASK_INTERRUPTIBLE, w->now + u64_min(ns, LONG_NS)) != WAIT_KILLED;
}

uint64_t pace_default_batch(double pages_per_second, uint64_t unpaced)
{
	double n = pages_per_second / 500;

	if (pages_per_second <= 0)
		return unpaced;
	return n < 1 ? 1 : n > 256 ? 256 : (uint64_t)n;
}
