/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a recording of a real kernel: a directory with meta.json, timeline.tsv (one row a sample; columns that never
 * changed are in meta.json under "constant") and events.tsv (starts, phase reports, exits, the kernel's OOM lines).
 */
#ifndef OOMSIM_CALIBRATE_RECORDING_H
#define OOMSIM_CALIBRATE_RECORDING_H

#include "sim/calibrate/outcome.h"
#include "sim/core/diag.h"

/* Fill *ret from the recording in `dir`. SIM_OK; SIM_EIO (unreadable), SIM_EINPUT or SIM_ENOMEM, with the reason appended to dl. Free
 * with outcome_free() in any case. */
int recording_read(const char *dir, struct outcome *ret, struct diag_list *dl);

#endif
