/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroups: memory cgroups by path, with their files by the kernel's names; CGROUP_FILE_MAP is the source of these.
 * What the kernel accepts is accepted: protection above a limit, a child's limit above its parent's.
 */
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

#define C(field)  offsetof(struct cgroup_cfg, field)
#define FILE_KEYS (2 + CGF_COUNT)

/* ---- paths ---- */

/* "a/b", "/a/b" and "/a/b/" are the same. False, with an error: no path. */
static bool clean_path(struct build *b, const struct ynode *v, char ret[CGROUP_PATH_LEN])
{
	const char *s = v->text;
	size_t n = 0, len;

	for (s += strspn(s, "/"); *s; s += len + strspn(s + len, "/")) {
		len = strcspn(s, "/");
		if ((len == 1 && *s == '.') || (len == 2 && !strncmp(s, "..", 2))) {
			B_ERR(b, v, "write the path from the root, like kubepods/burstable",
			      "path: '%s' has a '%.*s' in it", SHOW(v->text), (int)len, s);
			return false;
		}
		if (n + len + 2 > CGROUP_PATH_LEN) {
			B_ERR(b, v, "shorten it", "path: longer than %d bytes", CGROUP_PATH_LEN - 1);
			return false;
		}
		ret[n++] = '/';
		memcpy(ret + n, s, len);
		n += len;
	}
	ret[n] = 0;
	return true;
}

/* Number of the cgroup; 0 is the root; -1: there is none. */
static int64_t find_path(const struct build *b, const char *path)
{
	if (!*path)
		return 0;
	for (size_t i = 0; i < b->c->ncgroup; i++)
		if (!strcmp(b->c->cgroup[i].path, path))
			return (int64_t)i + 1;
	return -1;
}

void set_cgroup(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	char path[CGROUP_PATH_LEN], hint[CGROUP_PATH_LEN + 32];
	struct nearest near = { .word = path };
	int64_t found;

	(void)k;
	if (!want_scalar(b, v, "the path of a cgroup, like a/b") || !clean_path(b, v, path))
		return;
	found = find_path(b, path);
	if (found >= 0) {
		*(uint32_t *)field = (uint32_t)found;
		return;
	}
	for (size_t i = 0; i < b->c->ncgroup; i++)
		nearest_offer(&near, b->c->cgroup[i].path);
	B_ERR(b, v, nearest_hint(&near, hint, sizeof(hint)) ? hint : "add it to cgroups", "no cgroup '%s'",
	      SHOW(v->text));
}

/* ---- values ---- */

static void bytes_value(struct build *b, const struct ynode *v, const struct key *k, bool v1, int64_t *ret)
{
	struct qerr e;
	uint64_t u;

	if (!want_scalar(b, v, v1 ? "a size like 64MiB, or -1 for no limit" : "a size like 64MiB, or max"))
		return;
	if (!strcmp(v->text, v1 ? "-1" : "max")) {
		*ret = CGROUP_UNLIMITED;
		return;
	}
	if (v->text[0] == '-' || !strcmp(v->text, "max")) {
		B_ERR(b, v, v1 ? "write -1 for no limit" : "write max for no limit", "%s: '%s' is no size", k->name,
		      SHOW(v->text));
		return;
	}
	if (quantity_size(v->text, &b->q, &u, &e))
		B_ERR(b, v, e.hint[0] ? e.hint : NULL, "%s: %s", k->name, e.text);
	else
		*ret = u > (uint64_t)MAX_BYTES ? CGROUP_UNLIMITED
					       : (int64_t)u; /* as the kernel: more than anybody can use is max */
}

static void flag_value(struct build *b, const struct ynode *v, const struct key *k, int64_t *ret)
{
	if (!want_scalar(b, v, "0 or 1"))
		return;
	if (!strcmp(v->text, "0") || !strcmp(v->text, "1"))
		*ret = v->text[0] == '1';
	else
		B_ERR(b, v, "write 0 or 1", "%s: '%s' is neither 0 nor 1", k->name, SHOW(v->text));
}

/* The file of that row of the table exists in the scenario's version of cgroups. */
static bool has_file(struct build *b, const struct ynode *at, enum cgroup_file f)
{
	const struct cgroup_file_desc *d = &cgroup_file_desc[f];

	if (d->version == b->c->cgroup_version || d->version == CGROUP_ANY_VERSION)
		return true;
	B_ERR(b, at,
	      d->version == 1 ? "add 'cgroup_version: 1', or use memory.max and its like"
			      : "remove 'cgroup_version: 1', or use memory.limit_in_bytes and its like",
	      "%s is a file of cgroup v%u", d->name, d->version);
	return false;
}

static void read_value(struct build *b, const struct ynode *v, enum cgroup_file f, int64_t *ret)
{
	const struct key k = { .name = cgroup_file_desc[f].name };

	nodemask_t nodes;

	if (!has_file(b, v, f))
		return;
	if (cgroup_file_desc[f].value == CG_NODES) {
		if (build_nodemask(b, v, &k, &nodes))
			*ret = nodes;
		return;
	}
	if (cgroup_file_desc[f].value == CG_FLAG)
		flag_value(b, v, &k, ret);
	else
		bytes_value(b, v, &k, cgroup_file_desc[f].version == 1, ret);
}

static void set_file(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (cgroup_file_desc[k->min].value == CG_ACTION) {
		B_ERR(b, v, "write it in a step, cgroup_write", "%s holds nothing that could be set at the start",
		      k->name);
		return;
	}
	read_value(b, v, (enum cgroup_file)k->min, field);
}

static void refuse_cpus(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)field, (void)k;
	B_ERR(b, v, "leave it out", "cpuset.cpus is not simulated: every task may run on every CPU");
}

/* ---- the list ---- */

static void file_keys(struct key keys[FILE_KEYS])
{
	keys[0] = (struct key){ "path", set_nothing, 0, 0, 0, NULL, true };
	for (unsigned f = 0; f < CGF_COUNT; f++)
		keys[1 + f] = (struct key){
			cgroup_file_desc[f].name, set_file, C(value) + f * sizeof(int64_t), f, f, NULL, false
		};
	keys[1 + CGF_COUNT] = (struct key){ "cpuset.cpus", refuse_cpus, 0, 0, 0, NULL, false };
}

static struct cgroup_cfg *add(struct build *b, const char *path, uint32_t parent)
{
	struct sim_config *c = b->c;
	struct cgroup_cfg *g = realloc(c->cgroup, (c->ncgroup + 1) * sizeof(*g));

	if (!g) {
		b->t->nomem = true;
		return NULL;
	}
	c->cgroup = g;
	g += c->ncgroup++;
	*g = (struct cgroup_cfg){ .parent = parent };
	snprintf(g->path, sizeof(g->path), "%s", path);
	for (unsigned f = 0; f < CGF_COUNT; f++)
		g->value[f] = SIM_AUTO;
	return g;
}

/* The cgroup of that path, made with its parents where there is none. Its number; 0 without memory or beyond
 * MAX_CGROUPS. */
static uint32_t make(struct build *b, const struct ynode *v, const char *path)
{
	char part[CGROUP_PATH_LEN];
	uint32_t parent = 0;

	for (const char *end = path; *end;) {
		int64_t found;

		end += 1 + strcspn(end + 1, "/");
		snprintf(part, sizeof(part), "%.*s", (int)(end - path), path);
		found = find_path(b, part);
		if (found < 0 && b->c->ncgroup >= MAX_CGROUPS) {
			B_ERR(b, v, NULL, "more than %d cgroups", MAX_CGROUPS);
			return 0;
		}
		if (found < 0 && !add(b, part, parent))
			return 0;
		parent = found < 0 ? (uint32_t)b->c->ncgroup : (uint32_t)found;
	}
	return parent;
}

/* The kernel refuses to bring the two limits into another order. */
static void check_memsw(struct build *b, const struct ynode *n, const struct cgroup_cfg *g)
{
	const struct ynode *at = n->kind == Y_MAP ? ynode_get(n, "memory.memsw.limit_in_bytes") : NULL;
	int64_t limit = g->value[CGF_LIMIT] == SIM_AUTO ? CGROUP_UNLIMITED : g->value[CGF_LIMIT];

	if (at && g->value[CGF_MEMSW] != SIM_AUTO && g->value[CGF_MEMSW] < limit)
		B_ERR(b, at, "it limits memory and swap together: make it at least memory.limit_in_bytes",
		      "memory.memsw.limit_in_bytes is below memory.limit_in_bytes");
}

static void build_cgroup(struct build *b, const struct ynode *n)
{
	const struct ynode *at = n->kind == Y_MAP ? ynode_get(n, "path") : NULL;
	struct cgroup_cfg nowhere = { 0 };
	char path[CGROUP_PATH_LEN] = "";
	struct key keys[FILE_KEYS];
	uint32_t i = 0;

	file_keys(keys);
	if (at && want_scalar(b, at, "a path, like a/b") && clean_path(b, at, path)) {
		if (!*path)
			B_ERR(b, at, "name a cgroup below it", "the root cgroup has no limits");
		else
			i = make(b, at, path);
	}
	build_map(b, n, "a cgroup", keys, ARRAY_LEN(keys), i ? &b->c->cgroup[i - 1] : &nowhere);
	check_memsw(b, n, i ? &b->c->cgroup[i - 1] : &nowhere);
}

static void check_twice(struct build *b, const struct ynode *n)
{
	char x[CGROUP_PATH_LEN], y[CGROUP_PATH_LEN];
	unsigned before = b->dl->errors;

	for (size_t i = 0; i < n->n && b->dl->errors == before; i++) {
		const struct ynode *p = ynode_get(n->item[i].val, "path");

		for (size_t k = 0; k < i && b->dl->errors == before; k++) {
			const struct ynode *q = ynode_get(n->item[k].val, "path");

			if (clean_path(b, p, x) && clean_path(b, q, y) && !strcmp(x, y))
				B_ERR(b, p, "put the files of one cgroup together", "cgroup '%s' is here twice",
				      SHOW(p->text));
		}
	}
}

/* When all of them are there, in whatever order. */
static void check_cpusets(struct build *b, const struct ynode *n)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *mems = ynode_get(n->item[i].val, "cpuset.mems");
		char path[CGROUP_PATH_LEN];

		if (mems && clean_path(b, ynode_get(n->item[i].val, "path"), path))
			check_cpuset_mems(b, mems, (uint32_t)find_path(b, path));
	}
}

void build_cgroups(struct build *b, const struct ynode *n)
{
	unsigned before = b->dl->errors;

	if (n->kind != Y_SEQ) {
		if (n->kind != Y_BAD)
			B_ERR(b, n, "write a list of cgroups, like '- {path: a, memory.max: 64MiB}'",
			      "a list of cgroups is needed here, not %s", ynode_kind_name(n));
		return;
	}
	for (size_t i = 0; i < n->n && !b->t->nomem; i++)
		build_cgroup(b, n->item[i].val);
	if (b->dl->errors == before && !b->t->nomem)
		check_twice(b, n);
	if (b->dl->errors == before && !b->t->nomem)
		check_cpusets(b, n);
}

/* ---- the step ---- */

bool build_cgroup_value(struct build *b, const struct ynode *name, const struct ynode *v, enum cgroup_file *ret_file,
			int64_t *ret)
{
	struct nearest near = { .word = name->text };
	char hint[96];

	for (unsigned f = 0; f < CGF_COUNT; f++) {
		nearest_offer(&near, cgroup_file_desc[f].name);
		if (strcmp(cgroup_file_desc[f].name, name->text))
			continue;
		*ret_file = (enum cgroup_file)f;
		if (cgroup_file_desc[f].value == CG_NODES) {
			B_ERR(b, name, "set it in cgroups: pages do not move between nodes here",
			      "%s cannot be changed while the scenario runs", name->text);
			return false;
		}
		read_value(b, v, *ret_file, ret);
		return true;
	}
	B_ERR(b, name, nearest_hint(&near, hint, sizeof(hint)) ? hint : "LANGUAGE.md lists the files",
	      "unknown file '%s'", SHOW(name->text));
	return false;
}
