/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where time goes: delay accounting by task (struct taskstats; kernel/delayacct.c) and, beyond what a kernel tells, time
 * spent in page faults and in getting evicted memory back. Counting alone: nothing here passes time or decides anything.
 *
 * Source: include/uapi/linux/taskstats.h, kernel/delayacct.c, mm/memory.c:do_swap_page() and mm/page_io.c:swap_readpage() of
 * 5.10 and 6.1. Which kernel has which counter is the kernel model's `delayacct`.
 * Leaves out: compaction (nothing here asks for more than a page at a time) and the interrupt time of 6.4 and later.
 */
#ifndef OOMSIM_PROC_ACCT_H
#define OOMSIM_PROC_ACCT_H

#include "sim/proc/task.h"

/* t was delayed by `why` for ns; nothing happens if its kernel does not count that. */
void delay_add(struct world *w, struct task *t, enum delay why, sim_ns ns);
/* The last delay of that kind went on for ns. */
void delay_more(struct world *w, struct task *t, enum delay why, sim_ns ns);
/* Its CPU time, in user mode or in the kernel: its own and the machine's /proc/stat. */
void acct_user(struct world *w, struct task *t, sim_ns ns);
void acct_system(struct world *w, struct task *t, sim_ns ns);
/* t is woken from io_schedule(): block I/O, or swapping in where kernels keep that apart (until 5.16). */
void acct_iowait_end(struct world *w, struct task *t);

/* A stretch of t's life that may turn out to be spent on memory it once had. Begin, then end: fault says that it is a page
 * fault, refault that what it was about had been evicted. They do not nest; an inner one counts for nothing. */
struct acct_span {
	sim_ns start, cpu;
	bool outer;
};
struct acct_span acct_begin(const struct world *w, struct task *t);
void acct_end(struct world *w, struct task *t, const struct acct_span *s, bool fault, bool refault);

/* /proc/stat's first line as of now, ns of all CPUs. */
void acct_cpu(const struct world *w, sim_ns ret[CPU_STAT_COUNT]);

#endif
