/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a recording of a real kernel: a directory with meta.json, timeline.tsv (one row a sample; columns that never
 * changed are in meta.json under "constant") and events.tsv (starts, phase reports, exits, the kernel's OOM lines).
 */
#ifndef OOMSIM_GUEST_RECORDING_H
#define OOMSIM_GUEST_RECORDING_H

#include "sim/guest/outcome.h"

#define RECORDING_WHY 4400

/* Fill *ret from the recording in `dir`. False, and `why` says it, when it cannot be read. Free with outcome_free() in any case. */
bool kernel_recording_read(const char *dir, struct outcome *ret, char why[RECORDING_WHY]);

#endif
