/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The access model alone: faults a second through access_hits(), access_fault_page() and the two access_note() of a
 * fault (the page that comes in, and the one that goes: the one that came in first), on a VMA of a million pages of
 * which some are mapped; how many accesses each fault stands for; and looks a second through access_referenced().
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim/world/engine.h"

#define PAGES  (1u << 20)
#define FAULTS 300000u

struct bench {
	struct world w;
	struct sim_config cfg;
	struct vma v;
	struct sim_rng *rng;
	uint32_t *fifo; /* mapped pages, as a ring */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(int err)
{
	if (!err)
		return;
	fprintf(stderr, "bench_access: %s\n", sim_strerror(err));
	exit(1);
}

static void set_entry(struct bench *b, uint64_t idx, pte_t e)
{
	pte_t *slot = pt_get(&b->w, &b->v.pt, idx, false, 0);
	bool was = slot && pte_present(*slot);

	if (!slot)
		check(SIM_ENOMEM);
	*slot = e;
	b->w.chunks.v[b->v.pt.chunk[idx >> CHUNK_SHIFT]].present += (uint16_t)(pte_present(e) - was);
	access_note(&b->w, &b->v, idx, !was, !pte_present(e));
}

static void setup(struct bench *b, const struct access *pattern, uint32_t resident)
{
	*b = (struct bench){ .v.npages = PAGES };
	sim_config_init(&b->cfg);
	b->cfg.machine.page_size = 4096;
	b->cfg.machine.nnode = 1;
	b->cfg.machine.node[0].zone[2] = (struct zone_cfg){ .present = PAGES, .managed = PAGES, .free = PAGES };
	b->w.cfg = &b->cfg;
	b->w.a = &sim_alloc_libc;
	b->w.rng = sim_rng_new(1, "kernel");
	b->rng = sim_rng_new(1, "task");
	b->fifo = malloc(resident * sizeof(*b->fifo));
	if (!b->w.rng || !b->rng || !b->fifo)
		check(SIM_ENOMEM);
	check(frames_init(&b->w));
	check(chunks_init(&b->w));
	check(access_begin(&b->w, &b->v, pattern));
	for (uint32_t i = 0; i < resident; i++) {
		uint64_t idx = access_fault_page(&b->w, &b->v, b->rng);

		set_entry(b, idx, PTE_PRESENT | i);
		b->fifo[i] = (uint32_t)idx;
		b->v.access.clock++;
	}
}

static void teardown(struct bench *b)
{
	access_free(&b->w, &b->v.access);
	pt_free(&b->w, &b->v.pt);
	chunks_free(&b->w);
	frames_free(&b->w);
	sim_rng_free(b->w.rng);
	sim_rng_free(b->rng);
	sim_config_free(&b->cfg);
	free(b->fifo);
}

static void run(const char *name, const struct access *pattern, unsigned percent)
{
	uint32_t resident = (uint32_t)((uint64_t)PAGES * percent / 100), at = 0, young = 0;
	struct bench *b = malloc(sizeof(*b));
	double t0 = now(), t1, t2, t3;
	uint64_t clock;
	bool dirty = false;

	if (!b)
		check(SIM_ENOMEM);
	setup(b, pattern, resident);
	clock = b->v.access.clock;
	t1 = now();
	for (uint32_t i = 0; i < FAULTS; i++) {
		uint64_t idx;

		b->v.access.clock += access_hits(&b->w, &b->v, b->rng);
		idx = access_fault_page(&b->w, &b->v, b->rng);
		set_entry(b, b->fifo[at], PTE_NONE);
		set_entry(b, idx, PTE_PRESENT | at);
		b->w.mm.f.stamp[at] = access_stamp(&b->w, &b->v);
		b->fifo[at] = (uint32_t)idx;
		b->v.access.clock++;
		at = at + 1 < resident ? at + 1 : 0;
	}
	t2 = now();
	for (uint32_t i = 0; i < FAULTS; i++) {
		uint32_t p = i % resident;

		young += access_referenced(&b->w, &b->v, b->fifo[p], b->w.mm.f.stamp[p], &dirty);
	}
	t3 = now();
	printf("%-18s %4u%% %10.2f %8.0f %12.1f %10.2f %7.0f%% %9.2f\n", name, percent, FAULTS / (t2 - t1) / 1e6,
	       (t2 - t1) / FAULTS * 1e9, (double)(b->v.access.clock - clock) / FAULTS, FAULTS / (t3 - t2) / 1e6,
	       100.0 * young / FAULTS, t1 - t0);
	teardown(b);
	free(b);
}

int main(void)
{
	static const struct {
		const char *name;
		struct access a;
	} pattern[] = {
		{ "uniform", { .pattern = PATTERN_UNIFORM, .n = PAGES } },
		{ "zipf 1.1", { .pattern = PATTERN_ZIPF, .n = PAGES, .zipf_s = 1.1 } },
		{ "hotcold 20:90", { .pattern = PATTERN_HOTCOLD, .n = PAGES, .hot = PAGES / 5, .hot_weight = 0.9 } },
		{ "sweep", { .pattern = PATTERN_SEQUENTIAL, .n = PAGES } },
	};
	static const unsigned percent[] = { 50, 90, 99 };

	printf("%-18s %5s %10s %8s %12s %10s %8s %9s\n", "pattern", "mem.", "Mfaults/s", "ns/fault", "acc./fault",
	       "Mlooks/s", "young", "setup s");
	for (size_t i = 0; i < ARRAY_LEN(pattern); i++)
		for (size_t k = 0; k < ARRAY_LEN(percent); k++)
			run(pattern[i].name, &pattern[i].a, percent[k]);
	return 0;
}
