/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Manifests become the cgroups and processes that LANGUAGE.md promises. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scenario/load.h"

#define MI (INT64_C(1) << 20)

/* MemTotal of 1 GiB is 935 MiB or so; kept apart from the code's own sum by a range. */
static const char two_pods[] =
	"duration: 1s\n"
	"machine: {memory: 1GiB, swap: [{size: 100MiB, device: ssd-sata}]}\n"
	"cgroups: [{path: system.slice, memory.low: 1MiB}]\n"
	"processes: [{name: sshd, oom_score_adj: -1000, workload: [sleep: forever]}]\n"
	"kubernetes:\n"
	"  version: \"1.28\"\n"
	"  systemReserved: {memory: 100Mi}\n"
	"  manifests:\n"
	"    - apiVersion: v1\n"
	"      kind: Pod\n"
	"      metadata: {name: db}\n"
	"      spec:\n"
	"        containers:\n"
	"          - {name: postgres, image: a, resources: {limits: {cpu: 1, memory: 200Mi}}}\n"
	"          - {name: a-very-long-sidecar, image: a, resources: {limits: {cpu: 1, memory: 10Mi}}}\n"
	"    - apiVersion: apps/v1\n"
	"      kind: Deployment\n"
	"      metadata: {name: web}\n"
	"      spec:\n"
	"        replicas: 2\n"
	"        selector: {matchLabels: {app: web}}\n"
	"        template:\n"
	"          metadata: {labels: {app: web}}\n"
	"          spec: {containers: [{name: nginx, image: b}]}\n"
	"  workloads:\n"
	"    - {pod: db, container: postgres, workload: [sleep: forever]}\n"
	"    - {pod: db, container: a-very-long-sidecar, workload: [sleep: forever]}\n"
	"    - {pod: web, name: server, nice: 5, workload: [sleep: forever]}\n";

static char *said(const char *text, int *ret_err)
{
	return load_errors("k.yaml", text, strlen(text), NULL, ret_err);
}

/* load_text() takes notes as failures; here they are expected. */
static struct sim_config load(const char *text)
{
	struct scenario_options o = { .preset_dir = top_path("scenarios/presets") };
	struct diag_list dl = { 0 };
	struct sim_config c = { 0 };

	cr_assert_eq(scenario_load_buffer("k.yaml", text, strlen(text), &o, &c, &dl), SIM_OK);
	diag_list_free(&dl);
	return c;
}

static const struct cgroup_cfg *cgroup(const struct sim_config *c, const char *path)
{
	for (size_t i = 0; i < c->ncgroup; i++)
		if (!strcmp(c->cgroup[i].path, path))
			return &c->cgroup[i];
	cr_assert_fail("no cgroup %s", path);
	return NULL;
}

Test(kubernetes, tree)
{
	struct sim_config c = load(two_pods);
	const struct cgroup_cfg *g = cgroup(&c, "/kubepods");

	cr_expect_eq(c.ncgroup, 10);
	cr_expect(g->value[CGF_MAX] > 700 * MI && g->value[CGF_MAX] < 924 * MI);
	cr_expect_eq(cgroup(&c, "/system.slice")->value[CGF_LOW], MI);
	cr_expect_eq(cgroup(&c, "/kubepods/poddb")->value[CGF_MAX], 210 * MI);
	g = cgroup(&c, "/kubepods/poddb/postgres");
	cr_expect_eq(g->value[CGF_MAX], 200 * MI);
	cr_expect_eq(g->value[CGF_OOM_GROUP], 1);
	cr_expect_eq(g->value[CGF_SWAP_MAX], 0);
	cr_expect_eq(cgroup(&c, "/kubepods/besteffort/podweb-0")->value[CGF_MAX], SIM_AUTO);
	cr_expect_eq(cgroup(&c, "/kubepods/besteffort/podweb-1/nginx")->value[CGF_MAX], SIM_AUTO);
	sim_config_free(&c);
}

Test(kubernetes, processes)
{
	struct sim_config c = load(two_pods);
	static const struct {
		const char *comm, *cgroup;
		int adj;
	} want[] = {
		{ "sshd", NULL, -1000 },
		{ "postgres", "/kubepods/poddb/postgres", -997 },
		{ "a-very-long-sid", "/kubepods/poddb/a-very-long-sidecar", -997 },
		{ "server", "/kubepods/besteffort/podweb-0/nginx", 1000 },
		{ "server", "/kubepods/besteffort/podweb-1/nginx", 1000 },
	};

	cr_assert_eq(c.nprocess, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct process_cfg *p = &c.process[i];

		cr_expect_str_eq(p->comm, want[i].comm);
		cr_expect_eq(p->oom_score_adj, want[i].adj);
		if (want[i].cgroup)
			cr_expect_str_eq(c.cgroup[p->cgroup - 1].path, want[i].cgroup);
	}
	cr_expect_eq(c.process[4].nice, 5);
	cr_expect_eq(c.process[0].restart.policy, RESTART_NEVER);
	cr_expect_eq(c.process[4].restart.policy, RESTART_ALWAYS);
	cr_expect_eq(c.process[4].restart.delay[0], 0);
	cr_expect_eq(c.process[4].restart.delay[1], 10 * NS_PER_SEC);
	cr_expect_eq(c.process[4].restart.delay[RESTART_DELAYS - 1], 300 * NS_PER_SEC);
	sim_config_free(&c);
}

#define ONE_POD(node, version_line)                                                                                    \
	"duration: 1s\n" version_line "machine: {memory: 1GiB, swap: [{size: 100MiB, device: ssd-sata}]}\n"             \
	"kubernetes:\n" node "  manifests: [{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: "         \
	"[{name: c, image: i, resources: {requests: {memory: 100Mi}, limits: {memory: 200Mi}}}]}}]\n"                    \
	"  workloads: [{pod: p, workload: [sleep: forever]}]\n"

Test(kubernetes, versions_and_settings)
{
	struct sim_config c = load(ONE_POD("  version: \"1.27\"\n", ""));
	const char *path = "/kubepods/burstable/podp/c";

	cr_expect_eq(cgroup(&c, path)->value[CGF_OOM_GROUP], SIM_AUTO);
	sim_config_free(&c);
	c = load(ONE_POD("  singleProcessOOMKill: true\n", ""));
	cr_expect_eq(cgroup(&c, path)->value[CGF_OOM_GROUP], SIM_AUTO);
	sim_config_free(&c);
	c = load(ONE_POD("", "cgroup_version: 1\n"));
	cr_expect_eq(cgroup(&c, path)->value[CGF_LIMIT], 200 * MI);
	cr_expect_eq(cgroup(&c, path)->value[CGF_OOM_GROUP], SIM_AUTO);
	sim_config_free(&c);
	c = load(ONE_POD("  memorySwap: {swapBehavior: LimitedSwap}\n", ""));
	/* a share of 100/MemTotal, and MemTotal is a little less than 1 GiB */
	cr_expect(cgroup(&c, path)->value[CGF_SWAP_MAX] > 100 * 100 * MI / 1024);
	cr_expect(cgroup(&c, path)->value[CGF_SWAP_MAX] < 100 * 100 * MI / 850);
	sim_config_free(&c);
}

Test(kubernetes, ignored_fields_are_named)
{
	int err;
	char *text = said(ONE_POD("", ""), &err);

	cr_expect_eq(err, SIM_OK);
	cr_expect_str_eq(text, "k.yaml:4:15: note: Pod \"p\": fields without effect here: spec.containers[0].image\n");
	free(text);
}

/* Names of signals have dots, which in a path of --set go between keys; the second one finds what the first one made. */
Test(kubernetes, signals_from_outside)
{
	static const char *const set[] = { "kubernetes.evictionHard.memory.available=1Mi", "kubernetes.evictionHard.memory.available=300Mi",
					   "kubernetes.memorySwap.swapBehavior=NoSwap", "kubernetes.kubeReserved.memory=200Mi" };
	struct scenario_options o = { .preset_dir = top_path("scenarios/presets"), .set = set, .nset = ARRAY_LEN(set) };
	const char *text = ONE_POD("", "");
	struct diag_list dl = { 0 };
	struct sim_config c = { 0 };

	cr_assert_eq(scenario_load_buffer("k.yaml", text, strlen(text), &o, &c, &dl), SIM_OK);
	cr_assert_eq(dl.errors, 0);
	cr_expect_eq(c.kubelet->threshold[0].signal, SIGNAL_MEMORY);
	cr_expect_eq(c.kubelet->threshold[0].value.bytes, 300 * MI);
	cr_expect_eq(c.kubelet->kubepods_limit, c.kubelet->capacity - 200 * MI);
	cr_expect_eq(cgroup(&c, "/kubepods/burstable/podp/c")->value[CGF_SWAP_MAX], 0);
	diag_list_free(&dl);
	sim_config_free(&c);
}
