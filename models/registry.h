/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every model there is, in visible NULL-terminated tables. To add one: one file, one line here. */
#ifndef OOMSIM_MODELS_REGISTRY_H
#define OOMSIM_MODELS_REGISTRY_H

#include "sim/world/model.h"

extern const struct kernel_model *const kernel_models[]; /* oldest first */

/* The kernel model for a name, or NULL. In this order:
 * - a model's own name ("k6.1", or a bare "6.1");
 * - a distribution ("debian-12", models/kernel/alias.c);
 * - a release with ".elN" in it: what rhel-N follows, since those keep an old number;
 * - any other release of two numbers or more ("5.10.223-foo", "4.17"): the model whose span it lies in, which is the latest whose
 *   `since` is not newer. Older than the first model, or of a series (8.x) that no model is of: none. */
const struct kernel_model *kernel_model_find(const char *name);

#endif
