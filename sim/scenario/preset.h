/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Presets: machines, devices and cost tables as data, DIR/{machines,devices,costs}/NAME.yaml. A mapping with a `preset` key
 * becomes the preset's mapping with its own keys on top.
 *
 * Where DIR is: the directory given; or, first that has the file: next to the scenario in ../presets and presets, then
 * scenarios/presets in the scenario's folder and its parents, then OOMSIM_DATADIR/presets, then a last one the caller may name.
 */
#ifndef OOMSIM_SCENARIO_PRESET_H
#define OOMSIM_SCENARIO_PRESET_H

#include "sim/scenario/yaml.h"

struct preset_source {
	const char *dir;      /* NULL: search */
	const char *scenario; /* path of the scenario, where the search begins */
	const char *last;     /* where it ends, after OOMSIM_DATADIR/presets; NULL: nowhere else */
};

/*
 * The mapping `n` with its preset (of kind "machines", "devices" or "costs"), and that one's preset, merged under it. Own
 * keys win; where both have a mapping the two are merged likewise, unless the own one names a preset itself. A scalar stands
 * for {preset: SCALAR} if `scalar_ok`. Without a preset, n itself. NULL without memory; after an
 * error that was reported, what there is.
 */
const struct ynode *preset_resolve(struct ytree *t, struct diag_list *dl, const struct preset_source *src,
				   const char *kind, const struct ynode *n, bool scalar_ok);

/* A whole file into the arena, NUL-terminated. Returns SIM_OK, SIM_EIO (errno says why), SIM_EINPUT (too large) or SIM_ENOMEM. */
int file_read(struct ytree *t, const char *path, char **ret, size_t *ret_len);

#endif
