/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a scenario's path and the options that `run` and `check` share to a configuration that this host can simulate. */
#ifndef OOMSIM_CLI_LOAD_H
#define OOMSIM_CLI_LOAD_H

#include <argp.h>
#include <stdbool.h>

#include "sim/core/diag.h"
#include "sim/world/record.h"

struct load_args {
	const char *presets; /* --presets; NULL: looked for, see load_scenario() */
	const char *kernel, *seed, *until;
	const char **set; /* --set PATH=VALUE, in order */
	size_t nset;
};

/* Child parser for these options; its input is a struct load_args. */
extern const struct argp load_argp;
void load_args_free(struct load_args *a);

/*
 * Read a scenario ("-": standard input). Presets are looked for beside it (`presets/` in its folder or one above), then where
 * the program was built or installed. Returns an exit status; diagnostics are in *dl, to be printed by the caller. On
 * EXIT_DONE the caller owns *ret.
 */
int load_scenario(const char *path, const struct load_args *a, struct sim_config *ret, struct diag_list *dl);

/* The presets of the checkout that this program was built in, for scenarios that lie elsewhere. False: not to be known. */
bool load_own_presets(char *buf, size_t size);

/* Bytes of memory this host can still give: what is available, less if a container or a limit allows less. */
uint64_t host_memory_available(void);

/* Build a world, run it, free it. SIM_OK, a library code, or the recorder's own. */
int simulate(const struct sim_config *cfg, struct recorder *rec);

#endif
