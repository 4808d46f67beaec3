/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An OOM report in pages of 4 KiB, as kernels print it, made from one of a machine simulated with larger pages. */
#ifndef OOMSIM_SINK_KLOGSCALE_H
#define OOMSIM_SINK_KLOGSCALE_H

#include "sim/world/record.h"

struct klog_scaled {
	struct rec_oom_report r; /* the tables it points to are ours */
	struct rec_oom_node *node;
	struct rec_oom_zone *zone;
	struct rec_oom_task *task;
};

/* Scale all page counts by 2^shift; free blocks move up by `shift` orders. SIM_OK or SIM_ENOMEM. */
int klog_scale(struct klog_scaled *ret, const struct rec_oom_report *r, unsigned shift);
void klog_scale_free(struct klog_scaled *s);

#endif
