/* SPDX-License-Identifier: GPL-3.0-or-later */
/* processes: who runs, in which order of birth, and whose child it is. */
#include <stdlib.h>
#include <string.h>

#include "models/k8s/k8s.h"
#include "sim/scenario/build.h"
#include "sim/scenario/didyoumean.h"

#define P(field)         offsetof(struct process_cfg, field)
#define ALL_CAPABILITIES (CAP_SYS_ADMIN_BIT | CAP_SYS_RAWIO_BIT | CAP_SYS_RESOURCE_BIT | CAP_IPC_LOCK_BIT)
#define DEFAULT_UID      1000
#define MAX_SUGGESTIONS  1000 /* names that "did you mean" compares with */

static const struct {
	const char *name;
	unsigned bit;
} capabilities[] = {
	{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN_BIT },
	{ "CAP_SYS_RAWIO", CAP_SYS_RAWIO_BIT },
	{ "CAP_SYS_RESOURCE", CAP_SYS_RESOURCE_BIT },
	{ "CAP_IPC_LOCK", CAP_IPC_LOCK_BIT },
};

static unsigned one_capability(struct build *b, const struct ynode *v)
{
	struct nearest near = { 0 };
	char hint[128];
	size_t i;

	if (!want_scalar(b, v, "the name of a capability, like CAP_SYS_ADMIN"))
		return 0;
	near.word = v->text;
	for (i = 0; i < ARRAY_LEN(capabilities); i++) {
		nearest_offer(&near, capabilities[i].name);
		if (!strcmp(capabilities[i].name, v->text))
			return capabilities[i].bit;
	}
	if (!nearest_hint(&near, hint, sizeof(hint)))
		snprintf(hint, sizeof(hint),
			 "those that matter are CAP_SYS_ADMIN CAP_SYS_RAWIO CAP_SYS_RESOURCE CAP_IPC_LOCK");
	B_ERR(b, v, hint, "unknown capability '%s'", SHOW(v->text));
	return 0;
}

static void set_capabilities(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	unsigned bits = 0;
	size_t i;

	(void)k;
	if (v->kind != Y_SEQ && v->kind != Y_BAD)
		B_ERR(b, v, "write [CAP_SYS_ADMIN] or []", "capabilities must be a list, not %s", ynode_kind_name(v));
	for (i = 0; v->kind == Y_SEQ && i < v->n; i++)
		bits |= one_capability(b, v->item[i].val);
	*(unsigned *)field = bits;
}

struct sched {
	int policy; /* 0 other, 1 fifo */
	unsigned priority;
};

static const struct key sched_keys[] = {
	{ "policy", set_choice, offsetof(struct sched, policy), 0, 0, "other|fifo", true },
	{ "priority", set_uint, offsetof(struct sched, priority), 1, 99, NULL, false },
};

static void set_sched(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	unsigned before = b->dl->errors;
	struct sched s = { 0 };
	uint64_t seen;

	(void)k;
	if (v->kind == Y_SCALAR && !strcmp(v->text, "other"))
		return;
	seen = build_map(b, v, "sched", sched_keys, ARRAY_LEN(sched_keys), &s);
	if (b->dl->errors != before)
		return;
	if (s.policy && !(seen & 2))
		B_ERR(b, v, "add 'priority:', from 1 to 99", "sched: the fifo policy needs a priority");
	else if (!s.policy && (seen & 3) == 3)
		B_ERR(b, ynode_get(v, "priority"), "use nice, or policy: fifo",
		      "sched: priority has no effect with policy other");
	else if (s.policy)
		*(unsigned *)field = s.priority;
}

static const struct key exe_keys[] = {
	{ "size", set_size, P(exe_size), 0, (int64_t)1 << 40, NULL, false },
	{ "private", set_size, P(exe_private), 0, (int64_t)1 << 40, NULL, false },
	{ "vm", set_size, P(exe_vm), 0, MAX_BYTES, NULL, false },
	{ "commit", set_size, P(exe_commit), 0, MAX_BYTES, NULL, false },
};

static void set_exe(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct process_cfg *p = field;

	(void)k;
	build_map(b, v, "exe", exe_keys, ARRAY_LEN(exe_keys), p);
	if (v->kind == Y_MAP && ynode_get(v, "vm") && p->exe_vm < p->exe_size + p->exe_private)
		B_ERR(b, ynode_get(v, "vm"), "make vm at least as large as size and private together",
		      "exe: the address space is smaller than what is in it");
}

/* As the kubelet does it: CrashLoopBackOff, forgotten after ten minutes of running. */
static void set_restart(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct restart_cfg *r = field;

	set_choice(b, v, &r->policy, k);
	for (unsigned i = 0; i < RESTART_DELAYS; i++)
		r->delay[i] = k8s_crash_loop_back_off(i + 1) * NS_PER_SEC;
	r->forget = 600 * NS_PER_SEC;
}

static void set_workload(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	build_program(b, v, field);
	if (v->kind == Y_SEQ && !v->n)
		B_ERR(b, v, "write '- sleep: forever' for a process that only exists",
		      "an empty workload would exit at once");
}

static const struct key process_keys[] = {
	{ "name", set_text, P(comm), 1, SIM_COMM_LEN - 1, NULL, true },
	{ "count", set_u64, P(count), 1, MAX_PROCESSES, NULL, false },
	{ "uid", set_uint, P(uid), 0, UINT32_MAX - 1, NULL, false },
	{ "capabilities", set_capabilities, P(capabilities), 0, 0, NULL, false },
	{ "nice", set_int, P(nice), -20, 19, NULL, false },
	{ "sched", set_sched, P(rt_priority), 0, 0, NULL, false },
	{ "oom_score_adj", set_int, P(oom_score_adj), -1000, 1000, NULL, false },
	{ "threads", set_uint, P(threads), 1, 1024, NULL, false },
	{ "cgroup", set_cgroup, P(cgroup), 0, 0, NULL, false },
	{ "mempolicy", set_mempolicy, P(mempolicy), 0, 0, NULL, false },
	{ "parent", set_nothing, 0, 0, 0, NULL, false },
	{ "start", set_random, P(start), 0, MAX_TIME, NULL, false },
	{ "init", set_bool, P(is_init), 0, 0, NULL, false },
	{ "restart", set_restart, P(restart), 0, 0, "never|on-failure|always", false },
	{ "exe", set_exe, 0, 0, 0, NULL, false },
	{ "workload", set_workload, P(program), 0, 0, NULL, true },
};

/* The program every process of a scenario is unless it says otherwise: the one of the recordings. */
static void process_init(struct process_cfg *p)
{
	p->count = 1;
	p->uid = DEFAULT_UID;
	p->threads = 1;
	p->parent = -1;
	p->exe_size = 764 * KIB;
	p->exe_private = 56 * KIB;
	p->exe_vm = 16 * MIB;
}

static void check_init(struct build *b, const struct ynode *n, const struct process_cfg *p)
{
	if (p->count != 1)
		B_ERR(b, ynode_get(n, "count"), "leave count out", "there is only one init");
	if (ynode_get(n, "parent"))
		B_ERR(b, ynode_get(n, "parent"), "leave parent out", "init has no parent");
	if (p->restart.policy)
		B_ERR(b, ynode_get(n, "restart"), "leave restart out", "without its init a machine is at its end");
	if (p->start.kind != SIM_DIST_CONSTANT || p->start.p[0] > 0)
		B_ERR(b, ynode_get(n, "start"), "leave start out", "init starts at 0");
}

/* Instances are called COMM, COMM.1, COMM.2, ...: the longest must fit into 15 bytes as well. */
static void check_instance_names(struct build *b, const struct ynode *n, const struct process_cfg *p)
{
	char name[64], hint[64];
	int len = p->count > 1 ? snprintf(name, sizeof(name), "%s.%llu", p->comm, (unsigned long long)p->count - 1) : 0;

	if (len < SIM_COMM_LEN)
		return;
	snprintf(hint, sizeof(hint), "shorten the name by %d bytes", len - SIM_COMM_LEN + 1);
	B_ERR(b, ynode_get(n, "name"), hint,
	      "the last of %llu instances would be called '%s', which is longer than 15 bytes",
	      (unsigned long long)p->count, SHOW(name));
}

static void build_process(struct build *b, const struct ynode *n, struct process_cfg *p)
{
	unsigned before = b->dl->errors;
	const struct ynode *uid;

	process_init(p);
	build_map(b, n, "a process", process_keys, ARRAY_LEN(process_keys), p);
	if (n->kind != Y_MAP)
		return;
	uid = ynode_get(n, "uid");
	if (p->is_init && !uid)
		p->uid = 0;
	if (!ynode_get(n, "capabilities"))
		p->capabilities = p->uid ? 0 : ALL_CAPABILITIES;
	if (p->is_init)
		check_init(b, n, p);
	check_instance_names(b, n, p);
	if (ynode_get(n, "mempolicy"))
		check_mempolicy(b, ynode_get(n, "mempolicy"), p);
	/* What steps do to each other can be judged only if all of them were understood. */
	if (b->dl->errors == before && !b->damaged && !b->t->nomem)
		check_program(b, n, p);
}

/* Processes sorted by name, for looking parents up among thousands. */
struct by_name {
	const char *comm;
	size_t index;
};

static int by_comm_then_index(const void *a, const void *b)
{
	const struct by_name *x = a, *y = b;
	int c = strcmp(x->comm, y->comm);

	return c ? c : x->index < y->index ? -1 : x->index > y->index;
}

static struct by_name *sort_names(struct build *b)
{
	struct by_name *v = calloc(b->c->nprocess + 1, sizeof(*v));
	size_t i;

	if (!v) {
		b->t->nomem = true;
		return NULL;
	}
	for (i = 0; i < b->c->nprocess; i++)
		v[i] = (struct by_name){ b->c->process[i].comm, i };
	qsort(v, b->c->nprocess, sizeof(*v), by_comm_then_index);
	return v;
}

/* First of the sorted names that is not before comm. */
static size_t lower_bound(const struct by_name *v, size_t n, const char *comm)
{
	size_t lo = 0, mid;

	while (lo < n) {
		mid = lo + (n - lo) / 2;
		if (strcmp(v[mid].comm, comm) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

static void unknown_parent(struct build *b, const struct ynode *v)
{
	struct nearest near = { .word = v->text };
	char hint[96];
	size_t i;

	for (i = 0; i < b->c->nprocess && i < MAX_SUGGESTIONS; i++)
		nearest_offer(&near, b->c->process[i].comm);
	B_ERR(b, v,
	      nearest_hint(&near, hint, sizeof(hint)) ? hint
						      : "name another process of this scenario, or leave parent out",
	      "no process '%s' to be the parent", SHOW(v->text));
}

static void find_parent(struct build *b, const struct ynode *v, struct process_cfg *p, const struct by_name *names)
{
	size_t n = b->c->nprocess, i;

	if (!want_scalar(b, v, "the name of a process"))
		return;
	i = lower_bound(names, n, v->text);
	if (i == n || strcmp(names[i].comm, v->text)) {
		unknown_parent(b, v);
	} else if (i + 1 < n && !strcmp(names[i + 1].comm, v->text)) {
		B_ERR(b, v, "give the parent a name of its own", "more than one process is named '%s'", SHOW(v->text));
	} else if (&b->c->process[names[i].index] == p) {
		B_ERR(b, v, "leave parent out: init is the parent then", "a process cannot be its own parent");
	} else {
		p->parent = b->c->process[names[i].index].is_init ? -1 : (int64_t)names[i].index;
	}
}

/* Walk up from every process; a process seen earlier in the same walk closes a cycle, which is reported at the one that
 * closes it. Each process is walked over once. */
static void check_cycles(struct build *b, const struct ynode *list)
{
	size_t n = b->c->nprocess, i;
	uint32_t *walk = calloc(n + 1, sizeof(*walk)); /* number of the walk that came by; 0: none yet */
	int64_t at, next;

	if (!walk) {
		b->t->nomem = true;
		return;
	}
	for (i = 0; i < n; i++) {
		for (at = (int64_t)i; at >= 0 && !walk[at]; at = next) {
			walk[at] = (uint32_t)i + 1;
			next = b->c->process[at].parent;
			if (next >= 0 && walk[next] == (uint32_t)i + 1)
				B_ERR(b, ynode_get(list->item[at].val, "parent"), "leave one of the parents out",
				      "'%s' would be its own ancestor", SHOW(b->c->process[at].comm));
		}
	}
	free(walk);
}

static void link_parents(struct build *b, const struct ynode *list)
{
	struct by_name *names = sort_names(b);
	const struct ynode *parent;
	size_t i;

	for (i = 0; names && i < b->c->nprocess; i++) {
		parent = ynode_get(list->item[i].val, "parent");
		if (parent)
			find_parent(b, parent, &b->c->process[i], names);
	}
	free(names);
	check_cycles(b, list);
}

static void check_population(struct build *b, const struct ynode *list)
{
	uint64_t sum = 0;
	bool init = false;
	size_t i;

	for (i = 0; i < b->c->nprocess; i++) {
		const struct process_cfg *p = &b->c->process[i];

		sum += p->count;
		if (p->is_init && init)
			B_ERR(b, ynode_get(list->item[i].val, "init"), "make one of them an ordinary process",
			      "a second init");
		init |= p->is_init;
	}
	if (sum > MAX_PROCESSES)
		B_ERR(b, list, "lower the counts", "%llu processes are more than %d", (unsigned long long)sum,
		      MAX_PROCESSES);
}

void build_after(struct build *b, size_t waits, size_t first)
{
	struct after_link *l = ytree_alloc(b->t, sizeof(*l));

	if (!l)
		return;
	*l = (struct after_link){ waits, first, b->after };
	b->after = l;
}

static void link_after(struct build *b)
{
	for (const struct after_link *l = b->after; l; l = l->next)
		if (l->waits < b->c->nprocess && l->first < b->c->nprocess)
			b->c->process[l->waits].after = (uint32_t)l->first + 1;
}

void build_processes(struct build *b, const struct ynode *n)
{
	size_t i;

	b->c->process = build_array(b, n, sizeof(*b->c->process), "processes", &b->c->nprocess);
	if (n->kind == Y_SEQ && !n->n)
		B_ERR(b, n, "add at least one process", "no processes");
	for (i = 0; i < b->c->nprocess; i++)
		build_process(b, n->item[i].val, &b->c->process[i]);
	if (b->t->nomem)
		return;
	link_parents(b, n);
	link_after(b);
	check_population(b, n);
}
