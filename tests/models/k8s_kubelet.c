/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The eviction manager's rules, with numbers worked by hand; those of the kubelet's own tests are in tests/conformance. */
#include <criterion/criterion.h>
#include <string.h>

#include "models/k8s/k8s_kubelet.h"

#define R   (&k8s_kubelet_rules)
#define MI  (INT64_C(1) << 20)
#define SEC NS_PER_SEC

static const struct eviction_amount none;

/* One pass at `at` seconds with so many MiB available of 1000. */
static int pass(const struct eviction_threshold *t, size_t n, struct eviction_state *s, sim_ns at, int64_t available)
{
	const struct eviction_observation o[SIGNAL_COUNT] = { { available * MI, 1000 * MI }, { 1000 * MI, 1000 * MI } };

	return R->sync(t, n, 300 * SEC, o, at * SEC, s);
}

Test(k8s_kubelet, thresholds_in_order)
{
	const struct eviction_amount hard = { .bytes = 100 * MI }, soft = { .ppm = 200000 };
	struct eviction_threshold t[KUBE_THRESHOLDS];

	cr_assert_eq(k8s_thresholds(&hard, &soft, 90 * SEC, &none, true, t), 3);
	cr_expect_eq(t[0].signal, SIGNAL_MEMORY);
	cr_expect_eq(t[0].grace, 0);
	cr_expect_eq(t[1].grace, 90 * SEC);
	cr_expect_eq(t[2].signal, SIGNAL_ALLOCATABLE);
	cr_expect_eq(k8s_thresholds(&none, &soft, 90 * SEC, &none, true, t), 1);
	cr_expect_eq(k8s_thresholds(&none, &none, 0, &none, true, t), 0);
	cr_expect_eq(k8s_thresholds(&hard, &soft, 90 * SEC, &none, false, t), 2);
	cr_expect_eq(R->quantity(&soft, 1000 * MI), 200 * MI);
	cr_expect_eq(R->quantity(&hard, 1000 * MI), 100 * MI);
}

/* Below, not at, the threshold; the condition stays for 300 s after the last time. */
Test(k8s_kubelet, hard_threshold_and_transition)
{
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .bytes = 100 * MI }, { 0 }, 0 };
	struct eviction_state s = { 0 };

	cr_expect_eq(pass(&t, 1, &s, 10, 100), -1);
	cr_expect_not(s.pressure);
	cr_expect_eq(pass(&t, 1, &s, 20, 99), 0);
	cr_expect(s.pressure);
	cr_expect_eq(pass(&t, 1, &s, 30, 100), -1);
	cr_expect_eq(pass(&t, 1, &s, 319, 500), -1);
	cr_expect(s.pressure, "299 s after the last");
	cr_expect_eq(pass(&t, 1, &s, 320, 500), -1);
	cr_expect_not(s.pressure);
}

/* A soft threshold drives evictions once it has been met for its whole grace; an interruption starts it anew. */
Test(k8s_kubelet, soft_grace)
{
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .bytes = 200 * MI }, { 0 }, 60 * SEC };
	struct eviction_state s = { 0 };

	cr_expect_eq(pass(&t, 1, &s, 10, 150), -1);
	cr_expect(s.pressure, "at once, whatever the grace");
	cr_expect_eq(pass(&t, 1, &s, 60, 150), -1);
	cr_expect_eq(pass(&t, 1, &s, 70, 150), 0);
	cr_expect_eq(pass(&t, 1, &s, 80, 250), -1);
	cr_expect_eq(pass(&t, 1, &s, 90, 150), -1);
	cr_expect_eq(pass(&t, 1, &s, 149, 150), -1);
	cr_expect_eq(pass(&t, 1, &s, 150, 150), 0);
}

/* A share of the capacity, 10 % of 1000 MiB, and 5 % more to be reclaimed once it was met. */
Test(k8s_kubelet, minimum_reclaim)
{
	const struct eviction_threshold t = { SIGNAL_MEMORY, { .ppm = 100000 }, { .ppm = 50000 }, 0 };
	struct eviction_state s = { 0 };

	cr_expect_eq(pass(&t, 1, &s, 10, 120), -1);
	cr_expect_eq(pass(&t, 1, &s, 20, 99), 0);
	cr_expect_eq(pass(&t, 1, &s, 30, 149), 0);
	cr_expect_eq(pass(&t, 1, &s, 40, 150), -1);
	cr_expect_eq(pass(&t, 1, &s, 50, 149), -1);
}

Test(k8s_kubelet, grace_by_version)
{
	/* hard: at once; then, by mistake, the pod's own; then one second */
	cr_expect_eq(R->grace(21, true, 0, 30), 0);
	cr_expect_eq(R->grace(22, true, 0, 30), 30);
	cr_expect_eq(R->grace(30, true, 600, 30), 30);
	cr_expect_eq(R->grace(31, true, 600, 30), 1);
	/* soft: evictionMaxPodGracePeriod; since 1.32 the pod's own if that is shorter; 0 counts as not given from 1.22 on */
	cr_expect_eq(R->grace(21, false, 60, 30), 60);
	cr_expect_eq(R->grace(21, false, 0, 30), 0);
	cr_expect_eq(R->grace(28, false, 60, 30), 60);
	cr_expect_eq(R->grace(32, false, 60, 30), 30);
	cr_expect_eq(R->grace(32, false, 10, 30), 10);
	cr_expect_eq(R->grace(32, false, 0, 30), 30);
	cr_expect_eq(R->grace(32, false, 0, 0), 1);
}

Test(k8s_kubelet, usage_of_the_root)
{
	/* 1000 in all, 300 free, 200 anonymous, 350 of files: 150 are the kernel's */
	cr_expect_eq(R->root_usage(32, 2, 1000, 300, 200, 350), 550);
	cr_expect_eq(R->root_usage(28, 2, 1000, 300, 200, 350), 700);
	cr_expect_eq(R->root_usage(28, 1, 1000, 300, 200, 350), 550);
	/* active file pages count as used: of the 350 only 50 are inactive */
	cr_expect_eq(R->available(1000, 550, 50), 500);
}

Test(k8s_kubelet, messages)
{
	const struct eviction_container c[] = { { "app", "64Mi", 64 * MI, 80 * MI }, { "log", "10Mi", 10 * MI, 10 * MI },
						{ "side", "0", 0, 3333 * 1024 } };
	const struct eviction_text t = { 100 * MI, 72312 * 1024, c, 3 };
	char s[KUBE_TEXT_LEN];

	R->message(32, &t, s);
	cr_expect_str_eq(s, "The node was low on resource: memory. Threshold quantity: 100Mi, available: 72312Ki. "
			    "Container app was using 80Mi, request is 64Mi, has larger consumption of memory. "
			    "Container side was using 3333Ki, request is 0, has larger consumption of memory. ");
	R->message(24, &t, s);
	cr_expect_str_eq(s, "The node was low on resource: memory. Container app was using 80Mi, which exceeds its request of 64Mi. "
			    "Container side was using 3333Ki, which exceeds its request of 0. ");
}

static const char *text(int version, enum kube_text what)
{
	static char s[KUBE_TEXT_LEN];
	const struct kube_subject of = { "app", "web-1", "shop", UINT64_C(0x0123456789abcdef) };

	R->text(version, what, &of, s);
	return s;
}

Test(k8s_kubelet, texts_by_version)
{
	cr_expect_str_eq(text(31, TEXT_CREATED), "Created container app");
	cr_expect_str_eq(text(32, TEXT_CREATED), "Created container: app");
	cr_expect_str_eq(text(32, TEXT_STARTED), "Started container app");
	cr_expect_str_eq(text(35, TEXT_CREATED), "Container created");
	cr_expect_str_eq(text(35, TEXT_STARTED), "Container started");
	cr_expect_str_eq(text(25, TEXT_BACK_OFF), "Back-off restarting failed container");
	cr_expect_str_eq(text(26, TEXT_BACK_OFF), "Back-off restarting failed container app in pod web-1_shop(01234567-89ab-4cde-8def-456789abcdef)");
	cr_expect(strstr(text(23, TEXT_TAINT), "had taint {node.kubernetes.io/memory-pressure: }, that the pod didn't tolerate."));
	cr_expect(strstr(text(24, TEXT_TAINT), "had untolerated taint {node.kubernetes.io/memory-pressure: }."));
	cr_expect_str_eq(text(32, TEXT_PRESSURE), "The node had condition: [MemoryPressure]. ");
	cr_expect_str_eq(text(26, TEXT_REJECTED), "Pod The node had condition: [MemoryPressure]. ");
	cr_expect_str_eq(text(27, TEXT_REJECTED), "Pod was rejected: The node had condition: [MemoryPressure]. ");
}

Test(k8s_kubelet, long_messages_are_cut)
{
	struct eviction_container c[40];
	const struct eviction_text t = { 1, 0, c, 40 };
	char s[KUBE_TEXT_LEN];

	for (size_t i = 0; i < 40; i++)
		c[i] = (struct eviction_container){ "container-with-a-long-name", "0", 0, MI };
	R->message(32, &t, s);
	cr_expect_eq(strlen(s), KUBE_TEXT_LEN - 1);
}

Test(k8s_kubelet, quantities)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} q[] = { { 0, "0" }, { 1, "1" }, { 1024, "1Ki" }, { 64 * MI, "64Mi" }, { 1536 * MI, "1536Mi" }, { 128000000, "128M" },
		  { INT64_C(1) << 40, "1Ti" }, { 1000, "1k" }, { 1023, "1023" } };
	char s[24];

	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		k8s_quantity_text(q[i].bytes, s);
		cr_expect_str_eq(s, q[i].text);
	}
}

Test(k8s_kubelet, names)
{
	char s[16];

	R->suffix(0, 5, s);
	cr_expect_str_eq(s, "bbbbb");
	R->suffix(26 + 27 * 1, 3, s); /* digits to the base 27, the lowest first */
	cr_expect_str_eq(s, "9cb");
	R->template_hash(90, s); /* '9' is 57, 57 % 27 = 3: f; '0' is 48, 48 % 27 = 21: 4 */
	cr_expect_str_eq(s, "f4");
}

Test(k8s_kubelet, budgets)
{
	cr_expect_eq(k8s_budget_desired(3, 2, false, false), 2);
	cr_expect_eq(k8s_budget_desired(3, 50, true, false), 2); /* 1.5 rounded up */
	cr_expect_eq(k8s_budget_desired(3, 1, false, true), 2);
	cr_expect_eq(k8s_budget_desired(3, 50, true, true), 1); /* 2 may be missing */
	cr_expect_eq(k8s_budget_desired(3, 5, false, true), 0);
}

Test(k8s_kubelet, daemons_wait_longer_each_time)
{
	static const unsigned want[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900 };

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		cr_expect_eq(R->daemon_back_off(i + 1), want[i]);
}
