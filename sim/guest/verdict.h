/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measured beside simulated: one comparison, and whether the two agree. */
#ifndef OOMSIM_GUEST_VERDICT_H
#define OOMSIM_GUEST_VERDICT_H

#include <stdio.h>

#include "sim/guest/outcome.h"

/* simulated / measured - 1; NaN when nothing was measured. */
double relative_error(double measured, double simulated);
/* That as text: "+1.2%", "x12", "new" when only the simulation has it, "-" when neither. */
const char *relative_error_text(char *buf, size_t size, double measured, double simulated);
/* Time of the first kill or panic; NaN if there was none. */
double first_kill_ms(const struct outcome *o);
/* Add up all phases of that process and kind into *ret; false when there is none. */
bool phase_sum(const struct outcome *o, const struct oc_phase *like, struct oc_phase *ret);

/* What is compared, and under which names. Texts are borrowed. */
struct verdict {
	const char *scenario, *release, *model;
	const char *notes; /* one a line: what the guest did otherwise than the scenario says */
	const struct outcome *real, *sim;
	double tolerance;  /* of times of kills, and of work where nobody is killed: 0.1 is 10 % */
};

/*
 * Do they agree? The same victims in the same order, each killed within the tolerance of its time (or 20 ms); and where nobody is killed,
 * each process's finished work within the tolerance. Other figures are shown and not judged.
 */
bool verdict_agrees(const struct verdict *v);
/* A table for people. */
void verdict_print(FILE *f, const struct verdict *v);
/* {"schema": "oomsim.compare-kernel/1", ...} False: not written. */
bool verdict_json(FILE *f, const struct verdict *v);

#endif
