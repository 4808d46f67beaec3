/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shapes of what varies (kernel eras, badness rules): the engine calls through these, models/ fills them in. */
#ifndef OOMSIM_WORLD_MODEL_H
#define OOMSIM_WORLD_MODEL_H

#include "sim/core/units.h"

struct model_info {
	const char *name;    /* "k6.1" */
	const char *summary; /* one line */
	const char *source;  /* kernel tag and file, paper or manual */
};

/* What a badness rule may look at: one process, values only. Memory in pages. The rules of 5.9 and later read the first two
 * groups alone; whoever has no figure for the rest leaves it 0. */
struct badness_in {
	bool is_init, is_kthread;   /* never eligible */
	bool has_mm;                /* some thread still has an mm */
	bool oom_skip;              /* MMF_OOM_SKIP on the mm */
	bool in_vfork;              /* vfork child that still shares the parent's mm */
	bool oom_task_origin;       /* in swapoff: PF_SWAPOFF, PF_OOM_ORIGIN */
	int oom_score_adj;
	uint64_t rss, swapents, pgtables_bytes;

	uint64_t nr_ptes, nr_pmds;  /* page-table pages of the lowest two levels (2.6.39..4.14) */
	unsigned capabilities;      /* enum sim_capability (.. 4.16) */
	bool sharer_never;          /* a process that shares the mm has oom_score_adj -1000 (3.0) */

	/* The classic rules (.. 2.6.35) */
	int oom_adj;                /* -17..15; oom_adj_of() gives the one that stands for an oom_score_adj */
	uint64_t total_vm;
	uint64_t child_vm;          /* total_vm of the children that have another mm, summed up ... */
	uint64_t child_vm_halves;   /* ... and total_vm / 2 + 1 of each */
	uint64_t cpu_jiffies;       /* utime + stime of one thread: the scan sees them all, so of the one that has used least */
	uint64_t group_cpu_jiffies; /* of the whole thread group */
	uint64_t age_s;             /* seconds since it started */
	unsigned hz;                /* jiffies a second */
	int nice;
	uint32_t uid, euid;
	bool elsewhere;             /* none of its memory nodes is one of the asking task's cpuset */
};

/* The oom_adj that /proc/PID/oom_adj shows for an oom_score_adj (specification G.14.3). */
static inline int oom_adj_of(int oom_score_adj)
{
	int adj = oom_score_adj * 17 / 1000;

	return adj > 15 ? 15 : adj;
}

#define BADNESS_NEVER INT64_MIN /* LONG_MIN of oom_badness(): not a candidate */

/* Of equal points: the first of the task list; the first, unless it is a thread that does not lead its group (the same thing
 * here, where threads score as their process does); the last. */
enum oom_tie { TIE_KEEP_FIRST, TIE_KEEP_LEADER, TIE_TAKE_LAST };

struct badness_ops {
	struct model_info info;
	/* Points of a process where oom_score_adj is scaled by totalpages (RAM + swap of the domain), or BADNESS_NEVER. Pure. */
	int64_t (*points)(const struct badness_in *in, uint64_t totalpages);
	/* /proc/PID/oom_score from the same inputs. Pure. */
	int (*oom_score)(const struct badness_in *in, uint64_t totalpages);
	/* Static text why points() said BADNESS_NEVER, else NULL. */
	const char *(*why_never)(const struct badness_in *in);
	enum oom_tie tie;
	bool per_mille; /* points are printed as they are: classic, or thousandths already (<= 3.4) */
	bool family;    /* reads what takes a walk over all processes to find: child_vm*, sharer_never */
};

struct klog_format; /* models/klog/klog.h: the text that a kernel prints */

enum lru_algorithm { LRU_CLASSIC, LRU_MGLRU };
enum lru_gen_bit { LRU_GEN_CORE = 1, LRU_GEN_MM_WALK = 2, LRU_GEN_NONLEAF_YOUNG = 4 }; /* /sys/kernel/mm/lru_gen/enabled */
enum wp_rule {
	WP_FREE_SLOT, /* its slot is freed, then the page is taken over (<= 5.8) */
	WP_COPY_KEEP, /* it counts as shared: copied, and the old page stays in the swap cache until reclaim finds it (5.9..5.13) */
	WP_COPY_FREE, /* copied, and the old page is freed (5.14..5.17) */
	WP_TAKE_OVER, /* taken over, slot and all (>= 5.19) */
};
/* What delay accounting counts: nothing; cpu, blkio, swapin; freepages too; thrashing too; compact (5.18) and wpcopy (6.0) too,
 * and swapping in is only the submission of reads (5.17), the wait for them being block I/O. */
enum delayacct_era { DELAYACCT_NONE, DELAYACCT_2_6_18, DELAYACCT_2_6_28, DELAYACCT_4_20, DELAYACCT_6_0 };
enum psi_full_rule { PSI_FULL_NO_RUNNABLE, PSI_FULL_NO_PRODUCTIVE }; /* <= 5.10; >= 5.15 (spec I.2) */

/* scan.unit: whom the killer looks at and what stops it (G.6). */
enum oom_scan {
	SCAN_EXITING_ABORTS, /* 2.6.11: every thread; a victim or an exiting task ends the scan */
	SCAN_EXITING_SELF,   /* 2.6.17 .. 3.4: the same, but an exiting task that asks is chosen at once */
	SCAN_THREADS,        /* 3.5 .. 4.5: every thread; a victim or an exiting task ends the scan */
	SCAN_PROCESSES,      /* 4.6: a victim whose memory is gone (MMF_OOM_SKIP) is passed over, any other ends the scan */
};

/* kill.child_rule: who dies in place of the chosen one (G.9). */
enum oom_child_rule { CHILD_FIRST, CHILD_WORST, CHILD_NONE };
/* What becomes of other processes in the victim's memory (G.9 e). */
enum oom_sharers { SHARERS_KILLED_OLD, SHARERS_SPARED, SHARERS_KILLED_BUT_NEVER, SHARERS_KILLED };
/* What it means to the killer that the request was confined to some nodes (G.3, G.4). */
enum oom_nodes {
	OOM_NODES_IGNORED,           /* 2.6.11 */
	OOM_NODES_KILL_ASKER,        /* 2.6.17 .. 2.6.25: who asked dies */
	OOM_NODES_POLICY_KILLS_ASKER, /* 2.6.26 .. 2.6.35: only for a memory policy; for a cpuset points decide among all */
	OOM_NODES_FILTER,            /* 2.6.36: points decide among those who may have memory there */
};
/* Of which nodes Mem-Info tells (G.13.2). */
enum mem_info_nodes { MEM_INFO_ALL, MEM_INFO_CPUSET, MEM_INFO_NODEMASK };
/* When the asking task is let go instead of killing somebody (G.2 step 3, G.3, G.7). */
enum oom_dying_rule { DYING_NOT_ASKED, DYING_SELF, DYING_ALL_SHARERS };
/* retry.kind: when reclaim has failed for good (B.5, B.8). */
enum retry_kind { RETRY_PROGRESS, RETRY_COUNTER };
/* exit.oom_skip_at: when an exiting victim stops being waited for (G.11). */
enum exit_skip { EXIT_SKIP_NONE, EXIT_SKIP_END, EXIT_SKIP_BEFORE_UNMAP, EXIT_SKIP_AFTER_UNMAP };
/* balance.kind: anonymous against file pages (C.8, C.9). */
enum balance_rule { BALANCE_TENDENCY, BALANCE_ROTATED_PLUS1, BALANCE_ROTATED, BALANCE_COST };

/* C.9: what reclaim's effort costs a type of page, for the balance of anonymous against file pages. */
enum cost_rule {
	COST_PAGES,      /* pages written and refaulted (5.8..6.1) */
	COST_IO_ROTATED, /* 32 for each of those, 1 for each page scanned and kept (6.6..6.12) */
	COST_LAZY        /* the same, added up and applied at the start of the next pass (7.x) */
};

/* zswap: none before 3.11; its allocator by default zbud, since 6.8 zsmalloc, since 6.15 nothing else. */
enum zswap_rule { ZSWAP_NONE, ZSWAP_ZBUD, ZSWAP_ZSMALLOC, ZSWAP_ZSMALLOC_ONLY };

/* The multi-generational LRU (D) where versions differ. Zero: as 6.1. */
struct mglru_rules {
	/* aging */
	bool own_pass;              /* a node pass of its own (lru_gen_shrink_node): none of the classic pass's throttling (>= 6.3) */
	bool age_while_evicting;    /* aging is part of eviction and not a pass of kswapd's in front of it (>= 6.3) */
	bool age_when_short;        /* D.5: age when the generations run short, never by their sizes (>= 6.14) */
	bool age_and_go_on;         /* D.5: eviction goes on after aging, in batches of 64 that are counted exactly (7.x) */
	bool initial_priority;      /* D.10 (>= 6.12) */
	bool spares_isolated;       /* D.5: looking around a page leaves those alone that are being judged themselves (7.x) */
	bool two_step_promotion;    /* D.5: the first access through a page table marks a page, the second promotes it (>= 6.14) */
	bool ttl_by_order;          /* D.9: kswapd does not kill while it works for order > 0 (6.1) */
	/* pages */
	bool seq_by_flags;          /* D.3: where a page is inserted follows from its flags alone (>= 6.14) */
	bool fault_is_one_use;      /* D.3: a page faulted in begins as used once, only workingset pages as active (7.x) */
	bool workingset_tier;       /* D.4: workingset pages have the last tier to themselves (>= 6.14) */
	bool rejected_stay_old;     /* D.6: what could not be taken becomes young only if it would be the oldest (>= 6.14) */
	bool writes_not_sorted;     /* D.6: pages under writeback, and dirty ones, are isolated and activated like others (7.x) */
	/* types and tiers */
	bool type_by_all_tiers;     /* D.6: the type is chosen by all tiers together (>= 6.14) */
	bool swappiness_first;      /* D.6: swappiness 1 and 200 are taken literally; generations of types are not compared (>= 6.14) */
	bool file_first_without_io; /* D.6: without __GFP_IO file pages go first (>= 6.7) */
	unsigned tier_gain[2];      /* D.7: of tier 0, of the others */
	bool wakes_flushers;        /* dirty pages nobody writes, when eviction meets nothing else, wake the flusher (>= 6.12) */
	/* refaults */
	bool refault_within_gens;   /* D.8: a refault is recent within four generations (>= 6.14); else within the oldest one's life */
	bool count_stale_refaults;  /* D.8: refaults that are not recent are counted too (>= 6.5) */
	bool protected_activates;   /* workingset_activate counts pages protected by tier, not refaults (6.1) */
};

/* How long a kernel's paths are, in thousandths of those of 6.1, whose code the costs of a machine are those of (same processor,
 * same work). 0: as 6.1. */
struct path_lengths {
	uint16_t fault;     /* first faults: anonymous, shared memory, copy, map; page tables */
	uint16_t swapin;    /* faults that read from swap, and its read-ahead */
	uint16_t reclaim;   /* scanning, unmapping, swapping out */
	uint16_t file_free; /* dropping a clean file page */
	uint16_t read;      /* read() of cached pages */
	uint16_t readahead; /* bringing file pages into the cache */
	uint16_t write;     /* write() into the cache */
	uint16_t io;        /* submitting and completing a request */
	uint16_t exit;      /* unmapping and freeing at exit */
	uint16_t task;      /* system calls, switches, timers, fork, exec */
	uint16_t report;    /* printing an OOM report */
	/* File systems with large folios: pages of a stream come and go many at a time. 0: they do not. */
	uint16_t large_readahead, large_reclaim, large_write;
};

/*
 * A kernel version as a set of knobs. The knobs of the second half are told by `oomsim models` and read by no engine part yet:
 * the engine does there what the newest value says.
 */
struct kernel_model {
	struct model_info info;
	const char *since;                  /* the first release it stands for; the next model's begins where it ends */
	const char *release;                /* uname -r printed by default */
	const struct badness_ops *badness;  /* badness.*, scan.tie */
	const struct klog_format *klog;     /* K.5 */
	const struct path_lengths *paths;   /* NULL: as 6.1 */

	/* Selection and kill (K.1) */
	enum oom_scan scan;                 /* scan.unit, scan.oom_skip */
	enum oom_child_rule child_rule;     /* kill.child_rule */
	enum oom_sharers sharers;
	enum oom_dying_rule dying;
	enum oom_nodes oom_nodes;           /* constraint.rule */
	bool oom_interleave_is_bound;       /* constraint.interleave: MPOL_INTERLEAVE keeps a task out of other nodes' OOM (2.6.36..5.13) */
	bool constraint_spanned;            /* constraint.node_size: nodes count with their spanned pages (2.6.36..5.3) */
	enum mem_info_nodes mem_info_nodes; /* log.mem_info: all (<= 2.6.38), the asker's cpuset's, the policy's if that is the constraint (>= 4.11) */
	unsigned sleep_after_kill;          /* oom.sleep_after_kill, in jiffies: 1 (<= 4.18) or 0 */
	bool sleep_when_aborted;            /* the same sleep when a victim was dying already (<= 2.6.35) */
	bool dump_tasks;                    /* log.dump_tasks: default of vm.oom_dump_tasks */
	bool reaper;                        /* reaper */
	sim_ns reaper_delay;                /* reaper.delay_s */
	bool reaper_mlocked;                /* reaper.mlocked: mlocked VMAs are reaped too */
	bool victim_half_min;               /* victim.reserve: ALLOC_OOM is half of min, else no watermark */

	/* Trigger (K.2) */
	enum retry_kind retry;              /* retry.kind */
	int max_reclaim_retries;            /* 16 */
	bool retry_discount;                /* retry.discount (4.7..4.13) */
	/* Pages by which should_reclaim_retry() finds more free than the request did: it adds what CPUs have counted and not yet
	 * told (zone_page_state_snapshot()), and the last zone stands right at its mark. Recordings: 17 direct reclaims, 1 and 16
	 * retries, before a kill on 6.1; one on 5.10. */
	unsigned retry_sees_more;
	bool dirty_wait_in_retry;           /* B.5.1 (4.7..5.15) */
	bool retry_cpuset;                  /* retry.cpuset: zones outside the cpuset give no hope (>= 6.12) */
	uint64_t min_free_cap_kB;           /* wmark.min_cap: 65536 or 262144 */
	bool wmark_scale;                   /* wmark.scale: watermark_scale_factor exists (>= 4.6) */
	bool wmark_boost;                   /* wmark.boost (>= 5.0) */
	unsigned pcp_batch_div, pcp_batch_max; /* A.7: min(managed / div, max) / 4 */
	bool pcp_high_from_low;             /* A.7: high = low watermark / CPUs (>= 5.15), else 6 * batch */

	/* Reclaim (K.3) */
	enum lru_algorithm lru;             /* lru: the default ... */
	const struct mglru_rules *mglru;    /* ... and how the other one behaves; NULL: it does not exist (before 6.1) */
	bool anon_starts_active;            /* anon.start (<= 5.8) */
	bool workingset_anon;               /* workingset: anonymous refaults are detected (>= 5.9) */
	unsigned swappiness_max;            /* swappiness.max: 100 or 200 */
	enum cost_rule cost_rule;           /* balance.cost */
	bool no_cache_trim_retry;           /* kswapd.no_cache_trim (>= 6.12) */
	bool hopeless_until_balanced;       /* kswapd.reset (7.x) */
	bool congestion_wait;               /* throttle.kind: congestion_wait() instead of reclaim_throttle() (<= 5.15, C.15.2) */
	bool referenced_file_reclaimed;     /* C.11: a file page marked, but not mapped as accessed, is taken even if dirty (7.x) */
	bool swapin_writable;               /* do_swap_page(): a page nobody shares is mapped writable even for a read (>= 6.12) */
	bool pcp_auto;                      /* A.7: per-CPU lists that tune themselves (>= 6.7) */
	bool tags_wake_all;                 /* blk, without a scheduler: a request that ends wakes all who wait, and the first to run has
					       the tag. Traced on 5.10 and 6.12; 6.1 wakes one at a time */
	unsigned zs_chain_size;             /* zsmalloc: pages of a zspage at most: 4, then 8 (>= 6.3); 0: no zram (before 3.14) */
	bool zram_bio;                      /* zram is written and read by bios, which count in pgpgin and pgpgout (>= 6.3) */
	enum zswap_rule zswap;              /* zswap.zpool */
	bool zswap_second_chance;           /* zswap writes back no page that it has not passed over once (>= 6.12) */
	bool zswap_exclusive;               /* a page that is read leaves the pool (>= 6.9) */
	bool swap_tables;                   /* swap.table: a cluster's table is a page of its own; partly used clusters go first (>= 6.18) */
	bool file_never_written;            /* reclaim.write_file: kswapd never writes file pages (7.x) */
	enum wp_rule wp;                    /* wp.reuse: a write to an anonymous page that nobody else maps but that is in the swap cache */
	bool rss_cached;                    /* rss.exact off: page counts wait in the faulting thread for up to 64 faults (<= 6.1) */

	bool preempt_lazy;                  /* sched.preempt: cond_resched() in the OOM killer no longer gives the CPU away (>= 7.0) */

	/* Accounting and PSI (K.4) */
	enum psi_full_rule psi_full;        /* psi.full_rule */
	bool psi_swapin_always_memstall;    /* I.1: every swap-in read counts as memory stall (5.10) */
	enum delayacct_era delayacct;       /* struct taskstats, kernel/delayacct.c */
	int overcommit_guess;               /* overcommit.guess: 1, 2 or 3 (spec F.3) */

	/* Memory cgroups (K.4) */
	bool memcg_oom_group;               /* memcg.oom_group (>= 4.19) */
	bool memcg_oom_group_event;         /* memcg.ev_group (>= 5.17) */
	bool memcg_high_sleeps;             /* memcg.high: sleep penalty (>= 5.4) */
	bool memcg_events_hierarchical;     /* memcg.events (>= 5.2) */
	unsigned memcg_retries;             /* memcg.retries: 5, then 16 (>= 5.8) */
	bool memcg_recursiveprot;           /* memcg.prot (>= 5.7) */
	bool memcg_swap_high;               /* memcg.swap_high (>= 5.8) */
	bool memcg_scans_counted;           /* pgscan_* and pgsteal_* of /proc/vmstat include reclaim inside cgroups (7.x) */
	unsigned memcg_batch;               /* memcg.batch: 32, then 64 (>= 6.0) */
	bool memcg_oom_in_charge;           /* memcg.oom_when: in every charge (>= 4.19, <= 3.11), else at the end of a fault */
	bool memcg_dying_forced;            /* memcg.dying: charges of a dying task go beyond the limit (<= 5.15.2) */
	bool memcg_failed_forced;           /* memcg.failed: a charge goes beyond it when there is nobody to kill (4.19..5.15.2) */
	bool fault_oom_kills;               /* fault_oom.kill: VM_FAULT_OOM starts the killer (<= 5.15.2) */
	bool memcg_move_charge;             /* memcg.move_charge: memory.move_charge_at_immigrate works (<= 6.12) */
	bool memcg_flat;                    /* memcg.hierarchy: memory.use_hierarchy may be 0 (<= 5.10) */
	bool cgroup_kill;                   /* cgroup.kill exists (>= 5.14) */

	/* ---- told, not acted on ---- */
	bool exiting_line;                  /* log.exiting_line: a victim gone already leaves a line (>= 5.9) */
	bool process_mrelease;              /* syscall.mrelease (>= 5.15) */
	enum exit_skip exit_skip;           /* exit.oom_skip_at */
	bool reaper_from_top;               /* reaper.order: VMAs from the highest address (7.x) */
	bool one_oom_lock;                  /* oom.lock: one mutex (>= 4.0), else a flag in each zone */
	bool lru_per_node;                  /* lru.scope: node (>= 4.8), else zone */
	bool hopeless_scanned_6x;           /* kswapd.hopeless: all scanned six times (<= 4.11), else 16 failures of kswapd */
	bool min_reserve;                   /* alloc.reserve_rule: MIN_RESERVE and NON_BLOCK instead of HIGH and HARDER */
	unsigned wmark_scale_max;           /* wmark.scale: largest factor, 0: there is none */
	bool wmark_movable;                 /* wmark.movable: MOVABLE has a share of the watermarks (<= 6.1) */
	bool lru_split;                     /* lru.split: separate lists of anonymous and file pages (>= 2.6.28) */
	bool workingset_file;               /* workingset: file refaults are detected (>= 3.15) */
	enum balance_rule balance;          /* balance.kind, swappiness.plus1 */
	bool swap_zeromap;                  /* swap.zeromap (>= 6.12) */
	bool overcommit_reserves;           /* overcommit.reserve: admin_ and user_reserve_kbytes (>= 3.10) */
	bool memcg_v1;                      /* memcg.v1: this distribution's build still has it */
	bool psi;                           /* psi (>= 4.20) */
	bool psi_min_window;                /* psi.min_window: triggers of at least 0.5 s (<= 6.1) */
};

#endif
