/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Running gnuplot on a script of ours, and making its SVG the same on every run and every version's header. */
#ifndef OOMSIM_SINK_GNUPLOT_H
#define OOMSIM_SINK_GNUPLOT_H

#include "sim/sink/out.h"

enum gnuplot_result { GNUPLOT_OK, GNUPLOT_ABSENT, GNUPLOT_FAILED };

/* Run `program` (a path, or a name looked up in the colon-separated list `path`) on `script`, with the folder as working
 * directory, an environment of PATH and LC_ALL=C alone, and no output but the files it writes. Waits for it. */
enum gnuplot_result gnuplot_run(const char *program, const char *path, int dirfd, const char *script);
/* Rewrite an SVG drawn by gnuplot: title and description become ours (gnuplot puts its version there), and the file is
 * flushed to disk. False, and the file removed, when there is no complete picture; a failure to write goes to *e. */
bool gnuplot_finish_svg(int dirfd, const char *name, const char *title, struct sink_error *e);

#endif
