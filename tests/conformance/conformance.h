/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conformance: behaviour that the kernel's own tests, LTP and the kernel's documentation state, each case by its id in the
 * reference list. A case is a C function that simulates a small scenario, or asks a formula, and compares by the source's own
 * tolerance. What cannot be asked is in the tables too, with the reason.
 *
 *	main.c        the tables in turn, what is printed, the exit status
 *	run.c         a scenario from text, and the records of its run
 *	memcontrol.c, protection.c, ltp.c, ltp_v1.c, overcommit.c, kdoc.c, kdoc_v1.c, kubernetes.c, formulas.c, partly.c
 *	              the cases
 */
#ifndef OOMSIM_TESTS_CONFORMANCE_H
#define OOMSIM_TESTS_CONFORMANCE_H

#include <math.h>
#include <string.h>

#include "sim/core/units.h"
#include "sim/world/record.h"

#define MB(n)  ((uint64_t)(n) * MIB)
#define AT_END INFINITY

/* What a run left behind. Paths of the rows are kept in `path`. */
struct run {
	struct run *next;
	struct sim_config *config;
	struct rec_cgroup *row;
	size_t nrow;
	struct rec_sample *sample;
	size_t nsample;
	struct rec_event *event;
	size_t nevent;
	struct rec_task *task;
	size_t ntask;
	struct rec_begin begin;
	enum run_end end;
	bool ran;
};

/* One case under way. */
struct check {
	char why[512]; /* of the first expectations that failed */
	unsigned asked, failed;
	struct run *runs;
};

struct conf_case {
	const char *id;
	const char *about;            /* in few words */
	void (*ask)(struct check *c); /* NULL: not applicable, */
	const char *why;              /* because; of a case that is asked: why it is known to fail */
};

struct conf_table {
	const char *area;
	const struct conf_case *v;
	size_t n;
};
#define CONF_TABLE(name, area, ...)                                                                                    \
	static const struct conf_case name##_cases[] = { __VA_ARGS__ };                                                \
	const struct conf_table name = { area, name##_cases, sizeof(name##_cases) / sizeof(name##_cases[0]) }

extern const struct conf_table conf_memcontrol, conf_protection, conf_ltp, conf_ltp_v1, conf_overcommit, conf_kdoc, conf_kdoc_v1, conf_kubernetes,
	conf_formulas, conf_partly;

/* ---- run.c ---- */

/* Simulate a scenario given as text (printf). Never NULL; a scenario that cannot be read fails the case. Freed with the case. */
struct run *simulate(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As simulate(), of a text that must be refused. True: it was. */
bool refused(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void check_free_runs(struct check *c);

/* The row of a cgroup at a time in seconds: the last one not after it. All zero if there is none. */
struct rec_cgroup cg(const struct run *r, const char *path, double at);
/* The largest memory.current that any row of it has. */
uint64_t cg_largest(const struct run *r, const char *path);
struct rec_sample sample_at(const struct run *r, double at);
struct rec_task task_at(const struct run *r, const char *comm, double at);
/* The n-th event of a kind (0: first) about comm (NULL: anybody), or NULL. */
const struct rec_event *event_of(const struct run *r, enum event_kind kind, const char *comm, size_t n);
size_t events_of(const struct run *r, enum event_kind kind, const char *comm);
bool killed(const struct run *r, const char *comm);    /* died of SIGKILL */
bool exited(const struct run *r, const char *comm);    /* ended with code 0 */
bool alive(const struct run *r, const char *comm);     /* started, and there at the end */
bool refused_memory(const struct run *r, const char *comm); /* a step of it ended with ENOMEM */

/* ---- expectations; `what` names the value in a failure's message ---- */

void expect(struct check *c, bool ok, const char *what);
void expect_eq(struct check *c, const char *what, uint64_t got, uint64_t want);
void expect_range(struct check *c, const char *what, double got, double low, double high);
/* values_close() of the selftests: |a-b| <= (a+b) div 100 * err. */
void expect_close(struct check *c, const char *what, uint64_t got, uint64_t want, unsigned err);
/* LTP's: 100 |a-b| <= (a+b) err. */
void expect_close_ltp(struct check *c, const char *what, uint64_t got, uint64_t want, unsigned err);

/* ---- pieces of scenarios ---- */

/* A machine with swap of so much (0: none) and a disk with the 50 MiB files f0..f3; runs so many seconds. */
#define HEAD(seconds, memory, swap)                                                                                    \
	"name: case\nkernel: \"6.1\"\nduration: " seconds "\nsample: 50ms\nstop_when_idle: false\n"                     \
	"machine:\n"                                                                                                   \
	"  cpus: 2\n"                                                                                                  \
	"  memory: " memory "\n"                                                                                       \
	"  swap: [" swap "]\n"                                                                                         \
	"  disks: [{name: disk, device: {read_latency: 80us, write_latency: 80us}}]\n"                                 \
	"  files: [{name: f0, size: 50MiB}, {name: f1, size: 50MiB}, {name: f2, size: 50MiB}, {name: f3, size: 50MiB}]\n"
#define SWAP(size) "{size: " size ", device: {read_latency: 80us, write_latency: 80us}}"
#define CG(path, files)          "  - {path: " path files "}\n"
#define PROC(name, cgroup, start, steps)                                                                               \
	"  - {name: " name ", cgroup: " cgroup ", start: " start ", workload: [" steps "]}\n"
#define PROC_ADJ(name, cgroup, start, adj, steps)                                                                      \
	"  - {name: " name ", cgroup: " cgroup ", start: " start ", oom_score_adj: " adj ", workload: [" steps "]}\n"
#define ANON(size)               "{leak: {region: heap, size: " size "}}"
#define HOLD                     ", {sleep: forever}"
#define ANON_HOLD(size)          ANON(size) HOLD
#define READ_HOLD(file)          "{read: {file: " file "}}" HOLD
#define ECHO(path, file, value)  "{cgroup_write: {cgroup: " path ", file: " file ", value: " value "}}"

#endif
