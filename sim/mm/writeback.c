/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Dirty limits, dirty accounting, and the flusher threads that write files back. Source: Linux 6.1 mm/page-writeback.c
 * and fs/fs-writeback.c. How writers are slowed down is in dirty_throttle.c.
 *
 * A flusher goes round its disk's dirty files, the one that became dirty first before the others, and writes a chunk of
 * each in file order from where it stopped last. It stops when its work is done: below the background limit, everything
 * older than dirty_expire, or as much as was dirty when reclaim called.
 *
 * Leaves out: integrity writeback (sync), journals and other metadata, the CPU time a file system spends on a page.
 */
#include "sim/mm/writeback.h"

#include <stdio.h>

#include "sim/mm/filemap.h"
#include "sim/mm/page_alloc.h"
#include "sim/mm/fault.h"
#include "sim/world/engine.h"

#define INIT_BANDWIDTH_KB (100 * KIB) /* a disk is taken for one of 100 MB/s until measured */
#define CHUNK_MIN_KB      4096        /* MIN_WRITEBACK_PAGES */
#define BIO_PAGES         256         /* BIO_MAX_VECS: a page each ... */
#define EXTENT_PAGES      2048        /* ... or a folio each, and then ext4's MAX_WRITEPAGES_EXTENT_LEN */
#define SYNC_NS           (50 * NS_PER_US)

/* ---- limits ---- */

uint64_t dirtyable_memory(struct world *w)
{
	uint64_t n = nr_free_pages(w);

	n -= u64_min(n, w->mm.totalreserve);
	for (int i = 0; i < w->mm.nnode; i++) {
		const int64_t *size = w->mm.node[i].lruvec.size;

		n += (uint64_t)(size[LRU_INACTIVE_FILE] + size[LRU_ACTIVE_FILE]);
	}
	return n + 1;
}

/* Either so many bytes or a share in 1/page_size of what may become dirty, with the kernel's roundings. */
static uint64_t limit(const struct world *w, uint64_t avail, int64_t bytes, int64_t percent)
{
	uint64_t page = w->cfg->machine.page_size;

	if (bytes > 0)
		return ((uint64_t)bytes + page - 1) / page;
	return (uint64_t)percent * page / 100 * avail / page;
}

void dirty_limits(struct world *w, uint64_t *ret_background, uint64_t *ret_dirty)
{
	const struct sysctl_cfg *s = &w->sysctl;
	uint64_t avail = dirtyable_memory(w), dirty = limit(w, avail, s->dirty_bytes, s->dirty_ratio);
	uint64_t background = limit(w, avail, s->dirty_background_bytes, s->dirty_background_ratio);

	*ret_dirty = dirty;
	*ret_background = background >= dirty ? dirty / 2 : background;
}

/* ---- accounting ---- */

struct flusher *flusher_of(struct world *w, const struct inode *ino)
{
	struct writeback *wb = &w->wb;

	for (uint32_t i = 0; i < wb->nflusher; i++)
		if (wb->flusher[i].dev == ino->disk)
			return &wb->flusher[i];
	return NULL;
}

static struct inode *owner(struct world *w, pfn_t p)
{
	return w->inode[w->chunks.v[w->mm.f.owner[p] >> CHUNK_SHIFT].owner];
}

static sim_ns centisecs(int64_t cs)
{
	return (sim_ns)cs * 10 * NS_PER_MS;
}

/* A disk with nothing dirty has an idle flusher: its first dirty page sets the clock. */
void page_dirty(struct world *w, struct inode *ino, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];
	struct flusher *f = ino->shmem ? NULL : flusher_of(w, ino);

	if (f && !(*flags & F_DIRTY)) {
		vm_event(w, nr_dirty, 1);
		vm_event(w, nr_dirtied, 1);
		frame_zone(w, p)->write_pending++;
		if (!ino->nr_dirty++)
			ino->dirtied_when = w->now;
		f->dirtied++;
		if (!f->nr_dirty++ && w->sysctl.dirty_writeback_centisecs)
			task_retime(w, f->task, w->now + centisecs(w->sysctl.dirty_writeback_centisecs));
	}
	*flags |= F_DIRTY;
}

void page_start_writeback(struct world *w, pfn_t p)
{
	uint16_t *flags = &w->mm.f.flags[p];
	struct inode *ino = owner(w, p);
	struct flusher *f = flusher_of(w, ino);

	if (*flags & F_DIRTY && ino->nr_dirty) {
		w->mm.vmstat[VMSTAT_nr_dirty]--;
		ino->nr_dirty--;
		f->nr_dirty--;
	} else {
		frame_zone(w, p)->write_pending++;
	}
	*flags = (uint16_t)((*flags & ~F_DIRTY) | F_WRITEBACK);
	page_mkclean(w, p);
	vm_event(w, nr_writeback, 1);
	if (!f->nr_writeback++)
		flusher_begins(w, f);
}

void page_end_writeback(struct world *w, pfn_t p)
{
	struct flusher *f = flusher_of(w, owner(w, p));

	w->mm.f.flags[p] &= (uint16_t)~F_WRITEBACK;
	w->mm.vmstat[VMSTAT_nr_writeback]--;
	vm_event(w, nr_written, 1);
	frame_zone(w, p)->write_pending--;
	f->written++;
	if (!--f->nr_writeback)
		f->idle_since = w->now;
}

/* ---- writing ---- */

/* Where a flusher stands among its disk's dirty files. */
struct place {
	sim_ns when;
	int64_t id;
};

static bool after(const struct inode *ino, const struct place *at)
{
	return ino->dirtied_when != at->when ? ino->dirtied_when > at->when : (int64_t)ino->id > at->id;
}

/* The first after *at of those dirty since `before` at the latest. */
static struct inode *next_dirty(struct world *w, const struct flusher *f, sim_ns before, struct place *at)
{
	struct inode *best = NULL;

	for (uint32_t i = 0; i < w->ninode; i++) {
		struct inode *ino = w->inode[i];

		if (!ino || ino->shmem || ino->disk != f->dev || !ino->nr_dirty || ino->dirtied_when > before)
			continue;
		if (after(ino, at) && (!best || !after(ino, &(struct place){ best->dirtied_when, best->id })))
			best = ino;
	}
	if (best)
		*at = (struct place){ best->dirtied_when, best->id };
	return best;
}

/* Write up to max dirty pages of [from, to). */
static uint64_t write_range(struct world *w, struct task *t, struct inode *ino, uint64_t from, uint64_t to,
			    uint64_t max)
{
	uint64_t n = 0;

	for (uint64_t i = from; i < to && n < max && ino->nr_dirty; i++) {
		pte_t *e = pt_lookup(w, &ino->index, i);

		if (!e) {
			i |= CHUNK_MASK;
			continue;
		}
		if (!pte_present(*e) || (w->mm.f.flags[pte_pfn(*e)] & (F_DIRTY | F_WRITEBACK | F_LOCKED)) != F_DIRTY)
			continue;
		ino->write_cursor = i + 1;
		file_writepage(w, t, pte_pfn(*e));
		n++;
		if (t->pending >= SYNC_NS)
			task_sync(w, t);
	}
	return n;
}

static uint64_t write_inode(struct world *w, struct task *t, struct inode *ino, uint64_t max)
{
	uint64_t start = u64_min(ino->write_cursor, ino->npages), n = write_range(w, t, ino, start, ino->npages, max);

	if (n < max && start)
		n += write_range(w, t, ino, 0, start, max - n);
	return n;
}

/* Half a second's worth, not more than an eighth of what may be dirty, in steps of 4 MB. */
static uint64_t chunk_pages(const struct world *w, const struct flusher *f)
{
	uint64_t least = u64_max(CHUNK_MIN_KB / w->mm.page_kB, 1);

	return (u64_min(f->avg_write_bandwidth / 2, w->wb.dirty_limit / 8) + least) / least * least;
}

static bool over_background(struct world *w)
{
	uint64_t background, dirty;

	dirty_limits(w, &background, &dirty);
	return vm_stat(w, nr_dirty) > background;
}

struct work {
	uint64_t left;   /* pages */
	sim_ns older;    /* only files dirty for that long */
	bool background; /* until below the background limit */
};

static bool work_done(struct world *w, const struct flusher *f, const struct work *k)
{
	if (!k->left || (k->background && !over_background(w)))
		return true;
	return f->start_all && (k->background || k->older); /* more urgent */
}

/* Round and round, until a whole round finds nothing to write. */
static void writeback(struct world *w, struct task *t, struct flusher *f, struct work k)
{
	const struct place start = { 0, -1 };
	struct place at = start;
	uint64_t in_round = 0;
	struct plug plug;

	blk_plug_start(t, &plug);
	blk_bio_start(t, w->km->paths && w->km->paths->large_write ? EXTENT_PAGES : BIO_PAGES);
	while (!work_done(w, f, &k)) {
		struct inode *ino = next_dirty(w, f, u64_sub0(w->now, k.older), &at);
		uint64_t n;

		if (!ino && !in_round)
			break;
		if (!ino) {
			at = start;
			in_round = 0;
			continue;
		}
		n = write_inode(w, t, ino, u64_min(chunk_pages(w, f), k.left));
		in_round += n;
		k.left -= n;
		flusher_estimate(w, f);
	}
	blk_bio_finish(w, t);
	blk_plug_finish(w, t, &plug);
	task_sync(w, t);
}

/* ---- the threads ---- */

static bool old_data_due(const struct world *w, const struct flusher *f)
{
	int64_t cs = w->sysctl.dirty_writeback_centisecs;

	return cs && w->now >= f->last_old_flush + centisecs(cs);
}

static void flusher_work(struct world *w, struct task *t, struct flusher *f)
{
	if (f->start_all) {
		f->start_all = false;
		writeback(w, t, f, (struct work){ .left = f->nr_dirty });
	}
	if (old_data_due(w, f)) {
		f->last_old_flush = w->now;
		writeback(w, t, f,
			  (struct work){ .left = f->nr_dirty, .older = centisecs(w->sysctl.dirty_expire_centisecs) });
	}
	writeback(w, t, f, (struct work){ .left = UINT64_MAX, .background = true });
}

static void flusher_main(struct world *w, struct task *t)
{
	struct flusher *f = w->wb.flusher;

	while (f->task != t)
		f++;
	t->pf_flusher = true;
	for (;;) {
		sim_ns period = centisecs(w->sysctl.dirty_writeback_centisecs);

		if (!f->woken && !f->start_all)
			task_wait(w, t, &f->wait, TASK_INTERRUPTIBLE,
				  period && f->nr_dirty ? w->now + t->pending + period : SIM_NEVER);
		f->woken = false;
		flusher_work(w, t, f);
	}
}

void flusher_wake(struct world *w, struct flusher *f)
{
	f->woken = true;
	waitq_wake_all(w, &f->wait);
}

void wakeup_flushers(struct world *w)
{
	for (uint32_t i = 0; i < w->wb.nflusher; i++) {
		struct flusher *f = &w->wb.flusher[i];

		if (!f->nr_dirty || f->start_all)
			continue;
		f->start_all = true;
		flusher_wake(w, f);
	}
}

static bool flusher_start(struct world *w, struct flusher *f, uint32_t dev)
{
	uint64_t bw = INIT_BANDWIDTH_KB / w->mm.page_kB;
	char comm[SIM_COMM_LEN];

	*f = (struct flusher){ .dev = dev,
			       .dirty_ratelimit = bw,
			       .balanced_ratelimit = bw,
			       .avg_write_bandwidth = bw,
			       .write_bandwidth = bw,
			       .bw_time = w->now,
			       .reported = SIM_NEVER };
	snprintf(comm, sizeof(comm), "flush-%.9s", w->dev[dev]->cfg->name);
	f->task = kthread_new(w, comm, flusher_main);
	return f->task;
}

int writeback_init(struct world *w)
{
	uint32_t n = (uint32_t)w->cfg->machine.ndisk, first = w->ndev - n;
	uint64_t background, dirty;

	w->wb = (struct writeback){ 0 };
	dirty_limits(w, &background, &dirty);
	w->wb.dirty_limit = dirty;
	w->wb.ratelimit_pages = u64_max(dirty / (32 * w->cfg->machine.ncpu), 16);
	w->wb.dirtied = sim_calloc(w->a, w->cfg->machine.ncpu, sizeof(*w->wb.dirtied));
	w->wb.flusher = n ? sim_calloc(w->a, n, sizeof(*w->wb.flusher)) : NULL;
	if (!w->wb.dirtied || (n && !w->wb.flusher))
		return SIM_ENOMEM;
	for (; w->wb.nflusher < n; w->wb.nflusher++)
		if (!flusher_start(w, &w->wb.flusher[w->wb.nflusher], first + w->wb.nflusher))
			return SIM_ENOMEM;
	return SIM_OK;
}

void writeback_free(struct world *w)
{
	sim_free(w->a, w->wb.flusher);
	sim_free(w->a, w->wb.dirtied);
	w->wb = (struct writeback){ 0 };
}
