/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mem-Info: counters, nodes, zones, buddy lists, totals. */
#include <stdlib.h>

#include "sim/report/grammar.h"
#include "sim/report/scan.h"

/* ---- "name:number" lists ---- */

/* The next "name:value" of the line; the name may hold anything but blanks and colons. */
static bool next_pair(struct scan *c, const char **ret_name, size_t *ret_len, uint64_t *ret)
{
	for (;;) {
		const char *name, *colon;

		scan_blanks(c);
		name = c->p;
		while (c->p < c->end && *c->p != ':' && *c->p != ' ')
			c->p++;
		if (scan_done(c))
			return false;
		if (*c->p == ' ')
			continue;
		colon = c->p++;
		scan_blanks(c); /* "shmem_thp: 0kB" */
		if (!scan_u64(c, ret))
			continue;
		while (c->p < c->end && *c->p != ' ')
			c->p++;
		*ret_name = name;
		*ret_len = (size_t)(colon - name);
		return true;
	}
}

void parse_counters(struct oom_report *r, const char *m, size_t n)
{
	static const char *const name[] = {
#define X(field) #field,
		OOM_MEMINFO_MAP(X)
#undef X
	};
	struct scan c = scan_of(m, n);
	const char *at;
	size_t len;
	uint64_t v;

	r->has_meminfo = true;
	while (next_pair(&c, &at, &len, &v)) {
		for (size_t i = 0; i < OOM_MI_COUNT; i++)
			if (strlen(name[i]) == len && !strncasecmp(name[i], at, len) && !r->mi[i].has)
				r->mi[i] = (struct oom_u64){ true, v };
	}
}

static bool says_yes(const char *m, size_t n)
{
	const char *at = scan_find(m, n, "all_unreclaimable? ");

	return at && (size_t)(m + n - at) > 19 && at[19] == 'y';
}

static void note_node(struct oom_report *r, int node)
{
	if (node > r->max_node)
		r->max_node = node;
}

void parse_node(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	int node;

	if (scan_lit(&c, "Node ") && scan_int(&c, &node))
		note_node(r, node);
	r->has_meminfo = r->has_node_lines = true;
	r->nnode++;
	r->node_unreclaimable += says_yes(m, n);
}

/* ---- zones ---- */

static struct oom_zone *zone_get(struct oom_report *r, int node, const char *name, size_t len)
{
	struct oom_zone *z;

	for (size_t i = 0; i < r->nzone; i++)
		if (r->zone[i].node == node && strlen(r->zone[i].name) == len && !memcmp(r->zone[i].name, name, len))
			return &r->zone[i];
	if (r->nzone == OOM_ZONES_MAX || len >= sizeof(z->name))
		return NULL;
	z = realloc(r->zone, (r->nzone + 1) * sizeof(*z));
	if (!z)
		return NULL;
	r->zone = z;
	z += r->nzone++;
	memset(z, 0, sizeof(*z));
	z->node = node;
	memcpy(z->name, name, len);
	return z;
}

/* "Node 0 DMA32" or "DMA32" at the cursor. */
static struct oom_zone *zone_named(struct oom_report *r, struct scan *c)
{
	const char *name;
	int node = -1;

	if (scan_lit(c, "Node ") && !(scan_int(c, &node) && scan_lit(c, " ")))
		return NULL;
	note_node(r, node);
	for (name = c->p; c->p < c->end && *c->p != ' ' && *c->p != ':';)
		c->p++;
	return zone_get(r, node, name, (size_t)(c->p - name));
}

struct zone_field {
	const char *name;
	size_t offset;
};

static const struct zone_field zone_field[] = {
#define F(text, field)                                                                                                 \
	{                                                                                                              \
		text, offsetof(struct oom_zone, field)                                                                 \
	}
	F("free", free_kB),
	F("min", min_kB),
	F("low", low_kB),
	F("high", high_kB),
	F("boost", boost_kB),
	F("present", present_kB),
	F("managed", managed_kB),
	F("reserved_highatomic", reserved_highatomic_kB),
	F("free_cma", free_cma_kB),
	F("active_file", active_file_kB),
	F("inactive_file", inactive_file_kB),
	F("active_anon", active_anon_kB),
	F("inactive_anon", inactive_anon_kB),
#undef F
};

void parse_zone(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	struct oom_zone *z = zone_named(r, &c);
	const char *at;
	size_t len;
	uint64_t v;

	r->has_meminfo = true;
	if (!z || z->has_marks)
		return; /* seen before: of two dumps in one report the first is the OOM's */
	while (next_pair(&c, &at, &len, &v)) {
		for (size_t i = 0; i < ARRAY_LEN(zone_field); i++)
			if (strlen(zone_field[i].name) == len && !memcmp(zone_field[i].name, at, len))
				memcpy((char *)z + zone_field[i].offset, &v, sizeof(v));
		z->has_marks |= len == 3 && !memcmp(at, "min", 3);
		z->has_present |= len == 7 && !memcmp(at, "present", 7);
		z->has_managed |= len == 7 && !memcmp(at, "managed", 7);
	}
	z->has_unreclaimable = scan_find(m, n, "all_unreclaimable? ") != NULL;
	z->all_unreclaimable = says_yes(m, n);
}

/* Belongs to the zone line before it. */
void parse_reserve(struct oom_report *r, const char *m, size_t n)
{
	struct oom_zone *z = r->nzone ? &r->zone[r->nzone - 1] : NULL;
	struct scan c = scan_of(m, n);
	uint64_t v;

	if (!z || z->nreserve || !scan_past(&c, ":"))
		return;
	for (scan_blanks(&c); z->nreserve < OOM_RESERVES && scan_u64(&c, &v); scan_blanks(&c))
		z->reserve_pages[z->nreserve++] = v;
}

static uint16_t block_types(struct scan *c)
{
	static const char letter[] = "UMEHCIR";
	static const uint16_t bit[] = { OOM_BLOCK_U, OOM_BLOCK_M, OOM_BLOCK_E, OOM_BLOCK_H,
					OOM_BLOCK_C, OOM_BLOCK_I, OOM_BLOCK_H };
	uint16_t types = 0;
	const char *hit;

	if (!scan_lit(c, "("))
		return 0;
	for (; c->p < c->end && *c->p != ')'; c->p++)
		if (*c->p && (hit = strchr(letter, *c->p)))
			types |= bit[hit - letter]; /* R: the MIGRATE_RESERVE of 3.x, which became H */
	scan_lit(c, ")");
	return types;
}

/* "Node 0 DMA: 2*4kB (UM) 1*8kB (M) ... = 1376kB". The first size is the machine's page size. */
void parse_buddy(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	struct oom_zone *z = zone_named(r, &c);
	uint64_t count, size;

	if (!z || z->has_buddy || !scan_lit(&c, ": "))
		return;
	z->has_buddy = true;
	for (int o = 0; o < OOM_ORDERS; o++) {
		scan_blanks(&c);
		if (!scan_u64(&c, &count) || !scan_lit(&c, "*") || !scan_u64(&c, &size) || !scan_lit(&c, "kB"))
			break;
		if (o == 0 && size >= 4 && size <= 1024 && (size & (size - 1)) == 0) {
			r->page_kB = size;
			r->page_known = true;
		}
		z->nr_free[o] = count;
		scan_blanks(&c);
		z->types[o] = block_types(&c);
	}
}

void parse_hugepages(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	uint64_t total, size, kB;
	int node;

	scan_lit(&c, "hugetlb: ");
	if (!scan_lit(&c, "Node ") || !scan_int(&c, &node))
		return;
	note_node(r, node);
	if (!scan_past(&c, "hugepages_total=") || !scan_u64(&c, &total) || !scan_past(&c, "hugepages_size=") ||
	    !scan_u64(&c, &size) || !u64_mul(total, size, &kB))
		return;
	r->hugepages_kB.has = true;
	if (!u64_add(r->hugepages_kB.v, kB, &r->hugepages_kB.v))
		r->hugepages_kB.v = UINT64_MAX;
}

/* ---- totals ---- */

static void set_once(struct oom_u64 *f, uint64_t v)
{
	if (!f->has)
		*f = (struct oom_u64){ true, v };
}

/* "Free swap  = 0kB" and "Free swap:       1234kB". */
static void swap_line(struct scan *c, struct oom_u64 *f)
{
	uint64_t v;

	while (c->p < c->end && (*c->p == ' ' || *c->p == '=' || *c->p == ':'))
		c->p++;
	if (scan_u64(c, &v))
		set_once(f, v);
}

void parse_summary(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	uint64_t v;

	if (scan_lit(&c, "Free swap"))
		swap_line(&c, &r->swap_free_kB);
	else if (scan_lit(&c, "Total swap"))
		swap_line(&c, &r->swap_total_kB);
	else if (scan_lit(&c, "Swap cache stats:"))
		r->has_swap_stats = true;
	if (!scan_u64(&c, &v))
		return;
	r->has_meminfo = true;
	if (scan_lit(&c, " total pagecache pages"))
		set_once(&r->pagecache_pages, v);
	else if (scan_lit(&c, " pages in swap cache") || scan_lit(&c, " pages swap cached"))
		set_once(&r->swapcache_pages, v);
	else if (scan_lit(&c, " pages RAM") || scan_lit(&c, " pages of RAM"))
		set_once(&r->ram_pages, v);
	else if (scan_lit(&c, " pages HighMem") || scan_lit(&c, " pages of HIGHMEM"))
		set_once(&r->highmem_pages, v);
	else if (scan_lit(&c, " pages reserved") || scan_lit(&c, " reserved pages"))
		set_once(&r->reserved_pages, v);
	else if (scan_lit(&c, " pages hwpoisoned"))
		set_once(&r->hwpoisoned_pages, v);
}
