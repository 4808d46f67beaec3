/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pressure stall information. Source: Linux 6.1 and 5.10 kernel/sched/psi.c, the latter for the older rule of "full"
 * (PSI_FULL_NO_RUNNABLE), which also had the timer tick look whether the running task was reclaiming.
 * Faithful: states by CPU, weighting by non-idle jiffies (truncated, as in the kernel: a CPU that was not idle for a
 * whole jiffy between two looks contributes nothing), averages by fixed point, aggregation by every reader.
 * Each cgroup has a group of its own, which sees its subtree's tasks. Leaves out: triggers, the averager's sleep while the system is idle (a missed period decays the same).
 * Known values: 100 % stall from zero gives avg10 18.11, 32.94 after one and two periods (specification I.3).
 */
#include "sim/world/engine.h"

#define STATE_SOME(res) (1u << (2 * (res)))
#define STATE_FULL(res) (1u << (2 * (res) + 1))
#define STATE_NONIDLE   (1u << 6)
#define NR_STATES       7

#define FSHIFT  11
#define FIXED_1 (UINT64_C(1) << FSHIFT)

enum { NR_IOWAIT, NR_MEMSTALL, NR_RUNNING, NR_MEMSTALL_RUNNING, NR_ONCPU }; /* bit numbers of enum psi_task_flag */

static void psi_timer(struct world *w, void *arg);

static sim_ns psi_period(const struct world *w)
{
	sim_ns tick = NS_PER_SEC / w->cfg->machine.hz;

	return (2 * w->cfg->machine.hz + 1) * tick;
}

static bool group_init(struct world *w, struct psi *p)
{
	p->ncpu = w->cfg->machine.ncpu;
	p->cpu = sim_calloc(w->a, p->ncpu, sizeof(*p->cpu));
	if (!p->cpu)
		return false;
	for (unsigned i = 0; i < p->ncpu; i++)
		p->cpu[i].state_start = w->now;
	p->avg_last = w->now;
	p->avg_next = w->now + psi_period(w);
	return true;
}

int psi_init(struct world *w)
{
	struct psi *p = &w->psi;

	p->slot = world_slot_new(w, psi_timer, NULL);
	if (p->slot < 0 || !group_init(w, p))
		return SIM_ENOMEM;
	evq_arm(w->evq, p->slot, p->avg_next, EVC_TIMER);
	for_each_memcg(w, m, NULL) {
		if (!m->parent)
			continue;
		m->psi = sim_calloc(w->a, 1, sizeof(*m->psi));
		if (!m->psi || !group_init(w, m->psi))
			return SIM_ENOMEM;
	}
	return SIM_OK;
}

void psi_free(struct world *w)
{
	sim_free(w->a, w->psi.cpu);
	w->psi.cpu = NULL;
	w->psi.ncpu = 0;
}

/* ---- states ---- */

static bool new_rule(const struct world *w)
{
	return !w->km || w->km->psi_full == PSI_FULL_NO_PRODUCTIVE;
}

/* Is the task on this CPU stalled itself: reclaiming rather than working? */
static bool curr_stalled(const struct psi_cpu *c)
{
	return c->curr && c->curr->psi_flags & TSK_MEMSTALL;
}

/* CPU full is not defined for the whole system. */
static unsigned test_states(const struct world *w, const struct psi_cpu *c)
{
	const uint32_t *n = c->tasks;
	unsigned s = 0;

	if (n[NR_IOWAIT])
		s |= STATE_SOME(PSI_IO) | (n[NR_RUNNING] ? 0 : STATE_FULL(PSI_IO));
	if (n[NR_MEMSTALL]) {
		bool full = new_rule(w) ? n[NR_RUNNING] == n[NR_MEMSTALL_RUNNING] || curr_stalled(c) : !n[NR_RUNNING];

		s |= STATE_SOME(PSI_MEM) | (full ? STATE_FULL(PSI_MEM) : 0);
	}
	if (n[NR_RUNNING] > n[NR_ONCPU])
		s |= STATE_SOME(PSI_CPU);
	if (n[NR_IOWAIT] || n[NR_MEMSTALL] || n[NR_RUNNING])
		s |= STATE_NONIDLE;
	return s;
}

/*
 * Up to 5.12 nobody noticed when the running task began to reclaim; instead each timer tick that met one counted the
 * time since the last change of state, at most one tick, as full. Ticks follow each other within a state, so what
 * counts is the time up to the last of them.
 */
static sim_ns seen_by_ticks(const struct world *w, const struct psi_cpu *c)
{
	sim_ns tick = NS_PER_SEC / w->cfg->machine.hz;

	if (new_rule(w) || !curr_stalled(c) || c->state & STATE_FULL(PSI_MEM))
		return 0;
	return u64_sub0(w->now / tick * tick, c->state_start);
}

static void record_times(const struct world *w, struct psi_cpu *c)
{
	sim_ns d = w->now - c->state_start;

	if (!d)
		return;
	for (unsigned s = c->state; s; s &= s - 1)
		c->times[__builtin_ctz(s)] += d;
	c->times[2 * PSI_MEM + 1] += seen_by_ticks(w, c);
	if (c->state & STATE_FULL(PSI_IO))
		c->iowait += d;
	c->state_start = w->now;
}

static void group_change(const struct world *w, struct psi_cpu *c, unsigned clear, unsigned set)
{
	record_times(w, c);
	for (unsigned m = clear; m; m &= m - 1)
		c->tasks[__builtin_ctz(m)]--;
	for (unsigned m = set; m; m &= m - 1)
		c->tasks[__builtin_ctz(m)]++;
}

void psi_task_change(struct world *w, struct task *t, unsigned clear, unsigned set)
{
	struct psi_cpu *c;

	clear &= t->psi_flags;
	set &= ~(t->psi_flags & ~clear);
	if (!w->psi.cpu || !(clear | set))
		return;
	c = &w->psi.cpu[t->cpu];
	group_change(w, c, clear, set);
	for_each_ancestor(m, t->p->cgroup)
		group_change(w, &m->psi->cpu[t->cpu], clear, set);
	t->psi_flags = (t->psi_flags & ~clear) | set;
	c->state = test_states(w, c);
	for_each_ancestor(m, t->p->cgroup)
		m->psi->cpu[t->cpu].state = test_states(w, &m->psi->cpu[t->cpu]);
}

/* Who runs, as its cgroups and those of the one before see it. */
static void group_switch(struct world *w, int cpu, struct memcg *of, struct task *curr)
{
	for_each_ancestor(m, of) {
		struct psi_cpu *c = &m->psi->cpu[cpu];

		record_times(w, c);
		c->curr = curr;
		c->state = test_states(w, c);
	}
}

void psi_task_switch(struct world *w, int cpu, struct task *next)
{
	struct psi_cpu *c;

	if (!w->psi.cpu || w->psi.cpu[cpu].curr == next)
		return;
	c = &w->psi.cpu[cpu];
	record_times(w, c);
	if (c->curr) {
		psi_task_change(w, c->curr, TSK_ONCPU, 0);
		group_switch(w, cpu, c->curr->p->cgroup, NULL);
	}
	c->curr = next;
	if (next) {
		psi_task_change(w, next, 0, TSK_ONCPU);
		group_switch(w, cpu, next->p->cgroup, next);
	}
	c->state = test_states(w, c);
}

/* One thread as the groups of m and above see it: its states gone (on: there). */
static void move_thread(struct world *w, const struct task *t, struct memcg *m, bool on)
{
	bool curr = w->psi.cpu[t->cpu].curr == t;

	for_each_ancestor(a, m) {
		struct psi_cpu *c = &a->psi->cpu[t->cpu];

		group_change(w, c, on ? 0 : t->psi_flags, on ? t->psi_flags : 0);
		if (curr)
			c->curr = on ? (struct task *)t : NULL;
		c->state = test_states(w, c);
	}
}

void psi_move(struct world *w, struct process *p, struct memcg *to)
{
	for (uint32_t i = 0; w->psi.cpu && i < p->nthread; i++)
		move_thread(w, p->thread[i], p->cgroup, false);
	p->cgroup = to;
	for (uint32_t i = 0; w->psi.cpu && i < p->nthread; i++)
		move_thread(w, p->thread[i], to, true);
}

void psi_memstall_enter(struct world *w, struct task *t)
{
	if (!t->memstall++)
		psi_task_change(w, t, 0, TSK_MEMSTALL | (t->on_rq ? TSK_MEMSTALL_RUNNING : 0));
}

void psi_memstall_leave(struct world *w, struct task *t)
{
	if (!--t->memstall)
		psi_task_change(w, t, TSK_MEMSTALL | TSK_MEMSTALL_RUNNING, 0);
}

/* ---- aggregation ---- */

static void aggregate(struct world *w, struct psi *p)
{
	sim_ns tick = NS_PER_SEC / w->cfg->machine.hz;
	unsigned __int128 sum[NR_STATES - 1] = { 0 };
	uint64_t weights = 0;

	for (unsigned i = 0; i < p->ncpu; i++) {
		struct psi_cpu *c = &p->cpu[i];
		uint64_t weight;

		record_times(w, c);
		weight = c->times[NR_STATES - 1] / tick;
		weights += weight;
		for (unsigned s = 0; s < NR_STATES - 1; s++)
			sum[s] += (unsigned __int128)c->times[s] * weight;
		for (unsigned s = 0; s < NR_STATES; s++)
			c->times[s] = 0;
	}
	for (unsigned s = 0; s < NR_STATES - 1; s++)
		p->total[s / 2][s % 2] += (uint64_t)(sum[s] / u64_max(weights, 1));
}

/* ---- averages: kernel/sched/loadavg.c's fixed point ---- */

static const uint64_t decay[3] = { 1677, 1981, 2034 }; /* 1/exp(2s/10s), 1/exp(2s/60s), 1/exp(2s/300s) */

static uint64_t calc_load(uint64_t load, uint64_t exp, uint64_t active)
{
	uint64_t l = load * exp + active * (FIXED_1 - exp);

	return (active >= load ? l + FIXED_1 - 1 : l) / FIXED_1;
}

static uint64_t power(uint64_t x, uint64_t n)
{
	uint64_t r = FIXED_1;

	for (; n; n >>= 1) {
		if (n & 1)
			r = (r * x + FIXED_1 / 2) >> FSHIFT;
		x = (x * x + FIXED_1 / 2) >> FSHIFT;
	}
	return r;
}

static void calc_avgs(uint64_t avg[3], uint64_t missed, sim_ns stalled, sim_ns period)
{
	uint64_t active = stalled * 100 / period * FIXED_1;

	for (int i = 0; i < 3; i++) {
		if (missed)
			avg[i] = calc_load(avg[i], power(decay[i], missed), 0);
		avg[i] = calc_load(avg[i], decay[i], active);
	}
}

static void update_averages(struct world *w, struct psi *p)
{
	sim_ns length = psi_period(w), period;
	uint64_t missed = (w->now - p->avg_next) / length;

	p->avg_next += (1 + missed) * length;
	period = w->now - (p->avg_last + missed * length);
	p->avg_last = w->now;
	for (unsigned s = 0; s < NR_STATES - 1; s++) {
		unsigned res = s / 2, full = s % 2;
		sim_ns sample = u64_min(p->total[res][full] - p->avg_total[res][full], period);

		p->avg_total[res][full] += sample;
		calc_avgs(p->avg[res][full], missed, sample, period);
	}
}

static bool psi_look(struct world *w, struct psi *p)
{
	aggregate(w, p);
	if (w->now < p->avg_next)
		return false;
	update_averages(w, p);
	return true;
}

static void look_at_system(struct world *w)
{
	if (psi_look(w, &w->psi))
		evq_arm(w->evq, w->psi.slot, w->psi.avg_next, EVC_TIMER);
}

static void psi_timer(struct world *w, void *arg)
{
	(void)arg;
	look_at_system(w);
	for_each_memcg(w, m, NULL)
		if (m->psi)
			psi_look(w, m->psi);
}

static uint32_t hundredths(uint64_t avg)
{
	return (uint32_t)((avg >> FSHIFT) * 100 + (((avg & (FIXED_1 - 1)) * 100) >> FSHIFT));
}

static void show_line(const struct psi *p, enum psi_res res, int full, struct rec_psi_line *ret)
{
	const uint64_t *avg = p->avg[res][full];

	*ret = (struct rec_psi_line){ hundredths(avg[0]), hundredths(avg[1]), hundredths(avg[2]),
				      p->total[res][full] / NS_PER_US };
}

void psi_show_group(struct world *w, struct psi *p, enum psi_res res, struct rec_psi *ret)
{
	psi_look(w, p);
	show_line(p, res, 0, &ret->some);
	show_line(p, res, 1, &ret->full);
}

void psi_show(struct world *w, enum psi_res res, struct rec_psi *ret)
{
	look_at_system(w);
	show_line(&w->psi, res, 0, &ret->some);
	show_line(&w->psi, res, 1, &ret->full);
}
