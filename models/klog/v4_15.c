/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 4.15 to 4.18. Source: 4.15.18 mm/oom_kill.c, mm/page_alloc.c; a report of 4.17. */
#include "models/klog/lines.h"

const struct klog_format klog_v4_15 = {
	.info = {
		.name = "v4.15",
		.summary = "Linux 4.15 to 4.18",
		.source = "4.15.18 mm/oom_kill.c, mm/page_alloc.c; a report of 4.17",
	},
	.gfp = &klog_gfp_4_15,
	.trace = &klog_trace_4_14,
	.invoked = INVOKED_4_15,
	.cpuset = CPUSET_2_6_30,
	.cpu = CPU_3_10,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.totals = TOTALS_4_4,
	.node = NODE_4_14,
	.zone = ZONE_4_14,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 5,
	.free_letters = FREE_LETTERS_4_4,
	.hugepages = HUGEPAGES_3_10,
	.tail = TAIL_3_10,
	.memcg_task = MEMCG_TASK_2_6_32,
	.memcg_counter = MEMCG_COUNTER,
	.memcg_replaces = true,
	.memcg_stat = MEMCG_STAT_3_10,
	.memcg_stat_first = MEMCG_FIGURE_3_10,
	.memcg_stat_next = MEMCG_FIGURE_3_10,
	.memcg_stat_end = "\n",
	.table = TABLE_4_15,
	.task = TASK_4_15,
	.chosen = CHOSEN_2_6_36,
	.killed = KILLED_4_9,
	.panic = PANIC_2_6_36,
	.panic_end = PANIC_END_4_17,
};
