/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of Linux 3.5 to 3.19.
 *
 * Source: 3.10.17 and 3.18.48 mm/oom_kill.c, mm/page_alloc.c; reports of 3.13 and 3.16.
 */
#include "models/klog/lines.h"

const struct klog_format klog_v3_10 = {
	.info = {
		.name = "v3.10",
		.summary = "Linux 3.5 to 3.19",
		.source = "3.10.17 and 3.18.48 mm/oom_kill.c, mm/page_alloc.c; reports of 3.13 and 3.16",
	},
	.gfp = &klog_gfp_2_6,
	.trace = &klog_trace_2_6,
	.invoked = INVOKED_3_10,
	.cpuset = CPUSET_2_6_30,
	.cpu = CPU_3_10,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.pcp_zone = PCP_ZONE_2_6_11,
	.pcp_cpu = PCP_CPU_2_6_32,
	.totals = TOTALS_3_10,
	.zone = ZONE_3_10,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 4,
	.free_letters = FREE_LETTERS_3_10,
	.hugepages = HUGEPAGES_3_10,
	.tail = TAIL_3_10,
	.memcg_task = MEMCG_TASK_2_6_32,
	.memcg_counter = MEMCG_COUNTER,
	.memcg_replaces = true,
	.memcg_stat = MEMCG_STAT_3_10,
	.memcg_stat_first = MEMCG_FIGURE_3_10,
	.memcg_stat_next = MEMCG_FIGURE_3_10,
	.memcg_stat_end = "\n",
	.table = TABLE_3_10,
	.task = TASK_3_10,
	.chosen = CHOSEN_2_6_36,
	.killed = KILLED_2_6_36,
	.panic = PANIC_2_6_36,
	.panic_end = PANIC_END_3_18,
};
