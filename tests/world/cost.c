/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Path lengths of kernels: worked by hand. */
#include <criterion/criterion.h>

#include "models/registry.h"
#include "sim/world/cost.h"

static const struct cost_cfg machine = { .touch = 60, .fault_anon = 6750, .scan_page = 2720, .zap_page = 2600, .readahead_page = 6800,
					 .write_page = 12000, .free_file_page = 1300, .oom_scan_task = 300 };

Test(cost, of_6_1_are_the_machine_s_own)
{
	struct cost_cfg c = cost_on(&machine, NULL), large = cost_of_large(&machine, NULL);

	cr_expect_null(kernel_model_find("6.1")->paths);
	cr_expect_eq(memcmp(&c, &machine, sizeof(c)), 0);
	cr_expect_eq(memcmp(&large, &machine, sizeof(c)), 0);
}

Test(cost, other_kernels_take_longer_or_shorter_paths)
{
	struct cost_cfg old = cost_on(&machine, kernel_model_find("5.10")->paths), new = cost_on(&machine, kernel_model_find("7.2")->paths);

	cr_expect_eq(old.fault_anon, 5879); /* 6750 * 0.871 = 5879.25 */
	cr_expect_eq(new.fault_anon, 8012); /* 6750 * 1.187 = 8012.25 */
	cr_expect_eq(new.zap_page, 3016);   /* 2600 * 1.16 */
	cr_expect_eq(old.touch, 60);        /* the processor's, not the kernel's */
	cr_expect_eq(new.oom_scan_task, 300);
}

Test(cost, pages_of_large_folios_share_what_is_done_once)
{
	struct cost_cfg c = cost_of_large(&machine, kernel_model_find("7.2")->paths),
			small = cost_of_large(&machine, kernel_model_find("6.12")->paths);

	cr_expect_eq(c.readahead_page, 2788); /* 6800 * 0.41 */
	cr_expect_eq(c.scan_page, 462);       /* 2720 * 0.17 = 462.4 */
	cr_expect_eq(c.write_page, 4560);     /* 12000 * 0.38 */
	cr_expect_eq(c.fault_anon, 8012);     /* of other pages: as on that kernel */
	cr_expect_eq(small.scan_page, 3209);  /* 6.12's ext4 has none: 2720 * 1.18 = 3209.6 */
}
