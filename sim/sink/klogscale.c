/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/klogscale.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

static void scale(uint64_t *const v[], size_t n, unsigned shift)
{
	for (size_t i = 0; i < n; i++)
		*v[i] <<= shift;
}

static void totals(struct rec_oom_report *r, unsigned shift)
{
	uint64_t *const v[] = { &r->totalpages,
				&r->active_anon,
				&r->inactive_anon,
				&r->isolated_anon,
				&r->active_file,
				&r->inactive_file,
				&r->isolated_file,
				&r->unevictable,
				&r->dirty,
				&r->writeback,
				&r->slab_reclaimable,
				&r->slab_unreclaimable,
				&r->mapped,
				&r->shmem,
				&r->pagetables,
				&r->sec_pagetables,
				&r->bounce,
				&r->kernel_misc_reclaimable,
				&r->free,
				&r->free_pcp,
				&r->free_cma,
				&r->pagecache_pages,
				&r->swapcache_pages,
				&r->pages_ram,
				&r->pages_reserved,
				&r->unstable,
				&r->pages_highmem,
				&r->pages_cma,
				&r->pages_hwpoisoned,
				&r->pages_shared,
				&r->pages_nonshared,
				&r->swapcache_add,
				&r->swapcache_del };

	scale(v, ARRAY_LEN(v), shift);
}

static void node(struct rec_oom_node *n, unsigned shift)
{
	uint64_t *const v[] = { &n->active_anon,     &n->inactive_anon, &n->active_file,   &n->inactive_file,
				&n->unevictable,     &n->isolated_anon, &n->isolated_file, &n->mapped,
				&n->dirty,           &n->writeback,     &n->shmem,         &n->shmem_thp,
				&n->shmem_pmdmapped, &n->anon_thp,      &n->writeback_tmp, &n->pagetables,
				&n->sec_pagetables,  &n->unstable,      &n->pages_scanned, &n->balloon,
				&n->gpu_active,      &n->gpu_reclaim };

	scale(v, ARRAY_LEN(v), shift);
}

/* A free block of order o is one of order o + shift; what exceeds the largest order is several blocks of that. */
static void blocks(uint64_t v[11], unsigned shift)
{
	uint64_t old[11];

	memcpy(old, v, sizeof(old));
	memset(v, 0, sizeof(old));
	for (unsigned o = 0; o < 11; o++) {
		if (o + shift <= 10)
			v[o + shift] += old[o];
		else
			v[10] += old[o] << (o + shift - 10);
	}
}

static void zone(struct rec_oom_zone *z, unsigned shift)
{
	uint64_t *const v[] = { &z->free,          &z->boost,         &z->min,
				&z->low,           &z->high,          &z->reserved_highatomic,
				&z->active_anon,   &z->inactive_anon, &z->active_file,
				&z->inactive_file, &z->unevictable,   &z->writepending,
				&z->present,       &z->managed,       &z->mlocked,
				&z->bounce,        &z->free_pcp,      &z->local_pcp,
				&z->free_cma,      &z->isolated_anon, &z->isolated_file,
				&z->dirty,         &z->writeback,     &z->mapped,
				&z->shmem,         &z->slab_reclaimable, &z->slab_unreclaimable,
				&z->pagetables,    &z->unstable,      &z->writeback_tmp,
				&z->pages_scanned, &z->free_highatomic, &z->zspages };

	scale(v, ARRAY_LEN(v), shift);
	for (size_t i = 0; i < ARRAY_LEN(z->lowmem_reserve); i++)
		z->lowmem_reserve[i] *= INT64_C(1) << shift;
	blocks(z->nr_free_blocks, shift);
}

static void task(struct rec_oom_task *t, unsigned shift)
{
	uint64_t *const v[] = { &t->total_vm, &t->rss, &t->rss_anon, &t->rss_file, &t->rss_shmem, &t->swapents,
				&t->nr_ptes,  &t->nr_pmds };

	scale(v, ARRAY_LEN(v), shift);
}

static void *copy(const void *p, size_t n, size_t size)
{
	void *q = calloc(n ? n : 1, size);

	if (q && n)
		memcpy(q, p, n * size);
	return q;
}

int klog_scale(struct klog_scaled *ret, const struct rec_oom_report *r, unsigned shift)
{
	*ret = (struct klog_scaled){ .r = *r,
				     .node = copy(r->node, r->nnode, sizeof(*r->node)),
				     .zone = copy(r->zone, r->nzone, sizeof(*r->zone)),
				     .task = copy(r->task, r->ntask, sizeof(*r->task)) };
	if (!ret->node || !ret->zone || !ret->task) {
		klog_scale_free(ret);
		return SIM_ENOMEM;
	}
	ret->r.node = ret->node;
	ret->r.zone = ret->zone;
	ret->r.task = ret->task;
	totals(&ret->r, shift);
	for (size_t i = 0; i < r->nnode; i++)
		node(&ret->node[i], shift);
	for (size_t i = 0; i < r->nzone; i++)
		zone(&ret->zone[i], shift);
	for (size_t i = 0; i < r->ntask; i++)
		task(&ret->task[i], shift);
	return SIM_OK;
}

void klog_scale_free(struct klog_scaled *s)
{
	free(s->node);
	free(s->zone);
	free(s->task);
	*s = (struct klog_scaled){ 0 };
}
