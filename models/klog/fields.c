/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/klog/fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS(name, ...)                                                                                              \
	static const struct klog_field name##_v[] = { __VA_ARGS__ };                                                   \
	const struct klog_fields name = { name##_v, ARRAY_LEN(name##_v) }

#define SUM(name, kind, type, a, b)                                                                                    \
	{                                                                                                              \
		name, offsetof(type, a), kind, offsetof(type, b)                                                       \
	}
#define R(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct klog_request, x), K_INT, 0                                                         \
	}
#define L(x, kind)                                                                                                     \
	{                                                                                                              \
#x, offsetof(struct klog_line, x), kind, 0                                                             \
	}
#define M(x, kind)                                                                                                     \
	{                                                                                                              \
#x, offsetof(struct klog_memcg_line, x), kind, 0                                                       \
	}
#define O(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct rec_oom_report, x), K_U64, 0                                                       \
	}
#define N(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct rec_oom_node, x), K_KB, 0                                                          \
	}
#define Z(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct rec_oom_zone, x), K_KB, 0                                                          \
	}
#define P(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct klog_pcp, hot.x), K_U32, 0                                                         \
	}
#define C(x)                                                                                                           \
	{                                                                                                              \
#x, offsetof(struct klog_pcp, x), K_U32, 0                                                             \
	}
#define T(x, kind)                                                                                                     \
	{                                                                                                              \
#x, offsetof(struct klog_row, t.x), kind, 0                                                            \
	}
#define KL(x, kind)                                                                                                    \
	{                                                                                                              \
#x, offsetof(struct rec_kill, x), kind, 0                                                              \
	}

FIELDS(klog_request_fields, { "comm", offsetof(struct klog_request, comm), K_COMM, 0 },
       { "gfp", offsetof(struct klog_request, gfp), K_HEX, 0 },
       { "gfp_names", offsetof(struct klog_request, names), K_TEXT, 0 },
       { "nodemask", offsetof(struct klog_request, nodemask), K_TEXT, 0 },
       { "nodemask_or_mems", offsetof(struct klog_request, nodemask_or_mems), K_TEXT, 0 },
       { "cpuset", offsetof(struct klog_request, cpuset), K_TEXT, 0 },
       { "mems_allowed", offsetof(struct klog_request, mems_allowed), K_TEXT, 0 }, R(order), R(oom_score_adj), R(oom_adj),
       R(oom_adj_15));

FIELDS(klog_line_fields, L(comm, K_COMM), L(release, K_TEXT), L(hardware, K_TEXT), L(function, K_TEXT), L(text, K_TEXT),
       L(cpu, K_INT), L(pid, K_INT), L(uid, K_U32), L(anon_kB, K_U64), L(file_kB, K_U64), L(shmem_kB, K_U64));

FIELDS(klog_memcg_fields, M(name, K_TEXT), M(path, K_TEXT), M(task_path, K_TEXT), M(usage_kB, K_U64),
       M(limit_kB, K_U64), M(failcnt, K_U64), M(value, K_U64));

FIELDS(klog_report_fields, O(active_anon), O(inactive_anon), O(isolated_anon), O(active_file), O(inactive_file),
       O(isolated_file), O(unevictable), O(dirty), O(writeback), O(slab_reclaimable), O(slab_unreclaimable), O(mapped),
       O(shmem), O(pagetables), O(sec_pagetables), O(bounce), O(kernel_misc_reclaimable), O(free), O(free_pcp),
       O(free_cma), O(unstable), O(pagecache_pages), O(swapcache_pages), O(free_swap_kB), O(total_swap_kB),
       O(pages_ram), O(pages_reserved), O(pages_highmem), O(pages_cma), O(pages_hwpoisoned), O(pages_shared),
       O(pages_nonshared), O(swapcache_add), O(swapcache_del), O(swapcache_find), O(swapcache_find_total),
       O(memcg_min_kB), O(memcg_low_kB), { "free_kB", offsetof(struct rec_oom_report, free), K_KB, 0 },
       SUM("active", K_SUM, struct rec_oom_report, active_anon, active_file),
       SUM("inactive", K_SUM, struct rec_oom_report, inactive_anon, inactive_file),
       SUM("slab", K_SUM, struct rec_oom_report, slab_reclaimable, slab_unreclaimable));

FIELDS(klog_node_fields, { "node", offsetof(struct rec_oom_node, node), K_INT, 0 }, N(active_anon), N(inactive_anon),
       N(active_file), N(inactive_file), N(unevictable), N(isolated_anon), N(isolated_file), N(mapped), N(dirty),
       N(writeback), N(shmem), N(shmem_thp), N(shmem_pmdmapped), N(anon_thp), N(writeback_tmp), N(pagetables),
       N(sec_pagetables), N(unstable), N(balloon), N(gpu_active), N(gpu_reclaim),
       { "kernel_stack", offsetof(struct rec_oom_node, kernel_stack_kB), K_U64, 0 },
       { "pages_scanned", offsetof(struct rec_oom_node, pages_scanned), K_U64, 0 },
       { "all_unreclaimable", offsetof(struct rec_oom_node, all_unreclaimable), K_YES, 0 });

FIELDS(klog_zone_fields, { "node", offsetof(struct rec_oom_zone, node), K_INT, 0 },
       { "name", offsetof(struct rec_oom_zone, name), K_TEXT, 0 }, Z(free), Z(boost), Z(min), Z(low), Z(high),
       Z(reserved_highatomic), Z(free_highatomic), Z(active_anon), Z(inactive_anon), Z(active_file), Z(inactive_file),
       Z(unevictable), Z(writepending), Z(zspages), Z(present), Z(managed), Z(mlocked), Z(bounce), Z(free_pcp),
       Z(local_pcp), Z(free_cma), Z(isolated_anon), Z(isolated_file), Z(dirty), Z(writeback), Z(mapped), Z(shmem),
       Z(slab_reclaimable), Z(slab_unreclaimable), Z(pagetables), Z(unstable), Z(writeback_tmp),
       { "kernel_stack", offsetof(struct rec_oom_zone, kernel_stack_kB), K_U64, 0 },
       { "pages_scanned", offsetof(struct rec_oom_zone, pages_scanned), K_U64, 0 },
       SUM("active", K_SUM_KB, struct rec_oom_zone, active_anon, active_file),
       SUM("inactive", K_SUM_KB, struct rec_oom_zone, inactive_anon, inactive_file),
       { "all_unreclaimable", offsetof(struct rec_oom_zone, all_unreclaimable), K_YES, 0 });

FIELDS(klog_pcp_fields, P(high), P(batch), P(used), C(cpu), C(low), C(cold_high), C(cold_batch));

FIELDS(klog_row_fields, T(pid, K_INT), T(tgid, K_INT), T(comm, K_COMM), T(uid, K_U32), T(total_vm, K_U64),
       T(rss, K_U64), T(rss_anon, K_U64), T(rss_file, K_U64), T(rss_shmem, K_U64), T(pgtables_bytes, K_U64),
       T(nr_ptes, K_U64), T(nr_pmds, K_U64), T(swapents, K_U64), T(cpu, K_INT), T(oom_score_adj, K_INT),
       { "oom_adj", offsetof(struct klog_row, oom_adj), K_INT, 0 },
       { "oom_adj_15", offsetof(struct klog_row, oom_adj_15), K_INT, 0 });

FIELDS(klog_kill_fields, KL(pid, K_INT), KL(uid, K_U32), KL(constraint, K_TEXT), KL(memcg, K_TEXT),
       KL(oom_memcg, K_TEXT), KL(nodemask, K_TEXT), KL(cpuset, K_TEXT), KL(mems_allowed, K_TEXT), KL(message, K_TEXT), KL(total_vm_kB, K_U64),
       KL(anon_rss_kB, K_U64), KL(file_rss_kB, K_U64), KL(shmem_rss_kB, K_U64), KL(pgtables_kB, K_U64),
       KL(oom_score_adj, K_INT), KL(chosen_pid, K_INT), KL(score, K_I64),
       { "comm", offsetof(struct rec_kill, comm), K_COMM, 0 },
       { "chosen_comm", offsetof(struct rec_kill, chosen_comm), K_COMM, 0 });

static const struct klog_field *find(const struct klog_fields *f, const char *name, size_t len)
{
	for (size_t i = 0; i < f->n; i++)
		if (strlen(f->v[i].name) == len && strncmp(f->v[i].name, name, len) == 0)
			return &f->v[i];
	return NULL;
}

/* comm is an array in the records and a pointer in the lines: the small structs are told apart by who asks. */
static const char *comm_of(const struct klog_fields *f, const char *at)
{
	return f == &klog_row_fields || f == &klog_kill_fields ? at : *(const char *const *)at;
}

static void put(struct strbuf *out, const struct klog_fields *fields, const struct klog_field *f, const void *base,
		int width)
{
	const char *at = (const char *)base + f->offset;
	const char *more = (const char *)base + f->offset2;

	switch (f->kind) {
	case K_U64:
		strbuf_addf(out, "%*" PRIu64, width, *(const uint64_t *)at);
		break;
	case K_KB:
		strbuf_addf(out, "%*" PRIu64, width, 4 * *(const uint64_t *)at);
		break;
	case K_SUM:
		strbuf_addf(out, "%*" PRIu64, width, *(const uint64_t *)at + *(const uint64_t *)more);
		break;
	case K_SUM_KB:
		strbuf_addf(out, "%*" PRIu64, width, 4 * (*(const uint64_t *)at + *(const uint64_t *)more));
		break;
	case K_U32:
		strbuf_addf(out, "%*" PRIu32, width, *(const uint32_t *)at);
		break;
	case K_HEX:
		strbuf_addf(out, "0x%" PRIx32, *(const uint32_t *)at);
		break;
	case K_INT:
		strbuf_addf(out, "%*d", width, *(const int *)at);
		break;
	case K_I64:
		strbuf_addf(out, "%*" PRId64, width, *(const int64_t *)at);
		break;
	case K_YES:
		strbuf_puts(out, *(const bool *)at ? "yes" : "no");
		break;
	case K_COMM:
		klog_comm(out, comm_of(fields, at));
		break;
	case K_TEXT:
		strbuf_puts(out, *(const char *const *)at);
		break;
	}
}

void klog_fill(struct strbuf *out, const char *tmpl, const struct klog_fields *fields, const void *base)
{
	const char *open, *end;

	if (!tmpl)
		return;
	for (; (open = strchr(tmpl, '{')) && (end = strchr(open, '}')); tmpl = end + 1) {
		size_t len = strcspn(open + 1, ":}");
		const struct klog_field *f = find(fields, open + 1, len);

		strbuf_add(out, tmpl, (size_t)(open - tmpl));
		if (f)
			put(out, fields, f, base, open[1 + len] == ':' ? atoi(open + 2 + len) : 0);
		else
			strbuf_add(out, open, (size_t)(end - open) + 1);
	}
	strbuf_puts(out, tmpl);
}
