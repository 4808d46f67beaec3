/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which kernel's rules a report was made by, and what told so. */
#ifndef OOMSIM_REPORT_ERA_H
#define OOMSIM_REPORT_ERA_H

#include "sim/report/report.h"
#include "sim/world/model.h"

struct era {
	const struct kernel_model *model;
	const struct badness_ops *badness;
	enum oom_tie tie;
	bool classic;          /* before 2.6.36: virtual size, CPU time, run time: not in the report */
	bool permille;         /* 2.6.36 .. 3.4: points are thousandths */
	bool sacrifices_child; /* up to 5.0 a child may die in the chosen one's place */
	bool root_bonus;       /* CAP_SYS_ADMIN makes a difference */
	bool no_swap_column;   /* the table shows neither swap nor page tables */
	char how[200];         /* "kernel 6.1.0 of the CPU line" */
};

#define ERA_MAX 3

/* The eras that a report may be from, the likeliest first. At least 1. */
unsigned era_of_report(const struct oom_report *r, struct era ret[ERA_MAX]);
/* The era of any name that kernel_model_find() takes; false: no such. */
bool era_of_name(const char *name, struct era *ret);
/* Points of one row under an era. BADNESS_NEVER: not a candidate, *ret_why says why (NULL otherwise). adj in place of the row's
 * own. capable: root has CAP_SYS_ADMIN. */
int64_t era_points(const struct era *e, const struct oom_report *r, const struct oom_table_task *t, int adj,
		   bool capable, uint64_t totalpages, const char **ret_why);
/* oom_score_adj of a row, from whichever column it has. */
int era_adj(const struct oom_report *r, const struct oom_table_task *t);
/* Page-table pages of a row, all levels that the table shows. */
int64_t era_pgtable_pages(const struct oom_report *r, const struct oom_table_task *t);
/* The score that a kernel up to 5.0 prints for these points. */
int64_t era_printed_score(const struct era *e, int64_t points, uint64_t totalpages);

#endif
