/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small objects of the kernel's that are too many to leave out: slab pages come and go with the sum of their bytes. */
#ifndef OOMSIM_MM_KMEM_H
#define OOMSIM_MM_KMEM_H

#include "sim/mm/mm.h"

struct kmem {
	uint64_t bytes, pages;
};

/* Room for an object; its page, if one is needed, is taken with gfp. False: there is no memory. may switch. */
bool kmem_charge(struct world *w, struct task *t, struct kmem *k, uint32_t bytes, uint32_t gfp);
void kmem_uncharge(struct world *w, struct kmem *k, uint32_t bytes);

#endif
