/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Charging: who pays for a page, and what happens at a limit (mm/memcontrol.c of 6.1: try_charge_memcg and around it,
 * mm/page_counter.c; specification H.1, H.3, H.6). */
#include "sim/mm/memcg.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#define COSTLY_PAGES 8 /* 1 << PAGE_ALLOC_COSTLY_ORDER */

uint32_t memcg_batch(const struct world *w)
{
	return w->km->memcg_batch ? w->km->memcg_batch : MEMCG_BATCH;
}

/* ---- counters ---- */

static void uncharge_up_to(struct memcg *m, const struct memcg *stop, uint64_t n)
{
	for (; m != stop; m = m->parent)
		m->memory.usage -= n;
}

static void note_peak(struct memcg *m)
{
	m->memory.peak = u64_max(m->memory.peak, m->memory.usage);
	m->memsw_peak = u64_max(m->memsw_peak, memcg_memsw(m));
}

bool memcg_counter_charge(struct memcg *m, uint64_t n, struct memcg **ret_over)
{
	for_each_ancestor(a, m)
		if (memcg_memsw(a) + n > a->memsw_max) {
			*ret_over = a;
			a->memsw_failcnt++;
			return false;
		}
	for_each_ancestor(a, m)
	{
		if (a->memory.usage + n > a->memory.max) {
			a->memory.failcnt++;
			uncharge_up_to(m, a, n);
			*ret_over = a;
			return false;
		}
		a->memory.usage += n;
		note_peak(a);
	}
	return true;
}

void memcg_counter_uncharge(struct world *w, struct memcg *m, uint64_t n)
{
	for_each_ancestor(a, m) a->memory.usage -= n;
	memcg_oom_recover(w, m);
}

static void force_charge(struct memcg *m, uint64_t n)
{
	for_each_ancestor(a, m)
	{
		a->memory.usage += n;
		note_peak(a);
	}
}

uint64_t memcg_margin(const struct memcg *m)
{
	return u64_min(u64_sub0(m->memory.max, m->memory.usage), u64_sub0(m->memsw_max, memcg_memsw(m)));
}

/* ---- stocks ---- */

static struct memcg_stock *stock_of(struct world *w, const struct task *t)
{
	return &w->memcg.stock[t->cpu];
}

static void drain(struct world *w, struct memcg_stock *s)
{
	if (s->cached && s->n)
		memcg_counter_uncharge(w, s->cached, s->n);
	*s = (struct memcg_stock){ 0 };
}

/* drain_all_stock() */
void memcg_drain_stocks(struct world *w, const struct memcg *top)
{
	for (unsigned i = 0; i < w->cfg->machine.ncpu; i++) {
		struct memcg_stock *s = &w->memcg.stock[i];

		if (s->cached && memcg_within(s->cached, top))
			drain(w, s);
	}
}

static bool consume(struct world *w, const struct task *t, const struct memcg *m, uint32_t n)
{
	struct memcg_stock *s = stock_of(w, t);

	if (n > memcg_batch(w) || s->cached != m || s->n < n)
		return false;
	s->n -= n;
	return true;
}

static void refill(struct world *w, struct memcg_stock *s, struct memcg *m, uint64_t n)
{
	if (s->cached != m) {
		drain(w, s);
		s->cached = m;
	}
	s->n += n;
	if (s->n > memcg_batch(w)) /* the cgroup stays the stock's, the pages go back */
		drain(w, s);
}

/* ---- the charge ---- */

static bool dying(const struct task *t)
{
	return fatal_signal_pending(t) || t->p->oom_mm;
}

/* What follows a limit that was hit, once. */
enum next { AGAIN, REFUSE, FORCE };

struct charge {
	struct world *w;
	struct task *t;
	struct memcg *over;
	uint32_t gfp, n, batch;
	unsigned retries;
	bool drained, passed_oom;
};

static uint64_t reclaim_at_limit(struct charge *c)
{
	bool memsw = memcg_memsw(c->over) + c->n > c->over->memsw_max;
	uint64_t got;

	task_sync(c->w, c->t);
	memcg_event(c->over, c->w, MEMCG_MAX);
	psi_memstall_enter(c->w, c->t);
	got = (memsw ? memcg_reclaim_no_swap : memcg_reclaim)(c->w, c->t, c->over, c->n, c->gfp);
	task_sync(c->w, c->t);
	psi_memstall_leave(c->w, c->t);
	return got;
}

static unsigned max_retries(const struct world *w)
{
	return w->km->memcg_retries ? w->km->memcg_retries : MAX_RECLAIM_RETRIES;
}

static enum next at_limit(struct charge *c)
{
	enum memcg_oom_status oom;
	uint64_t got;

	if (c->t->pf_memalloc || (c->w->km->memcg_dying_forced && dying(c->t)))
		return FORCE;
	if (c->t->memcg_in_oom || !(c->gfp & GFP_DIRECT_RECLAIM_BIT))
		return REFUSE;
	got = reclaim_at_limit(c);
	if (memcg_margin(c->over) >= c->n)
		return AGAIN;
	if (!c->drained) {
		memcg_drain_stocks(c->w, c->over);
		c->drained = true;
		return AGAIN;
	}
	if (c->gfp & GFP_NORETRY_BIT)
		return REFUSE;
	if (got && c->n <= COSTLY_PAGES)
		return AGAIN;
	if (c->retries) {
		c->retries--;
		return AGAIN;
	}
	if (c->passed_oom && dying(c->t))
		return REFUSE;
	oom = memcg_oom(c->w, c->t, c->over, c->gfp);
	if (oom == MEMCG_OOM_FAILED && c->w->km->memcg_failed_forced)
		return FORCE;
	if (oom != MEMCG_OOM_SUCCESS)
		return REFUSE;
	c->passed_oom = true;
	c->retries = max_retries(c->w);
	return AGAIN;
}

/* A batch if there is room for one, the rest of it for those who come next. Returns what was charged; 0: limit hit. */
static uint32_t charge_batch(struct charge *c, struct memcg *m)
{
	if (memcg_counter_charge(m, c->batch, &c->over))
		return c->batch;
	if (c->batch == c->n)
		return 0;
	c->batch = c->n; /* from now on no more than is needed */
	return memcg_counter_charge(m, c->n, &c->over) ? c->n : 0;
}

bool memcg_try_charge(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t n)
{
	struct charge c = { .w = w,
			    .t = t,
			    .gfp = gfp,
			    .n = n,
			    .retries = max_retries(w),
			    .batch = (uint32_t)u64_max(memcg_batch(w), n) };
	uint32_t batch;

	if (memcg_is_root(m))
		return true;
	while (!consume(w, t, m, n)) {
		enum next next;

		batch = charge_batch(&c, m);
		if (batch) {
			if (batch > n)
				refill(w, stock_of(w, t), m, batch - n);
			memcg_check_high(w, t, m, gfp, batch);
			return true;
		}
		if (w->over || w->error)
			return false;
		next = at_limit(&c);
		if (next == FORCE)
			force_charge(m, n);
		else if (next == REFUSE)
			t->fault_oom = t->user_fault && !(gfp & GFP_NORETRY_BIT);
		if (next != AGAIN)
			return next == FORCE;
	}
	return true;
}

/* ---- pages ---- */

static bool charge_to(struct world *w, struct task *t, pfn_t p, struct memcg *m, uint32_t gfp)
{
	if (!memcg_try_charge(w, t, m, gfp, 1))
		return false;
	w->mm.f.memcg[p] = (uint16_t)m->id;
	if (w->memcg.listeners)
		memcg_page_event(w, m);
	return true;
}

bool memcg_charge_page(struct world *w, struct task *t, pfn_t p, uint32_t gfp)
{
	return charge_to(w, t, p, t->p->memcg ? t->p->memcg : w->memcg.v, gfp);
}

bool memcg_charge_swapin(struct world *w, struct task *t, pfn_t p, uint32_t slot)
{
	struct memcg *m = &w->memcg.v[w->swap.memcg[slot]];

	return charge_to(w, t, p, m->offline ? t->p->memcg : m, GFP_KERNEL);
}

void memcg_uncharge_page(struct world *w, pfn_t p)
{
	uint16_t *id = &w->mm.f.memcg[p];

	if (*id)
		memcg_counter_uncharge(w, &w->memcg.v[*id], 1);
	if (*id && w->memcg.listeners)
		memcg_page_event(w, &w->memcg.v[*id]);
	*id = 0;
}

/* ---- kernel memory ---- */

bool memcg_charge_kernel(struct world *w, struct task *t, uint32_t n, struct memcg **ret)
{
	struct memcg *m = t->p->memcg;

	*ret = NULL;
	if (memcg_is_root(m))
		return true;
	if (!memcg_try_charge(w, t, m, GFP_KERNEL_ACCOUNT, n))
		return false;
	for_each_ancestor(a, m) a->kmem += n;
	*ret = m;
	return true;
}

void memcg_uncharge_kernel(struct world *w, struct memcg *m, uint64_t n)
{
	if (memcg_is_root(m))
		return;
	for_each_ancestor(a, m) a->kmem -= n;
	memcg_counter_uncharge(w, m, n);
}

/* ---- swap ---- */

bool memcg_charge_swap(struct world *w, pfn_t p, uint32_t slot)
{
	struct memcg *m = frame_memcg(w, p);

	if (!m)
		return true;
	for_each_ancestor(a, m)
	{
		if (a->swap.usage < a->swap.max || w->memcg.v1)
			continue;
		a->swap.failcnt++;
		memcg_event(m, w, MEMCG_SWAP_MAX);
		memcg_event(m, w, MEMCG_SWAP_FAIL);
		return false;
	}
	for_each_ancestor(a, m) a->swap.peak = u64_max(a->swap.peak, ++a->swap.usage);
	w->swap.memcg[slot] = (uint16_t)m->id;
	return true;
}

void memcg_uncharge_swap(struct world *w, uint32_t slot)
{
	for_each_ancestor(a, &w->memcg.v[w->swap.memcg[slot]]) a->swap.usage--;
	w->swap.memcg[slot] = 0;
}

void memcg_swapped_out(struct world *w, uint32_t slot, int by)
{
	if (!w->swap.memcg)
		return;
	for_each_ancestor(a, &w->memcg.v[w->swap.memcg[slot]])
		a->swapped_out += (uint64_t)(int64_t)by;
	if (by < 0)
		memcg_oom_recover(w, &w->memcg.v[w->swap.memcg[slot]]);
}

void memcg_no_slot(struct world *w, pfn_t p)
{
	struct memcg *m = frame_memcg(w, p);

	if (m)
		memcg_event(m, w, MEMCG_SWAP_FAIL);
}

uint64_t memcg_swap_left(const struct world *w, const struct memcg *m)
{
	uint64_t left = w->swap.free;

	if (m && !w->memcg.v1)
		for (; m->parent; m = m->parent)
			left = u64_min(left, u64_sub0(m->swap.max, m->swap.usage));
	return left;
}

bool memcg_swap_full(const struct world *w, pfn_t p)
{
	struct memcg *m = frame_memcg(w, p);

	if (!m || w->memcg.v1)
		return false;
	for_each_ancestor(a, m) if (a->swap.usage * 2 >= u64_min(a->swap_high, a->swap.max)) return true;
	return false;
}
