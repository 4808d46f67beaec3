/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/tee.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One function a callback: pass the record on to everyone who listens. */
#define TEE(callback, type)                                                                                            \
	static int tee_##callback(void *ctx, const struct type *r)                                                     \
	{                                                                                                              \
		struct tee *t = ctx;                                                                                   \
		int err = 0;                                                                                           \
                                                                                                                       \
		for (size_t i = 0; i < t->n && !err; i++)                                                              \
			err = t->to[i]->callback ? t->to[i]->callback(t->to[i]->ctx, r) : 0;                           \
		return err;                                                                                            \
	}

TEE(begin, rec_begin)
TEE(sample, rec_sample)
TEE(task, rec_task)
TEE(cgroup, rec_cgroup)
TEE(event, rec_event)
TEE(oom, rec_oom_report)
TEE(kill, rec_kill)
TEE(end, rec_end)

struct recorder tee_recorder(struct tee *t)
{
	return (struct recorder){
		.ctx = t,
		.begin = tee_begin,
		.sample = tee_sample,
		.task = tee_task,
		.cgroup = tee_cgroup,
		.event = tee_event,
		.oom = tee_oom,
		.kill = tee_kill,
		.end = tee_end,
	};
}

/* A signal handler can reach nothing but a static. */
static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = sig;
	alarm(5); /* should no sample come any more, there is still an end */
}

void interrupt_catch(void)
{
	/* Once only: a second Ctrl-C kills at once. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART) };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	/* A file-size limit and a closed pipe are then errors of write(), which are reported and cleaned up after. */
	signal(SIGXFSZ, SIG_IGN);
}

bool interrupt_seen(void)
{
	return interrupted;
}

void interrupt_die(void)
{
	int sig = interrupted ? interrupted : SIGINT;

	signal(sig, SIG_DFL);
	raise(sig);
	_exit(128 + sig);
}

static uint64_t wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void progress_init(struct progress *p, const struct sim_config *cfg, bool quiet)
{
	const char *term = getenv("TERM");

	*p = (struct progress){
		.on = !quiet && isatty(STDERR_FILENO) && term && strcmp(term, "dumb"),
		.horizon = cfg->horizon,
		.last_ms = wall_ms(),
	};
	snprintf(p->name, sizeof(p->name), "%s", cfg->name);
}

static void draw(const struct progress *p, sim_ns t)
{
	enum { WIDTH = 40 };
	char bar[WIDTH + 1];
	unsigned done = (unsigned)u64_muldiv(u64_min(t, p->horizon), WIDTH, p->horizon ? p->horizon : 1);

	memset(bar, '#', done);
	memset(bar + done, '.', WIDTH - done);
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %.1f of %.1f s\033[K", p->name, bar, (double)t / 1e9, (double)p->horizon / 1e9);
	fflush(stderr);
}

static int on_sample(void *ctx, const struct rec_sample *r)
{
	struct progress *p = ctx;
	uint64_t now;

	if (interrupted)
		return SIM_EINTERRUPTED;
	if (!p->on)
		return 0;
	now = wall_ms();
	if (now - p->last_ms >= 100) {
		p->last_ms = now;
		p->drawn = true;
		draw(p, r->t_ns);
	}
	return 0;
}

struct recorder progress_recorder(struct progress *p)
{
	return (struct recorder){ .ctx = p, .sample = on_sample };
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
}
