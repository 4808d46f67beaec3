/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pods with init containers and resources of their own, Memory QoS, swap, and manifests in files, as cgroups and processes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/scenario/load.h"

#define MI (INT64_C(1) << 20)

static struct sim_config load(const char *name, const char *text)
{
	struct scenario_options o = { .preset_dir = top_path("scenarios/presets") };
	struct diag_list dl = { 0 };
	struct sim_config c = { 0 };

	cr_assert_eq(scenario_load_buffer(name, text, strlen(text), &o, &c, &dl), SIM_OK, "%s",
		     dl.n ? dl.v[0].text : "");
	diag_list_free(&dl);
	return c;
}

/* A file of a cgroup; SIM_AUTO: nothing was written. */
static int64_t value(const struct sim_config *c, const char *path, enum cgroup_file f)
{
	for (size_t i = 0; i < c->ncgroup; i++)
		if (!strcmp(c->cgroup[i].path, path))
			return c->cgroup[i].value[f];
	cr_assert_fail("no cgroup %s", path);
	return 0;
}

static const struct process_cfg *process(const struct sim_config *c, const char *comm)
{
	for (size_t i = 0; i < c->nprocess; i++)
		if (!strcmp(c->process[i].comm, comm))
			return &c->process[i];
	cr_assert_fail("no process %s", comm);
	return NULL;
}

#define NODE(settings)                                                                                                 \
	"duration: 1s\nmachine: {memory: 1GiB, swap: [{size: 100MiB, device: ssd-sata}]}\nkubernetes:\n" settings
#define POD(name, spec)     "    - {apiVersion: v1, kind: Pod, metadata: {name: " name "}, spec: {" spec "}}\n"
#define RUN(pod, container) "    - {pod: " pod ", container: " container ", workload: [sleep: forever]}\n"

/* restartPolicy of the pod is Always: a sidecar's, and that of others; an init container is started again only if it fails. */
Test(kubernetes_pods, init_containers)
{
	struct sim_config c = load(
		"k.yaml",
		NODE("  manifests:\n") POD(
			"p", "overhead: {memory: 8Mi}, initContainers: ["
			     "{name: i, image: x, resources: {requests: {memory: 100Mi}, limits: {memory: 300Mi}}}, "
			     "{name: s, image: x, restartPolicy: Always, resources: {requests: {memory: 10Mi}, limits: "
			     "{memory: 20Mi}}}], "
			     "containers: [{name: a, image: x, resources: {requests: {memory: 200Mi}, limits: {memory: "
			     "200Mi}}}]") "  workloads:\n" RUN("p", "a") RUN("p", "s") RUN("p", "i"));

	cr_expect_eq(value(&c, "/kubepods/burstable/podp", CGF_MAX), 308 * MI,
		     "the init container alone needs more than the others together");
	cr_expect_eq(value(&c, "/kubepods/burstable/podp/i", CGF_MAX), 300 * MI);
	cr_expect_eq(process(&c, "i")->after, 0);
	cr_expect_eq(process(&c, "s")->after, 1 + (process(&c, "i") - c.process));
	cr_expect_eq(process(&c, "a")->after, 1 + (process(&c, "i") - c.process));
	cr_expect_eq(process(&c, "i")->restart.policy, RESTART_ON_FAILURE);
	cr_expect_eq(process(&c, "s")->restart.policy, RESTART_ALWAYS);
	cr_expect_eq(process(&c, "s")->oom_score_adj, process(&c, "a")->oom_score_adj,
		     "not sooner than what it serves");
	cr_expect_gt(process(&c, "i")->oom_score_adj, process(&c, "a")->oom_score_adj);
	sim_config_free(&c);
}

Test(kubernetes_pods, replicas_wait_for_their_own)
{
	struct sim_config c = load(
		"k.yaml", NODE("  manifests:\n") "    - {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, "
						 "spec: {replicas: 2, selector: {matchLabels: {a: b}}, template: "
						 "{metadata: {labels: {a: b}}, spec: {initContainers: [{name: i, "
						 "image: x}], containers: [{name: a, image: x}]}}}}\n"
						 "  workloads:\n" RUN("r", "i") RUN("r", "a"));

	cr_assert_eq(c.nprocess, 4);
	cr_expect_eq(c.process[1].after, 1);
	cr_expect_eq(c.process[3].after, 3);
	cr_expect_eq(c.process[0].after, 0);
	cr_expect_eq(c.process[2].after, 0);
	sim_config_free(&c);
}

/* 1.32: containers without a limit have the pod's. */
Test(kubernetes_pods, own_resources)
{
	struct sim_config c = load(
		"k.yaml",
		NODE("  manifests:\n") POD(
			"p", "resources: {limits: {memory: 200Mi, cpu: 1}}, containers: [{name: a, image: x}, "
			     "{name: b, image: x, resources: {limits: {memory: 50Mi}}}]") "  workloads:\n" RUN("p", "a")
			RUN("p", "b"));

	/* memory: the request of 50Mi of b is the pod's, which makes it Burstable */
	cr_expect_eq(value(&c, "/kubepods/burstable/podp", CGF_MAX), 200 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable/podp/a", CGF_MAX), 200 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable/podp/b", CGF_MAX), 50 * MI);
	sim_config_free(&c);
}

#define THREE_PODS                                                                                                     \
	"  manifests:\n" POD("g", "containers: [{name: g, image: x, resources: {limits: {cpu: 1, memory: 64Mi}}}]")    \
		POD("b", "containers: [{name: b, image: x, resources: {requests: {memory: 128Mi}, limits: {memory: "   \
			 "256Mi}}}, "                                                                                  \
			 "{name: n, image: x}]")                                                                       \
			POD("e", "containers: [{name: e, image: x}]") "  workloads:\n" RUN("g", "g") RUN("b", "b")     \
				RUN("b", "n") RUN("e", "e")

/* K8S-MQ-03: the values of the kubelet's test, with the factor of 1.22. */
Test(kubernetes_pods, memory_qos_of_1_22)
{
	struct sim_config c =
		load("k.yaml", NODE("  version: \"1.23\"\n  featureGates: {MemoryQoS: true}\n  evictionHard: {}\n" THREE_PODS));
	int64_t capacity = value(&c, "/kubepods", CGF_MAX), share = capacity * 8 / 10;

	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_MIN), 134217728);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_HIGH), 214748364);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/n", CGF_MIN), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/n", CGF_HIGH), share);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb", CGF_MIN), 128 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb", CGF_HIGH), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/burstable", CGF_MIN), 128 * MI);
	cr_expect_eq(value(&c, "/kubepods", CGF_MIN), 192 * MI);
	cr_expect_eq(value(&c, "/kubepods/podg/g", CGF_MIN), 64 * MI);
	cr_expect_eq(value(&c, "/kubepods/podg/g", CGF_HIGH), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/besteffort/pode/e", CGF_HIGH), share);
	sim_config_free(&c);
}

Test(kubernetes_pods, memory_qos_of_1_36)
{
	struct sim_config c = load("k.yaml", NODE("  version: \"1.36\"\n  featureGates: {MemoryQoS: true}\n" THREE_PODS));

	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_MIN), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_LOW), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods", CGF_MIN), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_HIGH), (128 * 10 + 128 * 9) * MI / 10 / 4096 * 4096);
	cr_expect_eq(value(&c, "/kubepods/besteffort/pode/e", CGF_HIGH), SIM_AUTO);
	sim_config_free(&c);

	c = load("k.yaml",
		 NODE("  version: \"1.36\"\n  featureGates: {MemoryQoS: true}\n  memoryReservationPolicy: TieredReservation\n"
		      "  memoryThrottlingFactor: 0.5\n" THREE_PODS));
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_LOW), 128 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_MIN), SIM_AUTO);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_HIGH), 192 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable", CGF_LOW), 128 * MI);
	cr_expect_eq(value(&c, "/kubepods/podg", CGF_MIN), 64 * MI);
	cr_expect_eq(value(&c, "/kubepods", CGF_MIN), 192 * MI);
	sim_config_free(&c);
}

/* Without the gate, and with the defaults of 1.37, none of these files is written. */
Test(kubernetes_pods, memory_qos_is_off)
{
	static const char *const text[] = { NODE(THREE_PODS), NODE("  version: \"1.37\"\n" THREE_PODS) };

	for (size_t i = 0; i < 2; i++) {
		struct sim_config c = load("k.yaml", text[i]);

		for (size_t g = 0; g < c.ncgroup; g++) {
			cr_expect_eq(c.cgroup[g].value[CGF_HIGH], SIM_AUTO);
			cr_expect_eq(c.cgroup[g].value[CGF_MIN], SIM_AUTO);
			cr_expect_eq(c.cgroup[g].value[CGF_LOW], SIM_AUTO);
		}
		sim_config_free(&c);
	}
}

/* What is reserved is the limit of the system's cgroup, which may be among the scenario's own. */
Test(kubernetes_pods, enforced_reservations)
{
	struct sim_config c =
		load("k.yaml", "cgroups: [{path: /system.slice, memory.low: 1MiB}]\n" NODE(
				       "  featureGates: {MemoryQoS: true}\n  kubeReserved: {memory: 30Mi, cpu: 100m}\n  systemReserved: {memory: 50Mi}\n"
				       "  enforceNodeAllocatable: [kube-reserved, system-reserved]\n"
				       "  kubeReservedCgroup: system.slice/kubelet\n  systemReservedCgroup: "
				       "system.slice/\n" THREE_PODS));

	cr_expect_eq(value(&c, "/system.slice", CGF_MAX), 50 * MI);
	cr_expect_eq(value(&c, "/system.slice", CGF_MIN), 50 * MI);
	cr_expect_eq(value(&c, "/system.slice", CGF_LOW), MI);
	cr_expect_eq(value(&c, "/system.slice/kubelet", CGF_MAX), 30 * MI);
	cr_expect(value(&c, "/kubepods", CGF_MAX) > 900 * MI, "pods are not held to allocatable");
	sim_config_free(&c);
}

Test(kubernetes_pods, swap)
{
	static const struct {
		const char *text;
		int64_t b, n; /* the container with a limit, and the one without */
	} row[] = {
		{ NODE("  version: \"1.27\"\n" THREE_PODS), 0, SIM_AUTO },
		{ NODE("  version: \"1.27\"\n  memorySwap: {swapBehavior: UnlimitedSwap}\n" THREE_PODS), SIM_AUTO, SIM_AUTO },
		{ NODE("  version: \"1.30\"\n" THREE_PODS), 0, 0 },
	};
	struct sim_config c;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		c = load("k.yaml", row[i].text);
		cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_SWAP_MAX), row[i].b, "%zu", i);
		cr_expect_eq(value(&c, "/kubepods/burstable/podb/n", CGF_SWAP_MAX), row[i].n, "%zu", i);
		sim_config_free(&c);
	}
	c = load("k.yaml", "cgroup_version: 1\n" NODE(THREE_PODS));
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/b", CGF_MEMSW), 256 * MI);
	cr_expect_eq(value(&c, "/kubepods/burstable/podb/n", CGF_MEMSW), SIM_AUTO);
	sim_config_free(&c);
}

/* ---- files ---- */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

/* Documents, an empty one between them, a List in one; JSON in another file. */
Test(kubernetes_pods, files)
{
	char dir[] = "/tmp/oomsim-k8s-XXXXXX", path[64], name[64];
	struct sim_config c;

	cr_assert(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/s.yaml", dir);
	snprintf(path, sizeof(path), "%s/web.yaml", dir);
	write_file(
		path,
		"# two\n---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
		"  spec: {containers: [{name: a, image: x}]}\n---\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: "
		"b}\n"
		"spec: {containers: [{name: b, image: x}]}\n...\n");
	snprintf(path, sizeof(path), "%s/c.json", dir);
	write_file(path, "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\t\"metadata\": {\"name\": \"c\"},\n"
			 "\t\"spec\": {\"containers\": [{\"name\": \"c\", \"image\": \"x\"}]}\n}\n");
	c = load(name,
		 NODE("  manifests: [web.yaml, c.json]\n  workloads:\n") RUN("a", "a") RUN("b", "b") RUN("c", "c"));
	cr_expect_eq(c.nprocess, 3);
	cr_expect_eq(value(&c, "/kubepods/besteffort/podc/c", CGF_OOM_GROUP), 1);
	sim_config_free(&c);
	unlink(path);
	snprintf(path, sizeof(path), "%s/web.yaml", dir);
	unlink(path);
	rmdir(dir);
}

/* Errors name the file, and the place in it. */
Test(kubernetes_pods, errors_in_files)
{
	char dir[] = "/tmp/oomsim-k8s-XXXXXX", path[64], name[64], want[512], *got;
	const char *text = NODE("  manifests: bad.yaml\n  workloads: []\n");
	int err;

	cr_assert(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/s.yaml", dir);
	snprintf(path, sizeof(path), "%s/bad.yaml", dir);
	write_file(path, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: Pod\nmetadata: {name: "
			 "b}\n---\nword\n");
	got = load_errors(name, text, strlen(text), NULL, &err);
	snprintf(want, sizeof(want),
		 "%s:1:1: note: ConfigMap \"a\": has no effect here\n"
		 "%s:5:1: error: apiVersion not set (a manifest begins with 'apiVersion: v1' and 'kind: Pod', or "
		 "others)\n"
		 "%s:8:1: error: a manifest must be a mapping, not a value (write 'key: value' pairs for a manifest)\n",
		 path, path, path);
	cr_expect_eq(err, SIM_EINPUT);
	cr_expect_str_eq(got, want);
	free(got);
	write_file(path, "---\n# nothing\n");
	got = load_errors(name, text, strlen(text), NULL, &err);
	cr_expect(strstr(got, "s.yaml:4:14: error: no objects in the manifests 'bad.yaml'\n"), "%s", got);
	free(got);
	unlink(path);
	rmdir(dir);
}
