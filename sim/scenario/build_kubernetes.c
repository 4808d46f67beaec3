/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kubernetes: the node's settings, and the way from manifests to cgroups and processes. */
#include <string.h>

#include "sim/scenario/k8s.h"

#define K(field) offsetof(struct k8s, field)

static void set_version(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int version;

	if (!want_scalar(b, v, "a version, like \"1.28\""))
		return;
	version = k8s_version(v->text);
	if (version < 0)
		B_ERR(b, v, "write \"1.28\" or another, in quotes", "%s: '%s' is not a version from 1.%d to 1.%d", k->name, SHOW(v->text),
		      K8S_OLDEST, K8S_NEWEST);
	else
		*(int *)field = version;
}

/* A quantity of Kubernetes: 100Mi. k->words: examples. */
static void set_amount(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct k8s_quantity q = { 0 };
	const char *wrong;
	char hint[64];

	snprintf(hint, sizeof(hint), "write %s", k->words);
	if (!want_scalar(b, v, "a quantity, like 100Mi"))
		return;
	wrong = k8s_quantity(v->text, &q);
	if (wrong || q.negative)
		B_ERR(b, v, hint, "%s: '%s': %s", k->name, SHOW(v->text),
		      wrong ? wrong : "must be greater than or equal to 0");
	else
		*(int64_t *)field = q.value;
}

bool k8s_want_map(struct build *b, const struct ynode *v, const struct key *k)
{
	char hint[64];

	snprintf(hint, sizeof(hint), "write %s", k->words);
	if (v->kind != Y_MAP && v->kind != Y_BAD)
		B_ERR(b, v, hint, "%s must be a mapping, not %s", k->name, ynode_kind_name(v));
	return v->kind == Y_MAP;
}

static void set_unused_amount(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int64_t unused;

	(void)field;
	set_amount(b, v, &unused, k);
}

/* kubeReserved and systemReserved: the resources that parseResourceList() of cmd/kubelet/app/server.go takes. */
static const struct key reserved_keys[] = {
	{ "memory", set_amount, 0, 0, 0, "100Mi, 1Gi or 500M", false },
	{ "cpu", set_unused_amount, 0, 0, 0, "0.5 or 500m", false },
	{ "ephemeral-storage", set_unused_amount, 0, 0, 0, "1Gi or 500M", false },
	{ "pid", set_unused_amount, 0, 0, 0, "1000", false },
};

static void set_reserved(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (k8s_want_map(b, v, k))
		build_map(b, v, k->name, reserved_keys, ARRAY_LEN(reserved_keys), field);
}

/* enum k8s_swap, whose first is that nothing is said. */
static void set_swap(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	int word = -1;

	set_choice(b, v, &word, k);
	*(int *)field = word + 1;
}

static const struct key swap_keys[] = {
	{ "swapBehavior", set_swap, 0, 0, 0, "NoSwap|LimitedSwap|UnlimitedSwap", false },
};

static void set_memory_swap(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (k8s_want_map(b, v, k))
		build_map(b, v, k->name, swap_keys, ARRAY_LEN(swap_keys), field);
}

/* Gates of what is simulated, but here as the version has it by default. */
static void note_gate(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	bool on = false;

	(void)field;
	set_bool(b, v, &on, k);
	diag_add(b->dl, DIAG_NOTE, v->file, v->line, v->column, NULL, "%s is without effect here: the version decides", k->name);
}

static const struct key gate_keys[] = {
	{ "MemoryQoS", set_bool, offsetof(struct k8s_settings, memory_qos), 0, 0, NULL, false },
	{ "NodeSwap", note_gate, 0, 0, 0, NULL, false },
	{ "PodLevelResources", note_gate, 0, 0, 0, NULL, false },
	{ "SidecarContainers", note_gate, 0, 0, 0, NULL, false },
};

static void set_feature_gates(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	if (k8s_want_map(b, v, k))
		build_map(b, v, k->name, gate_keys, ARRAY_LEN(gate_keys), field);
}

/* memoryThrottlingFactor: above 0, at most 1. */
static void set_factor(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	double x = 0;

	set_number(b, v, &x, k);
	if (x > 0)
		*(int64_t *)field = (int64_t)(x * 1000 + 0.5);
}

/* enforceNodeAllocatable: a list of what is held to its reservation; [none] or an empty one: nothing is. */
static void set_enforced(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct k8s_settings *set = field;

	set->enforce_pods = false;
	if (v->kind != Y_SEQ) {
		if (v->kind != Y_BAD)
			B_ERR(b, v, "write [pods], and system-reserved or kube-reserved besides", "a list is needed here, not %s",
			      ynode_kind_name(v));
		return;
	}
	for (size_t i = 0; i < v->n; i++) {
		const struct ynode *e = v->item[i].val;
		const char *s = e->kind == Y_SCALAR ? e->text : "";

		set->enforce_pods |= !strcmp(s, "pods");
		set->enforce_kube |= !strcmp(s, "kube-reserved");
		set->enforce_system |= !strcmp(s, "system-reserved");
		if (strcmp(s, "pods") && strcmp(s, "kube-reserved") && strcmp(s, "system-reserved") && (strcmp(s, "none") || v->n > 1))
			B_ERR(b, e, "write pods, system-reserved or kube-reserved, or none alone",
			      "%s: '%s' is not one of these", k->name, SHOW(s));
	}
}

static void set_section(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)b, (void)k;
	*(const struct ynode **)field = v;
}

/* Those that KubeletConfiguration (kubelet.config.k8s.io/v1beta1) has are spelled as there. */
static const struct key node_keys[] = {
	{ "version", set_version, K(version), 0, 0, NULL, false },
	{ "kubeReserved", set_reserved, K(node.kube_reserved), 0, 0, "{memory: 100Mi}", false },
	{ "systemReserved", set_reserved, K(node.system_reserved), 0, 0, "{memory: 100Mi}", false },
	{ "singleProcessOOMKill", set_bool, K(single_process_oom_kill), 0, 0, NULL, false },
	{ "memorySwap", set_memory_swap, K(swap_behavior), 0, 0, "{swapBehavior: LimitedSwap}", false },
	{ "featureGates", set_feature_gates, K(set), 0, 0, "{MemoryQoS: true}", false },
	{ "memoryThrottlingFactor", set_factor, K(set.throttling_factor), 1, 1000, NULL, false },
	{ "memoryReservationPolicy", set_choice, K(set.reservation_policy), 0, 0, "None|TieredReservation", false },
	{ "enforceNodeAllocatable", set_enforced, K(set), 0, 0, NULL, false },
	{ "kubeReservedCgroup", set_section, K(set.kube_cgroup), 0, 0, NULL, false },
	{ "systemReservedCgroup", set_section, K(set.system_cgroup), 0, 0, NULL, false },
	{ "manifests", set_section, K(manifests), 0, 0, NULL, true },
	{ "workloads", set_section, K(workloads), 0, 0, NULL, true },
	{ "swapBehavior", NULL, 0, 0, 0, "memorySwap: {swapBehavior: ...}", false },
	{ "MemoryQoS", NULL, 0, 0, 0, "featureGates: {MemoryQoS: ...}", false },
};

static int64_t mem_total(const struct sim_config *c)
{
	sim_pages n = 0;

	for (unsigned i = 0; i < c->machine.nnode; i++)
		for (unsigned z = 0; z < MAX_ZONES; z++)
			n += c->machine.node[i].zone[z].managed;
	return (int64_t)(n * c->machine.page_size);
}

static int64_t swap_total(const struct sim_config *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->machine.nswap; i++)
		n += c->machine.swap[i].size;
	return (int64_t)n;
}

/* The list under that key of the scenario, made if there is none; NULL: there is something else, which its builder reports. */
static struct ynode *list_of(struct build *b, struct ynode *root, const char *name, const struct ynode *at)
{
	struct ynode *list = ynode_get(root, name), *key;

	if (list)
		return list->kind == Y_SEQ ? list : NULL;
	key = ynode_new(b->t, Y_SCALAR, at);
	list = ynode_new(b->t, Y_SEQ, at);
	if (!key || !list)
		return NULL;
	key->text = ytree_strdup(b->t, name);
	return key->text && ynode_add(b->t, root, key, list) ? list : NULL;
}

void kubernetes_sections(struct build *b, struct ynode *root)
{
	const struct ynode *at = ynode_get(root, "kubernetes");

	if (!at)
		return;
	list_of(b, root, "cgroups", at);
	list_of(b, root, "processes", at);
}

/* Without pods there may be no processes, and nobody to expect anything of: one error is enough. */
static void pass_over(struct ynode *processes, struct ynode *expect)
{
	if (processes && !processes->n)
		processes->kind = Y_BAD;
	if (expect)
		expect->kind = Y_BAD;
}

/* The keys of the node and those of eviction, which lie in k->eviction, in one table. */
static void read_keys(struct k8s *k, const struct ynode *n)
{
	struct key keys[ARRAY_LEN(node_keys) + K8S_EVICTION_KEYS];

	memcpy(keys, node_keys, sizeof(node_keys));
	memcpy(keys + ARRAY_LEN(node_keys), k8s_eviction_keys, sizeof(k8s_eviction_keys));
	for (size_t i = ARRAY_LEN(node_keys); i < ARRAY_LEN(keys); i++)
		keys[i].off += K(eviction);
	build_map(k->b, n, "kubernetes", keys, ARRAY_LEN(keys), k);
}

static void read_and_emit(struct k8s *k, const struct ynode *n, struct ynode *cgroups, struct ynode *processes)
{
	struct build *b = k->b;
	unsigned before = b->dl->errors;

	read_keys(k, n);
	k8s_check_eviction(k, n);
	if (!k->manifests || !k->workloads)
		return;
	k8s_check_settings(k, n);
	k8s_read_manifests(k);
	if (k->workloads->kind != Y_SEQ) {
		if (k->workloads->kind != Y_BAD)
			B_ERR(b, k->workloads, "write a list of workloads, each line starting with '- '",
			      "a list of workloads is needed here, not %s", ynode_kind_name(k->workloads));
		return;
	}
	if (b->dl->errors == before && cgroups && processes && !b->t->nomem)
		k8s_emit(k, cgroups, processes);
}

void build_kubernetes(struct build *b, struct ynode *root, const struct ynode *n)
{
	struct k8s k = { .b = b, .version = K8S_DEFAULT, .at = n,
		       .set = { .throttling_factor = K8S_UNSET, .enforce_pods = true } };
	struct ynode *processes = list_of(b, root, "processes", n);
	unsigned before = b->dl->errors;

	b->t->reread = true; /* workloads are, for each replica of their pod */
	k.last = &k.pods;
	k8s_eviction_init(&k.eviction);
	k.swap = swap_total(b->c);
	k.node.capacity = mem_total(b->c);
	read_and_emit(&k, n, list_of(b, root, "cgroups", n), processes);
	if (b->dl->errors != before)
		pass_over(processes, ynode_get(root, "expect"));
}
