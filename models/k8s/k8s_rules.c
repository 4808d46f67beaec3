/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pods and nodes. Sources, of Kubernetes unless said otherwise:
 *	pkg/apis/core/v1/helper/qos/qos.go (ComputePodQOS), pkg/apis/core/v1/defaults.go
 *	pkg/kubelet/qos/policy.go (GetContainerOOMScoreAdjust): Guaranteed -997 in 1.20 and later, -998 before; the documentation's
 *		floor of 2 for Burstable is 3 in the code, 1000 + the adj of Guaranteed
 *	pkg/kubelet/cm/node_container_manager_linux.go, pkg/kubelet/cm/helpers_linux.go
 *	PR 117793 (memory.oom.group, 1.28), PR 126096 (singleProcessOOMKill, 1.32)
 *	pkg/kubelet/eviction/helpers.go (rankMemoryPressure), keps/sig-node/4603-tune-crashloopbackoff
 * Left out: huge pages.
 */
#include "models/k8s/k8s.h"

#define BEST_EFFORT_ADJ 1000

const char *k8s_qos_name(enum k8s_qos qos)
{
	return qos == K8S_GUARANTEED ? "Guaranteed" : qos == K8S_BURSTABLE ? "Burstable" : "BestEffort";
}

void k8s_default_requests(struct k8s_resources *r)
{
	if (r->memory_request == K8S_UNSET)
		r->memory_request = r->memory_limit;
	if (r->cpu_request == K8S_UNSET)
		r->cpu_request = r->cpu_limit;
}

/* Zero counts as not given; sums decide, over all containers. */
enum k8s_qos k8s_qos(const struct k8s_resources *container, size_t n)
{
	int64_t mr = 0, ml = 0, cr = 0, cl = 0;
	bool all_limited = true;

	for (size_t i = 0; i < n; i++) {
		const struct k8s_resources *r = &container[i];

		mr += r->memory_request > 0 ? r->memory_request : 0;
		ml += r->memory_limit > 0 ? r->memory_limit : 0;
		cr += r->cpu_request > 0 ? r->cpu_request : 0;
		cl += r->cpu_limit > 0 ? r->cpu_limit : 0;
		all_limited &= r->memory_limit > 0 && r->cpu_limit > 0;
	}
	if (!mr && !ml && !cr && !cl)
		return K8S_BEST_EFFORT;
	return all_limited && mr == ml && cr == cl ? K8S_GUARANTEED : K8S_BURSTABLE;
}

int k8s_oom_score_adj(int version, enum k8s_qos qos, bool node_critical, int64_t request, int64_t capacity)
{
	int guaranteed = version < 20 ? -998 : -997;
	int64_t adj;

	if (node_critical || qos == K8S_GUARANTEED)
		return guaranteed;
	if (qos == K8S_BEST_EFFORT)
		return BEST_EFFORT_ADJ;
	if (request <= 0 || capacity <= 0)
		return BEST_EFFORT_ADJ - 1;
	adj = 1000 - (int64_t)((__int128)1000 * request / capacity);
	if (adj < 1000 + guaranteed)
		return 1000 + guaranteed;
	return adj == BEST_EFFORT_ADJ ? BEST_EFFORT_ADJ - 1 : (int)adj;
}

bool k8s_oom_group(int version, unsigned cgroup_version, bool single_process_oom_kill)
{
	return version >= 28 && cgroup_version == 2 && !(version >= 32 && single_process_oom_kill);
}

static int64_t less(int64_t a, int64_t b)
{
	return a > b ? a - b : 0;
}

int64_t k8s_allocatable(const struct k8s_node *n)
{
	return less(k8s_kubepods_limit(n), n->eviction_hard);
}

int64_t k8s_kubepods_limit(const struct k8s_node *n)
{
	return less(less(n->capacity, n->kube_reserved), n->system_reserved);
}

/* Who uses more than it asked for, then who matters less, then who exceeds by more. */
int k8s_eviction_order(const struct k8s_pod_usage *a, const struct k8s_pod_usage *b)
{
	int64_t over_a = a->usage - a->request, over_b = b->usage - b->request;

	if ((over_a > 0) != (over_b > 0))
		return over_a > 0 ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return over_a > over_b ? -1 : over_a < over_b;
}

int64_t k8s_memory_available(int64_t capacity, int64_t usage, int64_t inactive_file)
{
	return capacity - less(usage, inactive_file);
}

unsigned k8s_crash_loop_back_off(unsigned n)
{
	return n < 2 ? 0 : n > 6 ? 300 : 10u << (n - 2);
}
