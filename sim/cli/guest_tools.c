/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's programs that a run on a real kernel takes, each with the Debian package it is in. */
#include "sim/cli/guest_run.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/cli/cli.h"

/* Of every file system made, so that a run is the same as the last (mke2fs would draw one). */
#define EXT4_UUID "0f5b1c2e-0000-4000-8000-000000000001"
#define EXT4_TIME "1735689600"
#define NO_PROGRAM 127

int tool_missing(const char *program, const char *package, const char *what_for)
{
	cli_error("%s is missing, which %s: apt-get install %s", program, what_for, package);
	return EXIT_IO;
}

static void redirect(const char *path, int flags, int to)
{
	int fd = open(path, flags, 0600);

	if (fd < 0 || dup2(fd, to) < 0)
		_exit(NO_PROGRAM - 1);
	close(fd);
}

int tool_run(char *const argv[], const char *in, const char *out)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		redirect(in ? in : "/dev/null", O_RDONLY, STDIN_FILENO);
		if (out) {
			redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
			redirect("/dev/null", O_WRONLY, STDERR_FILENO);
		} else if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
			_exit(NO_PROGRAM - 1);
		}
		execvp(argv[0], argv);
		_exit(NO_PROGRAM);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NO_PROGRAM;
	if (pid < 0)
		return NO_PROGRAM;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool tool_exists(const char *name)
{
	const char *path = getenv("PATH");
	char dir[4096], *save, *d, file[8192];

	if (strchr(name, '/'))
		return !access(name, X_OK);
	snprintf(dir, sizeof(dir), "%s", path ? path : "/usr/local/bin:/usr/bin:/bin");
	for (d = strtok_r(dir, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
		snprintf(file, sizeof(file), "%s/%s", d, name);
		if (!access(file, X_OK))
			return true;
	}
	return false;
}

/* The kernel's build appends the size to what it has compressed, at which the programs complain: only what came out counts. */
bool tool_unpack(const char *tool, const void *data, size_t n, struct strbuf *ret)
{
	char dir[] = "/tmp/oomsim-unpack-XXXXXX", in[64], out[64];
	char *argv[] = { (char *)tool, "-dcq", NULL };
	bool ok = false;

	if (!tool_exists(tool) || !mkdtemp(dir))
		return false;
	snprintf(in, sizeof(in), "%s/in", dir);
	snprintf(out, sizeof(out), "%s/out", dir);
	if (!cli_write_file(in, data, n)) {
		tool_run(argv, in, out);
		ok = !cli_read_file(out, ret) && ret->len;
	}
	unlink(in);
	unlink(out);
	rmdir(dir);
	return ok;
}

/* ---- the guest program ---- */

/* Where this program lies: "DIR" of DIR/oomsim. False: not to be known. */
static bool own_folder(char *ret, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", ret, size - 1);

	if (n <= 0)
		return false;
	ret[n] = 0;
	*strrchr(ret, '/') = 0;
	return true;
}

/* Compile all of SOURCES/STAR.c, which include "sim/guest/region.h" from TOP. */
static int compile(const char *sources, const char *top, const char *made)
{
	const char *cc = getenv("CC") && *getenv("CC") ? getenv("CC") : "cc";
	char pattern[4200], include[4200];
	char *argv[64] = { (char *)cc, "-std=gnu11", "-O2", "-static", "-s", include, "-o", (char *)made };
	size_t n = 8;
	glob_t g;
	int status;

	snprintf(pattern, sizeof(pattern), "%s/*.c", sources);
	snprintf(include, sizeof(include), "-I%s", top);
	if (glob(pattern, 0, NULL, &g))
		return NO_PROGRAM;
	for (size_t i = 0; i < g.gl_pathc && n < ARRAY_LEN(argv) - 2; i++)
		argv[n++] = g.gl_pathv[i];
	argv[n++] = "-lm";
	status = tool_exists(cc) ? tool_run(argv, NULL, NULL) : NO_PROGRAM;
	globfree(&g);
	if (status == NO_PROGRAM)
		return tool_missing(cc, "gcc libc6-dev", "compiles the guest's program");
	if (status)
		cli_error("the guest's program (%s) did not compile; libc6-dev has what it links with", sources);
	return status ? EXIT_IO : EXIT_DONE;
}

int tool_guest_program(const struct guest_options *o, const char *made, char ret[4096])
{
	char own[2048], sources[4096], top[4096];

	if (o->guest) {
		snprintf(ret, 4096, "%s", o->guest);
		return EXIT_DONE;
	}
	if (!own_folder(own, sizeof(own)))
		own[0] = 0;
	snprintf(ret, 4096, "%s/kernel/guest", own);
	if (!access(ret, R_OK))
		return EXIT_DONE;
	snprintf(ret, 4096, "%s", made);
	snprintf(top, sizeof(top), "%s/..", own);
	snprintf(sources, sizeof(sources), "%s/tests/kernel", top);
	if (!access(sources, R_OK))
		return compile(sources, top, made);
	snprintf(top, sizeof(top), "%s/../share/oomsim/guest", own);
	if (!access(top, R_OK))
		return compile(top, top, made);
	cli_error("the guest's program is neither in %s nor are its sources there; name it with --guest", ret);
	return EXIT_IO;
}

/* ---- file systems ---- */

int tool_make_ext4(const char *path, uint64_t mib)
{
	char *argv[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-N", "256", "-m", "0", "-J", "size=8", "-U", EXT4_UUID, "-E",
			 "lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,hash_seed=" EXT4_UUID, (char *)path, NULL };
	char *path_now = getenv("PATH"), wider[8192];
	int status, fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)(mib * MIB))) {
		cli_error("%s: %s", path, strerror(errno));
		return EXIT_IO;
	}
	close(fd);
	snprintf(wider, sizeof(wider), "%s:/usr/sbin:/sbin", path_now ? path_now : "/usr/bin:/bin");
	setenv("E2FSPROGS_FAKE_TIME", EXT4_TIME, 1);
	if (path_now)
		path_now = strdup(path_now);
	setenv("PATH", wider, 1);
	status = tool_run(argv, NULL, NULL);
	if (path_now)
		setenv("PATH", path_now, 1);
	free(path_now);
	if (status == NO_PROGRAM)
		return tool_missing("mke2fs", "e2fsprogs", "makes the file system of a scenario's disk");
	if (status)
		cli_error("mke2fs: exit status %d", status);
	return status ? EXIT_IO : EXIT_DONE;
}
