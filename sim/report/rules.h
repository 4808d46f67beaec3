/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The badness rule of each kernel model by name, in the order of time. */
#ifndef OOMSIM_REPORT_RULES_H
#define OOMSIM_REPORT_RULES_H

#include "sim/world/model.h"

const struct badness_ops *rules_of(const char *model);
/* 0 for k2.6.11 and so on up. */
int rules_index(const char *model);

#endif
