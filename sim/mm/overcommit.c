/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be promised: the three modes of vm.overcommit_memory (mm/util.c:__vm_enough_memory; specification F). */
#include "sim/mm/overcommit.h"
#include "sim/mm/page_alloc.h"
#include "sim/world/engine.h"

#include <errno.h>

enum { OVERCOMMIT_GUESS, OVERCOMMIT_ALWAYS, OVERCOMMIT_NEVER };

static uint64_t kB_to_pages(const struct world *w, int64_t kB)
{
	return (uint64_t)kB / w->mm.page_kB;
}

uint64_t vm_commit_limit(const struct world *w)
{
	uint64_t ram = w->sysctl.overcommit_kbytes ? kB_to_pages(w, w->sysctl.overcommit_kbytes)
						   : u64_muldiv(w->mm.totalram, (uint64_t)w->sysctl.overcommit_ratio, 100);

	return ram + w->swap.total;
}

static bool never_allows(const struct world *w, const struct process *p, const struct mm *mm, int64_t *ret_limit)
{
	int64_t allowed = (int64_t)vm_commit_limit(w);

	if (!(p->capabilities & CAP_SYS_ADMIN_BIT))
		allowed -= (int64_t)kB_to_pages(w, w->sysctl.admin_reserve_kbytes);
	if (mm)
		allowed -= (int64_t)u64_min(mm->total_vm / 32, kB_to_pages(w, w->sysctl.user_reserve_kbytes));
	*ret_limit = allowed;
	return w->mm.committed < allowed;
}

int vm_enough_memory(struct world *w, const struct process *p, const struct mm *mm, uint64_t pages)
{
	int64_t limit = (int64_t)(w->mm.totalram + w->swap.total);
	bool ok;

	w->mm.committed += (int64_t)pages;
	switch (w->sysctl.overcommit_memory) {
	case OVERCOMMIT_ALWAYS:
		return 0;
	case OVERCOMMIT_GUESS: /* >= 5.2: only what can never fit is refused */
		ok = (int64_t)pages <= limit;
		break;
	default:
		ok = never_allows(w, p, mm, &limit);
	}
	if (ok)
		return 0;
	w->mm.committed -= (int64_t)pages;
	world_event(w, EV_OVERCOMMIT_REFUSED, p, (int64_t)pages, w->mm.committed, limit, 0);
	return ENOMEM;
}

void vm_unacct_memory(struct world *w, uint64_t pages)
{
	w->mm.committed -= (int64_t)pages;
}
