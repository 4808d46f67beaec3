/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The OOM killer (mm/oom_kill.c; specification G): out_of_memory() reads in the kernel's order of steps. Who is chosen is in
 * oom_select.c, what is done to it in oom_kill.c; where kernel versions differ, w->km tells.
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

uint64_t oom_totalpages(const struct world *w)
{
	return w->mm.totalram + w->swap.total;
}

static const char *oom_message(const struct oom_control *oc)
{
	return oc->memcg ? "Memory cgroup out of memory" : "Out of memory";
}

static bool panic(struct world *w, struct task *t, struct oom_control *oc, enum panic_reason why)
{
	oom_emit_report(w, t, oc, oom_message(oc), (int)why);
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

/* Up to 4.18 whoever has killed sleeps a jiffy with the lock held, so that the victim gets on; a victim itself does not. */
static void let_victim_run(struct world *w, struct task *t)
{
	if (w->km->sleep_after_kill && !t->p->oom_mm)
		task_wait(w, t, NULL, TASK_KILLABLE, w->now + w->km->sleep_after_kill * (NS_PER_SEC / w->cfg->machine.hz));
}

/* The asking task is dying already and only needs to be let go. Before 2.6.36 nobody looks. */
static bool asker_will_free_mem(struct world *w, struct task *t)
{
	if (w->km->dying == DYING_NOT_ASKED || !oom_will_free_mem(w, t->p))
		return false;
	oom_mark_victim(w, t->p);
	oom_queue_reap(w, t->p->mm, t->p);
	return true;
}

static void kill_allocating_task(struct world *w, struct task *t, struct oom_control *oc)
{
	oc->chosen = t->p;
	oc->chosen_points = oom_points(w, t->p, oc->totalpages);
	oom_kill(w, t, oc, "Out of memory (oom_kill_allocating_task)");
	let_victim_run(w, t);
}

/* Up to 2.6.35 whoever asked for memory on nodes that have none dies for it, without anybody looking at points. */
static bool asker_dies(struct world *w, struct task *t, struct oom_control *oc)
{
	const char *message = t->p->mm ? oom_asker_dies_for(w, oc) : NULL;

	if (!message)
		return false;
	oc->chosen = t->p;
	oc->chosen_points = 0;
	oom_kill(w, t, oc, message);
	let_victim_run(w, t);
	return true;
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
	if (!oc->memcg && notifiers_free_memory(w, t->p))
		return true;
	if (asker_will_free_mem(w, t))
		return true;
	if (!(oc->gfp & GFP_FS_BIT) && !oc->memcg) {
		world_event(w, EV_OOM_SKIPPED, t->p, OOM_SKIP_NOFS, 0, 0, 0);
		return true;
	}
	oom_constrain(w, t, oc);
	world_event(w, EV_OOM_ENTER, t->p, oc->order, oc->gfp, (int64_t)oom_free_pages(w), w->swap.free);
	if (w->sysctl.panic_on_oom == 2 || (w->sysctl.panic_on_oom && oc->constraint == CONSTRAINT_NONE))
		return panic(w, t, oc, w->sysctl.panic_on_oom == 2 ? PANIC_ON_OOM_COMPULSORY : PANIC_ON_OOM);
	if (asker_dies(w, t, oc))
		return true;
	if (!oc->memcg && kills_allocating_task(w, t)) {
		kill_allocating_task(w, t, oc);
		return true;
	}
	if (!oom_select(w, t, oc)) {
		if (w->km->sleep_when_aborted)
			let_victim_run(w, t);
		return true;
	}
	if (!oc->chosen && oc->memcg) {
		oom_emit_report(w, t, oc, oom_message(oc), -1);
		return false;
	}
	if (!oc->chosen)
		return panic(w, t, oc, PANIC_DEADLOCK);
	oom_kill(w, t, oc, oom_message(oc));
	let_victim_run(w, t);
	return true;
}
