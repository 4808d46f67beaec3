/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/summary.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/names.h"
#include "sim/sink/summary_kube.h"
#include "sim/sink/text.h"

/* 15 digits are what a double holds of any decimal number: 0.07 stays 0.07. */
#define DUMP_FLAGS (JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

/* Failures (no memory) are collected, not answered one by one. */
struct build {
	bool failed;
};

static void put(struct build *b, json_t *to, const char *key, json_t *v)
{
	if (json_object_set_new(to, key, v))
		b->failed = true;
}

static void put_int(struct build *b, json_t *to, const char *key, int64_t v)
{
	put(b, to, key, json_integer((json_int_t)v));
}

static void put_str(struct build *b, json_t *to, const char *key, const char *v)
{
	char text[TEXT_MAX];

	text_utf8(text, sizeof(text), v);
	put(b, to, key, json_string(text));
}

/* Times that did not come are null. */
static void put_time(struct build *b, json_t *to, const char *key, sim_ns t)
{
	put(b, to, key, t == SIM_NEVER ? json_null() : json_integer((json_int_t)t));
}

static json_t *member(struct build *b, json_t *to, const char *key, json_t *v)
{
	put(b, to, key, v);
	return v;
}

static void append(struct build *b, json_t *to, json_t *v)
{
	if (json_array_append_new(to, v))
		b->failed = true;
}

static json_t *kill_entry(struct build *b, const struct collect_kill *c)
{
	const struct rec_kill *k = &c->k;
	json_t *o = json_object();

	put_int(b, o, "t_ns", (int64_t)k->t_ns);
	put_int(b, o, "pid", k->pid);
	put_str(b, o, "comm", k->comm);
	put_int(b, o, "uid", k->uid);
	put_str(b, o, "by", k->by);
	put_str(b, o, "constraint", k->constraint);
	put_str(b, o, "memcg", k->memcg);
	put_int(b, o, "trigger_pid", k->trigger_pid);
	put_int(b, o, "points", k->points);
	put_int(b, o, "oom_score_adj", k->oom_score_adj);
	put_int(b, o, "total_vm_kB", (int64_t)k->total_vm_kB);
	put_int(b, o, "anon_rss_kB", (int64_t)k->anon_rss_kB);
	put_int(b, o, "file_rss_kB", (int64_t)k->file_rss_kB);
	put_int(b, o, "shmem_rss_kB", (int64_t)k->shmem_rss_kB);
	put_int(b, o, "swap_kB", (int64_t)k->swap_kB);
	put_int(b, o, "pgtables_kB", (int64_t)k->pgtables_kB);
	put_time(b, o, "freed_ns", c->freed_ns);
	put_int(b, o, "freed_kB", (int64_t)c->freed_kB);
	put(b, o, "reaped", json_boolean(c->reaped));
	return o;
}

static json_t *exit_entry(struct build *b, const struct collect_exit *e)
{
	json_t *o = json_object();

	put_int(b, o, "pid", e->pid);
	put_str(b, o, "comm", e->comm);
	put_int(b, o, "t_ns", (int64_t)e->t_ns);
	if (e->signal)
		put_int(b, o, "signal", e->signal);
	else
		put_int(b, o, "code", e->code);
	return o;
}

static void vmstat(struct build *b, json_t *root, const struct collect *c)
{
	json_t *o = member(b, root, "vmstat", json_object());

	for (size_t i = 0; i < VMSTAT_COUNT; i++)
		put_int(b, o, vmstat_name[i], (int64_t)c->last.vmstat[i]);
}

static const char *const identifier[MI_COUNT] = {
#define X(name) #name "_kB",
	MEMINFO_MAP(X)
#undef X
};

/* Under the names of /proc/meminfo as identifiers ("Active_anon_kB"). */
static void extremes(struct build *b, json_t *root, const struct collect *c)
{
	json_t *peak = member(b, root, "peak", json_object()), *low;

	put_int(b, peak, "SwapUsed_kB", (int64_t)c->peak_swap_used_kB);
	for (size_t i = 0; i < MI_COUNT; i++)
		put_int(b, peak, identifier[i], (int64_t)c->peak_kB[i]);
	low = member(b, root, "low", json_object());
	put_int(b, low, "MemFree_kB", c->has_last ? (int64_t)c->low_kB[MI_MemFree] : 0);
	put_int(b, low, "MemAvailable_kB", c->has_last ? (int64_t)c->low_kB[MI_MemAvailable] : 0);
}

static void psi_line(struct build *b, json_t *to, const char *key, const struct rec_psi_line *p)
{
	json_t *o = member(b, to, key, json_object());

	put(b, o, "avg10", json_real(p->avg10 / 100.0));
	put(b, o, "avg60", json_real(p->avg60 / 100.0));
	put(b, o, "avg300", json_real(p->avg300 / 100.0));
	put_int(b, o, "total_us", (int64_t)p->total_us);
}

static void psi(struct build *b, json_t *to, const char *key, const struct rec_psi *p)
{
	json_t *o = member(b, to, key, json_object());

	psi_line(b, o, "some", &p->some);
	psi_line(b, o, "full", &p->full);
}

static void firsts(struct build *b, json_t *root, const struct collect_first *f)
{
	json_t *o = member(b, root, "first", json_object());

	put_time(b, o, "kswapd_wake_ns", f->kswapd_wake_ns);
	put_time(b, o, "direct_reclaim_ns", f->direct_reclaim_ns);
	put_time(b, o, "swap_out_ns", f->swap_out_ns);
	put_time(b, o, "swap_full_ns", f->swap_full_ns);
	put_time(b, o, "oom_ns", f->oom_ns);
}

static void events(struct build *b, json_t *root, const struct collect *c)
{
	json_t *o = member(b, root, "events", json_object());

	for (size_t i = 0; i < EV_KIND_COUNT; i++)
		if (i <= EV_END || c->events[i]) /* those behind it happen only with cgroups */
			put_int(b, o, event_schema[i].name, (int64_t)c->events[i]);
}

static void head(struct build *b, json_t *o, const struct collect *c)
{
	char hex[33];

	collect_digest_hex(c, hex);
	put_str(b, o, "schema", "oomsim.summary/1");
	put_str(b, o, "scenario", c->scenario);
	put_str(b, o, "kernel", c->kernel);
	/* Not an integer: JSON readers keep 53 bits of a number, a seed has 64. Small ones are what people use, though. */
	if (c->seed <= INT64_MAX)
		put_int(b, o, "seed", (int64_t)c->seed);
	else
		put(b, o, "seed", json_sprintf("%llu", (unsigned long long)c->seed));
	put_int(b, o, "page_size", (int64_t)c->page_size);
	put_str(b, o, "ended", c->finished ? run_end_text((int)c->ended) : "unfinished");
	if (c->panic >= 0)
		put_str(b, o, "panic", panic_reason_name(c->panic));
	put_int(b, o, "end_ns", (int64_t)c->end_ns);
	put_str(b, o, "digest", hex);
}

static void lists(struct build *b, json_t *o, const struct collect *c)
{
	json_t *kills = member(b, o, "oom_kills", json_array()), *exits;

	for (size_t i = 0; i < c->nkill; i++)
		append(b, kills, kill_entry(b, &c->kill[i]));
	put_int(b, o, "alloc_failures", (int64_t)c->events[EV_ALLOC_FAILED]);
	exits = member(b, o, "exits", json_array());
	for (size_t i = 0; i < c->nexit; i++)
		append(b, exits, exit_entry(b, &c->exit[i]));
}

char *summary_text(const struct collect *c)
{
	struct build b = { 0 };
	json_t *o = json_object();
	char *text = NULL, *with_newline = NULL;

	head(&b, o, c);
	lists(&b, o, c);
	vmstat(&b, o, c);
	extremes(&b, o, c);
	psi(&b, o, "psi", &c->last.psi_memory);
	psi(&b, o, "psi_io", &c->last.psi_io);
	psi(&b, o, "psi_cpu", &c->last.psi_cpu);
	firsts(&b, o, &c->first);
	events(&b, o, c);
	if (c->kube.present)
		put(&b, o, "kubernetes", summary_kube(&c->kube));
	if (!b.failed)
		text = json_dumps(o, DUMP_FLAGS);
	json_decref(o);
	if (text && asprintf(&with_newline, "%s\n", text) < 0)
		with_newline = NULL;
	free(text);
	return with_newline;
}

int summary_write(const struct collect *c, FILE *f)
{
	char *text = summary_text(c);
	int err = SIM_OK;

	if (!text)
		return SIM_ENOMEM;
	if (fputs(text, f) == EOF || fflush(f))
		err = SIM_EIO;
	free(text);
	return err;
}

struct summary {
	struct out out;
};

static int sink_open(void *state, const struct sink_env *env)
{
	struct summary *s = state;

	return out_open(&s->out, env->dirfd, "summary.json", env->error);
}

static int sink_close(void *state, const struct sink_env *env)
{
	struct summary *s = state;
	char *text = summary_text(env->collect);

	if (!text)
		return sink_error_nomem(env->error);
	out_str(&s->out, text);
	free(text);
	return out_close(&s->out);
}

static void sink_release(void *state)
{
	struct summary *s = state;

	out_drop(&s->out);
}

const struct sink_format sink_summary = {
	.name = "summary.json",
	.state_size = sizeof(struct summary),
	.open = sink_open,
	.close = sink_close,
	.release = sink_release,
};
