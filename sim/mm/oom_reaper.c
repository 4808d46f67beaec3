/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oom_reaper: takes private memory from victims that do not get around to exiting (mm/oom_kill.c of 6.1; specification G.11). */
#include "sim/mm/oom_report.h"
#include "sim/world/engine.h"

#define MAX_OOM_REAP_RETRIES 10

struct reap_entry {
	struct reap_entry *next;
	struct world *w;
	struct mm *mm;
	int32_t pid;
	int32_t slot;   /* timer of the delay; negative once it has fired */
	bool due;
};

/* The victim as the events name it; it may have gone already. */
static struct process *victim_of(struct world *w, const struct reap_entry *e)
{
	struct process *p = process_find(w, e->pid);

	return p && p->oom_mm == e->mm ? p : NULL;
}

/* wake_oom_reaper(), the timer's end: nothing to do if the exit was faster. */
static void reap_due(struct world *w, void *arg)
{
	struct reap_entry *e = arg;

	world_slot_free(w, e->slot);
	e->slot = -1;
	e->due = true;
	waitq_wake_all(w, &w->oom.reaper_wait);
}

void oom_queue_reap(struct world *w, struct mm *mm, struct process *victim)
{
	struct reap_entry *e;

	if (!w->km->reaper || mm->oom_reap_queued)
		return;
	mm->oom_reap_queued = true;
	e = sim_calloc(w->a, 1, sizeof(*e));
	if (!e) {
		world_fail(w, SIM_ENOMEM);
		return;
	}
	mm_pin(mm);
	*e = (struct reap_entry){ .next = w->oom.list, .w = w, .mm = mm, .pid = victim->pid };
	e->slot = world_slot_new(w, reap_due, e);
	if (e->slot < 0) {
		mm_unpin(w, mm);
		sim_free(w->a, e);
		world_fail(w, SIM_ENOMEM);
		return;
	}
	w->oom.list = e;
	evq_arm(w->evq, e->slot, w->now + w->km->reaper_delay, EVC_TIMER);
}

/* __oom_reap_task_mm(): private pages and swap entries; shared memory and page tables stay until exit. */
static void reap_mm(struct world *w, struct task *t, struct mm *mm)
{
	mm->reaping = true;
	for (uint32_t i = 0; i < mm->nvma && !mm->oom_skip; i++) {
		struct vma *v = mm->vma[i];

		if (v->shared || v->kind == REGION_SHMEM || (v->locked && !w->km->reaper_mlocked))
			continue;
		vma_zap(w, t, v, 0, v->npages);
	}
	mm->reaping = false;
	waitq_wake_all(w, &mm->reap_wait);
}

static void report_reaped(struct world *w, const struct reap_entry *e)
{
	uint64_t kB = w->mm.page_kB;

	world_event(w, EV_OOM_REAPED, victim_of(w, e), (int64_t)((uint64_t)e->mm->rss[MM_ANONPAGES] * kB),
		    (int64_t)((uint64_t)e->mm->rss[MM_FILEPAGES] * kB), (int64_t)((uint64_t)e->mm->rss[MM_SHMEMPAGES] * kB), 0);
}

/* oom_reap_task(): the mmap lock may be held by the victim itself, stuck elsewhere: try again a few times. */
static void reap(struct world *w, struct task *t, struct reap_entry *e)
{
	int attempts = 0;

	while (!e->mm->oom_skip && e->mm->write_locked && attempts++ < MAX_OOM_REAP_RETRIES)
		task_wait(w, t, NULL, TASK_UNINTERRUPTIBLE, w->now + NS_PER_SEC / 10);
	if (e->mm->oom_skip)
		return;
	if (e->mm->write_locked) {
		world_event(w, EV_OOM_REAP_FAILED, victim_of(w, e), attempts, 0, 0, 0);
	} else {
		reap_mm(w, t, e->mm);
		if (!e->mm->oom_skip)
			report_reaped(w, e);
	}
	e->mm->oom_skip = true;
}

static struct reap_entry *take_due(struct world *w)
{
	struct reap_entry **link = &w->oom.list, *e;

	while (*link && !(*link)->due)
		link = &(*link)->next;
	e = *link;
	if (e)
		*link = e->next;
	return e;
}

static void oom_reaper(struct world *w, struct task *t)
{
	for (;;) {
		struct reap_entry *e = take_due(w);

		if (!e) {
			task_wait(w, t, &w->oom.reaper_wait, TASK_INTERRUPTIBLE, SIM_NEVER);
			continue;
		}
		reap(w, t, e);
		mm_unpin(w, e->mm);
		sim_free(w->a, e);
	}
}

int oom_init(struct world *w)
{
	if (!w->km->reaper)
		return SIM_OK;
	w->oom.reaper = kthread_new(w, "oom_reaper", oom_reaper);
	return w->oom.reaper ? SIM_OK : SIM_ENOMEM;
}

void oom_free(struct world *w)
{
	while (w->oom.list) {
		struct reap_entry *e = w->oom.list;

		w->oom.list = e->next;
		sim_free(w->a, e);
	}
}
