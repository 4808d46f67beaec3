/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for the numbers that records carry. All return static text, also for a number that is on no list. */
#ifndef OOMSIM_SINK_NAMES_H
#define OOMSIM_SINK_NAMES_H

#include <stdint.h>

/* What the kernel says when it panics: "System is deadlocked on memory" and so on. */
const char *panic_reason_name(int reason);
const char *run_end_text(int end);
/* By enum step_op: what a scenario calls the step, "leak" and so on. */
const char *step_name(int64_t op);
/* By index in SYSCTL_MAP, with the "vm." prefix. */
const char *sysctl_name(int64_t index);

#endif
