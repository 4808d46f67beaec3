/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/preset.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/scenario/didyoumean.h"

#ifndef OOMSIM_DATADIR
#define OOMSIM_DATADIR "/usr/local/share/oomsim"
#endif

#define MAX_CHAIN   8 /* presets of presets */
#define MAX_PARENTS 16
#define PATH_BYTES  4096

/* Reading to the end rather than asking for the size first serves pipes and files alike. One byte over the limit is enough
 * for yaml_parse() to refuse it. */
static int stream_read(struct ytree *t, FILE *f, char **ret, size_t *ret_len)
{
	size_t cap = 16384, len = 0, n;
	char *buf = malloc(cap), *bigger;

	for (; buf; buf = bigger) {
		n = fread(buf + len, 1, cap - len, f);
		len += n;
		if (len < cap || len > YAML_MAX_BYTES)
			break;
		cap *= 2;
		bigger = realloc(buf, cap);
		if (!bigger)
			free(buf);
	}
	if (!buf) {
		t->nomem = true;
		return SIM_ENOMEM;
	}
	*ret = ferror(f) ? NULL : ytree_alloc(t, len + 1);
	if (*ret)
		memcpy(*ret, buf, len);
	free(buf);
	*ret_len = len;
	return *ret ? SIM_OK : t->nomem ? SIM_ENOMEM : SIM_EIO;
}

int file_read(struct ytree *t, const char *path, char **ret, size_t *ret_len)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	int err, saved;

	if (!f)
		return errno == ENOMEM ? SIM_ENOMEM : SIM_EIO;
	err = stream_read(t, f, ret, ret_len);
	saved = errno;
	if (f != stdin)
		fclose(f);
	errno = saved;
	return err;
}

/* Where the search ends: what is installed, then what the caller names. */
static bool search_last(const struct preset_source *src, unsigned i, char *buf, size_t size)
{
	if (!i)
		snprintf(buf, size, "%s/presets", OOMSIM_DATADIR);
	else if (i == 1 && src->last)
		snprintf(buf, size, "%s", src->last);
	else
		return false;
	return true;
}

/* The i-th directory of the search into buf; false when there are no more. */
static bool search_dir(const struct preset_source *src, unsigned i, char *buf, size_t size)
{
	const char *slash = strrchr(src->scenario, '/');
	int n = slash ? (int)(slash - src->scenario) : 1, len;
	const char *base = slash ? src->scenario : ".";
	unsigned k;

	if (src->dir) {
		snprintf(buf, size, "%s", src->dir);
		return !i;
	}
	if (slash && !n)
		n = 1; /* in the root directory */
	if (n > PATH_BYTES / 2)
		return false;
	if (i < 2) {
		snprintf(buf, size, "%.*s/%s", n, base, i ? "presets" : "../presets");
		return true;
	}
	if (i >= 2 + MAX_PARENTS)
		return search_last(src, i - 2 - MAX_PARENTS, buf, size);
	len = snprintf(buf, size, "%.*s", n, base);
	for (k = 2; k < i; k++)
		len += snprintf(buf + len, size - (size_t)len, "/..");
	snprintf(buf + len, size - (size_t)len, "/scenarios/presets");
	return true;
}

static bool find_file(const struct preset_source *src, const char *kind, const char *name, char *path)
{
	char dir[PATH_BYTES];
	struct stat st;
	unsigned i;

	for (i = 0; search_dir(src, i, dir, sizeof(dir)); i++) {
		if (snprintf(path, PATH_BYTES, "%s/%s/%s.yaml", dir, kind, name) >= PATH_BYTES)
			continue;
		if (!stat(path, &st) && S_ISREG(st.st_mode))
			return true;
	}
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The presets in one directory, in the arena and sorted: the order of readdir() must not decide what is suggested. */
static size_t list_dir(struct ytree *t, const char *path, char **names, size_t cap)
{
	DIR *d = opendir(path);
	struct dirent *e;
	size_t n = 0;
	char *dot;

	while (d && n < cap && (e = readdir(d))) {
		dot = strrchr(e->d_name, '.');
		if (!dot || dot == e->d_name || strcmp(dot, ".yaml"))
			continue;
		names[n] = ytree_strdup(t, e->d_name);
		if (!names[n])
			break;
		names[n][dot - e->d_name] = 0;
		n++;
	}
	if (d)
		closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	return n;
}

static void unknown_preset(struct ytree *t, struct diag_list *dl, const struct preset_source *src, const char *kind,
			   const struct ynode *at)
{
	char dir[PATH_BYTES], path[PATH_BYTES + 16], hint[160];
	struct nearest near = { .word = at->text };
	char *names[64];
	size_t n, k;
	unsigned i;

	for (i = 0; search_dir(src, i, dir, sizeof(dir)); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, kind);
		n = list_dir(t, path, names, 64);
		for (k = 0; k < n; k++)
			nearest_offer(&near, names[k]);
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "presets are the files presets/%s/NAME.yaml", kind);
	ynode_error(t, dl, at, hint, "no preset '%s' among the %s", SHOW(at->text), kind);
}

/* A preset's name is a file's name: nothing that could leave the directory. */
static bool name_ok(const char *s)
{
	const char *p = s;

	for (; *p; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') &&
		    !strchr("._-", *p))
			return false;
	return *s && *s != '.' && strlen(s) <= 60;
}

static struct ynode *load(struct ytree *t, struct diag_list *dl, const struct preset_source *src, const char *kind,
			  const struct ynode *name)
{
	char path[PATH_BYTES];
	struct ynode *root;
	size_t len;
	char *text;
	int err;

	if (name->kind != Y_SCALAR || !name_ok(name->text)) {
		if (name->kind != Y_BAD)
			ynode_error(t, dl, name, "write the name of a file in presets without '.yaml'",
				    "%s is not the name of a preset",
				    name->kind == Y_SCALAR ? "this" : ynode_kind_name(name));
		return NULL;
	}
	if (!find_file(src, kind, name->text, path)) {
		unknown_preset(t, dl, src, kind, name);
		return NULL;
	}
	err = file_read(t, path, &text, &len);
	if (err == SIM_EIO)
		ynode_error(t, dl, name, NULL, "cannot read the preset %s: %s", path, strerror(errno));
	if (err || yaml_parse(t, path, text, len, dl, &root))
		return NULL;
	if (root->kind != Y_MAP) {
		ynode_error(t, dl, root, "write 'key: value' lines", "a preset must be a mapping, not %s",
			    ynode_kind_name(root));
		return NULL;
	}
	return root;
}

/* under with the keys of over on top. Depth is limited by that of the sources. */
static struct ynode *merge(struct ytree *t, const struct ynode *under, const struct ynode *over)
{
	struct ynode *r = ynode_new(t, Y_MAP, over), *own, *val;
	size_t i;

	for (i = 0; r && i < under->n; i++) {
		val = under->item[i].val;
		own = ynode_get(over, under->item[i].key->text);
		if (own && own->kind == Y_MAP && val->kind == Y_MAP && !ynode_get(own, "preset"))
			val = merge(t, val, own);
		else if (own)
			val = own;
		if (!val || !ynode_add(t, r, under->item[i].key, val))
			return NULL;
	}
	for (i = 0; r && i < over->n; i++)
		if (!ynode_get(under, over->item[i].key->text) &&
		    !ynode_add(t, r, over->item[i].key, over->item[i].val))
			return NULL;
	return r;
}

/* n without its key `preset`. */
static struct ynode *without_preset(struct ytree *t, const struct ynode *n)
{
	struct ynode *r = ynode_new(t, Y_MAP, n);
	size_t i;

	for (i = 0; r && i < n->n; i++)
		if (strcmp(n->item[i].key->text, "preset") && !ynode_add(t, r, n->item[i].key, n->item[i].val))
			return NULL;
	return r;
}

const struct ynode *preset_resolve(struct ytree *t, struct diag_list *dl, const struct preset_source *src,
				   const char *kind, const struct ynode *n, bool scalar_ok)
{
	const struct ynode *name = scalar_ok && n->kind == Y_SCALAR ? n : ynode_get(n, "preset");
	struct ynode *r = n->kind == Y_MAP ? without_preset(t, n) : ynode_new(t, Y_MAP, n), *p;
	unsigned chain;

	for (chain = 0; r && name; chain++) {
		if (chain == MAX_CHAIN) {
			ynode_error(t, dl, name, "a preset must not lead back to itself",
				    "more than %d presets on top of each other", MAX_CHAIN);
			break;
		}
		p = load(t, dl, src, kind, name);
		if (!p)
			break;
		name = ynode_get(p, "preset");
		p = without_preset(t, p);
		r = p ? merge(t, p, r) : NULL;
	}
	return t->nomem ? NULL : r;
}
