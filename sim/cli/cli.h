/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the subcommands share. Wiring only: a subcommand reads its options, calls the library and speaks to the user; nothing
 * of the simulation is decided here. Results go to stdout or files, everything else to stderr.
 */
#ifndef OOMSIM_CLI_CLI_H
#define OOMSIM_CLI_CLI_H

#include <argp.h>

#include "sim/core/diag.h"
#include "sim/core/strbuf.h"
#include "sim/core/units.h"

/* Exit statuses, the same for every subcommand; the higher one wins when several apply. */
enum cli_exit {
	EXIT_DONE = 0,
	EXIT_DIFFERS = 1,   /* an expectation, golden or diff did not hold */
	EXIT_BAD_INPUT = 2, /* wrong usage or a bad input file */
	EXIT_IO = 3,        /* unwritable, disk full */
	EXIT_BROKEN = 4,    /* a broken internal invariant, or no host memory left */
};

/* A subcommand. argv[0] is "oomsim NAME", as argp shows it; run() returns an exit status. */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

extern const struct command command_run, command_check, command_diff, command_models;
extern const struct command command_explain, command_import, command_record, command_score, command_sweep, command_calibrate;
extern const struct command command_compare_kernel;

/* The exit status that belongs to a library's error code; 0 for SIM_OK. */
int cli_exit_status(int err);
/* "oomsim: " and the text on stderr. */
__attribute__((format(printf, 1, 2))) void cli_error(const char *fmt, ...);
/* "there is no WHAT 'typed'" on stderr, with the nearest of n names if one is near, else where to look. */
void cli_error_unknown(const char *what, const char *typed, const char *const *name, size_t n, const char *where);

/* Bytes as people read them: "1.5 GiB". Writes at most 31 characters. */
void cli_human_bytes(char ret[32], uint64_t bytes);
/* Simulated time: "3.412 s". */
void cli_human_time(char ret[32], sim_ns t);

/* A whole file into *ret (empty it first); "-" is standard input. 0 or -errno. */
int cli_read_file(const char *path, struct strbuf *ret);
/* Write a whole file beside its final name and rename it when complete: it is there in full or not at all. "-" is standard
 * output. 0 or -errno. */
int cli_write_file(const char *path, const void *data, size_t n);
/* mkdir -p. 0 or -errno. */
int cli_mkdir_p(const char *path);

#endif
