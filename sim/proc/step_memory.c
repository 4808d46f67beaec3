/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps on regions: mmap, leak (GROW), mlock, munlock, munmap, madvise. */
#include "sim/proc/steps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MAP_STEP_BYTES (2 * MIB) /* how an allocator asks for more: guest.c's STEP */
#define MAX_MAP_COUNT  65530     /* vm.max_map_count */
#define GROW_BATCH     64        /* unpaced growth: 256 KiB between two looks at the clock */

uint64_t bytes_to_pages(const struct world *w, uint64_t bytes)
{
	uint64_t page = w->cfg->machine.page_size;

	return bytes / page + (bytes % page != 0);
}

bool region_has(const struct process *p, const struct vma *v, uint64_t idx)
{
	uint32_t i = 0;

	if (p->mm->users > 1) {
		while (i < p->mm->nvma && p->mm->vma[i] != v)
			i++;
		if (i == p->mm->nvma)
			return false;
	}
	return idx < v->npages;
}

/* A step's pages at the end of v: all of them when it names no size. */
static uint64_t tail_pages(const struct world *w, const struct vma *v, const struct step_cfg *s)
{
	return s->size ? u64_min(bytes_to_pages(w, s->size), v->npages) : v->npages;
}

/* The region a step names; without it there is nothing to do but to say so (EFAULT). */
static struct vma *find_region(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct vma *v = vma_find(t->p->mm, s->region);

	if (!v) {
		task_cpu(t, w->cost.mmap_call);
		step_failed(w, t, s, EFAULT, 0, bytes_to_pages(w, s->size));
	}
	return v;
}

/* mlockall(MCL_FUTURE) makes every new mapping resident at once (mm_populate). */
static void populate(struct world *w, struct task *t, struct vma *v, uint64_t from)
{
	for (uint64_t i = from; v->locked && region_has(t->p, v, i); i++) {
		program_check_fault(w, t, fault_page(w, t, v, i, !v->readonly));
		program_check(w, t);
	}
}

static struct vma *map_region(struct world *w, struct task *t, const struct step_cfg *s, const char *name,
			      int *ret_errno)
{
	struct inode *ino = s->kind == REGION_FILE ? w->inode[s->file] : NULL;
	uint64_t npages = ino && !s->size ? ino->npages : bytes_to_pages(w, s->size);
	struct vma *v;

	*ret_errno = ENOMEM;
	if (t->p->mm->nvma >= MAX_MAP_COUNT)
		return NULL;
	if (s->kind == REGION_SHMEM)
		ino = shmem_new(w, name, npages);
	if (s->kind != REGION_ANON && !ino)
		return NULL;
	v = vma_map(w, t, name, s->kind, ino, npages, s, ret_errno);
	if (v)
		populate(w, t, v, 0);
	return v;
}

void step_mmap(struct world *w, struct task *t, const struct step_cfg *s)
{
	uint64_t count = u64_max(s->count, 1), pages = bytes_to_pages(w, s->size), n;
	char name[SIM_NAME_LEN];
	int err;

	for (n = 0; n < count; n++) {
		if (n)
			snprintf(name, sizeof(name), "%.40s.%llu", s->region, (unsigned long long)n);
		else
			snprintf(name, sizeof(name), "%s", s->region);
		if (!map_region(w, t, s, name, &err)) {
			step_failed(w, t, s, err, n * pages, count * pages);
			break;
		}
		program_check(w, t);
	}
	step_end(w, t, s, n * pages, NULL);
}

/* ---- leak ---- */

void step_grow_prepare(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct vma *v = vma_find(t->p->mm, s->region);

	t->p->shared_next = v ? v->npages : 0;
	t->p->shared_end = s->size ? t->p->shared_next + bytes_to_pages(w, s->size) : UINT64_MAX;
}

/* Map as an allocator would, map_step at a time, until the region holds pages [0, end). The region, or NULL:
 * refused. */
static struct vma *grow_map(struct world *w, struct task *t, const struct step_cfg *s, struct vma *v, uint64_t end)
{
	uint64_t step = bytes_to_pages(w, s->map_step ? s->map_step : MAP_STEP_BYTES);

	while (!v || v->npages < end) {
		uint64_t have = v ? v->npages : 0, n = u64_min(step, u64_max(t->p->shared_end, end) - have);
		int err;

		if (!v)
			v = vma_map(w, t, s->region, REGION_ANON, NULL, n, s, &err);
		else if (vma_grow(w, t, v, n))
			v = NULL;
		if (!v)
			return NULL;
		populate(w, t, v, have);
		v = vma_find(t->p->mm, s->region);
	}
	return v;
}

static void write_pages(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t n)
{
	for (uint64_t i = from; i < from + n; i++) {
		if (!region_has(t->p, v, i))
			program_leave(w, t, SIGSEGV_NR, 0);
		program_check_fault(w, t, fault_page(w, t, v, i, true));
		task_cpu(t, w->cost.touch);
	}
}

static uint64_t grow_batch(const struct world *w, const struct task *t, const struct step_cfg *s)
{
	if (s->batch)
		return s->batch;
	return pace_default_batch(s->rate / t->p->nthread / (double)w->cfg->machine.page_size, GROW_BATCH);
}

/* Take the next pages of the region for this thread and write them. *v: the region as far as it is known, since
 * looking it up by name takes longer than a fault. */
static bool grow_some(struct world *w, struct task *t, const struct step_cfg *s, struct vma **v, uint64_t n)
{
	struct process *p = t->p;
	uint64_t from = p->shared_next;

	p->shared_next += n;
	if (!*v || p->mm->users > 1)
		*v = vma_find(p->mm, s->region);
	*v = grow_map(w, t, s, *v, from + n);
	if (!*v) {
		p->shared_end = 0; /* for the other threads too */
		return false;
	}
	write_pages(w, t, *v, from, n);
	return true;
}

void step_grow(struct world *w, struct task *t, const struct step_cfg *s)
{
	uint64_t batch = grow_batch(w, t, s), page = w->cfg->machine.page_size, done = 0;
	struct process *p = t->p;
	struct vma *v = NULL;
	struct pace pace;

	pace_begin(w, t, &pace, s->rate / p->nthread, s->catch_up);
	while (p->shared_next < p->shared_end) {
		uint64_t n = u64_min(batch, p->shared_end - p->shared_next);

		if (!grow_some(w, t, s, &v, n)) {
			step_failed(w, t, s, ENOMEM, done, bytes_to_pages(w, s->size));
			break;
		}
		done += n;
		p->work_pages += n;
		if (!pace_batch(w, t, &pace, n * page))
			program_leave(w, t, SIGKILL_NR, 0);
	}
	step_end(w, t, s, done, &pace);
}

/* ---- mlock, munmap, madvise ---- */

static uint64_t lock_one(struct world *w, struct task *t, struct vma *v, bool on)
{
	uint64_t pages = v->npages;

	task_cpu(t, w->cost.mmap_call);
	program_check_fault(w, t, vma_mlock(w, t, v, on));
	return pages;
}

void step_mlock(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct mm *mm = t->p->mm;
	bool on = s->op == STEP_MLOCK;
	uint64_t pages = 0;
	struct vma *v;

	if (s->region[0]) {
		v = find_region(w, t, s);
		if (!v)
			return;
		pages = lock_one(w, t, v, on);
	} else {
		mm->lock_all = on;
		for (uint32_t i = 0; i < mm->nvma; i++)
			pages += lock_one(w, t, mm->vma[i], on);
	}
	step_end(w, t, s, pages, NULL);
}

void step_munmap(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct vma *v = find_region(w, t, s);
	uint64_t n;

	if (!v)
		return;
	n = tail_pages(w, v, s);
	vma_unmap_tail(w, t, v, n);
	step_end(w, t, s, n, NULL);
}

void step_madvise(struct world *w, struct task *t, const struct step_cfg *s)
{
	struct vma *v = find_region(w, t, s);
	uint64_t n;

	if (!v)
		return;
	n = tail_pages(w, v, s);
	task_cpu(t, w->cost.syscall);
	if (v->locked || (s->madv_free && v->kind != REGION_ANON)) {
		step_failed(w, t, s, EINVAL, 0, n);
		return;
	}
	if (s->madv_free)
		vma_madvise_free(w, t, v, v->npages - n, v->npages);
	else
		vma_zap(w, t, v, v->npages - n, v->npages);
	step_end(w, t, s, n, NULL);
}
