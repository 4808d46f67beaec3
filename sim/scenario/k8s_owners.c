/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metadata.ownerReferences among the manifests: complete, and not in a circle. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/k8s.h"

/* One object and those that it waits for. */
struct owned {
	const struct k8s_manifest *m;
	const struct ynode *refs; /* NULL: none */
	size_t *owner, nowner;    /* indices of those among the manifests that own it */
	bool done;                /* its owners, and theirs, come to an end */
};

static const struct k8s_path metadata_path = { NULL, "metadata", 0, false },
			     refs_path = { &metadata_path, "ownerReferences", 0, false };

static const char *text_of(const struct ynode *map, const char *key)
{
	const struct ynode *v = ynode_get(map, key);

	return v && v->kind == Y_SCALAR ? v->text : "";
}

/* Index of the object that a reference names; n: it is not among the manifests. */
static size_t owner_of(const struct owned *v, size_t n, const struct ynode *ref)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i].m->kind, text_of(ref, "kind")) && !strcmp(v[i].m->name, text_of(ref, "name")))
			break;
	return i;
}

static void check_fields(struct k8s *k, const struct owned *w)
{
	struct k8s_object o = { .k = k, .kind = w->m->kind, .name = w->m->name, .at = w->m->at };

	if (w->refs->kind != Y_SEQ) {
		k8s_error(&o, w->refs, &refs_path, "write a list, each line starting with '- '",
			  "Invalid value: a list is needed here");
		return;
	}
	for (size_t i = 0; i < w->refs->n; i++) {
		const struct ynode *ref = w->refs->item[i].val;
		const struct k8s_path at = { &refs_path, NULL, i, false };

		if (!k8s_fields(&o, ref, &at, "+apiVersion +kind +name +uid +controller +blockOwnerDeletion"))
			continue;
		k8s_text(&o, ref, &at, "apiVersion", true);
		k8s_text(&o, ref, &at, "kind", true);
		k8s_text(&o, ref, &at, "name", true);
		k8s_text(&o, ref, &at, "uid", true);
	}
}

/* The first owner that does not come to an end; n: all do. */
static size_t waits_for(const struct owned *v, size_t n, size_t i)
{
	for (size_t r = 0; r < v[i].nowner; r++)
		if (!v[v[i].owner[r]].done)
			return v[i].owner[r];
	return n;
}

static void resolve(struct k8s *k, struct owned *v, size_t n, size_t i)
{
	const struct ynode *refs = v[i].refs;

	if (!refs || refs->kind != Y_SEQ)
		return;
	v[i].owner = ytree_alloc(k->b->t, refs->n * sizeof(*v[i].owner) + 1);
	for (size_t r = 0; v[i].owner && r < refs->n; r++) {
		v[i].owner[v[i].nowner] = owner_of(v, n, refs->item[r].val);
		v[i].nowner += v[i].owner[v[i].nowner] < n;
	}
}

/* i has an owner that has an owner ... that is i: told once, of the one that stands first. */
static void circle(struct k8s *k, struct owned *v, size_t n, size_t i)
{
	struct k8s_object o = { .k = k };
	char text[400];
	size_t len, at, first;

	for (size_t step = 0; step < n; step++)
		i = waits_for(v, n, i);
	for (first = i, at = waits_for(v, n, i); at != i; at = waits_for(v, n, at))
		first = at < first ? at : first;
	len = (size_t)snprintf(text, sizeof(text), "%s \"%s\"", v[first].m->kind, v[first].m->name);
	at = first;
	do {
		at = waits_for(v, n, at);
		if (len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, " -> %s \"%s\"", v[at].m->kind,
						v[at].m->name);
	} while (at != first);
	o.kind = v[first].m->kind;
	o.name = v[first].m->name;
	k8s_error(&o, v[first].refs, &refs_path, "nothing owns itself: leave one of these out",
		  "Invalid value: a circle of owners: %s", text);
}

static void find_circle(struct k8s *k, struct owned *v, size_t n)
{
	size_t left = n, before = n + 1;

	for (size_t i = 0; i < n; i++)
		resolve(k, v, n, i);
	while (left && left < before) {
		before = left;
		for (size_t i = 0; i < n; i++)
			if (!v[i].done && waits_for(v, n, i) == n) {
				v[i].done = true;
				left--;
			}
	}
	for (size_t i = 0; left && i < n; i++)
		if (!v[i].done) {
			circle(k, v, n, i);
			return;
		}
}

void k8s_check_owners(struct k8s *k)
{
	struct owned *v = ytree_alloc(k->b->t, (k->nobject + 1) * sizeof(*v));
	size_t n = 0, refs = 0;

	for (const struct k8s_manifest *m = k->objects; v && m; m = m->next)
		n++;
	for (const struct k8s_manifest *m = k->objects; v && m; m = m->next) {
		struct owned *w = &v[--n]; /* the newest comes first */

		w->m = m;
		w->refs = ynode_get(ynode_get(m->at, "metadata"), "ownerReferences");
		if (w->refs && w->refs->kind != Y_BAD && !ynode_is_null(w->refs)) {
			check_fields(k, w);
			refs++;
		} else {
			w->refs = NULL;
		}
	}
	for (const struct k8s_manifest *m = k->objects; m; m = m->next)
		n++;
	if (v && refs)
		find_circle(k, v, n);
}
