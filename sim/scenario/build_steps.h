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

/* build_cgroup_steps.c */
#define CGROUP_WRITE_KEYS 3
#define CGROUP_RMDIR_KEYS 1
#define CGROUP_WAIT_KEYS  5
#define KILL_KEYS         1
extern const struct key cgroup_write_keys[CGROUP_WRITE_KEYS], cgroup_rmdir_keys[CGROUP_RMDIR_KEYS],
	cgroup_wait_keys[CGROUP_WAIT_KEYS], kill_keys[KILL_KEYS];
void check_cgroup_write(struct build *b, const struct ynode *v, struct step_cfg *s);
void check_cgroup_rmdir(struct build *b, const struct ynode *v, struct step_cfg *s);
void check_cgroup_wait(struct build *b, const struct ynode *v, struct step_cfg *s);

extern const struct step_keys step_keys[STEP_OP_COUNT];

#endif
