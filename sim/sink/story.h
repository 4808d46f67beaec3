/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The story of a run in ten to twenty lines, for the terminal: when pressure began, what reclaim achieved, why the kernel
 * declared OOM, who was chosen and why, what it brought, where to look next. */
#ifndef OOMSIM_SINK_STORY_H
#define OOMSIM_SINK_STORY_H

#include <stdio.h>

#include "sim/sink/collect.h"

struct story_options {
	bool colour;      /* see story_wants_colour() */
	const char *dir;  /* where the results are; NULL: not written */
	const char *note; /* a remark to end with (sink_set_note()); NULL or "": none */
	bool plots;       /* the plots were drawn */
};

/* Write the story. SIM_OK, or SIM_EIO when the stream failed. */
int story_write(const struct collect *c, const struct story_options *opt, FILE *f);
/* Parts of it (story_thrash.c): was there a second of thrashing (index above COLLECT_THRASHING)? What it was like, the rest of
 * a line that begins with its label; and a line for each of those that suffered most. */
bool story_thrashed(const struct collect *c);
void story_thrashing(const struct collect *c, FILE *f);
void story_progress(const struct collect *c, FILE *f);
/* Whether colour is right for this stream: a terminal that is not "dumb", and NO_COLOR unset or empty. no_color and term
 * are the values of those variables (NULL: unset). */
bool story_wants_colour(FILE *f, const char *no_color, const char *term);

#endif
