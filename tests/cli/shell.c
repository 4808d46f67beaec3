/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/cli/shell.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char small_leak[] = "name: small\n"
			  "duration: 20s\n"
			  "machine: {cpus: 1, memory: 64MiB}\n"
			  "processes:\n"
			  "  - name: leak\n"
			  "    workload:\n"
			  "      - leak: {region: heap, rate: 50MiB/s}\n";

/* One test, one process: Criterion forks for each, so these are the test's own. */
static char folder[PATH_MAX];
static char text[2][65536];

/* BUILD/tests/cli -> BUILD/oomsim, wherever BUILD is. */
static void find_program(void)
{
	char exe[PATH_MAX] = "", program[PATH_MAX + 16], top[PATH_MAX];

	cr_assert(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	for (int i = 0; i < 2; i++)
		*strrchr(exe, '/') = '\0';
	snprintf(program, sizeof(program), "%s/oomsim", exe);
	setenv("oomsim", program, 1);
	setenv("build", exe, 1);
	cr_assert(getcwd(top, sizeof(top)));
	setenv("top", top, 1);
}

void in_folder(void)
{
	find_program();
	snprintf(folder, sizeof(folder), "/tmp/oomsim-cli-XXXXXX");
	cr_assert(mkdtemp(folder));
	cr_assert(chdir(folder) == 0);
	unsetenv("NO_COLOR");
}

void in_folder_end(void)
{
	cr_assert(chdir("/") == 0);
	shell("umount %s/full 2>/dev/null; chmod -R u+w %s; rm -rf %s", folder, folder, folder);
}

static void slurp(const char *path, char ret[65536])
{
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(ret, 1, 65535, f) : 0;

	ret[n] = '\0';
	if (f)
		fclose(f);
}

struct ran shell(const char *fmt, ...)
{
	char command[4096], out[PATH_MAX + 8], err[PATH_MAX + 8], whole[PATH_MAX * 2 + 8192];
	va_list ap;
	int st;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(out, sizeof(out), "%s.out", folder);
	snprintf(err, sizeof(err), "%s.err", folder);
	snprintf(whole, sizeof(whole), "{ %s\n} >%s 2>%s </dev/null", command, out, err);
	st = system(whole);
	slurp(out, text[0]);
	slurp(err, text[1]);
	unlink(out);
	unlink(err);
	return (struct ran){ WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st), text[0], text[1] };
}

void put_file(const char *name, const char *content)
{
	FILE *f = fopen(name, "w");

	cr_assert(f);
	fputs(content, f);
	cr_assert(fclose(f) == 0);
}

bool exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}
