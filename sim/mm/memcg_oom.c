/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Out of memory inside a cgroup: the killer confined to its subtree, or in v1 with oom_kill_disable waiting until
 * somebody makes room (mm/memcontrol.c of 6.1; specification G.9, H.4, H.9). */
#include "sim/mm/memcg.h"
#include "sim/mm/oom.h"
#include "sim/world/engine.h"

uint64_t memcg_totalpages(const struct world *w, const struct memcg *m)
{
	uint64_t swap = w->memcg.v1 ? u64_min(u64_sub0(m->memsw_max, m->memory.max), w->swap.total) : u64_min(m->swap.max, w->swap.total);

	return m->memory.max + (w->sysctl.swappiness ? swap : 0);
}

/* mutex_lock_killable(&oom_lock). The lock has no queue here: look again a jiffy later. */
static bool lock_killable(struct world *w, struct task *t)
{
	while (!oom_trylock(w, t))
		if (task_wait(w, t, NULL, TASK_KILLABLE, w->now + NS_PER_SEC / w->cfg->machine.hz) == WAIT_KILLED)
			return false;
	return true;
}

bool memcg_out_of_memory(struct world *w, struct task *t, struct memcg *m, uint32_t gfp, uint32_t need)
{
	struct oom_control oc = { .memcg = m, .gfp = gfp, .highest_zone = MAX_ZONES };
	bool ret = true;

	if (!lock_killable(w, t))
		return true;
	if (!need || memcg_margin(m) < need)
		ret = fatal_signal_pending(t) || out_of_memory(w, t, &oc);
	oom_unlock(w, t);
	return ret;
}

bool memcg_oom_trylock(struct world *w, const struct memcg *m)
{
	for_each_memcg(w, c, m)
		if (c->oom_locked)
			return false;
	for_each_memcg(w, c, m) c->oom_locked = true;
	return true;
}

void memcg_oom_unlock_tree(struct world *w, const struct memcg *m)
{
	for_each_memcg(w, c, m) c->oom_locked = false;
}

/* mem_cgroup_oom_notify(): the whole hierarchy hears. */
static void notify_tree(struct world *w, const struct memcg *m)
{
	for_each_memcg(w, c, m) memcg_notify(w, c, CGN_OOM);
}

enum memcg_oom_status memcg_oom(struct world *w, struct task *t, struct memcg *m, uint32_t gfp)
{
	bool locked, ret;

	memcg_event(m, w, MEMCG_OOM);
	world_event(w, EV_MEMCG_OOM, t->p, m->id, (int64_t)m->memory.usage, (int64_t)m->memory.max, 0);
	if (m->oom_kill_disable || !w->km->memcg_oom_in_charge) {
		if (t->user_fault) {
			t->memcg_in_oom = m;
			t->memcg_oom_gfp = gfp;
		}
		return MEMCG_OOM_SKIPPED;
	}
	locked = w->memcg.v1 && memcg_oom_trylock(w, m);
	if (locked)
		notify_tree(w, m);
	ret = memcg_out_of_memory(w, t, m, gfp, 1);
	if (locked)
		memcg_oom_unlock_tree(w, m);
	return ret ? MEMCG_OOM_SUCCESS : MEMCG_OOM_FAILED;
}

/* ---- at the end of a fault ---- */

static void mark_under_oom(struct world *w, const struct memcg *m, int by)
{
	for_each_memcg(w, c, m) c->under_oom += (unsigned)by;
}

/* With the killer disabled everybody waits. Otherwise, before 4.19, whoever has the hierarchy's lock kills and the others wait
 * for what that frees. */
bool memcg_oom_synchronize(struct world *w, struct task *t)
{
	struct memcg *m = t->memcg_in_oom;
	bool locked;

	if (!m)
		return false;
	mark_under_oom(w, m, 1);
	locked = memcg_oom_trylock(w, m);
	if (locked)
		notify_tree(w, m);
	if (locked && !m->oom_kill_disable)
		memcg_out_of_memory(w, t, m, t->memcg_oom_gfp, 0);
	else if (!memcg_margin(m))
		task_wait(w, t, &m->oom_wait, TASK_KILLABLE, SIM_NEVER);
	mark_under_oom(w, m, -1);
	if (locked) {
		memcg_oom_unlock_tree(w, m);
		memcg_oom_recover(w, m);
	}
	t->memcg_in_oom = NULL;
	return true;
}

/* Something changed for the better at m: whoever waits above or below it looks again. */
void memcg_oom_recover(struct world *w, struct memcg *m)
{
	if (memcg_is_root(m) || (!w->memcg.v1 && w->km->memcg_oom_in_charge))
		return;
	for_each_ancestor(a, m) if (a->under_oom) waitq_wake_all(w, &a->oom_wait);
	for_each_memcg(w, c, m) if (c->under_oom) waitq_wake_all(w, &c->oom_wait);
}

/* ---- memory.oom.group ---- */

struct memcg *memcg_oom_group(const struct world *w, const struct process *victim, const struct memcg *domain)
{
	struct memcg *group = NULL;

	if (!w->memcg.n || w->memcg.v1 || !w->km->memcg_oom_group)
		return NULL;
	if (domain && !memcg_within(victim->memcg, domain)) /* it has moved away meanwhile */
		return NULL;
	for_each_ancestor(a, victim->memcg)
	{
		if (a->oom_group)
			group = a;
		if (a == domain)
			break;
	}
	return group;
}
