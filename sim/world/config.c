/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Defaults, disposal and size of a configuration. */
#include "sim/world/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a kernel keeps of each byte of RAM for itself at boot: 64 bytes of struct page and 6 of inode and dentry hash tables
 * a 4 KiB page, and its own image and early allocations once. Fits the five sizes of recordings/idle (k6.1) to the page:
 * present - managed of DMA32 = 70/4096 of all RAM + 8219 pages. */
#define MEMMAP_BYTES  70u
#define IMAGE_BYTES   (UINT64_C(8219) * 4096)
#define DMA_PRESENT   (UINT64_C(3998) * 4096) /* 16 MiB less the first page and the BIOS hole */
#define DMA_MANAGED   (UINT64_C(3840) * 4096)
#define FIRMWARE      (UINT64_C(32) * 4096) /* ACPI tables at the top of the memory below 4 GiB */
#define SWIOTLB       (64 * MIB)            /* bounce buffers, kept once there is memory above 4 GiB */
#define DMA_END       (16 * MIB)
#define DMA32_RAM_END (3 * GIB) /* RAM below the PCI hole; the rest is mapped above 4 GiB */

#define PTE_BYTES       4
#define SLOT_BYTES      3
#define FILE_PAGE_BYTES 4
#define FRAME_BYTES     20 /* and 4 more for the slot number when there is swap */
#define CGROUP_BYTES (4 * KIB)
#define TASK_BYTES      (80 * KIB)
#define MAX_TASKS       UINT64_C(32768)

const struct cgroup_file_desc cgroup_file_desc[CGF_COUNT] = {
#define X(id, name, version, value, help) { name, version, value },
	CGROUP_FILE_MAP(X)
#undef X
};

const char *nodemask_show(char buf[NODELIST_LEN], nodemask_t nodes)
{
	size_t at = 0;

	buf[0] = 0;
	for (int n = 0, last; n < MAX_NODES; n = last + 1) {
		for (last = n; last + 1 < MAX_NODES && nodes >> n & 1 && nodes >> (last + 1) & 1; last++)
			;
		if (!(nodes >> n & 1))
			continue;
		at += (size_t)snprintf(buf + at, NODELIST_LEN - at, "%s%d", at ? "," : "", n);
		if (last > n)
			at += (size_t)snprintf(buf + at, NODELIST_LEN - at, "-%d", last);
	}
	return buf;
}

static void zones_init(struct machine_cfg *m)
{
	int n, z;

	for (n = 0; n < MAX_NODES; n++) {
		for (z = 0; z < MAX_ZONES; z++) {
			m->node[n].zone[z].free = SIM_AUTO;
			m->node[n].zone[z].pcp_high = SIM_AUTO;
			m->node[n].zone[z].pcp_batch = SIM_AUTO;
		}
	}
}

/* The kernel's own use is that of a freshly booted minimal Debian 12 (recordings/kernels, k6.1, 256 MiB). */
static void machine_init(struct machine_cfg *m)
{
	m->ncpu = 1;
	m->memory = GIB;
	m->page_size = 4096;
	m->hz = 250;
	m->nnode = 1;
	m->slab_reclaimable = 9 * MIB / 4096;
	m->slab_unreclaimable = 6 * MIB / 4096;
	m->kernel_stack = 752 * KIB / 4096;
	m->pagetables = 300 * KIB / 4096;
	m->unevictable = 2548 * KIB / 4096;
	m->process_kernel_stack = 16 * KIB;
	m->process_slab = 12 * KIB;
#define X(name, def, help) m->cost.name = (def);
	COST_MAP(X)
#undef X
	zones_init(m);
}

void sim_config_init(struct sim_config *c)
{
	memset(c, 0, sizeof(*c));
	c->seed = 1;
	c->stop_when_idle = true;
	machine_init(&c->machine);
#define X(name, def, min, max, unit, help) c->sysctl.name = (def);
	SYSCTL_MAP(X)
#undef X
	c->lru_gen.enabled = SIM_AUTO;
	c->cgroup_version = 2;
	c->memory_recursiveprot = true; /* as systemd mounts it */
	c->expect.first_kill_before = SIM_NEVER;
}

/* Depth is that of the scenario's nesting, which its reader limits. */
static void program_free(struct program_cfg *p)
{
	size_t i, b;

	for (i = 0; i < p->nstep; i++) {
		program_free(&p->step[i].body);
		for (b = 0; b < p->step[i].nbranch; b++)
			program_free(&p->step[i].branch[b]);
		free(p->step[i].branch);
		free(p->step[i].weight);
	}
	free(p->step);
	*p = (struct program_cfg){ 0 };
}

void sim_config_free(struct sim_config *c)
{
	size_t i;

	for (i = 0; i < c->nprocess; i++)
		program_free(&c->process[i].program);
	free(c->process);
	free(c->cgroup);
	free(c->machine.swap);
	free(c->machine.disk);
	free(c->machine.file);
	free(c->expect.victim);
	free(c->expect.not_killed);
	free(c->description);
	memset(c, 0, sizeof(*c));
}

/* The part of [from, to) that lies in [lo, hi). */
static uint64_t overlap(uint64_t from, uint64_t to, uint64_t lo, uint64_t hi)
{
	return u64_sub0(u64_min(to, hi), u64_max(from, lo));
}

/* present bytes of a zone with `lost` of them gone at boot; at least half is left, so that a tiny machine still exists. */
static void zone_set(struct zone_cfg *z, uint64_t present, uint64_t lost, uint64_t page_size)
{
	if (z->present)
		return;
	z->present = present / page_size;
	z->managed = (present - u64_min(lost, present / 2)) / page_size;
}

static uint64_t memmap(uint64_t bytes)
{
	return u64_muldiv(bytes, MEMMAP_BYTES, 4096);
}

/* Node n of a machine holds the n-th share of RAM counted from address 0. */
static void node_zones(struct machine_cfg *m, unsigned n)
{
	uint64_t share = m->memory / m->nnode, from = share * n, to = n + 1 == m->nnode ? m->memory : from + share;
	uint64_t dma = overlap(from, to, 0, DMA_END), dma32 = overlap(from, to, DMA_END, DMA32_RAM_END);
	uint64_t normal = overlap(from, to, DMA32_RAM_END, UINT64_MAX), lost = memmap(dma + dma32);
	struct zone_cfg *z = m->node[n].zone;

	if (!n)
		lost += IMAGE_BYTES + (m->memory > DMA32_RAM_END ? SWIOTLB : 0);
	if (dma == DMA_END)
		zone_set(&z[0], DMA_PRESENT, DMA_PRESENT - DMA_MANAGED, m->page_size);
	else
		zone_set(&z[0], dma, 0, m->page_size);
	zone_set(&z[1], u64_sub0(dma32, dma32 ? FIRMWARE : 0), lost, m->page_size);
	zone_set(&z[2], normal, memmap(normal), m->page_size);
}

void sim_config_zones_from_memory(struct sim_config *c)
{
	unsigned n;

	for (n = 0; n < c->machine.nnode; n++)
		node_zones(&c->machine, n);
}

/* Arithmetic that sticks at UINT64_MAX: whatever does not fit there does not fit the host either. */
static uint64_t sat_add(uint64_t a, uint64_t b)
{
	return u64_add(a, b, &a) ? a : UINT64_MAX;
}

static uint64_t sat_mul(uint64_t a, uint64_t b)
{
	return u64_mul(a, b, &a) ? a : UINT64_MAX;
}

/* The children a program can make, at most MAX_TASKS; a loop for ever with a fork in it makes that many. */
static uint64_t program_forks(const struct program_cfg *p)
{
	uint64_t n = 0, one;
	size_t i, b;

	for (i = 0; i < p->nstep; i++) {
		const struct step_cfg *s = &p->step[i];

		one = program_forks(&s->body);
		if (s->op == STEP_LOOP)
			one = sat_mul(one, s->count ? s->count : UINT64_MAX);
		else if (s->op == STEP_FORK || s->op == STEP_VFORK || s->op == STEP_CLONE_VM)
			one = sat_mul(s->op == STEP_FORK ? u64_max(s->count, 1) : 1, sat_add(one, 1));
		for (b = 0; b < s->nbranch; b++)
			one = u64_max(one, program_forks(&s->branch[b]));
		n = u64_min(sat_add(n, one), MAX_TASKS);
	}
	return n;
}

static uint64_t task_count(const struct sim_config *c)
{
	uint64_t n = 1; /* init */
	size_t i;

	for (i = 0; i < c->nprocess; i++) {
		const struct process_cfg *p = &c->process[i];
		uint64_t each = sat_add(p->threads ? p->threads : 1, program_forks(&p->program));

		n = sat_add(n, sat_mul(p->count, each));
	}
	return u64_min(n, UINT64_C(1) << 22); /* PID_MAX_LIMIT */
}

static uint64_t frame_count(const struct machine_cfg *m)
{
	uint64_t n = 0;
	unsigned i, z;

	for (i = 0; i < m->nnode && i < MAX_NODES; i++)
		for (z = 0; z < MAX_ZONES; z++)
			n = sat_add(n, m->node[i].zone[z].managed);
	return n;
}

/* Page tables are counted for as many pages as RAM and swap can hold: what is mapped but neither resident nor swapped
 * shares the remainder of its 2 MiB leaf or has none. */
uint64_t sim_config_host_bytes(const struct sim_config *c)
{
	const struct machine_cfg *m = &c->machine;
	uint64_t frames = frame_count(m), slots = 0, pages = 0, sum = MIB;
	size_t i;

	for (i = 0; i < m->nswap; i++)
		slots = sat_add(slots, m->swap[i].size / m->page_size);
	for (i = 0; i < m->nfile; i++)
		pages = sat_add(pages, m->file[i].size / m->page_size + 1);
	sum = sat_add(sum, sat_mul(frames, m->nswap ? FRAME_BYTES + 4 : FRAME_BYTES));
	if (c->ncgroup) /* whose each page and slot is */
		sum = sat_add(sum, sat_add(sat_mul(sat_add(frames, slots), 2), sat_mul(c->ncgroup + 1, CGROUP_BYTES)));
	sum = sat_add(sum, sat_mul(sat_add(frames, slots), PTE_BYTES));
	sum = sat_add(sum, sat_mul(slots, SLOT_BYTES));
	sum = sat_add(sum, sat_mul(pages, FILE_PAGE_BYTES));
	return sat_add(sum, sat_mul(task_count(c), TASK_BYTES));
}
