/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of a manifest: which there are, where they stand, and errors in the words of the API server. */
#include <string.h>

#include "sim/scenario/didyoumean.h"
#include "sim/scenario/k8s.h"

#define PATH_LEN 256

static void show_path(const struct k8s_path *path, char ret[PATH_LEN])
{
	size_t n;

	if (!path) {
		*ret = 0;
		return;
	}
	show_path(path->up, ret);
	n = strlen(ret);
	if (path->field)
		snprintf(ret + n, PATH_LEN - n, "%s%s%s", path->key ? "[" : n ? "." : "", SHOW(path->field), path->key ? "]" : "");
	else
		snprintf(ret + n, PATH_LEN - n, "[%zu]", path->index);
}

void k8s_error(struct k8s_object *o, const struct ynode *at, const struct k8s_path *path, const char *hint, const char *fmt, ...)
{
	char where[PATH_LEN], text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	show_path(path, where);
	if (o->name[0])
		B_ERR(o->k->b, at, hint, "%s \"%s\" is invalid: %s%s%s", o->kind, o->name, where, *where ? ": " : "", text);
	else
		B_ERR(o->k->b, at, hint, "%s is invalid: %s%s%s", o->kind, where, *where ? ": " : "", text);
}

/* The next of the words; its length in *ret_n. NULL: no more. */
static const char *next_word(const char *s, size_t *ret_n)
{
	s += strspn(s, " ");
	*ret_n = strcspn(s, " ");
	return *ret_n ? s : NULL;
}

static void unknown_field(struct k8s_object *o, const struct ynode *key, const struct k8s_path *path, const char *fields)
{
	struct k8s_path here = { path, key->text, 0, false };
	struct nearest near = { .word = key->text };
	char where[PATH_LEN], hint[96], word[64][40];
	const char *w;
	size_t n, i = 0;

	for (w = next_word(fields, &n); w && i < ARRAY_LEN(word); w = next_word(w + n, &n), i++) {
		size_t skip = *w == '+' || *w == '!';

		snprintf(word[i], sizeof(word[i]), "%.*s", (int)(n - skip), w + skip);
		nearest_offer(&near, word[i]);
	}
	show_path(&here, where);
	B_ERR(o->k->b, key, nearest_hint(&near, hint, sizeof(hint)) ? hint : NULL, "%s \"%s\" is invalid: unknown field \"%s\"", o->kind,
	      o->name, where);
}

/* How the word of that name is marked: '+', '!' or 0; -1: there is none. */
static int mark_of(const char *fields, const char *name)
{
	const char *w;
	size_t n;

	for (w = next_word(fields, &n); w; w = next_word(w + n, &n)) {
		size_t skip = *w == '+' || *w == '!';

		if (strlen(name) == n - skip && !strncmp(w + skip, name, n - skip))
			return skip ? *w : 0;
	}
	return -1;
}

void k8s_ignore(struct k8s_object *o, const struct k8s_path *path)
{
	char where[PATH_LEN];

	show_path(path, where);
	strbuf_addf(&o->ignored, "%s%s", o->ignored.len ? ", " : "", where);
}

bool k8s_fields(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, const char *fields)
{
	if (n->kind != Y_MAP) {
		if (n->kind != Y_BAD)
			k8s_error(o, n, path, "write 'key: value' pairs", "Invalid value: a mapping is needed here, not %s",
				  ynode_kind_name(n));
		return false;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->item[i].key;
		struct k8s_path here = { path, key->text, 0, false };
		int mark = mark_of(fields, key->text);

		if (mark < 0)
			unknown_field(o, key, path, fields);
		else if (mark == '!')
			k8s_error(o, key, &here, "remove it", "this field has an effect that is not simulated");
		else if (!mark)
			k8s_ignore(o, &here);
	}
	return true;
}

const char *k8s_text(struct k8s_object *o, const struct ynode *map, const struct k8s_path *path, const char *key, bool required)
{
	const struct ynode *v = ynode_get(map, key);
	struct k8s_path here = { path, key, 0, false };

	if (!v || ynode_is_null(v) || (v->kind == Y_SCALAR && !*v->text)) {
		if (required)
			k8s_error(o, v ? v : map, &here, NULL, "Required value");
		return NULL;
	}
	if (v->kind == Y_SCALAR)
		return v->text;
	if (v->kind != Y_BAD)
		k8s_error(o, v, &here, "write some text", "Invalid value: a value is needed here, not %s", ynode_kind_name(v));
	return NULL;
}

static bool is_name(const char *s, bool dots)
{
	static const char alnum[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t n = strlen(s);

	if (!strchr(alnum, s[0]) || !strchr(alnum, s[n - 1]))
		return false;
	for (; *s; s++)
		if (!strchr(alnum, *s) && *s != '-' && !(dots && *s == '.'))
			return false;
	return true;
}

bool k8s_name(struct k8s_object *o, const struct ynode *at, const struct k8s_path *path, bool dots, char ret[K8S_NAME_LEN])
{
	if (strlen(at->text) >= K8S_NAME_LEN) {
		k8s_error(o, at, path, NULL, "Invalid value: \"%s\": must be no more than 63 characters", SHOW(at->text));
		return false;
	}
	if (!is_name(at->text, dots)) {
		k8s_error(o, at, path, NULL,
			  "Invalid value: \"%s\": a lowercase RFC 1123 %s must consist of lower case alphanumeric characters%s, "
			  "and must start and end with an alphanumeric character",
			  SHOW(at->text), dots ? "subdomain" : "label", dots ? ", '-' or '.'" : " or '-'");
		return false;
	}
	snprintf(ret, K8S_NAME_LEN, "%s", at->text);
	return true;
}

static const char *quantity_hint(const char *s)
{
	size_t n = strlen(s);

	return n > 1 && s[n - 1] == 'B' ? "leave the B out: 256Mi, 1G" : "write 256Mi, 1G, 0.5 or 100m";
}

bool k8s_read_quantity(struct k8s_object *o, const struct ynode *v, const struct k8s_path *path, struct k8s_quantity *ret)
{
	const char *wrong;

	if (v->kind != Y_SCALAR || ynode_is_null(v)) {
		if (v->kind != Y_BAD)
			k8s_error(o, v, path, "write 256Mi, 1G, 0.5 or 100m", "Invalid value: a quantity is needed here, not %s",
				  ynode_kind_name(v));
		return false;
	}
	wrong = k8s_quantity(v->text, ret);
	if (wrong)
		k8s_error(o, v, path, quantity_hint(v->text), "Invalid value: \"%s\": %s", SHOW(v->text), wrong);
	else if (ret->negative)
		k8s_error(o, v, path, NULL, "Invalid value: \"%s\": must be greater than or equal to 0", SHOW(v->text));
	else if (ret->value == INT64_MAX)
		k8s_error(o, v, path, "write less: the API server would take it as the largest number there is",
			  "Invalid value: \"%s\": does not fit 63 bits", SHOW(v->text));
	return !wrong && !ret->negative && ret->value < INT64_MAX;
}

const char *k8s_show_bytes(char buf[32], int64_t bytes)
{
	static const char unit[] = "KMGTPE";
	unsigned i = 0;

	while (bytes && i < 6 && bytes % 1024 == 0)
		bytes /= 1024, i++;
	if (i)
		snprintf(buf, 32, "%lld%ci", (long long)bytes, unit[i - 1]);
	else
		snprintf(buf, 32, "%lld", (long long)bytes);
	return buf;
}

void k8s_note_ignored(struct k8s_object *o)
{
	const struct ynode *at = o->at;

	if (o->ignored.len && o->name[0])
		diag_add(o->k->b->dl, DIAG_NOTE, at->file, at->line, at->column, NULL, "%s \"%s\": fields without effect here: %s", o->kind,
			 o->name, o->ignored.s);
	strbuf_free(&o->ignored);
}
