/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps that are mappings of keys: between build_program.c, which walks programs, and build_steps.c, which knows keys. */
#ifndef OOMSIM_SCENARIO_BUILD_STEPS_H
#define OOMSIM_SCENARIO_BUILD_STEPS_H

#include "sim/scenario/build.h"

struct step_keys {
	const struct key *keys; /* NULL: not a mapping of keys */
	size_t nkeys;
	/* What the table cannot say: combinations of keys, and defaults that depend on others. NULL: nothing. */
	void (*check)(struct build *b, const struct ynode *v, struct step_cfg *s);
};

extern const struct step_keys step_keys[STEP_OP_COUNT];

#endif
