/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why memory ran out, and what would have changed the victim. */
#include <stdlib.h>
#include <string.h>

#include "tests/report/read.h"

#define HAS(text, part) cr_expect(strstr(text, part), "'%s' is not in:\n%s", part, text)

Test(why, below_the_watermarks)
{
	struct read *l = read_text(report_6_1);
	const char *f = l->x[0].failure.s;

	HAS(f, "leak (pid 80) asked for one page");
	/* 80 kB and 331 pages of lowmem_reserve */
	HAS(f, "node 0 DMA: 1376 kB free, must stay above 1404 kB (min watermark 80 kB, lowmem_reserve 1324 kB): not "
	       "enough");
	HAS(f, "node 0 DMA32: 1764 kB free, must stay above 1804 kB");
	HAS(f, "swap is full: 0 of 131068 kB free");
	HAS(f, "all_unreclaimable? yes");
	read_free(l);
}

static struct read *request(const char *gfp, int order, const char *free_kB, const char *buddy)
{
	char *text = textf("a invoked oom-killer: gfp_mask=%s, order=%d, oom_score_adj=0\nMem-Info:\n"
			   "Node 0 DMA32 free:%skB boost:0kB min:1000kB low:2252kB high:2700kB reserved_highatomic:0KB "
			   "present:380800kB "
			   "managed:338964kB free_cma:400kB\nlowmem_reserve[]: 0 0 0 0 0\nNode 0 DMA32: %s\n"
			   "Total swap = 0kB\n99198 pages RAM\n10617 pages reserved\n"
			   "Out of memory: Killed process 80 (leak) total-vm:315920kB, anon-rss:184960kB, "
			   "file-rss:4kB, shmem-rss:764kB, "
			   "UID:1000 pgtables:652kB oom_score_adj:0\n",
			   gfp, order, free_kB, buddy);
	struct read *l = read_text(text);

	ONE(l);
	free(text);
	return l;
}

Test(why, fragmentation)
{
	struct read *l = request("0xcc0(GFP_KERNEL)", 2, "9000",
				 "1000*4kB (U) 600*8kB (UME) 10*16kB (C) 4*32kB (H) 0*64kB = 9000kB");

	HAS(l->x[0].failure.s, "asked for 4 pages in a row (order 2)");
	HAS(l->x[0].failure.s, "no free block of 16 kB or more");
	HAS(l->x[0].failure.s, "fragmentation is to blame");
	HAS(l->x[0].failure.s, "there is no swap");
	read_free(l);
	/* A movable request may take the contiguous-memory area. */
	l = request("0x100cca(GFP_HIGHUSER_MOVABLE)", 2, "9000",
		    "1000*4kB (U) 600*8kB (UME) 10*16kB (C) 4*32kB (H) 0*64kB = 9000kB");
	cr_expect(!strstr(l->x[0].failure.s, "fragmentation"), "%s", l->x[0].failure.s);
	HAS(l->x[0].failure.s, "enough by now");
	read_free(l);
}

Test(why, contiguous_memory_is_not_for_the_kernel)
{
	struct read *l = request("0xcc0(GFP_KERNEL)", 0, "1300", "325*4kB (UC) = 1300kB");

	HAS(l->x[0].failure.s, "1300 kB free (900 kB of it for this request), must stay above 1000 kB");
	read_free(l);
}

Test(why, sysrq)
{
	struct read *l = request("0xcc0(GFP_KERNEL)", -1, "90000", "1*4kB (U) = 4kB");

	HAS(l->x[0].failure.s, "SysRq-f");
	read_free(l);
}

/* One adj is 121348 / 1000 = 121 pages; 79 needs 74528 / 121 rounded up = 616, and wins no tie since it comes first. */
Test(why, nearest_changes)
{
	struct read *l = read_text(report_6_1);
	const struct explanation *x = &l->x[0];

	cr_assert_eq(x->predicted, 2);
	cr_assert_eq(x->runner_up, 1);
	cr_expect_eq(x->task[2].points - x->task[1].points, 74528);
	cr_expect(x->task[1].can_change);
	cr_expect_eq(x->task[1].change_adj, 616, "%d", x->task[1].change_adj);
	cr_expect(x->task[2].can_change);
	cr_expect_eq(x->task[2].change_adj, -616, "%d", x->task[2].change_adj);
	/* sshd at -1000 would need 77294 - 9017 = 68277 / 121 = 564.3: adj 565 */
	cr_expect(x->task[0].can_change);
	cr_expect_eq(x->task[0].change_adj, 565, "%d", x->task[0].change_adj);
	read_free(l);
}

static struct what_if_result apply(const struct explanation *x, const char *const *text, size_t n)
{
	struct what_if w[4];
	struct what_if_result res;
	struct strbuf e = { 0 };

	for (size_t i = 0; i < n; i++)
		cr_assert(what_if_parse(text[i], &w[i], &e), "%s", e.s);
	cr_assert_eq(what_if_apply(x, w, n, &res), 0);
	return res;
}

Test(why, what_if_adj)
{
	struct read *l = read_text(report_6_1);
	struct what_if_result r = apply(&l->x[0], (const char *[]){ "79:adj=615" }, 1);

	cr_expect(r.applied && !r.changed);
	r = apply(&l->x[0], (const char *[]){ "79:adj=616" }, 1);
	cr_expect(r.changed && r.row == 1);
	r = apply(&l->x[0], (const char *[]){ "80:adj=-1000", "61:adj=0" }, 2);
	cr_expect(r.changed && r.row == 0);
	r = apply(&l->x[0], (const char *[]){ "4242:adj=0" }, 1);
	cr_expect(!r.applied);
	read_free(l);
}

Test(why, what_if_sizes)
{
	struct read *l = read_text(report_6_1);
	struct what_if_result r = apply(&l->x[0], (const char *[]){ "ram=64GiB" }, 1);

	cr_expect_eq(r.totalpages, (64u << 18) - 10617 + 32767);
	cr_expect_eq(r.more_pages, (64 << 18) - 99198);
	r = apply(&l->x[0], (const char *[]){ "swap=0" }, 1);
	cr_expect_eq(r.totalpages, 99198 - 10617);
	r = apply(&l->x[0], (const char *[]){ "limit=1GiB" }, 1);
	cr_expect(!r.applied);
	/* With 64 GiB one adj is 137 times as heavy: 79 is first with 5. */
	r = apply(&l->x[0], (const char *[]){ "ram=64GiB", "79:adj=5" }, 2);
	cr_expect(r.changed && r.row == 1);
	read_free(l);
}

Test(why, what_if_kernel)
{
	struct read *l = read_text(report_6_1);
	struct what_if_result r = apply(&l->x[0], (const char *[]){ "kernel=3.10" }, 1);

	cr_expect(r.applied && !r.changed);
	cr_expect_eq(r.points, 77294);
	r = apply(&l->x[0], (const char *[]){ "kernel=2.6.36" }, 1);
	cr_expect_eq(r.points, (46432 + 30699) * 1000 / 121348, "%ld", (long)r.points);
	read_free(l);
}

Test(why, bad_what_ifs)
{
	static const char *const bad[] = { "",         "79",        "79:adj=",      "79:adj=1001",
					   "-1:adj=0", "79:adj=5x", "ram=",         "ram=lots",
					   "ram=-1",   "kernel=",   "kernel=minix", "kernel=2.6.11",
					   "disk=1GiB" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct strbuf e = { 0 };
		struct what_if w;

		cr_expect(!what_if_parse(bad[i], &w, &e), "'%s' was taken", bad[i]);
		cr_expect(e.len > 10, "'%s': no reason", bad[i]);
		strbuf_free(&e);
	}
}
