/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two real series beside scenarios/desktop/: earlyoom's oomstat on a desktop of about 20 GiB (docs/oomstat.md has all figures).
 * Fitted to them are what the machine had (MemAvailable, SwapFree at the start, the rate the newcomer allocates at, the disk's
 * speed); the rest is what the model makes of it.
 */
#include "tests/findings/find.h"

#define MIB_OF(s, x) ((double)(s)->meminfo_kB[MI_##x] / 1024)
#define START_NS     (50 * NS_PER_SEC)

/* When MemAvailable first is below that many MiB after the start. */
static sim_ns below(const struct found *f, double MiB)
{
	for (size_t i = 0; i < f->nsample; i++)
		if (f->sample[i].t_ns > START_NS && MIB_OF(&f->sample[i], MemAvailable) < MiB)
			return f->sample[i].t_ns;
	return SIM_NEVER;
}

/* When SwapFree first is below that many MiB after the start. */
static sim_ns swap_below(const struct found *f, double MiB)
{
	for (size_t i = 0; i < f->nsample; i++)
		if (f->sample[i].t_ns > START_NS && MIB_OF(&f->sample[i], SwapFree) < MiB)
			return f->sample[i].t_ns;
	return SIM_NEVER;
}

/* Per cent of the time between two samples. */
static double psi(const struct rec_psi_line *a, const struct rec_psi_line *b, const struct rec_sample *from,
		  const struct rec_sample *to)
{
	return (double)(b->total_us - a->total_us) / 1e4 / S(to->t_ns - from->t_ns);
}

Test(oomstat, overload)
{
	struct found f = find_shipped("desktop/overload");
	const struct rec_sample *s = find_at(&f, START_NS), *m, *n;
	sim_ns full = below(&f, 200), a = swap_below(&f, 5582), b = swap_below(&f, 279), kill;

	VICTIMS(&f, "hog");
	kill = f.kill[0].t_ns;
	/* the machine as it was */
	NEAR(MIB_OF(s, MemAvailable), 5902, 5);
	NEAR(MIB_OF(s, SwapFree), 5942, 2);
	NEAR((MIB_OF(s, MemAvailable) - 171) / S(full - START_NS), 4776, 5);
	m = find_at(&f, full - 200 * NS_PER_MS);
	WITHIN(psi(&s->psi_memory.some, &m->psi_memory.some, s, m), 0, 2); /* no warning */
	NEAR((5582 - 279) / S(b - a), 74.9, 5);
	/* what followed from it */
	m = find_at(&f, a), n = find_at(&f, b);
	WITHIN(psi(&m->psi_memory.some, &n->psi_memory.some, m, n), 80, 100); /* measured 100 */
	WITHIN(psi(&m->psi_memory.full, &n->psi_memory.full, m, n), 65, 95);  /* measured 72 */
	WITHIN(MIB_OF(find_at(&f, (a + b) / 2), MemAvailable), 10, 100);      /* measured 80 */
	/* the kill comes when swap is full; the real machine hung for 94 s first */
	WITHIN(S(kill - b), 1, 100);
	s = find_at(&f, kill + 2 * NS_PER_SEC);
	NEAR(MIB_OF(s, MemAvailable), 6481, 5);
	NEAR(MIB_OF(s, SwapFree), 5707, 5); /* what went out was the victim's own */
	NEAR(MIB_OF(find_last(&f), SwapFree), 5756, 5);
	find_free(&f);
}

Test(oomstat, ontheedge)
{
	struct found f = find_shipped("desktop/ontheedge");
	const struct rec_sample *s = find_at(&f, START_NS), *e = find_last(&f), *p;
	uint32_t most = 0;
	sim_ns last = 0;

	NEAR(MIB_OF(s, MemAvailable), 5727, 8);
	NEAR(MIB_OF(s, SwapFree), 6297, 2);
	cr_expect_eq(f.nkill, 0);
	WITHIN(MIB_OF(e, MemAvailable), 50, 120); /* measured 50 to 119 to the end */
	for (p = s + 1; p <= e; p++) {
		if (p->psi_memory.some.total_us - p[-1].psi_memory.some.total_us >= 30000) /* 30 % of 100 ms */
			last = p->t_ns;
		most = p->psi_memory.some.avg10 > most ? p->psi_memory.some.avg10 : most;
	}
	NEAR(S(last - below(&f, 200)), 5.4, 35); /* 3.1 to 8.5 s */
	NEAR(most / 100.0, 29, 35);
	find_free(&f);
}
