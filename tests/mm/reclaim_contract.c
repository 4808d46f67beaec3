/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every reclaim model promises, whatever it thinks of pages: none is lost or found twice, locked ones stay, lists and
 * counters agree at any moment, clean pages can always be had, and the same run comes out the same. Whole worlds run under
 * each model of each kernel that has it, and are looked into at every sample.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/registry.h"
#include "sim/mm/mglru.h"
#include "sim/scenario/scenario.h"
#include "sim/world/engine.h"

/* A kernel under a model. */
struct variant {
	const char *kernel, *lru_gen;
	const struct reclaim_ops *model;
};

static const struct variant variants[] = {
	{ "6.1", "false", &classic_reclaim },  { "6.1", "true", &mglru_reclaim },
	{ "6.12", "false", &classic_reclaim }, { "6.12", "true", &mglru_reclaim },
	{ "6.12", "0x1", &mglru_reclaim },     { "7.2", "false", &classic_reclaim },
	{ "7.2", "true", &mglru_reclaim },     { "5.10", "true", &classic_reclaim }, /* has no generations to enable */
};

/* Locked memory, a random writer and a reader that all want more than there is, with swap. */
static const char crowd[] =
	"machine:\n  memory: 64MiB\n  kernel_memory: {slab_reclaimable: 2MiB, slab_unreclaimable: 3MiB}\n"
	"  swap: [{size: 64MiB, device: nvme}]\n  disks: [{name: d, device: nvme}]\n"
	"  files: [{name: f, disk: d, size: 32MiB}]\n"
	"processes:\n"
	"  - {name: locked, workload: [{mlock: all}, {leak: {region: r, size: 4MiB}}, {sleep: forever}]}\n"
	"  - {name: app, workload: [{leak: {region: r, size: 24MiB}}, {touch: {region: r, pattern: uniform, op: "
	"update, duration: 60s}}]}\n"
	"  - {name: reader, workload: [{read: {file: f, pattern: sequential, duration: 60s}}]}\n";

/* A reader of a file twice the machine's size, and nothing else: there is always something clean to drop. */
static const char reader[] =
	"machine:\n  memory: 48MiB\n  kernel_memory: {slab_reclaimable: 2MiB, slab_unreclaimable: 3MiB}\n"
	"  disks: [{name: d, device: nvme}]\n  files: [{name: f, disk: d, size: 96MiB}]\n"
	"processes:\n  - {name: reader, workload: [{read: {file: f, pattern: sequential, duration: 60s}}]}\n";

static void load(const struct variant *v, const char *body, struct sim_config *ret)
{
	struct diag_list dl = { 0 };
	char text[4096];

	snprintf(text, sizeof(text), "duration: 2s\nsample: 50ms\nkernel: \"%s\"\nlru_gen: {enabled: %s}\n%s",
		 v->kernel, v->lru_gen, body);
	if (scenario_load_buffer("scenarios/contract.yaml", text, strlen(text), NULL, ret, &dl)) {
		diag_print(&dl, stderr);
		cr_assert_fail("%s with lru_gen %s does not load", v->kernel, v->lru_gen);
	}
	diag_list_free(&dl);
}

/* ---- what must hold ---- */

/* Pages handed out by a zone: all that were ever used less those on the free stack. */
static uint64_t frames_out(const struct world *w, const struct zone *z)
{
	uint64_t n = z->virgin;

	for (pfn_t p = z->free_head; p != PFN_NONE; p = w->mm.f.next[p])
		n--;
	return n;
}

static void check_conservation(const struct world *w)
{
	const struct zone *z;

	for_each_zone (w, z, ni, zi)
		cr_assert_eq((uint64_t)(z->nr_free + z->nr_pcp) + z->nr_kernel + frames_out(w, z), z->managed,
			     "zone %d", zi);
}

/* One ring: every page on it once, evictable or not as the list says. Counts by zone. */
static void count_ring(struct world *w, uint32_t head, bool unevictable, uint8_t *seen, int64_t count[MAX_ZONES])
{
	for (uint32_t p = w->mm.f.next[head]; p != head; p = w->mm.f.next[p]) {
		uint16_t flags = w->mm.f.flags[p];

		cr_assert_lt(p, w->mm.f.n, "a list runs into another");
		cr_assert_not(seen[p], "page %u is on two lists", p);
		seen[p] = 1;
		cr_assert(flags & F_ONLRU, "page %u does not know that it is on a list", p);
		cr_assert_not(flags & F_ISOLATED);
		cr_assert_eq(!!(flags & F_MLOCKED), unevictable, "page %u is on the wrong kind of list", p);
		count[frame_zone(w, p)->type]++;
	}
}

static void check_gauge(const struct node *n, enum lru_list l, const int64_t count[MAX_ZONES])
{
	for (int zi = 0; zi < MAX_ZONES; zi++)
		cr_assert_eq(n->zone[zi].lru[l], count[zi], "zone %d list %d: %lld counted, %lld there", zi, l,
			     (long long)n->zone[zi].lru[l], (long long)count[zi]);
}

static void check_classic(struct world *w, const struct node *n, uint8_t *seen)
{
	for (int l = 0; l < NR_LRU_LISTS; l++) {
		int64_t count[MAX_ZONES] = { 0 };

		count_ring(w, lru_head(w, n->id, (unsigned)l), l == LRU_UNEVICTABLE, seen, count);
		check_gauge(n, (enum lru_list)l, count);
	}
}

/* Generations: pages lie on the list of theirs or of the one they were promoted from; the counts go by what the pages say. */
static void check_generations(struct world *w, struct node *n, uint8_t *seen)
{
	const struct lru_gen *g = n->lruvec.gen;
	int64_t count[NR_LRU_LISTS][MAX_ZONES] = { { 0 } }, nr[MAX_NR_GENS][NR_TYPES][MAX_ZONES] = { { { 0 } } },
		all[MAX_ZONES] = { 0 };

	for (unsigned gen = 0; gen < MAX_NR_GENS; gen++)
		for (int t = 0; t < NR_TYPES; t++)
			for (int zi = 0; zi < MAX_ZONES; zi++)
				count_ring(w, gen_head(w, &w->mm.node[n->id].lruvec, gen, (enum lru_type)t, zi), false, seen, all);
	for (pfn_t p = 0; p < w->mm.f.n; p++) {
		bool young;
		enum lru_type t = gen_type(w->mm.f.flags[p]);

		if (!seen[p])
			continue;
		cr_assert_geq(page_gen(w, p), 0, "page %u is on a list of no generation", p);
		nr[page_gen(w, p)][t][frame_zone(w, p)->type]++;
		young = page_gen(w, p) == (int)gen_index(g->max_seq) ||
			page_gen(w, p) == (int)gen_index(g->max_seq - 1);
		count[LRU_BASE(t == TYPE_FILE) + young][frame_zone(w, p)->type]++;
	}
	cr_assert_eq(memcmp(nr, g->nr, sizeof(nr)), 0, "generations hold other numbers of pages than they say");
	for (int l = 0; l < LRU_UNEVICTABLE; l++)
		check_gauge(n, (enum lru_list)l, count[l]);
	for (int t = 0; t < NR_TYPES; t++) {
		cr_assert_geq(nr_gens(g, (enum lru_type)t), MIN_NR_GENS);
		cr_assert_leq(nr_gens(g, (enum lru_type)t), MAX_NR_GENS);
	}
}

static void check_lists(struct world *w)
{
	uint8_t *seen = calloc(w->mm.f.n, 1);
	int64_t count[MAX_ZONES] = { 0 };

	cr_assert(seen);
	for (int i = 0; i < w->mm.nnode; i++) {
		struct node *n = &w->mm.node[i];

		if (w->mm.reclaim == &mglru_reclaim) {
			check_generations(w, n, seen);
			count_ring(w, lru_head(w, n->id, LRU_UNEVICTABLE), true, seen, count);
			check_gauge(n, LRU_UNEVICTABLE, count);
		} else {
			check_classic(w, n, seen);
		}
	}
	free(seen);
}

/* Once locked, a region stays whole. */
static void check_locked(struct world *w)
{
	for (struct process *p = w->proc.first; p; p = p->next) {
		struct vma *v = p->mm && !strcmp(p->comm, "locked") ? vma_find(p->mm, "r") : NULL;

		for (uint64_t i = 0; v && v->npages == 1024 && p->work_pages >= 1024 && i < v->npages; i++)
			cr_assert(pte_present(vma_pte(w, v, i)), "locked page %llu was taken", (unsigned long long)i);
	}
}

struct watch {
	struct world *w;
	unsigned samples;
	uint64_t work, kills;
	uint64_t vmstat[VMSTAT_COUNT];
};

static int on_sample(void *ctx, const struct rec_sample *s)
{
	struct watch *o = ctx;

	o->samples++;
	memcpy(o->vmstat, s->vmstat, sizeof(o->vmstat));
	check_conservation(o->w);
	check_lists(o->w);
	check_locked(o->w);
	return 0;
}

static int on_task(void *ctx, const struct rec_task *t)
{
	struct watch *o = ctx;

	if (!strcmp(t->comm, "reader"))
		o->work = t->work_pages;
	return 0;
}

static int on_kill(void *ctx, const struct rec_kill *k)
{
	(void)k;
	((struct watch *)ctx)->kills++;
	return 0;
}

static void run(const struct variant *v, const char *body, struct watch *o)
{
	struct recorder rec = { .ctx = o, .sample = on_sample, .task = on_task, .kill = on_kill };
	struct sim_config cfg;
	enum run_end end;

	memset(o, 0, sizeof(*o));
	load(v, body, &cfg);
	cr_assert_eq(world_new(&cfg, &rec, &sim_alloc_libc, &o->w), SIM_OK);
	cr_assert_eq(o->w->mm.reclaim, v->model, "%s with lru_gen %s runs %s", v->kernel, v->lru_gen,
		     o->w->mm.reclaim->name);
	cr_assert_eq(world_run(o->w, &end), SIM_OK);
	cr_assert_gt(o->samples, 10);
	world_free(o->w);
	sim_config_free(&cfg);
}

/* ---- the contract ---- */

Test(reclaim_contract, nothing_is_lost_and_locked_pages_stay)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		struct watch o;

		run(&variants[i], crowd, &o);
		cr_expect_gt(o.vmstat[VMSTAT_pgsteal_anon] + o.vmstat[VMSTAT_pgsteal_file], 1000,
			     "%s, lru_gen %s: nothing was reclaimed", variants[i].kernel, variants[i].lru_gen);
		cr_expect_geq(o.vmstat[VMSTAT_nr_mlock], 1024);
	}
}

Test(reclaim_contract, clean_pages_can_always_be_had)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		struct watch o;

		run(&variants[i], reader, &o);
		cr_expect_eq(o.kills, 0);
		cr_expect_gt(o.work, 24576, "%s, lru_gen %s: the reader has read %llu pages", variants[i].kernel,
			     variants[i].lru_gen, (unsigned long long)o.work);
		cr_expect_eq(o.vmstat[VMSTAT_pswpout], 0);
	}
}

Test(reclaim_contract, the_same_run_comes_out_the_same)
{
	for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
		struct watch a, b;

		run(&variants[i], crowd, &a);
		run(&variants[i], crowd, &b);
		cr_expect_eq(memcmp(a.vmstat, b.vmstat, sizeof(a.vmstat)), 0, "%s, lru_gen %s", variants[i].kernel,
			     variants[i].lru_gen);
	}
}

Test(reclaim_contract, every_model_is_tried)
{
	for (const struct reclaim_ops *const *m = reclaim_models; *m; m++) {
		bool tried = false;

		for (size_t i = 0; i < ARRAY_LEN(variants); i++)
			tried |= variants[i].model == *m;
		cr_expect(tried, "%s", (*m)->name);
	}
}

/* ---- min_ttl_ms ---- */

static const char thrash[] =
	"machine:\n  memory: 64MiB\n  kernel_memory: {slab_reclaimable: 2MiB, slab_unreclaimable: 3MiB}\n"
	"  swap: [{size: 128MiB, device: nvme}]\n"
	"processes:\n  - {name: app, workload: [{leak: {region: r, size: 80MiB}}, {touch: {region: r, pattern: "
	"uniform, op: update, duration: 60s}}]}\n";

static uint64_t kills_with_ttl(const char *kernel, int ms)
{
	struct watch o = { 0 };
	struct recorder rec = { .ctx = &o, .kill = on_kill };
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	enum run_end end;
	char text[2048];

	snprintf(text, sizeof(text), "duration: 2s\nkernel: \"%s\"\nlru_gen: {enabled: true, min_ttl_ms: %d}\n%s",
		 kernel, ms, thrash);
	cr_assert_eq(scenario_load_buffer("scenarios/ttl.yaml", text, strlen(text), NULL, &cfg, &dl), SIM_OK);
	cr_assert_eq(world_new(&cfg, &rec, &sim_alloc_libc, &o.w), SIM_OK);
	cr_assert_eq(world_run(o.w, &end), SIM_OK);
	world_free(o.w);
	sim_config_free(&cfg);
	diag_list_free(&dl);
	return o.kills;
}

/* What is used within a second may not be evicted, so the thrasher dies although half of swap is free. */
Test(reclaim_contract, min_ttl_kills_what_thrashes)
{
	static const char *const kernels[] = { "6.1", "6.12", "7.2" };

	for (size_t i = 0; i < ARRAY_LEN(kernels); i++) {
		cr_expect_eq(kills_with_ttl(kernels[i], 0), 0, "%s", kernels[i]);
		cr_expect_eq(kills_with_ttl(kernels[i], 1000), 1, "%s", kernels[i]);
	}
}
