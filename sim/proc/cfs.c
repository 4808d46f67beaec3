/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CFS. Source: Linux 6.1 kernel/sched/fair.c (place_entity, check_preempt_tick, wakeup_preempt_entity, sched_slice) and
 * core.c (sched_prio_to_weight). Features as there by default: GENTLE_FAIR_SLEEPERS, START_DEBIT, BASE_SLICE,
 * WAKEUP_PREEMPTION; no NEXT_BUDDY.
 * Leaves out: group scheduling, LAST_BUDDY, SCHED_IDLE and SCHED_BATCH.
 *
 * A running task's virtual time is computed from when it was put on the CPU, never added up bit by bit: how often it
 * was looked at leaves no trace in the rounding.
 */
#include "sim/proc/cfs.h"

unsigned sched_weight(int nice)
{
	static const unsigned weight[40] = {
		88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
		3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
		172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15,
	};

	if (nice < -20)
		nice = -20;
	return weight[nice > 19 ? 39 : nice + 20];
}

/* ---- the timeline: a pairing heap (Fredman et al. 1986), ordered by virtual time and tid ---- */

static bool before(const struct task *a, const struct task *b)
{
	int64_t d = (int64_t)(a->vruntime - b->vruntime);

	return d ? d < 0 : a->tid < b->tid;
}

/* Both are roots without siblings, or NULL. */
static struct task *meld(struct task *a, struct task *b)
{
	if (!a || !b)
		return a ? a : b;
	if (before(b, a)) {
		struct task *x = a;

		a = b;
		b = x;
	}
	b->rq_prev = a;
	b->rq_next = a->rq_child;
	if (b->rq_next)
		b->rq_next->rq_prev = b;
	a->rq_child = b;
	return a;
}

/* Siblings by pairs from the left, the pairs from the right. */
static struct task *meld_siblings(struct task *t)
{
	struct task *pairs = NULL, *root = NULL;

	while (t) {
		struct task *a = t, *b = t->rq_next;

		t = b ? b->rq_next : NULL;
		a->rq_next = a->rq_prev = NULL;
		if (b)
			b->rq_next = b->rq_prev = NULL;
		a = meld(a, b);
		a->rq_next = pairs;
		pairs = a;
	}
	while (pairs) {
		struct task *a = pairs;

		pairs = a->rq_next;
		a->rq_next = NULL;
		root = meld(root, a);
	}
	return root;
}

void cfs_insert(struct cpu *c, struct task *t)
{
	t->rq_next = t->rq_prev = t->rq_child = NULL;
	c->rq = meld(c->rq, t);
}

void cfs_remove(struct cpu *c, struct task *t)
{
	struct task *below = meld_siblings(t->rq_child);

	if (c->rq == t) {
		c->rq = below;
	} else {
		if (t->rq_prev->rq_child == t)
			t->rq_prev->rq_child = t->rq_next;
		else
			t->rq_prev->rq_next = t->rq_next;
		if (t->rq_next)
			t->rq_next->rq_prev = t->rq_prev;
		c->rq = meld(c->rq, below);
	}
	t->rq_next = t->rq_prev = t->rq_child = NULL;
	if (c->buddy == t)
		c->buddy = NULL;
}

/* ---- virtual time ---- */

static uint64_t to_virtual(uint64_t ns, unsigned weight)
{
	return weight == CFS_WEIGHT_0 ? ns : u64_muldiv(ns, CFS_WEIGHT_0, weight);
}

uint64_t cfs_vruntime(const struct world *w, const struct task *t)
{
	return t->vruntime + (t->on_cpu ? to_virtual(w->now - t->exec_start, t->weight) : 0);
}

static bool fair_runs(const struct cpu *c)
{
	return c->curr && !c->curr->rt_priority && c->curr->on_rq;
}

void cfs_update_min(const struct world *w, struct cpu *c)
{
	uint64_t v;

	if (fair_runs(c)) {
		v = cfs_vruntime(w, c->curr);
		if (c->rq && (int64_t)(c->rq->vruntime - v) < 0)
			v = c->rq->vruntime;
	} else if (c->rq) {
		v = c->rq->vruntime;
	} else {
		return;
	}
	if ((int64_t)(v - c->min_vruntime) > 0)
		c->min_vruntime = v;
}

struct task *cfs_next(const struct world *w, const struct cpu *c)
{
	const struct task *first = c->rq;

	if (c->buddy && (int64_t)(c->buddy->vruntime - first->vruntime) <=
				(int64_t)to_virtual(w->sched.wakeup_granularity, first->weight))
		return c->buddy;
	return c->rq;
}

/* t's part of the period in which everybody runs once; nr, load: with t. */
static sim_ns slice(const struct world *w, const struct task *t, uint32_t nr, uint64_t load)
{
	const struct sched *s = &w->sched;
	sim_ns period = nr > CFS_NR_LATENCY ? nr * s->min_granularity : s->latency;

	return u64_max(u64_muldiv(period, t->weight, load), s->min_granularity);
}

void cfs_place(const struct world *w, struct cpu *c, struct task *t, uint64_t from, bool fresh)
{
	int64_t rel = (int64_t)(t->vruntime - from), least;

	cfs_update_min(w, c);
	if (fresh) {
		uint32_t nr = c->nr_running - c->nr_rt + 1;

		least = (int64_t)to_virtual(slice(w, t, nr, c->load + t->weight), t->weight);
	} else {
		least = -(int64_t)(w->sched.latency / 2);
	}
	t->vruntime = c->min_vruntime + (uint64_t)(rel > least ? rel : least);
}

bool cfs_preempts(const struct world *w, const struct cpu *c, const struct task *t)
{
	int64_t lead = (int64_t)(cfs_vruntime(w, c->curr) - t->vruntime);

	return lead > (int64_t)to_virtual(w->sched.wakeup_granularity, t->weight);
}

/* How much longer until curr is more than `lag` ahead of the leftmost. */
static sim_ns until_ahead(const struct world *w, const struct cpu *c, sim_ns lag)
{
	const struct task *t = c->curr;
	int64_t left = (int64_t)(c->rq->vruntime + lag + 1 - cfs_vruntime(w, t));

	return left > 0 ? u64_muldiv((uint64_t)left, t->weight, CFS_WEIGHT_0) + 1 : 0;
}

/* The tick stops curr when it has run longer than its slice, or, once it has run for the minimal granularity, when
 * it is further ahead of the first waiting task than a slice. Nothing else changes meanwhile, so the tick can be
 * told beforehand. */
sim_ns cfs_slice_end(const struct world *w, const struct cpu *c)
{
	const struct sched *s = &w->sched;
	sim_ns ideal, ran, need;

	if (!fair_runs(c) || !c->rq)
		return SIM_NEVER;
	ideal = slice(w, c->curr, c->nr_running - c->nr_rt, c->load);
	ran = w->now - c->curr->exec_start;
	need = u64_max(until_ahead(w, c, ideal), u64_sub0(s->min_granularity, ran));
	need = u64_max(u64_min(need, u64_sub0(ideal + 1, ran)), 1);
	return (w->now + need + s->tick - 1) / s->tick * s->tick;
}
