/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that wait for another to end well, as the containers of a pod wait for its init containers: process_cfg.after. An instance that
 * is never released is never there, and does not keep the run going.
 */
#include "sim/proc/program.h"
#include "sim/world/engine.h"

/* One instance. Not armed, and not counted in npending, before it is released. */
struct waiter {
	struct waiter *next;
	const struct process_cfg *cfg;
	uint64_t instance;
	sim_ns delay; /* its start, from then on */
	int32_t slot;
	bool released;
};

static void waiter_due(struct world *w, void *arg)
{
	struct waiter *a = arg;

	w->proc.npending--;
	program_spawn(w, a->cfg, a->instance);
}

bool after_watch(struct world *w, const struct process_cfg *cfg, uint64_t instance, sim_ns delay)
{
	struct waiter *a = sim_calloc(w->a, 1, sizeof(*a)), **last = &w->proc.waiters;

	if (!a)
		return false;
	*a = (struct waiter){ .cfg = cfg, .instance = instance, .delay = delay };
	a->slot = world_slot_new(w, waiter_due, a);
	while (*last)
		last = &(*last)->next;
	*last = a;
	return a->slot >= 0;
}

void after_exited(struct world *w, const struct process *p)
{
	uint32_t awaited;

	if (!p->cfg || p->exit_signal || p->exit_code || !w->proc.waiters)
		return;
	awaited = (uint32_t)(p->cfg - w->cfg->process) + 1;
	for (struct waiter *a = w->proc.waiters; a; a = a->next) {
		if (a->released || a->cfg->after != awaited)
			continue;
		a->released = true;
		w->proc.npending++;
		evq_arm(w->evq, a->slot, w->now + a->delay, EVC_TIMER);
	}
}

void after_free_all(struct world *w)
{
	struct waiter *next;

	for (struct waiter *a = w->proc.waiters; a; a = next) {
		next = a->next;
		sim_free(w->a, a);
	}
	w->proc.waiters = NULL;
}
