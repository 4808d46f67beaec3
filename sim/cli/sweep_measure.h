/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sweep measures of one run: numbers that can be averaged. */
#ifndef OOMSIM_CLI_SWEEP_MEASURE_H
#define OOMSIM_CLI_SWEEP_MEASURE_H

#include "sim/sink/collect.h"

/* Name in the files, what it is. Rates and shares are of the time from --from to the end of the run; NaN: there is none. */
#define MEASURE_MAP(X)                                                                                                 \
	X(end_s, "when the run ended")                                                                                 \
	X(oom_kills, "kills by the kernel")                                                                            \
	X(first_kill_s, "when the first of them was")                                                                  \
	X(work_per_s, "pages of work all programs did, a second")                                                      \
	X(cpu_user, "% of all CPUs, nice included")                                                                    \
	X(cpu_system, "% of all CPUs")                                                                                 \
	X(cpu_iowait, "% of all CPUs")                                                                                 \
	X(cpu_idle, "% of all CPUs")                                                                                   \
	X(thrashing_index, "%, mean over time")                                                                        \
	X(lost, "processes that at any time were getting back evicted memory, on average")                             \
	X(pgmajfault_per_s, "")                                                                                        \
	X(workingset_refault_per_s, "anonymous and file")                                                              \
	X(pswpin_per_s, "pages")                                                                                       \
	X(pswpout_per_s, "pages")                                                                                      \
	X(psi_some, "% of the time, memory")                                                                           \
	X(psi_full, "")                                                                                                \
	X(psi_io_some, "")                                                                                             \
	X(psi_io_full, "")                                                                                             \
	X(peak_swap_kB, "over the whole run")

enum measure {
#define X(name, help) MEASURE_##name,
	MEASURE_MAP(X)
#undef X
		MEASURE_COUNT
};
extern const char *const measure_name[MEASURE_COUNT];

/* A recorder that remembers how things stood at `from`: the first sample not before it. Runs behind the collector's. */
struct meter {
	const struct collect *c;
	sim_ns from;
	bool begun, pending;
	struct rec_sample base;
	sim_ns base_thrashing_ns;
	uint64_t base_work;
};

struct recorder meter_recorder(struct meter *m, const struct collect *c, sim_ns from);
/* After the run. */
void meter_read(struct meter *m, double ret[MEASURE_COUNT]);

#endif
