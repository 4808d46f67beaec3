/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/report/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char report_6_1[] =
	"leak invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0, "
	"oom_score_adj=0\n"
	"CPU: 0 PID: 80 Comm: leak Not tainted 6.1.0-9-amd64 #1  Debian 6.1.27-1\n"
	"Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2 04/01/2014\n"
	"Call Trace:\n"
	" <TASK>\n"
	" dump_stack_lvl+0x44/0x5c\n"
	" out_of_memory+0x1fd/0x4c0\n"
	" </TASK>\n"
	"Mem-Info:\n"
	"active_anon:29 inactive_anon:47623 isolated_anon:0\n"
	" active_file:0 inactive_file:0 isolated_file:0\n"
	" unevictable:637 dirty:0 writeback:0\n"
	" slab_reclaimable:2435 slab_unreclaimable:1608\n"
	" mapped:203 shmem:201 pagetables:248\n"
	" sec_pagetables:0 bounce:0\n"
	" kernel_misc_reclaimable:0\n"
	" free:785 free_pcp:28 free_cma:0\n"
	"Node 0 active_anon:116kB inactive_anon:190492kB active_file:0kB inactive_file:0kB unevictable:2548kB "
	"isolated(anon):0kB "
	"isolated(file):0kB mapped:812kB dirty:0kB writeback:0kB shmem:804kB shmem_thp: 0kB kernel_stack:768kB "
	"pagetables:992kB "
	"all_unreclaimable? yes\n"
	"Node 0 DMA free:1376kB boost:0kB min:80kB low:100kB high:120kB reserved_highatomic:0KB active_anon:0kB "
	"inactive_anon:13804kB "
	"present:15992kB managed:15360kB mlocked:0kB bounce:0kB free_pcp:24kB local_pcp:24kB free_cma:0kB\n"
	"lowmem_reserve[]: 0 331 331 331 331\n"
	"Node 0 DMA32 free:1764kB boost:0kB min:1804kB low:2252kB high:2700kB reserved_highatomic:0KB "
	"active_anon:116kB "
	"present:380800kB managed:338964kB mlocked:2548kB bounce:0kB free_pcp:88kB local_pcp:88kB free_cma:0kB\n"
	"lowmem_reserve[]: 0 0 0 0 0\n"
	"Node 0 DMA: 2*4kB (UM) 1*8kB (M) 1*16kB (M) 2*32kB (UM) 2*64kB (UM) 1*128kB (M) 2*256kB (UM) 1*512kB (U) "
	"0*1024kB 0*2048kB "
	"0*4096kB = 1376kB\n"
	"Node 0 DMA32: 3*4kB (UME) 1*8kB (M) 3*16kB (UME) 3*32kB (UME) 3*64kB (UME) 3*128kB (UME) 2*256kB (UE) 1*512kB "
	"(U) 0*1024kB "
	"0*2048kB 0*4096kB = 1764kB\n"
	"Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB\n"
	"1105 total pagecache pages\n"
	"904 pages in swap cache\n"
	"Free swap  = 0kB\n"
	"Total swap = 131068kB\n"
	"99198 pages RAM\n"
	"0 pages HighMem/MovableOnly\n"
	"10617 pages reserved\n"
	"Tasks state (memory values in pages):\n"
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
	"[     61]     0    61     4228     9000    69632        0         -1000 sshd\n"
	"[     79]  1000    79     4228      686    69632     2063             0 idle\n"
	"[     80]  1000    80    78980    46432   667648    30699             0 leak\n"
	"oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/"
	"user.slice,task=leak,pid=80,uid="
	"1000\n"
	"Out of memory: Killed process 80 (leak) total-vm:315920kB, anon-rss:184960kB, file-rss:4kB, shmem-rss:764kB, "
	"UID:1000 "
	"pgtables:652kB oom_score_adj:0\n"
	"oom_reaper: reaped process 80 (leak), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB\n";

static int keep(void *ctx, const struct oom_report *from)
{
	struct read *l = ctx;
	struct oom_report *r = &l->r[l->n];

	cr_assert(l->n < READ_MAX, "too many reports");
	*r = *from;
	r->zone = malloc(from->nzone * sizeof(*r->zone) + 1);
	r->task = malloc(from->ntask * sizeof(*r->task) + 1);
	if (from->nzone)
		memcpy(r->zone, from->zone, from->nzone * sizeof(*r->zone));
	if (from->ntask)
		memcpy(r->task, from->task, from->ntask * sizeof(*r->task));
	cr_assert_eq(explain_report(r, &l->x[l->n]), 0);
	l->n++;
	return 0;
}

struct read *read_pieces(const char *text, size_t len, size_t piece)
{
	struct read *l = calloc(1, sizeof(*l));
	struct report_reader *rr = report_reader_new(keep, l);

	cr_assert(l && rr);
	if (!piece)
		piece = len ? len : 1;
	for (size_t at = 0; at < len; at += piece)
		report_reader_feed(rr, text + at, len - at < piece ? len - at : piece);
	report_reader_finish(rr);
	report_reader_free(rr);
	return l;
}

struct read *read_text(const char *text)
{
	return read_pieces(text, strlen(text), 0);
}

void read_free(struct read *l)
{
	for (size_t i = 0; i < l->n; i++) {
		explanation_free(&l->x[i]);
		oom_report_free(&l->r[i]);
	}
	free(l);
}

char *textf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	cr_assert(vasprintf(&s, fmt, ap) >= 0);
	va_end(ap);
	return s;
}

char *decorate(const char *text, const char *before, const char *after)
{
	struct strbuf b = { 0 };

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");

		strbuf_puts(&b, before);
		strbuf_add(&b, p, n);
		strbuf_puts(&b, after);
		strbuf_puts(&b, "\n");
		p += n + (p[n] == '\n');
	}
	return b.s;
}
