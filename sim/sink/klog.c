/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kern.log, in memory and as a file. */
#include "sim/sink/klog.h"

#include <stdio.h>
#include <string.h>

#include "models/klog/klog.h"
#include "sim/core/diag.h"
#include "sim/sink/format.h"
#include "sim/sink/klogscale.h"

void klog_memory_init(struct klog_memory *k, struct strbuf *out)
{
	*k = (struct klog_memory){ .out = out };
}

static int on_begin(void *ctx, const struct rec_begin *r)
{
	struct klog_memory *k = ctx;
	const struct machine_cfg *m = &r->config->machine;

	k->format = r->config->kernel->klog;
	for (uint64_t size = m->page_size; size > 4096; size /= 2)
		k->page_shift++;
	snprintf(k->release, sizeof(k->release), "%s", m->release[0] ? m->release : r->config->kernel->release);
	snprintf(k->hardware, sizeof(k->hardware), "%s", m->hardware);
	return SIM_OK;
}

/* Move the lines to the log, each with its stamp unless it continues the one above. Empties `text`. */
static int stamp(struct klog_memory *k, sim_ns t, struct strbuf *text)
{
	int err;

	for (const char *s = text->s, *end; s && (end = strchr(s, '\n')); s = end + 1) {
		if (strncmp(s, KLOG_CONT, strlen(KLOG_CONT)) == 0)
			s += strlen(KLOG_CONT);
		else
			strbuf_addf(k->out, "[%5lu.%06lu] ", (unsigned long)(t / NS_PER_SEC),
				    (unsigned long)(t % NS_PER_SEC / NS_PER_US));
		strbuf_add(k->out, s, (size_t)(end - s) + 1);
	}
	err = text->failed || k->out->failed ? SIM_ENOMEM : SIM_OK;
	strbuf_free(text);
	return err;
}

static int on_oom(void *ctx, const struct rec_oom_report *r)
{
	struct klog_memory *k = ctx;
	struct strbuf text = { 0 };

	k->dumped = r->dump_header;
	k->cpu = r->cpu;
	if (k->page_shift) {
		struct klog_scaled scaled;

		if (klog_scale(&scaled, r, k->page_shift))
			return SIM_ENOMEM;
		klog_oom_report(k->format, &text, &scaled.r, k->release, k->hardware);
		klog_scale_free(&scaled);
	} else {
		klog_oom_report(k->format, &text, r, k->release, k->hardware);
	}
	return stamp(k, r->t_ns, &text);
}

static int on_kill(void *ctx, const struct rec_kill *r)
{
	struct klog_memory *k = ctx;
	struct strbuf text = { 0 };

	if (strcmp(r->by, "kernel") != 0)
		return SIM_OK;
	klog_kill(k->format, &text, r, k->dumped);
	k->dumped = false; /* the line is the report's, for the victim it chose; a group's other members have none */
	return stamp(k, r->t_ns, &text);
}

static int on_event(void *ctx, const struct rec_event *r)
{
	struct klog_memory *k = ctx;
	struct strbuf text = { 0 };

	if (r->kind == EV_OOM_REAPED)
		klog_reaped(k->format, &text, r->pid, r->comm, (uint64_t)r->arg[0], (uint64_t)r->arg[1],
				  (uint64_t)r->arg[2]);
	else if (r->kind == EV_OOM_REAP_FAILED)
		klog_reap_failed(k->format, &text, r->pid, r->comm);
	else if (r->kind == EV_SWAP_WRITE_ERROR)
		klog_swap_write_error(&text, (uint64_t)r->arg[0], (uint64_t)r->arg[1]);
	else if (r->kind == EV_PANIC)
		klog_panic(k->format, &text, (int)r->arg[0], k->cpu, r->pid, r->comm, k->release, k->hardware);
	else
		return SIM_OK;
	return stamp(k, r->t_ns, &text);
}

struct recorder klog_memory_recorder(struct klog_memory *k)
{
	return (struct recorder){ .ctx = k, .begin = on_begin, .event = on_event, .oom = on_oom, .kill = on_kill };
}

/* The file: the same recorder with a buffer that is emptied into the file after each record. */
struct kernlog_file {
	struct klog_memory k;
	struct strbuf text;
	struct out out;
	struct sink_error *error;
};

static int file_open(void *state, const struct sink_env *env)
{
	struct kernlog_file *f = state;

	klog_memory_init(&f->k, &f->text);
	f->error = env->error;
	return out_open(&f->out, env->dirfd, "kern.log", env->error);
}

static int drain(struct kernlog_file *f, int err)
{
	if (err)
		return sink_error_nomem(f->error);
	out_bytes(&f->out, f->text.s, f->text.len);
	strbuf_free(&f->text);
	return out_status(&f->out);
}

static int file_begin(void *ctx, const struct rec_begin *r)
{
	struct kernlog_file *f = ctx;

	return on_begin(&f->k, r);
}

static int file_oom(void *ctx, const struct rec_oom_report *r)
{
	struct kernlog_file *f = ctx;

	return drain(f, on_oom(&f->k, r));
}

static int file_kill(void *ctx, const struct rec_kill *r)
{
	struct kernlog_file *f = ctx;

	return drain(f, on_kill(&f->k, r));
}

static int file_event(void *ctx, const struct rec_event *r)
{
	struct kernlog_file *f = ctx;

	return drain(f, on_event(&f->k, r));
}

static int file_close(void *state, const struct sink_env *env)
{
	struct kernlog_file *f = state;

	(void)env;
	return out_close(&f->out);
}

static void file_release(void *state)
{
	struct kernlog_file *f = state;

	strbuf_free(&f->text);
	out_drop(&f->out);
}

const struct sink_format sink_kernlog = {
	.name = "kern.log",
	.state_size = sizeof(struct kernlog_file),
	.open = file_open,
	.cb = { .begin = file_begin, .event = file_event, .oom = file_oom, .kill = file_kill },
	.close = file_close,
	.release = file_release,
};
