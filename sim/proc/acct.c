/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/proc/acct.h"

#include "sim/world/engine.h"

static bool counted(const struct world *w, enum delay why)
{
	static const enum delayacct_era since[DELAY_COUNT] = {
		[DELAY_CPU] = DELAYACCT_2_6_18,     [DELAY_BLKIO] = DELAYACCT_2_6_18,
		[DELAY_SWAPIN] = DELAYACCT_2_6_18,  [DELAY_FREEPAGES] = DELAYACCT_2_6_28,
		[DELAY_THRASHING] = DELAYACCT_4_20, [DELAY_COMPACT] = DELAYACCT_6_0,
		[DELAY_WPCOPY] = DELAYACCT_6_0,
	};

	return w->km && w->km->delayacct >= since[why];
}

static void add(struct rec_delay *d, sim_ns ns)
{
	d->count++;
	d->total_ns += ns;
}

void delay_add(struct world *w, struct task *t, enum delay why, sim_ns ns)
{
	if (!counted(w, why))
		return;
	add(&t->acct.delay[why], ns);
	if (!t->p->is_kthread)
		add(&w->acct.delay[why], ns);
}

void delay_more(struct world *w, struct task *t, enum delay why, sim_ns ns)
{
	if (!counted(w, why))
		return;
	t->acct.delay[why].total_ns += ns;
	if (!t->p->is_kthread)
		w->acct.delay[why].total_ns += ns;
}

static enum cpu_stat user_stat(const struct task *t)
{
	return t->p->nice > 0 ? CPU_NICE : CPU_USER;
}

static void add_cpu(struct rec_acct *a, sim_ns user, sim_ns system)
{
	a->user_ns += user;
	a->cpu_ns += user + system;
}

static void pass(struct world *w, struct task *t, sim_ns user, sim_ns system)
{
	w->sched.stat[user_stat(t)] += user;
	w->sched.stat[CPU_SYSTEM] += system;
	add_cpu(&t->acct, user, system);
	if (!t->p->is_kthread)
		add_cpu(&w->acct, user, system);
}

void acct_user(struct world *w, struct task *t, sim_ns ns)
{
	t->utime += ns;
	pass(w, t, ns, 0);
}

void acct_system(struct world *w, struct task *t, sim_ns ns)
{
	sim_ns user = u64_min(ns, t->pending_user);

	t->stime += ns;
	t->pending_user -= user;
	pass(w, t, user, ns - user);
}

void acct_iowait_end(struct world *w, struct task *t)
{
	bool apart = t->in_swapin && w->km && w->km->delayacct < DELAYACCT_6_0;

	if (t->in_iowait)
		delay_add(w, t, apart ? DELAY_SWAPIN : DELAY_BLKIO, w->now - t->iowait_since);
}

static sim_ns cpu_used(const struct task *t)
{
	return t->acct.cpu_ns + t->pending;
}

struct acct_span acct_begin(const struct world *w, struct task *t)
{
	struct acct_span s = { w->now + t->pending, cpu_used(t), !t->in_span };

	t->in_span = true;
	return s;
}

static void end_one(struct rec_acct *a, sim_ns d, sim_ns cpu, bool fault, bool refault)
{
	if (fault)
		a->fault_ns += d;
	if (!refault)
		return;
	a->refault_ns += d;
	a->refault_cpu_ns += cpu;
}

void acct_end(struct world *w, struct task *t, const struct acct_span *s, bool fault, bool refault)
{
	sim_ns d = w->now + t->pending - s->start, cpu = cpu_used(t) - s->cpu;

	if (!s->outer)
		return;
	t->in_span = false;
	end_one(&t->acct, d, cpu, fault, refault);
	if (!t->p->is_kthread)
		end_one(&w->acct, d, cpu, fault, refault);
}

/* What c's task has used since it was last looked at, as account() of sched.c will charge it. */
static void under_way(const struct cpu *c, sim_ns now, sim_ns *v)
{
	const struct task *t = c->curr;
	sim_ns d = now - c->armed_at, kernel, burst, charged, user = 0;

	if (!t)
		return;
	kernel = u64_min(d, t->overhead);
	burst = u64_min(d - kernel, t->burst);
	*(t->user_burst ? &user : &kernel) += burst;
	charged = u64_min(kernel, t->pending_user);
	v[CPU_SYSTEM] += kernel - charged;
	v[user_stat(t)] += user + charged;
}

/* Idle time with somebody waiting for I/O on that CPU (account_idle_time()) is what PSI calls io full of the CPU. */
void acct_cpu(const struct world *w, sim_ns ret[CPU_STAT_COUNT])
{
	sim_ns all = w->sched.ncpu * w->now, used = 0;

	for (int i = 0; i < CPU_STAT_COUNT; i++)
		ret[i] = w->sched.stat[i];
	for (unsigned i = 0; i < w->sched.ncpu; i++) {
		under_way(&w->sched.cpu[i], w->now, ret);
		ret[CPU_IOWAIT] += w->psi.cpu ? w->psi.cpu[i].iowait : 0;
	}
	for (int i = 0; i < CPU_STAT_COUNT; i++)
		used += ret[i];
	ret[CPU_IDLE] = u64_sub0(all, used);
}
