/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oom_score of live processes, computed by the rule of the running kernel, to be laid beside the kernel's own. */
#ifndef OOMSIM_REPORT_SCORE_H
#define OOMSIM_REPORT_SCORE_H

#include "sim/report/era.h"
#include "sim/report/procfs.h"

struct score_row {
	struct proc_process p;
	int64_t points; /* BADNESS_NEVER: no candidate */
	const char *why_never;
	int oom_score; /* ours */
	bool steady;   /* it held still while it was read */
	bool equal;
};

struct score_table {
	struct proc_host host;
	struct era era;
	uint64_t totalpages;
	struct score_row *row;
	size_t n;
	size_t unequal;
	bool no_rule; /* no model scores as this kernel does */
};

/* All processes, or the one of `pid` (0: all). SIM_OK, SIM_EIO, SIM_ENOMEM, SIM_EINPUT (no such process or no rule). */
int score_live(const char *procdir, int pid, struct score_table *ret);
void score_table_free(struct score_table *t);
/* The score of one process under a rule. */
void score_process(const struct score_table *t, struct score_row *row);

#endif
