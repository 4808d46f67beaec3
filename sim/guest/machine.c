/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated machine of a comparison: the scenario's, with everything that the guest's facts know better. */
#include "sim/guest/facts.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/guest/plan.h"

#define PAGE            4096
#define PAGE_KB         4
#define PCP_SETTLED     512
#define THREAD_STACK    (16 * KIB) /* docs/recordings-notes.md, 2 */
#define PROCESS_SLAB    (48 * KIB)
#define SAMPLER_PRIO    50         /* tests/kernel/guest.c */

/* The pages on a per-CPU list that no process gets: where the guest has taken the others (tests/kernel/guest.c, settle_pcp()) all of
 * them, else three eighths, as in the recordings of 6.12 and 7.2. */
static int64_t pcp_kernel(double pcp)
{
	return (int64_t)(pcp <= PCP_SETTLED ? pcp : pcp * 0.375);
}

static void zones(const struct guest_zoneinfo *z, struct machine_cfg *m)
{
	memset(m->node, 0, sizeof(m->node));
	m->nnode = 1;
	m->memory = 0;
	for (int i = 0; i < MAX_ZONES; i++) {
		struct zone_cfg *to = &m->node[0].zone[i];
		int64_t kernel = pcp_kernel(z->zone[i].pcp);

		*to = (struct zone_cfg){
			.present = (sim_pages)z->zone[i].present,
			.managed = (sim_pages)z->zone[i].managed,
			.free = z->zone[i].managed > 0 ? (int64_t)(z->zone[i].free + z->zone[i].pcp) - kernel : SIM_AUTO,
			.pcp_high = SIM_AUTO,
			.pcp_batch = z->zone[i].batch > 0 ? (int64_t)z->zone[i].batch : SIM_AUTO,
			.pcp_kernel = kernel,
		};
		m->memory += to->present * PAGE;
	}
}

static void kernel_memory(const struct guest_zoneinfo *z, struct machine_cfg *m)
{
	m->slab_reclaimable = (sim_pages)z->slab_reclaimable;
	m->slab_unreclaimable = (sim_pages)z->slab_unreclaimable;
	m->kernel_stack = (sim_pages)(z->kernel_stack_kB / PAGE_KB);
	m->pagetables = (sim_pages)guest_pagetables(z);
	m->unevictable = (sim_pages)z->unevictable;
	m->slab_freeable = 0;
	m->balloon = 0;
	m->process_kernel_stack = THREAD_STACK;
	m->process_slab = PROCESS_SLAB;
}

static void devices(const struct guest_facts *f, struct machine_cfg *m)
{
	for (size_t i = 0; i < m->nswap + m->ndisk; i++) {
		struct blkdev_cfg *d = i < m->nswap ? &m->swap[i].dev : &m->disk[i - m->nswap];

		*d = guest_device(d);
		if (f->max_sectors_kb)
			d->max_sectors_kb = f->max_sectors_kb;
	}
	for (size_t i = 0; i < m->nswap; i++)
		if (m->swap[i].priority != SIM_AUTO && m->swap[i].priority < 0)
			m->swap[i].priority = SIM_AUTO;
}

/* One node: what names others is as the plan has it, left out. */
static void policies(struct sim_config *cfg)
{
	for (size_t i = 0; i < cfg->nprocess; i++)
		cfg->process[i].mempolicy = (struct mempolicy_cfg){ .mode = MPOL_DEFAULT };
	for (size_t i = 0; i < cfg->ncgroup; i++)
		cfg->cgroup[i].value[CGF_CPUSET_MEMS] = SIM_AUTO;
}

static void settings(const struct guest_facts *f, struct sim_config *cfg)
{
#define X(name, def, min, max, unit, help)                                                                             \
	if (f->sysctl.name != SIM_AUTO)                                                                                \
		cfg->sysctl.name = f->sysctl.name;
	SYSCTL_MAP(X)
#undef X
	if (f->lru_gen.enabled != SIM_AUTO)
		cfg->lru_gen = f->lru_gen;
}

/* The program that all processes run. */
static void executable(const struct guest_facts *f, struct process_cfg *p)
{
	if (f->vm_kB <= 0)
		return;
	p->exe_size = (uint64_t)f->exe_kB * KIB;
	p->exe_private = p->is_init ? 0 : (uint64_t)f->private_kB * KIB;
	p->exe_vm = (uint64_t)f->vm_kB * KIB;
	p->exe_commit = u64_sub0((uint64_t)f->commit_kB * KIB, (uint64_t)f->private_kB * KIB);
}

/* PID 1 of the guest: at real-time priority, some CPU time every sample. */
static int sampler(const struct guest_facts *f, struct sim_config *cfg)
{
	struct process_cfg *v = reallocarray(cfg->process, cfg->nprocess + 1, sizeof(*v));
	struct step_cfg *loop = calloc(1, sizeof(*loop)), *body = calloc(2, sizeof(*body));
	double busy = f->sampler_us * NS_PER_US;

	if (v)
		cfg->process = v;
	if (!v || !loop || !body) {
		free(loop);
		free(body);
		return SIM_ENOMEM;
	}
	body[0] = (struct step_cfg){ .op = STEP_SPIN, .time = { SIM_DIST_CONSTANT, { busy } } };
	body[1] = (struct step_cfg){ .op = STEP_SLEEP, .time = { SIM_DIST_CONSTANT, { (double)cfg->sample - busy } } };
	*loop = (struct step_cfg){ .op = STEP_LOOP, .body = { body, 2 } };
	v += cfg->nprocess++;
	*v = (struct process_cfg){
		.comm = "init", .count = 1, .capabilities = 15, .rt_priority = SAMPLER_PRIO, .oom_score_adj = -1000, .threads = 1,
		.parent = -1, .is_init = true, .program = { loop, 1 },
	};
	return SIM_OK;
}

int guest_machine_apply(const struct guest_facts *f, struct sim_config *cfg)
{
	struct machine_cfg *m = &cfg->machine;
	bool has_init = false;
	int err = SIM_OK;

	cfg->sample = guest_sample(cfg);
	m->ncpu = 1;
	m->page_size = PAGE;
	zones(&f->zoneinfo, m);
	kernel_memory(&f->zoneinfo, m);
	devices(f, m);
	settings(f, cfg);
	policies(cfg);
	memcpy(m->release, f->release, sizeof(m->release));
	if (f->touch_ns >= 1)
		m->cost.touch = (sim_ns)(f->touch_ns + 0.5);
	for (size_t i = 0; i < cfg->nprocess; i++)
		has_init |= cfg->process[i].is_init;
	if (!has_init && f->sampler_us > 0 && f->sampler_us * NS_PER_US < (double)cfg->sample)
		err = sampler(f, cfg);
	for (size_t i = 0; i < cfg->nprocess; i++)
		executable(f, &cfg->process[i]);
	return err;
}
