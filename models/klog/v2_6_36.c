/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log of Linux 2.6.36 to 3.4.
 *
 * Source: 2.6.36, 3.0.101 and 3.4.65 mm/oom_kill.c, mm/page_alloc.c; a report of 2.6.37.
 */
#include "models/klog/lines.h"

const struct klog_format klog_v2_6_36 = {
	.info = {
		.name = "v2.6.36",
		.summary = "Linux 2.6.36 to 3.4",
		.source = "2.6.36, 3.0.101 and 3.4.65 mm/oom_kill.c, mm/page_alloc.c; a report of 2.6.37",
	},
	.gfp = &klog_gfp_2_6,
	.trace = &klog_trace_2_6,
	.invoked = INVOKED_2_6_36,
	.cpuset = CPUSET_2_6_30,
	.cpu = CPU_2_6_24,
	.mem_info = "Mem-Info:\n",
	.pcp_zone = PCP_ZONE_2_6_11,
	.pcp_cpu = PCP_CPU_2_6_32,
	.totals = TOTALS_2_6_32,
	.zone = ZONE_2_6_32,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 4,
	.tail = TAIL_2_6_32,
	.memcg_task = MEMCG_TASK_2_6_32,
	.memcg_counter = MEMCG_COUNTER,
	.table = TABLE_2_6_36,
	.task = TASK_2_6_36,
	.chosen = CHOSEN_2_6_36,
	.killed = KILLED_2_6_36,
	.panic = PANIC_2_6_36,
};
