/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/report/score.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/world/config.h"

#define READ_TRIES  8
#define SCORE_TRIES 20

static struct badness_in inputs(const struct score_table *t, const struct proc_process *p)
{
	uint64_t page = u64_max(t->host.page_size, 1), pt_pages = p->pgtables_bytes / page;

	return (struct badness_in){
		.is_init = p->pid == 1 && t->host.init_pid_ns,
		.is_kthread = p->kthread,
		.has_mm = p->has_mm,
		.in_vfork = p->in_vfork,
		.oom_score_adj = p->oom_score_adj,
		.rss = p->rss,
		.swapents = p->swapents,
		.pgtables_bytes = pt_pages * 4096, /* the rules count pages of 4096 bytes */
		.nr_ptes = (p->pgtables_bytes - p->pmd_bytes) / page,
		.nr_pmds = p->pmd_bytes / page,
		.total_vm = p->total_vm,
		.capabilities = p->cap_sys_admin ? CAP_SYS_ADMIN_BIT : 0,
	};
}

void score_process(const struct score_table *t, struct score_row *row)
{
	struct badness_in in = inputs(t, &row->p);

	row->points = t->era.badness->points(&in, t->totalpages);
	row->why_never = row->points == BADNESS_NEVER ? t->era.badness->why_never(&in) : NULL;
	row->oom_score = t->era.badness->oom_score(&in, t->totalpages);
	row->equal = row->oom_score == row->p.oom_score;
}

/* A process may change between the reading of its size and of its score: as long as the two do not fit, look again. */
static int score_one(const struct score_table *t, const char *procdir, int pid, struct score_row *row)
{
	for (int i = 0; i < SCORE_TRIES; i++) {
		int err = proc_process_read(procdir, &t->host, pid, READ_TRIES, &row->p, &row->steady);

		if (err)
			return err;
		score_process(t, row);
		if (row->equal)
			break;
	}
	return SIM_OK;
}

static int score_pids(const char *procdir, const int *pid, size_t n, struct score_table *t)
{
	t->row = calloc(n ? n : 1, sizeof(*t->row));
	if (!t->row)
		return SIM_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (score_one(t, procdir, pid[i], &t->row[t->n]))
			continue; /* gone */
		t->unequal += !t->row[t->n].equal;
		t->n++;
	}
	return SIM_OK;
}

int score_live(const char *procdir, int pid, struct score_table *ret)
{
	int *pids = NULL, err;
	size_t n = 0;

	memset(ret, 0, sizeof(*ret));
	err = proc_host_read(procdir, &ret->host);
	if (err)
		return err;
	ret->totalpages = ret->host.ram_pages + ret->host.swap_pages;
	if (!era_of_name(ret->host.release, &ret->era) || ret->era.classic) {
		ret->no_rule = true;
		return SIM_EINPUT;
	}
	if (pid)
		err = score_pids(procdir, &pid, 1, ret);
	else if (!(err = proc_list(procdir, &pids, &n)))
		err = score_pids(procdir, pids, n, ret);
	free(pids);
	if (!err && pid && !ret->n)
		err = SIM_EINPUT;
	return err;
}

void score_table_free(struct score_table *t)
{
	free(t->row);
	t->row = NULL;
	t->n = 0;
}
