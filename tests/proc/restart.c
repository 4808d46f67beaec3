/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Containers that end are started again, later each time; their other processes end with them. */
#include <criterion/criterion.h>

#include "sim/scenario/scenario.h"
#include "tests/world/mini.h"

static struct tape *run(const char *process)
{
	struct tape *t = calloc(1, sizeof(*t));
	struct recorder rec = tape_recorder(t);
	struct diag_list dl = { 0 };
	struct sim_config c;
	struct world *w;
	enum run_end end;
	char text[1024];

	snprintf(text, sizeof(text), "duration: 100s\nmachine: {memory: 128MiB}\ncgroups: [{path: a}]\nprocesses:\n%s", process);
	cr_assert_eq(scenario_load_buffer("t.yaml", text, strlen(text), NULL, &c, &dl), SIM_OK);
	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK);
	world_free(w);
	sim_config_free(&c);
	diag_list_free(&dl);
	return t;
}

static size_t count(const struct tape *t, enum event_kind kind, const char *comm)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nevent; i++)
		n += t->event[i].kind == kind && !strcmp(t->event[i].comm, comm);
	return n;
}

/* One second each: starts at 0, 1, 12, 33, 74; ends 1, 2, 13, 34, 75 s. */
Test(restart, back_off_grows)
{
	static const unsigned at[] = { 1, 2, 13, 34, 75 }, wait[] = { 0, 10, 20, 40, 80 };
	struct tape *t = run("  - {name: p, restart: on-failure, workload: [sleep: 1s, exit: 3]}\n");

	cr_assert_eq(count(t, EV_RESTART, "p"), ARRAY_LEN(at));
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		const struct rec_event *e = tape_find(t, EV_RESTART, "p", i);

		cr_expect_eq(e->t_ns / NS_PER_SEC, at[i]);
		cr_expect_eq(e->arg[0], 3);
		cr_expect_eq(e->arg[1], (int64_t)i + 1);
		cr_expect_eq(e->arg[2], wait[i] * 1000);
	}
	cr_expect_eq(count(t, EV_START, "p"), ARRAY_LEN(at));
	free(t);
}

Test(restart, success_and_never)
{
	struct tape *t = run("  - {name: p, restart: on-failure, workload: [sleep: 1s]}\n");

	cr_expect_eq(count(t, EV_RESTART, "p"), 0);
	cr_expect_lt(t->end_ns, 2 * NS_PER_SEC);
	free(t);
	t = run("  - {name: p, workload: [sleep: 1s, exit: 3]}\n");
	cr_expect_eq(count(t, EV_RESTART, "p"), 0);
	free(t);
	t = run("  - {name: p, restart: always, workload: [sleep: 30s]}\n");
	cr_expect_eq(count(t, EV_START, "p"), 3); /* at 0, 30 and 70 s */
	free(t);
}

/* The child of PID 1 and a neighbour in its cgroup are ended by SIGKILL; who is outside is not. */
Test(restart, container_ends_with_its_first_process)
{
	struct tape *t = run("  - {name: p, cgroup: a, restart: always, workload: [{fork: {comm: kid, steps: [sleep: forever]}}, sleep: 60s]}\n"
			     "  - {name: q, cgroup: a, workload: [sleep: forever]}\n"
			     "  - {name: r, workload: [sleep: forever]}\n");

	cr_assert_eq(count(t, EV_EXIT, "kid"), 1);
	cr_expect_eq(tape_find(t, EV_EXIT, "kid", 0)->arg[0], 9);
	cr_expect_eq(count(t, EV_EXIT, "q"), 1);
	cr_expect_eq(count(t, EV_EXIT, "r"), 0);
	cr_expect_eq(count(t, EV_START, "p"), 2);
	cr_expect_leq(tape_find(t, EV_START, "p", 1)->t_ns, 60 * NS_PER_SEC + NS_PER_SEC);
	free(t);
}
