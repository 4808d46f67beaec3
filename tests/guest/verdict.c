/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When measured and simulated agree, and how that is printed. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/guest/verdict.h"

static struct outcome real, sim;
static const struct verdict v = { "t", "6.1.0-50", "k6.1", "a note\n", &real, &sim, 0.1 };

static void drop(void)
{
	outcome_free(&real);
	outcome_free(&sim);
}

TestSuite(verdict, .fini = drop);

Test(verdict, kills_within_the_tolerance)
{
	outcome_add_kill(&real, "leak", 1000);
	outcome_add_kill(&sim, "leak", 1090);
	cr_assert(verdict_agrees(&v));
	sim.kill[0].t_ms = 1110;
	cr_assert_not(verdict_agrees(&v));
	sim.kill[0].t_ms = 890;
	cr_assert_not(verdict_agrees(&v));
}

Test(verdict, other_victims)
{
	outcome_add_kill(&real, "leak", 1000);
	cr_assert_not(verdict_agrees(&v));
	outcome_add_kill(&sim, "db", 1000);
	cr_assert_not(verdict_agrees(&v));
}

/* Work counts where nobody is killed: a victim's part depends on the moment. */
Test(verdict, work)
{
	outcome_add_phase(&real, &(struct oc_phase){ .comm = "db", .kind = PHASE_TOUCH, .pages = 1000, .ms = 10 });
	outcome_add_phase(&real, &(struct oc_phase){ .comm = "db", .kind = PHASE_TOUCH, .pages = 1000, .ms = 10 });
	outcome_add_phase(&sim, &(struct oc_phase){ .comm = "db", .kind = PHASE_TOUCH, .pages = 1900, .ms = 99 });
	cr_assert(verdict_agrees(&v));
	sim.phase[0].pages = 1700;
	cr_assert_not(verdict_agrees(&v));
	outcome_add_kill(&real, "leak", 1000);
	outcome_add_kill(&sim, "leak", 1000);
	cr_assert(verdict_agrees(&v));
}

Test(verdict, table)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	outcome_add_kill(&real, "leak", 1000);
	outcome_add_kill(&sim, "leak", 1010);
	outcome_add_kill(&sim, "db", 2000);
	real.q[Q_PSWPIN] = 200;
	sim.q[Q_PSWPIN] = 150;
	sim.q[Q_REFAULT] = 3;
	verdict_print(f, &v);
	fclose(f);
	cr_assert_str_eq(text, "t: Linux 6.1.0-50 in QEMU beside the simulation of k6.1\n"
			       "in the guest: a note\n"
			       "\n"
			       "                                           measured      simulated     error\n"
			       "leak killed at, s                             1.000          1.010     +1.0%\n"
			       "db killed at, s                                   -          2.000   DIFFERS\n"
			       "pswpin                                          200            150    -25.0%\n"
			       "refaults                                          0              3       new\n"
			       "\n"
			       "They differ.\n");
	free(text);
}

Test(verdict, json)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	json_t *j, *kills;

	outcome_add_kill(&real, "leak", 1500);
	outcome_add_kill(&sim, "leak", 1500);
	cr_assert(verdict_json(f, &v));
	fclose(f);
	j = json_loads(text, 0, NULL);
	cr_assert(j);
	cr_assert_str_eq(json_string_value(json_object_get(j, "schema")), "oomsim.compare-kernel/1");
	cr_assert(json_is_true(json_object_get(j, "agrees")));
	kills = json_object_get(json_object_get(j, "kills"), "measured");
	cr_assert_eq(json_real_value(json_object_get(json_array_get(kills, 0), "t_s")), 1.5);
	cr_assert(json_is_null(json_object_get(json_object_get(json_object_get(j, "quantities"), "pswpin"), "error")));
	json_decref(j);
	free(text);
}
