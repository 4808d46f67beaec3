/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Programs: which step a node is, the steps that are not mappings of keys, and what holds for a list of steps as a whole. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build_steps.h"
#include "sim/scenario/didyoumean.h"

static const char *const step_names[STEP_OP_COUNT] = {
#define X(id, name, help) [STEP_##id] = name,
	STEP_MAP(X)
#undef X
};

/* 146 years: the most a draw can give, and beyond every horizon. */
#define FOREVER ((double)(UINT64_C(1) << 62))

static void sleep_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	static const struct key k = { "sleep", set_random, 0, 0, MAX_TIME, NULL, false };

	if (v->kind == Y_SCALAR && !strcmp(v->text, "forever"))
		s->time = (struct sim_dist){ SIM_DIST_CONSTANT, { FOREVER } };
	else
		set_random(b, v, &s->time, &k);
}

static void spin_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	static const struct key k = { "spin", set_random, 0, 0, MAX_TIME, NULL, false };

	set_random(b, v, &s->time, &k);
}

static void adj_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	static const struct key k = { "oom_score_adj", set_i64, 0, -1000, 1000, NULL, false };

	set_i64(b, v, &s->value, &k);
}

static void exit_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	static const struct key k = { "exit", set_i64, 0, 0, 255, NULL, false };

	set_i64(b, v, &s->value, &k);
}

static void wait_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	(void)s;
	if (v->kind != Y_BAD && !ynode_is_null(v))
		B_ERR(b, v, "write '- wait'", "wait waits for all children and takes nothing");
}

static void sysctl_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	if (v->kind == Y_MAP && v->n == 1)
		build_sysctl(b, v->item[0].key, v->item[0].val, &s->sysctl, &s->value);
	else if (v->kind != Y_BAD)
		B_ERR(b, v, "write 'sysctl: {vm.swappiness: 10}', one step for each",
		      "a sysctl step sets exactly one sysctl");
}

struct branch {
	double weight;
	struct program_cfg program;
};

static void set_steps(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	build_program(b, v, field);
}

static const struct key branch_keys[] = {
	{ "weight", set_number, offsetof(struct branch, weight), 0, INT64_C(1000000000000), NULL, true },
	{ "steps", set_steps, offsetof(struct branch, program), 0, 0, NULL, true },
};

static void choose_step(struct build *b, const struct ynode *v, struct step_cfg *s)
{
	unsigned before = b->dl->errors;
	double sum = 0;
	size_t i, n;

	s->branch = build_array(b, v, sizeof(*s->branch), "branches {weight: 1, steps: [...]}", &n);
	if (!n) {
		if (v->kind == Y_SEQ && !v->n)
			B_ERR(b, v, "add a branch {weight: 1, steps: [...]}", "choose has nothing to choose from");
		return;
	}
	s->nbranch = n;
	s->weight = calloc(n, sizeof(*s->weight));
	if (!s->weight) {
		b->t->nomem = true;
		return;
	}
	for (i = 0; i < n; i++) {
		struct branch br = { 0 };

		build_map(b, v->item[i].val, "a branch", branch_keys, ARRAY_LEN(branch_keys), &br);
		s->branch[i] = br.program;
		s->weight[i] = br.weight;
		sum += br.weight;
	}
	if (sum <= 0 && b->dl->errors == before)
		B_ERR(b, v, "give at least one branch a weight above 0", "choose: all weights are 0");
}

/* Steps whose value is read whole. */
static void (*const value_steps[STEP_OP_COUNT])(struct build *b, const struct ynode *v, struct step_cfg *s) = {
	[STEP_SLEEP] = sleep_step, [STEP_SPIN] = spin_step,     [STEP_SET_ADJ] = adj_step,   [STEP_EXIT] = exit_step,
	[STEP_WAIT] = wait_step,   [STEP_SYSCTL] = sysctl_step, [STEP_CHOOSE] = choose_step,
};

static bool find_step(struct build *b, const struct ynode *name, enum step_op *ret)
{
	struct nearest near = { .word = name->text };
	char hint[256];
	size_t len;
	unsigned op;

	for (op = 0; op < STEP_OP_COUNT; op++) {
		nearest_offer(&near, step_names[op]);
		if (!strcmp(name->text, step_names[op])) {
			*ret = (enum step_op)op;
			return true;
		}
	}
	if (!nearest_hint(&near, hint, sizeof(hint))) {
		len = (size_t)snprintf(hint, sizeof(hint), "steps are");
		for (op = 0; op < STEP_OP_COUNT && len < sizeof(hint); op++)
			len += (size_t)snprintf(hint + len, sizeof(hint) - len, " %s", step_names[op]);
	}
	B_ERR(b, name, hint, "unknown step '%s'", SHOW(name->text));
	return false;
}

/* "mlock: all": the one value that is no mapping. False: the step is to be read by its keys. */
static bool locks_all(struct build *b, const struct ynode *v, const struct step_cfg *s)
{
	if ((s->op != STEP_MLOCK && s->op != STEP_MUNLOCK) || v->kind != Y_SCALAR)
		return false;
	if (strcmp(v->text, "all"))
		B_ERR(b, v, "write 'all' or {region: NAME}", "%s: '%s' is neither", step_names[s->op], SHOW(v->text));
	return true;
}

static bool takes_time(const struct program_cfg *p);

/* Whether one round of a step surely or possibly lets simulated time pass: what a loop must contain to make progress. */
static bool step_takes_time(const struct step_cfg *s)
{
	size_t i;

	switch (s->op) {
	case STEP_GROW:
	case STEP_TOUCH:
	case STEP_READ:
	case STEP_WRITE:
	case STEP_FORK:
	case STEP_VFORK:
	case STEP_CLONE_VM:
	case STEP_EXIT:
	case STEP_CGROUP_WAIT:
		return true;
	case STEP_MMAP: /* until the address space or max_map_count ends */
	case STEP_MUNMAP:
		return true;
	case STEP_SLEEP:
	case STEP_SPIN:
		return s->time.kind != SIM_DIST_CONSTANT ? s->time.p[0] > 0 || s->time.p[1] > 0 : s->time.p[0] > 0;
	case STEP_LOOP:
		return takes_time(&s->body);
	case STEP_CHOOSE:
		for (i = 0; i < s->nbranch; i++)
			if (s->weight[i] > 0 && takes_time(&s->branch[i]))
				return true;
		return false;
	default:
		return false;
	}
}

static bool takes_time(const struct program_cfg *p)
{
	size_t i;

	for (i = 0; i < p->nstep; i++)
		if (step_takes_time(&p->step[i]))
			return true;
	return false;
}

static void check_loop(struct build *b, const struct ynode *v, const struct step_cfg *s)
{
	if (!takes_time(&s->body))
		B_ERR(b, v, "add a sleep, spin, touch, leak, read or write to its steps",
		      "a loop in which no time passes would go round for ever");
}

static void keyed_step(struct build *b, const struct ynode *v, const char *name, struct step_cfg *s)
{
	const struct step_keys *k = &step_keys[s->op];
	unsigned before = b->dl->errors;

	build_map(b, v, name, k->keys, k->nkeys, s);
	/* Checks look at several keys together, so they want all of them right. */
	if (b->dl->errors != before || b->t->nomem)
		return;
	if (k->check)
		k->check(b, v, s);
	if (s->op == STEP_LOOP)
		check_loop(b, v, s);
}

/* The name and value of a step: "- wait" or "- sleep: 2s". NULL after an error. */
static const struct ynode *step_name(struct build *b, const struct ynode *n, const struct ynode **value)
{
	*value = NULL;
	if (n->kind == Y_SCALAR && !ynode_is_null(n))
		return n;
	if (n->kind == Y_MAP && n->n == 1) {
		*value = n->item[0].val;
		return n->item[0].key;
	}
	if (n->kind == Y_MAP && n->n > 1)
		B_ERR(b, n->item[1].key,
		      "start each step with its own '- '; the keys of a step stand indented below it, or in {}",
		      "a step has one name; '%s' is a second one", SHOW(n->item[1].key->text));
	else if (n->kind != Y_BAD)
		B_ERR(b, n, "write a step like '- sleep: 2s'", "a step is needed here, not %s", ynode_kind_name(n));
	return NULL;
}

static void build_step(struct build *b, const struct ynode *n, struct step_cfg *s)
{
	const struct ynode *v, *name = step_name(b, n, &v);
	char hint[64];

	s->line = n->line;
	if (!name || !find_step(b, name, &s->op))
		return;
	snprintf(hint, sizeof(hint), "write '- %s: ...'", step_names[s->op]);
	if (!v && s->op != STEP_WAIT)
		B_ERR(b, n, hint, "%s needs a value", step_names[s->op]);
	else if (v && value_steps[s->op])
		value_steps[s->op](b, v, s);
	else if (v && !locks_all(b, v, s))
		keyed_step(b, v, step_names[s->op], s);
}

/* Steps after which a program does not go on. A leak may end by failing, so it is not one. */
static bool never_ends(const struct step_cfg *s)
{
	return s->op == STEP_EXIT || (s->op == STEP_LOOP && !s->count) ||
	       (s->op == STEP_SLEEP && s->time.kind == SIM_DIST_CONSTANT && s->time.p[0] == FOREVER);
}

void build_program(struct build *b, const struct ynode *n, struct program_cfg *ret)
{
	unsigned before;
	size_t i;

	ret->step = build_array(b, n, sizeof(*ret->step), "steps", &ret->nstep);
	for (i = 0; i < ret->nstep; i++) {
		before = b->dl->errors;
		build_step(b, n->item[i].val, &ret->step[i]);
		if (b->dl->errors == before && i + 1 < ret->nstep && never_ends(&ret->step[i]))
			B_ERR(b, n->item[i + 1].val, "remove them, or move them up",
			      "steps after '%s' are never reached", step_names[ret->step[i].op]);
	}
}
