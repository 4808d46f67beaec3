/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/reportfile.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/cli.h"

extern char **environ;

struct packed {
	const char *program;
	const char *magic;
	size_t n;
};

static const struct packed packed[] = {
	{ "gzip", "\x1f\x8b", 2 },
	{ "xz",
	  "\xfd"
	  "7zXZ",
	  5 },
	{ "zstd", "\x28\xb5\x2f\xfd", 4 },
	{ "bzip2", "BZh", 3 },
};

/* The program that unpacks a file which begins so, or NULL. */
static const char *unpacker(const char *head, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(packed); i++)
		if (n >= packed[i].n && !memcmp(head, packed[i].magic, packed[i].n))
			return packed[i].program;
	return NULL;
}

/* Run `PROGRAM -dc` with the file as its input. Returns the end of a pipe to read from, or -errno. */
static int start_unpacker(const char *program, int fd, pid_t *ret_pid)
{
	char *argv[] = { (char *)program, (char *)"-dc", NULL };
	posix_spawn_file_actions_t fa;
	int ends[2], err;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, ends[1], STDOUT_FILENO);
	err = posix_spawnp(ret_pid, program, &fa, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&fa);
	close(ends[1]);
	if (err) {
		close(ends[0]);
		return -err;
	}
	return ends[0];
}

static int feed_all(int fd, struct report_reader *rr, const char *path)
{
	static char buf[1 << 18];
	ssize_t n;
	int err = SIM_OK;

	while (!err && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			cli_error("%s: %s", path, strerror(errno));
			return EXIT_BAD_INPUT;
		}
		err = report_reader_feed(rr, buf, (size_t)n);
	}
	if (!err)
		err = report_reader_finish(rr);
	return cli_exit_status(err);
}

/* Standard input that is a file can be looked at without taking its first bytes away; a pipe is taken as plain text. */
static int feed_fd(int fd, struct report_reader *rr, const char *path)
{
	char head[8];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	const char *program = n > 0 ? unpacker(head, (size_t)n) : NULL;
	int status, end, wait_status = 0;
	pid_t pid;

	if (!program)
		return feed_all(fd, rr, path);
	end = start_unpacker(program, fd, &pid);
	if (end < 0) {
		cli_error("%s: is compressed, and %s cannot be run: %s", path, program, strerror(-end));
		return EXIT_BAD_INPUT;
	}
	status = feed_all(end, rr, path);
	close(end);
	while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
		;
	if (!status && (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status))) {
		cli_error("%s: %s could not unpack it", path, program);
		status = EXIT_BAD_INPUT;
	}
	return status;
}

int report_file_read(const char *path, report_fn fn, void *ctx, unsigned long *ret_lines)
{
	struct report_reader *rr;
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	int status;

	if (fd < 0) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_BAD_INPUT;
	}
	rr = report_reader_new(fn, ctx);
	if (!rr) {
		close(fd);
		cli_error("%s", sim_strerror(SIM_ENOMEM));
		return EXIT_BROKEN;
	}
	status = feed_fd(fd, rr, path);
	*ret_lines = report_reader_lines(rr);
	report_reader_free(rr);
	close(fd);
	return status;
}
