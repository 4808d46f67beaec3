/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps that concern other processes: fork, vfork, clone_vm, wait; and oom_score_adj, which those who share memory
 * share. */
#include "sim/mm/page_alloc.h"
#include "sim/proc/program.h"
#include "sim/proc/steps.h"

#include <errno.h>
#include <stdio.h>

#define COMM_KEEP 10 /* children are "%.10s.%d", as the oracle's guest names them */

/* ---- limits ---- */

/* threads-max (kernel/fork.c:set_max_threads): what the stacks of all threads may take is an eighth of RAM. Users
 * other than root get half of that (RLIMIT_NPROC). */
static bool may_fork(const struct world *w, const struct process *p)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t max = u64_max(w->mm.totalram * m->page_size / (8 * u64_max(m->process_kernel_stack, 1)), 20), all = 0,
		 mine = 0;

	for (const struct process *q = w->proc.first; q; q = q->next) {
		all += q->nlive;
		mine += q->uid == p->uid ? q->nlive : 0;
	}
	if (all >= max)
		return false;
	return mine < max / 2 || p->capabilities & (CAP_SYS_ADMIN_BIT | CAP_SYS_RESOURCE_BIT);
}

/* ---- children ---- */

/* A child writes to its stack and data as soon as it runs, and so copies the first few pages that fork() has shared
 * (recordings: about 8). */
#define CHILD_COPIES 8

static void copy_own_pages(struct world *w, struct task *t)
{
	struct vma *v = t->p->vfork_child || t->p->mm->users > 1 ? NULL : vma_find(t->p->mm, "[stack]");

	for (uint64_t i = 0; v && i < u64_min(v->npages, CHILD_COPIES); i++)
		program_check_fault(w, t, fault_page(w, t, v, i, true));
}

static void child_main(struct world *w, struct task *t)
{
	copy_own_pages(w, t);
	program_run(w, t, t->p->program);
	task_sync(w, t);
	program_leave(w, t, 0, 0);
}

/* What the child has from its parent, and the memory made for it. */
static void adopt(struct process *c, const struct process *p, const struct step_cfg *s, struct mm *mm,
		  uint64_t kernel_kB)
{
	c->cfg = p->cfg;
	c->program = &s->body;
	c->uid = p->uid;
	c->capabilities = p->capabilities;
	c->nice = p->nice;
	c->oom_score_adj = p->oom_score_adj;
	c->oom_score_adj_min = p->oom_score_adj_min;
	c->mm = mm;
	c->kernel_pages_kB = kernel_kB;
	c->vfork_child = s->op == STEP_VFORK;
}

/* Make the child's process around its memory. NULL: no host memory. */
static struct process *child_new(struct world *w, struct task *t, const struct step_cfg *s, const char *comm,
				 struct mm *mm, uint64_t kernel_kB)
{
	struct process *c;

	task_sync(w, t);
	c = process_new(w, t->p, comm, 1, child_main);
	if (!c)
		return NULL;
	adopt(c, t->p, s, mm, kernel_kB);
	program_start(w, c);
	return c;
}

/* copy_process(): kernel memory first, then the address space. 0 or an errno; a task that is dying leaves. */
static int child_memory(struct world *w, struct task *t, bool share, struct mm **ret_mm, uint64_t *ret_kB, struct memcg **ret_payer)
{
	task_cpu(t, w->cost.fork_call);
	if (!may_fork(w, t->p))
		return EAGAIN;
	if (!program_kernel_memory(w, t, 1, ret_kB))
		program_leave(w, t, SIGKILL_NR, 0);
	if (!memcg_charge_kernel(w, t, (uint32_t)(*ret_kB / w->mm.page_kB), ret_payer)) {
		program_kernel_memory_free(w, *ret_kB);
		program_check(w, t);
		return ENOMEM;
	}
	*ret_mm = t->p->mm;
	if (share)
		mm_get(*ret_mm);
	else
		*ret_mm = mm_fork(w, t, t->p->mm);
	if (*ret_mm)
		return 0;
	memcg_uncharge_kernel(w, *ret_payer, *ret_kB / w->mm.page_kB);
	program_kernel_memory_free(w, *ret_kB);
	program_check(w, t);
	return ENOMEM;
}

/* One child. False: the system call failed, and the step has been reported as failed. */
static bool make_child(struct world *w, struct task *t, const struct step_cfg *s, const char *comm, uint64_t nth,
		       struct process **ret)
{
	bool share = s->op != STEP_FORK;
	struct mm *mm;
	uint64_t kB = 0;
	struct memcg *payer = NULL;
	int err = child_memory(w, t, share, &mm, &kB, &payer);

	if (err) {
		step_failed(w, t, s, err, nth, u64_max(s->count, 1));
		return false;
	}
	*ret = child_new(w, t, s, comm, mm, kB);
	if (*ret)
		(*ret)->kernel_memcg = payer;
	return *ret;
}

void step_fork(struct world *w, struct task *t, const struct step_cfg *s)
{
	uint64_t count = u64_max(s->count, 1), i;
	char comm[SIM_COMM_LEN];
	struct process *c;

	for (i = 0; i < count; i++) {
		if (s->child_comm[0])
			snprintf(comm, sizeof(comm), "%s", s->child_comm);
		else
			program_comm(comm, t->p->comm, COMM_KEEP, i);
		if (!make_child(w, t, s, comm, i, &c))
			break;
		program_check(w, t);
		if (!pace_think(w, t, &s->time))
			program_leave(w, t, SIGKILL_NR, 0);
	}
	step_end(w, t, s, i, NULL);
}

void step_clone(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct process *c;

	if (!make_child(w, t, s, s->child_comm[0] ? s->child_comm : t->p->comm, 0, &c))
		return;
	while (s->op == STEP_VFORK && c->vfork_child && !c->exiting) {
		task_wait(w, t, &c->vfork_wait, TASK_KILLABLE, SIM_NEVER);
		program_check(w, t);
	}
	step_end(w, t, s, 1, NULL);
}

void step_wait(struct world *w, struct task *t, const struct step_cfg *s)
{
	(void)s;
	task_cpu(t, w->cost.syscall);
	while (t->p->nchild) {
		task_wait(w, t, &t->p->child_wait, TASK_INTERRUPTIBLE, SIM_NEVER);
		program_check(w, t);
	}
}

/* ---- oom_score_adj ---- */

/* __set_oom_adj() (fs/proc/base.c): lowering it below what the process was given takes CAP_SYS_RESOURCE; processes
 * that share the memory share the value, except those between vfork() and exec. */
void step_set_adj(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct process *p = t->p;
	int adj = (int)s->value;

	task_cpu(t, w->cost.syscall);
	if (!(p->capabilities & CAP_SYS_RESOURCE_BIT) && adj < p->oom_score_adj_min) {
		step_failed(w, t, s, EACCES, 0, 0);
		return;
	}
	p->oom_score_adj = adj;
	if (p->capabilities & CAP_SYS_RESOURCE_BIT)
		p->oom_score_adj_min = adj;
	if (p->vfork_child || p->mm->users == 1)
		return;
	for (struct process *q = w->proc.first; q; q = q->next)
		if (q->mm == p->mm && !q->is_kthread && !q->is_init)
			q->oom_score_adj = adj;
}
