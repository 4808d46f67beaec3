/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A report or a recording becomes a scenario: the same machine, kernel and processes, and the last drop that makes it overflow. */
#ifndef OOMSIM_REPORT_IMPORT_H
#define OOMSIM_REPORT_IMPORT_H

#include "sim/report/explain.h"
#include "sim/report/recording.h"

/* What both have in common. Memory in pages of page_kB. */
struct import_process {
	char comm[OOM_COMM_LEN];
	int pid;
	uint32_t uid;
	bool cap_sys_admin;
	int oom_score_adj;
	uint64_t total_vm, rss, anon, swapents, pgtables; /* anon: the part of rss that is its own */
};

struct import_plan {
	char name[64];
	const char *source; /* for the head comment */
	const char *model;  /* kernel model */
	uint64_t page_kB;
	uint64_t ram_pages, reserved_pages, swap_pages;
	uint64_t
		spare_pages; /* memory that is left when all processes have theirs; 0: almost none, as when an OOM is near */
	struct import_process *process;
	size_t n;
	const char *victim;  /* NULL: none expected */
	const char *trigger; /* who asked for memory; NULL: not known */
	long asker; /* the process that asks and dies for it (oom_kill_allocating_task); -1: another one asks */
	bool memcg; /* the machine stands for a memory cgroup */
	struct strbuf notes; /* lines of comment */
};

/* A plan from an explained report: it has a table and a size. SIM_OK, SIM_EINPUT (*ret_why: static text) or SIM_ENOMEM. */
int import_report(const struct explanation *x, struct import_plan *ret, const char **ret_why);
int import_snapshot(const struct snapshot *s, struct import_plan *ret, const char **ret_why);
/* The scenario as YAML. duration 0: long enough for many kills; to have the report's one alone, simulate that, and ask again for one
 * that ends between the first kill and the second. SIM_OK or SIM_ENOMEM. */
int import_yaml(const struct import_plan *p, sim_ns duration, struct strbuf *ret);
void import_plan_free(struct import_plan *p);

#endif
