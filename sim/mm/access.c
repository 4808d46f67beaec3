/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accesses as a stochastic process: see access.h.
 *
 * How exact this is. Hits before a fault, and the page that faults, have exactly the distribution of visiting each
 * access. So has the accessed bit of a page when one looks at faults, as reclaim on behalf of the program does;
 * looked at by others, the exponent of its chance of not having been used is off by a factor of at most 1 + a for a
 * share a of the accesses, which matters only for pages that are in use all the time anyway. The bits of different
 * pages are drawn independently, which leaves a few hundredths of the spread of their sum unaccounted for when most
 * accesses fault; means are not affected.
 *
 * Stamps have 32 bits. They count in quanta of 2^shift <= max(1, n / 2^14) accesses, both ends of an interval rounded
 * down: over all looks the errors cancel, and a single one is off by at most a quantum, in which a page of mean
 * weight is used 2^-14 times. In a sweep the start is rounded up instead, so that the access that brought a page in
 * is not taken for a second one; a visit within a quantum after a look goes unseen. When the clock outgrows 32 bits
 * of quanta, stamps older than 2^31 quanta are moved up to that age: since then a page of mean weight has been used
 * 2^16 times or more, so only pages of less than about 2^-10 of the mean weight that nobody has looked at for so long
 * seem a little less used than they were.
 */
#include "sim/mm/access.h"

#include "sim/core/diag.h"
#include "sim/core/fmath.h"
#include "sim/mm/fault.h"
#include "sim/world/engine.h"

#include <string.h>

#define QUANTA_LOG2 14
#define TRIES       32 /* of drawing a missing page by rejection */
#define TRY_ABOVE   8  /* while at least one in so many is missing */
#define BLOCK_SHIFT 6
#define STRIDE      8    /* entries of a block that are summed up at once */
#define SURE        45.0 /* e^-45: less than the random stream can tell from 0 */

/* ---- Fenwick tree of missing weight by aligned block of 64 pages, numbered from that of off ---- */

static uint64_t first_block(const struct access *a)
{
	return a->off >> BLOCK_SHIFT;
}

static uint32_t block_of(const struct access *a, uint64_t idx)
{
	return (uint32_t)((idx >> BLOCK_SHIFT) - first_block(a));
}

/* The pages of the pattern that lie in a block. A block is never on both sides of a chunk's border. */
static uint64_t block_begin(const struct access *a, uint32_t b)
{
	return u64_max(a->off, (first_block(a) + b) << BLOCK_SHIFT);
}

static uint64_t block_end(const struct access *a, uint32_t b)
{
	return u64_min(a->off + a->n, (first_block(a) + b + 1) << BLOCK_SHIFT);
}

static void fen_build(struct access *a)
{
	for (uint32_t i = 1; i <= a->nfen; i++) {
		uint32_t up = i + (i & -i);

		if (up <= a->nfen)
			a->fenwick[up] += a->fenwick[i];
	}
}

static void fen_add(struct access *a, uint32_t b, uint64_t by)
{
	for (uint32_t i = b + 1; i <= a->nfen; i += i & -i)
		a->fenwick[i] += by;
}

/* Of blocks 0..b together. */
static uint64_t fen_sum(const struct access *a, uint32_t b)
{
	uint64_t sum = 0;

	for (uint32_t i = b + 1; i; i -= i & -i)
		sum += a->fenwick[i];
	return sum;
}

/* The block where the running sum first exceeds x < missing; *ret_rest: x less the blocks before. */
static uint32_t fen_find(const struct access *a, uint64_t x, uint64_t *ret_rest)
{
	uint32_t pos = 0;

	for (uint32_t step = UINT32_C(1) << (31 - __builtin_clz(a->nfen)); step; step >>= 1) {
		if (pos + step <= a->nfen && a->fenwick[pos + step] <= x) {
			pos += step;
			x -= a->fenwick[pos];
		}
	}
	*ret_rest = x;
	return pos;
}

/* ---- entries ---- */

static bool in_range(const struct access *a, uint64_t idx)
{
	return a->active && idx - a->off < a->n;
}

/* vma_pte_missing(), for loops: an entry is mapped as the pattern needs it if these bits say so. */
static pte_t mapped_mask(const struct access *a)
{
	return PTE_TAG | (a->write ? PTE_WP : 0);
}

/* e: entries of a chunk from some page on, NULL while it does not exist. */
static bool missing_at(const struct vma *v, const pte_t *e, uint64_t i)
{
	return !e || (e[i] & mapped_mask(&v->access)) != PTE_PRESENT;
}

static bool page_missing(struct world *w, const struct vma *v, uint64_t idx)
{
	return missing_at(v, pt_lookup(w, &v->pt, idx), 0);
}

/* The next mapped page of the pattern from idx on, with its frame; off + n when there is none. */
static uint64_t next_mapped(struct world *w, const struct vma *v, uint64_t idx, pfn_t *ret_p)
{
	const struct access *a = &v->access;

	for (uint64_t end; idx < a->off + a->n; idx = end) {
		const pte_t *e = pt_lookup(w, &v->pt, idx);

		end = u64_min(a->off + a->n, (idx | CHUNK_MASK) + 1);
		if (!e || !w->chunks.v[v->pt.chunk[idx >> CHUNK_SHIFT]].present)
			continue;
		for (; idx < end; idx++, e++) {
			if (!pte_present(*e) || pte_pfn(*e) == ZERO_PFN)
				continue;
			*ret_p = pte_pfn(*e);
			return idx;
		}
	}
	return idx;
}

/* ---- the clock ---- */

uint64_t access_clock(struct world *w, const struct vma *v)
{
	const struct access *a = &v->access;
	uint64_t n = a->clock;

	if (a->runner && a->touch_ns)
		n += task_burst_done(w, a->runner) / a->touch_ns;
	if (a->leaper && a->leap_period)
		n += (w->now - a->leap_from) / a->leap_period * a->leap_batch;
	return n;
}

/* The present in quanta. All stamps there are were made up to the previous call, so base + stamp is still right for
 * them. */
static uint64_t quanta(struct world *w, struct vma *v)
{
	struct access *a = &v->access;
	uint64_t q = access_clock(w, v) >> a->shift, by;
	pfn_t p = 0;

	if (q - a->base <= UINT32_MAX)
		return q;
	by = q - (UINT64_C(1) << 31) - a->base;
	for (uint64_t i = next_mapped(w, v, a->off, &p); i < a->off + a->n; i = next_mapped(w, v, i + 1, &p))
		w->mm.f.stamp[p] = (uint32_t)u64_sub0(w->mm.f.stamp[p], by);
	a->base += by;
	return q;
}

uint32_t access_stamp(struct world *w, struct vma *v)
{
	uint64_t q;

	if (!v->access.active)
		return 0;
	q = quanta(w, v);
	return (uint32_t)(q - v->access.base);
}

/* ---- has it been used? ---- */

/* The page's turn comes at numbers k = page - pos0 (mod n): is one of them in [since, clock)? */
static bool sweep_visited(const struct access *a, uint64_t page, uint64_t since, uint64_t clock)
{
	uint64_t at = (a->pos0 + since) % a->n;

	return since + (page >= at ? page - at : page + a->n - at) < clock;
}

static bool drawn_visited(struct world *w, const struct access *a, uint64_t page, uint64_t accesses)
{
	double x = (double)accesses * weights_log_stay(&a->weight, page);

	return x < 0 && (x < -SURE || sim_rng_chance(w->rng, 1 - fm_exp(x)));
}

bool access_referenced(struct world *w, struct vma *v, uint64_t idx, uint32_t stamp, bool *ret_dirty)
{
	struct access *a = &v->access;
	uint64_t since = a->base + stamp, now;
	bool used;

	if (!in_range(a, idx) || w->cfg->per_access)
		return false;
	now = quanta(w, v);
	if (now < since || (a->write && page_missing(w, v, idx)))
		return false;
	if (a->pattern == PATTERN_SEQUENTIAL)
		used = sweep_visited(a, idx - a->off, (since + !!a->shift) << a->shift, access_clock(w, v));
	else
		used = drawn_visited(w, a, idx - a->off, (now - since) << a->shift);
	if (used && a->write)
		*ret_dirty = true;
	return used;
}

/* ---- the next fault ---- */

/* The first missing page from idx on in its block, or the block's end. */
static uint64_t scan_block(struct world *w, const struct vma *v, uint64_t idx)
{
	const pte_t *e = pt_lookup(w, &v->pt, idx);
	uint64_t n = block_end(&v->access, block_of(&v->access, idx)) - idx, i = 0;

	while (i < n && !missing_at(v, e, i))
		i++;
	return idx + i;
}

/* The first missing page from idx on, cyclically; something is missing. Blocks without are passed over. */
static uint64_t next_hole(struct world *w, struct vma *v, uint64_t idx)
{
	struct access *a = &v->access;
	uint32_t b = block_of(a, idx);
	uint64_t hole = scan_block(w, v, idx), upto, rest;

	if (hole < block_end(a, b))
		return hole;
	upto = fen_sum(a, b);
	b = fen_find(a, upto < a->missing ? upto : 0, &rest);
	return scan_block(w, v, block_begin(a, b));
}

/* The page of a sweep's access number `clock`. */
static uint64_t sweep_at(const struct access *a, uint64_t clock)
{
	return a->off + (a->pos0 + clock) % a->n;
}

static uint64_t sweep_distance(const struct access *a, uint64_t from, uint64_t to)
{
	return to >= from ? to - from : to + a->n - from;
}

uint64_t access_hits(struct world *w, struct vma *v, struct sim_rng *rng)
{
	struct access *a = &v->access;
	uint64_t clock, at, hits;

	a->hole = UINT64_MAX;
	if (!a->active || !a->missing)
		return ACCESS_NO_FAULT;
	if (a->pattern == PATTERN_SEQUENTIAL) {
		clock = access_clock(w, v);
		at = sweep_at(a, clock);
		hits = sweep_distance(a, at, next_hole(w, v, at));
		a->hole = clock + hits;
		return hits;
	}
	if (a->missing == a->weight.total)
		return 0;
	return sim_rng_geometric0(rng, (double)a->missing / (double)a->weight.total);
}

/* Missing weight of n pages from `page` on, without a branch that depends on an entry. */
static uint64_t missing_weight(const struct access *a, const pte_t *e, uint64_t page, uint64_t n)
{
	const struct weights *wt = &a->weight;
	pte_t mask = mapped_mask(a);
	uint64_t sum = 0;
	uint32_t count = 0;

	if (!e)
		return weights_sum(wt, page, page + n);
	if (!wt->zipf && (page >= wt->hot || page + n <= wt->hot)) {
		for (uint64_t i = 0; i < n; i++)
			count += (e[i] & mask) != PTE_PRESENT;
		return count * weight_of(wt, page);
	}
	for (uint64_t i = 0; i < n; i++)
		sum += weight_of(wt, page + i) & -(uint64_t)((e[i] & mask) != PTE_PRESENT);
	return sum;
}

/* The page of block b where the running sum of missing weight exceeds x. */
static uint64_t pick_in_block(struct world *w, struct vma *v, uint32_t b, uint64_t x)
{
	const struct access *a = &v->access;
	uint64_t page = block_begin(a, b) - a->off, end = block_end(a, b) - a->off, sum;
	const pte_t *e = pt_lookup(w, &v->pt, a->off + page);

	for (uint64_t step = STRIDE; page < end;) {
		step = u64_min(step, end - page);
		sum = missing_weight(a, e, page, step);
		if (x >= sum) {
			x -= sum;
			page += step;
			e = e ? e + step : NULL;
		} else if (step == 1) {
			return a->off + page;
		} else {
			step = 1;
		}
	}
	world_fail(w, SIM_EBROKEN); /* the tree and the entries disagree */
	return a->off;
}

/* While much is missing, drawing until a missing page comes up is quickest; the distribution is that of the tree. */
uint64_t access_fault_page(struct world *w, struct vma *v, struct sim_rng *rng)
{
	struct access *a = &v->access;
	uint64_t rest, idx;
	uint32_t b;

	if (!a->active || !a->missing)
		return UINT64_MAX;
	if (a->pattern == PATTERN_SEQUENTIAL)
		return next_hole(w, v, sweep_at(a, access_clock(w, v)));
	for (int i = 0; i < TRIES && a->missing > a->weight.total / TRY_ABOVE; i++) {
		idx = a->off + weights_draw(&a->weight, rng);
		if (page_missing(w, v, idx))
			return idx;
	}
	b = fen_find(a, sim_rng_below(rng, a->missing), &rest);
	return pick_in_block(w, v, b, rest);
}

uint64_t access_draw(struct world *w, struct vma *v, struct sim_rng *rng)
{
	const struct access *a = &v->access;

	if (a->pattern == PATTERN_SEQUENTIAL)
		return sweep_at(a, access_clock(w, v));
	return a->off + weights_draw(&a->weight, rng);
}

/* ---- changes of residency ---- */

static void cut_others(struct world *w, const struct access *a)
{
	if (a->runner && a->runner != w->sched.running)
		task_cut(w, a->runner);
	if (a->leaper && a->leaper != w->sched.running)
		task_cut(w, a->leaper);
}

/* Does it matter to those under way? A sweep meets pages in order: a hole before the one it expects, or the one it
 * expects gone. */
static bool upsets(struct world *w, const struct vma *v, uint64_t idx, bool is_missing)
{
	const struct access *a = &v->access;
	uint64_t clock, turn;

	if (a->pattern != PATTERN_SEQUENTIAL)
		return true;
	clock = access_clock(w, v);
	turn = clock + sweep_distance(a, sweep_at(a, clock), idx);
	return is_missing ? turn < a->hole : turn == a->hole;
}

void access_note(struct world *w, struct vma *v, uint64_t idx, bool was_missing, bool is_missing)
{
	struct access *a = &v->access;
	uint64_t weight;

	if (!in_range(a, idx) || was_missing == is_missing)
		return;
	weight = weight_of(&a->weight, idx - a->off);
	weight = is_missing ? weight : -weight;
	a->missing += weight;
	fen_add(a, block_of(a, idx), weight);
	if (weight && (a->runner || a->leaper) && upsets(w, v, idx, is_missing))
		cut_others(w, a);
}

/* ---- begin and end ---- */

static bool same_pattern(const struct access *a, const struct access *b)
{
	if (!a->active || a->pattern != b->pattern || a->write != b->write || a->off != b->off || a->n != b->n)
		return false;
	if (a->pattern == PATTERN_SEQUENTIAL)
		return (a->pos0 + a->clock) % a->n == b->pos0 % b->n;
	if (a->pattern == PATTERN_ZIPF)
		return a->zipf_s == b->zipf_s;
	return a->pattern != PATTERN_HOTCOLD || (a->hot == b->hot && a->hot_weight == b->hot_weight);
}

/* Everything is missing except what is mapped, whose stamps begin again with the clock. */
static void count_missing(struct world *w, struct vma *v)
{
	struct access *a = &v->access;
	pfn_t p;

	for (uint32_t b = 0; b < a->nfen; b++) {
		uint64_t begin = block_begin(a, b), n = block_end(a, b) - begin;

		a->fenwick[b + 1] = missing_weight(a, pt_lookup(w, &v->pt, begin), begin - a->off, n);
		a->missing += a->fenwick[b + 1];
	}
	fen_build(a);
	for (uint64_t i = next_mapped(w, v, a->off, &p); i < a->off + a->n; i = next_mapped(w, v, i + 1, &p))
		w->mm.f.stamp[p] = 0;
}

int access_begin(struct world *w, struct vma *v, const struct access *pattern)
{
	struct access *a = &v->access;
	int err;

	if (same_pattern(a, pattern))
		return SIM_OK;
	access_settle(w, v);
	if (!pattern->n)
		return SIM_OK;
	*a = (struct access){ .write = pattern->write,
			      .pattern = pattern->pattern,
			      .off = pattern->off,
			      .n = pattern->n,
			      .zipf_s = pattern->zipf_s,
			      .hot = pattern->hot,
			      .hot_weight = pattern->hot_weight,
			      .pos0 = pattern->pos0 % pattern->n,
			      .hole = UINT64_MAX };
	err = weights_init(w->a, &a->weight, a->pattern, a->n, a->zipf_s, a->hot, a->hot_weight);
	if (err)
		return err;
	a->nfen = block_of(a, a->off + a->n - 1) + 1;
	a->fenwick = sim_calloc(w->a, a->nfen + 1, sizeof(*a->fenwick));
	if (!a->fenwick) {
		access_free(w, a);
		return SIM_ENOMEM;
	}
	a->shift = (unsigned)u64_sub0(63 - (unsigned)__builtin_clzll(a->n), QUANTA_LOG2);
	count_missing(w, v);
	a->active = true;
	return SIM_OK;
}

void access_free(struct world *w, struct access *a)
{
	weights_free(w->a, &a->weight);
	sim_free(w->a, a->fenwick);
	memset(a, 0, sizeof(*a));
}

/* A file's page became dirty, and was counted so, at the fault of its first write; only anonymous pages can have
 * become dirty unnoticed since (MADV_FREE leaves them clean and writable). */
void access_settle(struct world *w, struct vma *v)
{
	struct access *a = &v->access;
	struct frames *f = &w->mm.f;
	pfn_t p;

	if (!a->active)
		return;
	for (uint64_t i = next_mapped(w, v, a->off, &p); i < a->off + a->n; i = next_mapped(w, v, i + 1, &p)) {
		bool dirty = false;

		if (!access_referenced(w, v, i, f->stamp[p], &dirty))
			continue;
		f->flags[p] |= F_YOUNG;
		if (dirty && !(f->flags[p] & F_FILECACHE))
			f->flags[p] |= F_DIRTY;
	}
	cut_others(w, a);
	access_free(w, a);
}
