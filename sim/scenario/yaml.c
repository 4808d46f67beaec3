/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libyaml's events into a tree. libyaml is read event by event rather than through yaml_parser_load(), which would expand
 * nothing but also know nothing of our limits and stop at the first alias.
 */
#include "sim/scenario/yaml.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* One parse: where nodes go while their containers are open. */
struct yparse {
	struct ytree *t;
	struct diag_list *dl;
	const char *file;
	yaml_parser_t p;
	struct ynode *open[YAML_MAX_DEPTH]; /* containers being filled, outermost first */
	struct ynode *key[YAML_MAX_DEPTH];  /* of open[i], if a mapping: the key whose value comes next */
	size_t depth;
	struct ynode *root;
	struct ynode *all; /* roots of the documents before; NULL: there may be one document only */
	bool stop;         /* nothing after this is worth reading */
};

static struct ynode place(const struct yparse *y, yaml_mark_t m)
{
	struct ynode at = { .kind = Y_BAD, .file = y->file };

	if (!y->t->placeless) {
		at.line = (unsigned)m.line + 1;
		at.column = (unsigned)m.column + 1;
	}
	return at;
}

static void fatal(struct yparse *y, yaml_mark_t m, const char *hint, const char *text)
{
	struct ynode at = place(y, m);

	ynode_error(y->t, y->dl, &at, hint, "%s", text);
	y->stop = true;
}

/* Put a finished or just opened node where it belongs. The depth is that before the node itself is opened. */
static void attach(struct yparse *y, struct ynode *n)
{
	struct ynode *to = y->depth ? y->open[y->depth - 1] : NULL;
	struct ynode **key = y->depth ? &y->key[y->depth - 1] : NULL;

	if (!to) {
		y->root = n;
	} else if (to->kind == Y_SEQ) {
		ynode_add(y->t, to, NULL, n);
	} else if (*key) {
		ynode_add(y->t, to, *key, n);
		*key = NULL;
	} else {
		*key = n;
	}
}

/* Is the node that comes next a mapping's key? */
static bool key_expected(const struct yparse *y)
{
	return y->depth && y->open[y->depth - 1]->kind == Y_MAP && !y->key[y->depth - 1];
}

static struct ynode *node_new(struct yparse *y, enum ynode_kind kind, yaml_mark_t m)
{
	struct ynode like = place(y, m);

	if (++y->t->nodes > YAML_MAX_NODES) {
		fatal(y, m, "split the scenario, or use 'count' and 'loop'", "more than 200000 values");
		return NULL;
	}
	return ynode_new(y->t, kind, &like);
}

/* Anchors and tags are refused wherever they stand; the node itself is kept. */
static void refuse_decoration(struct yparse *y, yaml_mark_t m, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct ynode at = place(y, m);

	if (anchor)
		ynode_error(y->t, y->dl, &at, "write the value out where it is needed",
			    "anchors ('&%s') are not allowed", SHOW((const char *)anchor));
	if (tag)
		ynode_error(y->t, y->dl, &at, "leave it out", "tags ('%s') are not allowed", SHOW((const char *)tag));
}

static void on_alias(struct yparse *y, const yaml_event_t *e)
{
	struct ynode *n = node_new(y, Y_BAD, e->start_mark);

	if (!n)
		return;
	n->text = ytree_strdup(y->t, "");
	ynode_error(y->t, y->dl, n, "write the value out", "aliases ('*%s') are not allowed",
		    SHOW((const char *)e->data.alias.anchor));
	if (n->text)
		attach(y, n);
}

static bool scalar_fits(struct yparse *y, const yaml_event_t *e)
{
	if (e->data.scalar.length > YAML_MAX_SCALAR) {
		fatal(y, e->start_mark, "shorten it", "a value longer than 64 KiB");
		return false;
	}
	if (memchr(e->data.scalar.value, 0, e->data.scalar.length)) {
		fatal(y, e->start_mark, "take the \\0 out", "a value with a NUL character in it");
		return false;
	}
	return true;
}

static void on_scalar(struct yparse *y, const yaml_event_t *e)
{
	struct ynode *n;

	refuse_decoration(y, e->start_mark, e->data.scalar.anchor, e->data.scalar.tag);
	if (!scalar_fits(y, e))
		return;
	n = node_new(y, Y_SCALAR, e->start_mark);
	if (!n)
		return;
	n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->text = ytree_strdup(y->t, (const char *)e->data.scalar.value);
	if (!n->text)
		return;
	if (key_expected(y) && !n->quoted && !strcmp(n->text, "<<")) {
		n->kind = Y_BAD;
		ynode_error(y->t, y->dl, n, "write the keys out, or put them into a preset",
			    "merge keys ('<<') are not allowed");
	}
	attach(y, n);
}

static void on_open(struct yparse *y, const yaml_event_t *e, enum ynode_kind kind)
{
	struct ynode *n;

	if (y->depth == YAML_MAX_DEPTH) {
		fatal(y, e->start_mark, "flatten the file", "nested more than 64 levels deep");
		return;
	}
	n = node_new(y, kind, e->start_mark);
	if (!n)
		return;
	if (key_expected(y)) {
		fatal(y, e->start_mark, "check the brackets and the colon", "a list or mapping cannot be a key");
		return;
	}
	attach(y, n);
	y->open[y->depth] = n;
	y->key[y->depth++] = NULL;
}

static int by_text_then_place(const void *a, const void *b)
{
	const struct yitem *x = a, *y = b;
	int c = strcmp(x->key->text, y->key->text);

	if (c)
		return c;
	if (x->key->line != y->key->line)
		return x->key->line < y->key->line ? -1 : 1;
	return x->key->column < y->key->column ? -1 : x->key->column > y->key->column;
}

/* Report keys given twice. Sorting a copy keeps a mapping of 100000 keys cheap. */
static void check_duplicates(struct yparse *y, const struct ynode *map)
{
	struct yitem *v = NULL;
	size_t i;

	if (map->n > 1)
		v = malloc(map->n * sizeof(*v));
	if (!v) {
		y->t->nomem |= map->n > 1;
		return;
	}
	memcpy(v, map->item, map->n * sizeof(*v));
	qsort(v, map->n, sizeof(*v), by_text_then_place);
	for (i = 1; i < map->n; i++)
		if (v[i].key->kind == Y_SCALAR && !strcmp(v[i].key->text, v[i - 1].key->text))
			ynode_error(y->t, y->dl, v[i].key, "keep one of them", "'%s' is given twice",
				    SHOW(v[i].key->text));
	free(v);
}

/* Keys that were refused were reported; drop them so that builders see scalar keys only. */
static void drop_bad_keys(struct ynode *map)
{
	size_t i, o = 0;

	for (i = 0; i < map->n; i++)
		if (map->item[i].key->kind == Y_SCALAR)
			map->item[o++] = map->item[i];
	map->n = o;
}

static void on_close(struct yparse *y)
{
	struct ynode *n = y->open[--y->depth];

	if (n->kind != Y_MAP)
		return;
	check_duplicates(y, n);
	drop_bad_keys(n);
}

/* A document among several has come to its end. */
static void keep_root(struct yparse *y)
{
	if (y->all && y->root && !ynode_is_null(y->root))
		ynode_add(y->t, y->all, NULL, y->root);
	if (y->all)
		y->root = NULL;
}

static void on_document(struct yparse *y, const yaml_event_t *e)
{
	if (y->root)
		fatal(y, e->start_mark, "one scenario a file", "a second document starts here");
	else if (e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
		fatal(y, e->start_mark, "leave the directive out", "tags ('%TAG') are not allowed");
}

static void on_event(struct yparse *y, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		on_document(y, e);
		break;
	case YAML_DOCUMENT_END_EVENT:
		keep_root(y);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(y, e);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(y, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_decoration(y, e->start_mark, e->data.sequence_start.anchor, e->data.sequence_start.tag);
		on_open(y, e, Y_SEQ);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_decoration(y, e->start_mark, e->data.mapping_start.anchor, e->data.mapping_start.tag);
		on_open(y, e, Y_MAP);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		on_close(y);
		break;
	default:
		break;
	}
}

/* libyaml gives a reader error's byte offset only. */
static yaml_mark_t mark_of_offset(const char *text, size_t len, size_t offset)
{
	yaml_mark_t m = { 0 };
	size_t i;

	for (i = 0; i < len && i < offset; i++) {
		if (text[i] == '\n')
			m.line++, m.column = 0;
		else if (((unsigned char)text[i] & 0xc0) != 0x80)
			m.column++;
	}
	return m;
}

static const char *syntax_hint(const char *problem)
{
	if (strstr(problem, "tab character"))
		return "indent with spaces";
	if (strstr(problem, "cannot start any token"))
		return "indent with spaces, not tabs; put quotes round text that starts with @ ` %";
	if (strstr(problem, "mapping values are not allowed"))
		return "check the indentation, and put quotes round text that holds ': '";
	if (strstr(problem, "expected"))
		return "check brackets, quotes and indentation here and in the lines above";
	return NULL;
}

static void syntax_error(struct yparse *y, const char *text, size_t len)
{
	const yaml_parser_t *p = &y->p;
	struct ynode at;

	if (p->error == YAML_MEMORY_ERROR) {
		y->t->nomem = true;
	} else if (p->error == YAML_READER_ERROR) {
		at = place(y, mark_of_offset(text, len, p->problem_offset));
		ynode_error(y->t, y->dl, &at, "save the file as UTF-8 without control characters", "not text: %s",
			    p->problem);
	} else {
		at = place(y, p->problem_mark);
		ynode_error(y->t, y->dl, &at, syntax_hint(p->problem), "not YAML: %s%s%s", p->context ? p->context : "",
			    p->context ? ", " : "", p->problem);
	}
	y->stop = true;
}

static void run(struct yparse *y, const char *text, size_t len)
{
	yaml_event_t e;
	bool end;

	do {
		if (!yaml_parser_parse(&y->p, &e)) {
			syntax_error(y, text, len);
			return;
		}
		on_event(y, &e);
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	} while (!end && !y->stop && !y->t->nomem);
}

static int parse(struct yparse *y, const char *file, const char *text, size_t len)
{
	struct ynode top = { .file = file };

	y->file = ytree_strdup(y->t, file);
	if (!y->file)
		return SIM_ENOMEM;
	if (len > YAML_MAX_BYTES) {
		ynode_error(y->t, y->dl, &top, "split it", "larger than 8 MiB");
		return SIM_EINPUT;
	}
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) /* a byte order mark */
		text += 3, len -= 3;
	if (!yaml_parser_initialize(&y->p)) {
		y->t->nomem = true;
		return SIM_ENOMEM;
	}
	yaml_parser_set_encoding(&y->p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&y->p, (const unsigned char *)text, len);
	run(y, text, len);
	yaml_parser_delete(&y->p);
	if (y->t->nomem)
		return SIM_ENOMEM;
	return y->stop ? SIM_EINPUT : SIM_OK;
}

int yaml_parse(struct ytree *t, const char *file, const char *text, size_t len, struct diag_list *dl,
	       struct ynode **ret)
{
	struct yparse y = { .t = t, .dl = dl };
	struct ynode top = { .file = file };
	int err = parse(&y, file, text, len);

	if (err)
		return err;
	if (!y.root) {
		ynode_error(t, dl, &top, "a scenario has at least 'duration' and 'processes'", "nothing in it");
		return SIM_EINPUT;
	}
	*ret = y.root;
	return SIM_OK;
}

int yaml_parse_all(struct ytree *t, const char *file, const char *text, size_t len, struct diag_list *dl, struct ynode **ret)
{
	struct yparse y = { .t = t, .dl = dl };
	const struct ynode top = { .file = ytree_strdup(t, file), .line = 1, .column = 1 };
	int err;

	y.all = top.file ? ynode_new(t, Y_SEQ, &top) : NULL;
	if (!y.all)
		return SIM_ENOMEM;
	err = parse(&y, file, text, len);
	if (!err)
		*ret = y.all;
	return err;
}
