/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of cgroup files that the kernel takes without a word and that do nothing, or not what they seem to: each is a warning. Of the
 * scenario's own cgroups alone, since Kubernetes overcommits on purpose.
 */
#include <string.h>

#include "sim/scenario/build.h"

/* One cgroup under check. */
struct look {
	struct build *b;
	const struct ynode *n; /* its entry */
	const struct cgroup_cfg *g;
};

static int64_t value(const struct cgroup_cfg *g, enum cgroup_file f)
{
	bool limit = f == CGF_MAX || f == CGF_HIGH || f == CGF_LIMIT;

	return g->value[f] != SIM_AUTO ? g->value[f] : limit ? CGROUP_UNLIMITED : 0;
}

/* Warn at the value of file f, which has one. */
static void warn(const struct look *l, enum cgroup_file f, const char *text, const char *path)
{
	const struct ynode *at = ynode_get(l->n, cgroup_file_desc[f].name);

	diag_add(l->b->dl, DIAG_WARNING, at->file, at->line, at->column, NULL, "%s of '%s' %s%s",
		 cgroup_file_desc[f].name, l->g->path, text, path);
}

/* What is protected and never used is not there to be protected. */
static void check_protection(const struct look *l, enum cgroup_file f)
{
	int64_t own = value(l->g, f), parents = 0;
	const struct cgroup_cfg *parent = l->g->parent ? &l->b->c->cgroup[l->g->parent - 1] : NULL;

	if (l->g->value[f] == SIM_AUTO || !own)
		return;
	if (own != CGROUP_UNLIMITED && own > value(l->g, CGF_MAX))
		warn(l, f, "is above its memory.max: more than the limit is never there to be protected", "");
	if (own != CGROUP_UNLIMITED && (uint64_t)own > l->b->q.memory)
		warn(l, f, "is more than the machine's memory", "");
	if (parent)
		parents = value(parent, f);
	if (parent && !parents)
		warn(l, f, "protects from reclaim inside its parent alone, as there is none of ", parent->path);
	else if (parent && parents < own)
		warn(l, f,
		     "is above that of its parent, which is all that reclaim from outside spares: ", parent->path);
}

static void check_limit(const struct look *l, enum cgroup_file f)
{
	int64_t own = value(l->g, f);

	if (l->g->value[f] == SIM_AUTO || own == CGROUP_UNLIMITED)
		return;
	if (own > 0 && (uint64_t)own < l->b->q.page_size)
		warn(l, f, "is less than a page, which is 0: limits are rounded down", "");
	for (uint32_t p = l->g->parent; p; p = l->b->c->cgroup[p - 1].parent)
		if (value(&l->b->c->cgroup[p - 1], f) < own) {
			warn(l, f, "is never reached, as there is less in ", l->b->c->cgroup[p - 1].path);
			return;
		}
}

static void check_cgroup(const struct look *l)
{
	check_limit(l, CGF_MAX);
	check_limit(l, CGF_LIMIT);
	check_protection(l, CGF_MIN);
	check_protection(l, CGF_LOW);
	if (l->g->value[CGF_HIGH] != SIM_AUTO && value(l->g, CGF_HIGH) != CGROUP_UNLIMITED &&
	    value(l->g, CGF_HIGH) >= value(l->g, CGF_MAX))
		warn(l, CGF_HIGH, "slows nobody down, as memory.max is not above it", "");
	if (l->g->value[CGF_LOW] != SIM_AUTO && value(l->g, CGF_LOW) && value(l->g, CGF_LOW) <= value(l->g, CGF_MIN))
		warn(l, CGF_LOW, "adds nothing to memory.min, which is not below it", "");
}

void check_cgroups(struct build *b, const struct ynode *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct ynode *path = ynode_get(list->item[i].val, "path");
		const struct key k = { .name = "path" };
		uint32_t number = 0;

		set_cgroup(b, path, &number, &k);
		if (number)
			check_cgroup(&(struct look){ b, list->item[i].val, &b->c->cgroup[number - 1] });
	}
}
