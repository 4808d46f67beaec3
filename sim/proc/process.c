/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process table: how processes begin and how they end (kernel/fork.c, kernel/exit.c as far as memory is
 * concerned). */
#include "sim/core/digest.h"
#include "sim/proc/program.h"
#include "sim/world/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PID  79 /* the first program that the oracle's init starts gets this one (recordings) */
#define FIRST_KPID 2

/* ---- beginning ---- */

static void task_main(void *arg)
{
	struct task *t = arg;

	t->fn(t->w, t);
	task_exit(t->w, t, 0);
}

static void task_timer(struct world *w, void *arg)
{
	struct task *t = arg;

	t->timed_out = true;
	t->overhead += w->cost.timer; /* the interrupt comes before what it wakes */
	task_wake(w, t);
}

static void task_free(struct world *w, struct task *t)
{
	if (!t)
		return;
	coro_free(t->co);
	sim_rng_free(t->rng);
	sim_free(w->a, t);
}

static struct task *task_new(struct world *w, struct process *p, uint32_t index,
			     void (*fn)(struct world *, struct task *))
{
	struct task *t = sim_calloc(w->a, 1, sizeof(*t));
	char name[SIM_COMM_LEN + 40];

	if (!t)
		return NULL;
	*t = (struct task){ .p = p, .index = index, .fn = fn, .w = w, .alarm = -1, .wait_pfn = PFN_NONE };
	t->cpu = w->sched.running ? w->sched.running->cpu : 0;
	snprintf(name, sizeof(name), "task %s.%016llx.%u", p->comm, (unsigned long long)p->stream, (unsigned)index);
	t->rng = sim_rng_new(w->cfg->seed, name);
	t->timer = world_slot_new(w, task_timer, t);
	t->co = coro_new(w->a, task_main, t);
	if (t->rng && t->co && t->timer >= 0)
		return t;
	if (t->timer >= 0)
		world_slot_free(w, t->timer);
	task_free(w, t);
	return NULL;
}

/* Random streams go by descent and name, so that a process added elsewhere in a scenario does not change the draws
 * of this one: init's children by how many of the same name live, others by which of its parent's children it is. */
static uint64_t stream_of(struct world *w, struct process *parent, const char *comm)
{
	struct digest d = DIGEST_INIT;
	uint64_t ordinal = 0;

	if (parent && parent != w->proc.init) {
		digest_u64(&d, parent->stream);
		ordinal = parent->nforked;
	} else {
		for (struct process *p = w->proc.first; p; p = p->next)
			ordinal += p->parent == parent && !strncmp(p->comm, comm, SIM_COMM_LEN - 1);
	}
	digest_str(&d, comm);
	digest_u64(&d, ordinal);
	return d.a ^ d.b;
}

static void number(struct world *w, struct process *p)
{
	struct proc_table *pt = &w->proc;

	if (!pt->next_pid) {
		pt->next_pid = FIRST_PID;
		pt->next_kpid = FIRST_KPID;
	}
	for (uint32_t i = 0; i < p->nthread; i++)
		p->thread[i]->tid = p->is_init && !i ? 1 : p->is_kthread ? pt->next_kpid++ : pt->next_pid++;
	p->pid = p->thread[0]->tid;
}

static void enter(struct world *w, struct process *p)
{
	struct proc_table *pt = &w->proc;

	p->prev = pt->last;
	if (pt->last)
		pt->last->next = p;
	else
		pt->first = p;
	pt->last = p;
	if (p->parent) {
		p->parent->nchild++;
		p->parent->nforked++;
	}
	if (p->is_init)
		pt->init = p;
	else if (!p->is_kthread)
		pt->nuser++;
}

static void process_free(struct world *w, struct process *p)
{
	for (uint32_t i = 0; p->thread && i < p->nthread; i++)
		task_free(w, p->thread[i]);
	sim_free(w->a, p->thread);
	sim_free(w->a, p);
}

static bool add_threads(struct world *w, struct process *p, uint32_t n, void (*fn)(struct world *, struct task *))
{
	p->thread = sim_calloc(w->a, n, sizeof(*p->thread));
	for (; p->thread && p->nthread < n; p->nthread++) {
		p->thread[p->nthread] = task_new(w, p, p->nthread, fn);
		if (!p->thread[p->nthread])
			return false;
	}
	p->nlive = n;
	return p->thread;
}

static struct process *make(struct world *w, struct process *parent, const char *comm, uint32_t n, bool kthread,
			    void (*fn)(struct world *, struct task *))
{
	struct process *p = sim_calloc(w->a, 1, sizeof(*p));

	if (!p) {
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	snprintf(p->comm, sizeof(p->comm), "%s", comm);
	p->is_kthread = kthread;
	p->is_init = !kthread && !parent && !w->proc.init;
	p->parent = parent || kthread || p->is_init ? parent : w->proc.init;
	p->memcg = p->parent ? p->parent->memcg : w->memcg.v;
	p->start_ns = w->now;
	p->stream = stream_of(w, p->parent, p->comm);
	if (!add_threads(w, p, n, fn)) {
		for (uint32_t i = 0; i < p->nthread; i++)
			world_slot_free(w, p->thread[i]->timer);
		process_free(w, p);
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	number(w, p);
	enter(w, p);
	return p;
}

struct process *process_new(struct world *w, struct process *parent, const char *comm, uint32_t nthread,
			    void (*fn)(struct world *w, struct task *t))
{
	return make(w, parent, comm, nthread, false, fn);
}

void process_start(struct world *w, struct process *p)
{
	for (uint32_t i = 0; i < p->nthread; i++) {
		struct task *t = p->thread[i];

		t->weight = sched_weight(p->nice);
		if (p->cfg)
			t->rt_priority = p->cfg->rt_priority;
		sched_enqueue(w, t, false);
	}
}

struct task *kthread_new(struct world *w, const char *comm, void (*fn)(struct world *w, struct task *t))
{
	struct process *p = make(w, NULL, comm, 1, true, fn);

	if (!p)
		return NULL;
	process_start(w, p);
	return p->thread[0];
}

struct process *process_find(struct world *w, int32_t pid)
{
	struct process *p = w->proc.first;

	while (p && p->pid != pid)
		p = p->next;
	return p;
}

/* ---- end ---- */

/* p keeps its own links: somebody may be standing on it in a walk that has switched. */
static void leave_table(struct world *w, struct process *p)
{
	struct proc_table *pt = &w->proc;

	*(p->prev ? &p->prev->next : &pt->first) = p->next;
	*(p->next ? &p->next->prev : &pt->last) = p->prev;
	p->dead_next = pt->dead;
	pt->dead = p;
	if (!p->is_kthread && !p->is_init)
		pt->nuser--;
	if (p->is_init)
		pt->init = NULL;
}

/* Children go to init, which does not mind; the parent hears of the end. */
static void tell_family(struct world *w, struct process *p)
{
	struct process *init = w->proc.init;

	for (struct process *c = w->proc.first; c && p->nchild; c = c->next) {
		if (c->parent != p)
			continue;
		p->nchild--;
		c->parent = init != p ? init : NULL;
		if (c->parent)
			c->parent->nchild++;
	}
	if (!p->parent)
		return;
	p->parent->nchild--;
	waitq_wake_all(w, &p->parent->child_wait);
}

static void exit_mm(struct world *w, struct task *t)
{
	struct process *p = t->p;

	waitq_wake_all(w, &p->vfork_wait);
	if (p->parent)
		waitq_wake_all(w, &p->parent->vfork_wait);
	if (p->mm)
		mm_put(w, t, p->mm);
	p->mm = NULL;
	task_sync(w, t);
	if (p->oom_mm)
		oom_victim_exited(w, p);
	if (p->kernel_memcg)
		memcg_uncharge_kernel(w, p->kernel_memcg, p->kernel_pages_kB / w->mm.page_kB);
	program_kernel_memory_free(w, p->kernel_pages_kB);
}

static void process_exit(struct world *w, struct task *t, int code)
{
	struct process *p = t->p;

	p->exiting = true;
	task_cpu(t, w->cost.exit_call);
	task_sync(w, t);
	exit_mm(w, t);
	p->exit_code = code;
	world_event(w, EV_EXIT, p, p->exit_signal, code, (int64_t)p->min_flt, (int64_t)p->maj_flt);
	tell_family(w, p);
	leave_table(w, p);
	restart_exited(w, p);
	after_exited(w, p);
}

void task_exit(struct world *w, struct task *t, int code)
{
	if (t->plug)
		blk_plug_flush(w, t);
	task_sync(w, t);
	if (!--t->p->nlive)
		process_exit(w, t, code);
	psi_task_change(w, t, TSK_MEMSTALL | TSK_MEMSTALL_RUNNING, 0);
	sched_block(w, t);
	t->state = TASK_ZOMBIE;
	sched_switch(w, t);
	abort(); /* a zombie is never run again */
}

void task_gone(struct world *w, struct task *t)
{
	coro_free(t->co);
	sim_rng_free(t->rng);
	t->co = NULL;
	t->rng = NULL;
	world_slot_free(w, t->timer);
	if (t->alarm >= 0)
		world_slot_free(w, t->alarm);
	t->timer = t->alarm = -1;
}

void process_free_all(struct world *w)
{
	struct process *p, *next;

	for (p = w->proc.first; p; p = next) {
		next = p->next;
		process_free(w, p);
	}
	for (p = w->proc.dead; p; p = next) {
		next = p->dead_next;
		process_free(w, p);
	}
	restart_free_all(w);
	after_free_all(w);
	w->proc = (struct proc_table){ 0 };
}
