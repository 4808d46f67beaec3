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

/* What a badness rule may look at: one process, values only. Memory in pages. */
struct badness_in {
	bool is_init, is_kthread;   /* never eligible */
	bool has_mm;                /* some thread still has an mm */
	bool oom_skip;              /* MMF_OOM_SKIP on the mm */
	bool in_vfork;              /* vfork child that still shares the parent's mm */
	bool oom_task_origin;
	int oom_score_adj;
	uint64_t rss, swapents, pgtables_bytes;
	uint64_t total_vm;          /* older rules */
	unsigned capabilities;      /* older rules; enum sim_capability */
};

#define BADNESS_NEVER INT64_MIN /* LONG_MIN of oom_badness(): not a candidate */

enum oom_tie { TIE_KEEP_FIRST, TIE_TAKE_LAST };

struct badness_ops {
	struct model_info info;
	/* Points of a process where oom_score_adj is scaled by totalpages (RAM + swap of the domain), or BADNESS_NEVER. Pure. */
	int64_t (*points)(const struct badness_in *in, uint64_t totalpages);
	/* /proc/PID/oom_score from the same inputs. Pure. */
	int (*oom_score)(const struct badness_in *in, uint64_t totalpages);
	/* Static text why points() said BADNESS_NEVER, else NULL. */
	const char *(*why_never)(const struct badness_in *in);
	enum oom_tie tie;
};

struct rec_oom_report;
struct rec_kill;
struct strbuf;

/* The text of a kernel's log: everything between the timestamp and the end of the line. Each function appends complete
 * lines, without timestamps, to be stamped by the sink; embedded newlines of one record become separate lines. */
struct klog_format {
	void (*oom_report)(struct strbuf *out, const struct rec_oom_report *r, const char *release, const char *hardware);
	/* The oom-kill: constraint line and the Killed process line. */
	void (*kill)(struct strbuf *out, const struct rec_kill *k, bool constraint_line);
	void (*reaped)(struct strbuf *out, int pid, const char *comm, uint64_t anon_kB, uint64_t file_kB, uint64_t shmem_kB);
	void (*reap_failed)(struct strbuf *out, int pid, const char *comm);
	void (*panic)(struct strbuf *out, int panic_reason, int cpu, int pid, const char *comm, const char *release, const char *hardware);
};

enum lru_algorithm { LRU_CLASSIC, LRU_MGLRU };
enum psi_full_rule { PSI_FULL_NO_RUNNABLE, PSI_FULL_NO_PRODUCTIVE }; /* <= 5.10; >= 5.15 (spec I.2) */

struct kernel_model {
	struct model_info info;
	const char *release;                /* uname -r printed by default */
	const struct badness_ops *badness;
	const struct klog_format *klog;
	enum lru_algorithm lru;             /* lru */
	uint64_t min_free_cap_kB;           /* wmark.min_cap: 65536 or 262144 */
	bool wmark_scale;                   /* wmark.scale: watermark_scale_factor exists (>= 4.6) */
	bool wmark_boost;                   /* wmark.boost (>= 5.0) */
	unsigned pcp_batch_div, pcp_batch_max; /* A.7: min(managed / div, max) */
	bool pcp_high_from_low;             /* A.7: high = low watermark / CPUs (>= 5.15), else 6 * batch */
	int max_reclaim_retries;            /* 16 */
	bool retry_discount;                /* retry.discount (4.7..4.13) */
	bool dirty_wait_in_retry;           /* B.5.1 (4.7..5.15) */
	bool anon_starts_active;            /* anon.start (<= 5.8) */
	bool workingset_anon;               /* workingset: anonymous refaults are detected (>= 5.9) */
	enum psi_full_rule psi_full;        /* psi.full_rule */
	bool psi_swapin_always_memstall;    /* I.1: every swap-in read counts as memory stall (5.10) */
	unsigned swappiness_max;            /* 100 or 200 */
	bool reaper;                        /* reaper */
	sim_ns reaper_delay;                /* reaper.delay_s */
	bool reaper_mlocked;                /* reaper.mlocked: mlocked VMAs are reaped too */
	bool victim_half_min;               /* victim.reserve: ALLOC_OOM is half of min, else no watermark */
	sim_ns sleep_after_kill;            /* oom.sleep_after_kill in jiffies: 1 (<= 4.14) or 0 */
	bool child_sacrifice;               /* kill.child_rule */
	bool anon_exclusive;                /* PG_anon_exclusive: a write fault keeps the page's swap slot (>= 5.19) */
	bool rss_cached;                    /* rss.exact off: page counts wait in the faulting thread for up to 64 faults (<= 6.1) */
	int overcommit_guess;               /* overcommit.guess: 1, 2 or 3 (spec F.3) */
};

#endif
