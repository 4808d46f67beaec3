/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of memory cgroups: from the configuration, its events and counters, and what writing its files does
 * (mm/memcontrol.c of 6.1: mem_cgroup_alloc, memory_max_write, mem_cgroup_write; specification H.1, H.2, H.10). */
#include "sim/mm/memcg.h"
#include "sim/core/diag.h"
#include "sim/mm/mglru.h"
#include "sim/mm/oom.h"
#include "sim/mm/reclaim.h"
#include "sim/mm/scan.h"
#include "sim/world/engine.h"

#include <errno.h>

/* ---- the tree ---- */

static uint64_t pages_of(const struct world *w, int64_t bytes)
{
	return bytes == CGROUP_UNLIMITED ? MEMCG_UNLIMITED
					 : u64_min((uint64_t)bytes >> w->mm.page_shift, MEMCG_UNLIMITED);
}

static void set_file(struct world *w, struct memcg *m, enum cgroup_file file, int64_t value)
{
	switch (file) {
	case CGF_MAX:
	case CGF_LIMIT:
		m->memory.max = pages_of(w, value);
		break;
	case CGF_HIGH:
		m->high = pages_of(w, value);
		break;
	case CGF_LOW:
		m->low = pages_of(w, value);
		break;
	case CGF_MIN:
		m->min = pages_of(w, value);
		break;
	case CGF_SWAP_MAX:
		m->swap.max = pages_of(w, value);
		break;
	case CGF_SWAP_HIGH:
		m->swap_high = pages_of(w, value);
		break;
	case CGF_SOFT_LIMIT:
		m->soft_limit = pages_of(w, value);
		break;
	case CGF_OOM_GROUP:
		m->oom_group = value == 1;
		break;
	case CGF_OOM_CONTROL:
		m->oom_kill_disable = value == 1;
		break;
	case CGF_MAX_USAGE:
		m->memory.peak = m->memory.usage;
		break;
	case CGF_MEMSW:
		m->memsw_max = pages_of(w, value);
		break;
	case CGF_MEMSW_MAX_USAGE:
		m->memsw_peak = memcg_memsw(m);
		break;
	case CGF_CPUSET_MEMS:
		m->cpuset_mems = (nodemask_t)value;
		break;
	case CGF_RECLAIM:
	case CGF_COUNT:
		break;
	}
}

static void no_limits(struct memcg *m)
{
	m->memory.max = m->swap.max = m->high = m->swap_high = m->soft_limit = m->memsw_max = MEMCG_UNLIMITED;
}

/* Children of cgroup `of` and theirs, in the order of the configuration. Depth is that of a path of
 * CGROUP_PATH_LEN bytes. */
static void number_subtree(struct world *w, uint32_t of, struct memcg *parent, uint32_t *next)
{
	const struct sim_config *c = w->cfg;

	for (uint32_t i = 0; i < c->ncgroup; i++) {
		const struct cgroup_cfg *cfg = &c->cgroup[i];
		struct memcg *m = &w->memcg.v[*next];

		if (cfg->parent != of)
			continue;
		m->id = w->memcg.of_cfg[i + 1] = (*next)++;
		m->parent = parent;
		m->path = cfg->path;
		no_limits(m);
		for (unsigned f = 0; f < CGF_COUNT; f++)
			if (cfg->value[f] != SIM_AUTO)
				set_file(w, m, (enum cgroup_file)f, cfg->value[f]);
		number_subtree(w, i + 1, m, next);
		m->last = *next - 1;
	}
}

static void init_root(struct world *w)
{
	struct memcg *root = &w->memcg.v[0];

	root->path = "/";
	root->last = w->memcg.n - 1;
	no_limits(root);
}

static void init_lruvec(struct world *w, struct memcg *m, int node)
{
	struct lruvec *v = m->parent ? &m->lruvec[node] : &w->mm.node[node].lruvec;

	v->memcg = m;
	v->node = &w->mm.node[node];
	v->parent = m->parent ? memcg_lruvec(w, m->parent, &w->mm.node[node]) : NULL;
	v->head = w->mm.f.n + (m->id * (uint32_t)w->mm.nnode + (uint32_t)node) * NR_LRU_HEADS;
}

static bool init_memcg(struct world *w, struct memcg *m)
{
	if (m->parent)
		m->lruvec = sim_calloc(w->a, (size_t)w->mm.nnode, sizeof(*m->lruvec));
	if (m->parent && !m->lruvec)
		return false;
	for (int node = 0; node < w->mm.nnode; node++) {
		init_lruvec(w, m, node);
		if (m->parent && w->mm.reclaim == &mglru_reclaim && gen_init_lruvec(w, &m->lruvec[node]))
			return false;
	}
	return true;
}

int memcg_init(struct world *w)
{
	struct memcg_state *s = &w->memcg;
	uint32_t next = 1;

	if (!w->cfg->ncgroup)
		return SIM_OK;
	s->n = (uint32_t)w->cfg->ncgroup + 1;
	s->v1 = w->cfg->cgroup_version == 1;
	s->recursiveprot = w->cfg->memory_recursiveprot && w->km->memcg_recursiveprot;
	s->v = sim_calloc(w->a, s->n, sizeof(*s->v));
	s->of_cfg = sim_calloc(w->a, s->n, sizeof(*s->of_cfg));
	s->stock = sim_calloc(w->a, w->cfg->machine.ncpu, sizeof(*s->stock));
	if (!s->v || !s->of_cfg || !s->stock)
		return SIM_ENOMEM;
	init_root(w);
	number_subtree(w, 0, &s->v[0], &next);
	for (uint32_t i = 0; i < s->n; i++)
		if (!init_memcg(w, &s->v[i]))
			return SIM_ENOMEM;
	return SIM_OK;
}

struct memcg *memcg_of_cfg(struct world *w, uint32_t cgroup)
{
	return w->memcg.n ? &w->memcg.v[w->memcg.of_cfg[cgroup]] : NULL;
}

struct lruvec *memcg_lruvec(struct world *w, const struct memcg *m, const struct node *n)
{
	return memcg_is_root(m) ? &w->mm.node[n->id].lruvec : &m->lruvec[n->id];
}

struct lruvec *frame_memcg_lruvec(struct world *w, pfn_t p)
{
	return memcg_lruvec(w, frame_memcg(w, p), frame_node(w, p));
}

/* ---- events and counters ---- */

/* Up the tree, except before 5.2 and in v1. The root has no events. */
void memcg_event(struct memcg *m, const struct world *w, enum memcg_event e)
{
	bool hierarchical = w->km->memcg_events_hierarchical && !w->memcg.v1;

	if (!memcg_is_root(m))
		m->events_local[e]++;
	for_each_ancestor(a, m)
	{
		a->events[e]++;
		if (!hierarchical)
			break;
	}
}

/* ---- files ---- */

/* memory_max_write(): reclaim in rounds, then kill, until usage fits or there is nobody left to kill. */
static void shrink_to_max(struct world *w, struct task *t, struct memcg *m)
{
	int rounds = MAX_RECLAIM_RETRIES;
	bool drained = false;

	while (m->memory.usage > m->memory.max && !fatal_signal_pending(t) && !w->over) {
		if (!drained) {
			memcg_drain_stocks(w, m);
			drained = true;
		} else if (rounds) {
			rounds -= !memcg_reclaim(w, t, m, m->memory.usage - m->memory.max, GFP_KERNEL);
			task_yield(w, t);
		} else {
			memcg_event(m, w, MEMCG_OOM);
			if (!memcg_out_of_memory(w, t, m, GFP_KERNEL, 0))
				break;
			task_wait(w, t, NULL, TASK_KILLABLE, w->now + NS_PER_SEC / w->cfg->machine.hz);
		}
	}
}

/* mem_cgroup_resize_max() of v1: the new limit holds only if usage can be brought below it. memsw: that of memory and swap, which
 * never lies below that of memory. */
static int resize(struct world *w, struct task *t, struct memcg *m, uint64_t max, bool memsw)
{
	bool drained = false;

	if (memsw ? max < m->memory.max : max > m->memsw_max)
		return EINVAL;
	while ((memsw ? memcg_memsw(m) : m->memory.usage) > max) {
		if (fatal_signal_pending(t) || w->over)
			return EINTR;
		if (!drained)
			memcg_drain_stocks(w, m);
		else if (!(memsw ? memcg_reclaim_no_swap : memcg_reclaim)(w, t, m, 1, GFP_KERNEL))
			return EBUSY;
		drained = true;
		task_yield(w, t);
	}
	*(memsw ? &m->memsw_max : &m->memory.max) = max;
	memcg_oom_recover(w, m);
	return 0;
}

/* memory_reclaim() */
static int reclaim_now(struct world *w, struct task *t, struct memcg *m, uint64_t n)
{
	unsigned retries = MAX_RECLAIM_RETRIES;

	for (uint64_t got, all = 0; all < n; all += got) {
		if (fatal_signal_pending(t) || w->over)
			return EINTR;
		got = memcg_reclaim(w, t, m, n - all, GFP_KERNEL);
		if (!got && !retries--)
			return EAGAIN;
		task_yield(w, t);
	}
	return 0;
}

int memcg_write(struct world *w, struct task *t, struct memcg *m, enum cgroup_file file, int64_t value)
{
	if (file == CGF_LIMIT || file == CGF_MEMSW)
		return resize(w, t, m, pages_of(w, value), file == CGF_MEMSW);
	if (file == CGF_RECLAIM)
		return reclaim_now(w, t, m, pages_of(w, value));
	set_file(w, m, file, value);
	if (file == CGF_MAX)
		shrink_to_max(w, t, m);
	if (file == CGF_HIGH && m->memory.usage > m->high)
		memcg_reclaim(w, t, m, m->memory.usage - m->high, GFP_KERNEL);
	if (file == CGF_OOM_CONTROL && !m->oom_kill_disable)
		memcg_oom_recover(w, m);
	return 0;
}
