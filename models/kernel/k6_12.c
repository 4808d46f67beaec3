/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linux 6.12: stands for 6.12 to 6.19 (Debian 13).
 *
 * Source:      tree of Debian 6.12.107; every value names its section of the specification and the
 *              release that began or ended it.
 * Leaves out:  the knobs told below but not acted on.
 */
#include "models/badness/badness.h"
#include "models/kernel/kernel.h"
#include "models/kernel/paths.h"
#include "models/kernel/mglru.h"
#include "models/klog/klog.h"

const struct kernel_model kernel_k6_12 = {
	.info = {
		.name = "k6.12",
		.summary = "Linux 6.12 to 6.19 (Debian 13): multi-generational LRU by default, zero pages skip swap",
		.source = "tree of Debian 6.12.107",
	},
	.since = "6.12",
	.release = "6.12.107+deb13-cloud-amd64",
	.badness = &badness_v5_10,            /* G.8.10 */
	.klog = &klog_v6_12,                  /* G.13 */
	.paths = &paths_6_12,                 /* models/kernel/paths.c */

	/* Selection and kill (K.1) */
	.scan = SCAN_PROCESSES,               /* G.6; since 4.6 */
	.child_rule = CHILD_NONE,             /* G.9; since 5.1 */
	.sharers = SHARERS_KILLED,            /* G.9; since 4.6 */
	.dying = DYING_ALL_SHARERS,           /* G.3, G.7; since 4.8 */
	.oom_nodes = OOM_NODES_FILTER,        /* G.4, G.6; since 2.6.36 */
	.oom_interleave_is_bound = false,     /* mempolicy_in_oom_domain(); since 5.14 */
	.constraint_spanned = false,          /* G.4; since 5.4 */
	.mem_info_nodes = MEM_INFO_NODEMASK,  /* show_mem(); since 4.11 */
	.sleep_after_kill = 0,                /* G.2; since 4.19 */
	.sleep_when_aborted = false,          /* G.2; since 2.6.36 */
	.dump_tasks = true,                   /* G.13.4; since 2.6.36 */
	.reaper = true,                       /* G.11; since 4.6 */
	.reaper_delay = 2 * NS_PER_SEC,       /* G.11; 5.18, and 5.10.y and 5.15.y by back-port */
	.reaper_mlocked = true,               /* G.11; since 5.18 */
	.victim_half_min = true,              /* A.9; since 4.14 */

	/* Trigger (K.2) */
	.retry = RETRY_COUNTER,               /* B.5, B.8; since 4.7 */
	.max_reclaim_retries = 16,            /* B.5 MAX_RECLAIM_RETRIES */
	.retry_discount = false,              /* B.5; 4.7 to 4.13 */
	.retry_sees_more = 1,                 /* B.5; recordings of 6.1: cg-low, watermark */
	.dirty_wait_in_retry = false,         /* B.5.1; 4.7 to 5.15 */
	.retry_cpuset = true,                 /* B.5; since 6.12 */
	.min_free_cap_kB = 262144,            /* A.2; since 5.8 */
	.wmark_scale = true,                  /* A.4; since 4.6 */
	.wmark_boost = true,                  /* A.6; since 5.0 */
	.pcp_batch_div = 1024,                /* A.7 */
	.pcp_batch_max = 256,                 /* A.7; since 4.19 */
	.pcp_high_from_low = true,            /* A.7; since 5.15 */
	.pcp_auto = true,                     /* A.7; since 6.7 */

	/* Reclaim (K.3) */
	.lru = LRU_MGLRU,                     /* D.1; as Debian 13 and Fedora build it */
	.mglru = &mglru_6_12,                 /* D; since 6.6, until 7.0 */
	.anon_starts_active = false,          /* C.3; since 5.9 */
	.workingset_anon = true,              /* C.14; since 5.9 */
	.swappiness_max = 200,                /* C.8; since 5.8 */
	.cost_rule = COST_IO_ROTATED,         /* C.9; since 6.6, until 7.0 */
	.no_cache_trim_retry = true,          /* C.12; since 6.12 */
	.hopeless_until_balanced = false,     /* C.13; until 7.0 */
	.congestion_wait = false,             /* C.15.2; since 5.16 */
	.referenced_file_reclaimed = false,   /* C.11; until 7.0 */
	.zs_chain_size = 8,                   /* CONFIG_ZSMALLOC_CHAIN_SIZE; since 6.3 */
	.zram_bio = true,                     /* since 6.3 */
	.zswap = ZSWAP_ZSMALLOC,              /* CONFIG_ZSWAP_ZPOOL_DEFAULT; since 6.8 */
	.zswap_exclusive = true,              /* mm/zswap.c:zswap_load(); since 6.9 */
	.zswap_second_chance = true,          /* mm/zswap.c:shrink_memcg_cb(); since 6.12 */
	.file_never_written = false,          /* C.10; until 7.0 */
	.tags_wake_all = true,                /* lib/sbitmap.c; since 6.2. 6.12 with leak-swap-qd1 and its scheduler traced */
	.wp = WP_TAKE_OVER,                   /* mm/memory.c:do_wp_page(), PG_anon_exclusive; since 5.19 */
	.rss_cached = false,                  /* SPLIT_RSS_COUNTING; since 6.2 */
	.swapin_writable = true,              /* mm/memory.c:do_swap_page(); recordings of 6.12 and 7.2 have no pgreuse */

	/* Accounting and PSI (K.4) */
	.psi_full = PSI_FULL_NO_PRODUCTIVE,   /* I.2; since 5.15 */
	.psi_swapin_always_memstall = false,  /* I.1; since 5.15 */
	.delayacct = DELAYACCT_6_0,     /* kernel/delayacct.c */
	.overcommit_guess = 3,                /* F.3; since 5.2 */

	/* Memory cgroups that run out (K.4) */
	.memcg_oom_in_charge = true,          /* H.4; at the end of a fault from 3.12 to 4.18 */
	.memcg_dying_forced = false,          /* H.3; until 5.16, and 5.10.y and 5.15.y by back-port */
	.memcg_failed_forced = false,         /* H.3; 4.19 to 5.15, stable trees excepted */
	.fault_oom_kills = false,             /* G.12; until 5.16, and 5.10.y and 5.15.y by back-port */
	.memcg_move_charge = true,            /* H.1; until 6.13 */
	.memcg_flat = false,                  /* H.1; until 5.11 */
	.cgroup_kill = true,                  /* since 5.14 */

	/* Told, not acted on */
	.exiting_line = true,                 /* G.9 a; since 5.9 */
	.process_mrelease = true,             /* G.11; since 5.15 */
	.exit_skip = EXIT_SKIP_AFTER_UNMAP,   /* G.11; since 6.1 */
	.reaper_from_top = false,             /* G.11; until 7.0 */
	.one_oom_lock = true,                 /* B.8; since 4.0 */
	.lru_per_node = true,                 /* C.1; since 4.8 */
	.hopeless_scanned_6x = false,         /* C.13; since 4.12 */
	.min_reserve = true,                  /* A.8; since 6.1 */
	.wmark_scale_max = 3000,              /* A.4; since 5.15 */
	.wmark_movable = false,               /* A.4; since 6.12 */
	.lru_split = true,                    /* C.1; since 2.6.28 */
	.workingset_file = true,              /* C.14; since 3.15 */
	.balance = BALANCE_COST,              /* C.8, C.9; since 5.8 */
	.swap_zeromap = true,                 /* C.16; since 6.12 */
	.overcommit_reserves = true,          /* F.3; since 3.10 */
	.memcg_oom_group = true,              /* G.9; since 4.19 */
	.memcg_oom_group_event = true,        /* H.10; since 5.17 */
	.memcg_high_sleeps = true,            /* H.7; since 5.4 */
	.memcg_events_hierarchical = true,    /* H.10; since 5.2 */
	.memcg_retries = 16,                  /* H.3; since 5.8 */
	.memcg_recursiveprot = true,          /* H.5; since 5.7 */
	.memcg_swap_high = true,              /* H.6; since 5.8 */
	.memcg_batch = 64,                    /* H.1; since 6.0 */
	.memcg_v1 = false,                    /* H.12; optional since 6.11 */
	.psi = true,                          /* I; since 4.20 */
	.psi_min_window = false,              /* I.4; since 6.12 */
};
