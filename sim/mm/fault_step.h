/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside a page fault: what fault.c, which finds out the kind, and the files of the kinds have in common. */
#ifndef OOMSIM_MM_FAULT_STEP_H
#define OOMSIM_MM_FAULT_STEP_H

#include "sim/mm/fault.h"

/* What a step of a fault asks its caller to do next. */
enum step { DONE, AGAIN, DYING };

struct fault {
	struct world *w;
	struct task *t;
	struct vma *v;
	uint64_t idx;
	bool write, major;
	bool refault; /* on memory that had been evicted */
};

/* ---- fault.c ---- */

/* Is the entry no longer what the fault found before it slept? */
bool fault_changed(const struct fault *f, pte_t seen);
/* The entry now maps p, just accessed. */
void fault_map_page(struct fault *f, pfn_t p, bool wp);
/* Pages of a locked mapping leave the normal lists. */
void fault_lock_page(struct fault *f, pfn_t p);

/* ---- the kinds ---- */

enum step anon_fault(struct fault *f);         /* fault_anon.c: a page that was never there */
enum step wp_fault(struct fault *f, pte_t e);   /* fault_anon.c: a write to one that is read-only */
enum step swap_fault(struct fault *f, pte_t e); /* fault_swap.c */
enum step file_fault(struct fault *f);         /* fault_file.c */
enum step shmem_fault(struct fault *f);        /* fault_file.c */

#endif
