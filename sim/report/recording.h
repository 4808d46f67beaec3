/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A recording of a live host: the texts of /proc and cgroupfs as they were, one snapshot after another.
 *
 *	oomsim-record 1
 *	kernel 6.1.0-50-amd64
 *	page_size 4096
 *	snapshot 0 0.000000000        number, seconds since the first
 *	file meminfo 1443             name below /proc (or below /sys/fs, for cgroup/...), bytes
 *	MemTotal: ...                 exactly so many bytes, then a newline
 *	process 1                     its files follow: 1/stat, 1/status, 1/oom_score_adj, 1/oom_score, 1/cgroup
 *	file 1/stat 170
 *	...
 *	end 0                         of snapshot 0
 *
 * Lines with an unknown first word are skipped, so that later versions may add to it.
 */
#ifndef OOMSIM_REPORT_RECORDING_H
#define OOMSIM_REPORT_RECORDING_H

#include "sim/report/procfs.h"

#define RECORDING_MAGIC "oomsim-record 1\n"

/* The head of a recording. */
int recording_begin(struct strbuf *b);
/* One snapshot of the host at procdir and cgroupdir ("/proc", "/sys/fs/cgroup"). SIM_OK, SIM_EIO or SIM_ENOMEM. */
int recording_snapshot(struct strbuf *b, const char *procdir, const char *cgroupdir, unsigned number, sim_ns t);

/* What is understood of a snapshot. */
struct snapshot {
	struct proc_host host;
	unsigned number;
	struct proc_process *process;
	size_t n, cap;
	struct oom_u64 slab_reclaimable_kB, slab_unreclaimable_kB, kernel_stack_kB, pagetables_kB, swap_free_kB,
		unevictable_kB, available_kB;
	struct oom_u64 swappiness, overcommit_memory;
};

/* The last whole snapshot of a recording. SIM_OK, SIM_EINPUT (*ret_line: where, *ret_why: static text) or SIM_ENOMEM. */
int recording_last(const char *text, size_t n, struct snapshot *ret, unsigned long *ret_line, const char **ret_why);
void snapshot_free(struct snapshot *s);

#endif
