/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file being written: buffered, with the first error remembered, and numbers printed the same in every locale. What was
 * written is on the disk when out_close() has returned SIM_OK.
 */
#ifndef OOMSIM_SINK_OUT_H
#define OOMSIM_SINK_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/units.h"

/* The first thing that went wrong in a result folder, shared by all of its files. */
struct sink_error {
	int code;        /* SIM_OK, SIM_EIO or SIM_ENOMEM */
	const char *dir; /* borrowed; put before the names of files. NULL: nothing */
	char text[768];  /* "DIR/NAME: reason" */
};

/* Record a failure unless an earlier one is there already. err is an errno value. Returns the code recorded. */
int sink_error_io(struct sink_error *e, const char *name, int err);
int sink_error_nomem(struct sink_error *e);

struct out {
	int fd; /* -1: not open */
	bool failed;
	char last; /* the last byte put; jw.h decides by it whether a comma is due */
	const char *name;
	struct sink_error *error;
	size_t n;
	char buf[1 << 15];
};

/* Create the file `name` (borrowed) in a folder. SIM_OK, or SIM_EIO with *e filled in. */
int out_open(struct out *o, int dirfd, const char *name, struct sink_error *e);
/* SIM_OK as long as nothing failed. */
int out_status(const struct out *o);
/* Flush, fsync and close. The file's final status. Fine on one that is not open. */
int out_close(struct out *o);
/* Close without caring for the contents. */
void out_drop(struct out *o);

void out_bytes(struct out *o, const void *p, size_t n);
void out_str(struct out *o, const char *s);
void out_char(struct out *o, char c);
void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
/* v * 10^-decimals with all its decimals: out_fixed(o, 1234, 2) is "12.34". */
void out_fixed(struct out *o, uint64_t v, unsigned decimals);
/* Seconds with six decimals, the rest cut off. */
void out_seconds(struct out *o, sim_ns t);

/* One field of a CSV row (RFC 4180): quoted when it has to be, control characters as \xNN, UTF-8 made valid. */
void out_csv(struct out *o, const char *s);

#endif
