/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/plotdata.h"

#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"

static void row_free(struct plot_row *r)
{
	free(r->task);
	*r = (struct plot_row){ 0 };
}

/* Every second row goes, and from now on every second sample. */
static void thin(struct plot_data *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		if (i % 2)
			row_free(&d->row[i]);
		else
			d->row[kept++] = d->row[i];
	}
	d->n = kept;
	d->stride *= 2;
}

/* The pending sample becomes a row if it is its turn, or if `always`. */
static int settle(struct plot_data *d, bool always)
{
	bool keep = d->has_pending && ((d->seen - 1) % d->stride == 0 || always);

	if (keep && d->n == PLOT_ROWS) {
		thin(d);
		keep = (d->seen - 1) % d->stride == 0 || always;
	}
	if (keep)
		d->row[d->n++] = d->pending;
	else
		row_free(&d->pending);
	d->pending = (struct plot_row){ 0 };
	d->has_pending = false;
	return SIM_OK;
}

/* Cached counts shmem, which is shown apart. AnonPages leaves out what is unmapped but still on its way to swap, the LRU lists
 * leave out what is locked: the larger of the two is the anonymous memory. What is neither of these is the kernel's. */
static void take_memory(struct plot_row *p, const uint64_t *mi)
{
	p->free_kB = mi[MI_MemFree];
	p->anon_kB = u64_max(mi[MI_AnonPages], u64_sub0(mi[MI_Active_anon] + mi[MI_Inactive_anon], mi[MI_Shmem]));
	p->shmem_kB = mi[MI_Shmem];
	p->file_kB = u64_sub0(mi[MI_Cached] + mi[MI_Buffers], mi[MI_Shmem]);
	p->kernel_kB = u64_sub0(mi[MI_MemTotal], p->free_kB + p->anon_kB + p->shmem_kB + p->file_kB);
	p->swap_kB = u64_sub0(mi[MI_SwapTotal], mi[MI_SwapFree]);
}

int plot_data_sample(struct plot_data *d, const struct rec_sample *r)
{
	struct plot_row *p = &d->pending;

	if (!d->row) {
		d->row = calloc(PLOT_ROWS, sizeof(*d->row));
		d->stride = 1;
	}
	if (!d->row)
		return SIM_ENOMEM;
	settle(d, false);
	d->seen++;
	d->has_pending = true;
	*p = (struct plot_row){
		.t_ns = r->t_ns,
		.wmark_min_kB = r->wmark_min_kB,
		.wmark_low_kB = r->wmark_low_kB,
		.wmark_high_kB = r->wmark_high_kB,
		.some_us = r->psi_memory.some.total_us,
		.full_us = r->psi_memory.full.total_us,
		.some_avg10 = r->psi_memory.some.avg10,
		.full_avg10 = r->psi_memory.full.avg10,
		.pgmajfault = r->vmstat[VMSTAT_pgmajfault],
		.pswpin = r->vmstat[VMSTAT_pswpin],
		.pswpout = r->vmstat[VMSTAT_pswpout],
	};
	take_memory(p, r->meminfo_kB);
	return SIM_OK;
}

int plot_data_task(struct plot_data *d, const struct rec_task *r)
{
	struct plot_row *p = &d->pending;
	struct plot_rss mine = { .pid = r->pid, .kB = r->RssAnon_kB + r->RssFile_kB + r->RssShmem_kB };
	size_t at = p->ntask;

	if (!d->has_pending || (d->seen - 1) % d->stride)
		return SIM_OK;
	if (!p->task)
		p->task = calloc(PLOT_TASKS, sizeof(*p->task));
	if (!p->task)
		return SIM_ENOMEM;
	p->has_tasks = true;
	p->rss_kB += mine.kB;
	memcpy(mine.comm, r->comm, sizeof(mine.comm));
	while (at > 0 && mine.kB > p->task[at - 1].kB)
		at--;
	if (at == PLOT_TASKS)
		return SIM_OK;
	if (p->ntask < PLOT_TASKS)
		p->ntask++;
	memmove(&p->task[at + 1], &p->task[at], (p->ntask - 1 - at) * sizeof(p->task[0]));
	p->task[at] = mine;
	return SIM_OK;
}

int plot_data_end(struct plot_data *d)
{
	return d->row ? settle(d, true) : SIM_OK;
}

void plot_data_free(struct plot_data *d)
{
	for (size_t i = 0; i < d->n; i++)
		row_free(&d->row[i]);
	row_free(&d->pending);
	free(d->row);
	*d = (struct plot_data){ 0 };
}

static bool before(const struct plot_top *a, const struct plot_top *b)
{
	return a->peak_kB != b->peak_kB ? a->peak_kB > b->peak_kB : a->pid < b->pid;
}

static int by_pid(const void *a, const void *b)
{
	const struct plot_top *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* Every process of every row with its highest value there, without duplicates. NULL: none, or out of memory. */
static struct plot_top *peaks(const struct plot_data *d, size_t *ret_n)
{
	struct plot_top *v;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->row[i].ntask;
	v = n ? malloc(n * sizeof(*v)) : NULL;
	n = 0;
	for (size_t i = 0; v && i < d->n; i++)
		for (size_t j = 0; j < d->row[i].ntask; j++, n++) {
			v[n] = (struct plot_top){ .pid = d->row[i].task[j].pid, .peak_kB = d->row[i].task[j].kB };
			memcpy(v[n].comm, d->row[i].task[j].comm, SIM_COMM_LEN);
		}
	if (v)
		qsort(v, n, sizeof(*v), by_pid);
	for (size_t i = 0; v && i < n; i++) {
		if (!kept || v[kept - 1].pid != v[i].pid)
			v[kept++] = v[i];
		else if (v[i].peak_kB > v[kept - 1].peak_kB)
			v[kept - 1] = v[i];
	}
	*ret_n = kept;
	return v;
}

size_t plot_data_top(const struct plot_data *d, struct plot_top *ret, size_t n)
{
	size_t all, have = 0;
	struct plot_top *v = peaks(d, &all);

	for (size_t i = 0; v && i < all; i++) {
		size_t at = have;

		while (at > 0 && before(&v[i], &ret[at - 1]))
			at--;
		if (at == n)
			continue;
		if (have < n)
			have++;
		memmove(&ret[at + 1], &ret[at], (have - 1 - at) * sizeof(*ret));
		ret[at] = v[i];
	}
	free(v);
	return have;
}

const struct plot_rss *plot_row_find(const struct plot_row *r, int32_t pid)
{
	for (size_t i = 0; i < r->ntask; i++)
		if (r->task[i].pid == pid)
			return &r->task[i];
	return NULL;
}
