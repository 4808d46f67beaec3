/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/recdigest.h"

/* What kind of record follows, so that one cannot pass for another. */
enum tag { TAG_BEGIN = 1, TAG_SAMPLE, TAG_TASK, TAG_EVENT, TAG_OOM, TAG_KILL, TAG_END, TAG_CGROUP };

#define U(x) digest_u64(d, (uint64_t)(x))

static void array(struct digest *d, const uint64_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		U(v[i]);
}

void recdigest_begin(struct digest *d, const struct rec_begin *r)
{
	U(TAG_BEGIN);
	U(r->config->seed);
	U(r->totalram_pages);
	U(r->totalswap_pages);
	U(r->min_free_kbytes);
}

static void psi_line(struct digest *d, const struct rec_psi_line *p)
{
	U(p->avg10);
	U(p->avg60);
	U(p->avg300);
	U(p->total_us);
}

static void psi(struct digest *d, const struct rec_psi *p)
{
	psi_line(d, &p->some);
	psi_line(d, &p->full);
}

void recdigest_sample(struct digest *d, const struct rec_sample *r)
{
	U(TAG_SAMPLE);
	U(r->t_ns);
	array(d, r->meminfo_kB, MI_COUNT);
	array(d, r->vmstat, VMSTAT_COUNT);
	psi(d, &r->psi_memory);
	psi(d, &r->psi_io);
	psi(d, &r->psi_cpu);
	U(r->wmark_min_kB);
	U(r->wmark_low_kB);
	U(r->wmark_high_kB);
	U(r->watermark_boost_kB);
}

void recdigest_cgroup(struct digest *d, const struct rec_cgroup *r)
{
	const uint64_t v[] = { r->t_ns, r->current, r->swap_current, r->peak,   r->max,     r->high,   r->swap_max,
			       r->anon, r->file,         r->kernel, r->pgfault, r->pgmajfault, r->pgscan, r->pgsteal,
			       r->workingset_refault_anon, r->workingset_refault_file, r->under_oom };

	U(TAG_CGROUP);
	digest_str(d, r->path);
	array(d, v, ARRAY_LEN(v));
	array(d, r->events, MEMCG_EVENT_COUNT);
	array(d, r->events_local, MEMCG_EVENT_COUNT);
	psi(d, &r->psi_memory);
}

void recdigest_task(struct digest *d, const struct rec_task *r)
{
	const uint64_t v[] = { r->t_ns,
			       (uint64_t)r->pid,
			       (uint64_t)r->ppid,
			       (uint64_t)(unsigned char)r->state,
			       r->uid,
			       r->VmSize_kB,
			       r->RssAnon_kB,
			       r->RssFile_kB,
			       r->RssShmem_kB,
			       r->VmSwap_kB,
			       r->VmPTE_kB,
			       r->VmLck_kB,
			       (uint64_t)r->oom_score_adj,
			       (uint64_t)r->oom_score,
			       r->min_flt,
			       r->maj_flt,
			       r->utime_ns,
			       r->stime_ns,
			       r->work_pages,
			       r->delay_swapin_ns,
			       r->delay_thrashing_ns,
			       r->delay_freepages_ns,
			       r->delay_blkio_ns };

	U(TAG_TASK);
	digest_str(d, r->comm);
	array(d, v, ARRAY_LEN(v));
}

void recdigest_event(struct digest *d, const struct rec_event *r)
{
	U(TAG_EVENT);
	U(r->t_ns);
	U(r->kind);
	U(r->pid);
	digest_str(d, r->comm);
	for (size_t i = 0; i < ARRAY_LEN(r->arg); i++)
		U(r->arg[i]);
}

static void oom_task(struct digest *d, const struct rec_oom_task *t)
{
	const uint64_t v[] = { (uint64_t)t->pid,
			       (uint64_t)t->tgid,
			       t->uid,
			       t->total_vm,
			       t->rss,
			       t->rss_anon,
			       t->rss_file,
			       t->rss_shmem,
			       t->pgtables_bytes,
			       t->swapents,
			       (uint64_t)t->oom_score_adj,
			       t->eligible,
			       t->eligible ? (uint64_t)t->points : 0 };

	digest_str(d, t->comm);
	digest_str(d, t->why);
	array(d, v, ARRAY_LEN(v));
}

static void oom_zone(struct digest *d, const struct rec_oom_zone *z)
{
	const uint64_t v[] = { (uint64_t)z->node,
			       z->free,
			       z->boost,
			       z->min,
			       z->low,
			       z->high,
			       z->reserved_highatomic,
			       z->active_anon,
			       z->inactive_anon,
			       z->active_file,
			       z->inactive_file,
			       z->unevictable,
			       z->writepending,
			       z->present,
			       z->managed,
			       z->mlocked,
			       z->bounce,
			       z->free_pcp,
			       z->local_pcp,
			       z->free_cma };

	digest_str(d, z->name);
	array(d, v, ARRAY_LEN(v));
	for (size_t i = 0; i < ARRAY_LEN(z->lowmem_reserve); i++)
		U(z->lowmem_reserve[i]);
	array(d, z->nr_free_blocks, ARRAY_LEN(z->nr_free_blocks));
}

static void oom_node(struct digest *d, const struct rec_oom_node *n)
{
	const uint64_t v[] = { (uint64_t)n->node,  n->active_anon,     n->inactive_anon,  n->active_file,
			       n->inactive_file,   n->unevictable,     n->isolated_anon,  n->isolated_file,
			       n->mapped,          n->dirty,           n->writeback,      n->shmem,
			       n->shmem_thp,       n->shmem_pmdmapped, n->anon_thp,       n->writeback_tmp,
			       n->kernel_stack_kB, n->pagetables,      n->sec_pagetables, n->all_unreclaimable };

	array(d, v, ARRAY_LEN(v));
}

static void oom_totals(struct digest *d, const struct rec_oom_report *r)
{
	const uint64_t v[] = { r->active_anon,
			       r->inactive_anon,
			       r->isolated_anon,
			       r->active_file,
			       r->inactive_file,
			       r->isolated_file,
			       r->unevictable,
			       r->dirty,
			       r->writeback,
			       r->slab_reclaimable,
			       r->slab_unreclaimable,
			       r->mapped,
			       r->shmem,
			       r->pagetables,
			       r->sec_pagetables,
			       r->bounce,
			       r->kernel_misc_reclaimable,
			       r->free,
			       r->free_pcp,
			       r->free_cma,
			       r->pagecache_pages,
			       r->swapcache_pages,
			       r->free_swap_kB,
			       r->total_swap_kB,
			       r->pages_ram,
			       r->pages_reserved };

	array(d, v, ARRAY_LEN(v));
}

void recdigest_oom(struct digest *d, const struct rec_oom_report *r)
{
	const uint64_t v[] = { r->t_ns,
			       r->gfp_mask,
			       (uint64_t)r->order,
			       (uint64_t)r->trigger_pid,
			       (uint64_t)r->trigger_oom_score_adj,
			       (uint64_t)r->cpu,
			       r->dump_header,
			       r->dump_tasks,
			       r->totalpages,
			       r->nnode,
			       r->nzone,
			       r->ntask,
			       r->has_victim,
			       (uint64_t)r->panic,
			       (uint64_t)r->no_progress_loops,
			       r->reclaim_scanned,
			       r->reclaim_reclaimed };

	U(TAG_OOM);
	digest_str(d, r->constraint);
	digest_str(d, r->message);
	digest_str(d, r->trigger_comm);
	if (r->nodemask) /* only then: what was recorded on machines of one node keeps its digest */
		digest_str(d, r->nodemask);
	array(d, v, ARRAY_LEN(v));
	oom_totals(d, r);
	for (size_t i = 0; i < r->nnode; i++)
		oom_node(d, &r->node[i]);
	for (size_t i = 0; i < r->nzone; i++)
		oom_zone(d, &r->zone[i]);
	for (size_t i = 0; i < r->ntask; i++)
		oom_task(d, &r->task[i]);
}

void recdigest_kill(struct digest *d, const struct rec_kill *r)
{
	const uint64_t v[] = { r->t_ns,
			       (uint64_t)r->pid,
			       r->uid,
			       (uint64_t)r->trigger_pid,
			       (uint64_t)r->points,
			       (uint64_t)r->oom_score_adj,
			       r->total_vm_kB,
			       r->anon_rss_kB,
			       r->file_rss_kB,
			       r->shmem_rss_kB,
			       r->swap_kB,
			       r->pgtables_kB };

	U(TAG_KILL);
	digest_str(d, r->comm);
	digest_str(d, r->by);
	digest_str(d, r->constraint);
	digest_str(d, r->memcg);
	digest_str(d, r->message);
	array(d, v, ARRAY_LEN(v));
}

void recdigest_end(struct digest *d, const struct rec_end *r)
{
	U(TAG_END);
	U(r->t_ns);
	U(r->end);
}
