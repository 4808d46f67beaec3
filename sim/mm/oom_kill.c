/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kill (mm/oom_kill.c: oom_kill_process, __oom_kill_process, mark_oom_victim; specification G.9, G.10): who dies for the one
 * chosen, and who dies with it, as w->km says.
 */
#include "sim/mm/oom_report.h"
#include "sim/world/engine.h"

void oom_mark_victim(struct world *w, struct process *p)
{
	if (p->oom_mm)
		return;
	p->oom_mm = p->mm;
	mm_pin(p->mm);
	p->killed_ns = w->now;
	p->kill_rss = mm_rss_pages(p->mm);
}

void oom_victim_exited(struct world *w, struct process *p)
{
	struct mm *mm = p->oom_mm;

	if (!mm)
		return;
	mm->oom_skip = true;
	world_event(w, EV_VICTIM_FREED, p, (int64_t)(p->kill_rss * w->mm.page_kB),
		    (int64_t)((w->now - p->killed_ns) / NS_PER_US), 0, 0);
}

/* ---- a child in place of its parent ---- */

/* Up to 2.6.35: the first child with memory of its own that may be killed at all. */
static struct process *first_child(const struct world *w, struct process *p)
{
	for (struct process *c = w->proc.first; c; c = c->next)
		if (c->parent == p && c->mm && c->mm != p->mm && oom_adj_of(c->oom_score_adj) != -17)
			return c;
	return p;
}

/* 2.6.36 to 5.0: the child with most points; one with none does not count. */
static struct process *worst_child(const struct world *w, const struct task *t, const struct oom_control *oc)
{
	struct process *p = oc->chosen, *worst = p;
	int64_t most = 0;

	for (struct process *c = w->proc.first; c; c = c->next) {
		int64_t points;

		if (c->parent != p || !c->mm || c->mm == p->mm || !oom_domain_has(w, t->p, oc, c))
			continue;
		points = oom_points(w, c, oc->totalpages);
		if (points > most) {
			most = points;
			worst = c;
		}
	}
	return worst;
}

static struct process *victim_for(const struct world *w, const struct task *t, const struct oom_control *oc)
{
	switch (w->km->child_rule) {
	case CHILD_FIRST:
		return first_child(w, oc->chosen);
	case CHILD_WORST:
		return worst_child(w, t, oc);
	default:
		return oc->chosen;
	}
}

/* ---- those in the same memory ---- */

static bool dies_too(const struct world *w, const struct process *p)
{
	switch (w->km->sharers) {
	case SHARERS_SPARED:
		return false;
	case SHARERS_KILLED_BUT_NEVER:
		return p->oom_score_adj != -1000;
	default:
		return true;
	}
}

/* Every other process that uses the victim's mm dies with it (CLONE_VM); init cannot, and pins the memory. */
static bool kill_sharers(struct world *w, struct process *victim, const struct mm *mm)
{
	bool reapable = true;

	for (struct process *p = w->proc.first; p; p = p->next) {
		if (p == victim || p->mm != mm)
			continue;
		if (p->is_init)
			reapable = false;
		else if (!p->is_kthread && dies_too(w, p))
			process_sigkill(w, p);
	}
	return reapable;
}

/* __oom_kill_process() */
static void kill_process(struct world *w, struct task *t, const struct oom_control *oc, struct process *p,
			 const char *message, struct memcg *group)
{
	struct mm *mm = p->mm;

	vm_event(w, oom_kill, 1);
	if (p->memcg)
		memcg_event(p->memcg, w, MEMCG_OOM_KILL);
	w->oom.nkill++;
	world_event(w, EV_OOM_KILL, p, oc->chosen_points, p->oom_score_adj, (int64_t)(mm->total_vm * w->mm.page_kB),
		    t->p->pid);
	oom_emit_kill(w, t, oc, p, message, group ? group->path : NULL);
	process_sigkill(w, p);
	oom_mark_victim(w, p);
	if (kill_sharers(w, p, mm))
		oom_queue_reap(w, mm, p);
	else
		mm->oom_skip = true;
}

/* memory.oom.group: everybody in the cgroup dies, the victim once more; who may never be killed does not. */
static void kill_group(struct world *w, struct task *t, const struct oom_control *oc, const struct memcg *group,
		       const char *message)
{
	struct oom_control each = *oc;

	for_each_memcg(w, m, group) for (struct process *p = w->proc.first; p; p = p->next)
	{
		if (p->memcg != m || !p->mm || p->is_init || p->is_kthread || p->oom_score_adj == -1000)
			continue;
		each.chosen = p;
		each.chosen_points = oom_points(w, p, oc->totalpages);
		kill_process(w, t, &each, p, message, NULL);
		task_yield(w, t);
	}
}

void oom_kill(struct world *w, struct task *t, struct oom_control *oc, const char *message)
{
	struct process *p = oc->chosen;
	struct memcg *group;

	if (w->km->dying != DYING_NOT_ASKED && oom_will_free_mem(w, p)) {
		oom_mark_victim(w, p);
		oom_queue_reap(w, p->mm, p);
		return;
	}
	oom_emit_report(w, t, oc, message, -1);
	task_sync(w, t);
	p = victim_for(w, t, oc);
	group = memcg_oom_group(w, p, oc->memcg);
	if (p->mm)
		kill_process(w, t, oc, p, message, group);
	if (group) {
		if (w->km->memcg_oom_group_event)
			memcg_event(group, w, MEMCG_OOM_GROUP_KILL);
		kill_group(w, t, oc, group, message);
	}
}
