/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cgroups say about zswap, and pay for it (mm/memcontrol.c of 6.1 and 6.12: obj_cgroup_may_zswap() and around it): compressed
 * bytes are kernel memory of the cgroup whose page it was, in whole pages. */
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

/* memory.zswap.max of m and its ancestors, in whole pages. */
bool memcg_may_zswap(const struct world *w, const struct memcg *m)
{
	for (; !memcg_is_root(m); m = m->parent)
		if (m->zswap_max != MEMCG_UNLIMITED && m->zswap_bytes / w->cfg->machine.page_size >= m->zswap_max)
			return false;
	return true;
}

/* mem_cgroup_zswap_writeback_enabled() */
bool memcg_zswap_writeback(const struct memcg *m)
{
	for (; !memcg_is_root(m); m = m->parent)
		if (m->zswap_no_writeback)
			return false;
	return true;
}

static uint64_t own_pages(const struct world *w, const struct memcg *m)
{
	return (m->zswap_own + w->cfg->machine.page_size - 1) / w->cfg->machine.page_size;
}

/* obj_cgroup_charge_zswap(), _uncharge_zswap(): forced, since reclaim asks. */
void memcg_count_zswap(struct world *w, struct memcg *m, int64_t bytes)
{
	uint64_t before, after;

	if (memcg_is_root(m))
		return;
	before = own_pages(w, m);
	m->zswap_own += (uint64_t)bytes;
	after = own_pages(w, m);
	for_each_ancestor(a, m)
	{
		a->zswap_bytes += (uint64_t)bytes;
		a->kmem += after - before;
		a->memory.usage += after - before;
		a->memory.peak = u64_max(a->memory.peak, a->memory.usage);
	}
}
