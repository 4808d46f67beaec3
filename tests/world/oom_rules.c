/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What out_of_memory() does and in which order, on whole little machines. Source: specification G; oracle findings
 * 2, 6, 7. */
#include <criterion/criterion.h>

#include "sim/core/diag.h"
#include "tests/world/mini.h"

#define LEAK(rate) MINI_PROGRAM(STEP_LEAK(0, (rate)), STEP_SLEEP_FOREVER)
#define HOLD(size) MINI_PROGRAM(STEP_LEAK((size), 0), STEP_SLEEP_FOREVER)

static struct tape *run(struct sim_config *c, enum run_end *ret_end)
{
	struct tape *t = calloc(1, sizeof(*t));

	cr_assert_eq(mini_run(c, t, ret_end), SIM_OK);
	sim_config_free(c);
	return t;
}

static const char *nth_victim(const struct tape *t, size_t n)
{
	const struct rec_event *e = tape_find(t, EV_OOM_KILL, NULL, n);

	return e ? e->comm : "nobody";
}

Test(oom_rules, of_equals_the_youngest_dies)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;

	mini_init(&c, 128, 0, 30);
	mini_process(&c, "a", 0, HOLD(20 * MIB));
	mini_process(&c, "b", 1, HOLD(20 * MIB));
	mini_process(&c, "c", 2, HOLD(20 * MIB));
	mini_process(&c, "trigger", 3, LEAK(2 * MIB));
	t = run(&c, &end);
	cr_expect_str_eq(nth_victim(t, 0), "c");
	free(t);
}

Test(oom_rules, everybody_protected_is_a_panic)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;

	mini_init(&c, 128, 0, 30);
	mini_process(&c, "hog", 0, LEAK(8 * MIB))->oom_score_adj = -1000;
	mini_process(&c, "small", 0, HOLD(2 * MIB));
	t = run(&c, &end);
	cr_expect_str_eq(nth_victim(t, 0), "small");
	cr_expect_eq(t->nkill, 1);
	cr_expect_eq(end, RUN_PANIC);
	cr_expect_eq(tape_find(t, EV_PANIC, NULL, 0)->arg[0], PANIC_DEADLOCK);
	free(t);
}

Test(oom_rules, panic_on_oom_comes_before_any_kill)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;

	mini_init(&c, 128, 0, 30);
	c.sysctl.panic_on_oom = 1;
	c.sysctl.oom_kill_allocating_task = 1;
	mini_process(&c, "leak", 0, LEAK(8 * MIB));
	t = run(&c, &end);
	cr_expect_eq(t->nkill, 0);
	cr_expect_eq(end, RUN_PANIC);
	cr_expect_eq(tape_find(t, EV_PANIC, NULL, 0)->arg[0], PANIC_ON_OOM);
	free(t);
}

Test(oom_rules, the_allocating_task_dies_if_asked_for)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;

	mini_init(&c, 128, 0, 30);
	c.sysctl.oom_kill_allocating_task = 1;
	mini_process(&c, "big", 0, HOLD(32 * MIB));
	mini_process(&c, "small", 1, LEAK(2 * MIB));
	t = run(&c, &end);
	cr_expect_str_eq(nth_victim(t, 0), "small");
	cr_expect_eq(t->nkill, 1);
	free(t);
}

/* 600 pages in the balloon: three OOMs are answered by it, with 256, 256 and 88 pages, before the fourth kills. */
Test(oom_rules, a_balloon_gives_way_first)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;
	const int64_t want[] = { 256, 256, 88 };

	mini_init(&c, 128, 0, 30);
	c.machine.balloon = 600;
	mini_process(&c, "leak", 0, LEAK(8 * MIB));
	t = run(&c, &end);
	cr_assert_eq(tape_number(t, EV_OOM_SKIPPED, "leak"), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct rec_event *e = tape_find(t, EV_OOM_SKIPPED, "leak", i);

		cr_expect_eq(e->arg[0], OOM_SKIP_NOTIFIER);
		cr_expect_eq(e->arg[1], want[i]);
		cr_expect_leq(e->t_ns, tape_find(t, EV_OOM_KILL, NULL, 0)->t_ns);
	}
	cr_expect_eq(t->nkill, 1);
	free(t);
}

/* Locked memory does not go to swap, other memory does. */
Test(oom_rules, locked_pages_stay)
{
	struct sim_config c;
	enum run_end end;
	struct tape *t;

	mini_init(&c, 128, 64, 8);
	mini_process(&c, "locked", 0, MINI_PROGRAM({ .op = STEP_MLOCK }, STEP_LEAK(20 * MIB, 0), STEP_SLEEP_FOREVER));
	mini_process(&c, "leak", 1, MINI_PROGRAM(STEP_LEAK(90 * MIB, 20 * MIB), STEP_SLEEP_FOREVER));
	t = run(&c, &end);
	cr_expect_eq(t->nkill, 0);
	cr_expect_geq(t->last.meminfo_kB[MI_Mlocked], 20 * 1024);
	cr_expect_gt(t->last.meminfo_kB[MI_SwapTotal] - t->last.meminfo_kB[MI_SwapFree], 10 * 1024);
	free(t);
}
