/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What /proc tells of live processes, as far as badness asks for it. The text of the files is read by one function and
 * understood by others, so that a recording can stand in for the live host.
 */
#ifndef OOMSIM_REPORT_PROCFS_H
#define OOMSIM_REPORT_PROCFS_H

#include "sim/core/strbuf.h"
#include "sim/report/report.h"

struct proc_host {
	uint64_t ram_pages, swap_pages; /* MemTotal, SwapTotal */
	uint64_t page_size;
	char release[128];
	bool init_pid_ns; /* pid 1 of this /proc is the machine's init */
};

struct proc_process {
	int pid, ppid;
	char comm[OOM_COMM_LEN];
	char state;
	unsigned threads;
	bool kthread, has_mm, in_vfork;
	uint64_t start_ticks;                             /* tells a pid from its later reuse */
	uint64_t total_vm, rss, swapents, pgtables_bytes; /* pages, but for the last */
	uint64_t pmd_bytes;                               /* VmPMD, a part of pgtables_bytes; up to 4.14 */
	uint64_t rss_anon, rss_file, rss_shmem;           /* 0 before 4.5 */
	uint32_t uid;
	bool cap_sys_admin;
	int oom_score_adj;
	int oom_score;             /* the kernel's own */
	char cgroup[OOM_PATH_LEN]; /* of the unified hierarchy, else of the memory controller; "" if not told */
};

/* A file into *ret (emptied first), at most 1 MiB of it. 0 or -errno. */
int proc_read(const char *path, struct strbuf *ret);

/* From the text of meminfo. */
void proc_parse_meminfo(const char *text, struct proc_host *ret);
/* From the texts of stat and status. False: not what these files look like. */
bool proc_parse_stat(const char *text, struct proc_process *ret);
bool proc_parse_status(const char *text, const struct proc_host *h, struct proc_process *ret);
void proc_parse_cgroup(const char *text, struct proc_process *ret);

/* The live host at `procdir` ("/proc"). SIM_OK or SIM_EIO. */
int proc_host_read(const char *procdir, struct proc_host *ret);
/* One process, read until what is read twice is the same (up to `tries` times). SIM_OK; SIM_EINPUT: it is gone. *ret_steady:
 * whether it held still. */
int proc_process_read(const char *procdir, const struct proc_host *h, int pid, unsigned tries, struct proc_process *ret,
		      bool *ret_steady);
/* All pids, ascending; the caller frees *ret. SIM_OK, SIM_EIO or SIM_ENOMEM. */
int proc_list(const char *procdir, int **ret, size_t *ret_n);

#endif
