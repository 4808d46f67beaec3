/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The construction of a world: memory, devices, kernel threads, PID 1, and the list of processes that are to start. */
#include "sim/world/build.h"

#include "sim/core/diag.h"
#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/vmscan.h"
#include "sim/proc/program.h"

#include <stdio.h>
#include <stdlib.h>

#define SLOTS_MAX PTE_VAL_MASK /* what an entry can name */

/* ---- memory ---- */

/* What init and its like hold at boot: locked program text that all processes of that program map, and private
 * pages. */
static void count_boot_memory(struct world *w)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t exe = 0, *stat = w->mm.vmstat;

	for (size_t i = 0; i < w->cfg->nprocess; i++)
		exe = u64_max(exe, w->cfg->process[i].exe_size / m->page_size);
	w->mm.exe_shmem = u64_min(exe, m->unevictable);
	w->mm.unevictable_base = (int64_t)m->unevictable;
	stat[VMSTAT_nr_file_pages] = stat[VMSTAT_nr_shmem] = stat[VMSTAT_nr_mapped] = w->mm.exe_shmem;
	stat[VMSTAT_nr_anon_pages] = m->unevictable - w->mm.exe_shmem;
	stat[VMSTAT_nr_slab_reclaimable] = m->slab_reclaimable;
	w->mm.slab_freeable = u64_min(m->slab_freeable, m->slab_reclaimable);
	w->mm.balloon = m->balloon;
	stat[VMSTAT_nr_slab_unreclaimable] = m->slab_unreclaimable;
	stat[VMSTAT_nr_kernel_stack] = m->kernel_stack * w->mm.page_kB;
	stat[VMSTAT_nr_page_table_pages] = m->pagetables;
}

static int build_memory(struct world *w)
{
	int err = frames_init(w);

	if (!err)
		err = chunks_init(w);
	if (err)
		return err;
	count_boot_memory(w);
	sysctl_defaults(w);
	setup_free_foreign(w);
	return SIM_OK;
}

/* ---- devices and files ---- */

static int build_devices(struct world *w)
{
	const struct machine_cfg *m = &w->cfg->machine;

	w->dev = sim_calloc(w->a, m->nswap + m->ndisk, sizeof(*w->dev));
	if (!w->dev)
		return SIM_ENOMEM;
	for (size_t i = 0; i < m->nswap + m->ndisk; i++) {
		const struct blkdev_cfg *cfg = i < m->nswap ? &m->swap[i].dev : &m->disk[i - m->nswap];

		w->dev[i] = blkdev_new(w, cfg, (uint32_t)i);
		if (!w->dev[i])
			return SIM_ENOMEM;
		w->ndev++;
	}
	return swap_init(w);
}

/* Files lie on their disk one after the other. */
static int build_files(struct world *w)
{
	const struct machine_cfg *m = &w->cfg->machine;
	uint64_t *end = sim_calloc(w->a, m->ndisk, sizeof(*end));

	for (size_t i = 0; end && i < m->nfile; i++) {
		const struct file_cfg *f = &m->file[i];
		uint64_t npages = (f->size + m->page_size - 1) / m->page_size;
		struct inode *ino = inode_new(w, f->name, npages);

		if (!ino) {
			sim_free(w->a, end);
			return SIM_ENOMEM;
		}
		ino->disk = (uint32_t)m->nswap + f->disk;
		ino->disk_page = end[f->disk];
		end[f->disk] += npages;
	}
	sim_free(w->a, end);
	return end || !m->ndisk ? SIM_OK : SIM_ENOMEM;
}

/* ---- processes ---- */

/* PID 1 when the scenario has none: it only adopts. */
static void idle_init(struct world *w, struct task *t)
{
	for (;;)
		task_wait(w, t, NULL, TASK_INTERRUPTIBLE, SIM_NEVER);
}

static int build_init(struct world *w)
{
	struct process *p = NULL;

	for (size_t i = 0; i < w->cfg->nprocess && !p; i++)
		if (w->cfg->process[i].is_init)
			p = program_create(w, &w->cfg->process[i], 0);
	if (!p)
		p = w->error ? NULL : process_new(w, NULL, "init", 1, idle_init);
	if (!p)
		return SIM_ENOMEM;
	p->is_init = true;
	w->proc.init = p;
	if (!p->program)
		process_start(w, p);
	return SIM_OK;
}

static int by_time(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* The draw of a start has a stream of its own, named after the instance. */
static bool draw_start(struct world *w, const struct process_cfg *cfg, uint64_t instance, sim_ns *ret)
{
	char name[SIM_COMM_LEN + 40];
	struct sim_rng *rng;

	snprintf(name, sizeof(name), "start:%s.%llu", cfg->comm, (unsigned long long)instance);
	rng = sim_rng_new(w->cfg->seed, name);
	if (!rng)
		return false;
	*ret = sim_dist_draw(&cfg->start, rng);
	sim_rng_free(rng);
	return true;
}

static uint64_t instances(const struct process_cfg *cfg)
{
	return cfg->is_init ? 1 : u64_max(cfg->count, 1);
}

static int build_starts(struct world *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->cfg->nprocess; i++)
		if (!u64_add(n, instances(&w->cfg->process[i]), &n))
			return SIM_ETOOBIG;
	w->start = sim_calloc(w->a, n, sizeof(*w->start));
	if (!w->start)
		return SIM_ENOMEM;
	for (size_t i = 0; i < w->cfg->nprocess; i++) {
		const struct process_cfg *cfg = &w->cfg->process[i];

		for (uint64_t k = 0; k < instances(cfg); k++) {
			struct start *s = &w->start[w->nstart];

			*s = (struct start){ .process = (uint32_t)i, .instance = k, .seq = w->nstart };
			if (!draw_start(w, cfg, k, &s->when))
				return SIM_ENOMEM;
			if (!cfg->after)
				w->nstart++;
			else if (!after_watch(w, cfg, k, s->when))
				return SIM_ENOMEM;
		}
	}
	qsort(w->start, w->nstart, sizeof(*w->start), by_time);
	w->proc.npending = (uint32_t)w->nstart;
	w->start_slot = world_slot_new(w, world_start_due, NULL);
	if (w->start_slot < 0)
		return SIM_ENOMEM;
	evq_arm(w->evq, w->start_slot, w->nstart ? w->start[0].when : SIM_NEVER, EVC_TIMER);
	return SIM_OK;
}

void world_start_due(struct world *w, void *arg)
{
	(void)arg;
	while (w->next_start < w->nstart && w->start[w->next_start].when <= w->now && !w->error) {
		const struct start *s = &w->start[w->next_start++];
		const struct process_cfg *cfg = &w->cfg->process[s->process];

		w->proc.npending--;
		if (cfg->is_init)
			program_start(w, w->proc.init);
		else
			program_spawn(w, cfg, s->instance);
	}
	if (w->next_start < w->nstart)
		evq_arm(w->evq, w->start_slot, w->start[w->next_start].when, EVC_TIMER);
}

/* ---- all of it ---- */

static int build_kernel_threads(struct world *w)
{
	int err = kswapd_start(w);

	if (!err)
		err = writeback_init(w);
	if (!err)
		err = oom_init(w);
	return err;
}

int world_build(struct world *w)
{
	static int (*const part[])(struct world *) = {
		build_memory, build_devices, build_files,          sched_init,
		psi_init,     build_init,    build_kernel_threads, build_starts,
	};

	if (evq_new(w->a, &w->evq))
		return SIM_ENOMEM;
	w->rng = sim_rng_new(w->cfg->seed, "kernel");
	if (!w->rng)
		return SIM_ENOMEM;
	for (size_t i = 0; i < ARRAY_LEN(part); i++) {
		int err = part[i](w);

		if (err || w->error)
			return err ? err : w->error;
	}
	return SIM_OK;
}

void world_demolish(struct world *w)
{
	process_free_all(w);
	sim_rng_free(w->rng);
}
