/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what a guest left in the shared region to the files of a recording: meta.json, timeline.tsv, procs.tsv, events.tsv,
 * dmesg.txt (recording.h reads them). Times are ms since the start of the scenario.
 */
#ifndef OOMSIM_GUEST_STORE_H
#define OOMSIM_GUEST_STORE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/guest/recording.h"
#include "sim/guest/region.h"

/* NUL-terminated texts; storing cuts the first three to pieces. */
struct guest_raw {
	char *events, *samples, *dmesg;
	const char *console; /* the serial console, for what the kernel said after the last sample */
	uint32_t state;      /* enum region_state */
};

/* What meta.json says of the run. Texts are borrowed. */
struct guest_run_meta {
	const char *scenario, *kernel /* "6.1" */, *image /* uname -r */, *clock, *plan, *notes;
	uint64_t ram_mib;
	bool timed_out;
	int qemu_status;
	const char *qemu_stderr;
};

/* Write the files into the folder `dir`, which exists. False, and `why` says it, when that fails. */
bool kernel_recording_store(const char *dir, struct guest_raw *raw, const struct guest_run_meta *meta, char why[RECORDING_WHY]);

/* ---- between store.c, store_samples.c and store_log.c ---- */

/* The next line of *text, cut off at its newline, which becomes a NUL; NULL at the end. */
char *store_line(char **text);

struct json_t;
/* timeline.tsv and procs.tsv; adds "facts" and "constant" to meta. */
bool store_samples(const char *dir, char *samples, struct json_t *meta, char *why);
/* events.tsv and dmesg.txt; adds the number of events to meta. */
bool store_log(const char *dir, struct guest_raw *raw, struct json_t *meta, char *why);
/* Open a file of the folder for writing; NULL with why filled. store_close(): false when something was not written. */
FILE *store_open(const char *dir, const char *name, char *why);
bool store_close(FILE *f, const char *dir, const char *name, char *why);

#endif
