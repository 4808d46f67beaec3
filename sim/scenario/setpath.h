/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --set PATH=VALUE: a change to the tree before anything is built from it. */
#ifndef OOMSIM_SCENARIO_SETPATH_H
#define OOMSIM_SCENARIO_SETPATH_H

#include "sim/scenario/yaml.h"

/*
 * Apply one "PATH=VALUE". PATH is keys joined by dots; an element of a list is [N] from 0 or, after a dot, the `name` of an
 * element or N. Missing keys are added, elements are not. VALUE is YAML (a scalar or [..] or {..}). Errors are placed at
 * "--set PATH"; so are those that building finds in VALUE later. Returns SIM_OK (see dl->errors) or SIM_ENOMEM.
 */
int tree_set(struct ytree *t, struct diag_list *dl, struct ynode *root, const char *arg);

#endif
