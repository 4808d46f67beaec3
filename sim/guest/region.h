/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory that host and guest share: an ivshmem device's BAR in the guest, a file on the host. The guest finds its plan in
 * it and leaves its records there: writing to it takes no guest memory and no I/O, and what was written survives OOM, panic and
 * the end of QEMU. Included by the host's program and by the guest's (tests/kernel), so it uses nothing but <stdint.h>.
 */
#ifndef OOMSIM_GUEST_REGION_H
#define OOMSIM_GUEST_REGION_H

#include <stdint.h>

#define REGION_MAGIC   "oomsimG1"
#define REGION_VERSION 1
#define REGION_MIB     (UINT64_C(1) << 20)

/* Head: what workload processes map as well as PID 1. Two page-table pages' worth, no more: page tables count in oom_badness(). */
#define REGION_HEAD     (4 * REGION_MIB)
#define REGION_PLAN     UINT64_C(4096)           /* the plan's text, NUL-terminated */
#define REGION_PLAN_MAX (256 * UINT64_C(1024) - REGION_PLAN)
#define REGION_PROGRAM  (256 * UINT64_C(1024))   /* the plan as PID 1 has read it */
#define REGION_SLOTS    (2 * REGION_MIB)         /* one for each process that ran */
#define REGION_BUFFER   (2 * REGION_MIB + 512 * UINT64_C(1024)) /* where reads go, 64 KiB */
#define REGION_EVENTS   (2 * REGION_MIB + 576 * UINT64_C(1024))
/* The rest, mapped by PID 1 alone. */
#define REGION_SAMPLES  REGION_HEAD
#define REGION_DMESG    (112 * REGION_MIB)
#define REGION_BLOCKS   (128 * REGION_MIB)       /* blocks of file systems that are not zero; only when there are disks */
#define REGION_SMALL    (128 * REGION_MIB)       /* size without disks: a BAR is a power of two */
#define REGION_LARGE    (256 * REGION_MIB)

#define REGION_BLOCK 4096

enum region_state { REGION_NEW, REGION_RUNNING, REGION_COMPLETE, REGION_FAILED /* set-up: the last event says why */ };

/* A text that the guest appends to. */
struct region_area {
	uint64_t off, cap, len; /* len may exceed cap: what did not fit is lost */
};

struct region_head {
	char magic[8];
	uint32_t version;
	uint32_t state; /* enum region_state */
	struct region_area events, samples, dmesg;
	uint64_t nblock; /* struct region_block at REGION_BLOCKS */
};

/* One block of a file system that the host has made. */
struct region_block {
	uint32_t disk;  /* in the plan's order */
	uint32_t block; /* of REGION_BLOCK bytes */
	unsigned char data[REGION_BLOCK];
};

#endif
