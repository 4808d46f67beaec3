/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fault that ended with VM_FAULT_OOM: up to 5.15.2 the machine's killer starts; here its first step, the
 * balloon, is enough. */
#include <criterion/criterion.h>

#include "sim/mm/oom.h"
#include "tests/proc/testworld.h"

static void asks(struct pw *pw, struct task *t, struct pw_job *j)
{
	(void)j;
	pagefault_out_of_memory(&pw->w, t);
}

static void after_a_fault(bool kills, const struct task *lock, unsigned want)
{
	struct pw *pw = pw_new(1);
	struct pw_job j = { .comm = "asks", .fn = asks };

	pw->km.fault_oom_kills = kills;
	pw->w.oom.lock = (struct task *)lock;
	pw->w.mm.balloon = 256;
	pw_spawn(pw, &j);
	pw_run(pw, NS_PER_MS);
	cr_expect_eq(pw->count[EV_OOM_SKIPPED], want);
	cr_expect_eq(pw->w.mm.balloon, want ? 0 : 256);
	pw_free(pw);
}

Test(fault_oom, kills_up_to_5_15)
{
	after_a_fault(true, NULL, 1);
}

Test(fault_oom, is_only_tried_again_later)
{
	after_a_fault(false, NULL, 0);
}

Test(fault_oom, not_while_somebody_kills)
{
	struct task other = { 0 };

	after_a_fault(true, &other, 0);
}
