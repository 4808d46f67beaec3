/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oomsim program: finds the subcommand and runs it. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *argp_program_version = "oomsim " OOMSIM_VERSION;

static const struct command *const commands[] = {
	&command_run,
	&command_check,
	&command_diff,
	&command_explain,
	&command_import,
	&command_record,
	&command_score,
	&command_sweep,
	&command_calibrate,
	&command_compare_kernel,
	&command_models,
};

static void usage(FILE *f)
{
	fputs("Usage: oomsim COMMAND [OPTION...] ARGUMENT...\n"
	      "Simulates a Linux machine running out of memory, page by page, and shows why the kernel killed what it "
	      "killed.\n\n"
	      "Commands:\n",
	      f);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(f, "  %-14s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "  --help     this text; 'oomsim COMMAND --help' tells a command's options\n"
	      "  --version  the version\n\n"
	      "Exit status: 0 done; 1 an expectation, golden or diff did not hold; 2 wrong usage or a bad input file;\n"
	      "3 an I/O failure; 4 a broken internal invariant. A simulated panic is a result, not a failure.\n",
	      f);
}

static int unknown_command(const char *typed)
{
	const char *name[ARRAY_LEN(commands)];

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		name[i] = commands[i]->name;
	cli_error_unknown("command", typed, name, ARRAY_LEN(commands), "oomsim --help");
	return EXIT_BAD_INPUT;
}

/* Output that did not reach its file is an I/O failure, however late it shows. */
static void close_stdout(void)
{
	int broken = ferror(stdout);

	if (fclose(stdout) && errno != EBADF)
		broken = 1;
	if (broken) {
		cli_error("standard output: %s", errno ? strerror(errno) : "write error");
		_exit(EXIT_IO);
	}
}

/* argp names the program by argv[0], so a subcommand gets a vector whose first entry is "oomsim NAME". */
static int run_command(const struct command *c, int argc, char **argv)
{
	char title[64];

	snprintf(title, sizeof(title), "oomsim %s", c->name);
	argv[0] = title;
	return c->run(argc, argv);
}

int main(int argc, char **argv)
{
	atexit(close_stdout);
	argp_err_exit_status = EXIT_BAD_INPUT;
	if (argc < 2) {
		usage(stderr);
		return EXIT_BAD_INPUT;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(argp_program_version);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!strcmp(argv[1], commands[i]->name))
			return run_command(commands[i], argc - 1, argv + 1);
	}
	return unknown_command(argv[1]);
}
