/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * events.jsonl: one JSON object a line, in time order: "t_ns", "event", then "pid" and "comm" where a task is concerned, then
 * the event's own fields by event_schema. Two kinds of line hold more: "oom_report", all that an OOM report prints (memory
 * in the machine's pages unless the name ends in _kB or _bytes), and "kill", the fields of summary.json's oom_kills.
 */
#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/jw.h"
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
	jw_object(o, NULL);
	jw_u64(o, "t_ns", t);
	jw_str(o, "event", event);
}

static int line_end(struct out *o)
{
	jw_object_end(o);
	out_char(o, '\n');
	return out_status(o);
}

/* Some arguments are numbers of a list whose names say more. */
static void meaning(struct out *o, const struct rec_event *r)
{
	if (r->kind == EV_PANIC)
		jw_str(o, "text", panic_reason_name((int)r->arg[0]));
	else if (r->kind == EV_END)
		jw_str(o, "ended", run_end_text((int)r->arg[0]));
	else if (r->kind == EV_STEP_END || r->kind == EV_STEP_FAILED)
		jw_str(o, "op", step_name(r->arg[0]));
	else if (r->kind == EV_SYSCTL)
		jw_str(o, "sysctl", sysctl_name(r->arg[0]));
}

static int events_event(void *ctx, const struct rec_event *r)
{
	struct events *e = ctx;
	struct out *o = &e->out;
	const struct event_schema *s = &event_schema[r->kind];

	line_begin(o, r->t_ns, s->name);
	if (r->pid) {
		jw_i64(o, "pid", r->pid);
		jw_str(o, "comm", r->comm);
	}
	for (size_t i = 0; i < ARRAY_LEN(s->field) && s->field[i]; i++)
		jw_i64(o, s->field[i], r->arg[i]);
	meaning(o, r);
	return line_end(o);
}

#define P(field) jw_u64(o, #field, r->field)

static void node(struct out *o, const struct rec_oom_node *r)
{
	jw_object(o, NULL);
	jw_i64(o, "node", r->node);
	P(active_anon), P(inactive_anon), P(active_file), P(inactive_file), P(unevictable), P(isolated_anon),
		P(isolated_file);
	P(mapped), P(dirty), P(writeback), P(shmem), P(kernel_stack_kB), P(pagetables), P(sec_pagetables);
	jw_bool(o, "all_unreclaimable", r->all_unreclaimable);
	jw_object_end(o);
}

static void zone(struct out *o, const struct rec_oom_zone *r)
{
	jw_object(o, NULL);
	jw_i64(o, "node", r->node);
	jw_str(o, "name", r->name);
	P(free), P(boost), P(min), P(low), P(high), P(reserved_highatomic), P(active_anon), P(inactive_anon),
		P(active_file);
	P(inactive_file), P(unevictable), P(writepending), P(present), P(managed), P(mlocked), P(bounce), P(free_pcp),
		P(local_pcp);
	P(free_cma);
	jw_array(o, "lowmem_reserve");
	for (size_t i = 0; i < ARRAY_LEN(r->lowmem_reserve); i++)
		jw_i64(o, NULL, r->lowmem_reserve[i]);
	jw_array_end(o);
	jw_array(o, "nr_free_blocks");
	for (size_t i = 0; i < ARRAY_LEN(r->nr_free_blocks); i++)
		jw_u64(o, NULL, r->nr_free_blocks[i]);
	jw_array_end(o);
	jw_object_end(o);
}

static void task(struct out *o, const struct rec_oom_task *r)
{
	jw_object(o, NULL);
	jw_i64(o, "pid", r->pid);
	jw_i64(o, "tgid", r->tgid);
	jw_str(o, "comm", r->comm);
	P(uid), P(total_vm), P(rss), P(rss_anon), P(rss_file), P(rss_shmem), P(pgtables_bytes), P(swapents);
	jw_i64(o, "oom_score_adj", r->oom_score_adj);
	jw_bool(o, "eligible", r->eligible);
	if (r->eligible)
		jw_i64(o, "points", r->points);
	else
		jw_str(o, "why", r->why);
	jw_object_end(o);
}

static void trigger(struct out *o, const struct rec_oom_report *r)
{
	jw_str(o, "constraint", r->constraint);
	jw_str(o, "nodemask", r->nodemask);
	jw_str(o, "cpuset", r->cpuset);
	jw_str(o, "mems_allowed", r->mems_allowed);
	jw_str(o, "message", r->message);
	P(gfp_mask);
	jw_i64(o, "order", r->order);
	jw_i64(o, "trigger_pid", r->trigger_pid);
	jw_str(o, "trigger_comm", r->trigger_comm);
	jw_i64(o, "trigger_oom_score_adj", r->trigger_oom_score_adj);
	jw_i64(o, "cpu", r->cpu);
	jw_bool(o, "dump_header", r->dump_header);
	jw_bool(o, "dump_tasks", r->dump_tasks);
	P(totalpages);
}

static void totals(struct out *o, const struct rec_oom_report *r)
{
	P(active_anon), P(inactive_anon), P(isolated_anon), P(active_file), P(inactive_file), P(isolated_file),
		P(unevictable);
	P(dirty), P(writeback), P(slab_reclaimable), P(slab_unreclaimable), P(mapped), P(shmem), P(pagetables),
		P(sec_pagetables);
	P(bounce), P(kernel_misc_reclaimable), P(free), P(free_pcp), P(free_cma), P(pagecache_pages),
		P(swapcache_pages);
	P(free_swap_kB), P(total_swap_kB), P(pages_ram), P(pages_reserved);
}

static void outcome(struct out *o, const struct rec_oom_report *r)
{
	jw_bool(o, "has_victim", r->has_victim);
	jw_str(o, "panic", r->panic < 0 ? NULL : panic_reason_name(r->panic));
	jw_i64(o, "no_progress_loops", r->no_progress_loops);
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
	jw_array(o, "nodes");
	for (size_t i = 0; i < r->nnode; i++)
		node(o, &r->node[i]);
	jw_array_end(o);
	jw_array(o, "zones");
	for (size_t i = 0; i < r->nzone; i++)
		zone(o, &r->zone[i]);
	jw_array_end(o);
	jw_array(o, "tasks");
	for (size_t i = 0; i < r->ntask; i++)
		task(o, &r->task[i]);
	jw_array_end(o);
	return line_end(o);
}

static int events_kill(void *ctx, const struct rec_kill *r)
{
	struct events *e = ctx;
	struct out *o = &e->out;

	line_begin(o, r->t_ns, "kill");
	jw_i64(o, "pid", r->pid);
	jw_str(o, "comm", r->comm);
	P(uid);
	jw_str(o, "by", r->by);
	jw_str(o, "constraint", r->constraint);
	jw_str(o, "memcg", r->memcg);
	jw_i64(o, "trigger_pid", r->trigger_pid);
	jw_i64(o, "points", r->points);
	jw_i64(o, "oom_score_adj", r->oom_score_adj);
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
