/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The result folder. A sink_set is a recorder that writes every format of the folder at once; the folder appears, whole and
 * flushed to disk, when sink_set_finish() succeeds, and not otherwise.
 *
 *	struct sink_set *s = sink_set_new(&(struct sink_options){ .dir = "results/x", .plots = true });
 *	world_new(&cfg, sink_set_recorder(s), ...); world_run(...);
 *	err = sink_set_finish(s);      // or sink_set_abort(s) when the run failed
 *	if (err)
 *		say(sink_set_error(s));
 *	sink_set_free(s);
 *
 * A program that writes folders ignores SIGXFSZ, so that a file-size limit is an error like a full disk and not its death.
 */
#ifndef OOMSIM_SINK_SINK_H
#define OOMSIM_SINK_SINK_H

#include "sim/sink/collect.h"

struct sink_options {
	const char
		*dir; /* the result folder; its parents are made if need be. An old result folder there is replaced */
	bool plots;   /* also run gnuplot; the scripts and their data are written in any case */
	const char *gnuplot; /* the program to run; NULL: "gnuplot", looked up in PATH */
	const char *path;    /* PATH of the child; NULL: "/usr/local/bin:/usr/bin:/bin" */
	unsigned rss_top;    /* processes drawn by name in rss.svg; 0: 7 */
};

struct sink_set;

/* Make the set and its temporary folder `.NAME.tmp-...` beside the target. NULL only when out of host memory; any other
 * failure (unwritable parent, the target is something else than a result folder) is kept: every callback of the recorder
 * and sink_set_finish() then return SIM_EIO, and sink_set_status() tells it at once. Strings of `opt` are copied. */
struct sink_set *sink_set_new(const struct sink_options *opt);
/* SIM_OK, or the code of the first failure so far. */
int sink_set_status(const struct sink_set *s);
/* What failed, in words ("results/x/events.jsonl: No space left on device"); "" while nothing has. Valid until free. */
const char *sink_set_error(const struct sink_set *s);
/* A remark for the user about something that was left out (no gnuplot ...), or "". Valid until free. */
const char *sink_set_note(const struct sink_set *s);
/* The recorder to hand to world_new(). Owned by the set. */
struct recorder *sink_set_recorder(struct sink_set *s);
/* The collector that the set feeds besides the files. Owned by the set. */
const struct collect *sink_set_collect(const struct sink_set *s);
/* Close all files, draw the plots, flush to disk and put the folder in place. SIM_OK, SIM_EIO or SIM_ENOMEM; on failure
 * nothing of the new folder is left and an old one is untouched. Call once. */
int sink_set_finish(struct sink_set *s);
/* Drop everything written so far; fine after finish(), when it does nothing. */
void sink_set_abort(struct sink_set *s);
void sink_set_free(struct sink_set *s); /* aborts first if need be; NULL is fine */

#endif
