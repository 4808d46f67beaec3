/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running a sweep's worlds, each in a process of its own, several at a time. */
#ifndef OOMSIM_CLI_SWEEP_RUN_H
#define OOMSIM_CLI_SWEEP_RUN_H

#include "sim/cli/load.h"
#include "sim/cli/sweep_db.h"

struct sweep_jobs {
	const char *scenario;
	const struct load_args *load; /* without the plan's own changes */
	sim_ns from;                  /* where measuring begins */
	size_t jobs;
	size_t shard, nshard; /* runs i with i modulo nshard = shard */
};

/* Read the scenario as the first run will have it: EXIT_DONE, or what is wrong is on stderr. */
int sweep_try(const struct sweep_jobs *j, const struct sweep_plan *p);
/* Do all runs that db has not, and add them to it. An exit status: of the first that failed, and then no more are begun. Errors
 * are on stderr. */
int sweep_run(const struct sweep_jobs *j, struct sweep_db *db);

#endif
