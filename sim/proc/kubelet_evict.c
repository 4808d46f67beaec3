/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The eviction manager's loop, the statistics it looks at, and what the node says of itself. Sources, of Kubernetes:
 * pkg/kubelet/eviction/eviction_manager.go (Start, synchronize, waitForPodsCleanup: 30 s, looked at every second),
 * pkg/kubelet/pod_workers.go (killPodNow: gives up after 10 s or one and a half grace periods), pkg/kubelet/server/stats/summary.go
 * (the root cgroup and kubepods are read anew, pods come from cAdvisor's housekeeping), pkg/kubelet/nodestatus/setters.go
 * (MemoryPressureCondition).
 * Simplified: cAdvisor looks at all pods at once, at the beginning of each regular pass; the node's status, and with it the
 * taint, follows the pass at the same time.
 */
#include "sim/mm/page_alloc.h"
#include "sim/proc/kubelet.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#include <stdio.h>
#include <string.h>

#define CLEANUP      (30 * NS_PER_SEC)
#define KILL_TIMEOUT (10 * NS_PER_SEC)

/* ---- statistics ---- */

static int64_t bytes(const struct world *w, uint64_t pages)
{
	return (int64_t)(pages << w->mm.page_shift);
}

static uint64_t inactive_file(struct world *w, const struct memcg *m)
{
	int64_t n = 0;

	for (int i = 0; i < w->mm.nnode; i++)
		n += memcg_lruvec(w, m, &w->mm.node[i])->size[LRU_INACTIVE_FILE];
	return n > 0 ? (uint64_t)n : 0;
}

static int64_t working_set(struct world *w, const struct memcg *m)
{
	return m ? bytes(w, u64_sub0(m->memory.usage, inactive_file(w, m))) : 0;
}

void kubelet_housekeeping(struct world *w, void *arg)
{
	struct kubelet *k = w->kubelet;

	(void)arg;
	for_each_pod(k, p)
	{
		p->usage = working_set(w, p->memcg);
		for (size_t i = 0; i < p->cfg->ncontainer; i++)
			p->container[i].usage = working_set(w, p->container[i].memcg);
	}
	evq_arm(w->evq, k->housekeeping, w->now + k->cfg->housekeeping, EVC_TIMER);
}

static struct memcg *kubepods(struct world *w)
{
	struct memcg *m = w->kubelet->npod ? w->kubelet->pod[0].memcg : NULL;

	while (m && m->parent && m->parent->parent)
		m = m->parent;
	return m;
}

struct kubelet_usage kubelet_usage(struct world *w, enum eviction_signal signal)
{
	const struct kubelet_cfg *cfg = w->kubelet->cfg;
	const uint64_t *v = w->mm.vmstat;
	struct kubelet_usage u = { .capacity = cfg->kubepods_limit };
	struct memcg *m = kubepods(w);

	if (signal == SIGNAL_MEMORY) {
		u.capacity = bytes(w, w->mm.totalram);
		u.usage = cfg->rules->root_usage(cfg->version, w->cfg->cgroup_version, u.capacity, bytes(w, nr_free_pages(w)),
						 bytes(w, v[VMSTAT_nr_anon_pages]), bytes(w, v[VMSTAT_nr_file_pages]));
		u.inactive_file = bytes(w, v[VMSTAT_nr_inactive_file]);
	} else if (m) {
		u.usage = bytes(w, m->memory.usage);
		u.inactive_file = bytes(w, inactive_file(w, m));
	}
	return u;
}

static void observe(struct world *w, struct eviction_observation ret[SIGNAL_COUNT])
{
	for (int i = 0; i < SIGNAL_COUNT; i++) {
		struct kubelet_usage u = kubelet_usage(w, (enum eviction_signal)i);

		ret[i].capacity = u.capacity;
		ret[i].available = w->kubelet->cfg->rules->available(u.capacity, u.usage, u.inactive_file);
	}
}

/* ---- one pod has to go ---- */

static struct kubelet_pod *choose(struct world *w)
{
	const struct kubelet_rules *rules = w->kubelet->cfg->rules;
	struct eviction_candidate best = { 0 };
	struct kubelet_pod *victim = NULL;

	for_each_pod(w->kubelet, p)
	{
		struct eviction_candidate c = { .usage = p->usage, .priority = p->cfg->priority, .request = p->cfg->request };

		if ((p->state != POD_RUNNING && p->state != POD_STARTING) || p->cfg->critical)
			continue;
		if (victim && rules->order(&c, &best) >= 0)
			continue;
		victim = p;
		best = c;
	}
	return victim;
}

static void compose(struct world *w, struct kubelet_pod *p, const struct eviction_threshold *t, const struct eviction_observation *o)
{
	const struct kubelet_cfg *cfg = w->kubelet->cfg;
	struct eviction_container c[64];
	struct eviction_text text = { cfg->rules->quantity(&t->value, o->capacity), o->available, c, 0 };

	for (size_t i = 0; i < p->cfg->ncontainer && text.ncontainer < ARRAY_LEN(c); i++)
		if (!p->cfg->container[i].init)
			c[text.ncontainer++] = (struct eviction_container){ p->cfg->container[i].name,
									    p->cfg->container[i].request_text,
									    p->cfg->container[i].request, p->container[i].usage };
	cfg->rules->message(cfg->version, &text, p->message);
}

void kubelet_kill_pod(struct world *w, struct kubelet_pod *p)
{
	for (struct process *q = kubelet_member(w, p, w->proc.first); q; q = kubelet_member(w, p, q->next))
		process_sigkill(w, q);
}

/* SIGTERM for the first process of each container: what it does then is the scenario's to say. */
static void terminate(struct world *w, struct kubelet_pod *p, int64_t grace)
{
	p->state = POD_TERMINATING;
	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		struct kubelet_container *c = &p->container[i];

		if (!c->init)
			continue;
		kubelet_event(w, false, "Killing", p, "Stopping container %s", c->r.name);
		if (grace && c->init->cfg->sigterm != SIM_NEVER)
			evq_arm(w->evq, c->timer, w->now + c->init->cfg->sigterm, EVC_TIMER);
	}
	evq_arm(w->evq, p->timer, w->now + (sim_ns)grace * NS_PER_SEC, EVC_TIMER);
	restart_cancel(w, p->memcg);
	after_cancel(w, p->memcg);
}

static void evict(struct world *w, struct kubelet_pod *p, const struct eviction_threshold *t, const struct eviction_observation *o)
{
	struct kubelet *k = w->kubelet;
	int64_t grace = k->cfg->rules->grace(k->cfg->version, !t->grace, k->cfg->max_pod_grace, p->cfg->grace);
	sim_ns timeout = u64_max((sim_ns)grace * 3 / 2 * NS_PER_SEC, KILL_TIMEOUT);

	compose(w, p, t, o);
	kubelet_event(w, true, "Evicted", p, "%s", p->message);
	k->waiting = p;
	evq_arm(w->evq, k->pass, w->now + timeout + CLEANUP, EVC_TIMER);
	terminate(w, p, grace);
	if (!kubelet_member(w, p, w->proc.first))
		kubelet_pod_evicted(w, p, true);
}

void kubelet_synchronize(struct world *w)
{
	struct kubelet *k = w->kubelet;
	struct eviction_observation obs[SIGNAL_COUNT];
	const struct eviction_threshold *t;
	struct kubelet_pod *p;
	int i;

	observe(w, obs);
	i = k->cfg->rules->sync(k->cfg->threshold, k->cfg->nthreshold, k->cfg->transition, obs, w->now, &k->eviction);
	if (i < 0)
		return;
	kubelet_event(w, true, "EvictionThresholdMet", NULL, "Attempting to reclaim memory");
	t = &k->cfg->threshold[i];
	p = choose(w);
	if (p)
		evict(w, p, t, &obs[t->signal]);
}

void kubelet_pass(struct world *w, void *arg)
{
	struct kubelet *k = w->kubelet;

	(void)arg;
	k->waiting = NULL;
	evq_arm(w->evq, k->pass, w->now + k->cfg->housekeeping, EVC_TIMER);
	kubelet_synchronize(w);
}

/* ---- the node ---- */

void kubelet_status(struct world *w, void *arg)
{
	struct kubelet *k = w->kubelet;
	bool pressure = k->eviction.pressure, before = k->taint;
	const char *reason = pressure ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";

	(void)arg;
	evq_arm(w->evq, k->status, w->now + k->cfg->status_update, EVC_TIMER);
	k->taint = pressure;
	if (pressure != before)
		kubelet_event(w, false, reason, NULL, "Node %s status is now: %s", k->cfg->node, reason);
	if (pressure || !before)
		return;
	for_each_pod(k, p) if (p->state == POD_PENDING)
		kubelet_pod_schedule(w, p, false);
}
