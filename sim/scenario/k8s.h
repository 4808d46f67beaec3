/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kubernetes: a node and its pods, read from manifests, and turned into what the rest of the language knows: entries of `cgroups` and
 * `processes`, made in the tree before those sections are built. All of it lives in the tree's arena.
 */
#ifndef OOMSIM_SCENARIO_K8S_H
#define OOMSIM_SCENARIO_K8S_H

#include "models/k8s/k8s.h"
#include "sim/core/strbuf.h"
#include "sim/scenario/build.h"

#define K8S_NAME_LEN 64  /* RFC 1123 labels have 63 characters */
#define K8S_MAX_PODS 110 /* the kubelet's maxPods */
#define K8S_MAX_CONTAINERS 64 /* of a pod; the engine's kubelet has room for so many */

struct k8s_container {
	char name[K8S_NAME_LEN];
	const struct ynode *at;
	struct k8s_resources r;
	enum k8s_role role;
	const char *restart; /* what is done when it ends, in the words of a process */
	unsigned processes;  /* entries of `workloads` that are its own */
	size_t first;        /* index of the process of the first of them */
};

/* Pods of one manifest: one, or as many as a controller keeps. */
struct k8s_pods {
	const char *kind;
	char name[K8S_NAME_LEN];
	const struct ynode *at;       /* the manifest */
	const struct ynode *priority; /* priorityClassName; NULL: none */
	const char *policies;         /* restartPolicy may be one of these, as an error names them; the first is the default if Always */
	const char *restart;          /* restartPolicy, in the words of a process */
	int replicas;
	bool numbered;                /* NAME-0, NAME-1, ...: of a controller */
	struct k8s_container *container; /* init containers and sidecars, then the others */
	size_t ncontainer;
	struct k8s_pod pod;           /* of their resources, for the rules */
	struct k8s_pods *next;
};

struct k8s_class {
	char name[K8S_NAME_LEN];
	int64_t value;
	bool global_default;
	struct k8s_class *next;
};

/* A manifest, and who owns it by its own word (k8s_owners.c). */
struct k8s_manifest {
	const char *kind;
	char name[K8S_NAME_LEN];
	const struct ynode *at;
	struct k8s_manifest *next;
};

/* memoryThrottlingFactor and its like, as in a KubeletConfiguration (k8s_node.c). */
struct k8s_settings {
	bool memory_qos;
	int64_t throttling_factor; /* thousandths; K8S_UNSET: the version's */
	int reservation_policy;    /* 0: None, 1: TieredReservation */
	bool enforce_pods, enforce_kube, enforce_system;
	const struct ynode *kube_cgroup, *system_cgroup; /* paths; NULL: none */
};

struct k8s_budget {
	char name[K8S_NAME_LEN];
	const struct ynode *at; /* the manifest */
	struct k8s_budget *next;
};

/* What a mapping of signals says about memory.available; at NULL: not given. */
struct k8s_amount {
	const struct ynode *at;
	struct eviction_amount amount;
};

/* The kubelet's settings of eviction. */
struct k8s_eviction {
	struct k8s_amount hard, soft, min_reclaim;
	const struct ynode *grace_at;
	bool has_grace;
	sim_ns soft_grace, transition, status_update, housekeeping, pod_startup;
	int64_t max_pod_grace;
	bool memcg_notification;
};
#define K8S_EVICTION_KEYS 10

struct k8s {
	struct build *b;
	int version;
	struct k8s_node node;
	bool single_process_oom_kill;
	int swap_behavior;   /* enum k8s_swap */
	struct k8s_settings set;
	int64_t swap;        /* bytes of swap that pods may share */
	const struct ynode *at, *manifests, *workloads;
	struct k8s_pods *pods, **last;
	struct k8s_class *classes;
	struct k8s_manifest *objects; /* newest first */
	size_t nobject;
	struct k8s_budget *budgets;
	size_t first_process; /* of the scenario's that is a container's */
	struct k8s_eviction eviction;
};

/* ---- fields of a manifest (k8s_field.c) ---- */

/* Where in an object: printed as kubectl does, spec.containers[0].resources. */
struct k8s_path {
	const struct k8s_path *up; /* NULL: the object itself */
	const char *field;         /* NULL: an element of a list */
	size_t index;
	bool key;                  /* the field is a key of a map: limits[memory] */
};

/* The object being read. */
struct k8s_object {
	struct k8s *k;
	const char *kind;
	const char *name;      /* "" while it is not known */
	const struct ynode *at;
	struct strbuf ignored; /* fields that are accepted and have no effect */
};

/* "Pod "web" is invalid: PATH: TEXT", as the API server says it. */
__attribute__((format(printf, 5, 6))) void k8s_error(struct k8s_object *o, const struct ynode *at, const struct k8s_path *path,
						       const char *hint, const char *fmt, ...);
/*
 * Check the keys of a mapping against the fields of the API type, given as words: "+name" is read by the caller, "name" has no effect and
 * is remembered, "!name" would have one that is not simulated. False, with an error: n is no mapping.
 */
bool k8s_fields(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, const char *fields);
/* The text under a key that must be there (`required`) or may. NULL if not. */
const char *k8s_text(struct k8s_object *o, const struct ynode *map, const struct k8s_path *path, const char *key, bool required);
/* A name by RFC 1123: of an object, where dots are allowed, or of a container. */
bool k8s_name(struct k8s_object *o, const struct ynode *at, const struct k8s_path *path, bool dots, char ret[K8S_NAME_LEN]);
bool k8s_read_quantity(struct k8s_object *o, const struct ynode *v, const struct k8s_path *path, struct k8s_quantity *ret);
void k8s_ignore(struct k8s_object *o, const struct k8s_path *path); /* one field more that has no effect */
/* Say in a note which fields had no effect, and forget them. */
void k8s_note_ignored(struct k8s_object *o);

/* Bytes as a quantity: 6Gi, 1500. */
const char *k8s_show_bytes(char buf[32], int64_t bytes);

/* ---- the parts ---- */

void k8s_read_manifests(struct k8s *k);                                                   /* k8s_source.c */
void k8s_read_manifest(struct k8s *k, const struct ynode *n);                             /* k8s_manifest.c */
void k8s_check_owners(struct k8s *k);                                                     /* k8s_owners.c */
void k8s_read_pod_spec(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *path, struct k8s_pods *p); /* k8s_pod.c */
/* resources of a container or a pod; spec.overhead (k8s_resources.c). */
void k8s_read_resources(struct k8s_object *o, const struct ynode *n, const struct k8s_path *up, struct k8s_resources *r);
void k8s_read_overhead(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up, struct k8s_pods *p);
/* spec.resources, and that it goes together with those of the containers, which have been read. */
void k8s_read_pod_resources(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up, struct k8s_pods *p);
void k8s_check_settings(struct k8s *k, const struct ynode *n);                            /* k8s_node.c */
void k8s_emit(struct k8s *k, struct ynode *cgroups, struct ynode *processes);             /* k8s_emit.c */
enum kube_kind k8s_kind(const struct k8s_pods *p); /* as the kubelet takes them */
/* The cgroup of the pod; of one that is numbered, without its number. */
void k8s_pods_path(const struct k8s_pods *p, char ret[CGROUP_PATH_LEN]);
/* k8s_kubelet.c: its keys, with offsets in struct k8s_eviction; their defaults; their checks; the configuration made of all. */
extern const struct key k8s_eviction_keys[K8S_EVICTION_KEYS];
void k8s_eviction_init(struct k8s_eviction *e);
void k8s_check_eviction(struct k8s *k, const struct ynode *n);
void k8s_make_kubelet(struct k8s *k);
/* Is v the mapping that this key of a KubeletConfiguration has (build_kubernetes.c)? False, with an error that tells k->words, an
 * example. */
bool k8s_want_map(struct build *b, const struct ynode *v, const struct key *k);

/* ---- cgroups of the node, its pods and their containers (k8s_cgroups.c) ---- */

/* A scalar under a key, made like `at`. */
void k8s_put(struct k8s *k, struct ynode *map, const struct ynode *at, const char *key, const char *text);
struct ynode *k8s_new_map(struct k8s *k, struct ynode *list, const struct ynode *at);
bool k8s_is_critical(const struct k8s_pods *p, bool node); /* node: of the node alone, not of the cluster */
/* kubepods, its QoS classes, and what the node keeps for itself. */
void k8s_node_cgroups(struct k8s *k, struct ynode *cgroups);
void k8s_pod_cgroup(struct k8s *k, struct ynode *cgroups, const struct k8s_pods *p, const char *path);
void k8s_container_cgroup(struct k8s *k, struct ynode *cgroups, const struct k8s_pods *p, size_t i, const char *path);

#endif
