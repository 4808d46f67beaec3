/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kubelet of a Kubernetes node and the controllers behind it, as an actor outside the machine: it costs no CPU and no
 * memory. A world has one only if its scenario has `kubernetes`; without, w->kubelet is NULL and every hook one test of it.
 *
 *	kubelet.c        the pods and whose process is whose; processes and containers that begin and end
 *	kubelet_pod.c    a pod's life and status, its controller, the records of both
 *	kubelet_evict.c  the eviction manager, the node's condition and taint
 *	kubelet_notify.c the kernel tells it of crossed thresholds
 *
 * A pod has the cgroups of its replica; the pod that replaces it has the same ones.
 */
#ifndef OOMSIM_PROC_KUBELET_H
#define OOMSIM_PROC_KUBELET_H

#include "sim/mm/memcg.h"
#include "sim/proc/task.h"
#include "sim/world/kubelet.h"
#include "sim/world/record.h"

struct kubelet_container {
	const struct kube_container_cfg *cfg;
	struct kubelet_pod *pod;
	struct memcg *memcg;
	const struct process_cfg *first; /* its PID 1; NULL: nobody runs here */
	struct process *init;            /* that process now; NULL: none */
	uint64_t ooms;                   /* of its cgroup, when it started */
	int64_t usage;                   /* working set as cAdvisor saw it last */
	int32_t timer;                   /* until it ends after SIGTERM */
	bool begun;                      /* has run in this pod */
	struct rec_container r;          /* its status */
};

/* PENDING: not bound to the node; STARTING: its containers are made; TERMINATING: evicted and not gone; ENDED: Failed, Succeeded. */
enum pod_state { POD_ABSENT, POD_PENDING, POD_STARTING, POD_RUNNING, POD_TERMINATING, POD_ENDED };

/* A pod, or the place of one: replica `replica` of a workload. */
struct kubelet_pod {
	const struct kube_workload_cfg *cfg;
	uint32_t workload, replica;
	struct memcg *memcg;
	struct kubelet_container *container; /* cfg->ncontainer of them */
	enum pod_state state;
	unsigned generation;                 /* which pod of this place, from 1 */
	unsigned failures;                   /* pods of it that were evicted or refused */
	char name[KUBE_NAME_LEN + KUBE_SUFFIX_LEN];
	uint64_t uid;
	sim_ns created, restarted;
	const char *reason;                  /* status.reason: "Evicted", or NULL */
	char message[KUBE_TEXT_LEN];
	int64_t usage;                       /* working set as cAdvisor saw it last */
	int32_t timer;                       /* of its state: to be made, to start processes, SIGKILL */
	bool counted;                        /* in w->proc.npending */
	size_t next_start;                   /* index in w->start of the next process of a later pod */
	sim_ns base, first_when;             /* now and in the scenario: when its first process starts */
	bool told;                           /* the record below has been sent for this pod */
	const char *told_status;
	char init_status[2][40];             /* Init:0/1 and the like; that in use and that before */
	unsigned init_turn;
	unsigned told_ready, told_restarts;
};

/* A workload's count, and a budget's. */
struct kubelet_count {
	unsigned ready, evicted;
	bool told;
};

struct kubelet {
	const struct kubelet_cfg *cfg;
	struct kubelet_pod *pod; /* in the order of the manifests */
	size_t npod;
	struct kubelet_container **of_process; /* by index in the configuration; NULL: not in a container */
	struct kubelet_count *workload, *budget;
	struct eviction_state eviction;
	bool taint;              /* MemoryPressure as the API server knows it */
	int32_t pass, housekeeping, status, notify;
	int64_t level[KUBE_THRESHOLDS]; /* kubelet_notify.c: usage that each threshold comes to, and whether it is above */
	bool above[KUBE_THRESHOLDS];
	sim_ns levels_set;
	struct kubelet_pod *waiting; /* the eviction manager waits until it is gone */
};

/* world_build()'s part. SIM_OK or SIM_ENOMEM. */
int kubelet_init(struct world *w);

/* ---- hooks, only with w->kubelet ---- */

/* Process number `index` is due by the scenario. False: its pod may not start now, or has been replaced. */
bool kubelet_may_start(struct world *w, uint32_t index);
void kubelet_process_started(struct world *w, struct process *p);
/* p has left the process table. */
void kubelet_process_exited(struct world *w, struct process *p);
/* Container of p, its first process, starts again after so long. */
void kubelet_restarts(struct world *w, struct process *p, sim_ns delay);
/* The kernel has killed p for the whole machine. */
void kubelet_system_oom(struct world *w, const struct process *p);

/* ---- between the files ---- */

#define for_each_pod(k, p) for (struct kubelet_pod *p = (k)->pod; p < (k)->pod + (k)->npod; p++)
/* Some process of the pod that lives; NULL: none. */
struct process *kubelet_member(struct world *w, const struct kubelet_pod *p, struct process *from);

/* kubelet_pod.c */
void kubelet_event(struct world *w, bool warning, const char *reason, const struct kubelet_pod *p, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));                                /* p NULL: of the node */
/* The same with the version's text about the pod, or its container c. */
void kubelet_say(struct world *w, bool warning, const char *reason, const struct kubelet_pod *p, const struct kubelet_container *c,
		 enum kube_text what);
void kubelet_pod_create(struct world *w, struct kubelet_pod *p, bool processes_are_due);
void kubelet_pod_schedule(struct world *w, struct kubelet_pod *p, bool processes_are_due);
void kubelet_pod_changed(struct world *w, struct kubelet_pod *p);         /* its containers have: tell it, and count */
/* It is gone, or was refused and never `ran`: Failed; its controller makes another. */
void kubelet_pod_evicted(struct world *w, struct kubelet_pod *p, bool ran);
void kubelet_pod_timer(struct world *w, void *pod);
void kubelet_container_term(struct world *w, void *container);            /* it ends of SIGTERM, now */

/* kubelet_init.c */
/* The first init container that has not ended well; NULL: all have, or there are none. */
const struct kubelet_container *kubelet_unfinished(const struct kubelet_pod *p);
/* The column STATUS while c is unfinished; lives until the next but one. */
const char *kubelet_init_status(struct kubelet_pod *p, const struct kubelet_container *c);

/* kubelet_evict.c */
struct kubelet_usage {
	int64_t capacity, usage, inactive_file; /* bytes */
};
struct kubelet_usage kubelet_usage(struct world *w, enum eviction_signal signal);
void kubelet_synchronize(struct world *w); /* look at the thresholds, and evict one pod at most */
void kubelet_pass(struct world *w, void *arg);
void kubelet_housekeeping(struct world *w, void *arg);
void kubelet_status(struct world *w, void *arg);
void kubelet_kill_pod(struct world *w, struct kubelet_pod *p);            /* SIGKILL for all of it */

/* kubelet_notify.c: a timer, if the configuration asks for it. SIM_OK or SIM_ENOMEM. */
int kubelet_notify_init(struct world *w);
void kubelet_notify(struct world *w, void *arg);

#endif
