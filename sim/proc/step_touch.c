/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The touch step: accesses to the pages of a region by a pattern, in three gaits.
 *
 * - As fast as it goes: run up to the next fault in one piece of CPU time (access_hits() says how far), then fault.
 * - At a rate: a batch, a look at the clock, a sleep, as the oracle's guest does; batches that are sure to hit are
 *   leapt over in one sleep, which ends early (task_cut) when a page goes missing. The CPU time of what was leapt is
 *   accounted but keeps nobody waiting, so only programs that use little of a CPU leap.
 * - Per access (the reference mode): every access is drawn and its page table entry looked at. A hit sets the page's
 *   accessed and dirty bits at once, where the other gaits leave that to access_referenced().
 */
#include "sim/mm/access.h"
#include "sim/proc/steps.h"

#include <errno.h>

/* As fast as it goes: touches between two looks at the clock. */
#define TOUCH_BATCH   32
/* Leap only when batches take less than this part of their period. */
#define LEAP_CPU_DIV  16
/* Longest run while another thread is the region's runner, whom alone access_clock() sees. */
#define SHARED_RUN_NS NS_PER_MS
#define FAR           (UINT64_MAX / 4)

struct touch {
	struct world *w;
	struct task *t;
	const struct step_cfg *s;
	struct vma *v;
	uint64_t batch, left, done; /* accesses */
	uint64_t in_batch;          /* of those since the last look at the clock */
	sim_ns each;                /* CPU time of a hit */
	sim_ns carry;               /* CPU time used beyond whole touches by a run that was cut */
	sim_ns deadline;
	struct pace pace;
};

/* ---- bookkeeping ---- */

static struct access *pattern_of(const struct touch *c)
{
	return &c->v->access;
}

/* The task's own clock: what it has been charged with has passed for it. */
static sim_ns own_now(const struct touch *c)
{
	return c->w->now + c->t->pending;
}

static void credit(struct touch *c, uint64_t n)
{
	pattern_of(c)->clock += n;
	c->t->p->work_pages += n;
	c->done += n;
	c->left -= u64_min(n, c->left);
}

/* n accesses have been made since `start`, and the longest time without one was `lost`. Tell when a program that
 * looks at its clock every batch would first have looked after that. */
static void note_stall(struct touch *c, uint64_t n, sim_ns start, sim_ns lost)
{
	sim_ns look;

	if (c->in_batch + n < c->batch) {
		c->in_batch += n;
		return;
	}
	look = start + lost + (c->batch - c->in_batch) * c->each;
	c->pace.max_stall = u64_max(c->pace.max_stall, u64_sub0(look, c->pace.last));
	c->in_batch = (c->in_batch + n) % c->batch;
	c->pace.last = u64_max(look, u64_sub0(own_now(c), c->in_batch * c->each));
}

static bool touch_more(const struct touch *c)
{
	return c->left && own_now(c) < c->deadline && !fatal_signal_pending(c->t) && !c->w->over;
}

/* The region may have been unmapped, in whole or in part, by a process that shares the address space. */
static void touch_check_region(const struct touch *c)
{
	const struct process *p = c->t->p;

	if (p->mm->users > 1 && (!region_has(p, c->v, 0) || pattern_of(c)->off + pattern_of(c)->n > c->v->npages))
		program_leave(c->w, c->t, SIGSEGV_NR, 0);
}

/* A run or a leap is over: the region, if it is still there, has no runner or leaper to tell of changes. */
static void touch_stop(struct touch *c)
{
	struct access *a = pattern_of(c);

	c->t->touching = NULL;
	if (region_has(c->t->p, c->v, 0)) {
		if (a->runner == c->t)
			a->runner = NULL;
		if (a->leaper == c->t)
			a->leaper = NULL;
	}
	program_check(c->w, c->t);
	touch_check_region(c);
}

static void lump_passes(struct touch *c)
{
	if (c->t->pending >= LUMP_NS)
		task_yield(c->w, c->t);
}

/* ---- one access ---- */

static enum fault_result fault(struct touch *c, uint64_t idx)
{
	enum fault_result r;

	if (c->s->write && c->s->read_first && !pte_present(vma_pte(c->w, c->v, idx))) {
		r = fault_page(c->w, c->t, c->v, idx, false);
		if (r != FAULT_OK)
			return r;
		touch_check_region(c);
	}
	return fault_page(c->w, c->t, c->v, idx, c->s->write);
}

/* An access to page idx, which is missing. */
static void access_missing(struct touch *c, uint64_t idx)
{
	program_check_fault(c->w, c->t, fault(c, idx));
	touch_check_region(c);
	task_cpu(c->t, c->each);
	credit(c, 1);
}

/* An access in the per-access mode: a hit sets what the processor would set. */
static void access_one(struct touch *c)
{
	uint64_t idx = access_draw(c->w, c->v, c->t->rng);
	pte_t e = vma_pte(c->w, c->v, idx);

	if (vma_pte_missing(c->v, e)) {
		access_missing(c, idx);
		return;
	}
	if (pte_pfn(e) != ZERO_PFN) {
		uint16_t *flags = &c->w->mm.f.flags[pte_pfn(e)];

		*flags |= (uint16_t)(F_YOUNG | (c->s->write && !(*flags & F_FILECACHE) ? F_DIRTY : 0));
	}
	task_cpu(c->t, c->each);
	credit(c, 1);
}

/* ---- as fast as it goes ---- */

/* Hits before the deadline, given the whole CPU; the guest looks at its clock after whole batches only. */
static uint64_t until_deadline(const struct touch *c)
{
	uint64_t n;

	if (c->deadline == SIM_NEVER)
		return FAR;
	n = u64_sub0(c->deadline, own_now(c)) / u64_max(c->each, 1) + 1;
	return u64_min((n + c->batch - 1) / c->batch * c->batch, FAR);
}

/* n hits as one piece of CPU time, which ends early if a page goes missing. Returns how many it came to. */
static uint64_t run_hits(struct touch *c, uint64_t n)
{
	struct access *a = pattern_of(c);
	bool sole = !a->runner;
	sim_ns used = 0;

	if (sole) {
		a->runner = c->t;
		a->touch_ns = c->each;
	} else {
		n = u64_min(n, SHARED_RUN_NS / c->each + 1);
	}
	c->t->touching = c->v;
	task_burst(c->w, c->t, u64_sub0(n * c->each, c->carry), &used);
	touch_stop(c);
	used += c->carry;
	c->carry = used >= n * c->each ? 0 : used % c->each;
	return u64_min(used / c->each, n);
}

static void run_to_fault(struct touch *c)
{
	sim_ns start = own_now(c);

	access_missing(c, access_fault_page(c->w, c->v, c->t->rng));
	note_stall(c, 1, start, own_now(c) - start);
}

/* Run to the next fault, the deadline or the end. */
static void touch_run(struct touch *c)
{
	uint64_t hits = access_hits(c->w, c->v, c->t->rng), n = u64_min(u64_min(hits, c->left), until_deadline(c)), got;
	sim_ns start = own_now(c);

	got = n = u64_min(n, FAR / c->each);
	c->t->longest_off = 0;
	if (n * c->each > LUMP_NS)
		got = run_hits(c, n);
	else
		task_cpu(c->t, n * c->each);
	credit(c, got);
	note_stall(c, got, start, c->t->longest_off);
	if (got == hits && c->left)
		run_to_fault(c);
	lump_passes(c);
}

/* ---- in batches ---- */

static uint64_t touch_batch(struct touch *c)
{
	uint64_t n = u64_min(c->batch, c->left), left = n;

	while (left) {
		uint64_t hits = c->w->cfg->per_access ? 0 : u64_min(access_hits(c->w, c->v, c->t->rng), left);

		task_cpu(c->t, hits * c->each);
		credit(c, hits);
		left -= hits;
		if (!left)
			break;
		if (c->w->cfg->per_access)
			access_one(c);
		else
			access_missing(c, access_fault_page(c->w, c->v, c->t->rng));
		left--;
		lump_passes(c);
	}
	return n;
}

/* Whole batches, from the next one on, that hit and begin before the deadline. */
static uint64_t leap_batches(const struct touch *c, sim_ns period)
{
	const struct cost_cfg *k = &c->w->cost;
	uint64_t n;

	if (c->w->cfg->per_access || pace_thinks(&c->s->think) || pattern_of(c)->leaper)
		return 0;
	if ((c->batch * c->each + k->timer + k->context_switch) * LEAP_CPU_DIV > period)
		return 0;
	n = u64_min(access_hits(c->w, c->v, c->t->rng), c->left) / c->batch;
	if (c->deadline != SIM_NEVER)
		n = u64_min(n, (u64_sub0(c->deadline, c->pace.next) + period - 1) / period);
	return u64_min(n, (FAR - u64_min(c->pace.next, FAR)) / period);
}

static void leap_begin(struct touch *c, sim_ns period)
{
	struct access *a = pattern_of(c);

	a->leaper = c->t;
	a->leap_from = c->pace.next - period;
	a->leap_period = period;
	a->leap_batch = c->batch;
	c->t->touching = c->v;
}

/* Account for the batches that were done on the way. */
static void leap_end(struct touch *c, sim_ns period, uint64_t n)
{
	uint64_t k = u64_min(u64_sub0(c->w->now, c->pace.next - period) / period, n);

	touch_stop(c);
	credit(c, k * c->batch);
	c->t->utime += k * c->batch * c->each;
	c->pace.next += k * period;
}

/* Sleep until the next batch is due, or further if those in between hit. */
static void touch_sleep(struct touch *c)
{
	sim_ns period = pace_period(&c->pace, c->batch);

	while (c->w->now < c->pace.next) {
		uint64_t n = leap_batches(c, period);
		sim_ns until = c->pace.next + n * period;

		if (n)
			leap_begin(c, period);
		task_wait(c->w, c->t, NULL, TASK_INTERRUPTIBLE, until);
		if (n)
			leap_end(c, period, n);
		program_check(c->w, c->t);
		if (c->w->now >= until)
			break;
	}
	c->pace.last = c->w->now;
}

static void touch_paced(struct touch *c)
{
	uint64_t n = touch_batch(c);

	if (pace_due(c->w, c->t, &c->pace, n))
		touch_sleep(c);
	program_check(c->w, c->t);
	touch_check_region(c);
	if (!pace_think(c->w, c->t, &c->s->think))
		program_leave(c->w, c->t, SIGKILL_NR, 0);
	c->pace.last = c->w->now;
}

/* ---- the step ---- */

static void describe(const struct world *w, const struct step_cfg *s, const struct vma *v, struct access *ret)
{
	uint64_t off = s->offset / w->cfg->machine.page_size, n = bytes_to_pages(w, s->size);

	*ret = (struct access){
		.write = s->write, .pattern = s->pattern, .zipf_s = s->zipf_s, .hot_weight = s->hot_weight
	};
	ret->off = u64_min(off, v->npages);
	ret->n = v->npages - ret->off;
	if (n)
		ret->n = u64_min(ret->n, n);
	ret->hot = u64_min(u64_max((uint64_t)((double)ret->n * s->hot_fraction + 0.5), 1), ret->n);
}

/* Once for all threads: the region has one pattern at a time. */
void step_touch_prepare(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct vma *v = vma_find(t->p->mm, s->region);
	struct access a;

	t->p->shared_end = 0;
	if (!v)
		return;
	if (v->access.runner)
		task_cut(w, v->access.runner);
	if (v->access.leaper)
		task_cut(w, v->access.leaper);
	describe(w, s, v, &a);
	if (!a.n)
		return;
	if (access_begin(w, v, &a))
		world_fail(w, SIM_ENOMEM);
	else
		t->p->shared_end = a.n;
}

static void cut_at_deadline(struct world *w, void *arg)
{
	struct task *t = arg;

	if (t->touching)
		task_cut(w, t);
}

static bool touch_open(struct touch *c)
{
	struct world *w = c->w;
	const struct step_cfg *s = c->s;
	uint64_t n = s->accesses;

	c->v = vma_find(c->t->p->mm, s->region);
	if (!c->v || !c->t->p->shared_end) {
		task_cpu(c->t, w->cost.syscall);
		step_failed(w, c->t, s, EFAULT, 0, n);
		return false;
	}
	if (!n)
		n = s->duration ? FAR : pattern_of(c)->n;
	c->left = n == FAR ? FAR : thread_share(c->t, n);
	c->batch = s->batch ? s->batch : pace_default_batch(s->rate / c->t->p->nthread, TOUCH_BATCH);
	c->each = u64_max(w->cost.touch, 1);
	pace_begin(w, c->t, &c->pace, s->rate / c->t->p->nthread, s->catch_up);
	c->deadline = s->duration ? c->pace.begin + s->duration : SIM_NEVER;
	return true;
}

/* The alarm is the task's own, and goes with it: only made when a run may be long. */
static void touch_alarm(struct touch *c)
{
	if (c->deadline == SIM_NEVER)
		return;
	if (c->t->alarm < 0)
		c->t->alarm = world_slot_new(c->w, cut_at_deadline, c->t);
	if (c->t->alarm >= 0)
		evq_arm(c->w->evq, c->t->alarm, c->deadline, EVC_TIMER);
}

void step_touch(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct touch c = { .w = w, .t = t, .s = s };
	bool batches = s->rate > 0 || pace_thinks(&s->think) || w->cfg->per_access;

	if (!touch_open(&c))
		return;
	if (!batches)
		touch_alarm(&c);
	while (touch_more(&c)) {
		if (batches)
			touch_paced(&c);
		else
			touch_run(&c);
		touch_check_region(&c);
	}
	if (t->alarm >= 0)
		evq_disarm(w->evq, t->alarm);
	program_check(w, t);
	step_end(w, t, s, c.done, &c.pace);
}

uint64_t touch_under_way(const struct world *w, const struct task *t)
{
	const struct access *a;

	if (!t->touching || !region_has(t->p, t->touching, 0))
		return 0;
	a = &t->touching->access;
	if (a->runner == t)
		return task_burst_done(w, t) / u64_max(a->touch_ns, 1);
	if (a->leaper == t && w->now > a->leap_from)
		return (w->now - a->leap_from) / a->leap_period * a->leap_batch;
	return 0;
}
