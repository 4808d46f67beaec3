/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the OOM killer tells the recorder, and the reaper's queue. */
#ifndef OOMSIM_MM_OOM_REPORT_H
#define OOMSIM_MM_OOM_REPORT_H

#include "sim/mm/oom.h"

struct mm;

/* dump_header(): memory, candidates and the decision, as a record. panic: -1 or enum panic_reason. Rate limited to 10 in 5 s as
 * the kernel's oom_rs. Charges t the time to print it. */
void oom_emit_report(struct world *w, struct task *t, const struct oom_control *oc, const char *message, int panic);
/* The "Killed process" line, as a record. */
void oom_emit_kill(struct world *w, struct task *t, const struct oom_control *oc, const struct process *p, const char *message,
		   const char *group);
uint64_t oom_free_pages(const struct world *w);

/* oom_reaper.c: hand the victim's memory to the reaper, at most once for each mm (queue_oom_reaper). */
void oom_queue_reap(struct world *w, struct mm *mm, struct process *victim);

#endif
