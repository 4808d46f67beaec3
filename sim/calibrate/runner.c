/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/runner.h"

#include <string.h>

#include "sim/core/diag.h"
#include "sim/guest/simulated.h"
#include "sim/scenario/scenario.h"
#include "sim/world/model.h"
#include "sim/world/world.h"

int runner_load(const struct runner_source *src, struct sim_config *ret, struct diag_list *dl)
{
	struct scenario_options opt = { .kernel = src->kernel, .preset_dir = src->presets, .preset_last = src->presets_last };
	int err;

	if (src->text)
		err = scenario_load_buffer(src->path, src->text, strlen(src->text), &opt, ret, dl);
	else
		err = scenario_load(src->path, &opt, ret, dl);
	if (err && !dl->errors)
		diag_add(dl, DIAG_ERROR, src->path, 0, 0, NULL, "%s", sim_strerror(err));
	return err;
}

int runner_simulate(const struct sim_config *cfg, struct outcome *ret)
{
	struct outcome_run r;
	struct recorder rec = outcome_recorder(&r, ret);
	struct world *w = NULL;
	enum run_end end;
	int err;

	err = world_new(cfg, &rec, &sim_alloc_libc, &w);
	if (!err)
		err = world_run(w, &end);
	world_free(w);
	return ret->failed ? SIM_ENOMEM : err;
}
