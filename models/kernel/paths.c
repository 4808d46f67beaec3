/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long the kernels' paths are beside those of 6.1. Measured in instructions (the recording machine's clock counts them): the same
 * work on Debian's 5.10.223, 6.1.176, 6.12.107 and 7.2.12, us a page unless said, 5.10 / 6.1 / 6.12 / 7.2. "CPU" is run time from
 * /proc/PID/schedstat, which the recordings do not have: a rerun of the same scenario that also read it.
 *
 * Known value: 6.1 itself has no table.
 */
#include "models/kernel/paths.h"

/*
 * fault      ws-080, unpaced allocation: 5.949 / 6.829 / 7.910 / 8.103
 * swapin     ws-120-read, CPU of the task a major fault less its own direct reclaim: 27.8 / 30.4 / 38.4 / 36.0; in 6.12 what the task
 *            spends more passes less outside of it (a fault takes 152 us in both), so the sum is left alone
 * io         ws-120-read, time a major fault that is not the task's CPU: 131.4 / 121.5 / 113.6 / 126, of which 100 are the device's
 * reclaim    CPU of kswapd a page reclaimed, leak-swap (2.1 to 2.9 scans): 21.3 / 23.9 / 27.5 / 27.4; 7.2 ws-200: 36.5 where 24.3 follows
 *            from 6.1's costs
 * file_free  CPU of kswapd, ws-file-120-seq: 4.1 / 4.6 / 4.9 / large folios
 * read       ws-file-080, 8 to 12 s: 3.88 / 4.32 / 4.39 / 4.37
 * readahead  CPU of the task, ws-file-120-seq: 9.66 / 10.56 / 13.85 / 6.63, of which 3.76 for the copy and the device in 6.1
 * write      CPU of the task, writer-leak 0.3 to 2.9 s: 13.7 / 11.9 / 12.9 / 4.5
 * exit       leak-noswap, kill to exit: 2.53 / 2.64 / 2.75 / 3.07
 * task       two-leaks, what a paced batch costs beside its pages: 8.2 / 8.2 / 11.0 / 10.2
 * report     leak-noswap, invoked to killed, ms: 0.64 / 1.09 / 1.28 / 1.36
 * large      7.2: 2.8 of 6.8 us to bring a page in, 0.72 of 4.1 to scan and free it, 4.5 of 11.9 to write it
 */
const struct path_lengths paths_5_10 = {
	.fault = 871,
	.swapin = 915,
	.reclaim = 950,
	.file_free = 890,
	.read = 915,
	.readahead = 1050,
	.write = 1150,
	.io = 1650,
	.exit = 957,
	.report = 587,
};

const struct path_lengths paths_6_12 = {
	.fault = 1158,
	.reclaim = 1180,
	.file_free = 1065,
	.read = 1015,
	.readahead = 1480,
	.write = 1078,
	.exit = 1040,
	.task = 1150,
	.report = 1170,
};

const struct path_lengths paths_7_2 = {
	.fault = 1187,
	.swapin = 1190,
	.reclaim = 1250,
	.file_free = 1065,
	.read = 1011,
	.readahead = 1480,
	.write = 1078,
	.io = 1280,
	.exit = 1160,
	.task = 1150,
	.report = 1250,
	.large_readahead = 410,
	.large_reclaim = 170,
	.large_write = 380,
};
