/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What CPU costs show in: figures of a recording that are compared with those of its simulation. A residual is
 * ln(simulated / measured) / sigma, so that a figure counts by how well it is known, and too much counts as too little does:
 *
 *	rate   pages a ms of the phases of a process, at least 20 ms long   sigma 1 % and half a ms
 *	cpu    its user and system time until then, at least 100 ms         2 % and 15 ms
 *	exit   from the kill, or the last phase, until it is gone, 2 ms to 2 s   3 %, with swap
 *	       15 %, since what a page in the swap cache costs then is not modelled
 *	kill   time to the first kill                                       1 %
 *	psi    total of memory some and of io some, at least 100 ms         10 %: the model itself is off by that
 */
#ifndef OOMSIM_CALIBRATE_RESIDUAL_H
#define OOMSIM_CALIBRATE_RESIDUAL_H

#include "sim/guest/outcome.h"

enum figure { FIG_RATE, FIG_CPU, FIG_EXIT, FIG_KILL, FIG_PSI_MEM, FIG_PSI_IO };

struct residual {
	enum figure figure;
	char comm[COMM_LEN]; /* FIG_RATE, FIG_CPU, FIG_EXIT */
	enum phase_kind kind; /* FIG_RATE */
	size_t recording;     /* its number, for the caller */
	double measured, sigma;
};

/* Append the figures of a recording to *v, which has *n and grows. SIM_OK or SIM_ENOMEM. */
int residual_list(const struct outcome *real, size_t recording, struct residual **v, size_t *n);
/* The same figure of another outcome; NaN when it has none. */
double residual_figure(const struct residual *r, const struct outcome *o);
/* The residual; a figure that the simulation does not have counts as off by a factor of e. */
double residual_value(const struct residual *r, const struct outcome *sim);
/* "ws alloc pages/ms". */
void residual_name(const struct residual *r, char *ret, size_t size);

#endif
