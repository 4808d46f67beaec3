/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc as an observer outside the machine reads it: meminfo (fs/proc/meminfo.c of 6.1), vmstat, pressure, and a row
 * of each process. Reading costs the machine nothing. */
#include "sim/mm/overcommit.h"
#include "sim/mm/page_alloc.h"
#include "sim/proc/acct.h"
#include "sim/mm/zram.h"
#include "sim/mm/zswap.h"
#include "sim/proc/program.h"
#include "sim/world/build.h"

#include <string.h>

/* ---- the machine ---- */

/* Gauges that are kept elsewhere, or follow from others. */
static void sample_vmstat(struct world *w, uint64_t *v)
{
	uint64_t isolated[2] = { 0, 0 };

	memcpy(v, w->mm.vmstat, sizeof(w->mm.vmstat));
	for (int i = 0; i < w->mm.nnode; i++) {
		isolated[0] += w->mm.node[i].nr_isolated[0];
		isolated[1] += w->mm.node[i].nr_isolated[1];
	}
	v[VMSTAT_nr_free_pages] = nr_free_pages(w);
	v[VMSTAT_nr_unevictable] += (uint64_t)w->mm.unevictable_base;
	v[VMSTAT_nr_mlock] += (uint64_t)w->mm.unevictable_base;
	v[VMSTAT_nr_isolated_anon] = isolated[0];
	v[VMSTAT_nr_isolated_file] = isolated[1];
	dirty_limits(w, &v[VMSTAT_nr_dirty_background_threshold], &v[VMSTAT_nr_dirty_threshold]);
}

/* Pages, to be multiplied; what the kernel keeps in kB comes after. */
static void sample_meminfo_pages(struct world *w, const uint64_t *v, uint64_t *m)
{
	m[MI_MemTotal] = w->mm.totalram;
	m[MI_MemFree] = v[VMSTAT_nr_free_pages];
	m[MI_MemAvailable] = mem_available(w);
	m[MI_Cached] = u64_sub0(v[VMSTAT_nr_file_pages], v[VMSTAT_nr_swapcached]);
	m[MI_SwapCached] = v[VMSTAT_nr_swapcached];
	m[MI_Active_anon] = v[VMSTAT_nr_active_anon];
	m[MI_Inactive_anon] = v[VMSTAT_nr_inactive_anon];
	m[MI_Active_file] = v[VMSTAT_nr_active_file];
	m[MI_Inactive_file] = v[VMSTAT_nr_inactive_file];
	m[MI_Active] = m[MI_Active_anon] + m[MI_Active_file];
	m[MI_Inactive] = m[MI_Inactive_anon] + m[MI_Inactive_file];
	m[MI_Unevictable] = v[VMSTAT_nr_unevictable];
	m[MI_Mlocked] = v[VMSTAT_nr_mlock];
	m[MI_SwapTotal] = w->swap.total;
	m[MI_SwapFree] = w->swap.free;
	m[MI_Dirty] = v[VMSTAT_nr_dirty];
	m[MI_Writeback] = v[VMSTAT_nr_writeback];
	m[MI_AnonPages] = v[VMSTAT_nr_anon_pages];
	m[MI_Mapped] = v[VMSTAT_nr_mapped];
	m[MI_Shmem] = v[VMSTAT_nr_shmem];
	m[MI_SReclaimable] = v[VMSTAT_nr_slab_reclaimable];
	m[MI_SUnreclaim] = v[VMSTAT_nr_slab_unreclaimable];
	m[MI_Slab] = m[MI_SReclaimable] + m[MI_SUnreclaim];
	m[MI_PageTables] = v[VMSTAT_nr_page_table_pages];
	m[MI_CommitLimit] = vm_commit_limit(w);
	m[MI_Committed_AS] = (uint64_t)(w->mm.committed > 0 ? w->mm.committed : 0);
}

static void sample_zram(const struct world *w, const struct zram *z, uint64_t *v)
{
	v[ZMEM_nr_zspages] += z->pool.pages;
	v[ZMEM_zram_orig_data_size] += z->stat.orig_data_size;
	v[ZMEM_zram_compr_data_size] += z->stat.compr_data_size;
	v[ZMEM_zram_mem_used_total] += z->pool.pages * w->cfg->machine.page_size;
	v[ZMEM_zram_mem_used_max] += z->stat.mem_used_max;
	v[ZMEM_zram_same_pages] += z->stat.same_pages;
	v[ZMEM_zram_huge_pages] += z->stat.huge_pages;
	v[ZMEM_zram_pages_compacted] += z->pool.compacted;
	v[ZMEM_zram_failed_writes] += z->stat.failed_writes;
}

static void sample_zswap(const struct world *w, const struct zswap *z, uint64_t *v)
{
	v[ZMEM_nr_zspages] += z->zs.pages;
	v[ZMEM_Zswap_kB] = zswap_pool_pages(z) * w->mm.page_kB;
	v[ZMEM_Zswapped_kB] = z->stat.stored_pages * w->mm.page_kB;
	v[ZMEM_zswpin] = z->stat.zswpin;
	v[ZMEM_zswpout] = z->stat.zswpout;
	v[ZMEM_zswpwb] = z->stat.written_back_pages;
	v[ZMEM_zswap_same_filled_pages] = z->stat.same_filled_pages;
	v[ZMEM_zswap_pool_limit_hit] = z->stat.pool_limit_hit;
	v[ZMEM_zswap_reject_reclaim_fail] = z->stat.reject_reclaim_fail;
	v[ZMEM_zswap_reject_compress_poor] = z->stat.reject_compress_poor;
	v[ZMEM_zswap_reject_alloc_fail] = z->stat.reject_alloc_fail;
}

static void sample_zmem(const struct world *w, struct rec_sample *r)
{
	for (uint32_t i = 0; i < w->swap.narea; i++) {
		if (w->swap.area[i].zram)
			sample_zram(w, w->swap.area[i].zram, r->zmem);
	if (w->swap.zswap)
		sample_zswap(w, w->swap.zswap, r->zmem);
	}
}

static void sample_watermarks(const struct world *w, struct rec_sample *r)
{
	const struct zone *z;

	for_each_zone (w, z, ni, zi) {
		r->wmark_min_kB += zone_wmark(z, WMARK_MIN) * w->mm.page_kB;
		r->wmark_low_kB += zone_wmark(z, WMARK_LOW) * w->mm.page_kB;
		r->wmark_high_kB += zone_wmark(z, WMARK_HIGH) * w->mm.page_kB;
		r->watermark_boost_kB += z->boost * w->mm.page_kB;
	}
}

void world_sample(struct world *w, struct rec_sample *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->t_ns = w->now;
	sample_vmstat(w, ret->vmstat);
	sample_meminfo_pages(w, ret->vmstat, ret->meminfo_kB);
	for (int i = 0; i < MI_COUNT; i++)
		ret->meminfo_kB[i] *= w->mm.page_kB;
	ret->meminfo_kB[MI_KernelStack] = ret->vmstat[VMSTAT_nr_kernel_stack];
	psi_show(w, PSI_MEM, &ret->psi_memory);
	psi_show(w, PSI_IO, &ret->psi_io);
	psi_show(w, PSI_CPU, &ret->psi_cpu);
	sample_watermarks(w, ret);
	acct_cpu(w, ret->cpu_ns);
	ret->acct = w->acct;
	ret->acct.elapsed_ns = w->now;
	sample_zmem(w, ret);
}

/* ---- processes ---- */

/* get_task_state(), of the leading thread. A program that leaps over its own naps (step_touch.c) is asleep. */
static char state_letter(const struct task *t)
{
	switch (t->state) {
	case TASK_RUNNING:
		return 'R';
	case TASK_INTERRUPTIBLE:
		return 'S';
	case TASK_ZOMBIE:
		return 'Z';
	default:
		return 'D';
	}
}

static void add_acct(struct rec_acct *to, const struct rec_acct *a)
{
	for (int i = 0; i < DELAY_COUNT; i++) {
		to->delay[i].count += a->delay[i].count;
		to->delay[i].total_ns += a->delay[i].total_ns;
	}
	to->cpu_ns += a->cpu_ns;
	to->user_ns += a->user_ns;
	to->fault_ns += a->fault_ns;
	to->refault_ns += a->refault_ns;
	to->refault_cpu_ns += a->refault_cpu_ns;
}

static void sample_threads(const struct world *w, const struct process *p, struct rec_task *r)
{
	for (uint32_t i = 0; i < p->nthread; i++) {
		const struct task *t = p->thread[i];

		r->utime_ns += t->utime;
		r->stime_ns += t->stime;
		r->delay_swapin_ns += t->delay_swapin;
		r->delay_thrashing_ns += t->delay_thrashing;
		r->delay_freepages_ns += t->delay_freepages;
		r->delay_blkio_ns += t->delay_blkio;
		r->work_pages += touch_under_way(w, t);
		add_acct(&r->acct, &t->acct);
	}
}

static void sample_mm(const struct world *w, const struct mm *mm, struct rec_task *r)
{
	uint64_t kB = w->mm.page_kB;

	r->VmSize_kB = mm->total_vm * kB;
	r->RssAnon_kB = (uint64_t)mm->rss[MM_ANONPAGES] * kB;
	r->RssFile_kB = (uint64_t)mm->rss[MM_FILEPAGES] * kB;
	r->RssShmem_kB = (uint64_t)mm->rss[MM_SHMEMPAGES] * kB;
	r->VmSwap_kB = (uint64_t)mm->rss[MM_SWAPENTS] * kB;
	r->VmPTE_kB = mm->pgtable_pages * kB;
	r->VmLck_kB = mm->locked_vm * kB;
}

static void emit_task(struct world *w, const struct process *p)
{
	struct rec_task r = { .t_ns = w->now, .pid = p->pid, .ppid = p->parent ? p->parent->pid : 0, .uid = p->uid };
	int err;

	memcpy(r.comm, p->comm, sizeof(r.comm));
	r.state = state_letter(p->thread[0]);
	if (p->mm)
		sample_mm(w, p->mm, &r);
	r.oom_score_adj = p->oom_score_adj;
	r.oom_score = oom_score(w, p);
	r.min_flt = p->min_flt;
	r.maj_flt = p->maj_flt;
	r.work_pages = p->work_pages;
	sample_threads(w, p, &r);
	r.acct.elapsed_ns = w->now - p->start_ns;
	err = w->rec->task(w->rec->ctx, &r);
	if (err)
		world_fail(w, err);
}

/* In order of pid, which is that of creation but for PID 1's place at the front. */
static void emit_tasks(struct world *w)
{
	if (!w->rec || !w->rec->task)
		return;
	for (const struct process *p = w->proc.first; p && !w->error; p = p->next)
		if (p->program)
			emit_task(w, p);
}

static void emit_cgroups(struct world *w)
{
	struct rec_cgroup r;
	int err;

	for_each_memcg(w, m, NULL) {
		if (!m->parent || m->offline || !w->rec || !w->rec->cgroup || w->error)
			continue;
		memcg_sample(w, m, &r);
		err = w->rec->cgroup(w->rec->ctx, &r);
		if (err)
			world_fail(w, err);
	}
}

void world_emit_sample(struct world *w, struct rec_sample *ret)
{
	int err;

	world_sample(w, ret);
	w->sampled = w->now;
	err = w->rec && w->rec->sample && !w->error ? w->rec->sample(w->rec->ctx, ret) : 0;
	if (err)
		world_fail(w, err);
	emit_tasks(w);
	emit_cgroups(w);
}

void world_take_sample(struct world *w, void *arg)
{
	struct rec_sample s;

	(void)arg;
	world_emit_sample(w, &s);
	if (w->cfg->sample)
		evq_arm(w->evq, w->sample_slot, w->now + w->cfg->sample, EVC_SAMPLE);
}
