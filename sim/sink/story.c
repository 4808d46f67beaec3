/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/story.h"

#include <string.h>
#include <unistd.h>

#include "sim/core/diag.h"
#include "sim/sink/names.h"
#include "sim/sink/text.h"

#define LABEL_WIDTH 11
#define KILLS_SHOWN 6

struct story {
	FILE *f;
	bool colour;
	const struct collect *c;
};

enum paint { PLAIN, BOLD, DIM, RED, YELLOW, GREEN };

static const char *const escape[] = { "", "\033[1m", "\033[2m", "\033[1;31m", "\033[33m", "\033[32m" };

static const char *on(const struct story *s, enum paint p)
{
	return s->colour ? escape[p] : "";
}
static const char *off(const struct story *s, enum paint p)
{
	return s->colour && p != PLAIN ? "\033[0m" : "";
}

/* A line of the story begins with what it is about. */
static void about(const struct story *s, enum paint p, const char *label)
{
	fprintf(s->f, "%s%-*s%s ", on(s, p), LABEL_WIDTH, label, off(s, p));
}

static void more(const struct story *s)
{
	fprintf(s->f, "%-*s ", LABEL_WIDTH, "");
}

struct shown {
	char s[32];
};

/* A size as people read it: 3 digits that matter, rounded. */
static struct shown size(uint64_t kB)
{
	static const char *const unit[] = { "kB", "MiB", "GiB", "TiB" };
	struct shown r;
	uint64_t div = 1;
	size_t i = 0;

	while (kB / div >= 1024 && i + 1 < ARRAY_LEN(unit)) {
		div *= 1024;
		i++;
	}
	if (i == 0 || kB / div >= 100)
		snprintf(r.s, sizeof(r.s), "%llu %s", (unsigned long long)((kB + div / 2) / div), unit[i]);
	else
		snprintf(r.s, sizeof(r.s), "%llu.%llu %s", (unsigned long long)(kB / div),
			 (unsigned long long)(kB % div * 10 / div), unit[i]);
	return r;
}

static struct shown pages(const struct story *s, uint64_t n)
{
	return size(n * (s->c->page_size / KIB));
}

static struct shown when(sim_ns t)
{
	struct shown r;

	snprintf(r.s, sizeof(r.s), "%llu.%03llu s", (unsigned long long)(t / NS_PER_SEC),
		 (unsigned long long)(t % NS_PER_SEC / NS_PER_MS));
	return r;
}

static struct shown span(sim_ns t)
{
	struct shown r;

	if (t < NS_PER_MS)
		snprintf(r.s, sizeof(r.s), "%llu us", (unsigned long long)(t / NS_PER_US));
	else if (t < NS_PER_SEC)
		snprintf(r.s, sizeof(r.s), "%llu ms", (unsigned long long)(t / NS_PER_MS));
	else
		r = when(t);
	return r;
}

/* hundredths: "12.3" */
static struct shown tenths(uint64_t hundredths)
{
	struct shown r;

	snprintf(r.s, sizeof(r.s), "%llu.%llu", (unsigned long long)(hundredths / 100),
		 (unsigned long long)(hundredths % 100 / 10));
	return r;
}

static struct shown percent(uint64_t part, uint64_t whole)
{
	return tenths(whole ? u64_muldiv(part, 10000, whole) : 0);
}

struct name {
	char s[80];
};

static struct name plain(const char *comm)
{
	struct name n;

	text_plain(n.s, sizeof(n.s), comm);
	return n;
}

static void machine(const struct story *s)
{
	const struct collect *c = s->c;

	about(s, BOLD, plain(c->scenario).s);
	fprintf(s->f, "%u CPU%s, %s RAM (%s for use), ", c->ncpu, c->ncpu == 1 ? "" : "s", size(c->memory / KIB).s,
		size(c->totalram_pages * c->page_size / KIB).s);
	if (c->totalswap_pages)
		fprintf(s->f, "%s swap", size(c->totalswap_pages * c->page_size / KIB).s);
	else
		fprintf(s->f, "no swap");
	fprintf(s->f, "; Linux %s (model %s), seed %llu\n", plain(c->release).s, c->kernel,
		(unsigned long long)c->seed);
}

static void pressure(const struct story *s)
{
	const struct collect_first *f = &s->c->first;
	const char *sep = "";

	about(s, YELLOW, "pressure");
	if (f->kswapd_wake_ns == SIM_NEVER && f->direct_reclaim_ns == SIM_NEVER) {
		fprintf(s->f, "none: kswapd never had to wake, nobody reclaimed for himself\n");
		return;
	}
	if (f->kswapd_wake_ns != SIM_NEVER) {
		fprintf(s->f, "kswapd first woke at %s (%s free)", when(f->kswapd_wake_ns).s,
			size(f->kswapd_wake_free_pages * s->c->page_size / KIB).s);
		sep = "; ";
	}
	if (f->direct_reclaim_ns != SIM_NEVER) {
		fprintf(s->f, "%sfirst direct reclaim at %s", sep, when(f->direct_reclaim_ns).s);
		sep = "; ";
	}
	if (f->swap_out_ns != SIM_NEVER)
		fprintf(s->f, "%sswap in use from %s", sep, when(f->swap_out_ns).s);
	if (f->swap_full_ns != SIM_NEVER)
		fprintf(s->f, "; swap full at %s", when(f->swap_full_ns).s);
	fprintf(s->f, "\n");
}

static void reclaim(const struct story *s)
{
	const uint64_t *v = s->c->last.vmstat;
	uint64_t scanned = v[VMSTAT_pgscan_kswapd] + v[VMSTAT_pgscan_direct],
		 got = v[VMSTAT_pgsteal_kswapd] + v[VMSTAT_pgsteal_direct];

	if (!scanned)
		return;
	about(s, YELLOW, "reclaim");
	fprintf(s->f, "%s scanned, %s reclaimed (%s %%), %s %% of it by kswapd; swapped out %s, in %s\n",
		pages(s, scanned).s, pages(s, got).s, percent(got, scanned).s, percent(v[VMSTAT_pgsteal_kswapd], got).s,
		pages(s, v[VMSTAT_pswpout]).s, pages(s, v[VMSTAT_pswpin]).s);
	more(s);
	fprintf(s->f, "%llu major faults, %llu refaults of file pages, %llu of anonymous ones\n",
		(unsigned long long)v[VMSTAT_pgmajfault], (unsigned long long)v[VMSTAT_workingset_refault_file],
		(unsigned long long)v[VMSTAT_workingset_refault_anon]);
}

static void compressed(const struct story *s)
{
	const uint64_t *peak = s->c->peak_zmem, *last = s->c->last.zmem;

	if (!peak[ZMEM_zram_orig_data_size])
		return;
	about(s, YELLOW, "zram");
	fprintf(s->f, "at most %s of pages in %s of memory; ", size(peak[ZMEM_zram_orig_data_size] / KIB).s,
		size(peak[ZMEM_zram_mem_used_max] / KIB).s);
	fprintf(s->f, "%s of them stored whole, %s filled with one value, %llu writes refused\n",
		pages(s, peak[ZMEM_zram_huge_pages]).s, pages(s, peak[ZMEM_zram_same_pages]).s,
		(unsigned long long)last[ZMEM_zram_failed_writes]);
}

static void zswap(const struct story *s)
{
	const uint64_t *peak = s->c->peak_zmem, *last = s->c->last.zmem;

	if (!last[ZMEM_zswpout])
		return;
	about(s, YELLOW, "zswap");
	fprintf(s->f, "%s stored, %s read back, %s written back; at most %s of pages in %s of memory; %llu refused, %llu for a full pool\n",
		pages(s, last[ZMEM_zswpout]).s, pages(s, last[ZMEM_zswpin]).s, pages(s, last[ZMEM_zswpwb]).s,
		size(peak[ZMEM_Zswapped_kB]).s, size(peak[ZMEM_Zswap_kB]).s,
		(unsigned long long)(last[ZMEM_zswap_pool_limit_hit] + last[ZMEM_zswap_reject_reclaim_fail] +
				     last[ZMEM_zswap_reject_compress_poor] + last[ZMEM_zswap_reject_alloc_fail]),
		(unsigned long long)(last[ZMEM_zswap_pool_limit_hit] + last[ZMEM_zswap_reject_reclaim_fail]));
}

static void stalls(const struct story *s)
{
	const struct rec_psi *p = &s->c->last.psi_memory;
	uint64_t end_us = s->c->end_ns / NS_PER_US;

	if (!p->some.total_us)
		return;
	about(s, YELLOW, "stalls");
	fprintf(s->f, "memory pressure (PSI): some %s (%s %% of the run), full %s (%s %%)",
		span(p->some.total_us * NS_PER_US).s, percent(p->some.total_us, end_us).s,
		span(p->full.total_us * NS_PER_US).s, percent(p->full.total_us, end_us).s);
	if (s->c->events[EV_DIRECT_RECLAIM])
		fprintf(s->f, "; longest direct reclaim %s", span(s->c->max_direct_stall_us * NS_PER_US).s);
	fprintf(s->f, "\n");
}

static void thrashing(const struct story *s)
{
	if (!story_thrashed(s->c))
		return;
	about(s, YELLOW, "thrashing");
	story_thrashing(s->c, s->f);
	story_progress(s->c, s->f);
}

static void request(const struct story *s, const struct collect_oom *o)
{
	about(s, RED, "OOM");
	fprintf(s->f, "at %s %s (pid %d) wanted %u page%s, gfp 0x%x; ", when(o->t_ns).s, plain(o->trigger_comm).s,
		o->trigger_pid, 1u << (o->order > 0 ? o->order : 0), o->order > 0 ? "s" : "", o->gfp_mask);
	if (*o->memcg)
		fprintf(s->f, "cgroup %s has %s of its %s; ", plain(o->memcg).s, size(o->memcg_usage_kB).s, size(o->memcg_limit_kB).s);
	if (o->total_swap_kB)
		fprintf(s->f, "swap %s free of %s, ", size(o->free_swap_kB).s, size(o->total_swap_kB).s);
	fprintf(s->f, "file cache %s, anonymous %s\n", size(o->file_kB).s, size(o->anon_kB).s);
}

static void nodes(const struct story *s, const struct collect_oom *o)
{
	if (!*o->nodes)
		return;
	more(s);
	fprintf(s->f, "%s leaves it node%s %s; %s free elsewhere is not for it\n",
		o->by_policy ? "its memory policy (bind)" : "its cpuset", strlen(o->nodes) > 1 ? "s" : "", o->nodes,
		size(o->elsewhere_kB).s);
}

/* The watermark test of should_reclaim_retry(), zone by zone: would all that could still be reclaimed be enough? */
static bool zone_lines(const struct story *s, const struct collect_oom *o)
{
	bool any = false;

	for (size_t i = 0; i < o->nzone; i++) {
		const struct collect_zone *z = &o->zone[i];
		uint64_t could = z->free_kB + z->reclaimable_kB, need = z->min_kB + z->reserve_kB;

		more(s);
		if (z->node || *o->nodes)
			fprintf(s->f, "node %d ", z->node);
		fprintf(s->f, "zone %s: free %llu kB + reclaimable %llu kB = %llu kB %s min watermark %llu kB", z->name,
			(unsigned long long)z->free_kB, (unsigned long long)z->reclaimable_kB,
			(unsigned long long)could, could > need ? ">" : "<=", (unsigned long long)z->min_kB);
		if (z->reserve_kB)
			fprintf(s->f, " + reserve %llu kB", (unsigned long long)z->reserve_kB);
		fprintf(s->f, ": %s\n", could > need ? "reclaim might still help" : "no use to go on");
		any |= could > need;
	}
	return any;
}

/* Inside a cgroup the machine's zones have nothing to say: its limit was reached, and it could not reclaim from itself. */
static void why(const struct story *s, const struct collect_oom *o)
{
	bool hope;

	if (*o->memcg) {
		more(s);
		fprintf(s->f, "reclaim inside the cgroup found nothing: somebody in it has to go, whatever is free outside\n");
		return;
	}
	nodes(s, o);
	hope = zone_lines(s, o);

	more(s);
	fprintf(s->f, "the last reclaim scanned %s and got %s; ", pages(s, o->reclaim_scanned).s,
		pages(s, o->reclaim_reclaimed).s);
	if (o->no_progress_loops > 0 && hope)
		fprintf(s->f, "%d rounds in a row without progress: the kernel gives up\n", o->no_progress_loops);
	else if (!hope && o->nzone && o->no_progress_loops > 1)
		fprintf(s->f, "even with all of that back no zone would be above its mark by its own count;\n"
			      "            with what CPUs have not told it yet the kernel went on for %d rounds, without progress\n",
			o->no_progress_loops);
	else if (!hope && o->nzone)
		fprintf(s->f, "even with all of that back no zone would be above its mark: it gives up\n");
	else
		fprintf(s->f, "%d rounds without progress\n", o->no_progress_loops);
}

static void table_row(const struct story *s, const struct collect_oom *o, size_t i, int32_t victim)
{
	const struct rec_oom_task *t = &o->top[i];
	bool chosen = t->pid == victim;
	enum paint p = chosen ? RED : PLAIN;
	int64_t adj = (int64_t)t->oom_score_adj * (int64_t)(o->totalpages / 1000);

	more(s);
	fprintf(s->f, "%s%8d %-15s %9llu %9llu %9llu %11lld %11lld%s%s\n", on(s, p), t->pid, plain(t->comm).s,
		(unsigned long long)t->rss, (unsigned long long)t->swapents,
		(unsigned long long)(t->pgtables_bytes / 4096), (long long)adj, (long long)t->points,
		chosen ? "  <- killed" : "", off(s, p));
}

static void table(const struct story *s, const struct collect_oom *o, int32_t victim)
{
	about(s, BOLD, "scores");
	fprintf(s->f, "of %zu candidate%s, in pages; one unit of oom_score_adj is %llu pages, %s / 1000\n",
		o->ncandidates, o->ncandidates == 1 ? "" : "s", (unsigned long long)(o->totalpages / 1000),
		*o->memcg ? "(the cgroup's limit + swap)" : *o->nodes ? "(RAM of its nodes + swap)" : "(RAM + swap)");
	more(s);
	fprintf(s->f, "%s%8s %-15s %9s %9s %9s %11s %11s%s\n", on(s, DIM), "pid", "name", "rss", "swap", "pgtables",
		"adj", "points", off(s, DIM));
	for (size_t i = 0; i < o->ntop; i++)
		table_row(s, o, i, victim);
}

static void kill(const struct story *s, const struct collect_kill *k)
{
	about(s, RED, "killed");
	fprintf(s->f, "%s %s%s (pid %d)%s", when(k->k.t_ns).s, on(s, RED), plain(k->k.comm).s, k->k.pid, off(s, RED));
	if (strcmp(k->k.by, "kernel") != 0)
		fprintf(s->f, " by %s", plain(k->k.by).s);
	fprintf(s->f, ", %s resident and %s in swap", size(k->k.anon_rss_kB + k->k.file_rss_kB + k->k.shmem_rss_kB).s,
		size(k->k.swap_kB).s);
	if (k->freed_ns != SIM_NEVER)
		fprintf(s->f, "; %s came back after %s%s", size(k->freed_kB).s, span(k->freed_ns - k->k.t_ns).s,
			k->reaped ? " (the reaper helped)" : "");
	else if (k->exit_ns != SIM_NEVER)
		fprintf(s->f, "; gone after %s", span(k->exit_ns - k->k.t_ns).s);
	else
		fprintf(s->f, "; still not gone at the end");
	fprintf(s->f, "\n");
}

/* The sweep of a memory.oom.group meets its victim again: one death, two lines in kern.log. */
static bool told_again(const struct collect *c, size_t i)
{
	for (size_t j = i + 1; j < c->nkill; j++)
		if (c->kill[j].k.pid == c->kill[i].k.pid)
			return true;
	return false;
}

static void kills(const struct story *s)
{
	const struct collect *c = s->c;

	for (size_t i = 0; i < c->nkill && i < KILLS_SHOWN; i++)
		if (!told_again(c, i))
			kill(s, &c->kill[i]);
	if (c->nkill <= KILLS_SHOWN)
		return;
	more(s);
	fprintf(s->f, "... and %zu more until %s\n", c->nkill - KILLS_SHOWN, when(c->kill[c->nkill - 1].k.t_ns).s);
}

/* The victim of the first report: the first kernel kill at or after it. */
static int32_t victim_of(const struct collect *c, const struct collect_oom *o)
{
	for (size_t i = 0; i < c->nkill; i++)
		if (o->has_victim && c->kill[i].k.t_ns >= o->t_ns && strcmp(c->kill[i].k.by, "kernel") == 0)
			return c->kill[i].k.pid;
	return 0;
}

static void oom(const struct story *s)
{
	const struct collect *c = s->c;

	if (c->noom == 0) {
		about(s, GREEN, "OOM");
		fprintf(s->f, c->nkill ? "the kernel never had to kill\n" : "never: no process was killed\n");
		return;
	}
	request(s, &c->oom[0]);
	why(s, &c->oom[0]);
	if (c->oom[0].ntop)
		table(s, &c->oom[0], victim_of(c, &c->oom[0]));
}

static void refusals(const struct story *s)
{
	const uint64_t *e = s->c->events;

	if (!e[EV_ALLOC_FAILED] && !e[EV_OVERCOMMIT_REFUSED])
		return;
	about(s, YELLOW, "refused");
	fprintf(s->f,
		"%llu allocations failed; %llu requests for address space were refused by overcommit accounting\n",
		(unsigned long long)e[EV_ALLOC_FAILED], (unsigned long long)e[EV_OVERCOMMIT_REFUSED]);
}

static void evictions(const struct story *s, const struct collect_kube *k)
{
	for (size_t i = 0; i < k->neviction && i < KILLS_SHOWN; i++) {
		const struct collect_eviction *e = &k->eviction[i];
		char message[4 * KUBE_TEXT_LEN];

		text_plain(message, sizeof(message), e->message);
		about(s, RED, "evicted");
		fprintf(s->f, "%s %s%s%s: %s\n", when(e->t_ns).s, on(s, RED), plain(e->pod).s, off(s, RED), message);
	}
	if (k->neviction > KILLS_SHOWN) {
		more(s);
		fprintf(s->f, "... and %zu more until %s\n", k->neviction - KILLS_SHOWN, when(k->eviction[k->neviction - 1].t_ns).s);
	}
}

/* Only what lacked pods is told. */
static void kubernetes(const struct story *s)
{
	const struct collect_kube *k = &s->c->kube;

	if (!k->present)
		return;
	evictions(s, k);
	about(s, k->neviction ? YELLOW : BOLD, "kubernetes");
	fprintf(s->f, "pods evicted %zu, refused %llu; containers OOMKilled %llu, restarted %llu; MemoryPressure for %s\n", k->neviction,
		(unsigned long long)k->refused, (unsigned long long)k->oom_killed, (unsigned long long)k->restarts, span(k->pressure_ns).s);
	for (size_t i = 0; i < k->nworkload; i++) {
		const struct collect_workload *w = &k->workload[i];

		if (!w->below_ns)
			continue;
		more(s);
		fprintf(s->f, "%s %s: %u ready at the end, %u at the least, for %s fewer than %s %u\n", w->kind, plain(w->name).s, w->ready,
			w->lowest, span(w->below_ns).s, strcmp(w->kind, "PodDisruptionBudget") ? "its" : "the wanted", w->desired);
	}
}

static void ending(const struct story *s)
{
	const struct collect *c = s->c;

	about(s, c->panic >= 0 ? RED : BOLD, "end");
	fprintf(s->f, "at %s: ", when(c->end_ns).s);
	if (c->ended == RUN_PANIC)
		fprintf(s->f, "Kernel panic - not syncing: %s\n", panic_reason_name(c->panic));
	else
		fprintf(s->f, "%s\n", c->ended == RUN_IDLE ? "no process is left" : "the scenario's time is over");
}

static void results(const struct story *s, const struct story_options *opt)
{
	if (opt->dir) {
		about(s, BOLD, "results");
		fprintf(s->f,
			"%s/summary.json, events.jsonl, kern.log, timeline.csv, tasks.csv, trace.json "
			"(ui.perfetto.dev)\n",
			opt->dir);
		if (s->c->kube.present) {
			more(s);
			fprintf(s->f, "%s/kubectl.txt, pods.csv\n", opt->dir);
		}
		if (opt->plots && !(opt->note && opt->note[0])) {
			more(s);
			fprintf(s->f, "plots: %s/memory.svg psi.svg rss.svg\n", opt->dir);
		}
	}
	if (opt->note && opt->note[0]) {
		about(s, YELLOW, "note");
		fprintf(s->f, "%s\n", opt->note);
	}
}

int story_write(const struct collect *c, const struct story_options *opt, FILE *f)
{
	struct story s = { .f = f, .colour = opt->colour, .c = c };

	machine(&s);
	pressure(&s);
	reclaim(&s);
	compressed(&s);
	zswap(&s);
	stalls(&s);
	thrashing(&s);
	oom(&s);
	kills(&s);
	refusals(&s);
	kubernetes(&s);
	ending(&s);
	results(&s, opt);
	return fflush(f) || ferror(f) ? SIM_EIO : SIM_OK;
}

bool story_wants_colour(FILE *f, const char *no_color, const char *term)
{
	if (no_color && no_color[0])
		return false;
	return isatty(fileno(f)) && !(term && strcmp(term, "dumb") == 0);
}
