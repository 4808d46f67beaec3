/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which reclaim model a world has, and the classic one put together from its parts. */
#include "sim/mm/reclaim.h"
#include "sim/mm/scan.h"
#include "sim/mm/vmscan.h"
#include "sim/world/engine.h"

const struct reclaim_ops classic_reclaim = {
	.name = "classic",
	.add = classic_add,
	.del = classic_del,
	.mark_accessed = classic_mark_accessed,
	.eviction = classic_eviction,
	.refault = classic_refault,
	.age_node = classic_age_node,
	.shrink_node = classic_shrink_node,
	.check_references = classic_check_references,
};

const struct reclaim_ops *const reclaim_models[] = { &classic_reclaim, &mglru_reclaim, NULL };

/* Kernels before 6.1 have no rules for generations: there is nothing to switch on. */
static bool has_generations(const struct world *w)
{
	if (!w->km || !w->km->mglru)
		return false;
	if (w->cfg->lru_gen.enabled == SIM_AUTO)
		return w->km->lru == LRU_MGLRU;
	return w->cfg->lru_gen.enabled & LRU_GEN_CORE;
}

int reclaim_init(struct world *w)
{
	if (!w->mm.reclaim)
		w->mm.reclaim = has_generations(w) ? &mglru_reclaim : &classic_reclaim;
	return w->mm.reclaim->init ? w->mm.reclaim->init(w) : SIM_OK;
}

void reclaim_free(struct world *w)
{
	if (w->mm.reclaim && w->mm.reclaim->free)
		w->mm.reclaim->free(w);
}
