/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pods of several containers, Memory QoS and swap: values worked by hand from the sources that the rules name. */
#include <criterion/criterion.h>

#include "models/k8s/k8s.h"
#include "sim/core/units.h"

#define MI (INT64_C(1) << 20)
#define U  K8S_UNSET
#define NOTHING                                                                                                        \
	{                                                                                                              \
		U, U, U, U                                                                                             \
	}

static struct k8s_pod pod(const struct k8s_resources *r, const enum k8s_role *role, size_t n)
{
	return (struct k8s_pod){ .container = r, .role = role, .n = n, .own = NOTHING };
}

/* The example of keps/sig-node/753-sidecar-containers, in one resource: an init container runs beside the sidecars before it. */
Test(k8s_pod, requests)
{
	const struct k8s_resources r[] = {
		{ 50, U, U, U }, { 10, U, U, U }, { 100, U, U, U }, { 30, U, U, U }, { 20, U, U, U }
	};
	const enum k8s_role init_first[] = { K8S_INIT, K8S_SIDECAR, K8S_INIT, K8S_REGULAR, K8S_REGULAR };
	const enum k8s_role small[] = { K8S_SIDECAR, K8S_SIDECAR, K8S_SIDECAR, K8S_REGULAR, K8S_REGULAR };
	struct k8s_pod p = pod(r, init_first, 5);

	cr_expect_eq(k8s_pod_request(&p), 110, "the second init container beside the sidecar");
	p.overhead = 7;
	cr_expect_eq(k8s_pod_request(&p), 117);
	p = pod(r, small, 5);
	cr_expect_eq(k8s_pod_request(&p), 210, "all run together");
	p = pod(r, init_first, 2);
	cr_expect_eq(k8s_pod_request(&p), 50, "the init container is over before the sidecar starts");
}

Test(k8s_pod, limits)
{
	const struct k8s_resources two[] = { { U, 100, U, U }, { U, 50, U, U } },
				   one[] = { { U, 100, U, U }, { 9, U, U, U } };
	const struct k8s_resources huge[] = { { U, INT64_MAX - 1, U, U }, { U, INT64_MAX - 1, U, U } };
	const enum k8s_role regular[2] = { K8S_REGULAR, K8S_REGULAR }, init[2] = { K8S_INIT, K8S_REGULAR },
			    init_last[2] = { K8S_REGULAR, K8S_INIT };
	struct k8s_pod p = pod(two, regular, 2);

	cr_expect_eq(k8s_pod_limit(&p), 150);
	p.overhead = 5;
	cr_expect_eq(k8s_pod_limit(&p), 155);
	p = pod(two, init, 2);
	cr_expect_eq(k8s_pod_limit(&p), 100, "one after the other");
	p = pod(one, regular, 2);
	cr_expect_eq(k8s_pod_limit(&p), K8S_UNLIMITED);
	p.overhead = 5;
	cr_expect_eq(k8s_pod_limit(&p), K8S_UNLIMITED);
	p = pod(one, init_last, 2);
	cr_expect_eq(k8s_pod_limit(&p), K8S_UNLIMITED, "an init container without a limit is without one, too");
	p = pod(huge, regular, 2);
	cr_expect_eq(k8s_pod_limit(&p), INT64_MAX);
	p = pod(NULL, NULL, 0);
	cr_expect_eq(k8s_pod_limit(&p), K8S_UNLIMITED);
}

/* spec.resources, 1.32. */
Test(k8s_pod, own_resources)
{
	const struct k8s_resources r[] = { { 10, U, 100, U }, { U, 30, U, U } };
	const enum k8s_role regular[2] = { K8S_REGULAR, K8S_REGULAR };
	struct k8s_pod p = pod(r, regular, 2);

	k8s_default_pod_requests(&p);
	cr_expect_eq(p.own.memory_request, U, "nothing to default");
	p.own.memory_limit = 100;
	cr_expect_eq(k8s_pod_limit(&p), 100);
	cr_expect_eq(k8s_container_limit(&p, 0), 100, "as far as the pod's");
	cr_expect_eq(k8s_container_limit(&p, 1), 30);
	k8s_default_pod_requests(&p);
	cr_expect_eq(p.own.memory_request, 10, "what the containers request");
	cr_expect_eq(p.own.cpu_request, 100);
	cr_expect_eq(k8s_pod_qos(&p), K8S_BURSTABLE);

	p.own = (struct k8s_resources){ U, 100, U, 500 };
	p.container = (const struct k8s_resources[]){ NOTHING, NOTHING };
	k8s_default_pod_requests(&p);
	cr_expect_eq(p.own.memory_request, 100);
	cr_expect_eq(k8s_pod_qos(&p), K8S_GUARANTEED, "the pod's own decide alone");
	cr_expect_eq(k8s_pod_request(&p), 100);
}

/* remainingPodMemReqPerContainer(): the rest is shared evenly. A sidecar counts at least as much as the smallest container. */
Test(k8s_pod, adj_requests)
{
	const struct k8s_resources r[] = { { 10, U, U, U }, { 50, U, U, U }, { 40, U, U, U } };
	const enum k8s_role role[] = { K8S_SIDECAR, K8S_REGULAR, K8S_REGULAR };
	struct k8s_pod p = pod(r, role, 3);

	cr_expect_eq(k8s_adj_request(32, &p, 0), 40);
	cr_expect_eq(k8s_adj_request(28, &p, 0), 10, "sidecars count since 1.29");
	cr_expect_eq(k8s_adj_request(32, &p, 1), 50);
	p.own.memory_request = 160; /* 60 more than the containers */
	cr_expect_eq(k8s_adj_request(32, &p, 0), 60);
	cr_expect_eq(k8s_adj_request(32, &p, 1), 70);
}

/* K8S-MQ-01, K8S-MQ-02, K8S-MQ-03. */
Test(k8s_memory, high)
{
	static const int64_t request[] = { 500, 800, 1000, 500, 850, 500 };
	static const unsigned factor[] = { 600, 600, 600, 800, 800, 400 };
	static const int64_t old[] = { 600, 0, 0, 800, 0, 0 }, now[] = { 800, 920, 0, 900, 970, 700 }; /* 0: none */

	for (int64_t r = 0; r < 1000; r += 100)
		cr_expect_eq(k8s_memory_high(27, r * MI, 1000 * MI, 0, 900, MI), (900 + r / 10) * MI);
	cr_expect_eq(k8s_memory_high(27, 1000 * MI, 1000 * MI, 0, 900, MI), K8S_UNLIMITED);
	for (size_t i = 0; i < ARRAY_LEN(request); i++) {
		cr_expect_eq(k8s_memory_high(22, request[i] * MI, 1000 * MI, 0, factor[i], 4096),
			     old[i] ? old[i] * MI : K8S_UNLIMITED, "old %zu", i);
		cr_expect_eq(k8s_memory_high(27, request[i] * MI, 1000 * MI, 0, factor[i], 4096),
			     now[i] ? now[i] * MI : K8S_UNLIMITED, "new %zu", i);
	}
	cr_expect_eq(k8s_memory_high(22, 134217728, 268435456, 0, 800, 4096), 214748364);
	cr_expect_eq(k8s_memory_high(22, 134217728, U, 1000000000, 800, 4096), 800000000);
	cr_expect_eq(k8s_memory_high(22, 800, 1000, 0, 800, 1), K8S_UNLIMITED, "not above the request");
	cr_expect_eq(k8s_memory_high(32, 4096, 3 * 4096, 0, 900, 4096), 2 * 4096, "whole pages: 2.8");
}

/* BestEffort: 1.22 has a share of allocatable, 1.27 to 1.36 take "no request, no limit" for equal, 1.37 has it again. */
Test(k8s_memory, high_of_best_effort)
{
	cr_expect_eq(k8s_memory_high(22, U, U, 1000 * MI, 800, 4096), 800 * MI);
	cr_expect_eq(k8s_memory_high(27, U, U, 1000 * MI, 900, 4096), K8S_UNLIMITED);
	cr_expect_eq(k8s_memory_high(36, U, U, 1000 * MI, 900, 4096), K8S_UNLIMITED);
	cr_expect_eq(k8s_memory_high(37, U, U, 1000 * MI, 900, 4096), 900 * MI);
	cr_expect_eq(k8s_memory_high(37, 0, 1000 * MI, 0, k8s_throttling_factor(37), 4096), K8S_UNLIMITED,
		     "off unless it is set");
	cr_expect_eq(k8s_throttling_factor(26), 800);
	cr_expect_eq(k8s_throttling_factor(36), 900);
	cr_expect_eq(k8s_memory_high(21, 0, 1000 * MI, 0, 900, 4096), K8S_UNLIMITED);
}

Test(k8s_memory, protection)
{
	cr_expect_eq(k8s_protection(22, false, K8S_GUARANTEED), K8S_PROTECT_MIN);
	cr_expect_eq(k8s_protection(35, false, K8S_BURSTABLE), K8S_PROTECT_MIN);
	cr_expect_eq(k8s_protection(36, false, K8S_GUARANTEED), K8S_PROTECT_NOT);
	cr_expect_eq(k8s_protection(36, true, K8S_GUARANTEED), K8S_PROTECT_MIN);
	cr_expect_eq(k8s_protection(36, true, K8S_BURSTABLE), K8S_PROTECT_LOW);
	cr_expect_eq(k8s_protection(36, true, K8S_BEST_EFFORT), K8S_PROTECT_NOT);
}

/* K8S-SW-01. */
Test(k8s_memory, limited_swap)
{
	const int64_t GB = 1000000000;

	cr_expect_eq(k8s_swap_limit(K8S_BURSTABLE, 20 * GB, U, 40 * GB, 38 * GB), 19 * GB);
	cr_expect_eq(k8s_swap_limit(K8S_BURSTABLE, 10 * GB, U, 40 * GB, 38 * GB), 9500000000);
	cr_expect_eq(k8s_swap_limit(K8S_BURSTABLE, 10 * GB, 10 * GB, 40 * GB, 38 * GB), 0);
	cr_expect_eq(k8s_swap_limit(K8S_GUARANTEED, 10 * GB, U, 40 * GB, 38 * GB), 0);
	cr_expect_eq(k8s_swap_limit(K8S_BURSTABLE, 41 * GB, U, 40 * GB, 38 * GB), 0);
}

Test(k8s_memory, swap_by_version)
{
	static const struct {
		int version;
		enum k8s_swap behavior;
		bool critical;
		int64_t request, limit, want;
	} row[] = {
		{ 21, K8S_SWAP_UNSET, false, 10, 50, 0 },
		{ 21, K8S_SWAP_UNSET, false, 10, U, K8S_UNLIMITED },
		{ 22, K8S_LIMITED_SWAP, false, 10, 50, 0 },
		{ 27, K8S_LIMITED_SWAP, false, 10, U, K8S_UNLIMITED },
		{ 27, K8S_UNLIMITED_SWAP, false, 10, 50, K8S_UNLIMITED },
		{ 28, K8S_LIMITED_SWAP, false, 10, 50, 20 },
		{ 31, K8S_LIMITED_SWAP, true, 10, 50, 20 },
		{ 32, K8S_LIMITED_SWAP, true, 10, 50, 0 },
		{ 32, K8S_LIMITED_SWAP, false, 10, U, 20 },
		{ 32, K8S_NO_SWAP, false, 10, U, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		const struct k8s_resources r = { row[i].request, row[i].limit, U, U };

		cr_expect_eq(k8s_container_swap(row[i].version, row[i].behavior, row[i].critical, K8S_BURSTABLE, &r,
						100, 200),
			     row[i].want, "%zu", i);
	}
}
