/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outcome of a simulation: a recorder that keeps what is compared. */
#ifndef OOMSIM_GUEST_SIMULATED_H
#define OOMSIM_GUEST_SIMULATED_H

#include "sim/guest/outcome.h"
#include "sim/world/record.h"

struct outcome_run {
	struct outcome *o;
	struct rec_sample first; /* the sample at t = 0, or zeros */
};

/* A recorder that fills *ret, which it empties first. *r and *ret must stay where they are until the run is over. */
struct recorder outcome_recorder(struct outcome_run *r, struct outcome *ret);

#endif
