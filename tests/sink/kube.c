/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a Kubernetes node, from a hand-made stream, and the sums that the collector makes of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/core/diag.h"
#include "sim/sink/recdigest.h"
#include "sim/sink/sink.h"
#include "sim/sink/story.h"
#include "tests/sink/fixture.h"

#define S(n)   ((sim_ns)(n) * NS_PER_SEC)
#define TRY(x) cr_assert_eq((x), 0)

static const struct rec_container running = { .name = "app", .state = KUBE_RUNNING, .started = 0 };
static const struct rec_container back_off = { .name = "app", .state = KUBE_WAITING, .reason = "CrashLoopBackOff", .started = S(20),
					       .finished = S(30), .restarts = 1, .has_last = true, .last_reason = "OOMKilled",
					       .last_exit_code = 137, .last_started = S(20), .last_finished = S(30) };
static const struct rec_container killed = { .name = "app", .state = KUBE_TERMINATED, .reason = "OOMKilled", .exit_code = 137,
					     .finished = S(20) };
static const struct rec_container ended = { .name = "app", .state = KUBE_TERMINATED, .reason = "Error", .exit_code = 143,
					    .started = S(5), .finished = S(150) };

static void pod(struct recorder *rec, sim_ns t, const char *name, uint64_t uid, const char *status, const char *phase,
		const struct rec_container *c, const char *message)
{
	const struct rec_pod r = { .t_ns = t, .created_ns = S(uid), .restarted_ns = c->restarts ? c->last_started : SIM_NEVER, .uid = uid,
				   .ns = "default", .name = name, .kind = "Deployment", .owner = "web", .cgroup = "/kubepods/podweb-0",
				   .qos = "Burstable", .phase = phase, .status = status, .reason = message ? "Evicted" : NULL,
				   .message = message ? message : "", .ready = c->state == KUBE_RUNNING, .restarts = c->restarts,
				   .container = c, .ncontainer = 1 };

	TRY(rec->pod(rec->ctx, &r));
}

static void event(struct recorder *rec, sim_ns t, bool warning, const char *reason, const char *name, const char *message)
{
	const struct rec_kube_event r = { .t_ns = t, .warning = warning, .reason = reason, .kind = *name == 'w' ? "pod" : "node",
					  .ns = *name == 'w' ? "default" : "", .name = name, .message = message,
					  .owner = *name == 'w' ? "web" : "", .refused = !strcmp(name, "web-c") };

	TRY(rec->kube_event(rec->ctx, &r));
}

static void count(struct recorder *rec, sim_ns t, const char *kind, unsigned desired, unsigned ready, unsigned evicted)
{
	const struct rec_workload r = { .t_ns = t, .kind = kind, .ns = "default", .name = "web", .desired = desired, .ready = ready,
					.evicted = evicted };

	TRY(rec->workload(rec->ctx, &r));
}

/* Two pods: a is OOMKilled at 20 s and waits from 30 s on; b is evicted at 149 s and gone at 150 s; c is refused. */
static void send(struct recorder *rec)
{
	struct sim_config c = { .seed = 1, .horizon = S(200), .kernel = kernel_model_find("k6.1") };
	const struct rec_end end = { .t_ns = S(200), .end = RUN_HORIZON };
	const struct rec_begin begin = { .config = &c, .totalram_pages = 56000, .min_free_kbytes = 1888 };
	char trap[] = "used \"all\",\n\x1b of it ";

	snprintf(c.name, sizeof(c.name), "kube");
	c.machine.ncpu = 1;
	c.machine.memory = 256 * MIB;
	c.machine.page_size = 4096;
	TRY(rec->begin(rec->ctx, &begin));
	pod(rec, 0, "web-a", 0, "Running", "Running", &running, NULL);
	count(rec, 0, "Deployment", 2, 1, 0);
	pod(rec, S(5), "web-b", 5, "Running", "Running", &running, NULL);
	count(rec, S(5), "Deployment", 2, 2, 0);
	count(rec, S(5), "PodDisruptionBudget", 1, 2, 0);
	pod(rec, S(20), "web-a", 0, "OOMKilled", "Running", &killed, NULL);
	count(rec, S(20), "Deployment", 2, 1, 0);
	pod(rec, S(30), "web-a", 0, "CrashLoopBackOff", "Running", &back_off, NULL);
	event(rec, S(30), true, "BackOff", "web-a", "Back-off restarting failed container app in pod web-a_default");
	event(rec, S(100), false, "NodeHasInsufficientMemory", "node", "Node node status is now: NodeHasInsufficientMemory");
	event(rec, S(149), true, "Evicted", "web-b", trap);
	pod(rec, S(150), "web-b", 5, "Evicted", "Failed", &ended, trap);
	count(rec, S(150), "Deployment", 2, 0, 1);
	count(rec, S(150), "PodDisruptionBudget", 1, 0, 1);
	event(rec, S(151), true, "Evicted", "web-c", "The node had condition: [MemoryPressure]. ");
	event(rec, S(160), false, "NodeHasSufficientMemory", "node", "Node node status is now: NodeHasSufficientMemory");
	count(rec, S(170), "PodDisruptionBudget", 1, 1, 1);
	TRY(rec->end(rec->ctx, &end));
}

Test(sink_kube, files)
{
	static const char *const files[] = { "pods.csv", "kubectl.txt", "events.jsonl" };
	char dir[200], target[300], name[64];
	struct sink_set *s;

	fixture_tmpdir(dir);
	snprintf(target, sizeof(target), "%s/out", dir);
	s = sink_set_new(&(struct sink_options){ .dir = target, .path = "/nonexistent" });
	send(sink_set_recorder(s));
	cr_assert_eq(sink_set_finish(s), SIM_OK);
	sink_set_free(s);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct strbuf got = fixture_read(target, files[i]);

		cr_assert(!got.failed, "%s is missing", files[i]);
		snprintf(name, sizeof(name), "kube.%s", files[i]);
		fixture_golden(name, got.s ? got.s : "");
		strbuf_free(&got);
	}
	fixture_cleanup(dir);
}

/* Without pods there are no such files. */
Test(sink_kube, no_files_without_pods)
{
	char dir[200], target[300];
	struct sink_set *s;

	fixture_tmpdir(dir);
	snprintf(target, sizeof(target), "%s/out", dir);
	s = sink_set_new(&(struct sink_options){ .dir = target, .path = "/nonexistent" });
	TRY(fixture_quiet(sink_set_recorder(s)));
	cr_assert_eq(sink_set_finish(s), SIM_OK);
	sink_set_free(s);
	cr_expect_not(fixture_exists(target, "pods.csv"));
	cr_expect_not(fixture_exists(target, "kubectl.txt"));
	fixture_cleanup(dir);
}

/* The Deployment is below 2 from 20 to 200 s, since it had them at 5 s; the budget below 1 from 150 to 170 s. */
Test(sink_kube, sums)
{
	struct collect c;
	struct recorder rec;
	char *text = NULL;
	size_t n;
	FILE *f;

	collect_init(&c);
	rec = collect_recorder(&c);
	send(&rec);
	cr_assert_eq(c.kube.nworkload, 2);
	cr_expect_eq(c.kube.workload[0].below_ns, S(180));
	cr_expect_eq(c.kube.workload[0].lowest, 0);
	cr_expect_eq(c.kube.workload[0].evicted, 1);
	cr_expect_eq(c.kube.workload[1].below_ns, S(20));
	cr_assert_eq(c.kube.neviction, 1);
	cr_expect_str_eq(c.kube.eviction[0].owner, "web");
	cr_expect_eq(c.kube.eviction[0].t_ns, S(149));
	cr_expect_eq(c.kube.eviction[0].gone_ns, S(150));
	cr_expect_eq(c.kube.refused, 1);
	cr_expect_eq(c.kube.oom_killed, 1);
	cr_expect_eq(c.kube.pressure_ns, S(60));
	f = open_memstream(&text, &n);
	cr_assert_eq(story_write(&c, &(struct story_options){ 0 }, f), SIM_OK);
	fclose(f);
	fixture_golden("kube.story", text);
	free(text);
	collect_free(&c);
}

/* An init container that is killed is told by the pod's status alone. */
Test(sink_kube, init_container)
{
	struct collect_kube k;
	struct rec_pod r = { .t_ns = S(1), .restarted_ns = SIM_NEVER, .status = "Init:OOMKilled", .name = "a", .ns = "b" };

	collect_kube_init(&k);
	TRY(collect_kube_pod(&k, &r));
	r.status = "Init:CrashLoopBackOff";
	TRY(collect_kube_pod(&k, &r));
	cr_expect_eq(k.oom_killed, 1);
	collect_kube_free(&k);
}

static bool differs(void (*digest)(struct digest *d, const void *r), const void *a, const void *b)
{
	struct digest x = DIGEST_INIT, y = DIGEST_INIT;

	digest(&x, a);
	digest(&y, b);
	return x.a != y.a || x.b != y.b;
}

static void of_pod(struct digest *d, const void *r)
{
	recdigest_pod(d, r);
}

static void of_event(struct digest *d, const void *r)
{
	recdigest_kube_event(d, r);
}

static void of_workload(struct digest *d, const void *r)
{
	recdigest_workload(d, r);
}

/* Each field of each record counts. */
#define COUNTS(type, digest, base, field, value)                                                                       \
	do {                                                                                                           \
		struct type other_ = base;                                                                             \
                                                                                                                       \
		other_.field = (value);                                                                                \
		cr_expect(differs(digest, &base, &other_), #type "." #field " does not count");                        \
	} while (0)

Test(sink_kube, digest)
{
	struct rec_container c = running, o;
	struct rec_pod p = { .container = &c, .ncontainer = 1 };
	struct rec_kube_event e = { 0 };
	struct rec_workload w = { 0 };

	COUNTS(rec_pod, of_pod, p, t_ns, 1);
	COUNTS(rec_pod, of_pod, p, created_ns, 1);
	COUNTS(rec_pod, of_pod, p, restarted_ns, 1);
	COUNTS(rec_pod, of_pod, p, uid, 1);
	COUNTS(rec_pod, of_pod, p, name, "x");
	COUNTS(rec_pod, of_pod, p, owner, "x");
	COUNTS(rec_pod, of_pod, p, cgroup, "x");
	COUNTS(rec_pod, of_pod, p, phase, "x");
	COUNTS(rec_pod, of_pod, p, status, "x");
	COUNTS(rec_pod, of_pod, p, reason, "x");
	COUNTS(rec_pod, of_pod, p, message, "x");
	COUNTS(rec_pod, of_pod, p, ready, 1);
	COUNTS(rec_pod, of_pod, p, restarts, 1);
	for (int i = 0; i < 6; i++) {
		o = c;
		o.exit_code = i == 0;
		o.last_exit_code = i == 1;
		o.restarts = i == 2;
		o.finished = i == 3;
		o.last_started = i == 4;
		o.last_reason = i == 5 ? "x" : NULL;
		COUNTS(rec_pod, of_pod, p, container, &o);
	}
	COUNTS(rec_kube_event, of_event, e, warning, true);
	COUNTS(rec_kube_event, of_event, e, refused, true);
	COUNTS(rec_kube_event, of_event, e, reason, "x");
	COUNTS(rec_kube_event, of_event, e, name, "x");
	COUNTS(rec_kube_event, of_event, e, message, "x");
	COUNTS(rec_workload, of_workload, w, kind, "x");
	COUNTS(rec_workload, of_workload, w, desired, 1);
	COUNTS(rec_workload, of_workload, w, ready, 1);
	COUNTS(rec_workload, of_workload, w, evicted, 1);
}
