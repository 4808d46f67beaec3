/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory QoS and swap of containers. Sources, of Kubernetes:
 *	keps/sig-node/2570-memory-qos; pkg/kubelet/kuberuntime/kuberuntime_container_linux.go (generateLinuxContainerResources)
 *		of 1.22, 1.27, 1.36 and 1.37 (BestEffort containers have memory.high again)
 *	keps/sig-node/2400-node-swap; the same file (configureContainerSwapResources, calcSwapForBurstablePods) of 1.22, 1.28 and 1.30;
 *		PR 125277 (none for critical pods, 1.32)
 *	containerd, which sets the limit of memory and swap together to that of memory where the kubelet says nothing
 */
#include "models/k8s/k8s.h"

enum k8s_protection k8s_protection(int version, bool tiered, enum k8s_qos qos)
{
	if (qos == K8S_BEST_EFFORT || (version >= 36 && !tiered))
		return K8S_PROTECT_NOT;
	return version >= 36 && qos == K8S_BURSTABLE ? K8S_PROTECT_LOW : K8S_PROTECT_MIN;
}

unsigned k8s_throttling_factor(int version)
{
	return version < 27 ? 800 : version < 37 ? 900 : 0;
}

/* 1.22: a share of the limit, if that is above the request. 1.27: the share counts from the request up, in whole pages. */
int64_t k8s_memory_high(int version, int64_t request, int64_t limit, int64_t allocatable, unsigned factor, int64_t page)
{
	int64_t top = limit > 0 ? limit : allocatable, high;

	request = request > 0 ? request : 0;
	if (version < 22 || !factor || request == limit || (version >= 27 && version < 37 && !request && limit <= 0))
		return K8S_UNLIMITED;
	if (version < 27)
		high = (int64_t)((__int128)top * factor / 1000);
	else
		high = (int64_t)(((__int128)request * 1000 + (__int128)(top - request) * factor) / 1000) / page * page;
	return high <= request ? K8S_UNLIMITED : high;
}

int64_t k8s_swap_limit(enum k8s_qos qos, int64_t request, int64_t limit, int64_t capacity, int64_t swap_for_pods)
{
	if (qos != K8S_BURSTABLE || request <= 0 || request == limit || request > capacity)
		return 0;
	return (int64_t)((__int128)request * swap_for_pods / capacity);
}

/* "Memory and swap together as much as memory alone", which says nothing to a container without a limit. */
static int64_t none_above_limit(int64_t limit)
{
	return limit > 0 ? 0 : K8S_UNLIMITED;
}

int64_t k8s_container_swap(int version, enum k8s_swap behavior, bool critical, enum k8s_qos qos,
			   const struct k8s_resources *r, int64_t capacity, int64_t swap_for_pods)
{
	switch (behavior) {
	case K8S_SWAP_UNSET:
		return none_above_limit(r->memory_limit);
	case K8S_NO_SWAP:
		return 0;
	case K8S_UNLIMITED_SWAP:
		return K8S_UNLIMITED;
	case K8S_LIMITED_SWAP:
		break;
	}
	if (version < 28)
		return none_above_limit(r->memory_limit);
	if (version >= 32 && critical)
		return 0;
	return k8s_swap_limit(qos, r->memory_request, r->memory_limit, capacity, swap_for_pods);
}
