/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes and their threads. A process is what the kernel keeps in signal_struct and mm_struct; a task is one thread with a
 * coroutine of its own. Kernel threads (kswapd, the flusher, oom_reaper) are processes without an mm.
 */
#ifndef OOMSIM_PROC_TASK_H
#define OOMSIM_PROC_TASK_H

#include "sim/core/coro.h"
#include "sim/core/rng.h"
#include "sim/core/units.h"
#include "sim/world/config.h"

struct world;
struct mm;
struct task;
struct plug;
struct memcg;

enum task_state {
	TASK_RUNNING,         /* on a CPU or waiting for one */
	TASK_INTERRUPTIBLE,   /* /proc: S; a signal wakes it */
	TASK_KILLABLE,        /* /proc: D; SIGKILL wakes it */
	TASK_UNINTERRUPTIBLE, /* /proc: D */
	TASK_ZOMBIE,          /* has exited */
};

/* Tasks waiting for something, in order of arrival. Zero-initialised is empty. */
struct waitq {
	struct task *head, *tail;
};

struct process {
	int32_t pid; /* the thread group's id */
	char comm[SIM_COMM_LEN];
	uint32_t uid;
	unsigned capabilities; /* enum sim_capability */
	int nice, oom_score_adj, oom_score_adj_min; /* adj_min: the lowest it may set itself to without CAP_SYS_RESOURCE */
	bool is_init, is_kthread, vfork_child;
	struct process *parent, *next, *prev; /* next, prev: all processes in order of creation (the kernel's task list) */
	uint32_t nchild;       /* living children */
	struct waitq child_wait, vfork_wait;
	struct mm *mm;         /* NULL: kernel thread, or after exit_mm() */
	struct task **thread;  /* thread[0] leads */
	uint32_t nthread, nlive;
	bool sigkill;          /* SIGKILL is pending: group exit */
	bool exiting;          /* PF_EXITING / SIGNAL_GROUP_EXIT */
	int exit_signal, exit_code;
	struct memcg *memcg;   /* its memory cgroup; NULL: there are none */
	struct memcg *kernel_memcg; /* who pays for kernel_pages_kB; NULL: the machine */
	struct mm *oom_mm;     /* signal->oom_mm: it is an OOM victim */
	sim_ns killed_ns;      /* when it became one */
	uint64_t kill_rss;     /* rss in pages at that time */
	const struct process_cfg *cfg; /* NULL for kernel threads */
	const struct program_cfg *program;
	sim_ns start_ns;
	uint64_t min_flt, maj_flt, work_pages;
	uint64_t kernel_pages_kB; /* stack and slab charged to the kernel for it */
	/* The leader's step that all threads share (program.c) */
	const struct step_cfg *shared_step;
	uint32_t shared_seq, shared_left;
	uint64_t shared_next, shared_end; /* pages of the region: next to be taken by a thread, end of the step */
	struct waitq worker_wait, leader_wait;
	uint64_t stream;       /* names its random streams: who it is, not when it came */
	uint32_t nforked;      /* children it has ever had */
	struct restart *restart; /* PID 1 of a container that is to be started again; NULL: nobody's */
	struct process *dead_next;
};

struct task {
	struct process *p;
	int32_t tid;
	uint32_t index;       /* in p->thread */
	struct coro *co;
	void (*fn)(struct world *w, struct task *t); /* what the coroutine runs; never returns before task_exit() for user tasks */
	struct world *w;
	enum task_state state;
	struct sim_rng *rng;

	/* CPU (sched.c) */
	int cpu;
	bool on_rq, on_cpu;
	unsigned weight, rt_priority; /* rt_priority > 0: SCHED_FIFO */
	uint64_t vruntime;    /* ns scaled by weight */
	sim_ns exec_start;    /* when it was put on the CPU for this slice */
	sim_ns pending;       /* charged by task_cpu() and not yet passed */
	sim_ns overhead;      /* switch and interrupt time that passes before the burst */
	sim_ns burst;         /* being passed: CPU time left before the coroutine goes on */
	bool user_burst;      /* the burst is task_burst()'s: may be cut short */
	bool at_resched;      /* where the kernel lets itself be preempted (cond_resched, the way back to user mode) */
	bool cut;             /* cut it short: what it was computed from has changed */
	sim_ns burst_len;     /* of task_burst(): the whole of it, see task_burst_done() */
	sim_ns off_since, longest_off; /* runnable without a CPU: since when (0: it has one), the longest time so far */
	sim_ns utime, stime;
	struct task *rq_next, *rq_prev, *rq_child; /* siblings and first child in the CPU's heap; rq_next alone in its FIFO list */

	/* Waiting */
	struct waitq *waitq;
	struct task *wq_next, *wq_prev;
	int32_t timer;        /* event queue slot */
	int32_t alarm;        /* event queue slot of the program's own, freed at exit; -1: none */
	bool timed_out;
	uint32_t wait_pfn;    /* page_wait: which frame */

	/* PSI and delay accounting */
	unsigned psi_flags;   /* enum psi_task_flag */
	bool in_iowait;
	unsigned memstall;    /* nesting of psi_memstall_enter() */
	sim_ns delay_swapin, delay_thrashing, delay_freepages, delay_blkio;

	/* The kernel's per-task memory state */
	bool user_fault;      /* handles a page fault (lru_gen_in_fault) */
	bool in_fault;        /* counts pages in its cache (vma.h: rss_note_fault) */
	uint32_t rss_events;
	int64_t rss_cache[4]; /* by enum mm_rss */
	bool pf_memalloc, pf_kswapd, pf_flusher;
	int il_next;          /* MPOL_INTERLEAVE: the node after the last one used */
	struct plug *plug;    /* blk.h: bios held back */
	struct blk_bio *bio;  /* being put together, of device bio_dev; bio_max: pages of one, 0: no bios */
	struct blkdev *bio_dev;
	uint32_t bio_max;
	uint64_t nr_dirtied, nr_dirtied_pause; /* balance_dirty_pages() */
	sim_ns dirty_paused_when;
	uint64_t reclaim_scanned, reclaim_reclaimed; /* of the current allocation */
	int no_progress_loops;
	uint32_t over_high;   /* memcg_nr_pages_over_high */
	struct memcg *memcg_in_oom; /* v1: a charge of this fault met an OOM with the killer disabled */
	struct vma *touching; /* the region of the touch step under way, for access.h's runner and leaper */
};

struct proc_table {
	struct process *first, *last; /* those that have exited are unlinked but keep their own `next`, so that a walk that
				       * switched goes on; they are freed with the world */
	struct process *dead;
	uint32_t nuser;       /* living processes that are neither kernel threads nor init */
	uint32_t npending;    /* starts still to come */
	struct restart *restarts; /* of this world, to be freed with it (restart.c) */
	struct waiter *waiters;   /* likewise; those that wait for another process (after.c) */
	int32_t next_pid, next_kpid; /* user processes from 79 upwards, kernel threads from 2 */
	struct process *init;
};

/* A process with nthread threads that will run fn; not yet runnable. NULL (and world_fail) when out of host memory. The kernel
 * memory it costs is for the caller to charge (kernel_pages_kB: freed at exit). The first process without a parent is init,
 * pid 1; later ones without a parent become init's children. */
struct process *process_new(struct world *w, struct process *parent, const char *comm, uint32_t nthread,
			    void (*fn)(struct world *w, struct task *t));
/* Make all its threads runnable, with p->nice and p->cfg's real-time priority. */
void process_start(struct world *w, struct process *p);
/* A kernel thread. */
struct task *kthread_new(struct world *w, const char *comm, void (*fn)(struct world *w, struct task *t));
/* Send SIGKILL: wakes what can be woken. Idempotent. */
void process_sigkill(struct world *w, struct process *p);
bool fatal_signal_pending(const struct task *t);
/* This thread leaves (do_exit): the last one of its process also drops the mm, its kernel memory and wakes the parent. Does not
 * return. may switch. */
void task_exit(struct world *w, struct task *t, int code) __attribute__((noreturn));
void process_free_all(struct world *w);
/* sched.c: t, a zombie, has left its coroutine for good. */
void task_gone(struct world *w, struct task *t);
struct process *process_find(struct world *w, int32_t pid);

/* Charge t with CPU time; nothing else happens yet. */
static inline void task_cpu(struct task *t, sim_ns ns) { t->pending += ns; }
/* Let the charged time pass. Afterwards w->now is t's own time. Others may run on other CPUs and interrupts come, but t keeps its
 * CPU: with voluntary preemption the kernel gives it up at task_yield() and when it waits. may switch. */
void task_sync(struct world *w, struct task *t);
/* Use the CPU in user mode for up to ns, once charged time has passed. Returns early after task_cut(), from the call on, or
 * when SIGKILL is or becomes pending; *ret_used says how much passed (0: cut before it began). may switch. */
void task_burst(struct world *w, struct task *t, sim_ns ns, sim_ns *ret_used);
/* If t is inside task_burst(): how much of it has passed by now. */
sim_ns task_burst_done(const struct world *w, const struct task *t);
/* What t's burst (or its sleep, if t->touching says it leaps) was computed from has changed: end it now. */
void task_cut(struct world *w, struct task *t);

enum wait_result { WAIT_OK, WAIT_TIMEOUT, WAIT_KILLED };
/* Sleep on q (NULL: nothing but time) until woken, or `until` (absolute; SIM_NEVER). t is on q before charged time passes and
 * its plug is sent, so a condition tested just before the call cannot be missed. If state is not UNINTERRUPTIBLE and SIGKILL is
 * or becomes pending: WAIT_KILLED. may switch. */
enum wait_result task_wait(struct world *w, struct task *t, struct waitq *q, enum task_state state, sim_ns until);
/* The same while counted as waiting for I/O (io_schedule). */
enum wait_result task_wait_io(struct world *w, struct task *t, struct waitq *q, enum task_state state, sim_ns until);
/* t, asleep, is to time out at `until` (SIM_NEVER: not at all) instead of when it said. */
void task_retime(struct world *w, struct task *t, sim_ns until);
void waitq_wake_all(struct world *w, struct waitq *q);
void waitq_wake_one(struct world *w, struct waitq *q);
void task_wake(struct world *w, struct task *t); /* no-op unless it sleeps */
/* Let the charged time pass, then give the CPU away if somebody should have it (cond_resched(), and the way back to user mode).
 * may switch. */
void task_yield(struct world *w, struct task *t);

#endif
