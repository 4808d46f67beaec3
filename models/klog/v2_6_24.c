/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 2.6.17 to 2.6.25. Source: 2.6.24 mm/oom_kill.c, mm/page_alloc.c, arch/x86/mm:show_mem(). */
#include "models/klog/lines.h"

const struct klog_format klog_v2_6_24 = {
	.info = {
		.name = "v2.6.24",
		.summary = "Linux 2.6.17 to 2.6.25",
		.source = "2.6.24 mm/oom_kill.c, mm/page_alloc.c, arch/x86/mm:show_mem()",
	},
	.gfp = &klog_gfp_2_6,
	.trace = &klog_trace_2_6,
	.invoked = INVOKED_2_6_24,
	.cpu = CPU_2_6_24,
	.mem_info = "Mem-info:\n",
	.pcp_zone = PCP_ZONE_2_6_11,
	.pcp_cpu = PCP_CPU_2_6_24,
	.totals = TOTALS_2_6_24,
	.zone = ZONE_2_6_24,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 4,
	.tail = TAIL_2_6_24,
	.chosen = CHOSEN_2_6_24,
	.killed = KILLED_2_6_24,
	.panic = PANIC_2_6_24,
};
