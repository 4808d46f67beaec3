/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel log of a run: what the scenario's kernel would have printed, each record stamped with the simulated time as
 * `[%5lu.%06lu] `. A record of several lines (the Mem-Info totals) is stamped once, as dmesg shows it. Kills by user-space
 * daemons leave nothing here, as on a real machine.
 */
#ifndef OOMSIM_SINK_KLOG_H
#define OOMSIM_SINK_KLOG_H

#include "sim/core/strbuf.h"
#include "sim/world/model.h"
#include "sim/world/record.h"

struct klog_memory {
	struct strbuf *out; /* borrowed */
	const struct klog_format *format;
	char release[SIM_NAME_LEN], hardware[128];
	unsigned page_shift; /* simulated pages are 4 KiB << page_shift */
	bool dumped;         /* the last report was printed, not rate limited: the kill has a constraint line */
	int cpu;             /* of the last report */
};

/* A recorder that appends the log to `out`. Both must stay where they are until the run is over. */
void klog_memory_init(struct klog_memory *k, struct strbuf *out);
struct recorder klog_memory_recorder(struct klog_memory *k);

#endif
