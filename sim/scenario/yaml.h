/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * YAML as a tree whose nodes know where they stand. What a scenario has no use for (aliases, anchors, tags, merge keys,
 * several documents, but in manifests) and what would let a small file cost much (depth, node count, length) is refused here, with a place.
 *
 * A tree owns an arena; nodes live exactly as long as it does. Several sources (a scenario, its presets, --set values) share
 * one tree, so that nodes of one can be put into another; every node remembers its own source.
 */
#ifndef OOMSIM_SCENARIO_YAML_H
#define OOMSIM_SCENARIO_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/core/diag.h"

#define YAML_MAX_DEPTH  64
#define YAML_MAX_NODES  200000 /* of all sources of one tree together */
#define YAML_MAX_BYTES  ((size_t)8 << 20)
#define YAML_MAX_SCALAR ((size_t)64 << 10)
#define YAML_MAX_ERRORS 1000 /* after so many, a load says so and adds no more */

/* Y_BAD stands where something was refused and reported already: builders pass over it in silence. */
enum ynode_kind { Y_SCALAR, Y_SEQ, Y_MAP, Y_BAD };

struct ynode;

struct yitem {
	struct ynode *key; /* Y_SCALAR in a mapping, NULL in a sequence */
	struct ynode *val;
};

struct ynode {
	enum ynode_kind kind;
	bool quoted;           /* a scalar that stood in quotes or a block: never a null */
	unsigned line, column; /* from 1; 0: no place inside the source */
	const char *file;      /* name of the source */
	char *text;            /* Y_SCALAR: no NUL inside */
	struct yitem *item;    /* Y_SEQ, Y_MAP */
	size_t n, cap;
};

struct ychunk;

struct ytree {
	struct ychunk *chunk; /* the arena, newest first */
	size_t nodes;
	bool nomem;     /* an allocation failed: the load is SIM_ENOMEM whatever else it found */
	bool placeless; /* the source being parsed is no file: its nodes get no line and column */
	bool reread;    /* a node may be read several times over: what was said of it is not said again */
	bool more;      /* YAML_MAX_ERRORS was reached and said */
};

void ytree_free(struct ytree *t); /* leaves it empty */

/* Memory from the tree's arena, zeroed; NULL (and t->nomem) when the host has none left. */
void *ytree_alloc(struct ytree *t, size_t n);
char *ytree_strdup(struct ytree *t, const char *s);
struct ynode *ynode_new(struct ytree *t, enum ynode_kind kind,
			const struct ynode *like); /* source and place of `like` */
/* Append to a sequence (key NULL) or mapping. False when out of memory. */
bool ynode_add(struct ytree *t, struct ynode *to, struct ynode *key, struct ynode *val);
/* The value under a key, or NULL; NULL also if `map` is no mapping. */
struct ynode *ynode_get(const struct ynode *map, const char *key);
bool ynode_is_null(const struct ynode *n);          /* nothing, ~ or null */
const char *ynode_kind_name(const struct ynode *n); /* "a list", "a mapping", "a value", "nothing" */

/*
 * Parse one document. Diagnostics name the source `file` (copied into the arena). Returns SIM_OK and the root, which is
 * never NULL; SIM_EINPUT if no tree could be made; SIM_ENOMEM. Errors that leave a usable tree (an alias, a duplicate key)
 * are reported and return SIM_OK: ask dl->errors.
 */
int yaml_parse(struct ytree *t, const char *file, const char *text, size_t len, struct diag_list *dl,
	       struct ynode **ret);
/* The same of a source of several documents: *ret is a Y_SEQ of their roots, without those that are empty. */
int yaml_parse_all(struct ytree *t, const char *file, const char *text, size_t len, struct diag_list *dl, struct ynode **ret);

/* Report at a node's place; at most YAML_MAX_ERRORS a tree. hint may be NULL. */
__attribute__((format(printf, 5, 6))) void ynode_error(struct ytree *t, struct diag_list *dl, const struct ynode *at,
						       const char *hint, const char *fmt, ...);

/* User text made fit for a message: one line, printable, at most 40 characters. */
struct shown {
	char s[172];
};
const char *show_text(struct shown *buf, const char *s);
#define SHOW(s) show_text(&(struct shown){ { 0 } }, (s))

#endif
