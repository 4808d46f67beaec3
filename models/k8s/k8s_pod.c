/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The containers of a pod together. Sources, of Kubernetes 1.32:
 *	component-helpers, resource/helpers.go (PodRequests, PodLimits): an init container runs beside the sidecars before it, the others beside
 *		all sidecars; the pod needs the largest of these sums (keps/sig-node/753-sidecar-containers), and its overhead besides
 *	pkg/kubelet/cm/helpers_linux.go (ResourceConfigForPod), pkg/apis/core/v1/defaults.go
 *	pkg/kubelet/kuberuntime/kuberuntime_container_linux.go (getMemoryLimit)
 *	pkg/kubelet/qos/policy.go (GetContainerOOMScoreAdjust): sidecars since 1.29, spec.resources
 *		(keps/sig-node/2837-pod-level-resource-spec) since 1.32
 */
#include "models/k8s/k8s.h"

enum what { MEMORY_REQUEST, MEMORY_LIMIT, CPU_REQUEST };

static int64_t get(const struct k8s_resources *r, enum what what)
{
	int64_t v = what == MEMORY_REQUEST ? r->memory_request
		    : what == MEMORY_LIMIT ? r->memory_limit
					   : r->cpu_request;

	return v > 0 ? v : 0;
}

static int64_t plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The most that is needed at one time. *ret_all: each container, with what runs beside it, says something. */
static int64_t together(const struct k8s_pod *p, enum what what, bool *ret_all)
{
	int64_t sum = 0, sidecars = 0, most = 0;

	*ret_all = p->n > 0;
	for (size_t i = 0; i < p->n; i++) {
		int64_t v = get(&p->container[i], what), now = v;

		if (p->role[i] == K8S_SIDECAR)
			now = sidecars = plus(sidecars, v);
		else if (p->role[i] == K8S_INIT)
			now = plus(sidecars, v);
		if (p->role[i] == K8S_REGULAR)
			sum = plus(sum, v);
		else
			most = larger(most, now);
		*ret_all &= now > 0;
	}
	return larger(most, plus(sum, sidecars));
}

int64_t k8s_containers_request(const struct k8s_pod *p)
{
	bool all;

	return together(p, MEMORY_REQUEST, &all);
}

static bool has_own(const struct k8s_pod *p)
{
	return p->own.memory_request != K8S_UNSET || p->own.memory_limit != K8S_UNSET ||
	       p->own.cpu_request != K8S_UNSET || p->own.cpu_limit != K8S_UNSET;
}

void k8s_default_pod_requests(struct k8s_pod *p)
{
	int64_t memory = k8s_containers_request(p), cpu;
	bool all;

	if (!has_own(p))
		return;
	cpu = together(p, CPU_REQUEST, &all);
	if (p->own.memory_request == K8S_UNSET)
		p->own.memory_request = memory ? memory : p->own.memory_limit;
	if (p->own.cpu_request == K8S_UNSET)
		p->own.cpu_request = cpu ? cpu : p->own.cpu_limit;
}

enum k8s_qos k8s_pod_qos(const struct k8s_pod *p)
{
	return has_own(p) ? k8s_qos(&p->own, 1) : k8s_qos(p->container, p->n);
}

int64_t k8s_pod_request(const struct k8s_pod *p)
{
	return plus(p->own.memory_request > 0 ? p->own.memory_request : k8s_containers_request(p), p->overhead);
}

int64_t k8s_pod_limit(const struct k8s_pod *p)
{
	bool all;
	int64_t sum = together(p, MEMORY_LIMIT, &all);

	if (p->own.memory_limit > 0)
		return plus(p->own.memory_limit, p->overhead);
	return all ? plus(sum, p->overhead) : K8S_UNLIMITED;
}

int64_t k8s_container_limit(const struct k8s_pod *p, size_t i)
{
	if (p->container[i].memory_limit > 0)
		return p->container[i].memory_limit;
	return p->own.memory_limit > 0 ? p->own.memory_limit : K8S_UNLIMITED;
}

/* What spec.resources requests beyond the containers is shared out among them evenly. */
static int64_t share_of_rest(const struct k8s_pod *p)
{
	int64_t rest = p->own.memory_request - k8s_containers_request(p);

	return p->own.memory_request > 0 && rest > 0 ? rest / (int64_t)p->n : 0;
}

static int64_t least_regular(const struct k8s_pod *p)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < p->n; i++)
		if (p->role[i] == K8S_REGULAR && get(&p->container[i], MEMORY_REQUEST) < least)
			least = get(&p->container[i], MEMORY_REQUEST);
	return least == INT64_MAX ? 0 : least;
}

/* A sidecar is not to die before those that it serves. */
int64_t k8s_adj_request(int version, const struct k8s_pod *p, size_t i)
{
	int64_t request = get(&p->container[i], MEMORY_REQUEST);

	if (version >= 29 && p->role[i] == K8S_SIDECAR)
		request = larger(request, least_regular(p));
	return plus(request, share_of_rest(p));
}
