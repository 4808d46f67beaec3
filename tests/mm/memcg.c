/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory cgroups: the pure formulas by the specification's vectors (H.5, H.7). */
#include <criterion/criterion.h>

#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

/* Children use 60 and 40, claim 50 and 30, and the parent may give 40: by share of the claims. */
Test(memcg_protect, claims_beyond_the_parent_are_scaled)
{
	cr_expect_eq(memcg_effective(60, 100, 50, 40, 80, true), 25);
	cr_expect_eq(memcg_effective(40, 100, 30, 40, 80, true), 15);
}

/* One child claims 20, the other nothing, the parent has 50: what is unclaimed goes to who uses more than it claims. */
Test(memcg_protect, the_unclaimed_is_shared_only_if_recursive)
{
	cr_expect_eq(memcg_effective(60, 100, 20, 50, 20, false), 20);
	cr_expect_eq(memcg_effective(40, 100, 0, 50, 20, false), 0);
	cr_expect_eq(memcg_effective(60, 100, 20, 50, 20, true), 35);
	cr_expect_eq(memcg_effective(40, 100, 0, 50, 20, true), 15);
}

Test(memcg_protect, no_more_than_is_used)
{
	cr_expect_eq(memcg_effective(10, 10, 50, 100, 10, true), 10);
	cr_expect_eq(memcg_effective(0, 10, 50, 100, 0, true), 0);
}

/* Before 5.7: the parent's value caps the child's; claims are shared out by use; nothing is recursive. */
Test(memcg_protect, as_before_5_7)
{
	cr_expect_eq(memcg_effective_old(60, 50, 40, 80), 25);
	cr_expect_eq(memcg_effective_old(40, 30, 40, 80), 15);
	cr_expect_eq(memcg_effective_old(60, 20, 50, 20), 20);
	cr_expect_eq(memcg_effective_old(40, 0, 50, 20), 0);
	cr_expect_eq(memcg_effective_old(0, 80, 40, 0), 40);
}

/* ms of sleep for one batch at HZ 250, `percent` above memory.high of 100000 pages. */
static uint64_t delay_ms(uint64_t percent)
{
	return memcg_high_delay(100000 + percent * 1000, 100000, 64, 64, 250) * 4;
}

Test(memcg_high, delay_grows_with_the_square_of_the_overage)
{
	cr_expect_eq(memcg_high_delay(100, 100, 64, 64, 250), 0);
	cr_expect_leq(delay_ms(1), 10); /* not slept at all */
	cr_expect(delay_ms(2) >= 24 && delay_ms(2) <= 25);
	cr_expect(delay_ms(5) >= 156 && delay_ms(5) <= 159);
	cr_expect(delay_ms(10) >= 636 && delay_ms(10) <= 639);
	cr_expect(delay_ms(15) >= 1430 && delay_ms(15) <= 1440);
	cr_expect_geq(delay_ms(20), 2000); /* and is capped there */
}

Test(memcg_high, delay_is_by_pages_charged_and_never_overflows)
{
	cr_expect_eq(memcg_high_delay(110000, 100000, 32, 64, 250), memcg_high_delay(110000, 100000, 64, 64, 250) / 2);
	cr_expect_eq(memcg_high_delay(110000, 100000, 32, 32, 250), memcg_high_delay(110000, 100000, 64, 64, 250));
	cr_expect_gt(memcg_high_delay(UINT64_C(1) << 40, 0, UINT32_MAX, 64, 1000), 2000);
}
