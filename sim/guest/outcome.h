/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is compared: the outcome of a run, in the same form whether a real kernel was recorded or a scenario simulated.
 * Counters are growth since the start; memory is kB, times are ms since the start.
 */
#ifndef OOMSIM_GUEST_OUTCOME_H
#define OOMSIM_GUEST_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/mm/vmstat.h"

#define COMM_LEN 16

#define QUANTITY_MAP(X)                                                                                                \
	X(PEAK_SWAP, "peak swap kB")                                                                                   \
	X(FINAL_SWAP, "final swap kB")                                                                                 \
	X(PGMAJFAULT, "pgmajfault")                                                                                    \
	X(PSWPIN, "pswpin")                                                                                            \
	X(PSWPOUT, "pswpout")                                                                                          \
	X(PGSCAN, "pgscan")                                                                                            \
	X(PGSTEAL, "pgsteal")                                                                                          \
	X(REFAULT, "refaults")                                                                                         \
	X(ALLOCSTALL, "allocstall")                                                                                    \
	X(PSI_MEM, "psi memory ms")                                                                                    \
	X(PSI_MEM_FULL, "psi memory full ms")                                                                          \
	X(PSI_IO, "psi io ms")                                                                                         \
	X(PSI_IO_FULL, "psi io full ms")                                                                               \
	X(PSI_CPU, "psi cpu ms")

enum quantity {
#define X(id, name) Q_##id,
	QUANTITY_MAP(X)
#undef X
		Q_COUNT
};
extern const char *const quantity_name[Q_COUNT];

/* A kernel kill, or PANIC_MARK when the kernel panicked. */
#define PANIC_MARK "(panic)"
struct oc_kill {
	char comm[COMM_LEN];
	double t_ms;
};

/* A workload phase that ended: pages mapped, allocated, accessed, read or written. A mapping takes no time worth telling. */
enum phase_kind { PHASE_MAP, PHASE_ALLOC, PHASE_TOUCH, PHASE_READ, PHASE_WRITE, PHASE_COUNT };
extern const char *const phase_name[PHASE_COUNT];
struct oc_phase {
	char comm[COMM_LEN];
	enum phase_kind kind;
	double pages, ms;
	double t_ms; /* when it ended */
};

/* A process, by its name. */
struct oc_task {
	char comm[COMM_LEN];
	double cpu_ms;  /* user and system time at the last sample before its kill, or the end of its last phase; in ticks of 10 ms */
	double seen_ms; /* at the last sample of all */
	double exit_ms; /* when it was gone; 0: it lived on */
};

struct oc_point {
	double t_ms, anon_kB, free_kB, file_kB, swap_kB;
};

/* memory.events of a cgroup at the end, and the largest memory.current and memory.swap.current. */
#define CGROUP_EVENT_MAP(X) X(low) X(high) X(max) X(oom) X(oom_kill) X(oom_group_kill)
enum cgroup_event {
#define X(name) CE_##name,
	CGROUP_EVENT_MAP(X)
#undef X
		CE_COUNT
};
extern const char *const cgroup_event_name[CE_COUNT];
struct oc_cgroup {
	char path[64]; /* "a/b" */
	bool v1;       /* there is no memory.events */
	double events[CE_COUNT], peak_kB, peak_swap_kB;
};

struct outcome {
	struct oc_kill *kill;
	size_t nkill;
	struct oc_phase *phase;
	size_t nphase;
	struct oc_task *task;
	size_t ntask;
	struct oc_cgroup *cgroup;
	size_t ncgroup;
	struct oc_point *point;
	size_t npoint;
	double q[Q_COUNT];
	double vm[VMSTAT_COUNT]; /* growth of every counter of /proc/vmstat that there is; NaN: not recorded */
	double end_ms;
	double ram_kB; /* what the machine was meant to have; 0: not recorded */
	bool failed;   /* out of host memory: something is missing */
};

/* Without host memory these set failed; of the two that return something, it is then NULL. */
void outcome_add_kill(struct outcome *o, const char *comm, double t_ms);
void outcome_add_phase(struct outcome *o, const struct oc_phase *p);
/* The cgroup of that path, the process of that name, added if new. */
struct oc_cgroup *outcome_cgroup(struct outcome *o, const char *path);
struct oc_task *outcome_task(struct outcome *o, const char *comm);
void outcome_add_point(struct outcome *o, const struct oc_point *p);
void outcome_free(struct outcome *o);
/* Same names in the same order, PANIC_MARK included. */
bool outcome_same_victims(const struct outcome *a, const struct outcome *b);
/* "a, b, c" of at most `max` names, for people; to be freed. NULL: no memory. */
char *outcome_victims(const struct outcome *o, size_t max);
/* Sum of all phases of that process and kind; false when there is none. */
bool outcome_phases(const struct outcome *o, const char *comm, enum phase_kind kind, struct oc_phase *ret);
/* The sample at or before t_ms; the first if there is none. NULL without samples. */
const struct oc_point *outcome_at(const struct outcome *o, double t_ms);

#endif
