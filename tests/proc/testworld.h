/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine with CPUs, PSI, 48 MiB of frames and no programs but the test's own: what threads do is a C function. */
#ifndef OOMSIM_TESTS_PROC_TESTWORLD_H
#define OOMSIM_TESTS_PROC_TESTWORLD_H

#include "models/kernel/kernel.h"
#include "sim/core/strbuf.h"
#include "sim/world/engine.h"

struct pw;
struct pw_job;
typedef void (*pw_fn)(struct pw *pw, struct task *t, struct pw_job *j);

/* One process of the test: what it runs, and what the test wants to know of it. */
struct pw_job {
	const char *comm;
	pw_fn fn;
	int nice;
	unsigned fifo; /* SCHED_FIFO priority */
	uint64_t arg[4];
	uint64_t out[4];
	struct process *p; /* filled in */
	struct process_cfg cfg;
};

struct pw {
	struct world w; /* first: a world is its pw */
	struct sim_config cfg;
	struct kernel_model km;
	struct recorder rec;
	struct strbuf log; /* pw_log() */
	struct rec_event last[EV_KIND_COUNT];
	unsigned count[EV_KIND_COUNT];
	struct pw_job *job[512];
	size_t njob;
	void (*each)(struct pw *pw); /* after each event; may be NULL */
};

/* Costs are 0 unless set in pw->w.cost; HZ is 250; init (pid 1) sleeps. */
struct pw *pw_new(unsigned ncpu);
void pw_free(struct pw *pw);
/* Start j now. It must live as long as pw. */
struct process *pw_spawn(struct pw *pw, struct pw_job *j);
/* Make j, started now, a child of parent. */
struct process *pw_spawn_child(struct pw *pw, struct process *parent, struct pw_job *j);
/* Handle all events up to and including `until`; w.now is then `until`. */
void pw_run(struct pw *pw, sim_ns until);
/* fn(w, arg) at `when`. */
void pw_at(struct pw *pw, sim_ns when, void (*fn)(struct world *w, void *arg), void *arg);
/* "TIME_us COMM what\n" to the log. */
void pw_log(struct pw *pw, const struct task *t, const char *what);

/* Burn n CPU time in user mode. False: killed. */
bool pw_burn(struct pw *pw, struct task *t, sim_ns n);
/* Jobs: use the CPU for ever, in bursts of arg[0]. */
void pw_hog(struct pw *pw, struct task *t, struct pw_job *j);

#endif
