/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scenario from text, the records of its run, and the expectations. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/core/diag.h"
#include "sim/core/strbuf.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"
#include "tests/conformance/conformance.h"

#define TEXT_MAX 16384

/* ---- records ---- */

/* Room for one more of n elements at *v; doubles at powers of two. */
static void *one_more(void **v, size_t n, size_t size)
{
	if (!(n & (n - 1)))
		*v = realloc(*v, (n ? 2 * n : 1) * size);
	if (!*v)
		abort();
	return (char *)*v + n * size;
}
#define ONE_MORE(v, n) (*(__typeof__(v))one_more((void **)&(v), (n)++, sizeof(*(v))))

static int on_begin(void *ctx, const struct rec_begin *rec)
{
	((struct run *)ctx)->begin = *rec;
	return 0;
}

static int on_cgroup(void *ctx, const struct rec_cgroup *rec)
{
	struct run *r = ctx;

	ONE_MORE(r->row, r->nrow) = *rec; /* its path is the configuration's, which stays */
	return 0;
}

static int on_sample(void *ctx, const struct rec_sample *rec)
{
	struct run *r = ctx;

	ONE_MORE(r->sample, r->nsample) = *rec;
	return 0;
}

static int on_task(void *ctx, const struct rec_task *rec)
{
	struct run *r = ctx;

	ONE_MORE(r->task, r->ntask) = *rec;
	return 0;
}

static int on_event(void *ctx, const struct rec_event *rec)
{
	struct run *r = ctx;

	ONE_MORE(r->event, r->nevent) = *rec;
	return 0;
}

static int on_kube_event(void *ctx, const struct rec_kube_event *rec)
{
	struct run *r = ctx;
	struct run_eviction *e;

	if (strcmp(rec->reason, "Evicted"))
		return 0;
	e = &ONE_MORE(r->eviction, r->neviction);
	snprintf(e->pod, sizeof(e->pod), "%s", rec->owner);
	e->refused = rec->refused;
	return 0;
}

static int on_end(void *ctx, const struct rec_end *rec)
{
	((struct run *)ctx)->end = rec->end;
	return 0;
}

/* ---- running ---- */

static int load(const char *text, struct sim_config *ret, char *why, size_t n)
{
	struct diag_list dl = { 0 };
	int err;

	err = scenario_load_buffer("case", text, strlen(text), NULL, ret, &dl);
	for (size_t i = dl.n; err && why && i-- > 0;)
		if (dl.v[i].level == DIAG_ERROR)
			snprintf(why, n, "the scenario is refused: %s", dl.v[i].text);
	diag_list_free(&dl);
	return err;
}

static bool play(struct run *r)
{
	struct recorder rec = { .ctx = r, .begin = on_begin, .sample = on_sample, .task = on_task, .cgroup = on_cgroup,
				.event = on_event, .kube_event = on_kube_event, .end = on_end };
	struct world *w;
	enum run_end end;
	bool ok;

	if (world_new(r->config, &rec, &sim_alloc_libc, &w))
		return false;
	ok = !world_run(w, &end);
	world_free(w);
	return ok;
}

struct run *simulate(struct check *c, const char *fmt, ...)
{
	struct run *r = calloc(1, sizeof(*r));
	char *text = malloc(TEXT_MAX), why[256];
	va_list ap;

	if (!r || !text || !(r->config = calloc(1, sizeof(*r->config))))
		abort();
	r->next = c->runs;
	c->runs = r;
	va_start(ap, fmt);
	vsnprintf(text, TEXT_MAX, fmt, ap);
	va_end(ap);
	if (load(text, r->config, why, sizeof(why)))
		expect(c, false, why);
	else
		expect(c, r->ran = play(r), "the run did not come to its end");
	free(text);
	return r;
}

bool refused(const char *fmt, ...)
{
	char text[TEXT_MAX];
	struct sim_config config;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (load(text, &config, NULL, 0))
		return true;
	sim_config_free(&config);
	return false;
}

void check_free_runs(struct check *c)
{
	for (struct run *r = c->runs, *next; r; r = next) {
		next = r->next;
		sim_config_free(r->config);
		free(r->config);
		free(r->row);
		free(r->sample);
		free(r->event);
		free(r->task);
		free(r->eviction);
		free(r);
	}
	c->runs = NULL;
}

/* ---- reading the records ---- */

struct rec_cgroup cg(const struct run *r, const char *path, double at)
{
	struct rec_cgroup ret = { 0 };

	for (size_t i = 0; i < r->nrow && r->row[i].t_ns <= at * 1e9; i++)
		if (!strcmp(r->row[i].path, path))
			ret = r->row[i];
	return ret;
}

uint64_t cg_largest(const struct run *r, const char *path)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < r->nrow; i++)
		if (!strcmp(r->row[i].path, path))
			ret = u64_max(ret, r->row[i].current);
	return ret;
}

struct rec_sample sample_at(const struct run *r, double at)
{
	struct rec_sample ret = { 0 };

	for (size_t i = 0; i < r->nsample && r->sample[i].t_ns <= at * 1e9; i++)
		ret = r->sample[i];
	return ret;
}

struct rec_task task_at(const struct run *r, const char *comm, double at)
{
	struct rec_task ret = { 0 };

	for (size_t i = 0; i < r->ntask && r->task[i].t_ns <= at * 1e9; i++)
		if (!strcmp(r->task[i].comm, comm))
			ret = r->task[i];
	return ret;
}

const struct rec_event *event_of(const struct run *r, enum event_kind kind, const char *comm, size_t n)
{
	for (size_t i = 0; i < r->nevent; i++)
		if (r->event[i].kind == kind && (!comm || !strcmp(r->event[i].comm, comm)) && !n--)
			return &r->event[i];
	return NULL;
}

size_t events_of(const struct run *r, enum event_kind kind, const char *comm)
{
	size_t n = 0;

	while (event_of(r, kind, comm, n))
		n++;
	return n;
}

bool killed(const struct run *r, const char *comm)
{
	const struct rec_event *e = event_of(r, EV_EXIT, comm, 0);

	return e && e->arg[0] == 9;
}

bool exited(const struct run *r, const char *comm)
{
	const struct rec_event *e = event_of(r, EV_EXIT, comm, 0);

	return e && !e->arg[0] && !e->arg[1];
}

bool alive(const struct run *r, const char *comm)
{
	return event_of(r, EV_START, comm, 0) && !event_of(r, EV_EXIT, comm, 0);
}

bool refused_memory(const struct run *r, const char *comm)
{
	const struct rec_event *e = event_of(r, EV_STEP_FAILED, comm, 0);

	return e && e->arg[1] == ENOMEM;
}

static bool has_eviction(const struct run *r, const char *pod, bool was_refused)
{
	for (size_t i = 0; i < r->neviction; i++)
		if (r->eviction[i].refused == was_refused && !strcmp(r->eviction[i].pod, pod))
			return true;
	return false;
}

bool evicted(const struct run *r, const char *pod)
{
	return has_eviction(r, pod, false);
}

bool refused_pod(const struct run *r, const char *pod)
{
	return has_eviction(r, pod, true);
}

bool evicted_nth(const struct run *r, size_t n, const char *pod)
{
	return n < r->neviction && !r->eviction[n].refused && !strcmp(r->eviction[n].pod, pod);
}

/* ---- expectations ---- */

void expect(struct check *c, bool ok, const char *what)
{
	size_t n = strlen(c->why);

	c->asked++;
	if (ok)
		return;
	c->failed++;
	snprintf(c->why + n, sizeof(c->why) - n, "%s%s", n ? "; " : "", what);
}

void expect_eq(struct check *c, const char *what, uint64_t got, uint64_t want)
{
	char text[200];

	snprintf(text, sizeof(text), "%s is %llu, not %llu", what, (unsigned long long)got, (unsigned long long)want);
	expect(c, got == want, text);
}

void expect_range(struct check *c, const char *what, double got, double low, double high)
{
	char text[200];

	snprintf(text, sizeof(text), "%s is %.10g, not in %.10g..%.10g", what, got, low, high);
	expect(c, got >= low && got <= high, text);
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

void expect_close(struct check *c, const char *what, uint64_t got, uint64_t want, unsigned err)
{
	char text[200];

	snprintf(text, sizeof(text), "%s is %.2f MiB, not %.2f MiB (err %u)", what, (double)got / MIB, (double)want / MIB, err);
	expect(c, distance(got, want) <= (got + want) / 100 * err, text);
}

void expect_close_ltp(struct check *c, const char *what, uint64_t got, uint64_t want, unsigned err)
{
	char text[200];

	snprintf(text, sizeof(text), "%s is %.2f MiB, not %.2f MiB (LTP's err %u)", what, (double)got / MIB, (double)want / MIB, err);
	expect(c, 100 * distance(got, want) <= (got + want) * err, text);
}
