/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.json, from the collector alone: the same text in a result folder and in a golden file. */
#ifndef OOMSIM_SINK_SUMMARY_H
#define OOMSIM_SINK_SUMMARY_H

#include <stdio.h>

#include "sim/sink/collect.h"

/* The text of summary.json (schema "oomsim.summary/1", keys in a fixed order, one final newline). Returns a string to be
 * freed with free(), or NULL when out of host memory. */
char *summary_text(const struct collect *c);
/* Write it. SIM_OK, SIM_ENOMEM or SIM_EIO. */
int summary_write(const struct collect *c, FILE *f);

#endif
