/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The eviction manager's decisions about memory. Sources, of Kubernetes:
 *	pkg/kubelet/eviction/eviction_manager.go: synchronize(), evictPod()
 *	pkg/kubelet/eviction/helpers.go: thresholdsMet(), thresholdsFirstObservedAt(), nodeConditionsObservedSince(),
 *		thresholdsMetGracePeriod(), addAllocatableThresholds(), evictionMessage()
 *	pkg/kubelet/pod_workers.go: calculateEffectiveGracePeriod(); issue 115819 and PR 124063: from 1.22 to 1.30 a hard eviction
 *		waits for the pod's own grace period, since 1.31 one second; issue 118172: evictionMaxPodGracePeriod was put in the pod's
 *		place whether longer or not, since 1.32 it is the smaller of both
 *	runc PR 3933 (in 1.29): usage of the root of cgroup v2 is anon + file, before that all that is not free
 *	pkg/kubelet/kuberuntime/kuberuntime_container.go and _manager.go: events; PR 113216 (BackOff names the container, 1.26), PR 134043
 *		(Created and Started do not, 1.35)
 *	apimachinery pkg/util/rand: SafeEncodeString()
 * Left out: signals of disks, inodes and PIDs, and what the kubelet reclaims for them; thresholds are of memory alone.
 */
#include "models/k8s/k8s_kubelet.h"

#include <stdio.h>
#include <string.h>

/* ---- thresholds ---- */

static int64_t quantity(const struct eviction_amount *a, int64_t capacity)
{
	return a->ppm ? (int64_t)((__int128)capacity * a->ppm / 1000000) : a->bytes;
}

size_t k8s_thresholds(const struct eviction_amount *hard, const struct eviction_amount *soft, sim_ns soft_grace,
		      const struct eviction_amount *min_reclaim, bool enforce_pods, struct eviction_threshold ret[KUBE_THRESHOLDS])
{
	size_t n = 0;

	if (hard->bytes || hard->ppm)
		ret[n++] = (struct eviction_threshold){ SIGNAL_MEMORY, *hard, *min_reclaim, 0 };
	if (soft->bytes || soft->ppm)
		ret[n++] = (struct eviction_threshold){ SIGNAL_MEMORY, *soft, *min_reclaim, soft_grace };
	if (enforce_pods && (hard->bytes || hard->ppm))
		ret[n++] = (struct eviction_threshold){ SIGNAL_ALLOCATABLE, *hard, *min_reclaim, 0 };
	return n;
}

/* Strictly below; one that drove evictions also has to pass its minimum reclaim. */
static bool is_met(const struct eviction_threshold *t, const struct eviction_observation *obs, bool enforce_min_reclaim)
{
	const struct eviction_observation *o = &obs[t->signal];
	int64_t limit = quantity(&t->value, o->capacity);

	if (enforce_min_reclaim)
		limit += quantity(&t->min_reclaim, o->capacity);
	return limit > o->available;
}

static int sync(const struct eviction_threshold *t, size_t n, sim_ns transition, const struct eviction_observation *obs, sim_ns now,
		struct eviction_state *s)
{
	bool any = false;
	int first = -1;

	for (size_t i = 0; i < n; i++) {
		bool met = is_met(&t[i], obs, false) || (s->met[i] && is_met(&t[i], obs, true));

		if (met && !s->observed[i])
			s->first_observed[i] = now;
		s->observed[i] = met;
		s->met[i] = met && now - s->first_observed[i] >= t[i].grace;
		if (s->met[i] && first < 0)
			first = (int)i;
		any |= met;
	}
	if (any) {
		s->ever_pressure = true;
		s->last_pressure = now;
	}
	s->pressure = s->ever_pressure && now - s->last_pressure < transition;
	return first;
}

static int order(const struct eviction_candidate *a, const struct eviction_candidate *b)
{
	struct k8s_pod_usage x = { a->request, a->usage, a->priority }, y = { b->request, b->usage, b->priority };

	return k8s_eviction_order(&x, &y);
}

/* ---- the way a pod ends ---- */

/* A grace period of 0 counts as not given from 1.22 on, and nothing is shorter than 1. Before, it was handed on as it is. */
static int64_t grace(int version, bool hard, int64_t max_pod, int64_t own)
{
	int64_t want = hard ? version >= 31 : version >= 32 && own < max_pod ? own : max_pod;

	if (version < 22)
		return want;
	if (!want)
		want = own;
	return want < 1 ? 1 : want;
}

static unsigned daemon_back_off(unsigned n)
{
	return n < 11 ? 1u << (n - 1) : 900;
}

/* ---- memory ---- */

static int64_t root_usage(int version, unsigned cgroup_version, int64_t total, int64_t free, int64_t anon, int64_t file)
{
	return cgroup_version == 2 && version < 29 ? total - free : anon + file;
}

/* ---- texts ---- */

static void with_unit(int64_t bytes, int64_t step, const char *const *unit, char ret[24])
{
	while (bytes && bytes % step == 0 && unit[1]) {
		bytes /= step;
		unit++;
	}
	snprintf(ret, 24, "%lld%s", (long long)bytes, *unit);
}

void k8s_quantity_text(int64_t bytes, char ret[24])
{
	static const char *const binary[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", NULL },
				  *const decimal[] = { "", "k", "M", "G", "T", "P", "E", NULL };
	char other[24];

	with_unit(bytes, 1024, binary, ret);
	with_unit(bytes, 1000, decimal, other);
	if (strlen(other) < strlen(ret))
		memcpy(ret, other, sizeof(other));
}

/* The message's sizes are of the binary form alone. */
static void binary_text(int64_t bytes, char ret[24])
{
	static const char *const unit[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", NULL };

	with_unit(bytes, 1024, unit, ret);
}

static size_t add(char ret[KUBE_TEXT_LEN], size_t n, const char *text)
{
	int len = snprintf(ret + n, KUBE_TEXT_LEN - n, "%s", text);

	return n + (size_t)len < KUBE_TEXT_LEN ? n + (size_t)len : KUBE_TEXT_LEN - 1;
}

/* Until 1.25 without the threshold, and about containers in other words. */
static void message(int version, const struct eviction_text *t, char ret[KUBE_TEXT_LEN])
{
	char line[256], a[24], b[24];
	size_t n = add(ret, 0, "The node was low on resource: memory. ");

	if (version >= 26) {
		binary_text(t->threshold, a);
		binary_text(t->available, b);
		snprintf(line, sizeof(line), "Threshold quantity: %s, available: %s. ", a, b);
		n = add(ret, n, line);
	}
	for (size_t i = 0; i < t->ncontainer; i++) {
		const struct eviction_container *c = &t->container[i];

		if (c->usage <= c->request)
			continue;
		binary_text(c->usage, a);
		if (version >= 26)
			snprintf(line, sizeof(line), "Container %s was using %s, request is %s, has larger consumption of memory. ",
				 c->name, a, c->request_text);
		else
			snprintf(line, sizeof(line), "Container %s was using %s, which exceeds its request of %s. ", c->name, a,
				 c->request_text);
		n = add(ret, n, line);
	}
}

/* An UUID's form; what it says does not matter. */
static void back_off_text(int version, const struct kube_subject *s, char *ret)
{
	unsigned long long id = s->uid;

	if (version < 26)
		snprintf(ret, KUBE_TEXT_LEN, "Back-off restarting failed container");
	else
		snprintf(ret, KUBE_TEXT_LEN, "Back-off restarting failed container %s in pod %s_%s(%08llx-%04llx-4%03llx-8%03llx-%012llx)",
			 s->container, s->pod, s->ns, id >> 32, id >> 16 & 0xffff, id >> 4 & 0xfff, id & 0xfff, id & 0xffffffffffff);
}

static void taint_text(int version, char *ret)
{
	if (version < 24)
		snprintf(ret, KUBE_TEXT_LEN, "0/1 nodes are available: 1 node(s) had taint {node.kubernetes.io/memory-pressure: }, "
					     "that the pod didn't tolerate.");
	else
		snprintf(ret, KUBE_TEXT_LEN, "0/1 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/memory-pressure: }. "
					     "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.");
}

static void container_text(int version, const char *what, const struct kube_subject *s, char *ret)
{
	if (version >= 35)
		snprintf(ret, KUBE_TEXT_LEN, "Container %s", what);
	else if (version >= 32 && *what == 'c')
		snprintf(ret, KUBE_TEXT_LEN, "Created container: %s", s->container);
	else
		snprintf(ret, KUBE_TEXT_LEN, "%s container %s", *what == 'c' ? "Created" : "Started", s->container);
}

static void event_text(int version, enum kube_text what, const struct kube_subject *s, char ret[KUBE_TEXT_LEN])
{
	static const char pressure[] = "The node had condition: [MemoryPressure]. ";

	switch (what) {
	case TEXT_CREATED:
	case TEXT_STARTED:
		container_text(version, what == TEXT_CREATED ? "created" : "started", s, ret);
		break;
	case TEXT_BACK_OFF:
		back_off_text(version, s, ret);
		break;
	case TEXT_TAINT:
		taint_text(version, ret);
		break;
	case TEXT_PRESSURE:
		snprintf(ret, KUBE_TEXT_LEN, "%s", pressure);
		break;
	case TEXT_REJECTED:
		snprintf(ret, KUBE_TEXT_LEN, "%s%s", version < 27 ? "Pod " : "Pod was rejected: ", pressure);
		break;
	}
}

/* ---- names ---- */

static const char letters[] = "bcdfghjklmnpqrstvwxz2456789"; /* no vowels, nothing that looks like one */
#define NLETTERS (sizeof(letters) - 1)

static void suffix(uint64_t number, unsigned n, char *ret)
{
	for (unsigned i = 0; i < n; i++, number /= NLETTERS)
		ret[i] = letters[number % NLETTERS];
	ret[n] = 0;
}

/* SafeEncodeString() of the number's digits. */
static void template_hash(uint32_t number, char ret[11])
{
	snprintf(ret, 11, "%u", number);
	for (char *s = ret; *s; s++)
		*s = letters[(unsigned char)*s % NLETTERS];
}

/* ---- budgets ---- */

unsigned k8s_budget_desired(unsigned expected, int64_t value, bool percent, bool unavailable)
{
	int64_t n = percent ? ((int64_t)expected * value + 99) / 100 : value;

	if (!unavailable)
		return (unsigned)n;
	return n < expected ? expected - (unsigned)n : 0;
}

const struct kubelet_rules k8s_kubelet_rules = {
	.sync = sync,
	.quantity = quantity,
	.order = order,
	.grace = grace,
	.root_usage = root_usage,
	.available = k8s_memory_available,
	.message = message,
	.text = event_text,
	.suffix = suffix,
	.template_hash = template_hash,
	.daemon_back_off = daemon_back_off,
};
