/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program says about itself, and what it makes of a wrong command line. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/cli/shell.h"

TestSuite(usage, .init = in_folder, .fini = in_folder_end);

static const char *const commands[] = { "run", "check", "diff", "models", "sweep", "calibrate" };

Test(usage, help_lists_every_command)
{
	struct ran r = shell("$oomsim --help");

	RAN(r, 0);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		HAS(r.out, commands[i]);
	cr_assert_str_empty(r.err);
}

Test(usage, every_command_has_help)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		char first[64];
		struct ran r = shell("$oomsim %s --help", commands[i]);

		RAN(r, 0);
		snprintf(first, sizeof(first), "Usage: oomsim %s", commands[i]);
		HAS(r.out, first);
		cr_assert_str_empty(r.err);
	}
}

Test(usage, version)
{
	struct ran r = shell("$oomsim --version");

	RAN(r, 0);
	cr_assert_eq(strncmp(r.out, "oomsim ", 7), 0);
	r = shell("$oomsim run --version");
	RAN(r, 0);
	cr_assert_eq(strncmp(r.out, "oomsim ", 7), 0);
}

Test(usage, no_command_is_wrong)
{
	struct ran r = shell("$oomsim");

	RAN(r, 2);
	HAS(r.err, "Usage:");
	cr_assert_str_empty(r.out);
}

Test(usage, unknown_command_gets_a_hint)
{
	struct ran r = shell("$oomsim chekc");

	RAN(r, 2);
	HAS(r.err, "did you mean 'check'?");
}

Test(usage, unknown_option)
{
	RAN(shell("$oomsim run --no-such-option x.yaml"), 2);
	RAN(shell("$oomsim models --no-such-option"), 2);
}

Test(usage, missing_and_superfluous_arguments)
{
	RAN(shell("$oomsim run"), 2);
	RAN(shell("$oomsim run a.yaml b.yaml"), 2);
	RAN(shell("$oomsim check"), 2);
	RAN(shell("$oomsim diff a"), 2);
	RAN(shell("$oomsim diff a b c"), 2);
	RAN(shell("$oomsim models a b"), 2);
}

Test(usage, models_lists_and_details)
{
	struct ran r = shell("$oomsim models");

	RAN(r, 0);
	HAS(r.out, "k6.1");
	HAS(r.out, "vm.swappiness");
	HAS(r.out, "vm.page-cluster");
	HAS(r.out, "scan_page");
	HAS(r.out, "lognormal");
	HAS(r.out, "mlock");
	HAS(r.out, "oom_kill");
	r = shell("$oomsim models 6.1");
	RAN(r, 0);
	HAS(r.out, "badness rule");
	r = shell("$oomsim models vm.dirty_ratio");
	RAN(r, 0);
	HAS(r.out, "0..100 percent");
	r = shell("$oomsim models sysctls");
	RAN(r, 0);
	HAS(r.out, "vm.panic_on_oom");
	HAS_NOT(r.out, "lognormal");
}

Test(usage, unknown_model_gets_a_hint)
{
	struct ran r = shell("$oomsim models vm_swapiness");

	RAN(r, 2);
	r = shell("$oomsim models k6_1");
	RAN(r, 2);
	HAS(r.err, "did you mean 'k6.1'?");
}

Test(usage, output_that_does_not_arrive_is_an_io_failure)
{
	struct ran r;

	if (!exists("/dev/full"))
		SKIP("no /dev/full here");
	r = shell("$oomsim models >/dev/full");
	RAN(r, 3);
	HAS(r.err, "No space left");
}
