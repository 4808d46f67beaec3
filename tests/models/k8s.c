/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of Kubernetes against the values that its own tests and documents give; K8S-... are cases of the conformance list. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "models/k8s/k8s.h"
#include "sim/core/units.h"

#define MI (INT64_C(1) << 20)
#define GI (INT64_C(1) << 30)
#define U  K8S_UNSET

Test(k8s, quantities)
{
	static const struct {
		const char *text;
		int64_t value, milli;
	} row[] = {
		{ "0", 0, 0 },
		{ "256Mi", 268435456, 268435456000 },
		{ "0.5", 1, 500 },
		{ ".5", 1, 500 },
		{ "5.", 5, 5000 },
		{ "100m", 1, 100 },
		{ "1e3", 1000, 1000000 },
		{ "1E3", 1000, 1000000 },
		{ "12e-1", 2, 1200 },
		{ "129e6", 129000000, 129000000000 },
		{ "129M", 129000000, 129000000000 },
		{ "128974848000m", 128974848, 128974848000 },
		{ "1.5Gi", 1610612736, 1610612736000 },
		{ "0.1Ki", 103, 102400 },
		{ "1n", 1, 1 },
		{ "1E", 1000000000000000000, INT64_MAX },
		{ "7Ei", INT64_C(7) << 60, INT64_MAX },
		{ "8Ei", INT64_MAX, INT64_MAX },
		{ "1e999", INT64_MAX, INT64_MAX },
		{ "1e-999", 1, 1 },
		{ "100000000000000000000000", INT64_MAX, INT64_MAX },
		{ "0.00000000000000000000001", 1, 1 },
		{ "1000000000000000000000e-18", 1000, 1000000 },
	};
	struct k8s_quantity q;

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		cr_expect_null(k8s_quantity(row[i].text, &q), "%s", row[i].text);
		cr_expect_eq(q.value, row[i].value, "%s: %lld", row[i].text, (long long)q.value);
		cr_expect_eq(q.milli, row[i].milli, "%s: %lld", row[i].text, (long long)q.milli);
		cr_expect_not(q.negative);
	}
	cr_expect_null(k8s_quantity("-2Ki", &q));
	cr_expect(q.negative && q.value == 2048);
}

Test(k8s, quantities_refused)
{
	static const char *const bad[] = { "",     "Mi",   "256MiB", "256 Mi", "1.2.3", "1KI", "ten",
					   "1e",   "1e3Mi", "--1",   "0x10",   "1,5",   "1Mb", "max" };
	struct k8s_quantity q;

	/* "1e" is no number with an exponent, and no suffix either. */
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		cr_expect_not_null(k8s_quantity(bad[i], &q), "%s", bad[i]);
}

Test(k8s, versions)
{
	cr_expect_eq(k8s_version("1.28"), 28);
	cr_expect_eq(k8s_version("v1.32.4"), 32);
	cr_expect_eq(k8s_version("1.2"), -1);
	cr_expect_eq(k8s_version("2.1"), -1);
	cr_expect_eq(k8s_version("1.99"), -1);
	cr_expect_eq(k8s_version("1.28.x"), -1);
	cr_expect_eq(k8s_version("1."), -1);
}

/* K8S-QOS-01, the eight rows of TestGetContainerOOMScoreAdjust. */
Test(k8s, adj_of_the_kubelets_test)
{
	const int64_t G10 = 10000000000;

	cr_expect_eq(k8s_oom_score_adj(20, K8S_BURSTABLE, false, U, 4000000000), 999);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BURSTABLE, false, U, 8000000000), 999);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BEST_EFFORT, false, U, 7230457451), 1000);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BEST_EFFORT, false, U, 4000000000), 1000);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_GUARANTEED, false, G10, 123456789), -997);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BURSTABLE, false, 4000000000, 8000000000), 500);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BURSTABLE, false, 7999999999, 8000000000), 3);
	cr_expect_eq(k8s_oom_score_adj(20, K8S_BEST_EFFORT, true, U, 4000000000), -997);
}

/* K8S-QOS-02, and the floor of before 1.20. */
Test(k8s, adj_of_the_documentation)
{
	cr_expect_eq(k8s_oom_score_adj(32, K8S_BURSTABLE, false, GI, 10 * GI), 900);
	cr_expect_eq(k8s_oom_score_adj(32, K8S_BURSTABLE, false, 9 * GI, 10 * GI), 100);
	cr_expect_eq(k8s_oom_score_adj(32, K8S_BURSTABLE, false, 0, 10 * GI), 999);
	cr_expect_eq(k8s_oom_score_adj(32, K8S_BURSTABLE, false, 1, 10 * GI), 999);
	cr_expect_eq(k8s_oom_score_adj(19, K8S_GUARANTEED, false, GI, 10 * GI), -998);
	cr_expect_eq(k8s_oom_score_adj(19, K8S_BURSTABLE, false, 10 * GI, 10 * GI), 2);
	cr_expect_eq(k8s_oom_score_adj(32, K8S_BURSTABLE, false, INT64_MAX, 10 * GI), 3);
}

/* K8S-QOS-04. */
Test(k8s, qos_classes)
{
	const struct k8s_resources full = { GI, GI, 500, 500 }, none = { U, U, U, U }, memory = { GI, GI, U, U };
	struct k8s_resources limits = { U, GI, U, 500 }, zero = { 0, 0, 0, 0 };
	const struct k8s_resources two[] = { full, none }, both[] = { full, full }, uneven = { GI, 2 * GI, 500, 500 };

	cr_expect_eq(k8s_qos(&full, 1), K8S_GUARANTEED);
	cr_expect_eq(k8s_qos(both, 2), K8S_GUARANTEED);
	cr_expect_eq(k8s_qos(two, 2), K8S_BURSTABLE);
	cr_expect_eq(k8s_qos(&memory, 1), K8S_BURSTABLE, "the CPU is not limited");
	cr_expect_eq(k8s_qos(&uneven, 1), K8S_BURSTABLE);
	cr_expect_eq(k8s_qos(&none, 1), K8S_BEST_EFFORT);
	cr_expect_eq(k8s_qos(&zero, 1), K8S_BEST_EFFORT);
	cr_expect_eq(k8s_qos(&limits, 1), K8S_BURSTABLE, "before defaulting");
	k8s_default_requests(&limits);
	cr_expect_eq(k8s_qos(&limits, 1), K8S_GUARANTEED);
	cr_expect_str_eq(k8s_qos_name(K8S_BEST_EFFORT), "BestEffort");
}

Test(k8s, oom_group)
{
	cr_expect(k8s_oom_group(28, 2, false));
	cr_expect_not(k8s_oom_group(27, 2, false));
	cr_expect_not(k8s_oom_group(28, 1, false));
	cr_expect(k8s_oom_group(31, 2, true), "the setting came with 1.32");
	cr_expect_not(k8s_oom_group(32, 2, true));
}

/* K8S-EV-10: 10Gi, 500Mi, 1.5Gi; pods may use 10Gi - 1.5Gi - 500Mi as they are scheduled. */
Test(k8s, allocatable)
{
	struct k8s_node n = { 10 * GI, 0, 3 * GI / 2, 500 * MI };

	cr_expect_eq(k8s_allocatable(&n), 10 * GI - 3 * GI / 2 - 500 * MI);
	cr_expect_eq(k8s_kubepods_limit(&n), 10 * GI - 3 * GI / 2);
	cr_expect_eq(n.capacity - n.eviction_hard, 10213130240);
	n.kube_reserved = 20 * GI;
	cr_expect_eq(k8s_allocatable(&n), 0);
	/* K8S-EV-14: reserved = capacity - 300Mi, threshold 250Mi: 50Mi are left. */
	n = (struct k8s_node){ 4 * GI, 4 * GI - 300 * MI, 0, 250 * MI };
	cr_expect_eq(k8s_allocatable(&n), 50 * MI);
	cr_expect_eq(k8s_memory_available(10 * GI, 4 * GI, GI), 7 * GI);
}

static int by_order(const void *a, const void *b)
{
	return k8s_eviction_order(a, b);
}

/* K8S-EV-01 and K8S-EV-03. */
Test(k8s, eviction_order)
{
	const struct k8s_pod_usage exceeds = { 100, 101, 1 }, below = { 200, 199, -1 }, low = { 100, 101, 0 };
	struct k8s_pod_usage six[] = { { 1024, 200, 0 }, { 0, 500, 0 }, { 100, 300, 0 }, { 1024, 800, 0 }, { 0, 300, 0 }, { 100, 800, 0 } };
	static const int64_t over[] = { 700, 500, 300, 200, -224, -824 };

	cr_expect_lt(k8s_eviction_order(&exceeds, &below), 0);
	cr_expect_gt(k8s_eviction_order(&below, &exceeds), 0);
	cr_expect_lt(k8s_eviction_order(&low, &exceeds), 0);
	cr_expect_eq(k8s_eviction_order(&low, &low), 0);
	qsort(six, ARRAY_LEN(six), sizeof(six[0]), by_order);
	for (size_t i = 0; i < ARRAY_LEN(six); i++)
		cr_expect_eq(six[i].usage - six[i].request, over[i], "%zu", i);
}

Test(k8s, crash_loop_back_off)
{
	static const unsigned want[] = { 0, 10, 20, 40, 80, 160, 300, 300 };

	for (unsigned i = 0; i < ARRAY_LEN(want); i++)
		cr_expect_eq(k8s_crash_loop_back_off(i + 1), want[i]);
}
