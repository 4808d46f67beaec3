/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a scenario: YAML in, a checked struct sim_config or a list of diagnostics out. LANGUAGE.md is the reference of the
 * language. Nothing is printed, and nothing is read but the scenario, its presets and the manifests that it names.
 *
 *	file -> yaml.c -> tree with places -> setpath.c (--set), preset.c -> build_*.c -> sim_config
 */
#ifndef OOMSIM_SCENARIO_SCENARIO_H
#define OOMSIM_SCENARIO_SCENARIO_H

#include <stddef.h>

#include "sim/core/diag.h"
#include "sim/world/config.h"

/* What the command line may say on top of the file. Zero-initialised: nothing. Texts are the user's own and borrowed. */
struct scenario_options {
	const char *preset_dir; /* holds machines/, devices/, costs/; NULL: search, see preset.h */
	const char *preset_last; /* where to look when the search has found nothing; may be NULL */
	const char *kernel;     /* --kernel; NULL: the file's */
	const char *seed;       /* --seed */
	const char *until;      /* --until: a time that takes the place of duration */
	const char *const *set; /* --set PATH=VALUE, applied in order before anything is built */
	size_t nset;
};

/*
 * Read the scenario at `path` ("-": standard input). opt may be NULL. Returns SIM_OK and *ret, to be freed with
 * sim_config_free(); else SIM_EINPUT (dl says why, all errors that can be found), SIM_EIO (unreadable; dl says why) or
 * SIM_ENOMEM, and *ret is untouched. dl must be initialised and is appended to.
 */
int scenario_load(const char *path, const struct scenario_options *opt, struct sim_config *ret, struct diag_list *dl);

/* The same from memory. `name` is the source's name in diagnostics, gives the default of `name:` and, by its directory, the
 * place where the search for presets begins. */
int scenario_load_buffer(const char *name, const char *text, size_t len, const struct scenario_options *opt,
			 struct sim_config *ret, struct diag_list *dl);

#endif
