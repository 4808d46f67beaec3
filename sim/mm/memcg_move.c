/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Version 1, up to 6.12: memory.move_charge_at_immigrate of the cgroup that a process moves into. Its address space is read
 * twice: to charge the new cgroup for all of it, without the OOM killer, and then to move page by page (mm/memcontrol.c of 6.1:
 * mem_cgroup_can_attach, get_mctgt_type, mem_cgroup_move_account). Bit 0: anonymous memory, and its swap; bit 1: files and
 * shared memory in the ranges that are mapped, whether this process has touched them or not. Leaves out: pages that are in the
 * swap cache alone, which stay.
 */
#include "sim/mm/filemap.h"
#include "sim/mm/memcg.h"
#include "sim/world/engine.h"

#include <errno.h>

#define MOVE_ANON 1u
#define MOVE_FILE 2u
#define MOVE_COST 200 /* ns a page: about what isolating and putting back costs reclaim */

struct move {
	struct world *w;
	struct memcg *from, *to;
	uint64_t precharge; /* of `to`, not used yet */
	uint64_t found, moved;
	bool count;         /* the first reading: only look */
};

static void move_page(struct move *m, pfn_t p)
{
	struct world *w = m->w;
	uint16_t *flags = &w->mm.f.flags[p];
	bool listed = *flags & F_ONLRU;
	enum vmstat_item item = *flags & F_FILECACHE ? VMSTAT_nr_file_pages : VMSTAT_nr_anon_pages;

	if (*flags & (F_ISOLATED | F_LOCKED)) /* somebody else holds it: it stays */
		return;
	if (listed)
		lru_del(w, p);
	memcg_count(m->from, item, UINT64_MAX);
	w->mm.f.memcg[p] = (uint16_t)m->to->id;
	memcg_count(m->to, item, 1);
	if (listed)
		lru_add(w, p);
	m->precharge--;
	m->moved++;
}

static void see_page(struct move *m, pfn_t p)
{
	unsigned bit = m->w->mm.f.flags[p] & F_FILECACHE ? MOVE_FILE : MOVE_ANON;

	if (!(m->to->move_charge & bit) || m->w->mm.f.memcg[p] != m->from->id)
		return;
	m->found++;
	if (!m->count && m->precharge)
		move_page(m, p);
}

/* A slot whose page is not in memory: memory and swap together lose it at one and gain it at the other; memory itself does not
 * change, so its precharge is given back in the end. */
static void see_slot(struct move *m, uint32_t slot, unsigned bit)
{
	struct world *w = m->w;
	bool out = swap_cache_lookup(w, slot) == PFN_NONE;

	if (!(m->to->move_charge & bit) || w->swap.memcg[slot] != m->from->id || !out)
		return;
	m->found++;
	if (m->count)
		return;
	memcg_swapped_out(w, slot, -1);
	for_each_ancestor(a, m->from) a->swap.usage--;
	w->swap.memcg[slot] = (uint16_t)m->to->id;
	for_each_ancestor(a, m->to) a->swap.usage++;
	memcg_swapped_out(w, slot, 1);
}

static void see_entry(struct move *m, const struct vma *v, uint64_t idx)
{
	pte_t e = vma_pte(m->w, v, idx);
	const pte_t *cached;

	if (pte_present(e) && pte_pfn(e) != ZERO_PFN)
		see_page(m, pte_pfn(e));
	else if (pte_swap(e))
		see_slot(m, pte_val(e), MOVE_ANON);
	if (e != PTE_NONE || !v->inode)
		return;
	cached = pt_lookup(m->w, &v->inode->index, idx + v->pgoff);
	if (cached && pte_present(*cached))
		see_page(m, pte_pfn(*cached));
	else if (cached && pte_swap(*cached))
		see_slot(m, pte_val(*cached), MOVE_FILE);
}

/* mem_cgroup_count_precharge_pte_range(), mem_cgroup_move_charge_pte_range(): alone, without a pause. */
static void see_all(struct move *m, const struct mm *mm)
{
	m->found = 0;
	for (uint32_t i = 0; i < mm->nvma; i++)
		for (uint64_t idx = 0; idx < mm->vma[i]->npages; idx++) {
			if (!pt_has_chunk(&mm->vma[i]->pt, idx) && !mm->vma[i]->inode)
				idx |= CHUNK_MASK;
			else
				see_entry(m, mm->vma[i], idx);
		}
}

/* mem_cgroup_do_precharge(): one at a time, with reclaim but without the OOM killer. */
static bool precharge(struct move *m, struct task *t, uint64_t n)
{
	for (; m->precharge < n; m->precharge++)
		if (!memcg_try_charge(m->w, t, m->to, GFP_KERNEL | GFP_NORETRY_BIT, 1))
			return false;
	return true;
}

int memcg_move_charges(struct world *w, struct task *t, struct process *p, struct memcg *from, struct memcg *to, uint64_t *ret_moved)
{
	struct move m = { .w = w, .from = from, .to = to, .count = true };
	bool ok;

	if (from == to)
		return 0;
	see_all(&m, p->mm);
	ok = precharge(&m, t, m.found);
	if (ok && p->mm) { /* it may have ended meanwhile */
		m.count = false;
		see_all(&m, p->mm);
		memcg_drain_stocks(w, from);
		if (!memcg_is_root(from))
			memcg_counter_uncharge(w, from, m.moved);
	}
	if (!memcg_is_root(to))
		memcg_counter_uncharge(w, to, m.precharge);
	*ret_moved = m.moved;
	task_cpu(t, m.moved * MOVE_COST);
	task_sync(w, t);
	return ok ? 0 : ENOMEM;
}
