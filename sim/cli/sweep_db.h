/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file of a sweep: CSV with a row for each run, in the order of the plan once all are done; a file with more runs of each
 * combination than asked for is fine. Rows are added as runs end, so
 * that what an interrupted sweep has done is not done again. Files of shards may be put together with cat: comment and header
 * may come again, and so may rows. Its first line names what was swept, by a hash over all that decides the outcome.
 *
 *	# oomsim.sweep/1 NAME KEY
 *	run,seed,PATH...,MEASURE...,digest
 */
#ifndef OOMSIM_CLI_SWEEP_DB_H
#define OOMSIM_CLI_SWEEP_DB_H

#include "sim/cli/sweep_measure.h"
#include "sim/cli/sweep_plan.h"

struct sweep_row {
	bool done;
	double v[MEASURE_COUNT];
	char digest[33];
};

struct sweep_db {
	const char *path;
	const struct sweep_plan *plan;
	char name[SIM_NAME_LEN]; /* of the scenario */
	char key[33];
	struct sweep_row *row; /* one a run of the plan */
	int fd;                /* rows go there as they come; -1: not open */
};

enum db_result { DB_OK, DB_OTHER, DB_BROKEN, DB_FAILED }; /* another sweep's file; not a sweep's; errno says */

/* Read what is there into db->row; a file that is not there, or empty, is a new one. *ret_line: where it is not as it should be. */
enum db_result db_read(struct sweep_db *db, unsigned *ret_line);
/* Open it to add rows; a new file gets its head. 0 or -errno. */
int db_open(struct sweep_db *db);
/* Run i has come to *r. 0 or -errno. */
int db_add(struct sweep_db *db, size_t i, const struct sweep_row *r);
/* All are in: write them once more, in order and each once. 0 or -errno. */
int db_finish(struct sweep_db *db);

/* A field of CSV, quoted where it must be. */
void csv_field(struct strbuf *out, const char *s);
/* A row's text without its newline, and back; db_parse_row() fills in everything but `done`, and returns the run, or SIZE_MAX
 * if that is no row. */
void db_format_row(const struct sweep_db *db, size_t i, const struct sweep_row *r, struct strbuf *out);
size_t db_parse_row(const struct sweep_db *db, char *line, struct sweep_row *ret);

#endif
