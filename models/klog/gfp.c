/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation flags: how each era numbers them and what it calls them (include/linux/gfp.h, include/trace/events/mmflags.h;
 * specification G.13.1). Of flags that only some eras have, __GFP_COLD alone is here: up to 4.14 pages for the page cache were asked
 * for with it.
 */
#include "models/klog/lines.h"

enum {
	F_DMA = 0x1,
	F_HIGHMEM = 0x2,
	F_DMA32 = 0x4,
	F_MOVABLE = 0x8,
	F_RECLAIMABLE = 0x10,
	F_HIGH = 0x20,
	F_IO = 0x40,
	F_FS = 0x80,
	F_ZERO = 0x100,
	F_ATOMIC = 0x200,
	F_DIRECT = 0x400,
	F_KSWAPD = 0x800,
	F_WRITE = 0x1000,
	F_NOWARN = 0x2000,
	F_RETRY_MAYFAIL = 0x4000,
	F_NOFAIL = 0x8000,
	F_NORETRY = 0x10000,
	F_MEMALLOC = 0x20000,
	F_COMP = 0x40000,
	F_NOMEMALLOC = 0x80000,
	F_HARDWALL = 0x100000,
	F_THISNODE = 0x200000,
	F_ACCOUNT = 0x400000,
	F_ZEROTAGS = 0x800000,
	F_COLD = KLOG_GFP_COLD,
	F_RECLAIM = F_DIRECT | F_KSWAPD,
	F_KERNEL = F_RECLAIM | F_IO | F_FS,
	F_USER = F_KERNEL | F_HARDWALL,
	F_HIGHUSER = F_USER | F_HIGHMEM,
	F_HIGHUSER_MOVABLE = F_HIGHUSER | F_MOVABLE,
	F_TRANSHUGE_LIGHT = (F_HIGHUSER_MOVABLE | F_COMP | F_NOMEMALLOC | F_NOWARN) & ~F_RECLAIM,
};

/* 4.6 .. 4.12 */
static const struct gfp_name names_4_9[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_RECLAIMABLE, "GFP_TEMPORARY" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_ATOMIC | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_ATOMIC, "__GFP_ATOMIC" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_COLD, "__GFP_COLD" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_REPEAT" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_COMP, "__GFP_COMP" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
};

/* 4.13 .. 5.x */
static const struct gfp_name names_4_14[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_ATOMIC | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_ATOMIC, "__GFP_ATOMIC" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_COLD, "__GFP_COLD" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_COMP, "__GFP_COMP" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
};

/* 6.1 */
static const struct gfp_name names_6_1[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_ATOMIC | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_ATOMIC, "__GFP_ATOMIC" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_COMP, "__GFP_COMP" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
	{ F_ZEROTAGS, "__GFP_ZEROTAGS" },
};

/* 6.6: GFP_ATOMIC has no bit of its own any more */
static const struct gfp_name names_6_12[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_COMP, "__GFP_COMP" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
	{ F_ZEROTAGS, "__GFP_ZEROTAGS" },
};

/* 7.x: single flags in the order of their bits */
static const struct gfp_name names_7_2[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DMA, "__GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "__GFP_DMA32" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_COMP, "__GFP_COMP" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_ZEROTAGS, "__GFP_ZEROTAGS" },
};

/* By the bits of 6.1: DMA HIGHMEM DMA32 MOVABLE, RECLAIMABLE HIGH IO FS, ZERO ATOMIC DIRECT KSWAPD, WRITE NOWARN RETRY_MAYFAIL
 * NOFAIL, NORETRY MEMALLOC COMP NOMEMALLOC, HARDWALL THISNODE ACCOUNT ZEROTAGS, and COLD. DIRECT was __GFP_WAIT up to 4.3. */
static const uint32_t bits_2_6[KLOG_GFP_BITS] = {
	0x1,   0x2,   0x4,   0x8,    0x80000, 0x20,   0x40,    0x80,    0x8000,  0, 0x10, 0,     0x1000000,
	0x200, 0x400, 0x800, 0x1000, 0x2000,  0x4000, 0x10000, 0x20000, 0x40000, 0, 0,    0x100,
};
static const uint32_t bits_4_4[KLOG_GFP_BITS] = {
	0x1,     0x2,      0x4,       0x8,       0x10,     0x20,  0x40,  0x80,   0x8000,
	0x80000, 0x400000, 0x2000000, 0x1000000, 0x200,    0x400, 0x800, 0x1000, 0x2000,
	0x4000,  0x10000,  0x20000,   0x40000,   0x100000, 0,     0x100,
};
static const uint32_t bits_4_14[KLOG_GFP_BITS] = {
	0x1,   0x2,   0x4,   0x8,    0x10,   0x20,   0x40,    0x80,    0x8000,  0x80000,  0x400000, 0x1000000, 0x800000,
	0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x10000, 0x20000, 0x40000, 0x100000, 0,        0x100,
};
static const uint32_t bits_4_19[KLOG_GFP_BITS] = {
	0x1,      0x2,   0x4,   0x8,   0x10,   0x20,   0x40,   0x80,    0x8000,  0x80000, 0x200000, 0x400000,
	0x800000, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x10000, 0x20000, 0x40000, 0x100000, 0,
};
/* A movable user page also asks KASAN not to poison it: 0x1000000 in GFP_HIGHUSER_MOVABLE. */
static const uint32_t bits_5_15[KLOG_GFP_BITS] = {
	0x1,    0x2,    0x4,    0x1000008, 0x10,    0x20,    0x40,    0x80,    0x100,    0x200,    0x400,    0x800,
	0x1000, 0x2000, 0x4000, 0x8000,    0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x800000,
};

const struct klog_gfp klog_gfp_2_6 = { bits_2_6, NULL, 0, false, true };
const struct klog_gfp klog_gfp_4_4 = { bits_4_4, NULL, 0, false, true };
const struct klog_gfp klog_gfp_4_9 = { bits_4_4, names_4_9, ARRAY_LEN(names_4_9), false, true };
const struct klog_gfp klog_gfp_4_14 = { bits_4_14, names_4_14, ARRAY_LEN(names_4_14), false, true };
const struct klog_gfp klog_gfp_4_15 = { bits_4_14, names_4_14, ARRAY_LEN(names_4_14), false, false };
const struct klog_gfp klog_gfp_4_19 = { bits_4_19, names_4_14, ARRAY_LEN(names_4_14), false, false };
const struct klog_gfp klog_gfp_5_4 = { NULL, names_4_14, ARRAY_LEN(names_4_14), false, false };
const struct klog_gfp klog_gfp_5_15 = { bits_5_15, names_4_14, ARRAY_LEN(names_4_14), false, false };
const struct klog_gfp klog_gfp_6_1 = { NULL, names_6_1, ARRAY_LEN(names_6_1), true, false };
const struct klog_gfp klog_gfp_6_12 = { NULL, names_6_12, ARRAY_LEN(names_6_12), true, false };
const struct klog_gfp klog_gfp_7_2 = { NULL, names_7_2, ARRAY_LEN(names_7_2), true, false };
