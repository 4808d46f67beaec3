/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/diag.h"

#define TRIES 1000

/* Remove a folder and all in it, without following links. Best effort: what cannot be removed stays. */
static void remove_tree(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	for (struct dirent *e; d && (e = readdir(d));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, e->d_name, 0) && (errno == EISDIR || errno == EPERM))
			remove_tree(fd, e->d_name);
	}
	if (d)
		closedir(d);
	unlinkat(at, name, AT_REMOVEDIR);
}

/* mkdir -p. The topmost folder made goes to *ret_made (owned by the caller). 0 or an errno. */
static int make_parents(const char *path, char **ret_made)
{
	char *p = strdup(path);
	int err = p ? 0 : ENOMEM;

	for (char *s = p; s && *s && !err;) {
		char cut;

		s += strspn(s, "/");
		s += strcspn(s, "/");
		cut = *s;
		*s = '\0';
		if (mkdir(p, 0777) == 0) {
			if (!*ret_made)
				*ret_made = strdup(p);
		} else if (errno != EEXIST) {
			/* An existing folder may answer EROFS or EACCES before EEXIST. */
			int why = errno;

			if (access(p, F_OK))
				err = why;
		}
		*s = cut;
	}
	free(p);
	return err;
}

/* Whether the target may be replaced: 0, or an errno. */
static int replaceable(const char *target)
{
	struct stat st;
	char path[4096];
	int err = 0;
	size_t entries = 0;
	DIR *d;

	if (lstat(target, &st))
		return errno == ENOENT ? 0 : errno;
	if (!S_ISDIR(st.st_mode))
		return ENOTDIR;
	if ((size_t)snprintf(path, sizeof(path), "%s/summary.json", target) >= sizeof(path))
		return ENAMETOOLONG;
	if (access(path, F_OK) == 0)
		return 0;
	d = opendir(target);
	if (!d)
		return errno;
	while (readdir(d))
		entries++;
	closedir(d);
	if (entries > 2) /* more than "." and ".." */
		err = ENOTEMPTY;
	return err;
}

static int split(struct folder *f, const char *target)
{
	char *copy, *real;
	size_t n = strlen(target);

	while (n > 1 && target[n - 1] == '/')
		n--;
	f->target = strndup(target, n);
	if (!f->target)
		return ENOMEM;
	/* Renaming onto a link or onto "." would not replace what it stands for. */
	real = realpath(f->target, NULL);
	if (real) {
		free(f->target);
		f->target = real;
	}
	copy = strdup(f->target);
	f->parent = copy ? strdup(dirname(copy)) : NULL;
	free(copy);
	return f->parent ? 0 : ENOMEM;
}

/* mkdtemp() would leave it readable by its owner alone. */
static int make_temporary(struct folder *f)
{
	const char *slash = strrchr(f->target, '/'), *name = slash ? slash + 1 : f->target;
	size_t n = strlen(f->target) + strlen(f->parent) + 64;

	f->tmp = malloc(n);
	if (!f->tmp)
		return ENOMEM;
	for (unsigned i = 0; i < TRIES; i++) {
		snprintf(f->tmp, n, "%s/.%s.tmp-%ld-%u", f->parent, name, (long)getpid(), i);
		if (mkdir(f->tmp, 0777) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	free(f->tmp);
	f->tmp = NULL;
	return errno;
}

int folder_open(struct folder *f, const char *target, struct sink_error *e)
{
	int err;

	*f = (struct folder){ .fd = -1 };
	err = target[0] ? split(f, target) : ENOENT;
	if (!err)
		err = replaceable(f->target);
	if (err == ENOTEMPTY) {
		e->code = SIM_EIO;
		snprintf(e->text, sizeof(e->text), "%s: exists and is not a result folder; not replaced", target);
		return e->code;
	}
	if (!err)
		err = make_parents(f->parent, &f->made);
	if (!err)
		err = make_temporary(f);
	if (!err && (f->fd = open(f->tmp, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		err = errno;
	if (!err)
		return SIM_OK;
	folder_drop(f);
	return sink_error_io(e, target, err);
}

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (fsync(fd) && errno != EINVAL)
		err = errno;
	close(fd);
	return err;
}

/* Where two folders cannot be exchanged in one step: the old one steps aside, and comes back should the new one not fit. */
static int replace_in_two_steps(struct folder *f)
{
	size_t n = strlen(f->tmp) + 8;
	char *aside = malloc(n);
	int err = 0;

	if (!aside)
		return ENOMEM;
	snprintf(aside, n, "%s.old", f->tmp);
	if (rename(f->target, aside)) {
		err = errno;
	} else if (rename(f->tmp, f->target)) {
		err = errno;
		rename(aside, f->target);
	} else {
		remove_tree(AT_FDCWD, aside);
	}
	free(aside);
	return err;
}

static int move_into_place(struct folder *f)
{
	if (rename(f->tmp, f->target) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return errno;
	if (renameat2(AT_FDCWD, f->tmp, AT_FDCWD, f->target, RENAME_EXCHANGE) == 0) {
		remove_tree(AT_FDCWD, f->tmp); /* the old one, now under the temporary name */
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return errno;
	return replace_in_two_steps(f);
}

int folder_commit(struct folder *f, struct sink_error *e)
{
	int err = replaceable(f->target);

	if (!err && fsync(f->fd) && errno != EINVAL)
		err = errno;
	if (!err)
		err = move_into_place(f);
	if (err) {
		folder_drop(f);
		return sink_error_io(e, f->target, err);
	}
	close(f->fd);
	f->fd = -1;
	free(f->tmp);
	f->tmp = NULL;
	free(f->made);
	f->made = NULL;
	err = sync_folder(f->parent);
	return err ? sink_error_io(e, f->parent, err) : SIM_OK;
}

/* Take away the parents made for a folder that never came, from the lowest up; rmdir() spares those in use. */
static void drop_parents(struct folder *f)
{
	size_t keep = f->made ? strlen(f->made) : 0;

	while (keep && strlen(f->parent) >= keep && rmdir(f->parent) == 0) {
		char *slash = strrchr(f->parent, '/');

		if (!slash)
			break;
		*slash = '\0';
	}
	free(f->made);
	f->made = NULL;
}

void folder_drop(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	if (f->tmp)
		remove_tree(AT_FDCWD, f->tmp);
	free(f->tmp);
	f->tmp = NULL;
	if (f->parent)
		drop_parents(f);
}

void folder_free(struct folder *f)
{
	folder_drop(f);
	free(f->target);
	free(f->parent);
	f->target = f->parent = NULL;
}
