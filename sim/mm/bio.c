/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bios: what a file system writes in one go ends in one go (block/bio.c: bio_endio of a split bio; fs/ext4/page-io.c). Pages of an
 * 8 MB extent that a slow disk takes a quarter of a second for stay under writeback all that time, and come back at once.
 */
#include "sim/mm/bio.h"

#include <string.h>

#include "sim/world/engine.h"

static struct blk_bio *bio_new(struct world *w, struct blkdev *d)
{
	struct blk_bio *b = d->free_bio;

	if (b) {
		d->free_bio = b->next;
		b->next = NULL;
		b->requests = b->added = b->n = 0;
		b->open = true;
		return b;
	}
	if (d->nbio == d->capbio) {
		uint32_t cap = d->capbio ? 2 * d->capbio : 16;
		struct blk_bio **all = sim_realloc(w->a, d->all_bio, cap * sizeof(*all));

		if (!all)
			return NULL;
		d->all_bio = all;
		d->capbio = cap;
	}
	b = sim_calloc(w->a, 1, sizeof(*b));
	if (b) {
		b->open = true;
		d->all_bio[d->nbio++] = b;
	}
	return b;
}

static void bio_end(struct world *w, struct blkdev *d, struct blk_bio *b)
{
	for (uint32_t i = 0; i < b->n; i++)
		io_end_page(w, d, true, b->pfn[i]);
	b->next = d->free_bio;
	d->free_bio = b;
}

static void bio_close(struct world *w, struct task *t)
{
	struct blk_bio *b = t->bio;

	t->bio = NULL;
	if (!b)
		return;
	b->open = false;
	if (!b->requests)
		bio_end(w, t->bio_dev, b);
}

void blk_bio_start(struct task *t, uint32_t max_pages)
{
	t->bio_max = max_pages;
}

void blk_bio_finish(struct world *w, struct task *t)
{
	bio_close(w, t);
	t->bio_max = 0;
}

struct blk_bio *bio_for(struct world *w, struct task *t, struct blkdev *d, uint64_t page)
{
	if (!t->bio_max)
		return NULL;
	if (t->bio && (t->bio_dev != d || t->bio->added == t->bio_max || t->bio->next_page != page))
		bio_close(w, t);
	if (!t->bio) {
		t->bio = bio_new(w, d);
		t->bio_dev = d;
	}
	if (!t->bio) {
		world_fail(w, SIM_ENOMEM);
		return NULL;
	}
	t->bio->added++;
	t->bio->next_page = page + 1;
	return t->bio;
}

static bool bio_reserve(struct world *w, struct blk_bio *b, uint32_t n)
{
	uint32_t cap = b->cap ? b->cap : 64, *pfn;

	if (n <= b->cap)
		return true;
	while (cap < n)
		cap *= 2;
	pfn = sim_realloc(w->a, b->pfn, cap * sizeof(*pfn));
	if (!pfn) {
		world_fail(w, SIM_ENOMEM);
		return false;
	}
	b->pfn = pfn;
	b->cap = cap;
	return true;
}

void bio_request_done(struct world *w, struct blkdev *d, struct blk_bio *b, const uint32_t *pfn, uint32_t n)
{
	if (!bio_reserve(w, b, b->n + n))
		return;
	memcpy(b->pfn + b->n, pfn, n * sizeof(*pfn));
	b->n += n;
	b->requests--;
	if (!b->open && !b->requests)
		bio_end(w, d, b);
}

void bio_free_all(struct world *w, struct blkdev *d)
{
	for (uint32_t i = 0; i < d->nbio; i++) {
		sim_free(w->a, d->all_bio[i]->pfn);
		sim_free(w->a, d->all_bio[i]);
	}
	sim_free(w->a, d->all_bio);
}
