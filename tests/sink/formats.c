/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole result folders against goldens. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/core/diag.h"
#include "sim/sink/klog.h"
#include "sim/sink/sink.h"
#include "sim/sink/story.h"
#include "sim/sink/summary.h"
#include "tests/sink/fixture.h"

#define NO_GNUPLOT "/nonexistent"

typedef int sender(struct recorder *rec);

static int leak20(struct recorder *rec)
{
	return fixture_leak(rec, 20);
}
static int massacre40(struct recorder *rec)
{
	return fixture_massacre(rec, 40);
}

/* Run a stream into DIR/out. */
static void folder(const char *dir, sender *send, bool plots, const char *path)
{
	char target[300];
	struct sink_set *s;

	snprintf(target, sizeof(target), "%s/out", dir);
	s = sink_set_new(&(struct sink_options){ .dir = target, .plots = plots, .path = path });
	cr_assert_not_null(s);
	cr_assert_eq(sink_set_status(s), SIM_OK, "%s", sink_set_error(s));
	cr_assert_eq(send(sink_set_recorder(s)), 0, "%s", sink_set_error(s));
	cr_assert_eq(sink_set_finish(s), SIM_OK, "%s", sink_set_error(s));
	sink_set_free(s);
}

static void golden_files(sender *send, const char *prefix, const char *const files[])
{
	char dir[200], out[300], name[100];

	fixture_tmpdir(dir);
	folder(dir, send, false, NO_GNUPLOT);
	snprintf(out, sizeof(out), "%s/out", dir);
	for (size_t i = 0; files[i]; i++) {
		struct strbuf got = fixture_read(out, files[i]);

		cr_assert(!got.failed, "%s is missing", files[i]);
		snprintf(name, sizeof(name), "%s.%s", prefix, files[i]);
		fixture_golden(name, got.s ? got.s : "");
		strbuf_free(&got);
	}
	fixture_cleanup(dir);
}

Test(sink_formats, leak)
{
	static const char *const files[] = {
		"timeline.csv", "tasks.csv", "taskstats.csv", "events.jsonl", "kern.log", "summary.json", "trace.json",
		"memory.dat",   "memory.gp", "psi.dat",       "psi.gp",       "rss.dat",  "rss.gp",       NULL
	};

	golden_files(leak20, "leak", files);
}

Test(sink_formats, hostile)
{
	static const char *const files[] = { "tasks.csv",  "events.jsonl", "kern.log", "summary.json",
					     "trace.json", "rss.gp",       NULL };

	golden_files(fixture_hostile, "hostile", files);
}

Test(sink_formats, quiet)
{
	static const char *const files[] = { "summary.json", "events.jsonl", "kern.log", "rss.gp", NULL };

	golden_files(fixture_quiet, "quiet", files);
}

Test(sink_formats, panic)
{
	static const char *const files[] = { "summary.json", "kern.log", NULL };

	golden_files(fixture_panic, "panic", files);
}

Test(sink_formats, massacre)
{
	static const char *const files[] = { "memory.gp", NULL };

	golden_files(massacre40, "massacre", files);
}

/* Every line of events.jsonl and the whole of the others are JSON to a parser that is not ours. */
Test(sink_formats, valid_json)
{
	static sender *const send[] = { leak20, fixture_hostile, fixture_quiet, fixture_panic };

	for (size_t i = 0; i < ARRAY_LEN(send); i++) {
		char dir[200], out[300];
		struct strbuf b;
		json_error_t e;
		json_t *j;

		fixture_tmpdir(dir);
		folder(dir, send[i], false, NO_GNUPLOT);
		snprintf(out, sizeof(out), "%s/out", dir);
		b = fixture_read(out, "trace.json");
		cr_assert_not_null(j = json_loads(b.s, JSON_REJECT_DUPLICATES, &e), "%s", e.text);
		json_decref(j), strbuf_free(&b);
		b = fixture_read(out, "summary.json");
		cr_assert_not_null(j = json_loads(b.s, JSON_REJECT_DUPLICATES, &e), "%s", e.text);
		json_decref(j), strbuf_free(&b);
		b = fixture_read(out, "events.jsonl");
		for (char *s = b.s, *end; s && (end = strchr(s, '\n')); s = end + 1) {
			*end = '\0';
			cr_assert_not_null(j = json_loads(s, JSON_REJECT_DUPLICATES, &e), "%s: %s", e.text, s);
			json_decref(j);
		}
		strbuf_free(&b);
		fixture_cleanup(dir);
	}
}

/* Rows have as many fields as the header. */
Test(sink_formats, csv_is_rectangular)
{
	static const char *const files[] = { "timeline.csv", "tasks.csv", "taskstats.csv" };
	char dir[200], out[300];

	fixture_tmpdir(dir);
	folder(dir, leak20, false, NO_GNUPLOT);
	snprintf(out, sizeof(out), "%s/out", dir);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct strbuf b = fixture_read(out, files[i]);
		int want = -1;

		for (char *s = b.s, *end; s && (end = strchr(s, '\n')); s = end + 1) {
			int n = 0;

			for (char *p = s; p < end; p++)
				n += *p == ',';
			want = want < 0 ? n : want;
			cr_assert_eq(n, want);
		}
		cr_assert_gt(want, 5);
		strbuf_free(&b);
	}
	fixture_cleanup(dir);
}

static char *story_text(sender *send, bool colour, const char *note)
{
	struct collect c;
	struct recorder rec;
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);
	struct story_options o = { .colour = colour, .dir = "results/x", .plots = true, .note = note };

	collect_init(&c);
	rec = collect_recorder(&c);
	cr_assert_eq(send(&rec), 0);
	cr_assert_eq(story_write(&c, &o, f), SIM_OK);
	fclose(f);
	collect_free(&c);
	return text;
}

Test(sink_story, goldens)
{
	static const struct {
		sender *send;
		const char *name, *note;
		bool colour;
	} v[] = {
		{ leak20, "leak.story", "", false },
		{ leak20, "leak.story.colour", NULL, true },
		{ fixture_quiet, "quiet.story", "gnuplot is not installed", false },
		{ fixture_panic, "panic.story", "", false },
		{ fixture_hostile, "hostile.story", "", false },
		{ massacre40, "massacre.story", "", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		char *text = story_text(v[i].send, v[i].colour, v[i].note);

		cr_assert(v[i].colour == (strchr(text, '\033') != NULL), "%s", v[i].name);
		fixture_golden(v[i].name, text);
		free(text);
	}
}

Test(sink_story, colour)
{
	FILE *f = tmpfile();

	cr_assert(!story_wants_colour(f, NULL, "xterm"));
	cr_assert(!story_wants_colour(f, "1", "xterm"));
	fclose(f);
}

/* What check keeps as a golden and what a folder holds are one text. */
Test(sink_summary, from_the_collector_alone)
{
	struct collect c;
	struct recorder rec;
	struct strbuf want = fixture_read("tests/sink/golden", "leak.summary.json");
	char *text;

	collect_init(&c);
	rec = collect_recorder(&c);
	cr_assert_eq(leak20(&rec), 0);
	text = summary_text(&c);
	cr_assert_str_eq(text, want.s);
	free(text);
	strbuf_free(&want);
	collect_free(&c);
}

Test(sink_klog, in_memory)
{
	struct strbuf log = { 0 }, want = fixture_read("tests/sink/golden", "leak.kern.log");
	struct klog_memory k;
	struct recorder rec;

	klog_memory_init(&k, &log);
	rec = klog_memory_recorder(&k);
	cr_assert_eq(leak20(&rec), 0);
	cr_assert_str_eq(log.s, want.s);
	cr_assert_not_null(
		strstr(log.s, "\n[   14.200000] active_anon:29 inactive_anon:47623 isolated_anon:0\n active_file:0 "));
	cr_assert_null(strstr(log.s, "earlyoom"));
	cr_assert_null(strchr(log.s, '\001'));
	strbuf_free(&log);
	strbuf_free(&want);
}

/* Two runs give the same bytes, pictures included, and no picture tells a version or a date. */
Test(sink_plots, deterministic)
{
	static const char *const svg[] = { "memory.svg", "psi.svg", "rss.svg" };
	char a[200], b[200], path[300];

	if (system("command -v gnuplot >/dev/null 2>&1"))
		cr_skip_test("no gnuplot");
	fixture_tmpdir(a), fixture_tmpdir(b);
	folder(a, leak20, true, NULL), folder(b, leak20, true, NULL);
	for (size_t i = 0; i < ARRAY_LEN(svg); i++) {
		struct strbuf x, y;

		snprintf(path, sizeof(path), "%s/out", a), x = fixture_read(path, svg[i]);
		snprintf(path, sizeof(path), "%s/out", b), y = fixture_read(path, svg[i]);
		cr_assert(x.s && !x.failed, "%s", svg[i]);
		cr_assert_str_eq(x.s, y.s);
		cr_assert_null(strstr(x.s, "patchlevel"));
		cr_assert_null(strstr(x.s, "GNUPLOT"));
		cr_assert_not_null(strstr(x.s, "leak (80)"));
		cr_assert_str_eq(x.s + x.len - 7, "</svg>\n");
		strbuf_free(&x), strbuf_free(&y);
	}
	fixture_cleanup(a), fixture_cleanup(b);
}

/* Names that would break out of a gnuplot string or of XML come out as text. */
Test(sink_plots, hostile_names)
{
	char dir[200], out[300];
	struct strbuf svg;

	if (system("command -v gnuplot >/dev/null 2>&1"))
		cr_skip_test("no gnuplot");
	fixture_tmpdir(dir);
	folder(dir, fixture_hostile, true, NULL);
	snprintf(out, sizeof(out), "%s/out", dir);
	svg = fixture_read(out, "rss.svg");
	cr_assert_not_null(strstr(svg.s, "a\"b',\\x0a\\x1b&lt;&amp;>\xc3\xa9\xef\xbf\xbd (7)"));
	strbuf_free(&svg);
	fixture_cleanup(dir);
}

static void note_of(const char *gnuplot, const char *path, const char *want)
{
	char dir[200], target[300];
	struct sink_set *s;

	fixture_tmpdir(dir);
	snprintf(target, sizeof(target), "%s/out", dir);
	s = sink_set_new(&(struct sink_options){ .dir = target, .plots = true, .gnuplot = gnuplot, .path = path });
	cr_assert_eq(leak20(sink_set_recorder(s)), 0);
	cr_assert_eq(sink_set_finish(s), SIM_OK);
	cr_assert_not_null(strstr(sink_set_note(s), want), "%s", sink_set_note(s));
	cr_assert(!fixture_exists(target, "memory.svg"));
	cr_assert(fixture_exists(target, "memory.gp"));
	sink_set_free(s);
	fixture_cleanup(dir);
}

Test(sink_plots, gnuplot_absent)
{
	note_of(NULL, NO_GNUPLOT, "gnuplot is not installed");
}
Test(sink_plots, gnuplot_fails)
{
	note_of("/bin/false", NULL, "gnuplot failed on");
}

/* A machine of 64 KiB pages: kB figures and sums stay true, blocks move up four orders. */
Test(sink_klog, larger_pages)
{
	struct sim_config c = { .kernel = NULL };
	struct rec_begin b = { .config = &c };
	struct rec_oom_zone z = {
		.name = "DMA32", .free = 6, .min = 2, .nr_free_blocks = { 2, 0, 1 }, .lowmem_reserve = { 0, 5 }
	};
	struct rec_oom_task t = {
		.pid = 7, .tgid = 7, .comm = "x", .total_vm = 10, .rss = 3, .swapents = 1, .pgtables_bytes = 65536
	};
	struct rec_oom_report r = { .dump_header = true,
				    .dump_tasks = true,
				    .has_victim = true,
				    .panic = -1,
				    .zone = &z,
				    .nzone = 1,
				    .task = &t,
				    .ntask = 1,
				    .free = 6,
				    .total_swap_kB = 64 };
	struct strbuf log = { 0 };
	struct klog_memory k;
	struct recorder rec;

	c.kernel = kernel_model_find("k6.1");
	c.machine.page_size = 65536;
	klog_memory_init(&k, &log);
	rec = klog_memory_recorder(&k);
	cr_assert_eq(rec.begin(rec.ctx, &b), 0);
	cr_assert_eq(rec.oom(rec.ctx, &r), 0);
	cr_assert_not_null(strstr(log.s, "\n free:96 free_pcp:0 free_cma:0\n"));
	cr_assert_not_null(strstr(log.s, "Node 0 DMA32 free:384kB boost:0kB min:128kB "));
	cr_assert_not_null(strstr(log.s, "lowmem_reserve[]: 0 80 0 0 0\n"));
	cr_assert_not_null(
		strstr(log.s, " 2*64kB (M) 0*128kB 1*256kB (M) 0*512kB 0*1024kB 0*2048kB 0*4096kB = 384kB\n"));
	cr_assert_not_null(
		strstr(log.s, "[      7]     0     7      160       48    65536       16             0 x\n"));
	cr_assert_not_null(strstr(log.s, "Total swap = 64kB\n"));
	strbuf_free(&log);
}
