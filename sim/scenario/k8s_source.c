/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where manifests come from, as `kubectl apply -f` takes them: objects in the scenario, lists of objects (kind List), and files, whose
 * documents are separated by lines of ---. A file's path is relative to the scenario's folder.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/scenario/k8s.h"

#define MAX_OBJECTS 5000 /* of a scenario: comparisons among them are quadratic */
#define PATH_BYTES  4096

static bool text_is(const struct ynode *v, const char *s)
{
	return v && v->kind == Y_SCALAR && !strcmp(v->text, s);
}

/* An object, or the objects of a list. */
static void read_object(struct k8s *k, const struct ynode *n)
{
	const struct ynode *items;

	if (!text_is(ynode_get(n, "kind"), "List")) {
		if (k->nobject == MAX_OBJECTS)
			B_ERR(k->b, n, NULL, "more than %d manifests", MAX_OBJECTS);
		if (k->nobject < MAX_OBJECTS)
			k8s_read_manifest(k, n);
		else
			k->nobject++; /* said once */
		return;
	}
	if (!text_is(ynode_get(n, "apiVersion"), "v1"))
		B_ERR(k->b, ynode_get(n, "apiVersion") ? ynode_get(n, "apiVersion") : n, "write 'apiVersion: v1'",
		      "a List is of apiVersion v1");
	items = ynode_get(n, "items");
	if (!items || items->kind != Y_SEQ) {
		B_ERR(k->b, items ? items : n, "write 'items:' and a list of objects", "a List needs items");
		return;
	}
	for (size_t i = 0; i < items->n && !k->b->t->nomem; i++)
		read_object(k, items->item[i].val);
}

/* Path of a file named in the scenario. False: too long. */
static bool path_of(const struct k8s *k, const char *name, char path[PATH_BYTES])
{
	const char *scenario = k->b->presets.scenario, *slash = scenario ? strrchr(scenario, '/') : NULL;
	int folder = slash && *name != '/' ? (int)(slash - scenario) + 1 : 0;

	return snprintf(path, PATH_BYTES, "%.*s%s", folder, folder ? scenario : "", name) < PATH_BYTES;
}

/* Whole and at once: no directories, and nothing that might never end. */
static int read_regular(struct k8s *k, const char *path, char **ret, size_t *ret_len)
{
	struct stat st;

	if (stat(path, &st))
		return SIM_EIO;
	if (S_ISREG(st.st_mode))
		return file_read(k->b->t, path, ret, ret_len);
	errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	return SIM_EIO;
}

static void read_file(struct k8s *k, const struct ynode *name)
{
	char path[PATH_BYTES];
	struct ynode *list;
	size_t len;
	char *text;
	int err;

	if (!path_of(k, name->text, path)) {
		B_ERR(k->b, name, "shorten the path", "the path of a file is longer than %d bytes", PATH_BYTES - 1);
		return;
	}
	err = read_regular(k, path, &text, &len);
	if (err == SIM_EIO)
		B_ERR(k->b, name, "write the path of a file from the scenario's folder",
		      "cannot read the manifests '%s': %s", SHOW(name->text), strerror(errno));
	if (err || yaml_parse_all(k->b->t, path, text, len, k->b->dl, &list))
		return;
	if (!list->n)
		B_ERR(k->b, name, NULL, "no objects in the manifests '%s'", SHOW(name->text));
	for (size_t i = 0; i < list->n && !k->b->t->nomem; i++)
		read_object(k, list->item[i].val);
}

static void read_entry(struct k8s *k, const struct ynode *n)
{
	if (n->kind == Y_SCALAR && !ynode_is_null(n))
		read_file(k, n);
	else
		read_object(k, n);
}

void k8s_read_manifests(struct k8s *k)
{
	const struct ynode *n = k->manifests;

	if (n->kind == Y_SCALAR && !ynode_is_null(n))
		read_file(k, n);
	else if (n->kind != Y_SEQ && n->kind != Y_BAD)
		B_ERR(k->b, n, "write a list of manifests, each line starting with '- ', or the path of a file of them",
		      "a list of manifests is needed here, not %s", ynode_kind_name(n));
	for (size_t i = 0; n->kind == Y_SEQ && i < n->n && !k->b->t->nomem; i++)
		read_entry(k, n->item[i].val);
	k8s_check_owners(k);
}
