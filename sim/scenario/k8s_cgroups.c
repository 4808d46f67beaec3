/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kubelet's cgroups as entries of `cgroups`:
 *
 *	/kubepods[/burstable|/besteffort]/podNAME/CONTAINER
 *
 * which is its tree with the cgroupfs driver and names where it has UIDs. Limits follow pkg/kubelet/cm: node_container_manager_linux.go,
 * qos_container_manager_linux.go (setMemoryQoS), helpers_linux.go (ResourceConfigForPod), and the container runtime.
 */
#include <string.h>

#include "sim/scenario/k8s.h"

/* ---- nodes of the tree ---- */

static struct ynode *scalar(struct k8s *k, const struct ynode *at, const char *text)
{
	struct ynode *n = ynode_new(k->b->t, Y_SCALAR, at);

	if (n)
		n->text = ytree_strdup(k->b->t, text);
	return n && n->text ? n : NULL;
}

void k8s_put(struct k8s *k, struct ynode *map, const struct ynode *at, const char *key, const char *text)
{
	struct ynode *name = scalar(k, at, key), *value = scalar(k, at, text);

	if (map && name && value)
		ynode_add(k->b->t, map, name, value);
}

struct ynode *k8s_new_map(struct k8s *k, struct ynode *list, const struct ynode *at)
{
	struct ynode *map = ynode_new(k->b->t, Y_MAP, at);

	return map && ynode_add(k->b->t, list, NULL, map) ? map : NULL;
}

static void put_bytes(struct k8s *k, struct ynode *map, const struct ynode *at, const char *file, int64_t bytes)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)bytes);
	k8s_put(k, map, at, file, text);
}

static bool is_v1(const struct k8s *k)
{
	return k->b->c->cgroup_version == 1;
}

static struct ynode *add_cgroup(struct k8s *k, struct ynode *list, const struct ynode *at, const char *path,
				int64_t limit)
{
	struct ynode *map = k8s_new_map(k, list, at);

	k8s_put(k, map, at, "path", path);
	if (limit > 0 && limit != K8S_UNLIMITED)
		put_bytes(k, map, at, is_v1(k) ? "memory.limit_in_bytes" : "memory.max", limit);
	return map;
}

/* What a pod or container requests, as Memory QoS protects it. */
static void protect(struct k8s *k, struct ynode *map, const struct ynode *at, enum k8s_qos qos, int64_t request)
{
	enum k8s_protection p = k8s_protection(k->version, k->set.reservation_policy, qos);

	if (k->set.memory_qos && request > 0 && p != K8S_PROTECT_NOT)
		put_bytes(k, map, at, p == K8S_PROTECT_LOW ? "memory.low" : "memory.min", request);
}

/* ---- the node ---- */

static int64_t requests_of(const struct k8s *k, enum k8s_qos qos)
{
	__int128 sum = 0;

	for (const struct k8s_pods *p = k->pods; p; p = p->next)
		if (k8s_pod_qos(&p->pod) == qos)
			sum += (__int128)k8s_pod_request(&p->pod) * p->replicas;
	return (int64_t)sum; /* what fits the node, as has been checked */
}

/* The same path, whatever slashes there are around it. */
static bool same_path(const char *a, const char *b)
{
	a += strspn(a, "/");
	b += strspn(b, "/");
	while (*a && *a == *b)
		a++, b++;
	return !a[strspn(a, "/")] && !b[strspn(b, "/")];
}

static struct ynode *find(const struct ynode *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct ynode *v = ynode_get(list->item[i].val, "path");

		if (v && v->kind == Y_SCALAR && same_path(v->text, path))
			return list->item[i].val;
	}
	return NULL;
}

/* enforceExistingCgroup(): what is reserved is the limit of that cgroup, and protected under Memory QoS. */
static void reserve(struct k8s *k, struct ynode *cgroups, const struct ynode *at, int64_t bytes)
{
	static const char *const taken[] = { "memory.max", "memory.limit_in_bytes", "memory.min" };
	struct ynode *map = find(cgroups, at->text), *limit;

	for (size_t i = 0; map && i < ARRAY_LEN(taken); i++) {
		limit = ynode_get(map, taken[i]);
		if (limit)
			B_ERR(k->b, limit, "leave it out, or do not enforce what is reserved",
			      "%s of this cgroup is the kubelet's to set", taken[i]);
	}
	if (map && bytes > 0)
		put_bytes(k, map, at, is_v1(k) ? "memory.limit_in_bytes" : "memory.max", bytes);
	if (!map)
		map = add_cgroup(k, cgroups, at, at->text, bytes);
	if (k->set.memory_qos && bytes > 0)
		put_bytes(k, map, at, "memory.min", bytes);
}

void k8s_node_cgroups(struct k8s *k, struct ynode *cgroups)
{
	int64_t burstable = requests_of(k, K8S_BURSTABLE), all = burstable + requests_of(k, K8S_GUARANTEED);
	bool tiered = k->version >= 36;
	struct ynode *map;

	map = add_cgroup(k, cgroups, k->at, "/kubepods",
			 k->set.enforce_pods ? k8s_kubepods_limit(&k->node) : k->node.capacity);
	/* The parent's must cover both kinds of protection below it. */
	if (k->set.memory_qos && all > 0 && (!tiered || k->set.reservation_policy))
		put_bytes(k, map, k->at, "memory.min", all);
	if (k->set.memory_qos && burstable > 0 && (!tiered || k->set.reservation_policy))
		protect(k, add_cgroup(k, cgroups, k->at, "/kubepods/burstable", 0), k->at, K8S_BURSTABLE, burstable);
	if (k->set.enforce_system && k->set.system_cgroup)
		reserve(k, cgroups, k->set.system_cgroup, k->node.system_reserved);
	if (k->set.enforce_kube && k->set.kube_cgroup)
		reserve(k, cgroups, k->set.kube_cgroup, k->node.kube_reserved);
}

/* ---- pods ---- */

void k8s_pod_cgroup(struct k8s *k, struct ynode *cgroups, const struct k8s_pods *p, const char *path)
{
	struct ynode *map = add_cgroup(k, cgroups, p->at, path, k8s_pod_limit(&p->pod));

	protect(k, map, p->at, k8s_pod_qos(&p->pod), k8s_pod_request(&p->pod));
}

bool k8s_is_critical(const struct k8s_pods *p, bool node)
{
	const char *name = p->priority && p->priority->kind == Y_SCALAR ? p->priority->text : "";

	return !strcmp(name, "system-node-critical") || (!node && !strcmp(name, "system-cluster-critical"));
}

/* Version 1 counts memory and swap together; K8S_UNLIMITED there is no limit of its own. */
static void limit_swap(struct k8s *k, struct ynode *map, const struct k8s_pods *p, size_t i, int64_t limit)
{
	const struct k8s_container *c = &p->container[i];
	int64_t swap = k8s_container_swap(k->version, (enum k8s_swap)k->swap_behavior, k8s_is_critical(p, false),
					  k8s_pod_qos(&p->pod), &c->r, k->node.capacity, k->swap);

	if (!k->swap || swap == K8S_UNLIMITED)
		return;
	if (!is_v1(k))
		put_bytes(k, map, c->at, "memory.swap.max", swap);
	else if (limit != K8S_UNLIMITED)
		put_bytes(k, map, c->at, "memory.memsw.limit_in_bytes", limit);
}

void k8s_container_cgroup(struct k8s *k, struct ynode *cgroups, const struct k8s_pods *p, size_t i, const char *path)
{
	const struct k8s_container *c = &p->container[i];
	int64_t limit = k8s_container_limit(&p->pod, i), high;
	struct ynode *map = add_cgroup(k, cgroups, c->at, path, limit);

	if (k8s_oom_group(k->version, k->b->c->cgroup_version, k->single_process_oom_kill))
		k8s_put(k, map, c->at, "memory.oom.group", "1");
	limit_swap(k, map, p, i, limit);
	if (!k->set.memory_qos)
		return;
	protect(k, map, c->at, k8s_pod_qos(&p->pod), c->r.memory_request);
	high = k8s_memory_high(k->version, c->r.memory_request, c->r.memory_limit, k8s_allocatable(&k->node),
			       (unsigned)k->set.throttling_factor, (int64_t)k->b->c->machine.page_size);
	if (high != K8S_UNLIMITED)
		put_bytes(k, map, c->at, "memory.high", high);
}
