/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim sweep: one scenario many times, with other values and other seeds; what that comes to on average, and how surely. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/sweep_run.h"
#include "sim/cli/sweep_stats.h"
#include "sim/cli/tee.h"
#include "sim/core/digest.h"
#include "sim/scenario/quantity.h"

#define MAX_RUNS 1000000
#define MAX_JOBS 1024

struct sweep_args {
	struct load_args load;
	struct sweep_jobs jobs;
	struct sweep_plan plan;
	const char *db, *from;
};

enum { KEY_VARY = 256, KEY_RUNS, KEY_SHARD, KEY_FROM };

static const struct argp_option options[] = {
	{ "vary", KEY_VARY, "PATH=A,B,C", 0,
	  "a value of the scenario, as --set has it, that is given each of these; several --vary are combined. "
	  "PATH=uniform(A,B)UNIT draws it for each run: also exponential(MEAN), gaussian(MEAN,SIGMA)",
	  0 },
	{ "runs", KEY_RUNS, "N", 0, "runs of each combination, with seeds from --seed or the scenario's on (1)", 0 },
	{ "jobs", 'j', "N", 0, "runs at the same time (1)", 0 },
	{ "shard", KEY_SHARD, "I/N", 0, "only the I-th of N parts; the files of all parts can be put together with cat",
	  0 },
	{ "from", KEY_FROM, "T", 0, "rates and shares are of the time from T on (0s)", 0 },
	{ "output", 'o', "DB", 0, "CSV file of all runs; those that it has are not run again", 0 },
	{ 0 },
};

static size_t number(struct argp_state *state, const char *arg, const char *what, size_t max)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || !n || n > max)
		argp_error(state, "%s: expected a whole number from 1 to %zu, not '%s'", what, max, arg);
	return n;
}

static void shard(struct argp_state *state, struct sweep_jobs *j, const char *arg)
{
	char *end;
	unsigned long i = strtoul(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end != '/')
		argp_error(state, "--shard: expected I/N, as 1/4, not '%s'", arg);
	j->nshard = number(state, end + 1, "--shard I/N", MAX_RUNS);
	if (!i || i > j->nshard)
		argp_error(state, "--shard: %lu is not from 1 to %zu", i, j->nshard);
	j->shard = i - 1;
}

static void vary(struct argp_state *state, struct sweep_plan *p, const char *arg)
{
	const char *why;

	if (!plan_add(p, arg, &why))
		argp_error(state, "--vary '%s': %s", arg, why);
}

static void complete(struct argp_state *state, const struct sweep_args *a)
{
	if (!a->jobs.scenario)
		argp_error(state, "name a scenario");
	if (!a->db)
		argp_error(state, "-o: where are the runs to be kept? For example -o results/sweep.csv");
	if (plan_runs(&a->plan) > MAX_RUNS)
		argp_error(state, "more than %d runs", MAX_RUNS);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sweep_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->load;
		return 0;
	case KEY_VARY:
		vary(state, &a->plan, arg);
		return 0;
	case KEY_RUNS:
		a->plan.runs = number(state, arg, "--runs", MAX_RUNS);
		return 0;
	case 'j':
		a->jobs.jobs = number(state, arg, "--jobs", MAX_JOBS);
		return 0;
	case KEY_SHARD:
		shard(state, &a->jobs, arg);
		return 0;
	case KEY_FROM:
		a->from = arg;
		return 0;
	case 'o':
		a->db = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->jobs.scenario)
			argp_error(state, "one scenario at a time");
		a->jobs.scenario = arg;
		return 0;
	case ARGP_KEY_END:
		complete(state, a);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* All that decides what a run comes to, but for presets: a file that another sweep has made is not to be continued. */
static int key_of(const struct sweep_args *a, uint64_t seed, char ret[33])
{
	struct digest d = DIGEST_INIT;
	struct strbuf text = { 0 };
	int err = cli_read_file(a->jobs.scenario, &text);

	if (err)
		return err;
	digest_str(&d, OOMSIM_VERSION);
	digest_str(&d, text.s);
	digest_str(&d, a->load.kernel);
	digest_str(&d, a->load.until);
	digest_u64(&d, seed);
	digest_u64(&d, a->jobs.from);
	for (size_t i = 0; i < a->load.nset; i++)
		digest_str(&d, a->load.set[i]);
	for (size_t i = 0; i < a->plan.nvary; i++) {
		const struct vary *v = &a->plan.vary[i];

		digest_str(&d, v->path);
		digest_str(&d, v->unit);
		digest_bytes(&d, &v->dist, sizeof(v->dist));
		for (size_t k = 0; k < v->nvalue; k++)
			digest_str(&d, v->value[k]);
	}
	digest_hex(&d, ret);
	strbuf_free(&text);
	return 0;
}

static int read_db(struct sweep_db *db)
{
	unsigned line = 0;

	switch (db_read(db, &line)) {
	case DB_OK:
		return EXIT_DONE;
	case DB_OTHER:
		cli_error("%s:%u: error: these are the runs of another sweep; name another file, or remove this one",
			  db->path, line);
		return EXIT_BAD_INPUT;
	case DB_BROKEN:
		cli_error("%s:%u: error: this is not a row of a sweep's runs", db->path, line);
		return EXIT_BAD_INPUT;
	default:
		cli_error("%s: %s", db->path, strerror(errno));
		return EXIT_IO;
	}
}

static int work(const struct sweep_args *a, struct sweep_db *db)
{
	int status = read_db(db), err;

	if (status)
		return status;
	err = db_open(db);
	if (!err)
		status = sweep_run(&a->jobs, db);
	if (!err && !status)
		err = db_finish(db);
	if (err) {
		cli_error("%s: %s", db->path, strerror(-err));
		return EXIT_IO;
	}
	if (!status)
		stats_write(db, stdout);
	return status;
}

/* The scenario's name and seed, and its mistakes, with those of the first values, told once. */
static int look(struct sweep_args *a, struct sweep_db *db)
{
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	int status = load_scenario(a->jobs.scenario, &a->load, &cfg, &dl);

	diag_print(&dl, stderr);
	diag_list_free(&dl);
	if (status)
		return status;
	a->plan.seed = cfg.seed;
	snprintf(db->name, sizeof(db->name), "%s", cfg.name);
	sim_config_free(&cfg);
	a->jobs.load = &a->load;
	status = sweep_try(&a->jobs, &a->plan);
	if (!status && key_of(a, a->plan.seed, db->key))
		status = EXIT_BAD_INPUT;
	return status;
}

static bool read_from(struct sweep_args *a)
{
	struct qerr e;

	if (!a->from || !quantity_time(a->from, &a->jobs.from, &e))
		return true;
	cli_error("--from: %s%s%s%s", e.text, *e.hint ? " (" : "", e.hint, *e.hint ? ")" : "");
	return false;
}

static int sweep(struct sweep_args *a)
{
	struct sweep_db db = { .path = a->db, .plan = &a->plan, .fd = -1 };
	int status;

	if (!strcmp(a->jobs.scenario, "-") || !read_from(a)) {
		if (!strcmp(a->jobs.scenario, "-"))
			cli_error("a sweep reads its scenario many times: it cannot come from standard input");
		return EXIT_BAD_INPUT;
	}
	status = look(a, &db);
	if (status)
		return status;
	db.row = calloc(plan_runs(&a->plan), sizeof(*db.row));
	status = db.row ? work(a, &db) : EXIT_BROKEN;
	free(db.row);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp_child children[] = { { &load_argp, 0, NULL, 0 }, { 0 } };
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "SCENARIO",
		.doc = "Run SCENARIO with every combination of the values given by --vary, each with several seeds. "
		       "Keeps the runs "
		       "in DB and prints a CSV table: for each combination the mean of each measure and the half width "
		       "of its "
		       "95 % confidence interval (Student's t).",
		.children = children,
	};
	struct sweep_args a = { .jobs = { .jobs = 1, .nshard = 1 }, .plan = { .runs = 1 } };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	interrupt_catch();
	status = sweep(&a);
	plan_free(&a.plan);
	load_args_free(&a.load);
	if (status == SIM_EINTERRUPTED)
		interrupt_die();
	return status;
}

const struct command command_sweep = { "sweep", "run a scenario many times, with statistics", run };
