/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CPU costs estimated from recordings: those that make the simulations take as long, do as much and wait as much as was measured, by
 * GSL's nonlinear least squares (gsl_multifit_nlinear, Levenberg-Marquardt). The parameters are ln(cost / start), so that costs
 * stay positive and a step is a percentage. Each has a prior of its start within a factor of two, so that what the recordings do not
 * tell stays where it was, with a standard error that says so. Derivatives are central differences over 10 %, much
 * wider than the grain of a simulation. The simulations of one step run side by side; their number changes no figure.
 */
#ifndef OOMSIM_CALIBRATE_FIT_H
#define OOMSIM_CALIBRATE_FIT_H

#include "sim/calibrate/residual.h"
#include "sim/world/config.h"

/* One recording and the machine it was made on; costs in cfg are where the search starts. */
struct fit_case {
	const char *name;
	struct outcome real;
	struct sim_config cfg;
};

struct fit_cost {
	const char *name; /* of COST_MAP */
	sim_ns start, ns;
	double error;     /* standard error of ln(ns); ln 2 and more: the recordings say nothing */
};

struct fit {
	struct fit_case *c; /* the caller's */
	size_t nc;
	struct fit_cost *cost; /* the caller's; ns and error are filled in */
	size_t ncost;
	unsigned jobs;
	/* Results, to be freed with fit_free(): */
	struct residual *residual;
	size_t n;
	double *before, *after;	 /* figures simulated with the start's and the estimate's costs */
	double *correlation;	 /* ncost x ncost, of the estimates */
	double rms_before, rms_after; /* of residuals: 1 is as far as sigma */
	size_t runs;		 /* simulations */
};

/* The cost of that name in a set of costs; NULL: there is none. */
sim_ns *fit_cost_field(struct cost_cfg *costs, const char *name);
/* Estimate. SIM_OK; SIM_EUSAGE when the recordings have nothing to compare; SIM_ENOMEM; or what a simulation returned. */
int fit_run(struct fit *f);
void fit_free(struct fit *f);

#endif
