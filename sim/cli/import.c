/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim import: a scenario from an OOM report, or from a recording of a live host. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/load.h"
#include "sim/cli/reportfile.h"
#include "sim/report/import.h"
#include "sim/scenario/scenario.h"
#include "sim/world/record.h"

enum { KEY_REPORT = 512 };

struct import_args {
	const char *path, *out;
	unsigned long which; /* number of the report in the log */
};

struct wanted {
	const struct import_args *a;
	unsigned long n;
	bool found;
	const char *why;
	struct strbuf yaml;
};

static const struct argp_option options[] = {
	{ "output", 'o', "SCENARIO", 0, "where to write; - is standard output", 0 },
	{ "report", KEY_REPORT, "N", 0, "the N-th report of the log (1)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct import_args *a = state->input;
	char *end;

	switch (key) {
	case 'o':
		a->out = arg;
		return 0;
	case KEY_REPORT:
		a->which = strtoul(arg, &end, 10);
		if (*end || end == arg || !a->which)
			argp_error(state, "--report: '%s' is no number from 1 on", arg);
		return 0;
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one report or recording at a time");
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			argp_error(state, "name a kernel log or a recording");
		else if (!a->out)
			argp_error(state, "name a scenario to write with -o");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the trial run ---- */

/* The first two kills of a run. */
struct kills {
	unsigned n;
	sim_ns t[2];
	char comm[SIM_COMM_LEN];
};

static int on_kill(void *ctx, const struct rec_kill *k)
{
	struct kills *kills = ctx;

	if (!kills->n)
		memcpy(kills->comm, k->comm, sizeof(kills->comm));
	kills->t[kills->n++] = k->t_ns;
	return kills->n == 2 ? SIM_EUSAGE : SIM_OK; /* seen enough */
}

/* Simulate what was made. False: this host cannot. */
static bool trial(const struct strbuf *yaml, struct kills *ret)
{
	struct recorder rec = { .ctx = ret, .kill = on_kill };
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	bool ran = false;

	if (scenario_load_buffer("imported", yaml->s, yaml->len, NULL, &cfg, &dl)) {
		diag_print(&dl, stderr);
	} else {
		if (sim_config_host_bytes(&cfg) <= host_memory_available() / 2) {
			int err = simulate(&cfg, &rec);

			ran = !err || err == SIM_EUSAGE;
		}
		sim_config_free(&cfg);
	}
	diag_list_free(&dl);
	return ran;
}

static sim_ns end_of(const struct kills *k)
{
	sim_ns far = k->t[0] + 5 * NS_PER_SEC;

	return k->n > 1 ? u64_min(far, k->t[0] + (k->t[1] - k->t[0]) / 2) : far;
}

/* The scenario is to end between the first kill and the next. Where the simulation does not kill whom the report did, it says so
 * instead of expecting it. */
static int compose(struct import_plan *plan, struct strbuf *ret)
{
	struct kills k = { 0 };
	char expected[SIM_COMM_LEN];
	int err = import_yaml(plan, 0, ret);

	if (err || !plan->victim || !trial(ret, &k))
		return err;
	snprintf(expected, sizeof(expected), "%.*s", SIM_COMM_LEN - 1, plan->victim);
	if (k.n == 2 && end_of(&k) == k.t[0]) {
		strbuf_puts(&plan->notes,
			    "The simulation kills several at once, so the report's one alone cannot be expected.\n");
		plan->victim = NULL;
	} else if (!k.n || strcmp(k.comm, expected)) {
		strbuf_addf(&plan->notes,
			    k.n ? "The simulation kills another process first than the report, so none is expected.\n"
				: "The simulation kills nobody, so none is expected.\n");
		cli_error("note: the simulation %s",
			  k.n ? "kills another process first than the report" : "kills nobody");
		plan->victim = NULL;
	}
	strbuf_free(ret);
	return import_yaml(plan, plan->victim ? end_of(&k) : 0, ret);
}

static int on_report(void *ctx, const struct oom_report *r)
{
	struct wanted *w = ctx;
	struct import_plan plan = { 0 };
	struct explanation x;
	int err;

	if (++w->n != w->a->which)
		return SIM_OK;
	w->found = true;
	err = explain_report(r, &x);
	if (err)
		return err;
	err = import_report(&x, &plan, &w->why);
	if (!err)
		err = compose(&plan, &w->yaml);
	import_plan_free(&plan);
	explanation_free(&x);
	return err == SIM_EINPUT ? SIM_OK : err;
}

static int from_report(const struct import_args *a, struct strbuf *yaml)
{
	struct wanted w = { .a = a };
	unsigned long lines;
	int status = report_file_read(a->path, on_report, &w, &lines);

	if (!status && !w.found) {
		if (w.n)
			cli_error("%s: there are %lu reports, so no number %lu", a->path, w.n, a->which);
		else
			cli_error("%s: there is no OOM report in it", a->path);
		status = EXIT_BAD_INPUT;
	} else if (!status && w.why) {
		cli_error("%s: %s", a->path, w.why);
		status = EXIT_BAD_INPUT;
	}
	*yaml = w.yaml;
	return status;
}

static int from_recording(const struct import_args *a, const struct strbuf *text, struct strbuf *yaml)
{
	struct import_plan plan = { 0 };
	struct snapshot s;
	unsigned long line;
	const char *why;
	int err = recording_last(text->s, text->len, &s, &line, &why);

	if (err == SIM_EINPUT)
		fprintf(stderr, "%s:%lu:1: error: %s\n", a->path, line, why);
	if (err)
		return cli_exit_status(err);
	err = import_snapshot(&s, &plan, &why);
	if (err == SIM_EINPUT)
		cli_error("%s: %s", a->path, why);
	if (!err)
		err = compose(&plan, yaml);
	import_plan_free(&plan);
	snapshot_free(&s);
	return cli_exit_status(err);
}

/* 1: a recording; 0: not; negative: cannot be read. Standard input is taken as a log. */
static int is_recording(const char *path)
{
	char head[sizeof(RECORDING_MAGIC) - 1];
	FILE *f;
	int yes;

	if (!strcmp(path, "-"))
		return 0;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	yes = fread(head, 1, sizeof(head), f) == sizeof(head) && !memcmp(head, RECORDING_MAGIC, sizeof(head));
	fclose(f);
	return yes;
}

static int import(const struct import_args *a, struct strbuf *yaml)
{
	struct strbuf text = { 0 };
	int recording = is_recording(a->path), status;

	if (recording < 0) {
		cli_error("%s: %s", a->path, strerror(-recording));
		return EXIT_BAD_INPUT;
	}
	if (!recording)
		return from_report(a, yaml);
	status = cli_read_file(a->path, &text) ? EXIT_BAD_INPUT : from_recording(a, &text, yaml);
	strbuf_free(&text);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "REPORT|RECORDING",
		.doc = "Turn an OOM report of a kernel log, or the last snapshot of an 'oomsim record' file, into a "
		       "scenario: a machine of that "
		       "size, its processes with their memory and oom_score_adj, and the last allocation that does not "
		       "fit. Of a report the "
		       "victim is expected.",
	};
	struct import_args a = { .which = 1 };
	struct strbuf yaml = { 0 };
	int status, err;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	status = import(&a, &yaml);
	if (!status) {
		err = cli_write_file(a.out, yaml.s, yaml.len);
		if (err) {
			cli_error("%s: %s", a.out, strerror(-err));
			status = EXIT_IO;
		}
	}
	strbuf_free(&yaml);
	return status;
}

const struct command command_import = { "import", "a scenario from an OOM report or a recording", run };
