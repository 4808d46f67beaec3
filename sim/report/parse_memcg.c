/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of a report that tells about a memory cgroup in place of the machine. */
#include "sim/report/grammar.h"
#include "sim/report/scan.h"

static void copy_path(char *ret, size_t size, const char *s, size_t n)
{
	while (n && (s[n - 1] == ' ' || s[n - 1] == ':'))
		n--;
	scan_copy(ret, size, s, n);
}

/* "Task in /a/b killed as a result of limit of /a", or "Memory limit reached of cgroup /a" when no task is at hand. */
void parse_memcg_task(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *mid;

	if (scan_lit(&c, "Memory limit reached of cgroup ")) {
		copy_path(r->memcg, sizeof(r->memcg), c.p, scan_left(&c));
		return;
	}
	if (!scan_lit(&c, "Task in ") || !(mid = scan_find(c.p, scan_left(&c), " killed as a result of limit of ")))
		return;
	copy_path(r->task_memcg, sizeof(r->task_memcg), c.p, (size_t)(mid - c.p));
	c.p = mid;
	scan_past(&c, " killed as a result of limit of ");
	copy_path(r->memcg, sizeof(r->memcg), c.p, scan_left(&c));
}

/* The largest counter, LONG_MAX rounded down to pages, tells the page size: 9007199254740988 kB is 4 KiB. */
static void learn_page_size(struct oom_report *r, uint64_t limit_kB)
{
	uint64_t page_kB = (UINT64_C(1) << 53) - limit_kB;

	if (r->page_known || page_kB < 4 || page_kB > 1024 || (page_kB & (page_kB - 1)))
		return;
	r->page_kB = page_kB;
	r->page_known = true;
}

void parse_memcg_counter(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	struct oom_counter *f = scan_lit(&c, "memory+swap:") ? &r->memsw
				: scan_lit(&c, "memory:")    ? &r->memory
				: scan_lit(&c, "swap:")      ? &r->swap
							     : &r->kmem;
	struct oom_counter v = { 0 };

	if (f->has || !scan_past(&c, "usage ") || !scan_u64(&c, &v.usage_kB))
		return;
	v.has = scan_past(&c, "limit ") && scan_u64(&c, &v.limit_kB);
	if (scan_past(&c, "failcnt "))
		scan_u64(&c, &v.failcnt);
	if (!v.has)
		return;
	*f = v;
	learn_page_size(r, v.limit_kB);
}

/* "Memory cgroup stats for /a: cache:0KB rss:20260KB ..." up to 5.0, "Memory cgroup stats for /a:" and lines of memory.stat
 * after it. 5.0 and older print one for each cgroup below the one at its limit, which comes first. */
void parse_memcg_stats(struct oom_report *r, const char *m, size_t n)
{
	struct scan c = scan_of(m, n);
	const char *end;
	uint64_t v;

	if (!scan_lit(&c, "Memory cgroup stats for "))
		return;
	end = scan_find(c.p, scan_left(&c), ": ");
	if (!r->memcg[0])
		copy_path(r->memcg, sizeof(r->memcg), c.p, end ? (size_t)(end - c.p) : scan_left(&c));
	if (!end)
		return;
	c.p = end;
	if (scan_past(&c, " cache:") && scan_u64(&c, &v) && v < UINT64_MAX / 1024)
		r->stat_file = (struct oom_u64){ true, r->stat_file.v + v * 1024 };
	if (scan_past(&c, " rss:") && scan_u64(&c, &v) && v < UINT64_MAX / 1024)
		r->stat_anon = (struct oom_u64){ true, r->stat_anon.v + v * 1024 };
	if (scan_past(&c, " swap:") && scan_u64(&c, &v) && v < UINT64_MAX / 1024)
		r->stat_swap = (struct oom_u64){ true, r->stat_swap.v + v * 1024 };
}

void parse_memcg_stat(struct oom_report *r, const char *m, size_t n)
{
	const struct {
		const char *name;
		struct oom_u64 *field;
	} known[] = { { "anon ", &r->stat_anon },
		      { "file ", &r->stat_file },
		      { "shmem ", &r->stat_shmem },
		      { "slab ", &r->stat_slab },
		      { "kernel ", &r->stat_kernel } };
	struct scan c = scan_of(m, n);
	uint64_t v;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!known[i].field->has && scan_word_n(&c, known[i].name, strlen(known[i].name)) && scan_u64(&c, &v))
			*known[i].field = (struct oom_u64){ true, v };
}
