/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test world with CPUs, for this folder's runner: devices and writeback need threads. */
#include "tests/proc/testworld.c"
