/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kubelet's own settings, under the names of a KubeletConfiguration, and the configuration that the engine's kubelet gets:
 * pods with what matters for their eviction, and budgets as numbers. Checks are those of pkg/kubelet/eviction/helpers.go
 * (ParseThresholdConfig).
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "models/k8s/k8s_kubelet.h"
#include "sim/scenario/didyoumean.h"
#include "sim/scenario/k8s.h"

#define E(field)        offsetof(struct k8s_eviction, field)
#define MAX_GRACE       ((int64_t)86400)
#define DEFAULT_GRACE   30
#define PRESSURE_TAINT  "node.kubernetes.io/memory-pressure"

/* ---- values ---- */

/* "1m30s", as Go's time.ParseDuration(). False: it is none. */
static bool go_duration(const char *s, sim_ns *ret)
{
	static const struct {
		const char *name;
		sim_ns ns;
	} unit[] = { { "ms", NS_PER_MS }, { "us", NS_PER_US }, { "ns", 1 },
		     { "h", 3600 * NS_PER_SEC }, { "m", 60 * NS_PER_SEC }, { "s", NS_PER_SEC } };
	sim_ns sum = 0;

	if (!strcmp(s, "0")) {
		*ret = 0;
		return true;
	}
	do {
		char *end;
		unsigned long long n;
		size_t u;

		errno = 0;
		n = *s >= '0' && *s <= '9' ? strtoull(s, &end, 10) : ULLONG_MAX;
		if (n > 1000000000 || errno)
			return false;
		for (u = 0; u < ARRAY_LEN(unit) && strncmp(end, unit[u].name, strlen(unit[u].name)); u++)
			;
		if (u == ARRAY_LEN(unit))
			return false;
		sum += n * unit[u].ns;
		s = end + strlen(unit[u].name);
	} while (*s && sum <= (sim_ns)MAX_TIME);
	*ret = sum;
	return sum <= (sim_ns)MAX_TIME;
}

static void set_duration(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	sim_ns t;

	if (!want_scalar(b, v, "a duration, like 1m30s"))
		return;
	if (!go_duration(v->text, &t))
		B_ERR(b, v, "write 30s, 1m30s or 5m, in whole numbers", "%s: '%s' is not a duration", k->name, SHOW(v->text));
	else if (t < (sim_ns)k->min)
		B_ERR(b, v, "write 1s or more", "%s: '%s' is too short", k->name, SHOW(v->text));
	else
		*(sim_ns *)field = t;
}

/* "10%", with up to four decimals: parts per million. -1: no share. */
static int64_t percent_ppm(const char *s)
{
	int64_t n = 0, decimals = -1;

	for (; *s && strcmp(s, "%"); s++) {
		if (*s == '.' && decimals < 0)
			decimals = 0;
		else if (*s >= '0' && *s <= '9' && n < 100000000 && decimals < 4) {
			n = n * 10 + (*s - '0');
			decimals += decimals >= 0;
		} else
			return -1;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 4; decimals++)
		n *= 10;
	return *s && n <= 1000000 ? n : -1;
}

static void read_amount(struct build *b, const struct ynode *v, const char *what, struct eviction_amount *ret)
{
	struct k8s_quantity q = { 0 };
	const char *wrong = NULL;

	if (!want_scalar(b, v, "a quantity or a share, like 100Mi or 10%"))
		return;
	*ret = (struct eviction_amount){ 0 };
	if (strchr(v->text, '%')) {
		int64_t ppm = percent_ppm(v->text);

		if (ppm < 0)
			B_ERR(b, v, "write a share from 0% to 100%", "%s: '%s' is not a share", what, SHOW(v->text));
		else if (ppm && ppm < 1000000) /* the kubelet takes 0% and 100% for "off" */
			ret->ppm = (uint32_t)ppm;
		return;
	}
	wrong = k8s_quantity(v->text, &q);
	if (!wrong && (q.negative || !q.value))
		wrong = "must be positive";
	if (wrong)
		B_ERR(b, v, "write 100Mi, 1Gi or 10%", "%s: '%s': %s", what, SHOW(v->text), wrong);
	else
		ret->bytes = q.value;
}

/* The value of memory.available in a mapping of signals; those of disks and PIDs have no effect here. NULL: none. */
static const struct ynode *memory_of(struct build *b, const struct ynode *v, const struct key *k)
{
	static const char *const others[] = { "nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree",
					      "containerfs.available", "containerfs.inodesFree", "pid.available" };
	const struct ynode *ret = NULL;

	if (!k8s_want_map(b, v, k))
		return NULL;
	for (size_t i = 0; i < v->n; i++) {
		const char *name = v->item[i].key->text;
		size_t o = 0;

		while (o < ARRAY_LEN(others) && strcmp(name, others[o]))
			o++;
		if (!strcmp(name, "memory.available"))
			ret = v->item[i].val;
		else if (o == ARRAY_LEN(others))
			B_ERR(b, v->item[i].key, "the one that matters is memory.available", "%s: unknown signal '%s'", k->name, SHOW(name));
	}
	return ret;
}

static void set_signals(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct ynode *n = memory_of(b, v, k);
	struct k8s_amount *a = field;

	*a = (struct k8s_amount){ .at = v };
	if (n)
		read_amount(b, n, k->name, &a->amount);
}

static void set_signal_grace(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct ynode *n = memory_of(b, v, k);
	struct k8s_eviction *e = field;

	e->grace_at = v;
	if (n)
		set_duration(b, n, &e->soft_grace, k);
	e->has_grace = n;
}

const struct key k8s_eviction_keys[K8S_EVICTION_KEYS] = {
	{ "evictionHard", set_signals, E(hard), 0, 0, "{memory.available: 100Mi}", false },
	{ "evictionSoft", set_signals, E(soft), 0, 0, "{memory.available: 10%}", false },
	{ "evictionSoftGracePeriod", set_signal_grace, 0, 1, 0, "{memory.available: 1m30s}", false },
	{ "evictionMinimumReclaim", set_signals, E(min_reclaim), 0, 0, "{memory.available: 100Mi}", false },
	{ "evictionMaxPodGracePeriod", set_i64, E(max_pod_grace), 0, MAX_GRACE, NULL, false },
	{ "evictionPressureTransitionPeriod", set_duration, E(transition), 0, 0, NULL, false },
	{ "nodeStatusUpdateFrequency", set_duration, E(status_update), NS_PER_SEC, 0, NULL, false },
	{ "housekeeping-interval", set_duration, E(housekeeping), NS_PER_SEC, 0, NULL, false },
	{ "kernelMemcgNotification", set_bool, E(memcg_notification), 0, 0, NULL, false },
	{ "pod_startup", set_duration, E(pod_startup), 0, 0, NULL, false },
};

void k8s_eviction_init(struct k8s_eviction *e)
{
	e->transition = 300 * NS_PER_SEC;
	e->status_update = e->housekeeping = 10 * NS_PER_SEC;
	e->pod_startup = 2 * NS_PER_SEC;
}

void k8s_check_eviction(struct k8s *k, const struct ynode *n)
{
	struct k8s_eviction *e = &k->eviction;
	bool soft = e->soft.amount.bytes || e->soft.amount.ppm;

	if (!e->hard.at)
		e->hard.amount = (struct eviction_amount){ .bytes = (int64_t)(100 * MIB) };
	k->node.eviction_hard = k8s_kubelet_rules.quantity(&e->hard.amount, k->node.capacity);
	if (e->memcg_notification && k->b->c->cgroup_version == 2)
		B_ERR(k->b, ynode_get(n, "kernelMemcgNotification"), "leave it out, or set cgroup_version: 1",
		      "kernelMemcgNotification has no effect with cgroup v2: there are no notifications of usage");
	if (soft && !e->has_grace)
		B_ERR(k->b, e->soft.at, "add 'evictionSoftGracePeriod: {memory.available: 1m30s}'",
		      "grace period must be specified for the soft eviction threshold memory.available");
	if (!soft && e->has_grace)
		B_ERR(k->b, e->grace_at, "add evictionSoft, or leave it out",
		      "evictionSoftGracePeriod: there is no soft eviction threshold of memory.available");
}

/* ---- pods ---- */

/* A toleration without a key that says Exists tolerates everything. */
static bool tolerates(const struct ynode *spec)
{
	const struct ynode *list = ynode_get(spec, "tolerations");

	for (size_t i = 0; list && list->kind == Y_SEQ && i < list->n; i++) {
		const struct ynode *t = list->item[i].val, *key = ynode_get(t, "key"), *op = ynode_get(t, "operator"),
				   *effect = ynode_get(t, "effect"), *value = ynode_get(t, "value");
		bool exists = op && op->kind == Y_SCALAR && !strcmp(op->text, "Exists");

		if (effect && effect->kind == Y_SCALAR && *effect->text && strcmp(effect->text, "NoSchedule"))
			continue;
		if (!key && exists)
			return true;
		if (key && key->kind == Y_SCALAR && !strcmp(key->text, PRESSURE_TAINT) && (exists || !value))
			return true;
	}
	return false;
}

/* The pod's part of a manifest: the object itself, or a controller's template. */
static const struct ynode *template_of(const struct k8s_pods *p)
{
	return p->numbered ? ynode_get(ynode_get(p->at, "spec"), "template") : p->at;
}

static const char *text_of(const struct ynode *map, const char *key, const char *otherwise)
{
	const struct ynode *v = ynode_get(map, key);

	return v && v->kind == Y_SCALAR && *v->text ? v->text : otherwise;
}

static int64_t priority_of(const struct k8s *k, const struct k8s_pods *p)
{
	for (const struct k8s_class *c = k->classes; c; c = c->next)
		if (p->priority ? p->priority->kind == Y_SCALAR && !strcmp(p->priority->text, c->name) : c->global_default)
			return c->value;
	if (!p->priority || p->priority->kind != Y_SCALAR)
		return 0;
	return !strcmp(p->priority->text, "system-node-critical") ? K8S_NODE_CRITICAL_VALUE : K8S_SYSTEM_CRITICAL;
}

static int64_t grace_of(struct k8s *k, const struct ynode *spec)
{
	const struct ynode *v = ynode_get(spec, "terminationGracePeriodSeconds");
	struct qerr e;
	int64_t n;

	if (!v || ynode_is_null(v))
		return DEFAULT_GRACE;
	if (v->kind == Y_SCALAR && !quantity_i64(v->text, &n, &e) && n >= 0 && n <= MAX_GRACE)
		return n;
	B_ERR(k->b, v, "write seconds, like 30", "terminationGracePeriodSeconds must be a whole number from 0 to %lld", (long long)MAX_GRACE);
	return DEFAULT_GRACE;
}

static bool fill_containers(struct kube_workload_cfg *w, const struct k8s_pods *p)
{
	w->container = calloc(p->ncontainer, sizeof(*w->container));
	if (!w->container)
		return !p->ncontainer;
	w->ncontainer = p->ncontainer;
	for (size_t i = 0; i < p->ncontainer; i++) {
		struct kube_container_cfg *c = &w->container[i];

		snprintf(c->name, sizeof(c->name), "%s", p->container[i].name);
		c->request = p->container[i].r.memory_request > 0 ? p->container[i].r.memory_request : 0;
		k8s_quantity_text(c->request, c->request_text);
		c->init = p->container[i].role == K8S_INIT;
		c->sidecar = p->container[i].role == K8S_SIDECAR;
	}
	return true;
}

static bool fill_workload(struct k8s *k, struct kube_workload_cfg *w, const struct k8s_pods *p)
{
	const struct ynode *spec = ynode_get(template_of(p), "spec");
	bool daemon = !strcmp(p->kind, "DaemonSet");
	enum k8s_qos qos = k8s_pod_qos(&p->pod);

	*w = (struct kube_workload_cfg){ .kind = k8s_kind(p),
					 .replicas = (unsigned)p->replicas, .qos = k8s_qos_name(qos),
					 .best_effort = qos == K8S_BEST_EFFORT, .priority = priority_of(k, p),
					 .grace = grace_of(k, spec), .tolerates = daemon || tolerates(spec) };
	w->request = k8s_pod_request(&p->pod);
	w->critical = w->priority >= K8S_SYSTEM_CRITICAL;
	snprintf(w->name, sizeof(w->name), "%s", p->name);
	snprintf(w->ns, sizeof(w->ns), "%s", text_of(ynode_get(p->at, "metadata"), "namespace", "default"));
	k8s_pods_path(p, w->path);
	return fill_containers(w, p);
}

/* ---- budgets ---- */

/* An empty selector covers everything in the namespace, as in policy/v1. */
static bool covers(const struct ynode *selector, const struct ynode *labels)
{
	const struct ynode *match = ynode_get(selector, "matchLabels");

	for (size_t i = 0; match && match->kind == Y_MAP && i < match->n; i++)
		if (match->item[i].val->kind != Y_SCALAR ||
		    strcmp(text_of(labels, match->item[i].key->text, ""), match->item[i].val->text))
			return false;
	return selector;
}

/* "2" or "50%", rounded up. */
static bool budget_number(struct k8s *k, const struct ynode *v, int64_t *ret, bool *ret_percent)
{
	char text[32];
	struct qerr e;
	size_t n = v->kind == Y_SCALAR ? strlen(v->text) : 0;

	*ret_percent = n && v->text[n - 1] == '%';
	snprintf(text, sizeof(text), "%.*s", (int)(n - *ret_percent), n ? v->text : "");
	if (n && n < sizeof(text) && !quantity_i64(text, ret, &e) && *ret >= 0 && *ret <= (*ret_percent ? 100 : K8S_MAX_PODS))
		return true;
	B_ERR(k->b, v, "write 1, 2 or 50%", "a budget needs a number of pods or a share");
	return false;
}

static bool fill_budget(struct k8s *k, struct kubelet_cfg *c, struct kube_budget_cfg *ret, const struct k8s_budget *from)
{
	const struct ynode *spec = ynode_get(from->at, "spec"), *min = ynode_get(spec, "minAvailable"),
			   *max = ynode_get(spec, "maxUnavailable");
	const struct k8s_pods *p = k->pods;
	bool percent = false;
	int64_t n = 1;

	snprintf(ret->name, sizeof(ret->name), "%s", from->name);
	snprintf(ret->ns, sizeof(ret->ns), "%s", text_of(ynode_get(from->at, "metadata"), "namespace", "default"));
	ret->covers = calloc(c->nworkload ? c->nworkload : 1, sizeof(*ret->covers));
	if (!ret->covers)
		return false;
	for (size_t i = 0; i < c->nworkload; i++, p = p->next) {
		const struct ynode *labels = ynode_get(ynode_get(template_of(p), "metadata"), "labels");

		ret->covers[i] = !strcmp(ret->ns, c->workload[i].ns) && covers(ynode_get(spec, "selector"), labels);
		ret->expected += ret->covers[i] ? c->workload[i].replicas : 0;
	}
	if (min || max)
		budget_number(k, min ? min : max, &n, &percent);
	ret->desired = k8s_budget_desired(ret->expected, n, percent, !min);
	return true;
}

/* ---- all of it ---- */

static bool fill(struct k8s *k, struct kubelet_cfg *c)
{
	size_t nbudget = 0, n = 0;

	for (const struct k8s_pods *p = k->pods; p; p = p->next)
		n++;
	for (const struct k8s_budget *g = k->budgets; g; g = g->next)
		nbudget++;
	c->workload = calloc(n ? n : 1, sizeof(*c->workload));
	c->budget = calloc(nbudget ? nbudget : 1, sizeof(*c->budget));
	if (!c->workload || !c->budget)
		return false;
	for (const struct k8s_pods *p = k->pods; p; p = p->next)
		if (!fill_workload(k, &c->workload[c->nworkload++], p))
			return false;
	for (const struct k8s_budget *g = k->budgets; g; g = g->next)
		if (!fill_budget(k, c, &c->budget[c->nbudget++], g))
			return false;
	return true;
}

void k8s_make_kubelet(struct k8s *k)
{
	const struct k8s_eviction *e = &k->eviction;
	struct kubelet_cfg *c = calloc(1, sizeof(*c));

	k->b->c->kubelet = c;
	if (!c || !fill(k, c)) {
		k->b->t->nomem = true;
		return;
	}
	c->version = k->version;
	c->rules = &k8s_kubelet_rules;
	snprintf(c->node, sizeof(c->node), "node");
	c->capacity = k->node.capacity;
	c->kubepods_limit = k8s_kubepods_limit(&k->node);
	c->nthreshold = k8s_thresholds(&e->hard.amount, &e->soft.amount, e->soft_grace, &e->min_reclaim.amount, k->set.enforce_pods,
				       c->threshold);
	c->housekeeping = e->housekeeping;
	c->transition = e->transition;
	c->status_update = e->status_update;
	c->pod_startup = e->pod_startup;
	c->max_pod_grace = e->max_pod_grace;
	c->memcg_notification = e->memcg_notification;
	c->first_process = k->first_process;
}
