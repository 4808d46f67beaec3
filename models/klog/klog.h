/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel log formats: the text that a kernel version prints around an OOM kill, byte for byte in form. One file a format,
 * named after the first version that has it.
 *
 * A format is given counts of pages of 4096 bytes, which is what the kernels modelled here have; where the simulated page is
 * larger, whoever calls scales the record first (sim/sink/klogscale.h).
 */
#ifndef OOMSIM_MODELS_KLOG_H
#define OOMSIM_MODELS_KLOG_H

#include "sim/core/strbuf.h"
#include "sim/world/model.h"
#include "sim/world/record.h"

/* Before a line that continues the record of the line above (an embedded newline of one printk), as the kernel's own
 * KERN_CONT: whoever stamps the lines leaves such a line without a stamp and removes the mark. */
#define KLOG_CONT "\001c"

extern const struct klog_format klog_v6_1;

/* A bit, or a set of bits, of the allocation flags and its name. */
struct gfp_name {
	uint32_t bits;
	const char *name;
};

/* Append "NAME|NAME|0xrest" by the kernel's rule (lib/vsprintf.c:format_flags(), specification G.13.1): each entry of the
 * table, in order, whose bits are all still there is printed and its bits are taken away; what is left is printed in hex. */
void klog_gfp_names(struct strbuf *out, uint32_t gfp, const struct gfp_name *names, size_t n);
/* Append a task's name as it may stand in a log line: control characters as \xNN, all else untouched. */
void klog_comm(struct strbuf *out, const char *comm);

#endif
