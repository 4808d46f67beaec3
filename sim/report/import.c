/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans of scenarios from reports and recordings. */
#include "sim/report/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

#define PROCESSES_MAX 32000

void import_plan_free(struct import_plan *p)
{
	free(p->process);
	p->process = NULL;
	strbuf_free(&p->notes);
}

static uint64_t positive(int64_t v)
{
	return v < 0 ? 0 : (uint64_t)v;
}

/* How much of all resident memory is anonymous, per mille: Mem-Info against the sum of the table; the victim's line if there is no
 * Mem-Info. */
static uint64_t anon_permille(const struct oom_report *r)
{
	uint64_t rss = 0, anon;

	if (r->killed.anon_rss_kB.has && r->killed.file_rss_kB.has && !r->mi[OOM_MI_active_anon].has) {
		rss = r->killed.anon_rss_kB.v + r->killed.file_rss_kB.v + r->killed.shmem_rss_kB.v;
		return rss ? u64_muldiv(u64_min(r->killed.anon_rss_kB.v, rss), 1000, rss) : 1000;
	}
	for (size_t i = 0; i < r->ntask; i++)
		rss += positive(r->task[i].v[OOM_COL_RSS]);
	anon = r->mi[OOM_MI_active_anon].v + r->mi[OOM_MI_inactive_anon].v;
	if (!r->mi[OOM_MI_active_anon].has || !rss || r->constraint == OOM_CONSTRAINT_MEMCG)
		return 1000;
	return u64_muldiv(u64_min(anon, rss), 1000, rss);
}

static void take_row(const struct explanation *x, size_t i, uint64_t permille, struct import_process *p)
{
	const struct oom_report *r = x->report;
	const struct oom_table_task *t = &r->task[i];

	memcpy(p->comm, t->comm, sizeof(p->comm));
	p->pid = t->pid;
	p->uid = (uint32_t)t->v[OOM_COL_UID];
	p->cap_sys_admin = p->uid == 0 && (x->task[i].capable || !x->era.root_bonus);
	p->oom_score_adj = x->task[i].why_never ? -1000 : era_adj(r, t);
	p->total_vm = positive(t->v[OOM_COL_TOTAL_VM]);
	p->rss = positive(t->v[OOM_COL_RSS]);
	p->swapents = positive(t->v[OOM_COL_SWAPENTS]);
	p->pgtables = positive(era_pgtable_pages(r, t));
	p->anon = u64_muldiv(p->rss, permille, 1000);
	if (oom_has_column(
		    r,
		    OOM_COL_RSS_ANON)) /* shared memory is taken as its own, as there is no telling whose else it is */
		p->anon = u64_min(positive(t->v[OOM_COL_RSS_ANON]) + positive(t->v[OOM_COL_RSS_SHMEM]), p->rss);
}

/* RAM and swap of the domain: of the machine, or of the cgroup that stands for one. */
static bool take_sizes(const struct explanation *x, struct import_plan *p)
{
	const struct oom_report *r = x->report;
	struct oom_u64 ram = explain_ram_pages(r);

	p->memcg = x->constraint == OOM_CONSTRAINT_MEMCG || (r->memory.has && !r->global_oom);
	if (p->memcg && r->memory.has) {
		p->ram_pages = r->memory.limit_kB / r->page_kB;
		p->swap_pages = u64_sub0(x->total.pages, p->ram_pages);
		return p->ram_pages > 0;
	}
	if (p->memcg || !ram.has || !x->total_known)
		return false;
	p->swap_pages = r->swap_total_kB.v / r->page_kB;
	p->ram_pages = u64_sub0(x->total.pages, p->swap_pages);
	p->reserved_pages = r->reserved_pages.v;
	return p->ram_pages > 0;
}

static void expect_victim(const struct explanation *x, struct import_plan *p)
{
	const struct oom_table_task *t;

	if (x->predicted < 0)
		return;
	t = &x->report->task[x->predicted];
	if (x->report->panic || x->agrees == TRI_FALSE) {
		strbuf_puts(&p->notes, "No victim is expected: the report's own does not follow from its scores.\n");
		return;
	}
	p->victim = t->comm;
	if (x->report->by == OOM_BY_ALLOCATING_TASK)
		p->asker = x->predicted;
	if (x->has_actual && x->actual_pid != t->pid)
		strbuf_puts(&p->notes, "The report's victim was a child of the one expected here: the kernel took it "
				       "in its parent's place.\n");
}

int import_report(const struct explanation *x, struct import_plan *ret, const char **ret_why)
{
	const struct oom_report *r = x->report;
	uint64_t permille = anon_permille(r);

	memset(ret, 0, sizeof(*ret));
	*ret_why = NULL;
	ret->source = "an OOM report";
	ret->page_kB = r->page_kB;
	ret->asker = -1;
	if (!r->ntask)
		*ret_why = "the report has no table of tasks, so there are no processes to take";
	else if (r->ntask > PROCESSES_MAX)
		*ret_why = "the report has more processes than a scenario may have";
	else if (!take_sizes(x, ret))
		*ret_why = "the report does not tell how much memory there was (its Mem-Info or the cgroup's limit is "
			   "missing)";
	if (*ret_why)
		return SIM_EINPUT;
	ret->model = x->era.classic ? "k6.1" : x->era.model->info.name;
	snprintf(ret->name, sizeof(ret->name), "imported-%ld", x->has_actual ? (long)x->actual_pid : (long)r->line);
	ret->process = calloc(r->ntask, sizeof(*ret->process));
	if (!ret->process)
		return SIM_ENOMEM;
	for (size_t i = 0; i < r->ntask; i++)
		take_row(x, i, permille, &ret->process[ret->n++]);
	ret->trigger = r->trigger_comm[0] ? r->trigger_comm : NULL;
	expect_victim(x, ret);
	return ret->notes.failed ? SIM_ENOMEM : SIM_OK;
}

/* ---- recordings ---- */

static void take_process(const struct proc_process *from, struct import_process *p)
{
	memcpy(p->comm, from->comm, sizeof(p->comm));
	p->pid = from->pid;
	p->uid = from->uid;
	p->cap_sys_admin = from->cap_sys_admin;
	p->oom_score_adj = from->oom_score_adj;
	p->total_vm = from->total_vm;
	p->rss = from->rss;
	p->anon = from->rss_anon || from->rss_file ? u64_min(from->rss_anon, from->rss) : from->rss;
	p->swapents = from->swapents;
	p->pgtables = from->pgtables_bytes / 4096;
}

int import_snapshot(const struct snapshot *s, struct import_plan *ret, const char **ret_why)
{
	struct era era;

	memset(ret, 0, sizeof(*ret));
	*ret_why = NULL;
	ret->source = "a recording of a live host";
	ret->page_kB = u64_max(s->host.page_size / 1024, 1);
	ret->asker = -1;
	ret->ram_pages = s->host.ram_pages;
	ret->swap_pages = s->host.swap_pages;
	ret->spare_pages = s->available_kB.v / ret->page_kB + s->swap_free_kB.v / ret->page_kB;
	ret->model = era_of_name(s->host.release, &era) && !era.classic ? era.model->info.name : "k6.1";
	snprintf(ret->name, sizeof(ret->name), "imported-host");
	ret->process = calloc(s->n ? s->n : 1, sizeof(*ret->process));
	if (!ret->process)
		return SIM_ENOMEM;
	for (size_t i = 0; i < s->n && ret->n < PROCESSES_MAX; i++) {
		const struct proc_process *p = &s->process[i];

		/* Init is implied in a scenario, and kernel threads and zombies hold no memory of their own. */
		if (p->has_mm && !p->kthread && p->pid != 1)
			take_process(p, &ret->process[ret->n++]);
	}
	if (!ret->n)
		*ret_why = "the recording holds no process with memory of its own";
	return *ret_why ? SIM_EINPUT : ret->notes.failed ? SIM_ENOMEM : SIM_OK;
}
