/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/sink/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/diag.h"
#include "sim/sink/folder.h"
#include "sim/sink/format.h"

/* The files of a result folder. The summary comes last: with it the folder is a result (folder.h). */
static const struct sink_format *const formats[] = {
	&sink_timeline, &sink_tasks, &sink_cgroups, &sink_events,  &sink_kernlog,
	&sink_trace,    &sink_plots, &sink_pods,    &sink_kubectl, &sink_summary,
};
#define NFORMAT ARRAY_LEN(formats)

struct sink_set {
	struct sink_options opt; /* its strings are ours */
	struct sink_error error;
	struct sink_env env;
	char note[NOTE_MAX];
	struct collect collect;
	struct recorder collector, recorder;
	struct folder folder;
	void *state[NFORMAT];
	size_t nopen; /* formats that have been opened, from the first */
	bool over;    /* finished or aborted */
};

/* Hand a record to the collector and then to each format; the first failure ends it and stays. */
#define FAN_OUT(callback, type)                                                                                        \
	static int on_##callback(void *ctx, const struct type *r)                                                      \
	{                                                                                                              \
		struct sink_set *s = ctx;                                                                              \
		int err = s->error.code;                                                                               \
                                                                                                                       \
		if (!err && s->collector.callback(s->collector.ctx, r))                                                \
			err = sink_error_nomem(&s->error);                                                             \
		for (size_t i = 0; i < s->nopen && !err; i++)                                                          \
			if (formats[i]->cb.callback)                                                                   \
				err = formats[i]->cb.callback(s->state[i], r);                                         \
		return err;                                                                                            \
	}

FAN_OUT(begin, rec_begin)
FAN_OUT(sample, rec_sample)
FAN_OUT(task, rec_task)
FAN_OUT(cgroup, rec_cgroup)
FAN_OUT(event, rec_event)
FAN_OUT(oom, rec_oom_report)
FAN_OUT(kill, rec_kill)
FAN_OUT(pod, rec_pod)
FAN_OUT(kube_event, rec_kube_event)
FAN_OUT(workload, rec_workload)
FAN_OUT(end, rec_end)

static char *copy(const char *s, bool *failed)
{
	char *p = s ? strdup(s) : NULL;

	if (s && !p)
		*failed = true;
	return p;
}

static void set_init(struct sink_set *s, const struct sink_options *opt)
{
	bool failed = false;

	s->opt = *opt;
	s->opt.dir = copy(opt->dir, &failed);
	s->opt.gnuplot = copy(opt->gnuplot, &failed);
	s->opt.path = copy(opt->path, &failed);
	if (failed)
		sink_error_nomem(&s->error);
	s->folder.fd = -1;
	collect_init(&s->collect);
	s->collector = collect_recorder(&s->collect);
	s->recorder = (struct recorder){ .ctx = s,
					 .begin = on_begin,
					 .sample = on_sample,
					 .task = on_task,
					 .cgroup = on_cgroup,
					 .event = on_event,
					 .oom = on_oom,
					 .kill = on_kill,
					 .pod = on_pod,
					 .kube_event = on_kube_event,
					 .workload = on_workload,
					 .end = on_end };
}

static int open_formats(struct sink_set *s)
{
	int err = SIM_OK;

	s->env = (struct sink_env){
		.dirfd = s->folder.fd, .collect = &s->collect, .opt = &s->opt, .error = &s->error, .note = s->note
	};
	for (size_t i = 0; i < NFORMAT && !err; i++) {
		s->state[i] = calloc(1, formats[i]->state_size);
		if (!s->state[i])
			return sink_error_nomem(&s->error);
		s->nopen++;
		err = formats[i]->open(s->state[i], &s->env);
	}
	return err;
}

static void release_formats(struct sink_set *s)
{
	for (size_t i = 0; i < s->nopen; i++)
		formats[i]->release(s->state[i]);
	for (size_t i = 0; i < NFORMAT; i++) {
		free(s->state[i]);
		s->state[i] = NULL;
	}
	s->nopen = 0;
}

struct sink_set *sink_set_new(const struct sink_options *opt)
{
	struct sink_set *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	set_init(s, opt);
	if (s->error.code || folder_open(&s->folder, s->opt.dir, &s->error))
		return s;
	s->error.dir = s->opt.dir;
	if (open_formats(s))
		sink_set_abort(s);
	return s;
}

int sink_set_status(const struct sink_set *s)
{
	return s->error.code;
}

const char *sink_set_error(const struct sink_set *s)
{
	return s->error.text;
}

const char *sink_set_note(const struct sink_set *s)
{
	return s->note;
}

struct recorder *sink_set_recorder(struct sink_set *s)
{
	return &s->recorder;
}

const struct collect *sink_set_collect(const struct sink_set *s)
{
	return &s->collect;
}

int sink_set_finish(struct sink_set *s)
{
	int err = s->error.code;

	for (size_t i = 0; i < s->nopen && !err; i++)
		err = formats[i]->close(s->state[i], &s->env);
	s->error.dir = NULL;
	if (!err)
		err = folder_commit(&s->folder, &s->error);
	sink_set_abort(s);
	return err;
}

void sink_set_abort(struct sink_set *s)
{
	if (s->over)
		return;
	s->over = true;
	release_formats(s);
	folder_free(&s->folder);
}

void sink_set_free(struct sink_set *s)
{
	if (!s)
		return;
	sink_set_abort(s);
	collect_free(&s->collect);
	free((char *)s->opt.dir);
	free((char *)s->opt.gnuplot);
	free((char *)s->opt.path);
	free(s);
}
