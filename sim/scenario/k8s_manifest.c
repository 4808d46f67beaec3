/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifests: objects of the Kubernetes API as kubectl takes them, one after another. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/didyoumean.h"
#include "sim/scenario/k8s.h"

static const char metadata_fields[] =
	"+name +namespace +labels +ownerReferences annotations generateName uid resourceVersion generation creationTimestamp "
	"deletionTimestamp deletionGracePeriodSeconds finalizers managedFields selfLink";

#define ANY_POLICY "\"Always\", \"OnFailure\", \"Never\""
#define ALWAYS     "\"Always\""
#define JOB_POLICY "\"OnFailure\", \"Never\""

static void read_pod(struct k8s_object *o);
static void read_replicated(struct k8s_object *o);
static void read_daemon_set(struct k8s_object *o);
static void read_job(struct k8s_object *o);
static void read_priority_class(struct k8s_object *o);
static void read_budget(struct k8s_object *o);

/* Kinds without `read` do nothing to memory: they are accepted, and a note says so. */
static const struct kind {
	const char *name, *version, *or_version;
	void (*read)(struct k8s_object *o);
} kinds[] = {
	{ "Pod", "v1", NULL, read_pod },
	{ "Deployment", "apps/v1", NULL, read_replicated },
	{ "ReplicaSet", "apps/v1", NULL, read_replicated },
	{ "StatefulSet", "apps/v1", NULL, read_replicated },
	{ "DaemonSet", "apps/v1", NULL, read_daemon_set },
	{ "Job", "batch/v1", NULL, read_job },
	{ "PriorityClass", "scheduling.k8s.io/v1", NULL, read_priority_class },
	{ "PodDisruptionBudget", "policy/v1", NULL, read_budget },
	{ "ConfigMap", "v1", NULL, NULL },
	{ "CustomResourceDefinition", "apiextensions.k8s.io/v1", NULL, NULL },
	{ "ClusterRole", "rbac.authorization.k8s.io/v1", NULL, NULL },
	{ "ClusterRoleBinding", "rbac.authorization.k8s.io/v1", NULL, NULL },
	{ "HorizontalPodAutoscaler", "autoscaling/v2", "autoscaling/v1", NULL },
	{ "Ingress", "networking.k8s.io/v1", NULL, NULL },
	{ "Namespace", "v1", NULL, NULL },
	{ "NetworkPolicy", "networking.k8s.io/v1", NULL, NULL },
	{ "PersistentVolume", "v1", NULL, NULL },
	{ "PersistentVolumeClaim", "v1", NULL, NULL },
	{ "Role", "rbac.authorization.k8s.io/v1", NULL, NULL },
	{ "RoleBinding", "rbac.authorization.k8s.io/v1", NULL, NULL },
	{ "Secret", "v1", NULL, NULL },
	{ "Service", "v1", NULL, NULL },
	{ "ServiceAccount", "v1", NULL, NULL },
	{ "StorageClass", "storage.k8s.io/v1", NULL, NULL },
};

/* ---- pods and what keeps them ---- */

static struct k8s_pods *new_pods(struct k8s_object *o)
{
	struct k8s *k = o->k;
	struct k8s_pods *p;

	for (p = k->pods; p; p = p->next)
		if (o->name[0] && !strcmp(p->name, o->name) && strcmp(p->kind, o->kind))
			B_ERR(k->b, o->at, "give each its own metadata.name, by which workloads know it",
			      "%s \"%s\": a %s of that name is above", o->kind, o->name, p->kind);
	p = ytree_alloc(k->b->t, sizeof(*p));
	if (!p)
		return NULL;
	p->kind = o->kind;
	p->at = o->at;
	p->replicas = 1;
	p->policies = ALWAYS;
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
	const struct k8s_path path = { NULL, "spec", 0, false };
	struct k8s_pods *p;
	const struct ynode *spec;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +spec status");
	p = new_pods(o);
	spec = spec_of(o, o->at, &path);
	if (!p || !spec)
		return;
	p->policies = ANY_POLICY;
	k8s_read_pod_spec(o, spec, &path, p);
}

/* Every label of matchLabels is on the pods. */
static void check_selector(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up)
{
	const struct ynode *selector = ynode_get(spec, "selector"), *match = ynode_get(selector, "matchLabels"), *labels, *v;
	const struct k8s_path path = { up, "selector", 0, false }, template = { up, "template", 0, false }, metadata = { &template, "metadata", 0, false },
			      where = { &metadata, "labels", 0, false };

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
	const struct k8s_path path = { up, "template", 0, false }, inner = { &path, "spec", 0, false }, meta = { &path, "metadata", 0, false };
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

/* The pods of a controller, or NULL. fields: of its spec. A Job makes its selector itself. */
static struct k8s_pods *read_controller(struct k8s_object *o, const char *fields, const char *policies, const struct ynode **ret_spec)
{
	static const struct k8s_path path = { NULL, "spec", 0, false };
	struct k8s_pods *p;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +spec status");
	*ret_spec = spec_of(o, o->at, &path);
	if (!*ret_spec || !k8s_fields(o, *ret_spec, &path, fields))
		return NULL;
	p = new_pods(o);
	if (!p)
		return NULL;
	p->numbered = true;
	p->policies = policies;
	if (policies[1] == 'A')
		check_selector(o, *ret_spec, &path);
	read_template(o, *ret_spec, &path, p);
	return p;
}

/* How many pods there are: a whole number under a key of spec. More than a node takes is one more than it takes. */
static void read_number(struct k8s_object *o, const struct ynode *spec, const char *key, struct k8s_pods *p)
{
	static const struct k8s_path spec_path = { NULL, "spec", 0, false };
	const struct k8s_path path = { &spec_path, key, 0, false };
	const struct ynode *v = ynode_get(spec, key);
	struct qerr e;
	int64_t n;

	if (!v || ynode_is_null(v))
		return;
	if (v->kind != Y_SCALAR || quantity_i64(v->text, &n, &e))
		k8s_error(o, v, &path, "write a whole number", "Invalid value: a whole number is needed here");
	else if (n < 0)
		k8s_error(o, v, &path, NULL, "Invalid value: %lld: must be greater than or equal to 0", (long long)n);
	else
		p->replicas = n > K8S_MAX_PODS ? K8S_MAX_PODS + 1 : (int)n;
}

static void read_replicated(struct k8s_object *o)
{
	const struct ynode *spec;
	struct k8s_pods *p = read_controller(o,
					     "+replicas +selector +template strategy updateStrategy minReadySeconds revisionHistoryLimit "
					     "paused progressDeadlineSeconds serviceName podManagementPolicy volumeClaimTemplates ordinals "
					     "persistentVolumeClaimRetentionPolicy",
					     ALWAYS, &spec);

	if (p)
		read_number(o, spec, "replicas", p);
}

static void read_daemon_set(struct k8s_object *o)
{
	const struct ynode *spec;

	read_controller(o, "+selector +template updateStrategy minReadySeconds revisionHistoryLimit", ALWAYS, &spec);
}

/* `parallelism` pods at a time; what comes after them is not simulated. */
static void read_job(struct k8s_object *o)
{
	const struct ynode *spec;
	struct k8s_pods *p = read_controller(o,
					     "+parallelism +template completions backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished "
					     "completionMode suspend selector manualSelector podFailurePolicy backoffLimitPerIndex "
					     "maxFailedIndexes podReplacementPolicy successPolicy managedBy",
					     JOB_POLICY, &spec);

	if (p)
		read_number(o, spec, "parallelism", p);
}

/* ---- what comes with them ---- */

static void read_priority_class(struct k8s_object *o)
{
	static const struct k8s_path path = { NULL, "value", 0, false };
	const char *value;
	struct k8s_class *c;
	struct qerr e;
	int64_t n;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata +value globalDefault description preemptionPolicy");
	value = k8s_text(o, o->at, NULL, "value", true);
	if (value && quantity_i64(value, &n, &e))
		k8s_error(o, ynode_get(o->at, "value"), &path, "write a whole number", "Invalid value: \"%s\"", SHOW(value));
	else if (value && n > 1000000000)
		k8s_error(o, ynode_get(o->at, "value"), &path, NULL, "Forbidden: maximum allowed value of a user defined priority is 1000000000");
	else if (value)
		k8s_ignore(o, &path);
	c = ytree_alloc(o->k->b->t, sizeof(*c));
	if (!c)
		return;
	snprintf(c->name, sizeof(c->name), "%s", o->name);
	c->next = o->k->classes;
	o->k->classes = c;
}

/* Budgets hold back voluntary disruptions alone: no OOM kill asks them. */
static void read_budget(struct k8s_object *o)
{
	static const struct k8s_path path = { NULL, "spec", 0, false };
	const struct ynode *spec;

	k8s_fields(o, o->at, NULL, "+apiVersion +kind +metadata spec status");
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
			      "pods come from Pod, Deployment, ReplicaSet, StatefulSet, DaemonSet and Job",
		      "objects of kind \"%s\" are not simulated", SHOW(kind->text));
		return NULL;
	}
	if (!strcmp(version->text, kinds[i].version) || (kinds[i].or_version && !strcmp(version->text, kinds[i].or_version)))
		return &kinds[i];
	snprintf(hint, sizeof(hint), "write 'apiVersion: %s'", kinds[i].version);
	B_ERR(b, version, hint, "no matches for kind \"%s\" in version \"%s\"", kinds[i].name, SHOW(version->text));
	return NULL;
}

static void read_metadata(struct k8s_object *o, char name[K8S_NAME_LEN])
{
	static const struct k8s_path path = { NULL, "metadata", 0, false }, name_path = { &path, "name", 0, false };
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

/* Nothing that Kubernetes keeps has the name of another of its kind. */
static void remember(struct k8s_object *o)
{
	struct k8s *k = o->k;
	struct k8s_manifest *m;

	for (m = k->objects; m; m = m->next)
		if (o->name[0] && !strcmp(m->kind, o->kind) && !strcmp(m->name, o->name)) {
			B_ERR(k->b, o->at, "give each its own metadata.name", "%s \"%s\": another of that name is above", o->kind, o->name);
			break;
		}
	m = ytree_alloc(k->b->t, sizeof(*m));
	if (!m)
		return;
	*m = (struct k8s_manifest){ .kind = o->kind, .at = o->at, .next = k->objects };
	snprintf(m->name, sizeof(m->name), "%s", o->name);
	k->objects = m;
	k->nobject++;
}

void k8s_read_manifest(struct k8s *k, const struct ynode *n)
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
	remember(&o);
	if (kind->read)
		kind->read(&o);
	else
		diag_add(k->b->dl, DIAG_NOTE, n->file, n->line, n->column, NULL, "%s \"%s\": has no effect here", o.kind, name);
	k8s_note_ignored(&o);
}
