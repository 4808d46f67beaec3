/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The errors that `make fidelity` reports, worked by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/recorded/bars.h"

static struct comparison made(const char *name)
{
	struct comparison c = { .ran = true };

	snprintf(c.name, sizeof(c.name), "%s", name);
	c.real.ram_kB = 1000;
	return c;
}

static void done(struct comparison *c)
{
	outcome_free(&c->real);
	outcome_free(&c->sim);
}

Test(errors, quantiles_are_by_nearest_rank)
{
	double v[] = { 5, 1, 4, 2, 3, 6, 7, 8, 9, 10 }, inf[] = { INFINITY, 1, 2 };

	cr_expect_eq(quantile(v, 10, 0.5), 5.5);
	cr_expect_eq(quantile(v, 10, 0.9), 9);
	cr_expect_eq(quantile(v, 10, 0.95), 10);
	cr_expect_eq(quantile(v, 1, 0.95), 1);
	cr_expect_eq(quantile(inf, 3, 0.5), 2);
	cr_expect(isinf(quantile(inf, 3, 0.95)));
	cr_expect(isnan(quantile(v, 0, 0.5)));
}

/* Below 100 on both sides nothing counts; where one side has more, the other is taken for 100 at least. */
Test(errors, small_counters)
{
	struct comparison c = made("x-6.1");

	c.real.q[Q_PSWPIN] = 99;
	c.sim.q[Q_PSWPIN] = 3;
	cr_expect(isnan(measure_error(M_PSWPIN, &c)));
	c.sim.q[Q_PSWPIN] = 250;
	cr_expect_float_eq(measure_error(M_PSWPIN, &c), 1.51, 1e-12);
	c.real.q[Q_PSWPIN] = 200;
	cr_expect_float_eq(measure_error(M_PSWPIN, &c), 0.25, 1e-12);
	c.ran = false;
	cr_expect(isnan(measure_error(M_PSWPIN, &c)));
}

/* Measured 100 kB throughout. Simulated 100, then 200 from 10 ms on (interpolated in between), and nothing after 20 ms: the last value
 * holds. At 0, 10, 20, 40 ms it is off by 0, 100, 100, 100: (10 * 50 + 10 * 100 + 20 * 100) / 40 = 87.5 of 1000 kB. */
Test(errors, curves)
{
	static const double real_ms[] = { 0, 10, 20, 40 }, sim_ms[] = { 0, 10, 20 };
	struct comparison c = made("x-6.1");

	for (size_t i = 0; i < 4; i++)
		outcome_add_point(&c.real, &(struct oc_point){ .t_ms = real_ms[i], .anon_kB = 100 });
	for (size_t i = 0; i < 3; i++)
		outcome_add_point(&c.sim, &(struct oc_point){ .t_ms = sim_ms[i], .anon_kB = i ? 200 : 100 });
	cr_expect_float_eq(curve_error(CURVE_ANON, &c), 0.0875, 1e-12);
	cr_expect_eq(curve_error(CURVE_FILE, &c), 0);
	done(&c);
}

/* A recording that could not be simulated has other victims, and no say in the times; a kill that never came is infinitely late. */
Test(errors, bars_over_recordings)
{
	struct comparison c[4] = { made("a-6.1"), made("b-6.1"), made("c-7.2"), made("d-7.2") };
	const struct bar same = { .kind = BAR_VICTIMS, .q = BAR_MEAN, .limit = 0 };
	const struct bar first = { .kind = BAR_FIRST_KILL, .q = 0.5, .limit = 0.03 };
	struct reached r;

	for (size_t i = 0; i < 4; i++)
		outcome_add_kill(&c[i].real, "leak", 1000);
	outcome_add_kill(&c[0].sim, "leak", 1020);
	outcome_add_kill(&c[1].sim, "web", 990);
	c[3].ran = false;
	r = bar_reached(&same, c, 4, NULL);
	cr_expect_eq(r.n, 4);
	cr_expect_eq(r.value, 0.75);
	cr_expect_not(r.met);
	r = bar_reached(&first, c, 4, NULL);
	cr_expect_eq(r.n, 3);
	cr_expect_float_eq(r.value, 0.02, 1e-12);
	cr_expect(r.met);
	r = bar_reached(&first, c, 4, "7.2");
	cr_expect_eq(r.n, 1);
	cr_expect(isinf(r.value));
	cr_expect_not(r.met);
	for (size_t i = 0; i < 4; i++)
		done(&c[i]);
}

Test(errors, kernels_are_found_in_names)
{
	struct comparison c[3] = { made("ws-120-7.2"), made("ws-120-6.12+classic"), made("idle-7.2") };
	size_t n;
	const char **k = bar_kernels(c, 3, &n);

	cr_assert_eq(n, 2);
	cr_expect_str_eq(k[0], "6.12+classic");
	cr_expect_str_eq(k[1], "7.2");
	free(k);
}
