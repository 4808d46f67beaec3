/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifests: objects of the Kubernetes API as kubectl takes them, one after another. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/didyoumean.h"
#include "sim/scenario/k8s.h"

static const char metadata_fields[] =
	"+name +namespace +labels annotations generateName uid resourceVersion generation creationTimestamp deletionTimestamp "
	"deletionGracePeriodSeconds ownerReferences finalizers managedFields selfLink";

static void read_pod(struct k8s_object *o);
static void read_deployment(struct k8s_object *o);
static void read_daemon_set(struct k8s_object *o);
static void read_priority_class(struct k8s_object *o);
static void read_budget(struct k8s_object *o);

static const struct kind {
	const char *name, *version;
	void (*read)(struct k8s_object *o);
} kinds[] = {
	{ "Pod", "v1", read_pod },
	{ "Deployment", "apps/v1", read_deployment },
	{ "DaemonSet", "apps/v1", read_daemon_set },
	{ "PriorityClass", "scheduling.k8s.io/v1", read_priority_class },
	{ "PodDisruptionBudget", "policy/v1", read_budget },
};

/* ---- pods and what keeps them ---- */

static struct k8s_pods *new_pods(struct k8s_object *o)
{
	struct k8s *k = o->k;
	struct k8s_pods *p;

	for (p = k->pods; p; p = p->next)
		if (o->name[0] && !strcmp(p->name, o->name))
			B_ERR(k->b, o->at, "give each its own metadata.name", "%s \"%s\": %s of that name is above", o->kind, o->name,
			      strcmp(p->kind, o->kind) ? "something" : "another");
	p = ytree_alloc(k->b->t, sizeof(*p));
	if (!p)
		return NULL;
	p->kind = o->kind;
	p->at = o->at;
	p->replicas = 1;
	p->restart = "always";
	snprintf(p->name, sizeof(p->name), "%s", o->name);
	*k->last = p;
	k->last = &p->next;
	return p;
}

static const struct ynode *spec_of(struct k8s_object *o, const struct ynode *map, const struct k8s_path *path)
{
	const struct ynode *spec = ynode_get(map, "spec");

	if (!spec)
		k8s_error(o, map, path, "add 'spec:'", "Required value");
	return spec;
}

static void read_pod(struct k8s_object *o)
{
	const struct k8s_path path = { NULL, "spec", 0 };
	struct k8s_pods *p;
	const struct ynode *spec;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +spec status");
	p = new_pods(o);
	spec = spec_of(o, o->at, &path);
	if (p && spec)
		k8s_read_pod_spec(o, spec, &path, p);
}

/* Every label of matchLabels is on the pods. */
static void check_selector(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up)
{
	const struct ynode *selector = ynode_get(spec, "selector"), *match = ynode_get(selector, "matchLabels"), *labels, *v;
	const struct k8s_path path = { up, "selector", 0 }, template = { up, "template", 0 }, metadata = { &template, "metadata", 0 },
			      where = { &metadata, "labels", 0 };

	if (!selector || selector->kind != Y_MAP) {
		k8s_error(o, selector ? selector : spec, &path, "add 'selector: {matchLabels: {app: ...}}'", "Required value");
		return;
	}
	labels = ynode_get(ynode_get(ynode_get(spec, "template"), "metadata"), "labels");
	for (size_t i = 0; match && match->kind == Y_MAP && i < match->n; i++) {
		v = ynode_get(labels, match->item[i].key->text);
		if (v && v->kind == Y_SCALAR && match->item[i].val->kind == Y_SCALAR && !strcmp(v->text, match->item[i].val->text))
			continue;
		k8s_error(o, v ? v : labels ? labels : match, &where, "give the pods the labels that the selector looks for",
			  "Invalid value: `selector` does not match template `labels`");
		return;
	}
}

static void read_template(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up, struct k8s_pods *p)
{
	const struct k8s_path path = { up, "template", 0 }, inner = { &path, "spec", 0 }, meta = { &path, "metadata", 0 };
	const struct ynode *t = ynode_get(spec, "template"), *v;

	if (!t) {
		k8s_error(o, spec, &path, "add 'template:' with the pod's metadata and spec", "Required value");
		return;
	}
	if (!k8s_fields(o, t, &path, "+metadata +spec"))
		return;
	v = ynode_get(t, "metadata");
	if (v)
		k8s_fields(o, v, &meta, metadata_fields);
	v = spec_of(o, t, &inner);
	if (v)
		k8s_read_pod_spec(o, v, &inner, p);
}

static void read_controller(struct k8s_object *o, const char *fields, struct k8s_pods **ret, const struct ynode **ret_spec)
{
	static const struct k8s_path path = { NULL, "spec", 0 };
	const struct ynode *spec;

	*ret = NULL;
	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +spec status");
	spec = spec_of(o, o->at, &path);
	if (!spec || !k8s_fields(o, spec, &path, fields))
		return;
	*ret = new_pods(o);
	*ret_spec = spec;
	if (!*ret)
		return;
	(*ret)->numbered = true;
	check_selector(o, spec, &path);
	read_template(o, spec, &path, *ret);
}

static void read_deployment(struct k8s_object *o)
{
	static const struct k8s_path spec_path = { NULL, "spec", 0 }, path = { &spec_path, "replicas", 0 };
	const struct ynode *spec, *v;
	struct k8s_pods *p;
	struct qerr e;
	int64_t n;

	read_controller(o, "+replicas +selector +template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds", &p,
			&spec);
	v = p ? ynode_get(spec, "replicas") : NULL;
	if (!v || ynode_is_null(v))
		return;
	if (v->kind != Y_SCALAR || quantity_i64(v->text, &n, &e))
		k8s_error(o, v, &path, "write a whole number", "Invalid value: a whole number is needed here");
	else if (n < 0)
		k8s_error(o, v, &path, NULL, "Invalid value: %lld: must be greater than or equal to 0", (long long)n);
	else
		p->replicas = n > K8S_MAX_PODS ? K8S_MAX_PODS + 1 : (int)n;
}

static void read_daemon_set(struct k8s_object *o)
{
	const struct ynode *spec;
	struct k8s_pods *p;

	read_controller(o, "+selector +template updateStrategy minReadySeconds revisionHistoryLimit", &p, &spec);
}

/* ---- what comes with them ---- */

static void read_priority_class(struct k8s_object *o)
{
	static const struct k8s_path path = { NULL, "value", 0 };
	const char *value;
	struct k8s_class *c;
	struct qerr e;
	int64_t n;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +value +globalDefault description preemptionPolicy");
	value = k8s_text(o, o->at, NULL, "value", true);
	if (value && quantity_i64(value, &n, &e))
		k8s_error(o, ynode_get(o->at, "value"), &path, "write a whole number", "Invalid value: \"%s\"", SHOW(value));
	else if (value && n > 1000000000)
		k8s_error(o, ynode_get(o->at, "value"), &path, NULL, "Forbidden: maximum allowed value of a user defined priority is 1000000000");
	c = ytree_alloc(o->k->b->t, sizeof(*c));
	if (!c)
		return;
	snprintf(c->name, sizeof(c->name), "%s", o->name);
	c->value = value && !quantity_i64(value, &n, &e) ? n : 0;
	value = k8s_text(o, o->at, NULL, "globalDefault", false);
	c->global_default = value && !strcmp(value, "true");
	c->next = o->k->classes;
	o->k->classes = c;
}

/* Budgets hold back voluntary disruptions alone: neither OOM kills nor evictions by the kubelet ask them. */
static void read_budget(struct k8s_object *o)
{
	static const struct k8s_path path = { NULL, "spec", 0 };
	struct k8s_budget **last = &o->k->budgets, *b = ytree_alloc(o->k->b->t, sizeof(*b));
	const struct ynode *spec;

	if (!b)
		return;
	while (*last)
		last = &(*last)->next;
	*last = b;
	b->at = o->at;
	snprintf(b->name, sizeof(b->name), "%s", o->name);

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +spec status");
	spec = spec_of(o, o->at, &path);
	if (!spec || !k8s_fields(o, spec, &path, "+minAvailable +maxUnavailable +selector unhealthyPodEvictionPolicy"))
		return;
	if (ynode_get(spec, "minAvailable") && ynode_get(spec, "maxUnavailable"))
		k8s_error(o, ynode_get(spec, "maxUnavailable"), &path, NULL,
			  "Invalid value: minAvailable and maxUnavailable cannot be both set");
}

/* ---- one object ---- */

static const struct kind *kind_of(struct build *b, const struct ynode *n)
{
	const struct ynode *kind = ynode_get(n, "kind"), *version = ynode_get(n, "apiVersion");
	struct nearest near = { 0 };
	char hint[160];
	size_t i;

	if (!kind || kind->kind != Y_SCALAR || !version || version->kind != Y_SCALAR) {
		B_ERR(b, n, "a manifest begins with 'apiVersion: v1' and 'kind: Pod', or others", "%s not set",
		      !kind || kind->kind != Y_SCALAR ? "kind" : "apiVersion");
		return NULL;
	}
	near.word = kind->text;
	for (i = 0; i < ARRAY_LEN(kinds) && strcmp(kinds[i].name, kind->text); i++)
		nearest_offer(&near, kinds[i].name);
	if (i == ARRAY_LEN(kinds)) {
		B_ERR(b, kind,
		      nearest_hint(&near, hint, sizeof(hint)) ?
			      hint :
			      "kinds are Pod, Deployment, DaemonSet, PriorityClass and PodDisruptionBudget",
		      "objects of kind \"%s\" are not simulated", SHOW(kind->text));
		return NULL;
	}
	if (!strcmp(version->text, kinds[i].version))
		return &kinds[i];
	snprintf(hint, sizeof(hint), "write 'apiVersion: %s'", kinds[i].version);
	B_ERR(b, version, hint, "no matches for kind \"%s\" in version \"%s\"", kinds[i].name, SHOW(version->text));
	return NULL;
}

static void read_metadata(struct k8s_object *o, char name[K8S_NAME_LEN])
{
	static const struct k8s_path path = { NULL, "metadata", 0 }, name_path = { &path, "name", 0 };
	const struct ynode *m = ynode_get(o->at, "metadata");

	if (!m)
		k8s_error(o, o->at, &name_path, "add 'metadata: {name: ...}'", "Required value");
	else if (m->kind != Y_MAP)
		k8s_fields(o, m, &path, metadata_fields);
	else if (k8s_text(o, m, &path, "name", true))
		k8s_name(o, ynode_get(m, "name"), &name_path, true, name);
	if (m && m->kind == Y_MAP)
		k8s_fields(o, m, &path, metadata_fields);
}

static void read_manifest(struct k8s *k, const struct ynode *n)
{
	struct k8s_object o = { .k = k, .at = n };
	char name[K8S_NAME_LEN] = "";
	const struct kind *kind;

	if (!want_map(k->b, n, "a manifest"))
		return;
	kind = kind_of(k->b, n);
	if (!kind)
		return;
	o.kind = kind->name;
	o.name = name;
	read_metadata(&o, name);
	kind->read(&o);
	k8s_note_ignored(&o);
}

void k8s_read_manifests(struct k8s *k)
{
	const struct ynode *n = k->manifests;

	if (n->kind != Y_SEQ) {
		if (n->kind != Y_BAD)
			B_ERR(k->b, n, "write a list of manifests, each line starting with '- '", "a list of manifests is needed here, not %s",
			      ynode_kind_name(n));
		return;
	}
	for (size_t i = 0; i < n->n && !k->b->t->nomem; i++)
		read_manifest(k, n->item[i].val);
}
