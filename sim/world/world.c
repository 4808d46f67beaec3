/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A world from its birth to its end: the event loop, records, failure. All host memory comes from the world's arena,
 * so that it can be thrown away at any moment; see arena.h.
 */
#include "sim/core/diag.h"
#include "sim/world/build.h"
#include "sim/world/cost.h"

#include <string.h>

/* ---- slots of the event queue ---- */

int32_t world_slot_new(struct world *w, void (*fn)(struct world *w, void *arg), void *arg)
{
	int32_t slot = evq_slot_new(w->evq);

	if (slot >= 0 && (uint32_t)slot >= w->nsource) {
		uint32_t n = w->nsource ? 2 * w->nsource : 64;
		struct event_source *s = sim_realloc(w->a, w->source, n * sizeof(*s));

		if (s) {
			w->source = s;
			w->nsource = n;
		} else {
			evq_slot_free(w->evq, slot);
			slot = SIM_ENOMEM;
		}
	}
	if (slot < 0)
		world_fail(w, SIM_ENOMEM);
	else
		w->source[slot] = (struct event_source){ fn, arg };
	return slot;
}

void world_slot_free(struct world *w, int32_t slot)
{
	if (slot < 0)
		return;
	w->source[slot] = (struct event_source){ 0 };
	evq_slot_free(w->evq, slot);
}

/* ---- the end ---- */

/* Inside a task this does not come back: its stack is left as it is, and goes with the world. So nobody has to cope
 * with what cannot be coped with. */
static void stop(struct world *w)
{
	w->over = true;
	if (w->sched.running)
		task_sync(w, w->sched.running);
}

void world_fail(struct world *w, int code)
{
	if (!w->error)
		w->error = code;
	stop(w);
}

void world_end(struct world *w, enum run_end end)
{
	if (!w->over)
		w->end = end;
	stop(w);
}

static void reach_horizon(struct world *w, void *arg)
{
	(void)arg;
	world_end(w, RUN_HORIZON);
}

/* Nobody is left but init. One that has a program may yet have children; it is waited for once. */
static bool idle(struct world *w)
{
	w->peopled |= w->proc.nuser > 0;
	if (!w->cfg->stop_when_idle || w->proc.nuser || w->proc.npending)
		return false;
	return w->peopled || !w->proc.init->program;
}

/* ---- records ---- */

void world_event(struct world *w, enum event_kind kind, const struct process *p, int64_t a, int64_t b, int64_t c,
		 int64_t d)
{
	struct rec_event r = { .t_ns = w->now, .kind = kind, .arg = { a, b, c, d } };
	int err;

	if (!w->rec || !w->rec->event || w->error)
		return;
	if (p) {
		r.pid = p->pid;
		memcpy(r.comm, p->comm, sizeof(r.comm));
	}
	err = w->rec->event(w->rec->ctx, &r);
	if (err)
		world_fail(w, err);
}

static void emit_begin(struct world *w)
{
	struct rec_begin r = { .config = w->cfg,
			       .totalram_pages = w->mm.totalram,
			       .totalswap_pages = w->swap.total,
			       .min_free_kbytes = w->mm.min_free_kbytes };
	int err = w->rec && w->rec->begin ? w->rec->begin(w->rec->ctx, &r) : 0;

	if (err)
		world_fail(w, err);
}

/* The last row is that of the end, unless the period has just given one. */
static void emit_end(struct world *w)
{
	struct rec_sample last;
	struct rec_end r = { .t_ns = w->now, .end = w->end, .last = &last };
	int err;

	world_event(w, EV_END, NULL, w->end, 0, 0, 0);
	if (w->sampled == w->now)
		world_sample(w, &last);
	else
		world_emit_sample(w, &last);
	err = w->rec && w->rec->end && !w->error ? w->rec->end(w->rec->ctx, &r) : 0;
	if (err)
		world_fail(w, err);
}

/* ---- birth, life, death ---- */

int world_new(const struct sim_config *cfg, struct recorder *rec, const struct sim_alloc *alloc, struct world **ret)
{
	struct world *w = sim_calloc(alloc, 1, sizeof(*w));
	int err;

	if (!w)
		return SIM_ENOMEM;
	arena_init(&w->arena, alloc);
	w->a = &w->arena.alloc;
	w->cfg = cfg;
	w->km = cfg->kernel;
	w->cost = cost_on(&cfg->machine.cost, cfg->kernel->paths);
	w->cost_large = cost_of_large(&cfg->machine.cost, cfg->kernel->paths);
	w->rec = rec;
	w->sysctl = cfg->sysctl;
	w->sampled = SIM_NEVER;
	err = world_build(w);
	if (!err) {
		w->sample_slot = world_slot_new(w, world_take_sample, NULL);
		w->horizon_slot = world_slot_new(w, reach_horizon, NULL);
		err = w->error;
	}
	if (err) {
		world_free(w);
		return err;
	}
	*ret = w;
	return SIM_OK;
}

static void begin_run(struct world *w)
{
	w->begun = true;
	emit_begin(w);
	evq_arm(w->evq, w->sample_slot, 0, EVC_SAMPLE);
	evq_arm(w->evq, w->horizon_slot, w->cfg->horizon, EVC_SAMPLE);
}

static void next_event(struct world *w)
{
	sim_ns when;
	uint8_t kind;
	int32_t slot = evq_pop(w->evq, &when, &kind);
	struct event_source s;

	if (slot < 0 || when < w->now) { /* the horizon is always there, and time does not go back */
		world_fail(w, SIM_EBROKEN);
		return;
	}
	w->now = when;
	w->events++;
	s = w->source[slot];
	if (s.fn)
		s.fn(w, s.arg);
}

int world_run(struct world *w, enum run_end *ret_end)
{
	if (!w->begun) {
		begin_run(w);
		while (!w->over) {
			next_event(w);
			if (idle(w))
				world_end(w, RUN_IDLE);
		}
		if (!w->error)
			emit_end(w);
	}
	if (!w->error)
		*ret_end = w->end;
	return w->error;
}

void world_free(struct world *w)
{
	const struct sim_alloc *a;

	if (!w)
		return;
	a = w->arena.parent;
	world_demolish(w);
	arena_free_all(&w->arena);
	sim_free(a, w);
}

void world_get_stats(const struct world *w, struct world_stats *ret)
{
	*ret = (struct world_stats){ .events = w->events,
				     .switches = w->switches,
				     .frames = w->mm.f.n,
				     .host_bytes = w->arena.bytes + sizeof(*w),
				     .host_peak = w->arena.peak + sizeof(*w) };
}
