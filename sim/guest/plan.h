/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A scenario as a plan for a real kernel: text that the guest program (tests/kernel) carries out. One line each, words separated
 * by blanks, other bytes than printable ones as %XX; all figures in bytes, ns and pages:
 *
 *	plan seed=.. sample=.. duration=.. stop_when_idle=.. cgroup_version=.. memory_recursiveprot=..
 *	set PATH VALUE                       written before the start, in order
 *	swap size=.. mib=.. latency=.. mbps=.. queue_depth=.. nr_requests=.. [priority=..]
 *	disk mib=.. latency=.. ...           then the files on it
 *	file disk=N size=..
 *	group a/b                            a cgroup; its parents before it
 *	process comm=.. uid=.. ...           then its steps, one a line, bodies between { and }, then
 *	end
 *	instance proc=N comm=.. at=..        a process that starts then
 *
 * What the guest cannot do as the scenario says is named in `notes`.
 */
#ifndef OOMSIM_GUEST_PLAN_H
#define OOMSIM_GUEST_PLAN_H

#include "sim/core/strbuf.h"
#include "sim/world/config.h"

/* What the guest has room for (tests/kernel/guest.h). */
#define GUEST_MAX_GROUPS    32
#define GUEST_MAX_FILES     64
#define GUEST_MAX_DISKS     16
#define GUEST_MAX_PROCESSES 256
#define GUEST_MAX_INSTANCES 2048
#define GUEST_MAX_STEPS     3072
#define GUEST_MAX_REGIONS   320
#define GUEST_MAX_SAMPLES   6000 /* about 16 kB each */

struct guest_plan {
	struct strbuf text;
	struct strbuf notes; /* one a line: what differs in the guest */
	uint64_t ram_mib;    /* RAM that the machine is to have */
	uint64_t disks_mib;  /* and RAM on top of it that is swap areas and disks */
	unsigned ndisk;
	uint64_t disk_mib[GUEST_MAX_DISKS]; /* for making their file systems */
	unsigned nstep;      /* steps written so far */
	const char *refused; /* why the guest cannot run it at all; NULL: it can */
};

/* Make the plan of `cfg`. SIM_OK or SIM_ENOMEM; look at ret->refused too. Free with guest_plan_free() in any case. */
int guest_plan_build(const struct sim_config *cfg, struct guest_plan *ret);
void guest_plan_free(struct guest_plan *p);

/* How often the guest takes a sample: as the scenario says, within reason. */
sim_ns guest_sample(const struct sim_config *cfg);
/* The device that the guest has in the place of `d`: a null_blk, which has one latency and one bandwidth for both directions,
 * gives its bandwidth out per 20 ms and knows no seeks. */
struct blkdev_cfg guest_device(const struct blkdev_cfg *d);

/* ---- between plan.c and plan_steps.c ---- */

__attribute__((format(printf, 2, 3))) void plan_note(struct guest_plan *p, const char *fmt, ...);
/* " key=text", with bytes that would split the line as %XX. */
void plan_text(struct guest_plan *p, const char *key, const char *text);
/* Where a cgroup's file is in the guest, "/sys/fs/cgroup/a/b/memory.max", for the cgroup of that number. */
void plan_cgroup_path(const struct sim_config *cfg, uint32_t cgroup, enum cgroup_file file, char *ret, size_t size);
/* Does the guest write files of that kind? Their values are plain numbers. */
bool plan_cgroup_file(enum cgroup_file file);
/* The steps of a program, one a line, indented by `depth`. */
void plan_steps(struct guest_plan *p, const struct sim_config *cfg, const struct program_cfg *program, unsigned depth);

#endif
