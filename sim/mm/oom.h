/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The OOM killer and the reaper (mm/oom_kill.c; specification G). */
#ifndef OOMSIM_MM_OOM_H
#define OOMSIM_MM_OOM_H

#include "sim/core/units.h"
#include "sim/proc/task.h"
#include "sim/world/model.h"
#include "sim/world/record.h"

struct oom_state {
	struct task *lock;         /* who holds oom_lock */
	struct task *reaper;
	struct waitq reaper_wait;
	struct reap_entry *list;   /* LIFO of victims to be reaped */
	uint32_t nkill;
	sim_ns ratelimit_begin;    /* oom_rs: 10 reports in 5 s */
	uint32_t ratelimit_printed;
	uint64_t freed, scanned;   /* pgfree, pgscan_* when a page was last seen freed: pages_scanned counts from there */
};

/* What narrowed the request, and with it the killer's domain (specification G.4). */
enum alloc_constraint { CONSTRAINT_NONE, CONSTRAINT_CPUSET, CONSTRAINT_MEMORY_POLICY, CONSTRAINT_MEMCG };

/* What an allocation that failed tells the killer. */
struct oom_control {
	struct memcg *memcg;       /* whose limit was hit; NULL: the machine is out of memory */
	uint32_t gfp;
	int order, highest_zone;
	nodemask_t nodemask;       /* the request's policy; 0: none. out_of_memory() drops it unless it is the constraint */
	enum alloc_constraint constraint; /* this and totalpages are set by out_of_memory() */
	uint64_t totalpages;
	struct process *chosen;
	int64_t chosen_points;
	int no_progress_loops;
	uint64_t reclaim_scanned, reclaim_reclaimed;
};

int oom_init(struct world *w);
void oom_free(struct world *w);
bool oom_trylock(struct world *w, struct task *t);
void oom_unlock(struct world *w, struct task *t);
/* out_of_memory(): kill, panic, or find that there is no need. True: somebody was chosen or will free memory. t holds the lock.
 * may switch. */
bool out_of_memory(struct world *w, struct task *t, struct oom_control *oc);
/* select_bad_process(): sets oc->chosen, or leaves it NULL when nobody may be killed. False: a victim is dying already. */
bool oom_select(struct world *w, struct task *t, struct oom_control *oc);
/* oom_kill_process() of oc->chosen, or of a child in its place. may switch. */
void oom_kill(struct world *w, struct task *t, struct oom_control *oc, const char *message);
/* mark_oom_victim() */
void oom_mark_victim(struct world *w, struct process *p);
/* task_will_free_mem(): p, and since 4.8 all that share its mm, are on their way out. */
bool oom_will_free_mem(const struct world *w, const struct process *p);
int64_t oom_points(const struct world *w, const struct process *p, uint64_t totalpages);
/* Pages scanned since the last one was freed: what stands in for zone->pages_scanned (<= 4.11). */
uint64_t oom_pages_scanned(struct world *w);
/* What a badness rule sees of p. */
void oom_badness_in(const struct world *w, const struct process *p, struct badness_in *ret);
/* /proc/PID/oom_score. */
int oom_score(const struct world *w, const struct process *p);
/* exit_mm() of a victim's last thread: the mm has been unmapped (MMF_OOM_SKIP), report what came back. */
void oom_victim_exited(struct world *w, struct process *p);
uint64_t oom_totalpages(const struct world *w);

/* oom_constraint.c */

/* constrained_alloc(): sets oc->constraint, oc->totalpages and, unless the constraint is the policy, clears oc->nodemask. */
void oom_constrain(const struct world *w, const struct task *asker, struct oom_control *oc);
/* oom_cpuset_eligible(): p may hold memory where the asker wants some. Since 2.6.36; before, always. */
bool oom_domain_has(const struct world *w, const struct process *asker, const struct oom_control *oc, const struct process *p);
/* Before 2.6.36: the message with which a constrained request costs the asker its life; NULL: it does not. */
const char *oom_asker_dies_for(const struct world *w, const struct oom_control *oc);

#endif
