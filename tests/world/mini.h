/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Small scenarios built in C, and a recorder that remembers. For tests of the world and of programs, and for
 * benchmarks.
 *
 * A mini owns its configuration; steps given to mini_process() are copied.
 */
#ifndef OOMSIM_TESTS_WORLD_MINI_H
#define OOMSIM_TESTS_WORLD_MINI_H

#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/core/digest.h"
#include "sim/world/world.h"

#define MINI_EVENTS 4096

/* What came out of a run. */
struct tape {
	struct digest digest;
	struct rec_event event[MINI_EVENTS]; /* the first so many */
	size_t nevent;
	size_t nsample, ntask, nkill, noom;
	struct rec_sample last;
	struct rec_task task; /* the last one */
	struct rec_kill kill; /* the first one; its strings are not kept */
	struct rec_begin begin;
	size_t nbegin, nend;
	sim_ns end_ns;
	size_t stop_after; /* records of any kind; then fail with -77. 0: never */
	size_t nrecord;
};

#define TAPE_STOP (-77)

static inline int tape_count(struct tape *t, const void *p, size_t n)
{
	digest_bytes(&t->digest, p, n);
	return ++t->nrecord == t->stop_after ? TAPE_STOP : 0;
}

static inline int tape_begin(void *ctx, const struct rec_begin *r)
{
	struct tape *t = ctx;

	t->begin = *r;
	t->nbegin++;
	return tape_count(t, &r->totalram_pages, sizeof(r->totalram_pages));
}

static inline int tape_event(void *ctx, const struct rec_event *r)
{
	struct tape *t = ctx;

	if (t->nevent < MINI_EVENTS)
		t->event[t->nevent] = *r;
	t->nevent++;
	digest_str(&t->digest, r->comm);
	digest_u64(&t->digest, r->t_ns);
	digest_u64(&t->digest, r->kind);
	return tape_count(t, r->arg, sizeof(r->arg));
}

static inline int tape_sample(void *ctx, const struct rec_sample *r)
{
	struct tape *t = ctx;

	t->last = *r;
	t->nsample++;
	digest_bytes(&t->digest, r->vmstat, sizeof(r->vmstat));
	return tape_count(t, r->meminfo_kB, sizeof(r->meminfo_kB));
}

static inline int tape_task(void *ctx, const struct rec_task *r)
{
	struct tape *t = ctx;

	t->task = *r;
	t->ntask++;
	digest_str(&t->digest, r->comm);
	digest_u64(&t->digest, r->utime_ns);
	digest_u64(&t->digest, r->stime_ns);
	return tape_count(t, &r->work_pages, sizeof(r->work_pages));
}

static inline int tape_oom(void *ctx, const struct rec_oom_report *r)
{
	struct tape *t = ctx;

	t->noom++;
	return tape_count(t, &r->totalpages, sizeof(r->totalpages));
}

static inline int tape_kill(void *ctx, const struct rec_kill *r)
{
	struct tape *t = ctx;

	if (!t->nkill++)
		t->kill = *r;
	return tape_count(t, &r->points, sizeof(r->points));
}

static inline int tape_end(void *ctx, const struct rec_end *r)
{
	struct tape *t = ctx;

	t->nend++;
	t->end_ns = r->t_ns;
	return tape_count(t, &r->t_ns, sizeof(r->t_ns));
}

static inline struct recorder tape_recorder(struct tape *t)
{
	memset(t, 0, sizeof(*t));
	t->digest = DIGEST_INIT;
	return (struct recorder){ .ctx = t,
				  .begin = tape_begin,
				  .event = tape_event,
				  .sample = tape_sample,
				  .task = tape_task,
				  .oom = tape_oom,
				  .kill = tape_kill,
				  .end = tape_end };
}

/* The n-th event of a kind (0: first) about comm (NULL: anybody), or NULL. */
static inline const struct rec_event *tape_find(const struct tape *t, enum event_kind kind, const char *comm, size_t n)
{
	for (size_t i = 0; i < t->nevent && i < MINI_EVENTS; i++)
		if (t->event[i].kind == kind && (!comm || !strcmp(t->event[i].comm, comm)) && !n--)
			return &t->event[i];
	return NULL;
}

static inline size_t tape_number(const struct tape *t, enum event_kind kind, const char *comm)
{
	size_t n = 0;

	while (tape_find(t, kind, comm, n))
		n++;
	return n;
}

/* ---- scenarios ---- */

/* One CPU, k6.1, 4 KiB pages, sampled every 100 ms; sizes in MiB. The swap is an SSD's: 100 us, 400 MB/s. */
static inline void mini_init(struct sim_config *c, uint64_t memory_MiB, uint64_t swap_MiB, double seconds)
{
	sim_config_init(c);
	c->kernel = kernel_model_find("k6.1");
	c->horizon = (sim_ns)(seconds * 1e9);
	c->sample = 100 * NS_PER_MS;
	c->machine.memory = memory_MiB * MIB;
	sim_config_zones_from_memory(c);
	if (!swap_MiB)
		return;
	c->machine.swap = calloc(1, sizeof(*c->machine.swap));
	c->machine.nswap = 1;
	c->machine.swap[0] = (struct swap_cfg){
		.size = swap_MiB * MIB,
		.priority = SIM_AUTO,
		.dev = { .name = "swap",
			 .read_latency = 100 * NS_PER_US,
			 .write_latency = 100 * NS_PER_US,
			 .read_bandwidth = 400000000,
			 .write_bandwidth = 400000000,
			 .queue_depth = 64,
			 .nr_requests = 128,
			 .max_sectors_kb = 1280 },
	};
}

/* A disk like the swap's with one file on it. */
static inline void mini_file(struct sim_config *c, uint64_t size)
{
	c->machine.disk = calloc(1, sizeof(*c->machine.disk));
	c->machine.ndisk = 1;
	c->machine.disk[0] = (struct blkdev_cfg){ .name = "data",
						  .read_latency = 100 * NS_PER_US,
						  .write_latency = 100 * NS_PER_US,
						  .read_bandwidth = 400000000,
						  .write_bandwidth = 400000000,
						  .queue_depth = 64,
						  .nr_requests = 128,
						  .max_sectors_kb = 1280 };
	c->machine.file = calloc(1, sizeof(*c->machine.file));
	c->machine.nfile = 1;
	c->machine.file[0] = (struct file_cfg){ .name = "f", .size = size };
}

/* Everything takes no time: what is left is the pace of the programs and the devices. */
static inline void mini_no_costs(struct sim_config *c)
{
#define X(name, def, help) c->machine.cost.name = 0;
	COST_MAP(X)
#undef X
}

static inline struct program_cfg mini_program(const struct step_cfg *step, size_t n)
{
	struct program_cfg p = { calloc(n ? n : 1, sizeof(*step)), n };

	if (n)
		memcpy(p.step, step, n * sizeof(*step));
	return p;
}
#define MINI_PROGRAM(...)                                                                                              \
	mini_program((const struct step_cfg[]){ __VA_ARGS__ },                                                         \
		     sizeof((const struct step_cfg[]){ __VA_ARGS__ }) / sizeof(struct step_cfg))

/* The pointer is good until the next one is added. */
static inline struct process_cfg *mini_process(struct sim_config *c, const char *comm, double start_s,
					       struct program_cfg prog)
{
	struct process_cfg *p;

	c->process = realloc(c->process, (c->nprocess + 1) * sizeof(*c->process));
	p = &c->process[c->nprocess++];
	*p = (struct process_cfg){ .count = 1,
				   .uid = 1000,
				   .threads = 1,
				   .parent = -1,
				   .exe_size = 764 * KIB,
				   .exe_private = 56 * KIB,
				   .exe_vm = 16 * MIB,
				   .program = prog };
	strncpy(p->comm, comm, sizeof(p->comm) - 1);
	p->start.p[0] = start_s * 1e9;
	return p;
}

#define STEP_LEAK(bytes, bytes_per_s)                                                                                  \
	{                                                                                                              \
		.op = STEP_GROW, .region = "heap", .size = (bytes), .rate = (bytes_per_s), .catch_up = 10 * NS_PER_MS  \
	}
#define STEP_SLEEP_S(s)                                                                                                \
	{                                                                                                              \
		.op = STEP_SLEEP, .time = {.p = { (s)*1e9 } }                                                          \
	}
#define STEP_SLEEP_FOREVER                                                                                             \
	{                                                                                                              \
		.op = STEP_SLEEP, .time = {.p = { 0x1p62 } }                                                           \
	}
#define STEP_SPIN_S(s)                                                                                                 \
	{                                                                                                              \
		.op = STEP_SPIN, .time = {.p = { (s)*1e9 } }                                                           \
	}
#define STEP_EXIT_CODE(n)                                                                                              \
	{                                                                                                              \
		.op = STEP_EXIT, .value = (n)                                                                          \
	}

/* Run and free; the code of world_new() or world_run(). */
static inline int mini_run(const struct sim_config *c, struct tape *t, enum run_end *ret_end)
{
	struct recorder rec = tape_recorder(t);
	struct world *w;
	int err = world_new(c, &rec, &sim_alloc_libc, &w);

	if (err)
		return err;
	err = world_run(w, ret_end);
	world_free(w);
	return err;
}

#endif
