/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kubelet's eviction of pods: its own unit tests with their numbers, its documentation, and two of its end-to-end tests. */
#include <stdio.h>

#include "models/k8s/k8s_kubelet.h"
#include "tests/conformance/conformance.h"

#define RULES (&k8s_kubelet_rules)
#define MI    (INT64_C(1) << 20)
#define GI    (INT64_C(1) << 30)
#define MIN   (60 * NS_PER_SEC)

struct pod {
	const char *name;
	struct eviction_candidate c;
};

/* The pods of TestMemoryPressure and TestMinReclaim, MiB. */
static const struct pod pressure_pods[] = {
	{ "guaranteed-low-priority-high-usage", { 1024, 900, -1 } },   { "burstable-below-requests", { 100, 50, 0 } },
	{ "burstable-above-requests", { 100, 400, 0 } },               { "best-effort-high-priority-high-usage", { 0, 400, 1 } },
	{ "best-effort-low-priority-low-usage", { 0, 100, -1 } },
};

/* Who of n goes first. */
static const char *first(const struct pod *p, size_t n)
{
	const struct pod *best = p;

	for (size_t i = 1; i < n; i++)
		if (RULES->order(&p[i].c, &best->c) < 0)
			best = &p[i];
	return best->name;
}

static void exceeds_request(struct check *c)
{
	const struct eviction_candidate above = { 100 * MI, 101 * MI, 1 }, below = { 200 * MI, 199 * MI, -1 };

	expect(c, RULES->order(&above, &below) < 0, "who is above its request does not go first");
	expect(c, RULES->order(&below, &above) > 0, "the order depends on who is asked first");
}

static void by_usage(struct check *c)
{
	static const struct pod pods[] = { { "best-effort-high", { 0, 500, 0 } },    { "best-effort-low", { 0, 300, 0 } },
					   { "burstable-high", { 100, 800, 0 } },    { "burstable-low", { 100, 300, 0 } },
					   { "guaranteed-high", { 1024, 800, 0 } },  { "guaranteed-low", { 1024, 200, 0 } } };
	static const char *const want[] = { "burstable-high", "best-effort-high", "best-effort-low",
					    "burstable-low",  "guaranteed-high",  "guaranteed-low" };
	struct pod left[6];
	size_t n = 6;

	memcpy(left, pods, sizeof(left));
	for (size_t i = 0; i < 6; i++, n--) {
		const char *name = first(left, n);
		size_t at = 0;

		expect(c, !strcmp(name, want[i]), want[i]);
		while (strcmp(left[at].name, name))
			at++;
		memmove(&left[at], &left[at + 1], (n - at - 1) * sizeof(*left));
	}
}

/* ---- timelines: what is available when, and what comes of it ---- */

struct moment {
	unsigned minute;
	int64_t available;
	bool pressure;
	int grace; /* of the pod that is evicted; -1: none is */
};

static void timeline(struct check *c, const struct eviction_threshold *t, size_t n, const struct moment *m, size_t nmoment)
{
	struct eviction_state s = { 0 };

	for (size_t i = 0; i < nmoment; i++) {
		const struct eviction_observation o[SIGNAL_COUNT] = { { m[i].available, 4 * GI }, { 4 * GI, 4 * GI } };
		int hit = RULES->sync(t, n, 5 * MIN, o, m[i].minute * MIN, &s);
		char what[64];

		snprintf(what, sizeof(what), "pressure after %u min", m[i].minute);
		expect_eq(c, what, s.pressure, m[i].pressure);
		snprintf(what, sizeof(what), "eviction after %u min", m[i].minute);
		expect_eq(c, what, hit >= 0, m[i].grace >= 0);
		if (hit >= 0 && m[i].grace >= 0)
			expect_eq(c, "grace", (uint64_t)RULES->grace(20, !t[hit].grace, 5, 30), (uint64_t)m[i].grace);
	}
	expect(c, !strcmp(first(pressure_pods, 5), "best-effort-low-priority-low-usage"), "another pod goes first");
}

static void memory_pressure(struct check *c)
{
	const struct eviction_amount hard = { .bytes = GI }, soft = { .bytes = 2 * GI }, none = { 0 };
	static const struct moment m[] = { { 0, 2 * GI, false, -1 },    { 1, 1500 * MI, true, -1 }, { 4, 1500 * MI, true, 5 },
					   { 24, 3 * GI, false, -1 },   { 25, 500 * MI, true, 0 },  { 26, 2 * GI, true, -1 },
					   { 31, 2 * GI, false, -1 } };
	struct eviction_threshold t[KUBE_THRESHOLDS];
	size_t n = k8s_thresholds(&hard, &soft, 2 * MIN, &none, true, t);

	timeline(c, t, n, m, sizeof(m) / sizeof(m[0]));
}

/* Under pressure BestEffort pods are not admitted: what the timeline above says, with pods. The node has 1 GiB, of which 300 MiB are held
 * from the start and 500 more for a while. */
static void admission(struct check *c)
{
	static const char text[] =
		"duration: 200s\nmachine: {memory: 1GiB}\nkubernetes:\n  version: \"1.20\"\n  evictionHard: {memory.available: 400Mi}\n"
		"  evictionPressureTransitionPeriod: 1m\n  nodeStatusUpdateFrequency: 199s\n  manifests:\n"
		"    - {apiVersion: v1, kind: Pod, metadata: {name: hog}, spec: {containers: [{name: hog, image: i}]}}\n"
		"    - {apiVersion: v1, kind: Pod, metadata: {name: early}, spec: {containers: [{name: early, image: i}]}}\n"
		"    - {apiVersion: v1, kind: Pod, metadata: {name: best}, spec: {containers: [{name: best, image: i}]}}\n"
		"    - {apiVersion: v1, kind: Pod, metadata: {name: burst}, spec: {containers: [{name: burst, image: i, "
		"resources: {requests: {memory: 1Mi}}}]}}\n"
		"    - {apiVersion: v1, kind: Pod, metadata: {name: later}, spec: {containers: [{name: later, image: i}]}}\n"
		"  workloads:\n"
		"    - {pod: hog, start: 5s, workload: [{leak: {region: r, size: 700MiB}}, {sleep: forever}]}\n"
		"    - {pod: early, workload: [{sleep: forever}]}\n"
		"    - {pod: best, start: 15s, workload: [{sleep: forever}]}\n"
		"    - {pod: burst, start: 15s, workload: [{sleep: forever}]}\n"
		"    - {pod: later, start: 100s, workload: [{sleep: forever}]}\n";
	const struct run *r = simulate(c, "%s", text);

	expect(c, evicted(r, "hog"), "hog was not evicted");
	expect(c, alive(r, "early") && alive(r, "burst") && alive(r, "later"), "who may run does not");
	expect(c, !alive(r, "best") && refused_pod(r, "best"), "a BestEffort pod was admitted under pressure");
}

static void memory_pressure_and_admission(struct check *c)
{
	memory_pressure(c);
	admission(c);
}

static void min_reclaim(struct check *c)
{
	static const struct moment m[] = { { 0, 2 * GI, false, -1 },
					   { 1, 500 * MI, true, 0 },
					   { 2, 1288490188, true, 0 },
					   { 3, 2 * GI, true, -1 },
					   { 8, 2 * GI, false, -1 } };
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .bytes = GI }, { .bytes = 500 * MI }, 0 };

	timeline(c, &t, 1, m, sizeof(m) / sizeof(m[0]));
}

/* ---- the documentation's sums ---- */

/* Does a node of 10Gi, with so much used, evict? */
static bool evicts(int64_t used)
{
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .bytes = 500 * MI }, { 0 }, 0 };
	const struct eviction_observation o = { 10 * GI - used, 10 * GI };
	struct eviction_state s = { 0 };

	return RULES->sync(&t, 1, 5 * MIN, &o, 0, &s) == 0;
}

static void sizing(struct check *c)
{
	const struct k8s_node node = { .capacity = 10 * GI, .system_reserved = 1536 * MI, .eviction_hard = 500 * MI };
	int64_t pods = k8s_kubepods_limit(&node);

	expect_eq(c, "allocatable", (uint64_t)k8s_allocatable(&node), (uint64_t)(10 * GI - 1536 * MI - 500 * MI));
	expect(c, !evicts(10213130240), "eviction at 10Gi - 500Mi");
	expect(c, evicts(10213130241), "no eviction above 10Gi - 500Mi");
	expect(c, !evicts(pods + GI), "eviction although the system uses 1Gi");
	expect(c, evicts(pods + GI + 13 * MI), "no eviction although the system uses more than 1Gi");
}

/* The least that ends evictions once the threshold was met. */
static int64_t stop_level(int64_t threshold, int64_t reclaim)
{
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .bytes = threshold }, { .bytes = reclaim }, 0 };
	int64_t low = threshold, high = threshold + reclaim + GI;

	while (low < high) {
		struct eviction_state s = { .met = { true }, .observed = { true } };
		const struct eviction_observation o = { low + (high - low) / 2, 200 * GI };

		if (RULES->sync(&t, 1, 5 * MIN, &o, 0, &s) == 0)
			low = o.available + 1;
		else
			high = o.available;
	}
	return low;
}

static void stop_levels(struct check *c)
{
	expect_eq(c, "memory 500Mi + 0", (uint64_t)stop_level(500 * MI, 0), (uint64_t)(500 * MI));
	expect_eq(c, "1Gi + 500Mi", (uint64_t)stop_level(GI, 500 * MI), (uint64_t)(GI + 500 * MI));
	expect_eq(c, "100Gi + 2Gi", (uint64_t)stop_level(100 * GI, 2 * GI), (uint64_t)(102 * GI));
}

/* ---- end to end ---- */

#define ONE_POD(name, priority, resources)                                                                             \
	"    - {apiVersion: v1, kind: Pod, metadata: {name: " name "}, spec: {" priority                                    \
	"containers: [{name: " name ", image: i" resources "}]}}\n"
#define RUN_POD(name, steps) "    - {pod: " name ", workload: [" steps "]}\n"

static int64_t mem_total(struct check *c)
{
	const struct run *r = simulate(c, "duration: 1s\nmachine: {memory: 2GiB}\nprocesses: [{name: a, workload: [{sleep: 1s}]}]\n");

	return (int64_t)r->begin.totalram_pages * 4096;
}

/* 12 MiB in 10 s each; the threshold is what is available at the start less 600 MiB. */
static void priority_order(struct check *c)
{
	const struct run *r = simulate(c,
		"duration: 600s\nmachine: {memory: 2GiB}\nkubernetes:\n  evictionHard: {memory.available: %lld}\n  manifests:\n"
		"    - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 999999999}\n"
		ONE_POD("memory-hog", "", "") ONE_POD("high-hog", "priorityClassName: high, ", "")
		ONE_POD("guaranteed", "", ", resources: {limits: {memory: 300Mi, cpu: 100m}}") "  workloads:\n"
		RUN_POD("memory-hog", "{leak: {region: r, rate: 1.2MiB/s}}") RUN_POD("high-hog", "{leak: {region: r, rate: 1.2MiB/s}}")
		RUN_POD("guaranteed", "{leak: {region: r, size: 240MiB}}, {sleep: forever}"),
		(long long)(mem_total(c) - 600 * MI));

	expect(c, evicted_nth(r, 0, "memory-hog"), "memory-hog is not the first to be evicted");
	expect(c, evicted_nth(r, 1, "high-hog"), "the hog of high priority is not the second");
	expect(c, alive(r, "guaranteed") && !evicted(r, "guaranteed"), "the Guaranteed pod was evicted");
}

static void allocatable(struct check *c)
{
	const struct run *r = simulate(c,
		"duration: 120s\nmachine: {memory: 2GiB}\nkubernetes:\n  kubeReserved: {memory: %lld}\n  evictionHard: {memory.available: 250Mi}\n"
		"  manifests:\n" ONE_POD("hog", "", "") ONE_POD("innocent", "", "") "  workloads:\n"
		RUN_POD("hog", "{leak: {region: r, rate: 1.2MiB/s}}") RUN_POD("innocent", "{leak: {region: r, size: 1MiB}}, {sleep: forever}"),
		(long long)(mem_total(c) - 300 * MI));

	expect(c, evicted(r, "hog"), "the hog was not evicted");
	expect(c, alive(r, "innocent") && !evicted(r, "innocent"), "the innocent pod was evicted");
	expect_eq(c, "kills", events_of(r, EV_OOM_KILL, NULL), 0);
}

CONF_TABLE(conf_eviction, "Kubernetes: eviction",
	{ "K8S-EV-01", "above its request goes before priority", exceeds_request, NULL },
	{ "K8S-EV-03", "by usage above the request", by_usage, NULL },
	{ "K8S-EV-05", "hard and soft thresholds, transition, admission in time", memory_pressure_and_admission, NULL },
	{ "K8S-EV-06", "minimum reclaim in time", min_reclaim, NULL },
	{ "K8S-EV-10", "system-reserved and when eviction starts", sizing, NULL },
	{ "K8S-EV-11", "where minimum reclaim stops (of memory)", stop_levels, NULL },
	{ "K8S-EV-13", "two hogs by priority, a Guaranteed pod never", priority_order, NULL },
	{ "K8S-EV-14", "eviction by what is allocatable", allocatable, NULL });
