/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spec of a Pod: its containers and what they ask for. Checks are those of pkg/apis/core/validation that concern memory. */
#include <string.h>

#include "sim/scenario/k8s.h"

static const char pod_fields[] =
	"+containers +restartPolicy +priorityClassName !resources !overhead !hostPID !shareProcessNamespace initContainers "
	"ephemeralContainers volumes +terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector serviceAccountName "
	"serviceAccount automountServiceAccountToken nodeName hostNetwork hostIPC securityContext imagePullSecrets hostname subdomain "
	"affinity schedulerName +tolerations hostAliases priority dnsConfig readinessGates runtimeClassName enableServiceLinks "
	"preemptionPolicy topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims";
static const char container_fields[] =
	"+name +resources image command args workingDir ports envFrom env resizePolicy restartPolicy volumeMounts volumeDevices "
	"livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy "
	"securityContext stdin stdinOnce tty";

/* "cpu" and "memory" of limits or requests. Other resources are remembered as without effect. */
static void read_list(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, int64_t *cpu, int64_t *memory)
{
	struct k8s_quantity q;

	if (n->kind != Y_MAP) {
		k8s_fields(o, n, path, "");
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->item[i].key, *v = n->item[i].val;
		struct k8s_path here = { path, key->text, 0 };
		bool known = !strcmp(key->text, "cpu") || !strcmp(key->text, "memory");

		if (!known && strcmp(key->text, "ephemeral-storage") && !strchr(key->text, '/') && strncmp(key->text, "hugepages-", 10))
			k8s_error(o, key, &here, "those that matter are cpu and memory",
				  "Invalid value: \"%s\": must be a standard resource for containers", SHOW(key->text));
		else if (!k8s_read_quantity(o, v, &here, &q))
			continue;
		else if (known)
			*(key->text[0] == 'c' ? cpu : memory) = key->text[0] == 'c' ? q.milli : q.value;
		else
			k8s_ignore(o, &here);
	}
}

static void check_pair(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, const char *what, int64_t request,
		       int64_t limit)
{
	const struct ynode *r = ynode_get(ynode_get(n, "requests"), what), *l = ynode_get(ynode_get(n, "limits"), what);
	struct k8s_path here = { path, "requests", 0 };

	if (r && l && request != K8S_UNSET && limit != K8S_UNSET && request > limit)
		k8s_error(o, r, &here, "raise the limit or lower the request",
			  "Invalid value: \"%s\": must be less than or equal to %s limit of %s", SHOW(r->text), what, SHOW(l->text));
}

static void read_resources(struct k8s_object *o, const struct ynode *n, const struct k8s_path *up, struct k8s_resources *r)
{
	const struct k8s_path path = { up, "resources", 0 }, limits = { &path, "limits", 0 }, requests = { &path, "requests", 0 };
	const struct ynode *v;

	if (!n || ynode_is_null(n) || !k8s_fields(o, n, &path, "+limits +requests claims"))
		return;
	v = ynode_get(n, "limits");
	if (v && !ynode_is_null(v))
		read_list(o, v, &limits, &r->cpu_limit, &r->memory_limit);
	v = ynode_get(n, "requests");
	if (v && !ynode_is_null(v))
		read_list(o, v, &requests, &r->cpu_request, &r->memory_request);
	check_pair(o, n, &path, "cpu", r->cpu_request, r->cpu_limit);
	check_pair(o, n, &path, "memory", r->memory_request, r->memory_limit);
}

static void read_container(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, struct k8s_pods *p, size_t i)
{
	const struct k8s_path name = { path, "name", 0 };
	struct k8s_container *c = &p->container[i];

	c->at = n;
	c->r = (struct k8s_resources){ K8S_UNSET, K8S_UNSET, K8S_UNSET, K8S_UNSET };
	if (!k8s_fields(o, n, path, container_fields))
		return;
	if (k8s_text(o, n, path, "name", true))
		k8s_name(o, ynode_get(n, "name"), &name, false, c->name);
	k8s_text(o, n, path, "image", true);
	for (size_t k = 0; k < i; k++)
		if (c->name[0] && !strcmp(p->container[k].name, c->name))
			k8s_error(o, ynode_get(n, "name"), &name, NULL, "Duplicate value: \"%s\"", c->name);
	read_resources(o, ynode_get(n, "resources"), path, &c->r);
	k8s_default_requests(&c->r);
}

static void read_restart_policy(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up, struct k8s_pods *p)
{
	const char *s = k8s_text(o, spec, up, "restartPolicy", false);
	const struct k8s_path path = { up, "restartPolicy", 0 };
	bool pod = !strcmp(o->kind, "Pod");

	if (!s)
		return;
	if (strcmp(s, "Always") && !(pod && (!strcmp(s, "OnFailure") || !strcmp(s, "Never"))))
		k8s_error(o, ynode_get(spec, "restartPolicy"), &path, NULL, "Unsupported value: \"%s\": supported values: %s", SHOW(s),
			  pod ? "\"Always\", \"OnFailure\", \"Never\"" : "\"Always\"");
	else
		p->restart = *s == 'A' ? "always" : *s == 'O' ? "on-failure" : "never";
}

void k8s_read_pod_spec(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *path, struct k8s_pods *p)
{
	const struct k8s_path list = { path, "containers", 0 };
	const struct ynode *v;

	if (!k8s_fields(o, spec, path, pod_fields))
		return;
	read_restart_policy(o, spec, path, p);
	if (k8s_text(o, spec, path, "priorityClassName", false))
		p->priority = ynode_get(spec, "priorityClassName");
	v = ynode_get(spec, "containers");
	if (!v || v->kind != Y_SEQ || !v->n) {
		if (!v || v->kind != Y_BAD)
			k8s_error(o, v ? v : spec, &list, "write a list of containers, each line starting with '- '", "Required value");
		return;
	}
	p->container = ytree_alloc(o->k->b->t, v->n * sizeof(*p->container));
	if (!p->container)
		return;
	p->ncontainer = v->n;
	for (size_t i = 0; i < v->n; i++) {
		const struct k8s_path at = { &list, NULL, i };

		read_container(o, v->item[i].val, &at, p, i);
	}
}
