/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What real kernels taught (docs/findings.md), one test a finding, named by its number. Each runs a translated recording or a
 * scenario of its own on the machine of the recordings, and holds the figure against what was measured; where the model does
 * not reach it, the test holds what it reaches, and the page says both.
 *
 * scenarios/NAME-KERNEL.yaml are recordings as `build/tests/recorded --kernel KERNEL --print NAME` translates them.
 */
#ifndef OOMSIM_TESTS_FINDINGS_FIND_H
#define OOMSIM_TESTS_FINDINGS_FIND_H

#include <criterion/criterion.h>

#include "sim/world/record.h"

/* An OOM report with the tables it pointed to. */
struct found_oom {
	struct rec_oom_report r;
	struct rec_oom_task *task;
	struct rec_oom_zone zone[8];
	size_t nzone;
};

/* All records of a run. */
struct found {
	struct rec_sample *sample;
	struct rec_task *task; /* rows, sample after sample */
	struct rec_event *event;
	struct rec_kill *kill; /* without their strings */
	struct found_oom *oom;
	struct rec_cgroup *cgroup; /* the last row of each; path is our own copy */
	size_t nsample, ntask, nevent, nkill, noom, ncgroup;
	enum run_end end;
};

/* The recording NAME of KERNEL ("6.1"): scenarios/NAME-KERNEL.yaml here if there is one, else scenarios/recorded/NAME.yaml, which
 * is of 6.1's machine, with that kernel. */
struct found find_recorded(const char *name, const char *kernel);
/* The same with up to two values changed, as --set has them (NULL: none). */
struct found find_changed(const char *name, const char *kernel, const char *set1, const char *set2);
/* scenarios/NAME.yaml as it is shipped. */
struct found find_shipped(const char *name);
/* A scenario's text, with presets of scenarios/presets/. */
struct found find_text(const char *yaml, const char *kernel);
void find_free(struct found *f);

/* The last sample at or before t (the first if there is none). */
const struct rec_sample *find_at(const struct found *f, sim_ns t);
const struct rec_sample *find_last(const struct found *f);
/* The row of a process in the last sample at or before t that has it; NULL: none. */
const struct rec_task *find_task(const struct found *f, const char *comm, sim_ns t);
/* The end of that process's n-th step of this kind (0: first). Fails the test if there is none. */
const struct rec_event *find_step(const struct found *f, const char *comm, enum step_op op, size_t n);
/* The n-th event of a kind; NULL: none. */
const struct rec_event *find_event(const struct found *f, enum event_kind kind, size_t n);
/* A kill of that process; NULL: it lived. */
const struct rec_kill *find_victim(const struct found *f, const char *comm);
const struct rec_cgroup *find_cgroup(const struct found *f, const char *path);
/* "a, b, c": who was killed, in order; in a static buffer. */
const char *find_victims(const struct found *f);

/* got is within percent of what was measured. */
#define NEAR(got, measured, percent)                                                                                   \
	do {                                                                                                           \
		double got_ = (double)(got), want_ = (measured);                                                       \
		cr_log_info("%-55s %14.4g measured %12.4g\n", #got, got_, want_);                                      \
		cr_expect(got_ >= want_ * (1 - (percent) / 100.0) && got_ <= want_ * (1 + (percent) / 100.0),          \
			  "%s is %g, measured %g, %+.1f %%", #got, got_, want_, 100 * (got_ / want_ - 1));             \
	} while (0)
/* got lies from lo to hi. */
#define WITHIN(got, lo, hi)                                                                                            \
	do {                                                                                                           \
		double got_ = (double)(got);                                                                           \
		cr_log_info("%-55s %14.4g of %12.4g to %.4g\n", #got, got_, (double)(lo), (double)(hi));               \
		cr_expect(got_ >= (lo) && got_ <= (hi), "%s is %g, not from %g to %g", #got, got_, (double)(lo),       \
			  (double)(hi));                                                                               \
	} while (0)
#define VICTIMS(f, who) cr_expect_str_eq(find_victims(f), who)

#define S(t) ((double)(t) / NS_PER_SEC)

#endif
