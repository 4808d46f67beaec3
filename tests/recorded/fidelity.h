/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How faithful the simulator is, on one page: results/fidelity/. */
#ifndef OOMSIM_TESTS_RECORDED_FIDELITY_H
#define OOMSIM_TESTS_RECORDED_FIDELITY_H

#include "tests/recorded/table.h"

/* Write README.md, headline.md, table.tsv and the plots to `dir`, print all tables, and name every bar that is missed. `why` is a file of
 * prose for the page. Returns the exit status: 0, 1 when a bar is missed, 3 when something cannot be written. */
int fidelity_report(const char *dir, const char *why, struct comparison *c, size_t n);

/* ---- its parts ---- */

/* page.c: markdown. */
void page_bars(FILE *f, const struct comparison *c, size_t n);
void page_kernels(FILE *f, const struct comparison *c, size_t n);
void page_measures(FILE *f, const struct comparison *c, size_t n);
void page_thrash(FILE *f, const struct comparison *c, size_t n);
/* page_rows.c */
void page_outside(FILE *f, const struct comparison *c, size_t n);
void page_recordings(FILE *f, const struct comparison *c, size_t n);
/* What matters most, of all and of each kernel: for the README. */
void page_headline(FILE *f, const struct comparison *c, size_t n);

/* plots.c: scripts for gnuplot, which hold their data. */
struct plot {
	const char *name, *title; /* NAME.svg */
	const char *of;           /* a recording; NULL: of all */
	void (*script)(FILE *f, const struct plot *p, const struct comparison *c, size_t n);
};
extern const struct plot fidelity_plots[];
extern const size_t nfidelity_plots;

#endif
