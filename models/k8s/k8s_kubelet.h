/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the kubelet's eviction manager and of what surrounds it; see struct kubelet_rules. */
#ifndef OOMSIM_MODELS_K8S_KUBELET_H
#define OOMSIM_MODELS_K8S_KUBELET_H

#include "models/k8s/k8s.h"
#include "sim/world/kubelet.h"

#define K8S_SYSTEM_CRITICAL      INT64_C(2000000000) /* priorities from here on are never evicted */
#define K8S_NODE_CRITICAL_VALUE  INT64_C(2000001000) /* system-node-critical */

extern const struct kubelet_rules k8s_kubelet_rules;

/* A number of bytes as resource.Quantity prints it: "128Mi", "225800Ki", "128M"; of the binary and the decimal form the shorter. */
void k8s_quantity_text(int64_t bytes, char ret[24]);
/* The thresholds of a kubelet from evictionHard and evictionSoft; 0 bytes and ppm: none. As ParseThresholdConfig() orders them:
 * hard, soft, and the hard one again for what is allocatable, if that is enforced for pods. Returns how many. */
size_t k8s_thresholds(const struct eviction_amount *hard, const struct eviction_amount *soft, sim_ns soft_grace,
		      const struct eviction_amount *min_reclaim, bool enforce_pods, struct eviction_threshold ret[KUBE_THRESHOLDS]);
/* Healthy pods that a budget wants of `expected`: an amount, or a share in percent rounded up. unavailable: it says maxUnavailable. */
unsigned k8s_budget_desired(unsigned expected, int64_t value, bool percent, bool unavailable);

#endif
