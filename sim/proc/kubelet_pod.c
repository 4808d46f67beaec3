/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pod from its creation to its end, and who makes another. Sources, of Kubernetes: pkg/printers/internalversion/printers.go
 * (printPod: the column STATUS), pkg/controller/replicaset, pkg/controller/daemon (failedPodsBackoff),
 * pkg/kubelet/eviction/eviction_manager.go (Admit), plugin/pkg/admission/podtolerationrestriction (all pods but BestEffort
 * tolerate memory pressure).
 */
#include "sim/core/digest.h"
#include "sim/proc/kubelet.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define AGAIN NS_PER_SEC /* until a controller replaces a pod that was refused */

/* ---- records ---- */

static void answer(struct world *w, int err)
{
	if (err)
		world_fail(w, err);
}

void kubelet_event(struct world *w, bool warning, const char *reason, const struct kubelet_pod *p, const char *fmt, ...)
{
	struct rec_kube_event r = { .t_ns = w->now, .warning = warning, .reason = reason,
				    .refused = p && p->state == POD_PENDING && warning && !strcmp(reason, "Evicted") };
	char text[KUBE_TEXT_LEN];
	va_list ap;

	if (!w->rec || !w->rec->kube_event || w->error)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r.kind = p ? "pod" : "node";
	r.ns = p ? p->cfg->ns : "";
	r.name = p ? p->name : w->kubelet->cfg->node;
	r.message = text;
	r.owner = p ? p->cfg->name : "";
	answer(w, w->rec->kube_event(w->rec->ctx, &r));
}

static void text_of(struct world *w, enum kube_text what, const struct kubelet_pod *p, const struct kubelet_container *c,
		    char ret[KUBE_TEXT_LEN])
{
	const struct kubelet_cfg *cfg = w->kubelet->cfg;
	const struct kube_subject s = { c ? c->cfg->name : NULL, p->name, p->cfg->ns, p->uid };

	cfg->rules->text(cfg->version, what, &s, ret);
}

void kubelet_say(struct world *w, bool warning, const char *reason, const struct kubelet_pod *p, const struct kubelet_container *c,
		 enum kube_text what)
{
	char text[KUBE_TEXT_LEN];

	text_of(w, what, p, c, text);
	kubelet_event(w, warning, reason, p, "%s", text);
}

static const char *kind_name(enum kube_kind k)
{
	static const char *const name[] = { [KUBE_POD] = "Pod", [KUBE_DEPLOYMENT] = "Deployment", [KUBE_DAEMON_SET] = "DaemonSet",
					    [KUBE_REPLICA_SET] = "ReplicaSet", [KUBE_JOB] = "Job", [KUBE_STATEFUL_SET] = "StatefulSet" };

	return name[k];
}

/* RESTARTS are those of the init containers while these are under way, and then of the others. */
static unsigned ready_containers(const struct kubelet_pod *p, unsigned *ret_restarts)
{
	bool initializing = kubelet_unfinished(p);
	unsigned ready = 0;

	*ret_restarts = 0;
	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		if (p->cfg->container[i].init != initializing)
			continue;
		if (!initializing)
			ready += p->container[i].r.state == KUBE_RUNNING;
		*ret_restarts += p->container[i].r.restarts;
	}
	return ready;
}

/* Containers that the column READY counts: all but init containers. */
static unsigned lasting_containers(const struct kubelet_pod *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->cfg->ncontainer; i++)
		n += !p->cfg->container[i].init;
	return n;
}

/* printPod(): the first container's say counts most. */
static const char *status_of(struct kubelet_pod *p)
{
	const struct kubelet_container *init = kubelet_unfinished(p);
	const char *s = p->reason ? p->reason : "Running";
	bool running = false;

	if (p->state == POD_PENDING)
		return "Pending";
	if (init && !p->reason)
		return kubelet_init_status(p, init);
	if (p->state == POD_STARTING)
		return "ContainerCreating";
	for (size_t i = p->cfg->ncontainer; i-- > 0 && !p->reason;) {
		const struct rec_container *r = &p->container[i].r;

		if (p->cfg->container[i].init)
			continue;
		running |= r->state == KUBE_RUNNING;
		if (r->state != KUBE_RUNNING)
			s = r->reason;
	}
	return running && !strcmp(s, "Completed") ? "NotReady" : s;
}

static const char *phase_of(const struct kubelet_pod *p)
{
	if (p->state == POD_PENDING || p->state == POD_STARTING)
		return "Pending";
	if (p->state != POD_ENDED)
		return "Running";
	for (size_t i = 0; i < p->cfg->ncontainer; i++)
		if (p->reason || p->container[i].r.exit_code)
			return "Failed";
	return "Succeeded";
}

static void tell(struct world *w, struct kubelet_pod *p)
{
	struct rec_container c[64]; /* no pod has more (k8s_emit.c) */
	struct rec_pod r = { .t_ns = w->now, .created_ns = p->created, .restarted_ns = p->restarted, .uid = p->uid, .ns = p->cfg->ns,
			     .name = p->name, .kind = kind_name(p->cfg->kind), .owner = p->cfg->name,
			     .cgroup = p->memcg ? p->memcg->path : "/", .qos = p->cfg->qos, .phase = phase_of(p),
			     .status = status_of(p), .reason = p->reason, .message = p->message, .container = c };

	r.ready = ready_containers(p, &r.restarts);
	if (p->told && p->told_status == r.status && p->told_ready == r.ready && p->told_restarts == r.restarts)
		return;
	p->told = true;
	p->told_status = r.status;
	p->told_ready = r.ready;
	p->told_restarts = r.restarts;
	for (size_t i = 0; i < p->cfg->ncontainer && r.ncontainer < ARRAY_LEN(c); i++)
		if (!p->cfg->container[i].init)
			c[r.ncontainer++] = p->container[i].r;
	if (w->rec && w->rec->pod && !w->error)
		answer(w, w->rec->pod(w->rec->ctx, &r));
}

/* ---- who is ready ---- */

static bool is_ready(const struct kubelet_pod *p)
{
	unsigned restarts;

	return (p->state == POD_RUNNING || p->state == POD_TERMINATING) && ready_containers(p, &restarts) == lasting_containers(p);
}

static void tell_count(struct world *w, struct kubelet_count *c, struct rec_workload *r)
{
	if (c->told && c->ready == r->ready && c->evicted == r->evicted)
		return;
	*c = (struct kubelet_count){ r->ready, r->evicted, true };
	if (w->rec && w->rec->workload && !w->error)
		answer(w, w->rec->workload(w->rec->ctx, r));
}

static unsigned count_ready(const struct kubelet *k, uint32_t workload)
{
	unsigned n = 0;

	for_each_pod(k, p) n += p->workload == workload && is_ready(p);
	return n;
}

/* Of workload i, and of the budgets that cover it. `evicted`: one more. */
static void count(struct world *w, uint32_t i, unsigned evicted)
{
	struct kubelet *k = w->kubelet;
	const struct kube_workload_cfg *cfg = &k->cfg->workload[i];
	struct rec_workload r = { .t_ns = w->now, .kind = kind_name(cfg->kind), .ns = cfg->ns, .name = cfg->name,
				  .desired = cfg->replicas, .ready = count_ready(k, i),
				  .evicted = k->workload[i].evicted + evicted };

	tell_count(w, &k->workload[i], &r);
	for (size_t b = 0; b < k->cfg->nbudget; b++) {
		const struct kube_budget_cfg *budget = &k->cfg->budget[b];

		if (!budget->covers[i])
			continue;
		r = (struct rec_workload){ .t_ns = w->now, .kind = "PodDisruptionBudget", .ns = budget->ns, .name = budget->name,
					   .desired = budget->desired, .evicted = k->budget[b].evicted + evicted };
		for (uint32_t j = 0; j < k->cfg->nworkload; j++)
			r.ready += budget->covers[j] ? count_ready(k, j) : 0;
		tell_count(w, &k->budget[b], &r);
	}
}

/* ---- life ---- */

static void await(struct world *w, struct kubelet_pod *p, bool yes)
{
	if (yes != p->counted)
		w->proc.npending += yes ? 1 : -1u;
	p->counted = yes;
}

/* NAME-HASH-XXXXX of a Deployment (its ReplicaSet has the hash), NAME-0 of a StatefulSet, NAME-XXXXX of the others. */
static void name_pod(struct world *w, struct kubelet_pod *p)
{
	const struct kube_workload_cfg *cfg = p->cfg;
	struct digest d = DIGEST_INIT;
	char hash[12], end[8];

	digest_str(&d, cfg->ns);
	digest_str(&d, cfg->name);
	w->kubelet->cfg->rules->template_hash((uint32_t)d.a, hash);
	digest_u64(&d, w->cfg->seed);
	digest_u64(&d, p->replica);
	digest_u64(&d, p->generation);
	p->uid = d.b;
	w->kubelet->cfg->rules->suffix(d.a, 5, end);
	if (cfg->kind == KUBE_POD)
		snprintf(p->name, sizeof(p->name), "%s", cfg->name);
	else if (cfg->kind == KUBE_DEPLOYMENT)
		snprintf(p->name, sizeof(p->name), "%s-%s-%s", cfg->name, hash, end);
	else if (cfg->kind == KUBE_STATEFUL_SET)
		snprintf(p->name, sizeof(p->name), "%s-%u", cfg->name, p->replica);
	else
		snprintf(p->name, sizeof(p->name), "%s-%s", cfg->name, end);
}

void kubelet_pod_create(struct world *w, struct kubelet_pod *p, bool processes_are_due)
{
	p->generation++;
	name_pod(w, p);
	p->created = w->now;
	p->restarted = SIM_NEVER;
	p->reason = NULL;
	p->message[0] = 0;
	p->usage = 0;
	p->told = false;
	p->state = POD_PENDING;
	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		struct kubelet_container *c = &p->container[i];

		c->r = (struct rec_container){ .name = c->cfg->name, .reason = "ContainerCreating" };
		c->begun = false;
		c->usage = 0;
	}
	after_again(w, p->memcg);
	tell(w, p);
	kubelet_pod_schedule(w, p, processes_are_due);
}

/* The eviction manager's Admit(). A pod that is refused has failed. */
static bool admitted(struct world *w, struct kubelet_pod *p)
{
	if (!w->kubelet->eviction.pressure || !p->cfg->best_effort || p->cfg->tolerates || p->cfg->critical)
		return true;
	text_of(w, TEXT_REJECTED, p, NULL, p->message);
	kubelet_say(w, true, "Evicted", p, NULL, TEXT_PRESSURE);
	kubelet_pod_evicted(w, p, false);
	return false;
}

static bool tolerates_taints(struct world *w, struct kubelet_pod *p)
{
	if (!w->kubelet->taint || !p->cfg->best_effort || p->cfg->tolerates)
		return true;
	kubelet_say(w, true, "FailedScheduling", p, NULL, TEXT_TAINT);
	return false;
}

void kubelet_pod_schedule(struct world *w, struct kubelet_pod *p, bool processes_are_due)
{
	await(w, p, true);
	if (!tolerates_taints(w, p)) {
		count(w, p->workload, 0);
		return;
	}
	kubelet_event(w, false, "Scheduled", p, "Successfully assigned %s/%s to %s", p->cfg->ns, p->name, w->kubelet->cfg->node);
	if (!admitted(w, p))
		return;
	p->state = POD_STARTING;
	tell(w, p);
	count(w, p->workload, 0);
	if (processes_are_due) {
		await(w, p, false);
		return;
	}
	p->next_start = 0;
	p->base = w->now + w->kubelet->cfg->pod_startup;
	evq_arm(w->evq, p->timer, p->base, EVC_TIMER);
}

/* Its runtime does not start it again. */
static bool is_over(const struct kubelet_container *c)
{
	const struct restart_cfg *r = c->first ? &c->first->restart : NULL;

	return c->begun && c->r.state == KUBE_TERMINATED &&
	       (!r || !r->policy || (r->policy == RESTART_ON_FAILURE && !c->r.exit_code));
}

void kubelet_pod_changed(struct world *w, struct kubelet_pod *p)
{
	const struct kubelet_container *init = kubelet_unfinished(p);
	bool all_begun = true, all_over = true;

	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		const struct kubelet_container *c = &p->container[i];

		all_begun &= c->begun || c->cfg->init;
		all_over &= is_over(c) || c->cfg->init || c->cfg->sidecar;
	}
	if (p->state == POD_STARTING && all_begun && !init)
		p->state = POD_RUNNING;
	if ((p->state == POD_RUNNING && all_over) || (p->state == POD_STARTING && init && is_over(init)))
		p->state = POD_ENDED;
	if (p->state == POD_RUNNING || p->state == POD_ENDED || (p->state == POD_STARTING && init))
		tell(w, p);
	count(w, p->workload, 0);
}

void kubelet_pod_evicted(struct world *w, struct kubelet_pod *p, bool ran)
{
	struct kubelet *k = w->kubelet;

	p->state = POD_ENDED;
	p->reason = "Evicted";
	p->failures++;
	evq_disarm(w->evq, p->timer);
	await(w, p, false);
	tell(w, p);
	count(w, p->workload, ran);
	if (k->waiting == p) {
		evq_arm(w->evq, k->pass, w->now + NS_PER_SEC, EVC_TIMER);
		k->waiting = NULL;
	}
	if (p->cfg->kind == KUBE_POD)
		return;
	await(w, p, true);
	p->state = POD_ABSENT;
	evq_arm(w->evq, p->timer,
		w->now + (p->cfg->kind == KUBE_DAEMON_SET ? k->cfg->rules->daemon_back_off(p->failures) * NS_PER_SEC :
			  p->created == w->now            ? AGAIN :
							    0),
		EVC_TIMER);
}

/* The processes of a pod that is not its place's first, in the order and at the distances of the scenario. */
static void start_processes(struct world *w, struct kubelet_pod *p)
{
	for (; p->next_start < w->nstart; p->next_start++) {
		const struct start *s = &w->start[p->next_start];
		const struct kubelet_container *c = w->kubelet->of_process[s->process];
		sim_ns due = p->base + (s->when - u64_min(p->first_when, s->when));

		if (!c || c->pod != p)
			continue;
		if (due > w->now) {
			evq_arm(w->evq, p->timer, due, EVC_TIMER);
			return;
		}
		program_spawn(w, &w->cfg->process[s->process], s->instance);
	}
	await(w, p, false);
}

void kubelet_pod_timer(struct world *w, void *pod)
{
	struct kubelet_pod *p = pod;

	if (p->state == POD_ABSENT)
		kubelet_pod_create(w, p, false);
	else if (p->state == POD_TERMINATING)
		kubelet_kill_pod(w, p);
	else
		start_processes(w, p);
}
