/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the collector keeps of processes, and of thrashing. */
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/collect.h"

/* Where pid is in the list, or belongs. */
static size_t place_of(const struct collect *c, int32_t pid)
{
	size_t lo = 0, hi = c->ntask;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->task[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool make_room(struct collect *c)
{
	size_t want = c->task_cap ? 2 * c->task_cap : 16;
	void *p;

	if (c->ntask < c->task_cap)
		return true;
	p = realloc(c->task, want * sizeof(*c->task));
	if (!p)
		return false;
	c->task = p;
	c->task_cap = want;
	return true;
}

int collect_take_task(struct collect *c, const struct rec_task *r)
{
	size_t i = place_of(c, r->pid);
	struct collect_task *t;

	if (i == c->ntask || c->task[i].pid != r->pid) {
		if (!make_room(c))
			return SIM_ENOMEM;
		memmove(&c->task[i + 1], &c->task[i], (c->ntask++ - i) * sizeof(*c->task));
	}
	t = &c->task[i];
	*t = (struct collect_task){ .pid = r->pid, .work_pages = r->work_pages, .acct = r->acct };
	memcpy(t->comm, r->comm, sizeof(t->comm));
	return SIM_OK;
}

void collect_take_thrashing(struct collect *c, const struct rec_sample *r)
{
	const struct rec_acct *before = c->has_last ? &c->last.acct : NULL;
	uint32_t index = thrashing_index(&r->acct, before);
	sim_ns d = r->t_ns - (c->has_last ? c->last.t_ns : 0);

	if (index > c->peak_thrashing) {
		c->peak_thrashing = index;
		c->peak_thrashing_ns = r->t_ns;
	}
	c->thrashing_ns += u64_muldiv(d, index, 10000);
	if (index >= COLLECT_THRASHING)
		c->thrashed_ns += d;
}

uint32_t collect_thrashing_index(const struct collect *c)
{
	return c->last.t_ns ? (uint32_t)u64_muldiv(c->thrashing_ns, 10000, c->last.t_ns) : 0;
}
