/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is to be killed (mm/oom_kill.c: oom_badness, select_bad_process, oom_evaluate_task; specification G.6, G.7). What a
 * process scores is the badness rule's (w->km->badness); who is looked at, and what ends the look, changed with the eras and is
 * told by w->km->scan.
 */
#include "sim/mm/mempolicy.h"
#include "sim/mm/oom.h"
#include "sim/world/engine.h"

/* ---- what a badness rule sees ---- */

/* Page tables of the two upper levels that a program has before it maps anything: two PUDs, three PMDs. */
#define EXEC_PUDS 2
#define EXEC_PMDS 3

static void page_tables(const struct world *w, const struct mm *mm, struct badness_in *ret)
{
	uint64_t upper = mm->upper_tables + EXEC_PUDS + EXEC_PMDS;

	ret->pgtables_bytes = mm->pgtable_pages * w->cfg->machine.page_size;
	ret->nr_ptes = u64_sub0(mm->pgtable_pages, upper);
	ret->nr_pmds = mm->upper_tables ? mm->upper_tables - 1 + EXEC_PMDS : EXEC_PMDS;
}

/* Ticks are counted by threads; the old scan scores each thread, so that the laziest one decides. */
static void cpu_time(const struct world *w, const struct process *p, struct badness_in *ret)
{
	sim_ns least = SIM_NEVER, all = 0;

	for (uint32_t i = 0; i < p->nthread; i++) {
		const struct task *t = p->thread[i];

		all += t->utime + t->stime;
		if (t->state != TASK_ZOMBIE && t->utime + t->stime < least)
			least = t->utime + t->stime;
	}
	ret->hz = w->cfg->machine.hz;
	ret->cpu_jiffies = least == SIM_NEVER ? 0 : u64_muldiv(least, ret->hz, NS_PER_SEC);
	ret->group_cpu_jiffies = u64_muldiv(all, ret->hz, NS_PER_SEC);
	ret->age_s = w->now / NS_PER_SEC - p->start_ns / NS_PER_SEC;
}

/* Children, and others in the same memory. */
static void family(const struct world *w, const struct process *p, struct badness_in *ret)
{
	for (const struct process *q = w->proc.first; q; q = q->next) {
		if (q == p || !q->mm)
			continue;
		if (q->mm == p->mm)
			ret->sharer_never |= q->oom_score_adj == -1000;
		else if (q->parent == p) {
			ret->child_vm += q->mm->total_vm;
			ret->child_vm_halves += q->mm->total_vm / 2 + 1;
		}
	}
}

/* cpuset_mems_allowed_intersects(current, p); a reader of /proc is nobody here, and may use all nodes. */
static bool elsewhere(const struct world *w, const struct process *p)
{
	const struct task *current = w->sched.running;

	return w->mm.nnode > 1 && !(cpuset_mems_allowed(w, current ? current->p : NULL) & cpuset_mems_allowed(w, p));
}

void oom_badness_in(const struct world *w, const struct process *p, struct badness_in *ret)
{
	const struct mm *mm = p->mm;

	*ret = (struct badness_in){ .is_init = p->is_init,
				    .is_kthread = p->is_kthread,
				    .has_mm = mm != NULL,
				    .in_vfork = p->vfork_child && mm && p->parent && p->parent->mm == mm,
				    .oom_score_adj = p->oom_score_adj,
				    .oom_adj = oom_adj_of(p->oom_score_adj),
				    .capabilities = p->capabilities,
				    .nice = p->nice,
				    .uid = p->uid,
				    .euid = p->uid };
	if (!mm)
		return;
	ret->oom_skip = mm->oom_skip;
	ret->rss = mm_rss_pages(mm);
	ret->swapents = mm_counter(mm, MM_SWAPENTS);
	ret->total_vm = mm->total_vm;
	page_tables(w, mm, ret);
	cpu_time(w, p, ret);
	ret->elsewhere = elsewhere(w, p);
	if (w->km->badness->family)
		family(w, p, ret);
}

int oom_score(const struct world *w, const struct process *p)
{
	struct badness_in in;

	oom_badness_in(w, p, &in);
	return w->km->badness->oom_score(&in, oom_totalpages(w));
}

int64_t oom_points(const struct world *w, const struct process *p, uint64_t totalpages)
{
	struct badness_in in;

	oom_badness_in(w, p, &in);
	return w->km->badness->points(&in, totalpages);
}

/* ---- dying tasks ---- */

/* __task_will_free_mem(): it is on its way out and nothing holds it. */
static bool dying(const struct process *p)
{
	return p->exiting || p->sigkill;
}

bool oom_will_free_mem(const struct world *w, const struct process *p)
{
	if (!p->mm || !dying(p) || p->mm->oom_skip)
		return false;
	if (w->km->dying != DYING_ALL_SHARERS)
		return true;
	for (const struct process *q = w->proc.first; q; q = q->next)
		if (q != p && q->mm == p->mm && !dying(q))
			return false;
	return true;
}

/* ---- the scan ---- */

enum verdict { CANDIDATE, PASS_OVER, CHOOSE_NOW, GIVE_UP };

/* oom_scan_process_thread(), oom_evaluate_task(): a victim that still holds its memory is waited for; before there was a
 * reaper, so was anybody found exiting, unless it is the one who asks. */
static enum verdict evaluate(const struct world *w, const struct task *asker, const struct process *p)
{
	enum oom_scan scan = w->km->scan;

	if (p->is_init || p->is_kthread)
		return PASS_OVER;
	if (p->oom_mm)
		return scan == SCAN_PROCESSES && p->oom_mm->oom_skip ? PASS_OVER : GIVE_UP;
	if (scan == SCAN_PROCESSES || !p->exiting || !p->mm)
		return CANDIDATE;
	return scan == SCAN_EXITING_SELF && p == asker->p ? CHOOSE_NOW : GIVE_UP;
}

static bool beats(const struct badness_ops *rule, const struct oom_control *oc, int64_t points)
{
	if (points == BADNESS_NEVER)
		return false;
	if (!oc->chosen || points > oc->chosen_points)
		return true;
	return points == oc->chosen_points && rule->tie == TIE_TAKE_LAST;
}

/* One process's turn. False: the look is over, a victim is dying already. */
static bool consider(struct world *w, struct task *t, struct oom_control *oc, struct process *p)
{
	enum verdict v = evaluate(w, t, p);
	int64_t points;

	if (v == PASS_OVER && (p->is_init || p->is_kthread))
		return true;
	if (!oom_domain_has(w, t->p, oc, p))
		return true;
	task_cpu(t, w->cost.oom_scan_task);
	if (v == PASS_OVER)
		return true;
	if (v == GIVE_UP)
		return false;
	points = v == CHOOSE_NOW ? INT64_MAX : oom_points(w, p, oc->totalpages);
	if (beats(w->km->badness, oc, points)) {
		oc->chosen = p;
		oc->chosen_points = points;
	}
	return true;
}

/* mem_cgroup_scan_tasks(): cgroup by cgroup of the domain, each in the order in which its processes came. */
static bool select_in_memcg(struct world *w, struct task *t, struct oom_control *oc)
{
	for_each_memcg(w, m, oc->memcg)
		for (struct process *p = w->proc.first; p; p = p->next)
			if (p->memcg == m && !consider(w, t, oc, p))
				return false;
	return true;
}

bool oom_select(struct world *w, struct task *t, struct oom_control *oc)
{
	oc->chosen = NULL;
	oc->chosen_points = BADNESS_NEVER;
	if (oc->memcg)
		return select_in_memcg(w, t, oc);
	for (struct process *p = w->proc.first; p; p = p->next)
		if (!consider(w, t, oc, p))
			return false;
	return true;
}
