/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 7.0 to 7.2. Source: recordings of Debian 7.2.12; 7.3.4 mm/show_mem.c. */
#include "models/klog/lines.h"

const struct klog_format klog_v7_2 = {
	.info = {
		.name = "v7.2",
		.summary = "Linux 7.0 to 7.2",
		.source = "recordings of Debian 7.2.12; 7.3.4 mm/show_mem.c",
	},
	.gfp = &klog_gfp_7_2,
	.trace = &klog_trace_6_12,
	.invoked = INVOKED_5_0,
	.cpu = CPU_7_2,
	.hardware = HARDWARE_3_10,
	.mem_info = "Mem-Info:\n",
	.totals = TOTALS_6_1,
	.node = NODE_7_2,
	.zone = ZONE_7_2,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 5,
	.free_letters = FREE_LETTERS_4_4,
	.hugepages = HUGEPAGES_3_10,
	.tail = TAIL_6_1 TAIL_CMA TAIL_POISON,
	.memcg_counter = MEMCG_COUNTER,
	.memcg_replaces = true,
	.memcg_stat = MEMCG_STAT_5_4,
	.memcg_stat_first = MEMCG_FIGURE_5_4,
	.memcg_stat_next = MEMCG_FIGURE_5_4,
	.protection = PROTECTION_7_2,
	.table = TABLE_6_8,
	.task = TASK_6_8,
	.constraint_global = CONSTRAINT_5_0_GLOBAL,
	.constraint_memcg = CONSTRAINT_5_0_MEMCG,
	.killed = KILLED_5_4,
	.no_victim = NOBODY_4_19,
	.panic = PANIC_4_19,
	.panic_end = PANIC_END_4_17,
};
