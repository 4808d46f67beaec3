/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim diff: what differs between two result folders. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/compare.h"

struct side {
	const char *path; /* as given: a result folder, or a summary.json */
	json_t *summary;
	struct strbuf kern_log;
	bool has_log;
};

struct diff_args {
	struct side side[2];
	unsigned n;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct diff_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->n == 2)
			argp_error(state, "two runs are compared, not more");
		else
			a->side[a->n++].path = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->n < 2)
			argp_error(state, "name two result folders");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int load_json(struct side *s, const char *file)
{
	struct strbuf text = { 0 };
	json_error_t e;
	int err = cli_read_file(file, &text);

	if (err) {
		cli_error("%s: %s", file, strerror(-err));
		return EXIT_BAD_INPUT;
	}
	s->summary = json_loadb(text.s ? text.s : "", text.len, JSON_REJECT_DUPLICATES, &e);
	strbuf_free(&text);
	if (!s->summary) {
		fprintf(stderr, "%s:%d:%d: error: %s\n", file, e.line, e.column, e.text);
		return EXIT_BAD_INPUT;
	}
	if (!json_is_object(s->summary) || !json_is_string(json_object_get(s->summary, "schema")) ||
	    strncmp(json_string_value(json_object_get(s->summary, "schema")), "oomsim.summary/", 15)) {
		fprintf(stderr, "%s:1:1: error: this is not a summary of oomsim (its \"schema\" does not say so)\n",
			file);
		return EXIT_BAD_INPUT;
	}
	return EXIT_DONE;
}

static int load_side(struct side *s)
{
	struct strbuf file = { 0 };
	struct stat st;
	int status;

	if (!strcmp(s->path, "-") || stat(s->path, &st) || !S_ISDIR(st.st_mode))
		return load_json(s, s->path);
	strbuf_addf(&file, "%s/summary.json", s->path);
	status = file.failed ? EXIT_BROKEN : load_json(s, file.s);
	strbuf_free(&file);
	if (status)
		return status;
	strbuf_addf(&file, "%s/kern.log", s->path);
	s->has_log = !file.failed && !cli_read_file(file.s, &s->kern_log);
	strbuf_free(&file);
	return EXIT_DONE;
}

static unsigned compare_logs(struct strbuf *out, const struct side *a, const struct side *b)
{
	if (!a->has_log || !b->has_log)
		return 0;
	return compare_texts(out, "kern.log", a->kern_log.s ? a->kern_log.s : "", b->kern_log.s ? b->kern_log.s : "");
}

static int compare_sides(const struct side *a, const struct side *b)
{
	struct strbuf out = { 0 };
	unsigned n = compare_summaries(&out, a->summary, b->summary) + compare_logs(&out, a, b);
	int status = n ? EXIT_DIFFERS : EXIT_DONE;

	if (out.failed) {
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		status = EXIT_BROKEN;
	} else if (n) {
		printf("%s -> %s: %u difference%s\n%s", a->path, b->path, n, n == 1 ? "" : "s", out.s);
	} else {
		printf("%s and %s are the same run\n", a->path, b->path);
	}
	strbuf_free(&out);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "RUN_A RUN_B",
		.doc = "Say what differs between two result folders: victims, times, counters (A -> B, with the change "
		       "in percent), and the first differing line of kern.log. A run may also be given as its "
		       "summary.json, or - for one on standard input. Exits 1 if they differ.",
	};
	struct diff_args a = { 0 };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	status = load_side(&a.side[0]);
	if (!status)
		status = load_side(&a.side[1]);
	if (!status)
		status = compare_sides(&a.side[0], &a.side[1]);
	for (size_t i = 0; i < ARRAY_LEN(a.side); i++) {
		json_decref(a.side[i].summary);
		strbuf_free(&a.side[i].kern_log);
	}
	return status;
}

const struct command command_diff = { "diff", "what differs between two result folders", run };
