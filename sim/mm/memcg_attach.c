/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that move between cgroups, cgroup.kill, and which cgroups have a memory controller (kernel/cgroup/cgroup.c of 6.1:
 * cgroup_attach_task, cgroup_migrate_vet_dst, cgroup_kill, cgroup_subtree_control_write, cgroup_destroy_locked; mm/memcontrol.c:
 * mem_cgroup_css_offline).
 *
 * A cgroup that loses its controller, or is removed, keeps what was charged to it until those pages are freed: reclaim still
 * finds them, and its ancestors count them. Leaves out: a controller that comes back finds its old charges, where the kernel
 * would begin with a new one; slab and, from 7.x on, pages of the page cache given to the parent at once.
 */
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

#include <errno.h>

struct memcg *memcg_accounting(struct memcg *m)
{
	while (m && m->parent && m->offline)
		m = m->parent;
	return m;
}

static bool is_member(const struct process *p, const struct memcg *m)
{
	return p->cgroup == m && !p->is_kthread;
}

static bool has_members(const struct world *w, const struct memcg *m)
{
	for (const struct process *p = w->proc.first; p; p = p->next)
		if (is_member(p, m))
			return true;
	return false;
}

/* ---- moving ---- */

/* The kernel's "no internal processes": who hands the controller to children holds no processes. The root may. */
static bool hands_on(const struct world *w, const struct memcg *m)
{
	if (w->memcg.v1 || !m->parent || m->children_off || m->offline)
		return false;
	for_each_memcg(w, c, m)
		if (c->parent == m && !c->removed)
			return true;
	return false;
}

/* mm->owner: the first of those who share the memory. */
static bool owns_mm(const struct world *w, const struct process *p)
{
	for (const struct process *q = w->proc.first; q && p->mm; q = q->next)
		if (q->mm == p->mm)
			return q == p;
	return false;
}

static void migrate(struct world *w, struct process *p, struct memcg *to)
{
	struct memcg *payer = memcg_accounting(to);

	psi_move(w, p, to);
	if (owns_mm(w, p))
		p->mm->memcg = payer->parent ? payer : NULL;
	p->memcg = payer;
}

int memcg_attach(struct world *w, struct task *t, struct memcg *to, struct process *p)
{
	struct memcg *from = p->cgroup;
	uint64_t moved = 0;
	int err = 0;

	if (p->is_kthread)
		return EINVAL;
	if (to->removed)
		return ENODEV;
	if (from == to)
		return 0;
	if (hands_on(w, to))
		return EBUSY;
	if (w->memcg.v1 && to->move_charge && !p->exiting && owns_mm(w, p))
		err = memcg_move_charges(w, t, p, p->memcg, memcg_accounting(to), &moved);
	if (err)
		return err;
	world_event(w, EV_CGROUP_MOVE, p, from->id, to->id, (int64_t)moved, p->exiting);
	if (!p->exiting)
		migrate(w, p, to);
	return 0;
}

/* ---- cgroup.kill ---- */

void memcg_kill(struct world *w, const struct memcg *m)
{
	for (struct process *p = w->proc.first; p; p = p->next)
		if (!p->is_kthread && !p->is_init && memcg_within(p->cgroup, m))
			process_sigkill(w, p);
}

/* ---- controllers ---- */

/* Whoever is in m or below is accounted anew. */
static void account_anew(struct world *w, const struct memcg *m)
{
	for (struct process *p = w->proc.first; p; p = p->next) {
		if (p->is_kthread || !memcg_within(p->cgroup, m))
			continue;
		p->memcg = memcg_accounting(p->cgroup);
		if (owns_mm(w, p))
			p->mm->memcg = p->memcg->parent ? p->memcg : NULL;
	}
}

static void go_offline(struct world *w, struct memcg *m)
{
	memcg_drain_stocks(w, m);
	m->offline = true;
	m->min = m->low = m->emin = m->elow = 0;
	m->memory.max = m->swap.max = m->high = m->swap_high = MEMCG_UNLIMITED;
	m->oom_group = false;
}

static void come_online(struct memcg *m)
{
	m->offline = false;
	m->memory.peak = m->memory.usage;
	m->memory.failcnt = 0;
	for (int i = 0; i < MEMCG_EVENT_COUNT; i++)
		m->events[i] = m->events_local[i] = 0;
}

int memcg_subtree_control(struct world *w, struct memcg *m, bool on)
{
	if (on == !m->children_off)
		return 0;
	if (on && m->offline)
		return ENOENT;
	if (on && m->parent && has_members(w, m))
		return EBUSY;
	for_each_memcg(w, c, m)
		if (!on && c->parent == m && !c->removed && hands_on(w, c))
			return EBUSY;
	m->children_off = !on;
	for_each_memcg(w, c, m) {
		if (c->parent != m || c->removed)
			continue;
		if (on)
			come_online(c);
		else
			go_offline(w, c);
		c->children_off = true; /* whoever gets it does not hand it on until told to */
		account_anew(w, c);
	}
	return 0;
}

int memcg_rmdir(struct world *w, struct memcg *m)
{
	if (m->removed)
		return ENOENT;
	if (has_members(w, m))
		return EBUSY;
	for_each_memcg(w, c, m)
		if (c->parent == m && !c->removed)
			return EBUSY;
	go_offline(w, m);
	m->removed = true;
	return 0;
}
