/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * requests and limits of containers and pods, and overhead. Checks are those of pkg/apis/core/validation (ValidateResourceRequirements,
 * validatePodResources) that concern CPU and memory, in its words.
 */
#include <string.h>

#include "sim/scenario/k8s.h"

/* Other resources that may stand beside cpu and memory: without effect here. */
static bool is_other(const char *name)
{
	return !strcmp(name, "ephemeral-storage") || strchr(name, '/') || !strncmp(name, "hugepages-", 10);
}

/* "cpu" and "memory" of limits, requests or overhead. */
static void read_list(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, int64_t *cpu,
		      int64_t *memory)
{
	struct k8s_quantity q;

	if (n->kind != Y_MAP) {
		k8s_fields(o, n, path, "");
		return;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *key = n->item[i].key, *v = n->item[i].val;
		struct k8s_path here = { path, key->text, 0, true };
		bool known = !strcmp(key->text, "cpu") || !strcmp(key->text, "memory");

		if (!known && !is_other(key->text))
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

static const struct ynode *given(const struct ynode *n, const char *key)
{
	const struct ynode *v = n ? ynode_get(n, key) : NULL;

	return v && !ynode_is_null(v) ? v : NULL;
}

static void check_pair(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path, const char *what,
		       int64_t request, int64_t limit)
{
	const struct ynode *r = ynode_get(ynode_get(n, "requests"), what), *l = ynode_get(ynode_get(n, "limits"), what);
	struct k8s_path here = { path, "requests", 0, false };

	if (r && l && request != K8S_UNSET && limit != K8S_UNSET && request > limit)
		k8s_error(o, r, &here, "raise the limit or lower the request",
			  "Invalid value: \"%s\": must be less than or equal to %s limit of %s", SHOW(r->text), what,
			  SHOW(l->text));
}

void k8s_read_resources(struct k8s_object *o, const struct ynode *n, const struct k8s_path *up, struct k8s_resources *r)
{
	const struct k8s_path path = { up, "resources", 0, false }, limits = { &path, "limits", 0, false },
			      requests = { &path, "requests", 0, false };

	*r = (struct k8s_resources){ K8S_UNSET, K8S_UNSET, K8S_UNSET, K8S_UNSET };
	if (!n || ynode_is_null(n) || !k8s_fields(o, n, &path, "+limits +requests claims"))
		return;
	if (given(n, "limits"))
		read_list(o, given(n, "limits"), &limits, &r->cpu_limit, &r->memory_limit);
	if (given(n, "requests"))
		read_list(o, given(n, "requests"), &requests, &r->cpu_request, &r->memory_request);
	check_pair(o, n, &path, "cpu", r->cpu_request, r->cpu_limit);
	check_pair(o, n, &path, "memory", r->memory_request, r->memory_limit);
}

/* The admission of a RuntimeClass writes this field; here it may stand by itself. */
void k8s_read_overhead(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up, struct k8s_pods *p)
{
	const struct k8s_path path = { up, "overhead", 0, false };
	int64_t cpu = 0;

	if (given(spec, "overhead"))
		read_list(o, given(spec, "overhead"), &path, &cpu, &p->pod.overhead);
}

/* ---- spec.resources ---- */

static void check_sum(struct k8s_object *o, const struct ynode *n, const struct k8s_path *path,
		      const struct k8s_pods *p)
{
	const struct ynode *request = ynode_get(ynode_get(n, "requests"), "memory"),
			   *limit = ynode_get(ynode_get(n, "limits"), "memory");
	const struct k8s_path requests = { path, "requests", 0, false }, memory = { &requests, "memory", 0, true };
	int64_t sum = k8s_containers_request(&p->pod);
	char text[32];

	k8s_show_bytes(text, sum);
	if (request && p->pod.own.memory_request != K8S_UNSET && p->pod.own.memory_request < sum)
		k8s_error(o, request, &memory, "raise it, or lower the requests of the containers",
			  "Invalid value: \"%s\": must be greater than or equal to aggregate container requests of %s",
			  SHOW(request->text), text);
	else if (!request && limit && p->pod.own.memory_limit != K8S_UNSET && p->pod.own.memory_limit < sum)
		k8s_error(o, limit, &requests,
			  "raise the limit, or lower the requests of the containers, whose sum is the default",
			  "Invalid value: \"%s\": must be less than or equal to memory limit of %s", text,
			  SHOW(limit->text));
}

static void check_containers(struct k8s_object *o, const struct ynode *n, const struct k8s_path *up,
			     const struct k8s_pods *p)
{
	const struct ynode *limit = ynode_get(ynode_get(n, "limits"), "memory"), *v;
	size_t init = 0;

	while (init < p->ncontainer && p->container[init].role != K8S_REGULAR)
		init++;
	for (size_t i = 0; limit && p->pod.own.memory_limit != K8S_UNSET && i < p->ncontainer; i++) {
		const struct k8s_path list = { up, i < init ? "initContainers" : "containers", 0, false },
				      at = { &list, NULL, i < init ? i : i - init, false },
				      resources = { &at, "resources", 0, false },
				      limits = { &resources, "limits", 0, false },
				      memory = { &limits, "memory", 0, true };

		v = ynode_get(ynode_get(ynode_get(p->container[i].at, "resources"), "limits"), "memory");
		if (v && p->container[i].r.memory_limit > p->pod.own.memory_limit)
			k8s_error(o, v, &memory, "raise the pod's limit or lower the container's",
				  "Invalid value: \"%s\": must be less than or equal to pod limits of %s",
				  SHOW(v->text), SHOW(limit->text));
	}
}

void k8s_read_pod_resources(struct k8s_object *o, const struct ynode *spec, const struct k8s_path *up,
			    struct k8s_pods *p)
{
	const struct k8s_path path = { up, "resources", 0, false };
	const struct ynode *n = given(spec, "resources");
	unsigned before = o->k->b->dl->errors;

	k8s_read_resources(o, n, up, &p->pod.own);
	if (!n || o->k->b->dl->errors != before)
		return;
	if (o->k->version < 32) {
		k8s_error(o, n, &path, "choose version \"1.32\" or later, or write them in the containers",
			  "resources of a pod came with Kubernetes 1.32");
		return;
	}
	check_sum(o, n, &path, p);
	check_containers(o, n, up, p);
	k8s_default_pod_requests(&p->pod);
}
