/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A Kubernetes node in the configuration: the kubelet's settings, the pods it keeps, and the rules of its version. The engine
 * (sim/proc/kubelet*.c) is the mechanism: it looks at memory, signals processes and starts them. What Kubernetes decides is in
 * struct kubelet_rules, whose functions are pure (models/k8s). Memory is bytes, time ns.
 */
#ifndef OOMSIM_WORLD_KUBELET_H
#define OOMSIM_WORLD_KUBELET_H

#include "sim/core/units.h"

#define KUBE_NAME_LEN   64 /* RFC 1123 labels have 63 characters */
#define KUBE_SUFFIX_LEN 18 /* -TEMPLATEHASH-XXXXX */
#define KUBE_TEXT_LEN   768
#define KUBE_THRESHOLDS 3  /* memory.available hard and soft, allocatableMemory.available hard */

/* ---- thresholds and what is done about them ---- */

enum eviction_signal { SIGNAL_MEMORY, SIGNAL_ALLOCATABLE, SIGNAL_COUNT }; /* of the node; of kubepods */

/* An amount, or a share of the capacity. */
struct eviction_amount {
	int64_t bytes;
	uint32_t ppm; /* parts per million; 0: bytes */
};

struct eviction_threshold {
	enum eviction_signal signal;
	struct eviction_amount value, min_reclaim;
	sim_ns grace; /* how long it must have been met; 0: a hard threshold */
};

struct eviction_observation {
	int64_t available, capacity;
};

/* What the eviction manager remembers between two passes. Zero-initialised: nothing. */
struct eviction_state {
	bool observed[KUBE_THRESHOLDS];
	sim_ns first_observed[KUBE_THRESHOLDS];
	bool met[KUBE_THRESHOLDS]; /* with its grace over, and not resolved by min_reclaim since */
	bool ever_pressure;
	sim_ns last_pressure;      /* when a threshold was last met */
	bool pressure;             /* the condition MemoryPressure */
};

/* A pod's rank in eviction. */
struct eviction_candidate {
	int64_t request, usage; /* usage is the working set */
	int64_t priority;
};

struct eviction_container {
	const char *name, *request_text; /* request_text: the request as kubectl prints it */
	int64_t request, usage;
};

struct eviction_text {
	int64_t threshold, available;
	const struct eviction_container *container;
	size_t ncontainer;
};

/* Texts of events and statuses that are about a pod or one of its containers. */
enum kube_text { TEXT_CREATED, TEXT_STARTED, TEXT_BACK_OFF, TEXT_TAINT, TEXT_PRESSURE, TEXT_REJECTED };
struct kube_subject {
	const char *container, *pod, *ns; /* container NULL: the pod */
	uint64_t uid;
};

/* One version's rules. version: the minor one. */
struct kubelet_rules {
	/* One pass over n thresholds with an observation of each signal. Returns the index of the one to reclaim for; -1: none. */
	int (*sync)(const struct eviction_threshold *t, size_t n, sim_ns transition, const struct eviction_observation *obs, sim_ns now,
		    struct eviction_state *s);
	/* Bytes that a threshold stands for. */
	int64_t (*quantity)(const struct eviction_amount *a, int64_t capacity);
	/* Negative: a is evicted before b. */
	int (*order)(const struct eviction_candidate *a, const struct eviction_candidate *b);
	/* Seconds between SIGTERM and SIGKILL; 0: SIGKILL at once. max_pod: evictionMaxPodGracePeriod; own: the pod's. */
	int64_t (*grace)(int version, bool hard, int64_t max_pod, int64_t own);
	/* memory.usage of the root cgroup as cAdvisor has it. */
	int64_t (*root_usage)(int version, unsigned cgroup_version, int64_t total, int64_t free, int64_t anon, int64_t file);
	int64_t (*available)(int64_t capacity, int64_t usage, int64_t inactive_file);
	/* The message of an evicted pod. */
	void (*message)(int version, const struct eviction_text *t, char ret[KUBE_TEXT_LEN]);
	/* What `what` says of s: that a container was created, started, waits; that the node's taint keeps the pod off; why the kubelet
	 * refuses it, in the event and in the pod's status. */
	void (*text)(int version, enum kube_text what, const struct kube_subject *s, char ret[KUBE_TEXT_LEN]);
	/* The random end of a pod's name, of n letters, from a number. */
	void (*suffix)(uint64_t number, unsigned n, char *ret);
	/* The hash of a Deployment's template, which its pods' names have, from a number. */
	void (*template_hash)(uint32_t number, char ret[11]);
	/* Seconds before a daemon set makes its n-th failed pod (from 1) anew. */
	unsigned (*daemon_back_off)(unsigned n);
};

/* ---- pods ---- */

/* By how their pods are called, too: NAME; NAME-HASH-XXXXX; NAME-XXXXX, and so of a ReplicaSet and a Job; NAME-0, NAME-1. */
enum kube_kind { KUBE_POD, KUBE_DEPLOYMENT, KUBE_DAEMON_SET, KUBE_REPLICA_SET, KUBE_JOB, KUBE_STATEFUL_SET };

struct kube_container_cfg {
	char name[KUBE_NAME_LEN];
	int64_t request;       /* of memory; 0: none */
	char request_text[24];
	bool init, sidecar;    /* init: it comes to its end before the others start; sidecar: it does not hold up the pod's end */
};

/* The pods of one manifest. Replica n has the cgroup PATH (a pod of its own) or PATH-n, and a container's below it. */
struct kube_workload_cfg {
	enum kube_kind kind;
	char name[KUBE_NAME_LEN], ns[KUBE_NAME_LEN]; /* ns: namespace */
	char path[256];
	unsigned replicas;
	const char *qos;      /* static: "Guaranteed", ... */
	bool best_effort;
	bool critical;        /* of a system priority: admitted under pressure */
	bool tolerates;       /* the taint node.kubernetes.io/memory-pressure */
	int64_t priority;
	int64_t request;      /* of memory, of the pod as a whole */
	int64_t grace;        /* terminationGracePeriodSeconds */
	struct kube_container_cfg *container;
	size_t ncontainer;
};

/* A PodDisruptionBudget, as numbers: of `expected` pods `desired` are to be healthy. */
struct kube_budget_cfg {
	char name[KUBE_NAME_LEN], ns[KUBE_NAME_LEN];
	unsigned expected, desired;
	bool *covers; /* by workload */
};

struct kubelet_cfg {
	int version; /* minor */
	const struct kubelet_rules *rules;
	char node[KUBE_NAME_LEN];
	int64_t capacity, kubepods_limit;
	struct eviction_threshold threshold[KUBE_THRESHOLDS];
	size_t nthreshold;
	sim_ns housekeeping, transition, status_update, pod_startup;
	int64_t max_pod_grace; /* seconds */
	bool memcg_notification;
	size_t first_process; /* from here on the processes of the scenario are containers' */
	struct kube_workload_cfg *workload;
	size_t nworkload;
	struct kube_budget_cfg *budget;
	size_t nbudget;
};

void kubelet_cfg_free(struct kubelet_cfg *k); /* NULL is fine; frees k too */

#endif
