/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers with units, exactly: a decimal is kept as digits and a power of ten until it is an integer number of bytes or
 * nanoseconds, so 0.1s is 100000000 ns whatever the locale and the floating-point unit. A value that does not fit is an
 * error, never a wrapped or rounded one; digits below one byte or nanosecond are rounded to nearest.
 */
#ifndef OOMSIM_SCENARIO_QUANTITY_H
#define OOMSIM_SCENARIO_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/core/units.h"

/* What sizes in "pages" and "%" refer to; 0: not known here, the unit is refused. */
struct qctx {
	uint64_t page_size;
	uint64_t memory;
};

/* What was wrong, for a diagnostic. hint is "" when there is none. */
struct qerr {
	char text[256];
	char hint[128];
};

/* All return 0, or -1 with *reterr filled and *ret untouched. */
int quantity_size(const char *s, const struct qctx *ctx, uint64_t *ret, struct qerr *reterr); /* bytes */
int quantity_time(const char *s, sim_ns *ret, struct qerr *reterr); /* ns; plain numbers are seconds */
int quantity_rate(const char *s, const struct qctx *ctx, uint64_t *ret, struct qerr *reterr);    /* bytes/s, whole */
int quantity_rate_real(const char *s, const struct qctx *ctx, double *ret, struct qerr *reterr); /* bytes/s */
int quantity_pages_rate(const char *s, double *ret, struct qerr *reterr);                        /* pages/s */
int quantity_share(const char *s, double *ret, struct qerr *reterr);  /* 3% or 0.03 -> 0.03 */
int quantity_number(const char *s, double *ret, struct qerr *reterr); /* may be negative */
int quantity_u64(const char *s, uint64_t *ret, struct qerr *reterr);
int quantity_i64(const char *s, int64_t *ret, struct qerr *reterr);
bool quantity_has_unit(const char *s); /* anything but a bare number */

/* Values as a scenario would write them, for messages: "64MiB", "1500B", "20ms". Return buf. */
const char *quantity_show_size(char *buf, size_t size, uint64_t bytes);
const char *quantity_show_time(char *buf, size_t size, sim_ns t);

#endif
