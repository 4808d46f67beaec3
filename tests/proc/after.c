/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Init containers: what waits for a process starts when that has ended with exit code 0, and not before. */
#include <criterion/criterion.h>

#include "sim/scenario/scenario.h"
#include "tests/world/mini.h"

#define INIT(i, steps) "{pod: p, container: " i ", workload: [" steps "]}, "

/* A pod of two init containers, a sidecar between them and two others; `first` is what the first does. */
static struct tape *run(const char *policy, const char *first)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct recorder rec = tape_recorder(t);
	struct diag_list dl = { 0 };
	struct sim_config c;
	struct world *w;
	enum run_end end;
	char text[2048];

	snprintf(text, sizeof(text),
		 "duration: 100s\nmachine: {memory: 256MiB}\nkubernetes:\n  manifests: [{apiVersion: v1, kind: Pod, "
		 "metadata: {name: p}, spec: {"
		 "restartPolicy: %s, initContainers: [{name: i1, image: x}, {name: s, image: x, restartPolicy: "
		 "Always}, {name: i2, image: x}], "
		 "containers: [{name: a, image: x}, {name: b, image: x}]}}]\n"
		 "  workloads: [" INIT("i1", "%s") INIT("i2", "sleep: 2s") INIT("s", "sleep: forever")
			 INIT("a", "sleep: 1s") "{pod: p, container: b, start: 5s, workload: [sleep: 1s]}]\n",
		 policy, first);
	cr_assert_eq(scenario_load_buffer("t.yaml", text, strlen(text), NULL, &c, &dl), SIM_OK);
	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK);
	world_free(w);
	sim_config_free(&c);
	diag_list_free(&dl);
	return t;
}

/* Second of the n-th start; -1: there is none. */
static int start(const struct tape *t, const char *comm, size_t n)
{
	for (size_t i = 0; i < t->nevent; i++)
		if (t->event[i].kind == EV_START && !strcmp(t->event[i].comm, comm) && !n--)
			return (int)(t->event[i].t_ns / NS_PER_SEC);
	return -1;
}

Test(after, one_after_another)
{
	struct tape *t = run("Never", "sleep: 3s");

	cr_expect_eq(start(t, "i1", 0), 0);
	cr_expect_eq(start(t, "s", 0), 3);
	cr_expect_eq(start(t, "i2", 0), 3);
	cr_expect_eq(start(t, "a", 0), 5);
	cr_expect_eq(start(t, "b", 0), 10, "its start counts from then on");
	free(t);
}

/* Never: the pod has failed, nothing else starts, and the run ends with it. */
Test(after, failure)
{
	struct tape *t = run("Never", "sleep: 3s, exit: 1");

	cr_expect_eq(start(t, "s", 0), -1);
	cr_expect_eq(start(t, "a", 0), -1);
	cr_expect_lt(t->end_ns, 4 * NS_PER_SEC);
	free(t);
	t = run("Always", "sleep: 3s, exit: 1");
	cr_expect_eq(start(t, "i1", 1), 3);
	cr_expect_eq(start(t, "i1", 2), 16, "after 10 s");
	cr_expect_eq(start(t, "i2", 0), -1);
	free(t);
}

/* An init container that has ended well is not started again, whatever the pod's policy; the others are. */
Test(after, success_is_final)
{
	struct tape *t = run("Always", "sleep: 3s");

	cr_expect_eq(start(t, "i1", 1), -1);
	cr_expect_eq(start(t, "i2", 1), -1);
	cr_expect_eq(start(t, "a", 1), 6);
	cr_expect_eq(start(t, "s", 1), -1);
	free(t);
}
