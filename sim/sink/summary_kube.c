/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/summary_kube.h"

static json_t *evictions(const struct collect_kube *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->neviction; i++) {
		const struct collect_eviction *e = &k->eviction[i];
		json_t *gone = e->gone_ns == SIM_NEVER ? json_null() : json_integer((json_int_t)e->gone_ns);

		if (json_array_append_new(list, json_pack("{s:I,s:o,s:s,s:s,s:s,s:s}", "t_ns", (json_int_t)e->t_ns, "gone_ns", gone,
							  "namespace", e->ns, "pod", e->pod, "owner", e->owner, "message",
							  e->message))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *workloads(const struct collect_kube *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->nworkload; i++) {
		const struct collect_workload *w = &k->workload[i];

		if (json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:i,s:i,s:i,s:i,s:I}", "kind", w->kind, "namespace", w->ns, "name",
							  w->name, "desired", (int)w->desired, "ready", (int)w->ready, "lowest_ready",
							  (int)w->lowest, "evicted", (int)w->evicted, "below_desired_ns",
							  (json_int_t)w->below_ns))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

json_t *summary_kube(const struct collect_kube *k)
{
	/* json_pack() fails, and frees what it was given, if one of them is NULL. */
	return json_pack("{s:o,s:I,s:I,s:I,s:I,s:o}", "evictions", evictions(k), "refused",
			 (json_int_t)k->refused, "oom_killed", (json_int_t)k->oom_killed, "restarts",
			 (json_int_t)k->restarts, "memory_pressure_ns", (json_int_t)k->pressure_ns, "workloads", workloads(k));
}
