/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options on top of a file, presets and where they are found, files and standard input. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/scenario/load.h"

#define MINIMAL "duration: 60s\nprocesses: [{name: p, workload: [sleep: forever]}]\n"

Test(options, override)
{
	static const char *const set[] = { "machine.memory=2GiB", "sysctl.vm.swappiness=7", "processes.p.nice=3",
					   "processes[0].workload=[spin: 1s]",
					   "machine.swap=[{size: 1GiB, device: nvme}]" };
	struct scenario_options o = {
		.kernel = "k6.1", .seed = "9", .until = "5s", .set = set, .nset = ARRAY_LEN(set)
	};
	struct sim_config c = load_text(MINIMAL, &o);

	cr_expect_eq(c.seed, 9);
	cr_expect_eq(c.horizon, 5 * NS_PER_SEC);
	cr_expect_eq(c.sample, 5 * NS_PER_SEC / 600);
	cr_expect_eq(c.machine.memory, 2 * GIB);
	cr_expect_eq(c.sysctl.swappiness, 7);
	cr_expect_eq(c.process[0].nice, 3);
	cr_expect_eq(c.process[0].program.step[0].op, STEP_SPIN);
	cr_expect_eq(c.machine.nswap, 1);
	sim_config_free(&c);
}

Test(options, until_stands_in_for_duration)
{
	struct scenario_options o = { .until = "5s" };
	struct sim_config c = load_text("processes: [{name: p, workload: [sleep: forever]}]\n", &o);

	cr_expect_eq(c.horizon, 5 * NS_PER_SEC);
	sim_config_free(&c);
}

Test(options, results_are_untouched_by_failure)
{
	struct diag_list dl = { 0 };
	struct sim_config c;

	memset(&c, 0x5a, sizeof(c));
	cr_expect_eq(scenario_load_buffer("x", "a: 1", 4, NULL, &c, &dl), SIM_EINPUT);
	cr_expect_eq(((unsigned char *)&c)[0], 0x5a);
	cr_expect_eq(((unsigned char *)&c)[sizeof(c) - 1], 0x5a);
	diag_list_free(&dl);
	cr_expect_eq(scenario_load("/nonexistent/x.yaml", NULL, &c, &dl), SIM_EIO);
	cr_assert_eq(dl.n, 1);
	cr_expect_str_eq(dl.v[0].text, "cannot be read: No such file or directory");
	diag_list_free(&dl);
	cr_expect_eq(scenario_load("/", NULL, &c, &dl), SIM_EIO);
	diag_list_free(&dl);
}

Test(options, default_names)
{
	static const struct {
		const char *path, *name;
	} rows[] = { { "a/b/leak.yaml", "leak" }, { "leak.yml", "leak" }, { "x", "x" }, { "-", "stdin" },
		     { "d/.yaml", "stdin" },      { "v1.2.yaml", "v1.2" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct diag_list dl = { 0 };
		struct sim_config c;

		cr_assert_eq(scenario_load_buffer(rows[i].path, MINIMAL, strlen(MINIMAL), NULL, &c, &dl), SIM_OK);
		cr_expect_str_eq(c.name, rows[i].name);
		sim_config_free(&c);
	}
}

Test(presets, shipped_ones_load)
{
	static const char *const machines[] = { "pc-8gib", "server-64gib", "vm-1gib", "vm-256mib" };
	static const char *const devices[] = { "hdd-7200", "ssd-sata", "nvme", "virtio-cloud", "null-100us", "emmc", "sd-card-a1" };
	char text[512];

	for (size_t m = 0; m < ARRAY_LEN(machines); m++) {
		for (size_t d = 0; d < ARRAY_LEN(devices); d++) {
			struct sim_config c;

			snprintf(text, sizeof(text),
				 "duration: 1s\nmachine: {preset: %s, swap: [{size: 50%%, device: %s}]}\n"
				 "processes: [{name: p, workload: [sleep: forever]}]\n",
				 machines[m], devices[d]);
			c = load_text(text, NULL);
			cr_expect_str_eq(c.machine.preset, machines[m]);
			cr_expect_gt(c.machine.swap[0].dev.read_latency, 0);
			sim_config_free(&c);
		}
	}
}

static void put(const char *dir, const char *path, const char *text)
{
	char full[4096], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	for (slash = strchr(full + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(full, 0700);
		*slash = '/';
	}
	f = fopen(full, "wb");
	cr_assert(f, "%s", full);
	fputs(text, f);
	fclose(f);
}

/* A tree of presets in a temporary folder; each device says by its latency which of them was found. */
static char *make_tree(void)
{
	static char dir[] = "/tmp/oomsim-presets-XXXXXX";

	cr_assert(mkdtemp(dir));
	put(dir, "scenarios/mine/a.yaml",
	    "duration: 1s\nmachine: {swap: [{size: 1GiB, device: one}, {size: 1GiB, device: two}, {size: 1GiB, device: "
	    "three}]}\n"
	    "processes: [{name: p, workload: [sleep: forever]}]\n");
	put(dir, "scenarios/mine/presets/devices/one.yaml", "read_latency: 1s\n");
	put(dir, "scenarios/mine/presets/devices/two.yaml", "read_latency: 2s\n");
	put(dir, "scenarios/presets/devices/one.yaml", "read_latency: 11s\n");
	put(dir, "scenarios/presets/devices/three.yaml", "{preset: two, write_latency: 33s}\n");
	return dir;
}

static void remove_tree(const char *dir)
{
	char cmd[256];

	snprintf(cmd, sizeof(cmd), "rm -r '%s'", dir);
	cr_expect_eq(system(cmd), 0);
}

Test(presets, search)
{
	char *dir = make_tree(), path[256];
	struct diag_list dl = { 0 };
	struct sim_config c;

	snprintf(path, sizeof(path), "%s/scenarios/mine/a.yaml", dir);
	cr_assert_eq(scenario_load(path, NULL, &c, &dl), SIM_OK);
	cr_expect_eq(c.machine.swap[0].dev.read_latency, 11 * NS_PER_SEC); /* ../presets comes first */
	cr_expect_eq(c.machine.swap[1].dev.read_latency, 2 * NS_PER_SEC);
	cr_expect_eq(c.machine.swap[2].dev.read_latency, 2 * NS_PER_SEC); /* a preset of a preset */
	cr_expect_eq(c.machine.swap[2].dev.write_latency, 33 * NS_PER_SEC);
	sim_config_free(&c);
	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(scenario_load("scenarios/mine/a.yaml", NULL, &c, &dl), SIM_OK);
	sim_config_free(&c);
	cr_assert_eq(chdir("scenarios/mine"), 0);
	cr_assert_eq(scenario_load("a.yaml", NULL, &c, &dl), SIM_OK);
	sim_config_free(&c);
	remove_tree(dir);
}

/* What a preset says wrong is reported in the preset. */
Test(presets, errors_are_placed_in_the_preset)
{
	char dir[] = "/tmp/oomsim-presets-XXXXXX", path[256];
	struct scenario_options o = { .preset_dir = dir };
	const char *text =
		"duration: 1s\nmachine: {preset: round}\nprocesses: [{name: p, workload: [sleep: forever]}]\n";
	char *got;
	int err;

	cr_assert(mkdtemp(dir));
	put(dir, "machines/round.yaml", "preset: about\n");
	put(dir, "machines/about.yaml", "preset: round\ncpus: 0\n");
	got = load_errors("x.yaml", text, strlen(text), &o, &err);
	snprintf(path, sizeof(path), "%s/machines/about.yaml:1:9: error: more than 8 presets on top of each other",
		 dir);
	cr_expect(strstr(got, path), "%s", got);
	free(got);
	put(dir, "machines/round.yaml", "preset: about\n");
	put(dir, "machines/about.yaml", "cpus: 0\n");
	got = load_errors("x.yaml", text, strlen(text), &o, &err);
	snprintf(path, sizeof(path), "%s/machines/about.yaml:1:7: error: cpus must be between 1 and 256, not 0\n", dir);
	cr_expect_str_eq(got, path);
	free(got);
	remove_tree(dir);
}

Test(presets, own_keys_win_and_mappings_merge)
{
	char dir[] = "/tmp/oomsim-presets-XXXXXX";
	struct scenario_options o = { .preset_dir = dir };
	struct sim_config c;

	cr_assert(mkdtemp(dir));
	put(dir, "costs/a.yaml", "touch: 10ns\nscan_page: 20ns\n");
	put(dir, "costs/b.yaml", "touch: 100ns\n");
	put(dir, "machines/m.yaml",
	    "memory: 128MiB\ncpus: 3\nhz: 100\ncosts: {preset: a, zap_page: 30ns}\n"
	    "kernel_memory: {slab_reclaimable: 1MiB, pagetables: 1MiB}\n"
	    "nodes: [{DMA32: {present: 30000pages, managed: 20000pages}}]\n");
	c = load_text("duration: 1s\nmachine: {preset: m, cpus: 2, costs: {scan_page: 21ns}, kernel_memory: "
		      "{pagetables: 2MiB}}\n"
		      "processes: [{name: p, workload: [sleep: forever]}]\n",
		      &o);
	cr_expect_eq(c.machine.ncpu, 2);
	cr_expect_eq(c.machine.hz, 100);
	cr_expect_eq(c.machine.cost.touch, 10);
	cr_expect_eq(c.machine.cost.scan_page, 21);
	cr_expect_eq(c.machine.cost.zap_page, 30);
	cr_expect_eq(c.machine.slab_reclaimable, 256);
	cr_expect_eq(c.machine.pagetables, 512);
	cr_expect_eq(c.machine.node[0].zone[1].managed, 20000);
	sim_config_free(&c);
	/* Another memory makes the preset's zones meaningless; another preset of costs replaces all of them. */
	c = load_text("duration: 1s\nmachine: {preset: m, memory: 256MiB, costs: {preset: b}}\n"
		      "processes: [{name: p, workload: [sleep: forever]}]\n",
		      &o);
	cr_expect_eq(c.machine.cost.touch, 100);
	cr_expect_eq(c.machine.cost.scan_page, 150);
	cr_expect_eq(c.machine.cost.zap_page, 120);
	cr_expect_eq(c.machine.node[0].zone[1].managed, 52069);
	sim_config_free(&c);
	remove_tree(dir);
}
