/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a recording of a real kernel: a directory with meta.json, timeline.tsv (one row a sample; columns that never
 * changed are in meta.json under "constant"), events.tsv (starts, phase reports, exits, the kernel's OOM lines) and procs.tsv
 * (CPU time).
 */
#ifndef OOMSIM_GUEST_RECORDING_H
#define OOMSIM_GUEST_RECORDING_H

#include "sim/core/diag.h"
#include "sim/guest/outcome.h"

#define RECORDING_WHY 4400

/* Fill *ret from the recording in `dir`. SIM_OK; SIM_EIO (unreadable), SIM_EINPUT or SIM_ENOMEM, with the reason appended to dl. Free
 * with outcome_free() in any case. */
int recording_read(const char *dir, struct outcome *ret, struct diag_list *dl);
/* The same for those who want a line of text: false, and `why` says it, when it cannot be read. */
bool kernel_recording_read(const char *dir, struct outcome *ret, char why[RECORDING_WHY]);

#endif
