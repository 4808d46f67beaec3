/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 4.0 to 4.5. Source: 4.4.11 mm/oom_kill.c, mm/page_alloc.c; RHEL 7 prints the same memory lines. */
#include "models/klog/lines.h"

const struct klog_format klog_v4_4 = {
	.info = {
		.name = "v4.4",
		.summary = "Linux 4.0 to 4.5",
		.source = "4.4.11 mm/oom_kill.c, mm/page_alloc.c; RHEL 7 prints the same memory lines",
	},
	.gfp = &klog_gfp_4_4,
	.trace = &klog_trace_2_6,
	.invoked = INVOKED_3_10,
	.cpuset = CPUSET_2_6_30,
	.cpu = CPU_3_10,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.totals = TOTALS_4_4,
	.zone = ZONE_4_4,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 4,
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
	.table = TABLE_4_4,
	.task = TASK_4_4,
	.chosen = CHOSEN_2_6_36,
	.killed = KILLED_2_6_36,
	.panic = PANIC_2_6_36,
	.panic_end = PANIC_END_3_18,
};
