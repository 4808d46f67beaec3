/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linux 6.1 as Debian 12 builds it (6.1.176, HZ 250, CONFIG_LRU_GEN without CONFIG_LRU_GEN_ENABLED: the classic LRU).
 *
 * Source:      tree of Debian's 6.1; every value names the row of the specification's section K or its own section.
 * Leaves out:  the other LRU algorithm, which `echo y > /sys/kernel/mm/lru_gen/enabled` switches on.
 */
#include "models/badness/badness.h"
#include "models/kernel/kernel.h"
#include "models/klog/klog.h"

const struct kernel_model kernel_k6_1 = {
	.info = {
		.name = "k6.1",
		.summary = "Linux 6.1 LTS (Debian 12): two-list LRU, reaper after 2 s, no child sacrifice, last of equals is killed",
		.source = "Linux 6.1.176 as packaged by Debian: mm/, kernel/sched/psi.c",
	},
	.release = "6.1.0-50-cloud-amd64",
	.badness = &badness_v5_10,
	.klog = &klog_v6_1,
	.lru = LRU_CLASSIC,              /* D.1 */
	.min_free_cap_kB = 262144,       /* A.2; K.2 wmark.min_cap, 5.8 */
	.wmark_scale = true,             /* A.4; 4.6 */
	.wmark_boost = true,             /* A.6; 5.0 */
	.pcp_batch_div = 1024,           /* A.7; 4.19..6.6 */
	.pcp_batch_max = 256,
	.pcp_high_from_low = true,       /* A.7; 5.15 */
	.max_reclaim_retries = 16,       /* B.5 MAX_RECLAIM_RETRIES */
	.retry_discount = false,         /* K.2; gone in 4.14 */
	.dirty_wait_in_retry = false,    /* B.5.1; gone in 5.16 */
	.anon_starts_active = false,     /* K.3 anon.start; 5.9 */
	.workingset_anon = true,         /* K.3 workingset; 5.9 */
	.psi_full = PSI_FULL_NO_PRODUCTIVE, /* I.2; 5.15 */
	.psi_swapin_always_memstall = false, /* I.1 */
	.swappiness_max = 200,           /* K.3; 5.8 */
	.reaper = true,                  /* G.11; 4.6 */
	.reaper_delay = 2 * NS_PER_SEC,  /* G.11; 5.18 */
	.reaper_mlocked = true,          /* G.11; 5.18 */
	.victim_half_min = true,         /* A.9; 4.14 */
	.sleep_after_kill = 0,           /* G.2; gone in 4.19 */
	.child_sacrifice = false,        /* G.9; gone in 5.1 */
	.anon_exclusive = true,          /* mm/memory.c:do_wp_page(); 5.19 */
	.rss_cached = true,              /* SPLIT_RSS_COUNTING; gone in 6.2 */
	.overcommit_guess = 3,           /* F.3; 5.2 */
};
