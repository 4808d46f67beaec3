/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One output format: a const descriptor, listed in sink.c. To add one: write a file with a descriptor, name it below, add a
 * line to the table of sink.c and a golden under tests/sink.
 */
#ifndef OOMSIM_SINK_FORMAT_H
#define OOMSIM_SINK_FORMAT_H

#include "sim/sink/collect.h"
#include "sim/sink/out.h"
#include "sim/sink/sink.h"

/* What a format may use. Everything lives as long as the set. */
struct sink_env {
	int dirfd;                     /* the folder under its temporary name */
	const struct collect *collect; /* has seen each record before the formats do */
	const struct sink_options *opt;
	struct sink_error *error;
	char *note; /* a remark for the user, NOTE_MAX bytes; "" at first */
};
#define NOTE_MAX 512

struct sink_format {
	const char *name;
	size_t state_size; /* allocated zeroed by the set */
	int (*open)(void *state, const struct sink_env *env);
	/* Callbacks as of struct recorder, given the state as ctx. Any may be NULL. */
	struct recorder cb;
	/* The run is over: finish the files. SIM_OK or the code of a failure. Not called when the run is dropped. */
	int (*close)(void *state, const struct sink_env *env);
	/* Release whatever is held, in any state after open(), closed or not. */
	void (*release)(void *state);
};

extern const struct sink_format sink_timeline; /* timeline.csv */
extern const struct sink_format sink_tasks;    /* tasks.csv, taskstats.csv */
extern const struct sink_format sink_cgroups;  /* cgroups.csv */
extern const struct sink_format sink_events;   /* events.jsonl */
extern const struct sink_format sink_kernlog;  /* kern.log */
extern const struct sink_format sink_trace;    /* trace.json */
extern const struct sink_format sink_plots;    /* memory, psi, rss: .dat, .gp and .svg */
extern const struct sink_format sink_pods;     /* pods.csv */
extern const struct sink_format sink_kubectl;  /* kubectl.txt */
extern const struct sink_format sink_summary;  /* summary.json */

#endif
