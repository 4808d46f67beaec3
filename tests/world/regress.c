/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenarios that once went wrong, mostly found by running random ones under AddressSanitizer. */
#include <criterion/criterion.h>

#include "sim/core/diag.h"
#include "sim/scenario/scenario.h"
#include "tests/world/mini.h"

static size_t kills(const char *yaml)
{
	struct diag_list dl = { 0 };
	struct sim_config c;
	struct tape *t = calloc(1, sizeof(*t));
	enum run_end end;
	size_t n;

	cr_assert_eq(scenario_load_buffer("regress", yaml, strlen(yaml), NULL, &c, &dl), SIM_OK);
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	n = t->nkill;
	free(t);
	sim_config_free(&c);
	diag_list_free(&dl);
	return n;
}

/* The reaper was still at work in mappings that the victim's own exit freed: kernels without the reaper's delay, several CPUs. */
Test(regress, exit_waits_for_the_reaper)
{
	cr_expect_gt(kills("seed: 38\nduration: 13s\nkernel: \"4.9\"\nsysctl: {vm.swappiness: 1}\n"
			   "machine: {cpus: 4, memory: 256MiB, swap: [{size: 64MiB, device: {read_latency: 100us, write_latency: 60us}}]}\n"
			   "processes:\n"
			   "  - {name: p0, count: 2, start: 1s, oom_score_adj: 500, workload: [{leak: {region: h, size: 33MiB}}, "
			   "{touch: {region: h, op: update, pattern: hotcold, duration: 3s, rate: 8421}}, {mlock: all}]}\n"
			   "  - {name: p1, start: 2859ms, workload: [{leak: {region: h, size: 22MiB}}, {mlock: all}, {fork: {count: 5, "
			   "gap: 90ms, steps: [{touch: {region: h, op: update, pattern: uniform, duration: 3s}}, {fork: {count: 5, gap: "
			   "143ms, steps: [{leak: {region: h, size: 71MiB}}, {touch: {region: h, op: update, pattern: uniform, "
			   "duration: 3s}}]}}]}}]}\n"
			   "  - {name: p3, count: 2, start: 2847ms, threads: 3, oom_score_adj: 500, workload: [{leak: {region: h, size: "
			   "8MiB}}, {madvise: {region: h, advice: free, size: 3MiB}}, {touch: {region: h, op: update, pattern: uniform, "
			   "duration: 4s}}]}\n"),
		     0);
}

/* kswapd reclaimed for a watermark boost as long as there was anything to reclaim, where balance_pgdat() stops at the boost's own
 * number of pages: a reader of a large file found its cache gone. 6.12 with the classic lists, as recorded (ws-file-120-seq). */
Test(regress, a_boosted_kswapd_leaves_the_cache)
{
	static const char yaml[] =
		"duration: 3s\nkernel: \"6.12\"\nlru_gen: {enabled: 0}\nsysctl: {vm.min_free_kbytes: 1901}\n"
		"machine:\n  costs: {preset: recorder}\n  nodes:\n"
		"    - DMA: {present: 3998pages, managed: 3840pages, free: 3808pages, pcp_batch: 1}\n"
		"      DMA32: {present: 138719pages, managed: 126387pages, free: 45873pages, pcp_batch: 31, pcp_kernel: 1223}\n"
		"  disks: [{name: data, device: {preset: null-100us}}]\n  files: [{name: f, disk: data, size: 65536pages}]\n"
		"processes:\n  - {name: ws, workload: [{read: {file: f, size: 55906pages, io_size: 64KiB, duration: 3s}}]}\n";
	struct diag_list dl = { 0 };
	struct sim_config c;
	struct tape *t = calloc(1, sizeof(*t));
	enum run_end end;

	cr_assert_eq(scenario_load_buffer("scenarios/regress", yaml, strlen(yaml), NULL, &c, &dl), SIM_OK, "%s", dl.n ? dl.v[0].text : "");
	cr_assert_eq(mini_run(&c, t, &end), SIM_OK);
	cr_expect_gt(t->last.meminfo_kB[MI_Inactive_file] + t->last.meminfo_kB[MI_Active_file], 150 * 1024);
	cr_expect_gt(t->last.vmstat[VMSTAT_pageoutrun], 100);
	free(t);
	sim_config_free(&c);
	diag_list_free(&dl);
}
