/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/guest/simulated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/diag.h"

#define MS(ns) ((double)(ns) / NS_PER_MS)

static int on_sample(void *ctx, const struct rec_sample *s)
{
	struct outcome_run *r = ctx;
	struct oc_point p = {
		.t_ms = MS(s->t_ns),
		.anon_kB = (double)s->meminfo_kB[MI_AnonPages],
		.free_kB = (double)s->meminfo_kB[MI_MemFree],
		.file_kB = (double)(s->meminfo_kB[MI_Active_file] + s->meminfo_kB[MI_Inactive_file]),
		.swap_kB = (double)(s->meminfo_kB[MI_SwapTotal] - s->meminfo_kB[MI_SwapFree]),
	};

	if (!s->t_ns)
		r->first = *s;
	outcome_add_point(r->o, &p);
	r->o->q[Q_PEAK_SWAP] = fmax(r->o->q[Q_PEAK_SWAP], p.swap_kB);
	return 0;
}

static int on_cgroup(void *ctx, const struct rec_cgroup *c)
{
	static const enum memcg_event of[CE_COUNT] = { MEMCG_LOW, MEMCG_HIGH, MEMCG_MAX, MEMCG_OOM, MEMCG_OOM_KILL, MEMCG_OOM_GROUP_KILL };
	struct oc_cgroup *g = outcome_cgroup(((struct outcome_run *)ctx)->o, c->path + 1);

	if (!g)
		return SIM_ENOMEM;
	for (int i = 0; i < CE_COUNT; i++)
		g->events[i] = (double)c->events[of[i]];
	g->peak_kB = fmax(g->peak_kB, (double)c->current / 1024);
	g->peak_swap_kB = fmax(g->peak_swap_kB, (double)c->swap_current / 1024);
	return 0;
}

static int on_task(void *ctx, const struct rec_task *k)
{
	struct oc_task *t = outcome_task(((struct outcome_run *)ctx)->o, k->comm);

	if (!t)
		return SIM_ENOMEM;
	t->seen_ms = MS(k->utime_ns + k->stime_ns);
	return 0;
}

/* It was killed, or has done something: so far its CPU time counts. */
static void count_cpu(struct outcome *o, const char *comm)
{
	struct oc_task *t = outcome_task(o, comm);

	if (t)
		t->cpu_ms = t->seen_ms;
}

static int on_kill(void *ctx, const struct rec_kill *k)
{
	struct outcome_run *r = ctx;

	count_cpu(r->o, k->comm);
	if (!strcmp(k->by, "kernel"))
		outcome_add_kill(r->o, k->comm, MS(k->t_ns));
	return 0;
}

/* What the recorder tells of the steps of a program. False: nothing. */
static bool phase_of(int64_t step, enum phase_kind *ret)
{
	switch (step) {
	case STEP_MMAP:
		*ret = PHASE_MAP;
		return true;
	case STEP_GROW:
		*ret = PHASE_ALLOC;
		return true;
	case STEP_TOUCH:
		*ret = PHASE_TOUCH;
		return true;
	case STEP_READ:
		*ret = PHASE_READ;
		return true;
	case STEP_WRITE:
		*ret = PHASE_WRITE;
		return true;
	default:
		return false;
	}
}

static int on_event(void *ctx, const struct rec_event *e)
{
	struct outcome_run *r = ctx;
	struct oc_phase p = { .pages = (double)e->arg[1], .ms = (double)e->arg[2], .t_ms = MS(e->t_ns) };
	struct oc_task *t;

	if (e->kind == EV_PANIC)
		outcome_add_kill(r->o, PANIC_MARK, MS(e->t_ns));
	if (e->kind == EV_EXIT && (t = outcome_task(r->o, e->comm)))
		t->exit_ms = MS(e->t_ns);
	if (e->kind == EV_STEP_END && phase_of(e->arg[0], &p.kind)) {
		snprintf(p.comm, sizeof(p.comm), "%s", e->comm);
		outcome_add_phase(r->o, &p);
		count_cpu(r->o, p.comm);
	}
	return 0;
}

static int on_end(void *ctx, const struct rec_end *e)
{
	struct outcome_run *r = ctx;
	double *q = r->o->q;

	r->o->end_ms = MS(e->t_ns);
#define STALL_MS(line) ((double)(e->last->line.total_us - r->first.line.total_us) / 1000)
#define GROWTH(name)   ((double)(e->last->vmstat[VMSTAT_##name] - r->first.vmstat[VMSTAT_##name]))
	if (e->last) {
		q[Q_FINAL_SWAP] = (double)(e->last->meminfo_kB[MI_SwapTotal] - e->last->meminfo_kB[MI_SwapFree]);
		q[Q_PGMAJFAULT] = GROWTH(pgmajfault);
		q[Q_PSWPIN] = GROWTH(pswpin);
		q[Q_PSWPOUT] = GROWTH(pswpout);
		q[Q_PGSCAN] = GROWTH(pgscan_kswapd) + GROWTH(pgscan_direct);
		q[Q_PGSTEAL] = GROWTH(pgsteal_kswapd) + GROWTH(pgsteal_direct);
		q[Q_REFAULT] = GROWTH(workingset_refault_anon) + GROWTH(workingset_refault_file);
		q[Q_ALLOCSTALL] = GROWTH(allocstall_normal) + GROWTH(allocstall_movable);
		q[Q_PSI_MEM] = STALL_MS(psi_memory.some);
		q[Q_PSI_MEM_FULL] = STALL_MS(psi_memory.full);
		q[Q_PSI_IO] = STALL_MS(psi_io.some);
		q[Q_PSI_IO_FULL] = STALL_MS(psi_io.full);
		q[Q_PSI_CPU] = STALL_MS(psi_cpu.some);
		for (int i = 0; i < VMSTAT_COUNT; i++)
			r->o->vm[i] = (double)e->last->vmstat[i] - (double)r->first.vmstat[i];
	}
#undef GROWTH
#undef STALL_MS
	return 0;
}

struct recorder outcome_recorder(struct outcome_run *r, struct outcome *ret)
{
	memset(ret, 0, sizeof(*ret));
	*r = (struct outcome_run){ .o = ret };
	return (struct recorder){
		.ctx = r, .sample = on_sample, .task = on_task, .cgroup = on_cgroup, .kill = on_kill, .event = on_event, .end = on_end
	};
}
