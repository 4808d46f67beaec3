/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small things the subcommands share: messages, readable figures, whole files. */
#include "sim/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario/didyoumean.h"

int cli_exit_status(int err)
{
	switch (err) {
	case SIM_OK:
		return EXIT_DONE;
	case SIM_EINPUT:
	case SIM_ETOOBIG:
	case SIM_EUSAGE:
		return EXIT_BAD_INPUT;
	case SIM_EIO:
		return EXIT_IO;
	default:
		return EXIT_BROKEN;
	}
}

void cli_error(const char *fmt, ...)
{
	va_list ap;

	fputs("oomsim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void cli_error_unknown(const char *what, const char *typed, const char *const *name, size_t n, const char *where)
{
	struct nearest near = { .word = typed };
	char hint[128];

	for (size_t i = 0; i < n; i++)
		nearest_offer(&near, name[i]);
	if (nearest_hint(&near, hint, sizeof(hint)))
		cli_error("there is no %s '%s' (%s)", what, typed, hint);
	else
		cli_error("there is no %s '%s'; '%s' lists them", what, typed, where);
}

void cli_human_bytes(char ret[32], uint64_t bytes)
{
	static const char *const unit[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1024 && u + 1 < ARRAY_LEN(unit)) {
		v /= 1024;
		u++;
	}
	snprintf(ret, 32, u ? "%.1f %s" : "%.0f %s", v, unit[u]);
}

void cli_human_time(char ret[32], sim_ns t)
{
	uint64_t ms = (t + NS_PER_MS / 2) / NS_PER_MS;

	snprintf(ret, 32, "%llu.%03llu s", (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));
}

int cli_read_file(const char *path, struct strbuf *ret)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : dup(STDIN_FILENO);
	char buf[65536];
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			strbuf_add(ret, buf, (size_t)n);
	}
	err = n < 0 ? -errno : 0;
	close(fd);
	return ret->failed ? -ENOMEM : err;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

/* close() tells of a full disk late on some file systems, so its verdict counts too. */
static int write_new(const char *path, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	int err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, n);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

int cli_write_file(const char *path, const void *data, size_t n)
{
	struct strbuf tmp = { 0 };
	struct stat st;
	int err;

	if (!strcmp(path, "-"))
		return write_all(STDOUT_FILENO, data, n);
	/* A device or a pipe cannot be replaced by renaming. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return write_new(path, data, n);
	strbuf_addf(&tmp, "%s.part", path);
	if (tmp.failed)
		return -ENOMEM;
	err = write_new(tmp.s, data, n);
	if (!err && rename(tmp.s, path))
		err = -errno;
	if (err)
		unlink(tmp.s);
	strbuf_free(&tmp);
	return err;
}

int cli_mkdir_p(const char *path)
{
	char *copy = strdup(path);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; !err; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			err = -errno;
		*p = c;
		if (!c)
			break;
	}
	free(copy);
	return err;
}
