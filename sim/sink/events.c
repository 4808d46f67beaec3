/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * events.jsonl: one JSON object a line, in time order: "t_ns", "event", then "pid" and "comm" where a task is concerned, then
 * the event's own fields by event_schema. Two kinds of line hold more: "oom_report", all that an OOM report prints (memory
 * in pages of 4 KiB unless the name ends in _kB or _bytes), and "kill", the fields of summary.json's oom_kills.
 */
#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/json.h"
#include "sim/sink/names.h"

struct events {
	struct out out;
};

static int events_open(void *state, const struct sink_env *env)
{
	struct events *e = state;

	return out_open(&e->out, env->dirfd, "events.jsonl", env->error);
}

static void line_begin(struct out *o, sim_ns t, const char *event)
{
	json_open(o, NULL);
	json_u64(o, "t_ns", t);
	json_str(o, "event", event);
}

static int line_end(struct out *o)
{
	json_close(o);
	out_char(o, '\n');
	return out_status(o);
}

/* Some arguments are numbers of a list whose names say more. */
static void meaning(struct out *o, const struct rec_event *r)
{
	if (r->kind == EV_PANIC)
		json_str(o, "text", panic_reason_name((int)r->arg[0]));
	else if (r->kind == EV_END)
		json_str(o, "ended", run_end_text((int)r->arg[0]));
	else if (r->kind == EV_SYSCTL)
		json_str(o, "sysctl", sysctl_name(r->arg[0]));
}

static int events_event(void *ctx, const struct rec_event *r)
{
	struct events *e = ctx;
	struct out *o = &e->out;
	const struct event_schema *s = &event_schema[r->kind];

	line_begin(o, r->t_ns, s->name);
	if (r->pid) {
		json_i64(o, "pid", r->pid);
		json_str(o, "comm", r->comm);
	}
	for (size_t i = 0; i < ARRAY_LEN(s->field) && s->field[i]; i++)
		json_i64(o, s->field[i], r->arg[i]);
	meaning(o, r);
	return line_end(o);
}

#define P(field) json_u64(o, #field, r->field)

static void node(struct out *o, const struct rec_oom_node *r)
{
	json_open(o, NULL);
	json_i64(o, "node", r->node);
	P(active_anon), P(inactive_anon), P(active_file), P(inactive_file), P(unevictable), P(isolated_anon), P(isolated_file);
	P(mapped), P(dirty), P(writeback), P(shmem), P(kernel_stack_kB), P(pagetables), P(sec_pagetables);
	json_bool(o, "all_unreclaimable", r->all_unreclaimable);
	json_close(o);
}

static void zone(struct out *o, const struct rec_oom_zone *r)
{
	json_open(o, NULL);
	json_i64(o, "node", r->node);
	json_str(o, "name", r->name);
	P(free), P(boost), P(min), P(low), P(high), P(reserved_highatomic), P(active_anon), P(inactive_anon), P(active_file);
	P(inactive_file), P(unevictable), P(writepending), P(present), P(managed), P(mlocked), P(bounce), P(free_pcp), P(local_pcp);
	P(free_cma);
	json_array(o, "lowmem_reserve");
	for (size_t i = 0; i < ARRAY_LEN(r->lowmem_reserve); i++)
		json_i64(o, NULL, r->lowmem_reserve[i]);
	json_array_close(o);
	json_array(o, "nr_free_blocks");
	for (size_t i = 0; i < ARRAY_LEN(r->nr_free_blocks); i++)
		json_u64(o, NULL, r->nr_free_blocks[i]);
	json_array_close(o);
	json_close(o);
}

static void task(struct out *o, const struct rec_oom_task *r)
{
	json_open(o, NULL);
	json_i64(o, "pid", r->pid);
	json_i64(o, "tgid", r->tgid);
	json_str(o, "comm", r->comm);
	P(uid), P(total_vm), P(rss), P(rss_anon), P(rss_file), P(rss_shmem), P(pgtables_bytes), P(swapents);
	json_i64(o, "oom_score_adj", r->oom_score_adj);
	json_bool(o, "eligible", r->eligible);
	if (r->eligible)
		json_i64(o, "points", r->points);
	else
		json_str(o, "why", r->why);
	json_close(o);
}

static void trigger(struct out *o, const struct rec_oom_report *r)
{
	json_str(o, "constraint", r->constraint);
	json_str(o, "message", r->message);
	P(gfp_mask);
	json_i64(o, "order", r->order);
	json_i64(o, "trigger_pid", r->trigger_pid);
	json_str(o, "trigger_comm", r->trigger_comm);
	json_i64(o, "trigger_oom_score_adj", r->trigger_oom_score_adj);
	json_i64(o, "cpu", r->cpu);
	json_bool(o, "dump_header", r->dump_header);
	json_bool(o, "dump_tasks", r->dump_tasks);
	P(totalpages);
}

static void totals(struct out *o, const struct rec_oom_report *r)
{
	P(active_anon), P(inactive_anon), P(isolated_anon), P(active_file), P(inactive_file), P(isolated_file), P(unevictable);
	P(dirty), P(writeback), P(slab_reclaimable), P(slab_unreclaimable), P(mapped), P(shmem), P(pagetables), P(sec_pagetables);
	P(bounce), P(kernel_misc_reclaimable), P(free), P(free_pcp), P(free_cma), P(pagecache_pages), P(swapcache_pages);
	P(free_swap_kB), P(total_swap_kB), P(pages_ram), P(pages_reserved);
}

static void outcome(struct out *o, const struct rec_oom_report *r)
{
	json_bool(o, "has_victim", r->has_victim);
	json_str(o, "panic", r->panic < 0 ? NULL : panic_reason_name(r->panic));
	json_i64(o, "no_progress_loops", r->no_progress_loops);
	P(reclaim_scanned), P(reclaim_reclaimed);
}

static int events_oom(void *ctx, const struct rec_oom_report *r)
{
	struct events *e = ctx;
	struct out *o = &e->out;

	line_begin(o, r->t_ns, "oom_report");
	trigger(o, r);
	totals(o, r);
	outcome(o, r);
	json_array(o, "nodes");
	for (size_t i = 0; i < r->nnode; i++)
		node(o, &r->node[i]);
	json_array_close(o);
	json_array(o, "zones");
	for (size_t i = 0; i < r->nzone; i++)
		zone(o, &r->zone[i]);
	json_array_close(o);
	json_array(o, "tasks");
	for (size_t i = 0; i < r->ntask; i++)
		task(o, &r->task[i]);
	json_array_close(o);
	return line_end(o);
}

static int events_kill(void *ctx, const struct rec_kill *r)
{
	struct events *e = ctx;
	struct out *o = &e->out;

	line_begin(o, r->t_ns, "kill");
	json_i64(o, "pid", r->pid);
	json_str(o, "comm", r->comm);
	P(uid);
	json_str(o, "by", r->by);
	json_str(o, "constraint", r->constraint);
	json_str(o, "memcg", r->memcg);
	json_i64(o, "trigger_pid", r->trigger_pid);
	json_i64(o, "points", r->points);
	json_i64(o, "oom_score_adj", r->oom_score_adj);
	P(total_vm_kB), P(anon_rss_kB), P(file_rss_kB), P(shmem_rss_kB), P(swap_kB), P(pgtables_kB);
	return line_end(o);
}

static int events_close(void *state, const struct sink_env *env)
{
	struct events *e = state;

	(void)env;
	return out_close(&e->out);
}

static void events_release(void *state)
{
	struct events *e = state;

	out_drop(&e->out);
}

const struct sink_format sink_events = {
	.name = "events.jsonl",
	.state_size = sizeof(struct events),
	.open = events_open,
	.cb = { .event = events_event, .oom = events_oom, .kill = events_kill },
	.close = events_close,
	.release = events_release,
};
