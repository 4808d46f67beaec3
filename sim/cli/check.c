/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim check: run scenarios, hold them against their expectations and goldens, report as people and CI systems read. */
#include "sim/cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/cli/expect.h"
#include "sim/cli/junit.h"
#include "sim/cli/load.h"
#include "sim/cli/tee.h"
#include "sim/sink/klog.h"
#include "sim/sink/story.h"

struct check_args {
	struct load_args load;
	const char **scenario;
	size_t n;
	const char *junit, *golden;
	bool tap, update;
};

/* One scenario on its way through. */
struct check_case {
	const struct check_args *args;
	struct check_result *result;
	struct strbuf remark; /* for the line of a scenario that passed */
};

enum { KEY_JUNIT = 256, KEY_TAP, KEY_UPDATE, KEY_GOLDEN };

static const struct argp_option options[] = {
	{ "junit", KEY_JUNIT, "FILE", 0, "also write JUnit XML to FILE (-: standard output, without the text)", 0 },
	{ "tap", KEY_TAP, NULL, 0, "print TAP instead of text", 0 },
	{ "update", KEY_UPDATE, NULL, 0, "rewrite the goldens instead of comparing with them", 0 },
	{ "golden", KEY_GOLDEN, "DIR", 0, "where goldens are (results/golden)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->load;
		return 0;
	case KEY_JUNIT:
		a->junit = arg;
		return 0;
	case KEY_TAP:
		a->tap = true;
		return 0;
	case KEY_UPDATE:
		a->update = true;
		return 0;
	case KEY_GOLDEN:
		a->golden = arg;
		return 0;
	case ARGP_KEY_ARGS:
		a->scenario = (const char **)state->argv + state->next;
		a->n = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "name at least one scenario");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static double wall_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int case_error(struct check_case *k, int status, const char *where, const char *text)
{
	k->result->outcome = CHECK_ERROR;
	strbuf_addf(&k->result->detail, "  %s%s%s\n", where, *where ? ": " : "", text);
	return status;
}

/* Diagnostics of a file that could not be read: in the report, where a CI system shows them, and on stderr as always. */
static void case_diagnostics(struct check_case *k, const struct diag_list *dl)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	diag_print(dl, stderr);
	if (!f)
		return;
	diag_print(dl, f);
	if (!fclose(f))
		strbuf_add(&k->result->detail, text, n);
	free(text);
}

static void remark(struct check_case *k, const struct collect *c, bool expected, bool golden)
{
	char t[32];

	cli_human_time(t, c->end_ns);
	strbuf_addf(&k->remark, "%zu kill%s in %s", c->nkill, c->nkill == 1 ? "" : "s", t);
	if (!expected && !golden)
		strbuf_puts(&k->remark, "; it has no expect: and no golden, so that it ran is all that was checked");
	else if (!golden && !k->args->update)
		strbuf_puts(&k->remark, "; no golden");
}

static int case_compare(struct check_case *k, const struct sim_config *cfg, const struct collect *c,
			const char *kern_log)
{
	struct strbuf path = { 0 };
	unsigned unmet = expect_compare(&k->result->detail, &cfg->expect, c), differences = 0;
	bool golden = false;
	int err, status = EXIT_DONE;

	if (k->args->update)
		err = golden_update(k->args->golden, c, kern_log, &path);
	else
		err = golden_compare(&k->result->detail, k->args->golden, c, kern_log, &golden, &differences, &path);
	if (err) {
		status = case_error(k, EXIT_IO, path.s ? path.s : "", strerror(-err));
	} else if (unmet || differences) {
		k->result->outcome = CHECK_FAILED;
		status = EXIT_DIFFERS;
	}
	strbuf_free(&path);
	remark(k, c, cfg->expect.present, golden);
	return status;
}

static int case_run(struct check_case *k, const struct sim_config *cfg)
{
	struct collect c;
	struct strbuf kern_log = { 0 };
	struct klog_memory klog;
	struct progress progress;
	struct recorder out, log, bar, all;
	struct tee tee = { .to = { &out, &log, &bar }, .n = 3 };
	int err, status;

	collect_init(&c);
	klog_memory_init(&klog, &kern_log);
	progress_init(&progress, cfg, false);
	out = collect_recorder(&c);
	log = klog_memory_recorder(&klog);
	bar = progress_recorder(&progress);
	all = tee_recorder(&tee);
	err = simulate(cfg, &all);
	progress_clear(&progress);
	if (err == SIM_EINTERRUPTED)
		interrupt_die();
	if (err)
		status = case_error(k, cli_exit_status(err), "", sim_strerror(err));
	else
		status = case_compare(k, cfg, &c, kern_log.s ? kern_log.s : "");
	collect_free(&c);
	strbuf_free(&kern_log);
	return status;
}

static int check_one(struct check_case *k)
{
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	double began = wall_s();
	int status = load_scenario(k->result->path, &k->args->load, &cfg, &dl);

	if (status) {
		k->result->outcome = CHECK_ERROR;
		case_diagnostics(k, &dl);
	} else {
		k->result->name = strdup(cfg.name);
		status = case_run(k, &cfg);
		sim_config_free(&cfg);
	}
	diag_list_free(&dl);
	k->result->wall_s = wall_s() - began;
	return k->result->detail.failed ? EXIT_BROKEN : status;
}

static void print_case(const struct check_case *k)
{
	static const char *const word[] = { [CHECK_PASSED] = "ok", [CHECK_FAILED] = "FAILED", [CHECK_ERROR] = "ERROR" };
	const struct check_result *r = k->result;
	bool colour = story_wants_colour(stdout, getenv("NO_COLOR"), getenv("TERM"));
	const char *on = !colour ? "" : r->outcome == CHECK_PASSED ? "\033[32m" : "\033[31m";

	printf("%s%-6s%s %s", on, word[r->outcome], colour ? "\033[0m" : "", r->path);
	if (k->remark.s)
		printf("  (%s)", k->remark.s);
	printf("\n%s", r->detail.s ? r->detail.s : "");
	fflush(stdout);
}

static int write_junit(const char *path, const struct check_result *r, size_t n)
{
	struct strbuf out = { 0 };
	int err;

	junit_write(&out, r, n);
	err = out.failed ? -ENOMEM : cli_write_file(path, out.s, out.len);
	strbuf_free(&out);
	if (!err)
		return EXIT_DONE;
	cli_error("%s: %s", path, strerror(-err));
	return EXIT_IO;
}

static void print_tap(const struct check_result *r, size_t n)
{
	struct strbuf out = { 0 };

	tap_write(&out, r, n);
	fputs(out.s ? out.s : "", stdout);
	strbuf_free(&out);
}

static void print_sum(const struct check_result *r, size_t n)
{
	size_t passed = 0;

	for (size_t i = 0; i < n; i++)
		passed += r[i].outcome == CHECK_PASSED;
	printf("%zu scenario%s: %zu passed, %zu failed\n", n, n == 1 ? "" : "s", passed, n - passed);
}

static int check_all(const struct check_args *a, struct check_result *r)
{
	bool text = !a->tap && !(a->junit && !strcmp(a->junit, "-"));
	int worst = EXIT_DONE, status;

	for (size_t i = 0; i < a->n; i++) {
		struct check_case k = { .args = a, .result = &r[i] };

		r[i].path = a->scenario[i];
		status = check_one(&k);
		worst = status > worst ? status : worst;
		if (text)
			print_case(&k);
		strbuf_free(&k.remark);
	}
	if (a->tap)
		print_tap(r, a->n);
	else if (text)
		print_sum(r, a->n);
	if (!a->junit)
		return worst;
	status = write_junit(a->junit, r, a->n);
	return status > worst ? status : worst;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = { { &load_argp, 0, NULL, 0 }, { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "SCENARIO...",
		.doc = "Run each SCENARIO and compare it with its expect: and, where there is one, its golden "
		       "(DIR/NAME.json and DIR/NAME.kern.log). What differs is printed in full. Exits 1 if anything "
		       "does.",
		.children = children,
	};
	struct check_args a = { .golden = "results/golden" };
	struct check_result *r;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	interrupt_catch();
	r = calloc(a.n, sizeof(*r));
	if (!r) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		return EXIT_BROKEN;
	}
	status = check_all(&a, r);
	for (size_t i = 0; i < a.n; i++) {
		free(r[i].name);
		strbuf_free(&r[i].detail);
	}
	free(r);
	load_args_free(&a.load);
	return status;
}

const struct command command_check = { "check", "run scenarios and compare them with expectations and goldens", run };
