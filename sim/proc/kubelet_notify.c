/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernelMemcgNotification: the kernel tells the kubelet when usage crosses what a threshold comes to, and the kubelet looks at once
 * (pkg/kubelet/eviction/memory_threshold_notifier.go). With cgroup v1 alone: an eventfd on memory.usage_in_bytes, whose
 * level is set anew every 10 s, since the inactive file pages that count in usage and not in the working set change.
 * Here usage is looked at every POLL, which stands for the event.
 */
#include "sim/proc/kubelet.h"
#include "sim/world/engine.h"

#define POLL    (10 * NS_PER_MS)
#define REFRESH (10 * NS_PER_SEC)

static void set_levels(struct world *w)
{
	struct kubelet *k = w->kubelet;

	k->levels_set = w->now;
	for (size_t i = 0; i < k->cfg->nthreshold; i++) {
		const struct eviction_threshold *t = &k->cfg->threshold[i];
		struct kubelet_usage u = kubelet_usage(w, t->signal);

		k->level[i] = u.capacity - k->cfg->rules->quantity(&t->value, u.capacity) + u.inactive_file;
		k->above[i] = u.usage > k->level[i];
	}
}

/* An eventfd fires in both directions. */
static bool crossed(struct world *w)
{
	struct kubelet *k = w->kubelet;
	bool any = false;

	for (size_t i = 0; i < k->cfg->nthreshold; i++) {
		bool above = kubelet_usage(w, k->cfg->threshold[i].signal).usage > k->level[i];

		any |= above != k->above[i];
		k->above[i] = above;
	}
	return any;
}

void kubelet_notify(struct world *w, void *arg)
{
	struct kubelet *k = w->kubelet;

	(void)arg;
	evq_arm(w->evq, k->notify, w->now + POLL, EVC_TIMER);
	if (w->now - k->levels_set >= REFRESH)
		set_levels(w);
	else if (crossed(w) && !k->waiting)
		kubelet_synchronize(w);
}

int kubelet_notify_init(struct world *w)
{
	struct kubelet *k = w->kubelet;

	if (!k->cfg->memcg_notification)
		return SIM_OK;
	k->notify = world_slot_new(w, kubelet_notify, NULL);
	if (k->notify < 0)
		return SIM_ENOMEM;
	set_levels(w);
	evq_arm(w->evq, k->notify, POLL, EVC_TIMER);
	return SIM_OK;
}
