/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/collect_kube.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

void collect_kube_init(struct collect_kube *k)
{
	*k = (struct collect_kube){ .pressure_since = SIM_NEVER };
}

void collect_kube_free(struct collect_kube *k)
{
	for (size_t i = 0; i < k->neviction; i++)
		free(k->eviction[i].message);
	free(k->eviction);
	free(k->workload);
	collect_kube_init(k);
}

static bool one_more(void **v, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? 2 * *cap : 8;
	void *p;

	if (n < *cap)
		return true;
	p = realloc(*v, want * size);
	if (!p)
		return false;
	*v = p;
	*cap = want;
	return true;
}

/* ---- events ---- */

static int evicted(struct collect_kube *k, const struct rec_kube_event *r)
{
	struct collect_eviction *e;

	if (!one_more((void **)&k->eviction, k->neviction, &k->eviction_cap, sizeof(*e)))
		return SIM_ENOMEM;
	e = &k->eviction[k->neviction];
	*e = (struct collect_eviction){ .t_ns = r->t_ns, .gone_ns = SIM_NEVER, .message = strdup(r->message) };
	if (!e->message)
		return SIM_ENOMEM;
	k->neviction++;
	snprintf(e->ns, sizeof(e->ns), "%s", r->ns);
	snprintf(e->pod, sizeof(e->pod), "%s", r->name);
	snprintf(e->owner, sizeof(e->owner), "%s", r->owner);
	return SIM_OK;
}

static void pressure(struct collect_kube *k, sim_ns now, bool on)
{
	if (k->pressure_since != SIM_NEVER)
		k->pressure_ns += now - k->pressure_since;
	k->pressure_since = on ? now : SIM_NEVER;
}

int collect_kube_event(struct collect_kube *k, const struct rec_kube_event *r)
{
	k->present = true;
	k->refused += r->refused;
	if (!strcmp(r->reason, "Evicted") && !r->refused)
		return evicted(k, r);
	if (!strcmp(r->reason, "NodeHasInsufficientMemory") || !strcmp(r->reason, "NodeHasSufficientMemory"))
		pressure(k, r->t_ns, !strcmp(r->reason, "NodeHasInsufficientMemory"));
	return SIM_OK;
}

/* ---- pods ---- */

int collect_kube_pod(struct collect_kube *k, const struct rec_pod *r)
{
	k->present = true;
	k->restarts += r->restarted_ns == r->t_ns;
	k->oom_killed += !strcmp(r->status, "Init:OOMKilled"); /* init containers are not among the pod's here */
	for (size_t i = 0; i < r->ncontainer; i++)
		k->oom_killed += r->container[i].state == KUBE_TERMINATED && r->container[i].finished == r->t_ns &&
				 !strcmp(r->container[i].reason, "OOMKilled");
	for (size_t i = k->neviction; r->reason && i-- > 0;) {
		struct collect_eviction *e = &k->eviction[i];

		if (strcmp(e->pod, r->name) || strcmp(e->ns, r->ns))
			continue;
		e->gone_ns = r->t_ns;
		break;
	}
	return SIM_OK;
}

/* ---- workloads ---- */

static struct collect_workload *find(struct collect_kube *k, const struct rec_workload *r)
{
	struct collect_workload *w;

	for (size_t i = 0; i < k->nworkload; i++) {
		w = &k->workload[i];
		if (!strcmp(w->kind, r->kind) && !strcmp(w->ns, r->ns) && !strcmp(w->name, r->name))
			return w;
	}
	if (!one_more((void **)&k->workload, k->nworkload, &k->workload_cap, sizeof(*w)))
		return NULL;
	w = &k->workload[k->nworkload++];
	*w = (struct collect_workload){ .since = r->t_ns };
	snprintf(w->kind, sizeof(w->kind), "%s", r->kind);
	snprintf(w->ns, sizeof(w->ns), "%s", r->ns);
	snprintf(w->name, sizeof(w->name), "%s", r->name);
	return w;
}

static void pass_time(struct collect_workload *w, sim_ns now)
{
	if (w->complete && w->ready < w->desired)
		w->below_ns += now - w->since;
	w->since = now;
}

int collect_kube_workload(struct collect_kube *k, const struct rec_workload *r)
{
	struct collect_workload *w = find(k, r);

	if (!w)
		return SIM_ENOMEM;
	k->present = true;
	pass_time(w, r->t_ns);
	w->desired = r->desired;
	w->ready = r->ready;
	w->evicted = r->evicted;
	if (!w->complete && r->ready >= r->desired) {
		w->complete = true;
		w->lowest = r->ready;
	}
	if (w->complete && r->ready < w->lowest)
		w->lowest = r->ready;
	return SIM_OK;
}

void collect_kube_end(struct collect_kube *k, sim_ns now)
{
	pressure(k, now, k->pressure_since != SIM_NEVER);
	for (size_t i = 0; i < k->nworkload; i++)
		pass_time(&k->workload[i], now);
}
