/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One OOM report of a real kernel, as read from a log. Every field is what the text said, in the unit of its name; what the
 * text did not say is marked absent, never guessed (guessing, and saying so, is the explanation's business).
 */
#ifndef OOMSIM_REPORT_REPORT_H
#define OOMSIM_REPORT_REPORT_H

#include "sim/core/units.h"

#define OOM_COMM_LEN  64 /* 15 in the kernel; room for escapes that a log put in, and for patched kernels */
#define OOM_PATH_LEN  1024
#define OOM_TASKS_MAX (1u << 18)
#define OOM_ZONES_MAX 1024u
#define OOM_ORDERS    16 /* buddy orders: 11 on most machines, 13 and more on powerpc and arm64 */
#define OOM_RESERVES  8

/* Columns of the task table. The header names them; a table's format is the set of its columns. */
#define OOM_COLUMN_MAP(X)                                                                                              \
	X(UID, "uid")                                                                                                  \
	X(TGID, "tgid")                                                                                                \
	X(TOTAL_VM, "total_vm")                                                                                        \
	X(RSS, "rss")                                                                                                  \
	X(RSS_ANON, "rss_anon")                                                                                        \
	X(RSS_FILE, "rss_file")                                                                                        \
	X(RSS_SHMEM, "rss_shmem")                                                                                      \
	X(CPU, "cpu")                                                                                                  \
	X(OOM_ADJ, "oom_adj")                                                                                          \
	X(NR_PTES, "nr_ptes")                                                                                          \
	X(NR_PMDS, "nr_pmds")                                                                                          \
	X(NR_PUDS, "nr_puds")                                                                                          \
	X(PGTABLES_BYTES, "pgtables_bytes")                                                                            \
	X(SWAPENTS, "swapents")                                                                                        \
	X(OOM_SCORE_ADJ, "oom_score_adj")

enum oom_column {
#define X(id, name) OOM_COL_##id,
	OOM_COLUMN_MAP(X)
#undef X
		OOM_COLUMNS
};

/* Families of reports, named after what tells their task tables apart. */
enum oom_format {
	OOM_FORMAT_NONE,          /* no table seen */
	OOM_FORMAT_OOM_ADJ,       /* "cpu oom_adj": 2.6.24 (patched) .. 2.6.35 */
	OOM_FORMAT_OOM_SCORE_ADJ, /* "cpu oom_adj oom_score_adj": 2.6.36 .. 3.4 and RHEL 6 */
	OOM_FORMAT_NR_PTES,       /* 3.5 .. 3.19 and RHEL 7 */
	OOM_FORMAT_NR_PMDS,       /* 4.0 .. 4.14 */
	OOM_FORMAT_PGTABLES,      /* "pgtables_bytes": 4.15 .. 6.7 */
	OOM_FORMAT_RSS_ANON,      /* "rss_anon rss_file rss_shmem": 6.8 and later */
};

const char *oom_format_name(enum oom_format f);
const char *oom_column_name(unsigned column);

struct oom_table_task {
	int pid;
	unsigned line;
	int64_t v[OOM_COLUMNS]; /* by column; only those of oom_report.columns mean anything */
	char comm[OOM_COMM_LEN];
	bool killed_before; /* an earlier report of the same log killed it */
};

struct oom_zone {
	int node; /* -1: not printed (no NUMA) */
	char name[16];
	bool has_marks, has_buddy;
	uint64_t free_kB, min_kB, low_kB, high_kB, boost_kB, present_kB, managed_kB, reserved_highatomic_kB,
		free_cma_kB;
	uint64_t active_file_kB, inactive_file_kB, active_anon_kB, inactive_anon_kB;
	bool has_present, has_managed;
	bool has_unreclaimable, all_unreclaimable; /* <= 4.7 prints it for each zone */
	int nreserve;
	uint64_t reserve_pages[OOM_RESERVES];
	uint64_t nr_free[OOM_ORDERS]; /* free blocks of each order */
	uint16_t
		types[OOM_ORDERS]; /* enum oom_block_type bits that the line named; 0: the kernel does not print them */
};

enum oom_block_type {
	OOM_BLOCK_U = 1,
	OOM_BLOCK_M = 2,
	OOM_BLOCK_E = 4,
	OOM_BLOCK_H = 8,
	OOM_BLOCK_C = 16,
	OOM_BLOCK_I = 32
};

/* The counters of Mem-Info, pages. */
#define OOM_MEMINFO_MAP(X)                                                                                             \
	X(active_anon)                                                                                                 \
	X(inactive_anon)                                                                                               \
	X(isolated_anon)                                                                                               \
	X(active_file)                                                                                                 \
	X(inactive_file)                                                                                               \
	X(isolated_file)                                                                                               \
	X(unevictable)                                                                                                 \
	X(dirty)                                                                                                       \
	X(writeback)                                                                                                   \
	X(unstable)                                                                                                    \
	X(slab_reclaimable)                                                                                            \
	X(slab_unreclaimable)                                                                                          \
	X(slab)                                                                                                        \
	X(mapped)                                                                                                      \
	X(shmem)                                                                                                       \
	X(pagetables)                                                                                                  \
	X(sec_pagetables)                                                                                              \
	X(bounce)                                                                                                      \
	X(kernel_misc_reclaimable)                                                                                     \
	X(free)                                                                                                        \
	X(free_pcp)                                                                                                    \
	X(free_cma)                                                                                                    \
	X(active)                                                                                                      \
	X(inactive)

enum oom_meminfo_field {
#define X(name) OOM_MI_##name,
	OOM_MEMINFO_MAP(X)
#undef X
		OOM_MI_COUNT
};

enum oom_constraint {
	OOM_CONSTRAINT_UNKNOWN,
	OOM_CONSTRAINT_NONE,
	OOM_CONSTRAINT_CPUSET,
	OOM_CONSTRAINT_MEMORY_POLICY,
	OOM_CONSTRAINT_MEMCG
};

const char *oom_constraint_name(enum oom_constraint c); /* "CONSTRAINT_NONE" ...; NULL if unknown */

/* A number that the text may not have had. */
struct oom_u64 {
	bool has;
	uint64_t v;
};

/* A counter of a memory cgroup: "usage NkB, limit NkB, failcnt N". */
struct oom_counter {
	bool has;
	uint64_t usage_kB, limit_kB, failcnt;
};

enum oom_killed_by {
	OOM_BY_UNKNOWN,
	OOM_BY_GLOBAL,
	OOM_BY_MEMCG,
	OOM_BY_ALLOCATING_TASK,
	OOM_BY_MPOL_BIND,
	OOM_BY_CPUSET
};

/* A process named by a kill line. */
struct oom_victim {
	bool has;
	int pid;
	char comm[OOM_COMM_LEN];
	struct oom_u64 total_vm_kB, anon_rss_kB, file_rss_kB, shmem_rss_kB, pgtables_kB, uid;
	bool has_adj;
	int oom_score_adj;
};

enum oom_panic { OOM_PANIC_NO, OOM_PANIC_ON_OOM, OOM_PANIC_COMPULSORY, OOM_PANIC_NO_KILLABLE };

struct oom_version {
	int major, minor, patch; /* major 0: not known */
	int el;                  /* Red Hat Enterprise Linux 6, 7, 8 ...; 0: something else */
	bool ubuntu;
};

struct oom_report {
	unsigned long line, last_line; /* in the input, from 1 */
	unsigned long rows_dropped;    /* table rows beyond OOM_TASKS_MAX */
	struct oom_u64 stamp_us;       /* the kernel's own time of the first line */

	char release[128];      /* uname -r; "" if the text does not tell */
	bool release_from_boot; /* taken from an earlier "Linux version" line */
	struct oom_version version;

	bool has_header; /* the "invoked oom-killer" line */
	char trigger_comm[OOM_COMM_LEN];
	struct oom_u64 trigger_pid;
	uint64_t gfp_mask;
	char gfp_names[256];
	int order;
	bool has_order, has_trigger_adj, has_trigger_oom_adj;
	int trigger_adj;
	char nodemask[128]; /* as printed; "" if not */
	char cpuset[OOM_PATH_LEN], mems_allowed[128];
	bool page_fault;     /* the stack goes through pagefault_out_of_memory() */
	bool old_invoked;    /* "oom-killer: gfp_mask=" of 2.6.11 */
	bool has_oomkilladj; /* 2.6.24 */

	bool has_meminfo;
	struct oom_u64 mi[OOM_MI_COUNT];
	struct oom_zone *zone;
	size_t nzone;
	bool has_node_lines; /* >= 4.8 */
	unsigned node_unreclaimable, nnode;
	int max_node; /* the largest node number seen in any line */
	struct oom_u64 pagecache_pages, swapcache_pages, swap_free_kB, swap_total_kB;
	struct oom_u64 ram_pages, highmem_pages, reserved_pages, hwpoisoned_pages;
	struct oom_u64 hugepages_kB; /* sum over nodes and sizes */
	bool has_swap_stats;         /* <= 5.15 */
	bool has_slab_table;

	struct oom_counter memory, memsw, swap, kmem;
	char memcg[OOM_PATH_LEN]; /* the cgroup whose limit was hit; "" if not told */
	char task_memcg[OOM_PATH_LEN];
	struct oom_u64 stat_anon, stat_file, stat_shmem, stat_slab, stat_kernel, stat_swap; /* bytes */

	enum oom_format format;
	uint32_t columns;   /* bits of enum oom_column */
	uint8_t layout[24]; /* columns in the order of the header; OOM_COLUMNS for one that is not ours */
	unsigned nlayout;
	bool has_table, has_tasks_state;
	bool guessed_columns; /* the header line is missing */
	bool elided;          /* lines such as "[...]" stand in place of rows */
	struct oom_table_task *task;
	size_t ntask, task_cap;
	unsigned bad_rows; /* rows that did not fit their header */

	bool has_constraint_line;
	enum oom_constraint constraint; /* as printed by the oom-kill: line */
	bool global_oom;
	struct oom_victim named; /* task=, pid=, uid= of the oom-kill: line */

	struct oom_victim chosen; /* "Kill process N (comm) score S or sacrifice child" */
	struct oom_u64 score;
	bool or_a_child; /* the wording of 2.6.24 .. 2.6.35 */
	enum oom_killed_by by;
	bool kill_prefixed; /* "Out of memory: Killed process": >= 5.1 */
	struct oom_victim killed;
	bool killed_comma_uid;        /* "Killed process N, UID U, (comm)": RHEL 6 */
	struct oom_victim exiting;    /* "OOM victim N (comm) is already exiting" */
	struct oom_victim reaped;     /* first "oom_reaper: reaped process" after it */
	struct oom_victim would_have; /* a patched kernel that kills nobody */
	char group[OOM_PATH_LEN];     /* memory.oom.group of this cgroup took more with it */
	unsigned group_kills;
	struct oom_u64 suppressed;   /* "N callbacks suppressed" */
	struct oom_victim pinned_by; /* "oom killer N (comm) has mm pinned by M (comm)" */

	enum oom_panic panic;
	bool killed_in_log;               /* something of this report's tasks was killed earlier in the log */
	struct oom_u64 log_swap_total_kB; /* swap added, or printed by another report, earlier in the log */

	uint64_t page_kB; /* derived from the text; 4 if nothing tells */
	bool page_known;
};

void oom_report_init(struct oom_report *r);
void oom_report_free(struct oom_report *r); /* what it owns, not *r */

static inline bool oom_has_column(const struct oom_report *r, enum oom_column c)
{
	return r->columns >> c & 1;
}

/* The process that died, as far as the text tells: killed, else named by the oom-kill: line, else reaped. NULL: nobody is. */
const struct oom_victim *oom_report_actual(const struct oom_report *r);
/* The row of a thread or process, or -1. */
long oom_report_find(const struct oom_report *r, int pid);
/* Version numbers out of `uname -r`. */
struct oom_version oom_version_parse(const char *release);

#endif
