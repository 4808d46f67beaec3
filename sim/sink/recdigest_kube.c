/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of a Kubernetes node; their tags follow those of recdigest.c. */
#include "sim/sink/recdigest.h"

enum tag { TAG_POD = 9, TAG_KUBE_EVENT, TAG_WORKLOAD };

static void numbers(struct digest *d, const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		digest_u64(d, v[i]);
}

static void container(struct digest *d, const struct rec_container *c)
{
	const uint64_t v[] = { c->state,    (uint64_t)c->exit_code, c->started,      c->finished,     c->restarts,
			       c->has_last, (uint64_t)c->last_exit_code, c->last_started, c->last_finished };

	digest_str(d, c->name);
	digest_str(d, c->reason);
	digest_str(d, c->last_reason);
	numbers(d, v, ARRAY_LEN(v));
}

void recdigest_pod(struct digest *d, const struct rec_pod *r)
{
	const char *const s[] = { r->ns, r->name, r->kind, r->owner, r->cgroup, r->qos, r->phase, r->status, r->reason, r->message };
	const uint64_t v[] = { TAG_POD, r->t_ns, r->created_ns, r->restarted_ns, r->uid, r->ready, r->restarts, r->ncontainer };

	numbers(d, v, ARRAY_LEN(v));
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		digest_str(d, s[i]);
	for (size_t i = 0; i < r->ncontainer; i++)
		container(d, &r->container[i]);
}

void recdigest_kube_event(struct digest *d, const struct rec_kube_event *r)
{
	const char *const s[] = { r->reason, r->kind, r->ns, r->name, r->message, r->owner };
	const uint64_t v[] = { TAG_KUBE_EVENT, r->t_ns, r->warning, r->refused };

	numbers(d, v, ARRAY_LEN(v));
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		digest_str(d, s[i]);
}

void recdigest_workload(struct digest *d, const struct rec_workload *r)
{
	const char *const s[] = { r->kind, r->ns, r->name };
	const uint64_t v[] = { TAG_WORKLOAD, r->t_ns, r->desired, r->ready, r->evicted };

	numbers(d, v, ARRAY_LEN(v));
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		digest_str(d, s[i]);
}
