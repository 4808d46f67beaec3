/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds OOM reports in any amount of log. Feed it bytes in pieces of any size; it calls back with each report. Memory is that
 * of one buffer and of one report, however long the log is; text without a kernel's OOM words is skipped at memchr() speed.
 *
 *	struct report_reader *rr = report_reader_new(on_report, ctx);
 *	while ((n = read(fd, buf, sizeof(buf))) > 0)
 *		report_reader_feed(rr, buf, n);
 *	err = report_reader_finish(rr);
 *	report_reader_free(rr);
 */
#ifndef OOMSIM_REPORT_READER_H
#define OOMSIM_REPORT_READER_H

#include "sim/report/assemble.h"

struct report_reader;

struct report_reader *report_reader_new(report_fn fn, void *ctx); /* NULL: out of memory */
/* SIM_OK, or what the callback returned. */
int report_reader_feed(struct report_reader *rr, const char *data, size_t n);
/* Ends the input: the last report is handed over. */
int report_reader_finish(struct report_reader *rr);
unsigned long report_reader_lines(const struct report_reader *rr);
unsigned long report_reader_reports(const struct report_reader *rr);
void report_reader_free(struct report_reader *rr);

#endif
