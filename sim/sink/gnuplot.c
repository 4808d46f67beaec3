/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first executable of that name in a list of folders, into ret. posix_spawnp() would ask our own environment. */
static bool find(const char *program, const char *path, char *ret, size_t n)
{
	struct stat st;

	if (strchr(program, '/')) {
		return (size_t)snprintf(ret, n, "%s", program) < n && access(program, X_OK) == 0;
	}
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, ":");

		if (len && (size_t)snprintf(ret, n, "%.*s/%s", (int)len, p, program) < n && access(ret, X_OK) == 0 &&
		    stat(ret, &st) == 0 && S_ISREG(st.st_mode))
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

static int spawn(const char *file, const char *path, int dirfd, const char *script, pid_t *ret)
{
	char path_var[4200];
	char *argv[] = { (char *)"gnuplot", (char *)"-d", (char *)script, NULL };
	char *envp[] = { path_var, (char *)"LC_ALL=C", NULL };
	posix_spawn_file_actions_t fa;
	int err = posix_spawn_file_actions_init(&fa);

	if (err)
		return err;
	snprintf(path_var, sizeof(path_var), "PATH=%s", path);
	err = posix_spawn_file_actions_addfchdir_np(&fa, dirfd);
	for (int fd = 0; fd <= 2 && !err; fd++)
		err = posix_spawn_file_actions_addopen(&fa, fd, "/dev/null", fd ? O_WRONLY : O_RDONLY, 0);
	if (!err)
		err = posix_spawn(ret, file, &fa, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&fa);
	return err;
}

enum gnuplot_result gnuplot_run(const char *program, const char *path, int dirfd, const char *script)
{
	char file[4200];
	pid_t pid;
	int status;

	if (!find(program, path, file, sizeof(file)))
		return GNUPLOT_ABSENT;
	if (spawn(file, path, dirfd, script, &pid))
		return GNUPLOT_FAILED;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return GNUPLOT_FAILED;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? GNUPLOT_OK : GNUPLOT_FAILED;
}

/* The whole file, NUL-terminated, or NULL. */
static char *slurp(int dirfd, const char *name, size_t *ret_n)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char *text = NULL;
	size_t cap = 0;
	ssize_t n = f ? getdelim(&text, &cap, '\0', f) : -1;

	if (f)
		fclose(f);
	else if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	*ret_n = (size_t)n;
	return text;
}

/* Whether the picture has its end; what follows that is cut off. */
static bool complete(char *text, size_t n)
{
	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
	return n >= 6 && memcmp(text + n - 6, "</svg>", 6) == 0;
}

/* Copy text, with the contents of the first element `open`..`close` replaced. Returns what follows it. */
static const char *replace(struct out *o, const char *text, const char *open, const char *close, const char *with)
{
	const char *a = strstr(text, open), *b = a ? strstr(a, close) : NULL;

	if (!b)
		return text;
	a += strlen(open);
	out_bytes(o, text, (size_t)(a - text));
	out_str(o, with);
	return b;
}

static bool rewrite(int dirfd, const char *name, const char *text, const char *title, struct sink_error *e)
{
	struct out o;

	if (out_open(&o, dirfd, name, e))
		return false;
	text = replace(&o, text, "<title>", "</title>", title);
	text = replace(&o, text, "<desc>", "</desc>", "drawn by gnuplot from a simulation by oomsim");
	out_str(&o, text);
	out_char(&o, '\n');
	return out_close(&o) == 0;
}

bool gnuplot_finish_svg(int dirfd, const char *name, const char *title, struct sink_error *e)
{
	size_t n = 0;
	char *text = slurp(dirfd, name, &n);
	bool ok = text && complete(text, n);

	unlinkat(dirfd, name, 0);
	if (ok)
		ok = rewrite(dirfd, name, text, title, e);
	free(text);
	return ok;
}
