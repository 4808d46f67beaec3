/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes of a YAML tree and the arena they live in. */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/units.h"
#include "sim/scenario/yaml.h"

#define CHUNK_BYTES ((size_t)64 << 10)

struct ychunk {
	struct ychunk *next;
	size_t used, size;
	alignas(max_align_t) char mem[];
};

static struct ychunk *chunk_new(struct ytree *t, size_t n)
{
	size_t size = n > CHUNK_BYTES ? n : CHUNK_BYTES;
	struct ychunk *c = calloc(1, sizeof(*c) + size);

	if (!c) {
		t->nomem = true;
		return NULL;
	}
	c->size = size;
	c->next = t->chunk;
	t->chunk = c;
	return c;
}

void *ytree_alloc(struct ytree *t, size_t n)
{
	struct ychunk *c = t->chunk;
	void *p;

	n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!c || c->size - c->used < n)
		c = chunk_new(t, n);
	if (!c)
		return NULL;
	p = c->mem + c->used;
	c->used += n;
	return p;
}

char *ytree_strdup(struct ytree *t, const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = ytree_alloc(t, n);

	return p ? memcpy(p, s, n) : NULL;
}

void ytree_free(struct ytree *t)
{
	struct ychunk *c, *next;

	for (c = t->chunk; c; c = next) {
		next = c->next;
		free(c);
	}
	*t = (struct ytree){ 0 };
}

struct ynode *ynode_new(struct ytree *t, enum ynode_kind kind, const struct ynode *like)
{
	struct ynode *n = ytree_alloc(t, sizeof(*n));

	if (!n)
		return NULL;
	n->kind = kind;
	n->file = like->file;
	n->line = like->line;
	n->column = like->column;
	return n;
}

/* The outgrown array stays in the arena: growing by half again or more wastes at most what the final array takes twice. */
bool ynode_add(struct ytree *t, struct ynode *to, struct ynode *key, struct ynode *val)
{
	struct yitem *item;
	size_t cap;

	if (to->n == to->cap) {
		cap = to->cap ? to->cap * 2 : 4;
		item = ytree_alloc(t, cap * sizeof(*item));
		if (!item)
			return false;
		if (to->n)
			memcpy(item, to->item, to->n * sizeof(*item));
		to->item = item;
		to->cap = cap;
	}
	to->item[to->n++] = (struct yitem){ key, val };
	return true;
}

struct ynode *ynode_get(const struct ynode *map, const char *key)
{
	size_t i;

	if (!map || map->kind != Y_MAP)
		return NULL;
	for (i = 0; i < map->n; i++)
		if (!strcmp(map->item[i].key->text, key))
			return map->item[i].val;
	return NULL;
}

bool ynode_is_null(const struct ynode *n)
{
	if (n->kind != Y_SCALAR || n->quoted)
		return false;
	return !n->text[0] || !strcmp(n->text, "~") || !strcmp(n->text, "null");
}

const char *ynode_kind_name(const struct ynode *n)
{
	if (n->kind == Y_SEQ)
		return "a list";
	if (n->kind == Y_MAP)
		return "a mapping";
	return ynode_is_null(n) ? "nothing" : "a value";
}

/* A node that stands for several things (a workload, for the replicas of its pod) is read several times. */
static bool was_said(const struct diag_list *dl, const struct ynode *at, const char *text)
{
	for (size_t i = 0; at->line && i < dl->n; i++)
		if (dl->v[i].line == at->line && dl->v[i].column == at->column && !strcmp(dl->v[i].text, text) &&
		    !strcmp(dl->v[i].file, at->file))
			return true;
	return false;
}

void ynode_error(struct ytree *t, struct diag_list *dl, const struct ynode *at, const char *hint, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	static const struct ynode nowhere = { 0 };

	if (t->more)
		return;
	if (!at)
		at = &nowhere;
	if (dl->errors >= YAML_MAX_ERRORS) {
		t->more = true;
		diag_add(dl, DIAG_ERROR, at->file, 0, 0, NULL, "more than %d errors; the rest is not shown",
			 YAML_MAX_ERRORS);
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (t->reread && was_said(dl, at, text)) {
		dl->errors++;
		return;
	}
	diag_add(dl, DIAG_ERROR, at->file, at->line, at->column, hint, "%s", text);
}

/* Bytes of the UTF-8 sequence that starts with c; libyaml let only well-formed ones through, options may hold others. */
static size_t utf8_len(unsigned char c)
{
	return c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
}

const char *show_text(struct shown *buf, const char *s)
{
	size_t o = 0, chars, n, i;

	for (chars = 0; *s && chars < 40; chars++) {
		n = utf8_len((unsigned char)*s);
		for (i = 1; i < n; i++)
			if (!s[i])
				n = i;
		if (n == 1 && ((unsigned char)*s < 0x20 || (unsigned char)*s >= 0x7f))
			buf->s[o++] = '?';
		else
			memcpy(buf->s + o, s, n), o += n;
		s += n;
	}
	memcpy(buf->s + o, *s ? "..." : "", *s ? 4 : 1);
	return buf->s;
}
