/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cgroups.csv, one row a sample and cgroup, in the order of the tree; no file without cgroups. Columns: time_s,
 * cgroup (its path), the cgroup's files by name in bytes ("max": no limit), memory.events and memory.swap.events
 * (descendants included), memory.events.local, figures of memory.stat, and memory.pressure as in timeline.csv; memory.zswap.current
 * if the machine has zswap.
 */
#include "sim/sink/format.h"

struct cgroups {
	struct out out;
	int dirfd;
	bool open, zswap;
	struct sink_error *error;
};

static int cgroups_open(void *state, const struct sink_env *env)
{
	struct cgroups *c = state;

	c->dirfd = env->dirfd;
	c->error = env->error;
	return 0;
}

static void header(struct out *o, bool zswap)
{
	out_str(o,
		"time_s,cgroup,memory.current,memory.peak,memory.max,memory.high,memory.swap.current,memory.swap.max");
	for (int i = 0; i < MEMCG_EVENT_COUNT; i++) {
		out_char(o, ',');
		out_str(o, memcg_event_name[i]);
	}
	out_str(o,
		",memory.events.local:max,memory.events.local:oom,memory.events.local:oom_kill,memory.stat:anon,memory."
		"stat:file,"
		"memory.stat:kernel,memory.stat:pgfault,memory.stat:pgmajfault,memory.stat:pgscan,memory.stat:pgsteal,"
		"memory.stat:workingset_refault_anon,memory.stat:workingset_refault_file,under_oom,"
		"memory.pressure:some_avg10,memory.pressure:some_total_us,memory.pressure:full_avg10,"
		"memory.pressure:full_total_us");
	out_str(o, zswap ? ",memory.zswap.current\n" : "\n");
}

static void field(struct out *o, uint64_t v)
{
	out_char(o, ',');
	out_u64(o, v);
}

static void limit(struct out *o, uint64_t v)
{
	if (v == UINT64_MAX)
		out_str(o, ",max");
	else
		field(o, v);
}

static void pressure(struct out *o, const struct rec_psi_line *p)
{
	out_char(o, ',');
	out_fixed(o, p->avg10, 2);
	field(o, p->total_us);
}

static void row(struct out *o, const struct rec_cgroup *r, bool zswap)
{
	const uint64_t stat[] = { r->anon,
				  r->file,
				  r->kernel,
				  r->pgfault,
				  r->pgmajfault,
				  r->pgscan,
				  r->pgsteal,
				  r->workingset_refault_anon,
				  r->workingset_refault_file };

	out_seconds(o, r->t_ns);
	out_char(o, ',');
	out_csv(o, r->path);
	field(o, r->current);
	field(o, r->peak);
	limit(o, r->max);
	limit(o, r->high);
	field(o, r->swap_current);
	limit(o, r->swap_max);
	for (int i = 0; i < MEMCG_EVENT_COUNT; i++)
		field(o, r->events[i]);
	field(o, r->events_local[MEMCG_MAX]);
	field(o, r->events_local[MEMCG_OOM]);
	field(o, r->events_local[MEMCG_OOM_KILL]);
	for (size_t i = 0; i < sizeof(stat) / sizeof(*stat); i++)
		field(o, stat[i]);
	field(o, r->under_oom);
	pressure(o, &r->psi_memory.some);
	pressure(o, &r->psi_memory.full);
	if (zswap)
		field(o, r->zswap_current);
	out_char(o, '\n');
}

static int cgroups_begin(void *ctx, const struct rec_begin *r)
{
	struct cgroups *c = ctx;

	c->zswap = r->config->machine.zswap.enabled;
	return 0;
}

static int cgroups_row(void *ctx, const struct rec_cgroup *r)
{
	struct cgroups *c = ctx;
	int err = c->open ? 0 : out_open(&c->out, c->dirfd, "cgroups.csv", c->error);

	if (err)
		return err;
	if (!c->open)
		header(&c->out, c->zswap);
	c->open = true;
	row(&c->out, r, c->zswap);
	return out_status(&c->out);
}

static int cgroups_close(void *state, const struct sink_env *env)
{
	struct cgroups *c = state;

	(void)env;
	return c->open ? out_close(&c->out) : 0;
}

static void cgroups_release(void *state)
{
	struct cgroups *c = state;

	if (c->open)
		out_drop(&c->out);
}

const struct sink_format sink_cgroups = {
	.name = "cgroups.csv",
	.state_size = sizeof(struct cgroups),
	.open = cgroups_open,
	.cb = { .begin = cgroups_begin, .cgroup = cgroups_row },
	.close = cgroups_close,
	.release = cgroups_release,
};
