/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What loggers put around a kernel's message, taken off again. */
#ifndef OOMSIM_REPORT_PREFIX_H
#define OOMSIM_REPORT_PREFIX_H

#include "sim/report/scan.h"

struct stripped {
	const char *s; /* the kernel's message, inside the line given */
	size_t n;
	bool prefixed; /* something told that this is a new message, so it is not the rest of a wrapped line */
	bool has_stamp;
	uint64_t stamp_us; /* the kernel's own time in brackets */
};

/*
 * Known: printk's own stamp and caller ([ 12.345678][ T99]), dmesg -T, -x and raw levels (<4>), syslog and journalctl (short, precise,
 * iso), ISO stamps, CRI and docker's json-file, `name | ` of docker compose, (XEN) and (d1), mail quotes (> ), leading blanks,
 * CR at the end. Unknown prefixes in front of a printk stamp or of "kernel: " do not matter.
 */
void prefix_strip(const char *s, size_t n, struct stripped *ret);

/* The line without ANSI escape sequences and NULs, in `buf` if it had any (buf holds at least n bytes). Returns the text. */
const char *prefix_plain(const char *s, size_t n, char *buf, size_t *ret_n);

#endif
