/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's own reader and draws, in this process. */
#ifndef OOMSIM_TESTS_GUEST_GUEST_SIDE_H
#define OOMSIM_TESTS_GUEST_GUEST_SIDE_H

#include "tests/kernel/guest.h"

/* Read a plan into *prog, from empty. */
void guest_side_read(const char *plan);
/* First words of the lines that are for set-up, or for nobody, each with a blank behind. */
extern char guest_side_unknown[4096];

#endif
