/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPUs. Each has one slot in the event queue, due when the current task's burst or slice ends; the handler accounts for
 * what has passed and then runs coroutines until the current task has CPU time to pass or there is none left.
 *
 * Most of a simulation's time steps need no event: when nothing is due before a burst ends, and the slice does not end,
 * the clock just moves (may_advance()). The outcome is the same as through the queue; tests run both ways and compare.
 *
 * Coroutines never nest: waking somebody from inside one only puts it on a queue and arms an idle CPU's slot for now.
 *
 * Leaves out: affinity, cache-hot migration limits, scheduling domains, the periodic balancer apart from its outcome (a
 * task at the end of its slice moves to a CPU that has at least two fewer), throttling of real-time tasks.
 */
#include "sim/proc/cfs.h"

#define VRUNTIME_0 (UINT64_C(1) << 40) /* somewhere above zero, to keep figures readable */

static void cpu_event(struct world *w, void *arg);

/* ---- setting up ---- */

static unsigned log2_floor(unsigned n)
{
	return 31 - (unsigned)__builtin_clz(n);
}

int sched_init(struct world *w)
{
	struct sched *s = &w->sched;
	const struct machine_cfg *m = &w->cfg->machine;
	unsigned factor = 1 + log2_floor(m->ncpu < 8 ? m->ncpu : 8);

	s->cpu = sim_calloc(w->a, m->ncpu, sizeof(*s->cpu));
	if (!s->cpu)
		return SIM_ENOMEM;
	s->ncpu = m->ncpu;
	s->latency = 6 * NS_PER_MS * factor;
	s->min_granularity = 750 * NS_PER_US * factor;
	s->wakeup_granularity = NS_PER_MS * factor;
	s->tick = NS_PER_SEC / m->hz;
	for (unsigned i = 0; i < s->ncpu; i++) {
		struct cpu *c = &s->cpu[i];

		*c = (struct cpu){ .id = (int)i, .w = w, .min_vruntime = VRUNTIME_0, .slice_end = SIM_NEVER };
		c->slot = world_slot_new(w, cpu_event, c);
		if (c->slot < 0)
			return SIM_ENOMEM;
	}
	return SIM_OK;
}

void sched_free(struct world *w)
{
	sim_free(w->a, w->sched.cpu);
	w->sched.cpu = NULL;
	w->sched.ncpu = 0;
}

/* ---- time ---- */

static inline struct cpu *cpu_of(struct world *w, const struct task *t)
{
	return &w->sched.cpu[t->cpu];
}

/* May the clock go to `end` without asking anybody? */
static inline bool may_advance(const struct world *w, const struct cpu *c, sim_ns end)
{
	return evq_next(w->evq) > end && end < c->slice_end && end <= w->cfg->horizon && !w->over && !w->sched.no_fast;
}

static void charge(struct task *t, sim_ns ns)
{
	*(t->user_burst ? &t->utime : &t->stime) += ns;
}

/* What has passed since the last look comes off curr's overhead, then its burst. */
static void account(struct world *w, struct cpu *c)
{
	struct task *t = c->curr;
	sim_ns d = w->now - c->armed_at, n;

	c->armed_at = w->now;
	if (!t || !d)
		return;
	n = u64_min(d, t->overhead);
	t->overhead -= n;
	t->stime += n;
	n = u64_min(d - n, t->burst);
	t->burst -= n;
	charge(t, n);
}

/* Wait for the end of curr's burst or slice. */
static void arm(struct world *w, struct cpu *c)
{
	struct task *t = c->curr;
	sim_ns when = w->now + t->overhead + t->burst;

	c->armed_at = w->now;
	evq_arm(w->evq, c->slot, u64_max(u64_min(when, c->slice_end), w->now), EVC_CPU);
}

/* The same for curr of an event handler or of another CPU's coroutine; curr's own coroutine will see for itself. */
static void rearm(struct world *w, struct cpu *c)
{
	if (c->curr == w->sched.running)
		return;
	account(w, c);
	arm(w, c);
}

static bool pass_in_place(struct world *w, struct cpu *c, struct task *t)
{
	sim_ns end = w->now + t->overhead + t->burst;

	if (!may_advance(w, c, end))
		return false;
	t->stime += t->overhead;
	charge(t, t->burst);
	t->overhead = t->burst = 0;
	w->now = c->armed_at = end;
	return true;
}

void sched_irq(struct world *w, sim_ns ns)
{
	struct cpu *c = &w->sched.cpu[0];

	if (!c->curr) {
		c->irq_until = u64_max(c->irq_until, w->now) + ns;
	} else if (c->curr == w->sched.running) {
		task_cpu(c->curr, ns);
	} else {
		account(w, c);
		c->curr->overhead += ns;
		arm(w, c);
	}
}

/* ---- queues ---- */

/* front: a task that has been preempted stays first of its priority. */
static void rt_insert(struct cpu *c, struct task *t, bool front)
{
	struct task **at = &c->rt;

	while (*at && ((*at)->rt_priority > t->rt_priority || (!front && (*at)->rt_priority == t->rt_priority)))
		at = &(*at)->rq_next;
	t->rq_next = *at;
	*at = t;
}

static void rt_remove(struct cpu *c, struct task *t)
{
	struct task **at = &c->rt;

	while (*at != t)
		at = &(*at)->rq_next;
	*at = t->rq_next;
	t->rq_next = NULL;
}

/* Onto c's queue, or off it; t does not run. */
static void queue_add(struct world *w, struct cpu *c, struct task *t, bool front)
{
	w->sched.nr_queued++;
	if (t->rt_priority)
		rt_insert(c, t, front);
	else
		cfs_insert(c, t);
}

static void queue_del(struct world *w, struct cpu *c, struct task *t)
{
	w->sched.nr_queued--;
	if (t->rt_priority)
		rt_remove(c, t);
	else
		cfs_remove(c, t);
}

/* t comes to c or leaves it for a sleep or another CPU. */
static void count_in(struct cpu *c, struct task *t)
{
	c->nr_running++;
	if (t->rt_priority)
		c->nr_rt++;
	else
		c->load += t->weight;
}

static void count_out(struct cpu *c, struct task *t)
{
	c->nr_running--;
	if (t->rt_priority)
		c->nr_rt--;
	else
		c->load -= t->weight;
}

/* ---- who runs where ---- */

/* PSI counts a task on its own CPU, asleep or not. */
static void change_cpu(struct world *w, struct task *t, struct cpu *to)
{
	unsigned flags = t->psi_flags;

	if (t->cpu == to->id)
		return;
	psi_task_change(w, t, flags, 0);
	t->cpu = to->id;
	psi_task_change(w, t, 0, flags);
}

/* A queued task goes over to another CPU, taking its lag along. */
static void migrate(struct world *w, struct cpu *from, struct cpu *to, struct task *t)
{
	queue_del(w, from, t);
	count_out(from, t);
	cfs_update_min(w, from);
	cfs_update_min(w, to);
	t->vruntime += to->min_vruntime - from->min_vruntime;
	change_cpu(w, t, to);
	count_in(to, t);
	queue_add(w, to, t, false);
}

/* c has nothing to do: take the first in line from whoever has most waiting. */
static void pull(struct world *w, struct cpu *c)
{
	struct cpu *busiest = NULL;

	for (unsigned i = 0; i < w->sched.ncpu; i++) {
		struct cpu *o = &w->sched.cpu[i];

		if (o != c && (o->rt || o->rq) && o->nr_running > 1 &&
		    (!busiest || o->nr_running > busiest->nr_running))
			busiest = o;
	}
	if (!busiest)
		return;
	migrate(w, busiest, c, busiest->rt ? busiest->rt : busiest->rq);
	if (busiest->curr) {
		busiest->slice_end = cfs_slice_end(w, busiest);
		if (!busiest->need_resched)
			rearm(w, busiest);
	}
}

/* t's slice is over. Does another CPU have so much less to do that t should go there? */
static struct cpu *calmer(struct world *w, struct cpu *c)
{
	struct cpu *best = NULL;

	for (unsigned i = 0; i < w->sched.ncpu; i++) {
		struct cpu *o = &w->sched.cpu[i];

		if (o->nr_running + 2 <= c->nr_running && (!best || o->nr_running < best->nr_running))
			best = o;
	}
	return best;
}

static void poke(struct world *w, struct cpu *c)
{
	if (!c->curr || c->curr != w->sched.running)
		evq_arm(w->evq, c->slot, w->now, EVC_CPU);
}

/* t has joined c's queue: start an idle CPU, preempt, or let the slice of curr end for it. */
static void check_preempt(struct world *w, struct cpu *c, struct task *t)
{
	struct task *curr = c->curr;
	bool preempt;

	if (!curr) {
		poke(w, c);
		return;
	}
	if (t->rt_priority || curr->rt_priority)
		preempt = t->rt_priority > curr->rt_priority;
	else
		preempt = cfs_preempts(w, c, t);
	if (preempt) {
		c->need_resched = true;
		if (!t->rt_priority)
			c->buddy = t;
		poke(w, c);
		return;
	}
	c->slice_end = cfs_slice_end(w, c);
	if (!c->need_resched)
		rearm(w, c);
}

static void put_prev(struct world *w, struct cpu *c)
{
	struct task *t = c->curr;

	t->vruntime = cfs_vruntime(w, t);
	t->on_cpu = false;
	t->off_since = w->now;
	c->curr = NULL;
	queue_add(w, c, t, true);
}

static void set_next(struct world *w, struct cpu *c, struct task *t)
{
	queue_del(w, c, t);
	c->curr = t;
	t->on_cpu = true;
	t->exec_start = c->armed_at = w->now;
	if (t->off_since)
		t->longest_off = u64_max(t->longest_off, w->now - t->off_since);
	t->off_since = 0;
	if (t != c->last)
		t->overhead += w->cost.context_switch;
	c->last = t;
	t->overhead += u64_sub0(c->irq_until, w->now);
	c->irq_until = 0;
	psi_task_switch(w, c->id, t);
	cfs_update_min(w, c);
	c->slice_end = cfs_slice_end(w, c);
}

static void reschedule(struct world *w, struct cpu *c)
{
	struct task *prev = c->curr, *next;
	bool slice_over = prev && (c->slice_over || w->now >= c->slice_end);
	struct cpu *to;

	c->need_resched = c->slice_over = false;
	if (prev)
		put_prev(w, c);
	to = slice_over ? calmer(w, c) : NULL;
	if (to) {
		psi_task_switch(w, c->id, NULL);
		migrate(w, c, to, prev);
		check_preempt(w, to, prev);
	}
	if (!c->nr_running && w->sched.nr_queued)
		pull(w, c);
	next = c->rt ? c->rt : cfs_next(w, c);
	if (next) {
		set_next(w, c, next);
	} else {
		c->slice_end = SIM_NEVER;
		psi_task_switch(w, c->id, NULL);
	}
}

/* ---- the event handler ---- */

static void run(struct world *w, struct task *t)
{
	w->sched.running = t;
	w->switches++;
	coro_resume(t->co);
	w->sched.running = NULL;
	if (t->state == TASK_ZOMBIE)
		task_gone(w, t);
}

/* Voluntary preemption: a task in the kernel goes on to where it asks (task_yield) or sleeps. */
static bool may_preempt(const struct task *t)
{
	return t->user_burst || t->at_resched;
}

static void cpu_event(struct world *w, void *arg)
{
	struct cpu *c = arg;
	struct task *t;

	account(w, c);
	if (c->curr && w->now >= c->slice_end) {
		c->need_resched = true;
		c->slice_over = true;
		c->slice_end = SIM_NEVER;
	}
	while (!w->over) {
		if (!c->curr || (c->need_resched && may_preempt(c->curr)))
			reschedule(w, c);
		t = c->curr;
		if (!t)
			return;
		if (t->overhead + t->burst && !pass_in_place(w, c, t))
			break;
		run(w, t);
		/* The kernel's own work goes on to the next point where it may be preempted, even if it has just woken
		 * somebody who should run. */
		if (c->curr == t && t->burst && !t->user_burst)
			break;
	}
	if (!w->over)
		arm(w, c);
}

/* ---- for task.c ---- */

/* No CPU is idle: prev, unless another one runs something less urgent and prev does not. */
static struct cpu *select_rt(struct world *w, struct task *t, struct cpu *prev)
{
	for (unsigned i = 0; i <= w->sched.ncpu; i++) {
		struct cpu *c = i ? &w->sched.cpu[i - 1] : prev;

		if (!c->curr || c->curr->rt_priority < t->rt_priority)
			return c;
	}
	return prev;
}

/* Where it ran last if that is idle, else an idle CPU, else where it ran last; a new one goes where there is least
 * to do. */
static struct cpu *select_cpu(struct world *w, struct task *t, bool wakeup)
{
	struct cpu *prev = cpu_of(w, t), *best = prev;

	if (!prev->nr_running)
		return prev;
	for (unsigned i = 0; i < w->sched.ncpu; i++) {
		struct cpu *c = &w->sched.cpu[i];

		if (!c->nr_running)
			return c;
		if (!wakeup && c->nr_running < best->nr_running)
			best = c;
	}
	return t->rt_priority ? select_rt(w, t, prev) : best;
}

void sched_enqueue(struct world *w, struct task *t, bool wakeup)
{
	struct cpu *from = cpu_of(w, t), *c = select_cpu(w, t, wakeup);
	unsigned set = TSK_RUNNING | (t->memstall ? TSK_MEMSTALL_RUNNING : 0);

	if (!wakeup)
		t->vruntime = from->curr && !from->curr->rt_priority ? cfs_vruntime(w, from->curr) : from->min_vruntime;
	if (!t->rt_priority)
		cfs_place(w, c, t, from->min_vruntime, !wakeup);
	change_cpu(w, t, c);
	psi_task_change(w, t, TSK_IOWAIT, set);
	t->on_rq = true;
	count_in(c, t);
	queue_add(w, c, t, false);
	check_preempt(w, c, t);
}

void sched_block(struct world *w, struct task *t)
{
	struct cpu *c = cpu_of(w, t);

	cfs_update_min(w, c);
	t->vruntime = cfs_vruntime(w, t);
	t->on_cpu = t->on_rq = false;
	c->curr = NULL;
	c->slice_end = SIM_NEVER;
	count_out(c, t);
	cfs_update_min(w, c);
	psi_task_change(w, t, TSK_RUNNING | TSK_MEMSTALL_RUNNING, t->in_iowait ? TSK_IOWAIT : 0);
}

bool sched_sleep_in_place(struct world *w, struct task *t, sim_ns until)
{
	struct cpu *c = cpu_of(w, t);

	if (c->need_resched || w->sched.nr_queued || !may_advance(w, c, until))
		return false;
	sched_block(w, t);
	psi_task_switch(w, c->id, NULL);
	w->now = until;
	if (!t->rt_priority)
		cfs_place(w, c, t, c->min_vruntime, false);
	psi_task_change(w, t, TSK_IOWAIT, TSK_RUNNING | (t->memstall ? TSK_MEMSTALL_RUNNING : 0));
	t->on_rq = true;
	count_in(c, t);
	queue_add(w, c, t, false);
	set_next(w, c, t);
	return true;
}

void sched_switch(struct world *w, struct task *t)
{
	struct cpu *c = cpu_of(w, t);

	c->armed_at = w->now;
	coro_yield(t->co);
}

void sched_end_burst(struct world *w, struct task *t)
{
	struct cpu *c = cpu_of(w, t);

	if (t->on_cpu)
		account(w, c);
	t->burst_len -= t->burst;
	t->burst = 0;
	if (t->on_cpu && !c->need_resched)
		arm(w, c);
}

void task_sync(struct world *w, struct task *t)
{
	struct cpu *c = cpu_of(w, t);
	sim_ns end = w->now + t->pending;

	if (!t->pending && !w->over)
		return;
	if (may_advance(w, c, end)) {
		t->stime += t->pending;
		t->pending = 0;
		w->now = end;
		return;
	}
	t->burst = t->pending;
	t->pending = 0;
	sched_switch(w, t);
}

void task_burst(struct world *w, struct task *t, sim_ns ns, sim_ns *ret_used)
{
	struct cpu *c = cpu_of(w, t);
	sim_ns used = u64_min(ns, UINT64_MAX / 4), end = w->now + t->pending + used;

	*ret_used = 0;
	t->cut = false;
	if (!used || fatal_signal_pending(t)) {
		task_sync(w, t);
		return;
	}
	if (!c->need_resched && may_advance(w, c, end)) {
		t->stime += t->pending;
		t->pending = 0;
		t->utime += used;
		w->now = end;
		*ret_used = used;
		return;
	}
	t->overhead += t->pending; /* passes first */
	t->pending = 0;
	t->burst = t->burst_len = used;
	t->user_burst = true;
	sched_switch(w, t);
	t->user_burst = false;
	*ret_used = t->burst_len;
}

sim_ns task_burst_done(const struct world *w, const struct task *t)
{
	sim_ns passed, left = t->burst;

	if (!t->user_burst)
		return 0;
	if (t->on_cpu) {
		passed = u64_sub0(w->now - w->sched.cpu[t->cpu].armed_at, t->overhead);
		left = u64_sub0(left, passed);
	}
	return t->burst_len - left;
}
