/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who waits to be told what happens in a cgroup. Version 1: an eventfd that was registered through cgroup.event_control for
 * memory.oom_control, a threshold of memory.usage_in_bytes, or memory.pressure_level (mm/memcontrol.c of 6.1:
 * mem_cgroup_oom_notify, __mem_cgroup_threshold; mm/vmpressure.c: vmpressure_event). Version 2: inotify of memory.events, at most
 * every 10 ms (kernel/cgroup/cgroup.c: cgroup_file_notify).
 *
 * A listener is made by the first wait of a step and lives as long as its process; what happens while the process is busy is
 * remembered, however often it happens, as one.
 */
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

#define EVENTS_TARGET_THRESH 128 /* THRESHOLDS_EVENTS_TARGET */

struct listener {
	struct listener *next;
	const struct process *p;
	const struct step_cfg *step;
	struct memcg *m;
	uint64_t threshold; /* pages */
	bool above;         /* usage was at or above it when last looked at */
	bool pending;
	sim_ns due;         /* when a notification that came too soon after another is told; 0: none */
	struct waitq wait;
};

static uint64_t usage_of(const struct listener *l)
{
	return l->step->notice == CGN_MEMSW_USAGE ? memcg_memsw(l->m) : l->m->memory.usage;
}

static bool of_usage(const struct listener *l)
{
	return l->step->notice == CGN_USAGE || l->step->notice == CGN_MEMSW_USAGE;
}

/* ---- being told ---- */

static void tell(struct world *w, struct listener *l)
{
	l->pending = true;
	l->due = 0;
	waitq_wake_all(w, &l->wait);
}

static sim_ns *told_at(struct memcg *m, enum cgroup_notice what)
{
	return what == CGN_SWAP_EVENTS ? &m->swap_events_told : &m->events_told;
}

/* CGROUP_FILE_NOTIFY_MIN_INTV: HZ / 100 jiffies, at least one. */
static sim_ns min_interval(const struct world *w)
{
	unsigned hz = w->cfg->machine.hz;

	return u64_max(hz / 100, 1) * (NS_PER_SEC / hz);
}

/* A file has changed. */
static void file_changed(struct world *w, struct listener *l, sim_ns told)
{
	if (l->due)
		return;
	if (!told || w->now >= told + min_interval(w)) {
		tell(w, l);
		return;
	}
	l->due = told + min_interval(w);
	if (l->wait.head)
		task_retime(w, l->wait.head, l->due);
}

void memcg_notify(struct world *w, const struct memcg *m, enum cgroup_notice what)
{
	sim_ns *told = told_at((struct memcg *)m, what), last = *told;

	for (struct listener *l = w->memcg.listeners; l; l = l->next) {
		if (l->m != m || l->step->notice != what)
			continue;
		if (what == CGN_OOM)
			tell(w, l);
		else
			file_changed(w, l, last);
	}
	if (what != CGN_OOM && (!last || w->now >= last + min_interval(w)))
		*told = w->now;
}

void memcg_notify_pressure(struct world *w, const struct memcg *m, unsigned level)
{
	bool heard = false;

	for (; m && !heard; m = m->parent)
		for (struct listener *l = w->memcg.listeners; l; l = l->next) {
			if (l->m != m || l->step->notice != CGN_PRESSURE || level < (unsigned)l->step->value)
				continue;
			tell(w, l);
			heard = true;
		}
}

static void check_thresholds(struct world *w, const struct memcg *m)
{
	for (struct listener *l = w->memcg.listeners; l; l = l->next) {
		bool above = usage_of(l) >= l->threshold;

		if (l->m != m || !of_usage(l) || above == l->above)
			continue;
		l->above = above;
		tell(w, l);
	}
}

void memcg_page_event(struct world *w, struct memcg *m)
{
	if (++m->page_events < EVENTS_TARGET_THRESH)
		return;
	m->page_events = 0;
	for_each_ancestor(a, m) check_thresholds(w, a);
}

/* ---- waiting ---- */

static struct listener *listener_of(struct world *w, struct task *t, struct memcg *m, const struct step_cfg *s)
{
	struct listener **at = &w->memcg.listeners, *l;

	for (; *at; at = &(*at)->next)
		if ((*at)->p == t->p && (*at)->step == s)
			return *at;
	l = sim_malloc(w->a, sizeof(*l));
	if (!l) {
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	*l = (struct listener){ .p = t->p, .step = s, .m = m, .threshold = (uint64_t)s->value >> w->mm.page_shift };
	if (of_usage(l))
		l->above = usage_of(l) >= l->threshold;
	l->pending = s->notice == CGN_OOM && m->under_oom; /* mem_cgroup_oom_register_event() */
	*at = l;
	return l;
}

bool memcg_wait_notice(struct world *w, struct task *t, struct memcg *m, const struct step_cfg *s, sim_ns until)
{
	struct listener *l = listener_of(w, t, m, s);

	while (l && !l->pending && !fatal_signal_pending(t) && !w->over) {
		if (l->due && w->now >= l->due) {
			*told_at(m, s->notice) = l->due;
			break;
		}
		if (w->now >= until)
			return false;
		task_wait(w, t, &l->wait, TASK_INTERRUPTIBLE, l->due ? u64_min(l->due, until) : until);
	}
	if (!l || fatal_signal_pending(t) || w->over)
		return false;
	l->pending = false;
	l->due = 0;
	return true;
}

void memcg_notify_exit(struct world *w, const struct process *p)
{
	for (struct listener **at = &w->memcg.listeners; *at;) {
		struct listener *l = *at;

		if (l->p != p) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		sim_free(w->a, l);
	}
}

void memcg_notify_free(struct world *w)
{
	for (struct listener *l = w->memcg.listeners, *next; l; l = next) {
		next = l->next;
		sim_free(w->a, l);
	}
	w->memcg.listeners = NULL;
}
