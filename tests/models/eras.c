/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole runs under each kernel model. The victims of scenarios/eras.yaml are worked out by hand (T is the RAM of the 512 MiB machine,
 * about 118000 pages or 460 MiB; memory in MiB):
 *	<= 2.6.35      simulate 1210 * 2 (nice); database 151, backup (160 + 24 / 2) / 16, since it has every capability
 *	2.6.36 .. 3.4  database 151 / 460 = 328 per mille; backup 348 - 30 = 318
 *	3.5 .. 3.13    database 151; backup 160 - 3 % of 460 = 146
 *	3.14 .. 4.16   database 151; backup 160 - 3 % of 160 = 155, whose worst child is gzip
 *	4.17 .. 5.0    backup 160, whose worst child is gzip
 *	>= 5.1         backup 160
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "models/registry.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

struct outcome {
	char victim[4][SIM_COMM_LEN];
	char chosen[SIM_COMM_LEN]; /* in whose place the first one died */
	int nkill;
	int reports, tables; /* with a task table */
	int reaped;
	enum run_end end;
};

static int on_kill(void *ctx, const struct rec_kill *k)
{
	struct outcome *o = ctx;

	if (o->nkill < 4)
		memcpy(o->victim[o->nkill], k->comm, SIM_COMM_LEN);
	if (!o->nkill)
		memcpy(o->chosen, k->chosen_comm, SIM_COMM_LEN);
	o->nkill++;
	return SIM_OK;
}

static int on_oom(void *ctx, const struct rec_oom_report *r)
{
	struct outcome *o = ctx;

	o->reports++;
	o->tables += r->dump_tasks;
	return SIM_OK;
}

static int on_event(void *ctx, const struct rec_event *e)
{
	struct outcome *o = ctx;

	o->reaped += e->kind == EV_OOM_REAPED;
	return SIM_OK;
}

static void run_config(struct sim_config *c, struct outcome *ret)
{
	struct recorder rec = { .ctx = ret, .kill = on_kill, .oom = on_oom, .event = on_event };
	struct world *w;

	*ret = (struct outcome){ .nkill = 0 };
	cr_assert_eq(world_new(c, &rec, &sim_alloc_libc, &w), SIM_OK);
	cr_assert_eq(world_run(w, &ret->end), SIM_OK);
	world_free(w);
}

/* yaml NULL: scenarios/eras.yaml. */
static void run(const char *yaml, const char *kernel, struct outcome *ret)
{
	const struct scenario_options opt = { .kernel = kernel, .preset_dir = "scenarios/presets" };
	struct diag_list dl = { 0 };
	struct sim_config c;
	int err;

	err = yaml ? scenario_load_buffer("inline.yaml", yaml, strlen(yaml), &opt, &c, &dl)
		   : scenario_load("scenarios/eras.yaml", &opt, &c, &dl);
	cr_assert_eq(err, SIM_OK, "%s: %s", kernel, dl.n ? dl.v[0].text : "");
	run_config(&c, ret);
	sim_config_free(&c);
	diag_list_free(&dl);
}

static const char *victim_of(const struct kernel_model *m)
{
	static const struct {
		const char *kernel, *victim;
	} v[] = {
		{ "k2.6.11", "simulate" }, { "k2.6.24", "simulate" }, { "k2.6.32", "simulate" },
		{ "k2.6.36", "database" }, { "k3.0", "database" },    { "k3.10", "database" },
		{ "k3.18", "gzip" },       { "k4.4", "gzip" },        { "k4.9", "gzip" },
		{ "k4.14", "gzip" },       { "k4.19", "gzip" },       { "k5.4", "backup" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		if (!strcmp(m->info.name, v[i].kernel))
			return v[i].victim;
	return "backup"; /* all later ones */
}

Test(eras, shipped_scenario)
{
	for (size_t i = 0; kernel_models[i]; i++) {
		const struct kernel_model *m = kernel_models[i];
		const char *want = victim_of(m);
		struct outcome o;

		run(NULL, m->info.name, &o);
		cr_assert_geq(o.nkill, 1, "%s", m->info.name);
		cr_assert_str_eq(o.victim[0], want, "%s killed %s", m->info.name, o.victim[0]);
		cr_assert_str_eq(o.chosen, strcmp(want, "gzip") ? want : "backup", "%s", m->info.name);
		cr_assert_eq(o.tables, m->dump_tasks ? o.reports : 0, "%s", m->info.name);
		cr_assert_eq(o.end, RUN_HORIZON);
	}
}

#define MACHINE "duration: 8s\nmachine: {cpus: 1, memory: 256MiB}\nprocesses:\n"

/* M.3: of two that are alike the first goes up to 5.2, the last since 5.3. */
Test(eras, ties)
{
	static const char yaml[] = MACHINE "  - {name: one, workload: [{mmap: {region: h, size: 70MiB, kind: anon}}, "
					   "{touch: {region: h, op: write, "
					   "pattern: sequential}}, {sleep: forever}]}\n"
					   "  - {name: two, workload: [{mmap: {region: h, size: 70MiB, kind: anon}}, "
					   "{touch: {region: h, op: write, "
					   "pattern: sequential}}, {sleep: forever}]}\n"
					   "  - {name: leak, start: 1s, workload: [{leak: {region: h, rate: 40MiB/s, "
					   "size: 100MiB}}, {sleep: forever}]}\n"
					   "  - {name: more, start: 5s, workload: [{sleep: forever}]}\n";
	static const char *const kernel[][2] = { { "2.6.36", "one" }, { "3.10", "one" }, { "4.4", "one" },
						 { "4.19", "one" },   { "5.4", "two" },  { "5.10", "two" },
						 { "6.12", "two" },   { "7.3", "two" } };

	for (size_t i = 0; i < ARRAY_LEN(kernel); i++) {
		struct outcome o;

		run(yaml, kernel[i][0], &o);
		cr_assert_geq(o.nkill, 1, "%s", kernel[i][0]);
		cr_assert_str_eq(o.victim[0], kernel[i][1], "%s killed %s", kernel[i][0], o.victim[0]);
	}
}

/* panic_on_oom ends the run under every kernel. */
Test(eras, panics)
{
	static const char yaml[] = "sysctl: {vm.panic_on_oom: 1}\n" MACHINE
				   "  - {name: leak, workload: [{leak: {region: h, rate: 200MiB/s}}]}\n";

	for (size_t i = 0; kernel_models[i]; i++) {
		struct outcome o;

		run(yaml, kernel_models[i]->info.name, &o);
		cr_assert_eq(o.end, RUN_PANIC, "%s", kernel_models[i]->info.name);
		cr_assert_eq(o.nkill, 0);
	}
}

/* Before 4.7 no round of reclaim that found a page counts against a request, and none that found nothing counts before all has been
 * scanned six times: with swap in the way the killer still comes in the end. */
Test(eras, progress_rule_ends)
{
	static const char yaml[] =
		"duration: 60s\nmachine: {cpus: 1, memory: 256MiB, swap: [{size: 32MiB, device: nvme}]}\n"
		"processes:\n  - {name: leak, workload: [{leak: {region: h, rate: 40MiB/s}}]}\n";
	static const char *const kernel[] = { "2.6.11", "2.6.32", "3.10", "4.4" };

	for (size_t i = 0; i < ARRAY_LEN(kernel); i++) {
		struct outcome o;

		run(yaml, kernel[i], &o);
		cr_assert_geq(o.nkill, 1, "%s", kernel[i]);
		cr_assert_str_eq(o.victim[0], "leak");
		cr_assert_eq(o.reaped, 0, "there was no reaper");
	}
}
