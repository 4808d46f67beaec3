/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lazy preemption, the default since 7.0: who kills keeps the CPU until the tick after, unless a SCHED_FIFO task wants it. */
#include <criterion/criterion.h>

#include "tests/proc/testworld.h"

/* Holds the OOM lock for 12 ms, and asks every 100 us whether somebody else should run. */
static void kills(struct pw *pw, struct task *t, struct pw_job *j)
{
	pw->w.oom.lock = j->arg[0] ? t : NULL;
	for (int i = 0; i < 120; i++) {
		task_cpu(t, 100 * NS_PER_US);
		task_yield(&pw->w, t);
	}
	pw->w.oom.lock = NULL;
	j->out[0] = pw->w.now;
}

static void wakes(struct pw *pw, struct task *t, struct pw_job *j)
{
	task_wait(&pw->w, t, NULL, TASK_INTERRUPTIBLE, 1500 * NS_PER_US);
	j->out[0] = pw->w.now;
}

/* When the sleeper of 1.5 ms gets the CPU, us. */
static uint64_t woken_at(bool lazy, bool in_killer, unsigned fifo)
{
	struct pw *pw = pw_new(1);
	struct pw_job a = { .comm = "kills", .fn = kills, .arg = { in_killer } };
	struct pw_job b = { .comm = "wakes", .fn = wakes, .fifo = fifo };
	uint64_t at;

	pw->km.preempt_lazy = lazy;
	pw_spawn(pw, &b);
	pw_spawn(pw, &a);
	pw_run(pw, 20 * NS_PER_MS);
	at = b.out[0] / NS_PER_US;
	cr_expect_eq(a.out[0], 12 * NS_PER_MS);
	pw_free(pw);
	return at;
}

/* The sleeper is not far enough behind to preempt when it wakes, so the other's slice ends at the tick of 4 ms (HZ 250). Lazily that
 * is only noted there, and enforced by the next tick. */
Test(lazy_preempt, a_killer_goes_on_to_the_next_tick)
{
	cr_expect_eq(woken_at(false, true, 0), 4000, "voluntary: at cond_resched()");
	cr_expect_eq(woken_at(true, true, 0), 8000, "lazy: a tick later");
	cr_expect_eq(woken_at(true, false, 0), 4000, "elsewhere as it was");
	cr_expect_eq(woken_at(true, true, 50), 1500, "real time is not lazy");
}
