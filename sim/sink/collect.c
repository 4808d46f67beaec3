/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/collect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/recdigest.h"

#define GFP_MOVABLE     0x08u /* ___GFP_MOVABLE: the request may be served from ZONE_MOVABLE's fallbacks */
#define RESERVE_MOVABLE 3     /* index of lowmem_reserve[] for a movable request */
#define RESERVE_NORMAL  2     /* and for any other that is not confined to a low zone */

void collect_init(struct collect *c)
{
	*c = (struct collect){ .panic = -1, .page_size = 4096, .digest = DIGEST_INIT };
	c->first = (struct collect_first){ .kswapd_wake_ns = SIM_NEVER,
					   .swap_out_ns = SIM_NEVER,
					   .direct_reclaim_ns = SIM_NEVER,
					   .swap_full_ns = SIM_NEVER,
					   .oom_ns = SIM_NEVER,
					   .dirty_throttle_ns = SIM_NEVER,
					   .psi_some_ns = SIM_NEVER };
	memset(c->low_kB, 0xff, sizeof(c->low_kB));
}

static void free_kill(struct collect_kill *k)
{
	free((char *)k->k.by);
	free((char *)k->k.constraint);
	free((char *)k->k.memcg);
	free((char *)k->k.message);
}

void collect_free(struct collect *c)
{
	for (size_t i = 0; i < c->nkill; i++)
		free_kill(&c->kill[i]);
	free(c->kill);
	free(c->exit);
	free(c->oom);
	*c = (struct collect){ .panic = -1 };
}

void collect_digest_hex(const struct collect *c, char ret[33])
{
	digest_hex(&c->digest, ret);
}

/* Room for one more element; false when out of memory. */
static bool grow(void **v, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 16;
	void *p;

	if (n < *cap)
		return true;
	p = realloc(*v, want * size);
	if (!p)
		return false;
	*v = p;
	*cap = want;
	return true;
}

static int on_begin(void *ctx, const struct rec_begin *r)
{
	struct collect *c = ctx;
	const struct sim_config *cfg = r->config;
	const struct machine_cfg *m = &cfg->machine;

	snprintf(c->scenario, sizeof(c->scenario), "%s", cfg->name);
	snprintf(c->kernel, sizeof(c->kernel), "%s", cfg->kernel->info.name);
	snprintf(c->release, sizeof(c->release), "%s", m->release[0] ? m->release : cfg->kernel->release);
	snprintf(c->hardware, sizeof(c->hardware), "%s", m->hardware);
	c->tie = cfg->kernel->badness->tie;
	c->seed = cfg->seed;
	c->ncpu = m->ncpu;
	c->memory = m->memory;
	c->page_size = m->page_size;
	c->horizon_ns = cfg->horizon;
	c->totalram_pages = r->totalram_pages;
	c->totalswap_pages = r->totalswap_pages;
	c->min_free_kbytes = r->min_free_kbytes;
	recdigest_begin(&c->digest, r);
	return SIM_OK;
}

static void first(sim_ns *when, sim_ns now, bool seen)
{
	if (seen && *when == SIM_NEVER)
		*when = now;
}

static void take_sample(struct collect *c, const struct rec_sample *r)
{
	const uint64_t *mi = r->meminfo_kB;

	for (size_t i = 0; i < MI_COUNT; i++) {
		c->peak_kB[i] = u64_max(c->peak_kB[i], mi[i]);
		c->low_kB[i] = u64_min(c->low_kB[i], mi[i]);
	}
	c->peak_swap_used_kB = u64_max(c->peak_swap_used_kB, u64_sub0(mi[MI_SwapTotal], mi[MI_SwapFree]));
	first(&c->first.swap_out_ns, r->t_ns, r->vmstat[VMSTAT_pswpout] > 0);
	first(&c->first.psi_some_ns, r->t_ns, r->psi_memory.some.total_us > 0);
	c->last = *r;
	c->has_last = true;
}

static int on_sample(void *ctx, const struct rec_sample *r)
{
	struct collect *c = ctx;

	recdigest_sample(&c->digest, r);
	take_sample(c, r);
	c->nsample++;
	return SIM_OK;
}

static int on_cgroup(void *ctx, const struct rec_cgroup *r)
{
	struct collect *c = ctx;

	recdigest_cgroup(&c->digest, r);
	return SIM_OK;
}

static int on_task(void *ctx, const struct rec_task *r)
{
	struct collect *c = ctx;

	recdigest_task(&c->digest, r);
	return SIM_OK;
}

/* The latest kill of that pid, since pids come round again; NULL if it was never killed. */
static struct collect_kill *find_kill(struct collect *c, int32_t pid)
{
	for (size_t i = c->nkill; i-- > 0;)
		if (c->kill[i].k.pid == pid)
			return &c->kill[i];
	return NULL;
}

static int take_exit(struct collect *c, const struct rec_event *r)
{
	struct collect_kill *k = find_kill(c, r->pid);
	struct collect_exit *e;

	if (!grow((void **)&c->exit, c->nexit, &c->exit_cap, sizeof(*c->exit)))
		return SIM_ENOMEM;
	e = &c->exit[c->nexit++];
	*e = (struct collect_exit){ .t_ns = r->t_ns, .pid = r->pid, .signal = (int)r->arg[0], .code = (int)r->arg[1] };
	memcpy(e->comm, r->comm, sizeof(e->comm));
	if (k && k->exit_ns == SIM_NEVER)
		k->exit_ns = r->t_ns;
	return SIM_OK;
}

static void take_freed(struct collect *c, const struct rec_event *r)
{
	struct collect_kill *k = find_kill(c, r->pid);

	if (!k || k->freed_ns != SIM_NEVER)
		return;
	k->freed_ns = r->t_ns;
	k->freed_kB = (uint64_t)r->arg[0];
}

static void take_first(struct collect *c, const struct rec_event *r)
{
	struct collect_first *f = &c->first;

	if (r->kind == EV_KSWAPD_WAKE && f->kswapd_wake_ns == SIM_NEVER)
		f->kswapd_wake_free_pages = (uint64_t)r->arg[1];
	first(&f->kswapd_wake_ns, r->t_ns, r->kind == EV_KSWAPD_WAKE);
	first(&f->direct_reclaim_ns, r->t_ns, r->kind == EV_DIRECT_RECLAIM);
	first(&f->swap_full_ns, r->t_ns, r->kind == EV_SWAP_FULL);
	first(&f->oom_ns, r->t_ns, r->kind == EV_OOM_ENTER);
	first(&f->dirty_throttle_ns, r->t_ns, r->kind == EV_DIRTY_THROTTLE);
}

static int on_event(void *ctx, const struct rec_event *r)
{
	struct collect *c = ctx;
	struct collect_kill *k;

	recdigest_event(&c->digest, r);
	c->events[r->kind]++;
	take_first(c, r);
	switch (r->kind) {
	case EV_EXIT:
		return take_exit(c, r);
	case EV_VICTIM_FREED:
		take_freed(c, r);
		break;
	case EV_OOM_REAPED:
		k = find_kill(c, r->pid);
		if (k)
			k->reaped = true;
		break;
	case EV_DIRECT_RECLAIM:
		c->direct_stall_us += (uint64_t)r->arg[2];
		c->max_direct_stall_us = u64_max(c->max_direct_stall_us, (uint64_t)r->arg[2]);
		break;
	case EV_PANIC:
		c->panic = (int)r->arg[0];
		break;
	default:
		break;
	}
	return SIM_OK;
}

/* Would the kernel prefer a (asked before b in its list) to b? */
static bool better(const struct collect *c, const struct rec_oom_task *later, const struct rec_oom_task *earlier)
{
	if (later->points != earlier->points)
		return later->points > earlier->points;
	return c->tie == TIE_TAKE_LAST;
}

/* Insertion into the short list of the worst. */
static void rank(const struct collect *c, struct collect_oom *o, const struct rec_oom_task *t)
{
	size_t at = o->ntop;

	if (!t->eligible)
		return;
	o->ncandidates++;
	while (at > 0 && better(c, t, &o->top[at - 1]))
		at--;
	if (at == COLLECT_TOP)
		return;
	if (o->ntop < COLLECT_TOP)
		o->ntop++;
	memmove(&o->top[at + 1], &o->top[at], (o->ntop - 1 - at) * sizeof(o->top[0]));
	o->top[at] = *t;
}

static void take_zone(struct collect_oom *o, uint64_t kB, const struct rec_oom_report *r, const struct rec_oom_zone *z)
{
	struct collect_zone *mine = &o->zone[o->nzone];
	int64_t reserve = z->lowmem_reserve[r->gfp_mask & GFP_MOVABLE ? RESERVE_MOVABLE : RESERVE_NORMAL];
	uint64_t pages = z->active_file + z->inactive_file + (r->free_swap_kB ? z->active_anon + z->inactive_anon : 0);

	if (o->nzone == ARRAY_LEN(o->zone))
		return;
	o->nzone++;
	*mine = (struct collect_zone){ .node = z->node,
				       .free_kB = z->free * kB,
				       .min_kB = z->min * kB,
				       .reserve_kB = (uint64_t)(reserve > 0 ? reserve : 0) * kB,
				       .reclaimable_kB = pages * kB };
	snprintf(mine->name, sizeof(mine->name), "%s", z->name);
}

static void take_nodes(struct collect_oom *o, uint64_t kB, const struct rec_oom_report *r)
{
	uint64_t here = 0;

	o->by_policy = r->nodemask;
	if (!o->by_policy && (!r->constraint || strcmp(r->constraint, "CONSTRAINT_CPUSET") != 0))
		return;
	snprintf(o->nodes, sizeof(o->nodes), "%s", o->by_policy ? r->nodemask : r->mems_allowed);
	for (size_t i = 0; i < r->nzone; i++)
		here += r->zone[i].free;
	o->elsewhere_kB = u64_sub0(r->free, here) * kB;
}

static void take_oom(const struct collect *c, struct collect_oom *o, const struct rec_oom_report *r)
{
	uint64_t kB = c->page_size / KIB; /* of a page */

	*o = (struct collect_oom){
		.t_ns = r->t_ns,
		.trigger_pid = r->trigger_pid,
		.gfp_mask = r->gfp_mask,
		.order = r->order,
		.has_victim = r->has_victim,
		.panic = r->panic,
		.totalpages = r->totalpages,
		.free_kB = r->free * kB,
		.file_kB = (r->active_file + r->inactive_file) * kB,
		.anon_kB = (r->active_anon + r->inactive_anon) * kB,
		.free_swap_kB = r->free_swap_kB,
		.total_swap_kB = r->total_swap_kB,
		.slab_kB = (r->slab_reclaimable + r->slab_unreclaimable) * kB,
		.pagetables_kB = r->pagetables * kB,
		.no_progress_loops = r->no_progress_loops,
		.reclaim_scanned = r->reclaim_scanned,
		.reclaim_reclaimed = r->reclaim_reclaimed,
	};
	memcpy(o->trigger_comm, r->trigger_comm, sizeof(o->trigger_comm));
	if (r->memcg) {
		snprintf(o->memcg, sizeof(o->memcg), "%s", r->memcg->path);
		o->memcg_usage_kB = r->memcg->memory.usage_kB;
		o->memcg_limit_kB = r->memcg->memory.limit_kB;
	}
	take_nodes(o, kB, r);
	for (size_t i = 0; i < r->nzone; i++)
		take_zone(o, kB, r, &r->zone[i]);
	for (size_t i = 0; i < r->ntask; i++)
		rank(c, o, &r->task[i]);
}

static int on_oom(void *ctx, const struct rec_oom_report *r)
{
	struct collect *c = ctx;

	recdigest_oom(&c->digest, r);
	first(&c->first.oom_ns, r->t_ns, true);
	if (!grow((void **)&c->oom, c->noom, &c->oom_cap, sizeof(*c->oom)))
		return SIM_ENOMEM;
	take_oom(c, &c->oom[c->noom++], r);
	return SIM_OK;
}

static int on_kill(void *ctx, const struct rec_kill *r)
{
	struct collect *c = ctx;
	struct collect_kill *k;

	recdigest_kill(&c->digest, r);
	if (!grow((void **)&c->kill, c->nkill, &c->kill_cap, sizeof(*c->kill)))
		return SIM_ENOMEM;
	k = &c->kill[c->nkill];
	*k = (struct collect_kill){ .k = *r, .exit_ns = SIM_NEVER, .freed_ns = SIM_NEVER };
	k->k.by = strdup(r->by ? r->by : "kernel");
	k->k.constraint = strdup(r->constraint ? r->constraint : "CONSTRAINT_NONE");
	k->k.memcg = strdup(r->memcg ? r->memcg : "/");
	k->k.message = strdup(r->message ? r->message : "");
	c->nkill++; /* from here on collect_free() sees to the strings */
	return k->k.by && k->k.constraint && k->k.memcg && k->k.message ? SIM_OK : SIM_ENOMEM;
}

static int on_end(void *ctx, const struct rec_end *r)
{
	struct collect *c = ctx;

	recdigest_end(&c->digest, r);
	if (r->last)
		take_sample(c, r->last);
	c->finished = true;
	c->ended = r->end;
	c->end_ns = r->t_ns;
	return SIM_OK;
}

struct recorder collect_recorder(struct collect *c)
{
	return (struct recorder){ .ctx = c,
				  .begin = on_begin,
				  .sample = on_sample,
				  .task = on_task,
				  .cgroup = on_cgroup,
				  .event = on_event,
				  .oom = on_oom,
				  .kill = on_kill,
				  .end = on_end };
}
