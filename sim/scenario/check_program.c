/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks a program as it would run and checks what its steps do to regions: used before they exist, mapped twice, written
 * although read-only, reached beyond their end, larger together than an address space. What depends on chance (choose), on
 * time (clone_vm) or on the round of a loop is "maybe" and passes.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

#define UNKNOWN UINT64_MAX

enum presence { ABSENT, MAYBE, PRESENT };

struct region {
	enum presence is;
	enum region_kind kind;
	bool readonly;
	bool mapped;    /* by mmap in the loop body being walked */
	uint64_t size;  /* bytes, or UNKNOWN */
	uint64_t count; /* of mappings: NAME, NAME.1, ... */
};

struct regions {
	struct region v[MAX_REGIONS];
};

struct walk {
	struct build *b;
	char (*name)[SIM_NAME_LEN]; /* of region i; MAX_REGIONS of them */
	size_t n;
	bool lenient; /* in a child that shares memory with a parent that runs on: any region of the program may exist */
	bool stop;
};

static void walk_program(struct walk *w, const struct ynode *n, const struct program_cfg *p, struct regions *r);

static int find_region(const struct walk *w, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (strlen(w->name[i]) == len && !strncmp(w->name[i], name, len))
			return (int)i;
	return -1;
}

/* NAME, or the NAME of NAME.1. */
static int find_any(const struct walk *w, const char *name)
{
	const char *dot = strrchr(name, '.');
	int i = find_region(w, name, strlen(name));

	if (i < 0 && dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
		i = find_region(w, name, (size_t)(dot - name));
	return i;
}

static void add_name(struct walk *w, const struct ynode *at, const char *name)
{
	if (w->stop || find_region(w, name, strlen(name)) >= 0)
		return;
	if (w->n == MAX_REGIONS) {
		B_ERR(w->b, at, "use 'count:' of mmap for many mappings", "more than %d regions in one process",
		      MAX_REGIONS);
		w->stop = true;
		return;
	}
	memcpy(w->name[w->n++], name, SIM_NAME_LEN);
}

/* The names of all regions the program ever makes. */
static void collect(struct walk *w, const struct ynode *at, const struct program_cfg *p)
{
	size_t i, k;

	for (i = 0; i < p->nstep; i++) {
		const struct step_cfg *s = &p->step[i];

		if (s->op == STEP_MMAP || s->op == STEP_GROW)
			add_name(w, at, s->region);
		collect(w, at, &s->body);
		for (k = 0; k < s->nbranch; k++)
			collect(w, at, &s->branch[k]);
	}
}

/* The region a step uses, or NULL after an error or when nothing is known of it. */
static struct region *use(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct nearest near = { .word = s->region };
	const struct ynode *at = ynode_get(v, "region");
	int i = find_any(w, s->region);
	char hint[160];
	size_t k;

	if (i >= 0 && r->v[i].is == PRESENT)
		return &r->v[i];
	if (i >= 0 && (r->v[i].is == MAYBE || w->lenient))
		return NULL;
	for (k = 0; i < 0 && k < w->n; k++)
		nearest_offer(&near, w->name[k]);
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint), "map it first, with mmap or leak");
	B_ERR(w->b, at, hint, "region '%s' does not exist at this step", SHOW(s->region));
	return NULL;
}

static void check_space(struct walk *w, const struct ynode *v, const struct regions *r)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < w->n; i++)
		if (r->v[i].is == PRESENT && r->v[i].size != UNKNOWN)
			sum += u64_min(r->v[i].size, MAX_BYTES) * r->v[i].count > (uint64_t)MAX_BYTES
				       ? (uint64_t)MAX_BYTES + 1
				       : r->v[i].size * r->v[i].count;
	if (sum > (uint64_t)MAX_BYTES)
		B_ERR(w->b, v, "map less", "the regions together exceed the 128TiB of an address space");
}

static void on_mmap(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	int i = find_region(w, s->region, strlen(s->region));
	struct region *g = &r->v[i];

	if (g->is == PRESENT)
		B_ERR(w->b, ynode_get(v, "region"), "choose another name, or munmap it first",
		      "region '%s' is already mapped", SHOW(s->region));
	*g = (struct region){ PRESENT, s->kind, s->readonly, true, s->size, s->count };
	check_space(w, v, r);
}

static void on_leak(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct region *g = &r->v[find_region(w, s->region, strlen(s->region))];

	if (g->is == PRESENT && g->kind != REGION_ANON)
		B_ERR(w->b, ynode_get(v, "region"), "leak into an anonymous region",
		      "region '%s' is no anonymous memory", SHOW(s->region));
	else if (g->is == PRESENT && g->readonly)
		B_ERR(w->b, ynode_get(v, "region"), "leave 'readonly' out where it is mapped",
		      "region '%s' is read-only", SHOW(s->region));
	if (g->is == ABSENT)
		*g = (struct region){ PRESENT, REGION_ANON, false, false, 0, 1 };
	if (!s->size || g->size == UNKNOWN || !u64_add(g->size, s->size, &g->size))
		g->size = UNKNOWN;
	check_space(w, v, r);
}

/* [offset, offset + size) against a region's size. */
static void check_extent(struct walk *w, const struct ynode *v, const struct step_cfg *s, const struct region *g)
{
	const char *key = s->offset ? "offset" : "size";
	char size[32];
	uint64_t end;

	if (g->size == UNKNOWN)
		return;
	quantity_show_size(size, sizeof(size), g->size);
	if (s->offset && s->offset >= g->size)
		B_ERR(w->b, ynode_get(v, "offset"), "start inside the region", "offset: region '%s' has only %s",
		      SHOW(s->region), size);
	else if (!u64_add(s->offset, s->size, &end) || end > g->size)
		B_ERR(w->b, ynode_get(v, key), "use less, or make the region larger",
		      "%s: that is more than the %s of region '%s'", key, size, SHOW(s->region));
}

static void on_touch(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct region *g = use(w, v, s, r);

	if (!g)
		return;
	if (s->write && g->readonly)
		B_ERR(w->b, ynode_get(v, "op"), "use 'op: read', or map it without 'readonly'",
		      "region '%s' is read-only", SHOW(s->region));
	check_extent(w, v, s, g);
}

static void on_munmap(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct region *g = use(w, v, s, r);

	if (!g)
		return;
	check_extent(w, v, s, g);
	if (!s->size || s->size >= g->size)
		g->is = ABSENT;
	else if (g->size != UNKNOWN)
		g->size -= s->size;
}

static void on_madvise(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct region *g = use(w, v, s, r);

	if (!g)
		return;
	check_extent(w, v, s, g);
	if (s->madv_free && g->kind != REGION_ANON)
		B_ERR(w->b, ynode_get(v, "advice"), "use 'advice: dontneed'",
		      "MADV_FREE works on anonymous memory only");
}

/* What is known after one of two ways was taken; a is both input and result. */
static void join(struct regions *a, const struct regions *b)
{
	size_t i;

	for (i = 0; i < MAX_REGIONS; i++) {
		struct region *x = &a->v[i];
		const struct region *y = &b->v[i];

		if (x->is == PRESENT && y->is == PRESENT)
			x->size = x->size == y->size ? x->size : UNKNOWN;
		else if (x->is != ABSENT || y->is != ABSENT)
			*x = (struct region){ MAYBE, REGION_ANON, false, false, UNKNOWN, 1 };
	}
}

/* A loop's later rounds start from what the first one left. */
static void on_loop(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct regions before = *r;
	size_t i;

	for (i = 0; i < w->n; i++)
		r->v[i].mapped = false;
	walk_program(w, ynode_get(v, "steps"), &s->body, r);
	for (i = 0; i < w->n; i++) {
		struct region *g = &r->v[i];

		if (s->count != 1 && g->is == PRESENT && g->mapped && before.v[i].is == ABSENT)
			B_ERR(w->b, v, "munmap it in the loop, or map it before",
			      "region '%s' would be mapped again in every round", SHOW(w->name[i]));
		if (s->count != 1 && g->is == PRESENT && g->size != before.v[i].size)
			g->size = UNKNOWN;
		g->mapped |= before.v[i].mapped;
	}
}

static void on_choose(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct regions start = *r, one;
	size_t i;

	for (i = 0; i < s->nbranch; i++) {
		one = start;
		walk_program(w, ynode_get(v->item[i].val, "steps"), &s->branch[i], &one);
		if (i)
			join(r, &one);
		else
			*r = one;
	}
}

/* fork copies the address space; a vfork child works in it while the parent waits; a clone_vm child beside the parent. */
static void on_child(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	struct regions child = *r;
	bool lenient = w->lenient;

	if (s->op == STEP_CLONE_VM)
		w->lenient = true;
	walk_program(w, ynode_get(v, "steps"), &s->body, s->op == STEP_VFORK ? r : &child);
	w->lenient = lenient;
	if (s->op == STEP_CLONE_VM)
		join(r, &child);
}

static void walk_step(struct walk *w, const struct ynode *v, const struct step_cfg *s, struct regions *r)
{
	switch (s->op) {
	case STEP_MMAP:
		on_mmap(w, v, s, r);
		break;
	case STEP_GROW:
		on_leak(w, v, s, r);
		break;
	case STEP_TOUCH:
		on_touch(w, v, s, r);
		break;
	case STEP_MLOCK:
	case STEP_MUNLOCK:
		if (s->region[0])
			use(w, v, s, r);
		break;
	case STEP_MUNMAP:
		on_munmap(w, v, s, r);
		break;
	case STEP_MADVISE:
		on_madvise(w, v, s, r);
		break;
	case STEP_FORK:
	case STEP_VFORK:
	case STEP_CLONE_VM:
		on_child(w, v, s, r);
		break;
	case STEP_LOOP:
		on_loop(w, v, s, r);
		break;
	case STEP_CHOOSE:
		on_choose(w, v, s, r);
		break;
	default:
		break;
	}
}

static void walk_program(struct walk *w, const struct ynode *n, const struct program_cfg *p, struct regions *r)
{
	const struct ynode *step;
	size_t i;

	for (i = 0; i < p->nstep; i++) {
		step = n->item[i].val;
		walk_step(w, step->kind == Y_MAP ? step->item[0].val : step, &p->step[i], r);
	}
}

void check_program(struct build *b, const struct ynode *process, const struct process_cfg *p)
{
	const struct ynode *workload = ynode_get(process, "workload");
	struct walk w = { .b = b, .name = calloc(MAX_REGIONS, SIM_NAME_LEN) };
	struct regions *r = calloc(1, sizeof(*r));

	if (w.name && r) {
		collect(&w, workload, &p->program);
		if (!w.stop)
			walk_program(&w, workload, &p->program, r);
	} else {
		b->t->nomem = true;
	}
	free(r);
	free(w.name);
}
