/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim run: simulate one scenario, write its result folder, tell the story. */
#include "sim/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cli/load.h"
#include "sim/cli/tee.h"
#include "sim/sink/sink.h"
#include "sim/sink/story.h"

struct run_args {
	struct load_args load;
	const char *scenario, *dir;
	bool no_plot, quiet, digest;
};

enum { KEY_NO_PLOT = 256, KEY_DIGEST };

static const struct argp_option options[] = {
	{ "output", 'o', "DIR", 0, "write the results to DIR (results/NAME); an old result is replaced", 0 },
	{ "no-plot", KEY_NO_PLOT, NULL, 0, "write the plots' scripts and data but do not run gnuplot", 0 },
	{ "quiet", 'q', NULL, 0, "no story, no progress bar", 0 },
	{ "digest", KEY_DIGEST, NULL, 0, "print the digest of the event stream alone and write no results", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->load;
		return 0;
	case 'o':
		a->dir = arg;
		return 0;
	case KEY_NO_PLOT:
		a->no_plot = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	case KEY_DIGEST:
		a->digest = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->scenario)
			argp_error(state, "one scenario at a time; 'oomsim check' takes several");
		a->scenario = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->scenario)
			argp_error(state, "name a scenario, for example scenarios/quickstart.yaml");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* What a failed run comes to. The interrupt is no error of ours: the caller dies of it once all is cleaned up. */
static int run_failed(int err, const char *why)
{
	if (err == SIM_EINTERRUPTED)
		return SIM_EINTERRUPTED;
	cli_error("%s", why && *why ? why : sim_strerror(err));
	return cli_exit_status(err);
}

static int run_digest(const struct sim_config *cfg, const struct run_args *a)
{
	struct collect c;
	struct progress progress;
	struct recorder out, bar, all;
	struct tee tee = { .to = { &out, &bar }, .n = 2 };
	char hex[33];
	int err;

	collect_init(&c);
	progress_init(&progress, cfg, a->quiet);
	out = collect_recorder(&c);
	bar = progress_recorder(&progress);
	all = tee_recorder(&tee);
	err = simulate(cfg, &all);
	progress_clear(&progress);
	collect_digest_hex(&c, hex);
	collect_free(&c);
	if (err)
		return run_failed(err, NULL);
	puts(hex);
	return EXIT_DONE;
}

static int tell(struct sink_set *s, const char *dir, const struct run_args *a)
{
	struct story_options o = {
		.colour = story_wants_colour(stdout, getenv("NO_COLOR"), getenv("TERM")),
		.dir = dir,
		.note = sink_set_note(s),
		.plots = !a->no_plot,
	};

	return a->quiet ? EXIT_DONE : cli_exit_status(story_write(sink_set_collect(s), &o, stdout));
}

static int run_into(const struct sim_config *cfg, const struct run_args *a, const char *dir)
{
	struct sink_set *s =
		sink_set_new(&(struct sink_options){ .dir = dir, .plots = !a->no_plot, .path = getenv("PATH") });
	struct progress progress;
	struct recorder bar, all;
	struct tee tee = { .n = 2 };
	int err, status;

	if (!s)
		return run_failed(SIM_ENOMEM, NULL);
	err = sink_set_status(s);
	if (!err) {
		progress_init(&progress, cfg, a->quiet);
		bar = progress_recorder(&progress);
		tee.to[0] = sink_set_recorder(s);
		tee.to[1] = &bar;
		all = tee_recorder(&tee);
		err = simulate(cfg, &all);
		progress_clear(&progress);
	}
	if (!err)
		err = sink_set_finish(s);
	else
		sink_set_abort(s);
	status = err ? run_failed(err, sink_set_error(s)) : tell(s, dir, a);
	sink_set_free(s);
	return status;
}

static int run_loaded(const struct sim_config *cfg, const struct run_args *a)
{
	struct strbuf dir = { 0 };
	int status;

	if (a->digest)
		return run_digest(cfg, a);
	if (a->dir)
		return run_into(cfg, a, a->dir);
	strbuf_addf(&dir, "results/%s", cfg->name);
	status = dir.failed ? run_failed(SIM_ENOMEM, NULL) : run_into(cfg, a, dir.s);
	strbuf_free(&dir);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = { { &load_argp, 0, NULL, 0 }, { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "SCENARIO",
		.doc = "Simulate SCENARIO (- for standard input), write a result folder and tell on standard output "
		       "what happened.",
		.children = children,
	};
	struct run_args a = { 0 };
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	interrupt_catch();
	status = load_scenario(a.scenario, &a.load, &cfg, &dl);
	diag_print(&dl, stderr);
	diag_list_free(&dl);
	if (!status) {
		status = run_loaded(&cfg, &a);
		sim_config_free(&cfg);
	}
	load_args_free(&a.load);
	if (status == SIM_EINTERRUPTED)
		interrupt_die();
	return status;
}

const struct command command_run = { "run", "simulate a scenario and write what happened to a folder", run };
