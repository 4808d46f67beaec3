/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/recorded/compare.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/guest/recording.h"
#include "sim/calibrate/spec.h"

#define JOBS_MOST 16

/* What the threads share: each takes the next comparison that nobody has taken. */
struct work {
	const struct compare_request *request;
	struct comparison *c;
	size_t n, next;
	pthread_mutex_t lock;
};

/* Names have dashes too, kernels have none. */
const char *compare_kernel(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash && dash[1] >= '0' && dash[1] <= '9' ? dash + 1 : NULL;
}

static bool wanted(const struct compare_request *q, const char *entry)
{
	const char *kernel = compare_kernel(entry);
	size_t len = kernel ? (size_t)(kernel - 1 - entry) : 0;
	int i;

	if (!kernel || (strcmp(q->kernel, "all") && strcmp(q->kernel, kernel)))
		return false;
	for (i = 0; i < q->nname; i++)
		if (!strcmp(q->name[i], entry) || (strlen(q->name[i]) == len && !strncmp(q->name[i], entry, len)))
			return true;
	return !q->nname;
}

/* The spec of recording `entry`, which is the folder `dir`, as a scenario; NULL and *why when there can be none. To be freed. */
static char *scenario_of(const char *dir, const char *entry, char why[SPEC_WHY])
{
	char name[64], kernel[32], *yaml = NULL;
	const char *k = compare_kernel(entry);

	snprintf(name, sizeof(name), "%.*s", (int)(k - 1 - entry), entry);
	snprintf(kernel, sizeof(kernel), "%.*s", (int)strcspn(k, "+"), k);
	if (spec_scenario(dir, name, kernel, "recorder", &yaml, why) == SPEC_OK)
		return yaml;
	fprintf(stderr, "recorded: %s left out: %s\n", entry, why);
	return NULL;
}

static void folder(const struct compare_request *q, const char *entry, char *ret, size_t size)
{
	snprintf(ret, size, "%s/recordings/kernels/%s", q->shared, entry);
}

static void tell(struct diag_list *dl)
{
	diag_print(dl, stderr);
	diag_list_free(dl);
}

bool compare_read(const char *dir, struct outcome *ret)
{
	struct diag_list dl = { 0 };
	int err = recording_read(dir, ret, &dl);

	tell(&dl);
	return !err;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void compare_simulate(const struct runner_source *src, struct comparison *c)
{
	struct diag_list dl = { 0 };
	struct sim_config cfg;
	double t = now_s();
	int err = runner_load(src, &cfg, &dl);

	tell(&dl);
	if (err)
		return;
	err = runner_simulate(&cfg, &c->sim);
	sim_config_free(&cfg);
	if (err)
		fprintf(stderr, "recorded: %s: %s\n", src->path, sim_strerror(err));
	c->wall_s = now_s() - t;
	c->ran = !err;
}

static void compare_one(const struct compare_request *q, struct comparison *c)
{
	char dir[4096], source[4096], *yaml;

	folder(q, c->name, dir, sizeof(dir));
	snprintf(source, sizeof(source), "%s/%s.yaml", q->scenarios, c->name);
	if (!compare_read(dir, &c->real))
		snprintf(c->why, sizeof(c->why), "the recording cannot be read");
	yaml = *c->why ? NULL : scenario_of(dir, c->name, c->why);
	if (yaml && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%-28s\r", c->name);
	if (yaml)
		compare_simulate(&(struct runner_source){ .path = source, .text = yaml, .kernel = q->model }, c);
	free(yaml);
}

static void *worker(void *arg)
{
	struct work *w = arg;
	size_t i;

	for (;;) {
		pthread_mutex_lock(&w->lock);
		i = w->next++;
		pthread_mutex_unlock(&w->lock);
		if (i >= w->n)
			return NULL;
		compare_one(w->request, &w->c[i]);
	}
}

/* One thread is this one. */
static void run_all(struct work *w, unsigned jobs)
{
	pthread_t t[JOBS_MOST];
	unsigned i, n = 0;

	for (i = 1; i < jobs && i < JOBS_MOST; i++)
		if (!pthread_create(&t[n], NULL, worker, w))
			n++;
	worker(w);
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

/* The names asked for, as comparisons yet to be made. */
static struct comparison *list(const struct compare_request *q, size_t *ret_n)
{
	struct comparison *c = NULL;
	struct dirent **d;
	char dir[4096];
	size_t m = 0;
	int i, n;

	folder(q, "", dir, sizeof(dir));
	n = scandir(dir, &d, NULL, alphasort);
	for (i = 0; i < n; i++) {
		if (wanted(q, d[i]->d_name)) {
			c = xrealloc(c, m + 1, sizeof(*c));
			memset(&c[m], 0, sizeof(*c));
			snprintf(c[m++].name, sizeof(c->name), "%s", d[i]->d_name);
		}
		free(d[i]);
	}
	if (n >= 0)
		free(d);
	*ret_n = m;
	return c;
}

struct comparison *compare_recordings(const struct compare_request *q, size_t *ret_n)
{
	struct work w = { .request = q };

	w.c = list(q, &w.n);
	pthread_mutex_init(&w.lock, NULL);
	run_all(&w, q->jobs);
	pthread_mutex_destroy(&w.lock);
	*ret_n = w.n;
	return w.c;
}

void compare_free(struct comparison *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		outcome_free(&c[i].real);
		outcome_free(&c[i].sim);
	}
	free(c);
}

void compare_print(const struct compare_request *q, FILE *f)
{
	char dir[4096], why[SPEC_WHY], *yaml;
	size_t i, n;
	struct comparison *c = list(q, &n);

	for (i = 0; i < n; i++) {
		folder(q, c[i].name, dir, sizeof(dir));
		yaml = scenario_of(dir, c[i].name, why);
		if (yaml)
			fprintf(f, "# %s\n%s\n", c[i].name, yaml);
		free(yaml);
	}
	free(c);
}
