/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults (mm/memory.c, mm/filemap.c:filemap_fault) and the population of mappings. */
#ifndef OOMSIM_MM_FAULT_H
#define OOMSIM_MM_FAULT_H

#include "sim/mm/vma.h"

enum fault_result { FAULT_OK, FAULT_KILLED, FAULT_SEGV };

/* t accesses page idx of v. Afterwards the page is mapped as the access needs it (unless the task was killed, or the mapping
 * has no such page). Charges the CPU time, counts pgfault and pgmajfault. A hit costs nothing here. may switch. */
enum fault_result fault_page(struct world *w, struct task *t, struct vma *v, uint64_t idx, bool write);
/* mlock(): fault all pages of v in, move them to the unevictable list. On: lock, off: unlock. may switch. */
enum fault_result vma_mlock(struct world *w, struct task *t, struct vma *v, bool on);
/* madvise(MADV_FREE) on pages [from, to): clean anonymous pages become lazily freeable. */
void vma_madvise_free(struct world *w, struct task *t, struct vma *v, uint64_t from, uint64_t to);
/* Wait until the frame's I/O is over. WAIT_KILLED if killable and killed. may switch. */
enum wait_result wait_on_page(struct world *w, struct task *t, pfn_t p, bool killable);

/* The write of file page p begins: its mappings become write-protected, so that the next use that writes is seen. */
void page_mkclean(struct world *w, pfn_t p);
/* Remove every mapping of p (try_to_unmap): anonymous entries become swap entries if p is in the swap cache. Dirty accesses go
 * to F_DIRTY. False if something keeps it mapped (mlock). */
bool page_unmap(struct world *w, pfn_t p);
/* Accessed bits of all mappings of p (folio_referenced): how many had one, cleared now. *ret_exec: a mapping is PROT_EXEC,
 * *ret_locked: one is VM_LOCKED. */
unsigned page_referenced(struct world *w, pfn_t p, bool *ret_exec, bool *ret_locked);

#endif
