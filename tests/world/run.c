/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <criterion/criterion.h>

#include "sim/core/diag.h"
#include "tests/core/failing.h"
#include "tests/world/mini.h"

/* A leak into swap beside a program that touches its memory at random, so that all of the machine is at work. */
static void busy_for(struct sim_config *c, double seconds)
{
	mini_init(c, 64, 32, seconds);
	mini_process(c, "leak", 0.1, MINI_PROGRAM(STEP_LEAK(0, 20.0 * MIB)));
	mini_process(c, "app", 0,
		     MINI_PROGRAM(STEP_LEAK(8 * MIB, 0), { .op = STEP_TOUCH,
							   .region = "heap",
							   .pattern = PATTERN_UNIFORM,
							   .write = true,
							   .rate = 2000,
							   .duration = 60 * NS_PER_SEC,
							   .catch_up = 10 * NS_PER_MS }));
}

static void busy(struct sim_config *c)
{
	busy_for(c, 5);
}

static struct tape *new_tape(void)
{
	return calloc(1, sizeof(struct tape));
}

static bool same_tape(const struct tape *a, const struct tape *b)
{
	return a->nrecord == b->nrecord && a->digest.a == b->digest.a && a->digest.b == b->digest.b;
}

Test(world, same_seed_same_records)
{
	struct tape *a = new_tape(), *b = new_tape();
	struct recorder ra = tape_recorder(a), rb = tape_recorder(b);
	struct sim_config c;
	struct world *wa, *wb;
	enum run_end end;

	busy(&c);
	cr_assert_eq(world_new(&c, &ra, &sim_alloc_libc, &wa), SIM_OK);
	cr_assert_eq(world_new(&c, &rb, &sim_alloc_libc, &wb), SIM_OK); /* side by side */
	cr_assert_eq(world_run(wb, &end), SIM_OK);
	cr_assert_eq(world_run(wa, &end), SIM_OK);
	cr_assert_eq(a->nkill, 1);
	cr_assert(same_tape(a, b));
	world_free(wa);
	world_free(wb);
	sim_config_free(&c);
	free(a);
	free(b);
}

Test(world, other_seed_other_draws)
{
	struct tape *a = new_tape(), *b = new_tape();
	struct sim_config c;
	enum run_end end;

	busy(&c);
	cr_assert_eq(mini_run(&c, a, &end), SIM_OK);
	c.seed = 2;
	cr_assert_eq(mini_run(&c, b, &end), SIM_OK);
	cr_assert_not(same_tape(a, b));
	sim_config_free(&c);
	free(a);
	free(b);
}

/* A process more in a scenario does not change when the others start. */
Test(world, starts_are_drawn_from_named_streams)
{
	struct tape *a = new_tape(), *b = new_tape();
	struct process_cfg *p;
	struct sim_config c;
	enum run_end end;

	for (int more = 0; more < 2; more++) {
		mini_init(&c, 64, 0, 2);
		if (more)
			mini_process(&c, "other", 0.1, MINI_PROGRAM(STEP_SLEEP_S(0.2)));
		p = mini_process(&c, "x", 0, MINI_PROGRAM(STEP_SLEEP_S(0.1)));
		p->count = 3;
		p->start = (struct sim_dist){ SIM_DIST_UNIFORM, { 0, 1e9 } };
		cr_assert_eq(mini_run(&c, more ? b : a, &end), SIM_OK);
		sim_config_free(&c);
	}
	for (int i = 0; i < 3; i++) {
		const char *comm[] = { "x", "x.1", "x.2" };
		const struct rec_event *ea = tape_find(a, EV_START, comm[i], 0),
				       *eb = tape_find(b, EV_START, comm[i], 0);

		cr_assert(ea && eb);
		cr_assert_eq(ea->t_ns, eb->t_ns);
		cr_assert(ea->t_ns > 0 && ea->t_ns < NS_PER_SEC);
	}
	free(a);
	free(b);
}

Test(world, ends_at_the_horizon)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 64, 0, 1.5);
	mini_process(&c, "sleeper", 0, MINI_PROGRAM(STEP_SLEEP_FOREVER));
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_HORIZON);
	cr_assert_eq(t->end_ns, 1500 * NS_PER_MS);
	cr_assert_eq(t->nbegin, 1);
	cr_assert_eq(t->nend, 1);
	cr_assert_eq(t->nsample, 16, "every 100 ms from 0 to 1.5 s");
	cr_assert_eq(t->ntask, 16);
	cr_assert_eq(t->last.t_ns, 1500 * NS_PER_MS);
	cr_assert_eq(t->task.state, 'S');
	cr_assert_eq(tape_find(t, EV_END, NULL, 0)->arg[0], RUN_HORIZON);
	sim_config_free(&c);
	free(t);
}

Test(world, ends_when_idle)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 64, 0, 10);
	mini_no_costs(&c);
	mini_process(&c, "first", 0, MINI_PROGRAM(STEP_SLEEP_S(0.25)));
	mini_process(&c, "second", 0.5, MINI_PROGRAM(STEP_SLEEP_S(0.25)));
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_IDLE);
	cr_assert_eq(t->end_ns, 750 * NS_PER_MS);
	cr_assert_eq(tape_find(t, EV_EXIT, "first", 0)->t_ns, 250 * NS_PER_MS);
	c.stop_when_idle = false;
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_HORIZON);
	cr_assert_eq(t->end_ns, 10 * NS_PER_SEC);
	sim_config_free(&c);
	free(t);
}

Test(world, nothing_to_do_is_idle_at_once)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 64, 0, 10);
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_IDLE);
	cr_assert_eq(t->end_ns, 0);
	sim_config_free(&c);
	free(t);
}

Test(world, panics_when_nobody_may_be_killed)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 64, 0, 20);
	mini_process(&c, "hog", 0, MINI_PROGRAM(STEP_LEAK(0, 50.0 * MIB)))->oom_score_adj = -1000;
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_PANIC);
	cr_assert_eq(t->nkill, 0);
	cr_assert_eq(tape_find(t, EV_PANIC, NULL, 0)->arg[0], PANIC_DEADLOCK);
	cr_assert_eq(tape_find(t, EV_PANIC, NULL, 0)->t_ns, t->end_ns);
	sim_config_free(&c);
	free(t);
}

/* 25 MiB/s in batches of 12 pages: 12 * 4096 / (25 * 2^20) s = 1.875 ms each, 2^20 * 10 / (12 * 4096) = 213.3
 * batches. */
Test(world, first_events_of_a_leak)
{
	struct tape *t = new_tape();
	const struct rec_event *e;
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 256, 0, 10);
	mini_no_costs(&c);
	mini_process(&c, "leak", 0.5, MINI_PROGRAM(STEP_LEAK(10 * MIB, 25.0 * MIB), STEP_EXIT_CODE(3)));
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	e = tape_find(t, EV_START, NULL, 0);
	cr_assert_eq(e->t_ns, 500 * NS_PER_MS);
	cr_assert_eq(e->pid, 79);
	cr_assert_str_eq(e->comm, "leak");
	cr_assert_eq(e->arg[0], 1000);
	cr_assert_eq(e->arg[2], 1);
	e = tape_find(t, EV_STEP_END, "leak", 0);
	cr_assert_eq(e->t_ns, 900 * NS_PER_MS, "213 batches of 1.875 ms and one of 4 pages, 0.625 ms");
	cr_assert_eq(e->arg[0], STEP_GROW);
	cr_assert_eq(e->arg[1], 2560);
	cr_assert_eq(e->arg[2], 400);
	e = tape_find(t, EV_EXIT, "leak", 0);
	cr_assert_eq(e->t_ns, 900 * NS_PER_MS);
	cr_assert_eq(e->arg[0], 0);
	cr_assert_eq(e->arg[1], 3);
	cr_assert_eq(e->arg[2], 2560 + 14, "14 private pages of the program");
	cr_assert_eq(end, RUN_IDLE);
	sim_config_free(&c);
	free(t);
}

/* ---- a world goes at any time ---- */

Test(world, freed_before_it_runs)
{
	struct tape *t = new_tape();
	struct recorder rec = tape_recorder(t);
	struct failing f = { UINT32_MAX, 0 };
	struct sim_alloc a = FAILING_ALLOC(&f);
	struct sim_config c;
	struct world *w;

	busy(&c);
	cr_assert_eq(world_new(&c, &rec, &a, &w), SIM_OK);
	cr_assert_gt(f.live, 0);
	world_free(w);
	world_free(NULL);
	cr_assert_eq(f.live, 0);
	cr_assert_eq(t->nrecord, 0);
	sim_config_free(&c);
	free(t);
}

/* The recorder stops the run at its n-th record, wherever that is. */
Test(world, stopped_by_the_recorder)
{
	struct tape *t = new_tape();
	struct sim_config c;

	busy(&c);
	for (size_t n = 1; n < 240; n += n < 60 ? 1 : 7) {
		struct recorder rec = tape_recorder(t);
		struct failing f = { UINT32_MAX, 0 };
		struct sim_alloc a = FAILING_ALLOC(&f);
		enum run_end end = RUN_PANIC;
		struct world *w;

		t->stop_after = n;
		cr_assert_eq(world_new(&c, &rec, &a, &w), SIM_OK);
		cr_assert_eq(world_run(w, &end), TAPE_STOP, "record %zu", n);
		cr_assert_eq(end, RUN_PANIC, "not touched on failure");
		cr_assert_leq(t->nrecord, n + 2,
			      "little comes after the record that was refused: the rest of an OOM report");
		world_free(w);
		cr_assert_eq(f.live, 0);
	}
	sim_config_free(&c);
	free(t);
}

/* Families, threads, files, every kind of region: what allocates while it runs. */
static void populous(struct sim_config *c)
{
	mini_init(c, 64, 16, 2);
	c->machine.ncpu = 2;
	mini_file(c, 8 * MIB);
	mini_process(
		c, "web", 0,
		MINI_PROGRAM(
			STEP_LEAK(3 * MIB, 0),
			{ .op = STEP_FORK, .count = 3, .body = MINI_PROGRAM(STEP_LEAK(3 * MIB, 0), STEP_SLEEP_S(0.1)) },
			{ .op = STEP_VFORK, .body = MINI_PROGRAM(STEP_EXIT_CODE(0)) },
			{ .op = STEP_CLONE_VM, .body = MINI_PROGRAM(STEP_LEAK(MIB, 0)) }, { .op = STEP_WAIT }))
		->threads = 2;
	mini_process(c, "db", 0.01,
		     MINI_PROGRAM({ .op = STEP_MMAP, .region = "s", .kind = REGION_SHMEM, .size = 2 * MIB },
				  { .op = STEP_MMAP, .region = "f", .kind = REGION_FILE, .readonly = true },
				  { .op = STEP_TOUCH,
				    .region = "f",
				    .pattern = PATTERN_ZIPF,
				    .zipf_s = 1,
				    .duration = NS_PER_MS },
				  { .op = STEP_TOUCH, .region = "s", .write = true }, { .op = STEP_WRITE },
				  STEP_LEAK(0, 0)));
}

/* The host's memory ends at the n-th allocation, while building or while running. */
static void starve(void (*build)(struct sim_config *c), struct tape *t, unsigned upto)
{
	struct sim_config c;
	unsigned built = 0;

	build(&c);
	for (unsigned n = 0; n < upto; n++) {
		struct recorder rec = tape_recorder(t);
		struct failing f = { n, 0 };
		struct sim_alloc a = FAILING_ALLOC(&f);
		struct world *w = NULL;
		enum run_end end;
		int err = world_new(&c, &rec, &a, &w);

		if (!err) {
			built++;
			err = world_run(w, &end);
			world_free(w);
		}
		cr_assert(err == SIM_ENOMEM || (!err && f.left), "allocation %u: code %d", n, err);
		cr_assert_eq(f.live, 0, "allocation %u", n);
	}
	cr_assert_gt(built, 20);
	sim_config_free(&c);
}

Test(world, out_of_host_memory)
{
	struct tape *t = new_tape();

	starve(busy, t, 200);
	free(t);
}

Test(world, out_of_host_memory_in_a_crowd)
{
	struct tape *t = new_tape();

	starve(populous, t, 300);
	free(t);
}

Test(world, a_crowd_comes_to_its_end)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	populous(&c);
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_assert_eq(end, RUN_IDLE);
	cr_assert_geq(t->nkill, 1);
	cr_assert_eq(tape_number(t, EV_EXIT, NULL), tape_number(t, EV_START, NULL));
	sim_config_free(&c);
	free(t);
}

Test(world, too_big_is_refused)
{
	struct tape *t = new_tape();
	struct sim_config c;
	enum run_end end;

	mini_init(&c, 4 * 1024 * 1024, 0, 1); /* 4 TiB of 4 KiB pages: frame numbers have 29 bits */
	cr_assert_eq(mini_run(&c, t, &end), SIM_ETOOBIG);
	sim_config_free(&c);
	free(t);
}

Test(world, stats)
{
	struct tape *t = new_tape();
	struct recorder rec = tape_recorder(t);
	struct sim_config c;
	struct world_stats s;
	struct world *w;
	enum run_end end;

	busy_for(&c, 1);
	cr_assert_eq(world_new(&c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK);
	cr_assert_eq(world_run(w, &end), SIM_OK, "once more is harmless");
	cr_assert_eq(t->nend, 1);
	world_get_stats(w, &s);
	cr_assert_eq(s.frames, t->begin.totalram_pages);
	cr_assert_gt(s.events, 10);
	cr_assert_gt(s.switches, 2);
	cr_assert_gt(s.host_bytes, 20 * s.frames);
	world_free(w);
	sim_config_free(&c);
	free(t);
}
