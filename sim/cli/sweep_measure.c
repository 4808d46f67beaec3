/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/sweep_measure.h"

#include <math.h>
#include <string.h>

const char *const measure_name[MEASURE_COUNT] = {
#define X(name, help) #name,
	MEASURE_MAP(X)
#undef X
};

static uint64_t work_so_far(const struct collect *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->ntask; i++)
		sum += c->task[i].work_pages;
	return sum;
}

/* The rows of processes come after their sample, so the base's work is known when the next record comes. */
static void settle(struct meter *m)
{
	if (m->pending)
		m->base_work = work_so_far(m->c);
	m->pending = false;
}

static int on_sample(void *ctx, const struct rec_sample *r)
{
	struct meter *m = ctx;

	settle(m);
	if (m->begun || r->t_ns < m->from)
		return 0;
	m->begun = m->pending = true;
	m->base = *r;
	m->base_thrashing_ns = m->c->thrashing_ns;
	return 0;
}

static int on_end(void *ctx, const struct rec_end *r)
{
	(void)r;
	settle(ctx);
	return 0;
}

struct recorder meter_recorder(struct meter *m, const struct collect *c, sim_ns from)
{
	*m = (struct meter){ .c = c, .from = from };
	return (struct recorder){ .ctx = m, .sample = on_sample, .end = on_end };
}

struct span {
	const struct rec_sample *a, *b;
	double seconds; /* 0: none; all shares and rates are then NaN */
};

static double share(const struct span *s, double part_s)
{
	return 100 * part_s / s->seconds;
}

static double cpu(const struct span *s, enum cpu_stat k)
{
	double all = 0;

	for (int i = 0; i < CPU_STAT_COUNT; i++)
		all += (double)(s->b->cpu_ns[i] - s->a->cpu_ns[i]);
	return 100 * (double)(s->b->cpu_ns[k] - s->a->cpu_ns[k]) / all;
}

static double rate(const struct span *s, enum vmstat_item k)
{
	return (double)(s->b->vmstat[k] - s->a->vmstat[k]) / s->seconds;
}

static double psi(const struct span *s, const struct rec_psi_line *now, const struct rec_psi_line *then)
{
	return share(s, (double)(now->total_us - then->total_us) / 1e6);
}

static void shares(const struct span *s, const struct meter *m, double *v)
{
	const struct rec_sample *a = s->a, *b = s->b;

	v[MEASURE_work_per_s] = (double)(work_so_far(m->c) - m->base_work) / s->seconds;
	v[MEASURE_cpu_user] = cpu(s, CPU_USER) + cpu(s, CPU_NICE);
	v[MEASURE_cpu_system] = cpu(s, CPU_SYSTEM);
	v[MEASURE_cpu_iowait] = cpu(s, CPU_IOWAIT);
	v[MEASURE_cpu_idle] = cpu(s, CPU_IDLE);
	v[MEASURE_thrashing_index] = share(s, (double)(m->c->thrashing_ns - m->base_thrashing_ns) / 1e9);
	v[MEASURE_lost] = (double)(b->acct.refault_ns - a->acct.refault_ns) / 1e9 / s->seconds;
	v[MEASURE_pgmajfault_per_s] = rate(s, VMSTAT_pgmajfault);
	v[MEASURE_workingset_refault_per_s] =
		rate(s, VMSTAT_workingset_refault_anon) + rate(s, VMSTAT_workingset_refault_file);
	v[MEASURE_pswpin_per_s] = rate(s, VMSTAT_pswpin);
	v[MEASURE_pswpout_per_s] = rate(s, VMSTAT_pswpout);
	v[MEASURE_psi_some] = psi(s, &b->psi_memory.some, &a->psi_memory.some);
	v[MEASURE_psi_full] = psi(s, &b->psi_memory.full, &a->psi_memory.full);
	v[MEASURE_psi_io_some] = psi(s, &b->psi_io.some, &a->psi_io.some);
	v[MEASURE_psi_io_full] = psi(s, &b->psi_io.full, &a->psi_io.full);
}

static void kills(const struct collect *c, double *v)
{
	v[MEASURE_oom_kills] = 0;
	for (size_t i = 0; i < c->nkill; i++) {
		if (strcmp(c->kill[i].k.by, "kernel"))
			continue;
		if (isnan(v[MEASURE_first_kill_s]))
			v[MEASURE_first_kill_s] = (double)c->kill[i].k.t_ns / 1e9;
		v[MEASURE_oom_kills]++;
	}
}

void meter_read(struct meter *m, double ret[MEASURE_COUNT])
{
	const struct collect *c = m->c;
	struct span s = { &m->base, &c->last, 0 };

	for (int i = 0; i < MEASURE_COUNT; i++)
		ret[i] = NAN;
	ret[MEASURE_end_s] = (double)c->end_ns / 1e9;
	ret[MEASURE_peak_swap_kB] = (double)c->peak_swap_used_kB;
	kills(c, ret);
	if (!m->begun || c->last.t_ns <= m->base.t_ns)
		return;
	s.seconds = (double)(c->last.t_ns - m->base.t_ns) / 1e9;
	shares(&s, m, ret);
}
