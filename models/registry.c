/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/registry.h"

#include <string.h>

#include "models/kernel/kernel.h"

const struct kernel_model *const kernel_models[] = {
	&kernel_k6_1,
	NULL,
};

const struct kernel_model *kernel_model_find(const char *name)
{
	for (const struct kernel_model *const *m = kernel_models; *m; m++) {
		const char *own = (*m)->info.name;

		if (strcmp(name, own) == 0 || (own[0] == 'k' && strcmp(name, own + 1) == 0))
			return *m;
	}
	return NULL;
}
