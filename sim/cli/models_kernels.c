/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every word comes from a descriptor, so this reference cannot disagree with the program. */
#include "sim/cli/models_kernels.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "models/kernel/kernel.h"
#include "models/klog/klog.h"
#include "models/registry.h"

static const char *const tie_name[] = { "first", "leader", "last" };
static const char *const child_name[] = { "first", "worst", "none" };
static const char *const retry_name[] = { "progress", "counter" };
static const char *const lru_name[] = { "classic", "mglru" };
static const char *const scan_name[] = {
	"threads; a victim or an exiting task ends it",
	"threads; a victim or an exiting task ends it, an exiting asker is chosen",
	"threads; a victim or an exiting task ends it",
	"processes; a victim ends it until its memory is gone",
};
static const char *const nodes_name[] = {
	"points decide, all nodes count",
	"who asked dies",
	"of a policy: who asked dies; of a cpuset: points decide among all",
	"points decide among who may have memory there",
};
static const char *const sharers_name[] = { "die too", "live on", "die too unless oom_score_adj is -1000", "die too" };
static const char *const dying_name[] = { "no", "yes", "yes, if all that share its memory are dying" };
static const char *const exit_skip_name[] = { "not at all", "at the end", "before it unmaps", "after it has unmapped" };
static const char *const balance_name[] = {
	"swap_tendency over one pair of lists",
	"pages rotated, swappiness + 1",
	"pages rotated",
	"cost model",
};
static const char *const cost_name[] = { "I/O", "I/O and rotation", "I/O and rotation, added up later" };

static const char *yes(bool b)
{
	return b ? "yes" : "no";
}

/* What CAP_SYS_ADMIN is worth, asked of the rule itself: a task of 100000 of a million pages, with and without. */
static const char *root_bonus(const struct badness_ops *b)
{
	struct badness_in in = { .has_mm = true, .rss = 100000, .total_vm = 100000, .hz = 250, .uid = 1, .euid = 1 };
	int64_t plain = b->points(&in, 1000000), root;

	in.capabilities = ~0u;
	in.uid = in.euid = 0;
	root = b->points(&in, 1000000);
	if (root == plain)
		return "none";
	if (root == plain / 16)
		return "/4, /4";
	if (root == plain - 30 || root == plain - 30 * 1000)
		return "3% of all";
	return root == plain - plain * 3 / 100 ? "3% of own" : "other";
}

static void reaper_text(char *buf, size_t n, const struct kernel_model *k)
{
	if (!k->reaper)
		snprintf(buf, n, "none");
	else if (!k->reaper_delay)
		snprintf(buf, n, "at once");
	else
		snprintf(buf, n, "%" PRIu64 " s", k->reaper_delay / NS_PER_SEC);
}

static void kernel_row(const struct kernel_model *k)
{
	char reaper[16];

	reaper_text(reaper, sizeof(reaper), k);
	printf("  %-8s %-7s %-8s %-10s %-7s %-6s %-8s %-9s 0..%-5u %-8s %s\n", k->info.name, k->since,
	       k->badness->info.name, root_bonus(k->badness), tie_name[k->badness->tie], child_name[k->child_rule],
	       reaper, retry_name[k->retry], k->swappiness_max, lru_name[k->lru], k->klog->info.name);
}

static void alias_row(const struct kernel_alias *a)
{
	printf("  %-18s %-8s %-8s %-9s ", a->name, a->follows, a->release, a->lru);
	if (a->hz)
		printf("%4u", a->hz);
	else
		printf("   -");
	printf("%s%s\n", a->note ? "  " : "", a->note ? a->note : "");
}

void models_print_kernels(void)
{
	puts("Kernel models (kernel: NAME in a scenario, --kernel NAME; 'oomsim models NAME' tells all)");
	printf("  %-8s %-7s %-8s %-10s %-7s %-6s %-8s %-9s %-8s %-8s %s\n", "name", "since", "badness", "root bonus",
	       "tie", "child", "reaper", "retry", "swappin.", "LRU", "report");
	for (size_t i = 0; kernel_models[i]; i++)
		kernel_row(kernel_models[i]);
	puts("\nDistributions (names for kernels: the model followed, their release, LRU by default, HZ)");
	for (const struct kernel_alias *a = kernel_aliases; a->name; a++)
		alias_row(a);
}

static bool rule_is_new(size_t i)
{
	return !i || kernel_models[i]->badness != kernel_models[i - 1]->badness;
}

void models_print_badness(void)
{
	puts("Badness rules (who is killed; chosen by the kernel model)");
	for (size_t i = 0; kernel_models[i]; i++) {
		const struct badness_ops *b = kernel_models[i]->badness;

		if (rule_is_new(i))
			printf("  %-10s %s\n             %s\n", b->info.name, b->info.summary, b->info.source);
	}
}

static void line(const char *what, const char *value)
{
	printf("  %-26s %s\n", what, value);
}

static void line_number(const char *what, uint64_t value, const char *unit)
{
	printf("  %-26s %" PRIu64 "%s%s\n", what, value, *unit ? " " : "", unit);
}

static void selection(const struct kernel_model *k)
{
	puts("\nWho is killed");
	line("badness rule", k->badness->info.name);
	line("", k->badness->info.summary);
	line("", k->badness->info.source);
	line("root bonus", root_bonus(k->badness));
	line("scan", scan_name[k->scan]);
	line("an OOM of some nodes", nodes_name[k->oom_nodes]);
	line("nodes count with", k->constraint_spanned ? "spanned pages" : "present pages");
	line("interleave is bound", yes(k->oom_interleave_is_bound));
	line("of equal points",
	     k->badness->tie == TIE_TAKE_LAST ? "the last of the task list" : "the first of the task list");
	line("a child may go instead", child_name[k->child_rule]);
	line("who shares the memory", sharers_name[k->sharers]);
	line("a dying asker is let go", dying_name[k->dying]);
}

static void aftermath(const struct kernel_model *k)
{
	char reaper[16];

	reaper_text(reaper, sizeof(reaper), k);
	puts("\nHow the victim goes");
	line("oom_reaper", reaper);
	line("it takes mlocked memory", yes(k->reaper_mlocked));
	line("victim's reserve", k->victim_half_min ? "half of the min watermark" : "all: no watermark");
	line_number("sleep after the kill", k->sleep_after_kill, "jiffies");
	line("task table by default", yes(k->dump_tasks));
	line("report", k->klog->info.name);
	line("", k->klog->info.source);
}

static void trigger(const struct kernel_model *k)
{
	puts("\nWhen it comes to that");
	line("retry", k->retry == RETRY_PROGRESS ? "while reclaim makes progress, or not all was scanned 6 times"
						 : "until 16 rounds brought nothing");
	line("less hope each round", yes(k->retry_discount));
	line("waits for dirty pages", yes(k->dirty_wait_in_retry));
	line("hope outside the cpuset", yes(!k->retry_cpuset));
	line_number("hope sees more, free", k->retry_sees_more, "pages");
	line_number("min_free_kbytes at most", k->min_free_cap_kB, "kB");
	line("watermark_scale_factor", yes(k->wmark_scale));
	line("watermark_boost_factor", yes(k->wmark_boost));
}

static void reclaim(const struct kernel_model *k)
{
	puts("\nReclaim");
	line("lists", k->lru == LRU_CLASSIC ? "classic: active and inactive" : "multi-generational");
	line("the other one", !k->mglru ? "does not exist" : "lru_gen: {enabled: ...}");
	printf("  %-26s 0..%u\n", "swappiness", k->swappiness_max);
	line("anonymous pages start", k->anon_starts_active ? "active" : "inactive");
	line("anonymous refaults", k->workingset_anon ? "detected" : "not detected");
	line("cost counts", cost_name[k->cost_rule]);
	line("a hopeless node stays so", k->hopeless_until_balanced ? "until balanced" : "until a page comes free");
	line("reclaim waits by", k->congestion_wait ? "congestion_wait()" : "reclaim_throttle()");
	line("reclaim writes file pages", yes(!k->file_never_written));
	line("PSI full of a CPU", k->psi_full == PSI_FULL_NO_RUNNABLE ? "no task runs" : "no productive task runs");
	printf("  %-26s %d\n", "overcommit heuristic", k->overcommit_guess);
	line("preemption of a killer", k->preempt_lazy ? "lazy: at the tick" : "voluntary: at cond_resched()");
}

/* What 6.1's paths take is 100 %. */
static unsigned percent(const struct kernel_model *k, unsigned permille)
{
	return k->paths && permille ? (permille + 5) / 10 : 100;
}

static void paths(const struct kernel_model *k)
{
	const struct path_lengths same = { 0 }, *p = k->paths ? k->paths : &same;

	puts("\nCPU time, beside 6.1");
	line_number("a first fault", percent(k, p->fault), "%");
	line_number("reclaim of a page", percent(k, p->reclaim), "%");
	line_number("read() of a cached page", percent(k, p->read), "%");
	line_number("unmapping at exit", percent(k, p->exit), "%");
	line("streams in large folios", yes(p->large_readahead));
}

static void devices(const struct kernel_model *k)
{
	puts("\nPer-CPU lists, swap, devices");
	line("per-CPU lists", k->pcp_auto ? "tune themselves" : "of fixed size");
	line("a table a swap cluster", yes(k->swap_tables));
	line("a free tag wakes", k->tags_wake_all ? "all who wait" : "one");
}

static void memcg_oom(const struct kernel_model *k)
{
	puts("\nMemory cgroups that run out");
	line("OOM in every charge", yes(k->memcg_oom_in_charge));
	line("dying tasks exceed limits", yes(k->memcg_dying_forced));
	line("nobody to kill: exceed it", yes(k->memcg_failed_forced));
	line("a failed fault kills", yes(k->fault_oom_kills));
	line("charges move (v1)", yes(k->memcg_move_charge));
	line("use_hierarchy may be 0", yes(k->memcg_flat));
	line("cgroup.kill", yes(k->cgroup_kill));
}

/* The rest of the specification's section K: facts about the version that the engine does not act on. */
static void told(const struct kernel_model *k)
{
	puts("\nTold, not acted on");
	line("exit lets go of the victim", exit_skip_name[k->exit_skip]);
	line("anonymous against file", balance_name[k->balance]);
	line("a node is hopeless after", k->hopeless_scanned_6x ? "all was scanned 6 times" : "16 failures of kswapd");
	line("file refaults detected", yes(k->workingset_file));
	line("lists by", k->lru_per_node ? "node" : "zone");
	line("process_mrelease", yes(k->process_mrelease));
	line("zero pages skip swap", yes(k->swap_zeromap));
	line("memory.oom.group", yes(k->memcg_oom_group));
	line_number("memcg charge retries", k->memcg_retries, "");
	line("memory.high sleeps", yes(k->memcg_high_sleeps));
	line("memcg v1", yes(k->memcg_v1));
	line("PSI", yes(k->psi));
}

static void alias_detail(const char *name)
{
	for (const struct kernel_alias *a = kernel_aliases; a->name; a++)
		if (!strcmp(a->name, name))
			printf("%s: kernel %s, follows %s; LRU %s by default%s%s\n", a->name, a->release, a->follows,
			       a->lru, a->note ? "; " : "", a->note ? a->note : "");
}

void models_print_kernel(const struct kernel_model *k, const char *name)
{
	alias_detail(name);
	printf("%s: %s\n\n", k->info.name, k->info.summary);
	line("source", k->info.source);
	line("first release", k->since);
	line("uname -r", k->release);
	selection(k);
	aftermath(k);
	trigger(k);
	reclaim(k);
	paths(k);
	devices(k);
	memcg_oom(k);
	told(k);
}
