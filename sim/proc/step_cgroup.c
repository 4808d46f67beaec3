/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of an administrator, or of a daemon that looks after memory: files of cgroups, waiting for their notifications, kill. */
#include "sim/proc/program.h"
#include "sim/proc/steps.h"

#include <errno.h>
#include <string.h>

/* The oldest process of that name; of those that are leaving only if there is no other. */
static struct process *find_named(const struct world *w, const char *comm)
{
	struct process *leaving = NULL;

	for (struct process *p = w->proc.first; p; p = p->next) {
		if (p->is_kthread || strncmp(p->comm, comm, SIM_COMM_LEN))
			continue;
		if (!p->exiting)
			return p;
		leaving = leaving ? leaving : p;
	}
	return leaving;
}

static void enter_kernel(struct world *w, struct task *t)
{
	task_cpu(t, w->cost.syscall);
	task_yield(w, t);
}

/* cgroup.procs. *ret_pid: who was meant; 0: there is nobody. */
static int move_process(struct world *w, struct task *t, struct memcg *to, const char *comm, int64_t *ret_pid)
{
	struct process *p = comm[0] ? find_named(w, comm) : t->p;

	*ret_pid = p ? p->pid : 0;
	return p ? memcg_attach(w, t, to, p) : ESRCH;
}

void step_cgroup_write(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct memcg *m = memcg_of_cfg(w, s->cgroup);
	int64_t value = s->value;
	int err;

	enter_kernel(w, t);
	if (s->cgroup_file == CGF_PROCS)
		err = move_process(w, t, m, s->child_comm, &value);
	else
		err = memcg_write(w, t, m, s->cgroup_file, value);
	world_event(w, EV_CGROUP_WRITE, t->p, m->id, s->cgroup_file, value, err);
	if (err)
		step_failed(w, t, s, err, 0, 0);
}

void step_cgroup_rmdir(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct memcg *m = memcg_of_cfg(w, s->cgroup);
	int err;

	enter_kernel(w, t);
	err = memcg_rmdir(w, m);
	world_event(w, EV_CGROUP_RMDIR, t->p, m->id, err, 0, 0);
	if (err)
		step_failed(w, t, s, err, 0, 0);
}

void step_cgroup_wait(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct memcg *m = memcg_of_cfg(w, s->cgroup);
	sim_ns until;
	bool told;

	enter_kernel(w, t);
	if (m->offline) {
		step_failed(w, t, s, ENOENT, 0, 0);
		return;
	}
	until = s->duration ? w->now + s->duration : SIM_NEVER;
	told = memcg_wait_notice(w, t, m, s, until);
	program_check(w, t);
	world_event(w, EV_CGROUP_NOTICE, t->p, m->id, s->notice, !told, 0);
}

/* check_kill_permission(): one's own, or anybody's for root. */
static int may_kill(const struct process *by, const struct process *p)
{
	return by->uid == 0 || by->uid == p->uid ? 0 : EPERM;
}

void step_kill(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct process *p;
	int err;

	enter_kernel(w, t);
	p = find_named(w, s->child_comm);
	err = p ? may_kill(t->p, p) : ESRCH;
	world_event(w, EV_SIGNAL, t->p, SIGKILL_NR, p ? p->pid : 0, err, 0);
	if (err)
		step_failed(w, t, s, err, 0, 0);
	else if (!p->is_init)
		process_sigkill(w, p);
}
