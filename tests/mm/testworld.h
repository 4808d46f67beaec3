/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A world of frames, page tables and one VMA, without the rest of the engine. */
#ifndef OOMSIM_TESTS_MM_TESTWORLD_H
#define OOMSIM_TESTS_MM_TESTWORLD_H

#include "sim/world/engine.h"

struct testworld {
	struct world w;
	struct sim_config cfg;
	struct mm mm;
	struct vma v;
	struct vma *vmas[1];
};

/* nnode nodes with so many managed pages in DMA, DMA32 and NORMAL each, all free. Ends the test when it fails. */
struct testworld *tw_new(unsigned nnode, const sim_pages managed[MAX_ZONES], uint64_t seed);
void tw_free(struct testworld *tw);
/* The VMA's entry becomes e, with chunk counts and access weights kept; no rss, no mapcount. */
void tw_set(struct testworld *tw, uint64_t idx, pte_t e);
/* Map a fresh frame of node 0's NORMAL zone at idx, as a fault would; PFN_NONE if the zone has none. */
pfn_t tw_map(struct testworld *tw, uint64_t idx);
void tw_unmap(struct testworld *tw, uint64_t idx); /* and give the frame back */

/* A two-sided test's verdict: the chance of a difference at least as large among samples of one distribution. */
double ks_p(double *a, size_t na, double *b, size_t nb); /* Kolmogorov-Smirnov, two samples; sorts both */
/* Chi-square of two rows of counts; bins with fewer than 10 in both rows together are merged into their neighbours. */
double chi2_p(const uint64_t *a, const uint64_t *b, size_t n);
/* Chi-square of counts against expected shares (any scale). */
double chi2_expected_p(const uint64_t *a, const double *share, size_t n);

#endif
