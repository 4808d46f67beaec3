/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording says of the machine it was made on, and a simulated machine made the same. */
#ifndef OOMSIM_GUEST_FACTS_H
#define OOMSIM_GUEST_FACTS_H

#include <stdbool.h>

#include "sim/guest/recording.h"
#include "sim/world/config.h"

/* A zone of /proc/zoneinfo, pages. All zero: there is no such zone. */
struct guest_zone {
	double free, present, managed, batch;
	double pcp; /* on the per-CPU list */
};

/* /proc/zoneinfo just before the start; pages unless said. */
struct guest_zoneinfo {
	struct guest_zone zone[MAX_ZONES];
	double slab_reclaimable, slab_unreclaimable, kernel_stack_kB, pagetables, unevictable;
};

void guest_zoneinfo_read(const char *text, struct guest_zoneinfo *ret);
/* nr_page_table_pages; 5.10's zoneinfo has none. */
double guest_pagetables(const struct guest_zoneinfo *z);

/* Facts that only our own guest records; 0 where it did not. */
struct guest_facts {
	char release[SIM_NAME_LEN];
	struct guest_zoneinfo zoneinfo;
	struct sysctl_cfg sysctl; /* SIM_AUTO: this kernel has no such file */
	struct lru_gen_cfg lru_gen;
	double touch_ns;                         /* one access to a resident page */
	unsigned max_sectors_kb;                 /* of the first disk */
	double exe_kB, private_kB, vm_kB, commit_kB; /* of a process before its first step */
	double sampler_us;                       /* CPU time of one sample */
	char failed[1024];                       /* what the guest says went wrong in its set-up, one a line; "" if nothing did */
};

/* From the recording in `dir`. False, and `why` says it, when it cannot be read. */
bool guest_facts_read(const char *dir, struct guest_facts *ret, char why[RECORDING_WHY]);

/*
 * Make the machine of `cfg` the guest's: one CPU and node with its zones, free pages and kernel memory, the sysctls and LRU in
 * use, the devices that the plan made, the guest's program, and PID 1 that takes samples. SIM_OK or SIM_ENOMEM.
 */
int guest_machine_apply(const struct guest_facts *f, struct sim_config *cfg);

#endif
