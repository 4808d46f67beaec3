/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pods become cgroups and processes, as entries of those sections:
 *
 *	/kubepods[/burstable|/besteffort]/podNAME/CONTAINER
 *
 * which is the kubelet's tree (pkg/kubelet/cm, cgroupfs driver) with names where it has UIDs. Limits follow
 * ResourceConfigForPod() and the container runtime.
 */
#include <string.h>

#include "sim/scenario/k8s.h"

#define MAX_CONTAINERS 64 /* of a pod */

/* ---- nodes of the tree ---- */

static struct ynode *scalar(struct k8s *k, const struct ynode *at, const char *text)
{
	struct ynode *n = ynode_new(k->b->t, Y_SCALAR, at);

	if (n)
		n->text = ytree_strdup(k->b->t, text);
	return n && n->text ? n : NULL;
}

static void put(struct k8s *k, struct ynode *map, const struct ynode *at, const char *key, const char *text)
{
	struct ynode *name = scalar(k, at, key), *value = scalar(k, at, text);

	if (map && name && value)
		ynode_add(k->b->t, map, name, value);
}

static struct ynode *new_map(struct k8s *k, struct ynode *list, const struct ynode *at)
{
	struct ynode *map = ynode_new(k->b->t, Y_MAP, at);

	return map && ynode_add(k->b->t, list, NULL, map) ? map : NULL;
}

static struct ynode *add_cgroup(struct k8s *k, struct ynode *list, const struct ynode *at, const char *path, int64_t limit)
{
	struct ynode *map = new_map(k, list, at);
	char bytes[32];

	put(k, map, at, "path", path);
	snprintf(bytes, sizeof(bytes), "%lld", (long long)limit);
	if (limit > 0 && limit != K8S_UNLIMITED)
		put(k, map, at, k->b->c->cgroup_version == 1 ? "memory.limit_in_bytes" : "memory.max", bytes);
	return map;
}

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
	struct ynode *map = new_map(k, list, n);
	char text[SIM_COMM_LEN];

	for (size_t i = 0; map && i < n->n; i++)
		if (strcmp(n->item[i].key->text, "pod") && strcmp(n->item[i].key->text, "container"))
			ynode_add(k->b->t, map, n->item[i].key, n->item[i].val);
	snprintf(text, sizeof(text), "%s", c->name); /* comm: as the kernel, the first 15 bytes */
	if (!ynode_get(n, "name"))
		put(k, map, n, "name", text);
	put(k, map, n, "cgroup", path);
	if (restart)
		put(k, map, n, "restart", restart);
	snprintf(text, sizeof(text), "%d", adj);
	put(k, map, n, "oom_score_adj", text);
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

static bool is_node_critical(const struct k8s_pods *p)
{
	return text_is(p->priority, "system-node-critical");
}

static void check_priority(struct k8s *k, const struct k8s_pods *p)
{
	const struct k8s_class *c;

	if (!p->priority || is_node_critical(p) || text_is(p->priority, "system-cluster-critical"))
		return;
	for (c = k->classes; c; c = c->next)
		if (text_is(p->priority, c->name))
			return;
	B_ERR(k->b, p->priority, "add the PriorityClass to manifests",
	      "%s \"%s\" is forbidden: no PriorityClass with name %s was found", p->kind, p->name, SHOW(p->priority->text));
}

/* Swap is nobody's under NoSwap. cgroup v1 has no file for that here: its containers swap as the node does. */
static void container_cgroup(struct k8s *k, struct ynode *cgroups, const struct k8s_container *c, const char *path, enum k8s_qos qos)
{
	struct ynode *map = add_cgroup(k, cgroups, c->at, path, c->r.memory_limit);
	unsigned version = k->b->c->cgroup_version;
	int64_t swap = 0;
	char text[32];

	if (k8s_oom_group(k->version, version, k->single_process_oom_kill))
		put(k, map, c->at, "memory.oom.group", "1");
	if (version == 1 || !k->swap)
		return;
	if (k->swap_behavior)
		swap = k8s_swap_limit(qos, c->r.memory_request, c->r.memory_limit, k->node.capacity, k->swap);
	snprintf(text, sizeof(text), "%lld", (long long)swap);
	put(k, map, c->at, "memory.swap.max", text);
}

static void emit_container(struct k8s *k, struct ynode *cgroups, struct ynode *processes, const struct k8s_pods *p, const char *pod,
			   enum k8s_qos qos, struct k8s_container *c)
{
	int adj = k8s_oom_score_adj(k->version, qos, is_node_critical(p), c->r.memory_request, k->node.capacity);
	char path[CGROUP_PATH_LEN];

	snprintf(path, sizeof(path), "%s/%s", pod, c->name);
	container_cgroup(k, cgroups, c, path, qos);
	c->processes = 0;
	for (size_t i = 0; i < k->workloads->n; i++) {
		const struct ynode *n = k->workloads->item[i].val;

		if (n->kind == Y_MAP && belongs(n, p, c)) {
			add_process(k, processes, n, c, path, adj, c->processes ? NULL : p->restart);
			c->processes++;
		}
	}
}

/* The resources of its containers, as many as fit. */
static size_t resources_of(const struct k8s_pods *p, struct k8s_resources r[MAX_CONTAINERS])
{
	size_t n = p->ncontainer < MAX_CONTAINERS ? p->ncontainer : MAX_CONTAINERS;

	for (size_t i = 0; i < n; i++)
		r[i] = p->container[i].r;
	return n;
}

enum k8s_qos k8s_pods_qos(const struct k8s_pods *p)
{
	struct k8s_resources r[MAX_CONTAINERS];

	return k8s_qos(r, resources_of(p, r));
}

void k8s_pods_path(const struct k8s_pods *p, enum k8s_qos qos, char ret[CGROUP_PATH_LEN])
{
	static const char *const parent[] = { "/kubepods", "/kubepods/burstable", "/kubepods/besteffort" };

	snprintf(ret, CGROUP_PATH_LEN, "%s/pod%s", parent[qos], p->name);
}

static void emit_pods(struct k8s *k, struct ynode *cgroups, struct ynode *processes, const struct k8s_pods *p)
{
	struct k8s_resources r[MAX_CONTAINERS];
	char path[CGROUP_PATH_LEN], pod[CGROUP_PATH_LEN];
	enum k8s_qos qos = k8s_pods_qos(p);
	size_t i;

	if (p->ncontainer > MAX_CONTAINERS) {
		B_ERR(k->b, p->at, NULL, "%s \"%s\" has more than %d containers", p->kind, p->name, MAX_CONTAINERS);
		return;
	}
	resources_of(p, r);
	k8s_pods_path(p, qos, path);
	for (int n = 0; n < p->replicas; n++) {
		snprintf(pod, sizeof(pod), "%s", path);
		if (p->numbered)
			snprintf(pod + strlen(pod), sizeof(pod) - strlen(pod), "-%d", n);
		add_cgroup(k, cgroups, p->at, pod, k8s_pod_limit(r, p->ncontainer));
		for (i = 0; i < p->ncontainer; i++)
			emit_container(k, cgroups, processes, p, pod, qos, &p->container[i]);
	}
	for (i = 0; p->replicas && i < p->ncontainer; i++)
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
		__int128 need = 0;

		for (size_t i = 0; i < p->ncontainer; i++)
			need += p->container[i].r.memory_request > 0 ? p->container[i].r.memory_request : 0;
		need *= p->replicas;
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
	k->first_process = processes->n;
	add_cgroup(k, cgroups, k->at, "/kubepods", k8s_kubepods_limit(&k->node));
	for (p = k->pods; p && !k->b->t->nomem; p = p->next)
		emit_pods(k, cgroups, processes, p);
	k8s_make_kubelet(k);
}
