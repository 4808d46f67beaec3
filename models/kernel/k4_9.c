/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linux 4.9: stands for 4.6 to 4.13.
 *
 * Source:      tree of 4.9.0; every value names its section of the specification and the
 *              release that began or ended it.
 * Leaves out:  the knobs told below but not acted on.
 */
#include "models/badness/badness.h"
#include "models/kernel/kernel.h"
#include "models/kernel/paths.h"
#include "models/klog/klog.h"

const struct kernel_model kernel_k4_9 = {
	.info = {
		.name = "k4.9",
		.summary = "Linux 4.6 to 4.13: oom_reaper at once, 16 retries with a discount; victims ignore watermarks",
		.source = "tree of 4.9.0",
	},
	.since = "4.6",
	.release = "4.9.0",
	.badness = &badness_v4_9,             /* G.8.7 */
	.klog = &klog_v4_9,                   /* G.13 */
	.paths = &paths_5_10,                 /* models/kernel/paths.c */

	/* Selection and kill (K.1) */
	.scan = SCAN_PROCESSES,               /* G.6; since 4.6 */
	.child_rule = CHILD_WORST,            /* G.9; since 2.6.36, until 5.1 */
	.sharers = SHARERS_KILLED,            /* G.9; since 4.6 */
	.dying = DYING_ALL_SHARERS,           /* G.3, G.7; since 4.8 */
	.oom_nodes = OOM_NODES_FILTER,        /* G.4, G.6; since 2.6.36 */
	.oom_interleave_is_bound = true,      /* mempolicy_nodemask_intersects(); since 2.6.36, until 5.14 */
	.constraint_spanned = true,           /* G.4; since 2.6.36, until 5.4 */
	.mem_info_nodes = MEM_INFO_CPUSET,    /* show_mem(); since 2.6.39, until 4.11 */
	.sleep_after_kill = 1,                /* G.2; until 4.19 */
	.sleep_when_aborted = false,          /* G.2; since 2.6.36 */
	.dump_tasks = true,                   /* G.13.4; since 2.6.36 */
	.reaper = true,                       /* G.11; since 4.6 */
	.reaper_delay = 0,                    /* G.11; 5.18, and 5.10.y and 5.15.y by back-port */
	.reaper_mlocked = false,              /* G.11; until 5.18 */
	.victim_half_min = false,             /* A.9; until 4.14 */

	/* Trigger (K.2) */
	.retry = RETRY_COUNTER,               /* B.5, B.8; since 4.7 */
	.max_reclaim_retries = 16,            /* B.5 MAX_RECLAIM_RETRIES */
	.retry_discount = true,               /* B.5; 4.7 to 4.13 */
	.dirty_wait_in_retry = true,          /* B.5.1; 4.7 to 5.15 */
	.retry_cpuset = false,                /* B.5; until 6.12 */
	.min_free_cap_kB = 65536,             /* A.2; until 5.8 */
	.wmark_scale = true,                  /* A.4; since 4.6 */
	.wmark_boost = false,                 /* A.6; until 5.0 */
	.pcp_batch_div = 1024,                /* A.7 */
	.pcp_batch_max = 128,                 /* A.7; until 4.19 */
	.pcp_high_from_low = false,           /* A.7; until 5.15 */

	/* Reclaim (K.3) */
	.lru = LRU_CLASSIC,                   /* D.1; as Debian 13 and Fedora build it */
	.mglru = NULL,                        /* D; until 6.1 */
	.anon_starts_active = true,           /* C.3; until 5.9 */
	.workingset_anon = false,             /* C.14; until 5.9 */
	.swappiness_max = 100,                /* C.8; until 5.8 */
	.cost_rule = COST_PAGES,              /* C.9; until 6.6 */
	.no_cache_trim_retry = false,         /* C.12; until 6.12 */
	.hopeless_until_balanced = false,     /* C.13; until 7.0 */
	.congestion_wait = true,              /* C.15.2; until 5.16 */
	.referenced_file_reclaimed = false,   /* C.11; until 7.0 */
	.file_never_written = false,          /* C.10; until 7.0 */
	.wp = WP_FREE_SLOT,                   /* mm/memory.c:do_wp_page(), reuse_swap_page(); until 5.8 */
	.rss_cached = true,                   /* SPLIT_RSS_COUNTING; until 6.2 */

	/* Accounting and PSI (K.4) */
	.psi_full = PSI_FULL_NO_RUNNABLE,     /* I.2; until 5.15 */
	.psi_swapin_always_memstall = true,   /* I.1; until 5.15 */
	.overcommit_guess = 2,                /* F.3; since 3.0, until 5.2 */

	/* Told, not acted on */
	.exiting_line = false,                /* G.9 a; until 5.9 */
	.fault_oom_kills = true,              /* G.12, stable trees too; until 5.10 */
	.process_mrelease = false,            /* G.11; until 5.15 */
	.exit_skip = EXIT_SKIP_END,           /* G.11; since 4.6, until 4.14 */
	.reaper_from_top = false,             /* G.11; until 7.0 */
	.one_oom_lock = true,                 /* B.8; since 4.0 */
	.lru_per_node = true,                 /* C.1; since 4.8 */
	.hopeless_scanned_6x = true,          /* C.13; until 4.12 */
	.min_reserve = false,                 /* A.8; until 6.1 */
	.wmark_scale_max = 1000,              /* A.4; since 4.6, until 5.15 */
	.wmark_movable = true,                /* A.4; until 6.12 */
	.lru_split = true,                    /* C.1; since 2.6.28 */
	.workingset_file = true,              /* C.14; since 3.15 */
	.balance = BALANCE_ROTATED,           /* C.8, C.9; since 3.4, until 5.8 */
	.swap_zeromap = false,                /* C.16; until 6.12 */
	.overcommit_reserves = true,          /* F.3; since 3.10 */
	.memcg_oom_in_charge = false,         /* H.4; until 4.19 */
	.memcg_oom_group = false,             /* G.9; until 4.19 */
	.memcg_oom_group_event = false,       /* H.10; until 5.17 */
	.memcg_high_sleeps = false,           /* H.7; until 5.4 */
	.memcg_events_hierarchical = false,   /* H.10; until 5.2 */
	.memcg_retries = 5,                   /* H.3; until 5.8 */
	.memcg_recursiveprot = false,         /* H.5; until 5.7 */
	.memcg_swap_high = false,             /* H.6; until 5.8 */
	.memcg_batch = 32,                    /* H.1; until 6.0 */
	.memcg_v1 = true,                     /* H.12; optional since 6.11 */
	.psi = false,                         /* I; until 4.20 */
	.psi_min_window = false,              /* I.4; until 4.20 */
};
