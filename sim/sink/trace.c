/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.json: Chrome trace events, for ui.perfetto.dev. Each process has up to three tracks: its state as sampled, the steps
 * of its program, and its stalls (direct reclaim, dirty throttling); and a counter of its memory. A process of its own, the
 * machine, holds memory, swap and pressure counters, kswapd's runs, and kills across the whole picture.
 *
 * Times are microseconds with three decimals.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/jw.h"
#include "sim/sink/names.h"
#include "sim/sink/text.h"

/* Linux pids end below 2^22, so the machine can be one; the tracks of a process lie further up, a thread id each. */
#define MACHINE_PID (1 << 22)
#define STEP_TRACK  (1 << 23)
#define STALL_TRACK (1 << 24)

struct traced {
	int32_t pid;
	char comm[SIM_COMM_LEN];
	char state;         /* 0: not sampled yet */
	sim_ns since;       /* of the state */
	uint64_t mem[4];    /* last values of the counter */
	bool steps, stalls; /* tracks named already */
};

struct trace {
	struct out out;
	struct sink_error *error;
	struct traced *task; /* by pid */
	size_t ntask, cap;
	sim_ns kswapd_since; /* SIM_NEVER: asleep */
};

static void event_begin(struct out *o, const char *phase, const char *name, int32_t pid, int32_t tid)
{
	out_str(o, ",\n");
	jw_object(o, NULL);
	jw_str(o, "ph", phase);
	jw_str(o, "name", name);
	jw_i64(o, "pid", pid);
	jw_i64(o, "tid", tid);
}

static void metadata(struct out *o, const char *what, int32_t pid, int32_t tid, const char *name)
{
	event_begin(o, "M", what, pid, tid);
	jw_object(o, "args");
	jw_str(o, "name", name);
	jw_object_end(o);
	jw_object_end(o);
}

static void at(struct out *o, sim_ns t)
{
	jw_fixed(o, "ts", t, 3);
}

/* From since to until, left open for args. */
static void slice(struct out *o, const char *name, int32_t pid, int32_t tid, sim_ns since, sim_ns until)
{
	event_begin(o, "X", name, pid, tid);
	at(o, since);
	jw_fixed(o, "dur", u64_sub0(until, since), 3);
}

static int trace_open(void *state, const struct sink_env *env)
{
	struct trace *t = state;
	struct out *o = &t->out;

	t->error = env->error;
	t->kswapd_since = SIM_NEVER;
	if (out_open(o, env->dirfd, "trace.json", env->error))
		return out_status(o);
	out_str(o, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
	out_str(o, "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":4194304,\"tid\":4194304,\"args\":{\"name\":"
		   "\"machine\"}}");
	metadata(o, "thread_name", MACHINE_PID, MACHINE_PID, "kswapd0");
	return out_status(o);
}

/* Where pid is or belongs. */
static size_t place(const struct trace *t, int32_t pid)
{
	size_t lo = 0, hi = t->ntask;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->task[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void name_process(struct trace *t, const struct traced *x)
{
	char plain[TEXT_MAX], name[TEXT_MAX + 24];

	text_plain(plain, sizeof(plain), x->comm);
	snprintf(name, sizeof(name), "%s (%d)", plain, x->pid);
	metadata(&t->out, "process_name", x->pid, x->pid, name);
	metadata(&t->out, "thread_name", x->pid, x->pid, "state");
}

/* The entry of a process, made when it is first heard of. NULL when out of memory. */
static struct traced *traced(struct trace *t, int32_t pid, const char *comm)
{
	size_t i = place(t, pid);
	bool known = i < t->ntask && t->task[i].pid == pid;

	if (known && strcmp(t->task[i].comm, comm) == 0)
		return &t->task[i];
	if (!known && t->ntask == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct traced *p = realloc(t->task, cap * sizeof(*p));

		if (!p) {
			sink_error_nomem(t->error);
			return NULL;
		}
		t->task = p;
		t->cap = cap;
	}
	if (!known) {
		memmove(&t->task[i + 1], &t->task[i], (t->ntask - i) * sizeof(t->task[0]));
		t->task[i] = (struct traced){ .pid = pid };
		t->ntask++;
	}
	snprintf(t->task[i].comm, sizeof(t->task[i].comm), "%s", comm);
	name_process(t, &t->task[i]);
	return &t->task[i];
}

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R running";
	case 'S':
		return "S sleeping";
	case 'D':
		return "D waiting for the disk";
	case 'Z':
		return "Z exited";
	default:
		return "other";
	}
}

/* The state seen so far lasted until t. */
static void end_state(struct trace *tr, struct traced *x, sim_ns t)
{
	if (x->state) {
		slice(&tr->out, state_name(x->state), x->pid, x->pid, x->since, t);
		jw_object_end(&tr->out);
	}
	x->state = 0;
}

static void memory_counter(struct out *o, struct traced *x, const struct rec_task *r)
{
	const uint64_t now[4] = { r->RssAnon_kB, r->RssFile_kB, r->RssShmem_kB, r->VmSwap_kB };

	if (memcmp(now, x->mem, sizeof(now)) == 0)
		return;
	memcpy(x->mem, now, sizeof(now));
	event_begin(o, "C", "memory kB", r->pid, r->pid);
	at(o, r->t_ns);
	jw_object(o, "args");
	jw_u64(o, "RssAnon", now[0]);
	jw_u64(o, "RssFile", now[1]);
	jw_u64(o, "RssShmem", now[2]);
	jw_u64(o, "VmSwap", now[3]);
	jw_object_end(o);
	jw_object_end(o);
}

static int trace_task(void *ctx, const struct rec_task *r)
{
	struct trace *t = ctx;
	struct traced *x = traced(t, r->pid, r->comm);

	if (!x)
		return SIM_ENOMEM;
	if (x->state != r->state) {
		end_state(t, x, r->t_ns);
		x->state = r->state;
		x->since = r->t_ns;
	}
	memory_counter(&t->out, x, r);
	return out_status(&t->out);
}

static void counter(struct out *o, sim_ns t, const char *name, const char *const key[], const uint64_t v[], size_t n,
		    unsigned decimals)
{
	event_begin(o, "C", name, MACHINE_PID, MACHINE_PID);
	at(o, t);
	jw_object(o, "args");
	for (size_t i = 0; i < n; i++)
		jw_fixed(o, key[i], v[i], decimals);
	jw_object_end(o);
	jw_object_end(o);
}

static int trace_sample(void *ctx, const struct rec_sample *r)
{
	static const char *const memory[] = { "MemFree", "AnonPages", "Shmem", "Cached", "Slab" };
	static const char *const swap[] = { "SwapUsed" };
	static const char *const psi[] = { "some", "full" };
	struct trace *t = ctx;
	const uint64_t *mi = r->meminfo_kB;

	counter(&t->out, r->t_ns, "memory kB", memory,
		(const uint64_t[]){ mi[MI_MemFree], mi[MI_AnonPages], mi[MI_Shmem], mi[MI_Cached], mi[MI_Slab] }, 5, 0);
	counter(&t->out, r->t_ns, "swap kB", swap, (const uint64_t[]){ u64_sub0(mi[MI_SwapTotal], mi[MI_SwapFree]) }, 1,
		0);
	counter(&t->out, r->t_ns, "memory pressure avg10 %", psi,
		(const uint64_t[]){ r->psi_memory.some.avg10, r->psi_memory.full.avg10 }, 2, 2);
	return out_status(&t->out);
}

static void instant(struct out *o, sim_ns t, const char *name, int32_t pid, const char *scope)
{
	event_begin(o, "i", name, pid, pid);
	at(o, t);
	jw_str(o, "s", scope);
}

/* The event's own arguments, and the end of the trace event. */
static void arguments(struct out *o, const struct rec_event *r)
{
	const struct event_schema *s = &event_schema[r->kind];

	jw_object(o, "args");
	for (size_t i = 0; i < ARRAY_LEN(s->field) && s->field[i]; i++)
		jw_i64(o, s->field[i], r->arg[i]);
	jw_object_end(o);
	jw_object_end(o);
}

static void step(struct trace *t, struct traced *x, const struct rec_event *r)
{
	if (!x->steps)
		metadata(&t->out, "thread_name", x->pid, x->pid + STEP_TRACK, "steps");
	x->steps = true;
	slice(&t->out, step_name(r->arg[0]), x->pid, x->pid + STEP_TRACK,
	      u64_sub0(r->t_ns, (uint64_t)r->arg[2] * NS_PER_MS), r->t_ns);
	arguments(&t->out, r);
}

static void stall(struct trace *t, struct traced *x, const struct rec_event *r, uint64_t us)
{
	if (!x->stalls)
		metadata(&t->out, "thread_name", x->pid, x->pid + STALL_TRACK, "stalls");
	x->stalls = true;
	slice(&t->out, event_schema[r->kind].name, x->pid, x->pid + STALL_TRACK, u64_sub0(r->t_ns, us * NS_PER_US),
	      r->t_ns);
	arguments(&t->out, r);
}

static void kswapd(struct trace *t, const struct rec_event *r)
{
	if (r->kind == EV_KSWAPD_WAKE) {
		if (t->kswapd_since == SIM_NEVER)
			t->kswapd_since = r->t_ns;
	} else if (t->kswapd_since != SIM_NEVER) {
		slice(&t->out, "kswapd awake", MACHINE_PID, MACHINE_PID, t->kswapd_since, r->t_ns);
		arguments(&t->out, r);
		t->kswapd_since = SIM_NEVER;
	}
}

static int of_machine(struct trace *t, const struct rec_event *r)
{
	if (r->kind == EV_KSWAPD_WAKE || r->kind == EV_KSWAPD_SLEEP) {
		kswapd(t, r);
	} else {
		instant(&t->out, r->t_ns, event_schema[r->kind].name, MACHINE_PID, "p");
		arguments(&t->out, r);
	}
	return out_status(&t->out);
}

static int trace_event(void *ctx, const struct rec_event *r)
{
	struct trace *t = ctx;
	struct traced *x;

	if (!r->pid || r->kind == EV_KSWAPD_WAKE || r->kind == EV_KSWAPD_SLEEP || r->kind == EV_KSWAPD_FAILED)
		return of_machine(t, r);
	x = traced(t, r->pid, r->comm);
	if (!x)
		return SIM_ENOMEM;
	switch (r->kind) {
	case EV_STEP_END:
		step(t, x, r);
		break;
	case EV_DIRECT_RECLAIM:
		stall(t, x, r, (uint64_t)r->arg[2]);
		break;
	case EV_DIRTY_THROTTLE:
		stall(t, x, r, (uint64_t)r->arg[0]);
		break;
	default:
		if (r->kind == EV_EXIT)
			end_state(t, x, r->t_ns);
		instant(&t->out, r->t_ns, event_schema[r->kind].name, r->pid, "p");
		arguments(&t->out, r);
	}
	return out_status(&t->out);
}

static int trace_kill(void *ctx, const struct rec_kill *r)
{
	struct trace *t = ctx;
	char plain[TEXT_MAX], name[TEXT_MAX + 48];

	text_plain(plain, sizeof(plain), r->comm);
	snprintf(name, sizeof(name), "killed: %s (%d)", plain, r->pid);
	instant(&t->out, r->t_ns, name, r->pid, "g");
	jw_object(&t->out, "args");
	jw_str(&t->out, "by", r->by);
	jw_i64(&t->out, "points", r->points);
	jw_i64(&t->out, "oom_score_adj", r->oom_score_adj);
	jw_u64(&t->out, "anon_rss_kB", r->anon_rss_kB);
	jw_u64(&t->out, "swap_kB", r->swap_kB);
	jw_object_end(&t->out);
	jw_object_end(&t->out);
	return out_status(&t->out);
}

static int trace_end(void *ctx, const struct rec_end *r)
{
	struct trace *t = ctx;

	for (size_t i = 0; i < t->ntask; i++)
		end_state(t, &t->task[i], r->t_ns);
	if (t->kswapd_since != SIM_NEVER) {
		slice(&t->out, "kswapd awake", MACHINE_PID, MACHINE_PID, t->kswapd_since, r->t_ns);
		jw_object_end(&t->out);
	}
	return out_status(&t->out);
}

static int trace_close(void *state, const struct sink_env *env)
{
	struct trace *t = state;

	(void)env;
	out_str(&t->out, "\n]}\n");
	return out_close(&t->out);
}

static void trace_release(void *state)
{
	struct trace *t = state;

	free(t->task);
	out_drop(&t->out);
}

const struct sink_format sink_trace = {
	.name = "trace.json",
	.state_size = sizeof(struct trace),
	.open = trace_open,
	.cb = { .sample = trace_sample,
		.task = trace_task,
		.event = trace_event,
		.kill = trace_kill,
		.end = trace_end },
	.close = trace_close,
	.release = trace_release,
};
