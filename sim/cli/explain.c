/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim explain: real OOM reports, read and recomputed. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/reportfile.h"
#include "sim/report/explain.h"

enum { KEY_JSON = 512, KEY_WHAT_IF, KEY_ALL, KEY_DETAIL };

struct explain_args {
	const char *path;
	bool json, all, detail;
	struct what_if *what_if;
	size_t nwhat_if;
	bool bad;
};

/* What the callback needs for one file. */
struct run {
	const struct explain_args *a;
	struct explain_style style;
	unsigned long n;
	bool applied; /* some report knew what the --what-if is about */
};

static const struct argp_option options[] = {
	{ "json", KEY_JSON, NULL, 0, "one JSON object on standard output, schema oomsim.explain/1", 0 },
	{ "detail", KEY_DETAIL, NULL, 0, "with --json: also era, failure and counterfactuals", 0 },
	{ "what-if", KEY_WHAT_IF, "CHANGE", 0,
	  "PID:adj=N, ram=64GiB, swap=0, limit=1GiB (of the cgroup), kernel=3.10: who would have been killed; may be "
	  "repeated, all "
	  "changes together",
	  0 },
	{ "all", KEY_ALL, NULL, 0, "all rows of large tables", 0 },
	{ 0 },
};

static error_t add_what_if(struct explain_args *a, const char *arg, const struct argp_state *state)
{
	struct what_if *v = realloc(a->what_if, (a->nwhat_if + 1) * sizeof(*v));
	struct strbuf why = { 0 };

	if (!v)
		return ENOMEM;
	a->what_if = v;
	if (!what_if_parse(arg, &v[a->nwhat_if], &why)) {
		argp_error(state, "--what-if: %s", why.s ? why.s : "bad");
		strbuf_free(&why);
		return EINVAL;
	}
	a->nwhat_if++;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct explain_args *a = state->input;

	switch (key) {
	case KEY_JSON:
		a->json = true;
		return 0;
	case KEY_DETAIL:
		a->detail = true;
		return 0;
	case KEY_ALL:
		a->all = true;
		return 0;
	case KEY_WHAT_IF:
		return add_what_if(a, arg, state);
	case ARGP_KEY_ARG:
		if (a->path)
			argp_error(state, "one report at a time");
		a->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->path)
			argp_error(state, "name a file with a kernel log, or - for standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int put(const struct strbuf *b)
{
	if (b->failed)
		return SIM_ENOMEM;
	fwrite(b->s ? b->s : "", 1, b->len, stdout);
	return ferror(stdout) ? SIM_EIO : SIM_OK;
}

static void compose(struct run *run, struct strbuf *b, const struct explanation *x, const struct what_if_result *res)
{
	const struct explain_args *a = run->a;

	if (a->json) {
		fputs(run->n ? ",\n" : "\n", stdout);
		explain_json(b, x, a->what_if, a->nwhat_if, res, a->detail);
		return;
	}
	if (run->n)
		strbuf_puts(b, "\n\n");
	explain_text(b, x, run->n + 1, &run->style);
	if (res)
		explain_what_if_text(b, x, a->what_if, a->nwhat_if, res);
}

static int on_report(void *ctx, const struct oom_report *r)
{
	struct run *run = ctx;
	struct what_if_result res;
	struct strbuf b = { 0 };
	struct explanation x;
	int err = explain_report(r, &x);

	if (err)
		return err;
	if (run->a->nwhat_if)
		err = what_if_apply(&x, run->a->what_if, run->a->nwhat_if, &res);
	if (!err) {
		run->applied |= run->a->nwhat_if && res.applied;
		compose(run, &b, &x, run->a->nwhat_if ? &res : NULL);
		err = put(&b);
	}
	run->n++;
	strbuf_free(&b);
	explanation_free(&x);
	return err;
}

static int explain(const struct explain_args *a)
{
	struct run run = { .a = a, .style = { .rows = a->all ? 0 : 40 } };
	unsigned long lines = 0;
	int status;

	run.style.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (a->json)
		fputs("{\"schema\":\"oomsim.explain/1\",\"reports\":[", stdout);
	status = report_file_read(a->path, on_report, &run, &lines);
	if (a->json)
		fputs(run.n ? "\n]}\n" : "]}\n", stdout);
	else if (!status && !run.n)
		printf("no OOM report in %lu lines of %s\n", lines, strcmp(a->path, "-") ? a->path : "standard input");
	if (!status && a->nwhat_if && !run.applied && run.n) {
		cli_error("--what-if: no report of %s has such a process or limit", a->path);
		status = EXIT_BAD_INPUT;
	}
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "REPORT",
		.doc = "Find the OOM reports of a kernel log (dmesg, journalctl, syslog, serial console; - is standard "
		       "input; compressed "
		       "files are unpacked by gzip, xz, zstd or bzip2), recompute the scores by the rules of the "
		       "kernel that wrote them, and "
		       "say why that victim, why memory ran out, and what would have changed it.",
	};
	struct explain_args a = { 0 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	status = explain(&a);
	free(a.what_if);
	return status;
}

const struct command command_explain = { "explain", "why the kernel killed that process, from its log", run };
