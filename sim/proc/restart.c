/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Containers as their runtime sees them: when the first process ends, the kernel ends the others of its PID namespace
 * (zap_pid_ns_processes(); here: of its cgroup), and the runtime starts it again after a delay that grows.
 */
#include "sim/proc/kubelet.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#define LOOK_AGAIN (100 * NS_PER_MS) /* while others are still dying */

struct restart {
	struct restart *next;
	const struct process_cfg *cfg;
	uint64_t instance;
	unsigned in_row;
	int64_t total;
	struct memcg *memcg;
	int32_t slot;
	bool pending, cancelled;
};

static struct process *next_member(struct process *p, const struct memcg *g)
{
	while (p && (p->memcg != g || p->is_init || p->is_kthread))
		p = p->next;
	return p;
}

static void restart_due(struct world *w, void *arg)
{
	struct restart *r = arg;
	struct process *p;

	if (r->cfg->cgroup && next_member(w->proc.first, r->memcg)) {
		evq_arm(w->evq, r->slot, w->now + LOOK_AGAIN, EVC_TIMER);
		return;
	}
	w->proc.npending--;
	r->pending = false;
	p = program_create(w, r->cfg, r->instance);
	if (!p)
		return;
	p->restart = r;
	program_start(w, p);
}

bool restart_watch(struct world *w, struct process *p, uint64_t instance)
{
	struct restart *r = sim_calloc(w->a, 1, sizeof(*r));

	if (!r) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	*r = (struct restart){ .next = w->proc.restarts, .cfg = p->cfg, .instance = instance, .memcg = p->memcg };
	w->proc.restarts = r;
	r->slot = world_slot_new(w, restart_due, r);
	p->restart = r;
	return r->slot >= 0;
}

void restart_free_all(struct world *w)
{
	struct restart *next;

	for (struct restart *r = w->proc.restarts; r; r = next) {
		next = r->next;
		sim_free(w->a, r);
	}
	w->proc.restarts = NULL;
}

static void end_container(struct world *w, const struct restart *r)
{
	if (!r->cfg->cgroup)
		return;
	for (struct process *p = next_member(w->proc.first, r->memcg); p; p = next_member(p->next, r->memcg))
		process_sigkill(w, p);
}

void restart_cancel(struct world *w, const struct memcg *top)
{
	for (struct restart *r = w->proc.restarts; r; r = r->next) {
		if (!r->memcg || !top || !memcg_within(r->memcg, top))
			continue;
		r->cancelled = true;
		if (!r->pending)
			continue;
		r->pending = false;
		w->proc.npending--;
		evq_disarm(w->evq, r->slot);
	}
}

void restart_exited(struct world *w, struct process *p)
{
	struct restart *r = p->restart;
	const struct restart_cfg *cfg;
	int code = p->exit_signal ? 128 + p->exit_signal : p->exit_code;
	sim_ns delay;

	if (!r)
		return;
	end_container(w, r);
	if (r->cancelled)
		return;
	cfg = &r->cfg->restart;
	if (cfg->policy == RESTART_ON_FAILURE && !code)
		return;
	if (w->now - p->start_ns >= cfg->forget)
		r->in_row = 0;
	delay = cfg->delay[r->in_row < RESTART_DELAYS ? r->in_row : RESTART_DELAYS - 1];
	r->in_row++;
	world_event(w, EV_RESTART, p, code, ++r->total, (int64_t)(delay / NS_PER_MS), 0);
	w->proc.npending++;
	r->pending = true;
	evq_arm(w->evq, r->slot, w->now + delay, EVC_TIMER);
	if (w->kubelet)
		kubelet_restarts(w, p, delay);
}
