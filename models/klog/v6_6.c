/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 6.6 and 6.7. Source: 6.6.42 mm/oom_kill.c, mm/show_mem.c; a report of 6.6. */
#include "models/klog/lines.h"

const struct klog_format klog_v6_6 = {
	.info = {
		.name = "v6.6",
		.summary = "Linux 6.6 and 6.7",
		.source = "6.6.42 mm/oom_kill.c, mm/show_mem.c; a report of 6.6",
	},
	.gfp = &klog_gfp_6_12,
	.trace = &klog_trace_6_1,
	.invoked = INVOKED_5_0,
	.cpu = CPU_3_10,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.totals = TOTALS_6_1,
	.node = NODE_6_6,
	.zone = ZONE_6_1,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 5,
	.free_letters = FREE_LETTERS_4_4,
	.hugepages = HUGEPAGES_3_10,
	.tail = TAIL_6_1,
	.memcg_counter = MEMCG_COUNTER,
	.memcg_replaces = true,
	.memcg_stat = MEMCG_STAT_5_4,
	.memcg_stat_first = MEMCG_FIGURE_5_4,
	.memcg_stat_next = MEMCG_FIGURE_5_4,
	.table = TABLE_4_19,
	.task = TASK_4_19,
	.constraint_global = CONSTRAINT_5_0_GLOBAL,
	.constraint_memcg = CONSTRAINT_5_0_MEMCG,
	.killed = KILLED_5_4,
	.no_victim = NOBODY_4_19,
	.panic = PANIC_4_19,
	.panic_end = PANIC_END_4_17,
};
