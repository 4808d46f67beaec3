/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a recording of a real kernel: a directory with meta.json, timeline.tsv (one row a sample; columns that never
 * changed are in meta.json under "constant") and events.tsv (starts, phase reports, exits, the kernel's OOM lines).
 */
#ifndef OOMSIM_TESTS_RECORDED_RECORDING_H
#define OOMSIM_TESTS_RECORDED_RECORDING_H

#include "outcome.h"

/* Fill *ret from the recording in `dir`. False, with a message on stderr, when it cannot be read. Free with outcome_free(). */
bool recording_read(const char *dir, struct outcome *ret);

#endif
