/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why did the kernel kill that one? From a report: the scores of all candidates under the rule of the report's kernel, the
 * victim that follows from them, the real one, and what lies between the two; why memory ran out; and which changes would
 * have changed the victim.
 */
#ifndef OOMSIM_REPORT_EXPLAIN_H
#define OOMSIM_REPORT_EXPLAIN_H

#include "sim/core/strbuf.h"
#include "sim/report/era.h"

enum tristate { TRI_UNKNOWN = -1, TRI_FALSE, TRI_TRUE };

/* A size of the domain (RAM + swap, or a cgroup's limit) that the text allows. */
struct total {
	uint64_t pages;
	bool exact; /* the text tells all that it is made of */
	char how[200];
};

#define TOTALS_MAX 4

struct verdict {
	int64_t points;        /* BADNESS_NEVER: not a candidate */
	bool has_points;       /* the text tells enough to compute them */
	bool capable;          /* taken to have CAP_SYS_ADMIN */
	const char *why_never; /* NULL: a candidate */
	bool can_change;       /* some oom_score_adj changes the victim ... */
	int change_adj;        /* ... this is the nearest */
};

struct explanation {
	const struct oom_report *report;
	struct era era;
	enum oom_constraint constraint;
	bool constraint_inferred;
	struct total total;
	bool total_known;
	bool root_capable;         /* uid 0 is taken to have CAP_SYS_ADMIN */
	struct verdict *task;      /* one for each row of the table */
	long predicted, runner_up; /* rows; -1: none */
	bool grew;       /* the runner-up is level with it by the table, and the tie rule speaks for the runner-up */
	long actual_row; /* -1: the table does not show it */
	bool has_actual;
	int actual_pid;
	char actual_comm[OOM_COMM_LEN];
	enum tristate agrees;
	bool has_score, score_equal;
	int64_t score;         /* recomputed, to be compared with report->score */
	struct strbuf because; /* one sentence */
	struct strbuf failure; /* why memory ran out, one finding a line */
};

/* SIM_OK or SIM_ENOMEM. The report must outlive the explanation. */
int explain_report(const struct oom_report *r, struct explanation *ret);
void explanation_free(struct explanation *x);

/* ---- what if ---- */

enum what_if_kind { WHAT_IF_ADJ, WHAT_IF_RAM, WHAT_IF_SWAP, WHAT_IF_LIMIT, WHAT_IF_KERNEL };

struct what_if {
	enum what_if_kind kind;
	int pid, adj;
	uint64_t bytes;
	struct era era;
	const char *text; /* as given */
};

/* "PID:adj=N", "ram=64GiB", "swap=0", "limit=1GiB", "kernel=3.10". False: *ret_error says what is wrong. */
bool what_if_parse(const char *text, struct what_if *ret, struct strbuf *ret_error);

struct what_if_result {
	long row; /* the victim, or -1: nobody could be killed */
	int64_t points;
	uint64_t totalpages;
	bool applied;       /* some pid of the list is in this report, or a change is not about a pid */
	bool changed;       /* another victim than the report's prediction */
	int64_t more_pages; /* memory that would have been free in addition (negative: missing) */
};

/* All changes of the list together. SIM_OK or SIM_ENOMEM. */
int what_if_apply(const struct explanation *x, const struct what_if *list, size_t n, struct what_if_result *ret);

/* ---- the parts ---- */

enum oom_constraint explain_constraint(const struct oom_report *r, bool *ret_inferred);
/* Sizes of the domain that the text allows, the likeliest first; 0 if it tells nothing. */
unsigned explain_totals(const struct oom_report *r, enum oom_constraint c, struct total ret[TOTALS_MAX]);
/* RAM that the kernel manages, pages; has == false if the text does not tell. */
struct oom_u64 explain_ram_pages(const struct oom_report *r);
void explain_failure(struct explanation *x);
void explain_because(struct explanation *x);
void explain_changes(struct explanation *x);
/* The row that the kernel would choose, or -1. */
long explain_select(const struct explanation *x, const struct era *e, const int64_t *points);

/* Names of processes in messages: escaped, in quotes only where they need them. */
void explain_name(struct strbuf *b, const char *comm);
/* 1234567 pages or kB as people read them: "4.7 GiB". */
void explain_size(struct strbuf *b, uint64_t bytes);

/* ---- as text ---- */

struct explain_style {
	bool colour;
	size_t rows; /* of the table; 0: all */
};

void explain_text(struct strbuf *b, const struct explanation *x, unsigned long number,
		  const struct explain_style *style);
void explain_what_if_text(struct strbuf *b, const struct explanation *x, const struct what_if *list, size_t n,
			  const struct what_if_result *res);
/* The members of one report's JSON object, braces included. res may be NULL. detail: more members than the stable interface. */
void explain_json(struct strbuf *b, const struct explanation *x, const struct what_if *list, size_t n,
		  const struct what_if_result *res, bool detail);

#endif
