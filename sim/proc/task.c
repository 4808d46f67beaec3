/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that wait, are woken, are killed. A thread is put on its queue before its charged time passes, with the state
 * it will sleep in, as prepare_to_wait() does: a wake-up in between turns the sleep into nothing.
 */
#include "sim/proc/task.h"

#include "sim/world/engine.h"

/* ---- queues of waiting tasks ---- */

static void waitq_add(struct waitq *q, struct task *t)
{
	t->waitq = q;
	t->wq_next = NULL;
	t->wq_prev = q->tail;
	if (q->tail)
		q->tail->wq_next = t;
	else
		q->head = t;
	q->tail = t;
}

static void waitq_del(struct task *t)
{
	struct waitq *q = t->waitq;

	if (!q)
		return;
	if (t->wq_prev)
		t->wq_prev->wq_next = t->wq_next;
	else
		q->head = t->wq_next;
	if (t->wq_next)
		t->wq_next->wq_prev = t->wq_prev;
	else
		q->tail = t->wq_prev;
	t->waitq = NULL;
	t->wq_next = t->wq_prev = NULL;
}

void waitq_wake_one(struct world *w, struct waitq *q)
{
	if (q->head)
		task_wake(w, q->head);
}

void waitq_wake_all(struct world *w, struct waitq *q)
{
	while (q->head)
		task_wake(w, q->head);
}

/* ---- sleeping ---- */

void task_wake(struct world *w, struct task *t)
{
	if (t->state == TASK_RUNNING || t->state == TASK_ZOMBIE)
		return;
	waitq_del(t);
	t->state = TASK_RUNNING;
	if (t->on_rq)
		return; /* on its way to sleep: it will notice */
	evq_disarm(w->evq, t->timer);
	sched_enqueue(w, t, true);
}

void task_retime(struct world *w, struct task *t, sim_ns until)
{
	if (t->state != TASK_RUNNING && t->state != TASK_ZOMBIE && !t->on_rq)
		evq_arm(w->evq, t->timer, u64_max(until, w->now), EVC_TIMER);
}

static void sleep_until(struct world *w, struct task *t, sim_ns until)
{
	if (until != SIM_NEVER && sched_sleep_in_place(w, t, until)) {
		waitq_del(t);
		t->state = TASK_RUNNING;
		t->timed_out = true;
		task_cpu(t, w->cost.timer + t->overhead);
		t->overhead = 0;
		task_sync(w, t);
		return;
	}
	evq_arm(w->evq, t->timer, until, EVC_TIMER);
	sched_block(w, t);
	sched_switch(w, t);
}

static bool killable(enum task_state state)
{
	return state == TASK_INTERRUPTIBLE || state == TASK_KILLABLE;
}

enum wait_result task_wait(struct world *w, struct task *t, struct waitq *q, enum task_state state, sim_ns until)
{
	t->timed_out = false;
	t->state = state;
	if (q)
		waitq_add(q, t);
	if (t->plug)
		blk_plug_flush(w, t);
	task_sync(w, t);
	if (t->state != TASK_RUNNING && !(killable(state) && fatal_signal_pending(t))) {
		if (until > w->now)
			sleep_until(w, t, until);
		else
			t->timed_out = true;
	}
	waitq_del(t);
	t->state = TASK_RUNNING;
	if (killable(state) && fatal_signal_pending(t))
		return WAIT_KILLED;
	return t->timed_out ? WAIT_TIMEOUT : WAIT_OK;
}

enum wait_result task_wait_io(struct world *w, struct task *t, struct waitq *q, enum task_state state, sim_ns until)
{
	bool was = t->in_iowait;
	enum wait_result r;

	t->in_iowait = true;
	r = task_wait(w, t, q, state, until);
	t->in_iowait = was;
	return r;
}

void task_yield(struct world *w, struct task *t)
{
	task_sync(w, t);
	if (!w->sched.cpu[t->cpu].need_resched)
		return;
	t->at_resched = true;
	sched_switch(w, t);
	t->at_resched = false;
}

/* ---- signals and cuts ---- */

bool fatal_signal_pending(const struct task *t)
{
	return t->p->sigkill;
}

void task_cut(struct world *w, struct task *t)
{
	if (t->user_burst && !t->cut)
		sched_end_burst(w, t);
	t->cut = true;
	if (!t->user_burst && t->touching && t->touching->access.leaper == t)
		task_wake(w, t);
}

void process_sigkill(struct world *w, struct process *p)
{
	if (p->sigkill || p->is_kthread)
		return;
	p->sigkill = p->exiting = true;
	p->exit_signal = 9;
	for (uint32_t i = 0; i < p->nthread; i++) {
		struct task *t = p->thread[i];

		if (t->user_burst)
			task_cut(w, t);
		else if (killable(t->state))
			task_wake(w, t);
	}
}
