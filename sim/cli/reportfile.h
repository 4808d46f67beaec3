/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A log file on its way to the report reader. */
#ifndef OOMSIM_CLI_REPORTFILE_H
#define OOMSIM_CLI_REPORTFILE_H

#include "sim/report/reader.h"

/* Read a log ("-": standard input; compressed ones through gzip and the like) and call back with each report. Tells the user
 * what went wrong. Returns an exit status; *ret_lines counts lines. */
int report_file_read(const char *path, report_fn fn, void *ctx, unsigned long *ret_lines);

#endif
