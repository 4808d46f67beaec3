/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/world/kubelet.h"

#include <stdlib.h>

void kubelet_cfg_free(struct kubelet_cfg *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->nworkload; i++)
		free(k->workload[i].container);
	for (size_t i = 0; i < k->nbudget; i++)
		free(k->budget[i].covers);
	free(k->workload);
	free(k->budget);
	free(k);
}
