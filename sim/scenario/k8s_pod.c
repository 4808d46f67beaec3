/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spec of a Pod: its containers, in which order they run and what is done when they end. */
#include <string.h>

#include "sim/scenario/k8s.h"

static const char pod_fields[] = "+containers +initContainers +restartPolicy +priorityClassName +resources +overhead "
				 "!hostPID !shareProcessNamespace "
				 "+volumes ephemeralContainers terminationGracePeriodSeconds activeDeadlineSeconds "
				 "dnsPolicy nodeSelector serviceAccountName "
				 "serviceAccount automountServiceAccountToken nodeName hostNetwork hostIPC "
				 "securityContext imagePullSecrets hostname subdomain "
				 "affinity schedulerName tolerations hostAliases priority dnsConfig readinessGates "
				 "runtimeClassName enableServiceLinks "
				 "preemptionPolicy topologySpreadConstraints setHostnameAsFQDN os hostUsers "
				 "schedulingGates resourceClaims hostnameOverride";
static const char container_fields[] = "+name +resources +restartPolicy image command args workingDir ports envFrom "
				       "env resizePolicy !restartPolicyRules volumeMounts "
				       "volumeDevices livenessProbe readinessProbe startupProbe lifecycle "
				       "terminationMessagePath terminationMessagePolicy imagePullPolicy "
				       "securityContext stdin stdinOnce tty";

/* In the words of a process; NULL: none of the policies. */
static const char *policy(const char *s)
{
	return !strcmp(s, "Always")      ? "always"
	       : !strcmp(s, "OnFailure") ? "on-failure"
	       : !strcmp(s, "Never")     ? "never"
					 : NULL;
}

/* restartPolicy of a container: makes a sidecar of an init container (1.28); since 1.34 others may have one, too. */
static void read_container_policy(struct k8s_object *o, const struct ynode *n, const struct k8s_path *up,
				  struct k8s_container *c, bool init)
{
	const char *s = k8s_text(o, n, up, "restartPolicy", false);
	const struct k8s_path path = { up, "restartPolicy", 0, false };
	const struct ynode *at = ynode_get(n, "restartPolicy");
	bool any = o->k->version >= 34;

	if (!s)
		return;
	if (init && o->k->version < 28)
		k8s_error(o, at, &path, "choose version \"1.28\" or later", "sidecars came with Kubernetes 1.28");
	else if (!init && !any)
		k8s_error(o, at, &path, "a sidecar is one of initContainers",
			  "Forbidden: may not be set for non-init containers");
	else if (!policy(s) || (*s != 'A' && !any))
		k8s_error(o, at, &path, NULL, "Unsupported value: \"%s\": supported values: \"Always\"%s", SHOW(s),
			  any ? ", \"Never\", \"OnFailure\"" : "");
	else
		c->restart = policy(s);
	if (init && !strcmp(s, "Always"))
		c->role = K8S_SIDECAR;
}

static void read_container(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, struct k8s_pods *p,
			   size_t i, bool init)
{
	const struct k8s_path name = { path, "name", 0, false };
	struct k8s_container *c = &p->container[i];

	c->at = n;
	c->role = init ? K8S_INIT : K8S_REGULAR;
	c->restart =
		init && !strcmp(p->restart, "always") ? "on-failure" : p->restart; /* an init container is to end */
	if (!k8s_fields(o, n, path, container_fields))
		return;
	if (k8s_text(o, n, path, "name", true))
		k8s_name(o, ynode_get(n, "name"), &name, false, c->name);
	k8s_text(o, n, path, "image", true);
	read_container_policy(o, n, path, c, init);
	for (size_t k = 0; k < i; k++)
		if (c->name[0] && !strcmp(p->container[k].name, c->name))
			k8s_error(o, ynode_get(n, "name"), &name, NULL, "Duplicate value: \"%s\"", c->name);
	k8s_read_resources(o, ynode_get(n, "resources"), path, &c->r);
	k8s_default_requests(&c->r);
}

static void read_restart_policy(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up,
				struct k8s_pods *p)
{
	const char *s = k8s_text(o, spec, up, "restartPolicy", false);
	const struct k8s_path path = { up, "restartPolicy", 0, false };
	const struct ynode *at = s ? ynode_get(spec, "restartPolicy") : spec;

	if (!s && p->policies[1] != 'A') {
		k8s_error(o, at, &path, "add 'restartPolicy: Never' or OnFailure", "Required value: valid values: %s",
			  p->policies);
		return;
	}
	if (!s)
		return;
	if (!policy(s) || !strstr(p->policies, s))
		k8s_error(o, at, &path, NULL, "Unsupported value: \"%s\": supported values: %s", SHOW(s), p->policies);
	else
		p->restart = policy(s);
}

/* A list of containers under a key; NULL, with an error unless it may be missing: there is none. */
static const struct ynode *list_of(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *path,
				   bool required)
{
	const struct ynode *v = ynode_get(spec, path->field);

	if (v && v->kind == Y_SEQ && (v->n || !required))
		return v;
	if (v ? v->kind != Y_BAD && (required || !ynode_is_null(v)) : required)
		k8s_error(o, v ? v : spec, path, "write a list of containers, each line starting with '- '",
			  "Required value");
	return NULL;
}

static void read_list(struct k8s_object *o, const struct ynode *v, const struct k8s_path *list, struct k8s_pods *p,
		      bool init)
{
	for (size_t i = 0; v && i < v->n; i++) {
		const struct k8s_path at = { list, NULL, i, false };

		read_container(o, v->item[i].val, &at, p, p->ncontainer++, init);
	}
}

/* The same once more as the rules take it. */
static void fill_pod(struct k8s_object *o, struct k8s_pods *p)
{
	struct k8s_resources *r = ytree_alloc(o->k->b->t, p->ncontainer * sizeof(*r));
	enum k8s_role *role = ytree_alloc(o->k->b->t, p->ncontainer * sizeof(*role));

	if (!r || !role)
		return;
	for (size_t i = 0; i < p->ncontainer; i++) {
		r[i] = p->container[i].r;
		role[i] = p->container[i].role;
	}
	p->pod.container = r;
	p->pod.role = role;
	p->pod.n = p->ncontainer;
}

/* Volumes are disks, and none here; but those in memory are not. */
static void read_volumes(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up)
{
	const struct k8s_path path = { up, "volumes", 0, false };
	const struct ynode *v = ynode_get(spec, "volumes");

	for (size_t i = 0; v && v->kind == Y_SEQ && i < v->n; i++) {
		const struct k8s_path at = { &path, NULL, i, false }, dir = { &at, "emptyDir", 0, false },
				      here = { &dir, "medium", 0, false };
		const struct ynode *medium = ynode_get(ynode_get(v->item[i].val, "emptyDir"), "medium");

		if (medium && medium->kind == Y_SCALAR && !strcmp(medium->text, "Memory"))
			k8s_error(o, medium, &here, "leave it out, and map a region of kind shmem in the workload",
				  "this field has an effect that is not simulated");
	}
	if (v)
		k8s_ignore(o, &path);
}

void k8s_read_pod_spec(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *path, struct k8s_pods *p)
{
	const struct k8s_path init_path = { path, "initContainers", 0, false },
			      list_path = { path, "containers", 0, false };
	const struct ynode *init, *list;

	if (!k8s_fields(o, spec, path, pod_fields))
		return;
	read_restart_policy(o, spec, path, p);
	read_volumes(o, spec, path);
	if (k8s_text(o, spec, path, "priorityClassName", false))
		p->priority = ynode_get(spec, "priorityClassName");
	init = list_of(o, spec, &init_path, false);
	list = list_of(o, spec, &list_path, true);
	if (!list)
		return;
	p->container = ytree_alloc(o->k->b->t, ((init ? init->n : 0) + list->n) * sizeof(*p->container));
	if (!p->container)
		return;
	read_list(o, init, &init_path, p, true);
	read_list(o, list, &list_path, p, false);
	fill_pod(o, p);
	k8s_read_overhead(o, spec, path, p);
	k8s_read_pod_resources(o, spec, path, p);
}
