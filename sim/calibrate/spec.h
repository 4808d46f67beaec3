/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a recording to a scenario: meta.json holds what was run, in the recorder's own language (`spec`), and the facts of the
 * machine it ran on. Both together say all that a scenario has to.
 */
#ifndef OOMSIM_CALIBRATE_SPEC_H
#define OOMSIM_CALIBRATE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum spec_result {
	SPEC_OK,
	SPEC_SKIP,  /* uses something the comparison has no words for: *why says what */
	SPEC_BROKEN /* unreadable: *why says what */
};

#define SPEC_WHY 160

/*
 * The scenario of the recording in `dir` as YAML text, to be freed. kernel: the name of the kernel model to ask for; `+mglru` and
 * `+classic` recordings need no name of their own, the LRU in use is one of the facts. NULL for either: as meta.json has it. costs: the
 * name of a preset of costs. why: filled when the result is not SPEC_OK.
 */
enum spec_result spec_scenario(const char *dir, const char *name, const char *kernel, const char *costs, char **ret_yaml,
			       char why[SPEC_WHY]);

/* ---- between spec.c and spec_program.c ---- */

/* What turns a spec's words into numbers. */
struct spec_units {
	double avail_kB; /* MemAvailable just before the start: what percentages are of */
	bool autogroups; /* each process is a session and so an autogroup of its own: nice tells only within one (sched(7)) */
};

/* "10M", "120%" in pages; what does not parse is 0. */
double spec_pages(const struct spec_units *u, const char *text);
/* One `proc` line (from behind the word) as an element of processes:, indented by two. False, with *why: something unknown. */
bool spec_process(FILE *out, const struct spec_units *u, const char *line, char why[SPEC_WHY]);
/* PID 1, which samples /proc: `nproc` processes, and what `fork` phases add in time. */
struct spec_forks {
	unsigned nproc, children; /* children of all forks together */
	double start_ms, gap_ms;  /* of the first */
};
void spec_sampler(FILE *out, const struct spec_forks *f, double duration_ms);

#endif
