/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tasks.csv: one row a process and sample, what /proc/PID shows. taskstats.csv: the same rows with what the kernel's delay
 * accounting would tell (struct taskstats: NAME_count, NAME_delay_total in ns; 0 where that kernel has no such counter), and
 * what no kernel tells: the program's own progress, and its time in page faults and in getting back what had been evicted.
 * Apart, since the columns of tasks.csv are fixed.
 */
#include "sim/core/diag.h"
#include "sim/sink/format.h"

struct tasks {
	struct out proc, stats;
};

static int tasks_open(void *state, const struct sink_env *env)
{
	struct tasks *t = state;
	int err;

	t->stats.fd = -1;
	err = out_open(&t->proc, env->dirfd, "tasks.csv", env->error);
	if (!err)
		err = out_open(&t->stats, env->dirfd, "taskstats.csv", env->error);
	if (err)
		return err;
	out_str(&t->proc, "time_s,pid,comm,state,VmSize_kB,RssAnon_kB,RssFile_kB,RssShmem_kB,VmSwap_kB,oom_score_adj,"
			  "oom_score,min_flt,"
			  "maj_flt\n");
	out_str(&t->stats, "time_s,pid,comm,ppid,uid,VmPTE_kB,VmLck_kB,utime_us,stime_us,work_pages,fault_us,refault_us,"
			   "thrashing_index");
	for (size_t i = 0; i < DELAY_COUNT; i++) {
		out_char(&t->stats, ',');
		out_str(&t->stats, delay_name[i]);
		out_str(&t->stats, "_count,");
		out_str(&t->stats, delay_name[i]);
		out_str(&t->stats, "_delay_total");
	}
	out_char(&t->stats, '\n');
	return SIM_OK;
}

static void who(struct out *o, const struct rec_task *r)
{
	out_seconds(o, r->t_ns);
	out_char(o, ',');
	out_i64(o, r->pid);
	out_char(o, ',');
	out_csv(o, r->comm);
}

static void numbers(struct out *o, const int64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out_char(o, ',');
		out_i64(o, v[i]);
	}
}

/* The index of its life so far, and the delays. */
static void account(struct out *o, const struct rec_acct *a)
{
	out_char(o, ',');
	out_fixed(o, thrashing_index(a, NULL), 2);
	for (size_t i = 0; i < DELAY_COUNT; i++)
		numbers(o, (const int64_t[]){ (int64_t)a->delay[i].count, (int64_t)a->delay[i].total_ns }, 2);
	out_char(o, '\n');
}

static int tasks_task(void *ctx, const struct rec_task *r)
{
	struct tasks *t = ctx;
	const int64_t proc[] = { (int64_t)r->VmSize_kB,  (int64_t)r->RssAnon_kB,
				 (int64_t)r->RssFile_kB, (int64_t)r->RssShmem_kB,
				 (int64_t)r->VmSwap_kB,  r->oom_score_adj,
				 r->oom_score,           (int64_t)r->min_flt,
				 (int64_t)r->maj_flt };
	const int64_t stats[] = { r->ppid,
				  r->uid,
				  (int64_t)r->VmPTE_kB,
				  (int64_t)r->VmLck_kB,
				  (int64_t)(r->acct.user_ns / NS_PER_US),
				  (int64_t)((r->acct.cpu_ns - r->acct.user_ns) / NS_PER_US),
				  (int64_t)r->work_pages,
				  (int64_t)(r->acct.fault_ns / NS_PER_US),
				  (int64_t)(r->acct.refault_ns / NS_PER_US) };

	who(&t->proc, r);
	out_char(&t->proc, ',');
	out_char(&t->proc, r->state);
	numbers(&t->proc, proc, ARRAY_LEN(proc));
	out_char(&t->proc, '\n');
	who(&t->stats, r);
	numbers(&t->stats, stats, ARRAY_LEN(stats));
	account(&t->stats, &r->acct);
	return out_status(&t->proc) ? out_status(&t->proc) : out_status(&t->stats);
}

static int tasks_close(void *state, const struct sink_env *env)
{
	struct tasks *t = state;
	int a = out_close(&t->proc), b = out_close(&t->stats);

	(void)env;
	return a ? a : b;
}

static void tasks_release(void *state)
{
	struct tasks *t = state;

	out_drop(&t->proc);
	out_drop(&t->stats);
}

const struct sink_format sink_tasks = {
	.name = "tasks.csv",
	.state_size = sizeof(struct tasks),
	.open = tasks_open,
	.cb = { .task = tasks_task },
	.close = tasks_close,
	.release = tasks_release,
};
