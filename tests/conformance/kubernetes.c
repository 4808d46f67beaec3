/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cases of Kubernetes' own unit tests, documentation and enhancement proposals: formulas as its rules (models/k8s) give them, and pods as
 * the scenario language takes them. Eviction is in another file.
 */
#include <stdio.h>

#include "models/k8s/k8s.h"
#include "sim/world/config.h"
#include "tests/conformance/conformance.h"

#define MI  ((int64_t)MIB)
#define GB  INT64_C(1000000000)
#define U   K8S_UNSET
#define NEW 32 /* a version whose rules are those of the documentation */

/* ---- QoS ---- */

struct score {
	const char *what;
	int version;
	struct k8s_resources r;
	bool critical;
	int64_t capacity;
	int low, high;
};

static void scores(struct check *c, const struct score *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_range(c, v[i].what,
			     k8s_oom_score_adj(v[i].version, k8s_qos(&v[i].r, 1), v[i].critical, v[i].r.memory_request,
					       v[i].capacity),
			     v[i].low, v[i].high);
}

static void kubelets_test(struct check *c)
{
	static const struct score v[] = {
		{ "limit of CPU alone", 20, { U, U, U, 10000 }, false, 4 * GB, 999, 999 },
		{ "limit without request", 20, { U, 10 * GB, U, U }, false, 8 * GB, 999, 999 },
		{ "limit 0", 20, { U, 0, U, U }, false, 7230457451, 1000, 1000 },
		{ "nothing", 20, { U, U, U, U }, false, 4 * GB, 1000, 1000 },
		{ "Guaranteed", 20, { 10 * GB, 10 * GB, 5, 5 }, false, 123456789, -997, -997 },
		{ "half of the node", 20, { 4 * GB, 10 * GB, U, U }, false, 8 * GB, 495, 505 },
		{ "all of the node but one byte", 20, { 8 * GB - 1, U, U, U }, false, 8 * GB, 3, 3 },
		{ "system critical", 20, { U, U, U, U }, true, 4 * GB, -997, -997 },
	};

	scores(c, v, ARRAY_LEN(v));
}

static void documented_scores(struct check *c)
{
	static const struct score v[] = {
		{ "10 %", NEW, { 1 * GB, U, U, U }, false, 10 * GB, 900, 900 },
		{ "90 %", NEW, { 9 * GB, U, U, U }, false, 10 * GB, 100, 100 },
		{ "request 0", NEW, { 0, U, 100, U }, false, 10 * GB, 999, 999 },
		{ "more than the node", NEW, { 20 * GB, U, U, U }, false, 10 * GB, 2, 3 },
		{ "Guaranteed", NEW, { GB, GB, 1, 1 }, false, 10 * GB, -997, -997 },
		{ "node-critical", NEW, { 1 * GB, U, U, U }, true, 10 * GB, -997, -997 },
	};

	scores(c, v, ARRAY_LEN(v));
}

#define NODE(seconds, memory, more)                                                                                    \
	"name: node\nkernel: \"6.1\"\nduration: " seconds "\nsample: 50ms\nstop_when_idle: false\n"                    \
	"machine: {cpus: 2, memory: " memory more "}\n"
#define POD(name, resources)                                                                                           \
	"    - {apiVersion: v1, kind: Pod, metadata: {name: " name "}, spec: {containers: [{name: " name               \
	", image: i, resources: {" resources "}}]}}\n"
#define RUNS(name, start, steps) "    - {pod: " name ", start: " start ", workload: [" steps "]}\n"

/* 10 GiB in pages of 64 KiB, as shares of the node are what is asked; g stays a little below its limit, which counts its page tables too. */
static void burstable_before_best_effort(struct check *c)
{
	const struct run *r =
		simulate(c, NODE("60s", "10GiB", ", page_size: 64KiB") "kubernetes:\n  manifests:\n" POD(
				    "g", "limits: {memory: 4Gi, cpu: 1}") POD("b", "requests: {memory: 1Gi}")
				    POD("e", "") "  workloads:\n" RUNS("g", "0s", ANON_HOLD("3950MiB"))
					    RUNS("e", "0s", ANON_HOLD("512MiB"))
						    RUNS("b", "5s", "{leak: {region: heap, rate: 400MiB/s}}"));
	const struct rec_event *kill = event_of(r, EV_OOM_KILL, NULL, 0);
	struct rec_task t[3];
	double total_kB = (double)sample_at(r, 0).meminfo_kB[MI_MemTotal],
	       at = kill ? (double)kill->t_ns / 1e9 - 0.001 : 0;
	static const double share[] = { -597, 1450, 1050 };

	expect(c, kill && !strcmp(kill->comm, "b"), "the first victim is not b");
	for (int i = 0; i < 3; i++) {
		t[i] = task_at(r, i == 0 ? "g" : i == 1 ? "b" : "e", at);
		/* What the kernel itself holds, a twentieth of the node, is not in the example. */
		expect_range(c, t[i].comm, (double)t[i].RssAnon_kB * 1000 / total_kB + t[i].oom_score_adj,
			     share[i] - 50, share[i] + 50);
	}
	expect_range(c, "usage of b", (double)t[1].RssAnon_kB * 1024, 0.95 * 5905580032, 1.05 * 5905580032);
}

static void classes(struct check *c)
{
	static const struct {
		const char *what;
		size_t n;
		struct k8s_resources v[2];
		enum k8s_qos want;
	} row[] = {
		{ "one container, all equal", 1, { { MI, MI, 5, 5 } }, K8S_GUARANTEED },
		{ "two containers, all equal", 2, { { MI, MI, 5, 5 }, { 2 * MI, 2 * MI, 9, 9 } }, K8S_GUARANTEED },
		{ "limits alone", 1, { { U, MI, U, 5 } }, K8S_GUARANTEED },
		{ "one of two without", 2, { { MI, MI, 5, 5 }, { U, U, U, U } }, K8S_BURSTABLE },
		{ "memory alone", 1, { { MI, MI, U, U } }, K8S_BURSTABLE },
		{ "request below limit", 1, { { MI, 2 * MI, 5, 5 } }, K8S_BURSTABLE },
		{ "a request of CPU", 1, { { U, U, 5, U } }, K8S_BURSTABLE },
		{ "nothing", 2, { { U, U, U, U }, { U, U, U, U } }, K8S_BEST_EFFORT },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		struct k8s_resources v[2] = { row[i].v[0], row[i].v[1] };

		for (size_t k = 0; k < row[i].n; k++)
			k8s_default_requests(&v[k]);
		expect(c, k8s_qos(v, row[i].n) == row[i].want, row[i].what);
	}
}

/* ---- limits ---- */

static void below_the_limit(struct check *c)
{
	const struct run *r = simulate(
		c,
		NODE("10s", "1GiB", "") "kubernetes:\n  manifests:\n" POD(
			"demo",
			"requests: {memory: 100Mi}, limits: {memory: 200Mi}") "  workloads:\n" RUNS("demo", "1s",
												    ANON_HOLD(
													    "150MiB")));

	expect_range(c, "memory.current", (double)cg(r, "/kubepods/burstable/poddemo/demo", AT_END).current, 157286400,
		     162856960);
	expect(c, alive(r, "demo"), "the container does not run");
	expect_eq(c, "kills", events_of(r, EV_OOM_KILL, NULL), 0);
}

static void above_the_limit(struct check *c)
{
	const struct run *r = simulate(
		c, NODE("60s", "1GiB",
			"") "kubernetes:\n  manifests:\n" POD("demo-2", "requests: {memory: 50Mi}, limits: {memory: "
									"100Mi}") "  workloads:\n" RUNS("demo-2", "1s",
													ANON("26214400"
													     "0") ", "
														  "{sle"
														  "ep: "
														  "fore"
														  "ver"
														  "}"));
	const struct rec_event *e = event_of(r, EV_RESTART, "demo-2", 0);
	const struct rec_event *kill = event_of(r, EV_OOM_KILL, "demo-2", 0);

	expect(c, e && e->arg[0] == 137, "the exit code is not 137");
	expect(c, events_of(r, EV_RESTART, "demo-2") >= 1, "it was not started again");
	expect(c, events_of(r, EV_EXIT, "demo-2") >= 2, "it was not killed again");
	/* The sample's score is the old scale's, 1000 for the whole limit, and its node larger: what is left is 1000 + the adjustment. */
	expect(c,
	       kill && kill->arg[1] ==
			       1000 - 1000 * 50 * MI / (int64_t)(sample_at(r, 0).meminfo_kB[MI_MemTotal] * 1024),
	       "oom_score_adj does not follow from the request");
}

/* ---- Memory QoS ---- */

static uint64_t config_value(const struct run *r, const char *path, enum cgroup_file f)
{
	for (size_t i = 0; r->ran && i < r->config->ncgroup; i++)
		if (!strcmp(r->config->cgroup[i].path, path))
			return (uint64_t)r->config->cgroup[i].value[f];
	return 0;
}

static void high_of_requests(struct check *c)
{
	char what[40];

	for (int64_t request = 0; request <= 1000; request += 100) {
		int64_t want = request == 1000
				       ? K8S_UNLIMITED
				       : (900 + request / 10) * MI; /* at 1000 of 1000 there is nothing to throttle */

		snprintf(what, sizeof(what), "memory.high of request %lld", (long long)request);
		expect_eq(c, what, (uint64_t)k8s_memory_high(27, request * MI, 1000 * MI, 0, 900, MI), (uint64_t)want);
	}
}

static void old_and_new_high(struct check *c)
{
	static const struct {
		int64_t request;
		unsigned factor;
		int64_t old, now; /* 0: none */
	} row[] = { { 500, 600, 600, 800 }, { 800, 600, 0, 920 }, { 1000, 600, 0, 0 },
		    { 500, 800, 800, 900 }, { 850, 800, 0, 970 }, { 500, 400, 0, 700 } };

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		int64_t old = row[i].old ? row[i].old * MI : K8S_UNLIMITED,
			now = row[i].now ? row[i].now * MI : K8S_UNLIMITED;

		expect_eq(c, "1.22",
			  (uint64_t)k8s_memory_high(22, row[i].request * MI, 1000 * MI, 0, row[i].factor, 4096),
			  (uint64_t)old);
		expect_eq(c, "1.27",
			  (uint64_t)k8s_memory_high(27, row[i].request * MI, 1000 * MI, 0, row[i].factor, MI),
			  (uint64_t)now);
	}
}

/* What the kubelet of the test writes, by the way of a manifest. */
static void high_of_manifests(struct check *c)
{
	const struct run *r = simulate(
		c, NODE("1s", "1GiB", "") "kubernetes:\n  version: \"1.23\"\n  featureGates: {MemoryQoS: true}\n  manifests:\n" POD(
			   "p", "requests: {memory: 128Mi}, limits: {memory: 256Mi}")
			   POD("q", "requests: {memory: 128Mi}") "  workloads:\n" RUNS("p", "0s", "{sleep: forever}")
				   RUNS("q", "0s", "{sleep: forever}"));
	int64_t allocatable = (int64_t)cg(r, "/kubepods", AT_END).max - 100 * MI;

	expect_eq(c, "memory.min", config_value(r, "/kubepods/burstable/podp/p", CGF_MIN), 134217728);
	expect_eq(c, "memory.high", config_value(r, "/kubepods/burstable/podp/p", CGF_HIGH), 214748364);
	expect_eq(c, "memory.high without limit", config_value(r, "/kubepods/burstable/podq/q", CGF_HIGH),
		  (uint64_t)(allocatable * 8 / 10));
}

static void high_at_the_limit(struct check *c)
{
	const struct run *r =
		simulate(c, HEAD("200s", "1GiB",
				 "") "  hz: 1000\n"
				     "cgroups:\n" CG("c", ", memory.high: 80MiB, memory.max: 100MiB, memory.swap.max: "
							  "0") "processes:\n" PROC("p", "c", "0s", ANON("200MiB")));
	const struct rec_event *kill = event_of(r, EV_OOM_KILL, "p", 0);

	expect(c, killed(r, "p"), "nobody was killed");
	/* 83.5 s by the formula of KDOC-HIGH-01, without the time that reclaim takes. */
	expect_range(c, "seconds until the kill", kill ? (double)kill->t_ns / 1e9 : 0, 0.95 * 83.5, 1.05 * 83.5);
	expect_range(c, "MiB at most", (double)cg_largest(r, "/c") / MIB, 99, 100);
	expect(c, cg(r, "/c", 30).current > cg(r, "/c", 15).current, "no progress above memory.high");
}

/* ---- swap ---- */

static void limited_swap(struct check *c)
{
	expect_eq(c, "20 GB of 40", (uint64_t)k8s_swap_limit(K8S_BURSTABLE, 20 * GB, U, 40 * GB, 38 * GB),
		  19 * (uint64_t)GB);
	expect_eq(c, "10 GB of 40", (uint64_t)k8s_swap_limit(K8S_BURSTABLE, 10 * GB, U, 40 * GB, 38 * GB), 9500000000);
	expect_eq(c, "request = limit", (uint64_t)k8s_swap_limit(K8S_BURSTABLE, 10 * GB, 10 * GB, 40 * GB, 38 * GB), 0);
	expect_eq(c, "Guaranteed", (uint64_t)k8s_swap_limit(K8S_GUARANTEED, 10 * GB, 10 * GB, 40 * GB, 38 * GB), 0);
	expect_eq(c, "BestEffort", (uint64_t)k8s_swap_limit(K8S_BEST_EFFORT, U, U, 40 * GB, 38 * GB), 0);
}

CONF_TABLE(conf_kubernetes, "Kubernetes",
	   { "K8S-QOS-01", "oom_score_adj of the kubelet's eight pods", kubelets_test, NULL },
	   { "K8S-QOS-02", "oom_score_adj as documented", documented_scores, NULL },
	   { "K8S-QOS-03", "far above its request outranks an idle BestEffort", burstable_before_best_effort, NULL },
	   { "K8S-QOS-04", "QoS classes", classes, NULL },
	   { "K8S-LIM-01", "150M below a limit of 200Mi", below_the_limit, NULL },
	   { "K8S-LIM-02", "250M above a limit of 100Mi: 137, again and again", above_the_limit, NULL },
	   { "K8S-MQ-01", "memory.high since 1.27", high_of_requests, NULL },
	   { "K8S-MQ-02", "memory.high before and since", old_and_new_high, NULL },
	   { "K8S-MQ-03", "memory.min and memory.high as the kubelet's test has them", high_of_manifests, NULL },
	   { "K8S-MQ-04", "memory.high below memory.max: slow, and a kill in the end", high_at_the_limit, NULL },
	   { "K8S-SW-01", "swap in proportion to requests", limited_swap, NULL });
