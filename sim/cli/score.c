/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim score: the oom_score of live processes, computed here, beside the kernel's own. */
#include "sim/cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/report/explain.h"
#include "sim/report/json.h"
#include "sim/report/score.h"

enum { KEY_PID = 512, KEY_JSON };

struct score_args {
	int pid;
	bool json;
};

static const struct argp_option options[] = {
	{ "pid", KEY_PID, "PID", 0, "this process alone", 0 },
	{ "json", KEY_JSON, NULL, 0, "one JSON object on standard output, schema oomsim.score/1", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct score_args *a = state->input;
	char *end;
	long v;

	switch (key) {
	case KEY_PID:
		v = strtol(arg, &end, 10);
		if (*end || end == arg || v < 1 || v > INT32_MAX)
			argp_error(state, "'%s' is no process id", arg);
		a->pid = (int)v;
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void row_json(struct strbuf *b, const struct score_row *r)
{
	out_json_open(b, NULL, '{');
	out_json_i64(b, "pid", r->p.pid);
	out_json_str(b, "comm", r->p.comm);
	out_json_i64(b, "uid", r->p.uid);
	out_json_u64(b, "rss", r->p.rss);
	out_json_u64(b, "swapents", r->p.swapents);
	out_json_u64(b, "pgtables_bytes", r->p.pgtables_bytes);
	out_json_i64(b, "oom_score_adj", r->p.oom_score_adj);
	if (r->points == BADNESS_NEVER)
		out_json_null(b, "points");
	else
		out_json_i64(b, "points", r->points);
	out_json_bool(b, "eligible", r->points != BADNESS_NEVER);
	out_json_str(b, "why", r->why_never ? r->why_never : "");
	out_json_i64(b, "oom_score", r->oom_score);
	out_json_i64(b, "kernel_oom_score", r->p.oom_score);
	out_json_bool(b, "equal", r->equal);
	out_json_close(b, '}');
}

static void table_json(struct strbuf *b, const struct score_table *t)
{
	out_json_open(b, NULL, '{');
	out_json_str(b, "schema", "oomsim.score/1");
	out_json_str(b, "kernel", t->host.release);
	out_json_str(b, "model", t->era.model->info.name);
	out_json_u64(b, "totalpages", t->totalpages);
	out_json_open(b, "processes", '[');
	for (size_t i = 0; i < t->n; i++)
		row_json(b, &t->row[i]);
	out_json_close(b, ']');
	out_json_u64(b, "unequal", t->unequal);
	out_json_close(b, '}');
	strbuf_puts(b, "\n");
}

static void row_text(struct strbuf *b, const struct score_row *r)
{
	strbuf_addf(b, "%8d %10llu %9llu %8llu %6d ", r->p.pid, (unsigned long long)r->p.rss,
		    (unsigned long long)r->p.swapents, (unsigned long long)r->p.pgtables_bytes / 4096,
		    r->p.oom_score_adj);
	if (r->points == BADNESS_NEVER)
		strbuf_addf(b, "%12s", "never");
	else
		strbuf_addf(b, "%12lld", (long long)r->points);
	strbuf_addf(b, " %9d %9d %s ", r->oom_score, r->p.oom_score, r->equal ? "  " : r->steady ? "!=" : "~ ");
	explain_name(b, r->p.comm);
	if (r->why_never)
		strbuf_addf(b, "  [%s]", r->why_never);
	strbuf_puts(b, "\n");
}

static void table_text(struct strbuf *b, const struct score_table *t)
{
	strbuf_addf(b, "kernel %s, scored as %s; RAM and swap %llu pages, so one oom_score_adj is %llu\n",
		    t->host.release, t->era.model->info.name, (unsigned long long)t->totalpages,
		    (unsigned long long)(t->totalpages / 1000));
	strbuf_addf(b, "%8s %10s %9s %8s %6s %12s %9s %9s    %s\n", "pid", "rss", "swapents", "pgtables", "adj",
		    "points", "oom_score", "kernel's", "name");
	for (size_t i = 0; i < t->n; i++)
		row_text(b, &t->row[i]);
	strbuf_addf(b, "%zu processes, %zu differ\n", t->n, t->unequal);
}

static int report_error(int err, const struct score_args *a, const struct score_table *t)
{
	if (t->no_rule)
		cli_error("no kernel model scores as %s does; 'oomsim models' lists them", t->host.release);
	else if (err == SIM_EINPUT)
		cli_error("there is no process %d", a->pid);
	else if (err == SIM_EIO)
		cli_error("/proc cannot be read");
	else
		cli_error("%s", sim_strerror(err));
	return err == SIM_EIO ? EXIT_BAD_INPUT : cli_exit_status(err);
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Compute oom_score of the live processes from /proc/PID/stat and status by the rule of the "
		       "running kernel, and show it "
		       "beside /proc/PID/oom_score. Processes that change meanwhile are read again. Exits 1 if a row "
		       "differs.",
	};
	struct score_args a = { 0 };
	struct strbuf b = { 0 };
	struct score_table t;
	int err, status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	err = score_live("/proc", a.pid, &t);
	if (err) {
		status = report_error(err, &a, &t);
		score_table_free(&t);
		return status;
	}
	if (a.json)
		table_json(&b, &t);
	else
		table_text(&b, &t);
	if (b.s)
		fwrite(b.s, 1, b.len, stdout);
	status = b.failed ? EXIT_BROKEN : t.unequal ? EXIT_DIFFERS : EXIT_DONE;
	strbuf_free(&b);
	score_table_free(&t);
	return status;
}

const struct command command_score = { "score", "oom_score of live processes, beside the kernel's own", run };
