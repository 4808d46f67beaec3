/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel modules of a package that was unpacked but never installed: there is no modules.dep, so dependencies are read from the
 * modules themselves (their .modinfo has "depends=a,b"). */
#include "sim/guest/boot.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_DEPTH 12 /* of folders, and of dependencies */

/* File names may have '-' where the module's own name has '_'. */
static bool same_name(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && !((a[i] == '-' || a[i] == '_') && (b[i] == '-' || b[i] == '_')))
			return false;
	return true;
}

/* "null_blk.ko", "null_blk.ko.xz" */
static bool is_module(const char *file, const char *name)
{
	size_t n = strlen(name);

	return strlen(file) > n + 2 && same_name(file, name, n) && !strncmp(file + n, ".ko", 3) &&
	       (!file[n + 3] || file[n + 3] == '.');
}

static bool find_below(const char *dir, const char *name, char *ret, size_t size, int depth)
{
	DIR *d = depth < MAX_DEPTH ? opendir(dir) : NULL;
	bool found = false;
	char path[4096];
	struct dirent *e;
	struct stat st;

	while (d && !found && (e = readdir(d))) {
		if (e->d_name[0] == '.' || (size_t)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= sizeof(path))
			continue;
		if (is_module(e->d_name, name))
			found = (size_t)snprintf(ret, size, "%s", path) < size;
		else if (!lstat(path, &st) && S_ISDIR(st.st_mode))
			found = find_below(path, name, ret, size, depth + 1);
	}
	if (d)
		closedir(d);
	return found;
}

static bool read_file(const char *path, struct strbuf *ret)
{
	FILE *f = fopen(path, "re");
	char buf[65536];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), f)))
		strbuf_add(ret, buf, n);
	n = (size_t)ferror(f);
	fclose(f);
	return !n && !ret->failed;
}

static bool built_in(const char *dir, const char *name)
{
	struct strbuf text = { 0 };
	char path[4096];
	bool found = false;

	snprintf(path, sizeof(path), "%s/modules.builtin", dir);
	if (read_file(path, &text) && text.s)
		for (const char *line = text.s; *line && !found; line += strcspn(line, "\n") + (line[strcspn(line, "\n")] == '\n')) {
			const char *end = line + strcspn(line, "\n"), *base = end;
			char file[256];

			while (base > line && base[-1] != '/')
				base--;
			snprintf(file, sizeof(file), "%.*s", (int)(end - base), base);
			found = is_module(file, name);
		}
	strbuf_free(&text);
	return found;
}

bool kernel_has_module(const char *dir, const char *name)
{
	char path[4096];

	return built_in(dir, name) || find_below(dir, name, path, sizeof(path), 0);
}

static const char *unpacker(const char *path)
{
	const char *dot = strrchr(path, '.');

	if (dot && !strcmp(dot, ".xz"))
		return "xz";
	if (dot && !strcmp(dot, ".zst"))
		return "zstd";
	return dot && !strcmp(dot, ".gz") ? "gzip" : NULL;
}

static bool load(const char *path, unpack_fn unpack, struct strbuf *ret, char *why)
{
	struct strbuf packed = { 0 };
	const char *tool = unpacker(path);
	bool ok = read_file(path, tool ? &packed : ret);

	if (ok && tool && !unpack(tool, packed.s, packed.len, ret)) {
		snprintf(why, BOOT_WHY, "%.4000s: it takes the program %s to unpack it", path, tool);
		ok = false;
	} else if (!ok) {
		snprintf(why, BOOT_WHY, "%.4000s: %s", path, strerror(errno ? errno : EIO));
	}
	strbuf_free(&packed);
	return ok;
}

/* Is module `name` in the archive? Entries are m/NN_NAME.ko. */
static bool has(const struct initramfs *a, const char *name)
{
	char file[128];
	const char *at = a->cpio.s, *end = at + a->cpio.len;
	size_t n = (size_t)snprintf(file, sizeof(file), "_%s.ko", name);

	for (; at && (at = memmem(at, (size_t)(end - at), "m/", 2)); at += 2)
		if ((size_t)(end - at) > n + 4 && at[2] >= '0' && at[2] <= '9' && same_name(at + 4, file, n + 1))
			return true;
	return false;
}

static bool add_module(struct initramfs *a, const char *dir, const char *name, unpack_fn unpack, char *why, int depth);

static bool add_dependencies(struct initramfs *a, const char *dir, const struct strbuf *module, unpack_fn unpack, char *why, int depth)
{
	static const char key[] = "\0depends=";
	const char *at = memmem(module->s, module->len, key, sizeof(key) - 1);
	char list[512], *save, *w;

	if (!at)
		return true;
	snprintf(list, sizeof(list), "%s", at + sizeof(key) - 1);
	for (w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (!add_module(a, dir, w, unpack, why, depth + 1))
			return false;
	return true;
}

static bool add_module(struct initramfs *a, const char *dir, const char *name, unpack_fn unpack, char *why, int depth)
{
	struct strbuf module = { 0 };
	char path[4096], entry[128];
	bool ok;

	if (has(a, name) || built_in(dir, name))
		return true;
	if (depth > MAX_DEPTH || !find_below(dir, name, path, sizeof(path), 0)) {
		snprintf(why, BOOT_WHY, "there is no module %s below %.4000s", name, dir);
		return false;
	}
	ok = load(path, unpack, &module, why) && add_dependencies(a, dir, &module, unpack, why, depth);
	if (ok) {
		snprintf(entry, sizeof(entry), "m/%02u_%s.ko", a->nmodule++, name);
		initramfs_file(a, entry, 0644, module.s, module.len);
	}
	strbuf_free(&module);
	return ok;
}

bool initramfs_module(struct initramfs *a, const char *dir, const char *name, unpack_fn unpack, char why[BOOT_WHY])
{
	return add_module(a, dir, name, unpack, why, 0);
}
