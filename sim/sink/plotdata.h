/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the plots need of the samples, thinned as the run goes on: at most PLOT_ROWS rows, evenly spaced, whatever the length
 * of the run. Counters are running totals, so that a rate over thinned rows is still the exact mean.
 */
#ifndef OOMSIM_SINK_PLOTDATA_H
#define OOMSIM_SINK_PLOTDATA_H

#include "sim/world/record.h"

#define PLOT_ROWS  1200 /* enough for any screen; a picture of more points is only slower */
#define PLOT_TASKS 64   /* largest processes kept of each row; the others are summed up */

struct plot_rss {
	int32_t pid;
	char comm[SIM_COMM_LEN];
	uint64_t kB; /* RssAnon + RssFile + RssShmem */
};

struct plot_row {
	sim_ns t_ns;
	uint64_t kernel_kB, anon_kB, shmem_kB, file_kB, free_kB, swap_kB; /* the first five add up to MemTotal */
	uint64_t wmark_min_kB, wmark_low_kB, wmark_high_kB;
	uint64_t some_us, full_us;       /* memory pressure totals */
	uint32_t some_avg10, full_avg10; /* 1/100 percent */
	uint64_t pgmajfault, pswpin, pswpout;
	bool has_tasks;
	struct plot_rss *task; /* owned; largest first */
	size_t ntask;
	uint64_t rss_kB; /* of all processes, those not kept included */
};

struct plot_data {
	struct plot_row *row; /* PLOT_ROWS of them */
	size_t n;
	uint64_t stride, seen;   /* one sample in `stride` is kept; samples seen */
	struct plot_row pending; /* the sample whose tasks are being told */
	bool has_pending;
};

/* A process of the rss plot. */
struct plot_top {
	int32_t pid;
	char comm[SIM_COMM_LEN];
	uint64_t peak_kB;
};

/* All return SIM_OK or SIM_ENOMEM. Zero-initialise plot_data. */
int plot_data_sample(struct plot_data *d, const struct rec_sample *r);
int plot_data_task(struct plot_data *d, const struct rec_task *r);
/* No more samples will come. */
int plot_data_end(struct plot_data *d);
void plot_data_free(struct plot_data *d);
/* The n processes with the highest peaks, highest first, equals by pid. Returns how many there are. */
size_t plot_data_top(const struct plot_data *d, struct plot_top *ret, size_t n);
/* One process in a row; NULL if it is not there. */
const struct plot_rss *plot_row_find(const struct plot_row *r, int32_t pid);

#endif
