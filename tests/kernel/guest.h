/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest of `oomsim compare-kernel`: one static program that is /init of a real kernel in QEMU. As PID 1 it reads the plan
 * that the host has put into the shared region (sim/guest/region.h, sim/guest/plan.h), makes swap, disks and cgroups, starts the
 * scenario's processes and records. Started again as "/init N" it is instance N of the plan and does its steps, as sim/proc
 * does them: the same batches, the same looks at the clock.
 *
 *	guest.c   PID 1            processes.c  start, end, restart      run.c   the interpreter, family steps
 *	plan.c    reads the plan   sample.c     records                  work.c  draws and pacing
 *	setup.c   devices, files   identity.c   users, capabilities      memory.c, file.c  their steps
 */
#ifndef OOMSIM_TESTS_KERNEL_GUEST_H
#define OOMSIM_TESTS_KERNEL_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/guest/region.h"

#define PAGE       4096L
#define COMM       16
#define NAME       64
#define REGION_FD  3 /* open on the shared region in every process */
#define MAX_FILE   64
#define MAX_GROUP  32
#define MAX_PROC   256
#define MAX_INST   2048
#define MAX_STEP   3072
#define MAX_SLOT   4096
#define SHOWN      48 /* processes that are sampled */
#define NEL(a)     (int)(sizeof(a) / sizeof *(a))

/* ---- the plan, as read ---- */

enum op {
	OP_MMAP, OP_LEAK, OP_TOUCH, OP_READ, OP_WRITE, OP_MLOCK, OP_MUNLOCK, OP_MUNMAP, OP_MADVISE, OP_FORK, OP_VFORK,
	OP_CLONE_VM, OP_SLEEP, OP_SPIN, OP_LOOP, OP_CHOOSE, OP_BRANCH, OP_ADJ, OP_SYSCTL, OP_WAIT, OP_EXIT, OP_CGROUP_WRITE,
	OP_COUNT
};

/* A random quantity: kinds and parameters of sim/core/rng.h, in the same order; ns. */
struct dist {
	uint32_t kind;
	double p[2];
};

/* body: how many of the following steps are inside this one. What the fields mean is in sim/world/config.h, struct step_cfg. */
struct step {
	uint32_t op, body;
	char region[2 * NAME]; /* also the comm of children, or the path of a sysctl or cgroup file */
	char kind, pattern, mode; /* first letters: anon file shmem; sequential uniform zipf hotcold; read write update */
	bool shared, noreserve, readonly, exec, madv_free;
	uint32_t file;
	uint64_t size, offset, count, map_step, batch, catch_up, duration, accesses, io_size;
	double rate, s, hot, hot_weight, weight;
	int64_t value;
	struct dist time; /* sleep, spin, gap, think */
};

struct proc {
	char comm[COMM];
	uint32_t uid, caps, threads, rt, group; /* group: from 1; 0 is the root */
	int32_t nice, adj, parent;              /* parent: -1 is PID 1 */
	uint32_t first, nstep;
	uint32_t restart; /* enum restart_policy */
	uint64_t delay[8], forget;
};

struct instance {
	char comm[COMM];
	uint32_t proc;
	int32_t pid; /* 0: not started; -1: gone for good */
	uint64_t at, started; /* ns since the start of the scenario */
	uint32_t in_row;
};

struct file {
	char path[24];
	uint64_t size;
};

/* At REGION_PROGRAM; written by PID 1 before the first process starts. */
struct program {
	int64_t t0; /* CLOCK_MONOTONIC ns of the start */
	uint64_t seed, sample, duration;
	uint32_t stop_when_idle, cgroup_version, recursiveprot;
	uint32_t nfile, ngroup, nproc, ninst, nstep;
	struct file file[MAX_FILE];
	char group[MAX_GROUP][NAME * 2]; /* "a/b" */
	struct proc proc[MAX_PROC];
	struct instance inst[MAX_INST];
	struct step step[MAX_STEP];
};
_Static_assert(sizeof(struct program) <= REGION_SLOTS - REGION_PROGRAM, "the program fits its place in the region");

/* At REGION_SLOTS: a process that runs or ran. */
struct slot {
	int32_t pid;
	char comm[COMM];
	volatile int64_t pages; /* work done */
	int32_t fd_status, fd_stat, fd_score;
};
struct slots {
	uint32_t n;
	struct slot slot[MAX_SLOT];
};
_Static_assert(sizeof(struct slots) <= REGION_BUFFER - REGION_SLOTS, "the slots fit their place in the region");

extern struct region_head *head; /* the first REGION_HEAD bytes of the region */
extern struct program *prog;
extern struct slots *slots;

/* ---- guest.c ---- */

int64_t now(void);
void sleep_until(int64_t ns);
/* Append to an area of the region. */
void put(struct region_area *a, const char *text, size_t n);
/* One line of events.tsv: ms since the start, comm, pid, text. */
__attribute__((format(printf, 3, 4))) void event(const char *comm, int pid, const char *fmt, ...);
/* The set-up failed: say why and power off. */
__attribute__((noreturn)) void die(const char *what);
int slurp(const char *path, char *buf, int cap); /* bytes read, or -1 */
int spit(const char *path, const char *text);    /* 0 or -1 with errno */

/* ---- processes.c ---- */

/* Start instance i of the plan, from this process or from the one that is to be its parent. */
void start(uint32_t i);
/* fork and exec instance i from this process. */
int start_instance(uint32_t i);
/* A child of this process is gone: tell, and see whether it is to start again. */
void note_exit(int pid, int status);

/* ---- plan.c ---- */

/* Called by plan_read() for lines that set something up, with their words: "swap", "disk", "write", "group", "set". */
typedef void (*plan_fn)(int argc, char **argv);
/* Fill *prog from the text. Calls fn for each line about the machine. */
void plan_read(const char *text, plan_fn fn);

/* ---- setup.c ---- */

void setup_modules(void);
void setup_line(int argc, char **argv);
/* What has to wait until all lines were read: watermarks for the RAM that is no disk, files, caches dropped. */
void setup_finish(void);

/* ---- sample.c ---- */

void sample_open(void);
void sample_facts(void);
void sample_take(void);
void sample_dmesg(void);
void kernel_log(const char *text);

/* ---- identity.c, run.c ---- */

struct space; /* regions of an address space */
/* One thread of a workload process. */
struct ctx {
	struct slot *me;
	uint64_t rng[2];
	struct space *space;
	struct team *team;
	uint32_t thread, nthread;
};

/* Take the user and the capabilities of an entry of the plan. */
void become(const struct proc *p);
/* Write a number, INT64_MAX being "max", into a file that is root's. */
void write_as_root(struct ctx *c, const char *path, int64_t value);
__attribute__((noreturn)) void run_instance(uint32_t i);
void reap(int sig);

/* ---- work.c, memory.c, file.c ---- */

struct space *space_new(void);
uint64_t rnd(struct ctx *c);
uint64_t rnd_below(struct ctx *c, uint64_t n);
double rnd_unit(struct ctx *c); /* in (0,1) */
uint64_t dist_draw(struct ctx *c, const struct dist *d);
uint64_t thread_share(const struct ctx *c, uint64_t whole);

/* Rate limiting as sim/proc/pace.c: a batch, a look at the clock, a sleep; lateness beyond catch_up is forgotten. */
struct pace {
	double ns_per_unit;
	int64_t next, begin, last, max_stall, catch_up;
};
void pace_begin(struct pace *p, const struct ctx *c, const struct step *s);
/* `units` are done, which are `pages` of work. */
void pace_batch(struct pace *p, struct ctx *c, const struct step *s, uint64_t units, uint64_t pages);
uint64_t default_batch(double pages_per_second, uint64_t unpaced);
void report(const struct ctx *c, const struct pace *p, const char *what, uint64_t pages, int err);

/* Places 0..n-1 drawn by a step's pattern. */
struct draw {
	char pattern;
	uint64_t n, i, from, span, hot, stride;
	double hot_weight, s, h_x1, h_n, s0;
};
void draw_begin(struct draw *d, const struct step *s, uint64_t n, bool scatter);
uint64_t draw_next(struct draw *d, struct ctx *c);

void step_mmap(struct ctx *c, const struct step *s);
void step_leak_prepare(struct ctx *c, const struct step *s);
void step_leak(struct ctx *c, const struct step *s);
void step_touch(struct ctx *c, const struct step *s);
void step_lock(struct ctx *c, const struct step *s);
void step_munmap(struct ctx *c, const struct step *s);
void step_madvise(struct ctx *c, const struct step *s);
void step_file(struct ctx *c, const struct step *s);
/* CPU time of one access to a resident page, ns, measured with step_touch's loop. */
double touch_cost(void);

#endif
