/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pods become cgroups and processes, as entries of those sections: k8s_cgroups.c makes the former. */
#include <string.h>

#include "sim/scenario/k8s.h"

/* ---- workloads ---- */

static bool text_is(const struct ynode *v, const char *s)
{
	return v && v->kind == Y_SCALAR && !strcmp(v->text, s);
}

/* Entry n of `workloads` is a process of container c of pods p. A pod's only container need not be named. */
static bool belongs(const struct ynode *n, const struct k8s_pods *p, const struct k8s_container *c)
{
	const struct ynode *container = ynode_get(n, "container");

	return text_is(ynode_get(n, "pod"), p->name) && (container ? text_is(container, c->name) : p->ncontainer == 1);
}

static void add_process(struct k8s *k, struct ynode *list, const struct ynode *n, const struct k8s_container *c, const char *path, int adj,
			const char *restart)
{
	struct ynode *map = k8s_new_map(k, list, n);
	char text[SIM_COMM_LEN];

	for (size_t i = 0; map && i < n->n; i++)
		if (strcmp(n->item[i].key->text, "pod") && strcmp(n->item[i].key->text, "container"))
			ynode_add(k->b->t, map, n->item[i].key, n->item[i].val);
	snprintf(text, sizeof(text), "%s", c->name); /* comm: as the kernel, the first 15 bytes */
	if (!ynode_get(n, "name"))
		k8s_put(k, map, n, "name", text);
	k8s_put(k, map, n, "cgroup", path);
	if (restart)
		k8s_put(k, map, n, "restart", restart);
	snprintf(text, sizeof(text), "%d", adj);
	k8s_put(k, map, n, "oom_score_adj", text);
}

/* What the pod decides is not the workload's to say. */
static void check_workload(struct k8s *k, const struct ynode *n)
{
	static const char *const taken[] = { "cgroup", "oom_score_adj", "init", "parent", "restart" };
	const struct k8s_pods *p;
	bool pod = false, ok = false;

	if (!want_map(k->b, n, "a workload"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (ynode_get(n, taken[i]))
			B_ERR(k->b, ynode_get(n, taken[i]), "leave it out", "%s follows from the pod", taken[i]);
	for (p = k->pods; p; p = p->next) {
		pod |= text_is(ynode_get(n, "pod"), p->name);
		for (size_t i = 0; i < p->ncontainer; i++)
			ok |= belongs(n, p, &p->container[i]);
	}
	if (!ynode_get(n, "pod"))
		B_ERR(k->b, n, "add 'pod:', the metadata.name of a Pod, Deployment or DaemonSet", "a workload needs 'pod'");
	else if (!pod)
		B_ERR(k->b, ynode_get(n, "pod"), "write the metadata.name of a Pod, Deployment or DaemonSet", "no manifest of that name");
	else if (!ok)
		B_ERR(k->b, ynode_get(n, "container") ? ynode_get(n, "container") : n, "write 'container:' and the name of one",
		      "the pod has %s", ynode_get(n, "container") ? "no container of that name" : "more than one container");
}

/* ---- pods ---- */

static void check_priority(struct k8s *k, const struct k8s_pods *p)
{
	const struct k8s_class *c;

	if (!p->priority || k8s_is_critical(p, false))
		return;
	for (c = k->classes; c; c = c->next)
		if (text_is(p->priority, c->name))
			return;
	B_ERR(k->b, p->priority, "add the PriorityClass to manifests",
	      "%s \"%s\" is forbidden: no PriorityClass with name %s was found", p->kind, p->name, SHOW(p->priority->text));
}

/* Processes of container i. The first is its PID 1, which is restarted; it waits for init container `after`, if that is not i or more. */
static void emit_processes(struct k8s *k, struct ynode *processes, const struct k8s_pods *p, size_t i, const char *path, size_t after)
{
	struct k8s_container *c = &p->container[i];
	int adj = k8s_oom_score_adj(k->version, k8s_pod_qos(&p->pod), k8s_is_critical(p, true), k8s_adj_request(k->version, &p->pod, i),
				    k->node.capacity);

	c->processes = 0;
	c->first = processes->n;
	for (size_t w = 0; w < k->workloads->n; w++) {
		const struct ynode *n = k->workloads->item[w].val;

		if (n->kind != Y_MAP || !belongs(n, p, c))
			continue;
		if (after < i)
			build_after(k->b, processes->n, p->container[after].first);
		add_process(k, processes, n, c, path, adj, c->processes ? NULL : c->restart);
		c->processes++;
	}
}

/* One pod. What comes after an init container waits until that has ended well. */
static void emit_pod(struct k8s *k, struct ynode *cgroups, struct ynode *processes, const struct k8s_pods *p, const char *pod)
{
	char path[CGROUP_PATH_LEN + K8S_NAME_LEN];
	size_t after = SIZE_MAX;

	k8s_pod_cgroup(k, cgroups, p, pod);
	for (size_t i = 0; i < p->ncontainer; i++) {
		snprintf(path, sizeof(path), "%s/%s", pod, p->container[i].name);
		k8s_container_cgroup(k, cgroups, p, i, path);
		emit_processes(k, processes, p, i, path, after);
		if (p->container[i].role == K8S_INIT)
			after = i;
	}
}

static void emit_pods(struct k8s *k, struct ynode *cgroups, struct ynode *processes, const struct k8s_pods *p)
{
	static const char *const parent[] = { "/kubepods", "/kubepods/burstable", "/kubepods/besteffort" };
	enum k8s_qos qos = k8s_pod_qos(&p->pod);
	char pod[CGROUP_PATH_LEN];

	for (int n = 0; n < p->replicas; n++) {
		if (p->numbered)
			snprintf(pod, sizeof(pod), "%s/pod%s-%d", parent[qos], p->name, n);
		else
			snprintf(pod, sizeof(pod), "%s/pod%s", parent[qos], p->name);
		emit_pod(k, cgroups, processes, p, pod);
	}
	for (size_t i = 0; p->replicas && i < p->ncontainer; i++)
		if (!p->container[i].processes)
			B_ERR(k->b, p->container[i].at, "add an entry for it to kubernetes.workloads",
			      "container \"%s\" of %s \"%s\" has no workload", p->container[i].name, p->kind, p->name);
}

/* The scheduler's one question here: is what the pods request there? In the order of the manifests. */
static void check_fit(struct k8s *k)
{
	int64_t room = k8s_allocatable(&k->node), taken = 0;
	int pods = 0;

	for (const struct k8s_pods *p = k->pods; p; p = p->next) {
		__int128 need = (__int128)k8s_pod_request(&p->pod) * p->replicas;

		pods += p->replicas;
		if (need > room - taken) {
			B_ERR(k->b, p->at, "lower the requests, or give machine more memory",
			      "%s \"%s\" cannot be scheduled: 0/1 nodes are available: 1 Insufficient memory (%lld of %lld bytes are left)",
			      p->kind, p->name, (long long)(room - taken), (long long)room);
			return;
		}
		taken += (int64_t)need;
		if (pods > K8S_MAX_PODS) {
			B_ERR(k->b, p->at, "lower the replicas",
			      "%s \"%s\" cannot be scheduled: 0/1 nodes are available: 1 Too many pods (a node takes %d)", p->kind, p->name,
			      K8S_MAX_PODS);
			return;
		}
	}
}

void k8s_emit(struct k8s *k, struct ynode *cgroups, struct ynode *processes)
{
	unsigned before = k->b->dl->errors;
	const struct k8s_pods *p;

	for (size_t i = 0; i < k->workloads->n; i++)
		check_workload(k, k->workloads->item[i].val);
	for (p = k->pods; p; p = p->next)
		check_priority(k, p);
	check_fit(k);
	if (k->b->dl->errors != before)
		return;
	k8s_node_cgroups(k, cgroups);
	for (p = k->pods; p && !k->b->t->nomem; p = p->next)
		emit_pods(k, cgroups, processes, p);
}
