/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kubelet at work: who is evicted when and how, what controllers make of it, and what kubectl would have shown. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sim/scenario/scenario.h"
#include "tests/world/mini.h"

#define MAX_ROWS 512

struct event_row {
	double t;
	char reason[40], name[90], message[300];
	bool refused;
};

struct pod_row {
	double t;
	char name[90], status[40], phase[16], reason[40];
	unsigned ready, restarts;
	struct rec_container first;
};

struct count_row {
	double t;
	char kind[24], name[64];
	unsigned desired, ready, evicted;
};

struct kube {
	struct event_row event[MAX_ROWS];
	struct pod_row pod[MAX_ROWS];
	struct count_row count[MAX_ROWS];
	size_t nevent, npod, ncount;
	enum run_end end;
	double end_s;
};

static double seconds(sim_ns t)
{
	return (double)t / NS_PER_SEC;
}

static int on_event(void *ctx, const struct rec_kube_event *r)
{
	struct kube *k = ctx;
	struct event_row *e = &k->event[k->nevent++];

	cr_assert_lt(k->nevent, MAX_ROWS);
	e->t = seconds(r->t_ns);
	e->refused = r->refused;
	snprintf(e->reason, sizeof(e->reason), "%s", r->reason);
	snprintf(e->name, sizeof(e->name), "%s", r->name);
	snprintf(e->message, sizeof(e->message), "%s", r->message);
	return 0;
}

static int on_pod(void *ctx, const struct rec_pod *r)
{
	struct kube *k = ctx;
	struct pod_row *p = &k->pod[k->npod++];

	cr_assert_lt(k->npod, MAX_ROWS);
	p->t = seconds(r->t_ns);
	p->ready = r->ready;
	p->restarts = r->restarts;
	p->first = r->container[0];
	snprintf(p->name, sizeof(p->name), "%s", r->name);
	snprintf(p->status, sizeof(p->status), "%s", r->status);
	snprintf(p->phase, sizeof(p->phase), "%s", r->phase);
	snprintf(p->reason, sizeof(p->reason), "%s", r->reason ? r->reason : "");
	return 0;
}

static int on_workload(void *ctx, const struct rec_workload *r)
{
	struct kube *k = ctx;
	struct count_row *c = &k->count[k->ncount++];

	cr_assert_lt(k->ncount, MAX_ROWS);
	*c = (struct count_row){ .t = seconds(r->t_ns), .desired = r->desired, .ready = r->ready, .evicted = r->evicted };
	snprintf(c->kind, sizeof(c->kind), "%s", r->kind);
	snprintf(c->name, sizeof(c->name), "%s", r->name);
	return 0;
}

static int on_end(void *ctx, const struct rec_end *r)
{
	struct kube *k = ctx;

	k->end = r->end;
	k->end_s = seconds(r->t_ns);
	return 0;
}

static struct kube *play(const char *text)
{
	struct kube *k = calloc(1, sizeof(*k));
	struct recorder rec = { .ctx = k, .kube_event = on_event, .pod = on_pod, .workload = on_workload, .end = on_end };
	struct diag_list dl = { 0 };
	struct sim_config c;
	struct world *w;
	enum run_end end;
	int err = scenario_load_buffer("t.yaml", text, strlen(text), NULL, &c, &dl);

	cr_assert_eq(err, SIM_OK, "%s", dl.n ? dl.v[0].text : "?");
	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK);
	world_free(w);
	sim_config_free(&c);
	diag_list_free(&dl);
	return k;
}

/* A node of 512 MiB (about 466 for use) where 100 MiB are to be left, with a pod that holds 200 MiB of its 300Mi. */
#define NODE(duration, settings)                                                                                       \
	"duration: " duration "\nmachine: {memory: 512MiB}\nkubernetes:\n" settings "  manifests:\n"                    \
	"    - {apiVersion: v1, kind: Pod, metadata: {name: base}, spec: {containers: [" C("base", "300Mi") "]}}\n"
#define C(name, request)   "{name: " name ", image: i, resources: {requests: {memory: " request "}}}"
#define BARE(name)         "{name: " name ", image: i}"
#define POD(name, spec)    "    - {apiVersion: v1, kind: Pod, metadata: {name: " name "}, spec: {" spec "}}\n"
#define SET(kind, name, more, spec)                                                                                    \
	"    - {apiVersion: apps/v1, kind: " kind ", metadata: {name: " name "}, spec: {" more                             \
	"selector: {matchLabels: {app: " name "}}, template: {metadata: {labels: {app: " name "}}, spec: {" spec "}}}}\n"
#define WORK               "  workloads:\n    - {pod: base, workload: [{leak: {region: r, size: 200MiB}}, sleep: forever]}\n"
#define RUNS(pod, more, steps) "    - {pod: " pod ", " more "workload: [" steps "]}\n"
#define GROW(size)         "{leak: {region: r, size: " size "}}, sleep: forever"

static const struct event_row *event(const struct kube *k, const char *reason, const char *name, size_t n)
{
	for (size_t i = 0; i < k->nevent; i++)
		if (!strcmp(k->event[i].reason, reason) && !strncmp(k->event[i].name, name, strlen(name)) && !n--)
			return &k->event[i];
	return NULL;
}

static const struct pod_row *pod(const struct kube *k, const char *name, const char *status, size_t n)
{
	for (size_t i = 0; i < k->npod; i++)
		if (!strcmp(k->pod[i].status, status) && !strncmp(k->pod[i].name, name, strlen(name)) && !n--)
			return &k->pod[i];
	return NULL;
}

static double gone_after(const char *settings, const char *more)
{
	char text[4096];
	struct kube *k;
	double ret;

	snprintf(text, sizeof(text), NODE("90s", "%s") POD("hog", "terminationGracePeriodSeconds: 20, containers: [" BARE("hog") "]")
		 WORK RUNS("hog", "%s", GROW("200MiB")), settings, more);
	k = play(text);
	cr_assert(event(k, "Evicted", "hog", 0));
	cr_assert(pod(k, "hog", "Evicted", 0));
	ret = pod(k, "hog", "Evicted", 0)->t - event(k, "Evicted", "hog", 0)->t;
	free(k);
	return ret;
}

#define IS(x, low, high) cr_expect((x) >= (low) && (x) <= (high), "%s is %f", #x, (double)(x))

/* What SIGTERM leaves alone SIGKILL ends, when the version's grace period is over. */
Test(kubelet, hard_grace_by_version)
{
	IS(gone_after("  version: \"1.20\"\n", "sigterm: ignore, "), 0, 0.1);
	IS(gone_after("  version: \"1.28\"\n", "sigterm: ignore, "), 20, 20.1);
	IS(gone_after("  version: \"1.32\"\n", "sigterm: ignore, "), 1, 1.1);
	IS(gone_after("  version: \"1.32\"\n", "sigterm: 400ms, "), 0.4, 0.5);
	IS(gone_after("  version: \"1.32\"\n", ""), 0, 0.1);
}

#define SOFT "  evictionSoft: {memory.available: 40%}\n  evictionSoftGracePeriod: {memory.available: 25s}\n"

Test(kubelet, soft_grace_is_the_smaller)
{
	IS(gone_after(SOFT "  evictionHard: {}\n  evictionMaxPodGracePeriod: 5\n", "sigterm: ignore, "), 5, 5.1);
	IS(gone_after(SOFT "  evictionHard: {}\n  evictionMaxPodGracePeriod: 50\n", "sigterm: ignore, "), 20, 20.1);
	IS(gone_after("  version: \"1.30\"\n" SOFT "  evictionHard: {}\n  evictionMaxPodGracePeriod: 30\n", "sigterm: ignore, "), 30, 30.1);
}

/* Met at 10 s, 25 s of grace: the pass at 40 s evicts; the condition is told at 10 s. */
Test(kubelet, soft_threshold_in_time)
{
	struct kube *k = play(NODE("60s", SOFT) POD("hog", "containers: [" BARE("hog") "]") WORK RUNS("hog", "", GROW("100MiB")));

	cr_assert(event(k, "Evicted", "hog", 0));
	cr_expect_eq(event(k, "Evicted", "hog", 0)->t, 40);
	cr_expect_eq(event(k, "NodeHasInsufficientMemory", "node", 0)->t, 10);
	cr_expect_null(event(k, "NodeHasSufficientMemory", "node", 0));
	free(k);
}

/* Three that exceed: priority -1, then by excess; one pod a pass, the next a second after it is gone. base is within its request. */
Test(kubelet, order_and_pace)
{
	struct kube *k = play(NODE("60s", "") "    - {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: low}, value: -1}\n"
			      POD("small", "containers: [" BARE("small") "]") POD("large", "containers: [" C("large", "10Mi") "]")
			      POD("low", "priorityClassName: low, containers: [" C("low", "10Mi") "]") WORK
			      RUNS("small", "", GROW("60MiB")) RUNS("large", "", GROW("110MiB")) RUNS("low", "", GROW("10MiB")));

	cr_assert(event(k, "Evicted", "low", 0));
	cr_assert(event(k, "Evicted", "large", 0));
	cr_expect_eq(event(k, "Evicted", "low", 0)->t, 10);
	IS(event(k, "Evicted", "large", 0)->t, 11, 11.1);
	cr_expect_null(event(k, "Evicted", "small", 0));
	cr_expect_null(event(k, "Evicted", "base", 0));
	cr_expect(event(k, "EvictionThresholdMet", "node", 1));
	cr_expect_null(event(k, "EvictionThresholdMet", "node", 2));
	free(k);
}

Test(kubelet, critical_pods_stay)
{
	struct kube *k = play(NODE("30s", "") POD("hog", "priorityClassName: system-node-critical, containers: [" BARE("hog") "]") WORK
			      RUNS("hog", "", GROW("180MiB")));

	cr_expect_null(event(k, "Evicted", "hog", 0));
	cr_expect(event(k, "Evicted", "base", 0), "nobody else is there to be evicted");
	free(k);
}

/* A pod of its own stays Failed, and its container is not started again. */
Test(kubelet, bare_pod_is_not_made_anew)
{
	struct kube *k = play(NODE("60s", "") POD("hog", "containers: [" BARE("hog") "]") WORK RUNS("hog", "", GROW("180MiB")));
	const struct pod_row *p = pod(k, "hog", "Evicted", 0);

	cr_assert(p);
	cr_expect_str_eq(p->phase, "Failed");
	cr_expect_str_eq(p->reason, "Evicted");
	cr_expect_eq(p->first.exit_code, 143);
	cr_expect_str_eq(k->pod[k->npod - 1].status, "Evicted");
	cr_expect_eq(k->count[k->ncount - 1].ready, 0);
	cr_expect_eq(k->count[k->ncount - 1].evicted, 1);
	free(k);
}

/* With requests a new pod is there after pod_startup; the old name does not come back. */
Test(kubelet, deployment_restores)
{
	struct kube *k = play(NODE("15s", "  pod_startup: 3s\n") SET("Deployment", "web", "", "containers: [" C("web", "10Mi") "]") WORK
			      RUNS("web", "", GROW("180MiB")));
	const struct pod_row *gone = pod(k, "web-", "Evicted", 0), *first = pod(k, "web-", "Running", 0), *next = pod(k, "web-", "Running", 1);

	cr_assert(gone && first && next);
	cr_expect_str_eq(gone->name, first->name);
	cr_expect_str_neq(next->name, first->name);
	IS(next->t - gone->t, 3, 3.001);
	cr_expect_eq(strncmp(next->name, first->name, strlen(first->name) - 5), 0, "the template's hash is the same");
	free(k);
}

/* Without requests it is kept off by the taint, until the transition period is over: pressure was last seen at 10 s, after the
 * eviction passes are at 11, 21, 31 and 41 s, of which the last finds 25 s over; the status of 50 s tells it. */
Test(kubelet, best_effort_waits_for_the_taint)
{
	struct kube *k = play(NODE("51s", "  evictionPressureTransitionPeriod: 25s\n") SET("Deployment", "web", "", "containers: [" BARE("web") "]")
			      WORK RUNS("web", "", GROW("180MiB")));

	cr_assert(event(k, "FailedScheduling", "web", 0));
	cr_expect_eq(event(k, "NodeHasSufficientMemory", "node", 0)->t, 50);
	cr_expect_eq(event(k, "Scheduled", "web", 1)->t, 50);
	cr_assert(pod(k, "web", "ContainerCreating", 1));
	cr_expect_eq(pod(k, "web", "ContainerCreating", 1)->t, 50);
	cr_expect_null(pod(k, "web", "Running", 1), "51 s is the end");
	cr_expect_eq(k->end, RUN_HORIZON);
	free(k);
}

/* A pod of the scenario that comes when the node has the taint waits as well; one with a request does not, nor one that tolerates it. */
Test(kubelet, newcomers_under_pressure)
{
	struct kube *k = play(NODE("60s", "  evictionPressureTransitionPeriod: 25s\n") POD("hog", "containers: [" BARE("hog") "]")
			      POD("late", "containers: [" BARE("late") "]") POD("asks", "containers: [" C("asks", "1Mi") "]")
			      POD("bears", "tolerations: [{key: node.kubernetes.io/memory-pressure, operator: Exists}], containers: [" BARE("bears") "]")
			      WORK RUNS("hog", "", GROW("180MiB")) RUNS("late", "start: 15s, ", "sleep: forever")
			      RUNS("asks", "start: 15s, ", "sleep: forever") RUNS("bears", "start: 15s, ", "sleep: forever"));

	cr_expect_eq(pod(k, "late", "Pending", 0)->t, 15);
	cr_expect_eq(pod(k, "late", "Running", 0)->t, 52);
	cr_expect_eq(pod(k, "asks", "Running", 0)->t, 15);
	cr_expect_eq(pod(k, "bears", "Running", 0)->t, 15);
	free(k);
}

/* The kubelet knows of the pressure at 10 s, the API server only at 17 s: what comes between is refused. */
Test(kubelet, admission_before_the_taint)
{
	struct kube *k = play(NODE("30s", "  nodeStatusUpdateFrequency: 17s\n") POD("hog", "containers: [" BARE("hog") "]")
			      SET("Deployment", "late", "", "containers: [" BARE("late") "]") WORK RUNS("hog", "", GROW("180MiB"))
			      RUNS("late", "start: 15500ms, ", "sleep: forever"));

	cr_assert(event(k, "Evicted", "late", 1));
	cr_expect_eq(event(k, "Evicted", "late", 0)->t, 15.5);
	cr_expect_str_eq(event(k, "Evicted", "late", 0)->message, "The node had condition: [MemoryPressure]. ");
	cr_expect(event(k, "Evicted", "late", 0)->refused);
	cr_expect_eq(event(k, "Evicted", "late", 1)->t, 16.5);
	cr_expect_null(event(k, "Evicted", "late", 2));
	cr_expect(event(k, "FailedScheduling", "late", 0));
	cr_expect_eq(k->count[k->ncount - 1].evicted, 0, "who never ran is not disrupted");
	free(k);
}

/* A daemon's pods tolerate the taint and come back after 1 s, then 2 s. */
Test(kubelet, daemon_set_backs_off)
{
	struct kube *k = play(NODE("40s", "  pod_startup: 0s\n") SET("DaemonSet", "log", "", "containers: [" BARE("log") "]") WORK
			      RUNS("log", "", GROW("180MiB")));
	const struct pod_row *one = pod(k, "log", "Evicted", 0), *two = pod(k, "log", "Evicted", 1);

	cr_assert(one && two);
	IS(pod(k, "log", "Running", 1)->t - one->t, 1, 1.001);
	IS(pod(k, "log", "Running", 2)->t - two->t, 2, 2.001);
	free(k);
}

/* 100Mi is limited: OOMKilled, at once again, then CrashLoopBackOff for 10 s; evicted for what others use, it stays away. */
Test(kubelet, statuses_of_a_killed_container)
{
	struct kube *k = play(NODE("16s", "") POD("hog", "containers: [{name: hog, image: i, resources: {limits: {memory: 20Mi}}}]") WORK
			      RUNS("hog", "start: 1s, ", GROW("100MiB")));
	const struct pod_row *killed = pod(k, "hog", "OOMKilled", 0), *waits = pod(k, "hog", "CrashLoopBackOff", 0);

	cr_assert(killed && waits);
	cr_expect_eq(killed->first.exit_code, 137);
	cr_expect_eq(killed->ready, 0);
	cr_expect_eq(waits->restarts, 1);
	cr_expect(waits->first.has_last);
	cr_expect_str_eq(waits->first.last_reason, "OOMKilled");
	cr_expect_eq(waits->first.last_exit_code, 137);
	cr_expect(event(k, "BackOff", "hog", 0));
	cr_expect_eq(pod(k, "hog", "Running", 2)->restarts, 2);
	free(k);
}

/* Completed and Error of pods that run once; nothing is left to run. */
Test(kubelet, statuses_of_pods_that_end)
{
	struct kube *k = play("duration: 30s\nmachine: {memory: 256MiB}\nkubernetes:\n  manifests:\n"
			      POD("done", "restartPolicy: Never, containers: [" BARE("done") "]")
			      POD("fails", "restartPolicy: Never, containers: [" BARE("fails") "]") "  workloads:\n"
			      RUNS("done", "", "sleep: 1s") RUNS("fails", "", "sleep: 2s, exit: 3"));

	cr_assert(pod(k, "done", "Completed", 0) && pod(k, "fails", "Error", 0));
	cr_expect_str_eq(pod(k, "done", "Completed", 0)->phase, "Succeeded");
	cr_expect_str_eq(pod(k, "fails", "Error", 0)->phase, "Failed");
	cr_expect_eq(pod(k, "fails", "Error", 0)->first.exit_code, 3);
	cr_expect_eq(k->end, RUN_IDLE);
	IS(k->end_s, 2, 2.1);
	free(k);
}

/* Evicted while its container waits in CrashLoopBackOff (until 20 s and more): it does not come back. */
Test(kubelet, no_restart_after_an_eviction)
{
	struct kube *k = play(NODE("60s", "") POD("hog", "containers: [" C("a", "1Mi") ", " C("b", "1Mi") "]") WORK
			      RUNS("hog", "container: a, ", GROW("180MiB")) RUNS("hog", "container: b, ", "sleep: 3s, exit: 1"));

	cr_assert(pod(k, "hog", "Evicted", 0));
	cr_expect(pod(k, "hog", "CrashLoopBackOff", 0));
	for (size_t i = 0; i < k->npod; i++)
		cr_expect(k->pod[i].t <= 11 || strncmp(k->pod[i].name, "hog", 3), "hog is %s at %f", k->pod[i].status, k->pod[i].t);
	cr_expect_null(event(k, "Started", "hog", 3));
	free(k);
}

/* What a budget wants is compared with who is ready; a budget of others does not count. */
Test(kubelet, budgets_count)
{
	struct kube *k = play(NODE("15s", "") SET("Deployment", "web", "replicas: 2, ", "containers: [" C("web", "10Mi") "]")
			      "    - {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: all}, spec: {minAvailable: 100%, "
			      "selector: {matchLabels: {app: web}}}}\n"
			      "    - {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: other}, spec: {maxUnavailable: 1, "
			      "selector: {matchLabels: {app: x}}}}\n" WORK RUNS("web", "", GROW("85MiB")));
	bool below = false;

	for (size_t i = 0; i < k->ncount; i++) {
		cr_expect_str_neq(k->count[i].name, "other");
		if (strcmp(k->count[i].kind, "PodDisruptionBudget"))
			continue;
		cr_expect_eq(k->count[i].desired, 2);
		below |= k->count[i].ready == 1 && k->count[i].evicted == 1 && k->count[i].t < 11;
	}
	cr_expect(below, "an eviction did not ask the budget, and told it");
	free(k);
}

/* The second process of a pod, and the distance between the two, come back with it. */
Test(kubelet, all_processes_come_back)
{
	struct kube *k = play(NODE("20s", "  pod_startup: 1s\n") SET("Deployment", "web", "", "containers: [" C("a", "1Mi") ", " C("b", "1Mi") "]") WORK
			      RUNS("web", "container: a, ", GROW("180MiB")) RUNS("web", "container: b, start: 4s, ", "sleep: forever"));
	const struct pod_row *gone = pod(k, "web", "Evicted", 0);

	cr_assert(gone);
	cr_expect_eq(pod(k, "web", "Running", 0)->t, 4);
	cr_assert(pod(k, "web", "Running", 1));
	IS(pod(k, "web", "Running", 1)->t - gone->t, 5, 5.001);
	cr_expect_eq(pod(k, "web", "Running", 1)->ready, 2);
	free(k);
}

/* Two of them alike give the same records; another seed other names. */
Test(kubelet, names_follow_the_seed)
{
	static const char text[] = NODE("15s", "") SET("Deployment", "web", "", "containers: [" C("web", "10Mi") "]") WORK
		RUNS("web", "", GROW("180MiB"));
	char other[4096];
	struct kube *a = play(text), *b = play(text), *c;

	snprintf(other, sizeof(other), "seed: 2\n%s", text);
	c = play(other);
	cr_assert_eq(a->npod, b->npod);
	cr_expect_eq(memcmp(a->event, b->event, sizeof(a->event)), 0);
	cr_expect_str_neq(pod(a, "web", "Running", 0)->name, pod(c, "web", "Running", 0)->name);
	free(a);
	free(b);
	free(c);
}

/* 60 MiB/s from 11 s on: the 166 MiB above the threshold are gone in 3 s, all the rest in 5. A kubelet that looks at 20 s finds an OOM
 * kill; one that the kernel tells evicts in time. */
#define FAST(settings)                                                                                                 \
	"cgroup_version: 1\n" NODE("19s", settings) POD("hog", "containers: [" BARE("hog") "]") WORK                       \
	RUNS("hog", "start: 11s, ", "{leak: {region: r, rate: 60MiB/s}}")

Test(kubelet, notification)
{
	struct kube *k = play(FAST(""));

	cr_expect(event(k, "SystemOOM", "node", 0));
	cr_expect_null(event(k, "Evicted", "hog", 0));
	free(k);
	k = play(FAST("  kernelMemcgNotification: true\n"));
	cr_expect_null(event(k, "SystemOOM", "node", 0));
	cr_assert(event(k, "Evicted", "hog", 0));
	IS(event(k, "Evicted", "hog", 0)->t, 13, 15);
	free(k);
}
