/* SPDX-License-Identifier: GPL-3.0-or-later */
/* expect: what a run must show. Names are checked against every name a process of the scenario can have. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"
#include "sim/world/record.h"

#define MAX_SUGGESTIONS 1000
#define MAX_NAMES       1000

static bool is_called(const struct process_cfg *p, const char *name, size_t len)
{
	return strlen(p->comm) == len && !strncmp(p->comm, name, len);
}

/* Does the program, or a child's, fork children called `name` (`len` bytes), or any that are called PARENT.N (name NULL)? */
static bool forks(const struct program_cfg *p, const char *name, size_t len)
{
	size_t i, k;

	for (i = 0; i < p->nstep; i++) {
		const struct step_cfg *s = &p->step[i];

		if (!name && s->op == STEP_FORK && !s->child_comm[0])
			return true;
		if (name && s->child_comm[0] && strlen(s->child_comm) == len && !strncmp(s->child_comm, name, len))
			return true;
		if (forks(&s->body, name, len))
			return true;
		for (k = 0; k < s->nbranch; k++)
			if (forks(&s->branch[k], name, len))
				return true;
	}
	return false;
}

/* Length of name without a last ".number"; 0 if it has none. */
static size_t without_number(const char *name, size_t len)
{
	size_t n = len;

	while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
		n--;
	return n && n < len && name[n - 1] == '.' ? n - 1 : 0;
}

/* Can a process be called that? NAME.1 is NAME's second instance, or a child that somebody called NAME forks. */
static bool known(const struct build *b, const char *name, size_t len)
{
	size_t base = without_number(name, len), i;
	unsigned long n = base ? strtoul(name + base + 1, NULL, 10) : 0;
	bool children = false;

	for (i = 0; i < b->c->nprocess; i++) {
		const struct process_cfg *p = &b->c->process[i];

		if (is_called(p, name, len) || forks(&p->program, name, len))
			return true;
		if (base && is_called(p, name, base) && n && n < p->count)
			return true;
		children |= base && forks(&p->program, NULL, 0);
	}
	return children && known(b, name, base);
}

/* A process name that exists, into buf of SIM_COMM_LEN. */
static void get_name(struct build *b, const struct ynode *v, char *buf)
{
	static const struct key k = { "name", set_text, 0, 1, SIM_COMM_LEN - 1, NULL, false };
	struct nearest near = { .word = buf };
	char hint[96];
	size_t i;

	if (!want_scalar(b, v, "the name of a process"))
		return;
	set_text(b, v, buf, &k);
	if (!buf[0] || !b->c->nprocess || known(b, buf, strlen(buf)))
		return;
	for (i = 0; i < b->c->nprocess && i < MAX_SUGGESTIONS; i++)
		nearest_offer(&near, b->c->process[i].comm);
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint),
			 "use a name from processes, or NAME.1 for its second instance or first child");
	B_ERR(b, v, hint, "no process is ever called '%s'", SHOW(buf));
}

static void set_name(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	get_name(b, v, field);
}

static void check_bounds(struct build *b, const struct ynode *v, sim_ns after, sim_ns before)
{
	if (after >= before)
		B_ERR(b, v, "after is the earliest time, before the latest", "'after' is not earlier than 'before'");
	else if (b->c->horizon && after >= b->c->horizon)
		B_ERR(b, ynode_get(v, "after"), "expect it earlier, or make duration longer",
		      "after: the run is over by then");
}

static void *name_list(struct build *b, const struct ynode *v, size_t size, const char *of, size_t *ret_n)
{
	*ret_n = 0;
	if (v->kind != Y_SEQ || v->n <= MAX_NAMES)
		return build_array(b, v, size, of, ret_n);
	B_ERR(b, v, "expect fewer", "more than %d %s", MAX_NAMES, of);
	return NULL;
}

static const struct key victim_keys[] = {
	{ "name", set_name, offsetof(struct expect_kill, comm), 0, 0, NULL, true },
	{ "after", set_time, offsetof(struct expect_kill, after), 0, MAX_TIME, NULL, false },
	{ "before", set_time, offsetof(struct expect_kill, before), 1, MAX_TIME, NULL, false },
};

static void set_victims(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct expect_cfg *e = field;
	size_t i;

	(void)k;
	e->has_victims = true;
	e->victim = name_list(b, v, sizeof(*e->victim), "victims", &e->nvictim);
	for (i = 0; i < e->nvictim; i++) {
		const struct ynode *n = v->item[i].val;

		e->victim[i].before = SIM_NEVER;
		if (n->kind != Y_MAP) {
			get_name(b, n, e->victim[i].comm);
			continue;
		}
		build_map(b, n, "a victim", victim_keys, ARRAY_LEN(victim_keys), &e->victim[i]);
		check_bounds(b, n, e->victim[i].after, e->victim[i].before);
	}
}

static bool is_victim(const struct expect_cfg *e, const char *comm)
{
	size_t i;

	for (i = 0; i < e->nvictim; i++)
		if (!strcmp(e->victim[i].comm, comm))
			return true;
	return false;
}

static void set_not_killed(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct expect_cfg *e = field;
	size_t i;

	(void)k;
	e->not_killed = name_list(b, v, sizeof(*e->not_killed), "process names", &e->nnot_killed);
	for (i = 0; i < e->nnot_killed; i++)
		get_name(b, v->item[i].val, e->not_killed[i]);
}

static const struct key first_keys[] = {
	{ "after", set_time, offsetof(struct expect_cfg, first_kill_after), 0, MAX_TIME, NULL, false },
	{ "before", set_time, offsetof(struct expect_cfg, first_kill_before), 1, MAX_TIME, NULL, false },
};

/* A pod is called by the metadata.name of its manifest. */
static void get_workload(struct build *b, const struct ynode *v, char *buf)
{
	static const struct key k = { "name", set_text, 0, 1, KUBE_NAME_LEN - 1, NULL, false };
	const struct kubelet_cfg *c = b->c->kubelet;
	struct nearest near = { .word = buf };
	char hint[96];

	if (!want_scalar(b, v, "the metadata.name of a manifest"))
		return;
	set_text(b, v, buf, &k);
	for (size_t i = 0; c && i < c->nworkload; i++) {
		nearest_offer(&near, c->workload[i].name);
		if (!strcmp(c->workload[i].name, buf))
			return;
	}
	if (buf[0])
		B_ERR(b, v, nearest_hint(&near, hint, sizeof(hint)) ? hint : "write the metadata.name of a Pod, Deployment or DaemonSet",
		      "no manifest is called '%s'", SHOW(buf));
}

static void set_evicted(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct expect_cfg *e = field;

	(void)k;
	if (!b->c->kubelet) {
		B_ERR(b, v, "leave it out", "evicted: there are no pods without kubernetes");
		return;
	}
	e->has_evicted = true;
	e->evicted = name_list(b, v, sizeof(*e->evicted), "names of manifests", &e->nevicted);
	for (size_t i = 0; i < e->nevicted; i++)
		get_workload(b, v->item[i].val, e->evicted[i]);
}

static void set_first_kill(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct expect_cfg *e = field;

	(void)k;
	if (!build_map(b, v, "first_kill", first_keys, ARRAY_LEN(first_keys), e) && v->kind == Y_MAP && !v->n)
		B_ERR(b, v, "add 'after:' or 'before:'", "first_kill says nothing");
	if (v->kind == Y_MAP)
		check_bounds(b, v, e->first_kill_after, e->first_kill_before);
}

static void set_ended(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct expect_cfg *e = field;

	/* The words stand in the order of enum run_end. */
	set_choice(b, v, &e->ended, k);
	e->has_ended = true;
	if (e->ended == RUN_IDLE && !b->c->stop_when_idle && v->kind == Y_SCALAR && !strcmp(v->text, "idle"))
		B_ERR(b, v, "set stop_when_idle: true, or expect horizon",
		      "ended: this scenario does not stop when idle");
}

static const struct key expect_keys[] = {
	{ "victims", set_victims, 0, 0, 0, NULL, false },
	{ "not_killed", set_not_killed, 0, 0, 0, NULL, false },
	{ "evicted", set_evicted, 0, 0, 0, NULL, false },
	{ "first_kill", set_first_kill, 0, 0, 0, NULL, false },
	{ "ended", set_ended, 0, 0, 0, "horizon|idle|panic", false },
};

static void check_contradictions(struct build *b, const struct ynode *n, const struct expect_cfg *e)
{
	const struct ynode *not_killed = ynode_get(n, "not_killed"), *first = ynode_get(n, "first_kill");
	size_t i;

	if (first && e->has_victims && !e->nvictim)
		B_ERR(b, first, "remove it, or list the victims",
		      "first_kill: the list of victims says that nobody is killed");
	for (i = 0; i < e->nnot_killed; i++)
		if (e->not_killed[i][0] && is_victim(e, e->not_killed[i]))
			B_ERR(b, not_killed->item[i].val, "remove it from one of the lists",
			      "'%s' is also among the victims", SHOW(e->not_killed[i]));
}

void build_expect(struct build *b, const struct ynode *n)
{
	struct expect_cfg *e = &b->c->expect;
	unsigned before = b->dl->errors;

	e->present = true;
	build_map(b, n, "expect", expect_keys, ARRAY_LEN(expect_keys), e);
	if (b->dl->errors == before && !b->t->nomem)
		check_contradictions(b, n, e);
}
