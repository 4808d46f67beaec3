/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel log formats: the text that a kernel version prints around an OOM kill, byte for byte in form. One file a format,
 * named after the first version that has it.
 *
 * A format is data: for each kind of line a template in which {name} stands for a field of the record (fields.c), {name:8}
 * for the same right-aligned in 8 columns. The variants of each kind of line stand side by side in lines.h. An empty or
 * missing template prints nothing.
 *
 * A format is given counts of pages of 4096 bytes, which is what the kernels modelled here have; where the simulated page is
 * larger, whoever calls scales the record first (sim/sink/klogscale.h).
 */
#ifndef OOMSIM_MODELS_KLOG_H
#define OOMSIM_MODELS_KLOG_H

#include "sim/core/strbuf.h"
#include "sim/world/model.h"
#include "sim/world/record.h"

/* Before a line that continues the record of the line above (an embedded newline of one printk), as the kernel's own
 * KERN_CONT: whoever stamps the lines leaves such a line without a stamp and removes the mark. */
#define KLOG_CONT "\001c"

/* A bit, or a set of bits, of the allocation flags and its name. */
struct gfp_name {
	uint32_t bits;
	const char *name;
};

/* Allocation flags of an era. Records hold those of 6.1, and so do the name tables: bit[i] is what 6.1's bit i is here, 0 where
 * there is none; NULL: the same. */
struct klog_gfp {
	const uint32_t *bit; /* KLOG_GFP_BITS of them */
	const struct gfp_name
		*name; /* in the order of include/trace/events/mmflags.h; NULL: printed as a number alone */
	size_t nname;
	bool faults_are_compound; /* a fault's page is asked for with __GFP_COMP even when it is a single one (>= 5.17) */
	bool page_cache_is_cold; /* a page for the page cache is asked for with __GFP_COLD (<= 4.14) */
};
#define KLOG_GFP_BITS 25
#define KLOG_GFP_COLD (UINT32_C(1) << 24) /* __GFP_COLD of old, which 6.1 has not: a number of our own */

/* The way into the killer, as a call trace shows it: functions from the innermost outwards, each list ended by NULL. */
struct klog_trace {
	const char *begin, *frame, *end; /* frame: a template of {function} */
	const char *const *kill;         /* out of memory, somebody is killed */
	const char *const *none;         /* nobody is left to be killed */
	const char *const *panic;
	const char *const *memcg;        /* a charge to a memory cgroup in place of an allocation */
	const char *const *alloc;
	const char *const *anon, *const *file, *const *write, *const *kernel; /* how the request came to be */
};

struct klog_format {
	struct model_info info;
	const struct klog_gfp *gfp;
	const struct klog_trace *trace; /* NULL: no call trace */
	const char *invoked;            /* oom-killer: ... */
	const char *cpuset;             /* which CPUs and nodes the task may use */
	const char *cpu;                /* CPU, task and release above the trace */
	const char *hardware;           /* Hardware name: ... */
	const char *mem_info;           /* heading of the rest */
	const char *pcp_zone, *pcp_cpu; /* per-CPU lists: heading of a zone, line of a CPU */
	const char *totals;             /* the machine, pages */
	const char *node;               /* one line a node, kB */
	const char *zone;               /* one line a zone, kB */
	const char *zone_name;          /* "Node {node} {name}", before sizes of free blocks */
	unsigned lowmem_zones;          /* entries of lowmem_reserve[] */
	const char *free_letters;       /* of the kinds of free blocks that are told apart, in order. NULL: none */
	const char *hugepages;
	const char *tail;          /* page cache, swap, RAM */
	const char *memcg_task;    /* memcg OOM: whose limit it was */
	const char *memcg_counter; /* usage and limit of one counter */
	bool memcg_replaces;       /* the memcg part stands in place of Mem-Info (>= 3.10) */
	const char *memcg_stat;    /* heading of the statistics */
	const char *memcg_stat_first, *memcg_stat_next, *memcg_stat_end; /* one figure; what follows the last */
	const char *protection;                                          /* memory.min and memory.low (7.x) */
	const char *table, *task;                                        /* the task table: heading, row */
	const char *constraint_global, *constraint_memcg;                /* oom-kill:constraint=... */
	const char *chosen;                                              /* Kill process ... or sacrifice child */
	const char *killed;
	const char *no_victim; /* before the panic */
	const char *panic[3];  /* by enum panic_reason */
	const char *panic_end; /* template of {text} */
};

extern const struct klog_format klog_v2_6_11, klog_v2_6_24, klog_v2_6_32, klog_v2_6_36, klog_v3_10, klog_v4_4,
	klog_v4_9, klog_v4_14, klog_v4_15, klog_v4_19, klog_v5_0, klog_v5_4, klog_v5_10, klog_v5_15, klog_v6_1,
	klog_v6_6, klog_v6_8, klog_v6_12, klog_v7_2, klog_v7_3;
extern const struct klog_format *const klog_formats[]; /* all of them, oldest first, NULL at the end */

/* Each appends complete lines, without timestamps, to be stamped by the sink. */
void klog_oom_report(const struct klog_format *f, struct strbuf *out, const struct rec_oom_report *r,
		     const char *release, const char *hardware);
/* Who is chosen and who dies; the constraint line (>= 5.0) only where asked for: it is rate limited with the report. */
void klog_kill(const struct klog_format *f, struct strbuf *out, const struct rec_kill *k, bool constraint_line);
void klog_reaped(const struct klog_format *f, struct strbuf *out, int pid, const char *comm, uint64_t anon_kB,
		 uint64_t file_kB, uint64_t shmem_kB);
void klog_reap_failed(const struct klog_format *f, struct strbuf *out, int pid, const char *comm);
/* end_swap_bio_write() (mm/page_io.c, the same in all models): zram number `area` could not keep a page. */
void klog_swap_write_error(struct strbuf *out, uint64_t area, uint64_t sector);
void klog_panic(const struct klog_format *f, struct strbuf *out, int panic_reason, int cpu, int pid, const char *comm,
		const char *release, const char *hardware);

/* Append "NAME|NAME|0xrest" by the kernel's rule (lib/vsprintf.c:format_flags(), specification G.13.1): each entry of the
 * table, in order, whose bits are all still there is printed and its bits are taken away; what is left is printed in hex. */
void klog_gfp_names(struct strbuf *out, uint32_t gfp, const struct gfp_name *names, size_t n);
/* The flags of 6.1 as this era numbers them. */
uint32_t klog_gfp(const struct klog_gfp *g, uint32_t gfp);
/* The kind of free blocks that a letter stands for, or 0. */
enum rec_free_type klog_free_type(char letter);
/* Append a task's name as it may stand in a log line: control characters as \xNN, all else untouched. */
void klog_comm(struct strbuf *out, const char *comm);

#endif
