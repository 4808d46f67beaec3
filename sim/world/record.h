/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records: the only way out of the engine. A recorder is a set of callbacks; the engine calls them in simulated-time order
 * and hands over values, never pointers that outlive the call. Sinks turn records into files; a plot that needs a number
 * gets a record here.
 */
#ifndef OOMSIM_WORLD_RECORD_H
#define OOMSIM_WORLD_RECORD_H

#include "sim/core/units.h"
#include "sim/mm/vmstat.h"
#include "sim/world/config.h"

/* What happens, one line a kind: id, name in events.jsonl, names of the argument fields (NULL where unused). Arguments are
 * signed 64-bit; the field's name says the unit. pid and comm stand for the task concerned (pid 0: none). */
#define EVENT_MAP(X)                                                                                                   \
	X(START, "start", "uid", "oom_score_adj", "ppid", NULL)                                                        \
	X(STEP_END, "step", "step", "pages", "ms", "max_stall_us")                                                     \
	X(STEP_FAILED, "step_failed", "step", "errno", "done", "wanted")                                               \
	X(EXIT, "exit", "signal", "code", "min_flt", "maj_flt")                                                        \
	X(KSWAPD_WAKE, "kswapd_wake", "node", "free_pages", NULL, NULL)                                                \
	X(KSWAPD_SLEEP, "kswapd_sleep", "node", "free_pages", "scanned", "reclaimed")                                  \
	X(KSWAPD_FAILED, "kswapd_failed", "node", "failures", NULL, NULL)                                              \
	X(DIRECT_RECLAIM, "direct_reclaim", "scanned", "reclaimed", "stall_us", "priority")                            \
	X(RECLAIM_RETRY, "reclaim_retry", "no_progress_loops", "reclaimable_pages", "free_pages", "min_wmark_pages")   \
	X(OOM_ENTER, "oom_enter", "order", "gfp_mask", "free_pages", "free_swap_pages")                                \
	X(OOM_SKIPPED, "oom_skipped", "reason", "freed_pages", NULL, NULL)                                                     \
	X(OOM_KILL, "oom_kill", "points", "oom_score_adj", "total_vm_kB", "trigger_pid")                               \
	X(VICTIM_FREED, "victim_freed", "freed_kB", "after_us", NULL, NULL)                                            \
	X(OOM_REAPED, "oom_reaped", "anon_rss_kB", "file_rss_kB", "shmem_rss_kB", NULL)                                \
	X(OOM_REAP_FAILED, "oom_reap_failed", "attempts", NULL, NULL, NULL)                                            \
	X(SWAP_FULL, "swap_full", "swap_pages", NULL, NULL, NULL)                                                      \
	X(ALLOC_FAILED, "alloc_failed", "order", "gfp_mask", NULL, NULL)                                               \
	X(OVERCOMMIT_REFUSED, "overcommit_refused", "pages", "committed_pages", "limit_pages", NULL)                   \
	X(DIRTY_THROTTLE, "dirty_throttle", "pause_us", "dirty_pages", "limit_pages", NULL)                            \
	X(SYSCTL, "sysctl", "index", "value", NULL, NULL)                                                              \
	X(PANIC, "panic", "reason", NULL, NULL, NULL)                                                                  \
	X(END, "end", "reason", NULL, NULL, NULL)                                                                      \
	X(CGROUP_WRITE, "cgroup_write", "cgroup", "file", "value", "errno")                                            \
	X(MEMCG_OOM, "memcg_oom", "cgroup", "usage_pages", "limit_pages", NULL)                                        \
	X(MEMCG_HIGH_SLEEP, "memcg_high_sleep", "cgroup", "ms", "usage_pages", "high_pages")         \
	X(RESTART, "restart", "exit_code", "restarts", "back_off_ms", NULL)

enum event_kind {
#define X(id, name, a, b, c, d) EV_##id,
	EVENT_MAP(X)
#undef X
	EV_KIND_COUNT
};

struct event_schema {
	const char *name;
	const char *field[4];
};
extern const struct event_schema event_schema[EV_KIND_COUNT]; /* record.c */

/* Why an OOM ends without a kill: the request may not enter file systems; a notifier gave memory back. */
enum oom_skip_reason { OOM_SKIP_NOFS, OOM_SKIP_NOTIFIER };

enum panic_reason { PANIC_DEADLOCK, PANIC_ON_OOM, PANIC_ON_OOM_COMPULSORY };
enum run_end { RUN_HORIZON, RUN_IDLE, RUN_PANIC };
extern const char *const run_end_name[]; /* "horizon", "idle", "panic" */

struct rec_event {
	sim_ns t_ns;
	enum event_kind kind;
	int32_t pid;
	char comm[SIM_COMM_LEN];
	int64_t arg[4];
};

/* PSI as /proc/pressure shows it: averages in 1/100 percent, totals in us. */
struct rec_psi_line {
	uint32_t avg10, avg60, avg300;
	uint64_t total_us;
};
struct rec_psi {
	struct rec_psi_line some, full;
};

/* One row of timeline.csv: /proc/meminfo (kB) and /proc/vmstat. */
#define MEMINFO_MAP(X)                                                                                                 \
	X(MemTotal) X(MemFree) X(MemAvailable) X(Buffers) X(Cached) X(SwapCached) X(Active) X(Inactive) X(Active_anon)  \
	X(Inactive_anon) X(Active_file) X(Inactive_file) X(Unevictable) X(Mlocked) X(SwapTotal) X(SwapFree) X(Dirty)    \
	X(Writeback) X(AnonPages) X(Mapped) X(Shmem) X(Slab) X(SReclaimable) X(SUnreclaim) X(KernelStack) X(PageTables) \
	X(CommitLimit) X(Committed_AS)
enum meminfo_item {
#define X(name) MI_##name,
	MEMINFO_MAP(X)
#undef X
	MI_COUNT
};
/* Names as /proc/meminfo spells them: "Active(anon)" for Active_anon and so on. */
extern const char *const meminfo_name[MI_COUNT];

struct rec_sample {
	sim_ns t_ns;
	uint64_t meminfo_kB[MI_COUNT];
	uint64_t vmstat[VMSTAT_COUNT];
	struct rec_psi psi_memory, psi_io, psi_cpu;
	uint64_t wmark_min_kB, wmark_low_kB, wmark_high_kB; /* sums over zones, boost included */
	uint64_t watermark_boost_kB;
};

/* memory.events of a cgroup, in its order; and those of memory.swap.events. */
#define MEMCG_EVENT_MAP(X)                                                                                             \
	X(LOW, "memory.events:low") X(HIGH, "memory.events:high") X(MAX, "memory.events:max")                          \
	X(OOM, "memory.events:oom") X(OOM_KILL, "memory.events:oom_kill")                                              \
	X(OOM_GROUP_KILL, "memory.events:oom_group_kill") X(SWAP_HIGH, "memory.swap.events:high")                      \
	X(SWAP_MAX, "memory.swap.events:max") X(SWAP_FAIL, "memory.swap.events:fail")
enum memcg_event {
#define X(id, name) MEMCG_##id,
	MEMCG_EVENT_MAP(X)
#undef X
	MEMCG_EVENT_COUNT
};
extern const char *const memcg_event_name[MEMCG_EVENT_COUNT]; /* as columns of cgroups.csv */

/* One row of cgroups.csv: a cgroup's files. Bytes. */
struct rec_cgroup {
	sim_ns t_ns;
	const char *path;
	uint64_t current, swap_current, peak; /* version 1 counts in swap what is there alone, not in memory besides */
	uint64_t max, high, swap_max; /* UINT64_MAX: none */
	uint64_t events[MEMCG_EVENT_COUNT], events_local[MEMCG_EVENT_COUNT];
	uint64_t anon, file, kernel;  /* memory.stat: anon is what is mapped, file includes shared memory */
	uint64_t pgfault, pgmajfault, pgscan, pgsteal, workingset_refault_anon, workingset_refault_file;
	uint64_t memsw_max, memsw_peak; /* version 1: memory and swap together */
	bool under_oom;
	struct rec_psi psi_memory;
};

/* One row of tasks.csv. state is /proc's letter (R S D Z). */
struct rec_task {
	sim_ns t_ns;
	int32_t pid, ppid;
	char comm[SIM_COMM_LEN];
	char state;
	uint32_t uid;
	uint64_t VmSize_kB, RssAnon_kB, RssFile_kB, RssShmem_kB, VmSwap_kB, VmPTE_kB, VmLck_kB;
	int oom_score_adj, oom_score;
	uint64_t min_flt, maj_flt;
	uint64_t utime_ns, stime_ns;
	uint64_t work_pages; /* accesses or pages the program has done: its progress */
	uint64_t delay_swapin_ns, delay_thrashing_ns, delay_freepages_ns, delay_blkio_ns; /* taskstats names */
};

/* A candidate of the OOM killer: one row of the report's task table. Memory in pages, page tables in bytes. */
struct rec_oom_task {
	int32_t pid, tgid;
	char comm[SIM_COMM_LEN];
	uint32_t uid;
	uint64_t total_vm, rss, rss_anon, rss_file, rss_shmem, pgtables_bytes, swapents;
	uint64_t nr_ptes, nr_pmds; /* of pgtables_bytes: pages of the lowest two levels */
	int cpu;
	int oom_score_adj;
	bool eligible;
	int64_t points; /* meaningless unless eligible */
	const char *why; /* static text: why not eligible, or NULL */
};

/* A CPU's list of free pages in one zone, as kernels before 4.2 print it. */
struct rec_oom_pcp {
	uint32_t high, batch, used;
};

/* One zone as the report shows it, pages unless said. */
struct rec_oom_zone {
	int node;
	const char *name; /* static: "DMA", "DMA32", "Normal" */
	uint64_t free, boost, min, low, high, reserved_highatomic;
	uint64_t active_anon, inactive_anon, active_file, inactive_file, unevictable, writepending;
	uint64_t present, managed, mlocked, bounce, free_pcp, local_pcp, free_cma;
	int64_t lowmem_reserve[5];
	uint64_t nr_free_blocks[11]; /* buddy stand-in: free blocks by order, from a worst-fit packing of `free` */
	uint8_t free_types[11];      /* kinds of page blocks they lie in, by order: bits of enum rec_free_type; 0: not known */
	/* What kernels from before LRU lists were kept by node (4.8) count by zone, and newcomers of 7.x. */
	uint64_t isolated_anon, isolated_file, dirty, writeback, mapped, shmem, slab_reclaimable, slab_unreclaimable, pagetables,
		unstable, writeback_tmp, pages_scanned, kernel_stack_kB, free_highatomic, zspages;
	bool all_unreclaimable;
	const struct rec_oom_pcp *pcp; /* by CPU; NULL: not known */
	size_t npcp;
};

enum rec_free_type { FREE_UNMOVABLE = 1, FREE_MOVABLE = 2, FREE_RECLAIMABLE = 4, FREE_RESERVE = 8, FREE_HIGHATOMIC = 16, FREE_CMA = 32,
		     FREE_ISOLATE = 64 };

struct rec_oom_node {
	int node;
	uint64_t active_anon, inactive_anon, active_file, inactive_file, unevictable, isolated_anon, isolated_file, mapped, dirty,
		writeback, shmem, shmem_thp, shmem_pmdmapped, anon_thp, writeback_tmp, kernel_stack_kB, pagetables, sec_pagetables,
		unstable, pages_scanned, balloon, gpu_active, gpu_reclaim;
	bool all_unreclaimable;
};

/* The part of a report that is about a memory cgroup whose limit was hit: it stands in place of Mem-Info. */
struct rec_oom_counter {
	uint64_t usage_kB, limit_kB, failcnt;
};

struct rec_oom_stat {
	const char *name;
	uint64_t value; /* as memory.stat has it */
};

struct rec_oom_memcg {
	const char *path, *task_path;   /* whose limit; the asking task's */
	bool v1;
	struct rec_oom_counter memory, swap, memsw, kmem; /* v2: memory, swap; v1: memory, memsw, kmem */
	const struct rec_oom_stat *stat; /* in the order of memory.stat */
	size_t nstat;
};

/* Everything an OOM report prints and an explanation needs, at the moment of the decision. Valid during the call only. */
struct rec_oom_report {
	sim_ns t_ns;
	const char *constraint; /* "CONSTRAINT_NONE", ... */
	const char *message;    /* "Out of memory", "Out of memory (oom_kill_allocating_task)", ... */
	const char *nodemask;   /* list of nodes of the policy that is the constraint; NULL: none is */
	const char *cpuset, *mems_allowed; /* the asker's cpuset, its nodes; NULL: "/", all nodes */
	uint32_t gfp_mask;
	int order;
	int32_t trigger_pid;
	char trigger_comm[SIM_COMM_LEN];
	int trigger_oom_score_adj;
	uint32_t trigger_uid;
	int cpu;
	bool dump_header;       /* false: the report was rate limited; print the Killed line alone */
	bool dump_tasks;
	uint64_t totalpages;    /* pages: the scale of oom_score_adj */
	/* Mem-Info totals, pages */
	uint64_t active_anon, inactive_anon, isolated_anon, active_file, inactive_file, isolated_file, unevictable, dirty,
		writeback, slab_reclaimable, slab_unreclaimable, mapped, shmem, pagetables, sec_pagetables, bounce,
		kernel_misc_reclaimable, free, free_pcp, free_cma, unstable;
	uint64_t pagecache_pages, swapcache_pages, free_swap_kB, total_swap_kB, pages_ram, pages_reserved, pages_highmem,
		pages_cma, pages_hwpoisoned, pages_shared, pages_nonshared;
	uint64_t swapcache_add, swapcache_del, swapcache_find, swapcache_find_total; /* since boot (<= 5.15) */
	uint64_t memcg_min_kB, memcg_low_kB; /* protection below the domain's top (7.x) */
	const struct rec_oom_memcg *memcg;   /* NULL: a global OOM */
	const struct rec_oom_node *node;     /* those that the kernel shows: without what is outside policy or cpuset */
	size_t nnode;
	const struct rec_oom_zone *zone;
	size_t nzone;
	const struct rec_oom_task *task; /* in the order of the kernel's task list */
	size_t ntask;
	/* Outcome */
	bool has_victim;        /* false: no killable process */
	int panic;              /* -1, or enum panic_reason: the kernel panics after this report */
	/* Why it came to this */
	int no_progress_loops;
	uint64_t reclaim_scanned, reclaim_reclaimed; /* by the failing allocation */
};

/* A kill. */
struct rec_kill {
	sim_ns t_ns;
	int32_t pid;
	char comm[SIM_COMM_LEN];
	uint32_t uid;
	const char *by;         /* "kernel" or the daemon's name */
	const char *constraint;
	const char *memcg;      /* "/" */
	const char *oom_memcg;  /* whose limit was hit; NULL: memcg */
	const char *nodemask, *cpuset, *mems_allowed; /* as in the report; mems_allowed NULL: "0" */
	int32_t trigger_pid;
	int64_t points;
	int32_t chosen_pid;     /* the process chosen, in whose place a child may die (<= 5.0); 0: the victim itself */
	char chosen_comm[SIM_COMM_LEN];
	int64_t score;          /* its points as such a kernel prints them */
	int oom_score_adj;
	uint64_t total_vm_kB, anon_rss_kB, file_rss_kB, shmem_rss_kB, swap_kB, pgtables_kB;
	const char *message;    /* prefix of the Killed line */
	const char *oom_group;  /* cgroup that dies with this victim (memory.oom.group); NULL: none */
};

/* What is known at the start. */
struct rec_begin {
	const struct sim_config *config;
	uint64_t totalram_pages, totalswap_pages;
	uint64_t min_free_kbytes;
};

struct rec_end {
	sim_ns t_ns;
	enum run_end end;
	const struct rec_sample *last;
};

/* The receiving end. Any callback may be NULL. Non-zero from any callback stops the run with that (negative) code. */
struct recorder {
	void *ctx;
	int (*begin)(void *ctx, const struct rec_begin *r);
	int (*sample)(void *ctx, const struct rec_sample *r);
	int (*task)(void *ctx, const struct rec_task *r); /* after each sample, one a live process, in pid order */
	int (*cgroup)(void *ctx, const struct rec_cgroup *r); /* after those, one a cgroup, in pre-order */
	int (*event)(void *ctx, const struct rec_event *r);
	int (*oom)(void *ctx, const struct rec_oom_report *r); /* before the kill it leads to */
	int (*kill)(void *ctx, const struct rec_kill *r);
	int (*end)(void *ctx, const struct rec_end *r);
};

#endif
