/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oomsim record: the live host's /proc and cgroupfs, for replay. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/report/recording.h"
#include "sim/scenario/quantity.h"

enum { KEY_DURATION = 512, KEY_INTERVAL };

struct record_args {
	sim_ns duration, interval;
	const char *out;
};

/* SIGINT and SIGTERM end the recording; what there is of it is kept. */
static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static const struct argp_option options[] = {
	{ "duration", KEY_DURATION, "T", 0, "how long to record (90s, 5min); without it one snapshot is taken", 0 },
	{ "interval", KEY_INTERVAL, "T", 0, "time between two snapshots (1s)", 0 },
	{ "output", 'o', "FILE", 0, "where to write; - is standard output", 0 },
	{ 0 },
};

static sim_ns time_option(const char *arg, const char *what, const struct argp_state *state)
{
	struct qerr e;
	sim_ns v = 0;

	if (quantity_time(arg, &v, &e))
		argp_error(state, "%s: %s", what, e.text);
	return v;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record_args *a = state->input;

	switch (key) {
	case KEY_DURATION:
		a->duration = time_option(arg, "--duration", state);
		return 0;
	case KEY_INTERVAL:
		a->interval = time_option(arg, "--interval", state);
		if (a->interval < NS_PER_MS)
			argp_error(state, "--interval: at least 1ms");
		return 0;
	case 'o':
		a->out = arg;
		return 0;
	case ARGP_KEY_END:
		if (!a->out)
			argp_error(state, "name a file to write with -o");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static sim_ns monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (sim_ns)t.tv_sec * NS_PER_SEC + (sim_ns)t.tv_nsec;
}

static void sleep_until(sim_ns when)
{
	struct timespec t = { (time_t)(when / NS_PER_SEC), (long)(when % NS_PER_SEC) };

	while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static int write_out(FILE *f, struct strbuf *b, const char *path)
{
	if (b->failed)
		return EXIT_BROKEN;
	if (fwrite(b->s, 1, b->len, f) != b->len || fflush(f)) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_IO;
	}
	b->len = 0;
	return EXIT_DONE;
}

static int take_all(const struct record_args *a, FILE *f, unsigned *ret_n)
{
	struct strbuf b = { 0 };
	sim_ns begin = monotonic(), next = begin;
	int status = EXIT_DONE, err = recording_begin(&b);

	while (!err && !status) {
		err = recording_snapshot(&b, "/proc", "/sys/fs/cgroup", *ret_n, monotonic() - begin);
		if (err)
			break;
		status = write_out(f, &b, a->out);
		++*ret_n;
		next += a->interval;
		if (stopped || next > begin + a->duration || !a->duration)
			break;
		sleep_until(next);
		if (stopped)
			break;
	}
	if (err) {
		cli_error("/proc: %s", sim_strerror(err));
		status = err == SIM_EIO ? EXIT_BAD_INPUT : cli_exit_status(err);
	}
	strbuf_free(&b);
	return status;
}

/* Written beside its final name, so that a file that exists is whole. */
static int record_to_file(const struct record_args *a, unsigned *ret_n)
{
	struct strbuf part = { 0 };
	FILE *f;
	int status;

	strbuf_addf(&part, "%s.part", a->out);
	f = part.failed ? NULL : fopen(part.s, "we");
	if (!f) {
		cli_error("%s: %s", a->out, strerror(errno));
		strbuf_free(&part);
		return EXIT_IO;
	}
	status = take_all(a, f, ret_n);
	if (fclose(f) && !status) {
		cli_error("%s: %s", a->out, strerror(errno));
		status = EXIT_IO;
	}
	if (!status && rename(part.s, a->out)) {
		cli_error("%s: %s", a->out, strerror(errno));
		status = EXIT_IO;
	}
	if (status)
		unlink(part.s);
	strbuf_free(&part);
	return status;
}

static int run(int argc, char **argv)
{
	static const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Record /proc (meminfo, vmstat, zoneinfo, pressure, every process) and the memory files of the "
		       "processes' cgroups "
		       "as text. 'oomsim import' turns the last snapshot into a scenario.",
	};
	struct record_args a = { .interval = NS_PER_SEC };
	struct sigaction sa = { .sa_handler = stop };
	unsigned n = 0;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	status = strcmp(a.out, "-") ? record_to_file(&a, &n) : take_all(&a, stdout, &n);
	if (!status)
		fprintf(stderr, "%u snapshot%s\n", n, n == 1 ? "" : "s");
	return status;
}

const struct command command_record = { "record", "the live host's processes and memory, for import", run };
