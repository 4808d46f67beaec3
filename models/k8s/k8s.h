/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Kubernetes makes of a pod on a node, as pure rules: quantities, QoS classes, oom_score_adj, limits, allocatable, the order of
 * eviction. Numbers in, numbers out; where versions differ the rule asks for the version. Memory is bytes, CPU thousandths.
 */
#ifndef OOMSIM_MODELS_K8S_H
#define OOMSIM_MODELS_K8S_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define K8S_UNSET       INT64_C(-1)
#define K8S_UNLIMITED   INT64_MAX
#define K8S_OLDEST      16 /* the minor versions of 1.x whose rules are known here */
#define K8S_NEWEST      37
#define K8S_DEFAULT     32
#define K8S_KUBELET_ADJ (-999) /* kubelet and kube-proxy; pkg/kubelet/qos/policy.go */

/* ---- quantities (k8s_quantity.c) ---- */

struct k8s_quantity {
	bool negative; /* the others are then of its absolute value */
	int64_t value; /* whole units, rounded up; what is too large for 63 bits is the largest, as in apimachinery */
	int64_t milli; /* thousandths, rounded up; likewise */
};

/* "256Mi", "0.5", "100m", "1e3". Returns NULL, or what is wrong with s in the API server's words (static text). */
const char *k8s_quantity(const char *s, struct k8s_quantity *ret);

/* The minor version of "1.28" or "v1.28.3"; -1: it is not one between K8S_OLDEST and K8S_NEWEST. */
int k8s_version(const char *s);

/* ---- pods (k8s_rules.c) ---- */

/* What one container asks for; K8S_UNSET where the manifest says nothing. */
struct k8s_resources {
	int64_t memory_request, memory_limit; /* bytes */
	int64_t cpu_request, cpu_limit;       /* thousandths of a CPU */
};

enum k8s_qos { K8S_GUARANTEED, K8S_BURSTABLE, K8S_BEST_EFFORT };

const char *k8s_qos_name(enum k8s_qos qos); /* as in status.qosClass */
/* The API server's defaulting: a limit without a request is the request, too. */
void k8s_default_requests(struct k8s_resources *r);
enum k8s_qos k8s_qos(const struct k8s_resources *container, size_t n);
/* Of a container that requests so much memory, on a node of so much. node_critical: priority class system-node-critical. */
int k8s_oom_score_adj(int version, enum k8s_qos qos, bool node_critical, int64_t request, int64_t capacity);
/* Does the kubelet set memory.oom.group of a container? cgroup v2 only. */
bool k8s_oom_group(int version, unsigned cgroup_version, bool single_process_oom_kill);

/* ---- all containers of a pod together (k8s_pod.c) ---- */

/* Init containers run one after another before the others; a sidecar is one with restartPolicy Always, which goes on beside them. */
enum k8s_role { K8S_REGULAR, K8S_SIDECAR, K8S_INIT };

/* What a pod's manifest asks for. Borrowed; container and role have n elements, init containers and sidecars in their order. */
struct k8s_pod {
	const struct k8s_resources *container;
	const enum k8s_role *role;
	size_t n;
	struct k8s_resources own; /* spec.resources, 1.32 and later; each K8S_UNSET where there is nothing */
	int64_t overhead;         /* spec.overhead, bytes; 0: none */
};

/* The API server's defaulting of spec.resources: what the containers request, else the limit. Only where spec.resources has something. */
void k8s_default_pod_requests(struct k8s_pod *p);
enum k8s_qos k8s_pod_qos(const struct k8s_pod *p);
/* Bytes that all containers together request, at the time when it is most. */
int64_t k8s_containers_request(const struct k8s_pod *p);
/* Bytes that the scheduler keeps for the pod; memory.min of its cgroup under Memory QoS. */
int64_t k8s_pod_request(const struct k8s_pod *p);
/* memory.max of the pod's cgroup; K8S_UNLIMITED unless spec.resources or each container says one. */
int64_t k8s_pod_limit(const struct k8s_pod *p);
/* memory.max of container i: its own limit, else that of spec.resources, else K8S_UNLIMITED. */
int64_t k8s_container_limit(const struct k8s_pod *p, size_t i);
/* The request that the oom_score_adj of container i is reckoned from. */
int64_t k8s_adj_request(int version, const struct k8s_pod *p, size_t i);

/* ---- Memory QoS and swap (k8s_memory.c) ---- */

/* Which file of a cgroup holds its request under Memory QoS. */
enum k8s_protection { K8S_PROTECT_NOT, K8S_PROTECT_MIN, K8S_PROTECT_LOW };

/* tiered: memoryReservationPolicy is TieredReservation, 1.36 and later. */
enum k8s_protection k8s_protection(int version, bool tiered, enum k8s_qos qos);
/* memoryThrottlingFactor where the configuration says nothing, in thousandths; 0: no memory.high. */
unsigned k8s_throttling_factor(int version);
/* memory.high of a container, with the throttling factor in thousandths. K8S_UNLIMITED: none is set. */
int64_t k8s_memory_high(int version, int64_t request, int64_t limit, int64_t allocatable, unsigned factor, int64_t page);

/* memorySwap.swapBehavior. K8S_SWAP_UNSET, before 1.30: the feature is off, and the runtime decides. */
enum k8s_swap { K8S_SWAP_UNSET, K8S_NO_SWAP, K8S_LIMITED_SWAP, K8S_UNLIMITED_SWAP };

/* memory.swap.max of a container; K8S_UNLIMITED: as much as there is. critical: priority class system-node- or system-cluster-critical. */
int64_t k8s_container_swap(int version, enum k8s_swap behavior, bool critical, enum k8s_qos qos, const struct k8s_resources *r,
			   int64_t capacity, int64_t swap_for_pods);
/* The formula of LimitedSwap since 1.28, in bytes. */
int64_t k8s_swap_limit(enum k8s_qos qos, int64_t request, int64_t limit, int64_t capacity, int64_t swap_for_pods);

/* ---- the node ---- */

struct k8s_node {
	int64_t capacity;                       /* MemTotal */
	int64_t kube_reserved, system_reserved; /* kept from pods */
	int64_t eviction_hard;                  /* the threshold of memory.available */
};

/* What the scheduler may give to pods; never below 0. */
int64_t k8s_allocatable(const struct k8s_node *n);
/* memory.max of /kubepods: the eviction threshold is not taken off here, so that there is something to evict for. */
int64_t k8s_kubepods_limit(const struct k8s_node *n);

/* What memory eviction looks at in a pod. */
struct k8s_pod_usage {
	int64_t request, usage; /* bytes; usage is the working set */
	int64_t priority;
};

/* Memory eviction takes pods in this order: negative, a goes before b; 0: the rule does not say. */
int k8s_eviction_order(const struct k8s_pod_usage *a, const struct k8s_pod_usage *b);
/* memory.available as the kubelet reckons it: the active file pages count as used. */
int64_t k8s_memory_available(int64_t capacity, int64_t usage, int64_t inactive_file);
/* Seconds that a container waits before its restart number n (from 1) in a row. */
unsigned k8s_crash_loop_back_off(unsigned n);

#endif
