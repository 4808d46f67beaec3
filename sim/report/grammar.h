/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of OOM reports, 2.6.11 to 7.3: telling them apart, and putting what they say into a report. Texts are messages
 * without their prefixes. */
#ifndef OOMSIM_REPORT_GRAMMAR_H
#define OOMSIM_REPORT_GRAMMAR_H

#include "sim/report/report.h"

enum oom_line {
	LINE_OTHER,
	/* how a report begins */
	LINE_INVOKED, /* "X invoked oom-killer: ...", or 2.6.11's "oom-killer: gfp_mask=" */
	LINE_CPU,     /* "CPU: 0 PID: 1 Comm: X Not tainted 6.1.0", "Pid: 1, comm: X Not tainted 2.6.32" */
	LINE_CPUSET,  /* "X cpuset=/ mems_allowed=0" */
	LINE_FAULT,   /* a stack frame of pagefault_out_of_memory() */
	/* memory */
	LINE_MEMINFO,  /* "Mem-Info:" */
	LINE_COUNTERS, /* "active_anon:29 inactive_anon:47623 ..." and its continuations */
	LINE_NODE,
	LINE_ZONE,
	LINE_RESERVE, /* "lowmem_reserve[]:" */
	LINE_BUDDY,
	LINE_HUGEPAGES,
	LINE_SUMMARY, /* "1105 total pagecache pages", "Total swap = 131068kB" ... */
	LINE_SLABS,
	/* memory cgroups */
	LINE_MEMCG_TASK,
	LINE_MEMCG_COUNTER,
	LINE_MEMCG_STATS,
	LINE_MEMCG_STAT, /* "anon 66723840" */
	/* the task table */
	LINE_TASKS_STATE,
	LINE_HEADER,
	LINE_ROW,
	LINE_ELIDED,
	/* the end */
	LINE_CONSTRAINT,
	LINE_CHOSEN, /* "Kill process N (X) score S or sacrifice child" */
	LINE_KILLED,
	LINE_GROUP,
	LINE_EXITING,
	LINE_WOULD, /* a patched kernel's "would have killed" */
	LINE_REAPED,
	LINE_PINNED,
	LINE_SUPPRESSED,
	LINE_PANIC,
	/* what else in a log helps */
	LINE_BOOT,   /* "Linux version 6.1.0 ..." */
	LINE_SWAPON, /* "Adding 131068k swap on /dev/sda2." */
};

enum oom_line line_kind(const char *m, size_t n);

/* Put a line into the report. False: it looks cut in the middle (a wrapped line), and the rest may follow. */
bool line_apply(enum oom_line kind, struct oom_report *r, const char *m, size_t n);

/* Past "oom_kill: " and the like, which some kernels put in front (pr_fmt). */
void line_skip_module(const char **m, size_t *n);

/* The parts of line_apply(). */
bool parse_invoked(struct oom_report *r, const char *m, size_t n);
bool parse_cpu(struct oom_report *r, const char *m, size_t n);
bool parse_cpuset(struct oom_report *r, const char *m, size_t n);
void parse_counters(struct oom_report *r, const char *m, size_t n);
void parse_node(struct oom_report *r, const char *m, size_t n);
void parse_zone(struct oom_report *r, const char *m, size_t n);
void parse_reserve(struct oom_report *r, const char *m, size_t n);
void parse_buddy(struct oom_report *r, const char *m, size_t n);
void parse_hugepages(struct oom_report *r, const char *m, size_t n);
void parse_summary(struct oom_report *r, const char *m, size_t n);
void parse_memcg_task(struct oom_report *r, const char *m, size_t n);
void parse_memcg_counter(struct oom_report *r, const char *m, size_t n);
void parse_memcg_stats(struct oom_report *r, const char *m, size_t n);
void parse_memcg_stat(struct oom_report *r, const char *m, size_t n);
bool parse_header(struct oom_report *r, const char *m, size_t n);
bool parse_row(struct oom_report *r, const char *m, size_t n);
bool parse_constraint(struct oom_report *r, const char *m, size_t n);
bool parse_chosen(struct oom_report *r, const char *m, size_t n);
/* A "Killed process" line into *ret; false if it is cut. *ret_by says which kind of kill the words in front tell. */
bool parse_killed(const char *m, size_t n, struct oom_victim *ret, enum oom_killed_by *ret_by, bool *ret_comma_uid);
bool parse_reaped(const char *m, size_t n, struct oom_victim *ret);
void parse_panic(struct oom_report *r, const char *m, size_t n);

#endif
