/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine: the computer. Page size and memory come first, since other sizes are counted in them. */
#include <string.h>

#include "sim/scenario/build.h"

#define COST_MAX ((int64_t)1000000000)
#define M(field) offsetof(struct machine_cfg, field)

/* The costs that bound how often a program can go round a loop: at 0 a loop of such steps would never let time pass. */
static bool paces_loops(const char *name)
{
	static const char *const costs[] = { "touch", "syscall", "read_call", "mmap_call", "fork_call" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(costs); i++)
		if (!strcmp(costs[i], name))
			return true;
	return false;
}

static void set_cost(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	struct key bounded = *k;

	bounded.min = paces_loops(k->name);
	set_time(b, v, field, &bounded);
}

static const struct key cost_keys[] = {
#define X(name, def, help) { #name, set_cost, offsetof(struct cost_cfg, name), 0, COST_MAX, NULL, false },
	COST_MAP(X)
#undef X
};

static void set_costs(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	const struct ynode *m = v;

	(void)k;
	if (v->kind == Y_MAP || (v->kind == Y_SCALAR && !ynode_is_null(v)))
		m = preset_resolve(b->t, b->dl, &b->presets, "costs", v, true);
	if (m)
		build_map(b, m, "costs", cost_keys, ARRAY_LEN(cost_keys), field);
}

/* What the kernel holds for itself when the scenario starts. */
static const struct key kernel_memory_keys[] = {
	{ "slab_reclaimable", set_pages, M(slab_reclaimable), 0, MAX_BYTES, NULL, false },
	{ "slab_unreclaimable", set_pages, M(slab_unreclaimable), 0, MAX_BYTES, NULL, false },
	{ "kernel_stack", set_pages, M(kernel_stack), 0, MAX_BYTES, NULL, false },
	{ "pagetables", set_pages, M(pagetables), 0, MAX_BYTES, NULL, false },
	{ "unevictable", set_pages, M(unevictable), 0, MAX_BYTES, NULL, false },
	{ "slab_freeable", set_pages, M(slab_freeable), 0, MAX_BYTES, NULL, false },
	{ "balloon", set_pages, M(balloon), 0, MAX_BYTES, NULL, false },
	{ "per_process_stack", set_size, M(process_kernel_stack), 0, 1 << 20, NULL, false },
	{ "per_process_slab", set_size, M(process_slab), 0, 1 << 20, NULL, false },
};

static void set_kernel_memory(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)k;
	build_map(b, v, "kernel_memory", kernel_memory_keys, ARRAY_LEN(kernel_memory_keys), field);
}

static void set_hz(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	unsigned hz = 250;

	set_uint(b, v, &hz, k);
	if (hz != 100 && hz != 250 && hz != 300 && hz != 1000)
		B_ERR(b, v, "choose 100, 250, 300 or 1000", "hz: a kernel cannot be built with %u", hz);
	*(unsigned *)field = hz;
}

static void set_swap(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)field, (void)k;
	build_swap(b, v);
}

static void set_disks(struct build *b, const struct ynode *v, void *field, const struct key *k)
{
	(void)field, (void)k;
	build_disks(b, v);
}

/* preset is gone by now; page_size, memory, nodes and files are read apart, in the order they need. */
static const struct key machine_keys[] = {
	{ "cpus", set_uint, M(ncpu), 1, 256, NULL, false },
	{ "memory", set_nothing, 0, 0, 0, NULL, false },
	{ "page_size", set_nothing, 0, 0, 0, NULL, false },
	{ "hz", set_hz, M(hz), 1, 1000000, NULL, false },
	{ "release", set_text, M(release), 0, SIM_NAME_LEN - 1, NULL, false },
	{ "hardware", set_text, M(hardware), 0, 127, NULL, false },
	{ "costs", set_costs, M(cost), 0, 0, NULL, false },
	{ "kernel_memory", set_kernel_memory, 0, 0, 0, NULL, false },
	{ "nodes", set_nothing, 0, 0, 0, NULL, false },
	{ "swap", set_swap, 0, 0, 0, NULL, false },
	{ "zswap", set_zswap, M(zswap), 0, 0, NULL, false },
	{ "disks", set_disks, 0, 0, 0, NULL, false },
	{ "files", set_nothing, 0, 0, 0, NULL, false },
	{ "preset", set_nothing, 0, 0, 0, NULL, false },
};

/* The defaults of the kernel's own memory are in 4 KiB pages. */
static void rescale(struct machine_cfg *m, uint64_t page_size)
{
	sim_pages *const v[] = { &m->slab_reclaimable, &m->slab_unreclaimable, &m->kernel_stack, &m->pagetables,
				 &m->unevictable };
	size_t i;

	for (i = 0; i < ARRAY_LEN(v); i++)
		*v[i] = (*v[i] * 4096 + page_size - 1) / page_size;
	m->page_size = page_size;
}

static void build_page_size(struct build *b, const struct ynode *v)
{
	static const struct key k = { "page_size", set_size, 0, 4096, 2 << 20, NULL, false };
	uint64_t size = 4096;

	if (v)
		set_size(b, v, &size, &k);
	if (size & (size - 1))
		B_ERR(b, v, "choose 4KiB, 8KiB, 16KiB, ... 2MiB", "page_size must be a power of two");
	else
		rescale(&b->c->machine, size);
	b->q.page_size = b->c->machine.page_size;
}

static void build_memory(struct build *b, const struct ynode *v)
{
	static const struct key k = { "memory", set_size, 0, 16 << 20, (int64_t)64 << 40, NULL, false };
	struct machine_cfg *m = &b->c->machine;

	if (v)
		set_size(b, v, &m->memory, &k);
	if (m->memory / m->page_size > MAX_PAGES)
		B_ERR(b, v, "choose a larger page_size, such as 64KiB or 2MiB", "memory: more than 2^31 pages");
	b->q.memory = m->memory;
}

/* A machine with a preset of zones but another memory or page size: those zones describe a different computer. */
static bool nodes_stale(const struct ynode *own, const struct ynode *preset)
{
	return preset && !ynode_get(own, "nodes") && (ynode_get(own, "memory") || ynode_get(own, "page_size"));
}

static void check_kernel_memory(struct build *b, const struct ynode *at)
{
	const struct machine_cfg *m = &b->c->machine;
	uint64_t use, managed = 0;
	unsigned n, z;

	use = m->slab_reclaimable + m->slab_unreclaimable + m->kernel_stack + m->pagetables + m->unevictable + m->balloon;
	for (n = 0; n < m->nnode; n++)
		for (z = 0; z < MAX_ZONES; z++)
			managed += m->node[n].zone[z].managed;
	if (use >= managed)
		B_ERR(b, at, "give the machine more memory, or lower kernel_memory",
		      "the kernel itself needs %llu pages of the %llu that the machine has left after boot",
		      (unsigned long long)use, (unsigned long long)managed);
}

void build_machine(struct build *b, const struct ynode *own)
{
	struct machine_cfg *m = &b->c->machine;
	const struct ynode *n = own, *nodes, *files, *preset;
	unsigned before = b->dl->errors;

	if (own && !want_map(b, own, "machine"))
		n = NULL;
	preset = n ? ynode_get(own, "preset") : NULL;
	if (preset && preset->kind == Y_SCALAR)
		snprintf(m->preset, sizeof(m->preset), "%s", preset->text);
	if (n)
		n = preset_resolve(b->t, b->dl, &b->presets, "machines", own, false);
	build_page_size(b, ynode_get(n, "page_size"));
	build_memory(b, ynode_get(n, "memory"));
	nodes = n && !nodes_stale(own, preset) ? ynode_get(n, "nodes") : NULL;
	if (nodes)
		build_nodes(b, nodes, ynode_get(n, "memory") != NULL);
	else
		build_zone_defaults(b);
	if (!n)
		return;
	build_map(b, n, "machine", machine_keys, ARRAY_LEN(machine_keys), m);
	if (ynode_get(n, "zswap"))
		check_zswap(b, ynode_get(n, "zswap"));
	files = ynode_get(n, "files");
	if (files)
		build_files(b, files);
	if (b->dl->errors == before)
		check_kernel_memory(b, own);
}
