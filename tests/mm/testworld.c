/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/mm/testworld.h"

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* Weak, so that a test binary that does not contain the rest of the engine links as well. */
__attribute__((weak)) bool vma_pte_missing(const struct vma *v, pte_t e)
{
	return !pte_present(e) || (v->access.write && (e & PTE_WP));
}

__attribute__((weak)) void task_cut(struct world *w, struct task *t)
{
	(void)w;
	t->cut = true;
}

__attribute__((weak)) sim_ns task_burst_done(const struct world *w, const struct task *t)
{
	(void)w;
	return t->user_burst ? t->burst_len - t->burst : 0;
}

__attribute__((weak)) void world_fail(struct world *w, int code)
{
	if (!w->error)
		w->error = code;
}

__attribute__((weak)) void workingset_activation(struct world *w, pfn_t p)
{
	frame_node(w, p)->lruvec.nonresident_age++;
}

struct testworld *tw_new(unsigned nnode, const sim_pages managed[MAX_ZONES], uint64_t seed)
{
	struct testworld *tw = calloc(1, sizeof(*tw));

	cr_assert(tw);
	sim_config_init(&tw->cfg);
	tw->cfg.machine.page_size = 4096;
	tw->cfg.machine.nnode = nnode;
	for (unsigned n = 0; n < nnode; n++)
		for (int i = 0; i < MAX_ZONES; i++)
			tw->cfg.machine.node[n].zone[i] = (struct zone_cfg){ .present = managed[i],
									     .managed = managed[i],
									     .free = (int64_t)managed[i],
									     .pcp_high = SIM_AUTO,
									     .pcp_batch = SIM_AUTO };
	tw->w.cfg = &tw->cfg;
	tw->w.a = &sim_alloc_libc;
	tw->w.rng = sim_rng_new(seed, "kernel");
	cr_assert(tw->w.rng);
	cr_assert_eq(frames_init(&tw->w), SIM_OK);
	cr_assert_eq(chunks_init(&tw->w), SIM_OK);
	tw->v = (struct vma){ .used = true, .mm = &tw->mm, .next_mapper = VMA_NONE, .nfamily = 1 };
	tw->vmas[0] = &tw->v;
	tw->w.vma = tw->vmas;
	tw->w.nvma = tw->w.capvma = 1;
	return tw;
}

void tw_free(struct testworld *tw)
{
	access_free(&tw->w, &tw->v.access);
	pt_free(&tw->w, &tw->v.pt);
	chunks_free(&tw->w);
	frames_free(&tw->w);
	sim_rng_free(tw->w.rng);
	sim_config_free(&tw->cfg);
	free(tw);
}

void tw_set(struct testworld *tw, uint64_t idx, pte_t e)
{
	pte_t *slot = pt_get(&tw->w, &tw->v.pt, idx, false, 0), old;
	struct chunk *c;

	cr_assert(slot);
	c = &tw->w.chunks.v[tw->v.pt.chunk[idx >> CHUNK_SHIFT]];
	old = *slot;
	c->present = (uint16_t)(c->present + pte_present(e) - pte_present(old));
	*slot = e;
	access_note(&tw->w, &tw->v, idx, vma_pte_missing(&tw->v, old), vma_pte_missing(&tw->v, e));
}

pfn_t tw_map(struct testworld *tw, uint64_t idx)
{
	struct world *w = &tw->w;
	pfn_t p = zone_take(w, &w->mm.node[0].zone[2]);

	if (p == PFN_NONE)
		return p;
	tw_set(tw, idx, PTE_PRESENT | p);
	w->mm.f.owner[p] = pt_gvpn(&tw->v.pt, idx);
	w->mm.f.stamp[p] = access_stamp(w, &tw->v);
	w->mm.f.mapcount[p] = 1;
	return p;
}

void tw_unmap(struct testworld *tw, uint64_t idx)
{
	pfn_t p = pte_pfn(*pt_lookup(&tw->w, &tw->v.pt, idx));

	tw_set(tw, idx, PTE_NONE);
	zone_give(&tw->w, p);
}

/* ---- statistics ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Kolmogorov's distribution, with the small-sample correction of Stephens (1970). */
static double kolmogorov_q(double d, double n)
{
	double lambda = (sqrt(n) + 0.12 + 0.11 / sqrt(n)) * d, q = 0;

	if (lambda < 0.2)
		return 1;
	for (int j = 1; j <= 100; j++)
		q += 2 * (j & 1 ? 1 : -1) * exp(-2 * j * j * lambda * lambda);
	return q < 0 ? 0 : q > 1 ? 1 : q;
}

double ks_p(double *a, size_t na, double *b, size_t nb)
{
	size_t i = 0, j = 0;
	double d = 0;

	qsort(a, na, sizeof(*a), by_value);
	qsort(b, nb, sizeof(*b), by_value);
	while (i < na && j < nb) {
		double x = a[i] < b[j] ? a[i] : b[j];

		while (i < na && a[i] == x)
			i++;
		while (j < nb && b[j] == x)
			j++;
		d = fmax(d, fabs((double)i / (double)na - (double)j / (double)nb));
	}
	return kolmogorov_q(d, (double)na * (double)nb / (double)(na + nb));
}

double chi2_p(const uint64_t *a, const uint64_t *b, size_t n)
{
	double ta = 0, tb = 0, chi2 = 0, sa = 0, sb = 0;
	size_t bins = 0;

	for (size_t i = 0; i < n; i++) {
		ta += (double)a[i];
		tb += (double)b[i];
	}
	for (size_t i = 0; i < n; i++) {
		double ea, eb;

		sa += (double)a[i];
		sb += (double)b[i];
		if (sa + sb < 10 && i < n - 1)
			continue;
		if (sa + sb == 0)
			continue;
		ea = (sa + sb) * ta / (ta + tb);
		eb = (sa + sb) * tb / (ta + tb);
		chi2 += (sa - ea) * (sa - ea) / ea + (sb - eb) * (sb - eb) / eb;
		bins++;
		sa = sb = 0;
	}
	return bins < 2 ? 1 : gsl_cdf_chisq_Q(chi2, (double)(bins - 1));
}

double chi2_expected_p(const uint64_t *a, const double *share, size_t n)
{
	double total = 0, shares = 0, chi2 = 0, got = 0, want = 0;
	size_t bins = 0;

	for (size_t i = 0; i < n; i++) {
		total += (double)a[i];
		shares += share[i];
	}
	for (size_t i = 0; i < n; i++) {
		got += (double)a[i];
		want += share[i] * total / shares;
		if (want < 5 && i < n - 1)
			continue;
		if (want <= 0)
			continue;
		chi2 += (got - want) * (got - want) / want;
		bins++;
		got = want = 0;
	}
	return bins < 2 ? 1 : gsl_cdf_chisq_Q(chi2, (double)(bins - 1));
}
