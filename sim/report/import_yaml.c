/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plan as a scenario. Each process holds what the report says: what is its own is mapped and written, the rest of its resident
 * set (text, shared memory) counts in its size and costs no memory, as `exe:` does. The kernel holds what then is missing to a
 * full machine, less a margin, which a further process uses up: that is the last drop.
 */
#include <stdio.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/report/import.h"
#include "sim/sink/text.h"

#define EXEC_PGTABLES                                                                                                  \
	11 /* page-table pages of a program before its first region (sim/proc/exec.c), and one of the region's */
#define PER_TASK_KB   28 /* kernel stack and slab of a process, the language's defaults */
#define SIM_PAGES_MAX (UINT64_C(1) << 22)
#define MIN_PAGES     4096 /* of RAM, so that zones make sense */

struct layout {
	const struct import_plan *p;
	uint64_t page_kB;   /* of the simulated page */
	uint64_t ram, swap; /* in such pages */
	uint64_t own;       /* sum of what processes hold themselves */
	uint64_t permille;  /* share of their anonymous memory that fits */
	uint64_t kernel;    /* slab that fills the rest */
	uint64_t margin;
};

/* Pages of the report in pages of the simulation, to the nearest. */
static uint64_t scaled(const struct layout *l, uint64_t pages)
{
	return (pages * l->p->page_kB + l->page_kB / 2) / l->page_kB;
}

/* What the process holds alone: written once, in RAM or swapped out. */
static uint64_t own_pages(const struct layout *l, const struct import_process *p)
{
	return scaled(l, u64_muldiv(p->anon, l->permille, 1000) + p->swapents);
}

static uint64_t exe_pages(const struct layout *l, const struct import_process *p)
{
	uint64_t own = own_pages(l, p), pgtables = EXEC_PGTABLES + own / 512;

	return u64_sub0(scaled(l, p->rss + p->swapents) + scaled(l, p->pgtables), own + pgtables);
}

static uint64_t kernel_share(const struct layout *l)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < l->p->n; i++) {
		uint64_t own = own_pages(l, &l->p->process[i]);

		pages += own + EXEC_PGTABLES + own / 512 + 1 + PER_TASK_KB / l->page_kB;
	}
	return pages;
}

/* The zones of a PC, pages. */
struct zones {
	uint64_t dma, dma32, normal;
};

static struct zones zones_of(const struct layout *l)
{
	struct zones z = { .dma = l->ram < 65536 * 4 / l->page_kB ? 0 : 3840 * 4 / l->page_kB };

	z.dma32 = u64_min(l->ram - z.dma, 760000 * 4 / l->page_kB);
	z.normal = l->ram - z.dma - z.dma32;
	return z;
}

/* What stays free when an ordinary request fails: the min watermarks, and what the lower zones keep from it (A.2, A.5). */
static uint64_t reserve_pages(const struct layout *l)
{
	struct zones z = zones_of(l);
	uint64_t min_kB = u64_min(isqrt64(l->ram * l->page_kB * 16), 262144);

	return min_kB / l->page_kB + u64_min(z.dma, (z.dma32 + z.normal) / 256) + u64_min(z.dma32, z.normal / 256);
}

/* Shared memory is counted in every process that maps it: where the sum does not fit, less of it is made their own. */
static void fit(struct layout *l)
{
	uint64_t room;

	l->margin = u64_max(u64_max(l->ram / 25, 2048 * 4 / l->page_kB), scaled(l, l->p->spare_pages));
	room = u64_sub0(l->ram + l->swap, l->margin + reserve_pages(l));
	for (l->permille = 1000; l->permille > 0; l->permille -= 10) {
		l->own = kernel_share(l);
		if (l->own <= room)
			break;
	}
	l->kernel = u64_sub0(room, l->own);
	/* The kernel's memory cannot be swapped out. */
	l->kernel = u64_min(l->kernel, u64_sub0(l->ram, l->swap ? l->ram / 8 : l->margin));
}

static void layout_of(const struct import_plan *p, struct layout *l)
{
	memset(l, 0, sizeof(*l));
	l->p = p;
	l->page_kB = p->page_kB;
	while ((p->ram_pages + p->swap_pages) * p->page_kB / l->page_kB > SIM_PAGES_MAX && l->page_kB < 2048)
		l->page_kB *= 2;
	l->ram = u64_max(scaled(l, p->ram_pages), MIN_PAGES * 4 / u64_min(l->page_kB, 4 * MIN_PAGES));
	l->swap = scaled(l, p->swap_pages);
	if (l->swap < 10)
		l->swap = 0;
	fit(l);
}

/* ---- text ---- */

/* A name as a YAML string: what the scenario language does not take becomes '?'. */
static void quoted(struct strbuf *b, const char *name, size_t max)
{
	char utf8[TEXT_MAX];
	size_t n = 0;

	text_utf8(utf8, sizeof(utf8), name);
	strbuf_puts(b, "\"");
	for (const char *s = utf8; *s;) {
		size_t len;
		uint32_t c = text_next(s, &len);
		size_t room = c == 0xfffd && len == 1 ? 1 : len;

		if (n + room > max)
			break;
		if (c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0xfffd || c == 0x2028 || c == 0x2029 ||
		    c == 0xfeff)
			strbuf_puts(b, "?");
		else if (c == '"' || c == '\\')
			strbuf_addf(b, "\\%c", (char)c);
		else
			strbuf_add(b, s, len);
		n += room;
		s += len;
	}
	if (!n)
		strbuf_puts(b, "unnamed");
	strbuf_puts(b, "\"");
}

static void comment_lines(struct strbuf *b, const char *text)
{
	for (const char *p = text; p && *p;) {
		size_t n = strcspn(p, "\n");

		strbuf_puts(b, "# ");
		strbuf_add(b, p, n);
		strbuf_puts(b, "\n");
		p += n + (p[n] == '\n');
	}
}

static void head(struct strbuf *b, const struct layout *l)
{
	const struct import_plan *p = l->p;

	strbuf_addf(b,
		    "# Made by 'oomsim import' from %s: processes as large as its table says, on a machine as large.\n",
		    p->source);
	if (p->memcg)
		strbuf_puts(
			b, "# The machine stands for the memory cgroup that ran out; its RAM is the cgroup's limit.\n");
	if (l->page_kB != p->page_kB)
		strbuf_addf(b, "# A simulated page is %llu KiB, so that the machine fits; sizes are rounded to it.\n",
			    (unsigned long long)l->page_kB);
	if (l->permille < 1000)
		strbuf_puts(b, "# Memory that processes share is counted in each of them: part of it is taken as "
			       "shared here.\n");
	comment_lines(b, p->notes.s);
	strbuf_addf(b, "name: %s\n", p->name);
	strbuf_addf(b, "kernel: \"%s\"\n", p->model[0] == 'k' ? p->model + 1 : p->model);
}

/* One node, its zones cut as on a PC, with exactly as many managed pages as the report says. */
static void zones(struct strbuf *b, const struct layout *l)
{
	struct zones z = zones_of(l);
	uint64_t reserved = scaled(l, l->p->reserved_pages);

	strbuf_puts(b, "  nodes:\n    -\n");
	if (z.dma)
		strbuf_addf(b, "      DMA: {present: %llupages, managed: %llupages}\n",
			    (unsigned long long)(z.dma + z.dma / 24), (unsigned long long)z.dma);
	strbuf_addf(b, "      DMA32: {present: %llupages, managed: %llupages}\n",
		    (unsigned long long)(z.dma32 + (z.normal ? 0 : reserved)), (unsigned long long)z.dma32);
	if (z.normal)
		strbuf_addf(b, "      Normal: {present: %llupages, managed: %llupages}\n",
			    (unsigned long long)(z.normal + reserved), (unsigned long long)z.normal);
}

static void machine(struct strbuf *b, const struct layout *l)
{
	strbuf_puts(b, "machine:\n  cpus: 1\n");
	if (l->page_kB != 4)
		strbuf_addf(b, "  page_size: %lluKiB\n", (unsigned long long)l->page_kB);
	zones(b, l);
	strbuf_puts(b, "  kernel_memory:\n");
	strbuf_puts(b, "    slab_reclaimable: 0\n    kernel_stack: 0\n    pagetables: 0\n    unevictable: 0\n");
	strbuf_addf(b, "    slab_unreclaimable: %llupages   # all that the report's processes do not account for\n",
		    (unsigned long long)l->kernel);
	if (l->swap)
		strbuf_addf(b,
			    "  swap:\n    - {size: %llupages, device: {read_latency: 90us, write_latency: 25us, "
			    "read_bandwidth: 2GiB/s, "
			    "write_bandwidth: 1GiB/s}}\n",
			    (unsigned long long)l->swap + 1);
}

/* Time in which all write what they hold, at a pace that swapping out can follow: seconds. */
static uint64_t fill_s(const struct layout *l)
{
	return 2 + l->own / 100000 + l->swap / 10000;
}

static uint64_t settled_s(const struct layout *l)
{
	return fill_s(l) * 2 + 2;
}

static void drop_steps(struct strbuf *b, const struct layout *l)
{
	uint64_t left = u64_sub0(l->ram + l->swap, l->own + l->kernel + reserve_pages(l));

	strbuf_puts(b, "      - leak: {region: more, ");
	if (!l->p->victim) /* nobody in particular is to die, so no more than what it takes for one */
		strbuf_addf(b, "size: %llupages, ", (unsigned long long)(left + l->ram / 50 + 16));
	strbuf_addf(b, "rate: %llupages/s}\n", (unsigned long long)left / 8 + 1);
}

static void process(struct strbuf *b, const struct layout *l, size_t i)
{
	const struct import_process *p = &l->p->process[i];
	uint64_t own = own_pages(l, p), exe = exe_pages(l, p);
	uint64_t vm = u64_max(u64_sub0(scaled(l, p->total_vm), own), exe);

	strbuf_puts(b, "  - name: ");
	quoted(b, p->comm, 15);
	strbuf_addf(b, "   # pid %d\n    uid: %u\n", p->pid, p->uid);
	if (p->uid == 0 && !p->cap_sys_admin)
		strbuf_puts(b, "    capabilities: []\n");
	else if (p->uid && p->cap_sys_admin)
		strbuf_puts(b, "    capabilities: [CAP_SYS_ADMIN]\n");
	if (p->oom_score_adj)
		strbuf_addf(b, "    oom_score_adj: %d\n", p->oom_score_adj);
	strbuf_addf(b, "    exe: {size: %llupages, private: 0, vm: %llupages}\n", (unsigned long long)exe,
		    (unsigned long long)vm);
	strbuf_puts(b, "    workload:\n");
	if (own) {
		strbuf_addf(b, "      - mmap: {region: memory, size: %llupages}\n", (unsigned long long)own);
		strbuf_addf(b, "      - touch: {region: memory, op: write, rate: %llupages/s}\n",
			    (unsigned long long)(own / fill_s(l) + 1));
	}
	if ((long)i == l->p->asker) {
		strbuf_addf(b, "      - sleep: %llus\n", (unsigned long long)settled_s(l));
		drop_steps(b, l);
	}
	strbuf_puts(b, "      - sleep: forever\n");
}

/* The request that fails. It may not be chosen itself: the report's candidates are all there already. */
static void last_drop(struct strbuf *b, const struct layout *l)
{
	if (l->p->asker >= 0)
		return;
	strbuf_puts(b, "  # The last drop");
	if (l->p->trigger) {
		strbuf_puts(b, ", in place of the request of ");
		quoted(b, l->p->trigger, 15);
	}
	strbuf_puts(b, ".\n  - name: last-drop\n    oom_score_adj: -1000\n");
	strbuf_addf(b, "    start: %llus\n    workload:\n", (unsigned long long)settled_s(l));
	drop_steps(b, l);
	strbuf_puts(b, "      - sleep: forever\n");
}

static void times(struct strbuf *b, const struct layout *l, sim_ns duration)
{
	if (duration)
		strbuf_addf(b, "duration: %lluns   # a kill, and none after it\n", (unsigned long long)duration);
	else
		strbuf_addf(b, "duration: %llus\n", (unsigned long long)settled_s(l) + 30);
	if (l->p->asker >= 0)
		strbuf_puts(b, "sysctl: {vm.oom_kill_allocating_task: 1}\n");
}

int import_yaml(const struct import_plan *p, sim_ns duration, struct strbuf *ret)
{
	struct layout l;

	layout_of(p, &l);
	head(ret, &l);
	times(ret, &l, duration);
	machine(ret, &l);
	strbuf_puts(ret, "processes:\n");
	for (size_t i = 0; i < p->n; i++)
		process(ret, &l, i);
	last_drop(ret, &l);
	if (p->victim) {
		strbuf_puts(ret, "expect:\n  victims: [");
		quoted(ret, p->victim, 15);
		strbuf_puts(ret, "]\n");
	}
	return ret->failed ? SIM_ENOMEM : SIM_OK;
}
