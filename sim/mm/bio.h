/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bios inside the block layer: blk.c's side of struct blk_bio. */
#ifndef OOMSIM_MM_BIO_H
#define OOMSIM_MM_BIO_H

#include "sim/mm/blk.h"

/* The bio that t's next page, at `page` of d, goes into; NULL: pages of t end each with its request, or the host is out of memory. */
struct blk_bio *bio_for(struct world *w, struct task *t, struct blkdev *d, uint64_t page);
/* A request with n pages of b is done. Ends the writes of all pages of b when that was the last. */
void bio_request_done(struct world *w, struct blkdev *d, struct blk_bio *b, const uint32_t *pfn, uint32_t n);
void bio_free_all(struct world *w, struct blkdev *d);

#endif
