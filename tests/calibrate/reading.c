/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings as they are written, and broken ones. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/guest/recording.h"
#include "sim/calibrate/residual.h"
#include "sim/calibrate/spec.h"
#include "tests/calibrate/synthetic.h"

TestSuite(reading, .init = synthetic_begin, .fini = synthetic_end);

static const char timeline[] = "t_ms\tMemFree\tSwapTotal\tSwapFree\tpswpin\tpsi.memory.some.total\n"
			       "0\t50000\t1000\t1000\t5\t0\n"
			       "50\t40000\t1000\t400\t25\t250000\n";
static const char events[] = "t_ms\twho\tpid\tevent\n"
			     "0.1\tinit\t1\tt0 avail_kb=55000 total_kb=63200\n"
			     "100\tws\t9\talloc pages=1000 ms=40 maxstall_us=3\n"
			     "900\tkernel\t0\tOut of memory: Killed process 9 (ws) total-vm:12kB, anon-rss:1kB\n"
			     "950\tws\t9\texit signal=9\n";
static const char procs[] = "t_ms\tname\tpid\tutime\tstime\n50\tws\t9\t3\t4\n900\tws\t9\t10\t6\n940\tws\t9\t10\t9\n";

static void all_of_it(struct outcome *ret)
{
	struct diag_list dl = { 0 };

	synthetic_meta("r", "proc ws : alloc 4M 0");
	synthetic_file("r", "timeline.tsv", timeline);
	synthetic_file("r", "events.tsv", events);
	synthetic_file("r", "procs.tsv", procs);
	cr_assert_eq(recording_read("r", ret, &dl), 0);
	cr_assert_eq(dl.n, 0);
}

Test(reading, counters_are_growth_and_times_are_there)
{
	struct outcome o;

	all_of_it(&o);
	cr_assert_eq(o.q[Q_PSWPIN], 20);
	cr_assert_eq(o.q[Q_PEAK_SWAP], 600);
	cr_assert_eq(o.q[Q_FINAL_SWAP], 600);
	cr_assert_eq(o.q[Q_PSI_MEM], 250);
	cr_assert_eq(o.ram_kB, 65536);
	cr_assert_eq(o.nkill, 1);
	cr_assert_eq(o.kill[0].t_ms, 900);
	cr_assert_eq(o.nphase, 1);
	cr_assert_eq(o.phase[0].pages, 1000);
	outcome_free(&o);
}

/* CPU time is that of the last row before the kill, 16 ticks; exit is from kill to exit. */
Test(reading, figures_worked_by_hand)
{
	struct residual *v = NULL, *r;
	struct outcome o, sim = { .nkill = 0 };
	char name[64];
	size_t n = 0;

	all_of_it(&o);
	cr_assert_eq(residual_list(&o, 3, &v, &n), 0);
	cr_assert_eq(n, 5);
	r = &v[0];
	residual_name(r, name, sizeof(name));
	cr_assert_str_eq(name, "ws alloc, pages/ms");
	cr_assert_eq(r->measured, 25);
	cr_assert_float_eq(r->sigma, hypot(0.01, 0.5 / 40), 1e-12);
	cr_assert_eq(v[1].figure, FIG_CPU);
	cr_assert_eq(v[1].measured, 160);
	cr_assert_eq(v[2].figure, FIG_EXIT);
	cr_assert_eq(v[2].measured, 50);
	cr_assert_eq(v[2].recording, 3);
	cr_assert_eq(v[3].figure, FIG_KILL);
	cr_assert_eq(v[4].figure, FIG_PSI_MEM);
	outcome_add_phase(&sim, &(struct oc_phase){ .comm = "ws", .kind = PHASE_ALLOC, .pages = 1000, .ms = 50 });
	cr_assert_float_eq(residual_value(r, &sim), log(20.0 / 25) / r->sigma, 1e-12);
	cr_assert_eq(residual_value(&v[3], &sim), -1 / v[3].sigma); /* never killed */
	outcome_free(&sim);
	outcome_free(&o);
	free(v);
}

static void broken(const char *want_file, const char *want_text)
{
	struct diag_list dl = { 0 };
	struct outcome o;

	cr_assert_neq(recording_read("b", &o, &dl), 0);
	cr_assert_geq(dl.n, 1);
	cr_assert_str_eq(dl.v[0].file, want_file);
	cr_assert(strstr(dl.v[0].text, want_text), "%s", dl.v[0].text);
	diag_list_free(&dl);
	outcome_free(&o);
}

Test(reading, what_is_wrong_is_told_with_its_place)
{
	broken("b/meta.json", "No such file");
	synthetic_meta("b", "proc ws : alloc 4M 0");
	broken("b/timeline.tsv", "No such file");
	synthetic_file("b", "timeline.tsv", "t_ms\tMemFree\n");
	broken("b/timeline.tsv", "never started");
	synthetic_file("b", "timeline.tsv", timeline);
	broken("b/procs.tsv", "No such file");
	synthetic_file("b", "meta.json", "{\n  \"scenario\": oops\n}\n");
	broken("b/meta.json", "oops");
}

Test(reading, json_errors_have_a_line)
{
	struct diag_list dl = { 0 };
	struct outcome o;

	synthetic_file("b", "meta.json", "{\n  \"scenario\": oops\n}\n");
	cr_assert_eq(recording_read("b", &o, &dl), SIM_EINPUT);
	cr_assert_eq(dl.v[0].line, 2);
	diag_list_free(&dl);
	outcome_free(&o);
}

static enum spec_result spec_of(const char *spec, char why[SPEC_WHY])
{
	char *yaml = NULL;
	enum spec_result r;

	synthetic_meta("s", spec);
	r = spec_scenario("s", NULL, NULL, "recorder", &yaml, why);
	free(yaml);
	return r;
}

Test(reading, a_spec_without_words_here_says_which)
{
	char why[SPEC_WHY] = "", *yaml = NULL;

	cr_assert_eq(spec_of("proc ws : alloc 4M 0 ; sleep 5", why), SPEC_OK);
	cr_assert_eq(spec_of("proc ws : frobnicate 3", why), SPEC_SKIP);
	cr_assert_str_eq(why, "phase 'frobnicate'");
	cr_assert_eq(spec_of("proc ws colour=red : alloc 4M 0", why), SPEC_SKIP);
	cr_assert_str_eq(why, "process attribute 'colour=red'");
	cr_assert_eq(spec_of("proc ws : fork 1 1 ; fork 1 1 ; fork 1 1 ; fork 1 1 ; fork 1 1 ; fork 1 1 ; fork 1 1 ; fork 1 1 ; sleep 1", why),
		     SPEC_SKIP);
	cr_assert_str_eq(why, "forks nested more than 8 deep");
	synthetic_file("s", "meta.json", "{}");
	cr_assert_eq(spec_scenario("s", NULL, NULL, "recorder", &yaml, why), SPEC_BROKEN);
}
