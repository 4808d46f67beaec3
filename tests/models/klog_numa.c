/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each era tells of the nodes of a request. Those of 6.1 are lines of a real kernel on a machine of two nodes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "models/klog/klog.h"

static struct rec_kill kill(const char *constraint, const char *nodemask, const char *cpuset, const char *mems, const char *memcg)
{
	return (struct rec_kill){ .pid = 83, .comm = "web", .by = "kernel", .constraint = constraint, .memcg = memcg, .nodemask = nodemask,
				  .cpuset = cpuset, .mems_allowed = mems, .message = "Out of memory", .total_vm_kB = 139796,
				  .anon_rss_kB = 132984, .file_rss_kB = 4, .shmem_rss_kB = 764, .pgtables_kB = 308 };
}

/* Is `want` one of the lines? */
static void has_line(const struct strbuf *b, const char *want, const char *format)
{
	const char *at = b->s ? strstr(b->s, want) : NULL;

	cr_expect(at && at[strlen(want)] == '\n' && (at == b->s || at[-1] == '\n'), "%s:\n%snot\n%s", format, b->s, want);
}

Test(klog_numa, recorded_constraint_lines)
{
	struct strbuf b = { 0 };
	struct rec_kill k = kill("CONSTRAINT_MEMORY_POLICY", "1", "/", "0-1", "/");

	klog_kill(&klog_v6_1, &b, &k, true);
	has_line(&b, "oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1,cpuset=/,mems_allowed=0-1,global_oom,task_memcg=/,"
		     "task=web,pid=83,uid=0", "6.1");
	has_line(&b, "Out of memory: Killed process 83 (web) total-vm:139796kB, anon-rss:132984kB, file-rss:4kB, shmem-rss:764kB, "
		     "UID:0 pgtables:308kB oom_score_adj:0", "6.1");
	strbuf_free(&b);
	k = kill("CONSTRAINT_CPUSET", NULL, "a", "1", "/a");
	k.pid = 84;
	memcpy(k.comm, "batch", 6);
	klog_kill(&klog_v6_1, &b, &k, true);
	has_line(&b, "oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=a,mems_allowed=1,global_oom,task_memcg=/a,"
		     "task=batch,pid=84,uid=0", "6.1");
	strbuf_free(&b);
}

static void head(const struct klog_format *f, const char *nodemask, const char *cpuset, const char *mems, const char *want)
{
	const struct rec_oom_report r = { .constraint = "CONSTRAINT_NONE", .message = "Out of memory", .gfp_mask = 0x140dca,
					  .trigger_comm = "leak", .nodemask = nodemask, .cpuset = cpuset, .mems_allowed = mems,
					  .dump_header = true, .has_victim = true, .panic = -1 };
	struct strbuf b = { 0 };

	klog_oom_report(f, &b, &r, "r", "");
	has_line(&b, want, f->info.name);
	strbuf_free(&b);
}

/* The cpuset has a line of its own from 2.6.30 to 4.20; nodemask= came with 4.6, once with the cpuset's nodes for want of a policy's,
 * and moved to the constraint line with 5.0. */
Test(klog_numa, heads_by_era)
{
	head(&klog_v3_10, NULL, "a", "0", "leak cpuset=a mems_allowed=0");
	head(&klog_v4_19, NULL, "/", "0-1", "leak cpuset=/ mems_allowed=0-1");
	head(&klog_v4_9, NULL, "a", "0",
	     "leak invoked oom-killer: gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=0, order=0, oom_score_adj=0");
	head(&klog_v4_9, "1", "/", "0-1",
	     "leak invoked oom-killer: gfp_mask=0x24280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=1, order=0, oom_score_adj=0");
	head(&klog_v4_14, "1", "/", "0-1",
	     "leak invoked oom-killer: gfp_mask=0x14280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=1,  order=0, oom_score_adj=0");
	head(&klog_v4_19, NULL, "a", "0",
	     "leak invoked oom-killer: gfp_mask=0x6280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), nodemask=(null), order=0, oom_score_adj=0");
	head(&klog_v5_0, "1", "a", "0-1",
	     "leak invoked oom-killer: gfp_mask=0x6280ca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO), order=0, oom_score_adj=0");
}
