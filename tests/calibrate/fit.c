/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fit finds the costs that a recording was made with. */
#include "sim/calibrate/fit.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/guest/recording.h"
#include "tests/calibrate/synthetic.h"

TestSuite(fit, .init = synthetic_begin, .fini = synthetic_end);

/* An allocation and accesses that all hit; then a program that thrashes with swap. */
static const char hits[] = "duration 3000\nproc ws uid=1000 : alloc 40M 0 ; touch 40M rand 0 800 w\n";
static const char thrash[] = "swap disk 64M lat=100 mbps=400\nduration 6000\nproc ws uid=1000 : alloc 66M 0 ; touch 66M rand 0 2500 r\n";

static void load(const char *dir, struct fit_case *c)
{
	struct diag_list dl = { 0 };

	c->name = dir;
	cr_assert_eq(recording_read(dir, &c->real, &dl), 0);
	diag_list_free(&dl);
	synthetic_config(dir, &c->cfg);
}

static void unload(struct fit_case *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		outcome_free(&c[i].real);
		sim_config_free(&c[i].cfg);
	}
}

/* Record both with the altered costs. */
static void record(struct cost_cfg *costs)
{
	struct sim_config cfg;

	synthetic_meta("hits", hits);
	synthetic_meta("thrash", thrash);
	synthetic_config("hits", &cfg);
	*costs = cfg.machine.cost;
	sim_config_free(&cfg);
	costs->fault_anon = costs->fault_anon * 13 / 10;
	costs->touch = costs->touch * 17 / 20;
	costs->zap_page = costs->zap_page * 7 / 10;
	costs->fault_swapin *= 2;
	synthetic_record("hits", costs);
	synthetic_record("thrash", costs);
}

static void within(const struct fit_cost *c, sim_ns truth, double share)
{
	cr_assert_lt(fabs((double)c->ns / (double)truth - 1), share, "%s: %llu ns, it was %llu", c->name, (unsigned long long)c->ns,
		     (unsigned long long)truth);
	cr_assert_lt(c->error, 0.2, "%s: standard error %.2f", c->name, c->error);
}

Test(fit, finds_the_costs_a_recording_was_made_with)
{
	struct fit_cost cost[] = { { .name = "touch" }, { .name = "fault_anon" }, { .name = "zap_page" }, { .name = "fault_swapin" } };
	struct fit_case c[2];
	struct fit f = { .c = c, .nc = 2, .cost = cost, .ncost = 4, .jobs = 2 };
	struct cost_cfg truth;

	record(&truth);
	load("hits", &c[0]);
	load("thrash", &c[1]);
	cr_assert_eq(fit_run(&f), 0);
	within(&cost[0], truth.touch, 0.03);
	within(&cost[1], truth.fault_anon, 0.02);
	within(&cost[2], truth.zap_page, 0.03);
	within(&cost[3], truth.fault_swapin, 0.1);
	cr_assert_gt(f.rms_before, 5);
	cr_assert_lt(f.rms_after, 1);
	fit_free(&f);
	unload(c, 2);
}

Test(fit, a_cost_that_shows_nowhere_stays_and_says_so)
{
	struct fit_cost cost[] = { { .name = "fault_anon" }, { .name = "write_page" } };
	struct fit_case c[1];
	struct fit f = { .c = c, .nc = 1, .cost = cost, .ncost = 2, .jobs = 1 };
	struct cost_cfg truth;

	record(&truth);
	load("hits", &c[0]);
	cr_assert_eq(fit_run(&f), 0);
	cr_assert_eq(cost[1].ns, cost[1].start);
	cr_assert_gt(cost[1].error, 0.69); /* the prior's: a factor of two */
	fit_free(&f);
	unload(c, 1);
}

/* The number of threads changes no bit. */
Test(fit, the_same_with_any_number_of_jobs)
{
	struct fit_cost cost[2][2] = { { { .name = "touch" }, { .name = "fault_anon" } }, { { .name = "touch" }, { .name = "fault_anon" } } };
	struct fit_case c[2];
	struct cost_cfg truth;

	record(&truth);
	load("hits", &c[0]);
	load("thrash", &c[1]);
	for (unsigned i = 0; i < 2; i++) {
		struct fit f = { .c = c, .nc = 2, .cost = cost[i], .ncost = 2, .jobs = i ? 3 : 1 };

		cr_assert_eq(fit_run(&f), 0);
		fit_free(&f);
	}
	cr_assert_eq(memcmp(cost[0], cost[1], sizeof(cost[0])), 0);
	unload(c, 2);
}

Test(fit, knows_costs_by_name)
{
	struct cost_cfg costs = { .zap_page = 7 };

	cr_assert_eq(*fit_cost_field(&costs, "zap_page"), 7);
	cr_assert_null(fit_cost_field(&costs, "zap_pages"));
}
