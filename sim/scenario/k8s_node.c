/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of the kubelet that must go together with each other, with its version and with the version of cgroups. */
#include <string.h>

#include "sim/scenario/k8s.h"

/* enum k8s_swap by what the configuration may say, and since and until when. */
static const struct {
	const char *name;
	int since, until;
} swap_behaviors[] = {
	[K8S_SWAP_UNSET] = { "nothing", K8S_OLDEST, 29 },
	[K8S_NO_SWAP] = { "NoSwap", 30, K8S_NEWEST },
	[K8S_LIMITED_SWAP] = { "LimitedSwap", 22, K8S_NEWEST },
	[K8S_UNLIMITED_SWAP] = { "UnlimitedSwap", 22, 29 },
};

static void check_swap(struct k8s *k, const struct ynode *n)
{
	const struct ynode *at = ynode_get(ynode_get(n, "memorySwap"), "swapBehavior");

	if (!at && k->version >= 30)
		k->swap_behavior = K8S_NO_SWAP;
	if (!at || k->swap_behavior == K8S_SWAP_UNSET) /* nothing is said, or what is not known */
		return;
	if (k->version < swap_behaviors[k->swap_behavior].since)
		B_ERR(k->b, at, "leave it out, or choose a later version", "%s came with Kubernetes 1.%d",
		      swap_behaviors[k->swap_behavior].name, swap_behaviors[k->swap_behavior].since);
	else if (k->version > swap_behaviors[k->swap_behavior].until)
		B_ERR(k->b, at, "choose NoSwap or LimitedSwap, or an earlier version", "%s ended with Kubernetes 1.%d",
		      swap_behaviors[k->swap_behavior].name, swap_behaviors[k->swap_behavior].until);
	else if (k->swap_behavior == K8S_LIMITED_SWAP && k->version >= 28 && k->b->c->cgroup_version == 1)
		B_ERR(k->b, at, "leave it out", "LimitedSwap needs cgroup v2 since Kubernetes 1.28");
}

/* The feature gate MemoryQoS: alpha in 1.22, on by default in 1.37; cgroup v2 only. */
static void check_memory_qos(struct k8s *k, const struct ynode *n)
{
	const struct ynode *at = ynode_get(ynode_get(n, "featureGates"), "MemoryQoS"),
			   *factor = ynode_get(n, "memoryThrottlingFactor"), *policy = ynode_get(n, "memoryReservationPolicy");
	bool v2 = k->b->c->cgroup_version == 2;

	if (!at)
		k->set.memory_qos = v2 && k->version >= 37;
	if (k->set.memory_qos && (k->version < 22 || !v2))
		B_ERR(k->b, at, "leave it out", "Memory QoS needs %s", v2 ? "Kubernetes 1.22 or later" : "cgroup v2");
	if (factor && !k->set.memory_qos)
		B_ERR(k->b, factor, "add 'featureGates: {MemoryQoS: true}'",
		      "memoryThrottlingFactor has an effect only with Memory QoS");
	if (policy && (k->version < 36 || !k->set.memory_qos))
		B_ERR(k->b, policy, "add 'featureGates: {MemoryQoS: true}' and 'version: \"1.36\"'",
		      "memoryReservationPolicy has an effect only with Memory QoS of Kubernetes 1.36 or later");
	if (k->set.throttling_factor == K8S_UNSET)
		k->set.throttling_factor = k8s_throttling_factor(k->version);
}

/* enforceNodeAllocatable and the cgroups that it is about. */
static void check_enforced(struct k8s *k, const struct ynode *n, const char *what, bool enforced,
			   const struct ynode *path)
{
	const struct ynode *at = ynode_get(n, "enforceNodeAllocatable");

	if (enforced && !path)
		B_ERR(k->b, at, "add it: the path of the cgroup that is to be limited",
		      "%s-reserved is to be enforced, and no %sReservedCgroup is given", what, what);
	else if (path && want_scalar(k->b, path, "the path of a cgroup, like system.slice") && !enforced)
		B_ERR(k->b, path, "add it to enforceNodeAllocatable",
		      "%sReservedCgroup has no effect unless %s-reserved is enforced", what, what);
}

void k8s_check_settings(struct k8s *k, const struct ynode *n)
{
	const struct ynode *single = ynode_get(n, "singleProcessOOMKill");

	if (single && k->version < 32)
		B_ERR(k->b, single, "choose version \"1.32\" or later",
		      "singleProcessOOMKill came with Kubernetes 1.32");
	else if (single && !k->single_process_oom_kill && k->b->c->cgroup_version == 1)
		B_ERR(k->b, single, "leave it out",
		      "invalid configuration: singleProcessOOMKill must not be explicitly set to false "
		      "when using cgroup v1");
	check_swap(k, n);
	check_memory_qos(k, n);
	check_enforced(k, n, "kube", k->set.enforce_kube, k->set.kube_cgroup);
	check_enforced(k, n, "system", k->set.enforce_system, k->set.system_cgroup);
	if (!k8s_allocatable(&k->node))
		B_ERR(k->b, n, "reserve less, or give machine more memory",
		      "nothing of the node's memory is left for pods");
}
