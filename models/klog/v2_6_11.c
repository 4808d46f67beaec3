/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of Linux 2.6.11 to 2.6.15. Source: 2.6.11 mm/oom_kill.c, mm/page_alloc.c:show_free_areas(). */
#include "models/klog/lines.h"

const struct klog_format klog_v2_6_11 = {
	.info = {
		.name = "v2.6.11",
		.summary = "Linux 2.6.11 to 2.6.15",
		.source = "2.6.11 mm/oom_kill.c, mm/page_alloc.c:show_free_areas()",
	},
	.gfp = &klog_gfp_2_6,
	.invoked = INVOKED_2_6_11,
	.pcp_zone = PCP_ZONE_2_6_11,
	.pcp_cpu = PCP_CPU_2_6_11,
	.totals = TOTALS_2_6_11,
	.zone = ZONE_2_6_24,
	.zone_name = ZONE_NAME,
	.lowmem_zones = 3,
	.tail = TAIL_2_6_11,
	.killed = KILLED_2_6_11,
	.panic = PANIC_2_6_24,
};
