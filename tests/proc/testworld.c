/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/proc/testworld.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static int on_event(void *ctx, const struct rec_event *r)
{
	struct pw *pw = ctx;

	pw->last[r->kind] = *r;
	pw->count[r->kind]++;
	return 0;
}

static void idle_init(struct world *w, struct task *t)
{
	for (;;)
		task_wait(w, t, NULL, TASK_INTERRUPTIBLE, SIM_NEVER);
}

static void configure(struct pw *pw, unsigned ncpu)
{
	struct machine_cfg *m = &pw->cfg.machine;

	sim_config_init(&pw->cfg);
	pw->cfg.seed = 1;
	pw->cfg.horizon = 1000000 * NS_PER_SEC;
	m->ncpu = ncpu;
	m->hz = 250;
	m->page_size = 4096;
	m->nnode = 1;
	for (int i = 0; i < MAX_ZONES; i++)
		m->node[0].zone[i] = (struct zone_cfg){
			.present = 4096, .managed = 4096, .free = 4096, .pcp_high = SIM_AUTO, .pcp_batch = SIM_AUTO
		};
	m->cost = (struct cost_cfg){ 0 };
}

struct pw *pw_new(unsigned ncpu)
{
	struct pw *pw = calloc(1, sizeof(*pw));
	struct world *w = &pw->w;

	cr_assert(pw);
	configure(pw, ncpu);
	pw->rec = (struct recorder){ .ctx = pw, .event = on_event };
	pw->km = (struct kernel_model){ .psi_full = PSI_FULL_NO_PRODUCTIVE };
	w->cfg = &pw->cfg;
	w->km = &pw->km;
	w->a = &sim_alloc_libc;
	w->rec = &pw->rec;
	w->sysctl = pw->cfg.sysctl;
	cr_assert_eq(evq_new(w->a, &w->evq), SIM_OK);
	w->rng = sim_rng_new(1, "kernel");
	cr_assert_eq(frames_init(w), SIM_OK);
	cr_assert_eq(chunks_init(w), SIM_OK);
	cr_assert_eq(sched_init(w), SIM_OK);
	cr_assert_eq(psi_init(w), SIM_OK);
	process_start(w, process_new(w, NULL, "init", 1, idle_init));
	return pw;
}

void pw_free(struct pw *pw)
{
	struct world *w = &pw->w;

	process_free_all(w);
	sched_free(w);
	psi_free(w);
	chunks_free(w);
	frames_free(w);
	sim_rng_free(w->rng);
	sim_free(w->a, w->source);
	evq_free(w->evq);
	strbuf_free(&pw->log);
	sim_config_free(&pw->cfg);
	free(pw);
}

static void job_main(struct world *w, struct task *t)
{
	struct pw *pw = (struct pw *)w;
	struct pw_job *j = NULL;

	for (size_t i = 0; i < pw->njob; i++)
		if (pw->job[i]->p == t->p)
			j = pw->job[i];
	j->fn(pw, t, j);
	task_exit(w, t, 0);
}

struct process *pw_spawn_child(struct pw *pw, struct process *parent, struct pw_job *j)
{
	cr_assert_lt(pw->njob, ARRAY_LEN(pw->job));
	j->p = process_new(&pw->w, parent, j->comm, 1, job_main);
	cr_assert(j->p);
	pw->job[pw->njob++] = j;
	j->cfg.rt_priority = j->fifo;
	j->p->cfg = &j->cfg;
	j->p->nice = j->nice;
	process_start(&pw->w, j->p);
	return j->p;
}

struct process *pw_spawn(struct pw *pw, struct pw_job *j)
{
	return pw_spawn_child(pw, NULL, j);
}

void pw_run(struct pw *pw, sim_ns until)
{
	struct world *w = &pw->w;

	pw->cfg.horizon = until;
	while (!w->over && evq_next(w->evq) <= until) {
		sim_ns when;
		uint8_t kind;
		int32_t slot = evq_pop(w->evq, &when, &kind);

		cr_assert_geq(when, w->now, "time goes back");
		w->now = when;
		w->source[slot].fn(w, w->source[slot].arg);
		if (pw->each)
			pw->each(pw);
	}
	if (!w->over)
		w->now = until;
}

void pw_at(struct pw *pw, sim_ns when, void (*fn)(struct world *w, void *arg), void *arg)
{
	evq_arm(pw->w.evq, world_slot_new(&pw->w, fn, arg), when, EVC_TIMER);
}

void pw_log(struct pw *pw, const struct task *t, const char *what)
{
	strbuf_addf(&pw->log, "%llu.%03llu %s %s\n", (unsigned long long)(pw->w.now / 1000),
		    (unsigned long long)(pw->w.now % 1000), t->p->comm, what);
}

bool pw_burn(struct pw *pw, struct task *t, sim_ns n)
{
	while (n && !fatal_signal_pending(t)) {
		sim_ns used;

		task_burst(&pw->w, t, n, &used);
		n -= used;
	}
	return !fatal_signal_pending(t);
}

void pw_hog(struct pw *pw, struct task *t, struct pw_job *j)
{
	while (pw_burn(pw, t, j->arg[0]))
		j->out[0]++;
}
