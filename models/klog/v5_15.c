/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of Linux 5.14 to 6.0.
 *
 * Source: 5.15.135 mm/oom_kill.c, mm/page_alloc.c; a report of 5.15. 5.17 drops the swap cache statistics and adds boost.
 */
#include "models/klog/lines.h"

const struct klog_format klog_v5_15 = {
	.info = {
		.name = "v5.15",
		.summary = "Linux 5.14 to 6.0",
		.source = "5.15.135 mm/oom_kill.c, mm/page_alloc.c; a report of 5.15. 5.17 drops the swap cache statistics and adds boost",
	},
	.gfp = &klog_gfp_5_15,
	.trace = &klog_trace_5_10,
	.invoked = INVOKED_5_0,
	.cpu = CPU_3_10,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.totals = TOTALS_5_15,
	.node = NODE_5_15,
	.zone = ZONE_5_15,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 5,
	.free_letters = FREE_LETTERS_4_4,
	.hugepages = HUGEPAGES_3_10,
	.tail = TAIL_3_10,
	.memcg_counter = MEMCG_COUNTER,
	.memcg_replaces = true,
	.memcg_stat = MEMCG_STAT_5_4,
	.memcg_stat_first = MEMCG_FIGURE_5_4,
	.memcg_stat_next = KLOG_CONT MEMCG_FIGURE_5_4,
	.table = TABLE_4_19,
	.task = TASK_4_19,
	.constraint_global = CONSTRAINT_5_0_GLOBAL,
	.constraint_memcg = CONSTRAINT_5_0_MEMCG,
	.killed = KILLED_5_4,
	.no_victim = NOBODY_4_19,
	.panic = PANIC_4_19,
	.panic_end = PANIC_END_4_17,
};
