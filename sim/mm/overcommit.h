/* SPDX-License-Identifier: GPL-3.0-or-later */
/* __vm_enough_memory() and CommitLimit (mm/util.c; specification F). */
#ifndef OOMSIM_MM_OVERCOMMIT_H
#define OOMSIM_MM_OVERCOMMIT_H

#include "sim/core/units.h"

struct world;
struct process;
struct mm;

/* Account `pages` to Committed_AS if the mode allows it; 0, or ENOMEM (and an overcommit_refused event). */
int vm_enough_memory(struct world *w, const struct process *p, const struct mm *mm, uint64_t pages);
void vm_unacct_memory(struct world *w, uint64_t pages);
uint64_t vm_commit_limit(const struct world *w);

#endif
