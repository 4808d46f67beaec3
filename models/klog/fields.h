/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the {names} in a format's templates stand for: fields of records, and of the small lines below. */
#ifndef OOMSIM_MODELS_KLOG_FIELDS_H
#define OOMSIM_MODELS_KLOG_FIELDS_H

#include "models/klog/klog.h"

/* How a field is printed. */
enum klog_kind { K_U64, K_U32, K_INT, K_I64, K_KB, K_SUM, K_SUM_KB, K_HEX, K_YES, K_COMM, K_TEXT };

struct klog_field {
	const char *name;
	size_t offset;
	enum klog_kind kind;
	size_t offset2; /* K_SUM, K_SUM_KB: the field to be added */
};

/* The fields of one struct. */
struct klog_fields {
	const struct klog_field *v;
	size_t n;
};

/* The line that names the request. */
struct klog_request {
	const char *comm, *names;
	const char *nodemask;         /* "(null)": no policy is the constraint */
	const char *nodemask_or_mems; /* as 4.6 .. 4.10 print it */
	const char *cpuset, *mems_allowed;
	uint32_t gfp;
	int order, oom_score_adj;
	int oom_adj;    /* as <= 2.6.35 has it */
	int oom_adj_15; /* as 2.6.36 .. 3.4 shows it beside oom_score_adj */
};

/* The lines about CPU, task and machine, of a trace, of a panic and of the reaper. */
struct klog_line {
	const char *comm, *release, *hardware, *function, *text;
	int cpu, pid;
	uint32_t uid;
	uint64_t anon_kB, file_kB, shmem_kB;
};

/* A counter of a memory cgroup, one of its statistics, and who hit the limit. */
struct klog_memcg_line {
	const char *name, *path, *task_path;
	uint64_t usage_kB, limit_kB, failcnt, value;
};

/* A CPU's list of free pages. `cold` and `low` are what the kernel sets them to beside `high` and `batch`. */
struct klog_pcp {
	struct rec_oom_pcp hot;
	uint32_t cpu, low, cold_high, cold_batch;
};

/* A row of the task table. */
struct klog_row {
	struct rec_oom_task t;
	int oom_adj, oom_adj_15;
};

extern const struct klog_fields klog_request_fields, klog_line_fields, klog_memcg_fields, klog_report_fields,
	klog_node_fields, klog_zone_fields, klog_pcp_fields, klog_row_fields, klog_kill_fields;

/* Append the template with the fields of *base. A NULL template appends nothing; an unknown name is shown as it stands. */
void klog_fill(struct strbuf *out, const char *tmpl, const struct klog_fields *fields, const void *base);

#endif
