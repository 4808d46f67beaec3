/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a check compares a run with: the scenario's own `expect:`, and its golden. */
#ifndef OOMSIM_CLI_EXPECT_H
#define OOMSIM_CLI_EXPECT_H

#include "sim/core/strbuf.h"
#include "sim/sink/collect.h"

/* Append one line for each expectation that did not hold. Returns how many. */
unsigned expect_compare(struct strbuf *out, const struct expect_cfg *e, const struct collect *c);

/*
 * The golden of scenario NAME is DIR/NAME.json, the whole summary.json, and DIR/NAME.kern.log if the log is small.
 * golden_compare() appends what differs and sets *ret_differences (0 too if there is no golden: *ret_exists tells).
 * Both return 0 or -errno, with the file's name in `reterr_path`.
 */
int golden_compare(struct strbuf *out, const char *dir, const struct collect *c, const char *kern_log, bool *ret_exists,
		   unsigned *ret_differences, struct strbuf *reterr_path);
int golden_update(const char *dir, const struct collect *c, const char *kern_log, struct strbuf *reterr_path);

#endif
