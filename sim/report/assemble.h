/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From classified lines to whole reports: where one begins and ends, and what the rest of the log adds to it. */
#ifndef OOMSIM_REPORT_ASSEMBLE_H
#define OOMSIM_REPORT_ASSEMBLE_H

#include "sim/report/grammar.h"
#include "sim/report/prefix.h"

#define ASSEMBLE_MEMORY 256  /* processes killed so far that are remembered */
#define WRAPPED_MAX     4096 /* a line put together from wrapped pieces */

/* Called with each report once it is complete; a negative code stops the reading. The report belongs to the reader. */
typedef int (*report_fn)(void *ctx, const struct oom_report *r);

struct dead_process {
	int pid;
	char comm[OOM_COMM_LEN];
};

struct assembler {
	report_fn fn;
	void *ctx;
	struct oom_report cur;
	bool open;       /* cur holds a report */
	bool ended;      /* ... whose last line was probably seen */
	unsigned silent; /* lines since the last one of the report */
	unsigned long nreport;
	int error; /* of fn */
	/* What the log has told so far, since the last boot in it. */
	char release[128];
	struct oom_u64 swap_kB;
	struct dead_process dead[ASSEMBLE_MEMORY];
	unsigned ndead, next_dead;
	struct oom_u64 last_stamp_us;
	/* A line that looked cut. */
	enum oom_line cut_kind;
	bool cut_prefixed;
	size_t ncut;
	unsigned long cut_line;
	char cut[WRAPPED_MAX];
};

void assemble_init(struct assembler *a, report_fn fn, void *ctx);
/* One line of the log, already of known kind. */
void assemble_line(struct assembler *a, enum oom_line kind, const struct stripped *s, unsigned long line);
/* Hand over the report at work, if there is one. */
void assemble_close(struct assembler *a);
/* True while lines of a report are expected, so that all lines are to be looked at. */
bool assemble_active(const struct assembler *a);
void assemble_free(struct assembler *a);

#endif
