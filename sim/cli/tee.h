/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorders of the command line: several behind one, a progress bar, and the wish to stop. */
#ifndef OOMSIM_CLI_TEE_H
#define OOMSIM_CLI_TEE_H

#include "sim/world/record.h"

#define TEE_MAX 4

/* Hands each record to all of `to` in order; the first that says no stops the run. */
struct tee {
	struct recorder *to[TEE_MAX];
	size_t n;
};

struct recorder tee_recorder(struct tee *t);

/* A progress bar on stderr, drawn at most ten times a second and only on a terminal. */
struct progress {
	bool on, drawn;
	sim_ns horizon;
	uint64_t last_ms; /* wall clock, for pacing alone: no result depends on it */
	char name[SIM_NAME_LEN];
};

void progress_init(struct progress *p, const struct sim_config *cfg, bool quiet);
/* Draws samples; stops the run with SIM_EINTERRUPTED once the user has pressed Ctrl-C. */
struct recorder progress_recorder(struct progress *p);
void progress_clear(struct progress *p);

#define SIM_EINTERRUPTED (-100) /* beside enum sim_err: nothing but these recorders returns it */

/* From now on Ctrl-C asks the run to stop at its next sample, so that half-written output is cleaned away. */
void interrupt_catch(void);
/* Has it been asked? For waits that no recorder sees. */
bool interrupt_seen(void);
/* Die of the signal after all, as the shell expects. Does not return. */
void interrupt_die(void);

#endif
