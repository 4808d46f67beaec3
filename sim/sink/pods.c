/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pods.csv: one row whenever a pod's status changes, what `kubectl get pods -w` would show and what a machine wants to know
 * besides; no file without pods. restarted_s is empty if it never was; cgroup is its place in cgroups.csv.
 */
#include "sim/sink/format.h"

struct pods {
	struct out out;
	int dirfd;
	bool open;
	struct sink_error *error;
};

static int pods_open(void *state, const struct sink_env *env)
{
	struct pods *p = state;

	p->dirfd = env->dirfd;
	p->error = env->error;
	return 0;
}

static void text(struct out *o, const char *s)
{
	out_char(o, ',');
	out_csv(o, s ? s : "");
}

static void number(struct out *o, uint64_t v)
{
	out_char(o, ',');
	out_u64(o, v);
}

static int pods_row(void *state, const struct rec_pod *r)
{
	struct pods *p = state;
	struct out *o = &p->out;
	int err = p->open ? 0 : out_open(o, p->dirfd, "pods.csv", p->error);

	if (err)
		return err;
	if (!p->open)
		out_str(o, "time_s,namespace,pod,ready,containers,status,restarts,phase,reason,created_s,restarted_s,qos,kind,owner,cgroup,"
			   "message\n");
	p->open = true;
	out_seconds(o, r->t_ns);
	text(o, r->ns);
	text(o, r->name);
	number(o, r->ready);
	number(o, r->ncontainer);
	text(o, r->status);
	number(o, r->restarts);
	text(o, r->phase);
	text(o, r->reason);
	out_char(o, ',');
	out_seconds(o, r->created_ns);
	out_char(o, ',');
	if (r->restarted_ns != SIM_NEVER)
		out_seconds(o, r->restarted_ns);
	text(o, r->qos);
	text(o, r->kind);
	text(o, r->owner);
	text(o, r->cgroup);
	text(o, r->message);
	out_char(o, '\n');
	return out_status(o);
}

static int pods_close(void *state, const struct sink_env *env)
{
	struct pods *p = state;

	(void)env;
	return p->open ? out_close(&p->out) : 0;
}

static void pods_release(void *state)
{
	struct pods *p = state;

	if (p->open)
		out_drop(&p->out);
}

const struct sink_format sink_pods = {
	.name = "pods.csv",
	.state_size = sizeof(struct pods),
	.open = pods_open,
	.cb = { .pod = pods_row },
	.close = pods_close,
	.release = pods_release,
};
