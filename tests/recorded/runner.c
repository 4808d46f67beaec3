/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sim/core/diag.h"
#include "sim/guest/simulated.h"
#include "sim/scenario/scenario.h"
#include "sim/world/model.h"
#include "sim/world/world.h"

static bool load(const struct runner_source *src, struct sim_config *ret)
{
	struct scenario_options opt = { .kernel = src->kernel };
	struct diag_list dl = { 0 };
	int err;

	if (src->text)
		err = scenario_load_buffer(src->path, src->text, strlen(src->text), &opt, ret, &dl);
	else
		err = scenario_load(src->path, &opt, ret, &dl);
	if (err) {
		diag_print(&dl, stderr);
		if (!dl.n)
			fprintf(stderr, "recorded: %s: %s\n", src->path, sim_strerror(err));
	}
	diag_list_free(&dl);
	return !err;
}

bool runner_kernel(const char *path, char *ret, size_t size)
{
	struct sim_config cfg;
	const char *name;

	if (!load(&(struct runner_source){ .path = path }, &cfg))
		return false;
	name = cfg.kernel->info.name;
	snprintf(ret, size, "%s", name + (*name == 'k'));
	sim_config_free(&cfg);
	return true;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

bool runner_run(const struct runner_source *src, struct outcome *ret, double *ret_wall_s)
{
	struct outcome_run r;
	struct recorder rec = outcome_recorder(&r, ret);
	double t = now_s();
	struct sim_config cfg;
	struct world *w = NULL;
	enum run_end end;
	int err;

	if (!load(src, &cfg))
		return false;
	err = world_new(&cfg, &rec, &sim_alloc_libc, &w);
	if (!err)
		err = world_run(w, &end);
	world_free(w);
	sim_config_free(&cfg);
	if (err)
		fprintf(stderr, "recorded: %s: %s\n", src->path, sim_strerror(err));
	*ret_wall_s = now_s() - t;
	return !err;
}
