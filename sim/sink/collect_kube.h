/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run came to for Kubernetes: evictions, restarts, and how long each workload and budget had fewer pods than wanted. */
#ifndef OOMSIM_SINK_COLLECT_KUBE_H
#define OOMSIM_SINK_COLLECT_KUBE_H

#include "sim/world/record.h"

struct collect_eviction {
	sim_ns t_ns;    /* decided */
	sim_ns gone_ns; /* its last process has ended; SIM_NEVER: not by the end */
	char ns[KUBE_NAME_LEN], pod[KUBE_NAME_LEN + KUBE_SUFFIX_LEN], owner[KUBE_NAME_LEN];
	char *message; /* owned */
};

/* A workload, or a PodDisruptionBudget, whose `desired` are the healthy pods it wants. */
struct collect_workload {
	char kind[24], ns[KUBE_NAME_LEN], name[KUBE_NAME_LEN];
	unsigned desired, ready, evicted;
	bool complete;      /* has had as many as desired: from then on being below counts */
	unsigned lowest;    /* fewest ready since then */
	sim_ns below_ns;    /* time below desired, since then */
	sim_ns since;       /* of the last record */
};

struct collect_kube {
	bool present;
	struct collect_eviction *eviction; /* in time order */
	size_t neviction, eviction_cap;
	struct collect_workload *workload; /* in the order of appearance */
	size_t nworkload, workload_cap;
	uint64_t oom_killed, restarts;     /* of containers */
	uint64_t refused;                  /* pods by admission, under pressure */
	sim_ns pressure_ns, pressure_since; /* condition MemoryPressure; since SIM_NEVER: not now */
};

void collect_kube_init(struct collect_kube *k);
void collect_kube_free(struct collect_kube *k);
/* SIM_OK or SIM_ENOMEM. */
int collect_kube_pod(struct collect_kube *k, const struct rec_pod *r);
int collect_kube_event(struct collect_kube *k, const struct rec_kube_event *r);
int collect_kube_workload(struct collect_kube *k, const struct rec_workload *r);
void collect_kube_end(struct collect_kube *k, sim_ns now);

#endif
