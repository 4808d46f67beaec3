/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * struct world: all that exists in a run; the engine has no other state. For the engine's own files (sim/mm, sim/proc,
 * sim/world) alone; everybody else uses world.h.
 *
 * Execution: every simulated thread runs in a coroutine. Inside it, code charges CPU time with task_cpu(), which only adds up,
 * and lets it pass with task_sync(), which may switch to others; blocking is task_wait(). So between two calls that may switch
 * (their comments say "may switch") a thread sees and changes the world alone, as a kernel thread does under a lock.
 */
#ifndef OOMSIM_WORLD_ENGINE_H
#define OOMSIM_WORLD_ENGINE_H

#include "sim/core/alloc.h"
#include "sim/core/diag.h"
#include "sim/core/evq.h"
#include "sim/core/rng.h"
#include "sim/mm/blk.h"
#include "sim/mm/memcg.h"
#include "sim/mm/mm.h"
#include "sim/mm/oom.h"
#include "sim/mm/pgtable.h"
#include "sim/mm/swap.h"
#include "sim/mm/vma.h"
#include "sim/mm/writeback.h"
#include "sim/proc/psi.h"
#include "sim/proc/sched.h"
#include "sim/proc/task.h"
#include "sim/world/arena.h"
#include "sim/world/config.h"
#include "sim/world/model.h"
#include "sim/world/record.h"
#include "sim/world/world.h"

/* What goes first at equal times: device completions, then timers, then CPUs, then the observer. */
enum event_class { EVC_IO, EVC_TIMER, EVC_CPU, EVC_SAMPLE };

/* What an event queue slot stands for: fn(w, arg) runs when it is due. */
struct event_source {
	void (*fn)(struct world *w, void *arg);
	void *arg;
};

/* A process that is to start. */
struct start {
	sim_ns when;
	uint32_t process; /* index in the configuration */
	uint64_t instance;
	uint64_t seq;     /* order in the configuration, for equal times */
};

struct world {
	sim_ns now;
	const struct sim_config *cfg;    /* borrowed */
	const struct kernel_model *km;
	struct cost_cfg cost;            /* the machine's costs at this kernel's path lengths ... */
	struct cost_cfg cost_large;      /* ... and for pages of large folios, a page */
	const struct sim_alloc *a;       /* &arena.alloc */
	struct arena arena;
	struct recorder *rec;            /* borrowed */
	int error;                       /* first negative code from the recorder or the host's allocator: ends the run */
	bool over;                       /* the run is to end after this event */
	enum run_end end;
	struct sysctl_cfg sysctl;        /* as it is now; nothing is SIM_AUTO */
	struct evq *evq;
	struct event_source *source;     /* by slot */
	uint32_t nsource;
	struct sim_rng *rng;             /* the kernel's own draws (accessed bits) */

	struct sched sched;
	struct psi psi;
	struct proc_table proc;

	struct mm_state mm;
	struct chunks chunks;
	struct vma **vma;                /* by id; NULL: free */
	uint32_t nvma, capvma, free_vma; /* free_vma: hint, lowest id that may be free */
	struct inode **inode;            /* by id; NULL: free */
	uint32_t ninode, capinode;
	struct waitq page_wait[64];      /* tasks that wait for a page's I/O, hashed by frame */
	struct blkdev **dev;             /* swap areas first, then disks */
	uint32_t ndev;
	struct swap_state swap;
	struct writeback wb;
	struct oom_state oom;
	struct memcg_state memcg;

	struct start *start;             /* by time */
	size_t nstart, next_start;
	int32_t start_slot, sample_slot, horizon_slot;
	sim_ns sampled;                  /* time of the latest sample; SIM_NEVER: none yet */
	bool begun;                      /* world_run() has been called */
	bool peopled;                    /* there has been a process besides init */
	uint64_t events, switches;
};

/* A new slot of the event queue whose events run fn(w, arg); negative when out of host memory. */
int32_t world_slot_new(struct world *w, void (*fn)(struct world *w, void *arg), void *arg);
void world_slot_free(struct world *w, int32_t slot);
/* The run cannot go on (SIM_ENOMEM, a recorder's code): remember why and end it. Called in a task, it does not return. */
void world_fail(struct world *w, int code);
/* End the run after the current event. Called in a task, it does not return. */
void world_end(struct world *w, enum run_end end);
/* Emit an event about process p (NULL: none). */
void world_event(struct world *w, enum event_kind kind, const struct process *p, int64_t a, int64_t b, int64_t c, int64_t d);
/* /proc/meminfo and /proc/vmstat as they are now. */
void world_sample(struct world *w, struct rec_sample *ret);
/* Take the sampling period's record and arm the next (event source). */
void world_take_sample(struct world *w, void *arg);

#endif
