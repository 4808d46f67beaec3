/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Init containers of a pod, as the kubelet and kubectl see them (pkg/printers/internalversion/printers.go, printPod). */
#include "sim/proc/kubelet.h"

#include <stdio.h>
#include <string.h>

const struct kubelet_container *kubelet_unfinished(const struct kubelet_pod *p)
{
	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		const struct kubelet_container *c = &p->container[i];

		if (c->cfg->init && !(c->begun && c->r.state == KUBE_TERMINATED && !c->r.exit_code))
			return c;
	}
	return NULL;
}

/* printPod(): Init:N/M while init container N of M waits or runs, else what is wrong with it. */
const char *kubelet_init_status(struct kubelet_pod *p, const struct kubelet_container *c)
{
	unsigned n = 0, done = 0;
	char text[40];

	for (size_t i = 0; i < p->cfg->ncontainer; i++) {
		n += p->cfg->container[i].init || p->cfg->container[i].sidecar;
		done += p->container + i < c && (p->cfg->container[i].init || p->cfg->container[i].sidecar);
	}
	if (c->begun && c->r.state != KUBE_RUNNING)
		snprintf(text, sizeof(text), "Init:%s", c->r.reason);
	else
		snprintf(text, sizeof(text), "Init:%u/%u", done, n);
	if (strcmp(text, p->init_status[p->init_turn])) {
		p->init_turn = !p->init_turn; /* what was told is compared by its address */
		snprintf(p->init_status[p->init_turn], sizeof(p->init_status[0]), "%s", text);
	}
	return p->init_status[p->init_turn];
}
