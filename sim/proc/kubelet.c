/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which process belongs to which container of which pod, and what follows when they begin and end. */
#include "sim/proc/kubelet.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#include <stdio.h>
#include <string.h>

/* ---- building ---- */

static void pod_path(const struct kubelet_pod *p, const char *container, char ret[CGROUP_PATH_LEN])
{
	const char *slash = container ? "/" : "";

	container = container ? container : "";
	if (p->cfg->kind == KUBE_POD)
		snprintf(ret, CGROUP_PATH_LEN, "%s%s%s", p->cfg->path, slash, container);
	else
		snprintf(ret, CGROUP_PATH_LEN, "%s-%u%s%s", p->cfg->path, p->replica, slash, container);
}

/* Number of the cgroup of that path; 0: there is none. */
static uint32_t cgroup_of_path(const struct world *w, const char *path)
{
	for (uint32_t i = 0; i < w->cfg->ncgroup; i++)
		if (!strcmp(w->cfg->cgroup[i].path, path))
			return i + 1;
	return 0;
}

static void claim_processes(struct world *w, struct kubelet_container *c, uint32_t cgroup)
{
	for (size_t i = w->kubelet->cfg->first_process; i < w->cfg->nprocess; i++) {
		const struct process_cfg *cfg = &w->cfg->process[i];

		if (cfg->cgroup != cgroup)
			continue;
		w->kubelet->of_process[i] = c;
		if (!c->first)
			c->first = cfg;
	}
}

static bool build_container(struct world *w, struct kubelet_pod *p, size_t i)
{
	struct kubelet_container *c = &p->container[i];
	char path[CGROUP_PATH_LEN];
	uint32_t cgroup;

	c->cfg = &p->cfg->container[i];
	c->pod = p;
	pod_path(p, c->cfg->name, path);
	cgroup = cgroup_of_path(w, path);
	c->memcg = memcg_of_cfg(w, cgroup);
	c->r.name = c->cfg->name;
	if (cgroup)
		claim_processes(w, c, cgroup);
	c->timer = world_slot_new(w, kubelet_container_term, c);
	return c->timer >= 0;
}

static bool build_pod(struct world *w, uint32_t workload, uint32_t replica, struct kubelet_pod *p)
{
	char path[CGROUP_PATH_LEN];

	*p = (struct kubelet_pod){ .cfg = &w->kubelet->cfg->workload[workload], .workload = workload, .replica = replica };
	pod_path(p, NULL, path);
	p->memcg = memcg_of_cfg(w, cgroup_of_path(w, path));
	p->timer = world_slot_new(w, kubelet_pod_timer, p);
	p->container = sim_calloc(w->a, p->cfg->ncontainer, sizeof(*p->container));
	if (p->timer < 0 || !p->container)
		return false;
	for (size_t i = 0; i < p->cfg->ncontainer; i++)
		if (!build_container(w, p, i))
			return false;
	return true;
}

static int start_timers(struct world *w)
{
	struct kubelet *k = w->kubelet;

	/* At equal times in this order: look at the pods, evict, tell the API server. */
	k->housekeeping = world_slot_new(w, kubelet_housekeeping, NULL);
	k->pass = world_slot_new(w, kubelet_pass, NULL);
	k->status = world_slot_new(w, kubelet_status, NULL);
	if (k->housekeeping < 0 || k->pass < 0 || k->status < 0)
		return SIM_ENOMEM;
	evq_arm(w->evq, k->housekeeping, k->cfg->housekeeping, EVC_TIMER);
	evq_arm(w->evq, k->pass, k->cfg->housekeeping, EVC_TIMER);
	evq_arm(w->evq, k->status, k->cfg->status_update, EVC_TIMER);
	return kubelet_notify_init(w);
}

int kubelet_init(struct world *w)
{
	const struct kubelet_cfg *cfg = w->cfg->kubelet;
	struct kubelet *k;
	size_t n = 0;

	if (!cfg)
		return SIM_OK;
	k = w->kubelet = sim_calloc(w->a, 1, sizeof(*k));
	if (!k)
		return SIM_ENOMEM;
	k->cfg = cfg;
	for (size_t i = 0; i < cfg->nworkload; i++)
		k->npod += cfg->workload[i].replicas;
	k->pod = sim_calloc(w->a, k->npod, sizeof(*k->pod));
	k->of_process = sim_calloc(w->a, w->cfg->nprocess, sizeof(*k->of_process));
	k->workload = sim_calloc(w->a, cfg->nworkload, sizeof(*k->workload));
	k->budget = sim_calloc(w->a, cfg->nbudget, sizeof(*k->budget));
	if ((k->npod && !k->pod) || !k->of_process || (cfg->nworkload && !k->workload) || (cfg->nbudget && !k->budget))
		return SIM_ENOMEM;
	for (uint32_t i = 0; i < cfg->nworkload; i++)
		for (uint32_t r = 0; r < cfg->workload[i].replicas; r++)
			if (!build_pod(w, i, r, &k->pod[n++]))
				return SIM_ENOMEM;
	return start_timers(w);
}

/* ---- processes ---- */

static struct kubelet_container *container_of(const struct world *w, const struct process *p)
{
	return p->cfg ? w->kubelet->of_process[p->cfg - w->cfg->process] : NULL;
}

struct process *kubelet_member(struct world *w, const struct kubelet_pod *p, struct process *from)
{
	if (!p->memcg)
		return NULL;
	while (from && (!from->memcg || !memcg_within(from->memcg, p->memcg) || from->is_init || from->is_kthread))
		from = from->next;
	(void)w;
	return from;
}

bool kubelet_may_start(struct world *w, uint32_t index)
{
	struct kubelet_container *c = w->kubelet->of_process[index];
	struct kubelet_pod *p = c ? c->pod : NULL;

	if (!p)
		return true;
	if (p->state == POD_ABSENT && !p->generation) {
		p->first_when = w->now;
		kubelet_pod_create(w, p, true);
	}
	return p->generation == 1 && (p->state == POD_STARTING || p->state == POD_RUNNING) && !p->counted;
}

/* What its runtime calls an OOM: with cgroup v2 that somebody in the container's cgroup was killed, with v1 that a limit
 * above it was hit (containerd: memory.events, or an eventfd of memory.oom_control). */
static uint64_t ooms(const struct world *w, const struct kubelet_container *c)
{
	uint64_t n = 0;

	if (!c->memcg)
		return 0;
	if (!w->memcg.v1)
		return c->memcg->events[MEMCG_OOM_KILL];
	for_each_ancestor(a, c->memcg) n += a->events_local[MEMCG_OOM];
	return n;
}

static bool is_first(const struct kubelet_container *c, const struct process *p)
{
	return c && p->cfg == c->first && p->program == &p->cfg->program;
}

/* The state that is left becomes the last one, if it was that of an end. */
static void leave_state(struct rec_container *r)
{
	if (r->state != KUBE_TERMINATED)
		return;
	r->has_last = true;
	r->last_reason = r->reason;
	r->last_exit_code = r->exit_code;
	r->last_started = r->started;
	r->last_finished = r->finished;
}

void kubelet_process_started(struct world *w, struct process *p)
{
	struct kubelet_container *c = container_of(w, p);

	if (!is_first(c, p) || c->init)
		return;
	leave_state(&c->r);
	c->init = p;
	c->ooms = ooms(w, c);
	if (c->begun) {
		c->r.restarts++;
		c->pod->restarted = w->now;
	}
	c->begun = true;
	c->r.state = KUBE_RUNNING;
	c->r.reason = NULL;
	c->r.started = w->now;
	kubelet_say(w, false, "Created", c->pod, c, TEXT_CREATED);
	kubelet_say(w, false, "Started", c->pod, c, TEXT_STARTED);
	kubelet_pod_changed(w, c->pod);
}

static void container_ended(struct world *w, struct kubelet_container *c, struct process *p)
{
	struct rec_container *r = &c->r;

	c->init = NULL;
	evq_disarm(w->evq, c->timer);
	r->exit_code = p->exit_signal ? 128 + p->exit_signal : p->exit_code;
	r->state = KUBE_TERMINATED;
	r->finished = w->now;
	r->reason = ooms(w, c) > c->ooms ? "OOMKilled" : r->exit_code ? "Error" : "Completed";
	if (!p->restart) /* its PID namespace ends; restart.c does the same */
		for (struct process *q = w->proc.first; q; q = q->next)
			if (q->memcg == c->memcg && c->memcg && !q->is_init && !q->is_kthread)
				process_sigkill(w, q);
	kubelet_pod_changed(w, c->pod);
}

void kubelet_process_exited(struct world *w, struct process *p)
{
	struct kubelet_container *c = container_of(w, p);

	if (!c)
		return;
	if (c->init == p)
		container_ended(w, c, p);
	if (c->pod->state == POD_TERMINATING && !kubelet_member(w, c->pod, w->proc.first))
		kubelet_pod_evicted(w, c->pod, true);
}

void kubelet_restarts(struct world *w, struct process *p, sim_ns delay)
{
	struct kubelet_container *c = container_of(w, p);

	if (!is_first(c, p) || c->r.state != KUBE_TERMINATED || !delay)
		return;
	leave_state(&c->r);
	c->r.state = KUBE_WAITING;
	c->r.reason = "CrashLoopBackOff";
	kubelet_say(w, true, "BackOff", c->pod, c, TEXT_BACK_OFF);
	kubelet_pod_changed(w, c->pod);
}

void kubelet_container_term(struct world *w, void *container)
{
	struct kubelet_container *c = container;

	if (!c->init || c->init->sigkill)
		return;
	process_sigkill(w, c->init);
	c->init->exit_signal = 15; /* SIGTERM */
}

void kubelet_system_oom(struct world *w, const struct process *p)
{
	kubelet_event(w, true, "SystemOOM", NULL, "System OOM encountered, victim process: %s, pid: %d", p->comm, (int)p->pid);
}
