/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linux 5.10: stands for 5.9 to 5.14 (Debian 11).
 *
 * Source:      tree of Debian 5.10.223; every value names its section of the specification and the
 *              release that began or ended it.
 * Leaves out:  the knobs told below but not acted on.
 */
#include "models/badness/badness.h"
#include "models/kernel/kernel.h"
#include "models/kernel/paths.h"
#include "models/klog/klog.h"

const struct kernel_model kernel_k5_10 = {
	.info = {
		.name = "k5.10",
		.summary = "Linux 5.9 to 5.14 (Debian 11): signed scores; anonymous refaults; swappiness to 200",
		.source = "tree of Debian 5.10.223",
	},
	.since = "5.9",
	.release = "5.10.0-32-cloud-amd64",
	.badness = &badness_v5_10,            /* G.8.10 */
	.klog = &klog_v5_10,                  /* G.13 */
	.paths = &paths_5_10,                 /* models/kernel/paths.c */

	/* Selection and kill (K.1) */
	.scan = SCAN_PROCESSES,               /* G.6; since 4.6 */
	.child_rule = CHILD_NONE,             /* G.9; since 5.1 */
	.sharers = SHARERS_KILLED,            /* G.9; since 4.6 */
	.dying = DYING_ALL_SHARERS,           /* G.3, G.7; since 4.8 */
	.oom_nodes = OOM_NODES_FILTER,        /* G.4, G.6; since 2.6.36 */
	.oom_interleave_is_bound = true,      /* mempolicy_nodemask_intersects(); since 2.6.36, until 5.14 */
	.constraint_spanned = false,          /* G.4; since 5.4 */
	.mem_info_nodes = MEM_INFO_NODEMASK,  /* show_mem(); since 4.11 */
	.sleep_after_kill = 0,                /* G.2; since 4.19 */
	.sleep_when_aborted = false,          /* G.2; since 2.6.36 */
	.dump_tasks = true,                   /* G.13.4; since 2.6.36 */
	.reaper = true,                       /* G.11; since 4.6 */
	.reaper_delay = 2 * NS_PER_SEC,       /* G.11; 5.18, and 5.10.y and 5.15.y by back-port */
	.reaper_mlocked = false,              /* G.11; until 5.18 */
	.victim_half_min = true,              /* A.9; since 4.14 */

	/* Trigger (K.2) */
	.retry = RETRY_COUNTER,               /* B.5, B.8; since 4.7 */
	.max_reclaim_retries = 16,            /* B.5 MAX_RECLAIM_RETRIES */
	.retry_discount = false,              /* B.5; 4.7 to 4.13 */
	.dirty_wait_in_retry = true,          /* B.5.1; 4.7 to 5.15 */
	.retry_cpuset = false,                /* B.5; until 6.12 */
	.min_free_cap_kB = 262144,            /* A.2; since 5.8 */
	.wmark_scale = true,                  /* A.4; since 4.6 */
	.wmark_boost = true,                  /* A.6; since 5.0 */
	.pcp_batch_div = 1024,                /* A.7 */
	.pcp_batch_max = 256,                 /* A.7; since 4.19 */
	.pcp_high_from_low = false,           /* A.7; until 5.15 */

	/* Reclaim (K.3) */
	.lru = LRU_CLASSIC,                   /* D.1; as Debian 13 and Fedora build it */
	.mglru = NULL,                        /* D; until 6.1 */
	.anon_starts_active = false,          /* C.3; since 5.9 */
	.workingset_anon = true,              /* C.14; since 5.9 */
	.swappiness_max = 200,                /* C.8; since 5.8 */
	.cost_rule = COST_PAGES,              /* C.9; until 6.6 */
	.no_cache_trim_retry = false,         /* C.12; until 6.12 */
	.hopeless_until_balanced = false,     /* C.13; until 7.0 */
	.congestion_wait = true,              /* C.15.2; until 5.16 */
	.referenced_file_reclaimed = false,   /* C.11; until 7.0 */
	.file_never_written = false,          /* C.10; until 7.0 */
	.tags_wake_all = true,                /* lib/sbitmap.c; 5.10 with leak-swap-qd1 and its scheduler traced */
	.wp = WP_COPY_KEEP,                   /* mm/memory.c:do_wp_page(); 5.9..5.13 */
	.rss_cached = true,                   /* SPLIT_RSS_COUNTING; until 6.2 */

	/* Accounting and PSI (K.4) */
	.psi_full = PSI_FULL_NO_RUNNABLE,     /* I.2; until 5.15 */
	.psi_swapin_always_memstall = true,   /* I.1; until 5.15 */
	.overcommit_guess = 3,                /* F.3; since 5.2 */

	/* Told, not acted on */
	.exiting_line = true,                 /* G.9 a; since 5.9 */
	.fault_oom_kills = false,             /* G.12, stable trees too; since 5.10 */
	.process_mrelease = false,            /* G.11; until 5.15 */
	.exit_skip = EXIT_SKIP_BEFORE_UNMAP,  /* G.11; since 4.14, until 6.1 */
	.reaper_from_top = false,             /* G.11; until 7.0 */
	.one_oom_lock = true,                 /* B.8; since 4.0 */
	.lru_per_node = true,                 /* C.1; since 4.8 */
	.hopeless_scanned_6x = false,         /* C.13; since 4.12 */
	.min_reserve = false,                 /* A.8; until 6.1 */
	.wmark_scale_max = 1000,              /* A.4; since 4.6, until 5.15 */
	.wmark_movable = true,                /* A.4; until 6.12 */
	.lru_split = true,                    /* C.1; since 2.6.28 */
	.workingset_file = true,              /* C.14; since 3.15 */
	.balance = BALANCE_COST,              /* C.8, C.9; since 5.8 */
	.swap_zeromap = false,                /* C.16; until 6.12 */
	.overcommit_reserves = true,          /* F.3; since 3.10 */
	.memcg_oom_in_charge = true,          /* H.4; since 4.19 */
	.memcg_oom_group = true,              /* G.9; since 4.19 */
	.memcg_oom_group_event = false,       /* H.10; until 5.17 */
	.memcg_high_sleeps = true,            /* H.7; since 5.4 */
	.memcg_events_hierarchical = true,    /* H.10; since 5.2 */
	.memcg_retries = 16,                  /* H.3; since 5.8 */
	.memcg_recursiveprot = true,          /* H.5; since 5.7 */
	.memcg_swap_high = true,              /* H.6; since 5.8 */
	.memcg_batch = 32,                    /* H.1; until 6.0 */
	.memcg_v1 = true,                     /* H.12; optional since 6.11 */
	.psi = true,                          /* I; since 4.20 */
	.psi_min_window = true,               /* I.4; since 4.20, until 6.12 */
};
