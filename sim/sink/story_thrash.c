/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The story's part about thrashing: how bad, where the processors' time went, and what each process still got done. */
#include <inttypes.h>

#include "sim/core/diag.h"
#include "sim/sink/names.h"
#include "sim/sink/story.h"
#include "sim/sink/text.h"

#define SHOWN        3
#define WORTH_A_WORD NS_PER_SEC /* of thrashing */

bool story_thrashed(const struct collect *c)
{
	return c->has_last && c->thrashed_ns >= WORTH_A_WORD;
}

static double seconds(sim_ns t)
{
	return (double)(t / NS_PER_MS) / 1000;
}

static double share(sim_ns part, sim_ns whole)
{
	return whole ? (double)u64_muldiv(part, 1000, whole) / 10 : 0;
}

void story_thrashing(const struct collect *c, FILE *f)
{
	const sim_ns *cpu = c->last.cpu_ns;
	sim_ns all = 0;

	for (int i = 0; i < CPU_STAT_COUNT; i++)
		all += cpu[i];
	fprintf(f,
		"index %.1f %% over the run, %.1f %% at %.1f s, above %d %% for %.1f s: time spent getting back what "
		"had been evicted\n",
		collect_thrashing_index(c) / 100.0, c->peak_thrashing / 100.0, seconds(c->peak_thrashing_ns),
		COLLECT_THRASHING / 100, seconds(c->thrashed_ns));
	fprintf(f, "%-11s processors: user %.1f %%, system %.1f %%, iowait %.1f %%, idle %.1f %%\n", "",
		share(cpu[CPU_USER] + cpu[CPU_NICE], all), share(cpu[CPU_SYSTEM], all), share(cpu[CPU_IOWAIT], all),
		share(cpu[CPU_IDLE], all));
}

/* The next in order of time lost, after `last` (NULL: the first). */
static const struct collect_task *next_worst(const struct collect *c, const struct collect_task *last)
{
	const struct collect_task *best = NULL;

	for (size_t i = 0; i < c->ntask; i++) {
		const struct collect_task *t = &c->task[i];
		sim_ns lost = t->acct.refault_ns;

		if (!lost || (last && (lost > last->acct.refault_ns || (lost == last->acct.refault_ns && t <= last))))
			continue;
		if (!best || lost > best->acct.refault_ns)
			best = t;
	}
	return best;
}

void story_progress(const struct collect *c, FILE *f)
{
	const struct collect_task *t = NULL;

	for (int i = 0; i < SHOWN && (t = next_worst(c, t)); i++) {
		char name[TEXT_MAX];

		text_plain(name, sizeof(name), t->comm);
		fprintf(f,
			"%-11s %s (pid %d): %" PRIu64
			" pages of work in %.1f s of user time; %.1f s lost to faults on evicted memory\n",
			"", name, t->pid, t->work_pages, seconds(t->acct.user_ns), seconds(t->acct.refault_ns));
	}
}
