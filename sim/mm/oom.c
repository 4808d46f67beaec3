/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The OOM killer (mm/oom_kill.c of 6.1; specification G): out_of_memory() reads in the kernel's order of steps. Which process
 * scores what, and who wins a tie, is the kernel model's (w->km->badness).
 */
#include "sim/mm/oom.h"
#include "sim/mm/oom_report.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

/* ---- the lock ---- */

bool oom_trylock(struct world *w, struct task *t)
{
	if (w->oom.lock)
		return false;
	w->oom.lock = t;
	return true;
}

void oom_unlock(struct world *w, struct task *t)
{
	if (w->oom.lock == t)
		w->oom.lock = NULL;
}

/* ---- who may be chosen ---- */

uint64_t oom_totalpages(const struct world *w)
{
	return w->mm.totalram + w->swap.total;
}

void oom_badness_in(const struct world *w, const struct process *p, struct badness_in *ret)
{
	const struct mm *mm = p->mm;

	*ret = (struct badness_in){ .is_init = p->is_init, .is_kthread = p->is_kthread, .has_mm = mm != NULL,
				    .in_vfork = p->vfork_child && mm && p->parent && p->parent->mm == mm,
				    .oom_score_adj = p->oom_score_adj, .capabilities = p->capabilities };
	if (!mm)
		return;
	ret->oom_skip = mm->oom_skip;
	ret->rss = mm_rss_pages(mm);
	ret->swapents = mm_counter(mm, MM_SWAPENTS);
	ret->pgtables_bytes = mm->pgtable_pages * w->cfg->machine.page_size;
	ret->total_vm = mm->total_vm;
}

int oom_score(const struct world *w, const struct process *p)
{
	struct badness_in in;

	oom_badness_in(w, p, &in);
	return w->km->badness->oom_score(&in, oom_totalpages(w));
}

/* ---- dying tasks ---- */

/* __task_will_free_mem(): it is on its way out and nothing holds it. */
static bool dying(const struct process *p)
{
	return p->exiting || p->sigkill;
}

/* task_will_free_mem(): all that share the mm are on their way out. */
static bool will_free_mem(const struct world *w, const struct process *p)
{
	if (!p->mm || !dying(p) || p->mm->oom_skip)
		return false;
	for (const struct process *q = w->proc.first; q; q = q->next)
		if (q != p && q->mm == p->mm && !dying(q))
			return false;
	return true;
}

static void mark_victim(struct world *w, struct process *p)
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

/* ---- selection ---- */

/* oom_evaluate_task() for each process. False: a victim is dying already, so nobody is to be chosen. */
static bool select_bad_process(struct world *w, struct task *t, struct oom_control *oc)
{
	const struct badness_ops *rule = w->km->badness;
	struct badness_in in;

	oc->chosen = NULL;
	oc->chosen_points = BADNESS_NEVER;
	for (struct process *p = w->proc.first; p; p = p->next) {
		int64_t points;

		if (p->is_init || p->is_kthread)
			continue;
		task_cpu(t, w->cfg->machine.cost.oom_scan_task);
		if (p->oom_mm) {
			if (p->oom_mm->oom_skip)
				continue;
			return false;
		}
		oom_badness_in(w, p, &in);
		points = rule->points(&in, oc->totalpages);
		if (points == BADNESS_NEVER || points < oc->chosen_points)
			continue;
		if (oc->chosen && points == oc->chosen_points && rule->tie == TIE_KEEP_FIRST)
			continue;
		oc->chosen = p;
		oc->chosen_points = points;
	}
	return true;
}

/* ---- the kill ---- */

/* Every other process that uses the victim's mm dies with it (CLONE_VM); init cannot, and pins the memory. */
static bool kill_sharers(struct world *w, struct process *victim, const struct mm *mm)
{
	bool reapable = true;

	for (struct process *p = w->proc.first; p; p = p->next) {
		if (p == victim || p->mm != mm)
			continue;
		if (p->is_init)
			reapable = false;
		else if (!p->is_kthread)
			process_sigkill(w, p);
	}
	return reapable;
}

/* __oom_kill_process() */
static void kill_process(struct world *w, struct task *t, const struct oom_control *oc, struct process *p, const char *message)
{
	struct mm *mm = p->mm;

	vm_event(w, oom_kill, 1);
	w->oom.nkill++;
	world_event(w, EV_OOM_KILL, p, oc->chosen_points, p->oom_score_adj, (int64_t)(mm->total_vm * w->mm.page_kB), t->p->pid);
	oom_emit_kill(w, t, oc, p, message);
	process_sigkill(w, p);
	mark_victim(w, p);
	if (kill_sharers(w, p, mm))
		oom_queue_reap(w, mm, p);
	else
		mm->oom_skip = true;
}

/* oom_kill_process() */
static void oom_kill(struct world *w, struct task *t, struct oom_control *oc, const char *message)
{
	struct process *p = oc->chosen;

	if (will_free_mem(w, p)) {
		mark_victim(w, p);
		oom_queue_reap(w, p->mm, p);
		return;
	}
	oom_emit_report(w, t, oc, message, -1);
	task_sync(w, t);
	if (p->mm)
		kill_process(w, t, oc, p, message);
}

static bool panic(struct world *w, struct task *t, struct oom_control *oc, enum panic_reason why)
{
	oom_emit_report(w, t, oc, "Out of memory", (int)why);
	world_event(w, EV_PANIC, t->p, why, 0, 0, 0);
	world_end(w, RUN_PANIC);
	task_sync(w, t); /* does not come back: the world has stopped */
	return false;
}

/* oom_kill_allocating_task: the asker itself, if it may be killed. */
static bool kills_allocating_task(const struct world *w, const struct task *t)
{
	const struct process *p = t->p;

	return w->sysctl.oom_kill_allocating_task && p->mm && !p->is_init && !p->is_kthread && p->oom_score_adj != -1000;
}

static int64_t own_points(struct world *w, const struct process *p, const struct oom_control *oc)
{
	struct badness_in in;

	oom_badness_in(w, p, &in);
	return w->km->badness->points(&in, oc->totalpages);
}

/* blocking_notifier_call_chain(&oom_notify_list): drivers may give memory back. Of those in the tree the balloon is the one a
 * virtual machine has (virtio_balloon_oom_notify, 256 pages a call). True: nobody needs to be killed this time. */
static bool notifiers_free_memory(struct world *w, const struct process *p)
{
	uint64_t n = u64_min(w->mm.balloon, 256);

	if (!n)
		return false;
	w->mm.balloon -= n;
	free_kernel(w, n);
	world_event(w, EV_OOM_SKIPPED, p, OOM_SKIP_NOTIFIER, (int64_t)n, 0, 0);
	return true;
}

bool out_of_memory(struct world *w, struct task *t, struct oom_control *oc)
{
	if (notifiers_free_memory(w, t->p))
		return true;
	if (will_free_mem(w, t->p)) { /* it only needs to be let go */
		mark_victim(w, t->p);
		oom_queue_reap(w, t->p->mm, t->p);
		return true;
	}
	if (!(oc->gfp & GFP_FS_BIT)) {
		world_event(w, EV_OOM_SKIPPED, t->p, OOM_SKIP_NOFS, 0, 0, 0);
		return true;
	}
	oc->totalpages = oom_totalpages(w);
	world_event(w, EV_OOM_ENTER, t->p, oc->order, oc->gfp, (int64_t)oom_free_pages(w), w->swap.free);
	if (w->sysctl.panic_on_oom)
		return panic(w, t, oc, w->sysctl.panic_on_oom == 2 ? PANIC_ON_OOM_COMPULSORY : PANIC_ON_OOM);
	if (kills_allocating_task(w, t)) {
		oc->chosen = t->p;
		oc->chosen_points = own_points(w, t->p, oc);
		oom_kill(w, t, oc, "Out of memory (oom_kill_allocating_task)");
		return true;
	}
	if (!select_bad_process(w, t, oc))
		return true;
	if (!oc->chosen)
		return panic(w, t, oc, PANIC_DEADLOCK);
	oom_kill(w, t, oc, "Out of memory");
	return true;
}
