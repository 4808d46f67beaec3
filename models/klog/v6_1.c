/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The OOM report of Linux 6.1 (global OOM, one NUMA node a report line).
 *
 * Source:      mm/oom_kill.c (dump_header, dump_tasks, dump_oom_summary, __oom_kill_process, oom_reap_task), mm/page_alloc.c
 *              (show_free_areas), lib/dump_stack.c, kernel/panic.c of 6.1; specification G.13; compared line for line with
 *              recordings of Debian's 6.1 (tests/models/klog_recorded.c).
 * Faithful:    every line and its spacing, "shmem_thp: 0kB" and "reserved_highatomic:0KB" included.
 * Leaves out:  registers and code bytes of the interrupted program; addresses in the call trace, which names the functions
 *              of the real path and gives 0x0/0x0 where a kernel knows an offset; the migrate types of free blocks, all
 *              of which are shown as movable, "(M)"; Debian's package version on the CPU line; the memcg report.
 * Known value: gfp 0x140dca prints as GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO.
 */
#include <string.h>

#include "models/klog/klog.h"

#define KB(pages) (4 * (unsigned long)(pages))
#define UL(x)     ((unsigned long)(x))

enum {
	F_DMA = 0x1,
	F_HIGHMEM = 0x2,
	F_DMA32 = 0x4,
	F_MOVABLE = 0x8,
	F_RECLAIMABLE = 0x10,
	F_HIGH = 0x20,
	F_IO = 0x40,
	F_FS = 0x80,
	F_ZERO = 0x100,
	F_ATOMIC = 0x200,
	F_DIRECT = 0x400,
	F_KSWAPD = 0x800,
	F_WRITE = 0x1000,
	F_NOWARN = 0x2000,
	F_RETRY_MAYFAIL = 0x4000,
	F_NOFAIL = 0x8000,
	F_NORETRY = 0x10000,
	F_MEMALLOC = 0x20000,
	F_COMP = 0x40000,
	F_NOMEMALLOC = 0x80000,
	F_HARDWALL = 0x100000,
	F_THISNODE = 0x200000,
	F_ACCOUNT = 0x400000,
	F_ZEROTAGS = 0x800000,
	F_RECLAIM = F_DIRECT | F_KSWAPD,
	F_KERNEL = F_RECLAIM | F_IO | F_FS,
	F_USER = F_KERNEL | F_HARDWALL,
	F_HIGHUSER = F_USER | F_HIGHMEM,
	F_HIGHUSER_MOVABLE = F_HIGHUSER | F_MOVABLE,
	F_TRANSHUGE_LIGHT = (F_HIGHUSER_MOVABLE | F_COMP | F_NOMEMALLOC | F_NOWARN) & ~F_RECLAIM,
};

/* Order of include/trace/events/mmflags.h in 6.1. */
static const struct gfp_name gfp_6_1[] = {
	{ F_TRANSHUGE_LIGHT | F_DIRECT, "GFP_TRANSHUGE" },
	{ F_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT" },
	{ F_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE" },
	{ F_HIGHUSER, "GFP_HIGHUSER" },
	{ F_USER, "GFP_USER" },
	{ F_KERNEL | F_ACCOUNT, "GFP_KERNEL_ACCOUNT" },
	{ F_KERNEL, "GFP_KERNEL" },
	{ F_RECLAIM | F_IO, "GFP_NOFS" },
	{ F_HIGH | F_ATOMIC | F_KSWAPD, "GFP_ATOMIC" },
	{ F_RECLAIM, "GFP_NOIO" },
	{ F_KSWAPD, "GFP_NOWAIT" },
	{ F_DMA, "GFP_DMA" },
	{ F_HIGHMEM, "__GFP_HIGHMEM" },
	{ F_DMA32, "GFP_DMA32" },
	{ F_HIGH, "__GFP_HIGH" },
	{ F_ATOMIC, "__GFP_ATOMIC" },
	{ F_IO, "__GFP_IO" },
	{ F_FS, "__GFP_FS" },
	{ F_NOWARN, "__GFP_NOWARN" },
	{ F_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL" },
	{ F_NOFAIL, "__GFP_NOFAIL" },
	{ F_NORETRY, "__GFP_NORETRY" },
	{ F_COMP, "__GFP_COMP" },
	{ F_ZERO, "__GFP_ZERO" },
	{ F_NOMEMALLOC, "__GFP_NOMEMALLOC" },
	{ F_MEMALLOC, "__GFP_MEMALLOC" },
	{ F_HARDWALL, "__GFP_HARDWALL" },
	{ F_THISNODE, "__GFP_THISNODE" },
	{ F_RECLAIMABLE, "__GFP_RECLAIMABLE" },
	{ F_MOVABLE, "__GFP_MOVABLE" },
	{ F_ACCOUNT, "__GFP_ACCOUNT" },
	{ F_WRITE, "__GFP_WRITE" },
	{ F_RECLAIM, "__GFP_RECLAIM" },
	{ F_DIRECT, "__GFP_DIRECT_RECLAIM" },
	{ F_KSWAPD, "__GFP_KSWAPD_RECLAIM" },
	{ F_ZEROTAGS, "__GFP_ZEROTAGS" },
};

static void invoked_line(struct strbuf *out, const struct rec_oom_report *r)
{
	klog_comm(out, r->trigger_comm);
	strbuf_addf(out, " invoked oom-killer: gfp_mask=0x%x(", r->gfp_mask);
	klog_gfp_names(out, r->gfp_mask, gfp_6_1, ARRAY_LEN(gfp_6_1));
	strbuf_addf(out, "), order=%d, oom_score_adj=%d\n", r->order, r->trigger_oom_score_adj);
}

/* dump_stack_print_info(). */
static void stack_head(struct strbuf *out, int cpu, int pid, const char *comm, const char *release,
		       const char *hardware)
{
	strbuf_addf(out, "CPU: %d PID: %d Comm: ", cpu, pid);
	klog_comm(out, comm);
	strbuf_addf(out, " Not tainted %s #1\n", release);
	if (hardware && hardware[0])
		strbuf_addf(out, "Hardware name: %s\n", hardware);
	strbuf_puts(out, "Call Trace:\n <TASK>\n dump_stack_lvl+0x0/0x0\n");
}

static void frames(struct strbuf *out, const char *const names[])
{
	for (; *names; names++)
		strbuf_addf(out, " %s+0x0/0x0\n", *names);
}

/* How a request with these flags usually gets from user space to the page allocator. */
static void stack_tail(struct strbuf *out, uint32_t gfp)
{
	static const char *const anon[] = { "__folio_alloc",      "vma_alloc_folio",
					    "__handle_mm_fault",  "handle_mm_fault",
					    "do_user_addr_fault", "exc_page_fault",
					    "asm_exc_page_fault", NULL };
	static const char *const file[] = { "folio_alloc",
					    "__filemap_get_folio",
					    "filemap_fault",
					    "__do_fault",
					    "do_fault",
					    "__handle_mm_fault",
					    "handle_mm_fault",
					    "do_user_addr_fault",
					    "exc_page_fault",
					    "asm_exc_page_fault",
					    NULL };
	static const char *const write[] = {
		"folio_alloc", "__filemap_get_folio", "pagecache_get_page", "generic_perform_write",
		"vfs_write",   "ksys_write",          "do_syscall_64",      "entry_SYSCALL_64_after_hwframe",
		NULL
	};
	static const char *const kernel[] = { "__get_free_pages", "do_syscall_64", "entry_SYSCALL_64_after_hwframe",
					      NULL };
	static const char *const alloc[] = { "__alloc_pages_slowpath.constprop.0", "__alloc_pages", NULL };

	frames(out, alloc);
	if (!(gfp & F_HIGHMEM))
		frames(out, kernel);
	else if (gfp & F_WRITE)
		frames(out, write);
	else
		frames(out, gfp & F_ZERO ? anon : file);
	strbuf_puts(out, " </TASK>\n");
}

/* A victim's report comes from oom_kill_process(); without one, out_of_memory() prints it before it panics. */
static void stack(struct strbuf *out, const struct rec_oom_report *r, const char *release, const char *hardware)
{
	static const char *const kill[] = { "dump_header", "oom_kill_process.cold", "out_of_memory", NULL };
	static const char *const none[] = { "dump_header", "out_of_memory.cold", NULL };

	stack_head(out, r->cpu, r->trigger_pid, r->trigger_comm, release, hardware);
	frames(out, r->has_victim ? kill : none);
	stack_tail(out, r->gfp_mask);
}

static void mem_info(struct strbuf *out, const struct rec_oom_report *r)
{
	strbuf_puts(out, "Mem-Info:\n");
	strbuf_addf(out, "active_anon:%lu inactive_anon:%lu isolated_anon:%lu\n", UL(r->active_anon),
		    UL(r->inactive_anon), UL(r->isolated_anon));
	strbuf_addf(out, KLOG_CONT " active_file:%lu inactive_file:%lu isolated_file:%lu\n", UL(r->active_file),
		    UL(r->inactive_file), UL(r->isolated_file));
	strbuf_addf(out, KLOG_CONT " unevictable:%lu dirty:%lu writeback:%lu\n", UL(r->unevictable), UL(r->dirty),
		    UL(r->writeback));
	strbuf_addf(out, KLOG_CONT " slab_reclaimable:%lu slab_unreclaimable:%lu\n", UL(r->slab_reclaimable),
		    UL(r->slab_unreclaimable));
	strbuf_addf(out, KLOG_CONT " mapped:%lu shmem:%lu pagetables:%lu\n", UL(r->mapped), UL(r->shmem),
		    UL(r->pagetables));
	strbuf_addf(out, KLOG_CONT " sec_pagetables:%lu bounce:%lu\n", UL(r->sec_pagetables), UL(r->bounce));
	strbuf_addf(out, KLOG_CONT " kernel_misc_reclaimable:%lu\n", UL(r->kernel_misc_reclaimable));
	strbuf_addf(out, KLOG_CONT " free:%lu free_pcp:%lu free_cma:%lu\n", UL(r->free), UL(r->free_pcp),
		    UL(r->free_cma));
}

static void node_line(struct strbuf *out, const struct rec_oom_node *n)
{
	strbuf_addf(
		out,
		"Node %d active_anon:%lukB inactive_anon:%lukB active_file:%lukB inactive_file:%lukB unevictable:%lukB",
		n->node, KB(n->active_anon), KB(n->inactive_anon), KB(n->active_file), KB(n->inactive_file),
		KB(n->unevictable));
	strbuf_addf(out,
		    " isolated(anon):%lukB isolated(file):%lukB mapped:%lukB dirty:%lukB writeback:%lukB shmem:%lukB",
		    KB(n->isolated_anon), KB(n->isolated_file), KB(n->mapped), KB(n->dirty), KB(n->writeback),
		    KB(n->shmem));
	strbuf_addf(out,
		    " shmem_thp: %lukB shmem_pmdmapped: %lukB anon_thp: %lukB writeback_tmp:%lukB kernel_stack:%lukB",
		    KB(n->shmem_thp), KB(n->shmem_pmdmapped), KB(n->anon_thp), KB(n->writeback_tmp),
		    UL(n->kernel_stack_kB));
	strbuf_addf(out, " pagetables:%lukB sec_pagetables:%lukB all_unreclaimable? %s\n", KB(n->pagetables),
		    KB(n->sec_pagetables), n->all_unreclaimable ? "yes" : "no");
}

static void zone_line(struct strbuf *out, const struct rec_oom_zone *z)
{
	strbuf_addf(out, "Node %d %s free:%lukB boost:%lukB min:%lukB low:%lukB high:%lukB reserved_highatomic:%luKB",
		    z->node, z->name, KB(z->free), KB(z->boost), KB(z->min), KB(z->low), KB(z->high),
		    KB(z->reserved_highatomic));
	strbuf_addf(
		out, " active_anon:%lukB inactive_anon:%lukB active_file:%lukB inactive_file:%lukB unevictable:%lukB",
		KB(z->active_anon), KB(z->inactive_anon), KB(z->active_file), KB(z->inactive_file), KB(z->unevictable));
	strbuf_addf(out, " writepending:%lukB present:%lukB managed:%lukB mlocked:%lukB bounce:%lukB",
		    KB(z->writepending), KB(z->present), KB(z->managed), KB(z->mlocked), KB(z->bounce));
	strbuf_addf(out, " free_pcp:%lukB local_pcp:%lukB free_cma:%lukB\n", KB(z->free_pcp), KB(z->local_pcp),
		    KB(z->free_cma));
	strbuf_puts(out, "lowmem_reserve[]:");
	for (size_t i = 0; i < ARRAY_LEN(z->lowmem_reserve); i++)
		strbuf_addf(out, " %ld", (long)z->lowmem_reserve[i]);
	strbuf_puts(out, "\n");
}

static void buddy_line(struct strbuf *out, const struct rec_oom_zone *z)
{
	unsigned long total = 0;

	strbuf_addf(out, "Node %d %s: ", z->node, z->name);
	for (size_t order = 0; order < ARRAY_LEN(z->nr_free_blocks); order++) {
		unsigned long n = UL(z->nr_free_blocks[order]);

		strbuf_addf(out, "%lu*%lukB %s", n, KB(1) << order, n ? "(M) " : "");
		total += n << order;
	}
	strbuf_addf(out, "= %lukB\n", KB(total));
}

static void totals(struct strbuf *out, const struct rec_oom_report *r)
{
	strbuf_addf(out, "%lu total pagecache pages\n%lu pages in swap cache\n", UL(r->pagecache_pages),
		    UL(r->swapcache_pages));
	strbuf_addf(out, "Free swap  = %lukB\nTotal swap = %lukB\n", UL(r->free_swap_kB), UL(r->total_swap_kB));
	strbuf_addf(out, "%lu pages RAM\n0 pages HighMem/MovableOnly\n%lu pages reserved\n", UL(r->pages_ram),
		    UL(r->pages_reserved));
}

static void show_mem(struct strbuf *out, const struct rec_oom_report *r)
{
	mem_info(out, r);
	for (size_t i = 0; i < r->nnode; i++)
		node_line(out, &r->node[i]);
	for (size_t i = 0; i < r->nzone; i++)
		zone_line(out, &r->zone[i]);
	for (size_t i = 0; i < r->nzone; i++)
		buddy_line(out, &r->zone[i]);
	for (size_t i = 0; i < r->nnode; i++)
		strbuf_addf(out, "Node %d hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n",
			    r->node[i].node);
	totals(out, r);
}

/* dump_tasks() skips init and nothing else that the record may hold. */
static void task_table(struct strbuf *out, const struct rec_oom_report *r)
{
	strbuf_puts(out, "Tasks state (memory values in pages):\n"
			 "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n");
	for (size_t i = 0; i < r->ntask; i++) {
		const struct rec_oom_task *t = &r->task[i];

		if (t->tgid == 1)
			continue;
		strbuf_addf(out, "[%7d] %5u %5d %8lu %8lu %8lu %8lu         %5d ", t->pid, (unsigned)t->uid, t->tgid,
			    UL(t->total_vm), UL(t->rss), UL(t->pgtables_bytes), UL(t->swapents), t->oom_score_adj);
		klog_comm(out, t->comm);
		strbuf_puts(out, "\n");
	}
}

static void oom_report(struct strbuf *out, const struct rec_oom_report *r, const char *release, const char *hardware)
{
	if (r->dump_header) {
		invoked_line(out, r);
		stack(out, r, release, hardware);
		show_mem(out, r);
		if (r->dump_tasks)
			task_table(out, r);
	}
	/* panic_on_oom speaks before anybody has looked for a victim. */
	if (!r->has_victim && r->panic != PANIC_ON_OOM && r->panic != PANIC_ON_OOM_COMPULSORY)
		strbuf_puts(out, "Out of memory and no killable processes...\n");
}

/* dump_oom_summary(). Node and cpuset confinement are not modelled: every node of the machine may be used. */
static void constraint(struct strbuf *out, const struct rec_kill *k)
{
	strbuf_addf(out, "oom-kill:constraint=%s,nodemask=(null),cpuset=/,mems_allowed=0", k->constraint);
	if (strcmp(k->constraint, "CONSTRAINT_MEMCG") == 0)
		strbuf_addf(out, ",oom_memcg=%s", k->memcg);
	else
		strbuf_puts(out, ",global_oom");
	strbuf_addf(out, ",task_memcg=%s,task=", k->memcg);
	klog_comm(out, k->comm);
	strbuf_addf(out, ",pid=%d,uid=%u\n", k->pid, (unsigned)k->uid);
}

static void kill(struct strbuf *out, const struct rec_kill *k, bool constraint_line)
{
	if (constraint_line)
		constraint(out, k);
	strbuf_addf(out, "%s: Killed process %d (", k->message, k->pid);
	klog_comm(out, k->comm);
	strbuf_addf(out, ") total-vm:%lukB, anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB", UL(k->total_vm_kB),
		    UL(k->anon_rss_kB), UL(k->file_rss_kB), UL(k->shmem_rss_kB));
	strbuf_addf(out, ", UID:%u pgtables:%lukB oom_score_adj:%d\n", (unsigned)k->uid, UL(k->pgtables_kB),
		    k->oom_score_adj);
}

static void reaped(struct strbuf *out, int pid, const char *comm, uint64_t anon_kB, uint64_t file_kB, uint64_t shmem_kB)
{
	strbuf_addf(out, "oom_reaper: reaped process %d (", pid);
	klog_comm(out, comm);
	strbuf_addf(out, "), now anon-rss:%lukB, file-rss:%lukB, shmem-rss:%lukB\n", UL(anon_kB), UL(file_kB),
		    UL(shmem_kB));
}

static void reap_failed(struct strbuf *out, int pid, const char *comm)
{
	strbuf_addf(out, "oom_reaper: unable to reap pid:%d (", pid);
	klog_comm(out, comm);
	strbuf_puts(out, ")\n");
}

static const char *panic_text(int reason)
{
	switch (reason) {
	case PANIC_ON_OOM:
		return "Out of memory: system-wide panic_on_oom is enabled";
	case PANIC_ON_OOM_COMPULSORY:
		return "Out of memory: compulsory panic_on_oom is enabled";
	default:
		return "System is deadlocked on memory";
	}
}

static void panic(struct strbuf *out, int reason, int cpu, int pid, const char *comm, const char *release,
		  const char *hardware)
{
	static const char *const path[] = { "panic", "out_of_memory.cold", NULL };

	strbuf_addf(out, "Kernel panic - not syncing: %s\n", panic_text(reason));
	stack_head(out, cpu, pid, comm, release, hardware);
	frames(out, path);
	stack_tail(out, F_HIGHUSER_MOVABLE | F_COMP | F_ZERO);
	strbuf_addf(out, "Kernel Offset: disabled\n---[ end Kernel panic - not syncing: %s ]---\n", panic_text(reason));
}

const struct klog_format klog_v6_1 = {
	.oom_report = oom_report,
	.kill = kill,
	.reaped = reaped,
	.reap_failed = reap_failed,
	.panic = panic,
};
